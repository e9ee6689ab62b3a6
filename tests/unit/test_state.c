/* SPDX-License-Identifier: MPL-2.0 */
/* The store as a whole: schema versions, transactions, readers, bad rows, several processes at once. */
#include "state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "db.h"
#include "file.h"
#include "state_sql.h"
#include "strbuf.h"

#include "state_fixture.h"

static void test_rollback_takes_everything(void **state)
{
	struct place *p = *state;
	struct phone ph, out;
	struct err e = { 0 };
	int64_t change;

	fill_phone(&ph);
	assert_int_equal(state_begin(p->st, &e), 0);
	assert_int_equal(state_begin(p->st, &e), -1);
	put(p, &ph);
	struct history h = { .at_ms = 1, .phone_id = ph.id };
	assert_int_equal(state_history_put(p->st, &h, &e), 0);
	assert_int_equal(state_phone_find(p->st, &ph.mac, &out, &e), 0); /* it sees its own */
	state_rollback(p->st);
	assert_int_equal(state_phone_find(p->st, &ph.mac, &out, &e), 1);
	assert_int_equal(state_change_get(p->st, &change, &e), 0);
	assert_int_equal(change, 0);
	assert_int_equal(state_commit(p->st, &e), -1);
}

static void run_sql(const char *url, const char *sql)
{
	struct db *db;
	struct err e = { 0 };

	assert_int_equal(db_open(&db, url, 0, 100, &e), 0);
	if (db_exec(db, sql, &e) < 0)
		fail_msg("%s", e.text);
	db_close(db);
}

static void test_schema_versions(void **state)
{
	struct place *p = *state;
	char ours[24];

	snprintf(ours, sizeof(ours), "version %d", STATE_SCHEMA_VERSION);
	const struct {
		const char *name;
		int version;
		unsigned flags;
		const char *says; /* NULL: opens */
		const char *says_too;
	} cases[] = {
		{ "ours", STATE_SCHEMA_VERSION, 0, NULL, NULL },
		{ "ours, made to be sure", STATE_SCHEMA_VERSION, STATE_CREATE | STATE_UPGRADE, NULL, NULL },
		{ "newer", 77, STATE_CREATE | STATE_UPGRADE, "version 77", ours },
		{ "newer, read only", 77, STATE_READ_ONLY, "version 77", ours },
		{ "older, and nobody may change it", 1, STATE_CREATE, "version 1", ours },
		{ "none", 0, 0, "is a database of another program", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state *st = NULL;
		struct err e = { 0 };
		char sql[96];
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %d; PRAGMA application_id = %d",
			 cases[i].version, cases[i].version ? 0x4c535450 : 0);
		run_sql(p->url, sql);
		int r = state_open(&st, p->url, cases[i].flags, 100, &e);
		if (cases[i].says
			    ? r != -1 || !strstr(e.text, cases[i].says) || !strstr(e.text, cases[i].says_too)
			    : r != 0)
			fail_msg("%s: %d %s", cases[i].name, r, e.text);
		if (r == 0)
			state_close(st);
	}
}

static int count_entry(void *arg, const struct history *h, struct err *e)
{
	(void)e;
	assert_true(h->at_ms > 0);
	assert_string_not_equal(h->note, "config-looping");
	++*(unsigned *)arg;
	return 0;
}

/* A store of each version there ever was, as its program left it: tests/data/store/version-N.sql */
static void test_old_stores_are_brought_up_to_date(void **state)
{
	struct place *p = *state;

	for (int version = 1; version < STATE_SCHEMA_VERSION; version++) {
		CLEANUP(strbuf_fini) struct strbuf sql = STRBUF_INIT(1 << 20);
		char path[64], url[160];
		struct mac mac = mac_of(0xc1);
		struct err e = { 0 };
		struct observed_clock clock;
		unsigned entries = 0;
		struct phone ph;
		struct db *db;

		snprintf(path, sizeof(path), "tests/data/store/version-%d.sql", version);
		snprintf(url, sizeof(url), "%s-%d", p->url, version);
		if (file_read(path, 1 << 20, &sql, &e) != 0)
			fail_msg("%s: %s", path, e.text);
		assert_int_equal(db_open(&db, url, DB_CREATE, 100, &e), 0);
		if (db_exec(db, strbuf_text(&sql), &e) < 0)
			fail_msg("%s: %s", path, e.text);
		db_close(db);
		struct state *st = must_open(url, STATE_UPGRADE);

		assert_int_equal(state_phone_find(st, &mac, &ph, &e), 0);
		assert_int_equal(state_history_list(st, ph.id, 0, 0, count_entry, &entries, &e), 0);
		assert_int_equal(entries, 2);
		/* version 3 called it config-looping */
		assert_int_equal(ph.cause, version == 3 ? CAUSE_SEP_MALFORMED : CAUSE_NONE);
		assert_int_equal(state_clock_get(st, &clock, &e), 0);
		assert_int_equal(clock.heard_from_ms, 0);
		state_close(st);
	}
}

