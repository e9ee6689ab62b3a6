/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep preview: a dry run. Each phone's way, stage by stage: where it would enter and why, which loads it
 * would meet and whether their files are there, and what keeps it from going on. Changes nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "ladder.h"
#include "plan.h"
#include "preview.h"
#include "stagedir.h"
#include "view.h"

#define FAULTS_MAX (64 * 1024)

static void preview_fini(struct preview *v)
{
	free(v->plans);
	free(v->a);
	free(v->ms);
	free(v->sums);
	free(v->unprovisioned);
}

static int look_at_plan(const struct preview *v, struct looked *l, struct err *e)
{
	for (unsigned i = 0; i < l->plan.n_stages; i++) {
		const struct load_name load = l->plan.stages[i].load;
		struct loadset ls;

		if (stagedir_stage(v->cfg->tftp_root, &l->plan, (int)i + 1, &ls, l->missing[i],
				   sizeof(l->missing[i]), e) < 0)
			return err_wrap(e, "plan %s", l->plan.name);
		l->plan.stages[i] = ls;
		l->published[i] = v->cfg->layout == LAYOUT_SHARED ||
				  view_stage_ready(&v->view, l->plan.name, &load, NULL) == 0;
	}
	return 0;
}

static int look_at_plans(struct preview *v, struct err *e)
{
	v->plans = calloc(v->cfg->n_plans ? v->cfg->n_plans : 1, sizeof(*v->plans));
	if (!v->plans)
		return err_set(e, ERR_SYSTEM, "no memory for %u plans", v->cfg->n_plans);
	for (unsigned i = 0; i < v->cfg->n_plans; i++) {
		v->plans[i].plan = v->cfg->plans[i];
		if (v->cfg->tftp_root[0] && look_at_plan(v, &v->plans[i], e))
			return -1;
	}
	return 0;
}

