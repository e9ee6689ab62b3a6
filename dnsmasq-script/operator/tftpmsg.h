/* SPDX-License-Identifier: MPL-2.0 */
/* TFTP packets (RFC 1350 §5, RFC 2347): foreign bytes, of which nothing is read behind what came. */
#ifndef LOADSTEP_TFTPMSG_H
#define LOADSTEP_TFTPMSG_H

#include <stddef.h>
#include <stdint.h>

#define TFTP_BLOCK 512
#define TFTP_BLOCK_MAX 65464 /* RFC 2348 */
#define TFTP_PORT 69

enum tftp_op { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };

enum tftp_error { TFTP_ERROR_TEXT, TFTP_NOT_FOUND, TFTP_NO_ACCESS, TFTP_UNKNOWN_TID = 5 };

struct tftp_packet {
	enum tftp_op op;
	uint16_t number; /* DATA, ACK: the block's; ERROR: its own */
	const uint8_t *bytes; /* borrowed. RRQ, WRQ: the name; DATA: the block; ERROR: the text; without a NUL */
	size_t len;
	uint16_t block_bytes; /* OACK: of each block; 0 = it does not say */
};

/* Any packet. 0; 1 = none, or cut before what it is about (a request before its name's end). What is behind that may
 * be missing: a capture keeps only the first bytes of a packet. */
int tftpmsg_parse(const void *bytes, size_t len, struct tftp_packet *ret);

/* What a reader may be sent: DATA of at most 512 bytes, or ERROR. 0; 1 = anything else. */
int tftp_packet_parse(const void *bytes, size_t len, struct tftp_packet *ret);

#endif
