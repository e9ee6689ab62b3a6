/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The spool: what is appended comes out again, whatever bytes it has; what was not taken stays; what a
 * dead taker left is taken by the next; a line that is none is dropped and counted.
 */
#include "spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "file.h"
#include "fleet.h"
#include "parse.h"
#include "state.h"
#include "strbuf.h"

#define KEPT_MAX 8

struct fixture {
	char dir[64];
	char spool[128];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/loadstep-spool.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->spool, sizeof(f->spool), "%s/state.db.spool", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct err e;

	assert_int_equal(file_remove_tree(f->dir, &e), 0);
	free(f);
	return 0;
}

static const struct ip4 client = { 0x0a000014 };

static void append(const struct fixture *f, const char *path, int64_t at_ms)
{
	struct file_event fe = {
		.kind = EVENT_SENT, .at_ms = at_ms, .client = client, .path = path, .bytes = 512
	};
	struct err e;

	assert_int_equal(spool_append(f->spool, &fe, &e), 0);
}

/* A taker that notes what it got, and stops or fails at the N-th. */
struct taker {
	unsigned n, ends;
	unsigned stop_at, fail_at; /* from 1; 0 = never */
	bool fail_end;
	struct file_event got[KEPT_MAX];
	char paths[KEPT_MAX][SPOOL_PATH_MAX + 1];
};

static int take_one(void *arg, const struct file_event *fe, struct err *e)
{
	struct taker *t = arg;

	if (!fe) {
		t->ends++;
		return t->fail_end ? err_set(e, ERR_BUSY, "the end failed") : 0;
	}
	if (t->stop_at && t->n + 1 == t->stop_at)
		return 1;
	if (t->fail_at && t->n + 1 == t->fail_at)
		return err_set(e, ERR_BUSY, "store is locked");
	assert_true(t->n < KEPT_MAX);
	t->got[t->n] = *fe;
	(void)text_copy(t->paths[t->n], sizeof(t->paths[t->n]), fe->path);
	t->n++;
	return 0;
}

static unsigned files_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	for (struct dirent *x = readdir(d); x; x = readdir(d))
		n += x->d_name[0] != '.';
	closedir(d);
	return n;
}

static void test_beside(void **state)
{
	static const struct {
		const char *url, *suffix, *expected; /* NULL = refused */
	} cases[] = {
		{ "sqlite:/a/state.db", ".spool", "/a/state.db.spool" },
		{ "sqlite:/a/state.db", "", "/a/state.db" },
		{ "postgresql://host/db", ".spool", "/var/lib/loadstep/store.spool" },
		{ "sqlite:/123456789012345678901234567890123456789012345678901234567890", ".spool", NULL },
	};
	char buf[48];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = spool_beside(cases[i].url, cases[i].suffix, buf, sizeof(buf), &e);

		assert_int_equal(rc, cases[i].expected ? 0 : -1);
		if (cases[i].expected)
			assert_string_equal(buf, cases[i].expected);
	}
}

static void test_every_path_comes_back(void **state)
{
	static const char *const paths[] = {
		"/srv/tftp/SEP001122334455.cnf.xml",
		"/srv/tftp/we\nird \xc3\xa9.bin",
		"back\\slash\\n \t",
		" blanks  ",
		"\x01\x7f\xff",
	};
	const size_t n = sizeof(paths) / sizeof(paths[0]);
	struct fixture *f = *state;
	struct taker t = { .n = 0 };
	unsigned bad = 99;
	struct err e;

	for (size_t i = 0; i < n; i++)
		append(f, paths[i], 1700000000000 + (int64_t)i);
	assert_int_equal(spool_take(f->spool, take_one, &t, &bad, &e), 0);
	assert_int_equal(t.n, n);
	assert_int_equal(bad, 0);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(t.paths[i], paths[i]);
		assert_int_equal(t.got[i].at_ms, 1700000000000 + (int64_t)i);
		assert_int_equal(t.got[i].client.host, client.host);
		assert_int_equal(t.got[i].bytes, 512);
		assert_int_equal(t.got[i].kind, EVENT_SENT);
		assert_false(t.got[i].from_log);
	}
	assert_int_equal(t.ends, 1);
	assert_int_equal(files_in(f->dir), 0);
}

