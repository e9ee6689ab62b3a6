/* SPDX-License-Identifier: MPL-2.0 */
/* A state that holds what it uses beside one that does not: after any calls both say the same, and the same is in the
 * database. */
#include "state_fixture.h"

#define PHONES 24
#define T0 1700000000000

struct two {
	char dir[64];
	char url[2][112];
	struct state *st[2]; /* 0 holds */
	uint32_t random;
};

static unsigned below(struct two *t, unsigned n)
{
	t->random = t->random * 1664525 + 1013904223;
	return (t->random >> 8) % n;
}

static int two_setup(void **state)
{
	struct two *t = calloc(1, sizeof(*t));
	char dir[] = "/tmp/loadstep-state-XXXXXX";
	struct err e;

	assert_non_null(t);
	t->random = 7;
	assert_non_null(mkdtemp(dir));
	text_copy(t->dir, sizeof(t->dir), dir);
	for (int i = 0; i < 2; i++) {
		snprintf(t->url[i], sizeof(t->url[i]), "sqlite:%s/%d.db", dir, i);
		t->st[i] = must_open(t->url[i], STATE_CREATE);
	}
	assert_int_equal(state_hold(t->st[0], &e), 0);
	*state = t;
	return 0;
}

static int two_teardown(void **state)
{
	struct two *t = *state;
	struct err e;

	state_close(t->st[0]);
	state_close(t->st[1]);
	assert_int_equal(file_remove_tree(t->dir, &e), 0);
	free(t);
	return 0;
}

/* The same call to both: what it returns is the same. */
#define BOTH(call)                                                 \
	__extension__({                                            \
		struct err err_;                                   \
		struct err *e = &err_;                             \
		int rc_[2];                                        \
		for (int i = 0; i < 2; i++) {                      \
			struct state *st = t->st[i];               \
			rc_[i] = (call);                           \
		}                                                  \
		if (rc_[0] < 0)                                    \
			fail_msg("%s", err_.text);                 \
		assert_int_equal(rc_[0], rc_[1]);                  \
		rc_[0];                                            \
	})

static void same_phone(struct phone *a, struct phone *b)
{
	a->change = b->change = 0; /* they may differ */
	assert_memory_equal(a, b, sizeof(*a));
}

/* ---- what is in them */

static int add_phone(void *arg, const struct phone *p, struct err *e)
{
	struct strbuf *sb = arg;
	char m[MAC_TEXT_SIZE], a[IP4_TEXT_SIZE];

	(void)e;
	strbuf_addf(sb, "%lld %s %s %s %u %lld ", (long long)p->id, p->mac_known ? mac_format(m, &p->mac) : "-",
		    ip4_format(a, p->address), p->running, p->boots, (long long)p->last_event_ms);
	evidence_format(&p->evidence, sb);
	strbuf_add_char(sb, '\n');
	return 0;
}

static int add_history(void *arg, const struct history *h, struct err *e)
{
	(void)e;
	strbuf_addf(arg, "%lld %lld %lld %s\n", (long long)h->id, (long long)h->at_ms, (long long)h->phone_id, h->file);
	return 0;
}

static int add_fetch(void *arg, const struct fetch *f, struct err *e)
{
	(void)e;
	strbuf_addf(arg, "%lld %d %s %lld %lld %lld\n", (long long)f->phone_id, f->stage_no, f->file, (long long)f->bytes,
		    (long long)f->last_ms, (long long)f->count);
	return 0;
}

static int add_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms, struct err *e)
{
	char m[MAC_TEXT_SIZE], a[IP4_TEXT_SIZE];

	(void)e;
	strbuf_addf(arg, "%s %s %lld\n", ip4_format(a, addr), mac_format(m, mac), (long long)since_ms);
	return 0;
}

static void describe(struct state *st, struct strbuf *sb)
{
	struct err e;

	assert_int_equal(state_phone_list(st, add_phone, sb, &e), 0);
	assert_int_equal(state_phone_list_due(st, INT64_MAX, add_phone, sb, &e), 0);
	assert_int_equal(state_history_list(st, 0, 0, 0, add_history, sb, &e), 0);
	for (int id = 1; id < 2 * PHONES; id++)
		assert_int_equal(state_fetch_list(st, id, add_fetch, sb, &e), 0);
	assert_int_equal(state_address_list(st, add_address, sb, &e), 0);
}

static void same_stores(struct two *t)
{
	struct strbuf said[2] = { STRBUF_INIT(1 << 24), STRBUF_INIT(1 << 24) };

	/* as another reader finds them */
	for (int i = 0; i < 2; i++) {
		struct state *st = must_open(t->url[i], STATE_READ_ONLY);

		describe(st, &said[i]);
		state_close(st);
		assert_int_equal(said[i].failed, 0);
	}
	assert_string_equal(strbuf_text(&said[0]), strbuf_text(&said[1]));
	strbuf_fini(&said[0]);
	strbuf_fini(&said[1]);
}

