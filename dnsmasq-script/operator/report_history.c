/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One pass over the history: each entry is counted where it belongs, and nothing of it is kept. Entries come in the
 * order in which they were judged, which is the order of phases; their times may jump a little (D§2), so a phone's
 * standing never goes back in time here.
 */
#include "report_history.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "engine.h"
#include "plan.h"

#define SECOND_MS ((int64_t)1000)
#define HOUR_MS (3600 * SECOND_MS)
#define DAY_MS (24 * HOUR_MS)
#define SAME_BOOT_MS (2 * SECOND_MS) /* no phone boots twice within it: entries of one boot */
#define LEAST_MS (60 * SECOND_MS)    /* less is no axis to read */
#define UNSET 255

/* Where the pass is with one phone. */
struct cursor {
	int64_t id;
	size_t track;
	unsigned band;
	int64_t at_ms; /* of its last change of standing */
	int64_t boot_ms;
};

struct pass {
	struct report_fleet *f;
	const struct config *cfg;
	struct cursor *cursors; /* owned; by id */
};

static void cleanup_pass(struct pass *x)
{
	free(x->cursors);
}

/* ---- time into bins */

static const int64_t widths_ms[] = {
	5 * SECOND_MS,	 10 * SECOND_MS,  15 * SECOND_MS, 30 * SECOND_MS, 60 * SECOND_MS, 120 * SECOND_MS,
	300 * SECOND_MS, 600 * SECOND_MS, HOUR_MS / 4,	  HOUR_MS / 2,	  HOUR_MS,	  2 * HOUR_MS,
	3 * HOUR_MS,	 6 * HOUR_MS,	  12 * HOUR_MS,	  DAY_MS,	  2 * DAY_MS,	  7 * DAY_MS,
	14 * DAY_MS,	 28 * DAY_MS,	  91 * DAY_MS,	  364 * DAY_MS,
};
#define N_WIDTHS (sizeof(widths_ms) / sizeof(widths_ms[0]))

/* The narrowest that is at least `least` and takes `span` in fewer than `max` steps. */
static int64_t width_for(int64_t span, int64_t least, int64_t max)
{
	size_t i = 0;

	while (i < N_WIDTHS - 1 && (widths_ms[i] < least || span / widths_ms[i] + 2 > max))
		i++;
	int64_t width = widths_ms[i];
	while (span / width + 2 > max)
		width *= 2;
	return width;
}

static int64_t floor_to(int64_t at, int64_t width, int64_t zone)
{
	return at - (((at + zone) % width) + width) % width;
}

/* An old log that was replayed ends when it ends; of a fleet that lives the silence up to now is part of the story. */
static int64_t end_of(const struct report_fleet_query *q, int64_t from, int64_t last)
{
	int64_t silence = q->now_ms - last;
	int64_t allowed = last - from > HOUR_MS ? last - from : HOUR_MS;

	return silence > 0 && (q->since_ms || silence <= allowed) ? q->now_ms : last;
}

static int set_bins(struct report_fleet *f, struct state *st, const struct report_fleet_query *q,
		    struct err *e)
{
	int64_t to = q->now_ms, from = to;
	int rc = state_history_span(st, &from, &to, e);

	if (rc < 0)
		return -1;
	f->last_event_ms = rc == 0 ? to : 0;
	if (q->since_ms)
		from = q->since_ms;
	to = end_of(q, from, to);
	if (from > to - LEAST_MS)
		from = to - LEAST_MS;
	f->bin_ms = width_for(to - from, widths_ms[0], REPORT_BINS_MAX);
	f->from_ms = floor_to(from, f->bin_ms, q->zone_ms);
	f->n_bins = (unsigned)((to - f->from_ms) / f->bin_ms) + 1;
	f->to_ms = f->from_ms + f->n_bins * f->bin_ms;
	f->spell_ms = width_for(to - from, HOUR_MS, REPORT_SPELLS_MAX);
	f->spell_from_ms = floor_to(from, f->spell_ms, q->zone_ms);
	f->n_spells = (unsigned)((to - f->spell_from_ms) / f->spell_ms) + 1;
	return 0;
}

/* -1: before the first bin. Nothing lies behind the last. */
static int bin_of(const struct report_fleet *f, int64_t at_ms)
{
	int64_t n = (at_ms - f->from_ms) / f->bin_ms;

	return at_ms < f->from_ms ? -1 : n < f->n_bins ? (int)n : (int)f->n_bins - 1;
}