static void test_empty_store_wants_create(void **state)
{
	struct place *p = *state;
	struct state *st = NULL;
	struct err e = { 0 };
	char url[128];

	snprintf(url, sizeof(url), "%s-2", p->url);
	assert_int_equal(state_open(&st, url, 0, 100, &e), -1);
	FILE *f = fopen(url + strlen("sqlite:"), "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(state_open(&st, url, STATE_UPGRADE, 100, &e), -1);
	assert_non_null(strstr(e.text, "empty"));
	st = must_open(url, STATE_CREATE);
	state_close(st);
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	struct phone ph, out;
	struct err e = { 0 };

	fill_phone(&ph);
	put(p, &ph);
	for (int beside = 1; beside >= 0; beside--) { /* beside a writer, and alone */
		if (!beside) {
			state_close(p->st);
			p->st = NULL;
		}
		struct state *ro = must_open(p->url, STATE_READ_ONLY);
		assert_int_equal(state_phone_find(ro, &ph.mac, &out, &e), 0);
		assert_phone_equal(&ph, &out);
		assert_int_equal(state_phone_put(ro, &out, &e), -1);
		assert_int_equal(e.code, ERR_STORE);
		state_close(ro);
	}
}

static void test_bad_row_is_told(void **state)
{
	struct place *p = *state;
	struct phone ph, out;
	struct err e = { 0 };

	fill_phone(&ph);
	put(p, &ph);
	run_sql(p->url, "UPDATE phone SET phase = 'upside' || char(10) || 'down'");
	assert_int_equal(state_phone_find(p->st, &ph.mac, &out, &e), -1);
	assert_int_equal(e.code, ERR_STORE);
	assert_non_null(strstr(e.text, "phase: \"upside\\ndown\""));
}

static void test_locked_is_busy(void **state)
{
	struct place *p = *state;
	struct state *two = NULL;
	struct phone ph;
	struct err e = { 0 };

	fill_phone(&ph);
	assert_int_equal(state_open(&two, p->url, 0, 10, &e), 0);
	assert_int_equal(state_begin(p->st, &e), 0);
	assert_int_equal(state_phone_put(two, &ph, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(ph.id, 0);
	assert_int_equal(state_commit(p->st, &e), 0);
	assert_int_equal(state_phone_put(two, &ph, &e), 0);
	state_close(two);
}

/* Processes that make the store at the same moment, and then count in it: no one fails, no change is lost. */
#define WRITERS 4
#define PUTS 100

static int writer(const char *url, uint8_t no)
{
	struct state *st = NULL;
	struct err e = { 0 };
	struct phone ph;
	struct mac mac = mac_of(no);

	if (state_open(&st, url, STATE_CREATE | STATE_UPGRADE, 10000, &e) < 0) {
		fprintf(stderr, "# %s\n", e.text);
		return 1;
	}
	phone_init(&ph, &mac);
	for (int i = 0; i < PUTS; i++) {
		ph.boots++;
		if (state_phone_put(st, &ph, &e) < 0) {
			fprintf(stderr, "# %s\n", e.text);
			return 1;
		}
	}
	state_close(st);
	return 0;
}

static void test_processes_at_once(void **state)
{
	struct place *p = *state;
	pid_t pid[WRITERS];
	struct err e = { 0 };
	char url[128];
	int64_t change;

	snprintf(url, sizeof(url), "%s-3", p->url);
	for (uint8_t i = 0; i < WRITERS; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(writer(url, i));
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	struct state *st = must_open(url, 0);
	assert_int_equal(state_change_get(st, &change, &e), 0);
	assert_int_equal(change, WRITERS * PUTS);
	for (uint8_t i = 0; i < WRITERS; i++) {
		struct mac mac = mac_of(i);
		struct phone ph;
		assert_int_equal(state_phone_find(st, &mac, &ph, &e), 0);
		assert_int_equal(ph.boots, PUTS);
	}
	state_close(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_rollback_takes_everything), WITH_PLACE(test_schema_versions),
		WITH_PLACE(test_old_stores_are_brought_up_to_date),
		WITH_PLACE(test_empty_store_wants_create),  WITH_PLACE(test_read_only),
		WITH_PLACE(test_bad_row_is_told),	    WITH_PLACE(test_locked_is_busy),
		WITH_PLACE(test_processes_at_once),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
