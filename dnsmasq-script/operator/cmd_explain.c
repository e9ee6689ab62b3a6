/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep explain: one phone's whole story. Who, where and why in a sentence; what it sees and runs; its history as a
 * short timeline; what a person should do now; what loadstep will do, and when. What is asked of the tree, the history
 * and the engine is in explain_*.c, what is said of it in explain_words.c and explain_action.def.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "engine.h"
#include "explain.h"
#include "explain_action.h"
#include "explain_timeline.h"
#include "explain_words.h"
#include "ladder.h"

#define ALARMS_MAX 5 /* the newest, in the phone's own words */
#define EVIDENCE_LINES_MAX 512 /* the evidence of one stage has fewer times than that */
#define HISTORY_MAX 600 /* entries that a short timeline is made of */
#define TEXT_MAX 8192

/* ---- the evidence as it is judged by */

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
static void add_forced(const struct plan *pl, const struct phone *p, struct lines *l, struct strbuf *notes)
{
	for (int no = p->stage_no > 2 ? p->stage_no : 2; pl && p->plan[0] && no <= (int)pl->n_stages; no++) {
		char text[sizeof(l->a[0].text)];

		if (!ladder_forced(pl, no))
			continue;
		snprintf(text, sizeof(text), "the step to stage %d, %s, is forced; it is not known to work",
			 no, plan_stage(pl, no)->load.s);
		add_line(l, 0, text);
		strbuf_addf(notes, "%s%s", notes->len ? "; " : "", text);
	}
}

static int collect_evidence(const struct explain *x, struct lines *l, struct err *e)
{
	l->skew_ms = x->prospect.skew_ms;
	engine_explain(x->p, add_line, l);
	l->skew_ms = 0; /* the history's times are the wall's */
	if (state_alarm_list(fleet_state(x->c->fleet), x->p->id, ALARMS_MAX, add_alarm, l, e) < 0)
		return -1;
	if (l->n > 1)
		qsort(l->a, l->n, sizeof(*l->a), line_compare);
	return 0;
}

/* ---- the history */

static int add_history(void *arg, const struct history *h, struct err *e)
{
	struct explain *x = arg;

	if (x->n_history % 64 == 0) {
		struct history *more = reallocarray(x->history, x->n_history + 64, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu entries of the history",
				       x->n_history);
		x->history = more;
	}
	x->history[x->n_history++] = *h;
	return 0;
}

