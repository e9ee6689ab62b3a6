/* SPDX-License-Identifier: MPL-2.0 */
/* History, fetches, addresses, plan revisions, cohorts and the observed clock. */
#include "state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#include "state_fixture.h"

struct entries {
	unsigned n;
	struct history h[8];
};

static int on_history(void *arg, const struct history *h, struct err *e)
{
	struct entries *en = arg;

	(void)e;
	assert_true(en->n < 8);
	en->h[en->n++] = *h;
	return 0;
}

static void put_history(struct place *p, int64_t phone_id, int64_t at_ms, const char *file)
{
	struct err e = { 0 };
	struct history h = { .at_ms = at_ms,
			     .phone_id = phone_id,
			     .mac = mac_of(1),
			     .mac_known = phone_id != 0,
			     .address = { 0x0a000001 },
			     .kind = EVENT_SENT,
			     .bytes = 130956,
			     .from = PHASE_OFFERED,
			     .to = PHASE_DOWNLOADING,
			     .stage_no = 2 };

	snprintf(h.file, sizeof(h.file), "%s", file);
	snprintf(h.note, sizeof(h.note), "note of %s", file);
	if (state_history_put(p->st, &h, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_history(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct entries all = { 0 }, one = { 0 }, newest = { 0 }, after = { 0 };
	int64_t from, to;

	assert_int_equal(state_history_span(p->st, &from, &to, &e), 1);
	put_history(p, 1, 1000, "a");
	put_history(p, 0, 2000, "b");
	put_history(p, 1, 1500, "c"); /* late */
	assert_int_equal(state_history_span(p->st, &from, &to, &e), 0);
	assert_int_equal(from, 1000);
	assert_int_equal(to, 2000);
	assert_int_equal(state_history_list(p->st, 0, 0, 0, on_history, &all, &e), 0);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.h[0].file, "a");
	assert_string_equal(all.h[0].note, "note of a");
	assert_int_equal(all.h[0].at_ms, 1000);
	assert_int_equal(all.h[0].phone_id, 1);
	assert_true(all.h[0].mac_known);
	assert_int_equal(all.h[0].mac.b[5], 1);
	assert_int_equal(all.h[0].address.host, 0x0a000001);
	assert_int_equal(all.h[0].kind, EVENT_SENT);
	assert_int_equal(all.h[0].bytes, 130956);
	assert_int_equal(all.h[0].from, PHASE_OFFERED);
	assert_int_equal(all.h[0].to, PHASE_DOWNLOADING);
	assert_int_equal(all.h[0].stage_no, 2);
	assert_false(all.h[1].mac_known);
	assert_int_equal(state_history_list(p->st, 1, 0, 0, on_history, &one, &e), 0);
	assert_int_equal(one.n, 2);
	assert_string_equal(one.h[1].file, "c");
	assert_int_equal(state_history_list(p->st, 0, 0, 2, on_history, &newest, &e), 0);
	assert_int_equal(newest.n, 2);
	assert_string_equal(newest.h[0].file, "b");
	assert_int_equal(state_history_list(p->st, 0, newest.h[0].id, 0, on_history, &after, &e), 0);
	assert_int_equal(after.n, 1);
	assert_int_equal(state_history_find(p->st, newest.h[0].id, &one.h[0], &e), 0);
	assert_string_equal(one.h[0].file, "b");
	assert_int_equal(state_history_find(p->st, 4711, &one.h[0], &e), 1);
}

static void walk(struct place *p, const struct history_range *r, const char *want)
{
	struct entries got = { 0 };
	struct err e = { 0 };
	char files[16] = "";

	assert_int_equal(state_history_walk(p->st, r, on_history, &got, &e), 0);
	for (unsigned i = 0; i < (unsigned)got.n && i + 1 < sizeof(files); i++)
		files[i] = got.h[i].file[0];
	assert_string_equal(files, want);
}

static void test_walk(void **state)
{
	static const int64_t one[] = { 1 }, both[] = { 2, 1, 7 };
	struct place *p = *state;
	struct err e = { 0 };
	int64_t newest = -1;

	assert_int_equal(state_history_newest(p->st, &newest, &e), 0);
	assert_int_equal(newest, 0);
	walk(p, &(struct history_range){ .newest_first = true }, "");
	put_history(p, 1, 1000, "a");
	put_history(p, 0, 2000, "b");
	put_history(p, 2, 1500, "c"); /* late */
	put_history(p, 1, 3000, "d");
	assert_int_equal(state_history_newest(p->st, &newest, &e), 0);
	walk(p, &(struct history_range){ .after_id = 0 }, "abcd");
	walk(p, &(struct history_range){ .newest_first = true }, "dcba");
	walk(p, &(struct history_range){ .from_ms = 1500, .before_ms = 3000 }, "bc");
	walk(p, &(struct history_range){ .from_ms = 1501 }, "bd");
	walk(p, &(struct history_range){ .after_id = newest - 1 }, "d");
	walk(p, &(struct history_range){ .phones = one, .n_phones = 1 }, "ad");
	walk(p, &(struct history_range){ .phones = both, .n_phones = 3 }, "acd");
	walk(p, &(struct history_range){ .phones = both, .n_phones = 3, .newest_first = true, .from_ms = 1500 }, "dc");
	walk(p, &(struct history_range){ .phones = both, .n_phones = 0 }, "");
}

/* Script's entries tell bytes, the log's do not. */
static void put_awaiting(struct place *p, enum event_kind kind, int64_t at_ms, const char *file, int64_t bytes)
{
	struct err e = { 0 };
	struct history h = { .at_ms = at_ms, .address = { 0x0a000001 }, .kind = kind, .bytes = bytes };

	h.twin_ms = TWIN_AWAITED;
	snprintf(h.file, sizeof(h.file), "%s", file);
	if (state_history_put(p->st, &h, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_history_twin_find(void **state)
{
	struct place *p = *state;
	const struct {
		const char *name;
		uint32_t addr;
		const char *file;
		bool from_log;
		int64_t from_ms, to_ms;
		int64_t expected; /* at_ms of what is found, 0 = nothing */
	} cases[] = {
		{ "the script's, the oldest", 0x0a000001, "a", false, 0, 99999, 10000 },
		{ "at both ends of the window", 0x0a000001, "a", false, 10000, 10000, 10000 },
		{ "the next one", 0x0a000001, "a", false, 10001, 99999, 30000 },
		{ "before the window", 0x0a000001, "a", false, 0, 9999, 0 },
		{ "beyond it", 0x0a000001, "a", false, 30001, 99999, 0 },
		{ "the log's", 0x0a000001, "a", true, 0, 99999, 20000 },
		{ "the log's that failed", 0x0a000001, "b", true, 0, 99999, 50000 },
		{ "another address", 0x0a000002, "a", false, 0, 99999, 0 },
		{ "another file", 0x0a000001, "c", false, 0, 99999, 0 },
	};

	put_history(p, 1, 5000, "a"); /* awaits none */
	put_awaiting(p, EVENT_SENT, 30000, "a", 7);
	put_awaiting(p, EVENT_SENT, 10000, "a", 0);
	put_awaiting(p, EVENT_SENT, 20000, "a", -1);
	put_awaiting(p, EVENT_FAILED, 50000, "b", -1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct history h = { 0 };
		int r = state_history_twin_find(p->st, (struct ip4){ cases[i].addr }, cases[i].file,
						cases[i].from_log, cases[i].from_ms, cases[i].to_ms, &h, &e);

		if (r != (cases[i].expected ? 0 : 1) || h.at_ms != cases[i].expected)
			fail_msg("%s: %d at %lld %s", cases[i].name, r, (long long)h.at_ms, e.text);
	}
}

static void test_history_twin_put(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct history h, again;

	put_awaiting(p, EVENT_SENT, 10000, "a", -1);
	assert_int_equal(state_history_twin_find(p->st, (struct ip4){ 0x0a000001 }, "a", true, 0, 99999, &h, &e), 0);
	h.at_ms = 9000;
	h.twin_ms = 12000;
	h.bytes = 14;
	assert_int_equal(state_history_twin_put(p->st, &h, &e), 0);
	assert_int_equal(
		state_history_twin_find(p->st, (struct ip4){ 0x0a000001 }, "a", true, 0, 99999, &again, &e), 1);
	assert_int_equal(
		state_history_twin_find(p->st, (struct ip4){ 0x0a000001 }, "a", false, 0, 99999, &again, &e), 1);
	struct entries all = { 0 };

	assert_int_equal(state_history_list(p->st, 0, 0, 0, on_history, &all, &e), 0);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.h[0].at_ms, 9000);
	assert_int_equal(all.h[0].twin_ms, 12000);
	assert_int_equal(all.h[0].bytes, 14);
}

static void test_history_stamped(void **state)
{
	struct place *p = *state;
	const struct {
		const char *name;
		enum event_kind kind;
		uint32_t addr;
		const char *file;
		int64_t at_ms;
		int expected;
	} cases[] = {
		{ "the same", EVENT_SENT, 0x0a000001, "a", 10000, 0 },
		{ "a moment later", EVENT_SENT, 0x0a000001, "a", 10001, 1 },
		{ "a moment before", EVENT_SENT, 0x0a000001, "a", 9999, 1 },
		{ "another kind", EVENT_MISSING, 0x0a000001, "a", 10000, 1 },
		{ "a missing one, near enough", EVENT_MISSING, 0x0a000001, "m", 50500, 0 },
		{ "a missing one, later", EVENT_MISSING, 0x0a000001, "m", 50501, 1 },
		{ "another address", EVENT_SENT, 0x0a000002, "a", 10000, 1 },
		{ "another file", EVENT_SENT, 0x0a000001, "c", 10000, 1 },
		{ "the twin's stamp", EVENT_SENT, 0x0a000001, "b", 22000, 0 },
		{ "sent, of one that had failed", EVENT_SENT, 0x0a000001, "d", 30000, 0 },
		{ "sent, of one that failed and nobody said sent", EVENT_SENT, 0x0a000001, "f", 40000, 1 },
	};
	struct history twin = { .at_ms = 20000, .twin_ms = 22000, .address = { 0x0a000001 }, .kind = EVENT_SENT };
	struct history failed = { .at_ms = 40000, .address = { 0x0a000001 }, .kind = EVENT_FAILED, .bytes = -1 };
	struct err e = { 0 };

	put_history(p, 1, 10000, "a");
	twin.file[0] = 'b';
	failed.file[0] = 'f';
	assert_int_equal(state_history_put(p->st, &twin, &e), 0);
	assert_int_equal(state_history_put(p->st, &failed, &e), 0);
	failed = (struct history){ .at_ms = 50000, .address = { 0x0a000001 }, .kind = EVENT_MISSING, .bytes = -1 };
	failed.file[0] = 'm';
	assert_int_equal(state_history_put(p->st, &failed, &e), 0);
	put_awaiting(p, EVENT_FAILED, 30000, "d", -1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip4 addr = { cases[i].addr };
		int r = state_history_stamped(p->st, cases[i].kind, addr, cases[i].file, cases[i].at_ms,
					      cases[i].kind == EVENT_MISSING ? 500 : 0, 600000, &e);

		if (r != cases[i].expected)
			fail_msg("%s: %d %s", cases[i].name, r, e.text);
	}
}

struct fetched {
	unsigned n;
	struct fetch f[4];
};

static int on_fetch(void *arg, const struct fetch *f, struct err *e)
{
	struct fetched *fe = arg;

	(void)e;
	assert_true(fe->n < 4);
	fe->f[fe->n++] = *f;
	return 0;
}

static void test_fetches(void **state)
{
	struct place *p = *state;
	struct phone ph;
	struct err e = { 0 };
	struct fetched got = { 0 }, gone = { 0 };

	fill_phone(&ph);
	put(p, &ph);
	assert_int_equal(state_fetch_add(p->st, ph.id, 1, "P00308000900.sbn", 130956, 5000, &e), 0);
	assert_int_equal(state_fetch_add(p->st, ph.id, 1, "P00308000900.sbn", 7, 4000, &e), 0); /* late */
	assert_int_equal(state_fetch_add(p->st, ph.id, 1, "P00308000900.sb2", 705536, 6000, &e), 0);
	assert_int_equal(state_fetch_list(p->st, ph.id, on_fetch, &got, &e), 0);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.f[0].file, "P00308000900.sbn");
	assert_int_equal(got.f[0].bytes, 130956);
	assert_int_equal(got.f[0].last_ms, 5000);
	assert_int_equal(got.f[0].count, 2);
	assert_int_equal(got.f[1].count, 1);
	assert_int_equal(state_fetch_add(p->st, ph.id + 5, 1, "x", 1, 1, &e), -1); /* of no phone */
	assert_int_equal(state_phone_delete(p->st, ph.id, &e), 0);
	assert_int_equal(state_fetch_list(p->st, ph.id, on_fetch, &gone, &e), 0);
	assert_int_equal(gone.n, 0);
}

static int count_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms, struct err *e)
{
	(void)addr, (void)mac, (void)since_ms, (void)e;
	++*(unsigned *)arg;
	return 0;
}

static void test_addresses(void **state)
{
	struct place *p = *state;
	struct mac a = mac_of(1), b = mac_of(2), got;
	struct ip4 one = { 0x0a000001 }, two = { 0x0a000002 }, three = { 0x0a000003 };
	struct err e = { 0 };
	int64_t since;
	unsigned n = 0;

	assert_int_equal(state_address_find(p->st, one, &got, &since, &e), 1);
	assert_int_equal(state_address_put(p->st, one, &a, 100, &e), 0);
	assert_int_equal(state_address_put(p->st, one, &a, 200, &e), 0); /* the same holder: since stays */
	assert_int_equal(state_address_find(p->st, one, &got, &since, &e), 0);
	assert_true(mac_equal(&got, &a));
	assert_int_equal(since, 100);
	assert_int_equal(state_address_put(p->st, one, &b, 300, &e), 0);
	assert_int_equal(state_address_find(p->st, one, &got, &since, &e), 0);
	assert_true(mac_equal(&got, &b));
	assert_int_equal(since, 300);

	assert_int_equal(state_address_put(p->st, two, &b, 400, &e), 0);
	assert_int_equal(state_address_put(p->st, three, &a, 400, &e), 0);
	assert_int_equal(state_address_delete_mac(p->st, &b, two, &e), 0);
	assert_int_equal(state_address_find(p->st, one, &got, &since, &e), 1);
	assert_int_equal(state_address_list(p->st, count_address, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(state_address_delete_mac(p->st, &b, (struct ip4){ 0 }, &e), 0);
	assert_int_equal(state_address_find(p->st, two, &got, &since, &e), 1);
	assert_int_equal(state_address_delete(p->st, three, &e), 0);
	assert_int_equal(state_address_find(p->st, three, &got, &since, &e), 1);
}

static void test_plans(void **state)
{
	struct place *p = *state;
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(100);
	struct err e = { 0 };
	int64_t rev = 0;

	assert_int_equal(state_plan_get(p->st, &rev, &text, &e), 1);
	assert_int_equal(state_plan_revision(p->st, &rev, &e), 1);
	assert_int_equal(state_plan_put(p->st, "[plan a]\n", 1, &rev, &e), 0);
	assert_int_equal(rev, 1);
	assert_int_equal(state_plan_put(p->st, "[plan b]\n", 2, &rev, &e), 0);
	assert_int_equal(rev, 2);
	assert_int_equal(state_plan_get(p->st, &rev, &text, &e), 0);
	assert_string_equal(strbuf_text(&text), "[plan b]\n");
	rev = 0;
	assert_int_equal(state_plan_revision(p->st, &rev, &e), 0);
	assert_int_equal(rev, 2);
}

static void test_clock_of_a_reader(void **state)
{
	struct observed_clock never = { 0 }, c = { .last_tick_wall_ms = 1000000, .skew_ms = 400000 };

	(void)state;
	assert_int_equal(observed_clock_now(&never, 5000, 30000), 5000);
	assert_int_equal(observed_clock_now(&c, 1000000, 30000), 600000);
	assert_int_equal(observed_clock_now(&c, 1000700, 30000), 600700);
	/* nobody watched for an hour: as much as the next tick will count */
	assert_int_equal(observed_clock_now(&c, 4600000, 30000), 630000);
	/* a clock that was set back */
	assert_int_equal(observed_clock_now(&c, 900000, 30000), 600000);
}

static void test_cohort_and_clock(void **state)
{
	struct place *p = *state;
	struct cohort in = { .stage_no = 2, .shut = true, .since_ms = 77 }, out = { .stage_no = 9 };
	struct observed_clock c = { .last_tick_wall_ms = 9 };
	struct err e = { 0 };

	assert_int_equal(state_cohort_get(p->st, "x", &out, &e), 1);
	assert_int_equal(out.stage_no, 0);
	assert_int_equal(state_cohort_put(p->st, "x", &in, &e), 0);
	in.stage_no = 3;
	assert_int_equal(state_cohort_put(p->st, "x", &in, &e), 0);
	assert_int_equal(state_cohort_get(p->st, "x", &out, &e), 0);
	assert_int_equal(out.stage_no, 3);
	assert_true(out.shut);
	assert_int_equal(out.since_ms, 77);

	assert_int_equal(state_clock_get(p->st, &c, &e), 0);
	assert_int_equal(c.last_tick_wall_ms, 0);
	c = (struct observed_clock){ 1700000000000, -5, 10, 20, -7, 1, 2 };
	assert_int_equal(state_clock_put(p->st, &c, &e), 0);
	assert_int_equal(state_heard_put(p->st, 30, 40, &e), 0);
	assert_int_equal(state_clock_put(p->st, &c, &e), 0); /* leaves what another put there */
	c = (struct observed_clock){ 0 };
	assert_int_equal(state_clock_get(p->st, &c, &e), 0);
	assert_int_equal(c.last_tick_wall_ms, 1700000000000);
	assert_int_equal(c.skew_ms, -5);
	assert_int_equal(c.heard_from_ms, 30);
	assert_int_equal(c.heard_to_ms, 40);
}

struct heard {
	unsigned n;
	char notes[4][256];
};

static int hear(void *arg, const struct history *h, struct err *e)
{
	struct heard *a = arg;

	(void)e;
	assert_int_equal(h->kind, EVENT_ALARM);
	assert_true(a->n < 4);
	snprintf(a->notes[a->n++], sizeof(a->notes[0]), "%s", h->note);
	return 0;
}

static void test_alarms_of_one_phone(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct heard heard = { 0 };

	for (int i = 0; i < 9; i++) {
		struct history h = { .at_ms = 1000 + i, .phone_id = 1 + i % 2, .bytes = -1 };
		h.kind = i % 3 == 2 ? EVENT_REGISTERED : EVENT_ALARM;
		snprintf(h.note, sizeof(h.note), "entry %d", i);
		assert_int_equal(state_history_put(p->st, &h, &e), 0);
	}
	assert_int_equal(state_alarm_list(p->st, 1, 2, hear, &heard, &e), 0); /* of 0, 4, 6 */
	assert_int_equal(heard.n, 2);
	assert_string_equal(heard.notes[0], "entry 4");
	assert_string_equal(heard.notes[1], "entry 6");
	heard.n = 0;
	assert_int_equal(state_alarm_list(p->st, 3, 2, hear, &heard, &e), 0);
	assert_int_equal(heard.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_history),	    WITH_PLACE(test_walk),
		WITH_PLACE(test_history_twin_find),
		WITH_PLACE(test_history_twin_put),  WITH_PLACE(test_history_stamped),
		WITH_PLACE(test_fetches),	    WITH_PLACE(test_addresses),
		WITH_PLACE(test_plans),		    WITH_PLACE(test_cohort_and_clock),
		cmocka_unit_test(test_clock_of_a_reader),
		WITH_PLACE(test_alarms_of_one_phone),
	};

	return cmocka_run_group_tests_name("state_history", tests, NULL, NULL);
}
