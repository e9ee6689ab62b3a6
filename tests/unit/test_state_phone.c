/* SPDX-License-Identifier: MPL-2.0 */
/* Phones in the store: what is put comes back, change numbers, walks whose callback writes. */
#include "state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "state_fixture.h"

static void test_phone_comes_back(void **state)
{
	struct place *p = *state;
	struct phone in, out;
	struct err e = { 0 };

	fill_phone(&in);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 1);
	put(p, &in);
	assert_true(in.id > 0);
	assert_int_equal(in.change, 1);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 0);
	assert_phone_equal(&in, &out);

	int64_t id = in.id;
	in.phase = PHASE_DONE;
	in.cause = CAUSE_NONE;
	put(p, &in);
	assert_int_equal(in.id, id);
	assert_int_equal(in.change, 2);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 0);
	assert_phone_equal(&in, &out);

	struct phone again; /* anew under the same MAC: the same row */
	fill_phone(&again);
	put(p, &again);
	assert_int_equal(again.id, id);

	assert_int_equal(state_phone_delete(p->st, id, &e), 0);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 1);
	assert_int_equal(state_phone_put(p->st, &in, &e), -1); /* its row is gone */
	assert_non_null(strstr(e.text, "not there any more"));
}

static void test_phone_fullest_evidence(void **state)
{
	struct place *p = *state;
	struct phone in, out;
	struct err e = { 0 };

	fill_phone(&in);
	for (int t = 0; t < EVIDENCE_TIMES + 1; t++) {
		times_add(&in.evidence.boot, 1799999999000 + t);
		times_add(&in.evidence.bare, 1799999999000 + t);
		times_add(&in.evidence.named, 1799999999000 + t);
		for (int c = 0; c < FILE_CLASS_COUNT; c++)
			for (int o = 0; o < OUTCOME_COUNT; o++)
				times_add(&in.evidence.file[c][o], 1799999999000 + t);
	}
	put(p, &in);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 0);
	assert_phone_equal(&in, &out);
}

static void test_phone_by_address_only(void **state)
{
	struct place *p = *state;
	struct phone in, out;
	struct err e = { 0 };

	phone_init(&in, NULL);
	in.address = (struct ip4){ 0xc0a80117 };
	put(p, &in);
	assert_int_equal(state_phone_find_address(p->st, in.address, &out, &e), 0);
	assert_int_equal(out.mac_known, false);
	assert_phone_equal(&in, &out);

	in.mac = mac_of(0x17); /* its MAC shows: no longer the row without one */
	in.mac_known = true;
	put(p, &in);
	assert_int_equal(state_phone_find_address(p->st, in.address, &out, &e), 1);
	assert_int_equal(state_phone_find(p->st, &in.mac, &out, &e), 0);
	assert_int_equal(out.id, in.id);
}

static void test_phone_tail(void **state)
{
	struct place *p = *state;
	struct phone ph, out;
	struct err e = { 0 };
	const struct {
		const char *tail;
		int returns;
		unsigned matches;
	} cases[] = {
		{ "bdc1", 0, 1 },
		{ "BDC1", 0, 1 },
		{ "001b0c18bdc1", 0, 1 },
		{ "1", 1, 2 },
		{ "bdc9", 1, 0 },
		{ "%", 1, 0 },
		{ "", 1, 0 },
		{ "b_c1", 1, 0 },
		{ "c2d1", 0, 1 },
		{ "00001b0c18bdc1", 1, 0 },
	};

	fill_phone(&ph);
	put(p, &ph);
	fill_phone(&ph);
	ph.mac = (struct mac){ { 0, 0x1b, 0x0c, 0x18, 0xc2, 0xd1 } };
	put(p, &ph);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned matches = 99;
		int r = state_phone_find_tail(p->st, cases[i].tail, &out, &matches, &e);
		if (r != cases[i].returns || matches != cases[i].matches)
			fail_msg("\"%s\": %d, %u matches", cases[i].tail, r, matches);
	}
}

struct seen {
	struct state *st;
	unsigned n;
	uint8_t last[8];
	int stop_at; /* 0 = never */
	bool write;
};

static int on_phone(void *arg, const struct phone *p, struct err *e)
{
	struct seen *s = arg;

	assert_true(s->n < sizeof(s->last));
	s->last[s->n++] = p->mac.b[5];
	if (s->write) { /* a walk's callback may write, in a transaction of its own */
		struct phone copy = *p;
		copy.boots++;
		if (state_begin(s->st, e) < 0 || state_phone_put(s->st, &copy, e) < 0 ||
		    state_phone_due_set(s->st, copy.id, 0, e) < 0 || state_commit(s->st, e) < 0)
			return -1;
	}
	return s->stop_at && (int)s->n == s->stop_at ? 7 : 0;
}

