/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What is told of a phone's future comes true in the store: at the wall's time, also behind a stretch nobody watched,
 * and not where nothing is published or nobody is let in.
 */
#include "fleet_fixture.h"

static struct fleet_prospect ahead(struct bench *b, int n, int64_t at_s)
{
	struct phone p = get(b, n);
	struct fleet_prospect f;

	if (fleet_prospect(b->f, &p, T0 + at_s * SEC, &f, &b->e) < 0)
		fail_msg("%s", b->e.text);
	return f;
}

static int64_t wall_s(const struct fleet_prospect *f, unsigned i)
{
	return (f->a[i].at_ms + f->skew_ms - T0) / SEC;
}

static void test_comes_true(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 10);
	struct fleet_prospect f = ahead(&b, 1, 10);

	assert_int_equal(f.n, 1);
	assert_int_equal(f.a[0].cause, CAUSE_SILENT_AFTER_FLASH);
	assert_int_equal(wall_s(&f, 0), 185);
	assert_int_equal(f.watched_ms, T0 + 10 * SEC);
	assert_int_equal(f.published & 0xf, 0xf);
	assert_true(f.waiting_room);
	wait_until(&b, 11, 184);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	wait_until(&b, 185, 185);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	bench_close(&b);
}

static void test_proof_and_swing(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 39);
	boot(&b, 1, 20, BARE, 40);
	fetch(&b, 20, "OS79XX.TXT", 14, 41, NULL);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 42, NULL);
	wait_until(&b, 43, 50);
	struct fleet_prospect f = ahead(&b, 1, 50);

	assert_true(f.n > 0 && f.a[f.n - 1].proven && f.a[f.n - 1].moved);
	int64_t at = wall_s(&f, f.n - 1);

	wait_until(&b, 51, at - 1);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	wait_until(&b, at, at);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	bench_close(&b);
}

/* What nobody watched does not count: the promise moves by as much. */
static void test_behind_a_gap(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 10);
	struct fleet_prospect f = ahead(&b, 1, 1010);

	assert_int_equal(f.watched_ms, T0 + 10 * SEC);
	assert_int_equal(wall_s(&f, 0), 185 + 970); /* 1000 s nobody watched, of which 30 count */
	wait_until(&b, 1010, 185 + 969);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	wait_until(&b, 185 + 970, 185 + 970);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	bench_close(&b);
}

static void test_nothing_published(void **state)
{
	struct bench b;
	char path[256];

	(void)state;
	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 39);
	boot(&b, 1, 20, BARE, 40);
	fetch(&b, 20, "OS79XX.TXT", 14, 41, NULL);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 42, NULL);
	snprintf(path, sizeof(path), "%s/tftp/stages/up/" L2, b.dir);
	assert_int_equal(file_remove_tree(path, &b.e), 0);
	struct fleet_prospect f = ahead(&b, 1, 50);

	assert_int_equal(f.published & 0xf, 0xd);
	for (unsigned i = 0; i < f.n; i++)
		assert_false(f.a[i].moved);
	bench_close(&b);
}

static void test_no_room(void **state)
{
	static const char crowded[] = "[rollout]\nmax-at-once = 1\n";
	struct bench b;
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", auto_plan, crowded);
	bench_open(&b, text);
	boot(&b, 1, 20, BARE, 0);
	boot(&b, 2, 21, BARE, 1);
	struct fleet_prospect f = ahead(&b, 2, 5);

	assert_int_equal(get(&b, 2).phase, PHASE_WAITING);
	assert_int_equal(f.n, 0);
	assert_false(f.room);
	assert_int_equal(f.on_way, 1);
	assert_int_equal(f.started, 1);
	bench_close(&b);
}

static void test_shared(void **state)
{
	struct bench b;
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "layout = shared\n%s", strchr(auto_plan, '\n') + 1);
	bench_open(&b, text);
	boot(&b, 1, 20, BARE, 0);
	boot(&b, 2, 21, BARE, 1);
	struct fleet_prospect f = ahead(&b, 2, 5);

	assert_int_equal(f.cohort.stage_no, 1);
	assert_int_equal(f.members, 2);
	assert_int_equal(f.settled, 0);
	assert_int_equal(f.published & 0xf, 0xf);
	bench_close(&b);
}

/* A reader changes nothing: neither the store nor the tree, and a root that is not there stays so. */
static void test_reads_only(void **state)
{
	struct bench b;
	struct fleet_prospect f;
	struct fleet *reader = NULL;

	(void)state;
	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	struct phone p = get(&b, 1);
	int64_t before = p.change, after;

	assert_int_equal(fleet_open(&reader, b.cfg, FLEET_READ_ONLY, 1000, &b.e), 0);
	assert_int_equal(fleet_prospect(reader, &p, T0 + 100 * SEC, &f, &b.e), 0);
	assert_int_equal(f.n, 1);
	fleet_close(reader);
	assert_int_equal(state_change_get(fleet_state(b.f), &after, &b.e), 0);
	assert_int_equal(after, before);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_true),   cmocka_unit_test(test_proof_and_swing),
		cmocka_unit_test(test_behind_a_gap), cmocka_unit_test(test_nothing_published),
		cmocka_unit_test(test_no_room),	     cmocka_unit_test(test_shared),
		cmocka_unit_test(test_reads_only),
	};

	return cmocka_run_group_tests_name("what is to come of a phone", tests, NULL, NULL);
}
