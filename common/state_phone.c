/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Phones in the store: one row a phone, enums by name, evidence as its text. A walk reads the ids first and
 * then each row by itself, so that what it calls may write; rows that vanish meanwhile are left out.
 */
#include "state.h"

#include <ctype.h>
#include <string.h>

#include "cleanup.h"
#include "strbuf.h"

#include "state_priv.h"

#define EVIDENCE_TEXT_MAX (32 * 1024) /* 114 sets of 7 times, 14 digits each, and names */

static const char *const vendor_names[] = {
	[VENDOR_NONE] = "none",
	[VENDOR_OTHER] = "other",
	[VENDOR_BARE] = "bare",
	[VENDOR_NAMED] = "named",
};

static int vendor_kind_parse(const char *name, enum vendor_kind *ret)
{
	for (unsigned i = 0; i < sizeof(vendor_names) / sizeof(vendor_names[0]); i++)
		if (strcmp(name, vendor_names[i]) == 0) {
			*ret = (enum vendor_kind)i;
			return 0;
		}
	return 1;
}

static void take_identity(struct query *q, struct phone *p)
{
	const char *text;

	p->id = query_take_int(q);
	p->mac_known = query_take_mac(q, &p->mac);
	p->address = query_take_ip4(q);
	query_take_text(q, p->vendor_class, sizeof(p->vendor_class));
	text = query_take_borrowed(q);
	if (vendor_kind_parse(text, &p->vendor) != 0)
		query_bad_value(q, "vendor", text);
	query_take_text(q, p->model, sizeof(p->model));
	text = query_take_borrowed(q);
	if (generation_parse(text, &p->generation) != 0)
		query_bad_value(q, "generation", text);
	p->giaddr = query_take_ip4(q);
	query_take_text(q, p->relay, sizeof(p->relay));
}

static void take_standing(struct query *q, struct phone *p)
{
	const char *text;

	query_take_text(q, p->plan, sizeof(p->plan));
	p->stage_no = (int)query_take_int(q);
	query_take_text(q, p->load.s, sizeof(p->load.s));
	text = query_take_borrowed(q);
	if (phase_parse(text, &p->phase) != 0)
		query_bad_value(q, "phase", text);
	p->since_ms = query_take_int(q);
	p->stage_since_ms = query_take_int(q);
	p->flags = (uint32_t)query_take_int(q);
	text = query_take_borrowed(q);
	if (cause_parse(text, &p->cause) != 0)
		query_bad_value(q, "cause", text);
	query_take_text(q, p->running, sizeof(p->running));
	text = query_take_borrowed(q);
	if (running_by_parse(text, &p->running_by) != 0)
		query_bad_value(q, "running_by", text);
}

static void take_observed(struct query *q, struct phone *p)
{
	p->boots = (uint32_t)query_take_int(q);
	p->last_xid = (uint32_t)query_take_int(q);
	p->last_boot_ms = query_take_int(q);
	p->last_event_ms = query_take_int(q);
	const char *text = query_take_borrowed(q);
	if (evidence_parse(text, strlen(text), &p->evidence, NULL) < 0)
		query_bad_value(q, "evidence", text);
	p->change = query_take_int(q);
}

/* The step's row, in the order of PHONE_COLUMNS. 0 = read; 1 = there is no row; -1 */
static int read_phone(struct query *q, struct phone *ret)
{
	int r = query_step(q);

	if (r != 0)
		return r;
	struct phone p;
	phone_init(&p, NULL);
	take_identity(q, &p);
	take_standing(q, &p);
	take_observed(q, &p);
	if (query_row_check(q) < 0)
		return err_wrap(q->e, "reading phone %lld", (long long)p.id);
	*ret = p;
	return 0;
}

int phone_read(struct state *st, enum sql sql, const struct phone_key *key, struct phone *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, sql, e);
	if (sql == SQL_PHONE_BY_ID)
		query_int(&q, key->id);
	else if (sql == SQL_PHONE_BY_MAC)
		query_mac(&q, key->mac);
	else
		query_ip4(&q, key->address);
	return read_phone(&q, ret);
}

static int find(struct state *st, enum sql sql, const struct phone_key *key, struct phone *ret, struct err *e)
{
	return is_held(st) ? held_phone_find(st, sql, key, ret, e) : phone_read(st, sql, key, ret, e);
}

