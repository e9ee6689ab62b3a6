/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What time alone will do to a phone: the engine's own ticks, taken in advance at every moment that it says it wants
 * one (judge_due), on the supposition that nothing more is heard of the phone. So what is promised is what the engine
 * does, and there is no second set of limits. Pure, like the engine.
 */
#ifndef LOADSTEP_ENGINE_PROMISE_H
#define LOADSTEP_ENGINE_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

/* One moment at which something changes, and what. */
struct engine_promise {
	int64_t at_ms; /* engine time; the context's now_ms: as soon as anybody keeps time */
	enum phase from, to;
	int stage_no; /* after it, like load and cause */
	struct load_name load;
	enum cause cause;
	uint32_t gained; /* flags that it has from then on */
	bool proven;	 /* its stage's load is proven to run */
	bool moved;	 /* to another stage */
	char note[ENGINE_NOTE_SIZE]; /* of the first change, as it will stand in the history; "" = flags alone */
};

#define ENGINE_PROMISES_MAX 6

/* The next such moments, in their order; ends with one that makes it stuck or done or takes it to another stage: what
 * comes after depends on the phone. Returns how many. */
unsigned engine_promises(const struct phone *p, const struct engine_context *ctx,
			 struct engine_promise ret[static ENGINE_PROMISES_MAX]);

#endif
