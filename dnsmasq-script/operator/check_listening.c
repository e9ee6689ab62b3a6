/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of the addresses that phones are sent to: is it this host, and does its TFTP server listen there? */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "dnsmasqconf.h"
#include "parse.h"
#include "procs.h"
#include "strbuf.h"

#define PORT 69
#define SOCKETS_MAX 64

/* ---- does the server listen there? */

static bool is_bound(const struct udp_socket *s, size_t n, struct ip4 a)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].any || s[i].address.host == a.host)
			return true;
	return false;
}

/* "eth0" or "eth*" */
static bool names_interface(const struct dnsmasq_conf *conf, const char *option, const char *interface)
{
	const struct dnsmasq_option *o = NULL;

	while ((o = dnsmasq_conf_find(conf, option, o)) != NULL) {
		const char *cursor = o->value, *word;
		size_t n;

		while (parse_word(&cursor, &word, &n) == 0)
			if ((word[n - 1] == '*' && strncmp(word, interface, n - 1) == 0) ||
			    (strlen(interface) == n && memcmp(word, interface, n) == 0))
				return true;
	}
	return false;
}

/* At a wildcard socket dnsmasq still answers only where it was told to: interface, listen-address and
 * except-interface. */
static bool is_let_in(const struct dnsmasq_conf *conf, struct ip4 a, const char *interface)
{
	char text[IP4_TEXT_SIZE];

	if (!conf)
		return true;
	if (names_interface(conf, "except-interface", interface))
		return false;
	if (names_interface(conf, "listen-address", ip4_format(text, a)))
		return true;
	return names_interface(conf, "interface", interface) ||
	       (!dnsmasq_conf_find(conf, "interface", NULL) &&
		!dnsmasq_conf_find(conf, "listen-address", NULL));
}

struct hearing {
	struct checking *k;
	struct udp_socket sockets[SOCKETS_MAX];
	size_t n;
	bool any_local;
};

static void check_servers(struct hearing *h, const char *place, const struct servers *s)
{
	char text[IP4_TEXT_SIZE], interface[32] = "";

	for (unsigned i = 0; i < s->n; i++) {
		if (!check_is_local(s->a[i], interface, sizeof(interface)))
			continue;
		h->any_local = true;
		if (h->n > 0 && (!is_bound(h->sockets, h->n, s->a[i]) ||
				 (h->k->server_pid && !is_let_in(h->k->dnsmasq, s->a[i], interface))))
			found(h->k, FINDING_SERVER_NOT_LISTENING, place,
			      "tftp-servers names %s, which this host has at %s, and no TFTP server listens there",
			      ip4_format(text, s->a[i]), interface);
	}
}

/* One that is somebody else's is right where others are this host's: several TFTP hosts share a configuration. */
static void check_all(struct hearing *h)
{
	const struct config *cfg = h->k->cfg;
	char place[64] = "", text[IP4_TEXT_SIZE];
	struct ip4 first = { 0 };

	for (unsigned i = 0; i < cfg->n_sites; i++) {
		snprintf(place, sizeof(place), "[site %s]", cfg->sites[i].name);
		check_servers(h, place, &cfg->sites[i].servers);
	}
	for (unsigned i = cfg->n_plans; i-- > 0;) {
		snprintf(place, sizeof(place), "[plan %s]", cfg->plans[i].name);
		check_servers(h, place, &cfg->plans[i].servers);
		if (cfg->plans[i].servers.n)
			first = cfg->plans[i].servers.a[0];
	}
	if (first.host && !h->any_local)
		found(h->k, FINDING_SERVER_ELSEWHERE, place,
		      "tftp-servers names %s, and this host, where the stages are, has no such address",
		      ip4_format(text, first));
}

/* Of two at one address and port the one that came last gets everything, silently (D§1). */
static void check_twice(struct hearing *h)
{
	char text[IP4_TEXT_SIZE];

	for (size_t i = 0; i < h->n; i++)
		for (size_t j = 0; j < i; j++)
			if (h->sockets[i].inode != h->sockets[j].inode && h->sockets[i].address.host &&
			    h->sockets[i].address.host == h->sockets[j].address.host) {
				found(h->k, FINDING_TWO_SERVERS, "UDP port 69", "two sockets at %s",
				      ip4_format(text, h->sockets[i].address));
				return;
			}
}

void check_listening(struct checking *k)
{
	struct hearing h = { .k = k };

	if (!k->cfg || k->cfg->tftp_root[0] == '\0' || k->dnsmasq_named)
		return;
	h.n = udp_sockets(PORT, h.sockets, SOCKETS_MAX);
	check_all(&h);
	check_twice(&h);
}
