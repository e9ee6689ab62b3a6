/* SPDX-License-Identifier: MPL-2.0 */
/* The store's small tables: who holds which address, plan revisions (which are only added), cohorts, the
 * observed clock. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

#include "state_priv.h"

/* ---- addresses */

int address_read(struct state *st, struct ip4 addr, struct mac *ret_mac, int64_t *ret_since_ms, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	struct mac mac;

	query_init(&q, st, SQL_ADDRESS_GET, e);
	query_ip4(&q, addr);
	int r = query_step(&q);
	if (r != 0)
		return r;
	query_take_mac(&q, &mac);
	int64_t since_ms = query_take_int(&q);
	if (query_row_check(&q) < 0)
		return -1;
	*ret_mac = mac;
	*ret_since_ms = since_ms;
	return 0;
}

int state_address_find(struct state *st, struct ip4 addr, struct mac *ret_mac, int64_t *ret_since_ms,
		       struct err *e)
{
	return is_held(st) && addr.host ? held_address_find(st, addr, ret_mac, ret_since_ms, e) :
					  address_read(st, addr, ret_mac, ret_since_ms, e);
}

int state_address_put(struct state *st, struct ip4 addr, const struct mac *mac, int64_t since_ms,
		      struct err *e)
{
	CLEANUP(query_fini) struct query q;

	held_address_changed(st, addr);
	query_init(&q, st, SQL_ADDRESS_PUT, e);
	query_ip4(&q, addr);
	query_mac(&q, mac);
	query_int(&q, since_ms);
	return query_run(&q);
}

int state_address_delete(struct state *st, struct ip4 addr, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	held_address_changed(st, addr);
	query_init(&q, st, SQL_ADDRESS_DELETE, e);
	query_ip4(&q, addr);
	return query_run(&q);
}

int state_address_delete_mac(struct state *st, const struct mac *mac, struct ip4 except, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	char buf[IP4_TEXT_SIZE];

	held_address_changed(st, (struct ip4){ 0 });
	query_init(&q, st, SQL_ADDRESS_DELETE_MAC, e);
	query_mac(&q, mac);
	query_text(&q,
		   except.host ? ip4_format(buf, except) : ""); /* no NULL: nothing differs from it in SQL */
	return query_run(&q);
}

struct holder {
	struct ip4 addr;
	struct mac mac;
	int64_t since_ms;
};

struct holders {
	struct holder *a;
	size_t n;
	size_t cap;
};

static void holders_fini(struct holders *h)
{
	free(h->a);
}

static int holders_grow(struct holders *h, struct err *e)
{
	size_t cap = h->cap ? h->cap * 2 : 64;

	if (h->n < h->cap)
		return 0;
	struct holder *a = reallocarray(h->a, cap, sizeof(*a));
	if (!a)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store: reading addresses");
	h->a = a;
	h->cap = cap;
	return 0;
}

static int collect_holders(struct query *q, struct holders *ret)
{
	int r;

	while ((r = query_step(q)) == 0) {
		if (holders_grow(ret, q->e) < 0)
			return -1;
		struct holder *h = &ret->a[ret->n++];
		h->addr = query_take_ip4(q);
		query_take_mac(q, &h->mac);
		h->since_ms = query_take_int(q);
		if (query_row_check(q) < 0)
			return -1;
	}
	return r < 0 ? -1 : 0;
}

int state_address_list(struct state *st, state_address_fn fn, void *arg, struct err *e)
{
	CLEANUP(holders_fini) struct holders holders = { 0 };
	{
		CLEANUP(query_fini) struct query q;
		query_init(&q, st, SQL_ADDRESS_LIST, e);
		if (collect_holders(&q, &holders) < 0)
			return -1;
	}
	for (size_t i = 0; i < holders.n; i++) {
		int r = fn(arg, holders.a[i].addr, &holders.a[i].mac, holders.a[i].since_ms, e);
		if (r != 0)
			return r;
	}
	return 0;
}

/* ---- plan revisions */

