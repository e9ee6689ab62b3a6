/* SPDX-License-Identifier: MPL-2.0 */
/* See filter.h. One row a kind: its option, how a text becomes a value, and whether a phone has it. */
#include "filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "relayinfo.h"

#define NONE "none"
#define ANY "any"
#define UNNAMED "unnamed" /* as in [plan] models */

void filter_fini(struct filter *f)
{
	free(f->a);
}

/* ---- what is given */

static int add_value(struct filter *f, const struct filter_value *v, struct err *e)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 8;
		struct filter_value *more = reallocarray(f->a, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu values", cap);
		f->a = more;
		f->cap = cap;
	}
	f->a[f->n++] = *v;
	f->used[v->kind] = true;
	return 0;
}

int filter_add(struct filter *f, enum filter_kind k, const char *list, struct err *e)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		struct filter_value v = { .kind = k, .text = list, .len = len, .number = -1 };

		if (add_value(f, &v, e) < 0)
			return -1;
		if (list[len] == '\0')
			return 0;
		list += len + 1;
	}
}

int filter_add_phone(struct filter *f, const struct mac *mac, struct err *e)
{
	struct filter_value v = {
		.kind = FILTER_WHO, .text = "", .number = -1, .by_mac = true, .mac = *mac, .exists = true
	};

	return add_value(f, &v, e);
}

/* ---- texts to values: 0 = it exists, 1 = not by what is known here, -1 = it can be none (*why_not) */

typedef int (*value_fn)(struct filter_value *v, const struct config *cfg, const char **why_not);

static int value_plan(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	(void)why_not;
	return strcmp(v->name, NONE) == 0 || config_plan(cfg, v->name) ? 0 : 1;
}

static int value_stage(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	struct load_name load;
	int64_t number;

	(void)why_not;
	if (parse_int("", v->name, 1, PLAN_STAGES_MAX, &number, NULL) == 0) {
		v->number = (int)number;
		return 0;
	}
	if (!text_copy(load.s, sizeof(load.s), v->name))
		return 1;
	for (unsigned i = 0; i < cfg->n_plans; i++)
		if (plan_stage_of(&cfg->plans[i], &load))
			return 0;
	return 1;
}

static int value_phase(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	enum phase p;

	(void)cfg;
	*why_not = "";
	if (phase_parse(v->name, &p) != 0)
		return -1;
	v->number = (int)p;
	return 0;
}

static int value_cause(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	enum cause c;

	(void)cfg;
	*why_not = "";
	if (strcmp(v->name, ANY) == 0)
		return 0;
	if (strcmp(v->name, NONE) == 0) {
		v->number = CAUSE_NONE;
		return 0;
	}
	if (!v->name[0] || cause_parse(v->name, &c) != 0)
		return -1;
	v->number = (int)c;
	return 0;
}

static int value_site(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	*why_not = "";
	if (strcmp(v->name, NONE) == 0)
		return 0;
	for (unsigned i = 0; i < cfg->n_sites; i++)
		if (strcmp(cfg->sites[i].name, v->name) == 0)
			return 0;
	return -1;
}

static int value_seen(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	(void)v;
	(void)cfg;
	(void)why_not;
	return 1;
}

static int value_model(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	const struct model *m = model_parse(v->name, strlen(v->name));

	(void)cfg;
	*why_not = "";
	if (strcmp(v->name, UNNAMED) == 0)
		return 0;
	if (!m)
		return -1;
	(void)text_copy(v->name, sizeof(v->name), m->name);
	return 0;
}

static int value_network(struct filter_value *v, const struct config *cfg, const char **why_not)
{
	(void)cfg;
	*why_not = "neither a network (10.1.0.0/16) nor an address";
	if (strchr(v->name, '/'))
		return parse_net4("", v->name, &v->net, NULL) < 0 ? -1 : 0;
	v->net.prefix = 32;
	return parse_ip4("", v->name, &v->net.base, NULL) < 0 ? -1 : 0;
}