/* Events may be heard late: by their own time, and as they came where that is the same. */
static int history_compare(const void *a, const void *b)
{
	const struct history *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int collect_history(struct explain *x, bool all, struct err *e)
{
	int64_t max = all ? 0 : HISTORY_MAX;

	if (state_history_list(fleet_state(x->c->fleet), x->p->id, 0, max, add_history, x, e) < 0)
		return -1;
	x->more = !all && x->n_history == HISTORY_MAX;
	if (x->n_history > 1)
		qsort(x->history, x->n_history, sizeof(*x->history), history_compare);
	return 0;
}

/* DHCP has given it an address, and it asked for nothing since, for sure or perhaps (F§7.2 B11). */
static bool asks_for_nothing(const struct explain *x)
{
	for (unsigned i = 0; i < x->n_fits; i++)
		if (x->fits[i].found.cause == CAUSE_NO_TFTP_AFTER_DHCP)
			return true;
	return x->p->cause == CAUSE_NO_TFTP_AFTER_DHCP;
}

/* ---- what to do */

struct advising {
	struct strbuf first, fix, port, dont, all;
};

static void advising_fini(struct advising *a)
{
	strbuf_fini(&a->first);
	strbuf_fini(&a->fix);
	strbuf_fini(&a->port);
	strbuf_fini(&a->dont);
	strbuf_fini(&a->all);
}

/* By its phase, where neither trouble nor anything on the phone is to be done. */
static void phase_advice(const struct explain *x, struct strbuf *sb)
{
	const struct phone *p = x->p;
	char mac[MAC_TEXT_SIZE];

	if (p->phase == PHASE_SEEN && x->pl && p->mac_known)
		strbuf_addf(sb, "`loadstep start %s` lets it go through plan %s; else nothing",
			    mac_format(mac, &p->mac), x->pl->name);
	else if (p->phase == PHASE_STUCK)
		strbuf_add(
			sb,
			"look at the phone's display, and at the timeline; then `loadstep retry` lets it try anew");
	else if (phone_is(p, PHONE_ON_LAST))
		strbuf_addf(
			sb,
			"give it a SEP or SIP file of its own in the TFTP root, or let the root's XMLDefault name %s",
			p->load.s);
	else if (!p->mac_known)
		strbuf_add(sb, "nothing until its MAC shows: with the next CTLSEP, SEP or SIP file that it asks for");
	else if (p->phase == PHASE_WAITING)
		strbuf_add(sb, "nothing on the phone");
	else
		strbuf_add(sb, "nothing");
}

/* What is wrong where it reads, each cure once: of a phone on its way that is its own stage. */
static void fix_advice(const struct explain *x, struct strbuf *sb)
{
	for (unsigned i = 0; i < x->n_namings; i++) {
		const struct report_naming *n = &x->namings[i];

		if (n->fault[0] && n->cure && !strstr(strbuf_text(sb), n->cure))
			strbuf_addf(sb, "%s%s: %s", sb->len > 0 ? "; " : "", n->file, n->cure);
	}
}

/* Files that it was refused, and that are there now. */
static bool files_are_there(const struct explain *x)
{
	bool refused = x->p->cause == CAUSE_LOAD_NOT_FOUND || x->p->cause == CAUSE_MEMBER_MISSING;

	for (unsigned i = 0; i < x->n_files; i++)
		if (x->files[i].fault[0])
			return false;
	return refused && x->n_files > 0 && !x->files_fault[0];
}

static void add_step(struct report_explain *r, struct strbuf *all, const char *text)
{
	if (!text[0] || r->n_steps == REPORT_STEPS_MAX)
		return;
	strbuf_addf(all, "%s%s", all->len ? "; " : "", text);
	r->steps[r->n_steps++] = text;
}

static void advise(const struct explain *x, bool no_tftp, struct advising *a, struct report_explain *r)
{
	const struct action_row *rows[REPORT_STEPS_MAX];
	enum situation s = action_situation(x->p, r->subject.unplug.may, no_tftp);
	size_t n = action_find(s, action_kinds(x->p), rows, REPORT_STEPS_MAX);
	char left[24];
	bool busy = s == SITUATION_FETCHES || s == SITUATION_WRITES || s == SITUATION_HALF;

	if (files_are_there(x) && !busy)
		strbuf_add(
			&a->first,
			"all files of the load are there now (above); if it asks again and is told no, the server "
			"may not read them or answers from elsewhere: `loadstep check --wire`");
	else if (x->p->cause != CAUSE_NONE && !busy && !action_is_whole(s))
		strbuf_add(&a->first, cause_action(x->p->cause));
	else if (n == 0)
		phase_advice(x, &a->first);
	fix_advice(x, &a->fix);
	add_step(r, &a->all, strbuf_text(&a->fix));
	if (a->fix.len == 0 || strncmp(strbuf_text(&a->first), "nothing", 7) != 0)
		add_step(r, &a->all, strbuf_text(&a->first));
	for (size_t i = 0; i < n; i++) {
		add_step(r, &a->all, rows[i]->text);
		if (rows[i]->dont[0])
			strbuf_addf(&a->dont, "%s%s", a->dont.len ? "; " : "", rows[i]->dont);
	}
	if (r->port[0] && (s == SITUATION_LOOK || s == SITUATION_HALF_STUCK || s == SITUATION_SILENT)) {
		strbuf_addf(&a->port, "it is plugged in at %s", r->port);
		add_step(r, &a->all, strbuf_text(&a->port));
	}
	if (!r->subject.unplug.may && a->dont.len > 0)
		strbuf_addf(&a->dont, "; for about %s more",
			    report_duration(left, r->subject.unplug.left_ms));
	r->action = strbuf_text(&a->all);
	r->dont = strbuf_text(&a->dont);
}

/* ---- the page */

static void explain_free(struct explain **x)
{
	if (!*x)
		return;
	strbuf_fini(&(*x)->sees);
	free((*x)->history);
	free(*x);
}

static int look(struct explain *x, bool all, struct lines *l, struct strbuf *notes, struct err *e)
{
	if (fleet_prospect(x->c->fleet, x->p, x->now_ms, &x->prospect, e) < 0 ||
	    collect_history(x, all, e) < 0)
		return -1;
	explain_sees(x);
	explain_causes(x);
	add_forced(x->pl, x->p, l, notes);
	return collect_evidence(x, l, e);
}

static int make_timeline(const struct explain *x, bool all, struct report_moment **ret,
			 struct report_explain *r, struct err *e)
{
	const struct timeline t = {
		.p = x->p, .pl = x->pl, .lim = &x->cfg->limits, .skew_ms = x->prospect.skew_ms, .all = all
	};

	if (timeline_make(&t, x->history, x->n_history, ret, &r->n_moments, &r->n_earlier, e) < 0)
		return -1;
	r->moments = *ret;
	r->more = x->more;
	r->heard_ms = timeline_heard(x->history, x->n_history);
	if (!r->heard_ms)
		r->heard_ms = r->subject.last_event_ms;
	return 0;
}

static int print(struct explain *x, struct report_phone *subject, bool all, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sentence = STRBUF_INIT(TEXT_MAX), runs = STRBUF_INIT(TEXT_MAX);
	CLEANUP(strbuf_fini) struct strbuf port = STRBUF_INIT(TEXT_MAX), notes = STRBUF_INIT(TEXT_MAX);
	CLEANUP(cleanup_free) struct report_moment *moments = NULL;
	CLEANUP(cleanup_lines) struct lines l = { .a = NULL };
	CLEANUP(advising_fini)
	struct advising advice = { STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX),
				   STRBUF_INIT(TEXT_MAX), STRBUF_INIT(TEXT_MAX) };
	struct report_explain r = { .subject = *subject, .now_ms = x->now_ms };

	if (look(x, all, &l, &notes, e) < 0 || make_timeline(x, all, &moments, &r, e) < 0)
		return -1;
	bool no_tftp = asks_for_nothing(x);

	explain_next(x, &r.limit_ms);
	action_port(x->p, &port);
	r.port = strbuf_text(&port);
	advise(x, no_tftp, &advice, &r);
	words_sentence(subject, no_tftp, &sentence);
	words_runs(x->p, timeline_proven(x->history, x->n_history), x->now_ms, &runs);
	if (no_tftp)
		x->n_checks = explain_checklist(x->p, x->checks);
	r.sentence = strbuf_text(&sentence);
	r.sees = strbuf_text(&x->sees);
	r.n_namings = x->n_namings;
	r.namings = x->namings;
	r.load = x->load;
	r.n_files = x->n_files;
	r.files = x->files;
	r.files_fault = x->files_fault;
	r.runs = strbuf_text(&runs);
	r.notes = strbuf_text(&notes);
	r.summary = words_summary(x->p);
	r.n_fits = x->n_fits;
	r.fits = x->fits;
	r.n_next = x->n_next;
	r.next = x->next;
	r.n_checks = x->n_checks;
	r.checks = x->checks;
	r.evidence = l.a;
	r.n_evidence = l.n;
	x->c->report.writer->explain(&x->c->report, &r);
	return 0;
}

