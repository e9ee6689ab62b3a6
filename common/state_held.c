/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a transaction reads and writes again and again, held in memory: phones and when they are due, who has which
 * address, fetches, the history's number. Phones, dues, fetches and that number are written at the commit, all else at once;
 * calls that look at more than one phone have it written first (held_settle). From one transaction to the next it is kept
 * only while nobody else has written. A phone whose identity changes (its row, its MAC, the address of one without) is
 * written at once, so that the database judges it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "db.h"
#include "state_priv.h"

#define PHONES_MAX 4096 /* of some 7 KB */
#define SLOTS 16384	/* a power of two, four times as many */
#define SLOT_BITS 14
#define ADDRESSES_MAX (SLOTS / 2)
#define FETCHES_MAX (SLOTS / 2)

enum key { BY_ID, BY_MAC, BY_ADDRESS, KEYS };

struct held_phone {
	struct phone p;
	bool dirty, due_dirty;
};

struct held_address {
	struct ip4 address; /* host 0: free */
	bool known, held;   /* is it known whether somebody has it, and has somebody */
	bool no_unnamed;    /* no phone without a MAC is recorded under it */
	struct mac mac;
	int64_t since_ms;
};

struct held {
	int64_t version; /* the database's, when we last looked */

	struct held_phone *phones; /* owned */
	unsigned n_phones;
	uint16_t slots[KEYS][SLOTS]; /* place in `phones`, from 1; a place whose phone has another key by now is no match */
	unsigned n_slots[KEYS];

	/* by id: every phone's, but for new ones that nobody has set yet */
	struct due {
		int64_t id, due_ms;
	} *dues; /* owned */
	size_t n_dues, room_dues;
	bool dues_known;
	int64_t next_due_ms; /* none is earlier */

	struct held_address addresses[SLOTS];
	unsigned n_addresses;

	struct fetch *fetches; /* owned; in one hash table, count 0: free */
	unsigned n_fetches;

	bool history_known;
	int64_t history; /* the number of its newest entry */
};

static bool room_for(void *pp, size_t n, size_t size)
{
	void **p = pp;

	*p = calloc(n, size);
	return *p != NULL;
}

int state_hold(struct state *st, struct err *e)
{
	struct held *h = calloc(1, sizeof(*h));

	if (!h || !room_for(&h->phones, PHONES_MAX, sizeof(*h->phones)) ||
	    !room_for(&h->fetches, SLOTS, sizeof(*h->fetches))) {
		held_free(h);
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store");
	}
	held_free(st->held);
	st->held = h;
	return db_bulk(st->db, e) < 0 ? -1 : db_version_get(st->db, &h->version, e);
}

void held_free(struct held *h)
{
	if (!h)
		return;
	free(h->phones);
	free(h->dues);
	free(h->fetches);
	free(h);
}

static unsigned hash(uint64_t key)
{
	return (unsigned)((key * 0x9e3779b97f4a7c15u) >> (64 - SLOT_BITS));
}

/* ---- phones */

static uint64_t mac_key(const struct mac *m)
{
	uint64_t key = 1; /* no MAC is 0 */

	for (int i = 0; i < 6; i++)
		key = key << 8 | m->b[i];
	return key;
}

/* 0 = it has none of that kind. */
static uint64_t key_of(enum key k, const struct phone *p)
{
	switch (k) {
	case BY_ID:
		return (uint64_t)p->id;
	case BY_MAC:
		return p->mac_known ? mac_key(&p->mac) : 0;
	case BY_ADDRESS:
		return p->mac_known ? 0 : p->address.host;
	case KEYS:
		break;
	}
	return 0;
}

static struct held_phone *find(const struct held *h, enum key k, uint64_t key)
{
	for (unsigned i = hash(key); key; i = (i + 1) % SLOTS) {
		unsigned place = h->slots[k][i];

		if (place == 0)
			return NULL;
		if (key_of(k, &h->phones[place - 1].p) == key)
			return &h->phones[place - 1];
	}
	return NULL;
}

