/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A pipe as lines: each is delivered until it is stored, whatever the pieces it comes in; what is too long is passed over;
 * a named pipe outlives its writers. And an entry of the journal as JSON.
 */
#include "pipelog.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct heard {
	char text[512];
	size_t len;
	const char *refuse; /* a line that cannot be taken now */
};

static int hear(void *arg, const char *line, size_t len, struct err *e)
{
	struct heard *h = arg;

	if (h->refuse && strlen(h->refuse) == len && memcmp(line, h->refuse, len) == 0)
		return err_set(e, ERR_INPUT, "not now");
	h->len += (size_t)snprintf(h->text + h->len, sizeof(h->text) - h->len, "%.*s|", len > 20 ? 20 : (int)len, line);
	return 0;
}

static void put(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void expect(struct heard *h, const char *want)
{
	assert_string_equal(h->text, want);
	h->len = 0;
	h->text[0] = '\0';
}

static void test_lines(void **state)
{
	struct pipelog p;
	struct heard h = { .len = 0 };
	struct err e;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipelog_open(&p, ends[0], &e), 0);
	assert_true(pipelog_idle(&p));
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	put(ends[1], "one\ntw");
	assert_false(pipelog_idle(&p));
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	expect(&h, "one|");
	assert_true(pipelog_idle(&p)); /* half a line is none */
	put(ends[1], "o\n\nthree\nfour\n");
	assert_int_equal(pipelog_read(&p, 2, hear, &h, &e), 0);
	expect(&h, "two||");
	assert_false(pipelog_idle(&p));
	/* not stored: again */
	pipelog_back(&p);
	assert_int_equal(pipelog_read(&p, 3, hear, &h, &e), 0);
	expect(&h, "one|two||");
	pipelog_save(&p);
	/* one that cannot be taken now, and those behind it, stay */
	h.refuse = "four";
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), -1);
	expect(&h, "three|");
	pipelog_save(&p);
	pipelog_back(&p);
	h.refuse = NULL;
	put(ends[1], "five");
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	expect(&h, "four|");
	assert_int_equal(p.last_len, 4);
	assert_memory_equal(p.buf + p.last, "four", 4);
	/* the end is a line's end, too */
	assert_false(p.ended);
	close(ends[1]);
	assert_false(pipelog_idle(&p));
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	expect(&h, "five|");
	assert_true(p.ended && pipelog_idle(&p));
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	expect(&h, "");
	/* another one in its place */
	assert_int_equal(pipe(ends), 0);
	pipelog_renew(&p, ends[0]);
	put(ends[1], "six\n");
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	expect(&h, "six|");
	pipelog_close(&p);
}

/* Much more than the buffer, with lines around the limit. */
static void test_long(void **state)
{
	static const size_t lengths[] = { PIPELOG_LINE_MAX - 1, PIPELOG_LINE_MAX, PIPELOG_LINE_MAX + 1,
					  2 * PIPELOG_LINE_MAX, PIPELOG_BYTES + 5 };
	char *text = malloc(PIPELOG_BYTES + 16);
	struct pipelog p;
	struct err e;
	int ends[2];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', PIPELOG_BYTES + 16);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipelog_open(&p, ends[0], &e), 0);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct heard h = { .len = 0 };
		bool fits = lengths[i] <= PIPELOG_LINE_MAX;

		p.too_long = 0;
		put(ends[1], "a\n");
		for (size_t at = 0; at < lengths[i]; at += 60000) { /* a pipe holds 64 KiB */
			size_t n = lengths[i] - at < 60000 ? lengths[i] - at : 60000;

			assert_int_equal(write(ends[1], text, n), n);
			assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
			pipelog_save(&p);
		}
		put(ends[1], "\nb\n");
		assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
		pipelog_save(&p);
		expect(&h, fits ? "a|xxxxxxxxxxxxxxxxxxxx|b|" : "a|b|");
		assert_int_equal(p.too_long, !fits);
	}
	/* many, so that the buffer is used up many times */
	for (int i = 0; i < 400; i++) {
		struct heard h = { .len = 0 };

		assert_int_equal(write(ends[1], text, 5000), 5000);
		put(ends[1], "\nend\n");
		assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
		pipelog_save(&p);
		expect(&h, "xxxxxxxxxxxxxxxxxxxx|end|");
	}
	/* and what is not stored is kept, till there is no room */
	struct heard h = { .len = 0 };
	int rc = 1;
	for (int i = 0; i < 400 && rc == 1; i++) {
		if (write(ends[1], text, 5000) != 5000)
			break;
		put(ends[1], "\n");
		h.len = 0;
		rc = pipelog_read(&p, 10, hear, &h, &e);
		assert_true(p.end <= PIPELOG_BYTES);
		if (h.len == 0)
			break;
	}
	assert_int_equal(h.len, 0);
	pipelog_save(&p);
	assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
	assert_true(h.len > 0);
	pipelog_close(&p);
	close(ends[0]);
	close(ends[1]);
	free(text);
}

