/* SPDX-License-Identifier: MPL-2.0 */
/*
 * db.h over SQLite, and the only file that knows it.
 *
 * To SQLite `$1` is a *named* parameter: its index is given by first appearance, not by its digits. So a statement
 * knows which index each "$N" has, looked up once, and a text may use its parameters in any order. A store is ours
 * when its application_id says so; an unmarked one may only be empty.
 */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "cleanup.h"
#include "parse.h"
#include "strbuf.h"

#define URL_PREFIX "sqlite:"
#define PATH_MAX_BYTES 255
#define APPLICATION_ID 0x4c535450 /* "LSTP" */
#define STORE_MODE 0660 /* two services of one group write it (D§8); SQLite gives -wal and -shm the same */
#define WAIT_STEP_MS 5
#define PARAMETERS_MAX 32

struct db_stmt {
	sqlite3_stmt *native;
	struct db_stmt *next; /* of the same connection */
	struct db *db;
	int index[PARAMETERS_MAX + 1]; /* of $1, $2, …; 0 = there is none */
};

struct db {
	sqlite3 *handle;
	struct db_stmt *stmts; /* owned */
	int busy_ms;
	int waited_ms;
	atomic_bool interrupted;
};

static enum err_code code_of(int rc)
{
	int primary = rc & 0xff;

	/* A full disk passes as a lock does: what could not be written is kept and tried again. */
	if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_INTERRUPT ||
	    primary == SQLITE_FULL)
		return ERR_BUSY;
	return ERR_STORE;
}

static const char *hint_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return " (may this user write the file and its directory?)";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return " (truncated, or no store; nothing was changed)";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return " by another process";
	}
	return "";
}

static int fail_at(const char *path, sqlite3 *h, int rc, struct err *e)
{
	return err_set(e, code_of(rc), "store %s: %s%s", path ? path : "",
		       h ? sqlite3_errmsg(h) : sqlite3_errstr(rc), hint_of(rc));
}

static int fail(sqlite3 *h, int rc, struct err *e)
{
	return fail_at(sqlite3_db_filename(h, "main"), h, rc, e);
}

/* Waits for a lock in small steps, so that db_interrupt from another thread ends the wait. */
static int on_busy(void *arg, int count)
{
	struct db *db = arg;

	if (count == 0)
		db->waited_ms = 0;
	if (atomic_load(&db->interrupted) || db->waited_ms >= db->busy_ms)
		return 0;
	sqlite3_sleep(WAIT_STEP_MS);
	db->waited_ms += WAIT_STEP_MS;
	return 1;
}

static int path_of_url(const char *url, const char **ret_path, struct err *e)
{
	const char *path = url + strlen(URL_PREFIX);

	if (strncmp(url, URL_PREFIX, strlen(URL_PREFIX)) != 0)
		return err_set(e, ERR_STORE, "store %s: must be sqlite: and the absolute path of a file",
			       url);
	if (path[0] != '/' || path[1] == '\0')
		return err_set(e, ERR_STORE, "store %s: the path must be absolute (sqlite:/var/lib/…)", url);
	if (strlen(path) > PATH_MAX_BYTES)
		return err_set(e, ERR_LIMIT, "store %s: path is longer than %d bytes", url, PATH_MAX_BYTES);
	*ret_path = path;
	return 0;
}

/* Say what is wrong with the place before SQLite says "unable to open database file". */
static int check_place(const char *path, bool create, struct err *e)
{
	char dir[PATH_MAX_BYTES + 1];
	struct stat sb;

	if (!text_copy(dir, sizeof(dir), path))
		return err_set(e, ERR_LIMIT, "store %s: path is too long", path);
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = '\0';
	if (stat(dir, &sb) < 0)
		return err_sys(e, ERR_STORE, errno, "store %s: directory %s", path, dir);
	if (!S_ISDIR(sb.st_mode))
		return err_set(e, ERR_STORE, "store %s: %s is not a directory", path, dir);
	if (stat(path, &sb) < 0) {
		if (errno == ENOENT && create)
			return 0;
		return err_sys(e, ERR_STORE, errno, "store %s", path);
	}
	if (!S_ISREG(sb.st_mode))
		return err_set(e, ERR_STORE, "store %s: is not a file", path);
	return 0;
}

