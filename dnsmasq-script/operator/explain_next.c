/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What loadstep will do with a phone by itself, and when: the engine's promises (fleet_prospect) as sentences with
 * clock times, and what it waits for that no clock tells: the phone, the rollout, a stage's files, its cohort.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "stagedir.h"

static void line(struct explain *x, int64_t at_ms, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void line(struct explain *x, int64_t at_ms, const char *fmt, ...)
{
	va_list ap;

	if (x->n_next == REPORT_NEXT_MAX)
		return;
	struct report_next *n = &x->next[x->n_next++];

	n->at_ms = at_ms;
	va_start(ap, fmt);
	vsnprintf(n->what, sizeof(n->what), fmt, ap);
	va_end(ap);
}

/* ---- by the clock */

static bool by_silence(enum cause c)
{
	return c == CAUSE_SILENT_AFTER_FLASH || c == CAUSE_APP_MISSING_AFTER_LOADER;
}

static void moved(struct explain *x, const struct engine_promise *m, int64_t at)
{
	if (m->proven && m->from != m->to)
		line(x, at,
		     "if it asked for no more of the load: proven, and its link swings to stage %d, %s",
		     m->stage_no, m->load.s);
	else if (m->from == PHASE_CHECKING)
		line(x, at,
		     "when it has been quiet until then, or at its next boot before: its link swings to stage %d, %s",
		     m->stage_no, m->load.s);
	else
		line(x, at, "if nothing more is heard of it: %s", m->note);
}

/* Behind the time: "at 03:24:00 …" */
static void promised(struct explain *x, const struct engine_promise *m)
{
	int64_t at = m->at_ms + x->prospect.skew_ms;

	if (m->moved)
		moved(x, m, at);
	else if (m->to == PHASE_STUCK && m->from != PHASE_STUCK)
		line(x, at, "%s: stuck (%s)",
		     by_silence(m->cause) ? "without a sign of it" : "if it is no further",
		     cause_name(m->cause));
	else if (m->to == PHASE_STUCK && m->note[0])
		line(x, at, "without a sign of it: still stuck, but by %s", cause_name(m->cause));
	else if (m->proven)
		line(x, at, "if it asked for no more of the load: proven%s",
		     m->to == PHASE_DONE ? ", and done" : "");
	else if (m->note[0])
		line(x, at, "if nothing more is heard of it: %s", m->note);
	else if (m->gained & PHONE_NEEDS_REBOOT)
		line(x, at, "unless it boots before: shown as needs-reboot, which is no fault");
	else if (m->gained & PHONE_LATE)
		line(x, at, "shown as late, which changes nothing");
}

/* Promises come true only where somebody keeps time. */
static void watched(struct explain *x)
{
	const int64_t last = x->prospect.watched_ms;
	char when[32];

	if (!last)
		line(x, 0,
		     "nothing by the clock: neither Kea's library nor `loadstep agent` has ever run on this store "
		     "(`loadstep replay` alone watches nobody)");
	else if (x->now_ms - last > 4 * x->cfg->limits.tick_gap)
		line(x, 0,
		     "nobody has kept time since %s: start Kea with its library, or `loadstep agent`; times count "
		     "from then",
		     report_clock(when, last, x->now_ms));
}

/* ---- by other things */

static bool is_published(const struct explain *x, int stage_no)
{
	return stage_no >= 1 && x->prospect.published & 1u << (stage_no - 1);
}

static void missing_stage(struct explain *x, int stage_no)
{
	const struct loadset *ls = x->pl ? plan_stage(x->pl, stage_no) : NULL;
	char what[256] = "";
	struct loadset now;
	struct err e;

	if (!ls || is_published(x, stage_no))
		return;
	if (x->cfg->tftp_root[0] &&
	    stagedir_loadset(x->cfg->tftp_root, &ls->load, &now, what, sizeof(what), &e) != 1)
		what[0] = '\0';
	line(x, 0, "stage %d, %s, is not published%s%s: %s", stage_no, ls->load.s, what[0] ? ", for " : "",
	     what, what[0] ? "`loadstep import` its package" : "`loadstep publish --apply`");
}

static void waiting(struct explain *x)
{
	const struct fleet_prospect *f = &x->prospect;
	bool tentative;
	int entry = x->pl ? plan_entry_stage(x->pl, x->p, &tentative) : 0;

	if (x->cfg->layout == LAYOUT_SHARED) {
		line(x, 0,
		     "it is let in when the phones now on stage %d of plan %s (%d, of whom %d are through) have come "
		     "to the end of the plan",
		     f->cohort.stage_no, x->p->plan, f->members, f->settled);
		return;
	}
	missing_stage(x, entry);
	if (x->cfg->max_at_once && f->on_way >= x->cfg->max_at_once)
		line(x, 0, "it is let in when one of the %d on their way is done (max-at-once = %d)",
		     f->on_way, x->cfg->max_at_once);
	else if (!f->room)
		line(x, 0, "nobody is let in: %d of %d started phones are stuck (halt-at = %d%%)", f->stuck,
		     f->started, x->cfg->halt_at);
	else if (is_published(x, entry))
		line(x, 0, "it is let into stage %d within seconds", entry);
}

static void seen(struct explain *x)
{
	const struct phone *p = x->p;

	if (!x->pl)
		line(x, 0, "nothing: no plan in force is for it");
	else if (p->cause == CAUSE_WRONG_FAMILY || p->cause == CAUSE_SIP_TOO_OLD)
		line(x, 0, "nothing: it has left its plan");
	else if (phone_is(p, PHONE_FORGOTTEN) || !x->pl->automatic)
		line(x, 0, "nothing: %s",
		     phone_is(p, PHONE_FORGOTTEN)
			     ? "it was taken off its way, and only `loadstep start` lets it go again"
			     : "its plan says start = by-hand");
	else if (phone_is(p, PHONE_PROVISIONED) && !x->pl->provisioned)
		line(x, 0,
		     "nothing: it has a configuration file of its own, and plan %s does not say provisioned = yes",
		     x->pl->name);
	else
		line(x, 0, "at its next boot in the plan's networks plan %s starts it (start = automatic)",
		     x->pl->name);
}

static void proven(struct explain *x)
{
	const struct fleet_prospect *f = &x->prospect;

	if (phone_is(x->p, PHONE_STOPPED))
		line(x, 0, "nothing: it was stopped; `loadstep start` lets it go on");
	else if (x->cfg->layout == LAYOUT_SHARED)
		line(x, 0,
		     "the root names the next load when all %d phones of the cohort on stage %d are proven, stuck or silent for "
		     "too long; so far %d of them",
		     f->members, f->cohort.stage_no, f->settled);
	else
		missing_stage(x, x->p->stage_no + 1);
}

/* What it is looked for in, of a phone that was told of its load. */
static void awaited(struct explain *x)
{
	switch (x->p->phase) {
	case PHASE_OFFERED:
		line(x, 0, "when it next reads its configuration it is told %s, and fetches it",
		     x->p->load.s);
		break;
	case PHASE_DOWNLOADING:
		line(x, 0, "it fetches the rest of the load, writes it and boots");
		break;
	case PHASE_HALF_FLASHED:
		line(x, 0, "it boots with the new loader and fetches the application from the same stage");
		break;
	case PHASE_FLASHING:
		line(x, 0,
		     "it boots by itself when it has written the load; its next questions tell whether it runs it");
		break;
	case PHASE_STUCK:
		line(x, 0,
		     "it stays on its stage, and whatever it fetches of its load brings it back on its way");
		break;
	case PHASE_DONE:
		line(x, 0,
		     phone_is(x->p, PHONE_ON_LAST)
			     ? "it goes back to the plain root as soon as it has a file of its own there, or the root's "
			       "XMLDefault names its load"
			     : "nothing more: its way is at its end");
		break;
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_CHECKING:
	case PHASE_COUNT:
		break;
	}
}

void explain_next(struct explain *x, int64_t *ret_limit_ms)
{
	const struct fleet_prospect *f = &x->prospect;

	*ret_limit_ms = 0;
	watched(x);
	awaited(x);
	if (x->p->phase == PHASE_SEEN)
		seen(x);
	else if (x->p->phase == PHASE_WAITING)
		waiting(x);
	else if (x->p->phase == PHASE_CHECKING && phone_is(x->p, PHONE_PROVEN))
		proven(x);
	for (unsigned i = 0; i < f->n && f->watched_ms; i++) {
		promised(x, &f->a[i]);
		if (!*ret_limit_ms && f->a[i].to == PHASE_STUCK && f->a[i].from != PHASE_STUCK)
			*ret_limit_ms = f->a[i].at_ms + f->skew_ms;
	}
	if (phone_is(x->p, PHONE_STOPPED) && phone_on_way(x->p) && !phone_is(x->p, PHONE_PROVEN))
		line(x, 0, "it finishes this stage and goes no further: it was stopped");
}
