/* SPDX-License-Identifier: MPL-2.0 */
/* A capture to its end, into the fleet. */
#ifndef LOADSTEP_CAPREPLAY_H
#define LOADSTEP_CAPREPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "capfeed.h"
#include "err.h"
#include "fleet.h"
#include "logsource.h"

struct capreplay_counts {
	struct capfeed_counts feed;
	uint64_t taken; /* events that were of a phone of ours */
	bool ends_within_frame;
};

/* Is it a capture? 0 = yes, 1 = no; nothing of it is taken. */
int capreplay_is(struct logsource *in, struct err *e) MUST_CHECK;

/* *ret is written when it fails, too: what came before was told. */
int capreplay(struct fleet *fleet, struct logsource *in, struct leases_site site, int64_t now_ms,
	      struct capreplay_counts *ret, struct err *e) MUST_CHECK;

#endif
