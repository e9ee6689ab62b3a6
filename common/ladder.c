/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Stages out of a target, and steps against the path rules. What is imported is looked at once, and only when a load
 * has to be named: a way that leads through what is there comes before one that does not.
 */
#include "ladder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "stagedir.h"

struct whole_load {
	struct load_name load;
	struct release release;
	enum path_band band;
};

struct ladder {
	struct config *cfg;
	struct strbuf *faults;
	struct strbuf *notes;
	unsigned n_faults;
	bool looked;
	size_t n;
	struct whole_load *loads; /* owned */
};

static void ladder_fini(struct ladder *l)
{
	free(l->loads);
}

static void fault(struct ladder *l, const struct plan *pl, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void fault(struct ladder *l, const struct plan *pl, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	strbuf_addf(l->faults, "%s:%u: [plan %s] %s: %s\n", l->cfg->path, pl->ladder_line, pl->name,
		    pl->target.s[0] ? "target" : "stages", text);
	l->n_faults++;
}

/* ---- what is imported */

static int add_load(void *arg, const struct loadset *ls, struct err *e)
{
	struct ladder *l = arg;
	struct whole_load w = { .load = ls->load };
	struct whole_load *more;

	if (release_of(&w.load, &w.release) != 0 || path_band_of(&w.release, &w.band) != 0)
		return 0;
	more = realloc(l->loads, (l->n + 1) * sizeof(*more));
	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu loads", l->n + 1);
	l->loads = more;
	l->loads[l->n++] = w;
	return 0;
}

static int look(struct ladder *l, struct err *e)
{
	if (l->looked || !l->cfg->tftp_root[0])
		return 0;
	l->looked = true;
	return stagedir_imported(l->cfg->tftp_root, add_load, l, e);
}

/* Newer first; of one release the name decides, so that the choice is always the same. */
static bool is_newer(const struct whole_load *a, const struct whole_load *b)
{
	for (int i = 0; i < 3; i++)
		if (a->release.v[i] != b->release.v[i])
			return a->release.v[i] > b->release.v[i];
	if (a->release.sr != b->release.sr)
		return a->release.sr > b->release.sr;
	return strcmp(a->load.s, b->load.s) > 0;
}

/* The imported load of that band and family: of the same protocol where there is one, the newest. NULL = none. */
static const struct whole_load *pick(const struct ladder *l, enum path_band b, const struct release *like)
{
	const struct whole_load *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct whole_load *w = &l->loads[i];
		bool same = w->release.proto == like->proto;

		if (w->band != b || strcmp(w->release.family, like->family) != 0)
			continue;
		bool best_same = best && best->release.proto == like->proto;
		if (!best || (same && !best_same) || (same == best_same && is_newer(w, best)))
			best = w;
	}
	return best;
}

static bool is_whole(const struct ladder *l, const struct load_name *load)
{
	for (size_t i = 0; i < l->n; i++)
		if (load_name_equal(&l->loads[i].load, load))
			return true;
	return false;
}

/* "P00305000500 (SCCP 5.x)": the imported one, else an example. */
static void add_band(const struct ladder *l, enum path_band b, const struct release *like, struct strbuf *sb)
{
	const struct whole_load *w = pick(l, b, like);
	struct load_name load = { .s = "any load" };

	if (w)
		load = w->load;
	else
		(void)path_band_load(b, like->family, like->proto, &load);
	strbuf_addf(sb, "%s%s (%s)", sb->len ? ", " : "", load.s, path_band_words(b));
}

/* ---- is each load for the plan's phones? */

static const struct model *model_of(const char *name)
{
	const struct model *m = model_find(name);

	return m ? m : model_find("7940"); /* unnamed */
}

static void add_models(const char *family, struct strbuf *sb)
{
	const struct model *m;

	for (unsigned i = 0; (m = model_at(i)) != NULL; i++)
		if (family[0] && strcmp(m->family, family) == 0)
			strbuf_addf(sb, "%s%s", sb->len ? ", " : "", m->name);
}

/* 0; 1 = not, told. */
static int check_family(struct ladder *l, const struct plan *pl, const struct load_name *load)
{
	for (unsigned i = 0; i < pl->n_models; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(256);

		if (model_takes(model_of(pl->models[i]), load->s) != 1)
			continue;
		add_models(load_family(load->s), &sb);
		fault(l, pl, "%s is a load for %s%s; the plan is for the %s, too, which never takes it",
		      load->s, sb.len ? "the " : "other phones", strbuf_text(&sb),
		      model_of(pl->models[i])->name);
		return 1;
	}
	return 0;
}

/* ---- steps */

enum path_step ladder_step(const struct plan *pl, int stage_no, struct path *ret_way)
{
	const struct loadset *from = plan_stage(pl, stage_no - 1), *to = plan_stage(pl, stage_no);