/* An empty file is an empty database to SQLite; made here, it has its mode before anybody opens it. */
static int create_file(const char *path, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, STORE_MODE);

	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0)
		return err_sys(e, ERR_STORE, errno, "store %s: making it", path);
	if (fchmod(fd, STORE_MODE) < 0)
		return err_sys(e, ERR_STORE, errno, "store %s: setting its mode", path);
	return 0;
}

/* One value of one statement, for pragmas. A text goes to `ret_text` when that is not NULL, else a number to
 * *ret_int. */
static int query_one(sqlite3 *h, const char *sql, int64_t *ret_int, char *ret_text, size_t size,
		     struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(h, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW && ret_text) {
		const unsigned char *text = sqlite3_column_text(st, 0);
		text_copy(ret_text, size, text ? (const char *)text : "");
	} else if (rc == SQLITE_ROW) {
		*ret_int = sqlite3_column_int64(st, 0);
	}
	int failed = rc == SQLITE_ROW ? 0 : fail(h, rc, e);
	sqlite3_finalize(st);
	return failed;
}

/* Two processes that make a store at the same moment: SQLite answers one of them "busy" at once, without asking the
 * busy handler, since it fears a deadlock. The other one is done in a moment. */
static int set_wal(struct db *db, char *mode, size_t size, struct err *e)
{
	struct err why = { .code = ERR_NONE };
	int rc;

	for (int waited_ms = 0;; waited_ms += WAIT_STEP_MS) {
		rc = query_one(db->handle, "PRAGMA journal_mode = WAL", NULL, mode, size, &why);
		if (rc >= 0 || why.code != ERR_BUSY || waited_ms >= db->busy_ms ||
		    atomic_load(&db->interrupted))
			break;
		sqlite3_sleep(WAIT_STEP_MS);
	}
	return rc >= 0 ? rc : err_set(e, why.code, "%s", why.text);
}

static int configure(struct db *db, unsigned flags, struct err *e)
{
	char mode[16] = "";

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, on_busy, db);
	/* A file from elsewhere is data, never code. */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (db_exec(db, "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL",
		    e) < 0)
		return -1;
	if (flags & DB_READ_ONLY)
		return query_one(db->handle, "PRAGMA journal_mode", NULL, mode, sizeof(mode), e);
	if (set_wal(db, mode, sizeof(mode), e) < 0)
		return -1;
	if (strcmp(mode, "wal") != 0)
		return err_set(e, ERR_STORE, "store %s: no write-ahead log there (a network file system?)",
			       sqlite3_db_filename(db->handle, "main"));
	return 0;
}

int db_open(struct db **ret, const char *url, unsigned flags, int busy_ms, struct err *e)
{
	bool create = (flags & DB_CREATE) && !(flags & DB_READ_ONLY);
	const char *path = NULL;

	if (path_of_url(url, &path, e) < 0 || check_place(path, create, e) < 0)
		return -1;
	if (create && create_file(path, e) < 0)
		return -1;

	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store %s", path);
	db->busy_ms = busy_ms;
	int rc = sqlite3_open_v2(
		path, &db->handle,
		SQLITE_OPEN_NOMUTEX | (flags & DB_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE),
		NULL);
	if (rc != SQLITE_OK || configure(db, flags, e) < 0) {
		if (rc != SQLITE_OK)
			fail_at(path, db->handle, rc, e); /* a file that is not open has no name */
		db_close(db);
		return -1;
	}
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	while (db->stmts)
		db_finalize(db->stmts);
	sqlite3_close(db->handle);
	free(db);
}

int db_exec(struct db *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db->handle, rc, e);
}

/* Which index each "$N" has. */
static int number_parameters(struct db_stmt *st, const char *sql, struct err *e)
{
	int n = sqlite3_bind_parameter_count(st->native);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(st->native, i);
		int64_t number = 0;

		if (!name || name[0] != '$' || parse_int("parameter", name + 1, 1, PARAMETERS_MAX, &number, NULL) < 0)
			return err_set(e, ERR_STORE, "store: a parameter that is not $1 to $%d in: %s", PARAMETERS_MAX, sql);
		st->index[number] = i;
	}
	return 0;
}

int db_prepare(struct db *db, struct db_stmt **ret, const char *sql, struct err *e)
{
	struct db_stmt *st = calloc(1, sizeof(*st));

	if (!st)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store");
	st->db = db;
	st->next = db->stmts;
	db->stmts = st;
	int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->native, NULL);
	int failed = rc != SQLITE_OK ? fail(db->handle, rc, e) :
		     !st->native     ? err_set(e, ERR_STORE, "store: an empty statement") :
				       number_parameters(st, sql, e);

	if (failed) {
		db_finalize(st);
		return -1;
	}
	*ret = st;
	return 0;
}

