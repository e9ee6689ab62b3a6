/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of the capture feed hand to each other: events of the fleet with their notes, on their way into the
 * order in which they happened. */
#ifndef LOADSTEP_CAPEVENT_H
#define LOADSTEP_CAPEVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "fleet.h"

#define CAPEVENT_NOTE_SIZE 256
#define CAPEVENT_PATH_SIZE 256

struct capevent {
	int64_t at_ms;
	bool is_lease;
	char note[CAPEVENT_NOTE_SIZE]; /* "" = none */
	union {
		struct lease_event lease;
		struct {
			enum event_kind kind;
			struct ip4 client;
			int64_t bytes; /* -1 = not known */
			char path[CAPEVENT_PATH_SIZE]; /* as asked for, raw */
		} file;
	} is;
};

/* The event is copied. */
typedef int capevent_fn(void *arg, const struct capevent *ev, struct err *e);

struct capevent_to {
	capevent_fn *fn;
	void *arg;
};

#endif
