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

struct held;

struct state {
	struct db *db;
	bool in_transaction;		 /* the caller's */
	struct held *held;		 /* owned; NULL: nothing is held */
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
void query_kept(struct query *q, const char *text); /* not copied: it lasts as long as the query */
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
int state_counter_set(struct state *st, const char *name, int64_t value, struct err *e) MUST_CHECK;

/* Ids of a walk, read at once: a callback then may write, begin and commit, since no statement is open
 * meanwhile (one that reads cannot become a writer once somebody else has written). */
struct ids {
	int64_t *a;
	size_t n;
	size_t cap;
};
int ids_collect(struct query *q, struct ids *ret) MUST_CHECK; /* every row's first column */
void ids_fini(struct ids *ids);				      /* fits CLEANUP() */

/* ---- one row, from or to the database, whatever is held */

/* One of them, by the statement: SQL_PHONE_BY_ID, _BY_MAC, _BY_ADDRESS. */
struct phone_key {
	int64_t id;
	const struct mac *mac;
	struct ip4 address;
};
int phone_read(struct state *st, enum sql sql, const struct phone_key *key, struct phone *ret, struct err *e) MUST_CHECK;
int phone_store(struct state *st, struct phone *p, struct err *e) MUST_CHECK;
int phone_due_store(struct state *st, int64_t id, int64_t due_ms, struct err *e) MUST_CHECK;
/* Every phone's, in order of id. */
typedef int (*phone_due_fn)(void *arg, int64_t id, int64_t due_ms, struct err *e);
int phone_dues_read(struct state *st, phone_due_fn fn, void *arg, struct err *e) MUST_CHECK;
int address_read(struct state *st, struct ip4 addr, struct mac *ret_mac, int64_t *ret_since_ms, struct err *e)
	MUST_CHECK;
int fetch_store(struct state *st, const struct fetch *f, struct err *e) MUST_CHECK;

/* ---- state_held.c. Those that find, put and set are for a state that holds (is_held). */

static inline bool is_held(const struct state *st)
{
	return st->held && st->in_transaction;
}

void held_free(struct held *h);
int held_begin(struct state *st, struct err *e) MUST_CHECK;  /* a transaction has begun */
int held_settle(struct state *st, struct err *e) MUST_CHECK; /* what is held into the database; harmless without */
void held_drop(struct state *st);			     /* what is not written is lost */
int held_phone_find(struct state *st, enum sql sql, const struct phone_key *key, struct phone *ret, struct err *e)
	MUST_CHECK;
int held_phone_put(struct state *st, struct phone *p, struct err *e) MUST_CHECK;
int held_due_set(struct state *st, int64_t id, int64_t due_ms, struct err *e) MUST_CHECK;
int held_dues(struct state *st, int64_t now_ms, struct ids *ret, struct err *e) MUST_CHECK;
int held_address_find(struct state *st, struct ip4 addr, struct mac *ret_mac, int64_t *ret_since_ms, struct err *e)
	MUST_CHECK;
void held_address_changed(struct state *st, struct ip4 addr); /* host 0: any */
int held_fetch_add(struct state *st, const struct fetch *f, struct err *e) MUST_CHECK;
int held_history_next(struct state *st, int64_t *ret, struct err *e) MUST_CHECK;

#endif
