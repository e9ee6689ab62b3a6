/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dnsmasq's TFTP lines (D§2): every sentence, every stamp, and what is none of ours. Paths are parsed from
 * the right.
 */
#include "tftplog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define S INT64_C(1000)
#define NOV_23_2025 (INT64_C(1763866825) * S) /* 2025-11-23 03:00:25 UTC */
#define DEC_31_2025 (INT64_C(1767139200) * S) /* 2025-12-31 00:00:00 UTC */

#define AT "Nov 23 03:00:25 dnsmasq-tftp[4711]: "

static const struct {
	const char *line;
	enum event_kind kind;
	const char *client; /* "" = the line does not tell */
	const char *path;
	bool client_error;
} lines[] = {
	{ AT "sent /srv/tftp/10.0.0.9/XMLDefault.cnf.xml to 10.0.0.9", EVENT_SENT, "10.0.0.9",
	  "/srv/tftp/10.0.0.9/XMLDefault.cnf.xml", false },
	{ AT "sent /srv/tftp/a to b to 10.0.0.9\n", EVENT_SENT, "10.0.0.9", "/srv/tftp/a to b", false },
	{ AT "sent /srv/tftp/a to 10.0.0.8 to 10.0.0.9\r\n", EVENT_SENT, "10.0.0.9",
	  "/srv/tftp/a to 10.0.0.8", false },
	{ AT "failed sending /srv/tftp/P0S3-8-12-00.sb2 to 10.0.0.9", EVENT_FAILED, "10.0.0.9",
	  "/srv/tftp/P0S3-8-12-00.sb2", false },
	{ AT "timeout sending /srv/tftp/P0S3-8-12-00.sb2 to 10.0.0.9", EVENT_FAILED, "10.0.0.9",
	  "/srv/tftp/P0S3-8-12-00.sb2", false },
	{ AT "file /srv/tftp/CTLSEP001B0C18BDC1.tlv not found for 192.168.1.20", EVENT_MISSING,
	  "192.168.1.20", "/srv/tftp/CTLSEP001B0C18BDC1.tlv", false },
	{ AT "file /x not found for 10.0.0.1 not found for 10.0.0.9", EVENT_MISSING, "10.0.0.9",
	  "/x not found for 10.0.0.1", false },
	{ AT "error 3 disk full received from 10.0.0.9", EVENT_FAILED, "10.0.0.9", "", true },
	{ AT "error 0  received from 10.0.0.9", EVENT_FAILED, "10.0.0.9", "", true },
	{ AT "cannot access /srv/tftp/secret: Permission denied", EVENT_FAILED, "", "/srv/tftp/secret",
	  false },
	{ AT "cannot access /srv/tftp/a: b: Permission denied", EVENT_FAILED, "", "/srv/tftp/a: b", false },
	{ AT "cannot read /srv/tftp/P.sb2: Too many open files", EVENT_FAILED, "", "/srv/tftp/P.sb2", false },
};

static void test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct tftplog_line l;
		char client[IP4_TEXT_SIZE] = "";
		memset(&l, 0x55, sizeof(l));
		int rc = tftplog_parse(TFTPLOG_DNSMASQ, lines[i].line, strlen(lines[i].line), DEC_31_2025, 0, &l);
		if (rc != 0)
			fail_msg("%s: %d", lines[i].line, rc);
		if (l.client.host != 0)
			ip4_format(client, l.client);
		if (l.kind != lines[i].kind || strcmp(client, lines[i].client) != 0 ||
		    strcmp(l.path, lines[i].path) != 0 || l.client_error != lines[i].client_error)
			fail_msg("%s: %s, client \"%s\", path \"%s\"", lines[i].line, event_kind_name(l.kind),
				 client, l.path);
		assert_true(l.at_ms == NOV_23_2025);
	}
}

#define TAIL "dnsmasq-tftp[1]: sent /a to 10.0.0.9"

