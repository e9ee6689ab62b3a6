/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep status: the fleet, what needs attention first, and below it what the stages miss. Changes nothing and needs
 * no right to write the TFTP tree. With --safe-to-cut one sentence and an exit code: may power and switches go?
 */
#include <stdlib.h>
#include <string.h>

#include "blind.h"
#include "cleanup.h"
#include "cmds.h"
#include "plan.h"
#include "report_order.h"
#include "shown.h"
#include "stagedir.h"
#include "strbuf.h"
#include "view.h"

#define NOTES_MAX (64 * 1024)
#define BLIND_MAX 2048

struct asked {
	bool wide;
	bool safe_to_cut;
	bool fail_if_stuck;
};

/* ---- the phones */

struct collect {
	struct report_status status;
	size_t cap;
};

static void cleanup_collect(struct collect *k)
{
	free(k->status.phones);
}

static int grow(struct collect *k, struct err *e)
{
	if (k->status.n_phones < k->cap)
		return 0;
	size_t cap = k->cap ? k->cap * 2 : 64;
	struct report_phone *more = reallocarray(k->status.phones, cap, sizeof(*more));

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
	k->status.phones = more;
	k->cap = cap;
	return 0;
}

static void count(struct report_status *s, const struct report_phone *rp)
{
	const struct phone *p = &rp->phone;

	s->counts[p->phase]++;
	s->causes[p->cause] += p->cause != CAUSE_NONE;
	s->stuck[p->cause] += p->cause != CAUSE_NONE && p->phase == PHASE_STUCK;
	s->needs_reboot += phone_is(p, PHONE_NEEDS_REBOOT);
	s->late += phone_is(p, PHONE_LATE);
	s->writing += !rp->unplug.may;
	if (rp->unplug.left_ms > s->writing_ms)
		s->writing_ms = rp->unplug.left_ms;
}

static int take_phone(void *arg, const struct report_phone *rp, struct err *e)
{
	struct collect *k = arg;

	if (grow(k, e))
		return -1;
	k->status.phones[k->status.n_phones++] = *rp;
	count(&k->status, rp);
	return 0;
}

/* ---- what the stages miss */

/* A complete stage that was never published: nobody is let in until it is. In layout = shared there are
 * none to publish. */
static void note_unpublished(const struct config *cfg, const struct plan *pl, struct strbuf *notes)
{
	struct view v;

	if (cfg->layout != LAYOUT_VIEWS)
		return;
	(void)text_copy(v.root, sizeof(v.root), cfg->tftp_root);
	for (unsigned i = 0; i < pl->n_stages; i++) {
		const struct loadset *ls = &pl->stages[i];

		if (ls->complete && view_stage_ready(&v, pl->name, &ls->load, NULL) != 0)
			strbuf_addf(notes,
				    "plan %s, stage %u %s: not published yet (`loadstep publish --apply`)\n",
				    pl->name, i + 1, ls->load.s);
	}
}

static int note_stages(const struct config *cfg, struct strbuf *notes, struct err *e)
{
	for (unsigned i = 0; cfg->tftp_root[0] && i < cfg->n_plans; i++) {
		struct plan pl = cfg->plans[i];

		if (stagedir_loadsets(cfg->tftp_root, &pl, notes, e) < 0)
			return err_wrap(e, "plan %s", pl.name);
		note_unpublished(cfg, &pl, notes);
	}
	return 0;
}

/* ---- */

/* A store that was only ever replayed into is no fleet that somebody should watch. */
static bool worth_watching(const struct report_status *s)
{
	return s->watched_ms || s->writing > 0 ||
	       s->n_phones != s->counts[PHASE_SEEN] + s->counts[PHASE_DONE];
}

static void show_fleet(struct ctl *c, struct report_status *s, const struct report_time *t, bool blind)
{
	CLEANUP(strbuf_fini) struct strbuf notes = STRBUF_INIT(NOTES_MAX);
	struct err e;

	if (!blind && worth_watching(s) && blind_to_missing(fleet_config(c->fleet), t))
		strbuf_add(&notes, "no log is followed: causes from missing files are blind (loadstep agent)\n");

	/* a tree that cannot be read is no reason to hide the phones */
	if (!c->json && note_stages(fleet_config(c->fleet), &notes, &e))
		strbuf_addf(&notes, "%s\n", e.text);
	if (!blind || !worth_watching(s))
		s->blind = "";
	s->notes = strbuf_text(&notes);
	c->report.writer->status(&c->report, s);
}

static int show(struct ctl *c, struct shown *shown, const struct asked *asked)
{
	CLEANUP(cleanup_collect) struct collect k = { .cap = 0 };
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(BLIND_MAX);
	struct report_status *s = &k.status;
	int rc = shown_walk(c, shown, take_phone, &k);

	if (rc != 0)
		return rc;
	report_sort(s->phones, s->n_phones);
	bool blind = blind_look(fleet_config(c->fleet), &shown->time, &why);

	s->generated_ms = shown->time.now_ms;
	s->watched_ms = shown->time.clock.last_tick_wall_ms;
	s->n_all = shown->n_all;
	s->some = !shown_all(shown);
	s->wide = asked->wide;
	s->blind = strbuf_text(&why);
	s->safe = !blind && s->writing == 0 && (!s->some || s->n_phones > 0);
	if (asked->safe_to_cut)
		c->report.writer->safe_to_cut(&c->report, s);
	else
		show_fleet(c, s, &shown->time, blind);
	bool no = (asked->safe_to_cut && !s->safe) || (asked->fail_if_stuck && s->counts[PHASE_STUCK] > 0);

	return no ? EXIT_NO : EXIT_DONE;
}

enum { OPT_FAIL_IF_STUCK = OPT_OWN, OPT_SAFE_TO_CUT, OPT_WIDE };

int cmd_status(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "fail-if-stuck", no_argument, NULL, OPT_FAIL_IF_STUCK },
		{ "safe-to-cut", no_argument, NULL, OPT_SAFE_TO_CUT },
		{ "wide", no_argument, NULL, OPT_WIDE },
		SHOWN_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	CLEANUP(shown_fini) struct shown shown = { .n_all = 0 };
	struct asked asked = { .wide = false };
	int rc = 0;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1 && rc == 0;
	     opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt >= OPT_FILTER)
			rc = shown_option(&shown, opt, optarg);
		asked.fail_if_stuck = asked.fail_if_stuck || opt == OPT_FAIL_IF_STUCK;
		asked.safe_to_cut = asked.safe_to_cut || opt == OPT_SAFE_TO_CUT;
		asked.wide = asked.wide || opt == OPT_WIDE;
	}
	if (rc == 0)
		rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	if (rc == 0)
		rc = shown_operands(c, &shown, argv + optind);
	return rc ? rc : show(c, &shown, &asked);
}
