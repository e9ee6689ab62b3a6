/* SPDX-License-Identifier: MPL-2.0 */
/*
 * SCCP (Skinny) as far as a witness needs it (F§7.6): frames out of a stream, what Register and Alarm say, and
 * the few answers. Pure: bytes and a length in, values out, and the other way round. All numbers are
 * little-endian, but for IPv4 addresses. A call is never set up: what does that is not here.
 *
 * Lengths differ from load to load: each message is read as far as it goes, and what is behind the known
 * fields is passed over.
 */
#ifndef LOADSTEP_SCCP_H
#define LOADSTEP_SCCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "parse.h"
#include "phase.h"

#define SCCP_PORT 2000

/* A frame: length (4, counts the message id and what follows it), header version (4), message id (4), body. */
#define SCCP_PREFIX_BYTES 12
#define SCCP_LENGTH_MIN 4 /* the message id alone */
/* Register has at most 172 bytes, Alarm 92; an XMLAlarm is text, and longer ones than this are not for us. */
#define SCCP_BODY_MAX 4096
#define SCCP_MESSAGE_MAX (SCCP_PREFIX_BYTES + SCCP_BODY_MAX)

enum sccp_id {
	/* from the phone */
	SCCP_KEEPALIVE = 0x0000,
	SCCP_REGISTER = 0x0001,
	SCCP_ALARM = 0x0020,
	SCCP_UNREGISTER = 0x0027,
	SCCP_TOKEN_REQUEST = 0x0029,
	SCCP_XML_ALARM = 0x015A,
	/* to the phone */
	SCCP_REGISTER_ACK = 0x0081,
	SCCP_CAPABILITIES_REQ = 0x009B,
	SCCP_REGISTER_REJECT = 0x009D,
	SCCP_RESET = 0x009F,
	SCCP_KEEPALIVE_ACK = 0x0100,
	SCCP_TOKEN_REJECT = 0x011B,
};

struct sccp_message {
	uint32_t header_version; /* 0 for old loads; an answer carries the same */
	uint32_t id;		 /* any number: what is not in enum sccp_id is passed over */
	const uint8_t *body;	 /* borrowed from the bytes that were parsed */
	size_t body_bytes;
	size_t whole_bytes; /* what it takes of the stream */
};

/* The first message of what has come so far. 0 = a whole one; 1 = more bytes are needed; -1 = no SCCP: a length
 * below SCCP_LENGTH_MIN, or beyond SCCP_BODY_MAX. */
int sccp_message_parse(const void *bytes, size_t len, struct sccp_message *ret, struct err *e) MUST_CHECK;

/* ---- what the phone says */

#define SCCP_NAME_MAX 16
#define SCCP_LOAD_MAX 32
#define SCCP_ALARM_TEXT_MAX 80
#define SCCP_XML_TEXT_MAX 400 /* of an XMLAlarm: enough to see what it is */

struct sccp_register {
	char name[SCCP_NAME_MAX + 1]; /* raw, as sent */
	bool mac_known;		      /* the name is SEP and a MAC */
	struct mac mac;
	uint32_t instance;
	struct ip4 address;	/* as the phone believes */
	uint32_t device_type;	/* the loadInformation number (F§5.2) */
	int protocol;		/* -1 = the message ends before it */
	char load[SCCP_LOAD_MAX + 1]; /* raw; "" = it names none: all that 7940 and 7960 send */
};

/* Register, or RegisterTokenRequest, which begins alike and names no load. -1: shorter than up to the device
 * type. */
int sccp_register_parse(const struct sccp_message *m, struct sccp_register *ret, struct err *e) MUST_CHECK;

struct sccp_alarm {
	uint32_t severity;
	char text[SCCP_XML_TEXT_MAX + 1]; /* raw, as sent, up to its first NUL */
	uint32_t parameter[2];
	bool mac_known; /* Name= is SEP and a MAC */
	struct mac mac;
	/* Out of the text "NN: Name=SEP… Load=… Last=…", raw; "" = not there. */
	char load[SCCP_LOAD_MAX + 1];
	char last[SCCP_ALARM_TEXT_MAX + 1];
	int number;	   /* NN, -1 = not there */
	enum witness about; /* which trouble with its load it tells; WITNESS_COUNT = none */
};

/* Alarm, or XMLAlarm: text alone. -1: no severity in it. */
int sccp_alarm_parse(const struct sccp_message *m, struct sccp_alarm *ret, struct err *e) MUST_CHECK;

/* ---- answers */

#define SCCP_ANSWER_MAX 64

struct sccp_answer {
	size_t len;
	uint8_t bytes[SCCP_ANSWER_MAX];
};

enum sccp_reset { SCCP_RESET_POWER_ON = 1, SCCP_RESET_RESTART = 2 };

/* Each is put behind what is there already; true = it had room. `to`: the message that is answered. */
bool sccp_add_register_ack(struct sccp_answer *a, const struct sccp_message *to, uint32_t keepalive_s,
			   int protocol);
bool sccp_add_register_reject(struct sccp_answer *a, const struct sccp_message *to, const char *text);
bool sccp_add_reset(struct sccp_answer *a, const struct sccp_message *to, enum sccp_reset type);
bool sccp_add_keepalive_ack(struct sccp_answer *a, const struct sccp_message *to);
bool sccp_add_token_reject(struct sccp_answer *a, const struct sccp_message *to, uint32_t wait_s);

#endif