static int write_page(struct ctl *c, const struct phone *p, bool all, struct err *e)
{
	CLEANUP(explain_free) struct explain *x = calloc(1, sizeof(*x));
	struct report_phone subject;
	struct report_time now = { .now_ms = ctl_now_ms() };

	if (!x)
		return err_set(e, ERR_SYSTEM, "no memory");
	if (state_clock_get(fleet_state(c->fleet), &now.clock, e) < 0)
		return -1;
	x->c = c;
	x->cfg = fleet_config(c->fleet);
	report_phone_fill(&subject, p, x->cfg, &now);
	x->p = &subject.phone;
	x->now_ms = now.now_ms;
	strbuf_init(&x->sees, TEXT_MAX);
	const struct plan *own = p->plan[0] ? config_plan(x->cfg, p->plan) : NULL;

	x->pl = own ? own : config_plan_for(x->cfg, p, NULL);
	return print(x, &subject, all, e);
}

int explain_write(struct ctl *c, const struct phone *p, struct err *e)
{
	return write_page(c, p, false, e);
}

static int show(struct ctl *c, const struct phone *p, bool all)
{
	struct err e;

	return write_page(c, p, all, &e) < 0 ? ctl_fail(&e, NULL) : EXIT_DONE;
}

/* ---- whom the text means */

/* An address: who holds it, or who was seen there by TFTP only. 0; 1 = nobody that is known; -1 */
static int phone_at(struct ctl *c, struct ip4 address, struct phone *ret, struct err *e)
{
	struct state *st = fleet_state(c->fleet);
	struct mac mac;
	int64_t since;
	int rc = state_address_find(st, address, &mac, &since, e);

	if (rc == 0)
		rc = state_phone_find(st, &mac, ret, e);
	return rc == 1 ? state_phone_find_address(st, address, ret, e) : rc;
}

static int explain(struct ctl *c, const char *text, bool all)
{
	struct ip4 address;
	struct phone p;
	struct mac mac;
	struct err e;
	int rc;

	if (parse_ip4("address", text, &address, NULL) == 0)
		rc = phone_at(c, address, &p, &e);
	else if (parse_mac("MAC", text, &mac, NULL) == 0)
		rc = state_phone_find(fleet_state(c->fleet), &mac, &p, &e);
	else
		return (rc = ctl_phone(c, text, &p)) != 0 ? rc : show(c, &p, all);
	if (rc < 0)
		return ctl_fail(&e, NULL);
	return rc == 0 ? show(c, &p, all) : explain_stranger(c, text);
}

enum { OPT_ALL = OPT_OWN };
static const struct option explain_options[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	{ NULL, 0, NULL, 0 },
};

int cmd_explain(struct ctl *c, int argc, char **argv)
{
	bool all = false;
	int opt;

	while ((opt = ctl_option(c, argc, argv, explain_options)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		all = true;
	}
	if (argc - optind != 1)
		return ctl_usage(c, "one phone, by its MAC or its address");
	int rc = ctl_fleet(c, FLEET_READ_ONLY);

	return rc ? rc : explain(c, argv[optind], all);
}
