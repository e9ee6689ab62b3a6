/* SPDX-License-Identifier: MPL-2.0 */
/* db over SQLite: parameters, transactions, modes, locks, and files that are no stores. */
#include "db.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

struct place {
	char dir[64];
	char path[96];
	char url[112];
};

static int place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/loadstep-db-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/state.db", p->dir);
	snprintf(p->url, sizeof(p->url), "sqlite:%s", p->path);
	*state = p;
	return 0;
}

static int place_teardown(void **state)
{
	struct place *p = *state;
	struct err e;

	assert_int_equal(file_remove_tree(p->dir, &e), 0);
	free(p);
	return 0;
}

static struct db *must_open(const char *url, unsigned flags, int busy_ms)
{
	struct err e = { 0 };
	struct db *db = NULL;

	if (db_open(&db, url, flags, busy_ms, &e) < 0)
		fail_msg("%s", e.text);
	return db;
}

static void must_exec(struct db *db, const char *sql)
{
	struct err e = { 0 };

	if (db_exec(db, sql, &e) < 0)
		fail_msg("%s: %s", sql, e.text);
}

static int64_t must_query(struct db *db, const char *sql)
{
	struct db_stmt *st;
	struct err e = { 0 };

	assert_int_equal(db_prepare(db, &st, sql, &e), 0);
	assert_int_equal(db_step(st, &e), 0);
	int64_t v = db_column_int(st, 0);
	db_finalize(st);
	return v;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
}

static void test_open_refuses(void **state)
{
	const struct {
		const char *name, *url, *says;
	} cases[] = {
		{ "another kind", "mysql://x", "must be sqlite:" },
		{ "relative", "sqlite:state.db", "absolute" },
		{ "nothing", "sqlite:", "absolute" },
		{ "no directory", "sqlite:/nonexistent-loadstep/state.db",
		  "directory /nonexistent-loadstep" },
		{ "a directory", "sqlite:/tmp", "is not a file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct db *db = NULL;
		assert_int_equal(db_open(&db, cases[i].url, DB_CREATE, 10, &e), -1);
		assert_int_equal(e.code, ERR_STORE);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].name, e.text, cases[i].says);
	}
}

static void test_absent_without_create(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct db *db = NULL;

	assert_int_equal(db_open(&db, p->url, 0, 10, &e), -1);
	assert_int_equal(e.code, ERR_STORE);
	assert_non_null(strstr(e.text, p->path));
	assert_int_equal(access(p->path, F_OK), -1);
}

/* `$1` is a name to SQLite: the digits count, not the order of appearance. */
static void test_parameters_by_number(void **state)
{
	struct place *p = *state;
	struct db *db = must_open(p->url, DB_CREATE, 10);
	struct db_stmt *st;
	struct err e = { 0 };

	assert_int_equal(db_prepare(db, &st, "SELECT $3, $1, $2, $1", &e), 0);
	assert_int_equal(db_bind_int(st, 1, 11, &e), 0);
	assert_int_equal(db_bind_text(st, 2, "two", &e), 0);
	assert_int_equal(db_bind_text(st, 3, NULL, &e), 0);
	assert_int_equal(db_step(st, &e), 0);
	assert_true(db_column_is_null(st, 0));
	assert_null(db_column_text(st, 0));
	assert_int_equal(db_column_int(st, 1), 11);
	assert_string_equal(db_column_text(st, 2), "two");
	assert_int_equal(db_column_int(st, 3), 11);
	assert_int_equal(db_step(st, &e), 1);
	db_reset(st);
	assert_int_equal(db_step(st, &e), 0);
	assert_true(db_column_is_null(st, 1)); /* reset cleared it */
	assert_int_equal(db_bind_int(st, 4, 1, &e), -1);
	assert_non_null(strstr(e.text, "$4"));
	db_finalize(st);
	db_close(db);
}

