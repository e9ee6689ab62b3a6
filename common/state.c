/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store opened, its schema brought up to date, transactions, and the one way statements are run
 * (state_priv.h). Phones live in state_phone.c, history and fetches in state_history.c, the rest in
 * state_misc.c.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "db.h"
#define STATE_SQL_TEXTS
#include "state_sql.h"

#include "state_priv.h"

_Static_assert(sizeof(schema_steps) / sizeof(schema_steps[0]) == STATE_SCHEMA_VERSION,
	       "one step a version, in order");

/* One schema step, unless another process did it meanwhile; a store that is being made gets them all at once, so that
 * nobody meets it half made. */
static int upgrade_once(struct state *st, struct err *e)
{
	int version = -1;

	if (db_begin(st->db, e) < 0)
		return -1;
	int failed = db_schema_get(st->db, &version, e);
	int upto = version == 0 ? STATE_SCHEMA_VERSION : version + 1;
	for (; !failed && version >= 0 && version < upto && version < STATE_SCHEMA_VERSION; version++) {
		const struct schema_step *step = &schema_steps[version];
		failed = db_exec(st->db, step->sql, e);
		if (!failed)
			failed = db_schema_set(st->db, step->version, e);
	}
	if (failed) {
		db_rollback(st->db);
		return -1;
	}
	return db_commit(st->db, e);
}

static int check_version(struct state *st, const char *url, unsigned flags, struct err *e)
{
	int version;

	for (;;) {
		if (db_schema_get(st->db, &version, e) < 0)
			return -1;
		if (version == STATE_SCHEMA_VERSION)
			return 0;
		if (version > STATE_SCHEMA_VERSION || version < 0)
			return err_set(e, ERR_STORE,
				       "store %s: its schema is version %d, this program knows version %d"
				       " (a newer loadstep wrote it)",
				       url, version, STATE_SCHEMA_VERSION);
		if (version == 0 && !(flags & STATE_CREATE))
			return err_set(e, ERR_STORE,
				       "store %s: is empty (schema version 0, this program knows version %d)",
				       url, STATE_SCHEMA_VERSION);
		if (version > 0 && !(flags & STATE_UPGRADE))
			return err_set(e, ERR_STORE,
				       "store %s: its schema is version %d, this program needs version %d"
				       " (`loadstep reload` brings it up to date)",
				       url, version, STATE_SCHEMA_VERSION);
		if (upgrade_once(st, e) < 0)
			return err_wrap(e, "bringing the schema from version %d to %d", version,
					STATE_SCHEMA_VERSION);
	}
}

int state_open(struct state **ret, const char *url, unsigned flags, int busy_ms, struct err *e)
{
	unsigned db_flags = 0;

	if (flags & STATE_READ_ONLY) {
		db_flags = DB_READ_ONLY;
		flags = STATE_READ_ONLY;
	} else if (flags & STATE_CREATE) {
		db_flags = DB_CREATE;
	}
	struct state *st = calloc(1, sizeof(*st));
	if (!st)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store %s", url);
	if (db_open(&st->db, url, db_flags, busy_ms, e) < 0 || check_version(st, url, flags, e) < 0) {
		state_close(st);
		return -1;
	}
	*ret = st;
	return 0;
}

void state_close(struct state *st)
{
	if (!st)
		return;
	for (unsigned i = 0; i < SQL_COUNT; i++)
		if (st->stmt[i])
			db_finalize(st->stmt[i]);
	held_free(st->held);
	db_close(st->db);
	free(st);
}

void state_interrupt(struct state *st)
{
	db_interrupt(st->db);
}

int state_begin(struct state *st, struct err *e)
{
	if (st->in_transaction)
		return err_set(e, ERR_STORE, "store: a transaction inside a transaction");
	if (db_begin(st->db, e) < 0)
		return -1;
	st->in_transaction = true;
	if (held_begin(st, e) == 0)
		return 0;
	state_rollback(st);
	return -1;
}

int state_commit(struct state *st, struct err *e)
{
	if (!st->in_transaction)
		return err_set(e, ERR_STORE, "store: nothing to commit");
	if (held_settle(st, e) < 0) {
		state_rollback(st);
		return -1;
	}
	st->in_transaction = false;
	if (db_commit(st->db, e) == 0)
		return 0;
	held_drop(st);
	return -1;
}

void state_rollback(struct state *st)
{
	st->in_transaction = false;
	held_drop(st);
	db_rollback(st->db);
}

int own_tx_begin(struct own_tx *tx, struct state *st, struct err *e)
{
	tx->st = NULL;
	if (st->in_transaction)
		return 0;
	if (db_begin(st->db, e) < 0)
		return -1;
	tx->st = st;
	return 0;
}

int own_tx_commit(struct own_tx *tx, struct err *e)
{
	struct state *st = TAKE(tx->st);

	return st ? db_commit(st->db, e) : 0;
}

void own_tx_fini(struct own_tx *tx)
{
	if (tx->st)
		db_rollback(tx->st->db);
}