int state_phone_find_id(struct state *st, int64_t id, struct phone *ret, struct err *e)
{
	return find(st, SQL_PHONE_BY_ID, &(struct phone_key){ .id = id }, ret, e);
}

int state_phone_find(struct state *st, const struct mac *mac, struct phone *ret, struct err *e)
{
	return find(st, SQL_PHONE_BY_MAC, &(struct phone_key){ .mac = mac }, ret, e);
}

int state_phone_find_address(struct state *st, struct ip4 addr, struct phone *ret, struct err *e)
{
	if (!addr.host)
		return 1; /* nobody is recorded under none */
	return find(st, SQL_PHONE_BY_ADDRESS, &(struct phone_key){ .address = addr }, ret, e);
}

/* Lower-case hex digits only, so that the pattern of LIKE holds nothing of its own. */
static bool normalise_tail(const char *tail, char buf[static 13])
{
	size_t len = strlen(tail);

	if (len == 0 || len > 12)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)tail[i]))
			return false;
		buf[i] = (char)tolower((unsigned char)tail[i]);
	}
	buf[len] = '\0';
	return true;
}

int state_phone_find_tail(struct state *st, const char *hex_tail, struct phone *ret, unsigned *ret_matches,
			  struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	char tail[13];

	*ret_matches = 0;
	if (!normalise_tail(hex_tail, tail))
		return 1;
	if (held_settle(st, e) < 0)
		return -1;
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_PHONE_IDS_TAIL, e);
		query_text(&q, tail);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	*ret_matches = (unsigned)ids.n;
	return ids.n == 1 ? state_phone_find_id(st, ids.a[0], ret, e) : 1;
}

static void bind_phone(struct query *q, int64_t id, const struct phone *p, const char *evidence,
		       int64_t change)
{
	query_int(q, id);
	query_mac(q, p->mac_known ? &p->mac : NULL);
	query_ip4(q, p->address);
	query_kept(q, p->vendor_class);
	query_kept(q, vendor_names[p->vendor]);
	query_kept(q, p->model);
	query_kept(q, generation_name(p->generation));
	query_ip4(q, p->giaddr);
	query_kept(q, p->relay);
	query_kept(q, p->plan);
	query_int(q, p->stage_no);
	query_kept(q, p->load.s);
	query_kept(q, phase_name(p->phase));
	query_int(q, p->since_ms);
	query_int(q, p->stage_since_ms);
	query_int(q, p->flags);
	query_kept(q, cause_name(p->cause));
	query_kept(q, p->running);
	query_kept(q, running_by_name(p->running_by));
	query_int(q, p->boots);
	query_int(q, p->last_xid);
	query_int(q, p->last_boot_ms);
	query_int(q, p->last_event_ms);
	query_kept(q, evidence);
	query_int(q, change);
}

/* The row written: its id to *ret_id. */
static int write_phone(struct state *st, const struct phone *p, int64_t change, int64_t *ret_id,
		       struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf evidence = STRBUF_INIT(EVIDENCE_TEXT_MAX);
	CLEANUP(query_fini) struct query q = { 0 };
	int64_t id = p->id;

	evidence_format(&p->evidence, &evidence);
	if (strbuf_check(&evidence, "evidence", e) < 0)
		return -1;
	if (id == 0 && state_counter_next(st, "phone", &id, e) < 0)
		return -1;
	query_init(&q, st, p->id == 0 ? SQL_PHONE_INSERT : SQL_PHONE_UPDATE, e);
	bind_phone(&q, id, p, strbuf_text(&evidence), change);
	int r = query_step(&q);
	if (r < 0)
		return -1;
	if (r > 0)
		return err_set(e, ERR_STORE, "store: phone %lld is not there any more", (long long)id);
	*ret_id = query_take_int(&q);
	return query_run(&q);
}

int phone_store(struct state *st, struct phone *p, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	int64_t change = 0, id = 0;

	if (own_tx_begin(&tx, st, e) < 0 || state_counter_next(st, "change", &change, e) < 0 ||
	    write_phone(st, p, change, &id, e) < 0 || own_tx_commit(&tx, e) < 0)
		return err_wrap(e, "storing a phone");
	p->id = id;
	p->change = change;
	return 0;
}

