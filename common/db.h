/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A database, thin: open, prepare, bind, step, transactions. One implementation a database (db_sqlite.c knows
 * sqlite3.h, nobody else does). SQL takes $1 parameters, so that another implementation shares the text. Not
 * thread-safe: a connection belongs to one thread.
 */
#ifndef LOADSTEP_DB_H
#define LOADSTEP_DB_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct db;
struct db_stmt;

enum db_flags { DB_CREATE = 1, DB_READ_ONLY = 2 };

/* url: "sqlite:/path" (the path absolute). busy_ms: how long a locked database is waited for. SQLite: WAL,
 * synchronous=NORMAL, foreign_keys, temp_store=MEMORY; a new file gets mode 0660 whatever the umask (D§8).
 * -1: ERR_STORE, or ERR_BUSY when locked. */
int db_open(struct db **ret, const char *url, unsigned flags, int busy_ms, struct err *e) MUST_CHECK;
void db_close(struct db *db); /* NULL fine; finalises what is left */

/* Run statements without parameters and results (schema). */
int db_exec(struct db *db, const char *sql, struct err *e) MUST_CHECK;

int db_prepare(struct db *db, struct db_stmt **ret, const char *sql, struct err *e) MUST_CHECK;
void db_finalize(struct db_stmt *st);

/* idx from 1. A NULL text binds NULL. Texts and blobs are copied, but those of db_bind_kept, which stay as they are until
 * the statement is reset. */
int db_bind_int(struct db_stmt *st, int idx, int64_t v, struct err *e) MUST_CHECK;
int db_bind_text(struct db_stmt *st, int idx, const char *text, struct err *e) MUST_CHECK;
int db_bind_kept(struct db_stmt *st, int idx, const char *text, struct err *e) MUST_CHECK;
int db_bind_null(struct db_stmt *st, int idx, struct err *e) MUST_CHECK;

int db_step(struct db_stmt *st, struct err *e) MUST_CHECK; /* 0 = a row, 1 = done, -1 = failed */
void db_reset(struct db_stmt *st);			   /* and clears bindings */

int64_t db_column_int(struct db_stmt *st, int col); /* from 0 */
/* borrowed until the next step or reset; NULL for NULL */
const char *db_column_text(struct db_stmt *st, int col);
int db_column_is_null(struct db_stmt *st, int col);

/* BEGIN IMMEDIATE … COMMIT | ROLLBACK. They do not nest. */
int db_begin(struct db *db, struct err *e) MUST_CHECK;
int db_commit(struct db *db, struct err *e) MUST_CHECK; /* rolls back by itself when it fails */
void db_rollback(struct db *db);			/* harmless outside a transaction */

/* A number that is another one after somebody else has committed; of this connection's own commits it says nothing. */
int db_version_get(struct db *db, int64_t *ret, struct err *e) MUST_CHECK;

int db_schema_get(struct db *db, int *ret_version, struct err *e) MUST_CHECK;
int db_schema_set(struct db *db, int version, struct err *e) MUST_CHECK; /* inside the step's transaction */

/* For who writes much at once: more of the database in memory (16 MiB), and its log taken over less often. */
int db_bulk(struct db *db, struct err *e) MUST_CHECK;

/* Make a running statement of another thread give up soon (the one call that may come from another
 * thread). From here on the connection waits for no lock either: what meets one fails with ERR_BUSY at once. */
void db_interrupt(struct db *db);

#endif
