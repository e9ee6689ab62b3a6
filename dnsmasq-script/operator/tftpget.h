/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Fetching a file as a classic phone does: RFC 1350, mode octet, blocks of 512 bytes and no options (F§2). Of
 * our own, because what it is for is the trouble on the way, and libcurl 7.88 hides that: it takes an answer
 * from another address than the one that was asked (F§8 row 22) for the server's own, and a port that nobody
 * serves for silence (both tried).
 */
#ifndef LOADSTEP_TFTPGET_H
#define LOADSTEP_TFTPGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "parse.h"
#include "strbuf.h"
#include "tftpmsg.h"

/* ---- one file */

enum tftp_outcome {
	TFTP_GOT,
	TFTP_SAYS_NO, /* an ERROR packet: `code` and `text` */
	TFTP_SILENT, /* no answer, or none from the address that was asked */
	TFTP_UNREACHABLE, /* the network says so (ICMP): `text` */
	TFTP_BROKE_OFF, /* it began, and did not go on */
	TFTP_TOO_LONG, /* more bytes than the caller takes */
};

struct tftp_server {
	struct ip4 address;
	uint16_t port;
	int resend_ms; /* wait this long for an answer before asking again */
	int tries; /* how often the same packet is sent */
};

struct tftp_answer {
	enum tftp_outcome outcome;
	int64_t first_ms; /* from the first request to the first answer; what was waited where none came */
	unsigned packets; /* sent, without the repeated ones */
	unsigned late; /* of those behind the first answer: answered after 250 ms, or sent again */
	struct ip4 elsewhere; /* an answer came from this address, host 0 = none did */
	uint16_t code; /* the ERROR packet's */
	char text[128]; /* escaped */
};

/* Ask and read to the end, the bytes into *body (what came so far, where it broke off). 0 whatever became of
 * it, *ret filled; -1 = could not ask (no socket, a name of more than a packet holds). */
int tftp_get(const struct tftp_server *server, const char *file, struct strbuf *body, struct tftp_answer *ret,
	     struct err *e) MUST_CHECK;

#endif