/* ---- does a phone have it? */

struct subject {
	const struct report_phone *rp;
	const struct phone *p;
	struct relay_info relay;
};

typedef bool (*has_fn)(const struct filter_value *v, const struct subject *s);

static bool is_or_none(const struct filter_value *v, const char *has)
{
	return has[0] ? strcmp(v->name, has) == 0 : strcmp(v->name, NONE) == 0;
}

static bool has_plan(const struct filter_value *v, const struct subject *s)
{
	return is_or_none(v, s->p->plan);
}

static bool has_stage(const struct filter_value *v, const struct subject *s)
{
	return v->number > 0 ? s->p->stage_no == v->number : strcmp(s->p->load.s, v->name) == 0;
}

static bool has_phase(const struct filter_value *v, const struct subject *s)
{
	return (int)s->p->phase == v->number;
}

static bool has_cause(const struct filter_value *v, const struct subject *s)
{
	return v->number < 0 ? s->p->cause != CAUSE_NONE : (int)s->p->cause == v->number;
}

static bool has_site(const struct filter_value *v, const struct subject *s)
{
	return is_or_none(v, s->rp->site);
}

static bool has_port(const struct filter_value *v, const struct subject *s)
{
	return relay_info_port_is(&s->relay, v->name);
}

static bool has_switch(const struct filter_value *v, const struct subject *s)
{
	char relay[IP4_TEXT_SIZE];

	return relay_info_device_is(&s->relay, v->name) ||
	       (s->p->giaddr.host && strcmp(ip4_format(relay, s->p->giaddr), v->name) == 0);
}

static bool has_model(const struct filter_value *v, const struct subject *s)
{
	return strcmp(s->p->model[0] ? s->p->model : UNNAMED, v->name) == 0;
}

static bool has_network(const struct filter_value *v, const struct subject *s)
{
	if (v->by_mac)
		return s->p->mac_known && mac_equal(&s->p->mac, &v->mac);
	return s->p->address.host && net4_contains(&v->net, s->p->address);
}

static const struct {
	const char *option;
	value_fn value;
	has_fn has;
} kinds[FILTER_KINDS] = {
	[FILTER_PLAN] = { "--plan", value_plan, has_plan },
	[FILTER_STAGE] = { "--stage", value_stage, has_stage },
	[FILTER_PHASE] = { "--phase", value_phase, has_phase },
	[FILTER_CAUSE] = { "--cause", value_cause, has_cause },
	[FILTER_SITE] = { "--site", value_site, has_site },
	[FILTER_PORT] = { "--port", value_seen, has_port },
	[FILTER_SWITCH] = { "--switch", value_seen, has_switch },
	[FILTER_MODEL] = { "--model", value_model, has_model },
	[FILTER_NETWORK] = { "--network", value_network, has_network },
	[FILTER_WHO] = { "which phone", value_network, has_network },
};

const char *filter_option_name(enum filter_kind k)
{
	return kinds[k].option;
}

/* ---- */

static int refuse(const struct filter_value *v, const struct config *cfg, const char *why_not,
		  struct strbuf *why, struct err *e)
{
	CLEANUP(names_fini) struct names there = { .n = 0 };

	if (filter_names_in(v->kind, cfg, &there, e) < 0)
		return -1;
	if (!why_not[0]) {
		names_unknown(&there, kinds[v->kind].option, v->name, why);
		return 1;
	}
	strbuf_addf(why, "%s: \"", kinds[v->kind].option);
	strbuf_add_escaped(why, v->name, strlen(v->name));
	strbuf_addf(why, "\" is %s", why_not);
	return 1;
}

