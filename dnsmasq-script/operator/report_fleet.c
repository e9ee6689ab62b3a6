/* SPDX-License-Identifier: MPL-2.0 */
/* The fleet in numbers: its phones, their plans, and who has a lane; see report_fleet.h. The pass over the history is
 * report_history.c's. */
#include "report_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "report_history.h"

void report_fleet_free(struct report_fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_lanes; i++)
		free(f->lanes[i].fetches);
	free(f->plans);
	free(f->tracks);
	free(f->lanes);
	free(f->groups);
	free(f);
}

void cleanup_report_fleet(struct report_fleet **f)
{
	report_fleet_free(*f);
}

unsigned report_band(enum phase p, int stage_no)
{
	switch (p) {
	case PHASE_SEEN:
		return BAND_SEEN;
	case PHASE_WAITING:
		return BAND_WAITING;
	case PHASE_DONE:
		return BAND_DONE;
	case PHASE_STUCK:
		return BAND_STUCK;
	case PHASE_OFFERED:
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
	case PHASE_CHECKING:
	case PHASE_COUNT:
		break;
	}
	int stage = stage_no < 1 ? 1 : stage_no > PLAN_STAGES_MAX ? PLAN_STAGES_MAX : stage_no;

	return BAND_STAGE + (unsigned)stage - 1;
}

const char *report_band_name(char buf[static 32], unsigned band)
{
	static const char *const names[BAND_COUNT] = {
		[BAND_SEEN] = "not started",
		[BAND_WAITING] = "waiting",
		[BAND_DONE] = "done",
		[BAND_STUCK] = "stuck",
	};

	if (band < BAND_COUNT && names[band])
		return names[band];
	if (band == BAND_NONE)
		return "not known yet";
	snprintf(buf, 32, "stage %u", band - BAND_STAGE + 1);
	return buf;
}

/* ---- plans */

static struct report_plan *plan_add(struct report_fleet *f, const char *name, struct err *e)
{
	struct report_plan *more = reallocarray(f->plans, f->n_plans + 1, sizeof(*more));

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu plans", f->n_plans + 1), NULL;
	f->plans = more;
	struct report_plan *pl = &f->plans[f->n_plans++];

	memset(pl, 0, sizeof(*pl));
	(void)text_copy(pl->name, sizeof(pl->name), name);
	return pl;
}

static int plans_in_force(struct report_fleet *f, const struct config *cfg, struct err *e)
{
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		struct report_plan *pl = plan_add(f, cfg->plans[i].name, e);

		if (!pl)
			return -1;
		pl->n_stages = cfg->plans[i].n_stages;
		for (unsigned s = 0; s < pl->n_stages; s++)
			pl->loads[s] = cfg->plans[i].stages[s].load;
	}
	return 0;
}

static struct report_plan *plan_named(struct report_fleet *f, const char *name, struct err *e)
{
	for (size_t i = 0; i < f->n_plans; i++) {
		if (strcmp(f->plans[i].name, name) == 0)
			return &f->plans[i];
	}
	return plan_add(f, name, e);
}

/* A plan that is no longer in force has the stages that its phones still know of. */
static void plan_count(struct report_plan *pl, const struct phone *p, bool in_force)
{
	bool on_stage = p->stage_no >= 1 && p->stage_no <= PLAN_STAGES_MAX;

	pl->n_phones++;
	pl->phases[p->phase]++;
	if (on_stage && !in_force && pl->name[0]) {
		if (pl->n_stages < (unsigned)p->stage_no)
			pl->n_stages = (unsigned)p->stage_no;
		pl->loads[p->stage_no - 1] = p->load;
	}
	if (on_stage && phone_on_way(p)) {
		pl->here[p->stage_no - 1]++;
		pl->stuck[p->stage_no - 1] += p->phase == PHASE_STUCK;
	}
}

/* ---- phones */

struct collect {
	struct report_fleet *f;
	const struct config *cfg;
	struct report_time time;
	size_t cap;
};