static void test_transactions(void **state)
{
	struct place *p = *state;
	struct db *db = must_open(p->url, DB_CREATE, 10);
	struct err e = { 0 };

	must_exec(db, "CREATE TABLE t (x INTEGER)");
	assert_int_equal(db_begin(db, &e), 0);
	must_exec(db, "INSERT INTO t VALUES (1)");
	db_rollback(db);
	assert_int_equal(must_query(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(db_begin(db, &e), 0);
	assert_int_equal(db_begin(db, &e), -1); /* they do not nest */
	must_exec(db, "INSERT INTO t VALUES (1)");
	assert_int_equal(db_commit(db, &e), 0);
	assert_int_equal(must_query(db, "SELECT count(*) FROM t"), 1);
	db_rollback(db); /* harmless outside */
	db_close(db);
}

static void test_settings_hold(void **state)
{
	struct place *p = *state;
	struct db *db = must_open(p->url, DB_CREATE, 10);

	assert_int_equal(must_query(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(must_query(db, "PRAGMA synchronous"), 1); /* NORMAL */
	assert_int_equal(must_query(db, "PRAGMA temp_store"), 2); /* MEMORY */
	assert_int_equal(must_query(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	db_close(db);
}

static mode_t mode_of(const char *path, const char *suffix)
{
	char name[128];
	struct stat sb;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	assert_int_equal(stat(name, &sb), 0);
	return sb.st_mode & 07777;
}

static void test_modes_whatever_the_umask(void **state)
{
	struct place *p = *state;
	mode_t old = umask(077);
	struct db *db = must_open(p->url, DB_CREATE, 10);

	must_exec(db, "CREATE TABLE t (x INTEGER)");
	umask(old);
	assert_int_equal(mode_of(p->path, ""), 0660);
	assert_int_equal(mode_of(p->path, "-wal"), 0660);
	assert_int_equal(mode_of(p->path, "-shm"), 0660);
	db_close(db);
}

static void test_locked_is_busy(void **state)
{
	struct place *p = *state;
	struct db *one = must_open(p->url, DB_CREATE, 10), *two = must_open(p->url, 0, 20);
	struct err e = { 0 };

	assert_int_equal(db_begin(one, &e), 0);
	assert_int_equal(db_begin(two, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_non_null(strstr(e.text, p->path));
	assert_int_equal(db_commit(one, &e), 0);
	assert_int_equal(db_begin(two, &e), 0);
	db_rollback(two);
	db_interrupt(two); /* from here on it waits for no lock */
	assert_int_equal(db_begin(one, &e), 0);
	assert_int_equal(db_begin(two, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	db_close(two);
	db_close(one);
}

static void test_no_store_there(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char garbage[4096];
	static const struct {
		const char *name;
		size_t keep; /* bytes of a good store; 0: garbage instead */
	} cases[] = { { "garbage", 0 },
		      { "truncated to a page", 4096 },
		      { "truncated within the header", 60 } };

	memset(garbage, 'x', sizeof(garbage));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db *db;
		int version;
		unlink(p->path);
		if (cases[i].keep) {
			db = must_open(p->url, DB_CREATE, 10);
			must_exec(db,
				  "CREATE TABLE t (x TEXT); INSERT INTO t VALUES (hex(randomblob(20000)))");
			db_close(db);
			assert_int_equal(truncate(p->path, (off_t)cases[i].keep), 0);
		} else {
			write_file(p->path, garbage, sizeof(garbage));
		}
		int r = db_open(&db, p->url, DB_CREATE, 10, &e);
		if (r == 0) {
			r = db_schema_get(db, &version, &e);
			db_close(db);
		}
		if (r != -1 || e.code != ERR_STORE || !strstr(e.text, p->path) || strchr(e.text, '\n'))
			fail_msg("%s: %d %s", cases[i].name, r, e.text);
	}
}

static void test_schema_version(void **state)
{
	struct place *p = *state;
	struct db *db = must_open(p->url, DB_CREATE, 10);
	struct err e = { 0 };
	int version = -1;

	assert_int_equal(db_schema_get(db, &version, &e), 0);
	assert_int_equal(version, 0);
	must_exec(db, "CREATE TABLE foreign_one (x INTEGER)");
	assert_int_equal(db_schema_get(db, &version, &e), -1);
	assert_non_null(strstr(e.text, "another program"));
	assert_int_equal(db_begin(db, &e), 0);
	assert_int_equal(db_schema_set(db, 3, &e), 0);
	db_rollback(db);
	assert_int_equal(db_schema_get(db, &version, &e), -1); /* went with the transaction */
	assert_int_equal(db_schema_set(db, 3, &e), 0);
	assert_int_equal(db_schema_get(db, &version, &e), 0);
	assert_int_equal(version, 3);
	db_close(db);
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct db *db = must_open(p->url, DB_CREATE, 10);

	must_exec(db, "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (5)");
	db_close(db);
	assert_int_equal(access(p->path, F_OK), 0);
	db = must_open(p->url, DB_READ_ONLY, 10);
	assert_int_equal(must_query(db, "SELECT x FROM t"), 5);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (6)", &e), -1);
	assert_int_equal(e.code, ERR_STORE);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test_setup_teardown(test_absent_without_create, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_parameters_by_number, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_transactions, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_settings_hold, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_modes_whatever_the_umask, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_locked_is_busy, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_no_store_there, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_schema_version, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_read_only, place_setup, place_teardown),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
