/* SPDX-License-Identifier: MPL-2.0 */
/* Frames as a capture has them, made by hand: UDP in IPv4 in Ethernet. */
#ifndef LOADSTEP_TEST_CAPTURE_FIXTURE_H
#define LOADSTEP_TEST_CAPTURE_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "frame.h"

#define WIRE_MAX 1600
#define ETHERNET 14
#define HEADERS (ETHERNET + 20 + 8)

struct wire {
	uint8_t bytes[WIRE_MAX];
	size_t len;
};

static inline void wire_put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void wire_put32(uint8_t *p, uint32_t v)
{
	wire_put16(p, v >> 16);
	wire_put16(p + 2, v & 0xffff);
}

/* Each packet has a number of its own, as a host gives them. */
static inline void wire_udp(struct wire *w, uint32_t from, unsigned from_port, uint32_t to, unsigned to_port,
			    const void *payload, size_t n)
{
	static uint16_t id;
	uint8_t *ip = w->bytes + ETHERNET;

	memset(w->bytes, 0, HEADERS);
	memcpy(w->bytes, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0", ETHERNET);
	ip[0] = 0x45;
	wire_put16(ip + 2, 28 + n);
	wire_put16(ip + 4, ++id);
	ip[8] = 64;
	ip[9] = 17;
	wire_put32(ip + 12, from);
	wire_put32(ip + 16, to);
	wire_put16(ip + 20, from_port);
	wire_put16(ip + 22, to_port);
	wire_put16(ip + 24, 8 + n);
	memcpy(ip + 28, payload, n);
	w->len = HEADERS + n;
}

static inline struct frame wire_frame(const struct wire *w, int64_t at_ms)
{
	return (struct frame){ .at_ms = at_ms, .bytes = w->bytes, .len = w->len, .wire_len = w->len };
}

/* A DHCP message: fixed part and cookie, then `options` as they are. Returns its length. */
static inline size_t wire_dhcp(uint8_t *b, int op, uint32_t xid, const char *mac, const void *options, size_t n)
{
	memset(b, 0, 240);
	b[0] = (uint8_t)op;
	b[1] = 1;
	b[2] = 6;
	wire_put32(b + 4, xid);
	memcpy(b + 28, mac, 6);
	memcpy(b + 236, "\x63\x82\x53\x63", 4);
	memcpy(b + 240, options, n);
	return 240 + n;
}

#endif
