/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Checks of what Kea's own configuration gives phones: option 150, 66, next-server and routers in every scope that
 * may carry options, against the plans. Other servers for phones that are not on their way are the site's own affair.
 */
#include "check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keaconf.h"
#include "parse.h"
#include "strbuf.h"

#define CODE_ROUTERS 3
#define CODE_TFTP_NAME 66
#define CODE_TFTP_SERVERS 150
#define ADDRESSES_MAX 16

struct looking {
	struct checking *k;
	const json_t *def; /* option-def of code 150, NULL = there is none */
	char first_150[320], first_66[320];
	bool seen_150, seen_66, seen_next;
	/* what stays the site's beside our option 150, the first of it */
	char stays_at[320], stays[160];
};

struct addresses {
	unsigned n;
	struct ip4 a[ADDRESSES_MAX];
};

/* ---- values */

static bool in_dhcp4_space(const json_t *o)
{
	const char *space = keaconf_text(o, "space");

	return !space[0] || strcmp(space, "dhcp4") == 0;
}

static const json_t *find_def(const struct keaconf *kc)
{
	const json_t *list = keaconf_array(keaconf_dhcp4(kc), "option-def");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *def = json_array_get(list, i);

		if (json_integer_value(json_object_get(def, "code")) == CODE_TFTP_SERVERS &&
		    in_dhcp4_space(def))
			return def;
	}
	return NULL;
}

static int code_of(const struct looking *l, const json_t *option)
{
	const char *name = keaconf_text(option, "name");
	const json_t *code = json_object_get(option, "code");

	if (!in_dhcp4_space(option))
		return 0;
	if (json_is_integer(code))
		return (int)json_integer_value(code);
	if (strcmp(name, "tftp-server-name") == 0)
		return CODE_TFTP_NAME;
	if (strcmp(name, "routers") == 0)
		return CODE_ROUTERS;
	/* Kea knows no such name itself (K§2.3) */
	return l->def && name[0] && strcmp(name, keaconf_text(l->def, "name")) == 0 ? CODE_TFTP_SERVERS : 0;
}

/* "10.0.0.1, 10.0.0.2" */
static int addresses_of_text(const char *text, struct addresses *ret)
{
	const char *cursor = text, *word;
	char one[64];
	struct err e;
	size_t n;

	for (ret->n = 0; ret->n < ADDRESSES_MAX && parse_word(&cursor, &word, &n) == 0; ret->n++) {
		snprintf(one, sizeof(one), "%.*s", (int)n, word);
		if (parse_ip4("address", one, &ret->a[ret->n], &e) < 0)
			return -1;
	}
	return ret->n ? 0 : -1;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (tolower((unsigned char)c) - 'a') + 10;
}

/* "C0A80101", "0xC0A80101", "C0:A8:01:01" and "C0 A8 01 01": four bytes an address. */
static int addresses_of_hex(const char *text, struct addresses *ret)
{
	size_t digits = 0;

	ret->n = 0;
	text += strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0 ? 2 : 0;
	for (; *text; text++) {
		if (*text == ':' || *text == ' ')
			continue;
		if (!isxdigit((unsigned char)*text) || ret->n == ADDRESSES_MAX)
			return -1;
		ret->a[ret->n].host =
			(digits % 8 ? ret->a[ret->n].host << 4 : 0) | (unsigned)hex_digit(*text);
		ret->n += ++digits % 8 == 0;
	}
	return digits && digits % 8 == 0 ? 0 : -1;
}

/* ---- option 150 itself */

/* Its addresses; -1: it has none that a phone would understand, told. */
static int read_150(const struct looking *l, const json_t *option, const char *at, struct addresses *ret)
{
	const char *data = keaconf_text(option, "data"), *type = l->def ? keaconf_text(l->def, "type") : "";
	const json_t *csv = json_object_get(option, "csv-format");
	bool text = csv ? json_is_true(csv) : l->def != NULL;
	char shown[80];

	text_escape(shown, sizeof(shown), data, strlen(data));
	if (text && !l->def)
		found(l->k, FINDING_OPTION_150_FORM, at, "Kea has no definition of option 150 for \"%s\"",
		      shown);
	else if (text && strcmp(type, "ipv4-address") != 0)
		found(l->k, FINDING_OPTION_150_FORM, at,
		      "option-def says its type is %s: a phone wants four bytes an address", type);
	else if ((text ? addresses_of_text(data, ret) : addresses_of_hex(data, ret)) < 0)
		found(l->k, FINDING_OPTION_150_FORM, at, "\"%s\" is no list of addresses, four bytes each",
		      shown);
	else
		return 0;
	return -1;
}