/* ---- phones */

static int by_id(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int set_cursors(struct pass *x, struct err *e)
{
	x->cursors = calloc(x->f->n_tracks + 1, sizeof(*x->cursors));
	if (!x->cursors)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", x->f->n_tracks);
	for (size_t i = 0; i < x->f->n_tracks; i++)
		x->cursors[i] = (struct cursor){
			.id = x->f->tracks[i].subject.phone.id,
			.track = i,
			.band = BAND_NONE,
		};
	qsort(x->cursors, x->f->n_tracks, sizeof(*x->cursors), by_id);
	return 0;
}

static struct report_lane *lane_of(struct report_fleet *f, const struct cursor *c)
{
	return c->track < f->n_lanes ? &f->lanes[c->track] : NULL;
}

/* The phone stands in `band` from then on. */
static void stand(struct report_fleet *f, struct cursor *c, int64_t at_ms, unsigned band)
{
	struct report_lane *lane = lane_of(f, c);
	int bin;

	if (band == c->band)
		return;
	if (at_ms > c->at_ms)
		c->at_ms = at_ms;
	bin = bin_of(f, c->at_ms);
	if (bin < 0)
		bin = 0;
	int(*over)[BAND_COUNT] = f->plans[f->tracks[c->track].plan_idx].over;

	if (c->band != BAND_NONE)
		over[bin][c->band]--;
	over[bin][band]++;
	if (lane)
		lane->band[bin] = (uint8_t)band;
	c->band = band;
}

static void mark(struct report_fleet *f, const struct cursor *c, int bin, unsigned what)
{
	struct report_lane *lane = lane_of(f, c);

	if (bin < 0)
		return;
	if (lane) {
		lane->marks[bin] |= (uint8_t)what;
		return;
	}
	unsigned *marks = f->groups[f->tracks[c->track].group].marks[bin];

	marks[0] += (what & LANE_FETCH) != 0;
	marks[1] += (what & LANE_PROOF) != 0;
	marks[2] += (what & LANE_FAULT) != 0;
}

/* ---- entries */

/* A further note of one event is an entry of its own, without the event's file. */
static void count(struct report_bin *b, const struct history *h, bool boot, bool proof, bool finished)
{
	bool file = h->file[0] != '\0';

	if (file && h->kind == EVENT_SENT) {
		b->sent++;
		b->unsized += h->bytes < 0;
		b->bytes += h->bytes > 0 ? h->bytes : 0;
	}
	b->missing += file && h->kind == EVENT_MISSING;
	b->failed += file && h->kind == EVENT_FAILED;
	b->boots += boot;
	b->proofs += proof;
	b->finished += finished;
}

static const unsigned load_classes =
	1u << FILE_CLASS_MANIFEST | 1u << FILE_CLASS_LOADER | 1u << FILE_CLASS_APP | 1u << FILE_CLASS_IMAGE;

/* It did not get a file that it needs: most names that are missing need not be there (F§2). */
static bool is_fault(const struct pass *x, const struct phone *p, const struct history *h)
{
	int stage_no;

	if (h->file[0] == '\0' || (h->kind != EVENT_MISSING && h->kind != EVENT_FAILED))
		return false;
	if (h->kind == EVENT_FAILED)
		return true;
	const struct plan *pl = p->plan[0] ? config_plan(x->cfg, p->plan) : NULL;
	enum file_class class =
		pl ? plan_file_class(pl, h->stage_no, p, h->file, &stage_no) : FILE_CLASS_OTHER;

	return (load_classes & 1u << class) != 0;
}

static void fault(struct report_fleet *f, struct cursor *c, const struct history *h)
{
	struct report_lane *lane = lane_of(f, c);

	f->tracks[c->track].faults++;
	mark(f, c, bin_of(f, h->at_ms), LANE_FAULT);
	if (!lane)
		return;
	lane->fault = h->kind;
	lane->fault_ms = h->at_ms;
	(void)text_copy(lane->fault_file, sizeof(lane->fault_file), h->file);
}

static void of_phone(struct pass *x, struct cursor *c, const struct history *h, bool proof, bool finished)
{
	struct report_fleet *f = x->f;
	struct report_track *t = &f->tracks[c->track];
	bool on_stage = h->stage_no >= 1 && h->stage_no <= PLAN_STAGES_MAX;

	stand(f, c, h->at_ms, report_band(h->to, h->stage_no));
	if (h->kind == EVENT_SENT && h->file[0]) {
		t->files++;
		t->bytes += h->bytes > 0 ? h->bytes : 0;
		mark(f, c, bin_of(f, h->at_ms), LANE_FETCH);
	}
	if (is_fault(x, &t->subject.phone, h))
		fault(f, c, h);
	if (proof && on_stage)
		t->proven_ms[h->stage_no - 1] = h->at_ms;
	if (proof)
		mark(f, c, bin_of(f, h->at_ms), LANE_PROOF);
	if (finished)
		t->finished_ms = h->at_ms;
	else if (h->from == PHASE_DONE && h->to != PHASE_DONE)
		t->finished_ms = 0;
}

static int take_entry(void *arg, const struct history *h, struct err *e)
{
	struct pass *x = arg;
	struct report_fleet *f = x->f;
	struct cursor key = { .id = h->phone_id };
	struct cursor *c = bsearch(&key, x->cursors, f->n_tracks, sizeof(key), by_id);
	bool proof = engine_note_proven(h->note);
	bool finished = h->to == PHASE_DONE && h->from != PHASE_DONE && h->from != PHASE_SEEN;
	bool boot =
		h->kind == EVENT_BOOT && !(c && c->boot_ms && llabs(h->at_ms - c->boot_ms) < SAME_BOOT_MS);
	enum cause cause;
	int bin = bin_of(f, h->at_ms);

	(void)e;
	if (c && boot)
		c->boot_ms = h->at_ms;
	count(&f->total, h, boot, proof, finished);
	if (bin >= 0)
		count(&f->bins[bin], h, boot, proof, finished);
	if (finished && h->at_ms >= f->spell_from_ms) {
		int64_t n = (h->at_ms - f->spell_from_ms) / f->spell_ms;

		f->finished[n < f->n_spells ? n : f->n_spells - 1]++;
	}
	if (h->note[0] && cause_parse(h->note, &cause) == 0)
		f->causes[cause].times++;
	if (c)
		of_phone(x, c, h, proof, finished);
	return 0;
}

/* ---- from changes to numbers */

/* A phone without history, or with one that was cut: where it is now is known all the same. */
static void stand_now(struct report_fleet *f, struct cursor *c)
{
	const struct phone *p = &f->tracks[c->track].subject.phone;
	int64_t at = c->band == BAND_NONE && p->since_ms > 0 && p->since_ms < f->to_ms ? p->since_ms
										       : f->to_ms - 1;

	stand(f, c, at, report_band(p->phase, p->stage_no));
}

static void sum_up(struct report_fleet *f)
{
	for (size_t i = 0; i < f->n_plans; i++) {
		struct report_plan *pl = &f->plans[i];

		for (unsigned b = 1; b < f->n_bins; b++) {
			for (unsigned k = 0; k < BAND_COUNT; k++)
				pl->over[b][k] += pl->over[b - 1][k];
		}
	}
	for (size_t i = 0; i < f->n_lanes; i++) {
		uint8_t band = BAND_NONE;

		for (unsigned b = 0; b < f->n_bins; b++) {
			if (f->lanes[i].band[b] != UNSET)
				band = f->lanes[i].band[b];
			f->lanes[i].band[b] = band;
		}
	}
	for (size_t i = 0; i < f->n_tracks; i++) {
		const struct report_track *t = &f->tracks[i];

		for (unsigned s = 0; s < PLAN_STAGES_MAX; s++)
			f->plans[t->plan_idx].proven[s] += t->proven_ms[s] != 0;
	}
}

int report_history_collect(struct report_fleet *f, struct state *st, const struct config *cfg,
			   const struct report_fleet_query *q, struct err *e)
{
	CLEANUP(cleanup_pass) struct pass x = { .f = f, .cfg = cfg };

	if (set_bins(f, st, q, e) || set_cursors(&x, e))
		return -1;
	for (size_t i = 0; i < f->n_lanes; i++)
		memset(f->lanes[i].band, UNSET, sizeof(f->lanes[i].band));
	if (state_history_list(st, 0, 0, 0, take_entry, &x, e))
		return -1;
	for (size_t i = 0; i < f->n_tracks; i++)
		stand_now(f, &x.cursors[i]);
	sum_up(f);
	return 0;
}
