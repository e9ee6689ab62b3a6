/* SPDX-License-Identifier: MPL-2.0 */
/* What several checks ask: is that address one of ours, of this host; are two names one file; where is the store? */
#include "check.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

static bool among(const struct servers *s, struct ip4 a)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->a[i].host == a.host)
			return true;
	return false;
}

bool check_is_server(const struct config *cfg, struct ip4 a)
{
	bool hit = false;

	for (unsigned i = 0; i < cfg->n_plans; i++)
		hit = hit || among(&cfg->plans[i].servers, a) || among(&cfg->plans[i].after_servers, a);
	for (unsigned i = 0; i < cfg->n_sites; i++)
		hit = hit || among(&cfg->sites[i].servers, a);
	for (unsigned i = 0; i < cfg->n_classes; i++)
		hit = hit || among(&cfg->classes[i].servers, a);
	return hit;
}

static void cleanup_ifaddrs(struct ifaddrs **list)
{
	if (*list)
		freeifaddrs(*list);
}

bool check_is_local(struct ip4 a, char *ret_interface, size_t size)
{
	__attribute__((cleanup(cleanup_ifaddrs))) struct ifaddrs *list = NULL;
	struct sockaddr_in in;

	if (getifaddrs(&list) < 0)
		return false;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, i->ifa_addr, sizeof(in));
		if (ntohl(in.sin_addr.s_addr) != a.host)
			continue;
		if (ret_interface)
			(void)text_copy(ret_interface, size, i->ifa_name);
		return true;
	}
	return false;
}

const char *check_store_dir(const struct config *cfg, char *buf, size_t size)
{
	static const char prefix[] = "sqlite:";
	const char *path = cfg->store_url + strlen(prefix);

	buf[0] = '\0';
	if (strncmp(cfg->store_url, prefix, strlen(prefix)) == 0 && *path == '/')
		snprintf(buf, size, "%.*s",
			 (int)(path_base(path) - path > 1 ? path_base(path) - path - 1 : 1), path);
	return buf;
}

bool check_same_file(const char *a, const char *b)
{
	CLEANUP(cleanup_free) char *real_a = realpath(a, NULL);
	CLEANUP(cleanup_free) char *real_b = realpath(b, NULL);

	return strcmp(a, b) == 0 || (real_a && real_b && strcmp(real_a, real_b) == 0);
}
