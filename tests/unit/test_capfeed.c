/* SPDX-License-Identifier: MPL-2.0 */
/* What a capture shows, to events: transfers that end in each way, questions without an answer, DHCP, and captures that
 * are doubled, cut, one-sided or out of order. Events are compared as text, a line each. */
#include "capfeed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture_fixture.h"
#include "dhcpmsg.h"
#include "strbuf.h"

#define T0 1700000000000
#define PHONE 0x0a000014u /* 10.0.0.20 */
#define SERVER 0x0a000001u
#define OTHER 0x0a000009u
#define TID 40000
#define MAC "\0\x1b\x0c\x18\xbd\xc1"

static const struct ip4 sites = { 0x0a000002 };
static const struct leases_site site = { &sites, 1 };

struct scene {
	struct capfeed *feed;
	struct strbuf said;
	int64_t at; /* after T0 */
	unsigned copies; /* of each frame */
	size_t snap;
};

static int on_event(void *arg, const struct capevent *ev, struct err *e)
{
	static const char *const leases[] = { "offer", "boot", "renew", "gone", "elsewhere" };
	struct strbuf *sb = arg;
	char a[IP4_TEXT_SIZE], m[MAC_TEXT_SIZE];

	(void)e;
	strbuf_addf(sb, "%lld ", (long long)(ev->at_ms - T0));
	if (ev->is_lease)
		strbuf_addf(sb, "%s %s %s", leases[ev->is.lease.kind], mac_format(m, &ev->is.lease.mac),
			    ip4_format(a, ev->is.lease.address));
	else
		strbuf_addf(sb, "%s %s", event_kind_name(ev->is.file.kind), ev->is.file.path);
	if (!ev->is_lease && ev->is.file.bytes >= 0)
		strbuf_addf(sb, " %lld", (long long)ev->is.file.bytes);
	strbuf_addf(sb, "%s%s\n", ev->note[0] ? ": " : "", ev->note);
	return 0;
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct err e;

	assert_non_null(s);
	strbuf_init(&s->said, 65536);
	s->copies = 1;
	assert_int_equal(capfeed_new(&s->feed, (struct capevent_to){ on_event, &s->said }, site, &e), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	capfeed_free(s->feed);
	strbuf_fini(&s->said);
	free(s);
	return 0;
}

static void give(struct scene *s, const struct wire *w)
{
	struct frame f = wire_frame(w, T0 + s->at);
	struct err e;

	if (s->snap && f.len > s->snap)
		f.len = s->snap;
	for (unsigned i = 0; i < s->copies; i++)
		assert_int_equal(capfeed_frame(s->feed, &f, &e), 0);
}

static void udp(struct scene *s, uint32_t from, unsigned from_port, uint32_t to, unsigned to_port, const void *p, size_t n)
{
	struct wire w;

	wire_udp(&w, from, from_port, to, to_port, p, n);
	give(s, &w);
}

static void ask(struct scene *s, int64_t at, unsigned port, const char *name)
{
	uint8_t p[300] = { 0, 1 };
	size_t n = strlen(name);

	memcpy(p + 2, name, n);
	memcpy(p + 2 + n + 1, "octet", 6);
	s->at = at;
	udp(s, PHONE, port, SERVER, 69, p, n + 9);
}

static void data(struct scene *s, int64_t at, unsigned port, unsigned block, size_t bytes)
{
	uint8_t p[1500] = { 0, 3, (uint8_t)(block >> 8), (uint8_t)block };

	s->at = at;
	udp(s, SERVER, TID, PHONE, port, p, 4 + bytes);
}

static void ack(struct scene *s, int64_t at, unsigned port, unsigned block)
{
	uint8_t p[4] = { 0, 4, (uint8_t)(block >> 8), (uint8_t)block };

	s->at = at;
	udp(s, PHONE, port, SERVER, TID, p, 4);
}

static void refuse(struct scene *s, int64_t at, unsigned port, unsigned code, const char *text)
{
	uint8_t p[100] = { 0, 5, 0, (uint8_t)code };

	memcpy(p + 4, text, strlen(text));
	s->at = at;
	udp(s, SERVER, TID, PHONE, port, p, 5 + strlen(text));
}

static void is_told(struct scene *s, const char *expect)
{
	struct err e;

	assert_int_equal(capfeed_end(s->feed, &e), 0);
	assert_string_equal(strbuf_text(&s->said), expect);
}

static struct capfeed_counts counts(const struct scene *s)
{
	struct capfeed_counts c;

	capfeed_counts(s->feed, &c);
	return c;
}

/* ---- how transfers end */

static void test_outcomes(void **state)
{
	struct scene *s = *state;

	ask(s, 0, 50000, "CTLSEP001B0C18BDC1.tlv");
	refuse(s, 5, 50000, 1, "File not found");
	ask(s, 10, 50001, "SEP001B0C18BDC1.cnf.xml");
	refuse(s, 15, 50001, 2, "Permission\ndenied");
	ask(s, 20, 50002, "XMLDefault.cnf.xml");
	data(s, 25, 50002, 1, 300);
	ack(s, 30, 50002, 1);
	ask(s, 40, 50003, "P0S3-8-12-00.sb2"); /* three blocks, the last one empty */
	data(s, 45, 50003, 1, 512);
	ack(s, 50, 50003, 1);
	data(s, 1050, 50003, 2, 512);
	data(s, 2050, 50003, 2, 512);
	ack(s, 2060, 50003, 2);
	data(s, 2070, 50003, 3, 0);
	ack(s, 2080, 50003, 3);
	is_told(s, "5 missing CTLSEP001B0C18BDC1.tlv\n"
		   "15 failed SEP001B0C18BDC1.cnf.xml: the server said: error 2 Permission\\ndenied\n"
		   "30 sent XMLDefault.cnf.xml 300\n"
		   "2080 sent P0S3-8-12-00.sb2 1024: asked for 2.0 s before, 1 blocks sent again\n");
	assert_int_equal(counts(s).transfers.requests, 4);
	assert_int_equal(counts(s).transfers.resent, 1);
	assert_int_equal(counts(s).tftp, 15);
}

static void test_breaks_off(void **state)
{
	struct scene *s = *state;
	uint8_t full[] = "\0\5\0\3disk full";

	ask(s, 0, 50000, "a.sb2"); /* the phone's power is cut */
	data(s, 1, 50000, 1, 512);
	ack(s, 2, 50000, 1);
	data(s, 3, 50000, 2, 512);
	data(s, 2003, 50000, 2, 512);
	ask(s, 60000, 50000, "b.sb2"); /* it is back; the server dies */
	data(s, 60001, 50000, 1, 512);
	ack(s, 60002, 50000, 1);
	ack(s, 64002, 50000, 1);
	ask(s, 120000, 50001, "c.sb2"); /* the phone has enough */
	data(s, 120001, 50001, 1, 512);
	udp(s, PHONE, 50001, SERVER, TID, full, sizeof(full));
	ask(s, 140000, 50002, "e"); /* the last block is sent again and again */
	data(s, 140001, 50002, 1, 100);
	data(s, 142001, 50002, 1, 100);
	ask(s, 150000, 50003, "f"); /* the capture lost the last acknowledgement: the server does not ask for it */
	data(s, 150001, 50003, 1, 512);
	ack(s, 150002, 50003, 1);
	data(s, 150003, 50003, 2, 100);
	ask(s, 200000, 50004, "d.sb2"); /* the capture ends */
	data(s, 200001, 50004, 1, 512);
	ack(s, 200002, 50004, 1);
	is_told(s, "2 failed a.sb2: broke off at byte 512: the phone fell silent, 1 blocks sent again\n"
		   "64002 failed b.sb2: broke off at byte 512: the server fell silent, asked for 4.0 s before\n"
		   "120001 failed c.sb2: the phone said: error 3 disk full\n"
		   "140000 failed e: broke off at byte 0: the phone fell silent, 1 blocks sent again\n"
		   "150003 sent f 612\n"
		   "200000 asked d.sb2: its end is not in the capture, which has 512 bytes\n");
}

/* A16: five questions from one port, the next port, nothing but silence. */
static void test_silent_server(void **state)
{
	struct scene *s = *state;

	for (int i = 0; i < 5; i++)
		ask(s, i * 4000, 50000, "CTLSEP001B0C18BDC1.tlv");
	ask(s, 20000, 50001, "CTLSEP001B0C18BDC1.tlv");
	ask(s, 24000, 50001, "CTLSEP001B0C18BDC1.tlv");
	is_told(s, "0 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "4000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "8000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "12000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "16000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "20000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n"
		   "24000 failed CTLSEP001B0C18BDC1.tlv: no answer from 10.0.0.1\n");
	assert_int_equal(counts(s).transfers.again, 5);
}

/* The answers are there and do not reach the phone; or they come from where it does not expect them (F§8 row 22). */
static void test_answers_in_vain(void **state)
{
	struct scene *s = *state;
	uint8_t block[10] = { 0, 3, 0, 1 };

	for (int i = 0; i < 2; i++) {
		ask(s, i * 4000, 50000, "SEP001B0C18BDC1.cnf.xml");
		refuse(s, i * 4000 + 1, 50000, 1, "File not found");
	}
	for (int i = 0; i < 2; i++) {
		ask(s, 100000 + i * 4000, 50001, "XMLDefault.cnf.xml");
		udp(s, OTHER, TID, PHONE, 50001, block, sizeof(block));
	}
	is_told(s, "1 missing SEP001B0C18BDC1.cnf.xml\n"
		   "4001 missing SEP001B0C18BDC1.cnf.xml: asked 2 times\n"
		   "100000 failed XMLDefault.cnf.xml: no answer from 10.0.0.1, but one from 10.0.0.9, of which a phone takes no notice\n"
		   "104000 failed XMLDefault.cnf.xml: no answer from 10.0.0.1, but one from 10.0.0.9, of which a phone takes no notice\n");
}

/* `tcpdump port 69`: what became of the questions is not in it, as in tftpd-hpa's log. */
static void test_requests_alone(void **state)
{
	struct scene *s = *state;

	ask(s, 0, 50000, "SEP001B0C18BDC1.cnf.xml");
	ask(s, 100, 50001, "XMLDefault.cnf.xml");
	ask(s, 60000, 50000, "XMLDefault.cnf.xml");
	is_told(s, "0 asked SEP001B0C18BDC1.cnf.xml\n100 asked XMLDefault.cnf.xml\n60000 asked XMLDefault.cnf.xml\n");
}

static void test_one_direction(void **state)
{
	struct scene *s = *state;

	ask(s, 0, 50000, "a"); /* the server's half: its last block was taken, for it is not repeated */
	data(s, 1, 50000, 1, 512);
	data(s, 2, 50000, 2, 100);
	s->at = 100;
	ask(s, 100000, 50001, "b"); /* the phone's half */
	ack(s, 100001, 50001, 1);
	ack(s, 100002, 50001, 2);
	ask(s, 200000, 50002, "c");
	is_told(s, "2 sent a 612\n100000 asked b: the capture has the phone's half alone\n200000 asked c\n");
}

static void test_options_and_wrap(void **state)
{
	struct scene *s = *state;
	static const uint8_t oack[] = "\0\6blksize\0001428";
	static const uint8_t no_port[] = "\0\5\0\5unknown";

	ask(s, 0, 50000, "big");
	s->at = 1;
	udp(s, SERVER, TID, PHONE, 50000, oack, sizeof(oack));
	ack(s, 2, 50000, 0);
	for (unsigned block = 1; block <= 65600; block += 100) /* most of it lost to the capture */
		data(s, 3, 50000, block & 0xffff, 1428);
	udp(s, PHONE, 50000, SERVER, TID + 1, no_port, sizeof(no_port)); /* to a second answer: no end */
	data(s, 4, 50000, 65601 & 0xffff, 27);
	ack(s, 5, 50000, 65601 & 0xffff);
	ask(s, 10, 50001, "agreed"); /* upon a size that the capture has not */
	data(s, 11, 50001, 1, 1024);
	ack(s, 12, 50001, 1);
	data(s, 13, 50001, 2, 1000);
	ack(s, 14, 50001, 2);
	is_told(s, "5 sent big 93676827\n14 sent agreed 2024\n");
}

/* ---- DHCP */

static void dhcp(struct scene *s, int64_t at, bool reply, const char *type, uint32_t xid, uint32_t ciaddr,
		 const void *more, size_t n)
{
	uint8_t p[600], options[300];

	memcpy(options, "\x35\1", 2);
	options[2] = (uint8_t)type[0];
	memcpy(options + 3, more, n);
	size_t len = wire_dhcp(p, reply ? 2 : 1, xid, MAC, options, 3 + n);

	wire_put32(p + 12, ciaddr);
	if (reply)
		wire_put32(p + 16, PHONE);
	s->at = at;
	if (reply)
		udp(s, SERVER, 67, 0xffffffffu, 68, p, len);
	else
		udp(s, 0, 68, 0xffffffffu, 67, p, len);
}

#define DHCP(at, reply, type, xid, ciaddr, more) dhcp(s, at, reply, type, xid, ciaddr, more, sizeof(more) - 1)
#define CLASS "\x3c\x1c" "Cisco Systems, Inc. IP Phone" "\x37\3\1\x42\x96"
#define BY_US "\x36\4\x0a\0\0\1"
#define BY_OTHER "\x36\4\x0a\0\0\x09"

static void test_boots(void **state)
{
	struct scene *s = *state;

	DHCP(0, false, "\1", 1, 0, CLASS);
	DHCP(1, true, "\2", 1, 0, BY_US);
	DHCP(2, false, "\3", 1, 0, CLASS BY_US);
	DHCP(3, true, "\5", 1, 0, BY_US "\x96\x08\x0a\0\0\1\x0a\0\0\2\x42\7tftp.my");
	DHCP(1800000, false, "\3", 2, PHONE, CLASS); /* a renewal */
	DHCP(1800001, true, "\5", 2, PHONE, BY_US);
	DHCP(1900000, false, "\x8", 3, PHONE, CLASS); /* an INFORM */
	DHCP(1900001, true, "\5", 3, PHONE, BY_US);
	DHCP(2000000, true, "\5", 4, 0, BY_OTHER); /* the question is not in the capture */
	DHCP(2100000, false, "\7", 5, PHONE, BY_US); /* a release */
	DHCP(2200000, false, "\1", 6, 0, CLASS); /* nobody answers */
	is_told(s, "3 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: option 150 10.0.0.1 10.0.0.2, option 66 tftp.my\n"
		   "1800001 renew 00:1b:0c:18:bd:c1 10.0.0.20\n"
		   "1900001 renew 00:1b:0c:18:bd:c1 10.0.0.20\n"
		   "2000000 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.9: no TFTP server\n"
		   "2100000 gone 00:1b:0c:18:bd:c1 10.0.0.20\n");
	assert_int_equal(counts(s).leases.acks, 4);
	assert_int_equal(counts(s).leases.unanswered, 1);
	assert_int_equal(counts(s).dhcp, 11);
}

/* What phones here are to be given (10.0.0.2), another TFTP server, none. */
#define GOOD "\x96\x04\x0a\0\0\2"
#define OTHERS "\x96\x04\x0a\0\0\3"

static void test_other_server(void **state)
{
	struct scene *s = *state;

	DHCP(0, false, "\1", 1, 0, CLASS); /* it takes the worse one */
	DHCP(1, true, "\2", 1, 0, BY_US GOOD);
	DHCP(2, true, "\2", 1, 0, BY_OTHER OTHERS);
	DHCP(3, false, "\3", 1, 0, CLASS BY_OTHER);
	DHCP(4, true, "\5", 1, 0, BY_OTHER OTHERS);
	DHCP(100000, false, "\1", 2, 0, CLASS); /* the better one; the other's word of before is no offer of now */
	DHCP(100001, true, "\2", 2, 0, BY_OTHER);
	DHCP(100002, true, "\2", 2, 0, BY_US "\x42\x08" "10.0.0.2");
	DHCP(100003, true, "\5", 2, 0, BY_US "\x42\x08" "10.0.0.2");
	DHCP(200000, true, "\2", 3, 0, BY_US OTHERS); /* one as good as the other: two servers that share their clients */
	DHCP(200001, true, "\2", 3, 0, BY_OTHER OTHERS);
	DHCP(200002, true, "\5", 3, 0, BY_OTHER OTHERS);
	is_told(s, "1 offer 00:1b:0c:18:bd:c1 10.0.0.20\n"
		   "4 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.9: option 150 10.0.0.3; 10.0.0.1 offered too: option 150"
		   " 10.0.0.2\n"
		   "4 elsewhere 00:1b:0c:18:bd:c1 10.0.0.9\n"
		   "100003 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: option 66 10.0.0.2; 10.0.0.9 offered too: no TFTP"
		   " server\n"
		   "200002 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.9: option 150 10.0.0.3; 10.0.0.1 offered too: option"
		   " 150 10.0.0.3\n");
}

static int keep_lease(void *arg, const struct capevent *ev, struct err *e)
{
	(void)e;
	if (ev->is_lease)
		*(struct lease_event *)arg = ev->is.lease;
	return 0;
}

/* Both sides of a relay, a second server, a link that was long in coming up: what the phone said goes with its boot. */
static void test_relay_and_others(void **state)
{
	struct scene *s = *state;
	struct capfeed *again;
	struct lease_event le;
	struct err e;
	struct wire w[5];
	uint8_t p[600];
	static const char asked[] = "\x35\1\3" CLASS BY_US "\x0c\x0fSEP001B0C18BDC1";
	static const char passed_on[] = "\x35\1\3" CLASS BY_US "\x52\4\1\2\x0a\x0b";
	static const char offer[] = "\x35\1\2" BY_OTHER;
	static const char ours[] = "\x35\1\5" BY_US "\x96\4\x0a\0\0\1";
	static const char refused[] = "\x35\1\6" BY_OTHER;
	size_t n = wire_dhcp(p, 1, 9, MAC, asked, sizeof(asked) - 1);

	wire_put16(p + 8, 48);
	wire_udp(&w[0], 0, 68, 0xffffffffu, 67, p, n);
	n = wire_dhcp(p, 1, 9, MAC, passed_on, sizeof(passed_on) - 1);
	wire_put16(p + 8, 48);
	wire_put32(p + 24, 0x0a0a0001);
	wire_udp(&w[1], 0x0a0a0001, 67, SERVER, 67, p, n);
	n = wire_dhcp(p, 2, 9, MAC, offer, sizeof(offer) - 1);
	wire_udp(&w[2], OTHER, 67, 0xffffffffu, 68, p, n);
	n = wire_dhcp(p, 2, 9, MAC, ours, sizeof(ours) - 1);
	wire_put32(p + 16, PHONE);
	wire_put32(p + 20, SERVER);
	wire_udp(&w[3], SERVER, 67, 0x0a0a0001, 67, p, n);
	n = wire_dhcp(p, 2, 9, MAC, refused, sizeof(refused) - 1);
	wire_udp(&w[4], OTHER, 67, 0xffffffffu, 68, p, n);
	assert_int_equal(capfeed_new(&again, (struct capevent_to){ keep_lease, &le }, site, &e), 0);
	for (int i = 0; i < 4; i++) {
		struct frame f = wire_frame(&w[i], T0 + i);

		s->at = i;
		give(s, &w[i]);
		assert_int_equal(capfeed_frame(again, &f, &e), 0);
	}
	s->at = 50000;
	give(s, &w[4]);
	s->at = 50001;
	give(s, &w[3]);
	is_told(s, "3 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: option 150 10.0.0.1, next server 10.0.0.1; after 48 s;"
		   " 10.0.0.9 offered too: no TFTP server\n"
		   "50001 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: option 150 10.0.0.1, next server 10.0.0.1; after 48 s;"
		   " 10.0.0.9 refused\n");
	assert_int_equal(counts(s).leases.naks, 1);
	assert_int_equal(capfeed_end(again, &e), 0);
	assert_int_equal(le.xid, 9);
	assert_int_equal(le.giaddr.host, 0x0a0a0001);
	assert_int_equal(le.relay_len, 4);
	assert_memory_equal(le.relay, "\1\2\x0a\x0b", 4);
	assert_int_equal(le.vendor_len, 28);
	assert_string_equal((const char *)le.hostname, "SEP001B0C18BDC1");
	assert_string_equal(le.classes, "");
	capfeed_free(again);
}

/* ---- captures that are not as they should be */

static void test_twice(void **state)
{
	struct scene *s = *state;

	s->copies = 3;
	ask(s, 0, 50000, "XMLDefault.cnf.xml");
	data(s, 1, 50000, 1, 512);
	ack(s, 2, 50000, 1);
	data(s, 3, 50000, 2, 100);
	ack(s, 4, 50000, 2);
	DHCP(10, false, "\3", 1, 0, CLASS);
	DHCP(11, true, "\5", 1, 0, BY_US);
	is_told(s, "4 sent XMLDefault.cnf.xml 612\n11 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: no TFTP server\n");
	assert_int_equal(counts(s).doubled, 14);
	assert_int_equal(counts(s).transfers.requests, 1);
}

/* Enough of each packet for TFTP, and not for DHCP's options. */
static void test_cut(void **state)
{
	struct scene *s = *state;

	s->snap = 68;
	ask(s, 0, 50000, "XMLDefault.cnf.xml");
	data(s, 1, 50000, 1, 512);
	ack(s, 2, 50000, 1);
	data(s, 3, 50000, 2, 100);
	ack(s, 4, 50000, 2);
	DHCP(11, true, "\5", 1, 0, BY_US);
	ask(s, 20, 50001, "a-name-that-is-longer-than-the-snap-length");
	is_told(s, "4 sent XMLDefault.cnf.xml 612\n");
	assert_int_equal(counts(s).cut, 2);
}

/* What is known late is told in its place; so is what comes a little too early or late. A frame that is late by more than
 * that is counted, and what it tells has its own time. */
static void test_order(void **state)
{
	struct scene *s = *state;

	ask(s, 0, 50000, "slow"); /* known at 90 s to have failed at 0.2 s */
	data(s, 100, 50000, 1, 512);
	ack(s, 200, 50000, 1);
	ask(s, 5000, 50001, "quick");
	ack(s, 5003, 50001, 1); /* before the block that it takes */
	data(s, 5002, 50001, 1, 10);
	DHCP(6000, true, "\5", 1, 0, BY_US);
	ask(s, 90000, 50002, "last");
	refuse(s, 90001, 50002, 1, "none");
	refuse(s, 90002, 50002, 1, "none");
	ask(s, 1000, 50003, "late");
	is_told(s, "200 failed slow: broke off at byte 512: the server fell silent\n"
		   "5002 sent quick 10\n"
		   "6000 boot 00:1b:0c:18:bd:c1 10.0.0.20: from 10.0.0.1: no TFTP server\n"
		   "1000 failed late: no answer from 10.0.0.1\n"
		   "90001 missing last\n");
	assert_int_equal(counts(s).late, 1);
}

/* More at once than anybody remembers: each is told all the same, in some way. */
static void test_crowd(void **state)
{
	struct scene *s = *state;
	uint8_t p[] = "\0\1SEP001B0C18BDC1.cnf.xml\0octet";
	unsigned lines = 0;
	struct err e;

	for (uint32_t i = 0; i < 5000; i++)
		udp(s, PHONE + i, 50000, SERVER, 69, p, sizeof(p));
	assert_int_equal(capfeed_end(s->feed, &e), 0);
	assert_int_equal(counts(s).transfers.crowded, 5000 - 4096);
	assert_int_equal(counts(s).events, 5000);
	for (const char *at = strbuf_text(&s->said); (at = strchr(at, '\n')); at++)
		lines++;
	assert_true(lines > 1000); /* the text has a ceiling */
}

static void test_garbage(void **state)
{
	struct scene *s = *state;
	uint32_t x = 1;

	for (int i = 0; i < 20000; i++) {
		struct wire w;
		uint8_t p[64];
		size_t n = sizeof(p);

		for (size_t k = 0; k < n; k++) {
			x = x * 1664525 + 1013904223;
			p[k] = (uint8_t)(x >> 24);
		}
		p[0] = 0; /* most opcodes are some */
		p[1] = p[1] % 8;
		wire_udp(&w, x & 1 ? PHONE : SERVER, x & 2 ? 50000 : 69, x & 1 ? SERVER : PHONE, x & 4 ? 69 : 50000, p, n);
		if (x % 7 == 0)
			w.bytes[x % w.len] = (uint8_t)x;
		s->at += x % 300;
		if (x % 11 == 0)
			s->at -= 400;
		give(s, &w);
	}
	struct err e;

	assert_int_equal(capfeed_end(s->feed, &e), 0);
	assert_true(counts(s).broken > 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_outcomes),	     TEST(test_breaks_off),    TEST(test_silent_server),
		TEST(test_answers_in_vain),  TEST(test_requests_alone), TEST(test_one_direction),
		TEST(test_options_and_wrap), TEST(test_boots),	       TEST(test_relay_and_others), TEST(test_other_server),
		TEST(test_twice),	     TEST(test_cut),	       TEST(test_order),
		TEST(test_crowd),	     TEST(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