static void enter(struct held *h, const struct held_phone *hp)
{
	for (int k = 0; k < KEYS; k++) {
		uint64_t key = key_of((enum key)k, &hp->p);

		if (!key || find(h, (enum key)k, key) == hp)
			continue;
		unsigned i = hash(key);

		while (h->slots[k][i])
			i = (i + 1) % SLOTS;
		h->slots[k][i] = (uint16_t)(hp - h->phones + 1);
		h->n_slots[k]++;
	}
}

static void drop_phones(struct held *h)
{
	h->n_phones = 0;
	memset(h->slots, 0, sizeof(h->slots));
	memset(h->n_slots, 0, sizeof(h->n_slots));
}

void held_drop(struct state *st)
{
	struct held *h = st->held;

	if (!h)
		return;
	drop_phones(h);
	h->dues_known = false;
	h->n_dues = 0;
	memset(h->addresses, 0, sizeof(h->addresses));
	h->n_addresses = 0;
	memset(h->fetches, 0, SLOTS * sizeof(*h->fetches));
	h->n_fetches = 0;
	h->history_known = false;
}

int held_begin(struct state *st, struct err *e)
{
	int64_t version;

	if (!st->held)
		return 0;
	if (db_version_get(st->db, &version, e) < 0)
		return -1;
	if (version != st->held->version)
		held_drop(st);
	st->held->version = version;
	return 0;
}

/* ---- written */

