/* SPDX-License-Identifier: MPL-2.0 */
/* How long a rollout takes, against the slow way to find out. */
#include "rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MOST 64

static int64_t slowly(const int64_t *each, size_t n, size_t at_once)
{
	int64_t slot[MOST] = { 0 }, end = 0;

	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		for (size_t s = 1; s < at_once; s++)
			first = slot[s] < slot[first] ? s : first;
		slot[first] += each[i];
		end = slot[first] > end ? slot[first] : end;
	}
	return end;
}

static void test_rollout(void **state)
{
	int64_t each[MOST], slots[MOST];
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)round % MOST;

		for (size_t i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			each[i] = x >> 24;
		}
		x = x * 1664525 + 1013904223;
		size_t at_once = 1 + (x >> 16) % MOST;

		assert_int_equal(rollout_time(each, n, (int)at_once, slots), slowly(each, n, at_once));
		assert_int_equal(rollout_time(each, n, 0, slots), slowly(each, n, MOST)); /* no limit */
	}
}

static void test_stages(void **state)
{
	const struct limits lim = { .proof_silence = 120000, .quiet = 30000 };
	struct plan pl = { .n_stages = 2 };
	struct span s;

	(void)state;
	pl.stages[0] = (struct loadset){ .kind = LOAD_SINGLE_UNSIGNED,
					 .generation = GEN_CLASSIC,
					 .proto = PROTO_SCCP };
	pl.stages[1] =
		(struct loadset){ .kind = LOAD_TWO_PART, .generation = GEN_CLASSIC, .proto = PROTO_SIP };
	s = stages_time(&pl, 0, &lim);
	assert_int_equal(s.low_ms, 30000 + 120000 + 30000 + 75000); /* the SIP application proves itself */
	assert_int_equal(s.high_ms, 60000 + 120000 + 64000 + 112000);
	s = stages_time(&pl, 1, &lim);
	assert_int_equal(s.high_ms, 112000);
	s = stages_time(&pl, 2, &lim);
	assert_int_equal(s.high_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rollout),
		cmocka_unit_test(test_stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