/* ---- calls */

static struct ip4 some_address(struct two *t)
{
	return (struct ip4){ 0x0a000001 + below(t, PHONES) };
}

/* One that is there: the two copies, which are equal. */
static bool find(struct two *t, struct phone p[2])
{
	struct mac mac = mac_of((uint8_t)below(t, PHONES));
	struct ip4 address = some_address(t);
	int64_t id = 1 + below(t, PHONES);
	int rc;

	switch (below(t, 3)) {
	case 0:
		rc = BOTH(state_phone_find(st, &mac, &p[i], e));
		break;
	case 1:
		rc = BOTH(state_phone_find_address(st, address, &p[i], e));
		break;
	default:
		rc = BOTH(state_phone_find_id(st, id, &p[i], e));
		break;
	}
	if (rc == 0)
		same_phone(&p[0], &p[1]);
	return rc == 0;
}

static void put_new(struct two *t)
{
	struct mac mac = mac_of((uint8_t)below(t, PHONES));
	bool named = below(t, 2);
	struct ip4 address = some_address(t);
	struct phone p[2], there[2];

	/* an address has one nameless phone at most: whoever puts one has looked */
	if (!named && BOTH(state_phone_find_address(st, address, &there[i], e)) == 0)
		return;
	for (int i = 0; i < 2; i++) {
		phone_init(&p[i], named ? &mac : NULL);
		p[i].address = address;
	}
	BOTH(state_phone_put(st, &p[i], e));
	assert_int_equal(p[0].id, p[1].id);
}

static void change(struct two *t, struct phone p[2])
{
	unsigned what = below(t, 8);
	struct mac mac = mac_of((uint8_t)below(t, PHONES));
	struct phone other[2];
	int64_t at = T0 + below(t, 100000);

	/* its MAC shows: nobody else has it */
	if (what == 0 && !p[0].mac_known && BOTH(state_phone_find(st, &mac, &other[i], e)) == 1)
		for (int i = 0; i < 2; i++) {
			p[i].mac_known = true;
			p[i].mac = mac;
		}
	for (int i = 0; i < 2; i++) {
		p[i].boots++;
		p[i].last_event_ms = at;
		times_add(&p[i].evidence.boot, at);
	}
	BOTH(state_phone_put(st, &p[i], e));
	if (what < 5)
		BOTH(state_phone_due_set(st, p[i].id, what ? at : 0, e));
}

static int is_due(void *arg, const struct phone *p, struct err *e)
{
	(void)e;
	strbuf_addf(arg, "%lld ", (long long)p->id);
	return ((struct strbuf *)arg)->len > 100; /* ends early when there are many */
}

static void list_due(struct two *t)
{
	struct strbuf said[2] = { STRBUF_INIT(65536), STRBUF_INIT(65536) };
	int64_t now = T0 + below(t, 100000);

	BOTH(state_phone_list_due(st, now, is_due, &said[i], e));
	assert_string_equal(strbuf_text(&said[0]), strbuf_text(&said[1]));
	strbuf_fini(&said[0]);
	strbuf_fini(&said[1]);
}

static void note(struct two *t, const struct phone *p)
{
	struct history h = { .at_ms = T0 + below(t, 1000), .phone_id = p->id, .mac = p->mac, .mac_known = p->mac_known };
	char file[16];
	unsigned n = below(t, 5);
	int64_t bytes = below(t, 9), at = T0 + below(t, 1000);

	snprintf(file, sizeof(file), "file%u", n);
	text_copy(h.file, sizeof(h.file), file);
	BOTH(state_history_put(st, &h, e));
	BOTH(state_fetch_add(st, p->id, (int)n % 2, file, bytes, at, e));
}

static void addresses(struct two *t)
{
	struct ip4 a = some_address(t);
	struct mac mac = mac_of((uint8_t)below(t, PHONES)), got[2] = { { { 0 } }, { { 0 } } };
	int64_t since[2] = { 0, 0 }, at = below(t, 1000);

	switch (below(t, 8)) {
	case 0:
		BOTH(state_address_put(st, a, &mac, at, e));
		break;
	case 1:
		BOTH(state_address_delete(st, a, e));
		break;
	case 2:
		BOTH(state_address_delete_mac(st, &mac, a, e));
		break;
	default:
		BOTH(state_address_find(st, a, &got[i], &since[i], e));
		assert_true(mac_equal(&got[0], &got[1]));
		assert_int_equal(since[0], since[1]);
		break;
	}
}