int state_plan_get(struct state *st, int64_t *ret_revision, struct strbuf *ret_text, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_PLAN_LATEST, e);
	int r = query_step(&q);
	if (r != 0)
		return r;
	int64_t revision = query_take_int(&q);
	strbuf_add(ret_text, query_take_borrowed(&q));
	if (strbuf_check(ret_text, "plan revision", e) < 0)
		return -1;
	*ret_revision = revision;
	return 0;
}

int state_plan_revision(struct state *st, int64_t *ret_revision, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_PLAN_REVISION, e);
	int r = query_step(&q);
	if (r == 0)
		*ret_revision = query_take_int(&q);
	return r;
}

int state_plan_put(struct state *st, const char *text, int64_t now_ms, int64_t *ret_revision, struct err *e)
{
	CLEANUP(own_tx_fini) struct own_tx tx;
	CLEANUP(query_fini) struct query q = { 0 };
	int64_t revision;

	if (own_tx_begin(&tx, st, e) < 0 || state_counter_next(st, "plan", &revision, e) < 0)
		return -1;
	query_init(&q, st, SQL_PLAN_INSERT, e);
	query_int(&q, revision);
	query_int(&q, now_ms);
	query_text(&q, text);
	if (query_run(&q) < 0 || own_tx_commit(&tx, e) < 0)
		return -1;
	*ret_revision = revision;
	return 0;
}

/* ---- the cohort of layout = shared */

int state_cohort_get(struct state *st, const char *plan, struct cohort *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	struct cohort c = { 0 };

	query_init(&q, st, SQL_COHORT_GET, e);
	query_text(&q, plan);
	int r = query_step(&q);
	if (r < 0)
		return -1;
	if (r == 0) {
		c.stage_no = (int)query_take_int(&q);
		c.shut = query_take_int(&q) != 0;
		c.since_ms = query_take_int(&q);
	}
	*ret = c;
	return r;
}

int state_cohort_put(struct state *st, const char *plan, const struct cohort *c, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_COHORT_PUT, e);
	query_text(&q, plan);
	query_int(&q, c->stage_no);
	query_int(&q, c->shut);
	query_int(&q, c->since_ms);
	return query_run(&q);
}

/* ---- the observed clock */

int state_clock_get(struct state *st, struct observed_clock *ret, struct err *e)
{
	CLEANUP(query_fini) struct query q;
	struct observed_clock c = { 0 };

	query_init(&q, st, SQL_CLOCK_GET, e);
	int r = query_step(&q);
	if (r < 0)
		return -1;
	if (r == 0) {
		c.last_tick_wall_ms = query_take_int(&q);
		c.skew_ms = query_take_int(&q);
		c.gap_from_ms = query_take_int(&q);
		c.gap_to_ms = query_take_int(&q);
		c.gap_skew_ms = query_take_int(&q);
		c.heard_from_ms = query_take_int(&q);
		c.heard_to_ms = query_take_int(&q);
	}
	*ret = c;
	return 0;
}

int state_clock_put(struct state *st, const struct observed_clock *c, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_CLOCK_PUT, e);
	query_int(&q, c->last_tick_wall_ms);
	query_int(&q, c->skew_ms);
	query_int(&q, c->gap_from_ms);
	query_int(&q, c->gap_to_ms);
	query_int(&q, c->gap_skew_ms);
	return query_run(&q);
}

int64_t observed_clock_now(const struct observed_clock *c, int64_t wall_ms, int64_t tick_gap_ms)
{
	int64_t last = c->last_tick_wall_ms;

	if (last && wall_ms > last + tick_gap_ms)
		wall_ms = last + tick_gap_ms;
	if (last && wall_ms < last)
		wall_ms = last;
	return wall_ms - c->skew_ms;
}

int state_heard_put(struct state *st, int64_t from_ms, int64_t to_ms, struct err *e)
{
	CLEANUP(query_fini) struct query q;

	query_init(&q, st, SQL_HEARD_PUT, e);
	query_int(&q, from_ms);
	query_int(&q, to_ms);
	return query_run(&q);
}
