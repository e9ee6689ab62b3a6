/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Frames of a capture to events of the fleet, in the order in which they happened: what became of a transfer is known
 * later than when it was asked for, so an event waits until none can come before it. A packet that was captured
 * twice (on two interfaces, on both sides of a bridge) counts once.
 */
#ifndef LOADSTEP_CAPFEED_H
#define LOADSTEP_CAPFEED_H

#include <stdint.h>

#include "capdhcp.h"
#include "capevent.h"
#include "captftp.h"
#include "err.h"
#include "frame.h"

struct capfeed;

struct capfeed_counts {
	uint64_t frames;
	uint64_t dhcp, tftp; /* packets of either */
	uint64_t fragments;
	uint64_t cut;	  /* the snap length left out what was needed of them */
	uint64_t broken;  /* lengths or times that cannot be */
	uint64_t doubled; /* the same packet once more */
	uint64_t late;	  /* frames from before what the capture had reached: out of order */
	uint64_t events;
	struct leases_counts leases;
	struct transfers_counts transfers;
};

int capfeed_new(struct capfeed **ret, struct capevent_to to, struct leases_site site, struct err *e) MUST_CHECK;
void capfeed_free(struct capfeed *cf);

int capfeed_frame(struct capfeed *cf, const struct frame *f, struct err *e) MUST_CHECK;
int capfeed_end(struct capfeed *cf, struct err *e) MUST_CHECK; /* what is still open is told */

void capfeed_counts(const struct capfeed *cf, struct capfeed_counts *ret);

#endif
