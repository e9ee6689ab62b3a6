/* SPDX-License-Identifier: MPL-2.0 */
/* Frames of each link to the packet in them; what is cut, broken or none; DHCP's and TFTP's packets taken apart. */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture_fixture.h"
#include "dhcpmsg.h"
#include "tftpmsg.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PHONE 0x0a000014u
#define SERVER 0x0a000001u

/* ---- frames: an IPv4 packet of ten bytes behind these headers */

static const struct {
	const char *name;
	enum frame_link link;
	const char *header;
	size_t len;
	enum frame_verdict verdict;
} links[] = {
	{ "Ethernet", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\x08\0", 14, FRAME_UDP },
	{ "802.1Q", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\x81\0\0\x64\x08\0", 18, FRAME_UDP },
	{ "two tags", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\x88\xa8\0\x64\x81\0\0\x65\x08\0", 22, FRAME_UDP },
	{ "three tags", FRAME_ETHERNET,
	  "\1\1\1\1\1\1\2\2\2\2\2\2\x88\xa8\0\x64\x81\0\0\x65\x81\0\0\x66\x08\0", 26, FRAME_OTHER },
	{ "ARP", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\x08\6", 14, FRAME_OTHER },
	{ "802.3", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\0\x40", 14, FRAME_OTHER },
	{ "IPv6", FRAME_ETHERNET, "\1\1\1\1\1\1\2\2\2\2\2\2\x86\xdd", 14, FRAME_OTHER },
	{ "raw IP", FRAME_RAW_IP, "", 0, FRAME_UDP },
	{ "cooked", FRAME_COOKED, "\0\0\0\1\0\6\1\1\1\1\1\1\0\0\x08\0", 16, FRAME_UDP },
	{ "cooked, tagged", FRAME_COOKED, "\0\0\0\1\0\6\1\1\1\1\1\1\0\0\x81\0\0\x64\x08\0", 20, FRAME_UDP },
	{ "cooked, ARP", FRAME_COOKED, "\0\0\0\1\0\6\1\1\1\1\1\1\0\0\x08\6", 16, FRAME_OTHER },
	{ "cooked 2", FRAME_COOKED2, "\x08\0\0\0\0\0\0\2\0\1\0\6\1\1\1\1\1\1\0\0", 20, FRAME_UDP },
	{ "cooked 2, LLDP", FRAME_COOKED2, "\x88\xcc\0\0\0\0\0\2\0\1\0\6\1\1\1\1\1\1\0\0", 20, FRAME_OTHER },
};

static size_t make_frame(uint8_t *p, const char *header, size_t n)
{
	struct wire w;

	wire_udp(&w, PHONE, 50001, SERVER, 69, "0123456789", 10);
	memcpy(p, header, n);
	memcpy(p + n, w.bytes + ETHERNET, w.len - ETHERNET);
	return n + w.len - ETHERNET;
}

static void test_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		uint8_t bytes[128];
		size_t len = make_frame(bytes, links[i].header, links[i].len);
		struct frame f = { .link = links[i].link, .bytes = bytes, .len = len, .wire_len = len + 6 };
		struct packet p;
		enum frame_verdict v = frame_packet(&f, &p);

		if (v != links[i].verdict)
			fail_msg("%s: %d", links[i].name, (int)v);
		if (v != FRAME_UDP)
			continue;
		assert_int_equal(p.from.host, PHONE);
		assert_int_equal(p.to.host, SERVER);
		assert_int_equal(p.from_port, 50001);
		assert_int_equal(p.to_port, 69);
		assert_int_equal(p.len, 10); /* not the padding behind it */
		assert_int_equal(p.wire_len, 10);
		assert_memory_equal(p.bytes, "0123456789", 10);
	}
}

/* Each length of what was captured: a verdict, and never more than there is. */
static void test_snap_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		uint8_t bytes[128];
		size_t len = make_frame(bytes, links[i].header, links[i].len);

		for (size_t cut = 0; cut < len; cut++) {
			uint8_t *own = malloc(cut ? cut : 1); /* a sanitizer sees one byte too far */
			struct frame f = { .link = links[i].link, .bytes = own, .len = cut, .wire_len = len };
			struct packet p = { .len = 0 };

			assert_non_null(own);
			memcpy(own, bytes, cut);
			enum frame_verdict v = frame_packet(&f, &p);

			if (v == FRAME_UDP) {
				assert_int_equal(p.len, 10 - (len - cut));
				assert_int_equal(p.wire_len, 10);
			} else {
				assert_true(v == FRAME_CUT || v == links[i].verdict);
			}
			f.wire_len = cut; /* it was no longer */
			v = frame_packet(&f, &p);
			assert_true(v == FRAME_BROKEN || v == links[i].verdict);
			assert_true(v != FRAME_UDP);
			free(own);
		}
	}
}

static const struct {
	const char *name;
	size_t at; /* from IPv4's first byte */
	uint8_t byte;
	enum frame_verdict verdict;
} faults[] = {
	{ "nothing", 8, 1, FRAME_UDP },
	{ "version 6", 0, 0x65, FRAME_OTHER },
	{ "a header of 16 bytes", 0, 0x44, FRAME_BROKEN },
	{ "a header behind the end", 0, 0x4f, FRAME_BROKEN },
	{ "a total that is none", 3, 0, FRAME_BROKEN },
	{ "a total above the frame", 2, 1, FRAME_BROKEN },
	{ "TCP", 9, 6, FRAME_OTHER },
	{ "more fragments", 6, 0x20, FRAME_FRAGMENT },
	{ "a later fragment", 7, 1, FRAME_FRAGMENT },
	{ "do not fragment", 6, 0x40, FRAME_UDP },
	{ "UDP longer than IP", 25, 19, FRAME_BROKEN },
	{ "UDP shorter than its header", 25, 7, FRAME_BROKEN },
	{ "an empty datagram", 25, 8, FRAME_UDP },
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		uint8_t bytes[128];
		size_t len = make_frame(bytes, "", 0);
		struct frame f = { .link = FRAME_RAW_IP, .bytes = bytes, .len = len, .wire_len = len };
		struct packet p;

		bytes[faults[i].at] = faults[i].byte;
		enum frame_verdict v = frame_packet(&f, &p);
		if (v != faults[i].verdict)
			fail_msg("%s: %d", faults[i].name, (int)v);
	}
}

