/* SPDX-License-Identifier: MPL-2.0 */
/* The hook's recorder over a real store: what is pushed is recorded, kept while the store is locked, spilled
 * at unload, drained again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "db.h"
#include "file.h"
#include "recorder.h"
#include "spill.h"

static const char plans[] =
	"[plan climb]\nmodels = 7960 unnamed\nstages = P00303010102\ntftp-servers = 10.0.0.1\n";

struct world {
	char dir[64];
	struct config *cfg;
	struct directory *d;
	struct recorder *r;
	struct recorder_paths paths;
	struct hook_said said;
	struct hook_log log; /* of the last call */
	char all[16384]; /* every line so far */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void open_recorder(struct world *w)
{
	struct strbuf sb = STRBUF_INIT(65536);
	struct err e = { .text = "" };

	if (directory_new(&w->d, &e) < 0 || config_format_revision(w->cfg, &sb, &e) < 0 ||
	    directory_plans_apply(w->d, 0, strbuf_text(&sb), sb.len, &e) < 0 ||
	    recorder_new(&w->r, w->cfg, w->d, &w->paths, &e) < 0)
		fail_msg("%s", e.text);
	strbuf_fini(&sb);
}

static void close_recorder(struct world *w)
{
	recorder_free(w->r);
	directory_free(w->d);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct err e = { .text = "" };

	*state = w;
	snprintf(w->dir, sizeof w->dir, "/tmp/test_recorder.XXXXXX");
	if (!mkdtemp(w->dir) || config_parse("test", plans, strlen(plans), NULL, &w->cfg, NULL, &e) < 0)
		return -1;
	snprintf(w->cfg->store_url, sizeof w->cfg->store_url, "sqlite:%s/state.db", w->dir);
	snprintf(w->paths.directory, sizeof w->paths.directory, "%s/directory", w->dir);
	snprintf(w->paths.spill, sizeof w->paths.spill, "%s/hook-spill", w->dir);
	snprintf(w->paths.spool, sizeof w->paths.spool, "%s/state.db.spool", w->dir);
	open_recorder(w);
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	close_recorder(w);
	config_free(w->cfg);
	int rc = file_remove_tree(w->dir, NULL);

	free(w);
	return rc;
}

static void keep_log(struct world *w)
{
	for (unsigned i = 0; i < w->log.n; i++) {
		size_t at = strlen(w->all);

		snprintf(w->all + at, sizeof w->all - at, "%d: %s\n", (int)w->log.line[i].id,
			 w->log.line[i].text);
	}
}

static int turn(struct world *w)
{
	w->log.n = 0;
	int rc = recorder_run_once(w->r, &w->said, &w->log);

	keep_log(w);
	return rc;
}

static struct lease_event event_no(unsigned n, enum lease_kind kind)
{
	struct lease_event le = {
		.kind = kind,
		.at_ms = 1700000000000 + n,
		.mac = { { 0, 0x11, 0x22, 0x33, (uint8_t)(n >> 8), (uint8_t)n } },
		.address = { 0x0a000100u + n },
		.xid = 77 + n,
		.vendor_len = 28,
		.relay_len = 4,
		.relay = { 1, 2, 0xab, 0xcd },
		.giaddr = { 0x0a0000feu },
		.classes = "ALL voice",
	};

	memcpy(le.vendor_class, "Cisco Systems, Inc. IP Phone", 28);
	return le;
}

static void push(struct world *w, unsigned n, enum lease_kind kind)
{
	struct lease_event le = event_no(n, kind);

	assert_true(recorder_push(w->r, &le, true));
}

static unsigned boots_of(struct world *w, unsigned n)
{
	struct lease_event le = event_no(n, LEASE_ACK);
	struct state *st = NULL;
	struct phone p = { .boots = 0 };
	struct err e = { .text = "" };

	if (state_open(&st, w->cfg->store_url, 0, 1000, &e) < 0)
		fail_msg("%s", e.text);
	int rc = state_phone_find(st, &le.mac, &p, &e);

	state_close(st);
	return rc == 0 ? p.boots : 0;
}

static struct recorder_counts counts(struct world *w)
{
	struct recorder_counts c;

	recorder_counts(w->r, &c);
	return c;
}

static void stop_and_finish(struct world *w)
{
	recorder_stop(w->r, 0);
	while (turn(w) == 0)
		continue;
	w->log.n = 0;
	recorder_spill(w->r, &w->log);
	keep_log(w);
}

static struct db *lock_store(struct world *w)
{
	struct db *db = NULL;
	struct err e = { .text = "" };