static void test_fields_come_back(void **state)
{
	struct fixture *f = *state;
	struct file_event fe = { .kind = EVENT_MISSING,
				 .at_ms = 5,
				 .client = client,
				 .path = "x",
				 .bytes = -1,
				 .from_log = true };
	struct taker t = { .n = 0 };
	struct err e;

	assert_int_equal(spool_append(f->spool, &fe, &e), 0);
	fe.bytes = INT64_MAX;
	fe.kind = EVENT_FAILED;
	assert_int_equal(spool_append(f->spool, &fe, &e), 0);
	assert_int_equal(spool_take(f->spool, take_one, &t, NULL, &e), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.got[0].kind, EVENT_MISSING);
	assert_int_equal(t.got[0].bytes, -1);
	assert_true(t.got[0].from_log);
	assert_int_equal(t.got[1].kind, EVENT_FAILED);
	assert_true(t.got[1].bytes == INT64_MAX);
}

static void test_nothing_spooled(void **state)
{
	struct fixture *f = *state;
	struct taker t = { .n = 0 };
	struct err e;

	assert_int_equal(spool_take(f->spool, take_one, &t, NULL, &e), 0);
	assert_int_equal(t.n + t.ends, 0);
}

static void test_lines_that_are_none(void **state)
{
	static const char *const lines[] = {
		"",
		"sent",
		"sent 1 10.0.0.20 5 script ",
		"sent x 10.0.0.20 5 script /a",
		"sent 0 10.0.0.20 5 script /a",
		"sent 1 10.0.0 5 script /a",
		"sent 1 10.0.0.20 -2 script /a",
		"sent 1 10.0.0.20 5 nobody /a",
		"flew 1 10.0.0.20 5 script /a",
		"sent 1 10.0.0.20 5 script /a\\x0",
		"sent 1 10.0.0.20 5 script /a\\x00",
		"sent 1 10.0.0.20 5 script /a\\q",
		"sent 1 10.0.0.20 5 script /a\\",
		"sent 99999999999999999999 10.0.0.20 5 script /a",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct taker t = { .n = 0 };
		char text[256];
		unsigned bad = 0;
		struct err e;
		int n = snprintf(text, sizeof(text), "%s\nsent 1 10.0.0.20 5 script /good\n", lines[i]);

		assert_int_equal(file_append(f->spool, text, (size_t)n, 0600, &e), 0);
		assert_int_equal(spool_take(f->spool, take_one, &t, &bad, &e), 0);
		if (t.n != 1 || bad != 1)
			fail_msg("\"%s\": %u taken, %u bad", lines[i], t.n, bad);
		assert_string_equal(t.paths[0], "/good");
	}
}