/* Where it is, or belongs. */
static size_t due_place(const struct held *h, int64_t id)
{
	size_t from = 0, to = h->n_dues;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (h->dues[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static int64_t *due_at(const struct held *h, int64_t id)
{
	size_t place = due_place(h, id);

	return place < h->n_dues && h->dues[place].id == id ? &h->dues[place].due_ms : NULL;
}

static int settle_phones(struct state *st, struct err *e)
{
	struct held *h = st->held;

	for (unsigned i = 0; i < h->n_phones; i++) {
		struct held_phone *hp = &h->phones[i];

		if (hp->dirty && phone_store(st, &hp->p, e) < 0)
			return -1;
		hp->dirty = false;
		const int64_t *due_ms = hp->due_dirty ? due_at(h, hp->p.id) : NULL;
		if (due_ms && phone_due_store(st, hp->p.id, *due_ms, e) < 0)
			return -1;
		hp->due_dirty = false;
	}
	return 0;
}

static int settle_fetches(struct state *st, struct err *e)
{
	struct held *h = st->held;

	for (unsigned i = 0; h->n_fetches > 0 && i < SLOTS; i++) {
		if (!h->fetches[i].count)
			continue;
		if (fetch_store(st, &h->fetches[i], e) < 0)
			return -1;
		h->fetches[i].count = 0;
		h->n_fetches--;
	}
	return 0;
}

int held_settle(struct state *st, struct err *e)
{
	struct held *h = st->held;

	if (!h || !st->in_transaction)
		return 0;
	if (settle_phones(st, e) < 0 || settle_fetches(st, e) < 0)
		return -1;
	if (h->history_known && state_counter_set(st, "history", h->history, e) < 0)
		return -1;
	h->history_known = false;
	return 0;
}

/* ---- phones, found and put */

/* Into a place of its own. What does not fit any more makes room for what is used now. */
static int keep(struct state *st, const struct phone *p, struct held_phone **ret, struct err *e)
{
	struct held *h = st->held;

	if (h->n_phones == PHONES_MAX) {
		if (settle_phones(st, e) < 0)
			return -1;
		drop_phones(h);
	}
	struct held_phone *hp = &h->phones[h->n_phones++];

	hp->p = *p;
	hp->dirty = hp->due_dirty = false;
	enter(h, hp);
	*ret = hp;
	return 0;
}

static struct held_address *address_at(struct held *h, struct ip4 a);

static int find_or_read(struct state *st, enum key k, uint64_t key, enum sql sql, const struct phone_key *pk,
			struct phone *ret, struct err *e)
{
	struct held_phone *hp = find(st->held, k, key);

	if (!hp) {
		int rc = phone_read(st, sql, pk, ret, e);

		return rc ? rc : keep(st, ret, &hp, e);
	}
	*ret = hp->p;
	return 0;
}

int held_phone_find(struct state *st, enum sql sql, const struct phone_key *pk, struct phone *ret, struct err *e)
{
	struct held_address *ha;

	if (sql == SQL_PHONE_BY_ID)
		return find_or_read(st, BY_ID, (uint64_t)pk->id, sql, pk, ret, e);
	if (sql == SQL_PHONE_BY_MAC)
		return find_or_read(st, BY_MAC, mac_key(pk->mac), sql, pk, ret, e);
	ha = address_at(st->held, pk->address);
	if (ha->no_unnamed)
		return 1;
	int rc = find_or_read(st, BY_ADDRESS, pk->address.host, sql, pk, ret, e);
	if (rc == 1)
		ha->no_unnamed = true;
	return rc;
}

static bool same_identity(const struct phone *a, const struct phone *b)
{
	if (a->mac_known != b->mac_known)
		return false;
	return a->mac_known ? mac_equal(&a->mac, &b->mac) : a->address.host == b->address.host;
}

int held_phone_put(struct state *st, struct phone *p, struct err *e)
{
	struct held *h = st->held;
	struct held_phone *hp = p->id ? find(h, BY_ID, (uint64_t)p->id) : NULL;

	if (hp && same_identity(&hp->p, p)) {
		int64_t change = hp->p.change;

		hp->p = *p;
		hp->p.change = p->change = change;
		hp->dirty = true;
		return 0;
	}
	if (phone_store(st, p, e) < 0)
		return -1;
	if (!p->mac_known && p->address.host)
		address_at(h, p->address)->no_unnamed = false;
	hp = find(h, BY_ID, (uint64_t)p->id); /* a new one may have taken a row that is held */
	if (!hp)
		return keep(st, p, &hp, e);
	hp->p = *p;
	hp->dirty = false;
	/* keys of former identities stay behind */
	if (h->n_slots[BY_MAC] > SLOTS / 2 || h->n_slots[BY_ADDRESS] > SLOTS / 2) {
		if (settle_phones(st, e) < 0)
			return -1;
		drop_phones(h);
		return 0;
	}
	enter(h, hp);
	return 0;
}

/* ---- dues */

static int add_due(struct held *h, int64_t id, int64_t due_ms, struct err *e)
{
	size_t place = due_place(h, id); /* behind the last, as a rule */

	if (h->n_dues == h->room_dues) {
		size_t room = h->room_dues ? h->room_dues * 2 : 1024;
		struct due *a = reallocarray(h->dues, room, sizeof(*a));

		if (!a)
			return err_sys(e, ERR_SYSTEM, ENOMEM, "store");
		h->dues = a;
		h->room_dues = room;
	}
	memmove(h->dues + place + 1, h->dues + place, (h->n_dues - place) * sizeof(*h->dues));
	h->dues[place] = (struct due){ id, due_ms };
	h->n_dues++;
	return 0;
}

static int on_due(void *arg, int64_t id, int64_t due_ms, struct err *e)
{
	return add_due(arg, id, due_ms, e);
}

static int know_dues(struct state *st, struct err *e)
{
	struct held *h = st->held;

	if (h->dues_known)
		return 0;
	h->n_dues = 0;
	if (phone_dues_read(st, on_due, h, e) < 0)
		return -1;
	h->dues_known = true;
	h->next_due_ms = 0;
	return 0;
}

int held_due_set(struct state *st, int64_t id, int64_t due_ms, struct err *e)
{
	struct held *h = st->held;
	struct held_phone *hp = find(h, BY_ID, (uint64_t)id);

	if (know_dues(st, e) < 0)
		return -1;
	int64_t *at = due_at(h, id);

	if (at)
		*at = due_ms;
	else if (add_due(h, id, due_ms, e) < 0)
		return -1;
	if (due_ms > 0 && due_ms < h->next_due_ms)
		h->next_due_ms = due_ms;
	if (hp) {
		hp->due_dirty = true;
		return 0;
	}
	return phone_due_store(st, id, due_ms, e);
}

static int earlier(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->due_ms != y->due_ms)
		return x->due_ms < y->due_ms ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Of all that are due the ids, the earliest first. */
int held_dues(struct state *st, int64_t now_ms, struct ids *ret, struct err *e)
{
	CLEANUP(cleanup_free) struct due *due = NULL;
	struct held *h = st->held;
	size_t n = 0;

	if (know_dues(st, e) < 0)
		return -1;
	if (now_ms < h->next_due_ms)
		return 0;
	h->next_due_ms = INT64_MAX;
	for (size_t i = 0; i < h->n_dues; i++) {
		int64_t at = h->dues[i].due_ms;

		if (at > 0 && at < h->next_due_ms)
			h->next_due_ms = at;
		n += at > 0 && at <= now_ms;
	}
	if (n == 0)
		return 0;
	due = reallocarray(NULL, n, sizeof(*due));
	ret->a = reallocarray(NULL, n, sizeof(*ret->a));
	if (!due || !ret->a)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "store: reading a list");
	for (size_t i = 0, k = 0; k < n; i++)
		if (h->dues[i].due_ms > 0 && h->dues[i].due_ms <= now_ms)
			due[k++] = h->dues[i];
	qsort(due, n, sizeof(*due), earlier);
	for (size_t i = 0; i < n; i++)
		ret->a[i] = due[i].id;
	ret->n = ret->cap = n;
	return 0;
}

/* ---- addresses */

static struct held_address *address_at(struct held *h, struct ip4 a)
{
	unsigned i = hash(a.host);

	while (h->addresses[i].address.host && h->addresses[i].address.host != a.host)
		i = (i + 1) % SLOTS;
	if (h->addresses[i].address.host)
		return &h->addresses[i];
	if (h->n_addresses == ADDRESSES_MAX) {
		memset(h->addresses, 0, sizeof(h->addresses));
		h->n_addresses = 0;
		i = hash(a.host);
	}
	h->n_addresses++;
	h->addresses[i].address = a;
	return &h->addresses[i];
}

int held_address_find(struct state *st, struct ip4 a, struct mac *ret_mac, int64_t *ret_since_ms, struct err *e)
{
	struct held_address *ha = address_at(st->held, a);

	if (!ha->known) {
		int rc = address_read(st, a, &ha->mac, &ha->since_ms, e);

		if (rc < 0)
			return -1;
		ha->known = true;
		ha->held = rc == 0;
	}
	if (!ha->held)
		return 1;
	*ret_mac = ha->mac;
	*ret_since_ms = ha->since_ms;
	return 0;
}

void held_address_changed(struct state *st, struct ip4 a)
{
	struct held *h = st->held;

	if (h && a.host)
		address_at(h, a)->known = false;
	for (unsigned i = 0; h && !a.host && i < SLOTS; i++)
		h->addresses[i].known = false;
}

/* ---- fetches, history */

static unsigned fetch_hash(int64_t phone_id, int stage_no, const char *file)
{
	uint64_t key = (uint64_t)phone_id << 8 | (unsigned)stage_no;

	for (; *file; file++)
		key = (key ^ (unsigned char)*file) * 0x100000001b3u;
	return hash(key);
}

int held_fetch_add(struct state *st, const struct fetch *f, struct err *e)
{
	struct held *h = st->held;
	unsigned i = fetch_hash(f->phone_id, f->stage_no, f->file);

	if (h->n_fetches == FETCHES_MAX && settle_fetches(st, e) < 0)
		return -1;
	for (; h->fetches[i].count; i = (i + 1) % SLOTS) {
		struct fetch *own = &h->fetches[i];

		if (own->phone_id != f->phone_id || own->stage_no != f->stage_no || strcmp(own->file, f->file) != 0)
			continue;
		own->count++;
		if (f->last_ms >= own->last_ms) {
			own->bytes = f->bytes;
			own->last_ms = f->last_ms;
		}
		return 0;
	}
	h->fetches[i] = *f;
	h->n_fetches++;
	return 0;
}

int held_history_next(struct state *st, int64_t *ret, struct err *e)
{
	struct held *h = st->held;

	if (!h->history_known && state_counter_get(st, "history", &h->history, e) < 0)
		return -1;
	h->history_known = true;
	*ret = ++h->history;
	return 0;
}