int filter_resolve(struct filter *f, const struct config *cfg, struct strbuf *why, struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		struct filter_value *v = &f->a[i];
		const char *why_not = "too long a name";
		int rc = -1;

		if (v->by_mac)
			continue;
		snprintf(v->name, sizeof(v->name), "%.*s", (int)v->len, v->text);
		if (v->len < sizeof(v->name))
			rc = kinds[v->kind].value(v, cfg, &why_not);
		if (rc < 0)
			return refuse(v, cfg, why_not, why, e);
		v->exists = rc == 0;
	}
	return 0;
}

bool filter_match(struct filter *f, const struct report_phone *rp)
{
	struct subject s = { .rp = rp, .p = &rp->phone };
	bool any[FILTER_KINDS] = { false };
	bool all = true;

	if (f->used[FILTER_PORT] || f->used[FILTER_SWITCH])
		(void)relay_info_of(rp->phone.relay, &s.relay);
	for (size_t i = 0; i < f->n; i++) {
		struct filter_value *v = &f->a[i];

		if (!kinds[v->kind].has(v, &s))
			continue;
		v->met = true;
		any[v->kind] = true;
	}
	for (int k = 0; k < FILTER_KINDS; k++)
		all = all && (any[k] || !f->used[k]);
	return all;
}

const struct filter_value *filter_unmet(const struct filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->a[i].exists && !f->a[i].met)
			return &f->a[i];
	return NULL;
}

/* ---- what there is */

int filter_names_of(enum filter_kind k, const struct report_phone *rp, struct names *ret, struct err *e)
{
	struct relay_info relay;
	char addr[IP4_TEXT_SIZE];

	(void)relay_info_of(rp->phone.relay, &relay);
	if (k == FILTER_PLAN)
		return names_add(ret, rp->phone.plan, e);
	if (k == FILTER_STAGE)
		return names_add(ret, rp->phone.load.s, e);
	if (k == FILTER_PORT)
		return names_add(ret, relay.port, e);
	if (k != FILTER_SWITCH)
		return 0;
	if (names_add(ret, relay.device, e) < 0)
		return -1;
	return rp->phone.giaddr.host ? names_add(ret, ip4_format(addr, rp->phone.giaddr), e) : 0;
}

static int names_of_plan(enum filter_kind k, const struct plan *pl, struct names *ret, struct err *e)
{
	int rc = k == FILTER_PLAN ? names_add(ret, pl->name, e) : 0;

	for (unsigned s = 0; k == FILTER_STAGE && s < pl->n_stages && rc == 0; s++)
		rc = names_add(ret, pl->stages[s].load.s, e);
	return rc;
}

static int names_constant(enum filter_kind k, struct names *ret, struct err *e)
{
	const struct model *m;
	int rc = 0;

	for (int i = 0; k == FILTER_PHASE && i < PHASE_COUNT && rc == 0; i++)
		rc = names_add(ret, phase_name((enum phase)i), e);
	for (int i = 0; k == FILTER_CAUSE && i < CAUSE_COUNT && rc == 0; i++)
		rc = names_add(ret, cause_name((enum cause)i), e);
	for (unsigned i = 0; k == FILTER_MODEL && (m = model_at(i)) != NULL && rc == 0; i++)
		rc = names_add(ret, m->name, e);
	if (rc == 0 && k == FILTER_CAUSE)
		rc = names_add(ret, ANY, e);
	if (rc == 0 && k == FILTER_MODEL)
		rc = names_add(ret, UNNAMED, e);
	if (rc == 0 && (k == FILTER_PLAN || k == FILTER_CAUSE || k == FILTER_SITE))
		rc = names_add(ret, NONE, e);
	return rc;
}

int filter_names_in(enum filter_kind k, const struct config *cfg, struct names *ret, struct err *e)
{
	int rc = names_constant(k, ret, e);

	for (unsigned i = 0; i < cfg->n_plans && rc == 0; i++)
		rc = names_of_plan(k, &cfg->plans[i], ret, e);
	for (unsigned i = 0; k == FILTER_SITE && i < cfg->n_sites && rc == 0; i++)
		rc = names_add(ret, cfg->sites[i].name, e);
	return rc;
}
