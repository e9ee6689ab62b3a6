/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Inside the store: the connection with its prepared statements, and one way to run a statement; for
 * state*.c only. In short:
 *
 *	query_init(&q, st, SQL_X, e);  q with CLEANUP(query_fini)
 *	query_int(&q, v);              binds $1, the next call $2, …
 *	r = query_step(&q);            0 a row, 1 done, -1: *e is filled, by whichever call failed first
 *	v = query_take_int(&q);        the row's first column, the next call the second, …
 */
#ifndef LOADSTEP_STATE_PRIV_H
#define LOADSTEP_STATE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"
#include "err.h"
#include "parse.h"
#include "state.h"
#include "state_sql.h"

struct state {
	struct db *db;
	bool in_transaction;		 /* the caller's */
	struct db_stmt *stmt[SQL_COUNT]; /* prepared at first use */
};

struct query {
	struct db_stmt *stmt; /* NULL after a failure */
	int param;	      /* next, from 1 */
	int column;	      /* next, from 0 */
	bool failed;
	struct err *e;
};

void query_init(struct query *q, struct state *st, enum sql sql, struct err *e);
void query_fini(struct query *q); /* fits CLEANUP(): the statement is free for the next use */

/* A failure latches; query_step reports it. A text that is NULL, a mac or address that is none: NULL. */
void query_int(struct query *q, int64_t v);
void query_text(struct query *q, const char *text);
void query_mac(struct query *q, const struct mac *mac);
void query_ip4(struct query *q, struct ip4 addr);
int query_step(struct query *q) MUST_CHECK; /* 0 a row, 1 done, -1 failed */
int query_run(struct query *q) MUST_CHECK;  /* step to the end, rows ignored: 0 or -1 */

/* The row's next column. What it holds is judged: a value no program of ours wrote is an error, reported by
 * query_row_check. */
int64_t query_take_int(struct query *q);
void query_take_text(struct query *q, char *buf, size_t size);
const char *query_take_borrowed(struct query *q);      /* until the next step; "" for NULL */
bool query_take_mac(struct query *q, struct mac *ret); /* false for NULL: *ret zero */
struct ip4 query_take_ip4(struct query *q);	       /* host 0 for NULL */
void query_bad_value(struct query *q, const char *column, const char *value);
int query_row_check(const struct query *q) MUST_CHECK; /* 0, or -1 and *e filled */

/* A transaction of this call's own, unless the caller has one open. */
struct own_tx {
	struct state *st; /* NULL: the caller's */
};
int own_tx_begin(struct own_tx *tx, struct state *st, struct err *e) MUST_CHECK;
int own_tx_commit(struct own_tx *tx, struct err *e) MUST_CHECK;
void own_tx_fini(struct own_tx *tx); /* fits CLEANUP(): rolls back what was not committed */

int state_counter_next(struct state *st, const char *name, int64_t *ret, struct err *e) MUST_CHECK;
int state_counter_get(struct state *st, const char *name, int64_t *ret, struct err *e) MUST_CHECK;

/* Ids of a walk, read at once: a callback then may write, begin and commit, since no statement is open
 * meanwhile (one that reads cannot become a writer once somebody else has written). */
struct ids {
	int64_t *a;
	size_t n;
	size_t cap;
};
int ids_collect(struct query *q, struct ids *ret) MUST_CHECK; /* every row's first column */
void ids_fini(struct ids *ids);				      /* fits CLEANUP() */

#endif
