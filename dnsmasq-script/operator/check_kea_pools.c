/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of Kea's addresses against the phones in scope: are there enough, and are leases neither too short nor too long? */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "kealeases.h"
#include "keaconf.h"
#include "parse.h"
#include "strbuf.h"

#define POOLS_MAX 256
#define LEASE_DEFAULT_S 7200 /* Kea's own */
#define LEASE_LONG_S (24 * 3600) /* with a pool that is no more than twice the phones */
#define LEASE_FILE "/var/lib/kea/kea-leases4.csv"

struct range {
	uint32_t first, last;
};

/* What one plan can draw on. */
struct supply {
	struct checking *k;
	const struct plan *pl;
	size_t n;
	struct range pools[POOLS_MAX];
	uint64_t addresses;
	char place[320]; /* of the first pool */
	int64_t min_s, max_s; /* valid-lifetime of those subnets; 0 = none seen */
	char min_at[320], max_at[320];
};

struct macs {
	size_t n, cap;
	struct mac *a; /* owned */
};

/* ---- the addresses */

static bool meets(const struct plan *pl, const json_t *subnet)
{
	struct net4 net;
	struct err e;

	if (parse_net4("subnet", keaconf_text(subnet, "subnet"), &net, &e) < 0)
		return false;
	for (unsigned i = 0; i < pl->networks.n; i++)
		if (net4_contains(&pl->networks.a[i], net.base) ||
		    net4_contains(&net, pl->networks.a[i].base))
			return true;
	return pl->networks.n == 0;
}

/* "10.0.0.20-10.0.0.99", "10.0.0.20 - 10.0.0.99", "10.0.0.64/26" */
static int range_parse(const char *text, struct range *ret)
{
	const char *dash = strchr(text, '-'), *slash = strchr(text, '/');
	char one[64], two[64];
	struct ip4 first, last;
	struct net4 net;
	struct err e;

	if (slash && parse_net4("pool", text, &net, &e) == 0) {
		uint32_t rest = net.prefix == 0 ? UINT32_MAX : (UINT32_C(1) << (32 - net.prefix)) - 1;

		*ret = (struct range){ net.base.host, net.base.host | rest };
		return 0;
	}
	if (!dash)
		return -1;
	snprintf(one, sizeof(one), "%.*s", (int)strcspn(text, " \t-"), text);
	snprintf(two, sizeof(two), "%s", dash + 1 + strspn(dash + 1, " \t"));
	two[strcspn(two, " \t")] = '\0';
	if (parse_ip4("pool", one, &first, &e) < 0 || parse_ip4("pool", two, &last, &e) < 0 ||
	    last.host < first.host)
		return -1;
	*ret = (struct range){ first.host, last.host };
	return 0;
}

static void add_lifetime(struct supply *s, const struct kea_scope *scope)
{
	const json_t *value = json_object_get(scope->o, "valid-lifetime");
	char pointer[KEACONF_POINTER_MAX + 32], *cut;

	snprintf(pointer, sizeof(pointer), "%s/valid-lifetime", scope->pointer);
	if (!value && scope->network && (value = json_object_get(scope->network, "valid-lifetime")) != NULL) {
		cut = strstr(pointer, "/subnet4/");
		if (cut)
			snprintf(cut, sizeof(pointer) - (size_t)(cut - pointer), "/valid-lifetime");
	}
	if (!value) {
		value = json_object_get(keaconf_dhcp4(s->k->kea), "valid-lifetime");
		snprintf(pointer, sizeof(pointer), "/valid-lifetime");
	}
	int64_t seconds = json_is_integer(value) ? (int64_t)json_integer_value(value) : LEASE_DEFAULT_S;
	if (s->min_s == 0 || seconds < s->min_s) {
		s->min_s = seconds;
		(void)keaconf_place(s->k->kea, pointer, s->min_at, sizeof(s->min_at));
	}
	if (seconds > s->max_s) {
		s->max_s = seconds;
		(void)keaconf_place(s->k->kea, pointer, s->max_at, sizeof(s->max_at));
	}
}

static void add_scope(void *arg, const struct keaconf *kc, const struct kea_scope *scope)
{
	struct supply *s = arg;
	struct range r;

	if (!scope->subnet || !meets(s->pl, scope->subnet))
		return;
	if (scope->level == KEA_SUBNET)
		add_lifetime(s, scope);
	if (scope->level != KEA_POOL || s->n == POOLS_MAX ||
	    range_parse(keaconf_text(scope->o, "pool"), &r) < 0)
		return;
	if (s->n == 0)
		(void)keaconf_place(kc, scope->pointer, s->place, sizeof(s->place));
	s->pools[s->n++] = r;
	s->addresses += (uint64_t)r.last - r.first + 1;
}

static bool in_pools(const struct supply *s, struct ip4 a)
{
	for (size_t i = 0; i < s->n; i++)
		if (a.host >= s->pools[i].first && a.host <= s->pools[i].last)
			return true;
	return false;
}

/* ---- the phones */

static int mac_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct mac));
}

static bool is_among(const struct mac_list *list, const struct mac *m)
{
	return list->n > 0 && bsearch(m, list->a, list->n, sizeof(*m), mac_order) != NULL;
}