static const struct {
	const char *line;
	int64_t not_after_ms;
	int utc_offset_s;
	int64_t at_ms; /* -1: none of ours */
} stamps[] = {
	{ "Nov 23 03:00:25 " TAIL, DEC_31_2025, 0, NOV_23_2025 },
	{ "Nov 23 03:00:25 bench " TAIL, DEC_31_2025, 0, NOV_23_2025 },
	{ "Nov 23 03:00:25.250 bench " TAIL, DEC_31_2025, 0, NOV_23_2025 + 250 },
	/* the stamp's zone is the caller's */
	{ "Nov 23 04:00:25 " TAIL, DEC_31_2025, 3600, NOV_23_2025 },
	{ "Nov 22 22:00:25 " TAIL, DEC_31_2025, -5 * 3600, NOV_23_2025 },
	/* the latest that is not in the future */
	{ "Nov 23 03:00:25 " TAIL, NOV_23_2025, 0, NOV_23_2025 },
	{ "Nov 23 03:00:25 " TAIL, NOV_23_2025 - 1, 0, NOV_23_2025 - 365 * 86400 * S },
	{ "Dec 31 23:59:59 " TAIL, INT64_C(1735689601) * S, 0,
	  INT64_C(1735689599) * S }, /* a second after New Year 2025 */
	{ "Jan  1 00:30:00 " TAIL, INT64_C(1735689599) * S, 3600,
	  INT64_C(1735687800) * S }, /* New Year came in the east */
	{ "Feb 29 12:00:00 " TAIL, NOV_23_2025, 0, INT64_C(1709208000) * S }, /* 2024 */
	{ "Feb 29 12:00:00 " TAIL, INT64_C(4090000000) * S, 0,
	  INT64_C(3981355200) * S }, /* 2096; 2099 is none */
	{ "Nov  3 03:00:25 " TAIL, DEC_31_2025, 0, NOV_23_2025 - 20 * 86400 * S },
	{ "Nov 03 03:00:25 " TAIL, DEC_31_2025, 0, NOV_23_2025 - 20 * 86400 * S },
	{ "Dec 31 23:59:60 " TAIL, INT64_C(1767225700) * S, 0, INT64_C(1767225599) * S }, /* a leap second */
	/* RFC 3339 */
	{ "2025-11-23T03:00:25Z bench " TAIL, 0, 0, NOV_23_2025 },
	{ "2025-11-23T03:00:25+00:00 bench " TAIL, 0, 7200, NOV_23_2025 },
	{ "2025-11-23T04:00:25+01:00 " TAIL, 0, 0, NOV_23_2025 },
	{ "2025-11-22T21:30:25.123456-05:30 bench " TAIL, 0, 0, NOV_23_2025 + 123 },
	{ "2025-11-23T04:00:25+0100 bench " TAIL, 0, 0, NOV_23_2025 },
	{ "2025-11-23 04:00:25 bench " TAIL, 0, 3600, NOV_23_2025 },
	{ "1970-01-01T00:00:00Z " TAIL, 0, 0, 0 },
	{ "2000-02-29T00:00:00Z " TAIL, 0, 0, INT64_C(951782400) * S },
	/* none at all: standard error of `dnsmasq -k` */
	{ TAIL, DEC_31_2025, 0, 0 },
	{ "dnsmasq-tftp: sent /a to 10.0.0.9", DEC_31_2025, 0, 0 },
	/* no such moment */
	{ "Nov 31 03:00:25 " TAIL, DEC_31_2025, 0, -1 },
	{ "Nov 23 24:00:00 " TAIL, DEC_31_2025, 0, -1 },
	{ "Nov 23 03:60:25 " TAIL, DEC_31_2025, 0, -1 },
	{ "Nov 23 03:00:61 " TAIL, DEC_31_2025, 0, -1 },
	{ "Nov  0 03:00:25 " TAIL, DEC_31_2025, 0, -1 },
	{ "Foo 23 03:00:25 " TAIL, DEC_31_2025, 0, -1 },
	{ "2025-02-29T03:00:25Z bench " TAIL, 0, 0, -1 },
	{ "2025-13-01T03:00:25Z bench " TAIL, 0, 0, -1 },
	{ "2025-00-01T03:00:25Z bench " TAIL, 0, 0, -1 },
	{ "2025-11-23T03:00:25+1 bench " TAIL, 0, 0, -1 },
	{ "Jan  2 00:00:00 " TAIL, 0, 0, -1 }, /* not one that is not in the future */
	/* no host without a stamp, no two hosts */
	{ "bench " TAIL, DEC_31_2025, 0, -1 },
	{ "Nov 23 03:00:25 two hosts " TAIL, DEC_31_2025, 0, -1 },
};

