/* SPDX-License-Identifier: MPL-2.0 */
#include "engine_promise.h"

#include "strbuf.h"

/* A phone that waits for what no evidence tells (its next stage's files) is looked at every quiet while, for ever. */
#define LOOKS_MAX 512

static const struct event tick = { .kind = EVENT_TICK, .bytes = -1 };

/* The farthest that any one limit reaches; behind it time changes nothing more. */
static int64_t horizon(const struct limits *l)
{
	return l->loader + l->app + l->stage_classic + l->stage_java + l->proof_silence + l->quiet +
	       l->presume + l->idle + l->round_gap;
}

static bool same(const struct phone *a, const struct phone *b)
{
	return a->phase == b->phase && a->stage_no == b->stage_no && a->cause == b->cause &&
	       a->flags == b->flags;
}

static void promise(const struct phone *before, const struct phone *after, const struct engine_result *r,
		    int64_t at_ms, struct engine_promise *ret)
{
	bool moved = after->stage_no != before->stage_no;

	*ret = (struct engine_promise){
		.at_ms = at_ms,
		.from = before->phase,
		.to = after->phase,
		.stage_no = after->stage_no,
		.load = after->load,
		.cause = after->cause,
		.gained = after->flags & ~before->flags,
		.moved = moved,
	};
	for (unsigned i = 0; i < r->n_notes; i++)
		ret->proven = ret->proven || engine_note_proven(r->notes[i].text);
	if (r->n_notes > 0)
		(void)text_copy(ret->note, sizeof(ret->note), r->notes[0].text);
}

unsigned engine_promises(const struct phone *p, const struct engine_context *ctx,
			 struct engine_promise ret[static ENGINE_PROMISES_MAX])
{
	struct engine_context then = *ctx;
	struct phone before = *p;
	unsigned n = 0;

	for (int looks = 0; looks < LOOKS_MAX && n < ENGINE_PROMISES_MAX; looks++) {
		struct event ev = tick;
		struct engine_result r;
		struct phone after;

		ev.at_ms = then.now_ms;
		engine_step(&before, &ev, &then, &after, &r);
		if (!same(&before, &after)) {
			promise(&before, &after, &r, then.now_ms, &ret[n++]);
			if (ret[n - 1].moved || (after.phase != before.phase &&
						 (after.phase == PHASE_STUCK || after.phase == PHASE_DONE)))
				break;
		}
		before = after;
		if (r.due_ms <= then.now_ms || r.due_ms - ctx->now_ms > horizon(ctx->limits))
			break;
		then.now_wall_ms += r.due_ms - then.now_ms;
		then.now_ms = r.due_ms;
	}
	return n;
}