int state_phone_put(struct state *st, struct phone *p, struct err *e)
{
	if (is_held(st))
		return held_phone_put(st, p, e);
	held_drop(st); /* outside a transaction nothing is held, and what was is old now */
	return phone_store(st, p, e);
}

int state_phone_delete(struct state *st, int64_t id, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	CLEANUP(query_fini) struct query q = { 0 };
	int64_t change;

	if (held_settle(st, e) < 0)
		return -1;
	held_drop(st);
	/* The change number moves too: who compares it sees that something happened. */
	if (own_tx_begin(&tx, st, e) < 0 || state_counter_next(st, "change", &change, e) < 0)
		return -1;
	query_init(&q, st, SQL_PHONE_DELETE, e);
	query_int(&q, id);
	if (query_run(&q) < 0)
		return -1;
	return own_tx_commit(&tx, e);
}

int state_phone_merge(struct state *st, int64_t id, const struct phone *into, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	CLEANUP(query_fini) struct query q = { 0 };

	if (held_settle(st, e) < 0 || own_tx_begin(&tx, st, e) < 0)
		return -1;
	query_init(&q, st, SQL_HISTORY_MOVE, e);
	query_int(&q, id);
	query_int(&q, into->id);
	query_mac(&q, &into->mac);
	if (query_run(&q) < 0 || state_phone_delete(st, id, e) < 0)
		return -1;
	return own_tx_commit(&tx, e);
}

/* Each phone of `ids`; one that changed beyond `change_max` meanwhile is left for the caller's next walk (0:
 * none is). */
static int walk(struct state *st, const struct ids *ids, int64_t change_max, state_phone_fn fn, void *arg,
		struct err *e)
{
	struct phone p;

	for (size_t i = 0; i < ids->n; i++) {
		int r = state_phone_find_id(st, ids->a[i], &p, e);
		if (r < 0)
			return -1;
		if (r > 0 || (change_max > 0 && p.change > change_max))
			continue;
		r = fn(arg, &p, e);
		if (r != 0)
			return r;
	}
	return 0;
}

int state_phone_list(struct state *st, state_phone_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };

	if (held_settle(st, e) < 0)
		return -1;
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_PHONE_IDS, e);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	return walk(st, &ids, 0, fn, arg, e);
}

int state_phone_id_list(struct state *st, state_id_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_PHONE_IDS, e);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	for (size_t i = 0; i < ids.n; i++) {
		int r = fn(arg, ids.a[i], e);
		if (r != 0)
			return r;
	}
	return 0;
}

/* The newest number is read first and bounds the walk: a caller that keeps the highest number it was given
 * misses nothing. */
int state_phone_list_since(struct state *st, int64_t change, state_phone_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	int64_t newest;

	if (held_settle(st, e) < 0 || state_counter_get(st, "change", &newest, e) < 0)
		return -1;
	if (newest <= change)
		return 0;
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_PHONE_IDS_SINCE, e);
		query_int(&q, change);
		query_int(&q, newest);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	return walk(st, &ids, newest, fn, arg, e);
}

int state_phone_list_due(struct state *st, int64_t engine_now_ms, state_phone_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };

	if (is_held(st)) {
		if (held_dues(st, engine_now_ms, &ids, e) < 0)
			return -1;
	} else {
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_PHONE_IDS_DUE, e);
		query_int(&q, engine_now_ms);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	return walk(st, &ids, 0, fn, arg, e);
}

int phone_dues_read(struct state *st, phone_due_fn fn, void *arg, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	int r;

	query_init(&q, st, SQL_PHONE_DUES, e);
	while ((r = query_step(&q)) == 0) {
		int64_t id = query_take_int(&q);

		if (fn(arg, id, query_take_int(&q), e) < 0)
			return -1;
	}
	return r < 0 ? -1 : 0;
}

int state_phone_due_set(struct state *st, int64_t id, int64_t due_ms, struct err *e)
{
	if (is_held(st))
		return held_due_set(st, id, due_ms, e);
	held_drop(st);
	return phone_due_store(st, id, due_ms, e);
}

int phone_due_store(struct state *st, int64_t id, int64_t due_ms, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_PHONE_DUE_SET, e);
	query_int(&q, id);
	query_int(&q, due_ms);
	return query_run(&q);
}

int state_change_get(struct state *st, int64_t *ret, struct err *e)
{
	return held_settle(st, e) < 0 ? -1 : state_counter_get(st, "change", ret, e);
}
