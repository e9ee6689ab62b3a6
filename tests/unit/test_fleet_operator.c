/* SPDX-License-Identifier: MPL-2.0 */
/* A person's words over a real store and real links: retry, skip, forget, and what the phone sees then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet_fixture.h"

static int last_note(void *arg, const struct history *h, struct err *e)
{
	(void)e;
	snprintf(arg, sizeof(h->note), "%s", h->note);
	return 0;
}

static void expect_last_note(struct bench *b, int n, const char *what)
{
	struct phone p = get(b, n);
	struct history h = { .note = "" };

	assert_int_equal(state_history_list(fleet_state(b->f), p.id, 0, 1, last_note, h.note, &b->e), 0);
	if (!strstr(h.note, what))
		fail_msg("the last note is \"%s\", not like \"%s\"", h.note, what);
}

static void test_forgotten_is_not_started_by_itself(void **state)
{
	(void)state;
	struct bench b;
	char why[256] = "";
	struct mac m1 = mac_n(1), m9 = mac_n(9);

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	assert_int_equal(fleet_forget(b.f, &m9, false, T0 + SEC, why, sizeof(why), &b.e), 1);
	assert_int_equal(fleet_forget(b.f, &m1, false, T0 + SEC, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 1, PHASE_SEEN, "");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "..");
	expect_last_note(&b, 1, "forgotten by the operator's word");
	assert_int_equal(fleet_forget(b.f, &m1, false, T0 + SEC, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "forgotten already"));
	boot(&b, 1, 20, BARE, 60);
	expect_phone(&b, 1, PHASE_SEEN, "");
	/* by hand it is */
	assert_int_equal(fleet_start(b.f, &m1, NULL, T0 + 70 * SEC, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	/* half way through its flash only by force */
	fetch(&b, 20, "OS79XX.TXT", 14, 72, NULL);
	fetch(&b, 20, L1 ".bin", 300000, 80, NULL);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	assert_int_equal(fleet_forget(b.f, &m1, false, T0 + 81 * SEC, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "--force"));
	assert_int_equal(fleet_forget(b.f, &m1, true, T0 + 82 * SEC, why, sizeof(why), &b.e), 0);
	expect_last_note(&b, 1, "--force");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "..");
	bench_close(&b);
}

static void test_skip_swings_the_link(void **state)
{
	(void)state;
	struct bench b;
	char why[256] = "";
	struct mac m1 = mac_n(1);

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	assert_int_equal(fleet_skip(b.f, &m1, false, T0 + SEC, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "not proven (--force"));
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	/* it has just booted: asked for now, done when it is quiet */
	assert_int_equal(fleet_skip(b.f, &m1, true, T0 + SEC, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	expect_last_note(&b, 1, "against the path rules (--force)");
	for (int t = 10; t <= 40; t += 10)
		assert_int_equal(fleet_tick(b.f, T0 + t * SEC, NULL, &b.e), 0);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L2);
	expect_last_note(&b, 1, "skipped by the operator's word: stage 2");
	bench_close(&b);
}

static void test_retry_of_a_stuck_phone(void **state)
{
	(void)state;
	struct bench b;
	char why[256] = "";
	struct mac m1 = mac_n(1);

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	fetch(&b, 20, "OS79XX.TXT", 14, 2, NULL);
	fetch(&b, 20, L1 ".bin", 300000, 6, NULL);
	assert_int_equal(fleet_retry(b.f, &m1, T0 + 7 * SEC, why, sizeof(why), &b.e), 1);
	assert_string_equal(why, "is not stuck");
	for (int t = 20; t <= 200; t += 20)
		assert_int_equal(fleet_tick(b.f, T0 + t * SEC, NULL, &b.e), 0);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	assert_int_equal(fleet_retry(b.f, &m1, T0 + 210 * SEC, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	expect_last_note(&b, 1, "tried anew");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgotten_is_not_started_by_itself),
		cmocka_unit_test(test_skip_swings_the_link),
		cmocka_unit_test(test_retry_of_a_stuck_phone),
	};

	return cmocka_run_group_tests_name("fleet operator", tests, NULL, NULL);
}