void query_init(struct query *q, struct state *st, enum sql sql, struct err *e)
{
	*q = (struct query){ .param = 1, .e = e };
	if (!st->stmt[sql] && db_prepare(st->db, &st->stmt[sql], sql_texts[sql], e) < 0)
		q->failed = true;
	else
		q->stmt = st->stmt[sql];
}

void query_fini(struct query *q)
{
	if (q->stmt)
		db_reset(q->stmt);
}

void query_int(struct query *q, int64_t v)
{
	if (!q->failed && db_bind_int(q->stmt, q->param++, v, q->e) < 0)
		q->failed = true;
}

void query_text(struct query *q, const char *text)
{
	if (!q->failed && db_bind_text(q->stmt, q->param++, text, q->e) < 0)
		q->failed = true;
}

void query_kept(struct query *q, const char *text)
{
	if (!q->failed && db_bind_kept(q->stmt, q->param++, text, q->e) < 0)
		q->failed = true;
}

void query_mac(struct query *q, const struct mac *mac)
{
	char buf[MAC_TEXT_SIZE];

	query_text(q, mac ? mac_format(buf, mac) : NULL);
}

void query_ip4(struct query *q, struct ip4 addr)
{
	char buf[IP4_TEXT_SIZE];

	query_text(q, addr.host ? ip4_format(buf, addr) : NULL);
}

int query_step(struct query *q)
{
	if (q->failed)
		return -1;
	q->column = 0;
	int r = db_step(q->stmt, q->e);
	if (r < 0)
		q->failed = true;
	return r;
}

int query_run(struct query *q)
{
	int r;

	while ((r = query_step(q)) == 0)
		;
	return r < 0 ? -1 : 0;
}

int64_t query_take_int(struct query *q)
{
	return db_column_int(q->stmt, q->column++);
}

const char *query_take_borrowed(struct query *q)
{
	const char *text = db_column_text(q->stmt, q->column++);

	return text ? text : "";
}

void query_take_text(struct query *q, char *buf, size_t size)
{
	int column = q->column;
	const char *text = query_take_borrowed(q);

	if (!text_copy(buf, size, text) && !q->failed) {
		q->failed = true;
		err_set(q->e, ERR_STORE, "store: column %d holds more than %zu bytes", column, size - 1);
	}
}

bool query_take_mac(struct query *q, struct mac *ret)
{
	const char *text = query_take_borrowed(q);

	memset(ret, 0, sizeof(*ret));
	if (text[0] == '\0')
		return false;
	if (parse_mac("mac", text, ret, NULL) < 0)
		query_bad_value(q, "mac", text);
	return true;
}

struct ip4 query_take_ip4(struct query *q)
{
	const char *text = query_take_borrowed(q);
	struct ip4 addr = { 0 };

	if (text[0] != '\0' && parse_ip4("address", text, &addr, NULL) < 0)
		query_bad_value(q, "address", text);
	return addr;
}

void query_bad_value(struct query *q, const char *column, const char *value)
{
	char shown[64];

	if (q->failed)
		return;
	q->failed = true;
	err_set(q->e, ERR_STORE, "store: column %s: \"%s\" is not a value of ours", column,
		text_escape(shown, sizeof(shown), value, strlen(value)));
}

int query_row_check(const struct query *q)
{
	return q->failed ? -1 : 0;
}

int state_counter_next(struct state *st, const char *name, int64_t *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_COUNTER_NEXT, e);
	query_text(&q, name);
	int r = query_step(&q);
	if (r < 0)
		return -1;
	if (r > 0)
		return err_set(e, ERR_STORE, "store: it has no counter %s", name);
	int64_t value = query_take_int(&q);
	if (query_run(&q) < 0) /* to its end: while it runs nothing can be committed */
		return -1;
	*ret = value;
	return 0;
}

int state_counter_get(struct state *st, const char *name, int64_t *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_COUNTER_GET, e);
	query_text(&q, name);
	int r = query_step(&q);
	if (r < 0)
		return -1;
	if (r > 0)
		return err_set(e, ERR_STORE, "store: it has no counter %s", name);
	*ret = query_take_int(&q);
	return 0;
}

int state_counter_set(struct state *st, const char *name, int64_t value, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_COUNTER_SET, e);
	query_text(&q, name);
	query_int(&q, value);
	return query_run(&q);
}

int ids_collect(struct query *q, struct ids *ret)
{
	int r;

	while ((r = query_step(q)) == 0) {
		if (ret->n == ret->cap) {
			size_t cap = ret->cap ? ret->cap * 2 : 64;
			int64_t *a = reallocarray(ret->a, cap, sizeof(*a));
			if (!a)
				return err_sys(q->e, ERR_SYSTEM, ENOMEM, "store: reading a list");
			ret->a = a;
			ret->cap = cap;
		}
		ret->a[ret->n++] = query_take_int(q);
	}
	return r < 0 ? -1 : 0;
}

void ids_fini(struct ids *ids)
{
	free(ids->a);
}
