/* SPDX-License-Identifier: MPL-2.0 */
/* The history, which only grows, and the fetches: per phone, stage and file what went out whole. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

#include "state_priv.h"

#define NO_LIMIT INT64_MAX

int state_history_put(struct state *st, const struct history *h, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	char mac[MAC_TEXT_SIZE], address[IP4_TEXT_SIZE];
	CLEANUP(query_fini) struct query q = { 0 };
	int64_t id;

	if (own_tx_begin(&tx, st, e) < 0 ||
	    (is_held(st) ? held_history_next(st, &id, e) : state_counter_next(st, "history", &id, e)) < 0)
		return -1;
	query_init(&q, st, SQL_HISTORY_INSERT, e);
	query_int(&q, id);
	query_int(&q, h->at_ms);
	query_int(&q, h->phone_id);
	query_kept(&q, h->mac_known ? mac_format(mac, &h->mac) : NULL);
	query_kept(&q, h->address.host ? ip4_format(address, h->address) : NULL);
	query_kept(&q, event_kind_name(h->kind));
	query_kept(&q, h->file);
	query_int(&q, h->bytes);
	query_kept(&q, phase_name(h->from));
	query_kept(&q, phase_name(h->to));
	query_int(&q, h->stage_no);
	query_kept(&q, h->note);
	query_int(&q, h->twin_ms);
	if (query_run(&q) < 0)
		return -1;
	return own_tx_commit(&tx, e);
}

static void take_phase(struct query *q, const char *column, enum phase *ret)
{
	const char *text = query_take_borrowed(q);

	if (phase_parse(text, ret) != 0)
		query_bad_value(q, column, text);
}

/* In the order of HISTORY_COLUMNS. */
static int read_history(struct state *st, int64_t id, struct history *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	struct history h = { 0 };

	query_init(&q, st, SQL_HISTORY_BY_ID, e);
	query_int(&q, id);
	int r = query_step(&q);
	if (r != 0)
		return r;
	h.id = query_take_int(&q);
	h.at_ms = query_take_int(&q);
	h.phone_id = query_take_int(&q);
	h.mac_known = query_take_mac(&q, &h.mac);
	h.address = query_take_ip4(&q);
	const char *kind = query_take_borrowed(&q);
	if (event_kind_parse(kind, &h.kind) != 0)
		query_bad_value(&q, "kind", kind);
	query_take_text(&q, h.file, sizeof(h.file));
	h.bytes = query_take_int(&q);
	take_phase(&q, "phase_from", &h.from);
	take_phase(&q, "phase_to", &h.to);
	h.stage_no = (int)query_take_int(&q);
	query_take_text(&q, h.note, sizeof(h.note));
	h.twin_ms = query_take_int(&q);
	if (query_row_check(&q) < 0)
		return err_wrap(e, "reading history entry %lld", (long long)id);
	*ret = h;
	return 0;
}

int state_history_find(struct state *st, int64_t id, struct history *ret, struct err *e)
{
	return read_history(st, id, ret, e);
}

static int walk(struct state *st, const struct ids *ids, state_history_fn fn, void *arg, struct err *e)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct history h;
		int r = read_history(st, ids->a[i], &h, e);
		if (r < 0)
			return -1;
		if (r == 0)
			r = fn(arg, &h, e);
		else
			r = 0;
		if (r != 0)
			return r;
	}
	return 0;
}

int state_history_list(struct state *st, int64_t phone_id, int64_t after_id, int64_t limit,
		       state_history_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, phone_id ? SQL_HISTORY_IDS_PHONE : SQL_HISTORY_IDS, e);
		query_int(&q, after_id);
		query_int(&q, limit > 0 ? limit : NO_LIMIT);
		if (phone_id)
			query_int(&q, phone_id);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	return walk(st, &ids, fn, arg, e);
}

static int collect_range(struct state *st, const struct history_range *r, const int64_t *phone, struct ids *ret,
			 struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, phone ? SQL_HISTORY_IDS_RANGE_PHONE : SQL_HISTORY_IDS_RANGE, e);
	query_int(&q, r->after_id);
	query_int(&q, r->from_ms);
	query_int(&q, r->before_ms ? r->before_ms : INT64_MAX);
	if (phone)
		query_int(&q, *phone);
	return ids_collect(&q, ret);
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void reverse(struct ids *ids)
{
	for (size_t i = 0, k = ids->n; i + 1 < k; i++) {
		int64_t id = ids->a[i];

		ids->a[i] = ids->a[--k];
		ids->a[k] = id;
	}
}

int state_history_walk(struct state *st, const struct history_range *r, state_history_fn fn, void *arg, struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	int rc = r->phones ? 0 : collect_range(st, r, NULL, &ids, e);

	for (size_t i = 0; r->phones && i < r->n_phones && rc == 0; i++)
		rc = collect_range(st, r, &r->phones[i], &ids, e);
	if (rc < 0)
		return -1;
	if (r->phones && ids.n > 0)
		qsort(ids.a, ids.n, sizeof(*ids.a), by_id);
	if (r->newest_first)
		reverse(&ids);
	return walk(st, &ids, fn, arg, e);
}

int state_history_newest(struct state *st, int64_t *ret_id, struct err *e)
{
	return state_counter_get(st, "history", ret_id, e);
}

int state_alarm_list(struct state *st, int64_t phone_id, int64_t limit, state_history_fn fn, void *arg,
		     struct err *e)
{
	CLEANUP(ids_fini) struct ids ids = { 0 };
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_HISTORY_IDS_ALARM, e);
		query_int(&q, phone_id);
		query_int(&q, limit);
		if (ids_collect(&q, &ids) < 0)
			return -1;
	}
	return walk(st, &ids, fn, arg, e);
}