void db_finalize(struct db_stmt *st)
{
	struct db_stmt **at = &st->db->stmts;

	while (*at != st)
		at = &(*at)->next;
	*at = st->next;
	sqlite3_finalize(st->native);
	free(st);
}

static int find_parameter(struct db_stmt *st, int idx, int *ret, struct err *e)
{
	*ret = idx > 0 && idx <= PARAMETERS_MAX ? st->index[idx] : 0;
	if (*ret == 0)
		return err_set(e, ERR_STORE, "store: no parameter $%d in: %s", idx, sqlite3_sql(st->native));
	return 0;
}

static int bound(struct db_stmt *st, int rc, struct err *e)
{
	return rc == SQLITE_OK ? 0 : fail(st->db->handle, rc, e);
}

int db_bind_int(struct db_stmt *st, int idx, int64_t v, struct err *e)
{
	int at;

	if (find_parameter(st, idx, &at, e) < 0)
		return -1;
	return bound(st, sqlite3_bind_int64(st->native, at, v), e);
}

int db_bind_text(struct db_stmt *st, int idx, const char *text, struct err *e)
{
	int at;

	if (find_parameter(st, idx, &at, e) < 0)
		return -1;
	return bound(st, sqlite3_bind_text(st->native, at, text, -1, SQLITE_TRANSIENT), e);
}

int db_bind_kept(struct db_stmt *st, int idx, const char *text, struct err *e)
{
	int at;

	if (find_parameter(st, idx, &at, e) < 0)
		return -1;
	return bound(st, sqlite3_bind_text(st->native, at, text, -1, SQLITE_STATIC), e);
}

int db_bind_null(struct db_stmt *st, int idx, struct err *e)
{
	int at;

	if (find_parameter(st, idx, &at, e) < 0)
		return -1;
	return bound(st, sqlite3_bind_null(st->native, at), e);
}

int db_step(struct db_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st->native);

	if (rc == SQLITE_ROW)
		return 0;
	if (rc == SQLITE_DONE)
		return 1;
	return fail(st->db->handle, rc, e);
}

void db_reset(struct db_stmt *st)
{
	sqlite3_reset(st->native);
	sqlite3_clear_bindings(st->native);
}

int64_t db_column_int(struct db_stmt *st, int col)
{
	return sqlite3_column_int64(st->native, col);
}

const char *db_column_text(struct db_stmt *st, int col)
{
	return (const char *)sqlite3_column_text(st->native, col);
}

int db_column_is_null(struct db_stmt *st, int col)
{
	return sqlite3_column_type(st->native, col) == SQLITE_NULL;
}

int db_begin(struct db *db, struct err *e)
{
	return db_exec(db, "BEGIN IMMEDIATE", e);
}

int db_commit(struct db *db, struct err *e)
{
	if (db_exec(db, "COMMIT", e) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

void db_rollback(struct db *db)
{
	/* Some errors (a full disk) have rolled back already, and nothing is left to be done about one that
	 * comes now. */
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int db_version_get(struct db *db, int64_t *ret, struct err *e)
{
	return query_one(db->handle, "PRAGMA data_version", ret, NULL, 0, e);
}

int db_schema_get(struct db *db, int *ret_version, struct err *e)
{
	const char *path = sqlite3_db_filename(db->handle, "main");
	int64_t version, id, tables;

	if (query_one(db->handle, "PRAGMA user_version", &version, NULL, 0, e) < 0 ||
	    query_one(db->handle, "PRAGMA application_id", &id, NULL, 0, e) < 0 ||
	    query_one(db->handle, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0, e) < 0)
		return -1;
	if (id != APPLICATION_ID && (version != 0 || tables != 0))
		return err_set(e, ERR_STORE, "store %s: is a database of another program", path);
	*ret_version = (int)version;
	return 0;
}

int db_schema_set(struct db *db, int version, struct err *e)
{
	char sql[96]; /* a pragma takes no parameters; both values are numbers */

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d; PRAGMA application_id = %d", version,
		 APPLICATION_ID);
	return db_exec(db, sql, e);
}

int db_bulk(struct db *db, struct err *e)
{
	return db_exec(db, "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192", e);
}

void db_interrupt(struct db *db)
{
	atomic_store(&db->interrupted, true);
	sqlite3_interrupt(db->handle);
}