static void block(struct report_preview *x, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void block(struct report_preview *x, const char *fmt, ...)
{
	va_list ap;

	if (x->n_blocks == REPORT_BLOCKS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(x->blocks[x->n_blocks++], REPORT_BLOCK_SIZE, fmt, ap);
	va_end(ap);
}

/* ---- where it enters */

static const char *why_there(const struct plan *pl, const struct phone *p, bool tentative)
{
	switch (pl->enter) {
	case PLAN_ENTER_FIRST:
		return "the plan says enter = first";
	case PLAN_ENTER_LAST:
		return "the plan says enter = last";
	case PLAN_ENTER_AUTO:
		break;
	}
	if (tentative)
		return "its vendor class names a model, so it has a universal loader, for which the rest is one "
		       "step; back to the first stage if it asks for OS79XX.TXT";
	if (p->generation == GEN_JAVA && plan_entry_stage(pl, p, NULL) > 1)
		return "it asks for ITLSEP<MAC>.tlv, so it runs 9.x: to the last stage";
	if (p->generation == GEN_JAVA)
		return "java phones do not tell their version: from the first stage";
	if (p->vendor == VENDOR_BARE)
		return "its vendor class names no model, so it runs code below 6.x: from the first stage";
	return p->vendor == VENDOR_NAMED ? "nothing to skip for a universal loader: from the first stage"
					 : "its vendor class is not known: from the first stage";
}

static const char *why_here(const struct phone *p)
{
	if (p->phase == PHASE_DONE)
		return "at the end of its way";
	if (phone_is(p, PHONE_PROVEN))
		return "it runs this stage's load, proven, and goes on when it is quiet";
	return phase_text(p->phase);
}

/* ---- what keeps it */

static void block_unstarted(const struct preview *v, struct report_preview *x, const struct plan *pl)
{
	const struct phone *p = &x->subject.phone;
	const char *why = NULL;

	if (plan_may_start(pl, p, NULL, &why) != 0)
		block(x, "scope: %s", why);
	if (p->cause != CAUSE_NONE)
		block(x, "%s: %s", cause_name(p->cause), cause_summary(p->cause));
	if (phone_is(p, PHONE_FORGOTTEN))
		block(x, "it was forgotten: only `loadstep start` by hand starts it");
	else if (!pl->automatic)
		block(x, "not started: the plan says start = by-hand, `loadstep start` lets it go");
	else if (!pl->provisioned && v->view.root[0] && p->mac_known && view_provisioned(&v->view, &p->mac))
		block(x, "provisioned: it has a configuration file of its own, and the plan does not say "
			 "provisioned = yes; `loadstep start` lets it go all the same");
}

/* The stage that it needs next to get on. */
static void block_stage(const struct preview *v, struct report_preview *x, const struct looked *l,
			int stage_no)
{
	unsigned i = (unsigned)stage_no - 1;

	if (!v->cfg->tftp_root[0] || stage_no < 1 || i >= l->plan.n_stages)
		return;
	if (!l->plan.stages[i].complete)
		block(x, "stage %d %s: its files are incomplete", stage_no, l->plan.stages[i].load.s);
	else if (!l->published[i])
		block(x, "stage %d %s is not published (`loadstep publish --apply`)", stage_no,
		      l->plan.stages[i].load.s);
}

static void blocks(const struct preview *v, struct report_preview *x, const struct looked *l)
{
	const struct phone *p = &x->subject.phone;
	bool enters = p->phase == PHASE_SEEN || p->phase == PHASE_WAITING;

	if (p->phase == PHASE_DONE)
		return;
	if (p->phase == PHASE_SEEN)
		block_unstarted(v, x, &l->plan);
	if (enters && !v->room)
		block(x, "rollout: max-at-once or halt-at is reached, it would have to wait");
	block_stage(v, x, l, x->enters);
	if (enters)
		return;
	block_stage(v, x, l, x->enters + 1);
	if (p->phase == PHASE_STUCK)
		block(x, "stuck%s%s: %s", p->cause ? ", " : "", cause_name(p->cause),
		      p->cause ? cause_summary(p->cause) : "its cause is not known");
	if (phone_is(p, PHONE_STOPPED))
		block(x, "it was stopped: it finishes its stage, `loadstep start` lets it go on");
	if (phone_is(p, PHONE_NEEDS_REBOOT))
		block(x, "it is silent: a reboot makes it look");
}

/* ---- the way */

static enum report_mark mark(const struct report_preview *x, int stage_no)
{
	const struct phone *p = &x->subject.phone;
	bool on_stage = phone_on_way(p) || p->phase == PHASE_DONE;

	if (stage_no < x->enters)
		return MARK_BEHIND;
	if (stage_no > x->enters)
		return MARK_AHEAD;
	return on_stage ? MARK_HERE : MARK_ENTERS;
}

static void steps(const struct preview *v, struct report_preview *x, const struct looked *l)
{
	bool shared = v->cfg->layout == LAYOUT_SHARED;

	x->n_steps = l->plan.n_stages;
	for (unsigned i = 0; i < l->plan.n_stages; i++) {
		const struct loadset *ls = &l->plan.stages[i];
		const char *files = !v->cfg->tftp_root[0] ? "not known on this host"
				    : !ls->complete	  ? "incomplete"
				    : shared		  ? "complete"
				    : l->published[i]	  ? "published"
							  : "not published";

		x->steps[i] = (struct report_step){ .stage_no = (int)i + 1,
						    .load = ls->load,
						    .kind = ls->kind,
						    .mark = mark(x, (int)i + 1),
						    .files = files,
						    .missing = l->missing[i] };
	}
}

static void preview_phone(const struct preview *v, const struct phone *p, struct report_preview *x)
{
	const struct config *cfg = v->cfg;
	const struct plan *pl = p->plan[0] ? config_plan(cfg, p->plan) : NULL;
	bool tentative = false;

	*x = (struct report_preview){ .plan = "" };
	report_phone_fill(&x->subject, p, cfg, &v->now);
	if (!pl)
		pl = config_plan_for(cfg, p, NULL);
	if (!pl) {
		x->why = p->model[0] || p->vendor == VENDOR_BARE ? "no plan in force is for its model"
								 : "its model is not known yet";
		return;
	}
	const struct looked *l = &v->plans[pl - cfg->plans];

	x->plan = l->plan.name;
	x->subject.stages = (int)l->plan.n_stages;
	if (phone_on_way(p) || p->phase == PHASE_DONE) {
		int at = plan_stage_of(&l->plan, &p->load);

		x->enters = at ? at : p->stage_no;
		x->why = at ? why_here(p)
			    : "its load has left the plan, and stays its goal until it is proven";
	} else {
		x->enters = plan_entry_stage(&l->plan, p, &tentative);
		x->why = why_there(&l->plan, p, tentative);
	}
	steps(v, x, l);
	blocks(v, x, l);
}

static int add(void *arg, const struct phone *p, struct err *e)
{
	struct preview *v = arg;

	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 16;
		struct report_preview *more = realloc(v->a, cap * sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
		v->a = more;
		v->cap = cap;
	}
	preview_phone(v, p, &v->a[v->n++]);
	return 0;
}

/* What is shown is in force; the file may have changed since, and `reload` would refuse it. The exit code. */
static int file_refused(struct ctl *c)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(FAULTS_MAX);
	struct err e;
	int rc = ladder_settle(c->cfg, &faults, NULL, &e);

	if (rc < 0)
		return ctl_fail(&e, NULL);
	if (rc == 0)
		return EXIT_DONE;
	ctl_say("`loadstep reload` would refuse the configuration as it is now:");
	fputs(strbuf_text(&faults), stderr);
	return EXIT_CONFIG;
}

static int show(struct ctl *c, const char *mac)
{
	CLEANUP(preview_fini) struct preview v = { .c = c, .cfg = fleet_config(c->fleet) };
	struct phone p;
	struct err e;
	int rc = mac ? ctl_phone(c, mac, &p) : 0;

	if (rc == 0)
		rc = ctl_report_time(c, &v.now);
	if (rc != 0)
		return rc;
	(void)text_copy(v.view.root, sizeof(v.view.root), v.cfg->tftp_root);
	if (look_at_plans(&v, &e))
		return ctl_fail(&e, NULL);
	v.room = fleet_room(c->fleet, &e);
	if (mac ? add(&v, &p, &e) : state_phone_list(fleet_state(c->fleet), add, &v, &e))
		return ctl_fail(&e, NULL);
	if (forecast_fill(&v, &e) < 0)
		return ctl_fail(&e, NULL);
	c->report.writer->preview(&c->report, v.a, v.n, &v.f);
	return file_refused(c);
}

enum { OPT_MODEL = OPT_OWN, OPT_TO, OPT_FROM };
static const struct option preview_options[] = {
	{ "model", required_argument, NULL, OPT_MODEL },
	{ "to", required_argument, NULL, OPT_TO },
	{ "from", required_argument, NULL, OPT_FROM },
	{ NULL, 0, NULL, 0 },
};

int cmd_preview(struct ctl *c, int argc, char **argv)
{
	const char *named[3] = { NULL }; /* by option */
	int opt;

	while ((opt = ctl_option(c, argc, argv, preview_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		named[opt - OPT_MODEL] = optarg;
	}
	bool model = named[0] || named[1] || named[2];

	if (model && (!named[0] || !named[1] || optind < argc))
		return ctl_usage(c, "without a phone: --model MODEL --to LOAD, and perhaps --from LOAD");
	if (model)
		return preview_model(c, named[0], named[2], named[1]);
	if (argc - optind > 1)
		return ctl_usage(c, "one MAC, or none for all phones");
	int rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);

	return rc ? rc : show(c, argv[optind]);
}