/* ---- DHCP */

#define MESSAGE(op, text) wire_dhcp(b, op, 7, "\0\x1b\x0c\x18\xbd\xc1", text, sizeof(text) - 1)

static void test_dhcp(void **state)
{
	uint8_t b[600];
	struct dhcp_message m;
	size_t n = MESSAGE(1, "\x35\1\3\x3c\x1d"
			      "Cisco Systems, Inc. IP Phone\0"
			      "\x0c\x0fSEP001B0C18BDC1\x37\3\1\x42\x96\x36\4\x0a\0\0\1\x32\4\x0a\0\0\x14"
			      "\x52\4\1\2\x0a\x0b\xff\x96\4\1\1\1\1");

	(void)state;
	wire_put16(b + 8, 48);
	wire_put32(b + 24, 0x0a000001);
	assert_int_equal(dhcpmsg_parse(b, n, &m), 0);
	assert_false(m.reply);
	assert_int_equal(m.type, DHCP_REQUEST);
	assert_int_equal(m.xid, 7);
	assert_int_equal(m.secs, 48);
	assert_int_equal(m.giaddr.host, 0x0a000001);
	assert_memory_equal(m.mac.b, "\0\x1b\x0c\x18\xbd\xc1", 6);
	assert_int_equal(m.vendor_len, 28); /* without its NUL */
	assert_string_equal(m.hostname, "SEP001B0C18BDC1");
	assert_int_equal(m.server.host, 0x0a000001);
	assert_int_equal(m.requested.host, 0x0a000014);
	assert_true(m.asks_150);
	assert_int_equal(m.relay_len, 4);
	assert_memory_equal(m.relay, "\1\2\x0a\x0b", 4);
	assert_int_equal(m.n_tftp, 0); /* behind the end */
	for (size_t cut = 0; cut < DHCPMSG_HEADER + 3; cut++)
		assert_int_equal(dhcpmsg_parse(b, cut, &m), 1);
}

