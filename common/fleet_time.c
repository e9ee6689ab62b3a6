/* SPDX-License-Identifier: MPL-2.0 */
/* Time: the phones whose moment has come, those who wait to be let in, and now and then a look at every
 * link. */
#include "fleet_priv.h"

/* Phones taken in one transaction; the rest are due still and come with the next tick. */
#define DUE_MAX 128

struct ticking {
	struct fleet *f;
	unsigned n;
};

/* The walk ends after so many: 1 is passed through by the store. */
static int tick_phone(void *arg, const struct phone *due, struct err *e)
{
	struct ticking *t = arg;
	struct fleet *f = t->f;
	struct event ev = { .kind = EVENT_TICK, .at_ms = fleet_engine_time(f, f->now_ms), .bytes = -1 };
	struct engine_result r;
	struct phone p = *due;

	if (t->n == DUE_MAX)
		return 1;
	t->n++;
	if (p.phase == PHASE_WAITING) {
		ev.kind = EVENT_OPERATOR;
		ev.op = OP_LET_IN;
	}
	return fleet_apply(f, &p, fleet_plan_of(f, &p, NULL), &ev, NULL, &r, e);
}

static int tick(struct fleet *f, unsigned *ret_n, struct err *e)
{
	struct ticking t = { .f = f };

	if (state_phone_list_due(f->st, fleet_engine_time(f, f->now_ms), tick_phone, &t, e) < 0)
		return -1;
	*ret_n = t.n;
	return 0;
}

static int tick_once(struct fleet *f, int64_t now_ms, unsigned *ret_n, bool *ret_rotate, struct err *e)
{
	if (tx_begin(f, now_ms, e) < 0)
		return -1;
	if (tick(f, ret_n, e) < 0) {
		tx_abort(f);
		return err_wrap(e, "tick");
	}
	if (tx_end(f, e) < 0)
		return -1;
	*ret_rotate = *ret_rotate || f->rotate;
	return 0;
}

/* ---- is a TFTP log followed */

#define HEARD_WRITE_MS 5000

int64_t fleet_heard_since(const struct fleet *f, int64_t now_ms)
{
	int64_t now = fleet_engine_time(f, now_ms);

	return !(f->flags & FLEET_REPLAY) && f->clock.heard_to_ms &&
			       now - f->clock.heard_to_ms <= FLEET_HEARD_GAP_MS
		       ? f->clock.heard_from_ms
		       : 0;
}

int fleet_log_heard(struct fleet *f, int64_t now_ms, struct err *e)
{
	int64_t now = fleet_engine_time(f, now_ms);

	if (!f->clock.last_tick_wall_ms)
		return 0; /* no clock yet: the next tick makes it */
	if (now >= f->clock.heard_to_ms && now - f->clock.heard_to_ms < HEARD_WRITE_MS)
		return 0;
	if (!fleet_heard_since(f, now_ms) || now < f->clock.heard_to_ms)
		f->clock.heard_from_ms = now;
	f->clock.heard_to_ms = now;
	return state_heard_put(f->st, f->clock.heard_from_ms, now, e);
}

static int due_any(void *arg, const struct phone *p, struct err *e)
{
	(void)arg;
	(void)p;
	(void)e;
	return 1;
}

/* 1 = a tick would write nothing: the clock was read in this very second, by the event that comes before it, and
 * nobody's time has come. */
static int tick_is_idle(struct fleet *f, int64_t now_ms, struct err *e)
{
	int64_t passed = now_ms - f->clock.last_tick_wall_ms;

	if (f->in_batch || f->flags & FLEET_REPLAY || passed < 0 || passed >= CLOCK_WRITE_MS)
		return 0;
	int rc = state_phone_list_due(f->st, fleet_engine_time(f, now_ms), due_any, NULL, e);

	return rc < 0 ? rc : !rc;
}

int fleet_tick(struct fleet *f, int64_t now_ms, bool *ret_rotate, struct err *e)
{
	bool rotate = false;
	unsigned n = 0;

	/* Not at the first tick: a helper that lives for one event must not look at every phone. */
	bool sweep =
		f->reconciled_ms && (now_ms - f->reconciled_ms >= RECONCILE_MS || now_ms < f->reconciled_ms);

	if (sweep)
		f->touched_all = true;
	if (sweep || !f->reconciled_ms)
		f->reconciled_ms = now_ms;
	int idle = sweep ? 0 : tick_is_idle(f, now_ms, e);

	if (idle != 0) {
		if (ret_rotate)
			*ret_rotate = false;
		return idle < 0 ? -1 : 0;
	}
	/* A cohort that has just moved: all of it must stand on the new stage before the root says so. */
	if (tick_once(f, now_ms, &n, &rotate, e) < 0 || (rotate && tick_once(f, now_ms, &n, &rotate, e) < 0))
		return -1;
	if (ret_rotate)
		*ret_rotate = rotate;
	return 0;
}

int replay_clock(struct fleet *f, int64_t at_ms, struct err *e)
{
	if (!(f->flags & FLEET_REPLAY))
		return 0;
	if (at_ms > f->replay_ms && f->replay_ms && fleet_tick(f, at_ms, NULL, e) < 0)
		return -1;
	if (at_ms > f->replay_ms)
		f->replay_ms = at_ms;
	return 0;
}

int fleet_replay_end(struct fleet *f, struct err *e)
{
	const struct limits *lim = &f->cfg->limits;
	int64_t end = f->replay_ms + lim->proof_silence + lim->quiet + lim->order_window;
	unsigned n = 1;
	bool rotate = false;

	if (!f->replay_ms)
		return 0; /* nothing was replayed */
	/* A tick may make the next one due at once (a proof, then the stage after it): until nobody is
	 * left. */
	for (int i = 0; n && i < 1000; i++)
		if (tick_once(f, end, &n, &rotate, e) < 0)
			return -1;
	return 0;
}
