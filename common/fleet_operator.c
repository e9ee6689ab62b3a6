/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a person says: start, stop, retry, skip, forget. Each finds the phone, gives the engine the word as an
 * event, and turns its answer into "done" or a reason, all in one transaction.
 */
#include <stdio.h>
#include <string.h>

#include "fleet_priv.h"

/* One word about one phone, and where the reason goes. */
struct word {
	enum operation op;
	bool force;
	const char *plan_name; /* start: NULL = the plan that fits */
	int64_t now_ms;
	char *why;
	size_t size;
};

static int no(const struct word *w, const char *why)
{
	text_copy(w->why, w->size, why);
	return 1;
}

static int give(struct fleet *f, struct phone *p, const struct plan *pl, const struct word *w,
		struct engine_result *ret, struct err *e)
{
	struct event ev = {
		.kind = EVENT_OPERATOR,
		.at_ms = fleet_engine_time(f, w->now_ms),
		.op = w->op,
		.force = w->force,
		.bytes = -1,
	};

	return fleet_apply(f, p, pl, &ev, NULL, ret, e);
}

/* ---- start, stop */

static int start(struct fleet *f, struct phone *p, const struct word *w, struct err *e)
{
	const struct plan *pl = w->plan_name ? config_plan(f->cfg, w->plan_name) : fleet_plan_of(f, p, NULL);
	struct engine_result r;
	const char *reason;

	if (!pl && w->plan_name) {
		snprintf(w->why, w->size, "there is no plan \"%s\" in force", w->plan_name);
		return 1;
	}
	if (!pl) {
		snprintf(w->why, w->size, "no plan in force is for it (model %s)",
			 p->model[0] ? p->model : "not known");
		return 1;
	}
	if (pl->n_stages == 0)
		return no(w, "its plan has no stages yet: `loadstep reload` derives them from the target");
	if (p->phase == PHASE_DONE) {
		snprintf(w->why, w->size, "is done: it runs %s", p->running);
		return 1;
	}
	if (phone_is(p, PHONE_STARTED) && !phone_is(p, PHONE_STOPPED))
		return no(w, "is started already");
	if (phone_is(p, PHONE_ADDRESS_SHARED))
		return no(w, "shares its address with another phone (NAT, a TFTP proxy): neither can have a view");
	if (!phone_is(p, PHONE_STARTED) && plan_may_start(pl, p, NULL, &reason) != 0) {
		snprintf(w->why, w->size, "plan %s: %s", pl->name, reason);
		return 1;
	}
	return give(f, p, pl, w, &r, e);
}

static int stop(struct fleet *f, struct phone *p, const struct word *w, struct err *e)
{
	struct engine_result r;

	if (give(f, p, fleet_plan_of(f, p, NULL), w, &r, e) < 0)
		return -1;
	return r.changed ? 0 : no(w, "is not on its way");
}

/* ---- retry, skip, forget */

static int refused(const struct word *w, const struct engine_result *r)
{
	snprintf(w->why, w->size, "%s%s", r->refusal, r->forcible ? " (--force overrides)" : "");
	return 1;
}

/* The word, and then a tick: what it set going may be possible at once. */
static int act(struct fleet *f, struct phone *p, const struct word *w, struct err *e)
{
	struct event tick = { .kind = EVENT_TICK, .at_ms = fleet_engine_time(f, w->now_ms), .bytes = -1 };
	const struct plan *pl = fleet_plan_of(f, p, NULL);
	struct engine_result r, after;

	if (give(f, p, pl, w, &r, e) < 0)
		return -1;
	if (r.refusal)
		return refused(w, &r);
	if (phone_is(p, PHONE_SKIP) && fleet_apply(f, p, pl, &tick, NULL, &after, e) < 0)
		return -1;
	/* One less that a shared root has to wait for. */
	if (w->op == OP_FORGET && pl && f->cfg->layout == LAYOUT_SHARED)
		return cohort_look(f, pl, e);
	return 0;
}

/* ---- one transaction a word */

static int say_inside(struct fleet *f, const struct mac *mac, const struct word *w, struct err *e)
{
	struct phone p;
	int rc = state_phone_find(f->st, mac, &p, e);

	if (rc != 0)
		return rc < 0 ? rc : no(w, "not seen yet: it must have booted once");
	if (w->op == OP_START)
		return start(f, &p, w, e);
	return w->op == OP_STOP ? stop(f, &p, w, e) : act(f, &p, w, e);
}

static int say(struct fleet *f, const struct mac *mac, const struct word *w, struct err *e)
{
	if (tx_begin(f, w->now_ms, e) < 0)
		return -1;
	int rc = say_inside(f, mac, w, e);

	if (rc < 0) {
		tx_abort(f);
		return rc;
	}
	return tx_end(f, e) < 0 ? -1 : rc;
}

int fleet_start(struct fleet *f, const struct mac *mac, const char *plan_name, int64_t now_ms, char *ret_why,
		size_t why_size, struct err *e)
{
	struct word w = {
		.op = OP_START, .plan_name = plan_name, .now_ms = now_ms, .why = ret_why, .size = why_size
	};

	return say(f, mac, &w, e);
}

int fleet_stop(struct fleet *f, const struct mac *mac, int64_t now_ms, char *ret_why, size_t why_size,
	       struct err *e)
{
	struct word w = { .op = OP_STOP, .now_ms = now_ms, .why = ret_why, .size = why_size };

	return say(f, mac, &w, e);
}

int fleet_retry(struct fleet *f, const struct mac *mac, int64_t now_ms, char *ret_why, size_t why_size,
		struct err *e)
{
	struct word w = { .op = OP_RETRY, .now_ms = now_ms, .why = ret_why, .size = why_size };

	return say(f, mac, &w, e);
}

int fleet_skip(struct fleet *f, const struct mac *mac, bool force, int64_t now_ms, char *ret_why,
	       size_t why_size, struct err *e)
{
	struct word w = { .op = OP_SKIP, .force = force, .now_ms = now_ms, .why = ret_why, .size = why_size };

	return say(f, mac, &w, e);
}

int fleet_forget(struct fleet *f, const struct mac *mac, bool force, int64_t now_ms, char *ret_why,
		 size_t why_size, struct err *e)
{
	struct word w = {
		.op = OP_FORGET, .force = force, .now_ms = now_ms, .why = ret_why, .size = why_size
	};

	return say(f, mac, &w, e);
}