/* A write that the disk cut short: the event before it is good, the torn one is counted. */
static void test_last_line_torn(void **state)
{
	static const char text[] = "sent 1 10.0.0.20 5 script /good\nsent 2 10.0";
	struct fixture *f = *state;
	struct taker t = { .n = 0 };
	unsigned bad = 0;
	struct err e;

	assert_int_equal(file_append(f->spool, text, sizeof(text) - 1, 0600, &e), 0);
	assert_int_equal(spool_take(f->spool, take_one, &t, &bad, &e), 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(bad, 1);
}

static void test_enough_leaves_the_rest(void **state)
{
	struct fixture *f = *state;
	struct taker first = { .stop_at = 2 }, second = { .n = 0 };
	struct err e;

	append(f, "/a", 1);
	append(f, "/b", 2);
	append(f, "/c", 3);
	assert_int_equal(spool_take(f->spool, take_one, &first, NULL, &e), 1);
	assert_int_equal(first.n, 1);
	assert_int_equal(first.ends, 1);
	assert_int_equal(spool_take(f->spool, take_one, &second, NULL, &e), 0);
	assert_int_equal(second.n, 2);
	assert_string_equal(second.paths[0], "/b");
	assert_string_equal(second.paths[1], "/c");
	assert_int_equal(files_in(f->dir), 0);
}

static void test_failure_keeps_everything(void **state)
{
	struct fixture *f = *state;
	struct taker fails = { .fail_at = 2 }, fails_late = { .fail_end = true }, good = { .n = 0 };
	struct err e;

	append(f, "/a", 1);
	append(f, "/b", 2);
	assert_int_equal(spool_take(f->spool, take_one, &fails, NULL, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(spool_take(f->spool, take_one, &fails_late, NULL, &e), -1);
	assert_int_equal(fails_late.n, 2);
	append(f, "/c", 3);
	assert_int_equal(spool_take(f->spool, take_one, &good, NULL, &e), 0);
	assert_int_equal(good.n, 3);
}

/* Somebody else is at a file: it is his. When he has died it is ours. */
static void test_other_takers(void **state)
{
	static const char text[] = "sent 1 10.0.0.20 5 script /other\n";
	struct fixture *f = *state;
	struct taker t = { .n = 0 }, later = { .n = 0 };
	char taken[256];
	struct err e;

	snprintf(taken, sizeof(taken), "%s.take.12-34", f->spool);
	assert_int_equal(file_append(taken, text, sizeof(text) - 1, 0600, &e), 0);
	int fd = open(taken, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	append(f, "/mine", 2);
	assert_int_equal(spool_take(f->spool, take_one, &t, NULL, &e), 0);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.paths[0], "/mine");
	close(fd);
	assert_int_equal(spool_take(f->spool, take_one, &later, NULL, &e), 0);
	assert_int_equal(later.n, 1);
	assert_string_equal(later.paths[0], "/other");
	assert_int_equal(files_in(f->dir), 0);
}

/* A taker was faster: its file is locked under the spool's name for a moment, then gone. The appender
 * must not wait. */
static void test_append_beside_a_taker(void **state)
{
	struct fixture *f = *state;
	struct file_event fe = { .kind = EVENT_SENT, .at_ms = 1, .client = client, .path = "/a", .bytes = 1 };
	struct err e;

	append(f, "/old", 1);
	int fd = open(f->spool, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(spool_append(f->spool, &fe, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	close(fd);
	assert_int_equal(spool_append(f->spool, &fe, &e), 0);
}

static void test_ceilings(void **state)
{
	struct fixture *f = *state;
	char path[SPOOL_PATH_MAX + 2];
	struct file_event fe = { .kind = EVENT_SENT, .at_ms = 1, .client = client, .path = path, .bytes = 1 };
	struct err e;

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(spool_append(f->spool, &fe, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	path[SPOOL_PATH_MAX] = '\0';
	assert_int_equal(spool_append(f->spool, &fe, &e), 0);
	assert_int_equal(truncate(f->spool, SPOOL_BYTES_MAX), 0);
	assert_int_equal(spool_append(f->spool, &fe, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
}

/* Into a real fleet: known afterwards, in the history once for each, and at most so many at a time. */
static void test_drain(void **state)
{
	struct fixture *f = *state;
	struct config *cfg = NULL;
	struct fleet *fleet = NULL;
	struct phone p;
	struct mac mac;
	char text[256];
	unsigned taken = 0;
	bool rotate = false;
	struct err e;

	int n = snprintf(text, sizeof(text), "[store]\nurl = sqlite:%s/state.db\n", f->dir);
	assert_int_equal(config_parse("test", text, (size_t)n, NULL, &cfg, NULL, &e), 0);
	assert_int_equal(fleet_open(&fleet, cfg, FLEET_CREATE | FLEET_NO_EFFECTS, 1000, &e), 0);
	append(f, "SEP001122334455.cnf.xml", 1700000000000);
	append(f, "XMLDefault.cnf.xml", 1700000001000);
	append(f, "OS79XX.TXT", 1700000002000);
	assert_int_equal(spool_drain(f->spool, fleet, 1700000003000, 2, &taken, &rotate, &e), 1);
	assert_int_equal(taken, 2);
	assert_int_equal(spool_drain(f->spool, fleet, 1700000003000, 2, &taken, &rotate, &e), 0);
	assert_int_equal(taken, 1);
	assert_false(rotate);
	assert_int_equal(parse_mac("mac", "001122334455", &mac, &e), 0);
	assert_int_equal(state_phone_find(fleet_state(fleet), &mac, &p, &e), 0);
	assert_int_equal(p.address.host, client.host);
	fleet_close(fleet);
	config_free(cfg);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_beside),
		T(test_every_path_comes_back),
		T(test_fields_come_back),
		T(test_nothing_spooled),
		T(test_lines_that_are_none),
		T(test_last_line_torn),
		T(test_enough_leaves_the_rest),
		T(test_failure_keeps_everything),
		T(test_other_takers),
		T(test_append_beside_a_taker),
		T(test_ceilings),
		T(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
