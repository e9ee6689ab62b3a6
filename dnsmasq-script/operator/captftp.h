/* SPDX-License-Identifier: MPL-2.0 */
/*
 * TFTP as it went over the wire, to events: a transfer is a client's address and port and a server (RFC 1350 §4). What
 * became of it is told once, when it is known: sent whole (its last, short block acknowledged), missing (ERROR 1),
 * failed (another ERROR, or one side fell silent), asked for (the capture does not show what became of it). A phone takes
 * a new port for each file; the same port and name again is the same question once more (F§2), and each question that
 * nobody answered is told, at its own time.
 */
#ifndef LOADSTEP_CAPTFTP_H
#define LOADSTEP_CAPTFTP_H

#include <stdbool.h>
#include <stdint.h>

#include "capevent.h"
#include "err.h"
#include "frame.h"

struct transfers;

struct transfers_counts {
	uint64_t requests;
	uint64_t again;	   /* of those: the same question once more */
	uint64_t resent;   /* blocks that went out once more */
	uint64_t uploads;  /* nobody's business here */
	uint64_t crowded;  /* transfers given up since there were too many at once */
};

int transfers_new(struct transfers **ret, struct capevent_to to, struct err *e) MUST_CHECK;
void transfers_free(struct transfers *ts);

/* Is it, perhaps, of a transfer that was asked for? */
bool transfers_concerns(const struct transfers *ts, const struct packet *p);

/* 0 = a packet of TFTP; 1 = of none that was asked for here. Times may jump a little to and fro. */
int transfers_packet(struct transfers *ts, int64_t at_ms, const struct packet *p, struct err *e) MUST_CHECK;

/* Transfers whose two sides have fallen silent are over; with `all` every one is, the capture ends. */
int transfers_settle(struct transfers *ts, int64_t now_ms, bool all, struct err *e) MUST_CHECK;

/* No event still to come is older than this; INT64_MAX = there is none to come. */
int64_t transfers_horizon(const struct transfers *ts);

const struct transfers_counts *transfers_counts(const struct transfers *ts);

#endif
