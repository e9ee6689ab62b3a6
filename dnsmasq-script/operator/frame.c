/* SPDX-License-Identifier: MPL-2.0 */
/* Frame, IPv4 and UDP headers: see frame.h. */
#include "frame.h"

#include <stdbool.h>

enum { ETHERNET_HEADER = 14, TAG = 4, TAGS_MAX = 2, IP_HEADER = 20, UDP_HEADER = 8, PROTOCOL_UDP = 17 };
enum { TYPE_IPV4 = 0x0800, TYPE_8021Q = 0x8100, TYPE_8021AD = 0x88a8, TYPE_QINQ = 0x9100 };
enum { COOKED_HEADER = 16, COOKED_TYPE = 14, COOKED2_HEADER = 20 };

/* What of the frame is left. */
struct rest {
	const uint8_t *p;
	size_t len;
	size_t wire_len;
};

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static struct ip4 get_ip4(const uint8_t *p)
{
	return (struct ip4){ (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] };
}

static void skip(struct rest *r, size_t n)
{
	r->p += n;
	r->len -= n;
	r->wire_len -= n;
}

/* FRAME_UDP: n bytes are there. */
static enum frame_verdict have(const struct rest *r, size_t n)
{
	return r->len >= n ? FRAME_UDP : r->wire_len >= n ? FRAME_CUT : FRAME_BROKEN;
}

/* Over the link's header. FRAME_UDP: IPv4 is next. */
static enum frame_verdict take_link(enum frame_link link, struct rest *r)
{
	static const struct {
		size_t bytes, type_at;
	} headers[] = {
		[FRAME_ETHERNET] = { ETHERNET_HEADER, 12 },
		[FRAME_RAW_IP] = { 0, 0 },
		[FRAME_COOKED] = { COOKED_HEADER, COOKED_TYPE },
		[FRAME_COOKED2] = { COOKED2_HEADER, 0 },
	};
	enum frame_verdict v = have(r, headers[link].bytes);

	if (v != FRAME_UDP || link == FRAME_RAW_IP)
		return v;
	unsigned type = get16(r->p + headers[link].type_at);

	skip(r, headers[link].bytes);
	for (int i = 0; i < TAGS_MAX && (type == TYPE_8021Q || type == TYPE_8021AD || type == TYPE_QINQ);
	     i++) {
		v = have(r, TAG);
		if (v != FRAME_UDP)
			return v;
		type = get16(r->p + 2);
		skip(r, TAG);
	}
	return type == TYPE_IPV4 ? FRAME_UDP : FRAME_OTHER;
}

/* Over IPv4's header; what is left is its payload, without an Ethernet frame's padding. */
static enum frame_verdict take_ip(struct rest *r, struct packet *p)
{
	enum frame_verdict v = have(r, 1);

	if (v != FRAME_UDP)
		return v;
	if (r->p[0] >> 4 != 4)
		return FRAME_OTHER;
	v = have(r, IP_HEADER);
	if (v != FRAME_UDP)
		return v;
	size_t header = (size_t)(r->p[0] & 15) * 4, total = get16(r->p + 2);
	bool fragment = (get16(r->p + 6) & 0x3fff) != 0; /* more of them, or not the first */

	if (r->p[9] != PROTOCOL_UDP)
		return FRAME_OTHER;
	if (header < IP_HEADER || total < header || total > r->wire_len)
		return FRAME_BROKEN;
	if (fragment)
		return FRAME_FRAGMENT;
	p->ip_id = (uint16_t)get16(r->p + 4);
	p->from = get_ip4(r->p + 12);
	p->to = get_ip4(r->p + 16);
	r->wire_len = total;
	if (r->len > total)
		r->len = total;
	v = have(r, header);
	if (v == FRAME_UDP)
		skip(r, header);
	return v;
}

enum frame_verdict frame_packet(const struct frame *f, struct packet *ret)
{
	struct rest r = { f->bytes, f->len, f->wire_len };
	struct packet p = { .len = 0 };
	enum frame_verdict v = take_link(f->link, &r);

	if (v == FRAME_UDP)
		v = take_ip(&r, &p);
	if (v == FRAME_UDP)
		v = have(&r, UDP_HEADER);
	if (v != FRAME_UDP)
		return v;
	size_t n = get16(r.p + 4);

	if (n < UDP_HEADER || n > r.wire_len)
		return FRAME_BROKEN;
	p.from_port = (uint16_t)get16(r.p);
	p.to_port = (uint16_t)get16(r.p + 2);
	p.bytes = r.p + UDP_HEADER;
	p.wire_len = n - UDP_HEADER;
	p.len = r.len - UDP_HEADER < p.wire_len ? r.len - UDP_HEADER : p.wire_len;
	*ret = p;
	return FRAME_UDP;
}