	if (db_open(&db, w->cfg->store_url, 0, 1000, &e) < 0 || db_exec(db, "BEGIN EXCLUSIVE", &e) < 0)
		fail_msg("%s", e.text);
	return db;
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* ---- recording */

static void test_records(void **state)
{
	struct world *w = *state;

	push(w, 1, LEASE_OFFER);
	push(w, 1, LEASE_ACK);
	push(w, 1, LEASE_ACK); /* the same xid */
	push(w, 1, LEASE_RENEW);
	push(w, 2, LEASE_ACK);
	assert_int_equal(turn(w), 0);
	assert_int_equal(boots_of(w, 1), 1);
	assert_int_equal(boots_of(w, 2), 1);
	assert_int_equal(counts(w).recorded, 5);
	assert_int_equal(counts(w).batches, 1);
	assert_true(counts(w).store_open);
	assert_true(there(w->paths.directory));
}

/* More than a batch, and more than one array holds. */
static void test_many(void **state)
{
	struct world *w = *state;
	struct lease_event le;

	turn(w);
	for (unsigned n = 0; n < 600; n++)
		push(w, n, LEASE_ACK);
	for (int i = 0; i < 10 && counts(w).recorded < 600; i++)
		turn(w);
	assert_int_equal(counts(w).recorded, 600);
	assert_int_equal(counts(w).batches, 3);
	for (unsigned n = 0; n < RECORDER_QUEUE; n++) {
		le = event_no(n, LEASE_RENEW);
		assert_true(recorder_push(w->r, &le, false));
	}
	le = event_no(1, LEASE_ACK);
	assert_false(recorder_push(w->r, &le, true));
	assert_int_equal(counts(w).dropped, 1);
}

static void test_nothing_to_do(void **state)
{
	struct world *w = *state;
	int64_t from;

	turn(w);
	from = now_ms();
	turn(w);
	assert_in_range(now_ms() - from, 100, 1500); /* it waits for the next tick */
	assert_int_equal(counts(w).retries, 0);
}

/* ---- the store is away */

static void test_locked(void **state)
{
	struct world *w = *state;
	struct db *db;

	turn(w);
	db = lock_store(w);
	push(w, 3, LEASE_ACK);
	turn(w);
	assert_int_equal(counts(w).recorded, 0);
	assert_int_equal(counts(w).retries, 1);
	assert_true(counts(w).store_error[0] != '\0');
	push(w, 4, LEASE_ACK);
	db_rollback(db);
	db_close(db);
	for (int i = 0; i < 20 && counts(w).recorded < 2; i++)
		turn(w);
	assert_int_equal(boots_of(w, 3), 1);
	assert_int_equal(boots_of(w, 4), 1);
	assert_string_equal(counts(w).store_error, "");
}

static void test_no_store(void **state)
{
	struct world *w = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/state.db", w->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	push(w, 3, LEASE_ACK);
	turn(w);
	turn(w);
	assert_false(counts(w).store_open);
	assert_non_null(strstr(w->all, "state.db"));
	assert_int_equal(rmdir(path), 0);
	for (int i = 0; i < 20 && counts(w).recorded < 1; i++)
		turn(w);
	assert_int_equal(boots_of(w, 3), 1);
}

/* ---- unload */

static void test_spill_and_drain(void **state)
{
	struct world *w = *state;
	struct db *db;

	turn(w);
	db = lock_store(w);
	for (unsigned n = 1; n <= 5; n++)
		push(w, n, LEASE_ACK);
	stop_and_finish(w);
	assert_true(there(w->paths.spill));
	assert_non_null(strstr(w->all, "5 observations to "));
	close_recorder(w);
	db_rollback(db);
	db_close(db);

	open_recorder(w);
	for (int i = 0; i < 5 && !counts(w).store_open; i++)
		turn(w);
	for (unsigned n = 1; n <= 5; n++)
		assert_int_equal(boots_of(w, n), 1);
	assert_false(there(w->paths.spill));
	assert_non_null(strstr(w->all, "5 observations of before"));
}

static void test_stop_drains(void **state)
{
	struct world *w = *state;

	turn(w);
	for (unsigned n = 1; n <= 300; n++)
		push(w, n, LEASE_ACK);
	stop_and_finish(w);
	/* recorder_stop(0) asked to give up at once: what was not taken is in the file, and nothing is in
	 * both or neither. */
	int64_t taken = counts(w).recorded;

	assert_in_range(taken, 0, 300);
	if (taken < 300)
		assert_true(there(w->paths.spill));
	close_recorder(w);
	open_recorder(w);
	turn(w);
	for (unsigned n = 1; n <= 300; n++)
		assert_int_equal(boots_of(w, n), 1);
}

static void *body(void *arg)
{
	struct world *w = arg;

	while (turn(w) == 0)
		continue;
	return NULL;
}

struct pusher {
	struct world *w;
	unsigned from;
};

static void *push_hundred(void *arg)
{
	const struct pusher *p = arg;

	for (unsigned n = p->from; n < p->from + 100; n++)
		push(p->w, n, LEASE_ACK);
	return NULL;
}

/* As in Kea: several packet threads, our one, and the unload from yet another. */
static void test_threads(void **state)
{
	struct world *w = *state;
	struct pusher p[3] = { { w, 0 }, { w, 100 }, { w, 200 } };
	pthread_t t, pt[3];
	int64_t from;

	assert_int_equal(pthread_create(&t, NULL, body, w), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&pt[i], NULL, push_hundred, &p[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(pt[i], NULL);
	for (int i = 0; i < 100 && counts(w).recorded < 300; i++)
		usleep(50000);
	from = now_ms();
	recorder_stop(w->r, 200);
	pthread_join(t, NULL);
	assert_in_range(now_ms() - from, 0, 1000);
	assert_int_equal(counts(w).recorded, 300);
	assert_int_equal(counts(w).queued, 0);
	assert_false(there(w->paths.spill));
}

/* Unload with a full queue: DHCP waits for it, so it is short, and what the drain's time did not allow is in
 * the file. */
static void test_stop_in_time(void **state)
{
	struct world *w = *state;
	struct stat st = { .st_size = 0 };
	pthread_t t;
	int64_t from;

	turn(w);
	for (unsigned n = 0; n < RECORDER_QUEUE; n++)
		push(w, n, LEASE_ACK);
	assert_int_equal(pthread_create(&t, NULL, body, w), 0);
	from = now_ms();
	recorder_stop(w->r, 200);
	pthread_join(t, NULL);
	recorder_spill(w->r, &w->log);
	int64_t took = now_ms() - from;

	print_message("# %d of %d recorded, %d ms\n", (int)counts(w).recorded, RECORDER_QUEUE, (int)took);
	assert_in_range(took, 0, 1000);
	if (counts(w).recorded < RECORDER_QUEUE)
		assert_int_equal(stat(w->paths.spill, &st), 0);
	assert_int_equal(counts(w).queued, 0);
}

/* ---- the spill's lines */

static void test_spill_line(void **state)
{
	struct strbuf sb = STRBUF_INIT(4096);
	struct lease_event le = event_no(9, LEASE_GONE), back;
	struct err e = { .text = "" };

	(void)state;
	memcpy(le.hostname, "SEP001122330009", 16);
	spill_format(&le, &sb);
	assert_int_equal(strbuf_text(&sb)[sb.len - 1], '\n');
	if (spill_parse(strbuf_text(&sb), sb.len - 1, &back, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(back.kind, LEASE_GONE);
	assert_int_equal(back.at_ms, le.at_ms);
	assert_memory_equal(&back.mac, &le.mac, sizeof le.mac);
	assert_int_equal(back.address.host, le.address.host);
	assert_int_equal(back.giaddr.host, le.giaddr.host);
	assert_int_equal(back.xid, le.xid);
	assert_int_equal(back.vendor_len, 28);
	assert_memory_equal(back.vendor_class, le.vendor_class, 28);
	assert_int_equal(back.relay_len, 4);
	assert_memory_equal(back.relay, le.relay, 4);
	assert_string_equal((const char *)back.hostname, "SEP001122330009");
	assert_string_equal(back.classes, "ALL voice");
	strbuf_fini(&sb);
}

#define GOOD "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - - - - -"

static const struct line_case {
	const char *name, *text;
	int rc;
} line_cases[] = {
	{ "good", GOOD, 0 },
	{ "empty", "", -1 },
	{ "another version", "lease 2 1 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - - - - -", -1 },
	{ "an unknown kind", "lease 1 9 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - - - - -", -1 },
	{ "no time", "lease 1 1 x 00:11:22:33:00:01 10.0.1.1 78 - - - - -", -1 },
	{ "a field less", "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - - - -", -1 },
	{ "a field more", GOOD " -", -1 },
	{ "odd hex", "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - abc - - -", -1 },
	{ "no hex", "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1.1 78 - zz - - -", -1 },
	{ "a large xid", "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1.1 4294967296 - - - - -", -1 },
	{ "a bad address", "lease 1 1 1700000000000 00:11:22:33:00:01 10.0.1 78 - - - - -", -1 },
};

static void test_spill_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof line_cases / sizeof line_cases[0]; i++) {
		struct lease_event le;
		int rc = spill_parse(line_cases[i].text, strlen(line_cases[i].text), &le, NULL);

		if (rc != line_cases[i].rc)
			fail_msg("%s: %d", line_cases[i].name, rc);
	}
}

static void test_spill_junk(void **state)
{
	static const char junk[] = "nonsense\n" GOOD "\n\xff\xfe\n" GOOD;
	struct world *w = *state;
	struct err e;

	assert_true(file_replace(w->paths.spill, junk, sizeof junk - 1, 0600, 0, &e) >= 0);
	turn(w);
	assert_non_null(strstr(w->all, "2 observations of before the last unload recorded, 2 unreadable"));
	assert_false(there(w->paths.spill));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_to_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_locked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_store, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_spill_and_drain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_drains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_in_time, set_up, tear_down),
		cmocka_unit_test(test_spill_line),
		cmocka_unit_test(test_spill_lines),
		cmocka_unit_test_setup_teardown(test_spill_junk, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
