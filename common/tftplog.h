/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A line of a TFTP server's log to an event. Pure: text in, value out. Lines are parsed from the right,
 * because dnsmasq deletes non-printable bytes from the names it logs (D§2); a stamp without a year is
 * resolved against `not_after`.
 */
#ifndef LOADSTEP_TFTPLOG_H
#define LOADSTEP_TFTPLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "parse.h"
#include "phase.h"

#define TFTPLOG_PATH_MAX 512

struct tftplog_line {
	int64_t at_ms;		     /* wall; 0 = the line has no stamp */
	enum event_kind kind;	     /* SENT, MISSING, FAILED, ASKED */
	struct ip4 client;	     /* host 0 = the line does not tell (dnsmasq's "cannot read") */
	char path[TFTPLOG_PATH_MAX]; /* as logged */
	/* "error N … received from IP" (kind FAILED, path empty): no transfer of its own, but the "sent" to
	 * that address within a second is false (D§2). "cannot access" and "cannot read" are FAILED, too: the
	 * phone got an error packet for that path. */
	bool client_error;
};

/* One line of dnsmasq's log: file format ("Nov 23 03:00:25 dnsmasq-tftp[PID]: …"), syslog ("Nov 23 03:00:25
 * host dnsmasq-tftp[PID]: …"), RFC 3339 stamps. The zone of unzoned stamps is the caller's (utc_offset_s,
 * east positive). 0 = an event; 1 = a line that is none of ours (or one cut short). */
int tftplog_parse_dnsmasq(const char *line, size_t len, int64_t not_after_ms, int utc_offset_s,
			  struct tftplog_line *ret);

#endif
