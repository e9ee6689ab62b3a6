/* SPDX-License-Identifier: MPL-2.0 */
/* See shown.h. */
#include "shown.h"

#include <string.h>

#include "cleanup.h"
#include "names.h"
#include "parse.h"
#include "state.h"

#define WHY_MAX (16 * 1024)

void shown_fini(struct shown *s)
{
	filter_fini(&s->filter);
}

int shown_option(struct shown *s, int opt, const char *value)
{
	struct err e;

	return filter_add(&s->filter, (enum filter_kind)(opt - OPT_FILTER), value, &e) < 0
		       ? ctl_fail(&e, NULL)
		       : 0;
}

static int add_operand(struct ctl *c, struct shown *s, const char *text)
{
	struct phone p;
	struct ip4 address;
	struct err e;

	if (strchr(text, '/') || parse_ip4("", text, &address, NULL) == 0)
		return filter_add(&s->filter, FILTER_WHO, text, &e) < 0 ? ctl_fail(&e, NULL) : 0;
	int rc = ctl_phone(c, text, &p);

	if (rc != 0)
		return rc;
	return filter_add_phone(&s->filter, &p.mac, &e) < 0 ? ctl_fail(&e, NULL) : 0;
}

int shown_operands(struct ctl *c, struct shown *s, char *const *operands)
{
	int rc = 0;

	for (; *operands && rc == 0; operands++)
		rc = add_operand(c, s, *operands);
	return rc;
}

bool shown_all(const struct shown *s)
{
	return s->filter.n == 0;
}

/* ---- */

struct walk {
	struct shown *s;
	const struct config *cfg;
	shown_fn fn;
	void *arg;
};

static int walk_phone(void *arg, const struct phone *p, struct err *e)
{
	struct walk *w = arg;
	struct report_phone rp;

	w->s->n_all++;
	report_phone_fill(&rp, p, w->cfg, &w->s->time);
	return filter_match(&w->s->filter, &rp) ? w->fn(w->arg, &rp, e) : 0;
}

struct vocabulary {
	enum filter_kind kind;
	const struct config *cfg;
	const struct report_time *time;
	struct names names;
};

static int vocabulary_phone(void *arg, const struct phone *p, struct err *e)
{
	struct vocabulary *v = arg;
	struct report_phone rp;

	report_phone_fill(&rp, p, v->cfg, v->time);
	return filter_names_of(v->kind, &rp, &v->names, e);
}

/* Nobody has it, and nobody could: a slip, which must not pass for "none of them is stuck". */
static int unknown_value(struct ctl *c, const struct shown *s, const struct filter_value *value)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	struct vocabulary v = { .kind = value->kind, .cfg = fleet_config(c->fleet), .time = &s->time };
	struct err e;
	int rc = filter_names_in(value->kind, v.cfg, &v.names, &e);

	if (rc == 0)
		rc = state_phone_list(fleet_state(c->fleet), vocabulary_phone, &v, &e);
	if (rc == 0)
		names_unknown(&v.names, filter_option_name(value->kind), value->name, &why);
	names_fini(&v.names);
	return rc ? ctl_fail(&e, NULL) : ctl_usage(c, "%s", strbuf_text(&why));
}

int shown_walk(struct ctl *c, struct shown *s, shown_fn fn, void *arg)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	struct walk w = { .s = s, .cfg = fleet_config(c->fleet), .fn = fn, .arg = arg };
	struct err e;
	int rc = filter_resolve(&s->filter, w.cfg, &why, &e);

	if (rc != 0)
		return rc < 0 ? ctl_fail(&e, NULL) : ctl_usage(c, "%s", strbuf_text(&why));
	rc = ctl_report_time(c, &s->time);
	if (rc != 0)
		return rc;
	s->n_all = 0;
	if (state_phone_list(fleet_state(c->fleet), walk_phone, &w, &e))
		return ctl_fail(&e, NULL);
	const struct filter_value *unmet = filter_unmet(&s->filter);

	return unmet ? unknown_value(c, s, unmet) : 0;
}
