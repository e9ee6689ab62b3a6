/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A captured frame to the UDP packet in it: Ethernet (with 802.1Q tags), raw IP, Linux cooked (v1 and v2), then
 * IPv4 and UDP. Pure, and total: every byte string has an answer, and nothing is read behind what was captured.
 * Checksums are not looked at: of packets that the capturing host sends itself they are not there yet.
 */
#ifndef LOADSTEP_FRAME_H
#define LOADSTEP_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "parse.h"

enum frame_link { FRAME_ETHERNET, FRAME_RAW_IP, FRAME_COOKED, FRAME_COOKED2 };

struct frame {
	int64_t at_ms; /* 0 = its stamp is none */
	enum frame_link link;
	const uint8_t *bytes; /* borrowed until the next frame */
	size_t len;	      /* captured */
	size_t wire_len;      /* as it was on the wire; never less than len */
};

struct packet {
	struct ip4 from, to;
	uint16_t from_port, to_port;
	uint16_t ip_id;
	const uint8_t *bytes; /* UDP's payload, borrowed from the frame */
	size_t len;	      /* captured */
	size_t wire_len;      /* as UDP's header says; never less than len */
};

enum frame_verdict {
	FRAME_UDP,
	FRAME_OTHER,	/* no IPv4, or no UDP in it */
	FRAME_FRAGMENT, /* a piece of an IPv4 packet of UDP: a phone's packets are whole ones (F§2) */
	FRAME_CUT,	/* the snap length ends in its headers */
	FRAME_BROKEN,	/* lengths that contradict each other */
};

/* *ret is written for FRAME_UDP only. */
enum frame_verdict frame_packet(const struct frame *f, struct packet *ret);

#endif