static void test_named(void **state)
{
	char dir[] = "/tmp/loadstep-pipe.XXXXXX", path[64];
	struct heard h = { .len = 0 };
	struct pipelog p;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(pipelog_open(&p, fd, &e), 0);
	p.endless = true;
	for (int i = 0; i < 3; i++) {
		assert_true(pipelog_idle(&p));
		assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
		int writer = open(path, O_WRONLY);
		put(writer, "one\ntwo\n");
		close(writer);
		assert_false(pipelog_idle(&p));
		assert_int_equal(pipelog_read(&p, 10, hear, &h, &e), 1);
		pipelog_save(&p);
		expect(&h, "one|two|");
		assert_false(p.ended);
	}
	pipelog_close(&p);
	close(fd);
	assert_int_equal(unlink(path) || rmdir(dir), 0);
}

/* ---- the journal */

#define CURSOR "s=9a28;i=3;b=8299;m=3322afa7b;t=661287412ea2d;x=e262d844a07c10f9"

static void test_journal(void **state)
{
	static const struct {
		const char *line;
		int64_t at_ms; /* -1: none */
		const char *tag, *message, *cursor;
		size_t len;
		uint32_t pid;
	} cases[] = {
		/* as journalctl 252 writes them */
		{ "{\"_TRANSPORT\":\"syslog\",\"MESSAGE\":\"sent /srv/x to 10.0.0.1\",\"__CURSOR\":\"" CURSOR
		  "\",\"__REALTIME_TIMESTAMP\":\"1795676234246701\",\"SYSLOG_IDENTIFIER\":\"dnsmasq-tftp\","
		  "\"SYSLOG_PID\":\"77\",\"_SOURCE_REALTIME_TIMESTAMP\":\"1795676234244497\",\"_PID\":\"17\"}",
		  1795676234244, "dnsmasq-tftp", "sent /srv/x to 10.0.0.1", CURSOR, 23, 77 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1795676234252830\",\"SYSLOG_IDENTIFIER\":\"atftpd\",\"__CURSOR\":\"" CURSOR
		  "\",\"MESSAGE\":[97,255,27,91,51,49,109,98],\"_PID\":\"19\"}",
		  1795676234252, "atftpd", "a\xff\x1b[31mb", CURSOR, 8, 19 },
		{ "\x1e{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"m\"}", 1, "", "m", "", 1, 0 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"a\\u0000b\\n\"}", 1, "", "a\0b\n", "", 4, 0 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"\",\"_PID\":\"-7\"}", 1, "", "", "", 0, 0 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":[]}", 1, "", "", "", 0, 0 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":null}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":[\"a\",\"b\"]}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":[256]}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":[-1]}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\"}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":1000,\"MESSAGE\":\"m\"}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"-1\",\"MESSAGE\":\"m\"}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"99999999999999999999\",\"MESSAGE\":\"m\"}", .at_ms = -1 },
		{ "{\"MESSAGE\":\"m\"}", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"m\"} x", .at_ms = -1 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"m", .at_ms = -1 },
		{ "{}", .at_ms = -1 },
		{ "{", .at_ms = -1 },
		{ "[1]", .at_ms = -1 },
	};
	struct journal_entry j;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc = journal_parse(cases[i].line, strlen(cases[i].line), &j);

		if (rc != (cases[i].at_ms < 0))
			fail_msg("%s: %d", cases[i].line, rc);
		if (rc)
			continue;
		assert_true(j.at_ms == cases[i].at_ms && j.pid == cases[i].pid && j.len == cases[i].len);
		assert_string_equal(j.tag, cases[i].tag);
		assert_string_equal(j.cursor, cases[i].cursor);
		assert_memory_equal(j.message, cases[i].message, j.len);
		assert_true(journal_is_entry(cases[i].line, strlen(cases[i].line)));
	}
	assert_false(journal_is_entry("", 0));
	assert_false(journal_is_entry("\x1e", 1));
	assert_false(journal_is_entry("Nov 23", 6));
}

static void test_journal_long(void **state)
{
	static const char head[] = "{\"__REALTIME_TIMESTAMP\":\"1000\",\"MESSAGE\":\"";
	struct journal_entry j;

	(void)state;
	for (size_t n = JOURNAL_MESSAGE_MAX; n <= JOURNAL_MESSAGE_MAX + 1; n++) {
		char line[JOURNAL_MESSAGE_MAX + 64];
		size_t at = sizeof(head) - 1;

		memcpy(line, head, at);
		memset(line + at, 'm', n);
		memcpy(line + at + n, "\"}", 2);
		assert_int_equal(journal_parse(line, at + n + 2, &j), n > JOURNAL_MESSAGE_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	cmocka_unit_test(test_long),	     cmocka_unit_test(test_named),
		cmocka_unit_test(test_journal), cmocka_unit_test(test_journal_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
