/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The probe's two packets: the DISCOVER that goes out and the OFFERs that come in (RFC 2131 §2, RFC 2132), with
 * their IPv4 and UDP headers, since a packet socket has neither.
 */
#include <arpa/inet.h>
#include <string.h>

#include "dhcpmsg.h"
#include "dhcpprobe.h"
#include "frame.h"
#include "phone.h"
#include "strbuf.h"

enum { IP_UDP = 17, IP_HEADER = 20, UDP_HEADER = 8, BOOTP = 236, BOOTREQUEST = 1 };
enum { OPTION_TYPE = 53, OPTION_REQUESTED = 55, OPTION_CLASS = 60, OPTION_CLIENT_ID = 61, OPTION_END = 255 };

static const uint8_t cookie[4] = { 99, 130, 83, 99 }; /* RFC 2132 §2 */
/* A 7940's or 7960's (F§1.4). */
static const uint8_t requested[] = { 1, 66, 6, 3, 15, 150, 35, 151 };

/* ---- out */

struct out {
	uint8_t *p;
	size_t n;
};

static void put(struct out *o, const void *bytes, size_t n)
{
	memcpy(o->p + o->n, bytes, n);
	o->n += n;
}

static void put_option(struct out *o, uint8_t code, const void *bytes, size_t n)
{
	uint8_t head[2] = { code, (uint8_t)n };

	put(o, head, 2);
	put(o, bytes, n);
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* RFC 1071 over `n` bytes and what was summed before. */
static uint32_t sum(uint32_t before, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		before += (uint32_t)(p[i] << 8 | p[i + 1]);
	return n & 1 ? before + (uint32_t)(p[n - 1] << 8) : before;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* From 0.0.0.0 to 255.255.255.255, as who has no address asks. */
static void put_headers(uint8_t *p, size_t len)
{
	size_t udp = len - IP_HEADER;

	p[0] = 0x45;
	put16(p + 2, len);
	p[8] = 16; /* stays in its segment anyhow */
	p[9] = IP_UDP;
	memset(p + 16, 0xff, 4);
	put16(p + 10, fold(sum(0, p, IP_HEADER)));
	put16(p + 20, DHCP_CLIENT_PORT);
	put16(p + 22, DHCP_SERVER_PORT);
	put16(p + 24, udp);
	/* the pseudo header: both addresses, protocol, length (RFC 768) */
	uint16_t check = fold(sum((uint32_t)(IP_UDP + udp) + 2 * 0xffff, p + IP_HEADER, udp));
	put16(p + 26, check ? check : 0xffff);
}

size_t discover_format(uint8_t *buf, size_t size, uint32_t xid, const void *vendor_class, size_t vendor_len)
{
	static const uint8_t type = DHCP_DISCOVER, the_end = OPTION_END;
	uint8_t id[7] = { 1 };
	uint8_t *b = buf + IP_HEADER + UDP_HEADER;
	struct out o = { .p = buf, .n = IP_HEADER + UDP_HEADER + BOOTP };

	if (vendor_len > PHONE_VENDOR_MAX || size < o.n + 64 + vendor_len)
		return 0;
	memset(buf, 0, size);
	b[0] = BOOTREQUEST;
	b[1] = 1; /* Ethernet */
	b[2] = 6;
	memcpy(b + 4, &xid, 4);
	put16(b + 8, 48); /* secs: as a phone that has been trying (F§1.4) */
	put16(b + 10, 0x8000); /* answers by broadcast: we have no address to be reached at */
	memcpy(b + 28, phone_probe_mac.b, 6);
	memcpy(id + 1, phone_probe_mac.b, 6);
	put(&o, cookie, 4);
	put_option(&o, OPTION_TYPE, &type, 1);
	put_option(&o, OPTION_CLIENT_ID, id, sizeof(id));
	put_option(&o, OPTION_CLASS, vendor_class, vendor_len);
	put_option(&o, OPTION_REQUESTED, requested, sizeof(requested));
	put(&o, &the_end, 1);
	size_t least = IP_HEADER + UDP_HEADER + 300; /* RFC 1542 §2.1 */
	if (o.n < least)
		o.n = least;
	put_headers(buf, o.n);
	return o.n;
}

/* ---- in */

int offer_parse(const void *bytes, size_t len, uint32_t xid, struct offer *ret)
{
	struct frame f = { .link = FRAME_RAW_IP, .bytes = bytes, .len = len, .wire_len = len };
	struct dhcp_message m;
	struct packet p;

	if (frame_packet(&f, &p) != FRAME_UDP || p.to_port != DHCP_CLIENT_PORT || dhcpmsg_parse(p.bytes, p.len, &m) != 0)
		return 1;
	if (!m.reply || m.type != DHCP_OFFER || m.xid != ntohl(xid) || !mac_equal(&m.mac, &phone_probe_mac))
		return 1;
	*ret = (struct offer){
		.from = p.from,
		.server = m.server,
		.address = m.yiaddr,
		.next = m.siaddr,
		.mask = m.mask,
		.n_tftp = m.n_tftp,
	};
	for (unsigned i = 0; i < m.n_tftp; i++)
		ret->tftp[i] = m.tftp[i];
	text_copy(ret->tftp_name, sizeof(ret->tftp_name), m.tftp_name);
	return 0;
}