static int take_phone(void *arg, const struct phone *p, struct err *e)
{
	struct collect *k = arg;
	struct report_fleet *f = k->f;

	if (f->n_tracks == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 64;
		struct report_track *more = reallocarray(f->tracks, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
		f->tracks = more;
		k->cap = cap;
	}
	f->tracks[f->n_tracks] = (struct report_track){ .plan_idx = 0 };
	report_phone_fill(&f->tracks[f->n_tracks++].subject, p, k->cfg, &k->time);
	return 0;
}

static int count_phone(struct report_fleet *f, const struct config *cfg, struct report_track *t,
		       struct err *e)
{
	const struct phone *p = &t->subject.phone;
	const struct plan *in_force = p->plan[0] ? config_plan(cfg, p->plan) : NULL;
	struct report_plan *pl = plan_named(f, p->plan, e);

	if (!pl)
		return -1;
	t->plan_idx = (unsigned)(pl - f->plans);
	plan_count(pl, p, in_force != NULL);
	f->phases[p->phase]++;
	f->writing += !t->subject.unplug.may;
	f->needs_reboot += phone_is(p, PHONE_NEEDS_REBOOT);
	f->causes[p->cause].phones += p->cause != CAUSE_NONE;
	return 0;
}

enum report_attention report_attention(const struct report_phone *rp)
{
	const struct phone *p = &rp->phone;

	if (p->phase == PHASE_STUCK || p->cause != CAUSE_NONE)
		return ATTENTION_TROUBLE;
	if (!rp->unplug.may)
		return ATTENTION_WRITING;
	if (phone_is(p, PHONE_NEEDS_REBOOT) || phone_is(p, PHONE_LATE))
		return ATTENTION_LOOK;
	if (phone_on_way(p))
		return ATTENTION_ON_WAY;
	return p->phase == PHASE_WAITING ? ATTENTION_WAITING
	       : p->phase == PHASE_DONE	 ? ATTENTION_DONE
					 : ATTENTION_SEEN;
}

static int by_attention(const void *a, const void *b)
{
	const struct report_track *x = a, *y = b;
	const struct phone *p = &x->subject.phone, *q = &y->subject.phone;
	int order = (int)report_attention(&x->subject) - (int)report_attention(&y->subject);

	if (order == 0)
		order = x->plan_idx < y->plan_idx ? -1 : x->plan_idx > y->plan_idx;
	if (order == 0)
		order = memcmp(p->mac.b, q->mac.b, sizeof(p->mac.b));
	return order ? order : p->id < q->id ? -1 : p->id > q->id;
}

static int take_phones(struct report_fleet *f, struct state *st, const struct config *cfg, struct err *e)
{
	struct collect k = { .f = f, .cfg = cfg, .time.now_ms = f->generated_ms };

	if (state_clock_get(st, &k.time.clock, e))
		return -1;
	if (plans_in_force(f, cfg, e) || state_phone_list(st, take_phone, &k, e))
		return -1;
	for (size_t i = 0; i < f->n_tracks; i++) {
		if (count_phone(f, cfg, &f->tracks[i], e))
			return -1;
	}
	if (f->n_tracks > 0)
		qsort(f->tracks, f->n_tracks, sizeof(*f->tracks), by_attention);
	return 0;
}

/* ---- lanes: the first phones have one each, the others share one with their like */

static struct report_group *group_of(struct report_fleet *f, unsigned plan_idx, unsigned band, struct err *e)
{
	for (size_t i = 0; i < f->n_groups; i++) {
		if (f->groups[i].plan_idx == plan_idx && f->groups[i].band == band)
			return &f->groups[i];
	}
	struct report_group *more = reallocarray(f->groups, f->n_groups + 1, sizeof(*more));

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu groups", f->n_groups + 1), NULL;
	f->groups = more;
	f->groups[f->n_groups] = (struct report_group){ .plan_idx = plan_idx, .band = band };
	return &f->groups[f->n_groups++];
}

static int make_lanes(struct report_fleet *f, struct err *e)
{
	size_t n = f->n_tracks < REPORT_LANES_MAX ? f->n_tracks : REPORT_LANES_MAX;

	f->lanes = calloc(n + 1, sizeof(*f->lanes));
	if (!f->lanes)
		return err_set(e, ERR_SYSTEM, "no memory for %zu lanes", n);
	f->n_lanes = n;
	for (size_t i = n; i < f->n_tracks; i++) {
		const struct phone *p = &f->tracks[i].subject.phone;
		struct report_group *g =
			group_of(f, f->tracks[i].plan_idx, report_band(p->phase, p->stage_no), e);

		if (!g)
			return -1;
		g->n_phones++;
		f->tracks[i].group = (size_t)(g - f->groups);
	}
	return 0;
}

static int take_fetch(void *arg, const struct fetch *fe, struct err *e)
{
	struct report_lane *l = arg;
	struct fetch *more = reallocarray(l->fetches, l->n_fetches + 1, sizeof(*more));

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu fetches", l->n_fetches + 1);
	l->fetches = more;
	l->fetches[l->n_fetches++] = *fe;
	return 0;
}

static int take_fetches(struct report_fleet *f, struct state *st, struct err *e)
{
	for (size_t i = 0; i < f->n_lanes; i++) {
		if (state_fetch_list(st, f->tracks[i].subject.phone.id, take_fetch, &f->lanes[i], e))
			return -1;
	}
	return 0;
}

int report_fleet_collect(struct state *st, const struct config *cfg, const struct report_fleet_query *q,
			 struct report_fleet **ret, struct err *e)
{
	struct report_fleet *f = calloc(1, sizeof(*f));

	*ret = f;
	if (!f)
		return err_set(e, ERR_SYSTEM, "no memory for a report");
	f->generated_ms = q->now_ms;
	f->since_ms = q->since_ms;
	if (take_phones(f, st, cfg, e) || make_lanes(f, e))
		return -1;
	if (report_history_collect(f, st, cfg, q, e) || take_fetches(f, st, e))
		return -1;
	return 0;
}