	if (from && to)
		return path_step(&from->load, &to->load, ret_way);
	if (ret_way)
		ret_way->n = 0;
	return STEP_UNJUDGED;
}

bool ladder_forced(const struct plan *pl, int stage_no)
{
	const struct loadset *to = plan_stage(pl, stage_no);

	return to && plan_step_unsafe(pl, &to->load) && ladder_step(pl, stage_no, NULL) == STEP_UNKNOWN;
}

unsigned ladder_force(struct config *cfg, const struct load_name *load)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cfg->n_plans; i++) {
		struct plan *pl = &cfg->plans[i];

		if (ladder_step(pl, plan_stage_of(pl, load), NULL) != STEP_UNKNOWN)
			continue;
		n++;
		if (!plan_step_unsafe(pl, load) && pl->n_unsafe < PLAN_STAGES_MAX)
			pl->unsafe[pl->n_unsafe++] = *load;
	}
	return n;
}

/* The oldest code that the plan's phones may run, for who is to take loads like this. */
static enum path_band start_of(const struct plan *pl, const struct release *like)
{
	if (like->generation == GEN_JAVA)
		return path_start_band(PATH_START_JAVA);
	for (unsigned i = 0; i < pl->n_models; i++)
		if (strcmp(pl->models[i], "unnamed") == 0)
			return path_start_band(PATH_START_UNNAMED);
	return path_start_band(PATH_START_CLASSIC);
}

/* What stands between, in words: all of the way but its end. */
static void add_between(const struct ladder *l, const struct path *way, const struct load_name *to,
			struct strbuf *sb)
{
	struct release like;

	if (release_of(to, &like) != 0)
		return;
	for (unsigned i = 0; i + 1 < way->n; i++)
		add_band(l, way->to[i], &like, sb);
}

static void refuse_step(struct ladder *l, const struct plan *pl, int stage_no, const struct path *way)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
	const char *from = plan_stage(pl, stage_no - 1)->load.s;
	const struct load_name *to = &plan_stage(pl, stage_no)->load;

	add_between(l, way, to, &sb);
	if (sb.len)
		fault(l, pl, "%s cannot follow %s in one step: put %s between; unsafe-steps = %s takes it all the same",
		      to->s, from, strbuf_text(&sb), to->s);
	else
		fault(l, pl, "%s cannot follow %s: no way is known; unsafe-steps = %s takes it all the same",
		      to->s, from, to->s);
}

static void note_step(struct ladder *l, const struct plan *pl, int stage_no, const struct path *doubted)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
	const struct load_name *from = &plan_stage(pl, stage_no - 1)->load;
	const struct load_name *to = &plan_stage(pl, stage_no)->load;

	if (!l->notes)
		return;
	strbuf_addf(l->notes, "plan %s, stage %d: the step from %s to %s is ", pl->name, stage_no, from->s, to->s);
	if (!doubted) {
		strbuf_add(l->notes, "forced (unsafe-steps); it is not known to work\n");
		return;
	}
	add_between(l, doubted, to, &sb);
	strbuf_addf(l->notes, "doubted (%s); safer with %s between\n", path_step_source(from, to),
		    strbuf_text(&sb));
}

/* The first load may be too far from what some of the plan's phones run. Whether there are such is not known: no fault. */
static void note_start(struct ladder *l, const struct plan *pl)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
	const struct loadset *first = plan_stage(pl, 1);
	enum path_band from, to;
	struct release like;
	struct path way;

	if (!l->notes || !first || release_of(&first->load, &like) != 0 || path_band_of(&like, &to) != 0)
		return;
	from = start_of(pl, &like);
	if (path_find(from, to, &way) != 0 || way.n < 2)
		return;
	add_between(l, &way, &first->load, &sb);
	strbuf_addf(l->notes, "plan %s, stage 1: phones that run %s do not take %s; they need %s before it\n", pl->name,
		    path_band_words(from), first->load.s, strbuf_text(&sb));
}

static int check_step(struct ladder *l, const struct plan *pl, int stage_no, struct err *e)
{
	struct path way;

	switch (ladder_step(pl, stage_no, &way)) {
	case STEP_KNOWN:
	case STEP_UNJUDGED:
	case STEP_FAMILY:   /* one of the two is not for the plan's models: told */
	case STEP_UNSIGNED: /* told by the parser */
		return 0;
	case STEP_DOUBTED:
	case STEP_UNKNOWN:
		break;
	}
	if (look(l, e) < 0)
		return -1;
	if (ladder_step(pl, stage_no, NULL) == STEP_DOUBTED)
		note_step(l, pl, stage_no, &way);
	else if (ladder_forced(pl, stage_no))
		note_step(l, pl, stage_no, NULL);
	else
		refuse_step(l, pl, stage_no, &way);
	return 0;
}