struct nearby {
	struct ip4 a;
	bool hit;
};

static void near_subnet(void *arg, const struct keaconf *kc, const struct kea_scope *s)
{
	struct nearby *n = arg;
	struct net4 net;
	struct err e;

	(void)kc;
	if (s->level == KEA_SUBNET && parse_net4("subnet", keaconf_text(s->o, "subnet"), &net, &e) == 0)
		n->hit = n->hit || net4_contains(&net, n->a);
}

/* An address that somebody here may mean: of phones' servers, of this host, in one of the networks. */
static bool plausible(const struct looking *l, struct ip4 a)
{
	struct nearby n = { .a = a };

	keaconf_scopes(l->k->kea, near_subnet, &n);
	return n.hit || check_is_server(l->k->cfg, a) || check_is_local(a, NULL, 0);
}

static void check_reversed(const struct looking *l, const struct addresses *as, const char *at)
{
	char text[IP4_TEXT_SIZE], back[IP4_TEXT_SIZE];

	for (unsigned i = 0; i < as->n; i++) {
		struct ip4 turned = { __builtin_bswap32(as->a[i].host) };

		if (turned.host != as->a[i].host && !plausible(l, as->a[i]) && plausible(l, turned))
			found(l->k, FINDING_OPTION_150_REVERSED, at, "it gives %s; %s would be here",
			      ip4_format(text, as->a[i]), ip4_format(back, turned));
	}
}

/* ---- against the plans */

static bool overlap(const struct net4 *a, const struct net4 *b)
{
	return net4_contains(a, b->base) || net4_contains(b, a->base);
}

/* May a phone of this plan be in that scope? Without networks or without a subnet: yes. */
static bool plan_meets(const struct plan *pl, const struct kea_scope *s)
{
	struct net4 net;
	struct err e;

	if (!s->subnet || pl->networks.n == 0 ||
	    parse_net4("subnet", keaconf_text(s->subnet, "subnet"), &net, &e) < 0)
		return true;
	for (unsigned i = 0; i < pl->networks.n; i++)
		if (overlap(&pl->networks.a[i], &net))
			return true;
	return false;
}

static void check_wins(const struct looking *l, const struct kea_scope *s, const struct addresses *as,
		       const char *at)
{
	const struct config *cfg = l->k->cfg;
	char text[IP4_TEXT_SIZE];

	for (unsigned i = 0; i < cfg->n_plans; i++) {
		const struct plan *pl = &cfg->plans[i];

		if (pl->override != OVERRIDE_IF_ABSENT || !plan_meets(pl, s))
			continue;
		bool ours = false;
		for (unsigned j = 0; j < pl->servers.n; j++)
			ours = ours || pl->servers.a[j].host == as->a[0].host;
		if (!ours)
			found(l->k, FINDING_OPTION_150_WINS, at,
			      "the %s option 150 is %s, and plan %s says override = if-absent",
			      kea_level_name(s->level), ip4_format(text, as->a[0]), pl->name);
	}
}

/* With if-absent and no option 150 of the site, 66 and siaddr stay the site's, each where it is given. */
static void note_stays(struct looking *l, const struct kea_scope *s, const char *name, const char *value,
		       const char *at)
{
	const struct config *cfg = l->k->cfg;
	struct err e;
	struct ip4 a;

	for (unsigned i = 0; i < cfg->n_plans; i++) {
		const struct plan *pl = &cfg->plans[i];

		if (l->stays[0] || pl->override != OVERRIDE_IF_ABSENT || pl->servers.n == 0 ||
		    !plan_meets(pl, s) ||
		    (parse_ip4(name, value, &a, &e) == 0 && a.host == pl->servers.a[0].host))
			continue;
		snprintf(l->stays, sizeof(l->stays),
			 "the %s %s is %.60s, and plan %s says override = if-absent",
			 kea_level_name(s->level), name, value, pl->name);
		(void)text_copy(l->stays_at, sizeof(l->stays_at), at);
	}
}

static void check_router(const struct looking *l, const struct kea_scope *s, const json_t *option,
			 const char *at)
{
	struct addresses as;
	char text[IP4_TEXT_SIZE];
	struct net4 net;
	struct err e;

	if (!s->subnet || addresses_of_text(keaconf_text(option, "data"), &as) < 0 ||
	    parse_net4("subnet", keaconf_text(s->subnet, "subnet"), &net, &e) < 0)
		return;
	for (unsigned i = 0; i < as.n; i++)
		if (!net4_contains(&net, as.a[i]))
			found(l->k, FINDING_ROUTER_OUTSIDE, at, "router %s is not in the subnet %s",
			      ip4_format(text, as.a[i]), keaconf_text(s->subnet, "subnet"));
}

