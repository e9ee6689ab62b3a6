/* SPDX-License-Identifier: MPL-2.0 */
/*
 * DHCP as it went over the wire, to what the hook would have recorded (K§): an ACK is told with what its REQUEST said
 * of the phone, and with a word on what the server gave it, after how long, and which other server spoke up. OFFERs alone
 * are not told: an address that was only offered is nobody's.
 */
#ifndef LOADSTEP_CAPDHCP_H
#define LOADSTEP_CAPDHCP_H

#include <stdint.h>

#include "capevent.h"
#include "err.h"
#include "frame.h"

struct leases;

struct leases_counts {
	uint64_t messages;
	uint64_t acks;
	uint64_t naks;
	uint64_t unanswered; /* devices that asked, and were given nothing to the end */
	uint64_t crowded;    /* devices forgotten since there were too many */
};

int leases_new(struct leases **ret, struct capevent_to to, struct err *e) MUST_CHECK;
void leases_free(struct leases *ls);

/* 0 = a DHCP message; 1 = none. */
int leases_packet(struct leases *ls, int64_t at_ms, const struct packet *p, struct err *e) MUST_CHECK;

void leases_counts(const struct leases *ls, struct leases_counts *ret);

#endif
