/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep explain: one phone's whole story. What it is, runs and sees, where it stands and why, the
 * evidence, what a person should do now and what happens by itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "cmds.h"
#include "engine.h"
#include "ladder.h"
#include "stagedir.h"
#include "strbuf.h"
#include "view.h"

/* What is to be said of a phase when no cause is found. */
struct advice {
	const char *action;
	const char *next;
};

static const struct advice advice[PHASE_COUNT] = {
	[PHASE_SEEN] = { "nothing; `loadstep start` lets it go through its plan",
			 "it is only watched; nothing it is sent or shown changes" },
	[PHASE_WAITING] = { "nothing, if load sets are missing `loadstep status` names them",
			    "it is let in when its stage is published and the rollout has room" },
	[PHASE_OFFERED] = { "nothing; an idle phone may need a reboot to look",
			    "at its next look at the configuration it is told the load of its stage" },
	[PHASE_DOWNLOADING] = { "nothing; do not cut its power",
				"it fetches the rest of the load, then flashes" },
	[PHASE_HALF_FLASHED] = { "nothing; keep its power and this DHCP and TFTP server within reach",
				 "the loader starts and fetches the application from the same stage" },
	[PHASE_FLASHING] = { "nothing; do not cut its power",
			     "it flashes and reboots; its next boot is looked for" },
	[PHASE_CHECKING] = { "nothing",
			     "when it has read its configuration and asked for no image for long enough, the "
			     "stage is proven" },
	[PHASE_DONE] = { "nothing", "nothing more: its way is at its end" },
	[PHASE_STUCK] = { "look at the phone's display and at the evidence below",
			  "its view stays; a file of the stage brings it back on its way" },
};

#define ALARMS_MAX 5 /* the newest, in the phone's own words */
#define EVIDENCE_LINES_MAX 512 /* the evidence of one stage has fewer times than that */

struct lines {
	struct report_evidence *a; /* owned */
	size_t n;
	int64_t skew_ms; /* wall = engine time + skew */
};

static void cleanup_lines(struct lines *l)
{
	free(l->a);
}

static void add_line(void *arg, int64_t at_ms, const char *text)
{
	struct lines *l = arg;

	if (!l->a)
		l->a = calloc(EVIDENCE_LINES_MAX, sizeof(*l->a));
	if (!l->a || l->n >= EVIDENCE_LINES_MAX)
		return;
	l->a[l->n].at_ms = at_ms ? at_ms + l->skew_ms : 0;
	(void)text_copy(l->a[l->n].text, sizeof(l->a[l->n].text), text);
	l->n++;
}

static void standing_text(const struct standing *s, struct strbuf *sb)
{
	switch (s->kind) {
	case VIEW_STAGE:
		strbuf_addf(sb, "stages/%s/%s", s->plan, s->load.s);
		break;
	case VIEW_WAITING:
		strbuf_addf(sb, "stages/%s/waiting", s->plan);
		break;
	case VIEW_PLAIN:
	case VIEW_NONE:
		strbuf_add(sb, "the plain root");
		break;
	case VIEW_FOREIGN:
		strbuf_add(sb, "something that loadstep did not make");
		break;
	}
}

/* The two links as they are on disk, since that is what the server follows. */
static int sees_by_links(const struct config *cfg, const struct phone *p, struct strbuf *sb, struct err *e)
{
	struct view v = { .root = "" };
	struct standing s;
	struct mac holder;
	char addr[IP4_TEXT_SIZE];

	(void)text_copy(v.root, sizeof(v.root), cfg->tftp_root);
	if (view_phone_get(&v, &p->mac, &s, e))
		return -1;
	int linked = p->address.host ? view_address_get(&v, p->address, &holder, e) : 1;
	if (linked < 0)
		return -1;
	bool on_stage = s.kind == VIEW_STAGE || s.kind == VIEW_WAITING;
	if (on_stage && (linked == 1 || !mac_equal(&holder, &p->mac))) {
		strbuf_add(sb, "the plain root: no link leads from its address ");
		strbuf_addf(sb, "%s to ", p->address.host ? ip4_format(addr, p->address) : "(not known)");
	}
	standing_text(&s, sb);
	return 0;
}

static int sees_shared(const struct config *cfg, const struct phone *p, struct strbuf *sb, struct err *e)
{
	const struct plan *pl = p->plan[0] ? config_plan(cfg, p->plan) : config_plan_for(cfg, p, NULL);
	struct load_name load;
	int rc = pl ? stagedir_root_load(cfg->tftp_root, pl, &load, e) : 1;

	if (rc < 0)
		return -1;
	if (rc == 0)
		strbuf_addf(sb, "the root's XMLDefault.cnf.xml, which names %s", load.s);
	else
		strbuf_add(sb, "the plain root, which names no load for it");
	return 0;
}