static void test_stamps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stamps); i++) {
		struct tftplog_line l = { .at_ms = -2 };
		int rc = tftplog_parse(TFTPLOG_DNSMASQ, stamps[i].line, strlen(stamps[i].line), stamps[i].not_after_ms,
					       stamps[i].utc_offset_s, &l);
		if ((rc == TFTPLOG_EVENT) != (stamps[i].at_ms >= 0) || (rc == 0 && l.at_ms != stamps[i].at_ms))
			fail_msg("%s: %d, %lld", stamps[i].line, rc, (long long)l.at_ms);
	}
}

#define LIT(s) (s), sizeof(s) - 1

static const struct {
	const char *line;
	size_t len;
} others[] = {
	{ LIT("") },
	{ LIT("\n") },
	{ LIT("Nov 23 03:00:25 dnsmasq[1]: started, version 2.90 DNS disabled") },
	{ LIT("Nov 23 03:00:25 dnsmasq-tftp[1]: TFTP root is /srv/tftp") },
	{ LIT("Nov 23 03:00:25 dnsmasq-dhcp[1]: sent /a to 10.0.0.9") },
	{ LIT("Nov 23 03:00:25 dnsmasq-script[1]: sent /a to 10.0.0.9") },
	{ LIT("Nov 23 03:00:25 in.tftpd[1]: sent /a to 10.0.0.9") },
	{ LIT(AT "sent  to 10.0.0.9") },
	{ LIT(AT "sent /a to ") },
	{ LIT(AT "sent /a to 10.0.0") },
	{ LIT(AT "sent /a to 10.0.0.9 ") },
	{ LIT(AT "sent /a to 010.0.0.9") },
	{ LIT(AT "sent /a to 0.0.0.0") },
	{ LIT(AT "sent /a to fe80::1") },
	{ LIT(AT "sent /a") },
	{ LIT(AT "SENT /a to 10.0.0.9") },
	{ LIT(AT "file /a nicht gefunden 10.0.0.9") },
	{ LIT(AT "error x received from 10.0.0.9") },
	{ LIT(AT "error 5x received from 10.0.0.9") },
	{ LIT(AT "error received from 10.0.0.9") },
	{ LIT(AT "cannot access /a: ") },
	{ LIT(AT "cannot access /a") },
	{ LIT(AT "unsupported request from 10.0.0.9") },
	{ LIT(AT "ignoring packet from 10.0.0.9 (TID mismatch)") },
	{ LIT("Nov 23 03:00:25 dnsmasq-tftp[]: sent /a to 10.0.0.9") },
	{ LIT("Nov 23 03:00:25 dnsmasq-tftp[1: sent /a to 10.0.0.9") },
	{ LIT("Nov 23 03:00:25 dnsmasq-tftp[1]:sent /a to 10.0.0.9") },
	{ LIT(AT "sent /a\0b to 10.0.0.9") },
	{ LIT("\0\0\0\0") },
	{ LIT("\xff\xfe junk") },
};