static void test_walks(void **state)
{
	struct place *p = *state;
	struct phone ph[3];
	struct err e = { 0 };
	int64_t change;

	for (uint8_t i = 0; i < 3; i++) {
		struct mac mac = mac_of((uint8_t)(i + 1));
		phone_init(&ph[i], &mac);
		put(p, &ph[i]);
	}
	struct seen all = { .n = 0 };
	assert_int_equal(state_phone_list(p->st, on_phone, &all, &e), 0);
	assert_int_equal(all.n, 3);
	assert_memory_equal(all.last, "\1\2\3", 3);

	struct seen two = { .stop_at = 2 };
	assert_int_equal(state_phone_list(p->st, on_phone, &two, &e), 7);
	assert_int_equal(two.n, 2);

	put(p, &ph[0]); /* change 4 */
	struct seen since = { .n = 0 };
	assert_int_equal(state_phone_list_since(p->st, 2, on_phone, &since, &e), 0);
	assert_int_equal(since.n, 2);
	assert_memory_equal(since.last, "\1\3", 2);
	assert_int_equal(state_change_get(p->st, &change, &e), 0);
	assert_int_equal(change, 4);
	struct seen none = { .n = 0 };
	assert_int_equal(state_phone_list_since(p->st, change, on_phone, &none, &e), 0);
	assert_int_equal(none.n, 0);
}

struct ids {
	unsigned n;
	int64_t a[4];
};

static int on_id(void *arg, int64_t id, struct err *e)
{
	struct ids *s = arg;

	(void)e;
	assert_true(s->n < 4);
	s->a[s->n++] = id;
	return s->n == 2 ? 7 : 0;
}

/* Who is gone is found out by the ids that are left. */
static void test_ids(void **state)
{
	struct place *p = *state;
	struct ids none = { 0 }, one = { 0 }, two = { 0 };
	struct phone ph[3];
	struct err e = { 0 };

	assert_int_equal(state_phone_id_list(p->st, on_id, &none, &e), 0);
	assert_int_equal(none.n, 0);
	for (uint8_t i = 0; i < 3; i++) {
		struct mac mac = mac_of((uint8_t)(i + 1));
		phone_init(&ph[i], &mac);
		put(p, &ph[i]);
	}
	assert_int_equal(state_phone_delete(p->st, ph[0].id, &e), 0);
	assert_int_equal(state_phone_id_list(p->st, on_id, &two, &e), 7);
	assert_int_equal(two.a[0], ph[1].id);
	assert_int_equal(two.a[1], ph[2].id);
	assert_int_equal(state_phone_delete(p->st, ph[2].id, &e), 0);
	assert_int_equal(state_phone_id_list(p->st, on_id, &one, &e), 0);
	assert_int_equal(one.n, 1);
}

static void test_due(void **state)
{
	struct place *p = *state;
	struct phone ph[3];
	struct err e = { 0 };

	for (uint8_t i = 0; i < 3; i++) {
		struct mac mac = mac_of((uint8_t)(i + 1));
		phone_init(&ph[i], &mac);
		put(p, &ph[i]);
		assert_int_equal(state_phone_due_set(p->st, ph[i].id, i == 2 ? 0 : 1000 * (i + 1), &e), 0);
	}
	put(p, &ph[1]); /* a put leaves the due time */
	struct seen s = { .n = 0 };
	assert_int_equal(state_phone_list_due(p->st, 999, on_phone, &s, &e), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(state_phone_list_due(p->st, 2000, on_phone, &s, &e), 0);
	assert_int_equal(s.n, 2);

	struct seen w = { .st = p->st, .write = true };
	assert_int_equal(state_phone_list_due(p->st, 2000, on_phone, &w, &e), 0);
	assert_int_equal(w.n, 2);
	struct seen after = { .n = 0 };
	assert_int_equal(state_phone_list_due(p->st, 2000, on_phone, &after, &e), 0);
	assert_int_equal(after.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_phone_comes_back),
		WITH_PLACE(test_phone_fullest_evidence),
		WITH_PLACE(test_phone_by_address_only),
		WITH_PLACE(test_phone_tail),
		WITH_PLACE(test_walks),
		WITH_PLACE(test_ids),
		WITH_PLACE(test_due),
	};

	return cmocka_run_group_tests_name("state_phone", tests, NULL, NULL);
}
