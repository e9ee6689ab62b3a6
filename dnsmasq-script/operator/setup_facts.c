/* SPDX-License-Identifier: MPL-2.0 */
/* What runs on this host: the facts that `loadstep setup` makes configuration of. */
#include "setup.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <grp.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "config.h"
#include "file.h"
#include "procs.h"

#define STORE_DEFAULT "sqlite:/var/lib/loadstep/state.db"
#define ROOT_DEFAULT "/srv/tftp"

/* ---- Kea */

static void add_network(void *arg, const struct keaconf *kc, const struct kea_scope *scope)
{
	struct setup *s = arg;
	struct net4 net;
	struct err e;

	(void)kc;
	if (scope->level == KEA_SUBNET && s->networks.n < PLAN_NETS_MAX &&
	    parse_net4("subnet", keaconf_text(scope->o, "subnet"), &net, &e) == 0)
		s->networks.a[s->networks.n++] = net;
}

static void find_kea(struct setup *s)
{
	struct err e;
	int rc;

	kearun_find(&s->kea);
	rc = keaconf_load(s->kea.config, &s->conf, NULL, &e);
	if (rc < 0)
		(void)text_copy(s->kea_fault, sizeof(s->kea_fault), e.text);
	if (rc != 0)
		return;
	if (keaconf_listens(s->conf))
		keaconf_scopes(s->conf, add_network, s);
	else /* the package's own file, whose subnet is an example */
		keaconf_free(TAKE(s->conf));
}

/* ---- the TFTP server: as `check` finds it, only that nothing is told */

static void find_server(struct ctl *c, struct setup *s)
{
	struct config any = { .tftp_root = ROOT_DEFAULT };
	struct checking k = { .c = c, .cfg = &any };
	CLEANUP(proc_args_fini) struct proc_args args = { .n = 0 };

	strbuf_init(&args.text, 1);
	check_port(&k);
	free(k.a);
	if (k.server_pid == 0 || proc_args(k.server_pid, &args) != 0)
		return;
	s->dnsmasq_serves = strcmp(k.server, "dnsmasq") == 0;
	s->tftpd_serves = strcmp(k.server, "in.tftpd") == 0;
	if (s->dnsmasq_serves)
		dnsmasq_conf_args(&s->dnsmasq, args.n, args.a);
	if (s->tftpd_serves)
		tftpd_conf_args(&s->tftpd, args.n - 1, args.a + 1);
}

/* A configuration that is there says where store and root are; else the server that runs; else the usual places. */
static void find_places(struct ctl *c, struct setup *s)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(64 * 1024);
	const struct dnsmasq_option *root = dnsmasq_conf_find(&s->dnsmasq, "tftp-root", NULL);
	struct err e;

	(void)text_copy(s->store_url, sizeof(s->store_url), STORE_DEFAULT);
	(void)text_copy(s->root, sizeof(s->root), ROOT_DEFAULT);
	if (root && !strchr(root->value, ','))
		(void)text_copy(s->root, sizeof(s->root), root->value);
	if (s->tftpd.dir[0] == '/')
		(void)text_copy(s->root, sizeof(s->root), s->tftpd.dir);
	if (ctl_config_read(c, &faults, &e) != 0)
		return;
	if (c->cfg->store_url[0])
		(void)text_copy(s->store_url, sizeof(s->store_url), c->cfg->store_url);
	if (c->cfg->tftp_root[0])
		(void)text_copy(s->root, sizeof(s->root), c->cfg->tftp_root);
}

/* ---- the network */

static void cleanup_ifaddrs(struct ifaddrs **list)
{
	if (*list)
		freeifaddrs(*list);
}

static int ifaddr_ip4(const struct sockaddr *sa, struct ip4 *ret)
{
	struct sockaddr_in in;

	if (!sa || sa->sa_family != AF_INET)
		return -1;
	memcpy(&in, sa, sizeof(in));
	ret->host = ntohl(in.sin_addr.s_addr);
	return 0;
}

