/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A line of a TFTP server's log to an event. Pure: text in, value out. Lines of dnsmasq are parsed from the right,
 * because it deletes non-printable bytes from the names it logs (D§2); a stamp without a year is resolved
 * against `not_after`.
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

/* Whose lines. A server more is a name here and a row in tftplog.c. */
enum tftplog_format { TFTPLOG_AUTO, TFTPLOG_DNSMASQ, TFTPLOG_TFTPD_HPA, TFTPLOG_FORMATS };

/* "dnsmasq", "tftpd-hpa", "auto". 0 = one of these; 1 = none. */
/* The first place at which a line of any of these servers may have its tag: lines before the one that it is in are none
 * of ours. NULL: all are. A search, and no more: most lines of a syslog are other programs'. */
const char *tftplog_look(const char *text, size_t len);

int tftplog_format_parse(const char *name, enum tftplog_format *ret);
const char *tftplog_format_name(enum tftplog_format f);

struct tftplog_line {
	int64_t at_ms;		     /* wall; 0 = the line has no stamp */
	enum event_kind kind;	     /* SENT, MISSING, FAILED, ASKED */
	struct ip4 client;	     /* host 0 = the line does not tell (dnsmasq's "cannot read") */
	char path[TFTPLOG_PATH_MAX]; /* as logged */
	/* "error N … received from IP" (kind FAILED, path empty): no transfer of its own, but the "sent" to
	 * that address within a second is false (D§2). "cannot access" and "cannot read" are FAILED, too: the
	 * phone got an error packet for that path. */
	bool client_error;
	uint32_t pid; /* the process that wrote the line; 0 = the line does not tell */
	/* tftpd-hpa: how the request of that process ended (path empty; MISSING or FAILED). Its "asked" stands in an
	 * earlier line, and only of these two together one knows what became of it. */
	bool answer;
	bool mapped; /* tftpd-hpa: looked for below the client's address, as our map says (D§6) */
};

/* One line of a server's log, or with AUTO of any of them, told apart by the tag: dnsmasq's own file ("Nov 23
 * 03:00:25 dnsmasq-tftp[PID]: …"), syslog as RFC 3164 files have it ("Nov 23 03:00:25 host in.tftpd[PID]: …"), and
 * RFC 3339 stamps as rsyslog and journalctl -o short-iso[-precise] write them. Not taken: a priority in front
 * ("<29>"), RFC 5424 with its version number, JSON. The zone of unzoned stamps is the caller's (utc_offset_s, east
 * positive). 0 = an event; 1 = a line that is none of ours (or one cut short). */
int tftplog_parse(enum tftplog_format f, const char *line, size_t len, int64_t not_after_ms, int utc_offset_s,
		  struct tftplog_line *ret);

#endif
