/* SPDX-License-Identifier: MPL-2.0 */
/*
 * in.tftpd's lines (D§6): a request and its refusal are two lines of one process; a name may hold what the line puts
 * between name and new name; formats are told apart by the tag. Stamps: test_tftplog.
 */
#include "tftplog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define S INT64_C(1000)
#define NOV_26_2025 (INT64_C(1764129434) * S) /* 2025-11-26 03:57:14 UTC */
#define DEC_31_2025 (INT64_C(1767139200) * S)

#define AT "Nov 26 03:57:14 bench in.tftpd[112]: "

static const struct {
	const char *line;
	enum event_kind kind;
	const char *client; /* "" = the line does not tell */
	const char *path;
	bool answer, mapped;
} lines[] = {
	{ AT "RRQ from 10.77.0.20 filename XMLDefault.cnf.xml", EVENT_ASKED, "10.77.0.20", "XMLDefault.cnf.xml",
	  false, false },
	{ AT "RRQ from 10.77.0.20 filename XMLDefault.cnf.xml remapped to 10.77.0.20/XMLDefault.cnf.xml\n",
	  EVENT_ASKED, "10.77.0.20", "XMLDefault.cnf.xml", false, true },
	{ AT "RRQ from 10.77.0.20 filename /mk-sip.jar remapped to 10.77.0.20/mk-sip.jar", EVENT_ASKED,
	  "10.77.0.20", "/mk-sip.jar", false, true },
	{ AT "RRQ from 10.77.0.20 filename P0S3 to 8.sb2", EVENT_ASKED, "10.77.0.20", "P0S3 to 8.sb2", false,
	  false },
	/* the middle may be part of the name: then the new name has it, too */
	{ AT "RRQ from 10.0.0.9 filename a remapped to b remapped to 10.0.0.9/a remapped to b", EVENT_ASKED,
	  "10.0.0.9", "a remapped to b", false, true },
	/* some other map of the site's */
	{ AT "RRQ from 10.0.0.9 filename a remapped to pxe/a", EVENT_ASKED, "10.0.0.9", "a", false, false },
	/* another client's directory is not one's own */
	{ AT "RRQ from 10.0.0.9 filename a remapped to 10.0.0.90/a", EVENT_ASKED, "10.0.0.9", "a", false, false },
	{ AT "RRQ from 10.0.0.9 filename a filename b", EVENT_ASKED, "10.0.0.9", "a filename b", false, false },
	{ AT "sending NAK (1, File not found) to 10.77.0.20", EVENT_MISSING, "10.77.0.20", "", true, false },
	{ AT "sending NAK (0, Permission denied) to 10.77.0.20", EVENT_FAILED, "10.77.0.20", "", true, false },
	{ AT "sending NAK (2, Access violation) to 10.77.0.20", EVENT_FAILED, "10.77.0.20", "", true, false },
	{ AT "sending NAK (0, Is a directory) to 10.77.0.20", EVENT_FAILED, "10.77.0.20", "", true, false },
	{ AT "tftp: client does not accept options", EVENT_FAILED, "", "", true, false },
};

static int parse_as(enum tftplog_format f, const char *line, struct tftplog_line *ret)
{
	return tftplog_parse(f, line, strlen(line), DEC_31_2025, 0, ret);
}

static void test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char client[IP4_TEXT_SIZE] = "";
		struct tftplog_line l;

		memset(&l, 0x55, sizeof(l));
		if (parse_as(TFTPLOG_TFTPD_HPA, lines[i].line, &l))
			fail_msg("%s: none of ours", lines[i].line);
		if (l.client.host != 0)
			ip4_format(client, l.client);
		if (l.kind != lines[i].kind || strcmp(client, lines[i].client) != 0 ||
		    strcmp(l.path, lines[i].path) != 0 || l.answer != lines[i].answer ||
		    l.mapped != lines[i].mapped || l.client_error)
			fail_msg("%s: %s, client \"%s\", path \"%s\", answer %d, mapped %d", lines[i].line,
				 event_kind_name(l.kind), client, l.path, l.answer, l.mapped);
		assert_int_equal(l.pid, 112);
		assert_true(l.at_ms == NOV_26_2025);
	}
}