int state_history_span(struct state *st, int64_t *ret_from_ms, int64_t *ret_to_ms, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_HISTORY_SPAN, e);
	int r = query_step(&q);
	if (r != 0)
		return r;
	int64_t from = query_take_int(&q), to = query_take_int(&q);
	if (query_row_check(&q) < 0)
		return err_wrap(e, "reading the span of the history");
	if (to == 0)
		return 1;
	*ret_from_ms = from;
	*ret_to_ms = to;
	return 0;
}

int state_history_twin_find(struct state *st, struct ip4 addr, const char *file, bool from_log, int64_t from_ms,
			    int64_t to_ms, struct history *ret, struct err *e)
{
	int64_t id;
	{
		CLEANUP(query_fini) struct query q;

		query_init(&q, st, SQL_HISTORY_TWIN_FIND, e);
		query_ip4(&q, addr);
		query_int(&q, from_ms);
		query_int(&q, to_ms);
		query_text(&q, file);
		query_int(&q, from_log);
		int r = query_step(&q);
		if (r != 0)
			return r;
		id = query_take_int(&q);
	}
	return read_history(st, id, ret, e);
}

int state_history_another(struct state *st, struct ip4 addr, const struct mac *mac, const char *note,
			  int64_t from_ms, int64_t to_ms, struct history *ret, struct err *e)
{
	int64_t id;
	{
		CLEANUP(query_fini) struct query q;

		query_init(&q, st, SQL_HISTORY_ANOTHER, e);
		query_ip4(&q, addr);
		query_int(&q, from_ms);
		query_int(&q, to_ms);
		query_mac(&q, mac);
		query_text(&q, note);
		int r = query_step(&q);
		if (r != 0)
			return r;
		id = query_take_int(&q);
	}
	return read_history(st, id, ret, e);
}

int state_history_twin_put(struct state *st, const struct history *h, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	CLEANUP(query_fini) struct query q = { 0 };

	if (own_tx_begin(&tx, st, e) < 0)
		return -1;
	query_init(&q, st, SQL_HISTORY_TWIN_PUT, e);
	query_int(&q, h->id);
	query_int(&q, h->at_ms);
	query_int(&q, h->twin_ms);
	query_int(&q, h->bytes);
	if (query_run(&q) < 0)
		return -1;
	return own_tx_commit(&tx, e);
}

int state_history_stamped(struct state *st, enum event_kind kind, struct ip4 addr, const char *file,
			  int64_t at_ms, int64_t near_ms, int64_t window_ms, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_HISTORY_STAMPED, e);
	query_ip4(&q, addr);
	query_int(&q, at_ms);
	query_int(&q, at_ms - window_ms);
	query_int(&q, at_ms + window_ms);
	query_text(&q, event_kind_name(kind));
	query_text(&q, file);
	query_int(&q, near_ms);
	return query_step(&q);
}

int fetch_store(struct state *st, const struct fetch *f, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_FETCH_ADD, e);
	query_int(&q, f->phone_id);
	query_int(&q, f->stage_no);
	query_text(&q, f->file);
	query_int(&q, f->bytes);
	query_int(&q, f->last_ms);
	query_int(&q, f->count);
	return query_run(&q);
}

int state_fetch_add(struct state *st, int64_t phone_id, int stage_no, const char *file, int64_t bytes,
		    int64_t at_ms, struct err *e)
{
	struct fetch f = { .phone_id = phone_id, .stage_no = stage_no, .bytes = bytes, .last_ms = at_ms, .count = 1 };

	if (!text_copy(f.file, sizeof(f.file), file))
		return err_set(e, ERR_STORE, "store: a file name of more than %zu bytes", sizeof(f.file) - 1);
	return is_held(st) ? held_fetch_add(st, &f, e) : fetch_store(st, &f, e);
}

struct fetches {
	struct fetch *a;
	size_t n;
};

static void fetches_fini(struct fetches *f)
{
	free(f->a);
}

static int collect_fetches(struct query *q, struct fetches *ret)
{
	int r;

	while ((r = query_step(q)) == 0) {
		struct fetch *a = reallocarray(ret->a, ret->n + 1, sizeof(*a));
		if (!a)
			return err_sys(q->e, ERR_SYSTEM, ENOMEM, "store: reading fetches");
		ret->a = a;
		struct fetch *f = &a[ret->n];
		f->phone_id = query_take_int(q);
		f->stage_no = (int)query_take_int(q);
		query_take_text(q, f->file, sizeof(f->file));
		f->bytes = query_take_int(q);
		f->last_ms = query_take_int(q);
		f->count = query_take_int(q);
		if (query_row_check(q) < 0)
			return -1;
		ret->n++;
	}
	return r < 0 ? -1 : 0;
}

int state_fetch_list(struct state *st, int64_t phone_id, state_fetch_fn fn, void *arg, struct err *e)
{
	CLEANUP(fetches_fini) struct fetches fetches = { 0 };

	if (held_settle(st, e) < 0)
		return -1;
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_FETCH_LIST, e);
		query_int(&q, phone_id);
		if (collect_fetches(&q, &fetches) < 0)
			return -1;
	}
	for (size_t i = 0; i < fetches.n; i++) {
		int r = fn(arg, &fetches.a[i], e);
		if (r != 0)
			return r;
	}
	return 0;
}
