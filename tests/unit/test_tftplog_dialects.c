/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What stands around dnsmasq's, atftpd's and our own lines: entries that say apart who wrote them, the tag of who caught
 * standard error, another language (counted apart), atftpd's threads, loadstep-event's fetches. Priorities, RFC 5424
 * and stamps: test_tftplog_hpa, test_tftplog.
 */
#include "tftplog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW (INT64_C(1767139200) * 1000) /* 2025-12-31 */
#define AT "Nov 23 03:00:25 "

static enum tftplog_what parse_as(enum tftplog_format f, const char *line, struct tftplog_line *ret)
{
	return tftplog_parse(f, line, strlen(line), NOW, 0, ret);
}

static void test_what(void **state)
{
	static const struct {
		const char *line;
		enum tftplog_what what;
	} cases[] = {
		{ AT "dnsmasq-tftp[4]: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_EVENT },
		/* `dnsmasq -k`, log-facility=-, caught by the journal; and by somebody else */
		{ AT "bench dnsmasq[4]: dnsmasq-tftp: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_EVENT },
		{ AT "dnsmasq[4]: dnsmasq-tftp: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_EVENT },
		{ AT "bench sh[4]: dnsmasq-tftp: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_OTHER },
		{ AT "bench dnsmasq[4]: x dnsmasq-tftp: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_OTHER },
		/* what dnsmasq 2.90 says else */
		{ AT "dnsmasq-tftp[4]: TFTP root is /srv/tftp  ", TFTPLOG_OTHER },
		{ AT "dnsmasq-tftp[4]: unsupported request from 127.0.0.1", TFTPLOG_OTHER },
		{ AT "dnsmasq-tftp[4]: ignoring packet from 127.0.0.1 (TID mismatch)", TFTPLOG_OTHER },
		{ AT "dnsmasq-tftp[4]: unable to get free port for TFTP", TFTPLOG_OTHER },
		{ AT "dnsmasq-tftp[4]: sent /srv/tftp/f to fd00::1", TFTPLOG_OTHER },
		{ AT "dnsmasq-tftp[4]: sent /srv/tft", TFTPLOG_OTHER },
		{ AT "dnsmasq[4]: gestartet, Version 2.90, DNS abgeschaltet", TFTPLOG_OTHER },
		/* dnsmasq 2.90 with LANGUAGE=de */
		{ AT "dnsmasq-tftp[4]: /srv/tftp/f an 127.0.0.1 verschickt", TFTPLOG_FOREIGN },
		{ AT "dnsmasq-tftp[4]: Datei /srv/tftp/nix nicht gefunden f\xc3\xbcr 127.0.0.1", TFTPLOG_FOREIGN },
		{ AT "dnsmasq-tftp[4]: Kann auf /x nicht zugreifen: Keine Berechtigung", TFTPLOG_FOREIGN },
		{ AT "dnsmasq-tftp[4]: TFTP Wurzel ist /srv/tftp  ", TFTPLOG_FOREIGN },
		/* a stamp in another language */
		{ "M\xc3\xa4r 23 03:00:25 bench dnsmasq-tftp[4]: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_FOREIGN },
		{ "23 nov. 03:00:25 bench dnsmasq-tftp[4]: sent /srv/tftp/f to 127.0.0.1", TFTPLOG_FOREIGN },
		{ AT "bench kernel: whatever", TFTPLOG_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tftplog_line l = { .at_ms = -2 };
		enum tftplog_what what = parse_as(TFTPLOG_AUTO, cases[i].line, &l);

		if (what != cases[i].what)
			fail_msg("%s: %d", cases[i].line, what);
		if (what == TFTPLOG_EVENT) {
			assert_string_equal(l.path, "/srv/tftp/f");
			assert_int_equal(l.pid, 4);
			assert_int_equal(l.from, TFTPLOG_DNSMASQ);
			assert_true(l.bytes == -1);
		} else {
			assert_true(l.at_ms == -2);
		}
		/* of another server's log nobody says that dnsmasq's language is wrong */
		assert_true(parse_as(TFTPLOG_ATFTPD, cases[i].line, &l) == TFTPLOG_OTHER);
	}
}

static void test_entries(void **state)
{
	static const struct {
		const char *tag, *message;
		enum tftplog_what what;
	} cases[] = {
		{ "dnsmasq-tftp", "sent f to 10.0.0.9", TFTPLOG_EVENT },
		{ "dnsmasq-tftp", "sent f to 10.0.0.9\n", TFTPLOG_EVENT },
		{ "dnsmasq", "dnsmasq-tftp: sent f to 10.0.0.9", TFTPLOG_EVENT },
		{ "dnsmasq", "sent f to 10.0.0.9", TFTPLOG_OTHER },
		{ "dnsmasq-tftp", "dnsmasq-tftp: sent f to 10.0.0.9", TFTPLOG_FOREIGN },
		{ "dnsmasq-tft", "sent f to 10.0.0.9", TFTPLOG_OTHER },
		{ "sh", "dnsmasq-tftp: sent f to 10.0.0.9", TFTPLOG_OTHER },
		{ "", "sent f to 10.0.0.9", TFTPLOG_OTHER },
		{ "dnsmasq-tftp", "", TFTPLOG_OTHER },
		{ "in.tftpd", "RRQ from 10.0.0.9 filename f", TFTPLOG_EVENT },
		{ "atftpd", "Serving f to 10.0.0.9:57072", TFTPLOG_EVENT },
		/* a name with a newline: through the journal it is one entry, and no line of ours */
		{ "atftpd", "Serving a\nf to 10.0.0.9:57072", TFTPLOG_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tftplog_entry en = { NOW, cases[i].tag,	   strlen(cases[i].tag),
					    7,	 cases[i].message, strlen(cases[i].message) };
		struct tftplog_line l;

		if (tftplog_parse_entry(TFTPLOG_AUTO, &en, &l) != cases[i].what)
			fail_msg("%s: %s", cases[i].tag, cases[i].message);
		if (cases[i].what != TFTPLOG_EVENT)
			continue;
		assert_true(l.at_ms == NOW && l.pid == 7 && l.client.host == 0x0a000009);
		assert_string_equal(l.path, "f");
	}
}

#define ATFTPD AT "bench atftpd[21.139801237755584]: "

static void test_atftpd(void **state)
{
	static const struct {
		const char *line;
		enum event_kind kind;
		const char *client, *path;
		bool answer, chatty;
	} cases[] = {
		{ ATFTPD "Serving file1 to 127.0.0.1:57072", EVENT_ASKED, "127.0.0.1", "file1", false, false },
		{ ATFTPD "Serving a to b to 10.0.0.9:1", EVENT_ASKED, "10.0.0.9", "a to b", false, false },
		{ ATFTPD "Serving a to 10.0.0.8:9 to 10.0.0.9:65535\n", EVENT_ASKED, "10.0.0.9",
		  "a to 10.0.0.8:9", false, false },
		{ ATFTPD "Creating new socket: 127.0.0.1:53320", EVENT_ASKED, "", "", false, true },
		{ ATFTPD "End of transfer", EVENT_SENT, "", "", true, true },
		{ ATFTPD "Aborting transfer", EVENT_FAILED, "", "", true, true },
		{ ATFTPD "File /srv/tftp/x not found", EVENT_MISSING, "", "/srv/tftp/x", true, false },
		{ ATFTPD "File /srv/tftp/x not found not found", EVENT_MISSING, "", "/srv/tftp/x not found", true,
		  false },
		{ ATFTPD "File name with /../ are forbidden", EVENT_FAILED, "", "", true, false },
		{ ATFTPD "client (10.0.0.9) not responding", EVENT_FAILED, "10.0.0.9", "", true, false },
		{ ATFTPD "Server thread exiting", EVENT_ASKED, "", "", true, false },
	};
	static const char *const others[] = {
		ATFTPD "Serving file1 to 127.0.0.1",	       ATFTPD "Serving file1 to 127.0.0.1:",
		ATFTPD "Serving file1 to 127.0.0.1:123456",    ATFTPD "Serving file1 to fd00::1:69",
		ATFTPD "Serving  to 127.0.0.1:57072 ",	       ATFTPD "Serving to 127.0.0.1:57072",
		ATFTPD "Serving nnnnnnnnnnnnnnnnn",	       ATFTPD "File  not found",
		ATFTPD "File /x not found.",		       ATFTPD "End of transfer.",
		ATFTPD "timeout block 2: retrying ...",	       ATFTPD "tsize option -> 1500",
		ATFTPD "Fetching from 127.0.0.1 to up",	       ATFTPD "client () not responding",
		AT "bench atftpd[21.]: End of transfer",       AT "bench atftpd[.7]: End of transfer",
		AT "bench atftpd[21.1.2]: End of transfer",    AT "bench atftpd[21.12345678901234567890]: End of transfer",
		"ird\x1b[31m \xff to 127.0.0.1:41385",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char client[IP4_TEXT_SIZE] = "";
		struct tftplog_line l;

		memset(&l, 0x55, sizeof(l));
		if (parse_as(TFTPLOG_ATFTPD, cases[i].line, &l) != TFTPLOG_EVENT)
			fail_msg("%s: none of ours", cases[i].line);
		if (l.client.host)
			ip4_format(client, l.client);
		if (l.kind != cases[i].kind || strcmp(client, cases[i].client) != 0 ||
		    strcmp(l.path, cases[i].path) != 0 || l.answer != cases[i].answer || l.chatty != cases[i].chatty)
			fail_msg("%s: %s \"%s\" \"%s\"", cases[i].line, event_kind_name(l.kind), client, l.path);
		assert_true(l.pid == 21 && l.thread == 139801237755584);
		assert_int_equal(parse_as(TFTPLOG_DNSMASQ, cases[i].line, &l), TFTPLOG_OTHER);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		struct tftplog_line l;

		if (parse_as(TFTPLOG_AUTO, others[i], &l) != TFTPLOG_OTHER)
			fail_msg("%s: taken", others[i]);
	}
}

/* What the real one wrote: 24 files asked for, of which 12 were sent whole. */
static void test_real_atftpd(void **state)
{
	static const char *const files[] = { "tests/data/tftplog/atftpd-0.8-logfile.txt",
					     "tests/data/tftplog/atftpd-0.8-syslog.txt" };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *f = fopen(files[i], "r");
		unsigned n[EVENT_COUNT] = { 0 }, asked = 0, over = 0, silent = 0;
		struct tftplog_line l;
		char line[1024];

		assert_non_null(f);
		while (fgets(line, sizeof(line), f)) {
			if (parse_as(TFTPLOG_AUTO, line, &l) != TFTPLOG_EVENT)
				continue;
			assert_int_equal(l.from, TFTPLOG_ATFTPD);
			assert_true((l.thread != 0) == (i == 0));
			asked += l.kind == EVENT_ASKED && !l.answer && !l.chatty;
			over += l.kind == EVENT_ASKED && l.answer;
			silent += l.answer && l.client.host != 0;
			n[l.kind] += l.answer;
		}
		(void)fclose(f);
		/* one name was cut, one had a newline: those two have no address */
		assert_int_equal(asked, 22);
		assert_int_equal(n[EVENT_SENT], 13);
		assert_int_equal(silent, 1); /* whose end follows */
		assert_int_equal(n[EVENT_MISSING], 2);
		assert_int_equal(n[EVENT_FAILED], 8);
		assert_int_equal(over, 27);
	}
}

#define EVENT AT "bench loadstep-event[9]: "

static void test_fetch(void **state)
{
	static const struct {
		const char *line;
		bool mac_known;
		const char *path;
		int64_t bytes;
	} cases[] = {
		{ EVENT "fetch mac=00:1b:0c:18:bd:c1 address=10.0.0.9 file=P00303010102.bin bytes=362516 stage=1 "
			"load=P00303010102",
		  true, "P00303010102.bin", 362516 },
		{ EVENT "fetch mac=- address=10.0.0.9 file=pxelinux.0 bytes=0 stage=- load=-", false, "pxelinux.0", 0 },
		{ EVENT "fetch mac=- address=10.0.0.9 file=a b bytes=1 stage=- load=- note=spooled", false, "a b", 1 },
		{ EVENT "fetch mac=- address=10.0.0.9 file=x bytes=9 stage=9 load=L bytes=2 stage=- load=- note=the name "
			"has another phone's MAC: not credited",
		  false, "x bytes=9 stage=9 load=L", 2 },
		{ EVENT "fetch mac=- address=10.0.0.9 file=we\\nird\\x1b\\\\\\xff\\t bytes=3 stage=- load=-", false,
		  "we\nird\x1b\\\xff\t", 3 },
	};
	static const char *const others[] = {
		EVENT "fetch mac=00:1b:0c:18:bd address=10.0.0.9 file=f bytes=1 stage=- load=-",
		EVENT "fetch mac=001b.0c18.bdc1 address=10.0.0.9 file=f bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0 file=f bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file= bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f bytes=-1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f bytes=1 stage=x load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f bytes=1 stage=- load=- x",
		EVENT "fetch mac=- address=10.0.0.9 file=f\\x1 bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f\\x00 bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f\\q bytes=1 stage=- load=-",
		EVENT "fetch mac=- address=10.0.0.9 file=f\\ bytes=1 stage=- load=-",
		EVENT "ignored: /etc/passwd is not below the TFTP root /srv/tftp",
		AT "bench someone[9]: fetch mac=- address=10.0.0.9 file=f bytes=1 stage=- load=-",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tftplog_line l;
		char mac[MAC_TEXT_SIZE];

		memset(&l, 0x55, sizeof(l));
		if (parse_as(TFTPLOG_AUTO, cases[i].line, &l) != TFTPLOG_EVENT)
			fail_msg("%s: none of ours", cases[i].line);
		assert_int_equal(l.from, TFTPLOG_FETCH);
		assert_int_equal(l.kind, EVENT_SENT);
		assert_int_equal(l.client.host, 0x0a000009);
		assert_int_equal(l.mac_known, cases[i].mac_known);
		if (l.mac_known)
			assert_string_equal(mac_format(mac, &l.mac), "00:1b:0c:18:bd:c1");
		assert_string_equal(l.path, cases[i].path);
		assert_true(l.bytes == cases[i].bytes);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		struct tftplog_line l;

		if (parse_as(TFTPLOG_AUTO, others[i], &l) != TFTPLOG_OTHER)
			fail_msg("%s: taken", others[i]);
	}
}

static void test_names(void **state)
{
	enum tftplog_format f;

	(void)state;
	for (int i = 0; i < TFTPLOG_FORMATS; i++) {
		assert_int_equal(tftplog_format_parse(tftplog_format_name((enum tftplog_format)i), &f), 0);
		assert_int_equal(f, i);
	}
	assert_int_equal(tftplog_format_parse("atari", &f), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what),	    cmocka_unit_test(test_entries), cmocka_unit_test(test_atftpd),
		cmocka_unit_test(test_real_atftpd), cmocka_unit_test(test_fetch),   cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