/* A map of the site's that looks for the beginning of a name (F§8 row 46: P0030801SR02.loads to P0030801SR). */
static void test_a_cut_name(void **state)
{
	static const struct {
		const char *line;
		bool cut;
	} cases[] = {
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads remapped to P0030801SR", true },
		{ AT "RRQ from 10.0.0.9 filename /P0030801SR02.loads remapped to fw/P0030801SR", true },
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads remapped to fw/P0030801SR02.loads", false },
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads remapped to other", false },
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads remapped to fw/", false },
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads remapped to 10.0.0.9/P0030801SR02.loads", false },
		{ AT "RRQ from 10.0.0.9 filename P0030801SR02.loads", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tftplog_line l;

		assert_int_equal(parse_as(TFTPLOG_TFTPD_HPA, cases[i].line, &l), 0);
		if (l.cut_name != cases[i].cut)
			fail_msg("%s", cases[i].line);
	}
}

/* How a line may reach a file: rsyslog in both its formats, journalctl -o short and short-iso-precise, no stamp. */
static void test_prefixes(void **state)
{
	static const struct {
		const char *line;
		int64_t at_ms; /* -1 = not taken */
		uint32_t pid;
	} prefixes[] = {
		{ "Nov 26 03:57:14 in.tftpd[7]: ", NOV_26_2025, 7 },
		{ "Nov 26 03:57:14 bench in.tftpd[999999999]: ", NOV_26_2025, 999999999 },
		{ "2025-11-26T03:57:14.250000+00:00 bench in.tftpd[7]: ", NOV_26_2025 + 250, 7 },
		{ "2025-11-26T04:57:14+0100 bench in.tftpd[7]: ", NOV_26_2025, 7 },
		{ "in.tftpd[7]: ", 0, 7 },
		{ "in.tftpd: ", 0, 0 },
		/* journalctl -o short-unix, short-precise */
		{ "1764129434.250999 bench in.tftpd[7]: ", NOV_26_2025 + 250, 7 },
		{ "1764129434.25 bench in.tftpd[7]: ", NOV_26_2025 + 250, 7 },
		{ "Nov 26 03:57:14.250999 bench in.tftpd[7]: ", NOV_26_2025 + 250, 7 },
		{ "1764129434 bench in.tftpd[7]: ", -1, 0 },
		{ "1764129434. bench in.tftpd[7]: ", -1, 0 },
		{ "123456789012.5 bench in.tftpd[7]: ", -1, 0 },
		/* with a priority: as a program sends it, as a relay does, and RFC 3339 */
		{ "<29>Nov 26 03:57:14 in.tftpd[7]: ", NOV_26_2025, 7 },
		{ "<29>Nov 26 03:57:14 bench in.tftpd[7]: ", NOV_26_2025, 7 },
		{ "<191>2025-11-26T03:57:14.25Z bench in.tftpd[7]: ", NOV_26_2025 + 250, 7 },
		{ "<29>in.tftpd[7]: ", 0, 7 },
		{ "<>Nov 26 03:57:14 in.tftpd[7]: ", -1, 0 },
		{ "<2999>Nov 26 03:57:14 in.tftpd[7]: ", -1, 0 },
		{ "<29Nov 26 03:57:14 in.tftpd[7]: ", -1, 0 },
		/* RFC 5424 */
		{ "<29>1 2025-11-26T03:57:14Z bench in.tftpd 7 - - ", NOV_26_2025, 7 },
		{ "<29>1 2025-11-26T04:57:14.250123+01:00 bench in.tftpd 7 - - \xef\xbb\xbf", NOV_26_2025 + 250, 7 },
		{ "<29>1 2025-11-26T03:57:14Z - in.tftpd - ID7 - ", NOV_26_2025, 0 },
		{ "<29>1 - bench in.tftpd 7 - - ", 0, 7 },
		{ "<29>1 2025-11-26T03:57:14Z bench in.tftpd 7 - [a@1 b=\"c\"][d e=\"\\\"]\"] ", NOV_26_2025, 7 },
		{ "<29>1 2025-11-26T03:57:14Z bench in.tftpd 7 - [a b=\"] ", -1, 0 },
		{ "<29>1 2025-11-26T03:57:14Z bench in.tftpd 7 - x ", -1, 0 },
		{ "<29>1 2025-11-26T03:57:14Z bench in.tftpd 7 - ", -1, 0 },
		{ "<29>1 Nov 26 03:57:14 bench in.tftpd 7 - - ", -1, 0 },
		{ "<29>2 2025-11-26T03:57:14Z bench in.tftpd 7 - - ", -1, 0 },
		{ "Nov 26 03:57:14 bench in.tftpd[]: ", -1, 0 },
		{ "Nov 26 03:57:14 bench in.tftpd[1234567890]: ", -1, 0 },
		{ "Nov 26 03:57:14 bench tftpd[7]: ", -1, 0 },
		{ "Nov 26 03:57:14 bench xin.tftpd[7]: ", -1, 0 },
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct tftplog_line l = { .at_ms = -1 };

		snprintf(line, sizeof(line), "%sRRQ from 10.0.0.9 filename a", prefixes[i].line);
		int rc = parse_as(TFTPLOG_TFTPD_HPA, line, &l);
		if (rc != (prefixes[i].at_ms < 0) || l.at_ms != prefixes[i].at_ms)
			fail_msg("%s: %d, %lld", line, rc, (long long)l.at_ms);
		assert_int_equal(l.pid, prefixes[i].pid);
	}
}

static void test_others(void **state)
{
	static const char *const others[] = {
		AT "WRQ from 10.77.0.20 filename XMLDefault.cnf.xml",
		AT "remap: input: RRQ from 10.0.0.9 filename a",
		AT "remap: rule 0: rewrite: 10.77.0.20//XMLDefault.cnf.xml",
		AT "tftpd: read(ack): Connection refused",
		AT "tftp: client does not accept options.",
		AT "Bad regex in remap line 7: Unmatched ( or \\(",
		AT "RRQ from 10.77.0.20 filename ",
		AT "RRQ from 10.77.0.20 filename  remapped to 10.77.0.20/",
		AT "RRQ from 10.77.0 filename a",
		AT "RRQ from fe80::1 filename a",
		AT "RRQ from 10.77.0.20",
		AT "sending NAK (1, File not found) to ",
		AT "sending NAK (9, File not found) to 10.0.0.9",
		AT "sending NAK (11, File not found) to 10.0.0.9",
		AT "sending NAK () to 10.0.0.9",
		AT "sending NAK (1 to 10.0.0.9",
		AT "sent /a to 10.0.0.9", /* dnsmasq's */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct tftplog_line l = { .at_ms = -2 };

		if (parse_as(TFTPLOG_TFTPD_HPA, others[i], &l) != 1 || parse_as(TFTPLOG_AUTO, others[i], &l) != 1)
			fail_msg("%s: taken for an event", others[i]);
		assert_true(l.at_ms == -2);
	}
}

static void test_formats(void **state)
{
	static const char hpa[] = AT "RRQ from 10.0.0.9 filename a";
	static const char dnsmasq[] = "Nov 26 03:57:14 dnsmasq-tftp[3]: sent /srv/tftp/a to 10.0.0.9";
	enum tftplog_format f = TFTPLOG_FORMATS;
	struct tftplog_line l;

	(void)state;
	assert_int_equal(parse_as(TFTPLOG_AUTO, hpa, &l), 0);
	assert_int_equal(l.kind, EVENT_ASKED);
	assert_int_equal(parse_as(TFTPLOG_AUTO, dnsmasq, &l), 0);
	assert_int_equal(l.kind, EVENT_SENT);
	assert_int_equal(l.pid, 3);
	assert_int_equal(parse_as(TFTPLOG_DNSMASQ, hpa, &l), 1);
	assert_int_equal(parse_as(TFTPLOG_TFTPD_HPA, dnsmasq, &l), 1);
	for (int i = 0; i < TFTPLOG_FORMATS; i++) {
		assert_int_equal(tftplog_format_parse(tftplog_format_name((enum tftplog_format)i), &f), 0);
		assert_int_equal(f, i);
	}
	assert_int_equal(tftplog_format_parse("atftp", &f), 1);
	assert_int_equal(tftplog_format_parse("", &f), 1);
}

/* What in.tftpd 5.2 wrote with --verbosity 2 and our map: phones, a PXE client, one from elsewhere. */
static void test_real_log(void **state)
{
	static const struct {
		uint32_t pid;
		enum event_kind kind;
		const char *path;
		bool mapped;
	} events[] = {
		{ 112, EVENT_ASKED, "XMLDefault.cnf.xml", true },
		{ 120, EVENT_ASKED, "/XMLDefault.cnf.xml", true },
		{ 128, EVENT_ASKED, "./XMLDefault.cnf.xml", true },
		{ 136, EVENT_ASKED, "SEP001B0C18BDC1.cnf.xml", true },
		{ 136, EVENT_MISSING, "", false },
		{ 144, EVENT_ASKED, "XMLDefault.cnf.xml", true },
		{ 152, EVENT_ASKED, "secret", true },
		{ 152, EVENT_FAILED, "", false },
		{ 160, EVENT_ASKED, "dir", true },
		{ 160, EVENT_FAILED, "", false },
		{ 168, EVENT_ASKED, "P0S3 to 8.sb2", true },
		{ 176, EVENT_ASKED, "XMLDefault.cnf.xml", false },
		{ 184, EVENT_ASKED, "/XMLDefault.cnf.xml", false },
		{ 192, EVENT_ASKED, "10.77.0.20/XMLDefault.cnf.xml", false },
		{ 200, EVENT_ASKED, "we\\ird \xc3\xa9", false },
		{ 200, EVENT_MISSING, "", false },
		{ 208, EVENT_ASKED, "XMLDefault.cnf.xml", true },
		{ 208, EVENT_MISSING, "", false },
		{ 215, EVENT_ASKED, "ringer", true },
		{ 216, EVENT_ASKED, "ringer", true },
		{ 216, EVENT_FAILED, "", false }, /* no options, please */
		{ 217, EVENT_ASKED, "ringer", true },
		{ 218, EVENT_FAILED, "", false }, /* a mode that is none: no request before it */
		{ 219, EVENT_FAILED, "", false }, /* an upload */
		{ 220, EVENT_FAILED, "", false },
		{ 221, EVENT_ASKED, "XMLDefault.cnf.xml remapped to foo", true },
		{ 221, EVENT_MISSING, "", false },
		{ 222, EVENT_ASKED, "a", false }, /* the rest of the name is in the next line */
		{ 222, EVENT_MISSING, "", false },
		{ 226, EVENT_ASKED, "XMLDefault.cnf.xml", true },
		{ 236, EVENT_ASKED, "XMLDefault.cnf.xml", false }, /* another map since SIGHUP */
	};
	FILE *f = fopen("tests/data/tftplog/tftpd-hpa-5.2.txt", "r");
	struct tftplog_line l;
	char line[1024];
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (parse_as(TFTPLOG_AUTO, line, &l) != 0)
			continue;
		assert_true(n < COUNT(events));
		if (l.pid != events[n].pid || l.kind != events[n].kind || strcmp(l.path, events[n].path) != 0 ||
		    l.mapped != events[n].mapped || l.answer != (events[n].path[0] == '\0'))
			fail_msg("event %zu: %s", n, line);
		n++;
	}
	(void)fclose(f);
	assert_int_equal(n, COUNT(events));
}