static void test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct tftplog_line l = { .at_ms = -2 };
		if (tftplog_parse(TFTPLOG_DNSMASQ, others[i].line, others[i].len, DEC_31_2025, 0, &l) ==
		    TFTPLOG_EVENT)
			fail_msg("%s: taken for an event", others[i].line);
		assert_true(l.at_ms == -2);
	}
}

static void test_long_lines(void **state)
{
	enum { MIB = 1024 * 1024 };
	static const char head[] = AT "sent /";
	static const char tail[] = " to 10.0.0.9";
	char *line = test_malloc(MIB);
	struct tftplog_line l;

	(void)state;
	memset(line, 'a', MIB);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + MIB - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
	assert_int_equal(tftplog_parse(TFTPLOG_DNSMASQ, line, MIB, DEC_31_2025, 0, &l), 1);
	memset(line, '\0', MIB);
	assert_int_equal(tftplog_parse(TFTPLOG_DNSMASQ, line, MIB, DEC_31_2025, 0, &l), 1);
	/* the longest path that fits, and one byte more */
	for (size_t n = TFTPLOG_PATH_MAX - 1; n <= TFTPLOG_PATH_MAX; n++) {
		size_t at = sizeof(head) - 2; /* the slash counts */
		memset(line, 'a', MIB);
		memcpy(line, head, sizeof(head) - 1);
		memcpy(line + at + n, tail, sizeof(tail) - 1);
		int rc = tftplog_parse(TFTPLOG_DNSMASQ, line, at + n + sizeof(tail) - 1, DEC_31_2025, 0, &l);
		assert_int_equal(rc, n < TFTPLOG_PATH_MAX ? 0 : 1);
		if (rc == 0)
			assert_int_equal(strlen(l.path), n);
	}
	test_free(line);
}

/* What dnsmasq 2.90 wrote: two files out, one not there, one unreadable, a directory, a client that
 * answered with an error. */
static void test_real_log(void **state)
{
	static const struct {
		enum event_kind kind;
		const char *path;
		bool told; /* who asked */
	} events[] = {
		{ EVENT_SENT, "/srv/tftp/XMLDefault.cnf.xml", true },
		{ EVENT_SENT, "/srv/tftp/P0S3 to 8.sb2", true },
		{ EVENT_MISSING, "/srv/tftp/SEP001B0C18BDC1.cnf.xml", true },
		{ EVENT_FAILED, "/srv/tftp/secret", false },
		{ EVENT_FAILED, "/srv/tftp/dir", false },
		{ EVENT_FAILED, "", true }, /* the error unmasks the next line */
		{ EVENT_SENT, "/srv/tftp/XMLDefault.cnf.xml", true },
	};
	FILE *f = fopen("tests/data/tftplog/dnsmasq-2.90.txt", "r");
	struct tftplog_line l;
	char line[1024];
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (tftplog_parse(TFTPLOG_DNSMASQ, line, strlen(line), DEC_31_2025, 0, &l) != 0)
			continue;
		assert_true(n < COUNT(events));
		assert_int_equal(l.kind, events[n].kind);
		assert_string_equal(l.path, events[n].path);
		assert_int_equal(l.client.host, events[n].told ? 0x7f000001 : 0);
		assert_int_equal(l.client_error, events[n].path[0] == '\0');
		n++;
	}
	(void)fclose(f);
	assert_int_equal(n, COUNT(events));
}

/* Cut anywhere: never a crash, and what passes is a shorter address or nothing. */
static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		size_t len = strlen(lines[i].line);
		for (size_t n = 0; n < len; n++) {
			char *exact = test_malloc(n + 1);
			struct tftplog_line l;
			memcpy(exact + 1, lines[i].line, n);
			if (tftplog_parse(TFTPLOG_DNSMASQ, exact + 1, n, DEC_31_2025, 0, &l) == 0)
				assert_true(strlen(l.path) < TFTPLOG_PATH_MAX);
			test_free(exact);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences), cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_others),	  cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_real_log),  cmocka_unit_test(test_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
