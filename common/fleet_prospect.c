/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A look ahead for one phone: the context in which the next tick would judge it, handed to engine_promises. Writes
 * nothing, so a store that may only be read will do.
 */
#include "engine_promise.h"
#include "fleet_priv.h"

static void look_at_clock(const struct fleet *f, int64_t now_ms, struct fleet_prospect *ret)
{
	ret->watched_ms = f->clock.last_tick_wall_ms;
	ret->now_ms = observed_clock_now(&f->clock, now_ms, f->cfg->limits.tick_gap);
	ret->skew_ms = now_ms - ret->now_ms;
}

static int look_at_plan(struct fleet *f, const struct phone *p, const struct plan *pl,
			struct engine_context *ctx, struct fleet_prospect *ret, struct err *e)
{
	unsigned idx = plan_index(f, pl);

	ret->published = f->ready[idx];
	ret->waiting_room = f->waiting_room[idx];
	ctx->stages_ready = f->ready[idx];
	ctx->may_enter = true;
	ctx->shared = f->cfg->layout == LAYOUT_SHARED;
	if (!ctx->shared)
		return 0;
	ctx->stages_ready &= cohort_ready(f, pl, p, &ctx->may_enter, e);
	return cohort_count(f, pl, ret, e);
}

int fleet_prospect(struct fleet *f, const struct phone *p, int64_t now_ms, struct fleet_prospect *ret,
		   struct err *e)
{
	const struct plan *pl = fleet_plan_of(f, p, NULL);
	struct engine_context ctx = { .plan = pl, .limits = &f->cfg->limits, .now_wall_ms = now_ms };

	*ret = (struct fleet_prospect){ .n = 0 };
	if (state_clock_get(f->st, &f->clock, e) < 0)
		return -1;
	f->now_ms = now_ms;
	look_at_clock(f, now_ms, ret);
	ctx.now_ms = ret->now_ms;
	fleet_tree_look(f);
	f->heads_known = false;
	ret->room = fleet_room(f, e);
	ret->started = f->heads.started;
	ret->on_way = f->heads.on_way;
	ret->stuck = f->heads.stuck;
	if (pl && look_at_plan(f, p, pl, &ctx, ret, e) < 0)
		return -1;
	ret->n = engine_promises(p, &ctx, ret->a);
	return 0;
}