/* --verbosity 3 says more, of which nothing is an event. */
static void test_real_verbose(void **state)
{
	FILE *f = fopen("tests/data/tftplog/tftpd-hpa-5.2-verbosity3.txt", "r");
	struct tftplog_line l;
	char line[1024];
	unsigned asked = 0, missing = 0, others = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		int rc = parse_as(TFTPLOG_TFTPD_HPA, line, &l);

		asked += rc == 0 && l.kind == EVENT_ASKED;
		missing += rc == 0 && l.kind == EVENT_MISSING;
		others += rc == 1;
	}
	(void)fclose(f);
	assert_int_equal(asked, 4);
	assert_int_equal(missing, 2);
	assert_int_equal(others, 16);
}

static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		for (size_t n = 0; n < strlen(lines[i].line); n++) {
			char *exact = test_malloc(n + 1);
			struct tftplog_line l;

			memcpy(exact + 1, lines[i].line, n);
			if (tftplog_parse(TFTPLOG_AUTO, exact + 1, n, DEC_31_2025, 0, &l) == 0)
				assert_true(strlen(l.path) < TFTPLOG_PATH_MAX);
			test_free(exact);
		}
	}
}

static void test_long_name(void **state)
{
	struct tftplog_line l;

	(void)state;
	for (size_t n = TFTPLOG_PATH_MAX - 1; n <= TFTPLOG_PATH_MAX; n++) {
		char line[1024] = AT "RRQ from 10.0.0.9 filename ";
		size_t head = strlen(line);

		memset(line + head, 'a', n);
		int rc = tftplog_parse(TFTPLOG_AUTO, line, head + n, DEC_31_2025, 0, &l);
		assert_int_equal(rc, n < TFTPLOG_PATH_MAX ? 0 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_a_cut_name),    cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_others),	     cmocka_unit_test(test_formats),
		cmocka_unit_test(test_real_log),     cmocka_unit_test(test_real_verbose),
		cmocka_unit_test(test_cuts),	     cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