/* ---- a target */

static uint32_t bands_here(const struct ladder *l, const struct release *like)
{
	uint32_t bits = 0;

	for (int b = 0; b < PATH_BANDS; b++)
		bits |= pick(l, (enum path_band)b, like) ? UINT32_C(1) << b : 0;
	return bits;
}

static void take_stages(const struct ladder *l, struct plan *pl, const struct path *way,
			const struct release *like)
{
	pl->n_stages = 0;
	for (unsigned i = 0; i + 1 < way->n; i++)
		loadset_from_name(&pick(l, way->to[i], like)->load, &pl->stages[pl->n_stages++]);
	loadset_from_name(&pl->target, &pl->stages[pl->n_stages++]);
}

/* How many loads of this way are not here; their names, and the whole way, in words. */
static unsigned missing_of(const struct ladder *l, const struct plan *pl, const struct path *way,
			   const struct release *like, struct strbuf *missing, struct strbuf *whole)
{
	unsigned n = 0;

	strbuf_reset(missing);
	strbuf_reset(whole);
	for (unsigned i = 0; i + 1 < way->n; i++) {
		add_band(l, way->to[i], like, whole);
		if (pick(l, way->to[i], like))
			continue;
		add_band(l, way->to[i], like, missing);
		n++;
	}
	strbuf_addf(whole, "%s%s", whole->len ? ", " : "", pl->target.s);
	if (is_whole(l, &pl->target))
		return n;
	strbuf_addf(missing, "%s%s", missing->len ? ", " : "", pl->target.s);
	return n + 1;
}

/* Of the ways that are known the one that lacks least. */
static void refuse_target(struct ladder *l, const struct plan *pl, enum path_band from, enum path_band to,
			  const struct release *like)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(1024), whole = STRBUF_INIT(1024);
	struct path best = { .n = 0 };
	unsigned least = UINT32_MAX;

	for (int trust = PATH_SURE; trust <= PATH_TOLD; trust++) {
		struct path way;

		if (path_find_through(from, to, PATH_ALL_BANDS, (enum path_trust)trust, &way) != 0)
			continue;
		unsigned n = missing_of(l, pl, &way, like, &missing, &whole);
		if (n >= least)
			continue;
		least = n;
		best = way;
	}
	if (least == UINT32_MAX) {
		fault(l, pl, "no way is known from %s, which such phones may run, to %s", path_band_words(from),
		      pl->target.s);
		return;
	}
	(void)missing_of(l, pl, &best, like, &missing, &whole);
	fault(l, pl, "no way to %s with what is imported: get %s, and `loadstep import` it; the way is %s",
	      pl->target.s, strbuf_text(&missing), strbuf_text(&whole));
}

static int derive(struct ladder *l, struct plan *pl, struct err *e)
{
	enum path_band from, to;
	struct release like;

	if (release_of(&pl->target, &like) != 0 || path_band_of(&like, &to) != 0) {
		fault(l, pl, "of %s it is not known what leads to it: give the stages", pl->target.s);
		return 0;
	}
	if (check_family(l, pl, &pl->target) != 0)
		return 0;
	if (!l->cfg->tftp_root[0]) {
		fault(l, pl, "the stages are derived from what is imported, and this host has no [tftp] root: "
			     "reload where it is, or give the stages");
		return 0;
	}
	if (look(l, e) < 0)
		return -1;
	from = start_of(pl, &like);
	for (int trust = PATH_SURE; is_whole(l, &pl->target) && trust <= PATH_TOLD; trust++) {
		struct path way;

		if (path_find_through(from, to, bands_here(l, &like), (enum path_trust)trust, &way) != 0)
			continue;
		take_stages(l, pl, &way, &like);
		return 0;
	}
	refuse_target(l, pl, from, to, &like);
	return 0;
}

/* ---- all of it */

static int settle_plan(struct ladder *l, struct plan *pl, struct err *e)
{
	if (pl->target.s[0])
		return derive(l, pl, e); /* its steps are known ones */
	note_start(l, pl);
	for (int no = 1; no <= (int)pl->n_stages; no++)
		if (check_family(l, pl, &plan_stage(pl, no)->load) == 0 && check_step(l, pl, no, e) < 0)
			return -1;
	return 0;
}

int ladder_settle(struct config *cfg, struct strbuf *faults, struct strbuf *notes, struct err *e)
{
	CLEANUP(ladder_fini) struct ladder l = { .cfg = cfg, .faults = faults, .notes = notes };

	for (unsigned i = 0; i < cfg->n_plans; i++)
		if (settle_plan(&l, &cfg->plans[i], e) < 0)
			return err_wrap(e, "plan %s", cfg->plans[i].name);
	return l.n_faults > 0;
}
