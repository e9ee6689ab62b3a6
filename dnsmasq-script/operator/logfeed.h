/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Lines of dnsmasq's log to events of the fleet. The one thing that a line alone does not tell is decided
 * here: "error N … received from A" right before "sent … to A" means that the sent file was not taken
 * (D§2).
 */
#ifndef LOADSTEP_LOGFEED_H
#define LOADSTEP_LOGFEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "fleet.h"
#include "parse.h"

/* Clients with an error whose next line is awaited; beyond that the oldest is forgotten. */
#define LOGFEED_ERRORS_MAX 64

struct logfeed {
	struct fleet *fleet;
	bool replay;       /* names by their last component: the log is of some other root */
	/* Live: what went out is left to dnsmasq's script for a moment. It knows bytes and time better, and what
	 * was reported already is not taken from the log. */
	bool script_first;
	int64_t oldest_ms; /* lines older than this are passed over; 0 = none are */
	int64_t last_at_ms; /* of the last line that had a stamp */
	bool rotate;       /* layout = shared has to rotate */
	/* counters */
	uint64_t lines;
	uint64_t events; /* that the fleet took */
	uint64_t unknown; /* lines that are none of ours */
	struct {
		struct ip4 client;
		int64_t at_ms;
	} errors[LOGFEED_ERRORS_MAX];
	unsigned next_error;
};

/* What a line says, without telling the fleet: 0 = an event, *ret_fe filled, its path in `path`; 1 = none. */
struct tftplog_line;
int logfeed_parse(struct logfeed *lf, const char *line, size_t len, int64_t now_ms,
		  struct tftplog_line *ret_line, struct file_event *ret_fe);

/* Parse and tell the fleet. 0 also for a line that is none of ours; 1 = too young yet: give it again. */
int logfeed_line(struct logfeed *lf, const char *line, size_t len, int64_t now_ms, struct err *e) MUST_CHECK;

#endif
