/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The probe's two packets: the DISCOVER that goes out and the OFFERs that come in (RFC 2131 §2, RFC 2132), with
 * their IPv4 and UDP headers, since a packet socket has neither. Offers are foreign bytes: nothing is read
 * behind what came.
 */
#include <arpa/inet.h>
#include <string.h>

#include "dhcpprobe.h"
#include "phone.h"
#include "strbuf.h"

enum { OFFER_SERVER = 67, OFFER_CLIENT = 68, IP_UDP = 17, IP_HEADER = 20, UDP_HEADER = 8, BOOTP = 236 };
enum { BOOTREQUEST = 1, BOOTREPLY, DHCPDISCOVER = 1, DHCPOFFER = 2 };
enum {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_REQUESTED = 55,
	OPTION_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_TFTP_NAME = 66,
	OPTION_TFTP = 150,
	OPTION_END = 255,
};

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
	put16(p + 20, OFFER_CLIENT);
	put16(p + 22, OFFER_SERVER);
	put16(p + 24, udp);
	/* the pseudo header: both addresses, protocol, length (RFC 768) */
	uint16_t check = fold(sum((uint32_t)(IP_UDP + udp) + 2 * 0xffff, p + IP_HEADER, udp));
	put16(p + 26, check ? check : 0xffff);
}

size_t discover_format(uint8_t *buf, size_t size, uint32_t xid, const void *vendor_class, size_t vendor_len)
{
	static const uint8_t type = DHCPDISCOVER, the_end = OPTION_END;
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

static struct ip4 ip4_at(const uint8_t *p)
{
	return (struct ip4){ (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] };
}

struct seen {
	bool offer;
	uint8_t overload; /* 1: the file field holds options too, 2: sname, 3: both (RFC 2132 §9.3) */
};

static void on_option(uint8_t code, const uint8_t *p, size_t n, struct offer *ret, struct seen *s)
{
	switch (code) {
	case OPTION_TYPE:
		s->offer = n == 1 && p[0] == DHCPOFFER;
		break;
	case OPTION_OVERLOAD:
		s->overload = n == 1 ? p[0] : 0;
		break;
	case OPTION_MASK:
		ret->mask = n == 4 ? ip4_at(p) : ret->mask;
		break;
	case OPTION_SERVER:
		ret->server = n == 4 ? ip4_at(p) : ret->server;
		break;
	case OPTION_TFTP:
		for (; n >= 4 && ret->n_tftp < OFFER_SERVERS_MAX; p += 4, n -= 4)
			ret->tftp[ret->n_tftp++] = ip4_at(p);
		break;
	case OPTION_TFTP_NAME:
		text_escape(ret->tftp_name, sizeof(ret->tftp_name), p, strnlen((const char *)p, n));
		break;
	default:
		break;
	}
}

static void walk(const uint8_t *p, size_t n, struct offer *ret, struct seen *s)
{
	while (n > 0 && p[0] != OPTION_END) {
		if (p[0] == OPTION_PAD) {
			p++;
			n--;
			continue;
		}
		if (n < 2 || n < 2u + p[1])
			return;
		on_option(p[0], p + 2, p[1], ret, s);
		n -= 2u + p[1];
		p += 2u + p[1];
	}
}

/* The DHCP message inside IPv4 and UDP; NULL: it is none to a client. No checksum is looked at: of packets that
 * this very host sends it is not there yet. */
static const uint8_t *payload(const uint8_t *p, size_t len, size_t *ret_len)
{
	size_t ip = len >= IP_HEADER ? (size_t)(p[0] & 15) * 4 : 0;

	if (ip < IP_HEADER || p[0] >> 4 != 4 || len < ip + UDP_HEADER + BOOTP + sizeof(cookie) ||
	    p[9] != IP_UDP)
		return NULL;
	const uint8_t *udp = p + ip;
	size_t n = (size_t)(udp[4] << 8 | udp[5]);
	if ((udp[2] << 8 | udp[3]) != OFFER_CLIENT || n > len - ip || n < UDP_HEADER + BOOTP + sizeof(cookie))
		return NULL;
	*ret_len = n - UDP_HEADER;
	return udp + UDP_HEADER;
}

int offer_parse(const void *bytes, size_t len, uint32_t xid, struct offer *ret)
{
	struct offer x = { .n_tftp = 0 };
	struct seen s = { .offer = false };
	size_t n = 0;
	const uint8_t *b = payload(bytes, len, &n);

	if (!b || b[0] != BOOTREPLY || memcmp(b + 4, &xid, 4) != 0 ||
	    memcmp(b + 28, phone_probe_mac.b, 6) != 0 || memcmp(b + BOOTP, cookie, 4) != 0)
		return 1;
	x.from = ip4_at((const uint8_t *)bytes + 12);
	x.address = ip4_at(b + 16);
	x.next = ip4_at(b + 20);
	walk(b + BOOTP + 4, n - BOOTP - 4, &x, &s);
	if (s.overload & 1)
		walk(b + 108, 128, &x, &s);
	if (s.overload & 2)
		walk(b + 44, 64, &x, &s);
	if (!s.offer)
		return 1;
	*ret = x;
	return 0;
}