static void test_dhcp_odd(void **state)
{
	uint8_t b[900];
	struct dhcp_message m;

	(void)state;
	/* split over two pieces (RFC 3396), servers in the file field */
	size_t n = MESSAGE(2, "\x35\1\5\x34\1\1\x3c\3Cis\x3c\2co\xff");
	memcpy(b + 108, "\x96\x08\x0a\0\0\1\x0a\0\0\2\x42\5tftp\n\xff", 18);
	assert_int_equal(dhcpmsg_parse(b, n, &m), 0);
	assert_true(m.reply);
	assert_int_equal(m.type, DHCP_ACK);
	assert_int_equal(m.n_tftp, 2);
	assert_int_equal(m.tftp[1].host, 0x0a000002);
	assert_string_equal(m.tftp_name, "tftp\\n");
	assert_int_equal(m.vendor_len, 5);
	assert_memory_equal(m.vendor_class, "Cisco", 5);
	/* hardware that has no MAC: the client's identifier has one */
	n = MESSAGE(1, "\x35\1\1\x3d\7\1\0\x1b\x0c\1\2\3\xff");
	b[1] = 32;
	b[2] = 0;
	assert_int_equal(dhcpmsg_parse(b, n, &m), 0);
	assert_memory_equal(m.mac.b, "\0\x1b\x0c\1\2\3", 6);
	n = MESSAGE(1, "\x35\1\1\x3d\5\0abcd\xff");
	b[2] = 0;
	assert_int_equal(dhcpmsg_parse(b, n, &m), 1);
	/* BOOTP, a type there is not, an option that ends behind the message */
	assert_int_equal(dhcpmsg_parse(b, MESSAGE(1, "\xff"), &m), 1);
	assert_int_equal(dhcpmsg_parse(b, MESSAGE(1, "\x35\1\x0d\xff"), &m), 1);
	assert_int_equal(dhcpmsg_parse(b, MESSAGE(3, "\x35\1\1\xff"), &m), 1);
	assert_int_equal(dhcpmsg_parse(b, MESSAGE(1, "\x35\1\1\x3c\x40short"), &m), 0);
	assert_int_equal(m.vendor_len, 0);
}

/* ---- TFTP */

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	int rc;
	enum tftp_op op;
	unsigned number;
	size_t rest;
	unsigned block_bytes;
} packets[] = {
	{ "nothing", "", 0, 1, TFTP_RRQ, 0, 0, 0 },
	{ "opcode 0", "\0\0\0\1", 4, 1, TFTP_RRQ, 0, 0, 0 },
	{ "opcode 7", "\0\7\0\1", 4, 1, TFTP_RRQ, 0, 0, 0 },
	{ "request", "\0\1a.b\0octet", 12, 0, TFTP_RRQ, 0, 3, 0 },
	{ "request, cut in its mode", "\0\1a.b\0oc", 8, 0, TFTP_RRQ, 0, 3, 0 },
	{ "request, cut in its name", "\0\1a.b", 5, 1, TFTP_RRQ, 0, 0, 0 },
	{ "request for nothing", "\0\1\0octet", 9, 1, TFTP_RRQ, 0, 0, 0 },
	{ "upload", "\0\2a\0octet", 10, 0, TFTP_WRQ, 0, 1, 0 },
	{ "block", "\0\3\1\2abc", 7, 0, TFTP_DATA, 0x102, 3, 0 },
	{ "block, cut", "\0\3\1", 3, 1, TFTP_RRQ, 0, 0, 0 },
	{ "acknowledgement", "\0\4\xff\xff", 4, 0, TFTP_ACK, 0xffff, 0, 0 },
	{ "error", "\0\5\0\1none", 9, 0, TFTP_ERROR, 1, 4, 0 },
	{ "options", "\0\6blksize\0001468", 15, 0, TFTP_OACK, 0, 0, 1468 },
	{ "options, another case", "\0\6tsize\0001\0BlkSize\00064", 21, 0, TFTP_OACK, 0, 0, 64 },
	{ "options without", "\0\6tsize\0001", 10, 0, TFTP_OACK, 0, 0, 0 },
	{ "too large", "\0\6blksize\00065465", 16, 0, TFTP_OACK, 0, 0, 0 },
	{ "no number", "\0\6blksize\0x", 12, 0, TFTP_OACK, 0, 0, 0 },
	{ "no value", "\0\6blksize", 10, 0, TFTP_OACK, 0, 0, 0 },
};

static void test_tftp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct tftp_packet p;
		int rc = tftpmsg_parse(packets[i].bytes, packets[i].len, &p);

		if (rc != packets[i].rc)
			fail_msg("%s: %d", packets[i].name, rc);
		if (rc == 0 && (p.op != packets[i].op || p.number != packets[i].number || p.len != packets[i].rest ||
				p.block_bytes != packets[i].block_bytes))
			fail_msg("%s: %d %u %zu %u", packets[i].name, (int)p.op, p.number, p.len, p.block_bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),	 cmocka_unit_test(test_snap_lengths), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_dhcp),	 cmocka_unit_test(test_dhcp_odd),     cmocka_unit_test(test_tftp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
