/* SPDX-License-Identifier: MPL-2.0 */
/*
 * DHCP as it went over the wire, to what the hook would have recorded (K§): an ACK is told with what its REQUEST said
 * of the phone, and with a word on what the server gave it, after how long, and which other server spoke up. An OFFER is
 * told only where a phone took another server's that was worse, with LEASE_ELSEWHERE behind it: an address that was only
 * offered is nobody's. Best is one with a TFTP server of the site's, then one with any (option 150 or 66).
 */
#ifndef LOADSTEP_CAPDHCP_H
#define LOADSTEP_CAPDHCP_H

#include <stdint.h>

#include "capevent.h"
#include "err.h"
#include "frame.h"

struct leases;

/* The TFTP servers that phones are to be given, as far as the configuration says. */
struct leases_site {
	const struct ip4 *tftp; /* borrowed for as long as the leases last */
	unsigned n;
};

struct leases_counts {
	uint64_t messages;
	uint64_t acks;
	uint64_t naks;
	uint64_t unanswered; /* devices that asked, and were given nothing to the end */
	uint64_t crowded;    /* devices forgotten since there were too many */
};

int leases_new(struct leases **ret, struct capevent_to to, struct leases_site site, struct err *e) MUST_CHECK;
void leases_free(struct leases *ls);

/* 0 = a DHCP message; 1 = none. */
int leases_packet(struct leases *ls, int64_t at_ms, const struct packet *p, struct err *e) MUST_CHECK;

void leases_counts(const struct leases *ls, struct leases_counts *ret);

#endif