static void look_at_option(struct looking *l, const struct kea_scope *s, size_t i, const json_t *option)
{
	char pointer[KEACONF_POINTER_MAX + 40], at[320];
	int code = code_of(l, option);
	struct addresses as;

	snprintf(pointer, sizeof(pointer), "%s/option-data/%zu", s->pointer, i);
	if (code != CODE_ROUTERS && code != CODE_TFTP_NAME && code != CODE_TFTP_SERVERS)
		return;
	(void)keaconf_place(l->k->kea, pointer, at, sizeof(at));
	if (code == CODE_ROUTERS) {
		check_router(l, s, option, at);
	} else if (code == CODE_TFTP_NAME) {
		note_stays(l, s, "tftp-server-name", keaconf_text(option, "data"), at);
		if (!l->seen_66)
			(void)text_copy(l->first_66, sizeof(l->first_66), at);
		l->seen_66 = true;
	} else {
		if (!l->seen_150)
			(void)text_copy(l->first_150, sizeof(l->first_150), at);
		l->seen_150 = true;
		if (read_150(l, option, at, &as) < 0)
			return;
		check_reversed(l, &as, at);
		check_wins(l, s, &as, at);
	}
}

static void look_at_scope(void *arg, const struct keaconf *kc, const struct kea_scope *s)
{
	const json_t *options = keaconf_array(s->o, "option-data");
	const char *next = keaconf_text(s->o, "next-server");
	char pointer[KEACONF_POINTER_MAX + 16], at[320];
	struct looking *l = arg;

	if (next[0] && strcmp(next, "0.0.0.0") != 0) {
		l->seen_next = true;
		snprintf(pointer, sizeof(pointer), "%s/next-server", s->pointer);
		note_stays(l, s, "next-server", next, keaconf_place(kc, pointer, at, sizeof(at)));
	}
	for (size_t i = 0; i < json_array_size(options); i++)
		look_at_option(l, s, i, json_array_get(options, i));
}

/* ---- what plans name and Kea must have */

struct meeting {
	const struct plan *pl;
	bool any;
};

static void meets_subnet(void *arg, const struct keaconf *kc, const struct kea_scope *s)
{
	struct meeting *m = arg;

	(void)kc;
	m->any = m->any || (s->level == KEA_SUBNET && plan_meets(m->pl, s));
}

static bool has_class(const struct keaconf *kc, const char *name)
{
	static const char *const built_in[] = { "ALL", "KNOWN", "UNKNOWN", "BOOTP", "DROP" };
	static const char *const prefixes[] = { "VENDOR_CLASS_", "HA_", "AFTER_", "EXTERNAL_", "SPAWN_" };
	const json_t *list = keaconf_array(keaconf_dhcp4(kc), "client-classes");

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(built_in[i], name) == 0)
			return true;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(keaconf_text(json_array_get(list, i), "name"), name) == 0)
			return true;
	return false;
}

static void check_plan(struct checking *k, const struct plan *pl)
{
	bool database = json_object_get(keaconf_dhcp4(k->kea), "config-control") != NULL;
	struct meeting m = { .pl = pl };
	char at[320];

	keaconf_scopes(k->kea, meets_subnet, &m);
	if (!m.any && !database)
		found(k, FINDING_KEA_NETWORK_MISSING, keaconf_place(k->kea, "/subnet4", at, sizeof(at)),
		      "no subnet has addresses of the networks of plan %s", pl->name);
	for (unsigned i = 0; i < pl->n_client_classes && !database; i++)
		if (!has_class(k->kea, pl->client_classes[i]))
			found(k, FINDING_KEA_CLASS_MISSING, keaconf_path(k->kea),
			      "there is no class %s, which plan %s names", pl->client_classes[i], pl->name);
}

void check_kea_options(struct checking *k)
{
	struct looking l = { .k = k };

	if (!k->cfg || !k->kea)
		return;
	l.def = find_def(k->kea);
	keaconf_scopes(k->kea, look_at_scope, &l);
	if (l.seen_150 && !l.seen_66 && !l.seen_next)
		found(k, FINDING_OPTION_150_ALONE, l.first_150,
		      "the site gives option 150, and neither option 66 nor next-server (F§1.5)");
	if (l.seen_66 && !l.seen_150)
		found(k, FINDING_OPTION_150_ALONE, l.first_66, "the site gives option 66 without option 150");
	if (l.stays[0] && !l.seen_150)
		found(k, FINDING_OPTION_66_STAYS, l.stays_at, "%s", l.stays);
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		check_plan(k, &k->cfg->plans[i]);
}
