/* SPDX-License-Identifier: MPL-2.0 */
/* The probe's packets: the DISCOVER byte by byte, and offers as servers send them, whole and broken. */
#include "dhcpprobe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phone.h"

#define XID 0x44332211 /* in memory 11 22 33 44 on a little-endian host */
#define HEADERS 28
#define OPTIONS (HEADERS + 236 + 4)

static unsigned checksum(const uint8_t *p, size_t n, unsigned long s)
{
	for (size_t i = 0; i < n; i += 2)
		s += (unsigned long)(p[i] << 8) + (i + 1 < n ? p[i + 1] : 0u);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (unsigned)s;
}

static void test_discover(void **state)
{
	static const char vendor[] = "Cisco Systems, Inc. IP Phone";
	uint8_t p[1024];
	uint32_t xid = XID;
	size_t n = discover_format(p, sizeof(p), xid, vendor, sizeof(vendor));

	(void)state;
	assert_true(n >= HEADERS + 300);
	assert_int_equal(p[2] << 8 | p[3], n);
	assert_int_equal(checksum(p, 20, 0), 0xffff);
	/* with the pseudo header: 0.0.0.0, 255.255.255.255, UDP, length */
	assert_int_equal(checksum(p + 20, n - 20, 17 + n - 20 + 2 * 0xffff), 0xffff);
	assert_memory_equal(p + 20, "\0\x44\0\x43", 4);
	assert_int_equal(p[HEADERS], 1);
	assert_memory_equal(p + HEADERS + 4, &xid, 4);
	assert_memory_equal(p + HEADERS + 10, "\x80\0", 2);
	assert_memory_equal(p + HEADERS + 28, phone_probe_mac.b, 6);
	assert_memory_equal(p + OPTIONS - 4,
			    "\x63\x82\x53\x63\x35\1\1\x3d\7\1\2LSCHK\x3c\x1d"
			    "Cisco",
			    23);
	/* DISCOVER is the only type that is ever made: nothing is requested */
	assert_memory_equal(p + OPTIONS + 3 + 9 + 31, "\x37\x08\x01\x42\x06\x03\x0f\x96\x23\x97\xff", 11);
	assert_int_equal(phone_probe_mac.b[0] & 3, 2); /* locally administered, one station's */
	assert_int_equal(discover_format(p, 300, xid, vendor, sizeof(vendor)), 0);
	assert_int_equal(discover_format(p, sizeof(p), xid, p, 256), 0);
}

/* An offer with these options, and those of `file` and `sname` where option 52 says so. */
static size_t offer(uint8_t *p, const void *options, size_t n)
{
	uint32_t xid = XID;
	size_t len = OPTIONS + n;

	memset(p, 0, 600);
	p[0] = 0x45;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	p[9] = 17;
	memcpy(p + 12, "\x0a\0\0\2", 4);
	memcpy(p + 20, "\0\x43\0\x44", 4);
	p[24] = (uint8_t)((len - 20) >> 8);
	p[25] = (uint8_t)(len - 20);
	uint8_t *b = p + HEADERS;
	memcpy(b, "\2\1\6", 3); /* Ethernet */
	memcpy(b + 4, &xid, 4);
	memcpy(b + 16, "\x0a\0\0\x32\x0a\0\0\1", 8);
	memcpy(b + 28, phone_probe_mac.b, 6);
	memcpy(b + 236, "\x63\x82\x53\x63", 4);
	memcpy(b + 240, options, n);
	return len;
}

#define OFFER_OF(text) offer(p, text, sizeof(text) - 1)

static void test_offer(void **state)
{
	uint8_t p[600];
	struct offer o;
	size_t n = OFFER_OF(
		"\x35\1\2\0\0\x36\4\x0a\0\0\2\1\4\xff\xff\xff\0\x96\x08\x0a\0\0\1\x0a\0\0\3\x42\5host\n\xff");

	(void)state;
	assert_int_equal(offer_parse(p, n, XID, &o), 0);
	assert_int_equal(o.from.host, 0x0a000002);
	assert_int_equal(o.server.host, 0x0a000002);
	assert_int_equal(o.address.host, 0x0a000032);
	assert_int_equal(o.next.host, 0x0a000001);
	assert_int_equal(o.mask.host, 0xffffff00);
	assert_int_equal(o.n_tftp, 2);
	assert_int_equal(o.tftp[1].host, 0x0a000003);
	assert_string_equal(o.tftp_name, "host\\n");
	assert_int_equal(offer_parse(p, n, XID + 1, &o), 1);
	for (size_t cut = 0; cut < OPTIONS; cut++)
		assert_int_equal(offer_parse(p, cut, XID, &o), 1);
	p[HEADERS + 28 + 5]++;
	assert_int_equal(offer_parse(p, n, XID, &o), 1);
}

static void test_odd_offers(void **state)
{
	uint8_t p[600];
	struct offer o;

	(void)state;
	assert_int_equal(offer_parse(p, OFFER_OF("\x35\1\5\xff"), XID, &o), 1); /* an ACK */
	assert_int_equal(offer_parse(p, OFFER_OF("\x36\4\x0a\0\0\2\xff"), XID, &o), 1); /* BOOTP's */
	/* an option that ends behind the packet: what stands before it counts */
	assert_int_equal(offer_parse(p, OFFER_OF("\x35\1\2\x96\x40\x0a"), XID, &o), 0);
	assert_int_equal(o.n_tftp, 0);
	/* more servers than anybody takes, and half an address */
	assert_int_equal(offer_parse(p,
				     OFFER_OF("\x35\1\2\x96\x16"
					      "aaaabbbbccccddddeeeeff"),
				     XID, &o),
			 0);
	assert_int_equal(o.n_tftp, OFFER_SERVERS_MAX);
	/* option 66 in the file field (RFC 2132 §9.3) */
	size_t n = OFFER_OF("\x35\1\2\x34\1\1\xff");
	memcpy(p + HEADERS + 108, "\x42\3abc\xff", 6);
	assert_int_equal(offer_parse(p, n, XID, &o), 0);
	assert_string_equal(o.tftp_name, "abc");
	n = OFFER_OF("\x35\1\2\xff");
	p[23] = 67; /* to a server */
	assert_int_equal(offer_parse(p, n, XID, &o), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discover),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_odd_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
