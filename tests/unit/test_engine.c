/* SPDX-License-Identifier: MPL-2.0 */
/* The stage machine's single rules, the walk over all pairs of phase and event, and the golden matrix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "engine_play.h"
#include "file.h"

/* ---- single rules */

static void test_waits_for_room_and_for_its_stage(void **state)
{
	(void)state;
	struct play y;
	struct step start = { 0, START, NULL, 0, 0 };

	play_init(&y);
	y.may_enter = false;
	play_step(&y, &start);
	assert_int_equal(y.p.phase, PHASE_WAITING);
	play_init(&y);
	y.ready = 0xe; /* the first stage is not published */
	play_step(&y, &start);
	assert_int_equal(y.p.phase, PHASE_WAITING);
	y.ready = 0xf;
	struct event let_in = { .kind = EVENT_OPERATOR, .op = OP_LET_IN, .at_ms = T0 + SEC };

	play_event(&y, &let_in);
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_string_equal(y.p.load.s, L1);
}

static void test_missing_next_stage_holds(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	y.ready = 0x1;
	for (size_t k = 0; k < sizeof(ladder) / sizeof(ladder[0]) && ladder[k].at_s <= 177; k++)
		if (ladder[k].what != EXPECT)
			play_step(&y, &ladder[k]);
	assert_int_equal(y.p.phase, PHASE_CHECKING);
	assert_true(phone_is(&y.p, PHONE_PROVEN));
	assert_string_equal(y.p.running, L1);
	assert_true(y.r.due_ms > y.now);
	y.ready = 0x3;
	play_step(&y, &(struct step){ 210, TICK, NULL, 0, 0 });
	assert_string_equal(y.p.load.s, L2);
}

static void test_old_events_do_not_count(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 100, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 99, SENT, L1 ".bin", 0, 0 });
	assert_true(y.r.ignored);
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_int_equal(y.p.evidence.file[FILE_CLASS_IMAGE][OUTCOME_SENT].last[0], 0);
}

static void test_needs_reboot_is_no_fault(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 599, TICK, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_NEEDS_REBOOT));
	play_step(&y, &(struct step){ 601, TICK, NULL, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_NEEDS_REBOOT));
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	play_step(&y, &(struct step){ 700, BOOT_BARE, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_NEEDS_REBOOT));
}

static void test_other_stages_config_is_no_proof(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	for (size_t k = 0; k < 8; k++)
		if (ladder[k].what != EXPECT)
			play_step(&y, &ladder[k]);
	play_step(&y, &(struct step){ 40, BOOT_BARE, NULL, 0, 0 });
	for (int t = 42; t < 300; t += 34) {
		struct event ev = { .kind = EVENT_SENT,
				    .file = "XMLDefault.cnf.xml",
				    .at_ms = T0 + t * SEC,
				    .other_config = true };

		y.now = ev.at_ms;
		play_event(&y, &ev);
	}
	play_step(&y, &(struct step){ 400, TICK, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_PROVEN));
}

static void test_plan_changed_beneath(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 0, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	/* its load is removed: it stays the goal until proven, then comes what took its place */
	memmove(&y.plan.stages[0], &y.plan.stages[1], 3 * sizeof(y.plan.stages[0]));
	y.plan.n_stages = 3;
	static const struct step rest[] = {
		{ 5, SENT, L1 ".bin", 0, 0 }, { 40, BOOT_BARE, NULL, 0, 0 }, READS_OLD(42),
		{ 180, TICK, NULL, 0, 0 },    X(180, L2, OFFERED),
	};
	play_all(&y, "plan changed", rest, sizeof(rest) / sizeof(rest[0]));
}

/* Every phase and every event: no crash, no rest without end, and what has no row changes no phase. */
static void test_all_pairs_come_to_rest(void **state)
{
	(void)state;
	for (int ph = 0; ph < PHASE_COUNT; ph++) {
		for (int what = BOOT_BARE; what < EXPECT; what++) {
			struct play y;
			struct step s = { 1000, (enum what)what, L2 ".sbn", 0, 0 };

			play_init(&y);
			y.p.phase = (enum phase)ph;
			y.p.stage_no = 2;
			y.p.load = y.plan.stages[1].load;
			y.p.flags = ph == PHASE_SEEN ? 0 : PHONE_STARTED;
			snprintf(y.p.plan, sizeof(y.p.plan), "%s", y.plan.name);
			play_step(&y, &s);
			assert_true(y.r.n_notes < ENGINE_NOTES_MAX);
			if (y.r.ignored)
				assert_int_equal(y.p.phase, ph);
		}
	}
}

static void test_golden_matrix(void **state)
{
	(void)state;
	CLEANUP(strbuf_fini) struct strbuf made = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf golden = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf readme = STRBUF_INIT(1 << 20);
	struct err e;

	engine_matrix(&made);
	assert_int_equal(file_read("tests/data/engine_matrix.md", 65536, &golden, &e), 0);
	assert_string_equal(strbuf_text(&made), strbuf_text(&golden));
	assert_int_equal(file_read("README.md", 1 << 20, &readme, &e), 0);
	assert_non_null(strstr(strbuf_text(&readme), strbuf_text(&golden)));
}

static void test_notes_that_prove(void **state)
{
	static const char *const yes[] = { "proven", "proven (P00305000500)",
					   "proven: it runs the plan's last load (P0S3-8-12-00)",
					   "observed: it runs the load (P00305000500)" };
	static const char *const no[] = { "", "provenience", "next stage: stage 2, P00305000500",
					  "skipped by the operator's word: stage 2, P00305000500",
					  "read its configuration and wanted nothing: presumed to run it", "stuck" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(engine_note_proven(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(engine_note_proven(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_for_room_and_for_its_stage),
		cmocka_unit_test(test_missing_next_stage_holds),
		cmocka_unit_test(test_old_events_do_not_count),
		cmocka_unit_test(test_needs_reboot_is_no_fault),
		cmocka_unit_test(test_other_stages_config_is_no_proof),
		cmocka_unit_test(test_plan_changed_beneath),
		cmocka_unit_test(test_all_pairs_come_to_rest),
		cmocka_unit_test(test_golden_matrix),
		cmocka_unit_test(test_notes_that_prove),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
