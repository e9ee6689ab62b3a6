/* SPDX-License-Identifier: MPL-2.0 */
/* The message's fixed part, then its options in up to three places: see dhcpmsg.h. */
#include "dhcpmsg.h"

#include <string.h>

#include "strbuf.h"

enum { BOOTREQUEST = 1, BOOTREPLY };
enum { AT_CHADDR = 28, AT_SNAME = 44, AT_FILE = 108, AT_COOKIE = 236, SNAME = 64, FILE_FIELD = 128 };
enum { HTYPE_ETHERNET = 1, MAC_BYTES = 6 };
enum {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_HOSTNAME = 12,
	OPTION_REQUESTED = 50,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_PARAMETERS = 55,
	OPTION_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_TFTP_NAME = 66,
	OPTION_RELAY = 82,
	OPTION_TFTP = 150,
	OPTION_END = 255,
};

static const uint8_t cookie[4] = { 99, 130, 83, 99 }; /* RFC 2132 §2 */

struct reading {
	struct dhcp_message *m;
	bool typed, mac_known;
	uint8_t overload; /* 1: the file field holds options too, 2: sname, 3: both (RFC 2132 §9.3) */
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void on_address(const uint8_t *p, size_t n, struct ip4 *ret)
{
	if (n == 4)
		ret->host = get32(p);
}

static void on_name(const uint8_t *p, size_t n, char *ret, size_t size)
{
	size_t k = 0;

	while (k < n && k + 1 < size && p[k] > 0x20 && p[k] < 0x7f) {
		ret[k] = (char)p[k];
		k++;
	}
	ret[k] = '\0';
}

/* Behind what an earlier piece brought; what does not fit is left out. */
static void append(uint8_t *to, uint8_t *len, size_t size, const uint8_t *p, size_t n)
{
	size_t room = size - *len;

	if (n > room)
		n = room;
	memcpy(to + *len, p, n);
	*len = (uint8_t)(*len + n);
}

static void on_identity(struct reading *r, uint8_t code, const uint8_t *p, size_t n)
{
	struct dhcp_message *m = r->m;

	if (code == OPTION_CLASS) {
		append(m->vendor_class, &m->vendor_len, sizeof(m->vendor_class), p, n);
	} else if (code == OPTION_RELAY) {
		append(m->relay, &m->relay_len, sizeof(m->relay), p, n);
	} else if (code == OPTION_CLIENT_ID && n == 1 + MAC_BYTES && p[0] == HTYPE_ETHERNET &&
		   !r->mac_known) {
		memcpy(m->mac.b, p + 1, MAC_BYTES);
		r->mac_known = true;
	}
}

static void on_option(struct reading *r, uint8_t code, const uint8_t *p, size_t n)
{
	struct dhcp_message *m = r->m;

	switch (code) {
	case OPTION_TYPE:
		r->typed = n == 1 && p[0] >= DHCP_DISCOVER && p[0] <= DHCP_INFORM;
		m->type = r->typed ? (enum dhcp_type)p[0] : m->type;
		break;
	case OPTION_OVERLOAD:
		r->overload = n == 1 ? p[0] : 0;
		break;
	case OPTION_MASK:
		on_address(p, n, &m->mask);
		break;
	case OPTION_REQUESTED:
		on_address(p, n, &m->requested);
		break;
	case OPTION_SERVER:
		on_address(p, n, &m->server);
		break;
	case OPTION_HOSTNAME:
		on_name(p, n, m->hostname, sizeof(m->hostname));
		break;
	case OPTION_PARAMETERS:
		m->asks_150 = m->asks_150 || (n && memchr(p, OPTION_TFTP, n));
		break;
	case OPTION_TFTP:
		for (; n >= 4 && m->n_tftp < DHCPMSG_SERVERS_MAX; p += 4, n -= 4)
			m->tftp[m->n_tftp++].host = get32(p);
		break;
	case OPTION_TFTP_NAME:
		text_escape(m->tftp_name, sizeof(m->tftp_name), p, strnlen((const char *)p, n));
		break;
	default:
		on_identity(r, code, p, n);
		break;
	}
}

static void walk(struct reading *r, const uint8_t *p, size_t n)
{
	while (n > 0 && p[0] != OPTION_END) {
		if (p[0] == OPTION_PAD) {
			p++;
			n--;
			continue;
		}
		if (n < 2 || n < 2u + p[1])
			return;
		on_option(r, p[0], p + 2, p[1]);
		n -= 2u + p[1];
		p += 2u + p[1];
	}
}

int dhcpmsg_parse(const void *bytes, size_t len, struct dhcp_message *ret)
{
	const uint8_t *b = bytes;
	struct dhcp_message m = { .reply = false };
	struct reading r = { .m = &m };

	if (len < DHCPMSG_HEADER || (b[0] != BOOTREQUEST && b[0] != BOOTREPLY) ||
	    memcmp(b + AT_COOKIE, cookie, sizeof(cookie)) != 0)
		return 1;
	m.reply = b[0] == BOOTREPLY;
	m.xid = get32(b + 4);
	m.secs = (uint16_t)(b[8] << 8 | b[9]);
	m.ciaddr.host = get32(b + 12);
	m.yiaddr.host = get32(b + 16);
	m.siaddr.host = get32(b + 20);
	m.giaddr.host = get32(b + 24);
	r.mac_known = b[1] == HTYPE_ETHERNET && b[2] == MAC_BYTES;
	if (r.mac_known)
		memcpy(m.mac.b, b + AT_CHADDR, MAC_BYTES);
	walk(&r, b + DHCPMSG_HEADER, len - DHCPMSG_HEADER);
	if (r.overload & 1)
		walk(&r, b + AT_FILE, FILE_FIELD);
	if (r.overload & 2)
		walk(&r, b + AT_SNAME, SNAME);
	while (m.vendor_len > 0 && m.vendor_class[m.vendor_len - 1] == '\0')
		m.vendor_len--;
	if (!r.typed || !r.mac_known)
		return 1;
	*ret = m;
	return 0;
}