static int add_mac(struct macs *ms, const struct mac *m)
{
	if (ms->n == ms->cap) {
		size_t cap = ms->cap ? ms->cap * 2 : 64;
		struct mac *more = realloc(ms->a, cap * sizeof(*more));

		if (!more)
			return -1;
		ms->a = more;
		ms->cap = cap;
	}
	ms->a[ms->n++] = *m;
	return 0;
}

struct gathering {
	const struct plan *pl;
	struct macs *macs;
};

/* A phone that is under the plan, or that it is for where it was seen. */
static int gather(void *arg, const struct phone *p, struct err *e)
{
	const struct gathering *g = arg;
	const char *why;

	(void)e;
	if (p->mac_known && !is_among(&g->pl->only_macs, &p->mac) &&
	    (strcmp(p->plan, g->pl->name) == 0 || plan_may_start(g->pl, p, "", &why) == 0))
		(void)add_mac(g->macs, &p->mac);
	return 0;
}

static int phones_of(const struct checking *k, const struct plan *pl, struct macs *ret)
{
	struct gathering g = { .pl = pl, .macs = ret };
	struct err e;

	for (unsigned i = 0; i < pl->only_macs.n; i++)
		if (add_mac(ret, &pl->only_macs.a[i]) < 0)
			return -1;
	if (k->c->fleet && state_phone_list(fleet_state(k->c->fleet), gather, &g, &e) < 0)
		return -1;
	if (ret->n > 1)
		qsort(ret->a, ret->n, sizeof(ret->a[0]), mac_order);
	return 0;
}

static void cleanup_macs(struct macs *ms)
{
	free(ms->a);
}

/* ---- both */

/* How many of the pools' addresses others hold. */
static uint64_t held_by_others(const struct supply *s, const struct kealeases *leases,
			       const struct macs *phones)
{
	int64_t now_s = ctl_now_ms() / 1000;
	uint64_t n = 0;

	for (size_t i = 0; i < leases->n; i++) {
		const struct kealease *l = &leases->a[i];

		if (l->until_s <= now_s || !in_pools(s, l->address))
			continue;
		n += !l->mac_known || phones->n == 0 ||
		     !bsearch(&l->mac, phones->a, phones->n, sizeof(l->mac), mac_order);
	}
	return n;
}

static int64_t stage_limit_s(const struct config *cfg, const struct plan *pl)
{
	int64_t ms = cfg->limits.stage_classic;

	for (unsigned i = 0; i < pl->n_stages; i++)
		if (pl->stages[i].generation == GEN_JAVA)
			ms = cfg->limits.stage_java;
	return ms / 1000;
}

static void check_supply(struct supply *s, const struct kealeases *leases)
{
	CLEANUP(cleanup_macs) struct macs phones = { .n = 0 };
	struct checking *k = s->k;
	int64_t limit_s = stage_limit_s(k->cfg, s->pl);

	keaconf_scopes(k->kea, add_scope, s);
	if (s->min_s && s->min_s < limit_s)
		found(k, FINDING_LEASE_SHORT, s->min_at,
		      "leases of %lld s, and a stage of plan %s may take %lld s", (long long)s->min_s,
		      s->pl->name, (long long)limit_s);
	if (s->n == 0 || phones_of(k, s->pl, &phones) < 0)
		return;
	uint64_t others = held_by_others(s, leases, &phones);
	uint64_t left = s->addresses > others ? s->addresses - others : 0;
	if (phones.n > left)
		found(k, FINDING_POOL_SMALL, s->place,
		      "%zu phones of plan %s, and %llu addresses: %llu in the pools, %llu held by others",
		      phones.n, s->pl->name, (unsigned long long)left, (unsigned long long)s->addresses,
		      (unsigned long long)others);
	else if (s->max_s > LEASE_LONG_S && phones.n * 2 > left)
		found(k, FINDING_LEASE_LONG, s->max_at,
		      "leases of %lld s, and %llu addresses for %zu phones of plan %s", (long long)s->max_s,
		      (unsigned long long)left, phones.n, s->pl->name);
}

/* Those that can be seen. */
static void read_leases(struct checking *k, struct kealeases *ret)
{
	const json_t *db = json_object_get(keaconf_dhcp4(k->kea), "lease-database");
	const char *type = keaconf_text(db, "type"), *name = keaconf_text(db, "name");
	char at[320];
	struct err e;

	if (type[0] && strcmp(type, "memfile") != 0) {
		found(k, FINDING_NOT_LOOKED_AT, keaconf_place(k->kea, "/lease-database", at, sizeof(at)),
		      "leases are in a database (%s), so those that others hold are not counted", type);
		return;
	}
	if (kealeases_load(name[0] ? name : LEASE_FILE, ret, &e) < 0)
		found(k, FINDING_NOT_LOOKED_AT, name[0] ? name : LEASE_FILE, "%s", e.text);
}

void check_kea_pools(struct checking *k)
{
	CLEANUP(kealeases_fini) struct kealeases leases = { .n = 0 };

	if (!k->cfg || !k->kea || k->cfg->n_plans == 0)
		return;
	read_leases(k, &leases);
	for (unsigned i = 0; i < k->cfg->n_plans; i++) {
		CLEANUP(cleanup_free) struct supply *s = calloc(1, sizeof(*s));

		if (!s)
			return;
		s->k = k;
		s->pl = &k->cfg->plans[i];
		check_supply(s, &leases);
	}
}
