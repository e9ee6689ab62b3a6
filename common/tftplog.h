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

/* Whose lines. A server more is a name here, a row in tftplog.c and a reader. FETCH: what loadstep-event wrote. */
enum tftplog_format {
	TFTPLOG_AUTO,
	TFTPLOG_DNSMASQ,
	TFTPLOG_TFTPD_HPA,
	TFTPLOG_ATFTPD,
	TFTPLOG_FETCH,
	TFTPLOG_FORMATS
};

/* "dnsmasq", "tftpd-hpa", "atftpd", "fetch", "auto". 0 = one of these; 1 = none. */
int tftplog_format_parse(const char *name, enum tftplog_format *ret);
const char *tftplog_format_name(enum tftplog_format f);

enum tftplog_what {
	TFTPLOG_EVENT = 0,
	TFTPLOG_OTHER = 1,   /* none of ours, or one that tells nothing */
	TFTPLOG_FOREIGN = 2, /* dnsmasq's, and no sentence that we know: another language or version (D§1) */
};

struct tftplog_line {
	int64_t at_ms;		     /* wall; 0 = the line has no stamp */
	enum tftplog_format from;    /* whose it is */
	enum event_kind kind;	     /* SENT, MISSING, FAILED, ASKED */
	struct ip4 client;	     /* host 0 = the line does not tell (dnsmasq's "cannot read") */
	char path[TFTPLOG_PATH_MAX]; /* as logged; of FETCH as it was asked for */
	int64_t bytes;		     /* -1 = the line does not tell */
	/* "error N … received from IP" (kind FAILED, path empty): no transfer of its own, but the "sent" to
	 * that address within a second is false (D§2). "cannot access" and "cannot read" are FAILED, too: the
	 * phone got an error packet for that path. */
	bool client_error;
	uint32_t pid; /* the process that wrote the line; 0 = the line does not tell */
	/* atftpd in a file of its own: the thread, one a transfer. Through syslog it does not tell: 0 */
	uint64_t thread;
	/* tftpd-hpa, atftpd: how a request ended that stands in an earlier line (MISSING, FAILED; of atftpd also SENT, and
	 * ASKED: over, and how is not told). Only of these two together one knows what became of it. The path is
	 * empty, or as the server opened it. */
	bool answer;
	bool cut_name; /* tftpd-hpa: looked for under the beginning of its name, as a map of the site's says (F§8 row 46) */
	bool mapped; /* tftpd-hpa: looked for below the client's address, as our map says (D§6) */
	bool chatty; /* atftpd: no event, but by this line it tells how transfers end (--verbose=7) */
	/* FETCH: whose address it was */
	struct mac mac;
	bool mac_known;
};

/* One line of a server's log, or with AUTO of any of them, told apart by the tag: dnsmasq's own file ("Nov 23
 * 03:00:25 dnsmasq-tftp[PID]: …"), syslog as RFC 3164 files have it ("Nov 23 03:00:25 host in.tftpd[PID]: …"), RFC
 * 3339 stamps as rsyslog and journalctl -o short-iso[-precise] write them, journalctl -o short-unix, each also with a
 * priority in front ("<29>"), and RFC 5424. What dnsmasq writes to standard error is found behind the tag its caller
 * gave it ("dnsmasq[PID]: dnsmasq-tftp: …"). The zone of unzoned stamps is the caller's (utc_offset_s, east
 * positive). */
enum tftplog_what tftplog_parse(enum tftplog_format f, const char *line, size_t len, int64_t not_after_ms,
				int utc_offset_s, struct tftplog_line *ret);

/* Most lines of a syslog are other programs': where in a text of whole lines the next one may be that has a server's tag, by
 * a search and no more. Lines before the one that it is in are none of ours. */
#define TFTPLOG_NEEDLES 2
struct tftplog_search {
	const char *end; /* of the text */
	const char *next[TFTPLOG_NEEDLES]; /* NULL = not any more */
};
void tftplog_search(struct tftplog_search *ret, const char *text, size_t len);
/* From there on, which is never before it was asked last; NULL = none. */
const char *tftplog_next(struct tftplog_search *s, const char *from);

/* As tftplog_parse, of an entry that says apart who wrote it and when, as the journal's do. */
struct tftplog_entry {
	int64_t at_ms;
	const char *tag;
	size_t tag_len;
	uint32_t pid;
	const char *message;
	size_t len;
};
enum tftplog_what tftplog_parse_entry(enum tftplog_format f, const struct tftplog_entry *entry,
				      struct tftplog_line *ret);

/* When was a line written, whoever wrote it? False: it has no stamp that we know. */
bool tftplog_line_stamp(const char *line, size_t len, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms);

#endif