static int sees(struct ctl *c, const struct phone *p, struct strbuf *sb, struct err *e)
{
	const struct config *cfg = fleet_config(c->fleet);
	struct standing s;

	if (cfg->tftp_root[0] && cfg->layout == LAYOUT_SHARED)
		return sees_shared(cfg, p, sb, e);
	if (cfg->tftp_root[0] && p->mac_known)
		return sees_by_links(cfg, p, sb, e);
	/* the tree is on another host: what it is to say */
	fleet_standing(c->fleet, p, &s);
	standing_text(&s, sb);
	return 0;
}

static int add_alarm(void *arg, const struct history *h, struct err *e)
{
	char text[sizeof(h->note) + 16];

	(void)e;
	snprintf(text, sizeof(text), "alarm, %s", h->note);
	add_line(arg, h->at_ms, text);
	return 0;
}

static int line_compare(const void *a, const void *b)
{
	const struct report_evidence *x = a, *y = b;

	return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

/* Steps of its plan that it takes, or has still to take, only because somebody said so. */
static void add_forced(const struct plan *pl, const struct phone *p, struct lines *l)
{
	for (int no = p->stage_no > 2 ? p->stage_no : 2; pl && no <= (int)pl->n_stages; no++) {
		char text[sizeof(l->a[0].text)];

		if (!ladder_forced(pl, no))
			continue;
		snprintf(text, sizeof(text), "the step to stage %d, %s, is forced; it is not known to work", no,
			 plan_stage(pl, no)->load.s);
		add_line(l, 0, text);
	}
}

static int collect_evidence(struct ctl *c, const struct phone *p, struct lines *l, struct err *e)
{
	struct observed_clock clock;

	if (state_clock_get(fleet_state(c->fleet), &clock, e))
		return -1;
	l->skew_ms = clock.skew_ms;
	engine_explain(p, add_line, l);
	l->skew_ms = 0; /* the history's times are the wall's */
	if (state_alarm_list(fleet_state(c->fleet), p->id, ALARMS_MAX, add_alarm, l, e) < 0)
		return -1;
	if (l->n > 1)
		qsort(l->a, l->n, sizeof(*l->a), line_compare);
	return 0;
}

static const char *action_of(const struct phone *p)
{
	if (p->cause != CAUSE_NONE)
		return cause_action(p->cause);
	if (phone_is(p, PHONE_NEEDS_REBOOT))
		return "reboot it (power, PoE port, or **#**): the next load waits for it";
	if (phone_is(p, PHONE_ON_LAST))
		return "give it a SEP or SIP file of its own, or let the root's XMLDefault name this load";
	return advice[p->phase].action;
}

static const char *next_of(const struct phone *p)
{
	if (phone_is(p, PHONE_STOPPED) && p->phase != PHASE_DONE)
		return "it finishes its stage and goes no further: it was stopped";
	if (phone_is(p, PHONE_ON_LAST))
		return "it keeps its last stage until the plain root would not send it back";
	return advice[p->phase].next;
}

static int show(struct ctl *c, const char *text)
{
	CLEANUP(cleanup_lines) struct lines l = { .a = NULL };
	CLEANUP(strbuf_fini) struct strbuf seen = STRBUF_INIT(1024);
	struct report_explain x = { .n_evidence = 0 };
	struct phone subject;
	const struct phone *p = &subject;
	struct err e;
	struct report_time now;
	int rc = ctl_phone(c, text, &subject);

	if (rc == 0)
		rc = ctl_report_time(c, &now);
	if (rc != 0)
		return rc;
	report_phone_fill(&x.subject, p, fleet_config(c->fleet), &now);
	if (sees(c, p, &seen, &e))
		strbuf_addf(&seen, "not known: %s", e.text);
	const struct plan *pl = p->plan[0] ? config_plan(fleet_config(c->fleet), p->plan) : NULL;
	add_forced(pl, p, &l);
	if (collect_evidence(c, p, &l, &e))
		return ctl_fail(&e, NULL);
	x.sees = strbuf_text(&seen);
	x.summary = p->cause != CAUSE_NONE ? cause_summary(p->cause) : phase_text(p->phase);
	x.action = action_of(p);
	x.next = next_of(p);
	x.evidence = l.a;
	x.n_evidence = l.n;
	c->report.writer->explain(&c->report, &x);
	return EXIT_DONE;
}

int cmd_explain(struct ctl *c, int argc, char **argv)
{
	int rc = ctl_no_options(c, argc, argv, 1, 1);

	if (rc == 0)
		rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	return rc ? rc : show(c, argv[optind]);
}