static bool is_subnet(const struct setup *s, struct ip4 a)
{
	for (unsigned i = 0; i < s->networks.n; i++)
		if (net4_contains(&s->networks.a[i], a))
			return true;
	return false;
}

/* The first interface with an address in one of Kea's subnets, else the first one. */
static void find_network(struct setup *s)
{
	__attribute__((cleanup(cleanup_ifaddrs))) struct ifaddrs *list = NULL;
	bool fits = false;

	if (getifaddrs(&list) < 0)
		return;
	for (const struct ifaddrs *i = list; i && !fits; i = i->ifa_next) {
		struct ip4 address, mask;

		if (i->ifa_flags & IFF_LOOPBACK || ifaddr_ip4(i->ifa_addr, &address) < 0 ||
		    ifaddr_ip4(i->ifa_netmask, &mask) < 0)
			continue;
		fits = is_subnet(s, address);
		if (s->interface[0] && !fits)
			continue;
		(void)text_copy(s->interface, sizeof(s->interface), i->ifa_name);
		s->address = address;
		s->network = (struct net4){ .base = { address.host & mask.host },
					    .prefix = __builtin_popcount(mask.host) };
	}
	if (s->networks.n == 0 && s->interface[0])
		s->networks.a[s->networks.n++] = s->network;
}

/* ---- the loads that are there */

/* Where a classic load stands on the ladder (F§4.1): unsigned, signed, two parts, SIP; by name among its like. */
static int rank(const struct loadset *l)
{
	return (int)l->kind * 4 + (l->proto == PROTO_SIP ? 2 : 0);
}

static int by_rank(const void *a, const void *b)
{
	const struct loadset *x = a, *y = b;

	return rank(x) != rank(y) ? rank(x) - rank(y) : strcmp(x->load.s, y->load.s);
}

static void find_loads(struct setup *s)
{
	char dir_path[320];
	struct err e;

	if (path_join(dir_path, sizeof(dir_path), s->root, "loads", &e) < 0)
		return;
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	const struct dirent *d;
	while (dir && (d = readdir(dir)) != NULL) {
		struct load_name name;

		if (d->d_name[0] == '.' || load_name_parse(d->d_name, strlen(d->d_name), &name, &e) < 0)
			continue;
		struct loadset *l = &s->loads[s->n_loads];
		if (s->n_loads < SETUP_LOADS_MAX)
			loadset_from_name(&name, l);
		if (s->n_loads < SETUP_LOADS_MAX && l->generation == GEN_CLASSIC &&
		    l->kind != LOAD_KIND_UNKNOWN)
			s->n_loads++;
		else
			s->n_others++;
	}
	if (s->n_loads > 1)
		qsort(s->loads, s->n_loads, sizeof(s->loads[0]), by_rank);
	if (s->n_loads > PLAN_STAGES_MAX) {
		s->n_others += s->n_loads - PLAN_STAGES_MAX;
		s->n_loads = PLAN_STAGES_MAX;
	}
}

/* ---- users */

static void find_users(struct setup *s)
{
	const struct group *gr = getgrnam("loadstep");

	s->kea_user = getpwnam("_kea") ? "_kea" : "root";
	for (char **member = gr ? gr->gr_mem : NULL; member && *member; member++)
		s->own_group_has_kea = s->own_group_has_kea || strcmp(*member, s->kea_user) == 0;
	s->own_user = getpwnam("loadstep") != NULL && gr != NULL;
}

void setup_facts(struct ctl *c, struct setup *ret)
{
	ret->config_path = ctl_config_path(c);
	find_kea(ret);
	find_server(c, ret);
	find_places(c, ret);
	find_network(ret);
	find_loads(ret);
	find_users(ret);
}

void setup_fini(struct setup *s)
{
	keaconf_free(s->conf);
	dnsmasq_conf_fini(&s->dnsmasq);
}
