/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Lines of a TFTP server's log to events of the fleet. What a line alone does not tell is decided here. Of
 * dnsmasq: "error N … received from A" right before "sent … to A" means that the sent file was not taken (D§2).
 * Of tftpd-hpa: a request is one line and its refusal another, of the same process; the first becomes an event
 * when the second had time to come (D§6), so that what is missing never looks as if it had been sent. Of atftpd the same,
 * but with --verbose=7 it tells how each transfer ended: then the end is the event (logfeed_atftpd.c).
 */
#ifndef LOADSTEP_LOGFEED_H
#define LOADSTEP_LOGFEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "fleet.h"
#include "parse.h"
#include "tftplog.h"

/* Clients with an error whose next line is awaited; beyond that the oldest is forgotten. */
#define LOGFEED_ERRORS_MAX 64
/* Requests that wait for their answer: half a second of a server's lines. Beyond that the oldest waits no more. */
#define LOGFEED_REQUESTS_MAX 128
/* atftpd: transfers whose end is awaited (its own limit is 100 threads), and for how long. */
#define LOGFEED_TRANSFERS_MAX 128
#define LOGFEED_TRANSFER_MS (10 * 60 * 1000)

/* Does tftpd-hpa look below the address of clients for whom the map says so? */
enum logfeed_map { LOGFEED_MAP_UNKNOWN, LOGFEED_MAP_USED, LOGFEED_MAP_UNUSED };

struct logfeed {
	struct fleet *fleet;
	enum tftplog_format format;
	bool replay;       /* names by their last component: the log is of some other root */
	/* Live: what went out is left to dnsmasq's script for a moment. It knows bytes and time better, and what
	 * was reported already is not taken from the log. */
	bool script_first;
	int64_t oldest_ms; /* lines older than this are passed over; 0 = none are */
	int64_t last_at_ms; /* of the last line that had a stamp */
	bool rotate;       /* layout = shared has to rotate */
	struct logfeed_zone {
		int64_t period; /* the quarter of an hour for which offset_s, east of UTC, is known; 0 = none */
		int offset_s;
	} zone_now, zone_then;
	/* counters */
	uint64_t lines;
	uint64_t events; /* that the fleet took */
	uint64_t unknown; /* lines that are none of ours */
	uint64_t foreign; /* of these, dnsmasq's in another language or version */
	struct {
		struct ip4 client;
		int64_t at_ms;
	} errors[LOGFEED_ERRORS_MAX];
	unsigned next_error;
	enum logfeed_map map; /* by the last such line */
	struct ip4 map_client;
	unsigned unanswered; /* requests in a row of which none was refused */
	/* a ring: the order of the log is kept */
	struct logfeed_request {
		struct tftplog_line line; /* its kind becomes MISSING or FAILED by the answer */
		int64_t read_ms;
		bool answered;
	} requests[LOGFEED_REQUESTS_MAX];
	unsigned first_request, n_requests;
	/* atftpd: those that have begun, in that order. Through syslog it does not tell whose end a line is: ends that
	 * may be of several are only counted, until nobody is in waiting any more. */
	bool ends_told;
	unsigned n_transfers, ended_whole, ended_broken;
	unsigned ended_known; /* of these ends, those of which it is known by now whose they were */
	unsigned hollow_ends; /* ends still to come of clients that were given up */
	struct logfeed_transfer {
		struct tftplog_line line;
		int64_t read_ms;
	} transfers[LOGFEED_TRANSFERS_MAX];
};

/* Parse and tell the fleet. 0 also for a line that is none of ours, and for a request that waits for its answer;
 * 1 = too young yet: give it again. */
int logfeed_line(struct logfeed *lf, const char *line, size_t len, int64_t now_ms, struct err *e) MUST_CHECK;

/* So many lines that are none of ours, and were not looked at. */
static inline void logfeed_pass(struct logfeed *lf, uint64_t lines)
{
	lf->lines += lines;
	lf->unknown += lines;
}

/* Tell the fleet of the requests that have waited long enough, or at the end of a log of all. */
int logfeed_settle(struct logfeed *lf, int64_t now_ms, bool all, struct err *e) MUST_CHECK;

/* Is a request, or a transfer, in waiting? If not, all lines are told in full: that is when a place in the log may be
 * remembered. */
bool logfeed_waits(const struct logfeed *lf);

/* The log is read again from an earlier place: what waits comes once more. */
void logfeed_drop(struct logfeed *lf);

#endif