/* Calls that look at more than one phone, or end one. */
static void rare(struct two *t, const struct phone p[2])
{
	struct strbuf said[2] = { STRBUF_INIT(1 << 20), STRBUF_INIT(1 << 20) };
	struct phone into[2];

	switch (below(t, 4)) {
	case 0:
		BOTH(state_phone_delete(st, p[i].id, e));
		break;
	case 1:
		if (!p[0].mac_known && find(t, into) && into[0].mac_known)
			BOTH(state_phone_merge(st, p[i].id, &into[i], e));
		break;
	default:
		BOTH(state_phone_list(st, add_phone, &said[i], e));
		assert_string_equal(strbuf_text(&said[0]), strbuf_text(&said[1]));
		break;
	}
	strbuf_fini(&said[0]);
	strbuf_fini(&said[1]);
}

static void some_call(struct two *t)
{
	struct phone p[2];

	if (below(t, 12) == 0)
		put_new(t);
	if (below(t, 3) == 0)
		addresses(t);
	if (below(t, 4) == 0)
		list_due(t);
	if (!find(t, p))
		return;
	if (below(t, 60) == 0) {
		rare(t, p);
		return;
	}
	change(t, p);
	if (below(t, 2))
		note(t, &p[0]);
}

static void test_any_calls(void **state)
{
	struct two *t = *state;

	for (int round = 0; round < 120; round++) {
		unsigned n = 1 + below(t, 60);

		BOTH(state_begin(st, e));
		for (unsigned i = 0; i < n; i++)
			some_call(t);
		if (below(t, 5) == 0) {
			state_rollback(t->st[0]);
			state_rollback(t->st[1]);
		} else {
			BOTH(state_commit(st, e));
		}
		if (below(t, 4) == 0)
			some_call(t); /* outside a transaction nothing is held */
		if (round % 10 == 9)
			same_stores(t);
	}
	same_stores(t);
}

/* Somebody else writes between two transactions: what was held is read anew. */
static void test_another_writer(void **state)
{
	struct two *t = *state;
	struct mac mac = mac_of(1), holder;
	struct ip4 a = { 0x0a000001 };
	int64_t since;
	struct phone p;
	struct err e;

	phone_init(&p, &mac);
	assert_int_equal(state_begin(t->st[0], &e), 0);
	assert_int_equal(state_phone_put(t->st[0], &p, &e), 0);
	assert_int_equal(state_phone_due_set(t->st[0], p.id, T0, &e), 0);
	assert_int_equal(state_address_find(t->st[0], a, &holder, &since, &e), 1);
	assert_int_equal(state_commit(t->st[0], &e), 0);

	struct state *other = must_open(t->url[0], 0);

	p.boots = 9;
	assert_int_equal(state_phone_put(other, &p, &e), 0);
	assert_int_equal(state_phone_due_set(other, p.id, 0, &e), 0);
	assert_int_equal(state_address_put(other, a, &mac, 5, &e), 0);

	assert_int_equal(state_begin(t->st[0], &e), 0);
	assert_int_equal(state_phone_find(t->st[0], &mac, &p, &e), 0);
	assert_int_equal(p.boots, 9);
	assert_int_equal(state_address_find(t->st[0], a, &holder, &since, &e), 0);
	assert_int_equal(since, 5);
	struct strbuf said = STRBUF_INIT(1000);
	assert_int_equal(state_phone_list_due(t->st[0], INT64_MAX, is_due, &said, &e), 0);
	assert_string_equal(strbuf_text(&said), "");
	strbuf_fini(&said);
	state_rollback(t->st[0]);
	state_close(other);
}

/* More phones than are held: those that make room are written. */
static void test_many_phones(void **state)
{
	struct two *t = *state;
	unsigned n = 0;
	struct phone p;
	struct err e;

	assert_int_equal(state_begin(t->st[0], &e), 0);
	for (unsigned i = 0; i < 5000; i++) {
		struct mac mac = { { 0, 0x1b, 0x0c, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		phone_init(&p, &mac);
		assert_int_equal(state_phone_put(t->st[0], &p, &e), 0);
		p.boots = i;
		assert_int_equal(state_phone_put(t->st[0], &p, &e), 0);
		assert_int_equal(state_phone_due_set(t->st[0], p.id, T0 + i, &e), 0);
	}
	for (unsigned i = 0; i < 5000; i += 7) {
		struct mac mac = { { 0, 0x1b, 0x0c, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		assert_int_equal(state_phone_find(t->st[0], &mac, &p, &e), 0);
		n += p.boots != i;
	}
	assert_int_equal(n, 0);
	assert_int_equal(state_commit(t->st[0], &e), 0);
	assert_int_equal(state_phone_find_id(t->st[0], 1, &p, &e), 0);
	assert_int_equal(p.boots, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, two_setup, two_teardown)
	const struct CMUnitTest tests[] = { TEST(test_any_calls), TEST(test_another_writer), TEST(test_many_phones) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
