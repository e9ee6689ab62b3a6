/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Every cause: scenes that show it and scenes that nearly do; that no row of causes.def is without both; that the order of
 * arrival changes nothing; and what is said of what was found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cause_scenes.h"
#include "cause_scenes_beside.h"

#define SEEDS 20

static const struct {
	const struct scene *scenes;
	size_t n;
} tables[] = { { load_scenes, COUNT(load_scenes) }, { beside_scenes, COUNT(beside_scenes) } };

static unsigned found(const struct play *y, const struct scene *s,
		      struct cause_found list[static CAUSES_FOUND_MAX])
{
	return engine_causes(&y->p, y->gone ? NULL : &y->plan, s->facts, &limits, y->now, list);
}

static enum standing_as standing_of(const struct play *y, const struct scene *s)
{
	enum cause c = s->cause;
	struct cause_found list[CAUSES_FOUND_MAX];
	unsigned n = found(y, s, list);

	if (y->p.cause == c)
		return IN_PHONE;
	for (unsigned i = 0; i < n; i++)
		if (list[i].cause == c)
			return list[i].sure ? IN_LIST : GUESSED;
	return ABSENT;
}

static void check_scene(const struct scene *s)
{
	static const char *const words[] = { "in the phone", "in the list", "a candidate", "absent" };
	struct play y;

	scene_begin(&y, s);
	for (size_t i = 0; i < moves_of(s); i++)
		play_move(&y, &s->moves[i]);
	enum standing_as is = standing_of(&y, s);

	if (is != s->as)
		fail_msg("%s, \"%s\": %s, and should be %s; the phone is %s, cause \"%s\"",
			 cause_name(s->cause), s->name, words[is], words[s->as], phase_name(y.p.phase),
			 cause_name(y.p.cause));
}

static void test_scenes(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++)
			check_scene(&tables[t].scenes[i]);
}

/* One that finds it and one that does not, for each. */
static void test_each_has_both(void **state)
{
	unsigned with[CAUSE_COUNT] = { 0 }, without[CAUSE_COUNT] = { 0 };

	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct scene *s = &tables[t].scenes[i];

			with[s->cause] += s->as == IN_PHONE || s->as == IN_LIST;
			without[s->cause] += s->as == ABSENT;
		}
	for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++)
		if (!with[c] || !without[c])
			fail_msg("%s: %u scenes that show it, %u that do not", cause_name((enum cause)c),
				 with[c], without[c]);
}

/* What is in the phone is the first of the list, unless its own act put it there (it left its plan, it was sent back). */
static void test_the_phone_has_the_strongest(void **state)
{
	struct cause_found list[CAUSES_FOUND_MAX];
	struct play y;

	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct scene *s = &tables[t].scenes[i];

			scene_begin(&y, s);
			for (size_t k = 0; k < moves_of(s); k++)
				play_move(&y, &s->moves[k]);
			unsigned n = found(&y, s, list);
			bool by_act = y.p.cause == CAUSE_WRONG_FAMILY || y.p.cause == CAUSE_SIP_TOO_OLD ||
				      y.p.cause == CAUSE_FLIPPED_BACK;

			if (y.p.cause != CAUSE_NONE && !by_act &&
			    !(n > 0 && list[0].sure && list[0].cause == y.p.cause))
				fail_msg("\"%s\": the phone has %s, the list begins with %s", s->name,
					 cause_name(y.p.cause), n ? cause_name(list[0].cause) : "nothing");
			for (unsigned k = 0; k < n; k++) {
				assert_true(list[k].what[0] != '\0');
				assert_int_equal(!list[k].sure, list[k].apart != NULL);
				assert_true(k == 0 || list[k - 1].sure || !list[k].sure);
				assert_true(list[k].first_ms <= list[k].last_ms);
				for (unsigned m = 0; m < k; m++)
					assert_int_not_equal(list[k].cause, list[m].cause);
			}
		}
}

static void test_any_order(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct scene *s = &tables[t].scenes[i];
			struct play straight;

			scene_begin(&straight, s);
			for (size_t k = 0; k < moves_of(s); k++)
				play_move(&straight, &s->moves[k]);
			for (unsigned seed = 1; seed <= SEEDS; seed++) {
				struct move mixed[2 * MOVES_MAX];
				unsigned r = seed;
				size_t m = moves_shuffle(s, mixed, &r);
				struct play y;

				scene_begin(&y, s);
				for (size_t k = 0; k < m; k++)
					play_move(&y, &mixed[k]);
				play_same_phone(&straight.p, &y.p, s->name, seed);
			}
		}
}

/* What it says names the files, from the history where that has them, and when. */
static void test_evidence_names_files_and_times(void **state)
{
	static const struct causes_file files[] = { { EVENT_SENT, "XMLDefault.cnf.xml" },
						    { EVENT_MISSING, "./" TWO } };
	static const struct {
		const char *scene;
		struct causes_facts facts;
		const char *says;
	} cases[] = {
		{ "X.loads.loads",
		  { .n_files = 0 },
		  "asked for a load's name with two extensions: at FIRST" },
		{ "X.loads.loads", { .files = files, .n_files = 2 }, "asked for " TWO ": at FIRST" },
		{ "the list twice not there",
		  { .n_files = 0 },
		  "asked for " L4 ".loads, which is not there: 2 times, from FIRST to LAST" },
		{ "half a flash, then silence",
		  { .n_files = 0 },
		  LOADER " went out, and no application since: at FIRST" },
		{ "CTLSEP every four seconds (A16)",
		  { .n_files = 0 },
		  "asked for " OWN_CTL " again and again and for nothing else: 3 times, from FIRST to LAST" },
		{ "8.2 refuses 9.4",
		  { .n_files = 0 },
		  "it runs SIP41.8-2-1S, and read " J3
		  ".loads and nothing of it: 3 times, from FIRST to LAST" },
		{ "another asks from its address",
		  { .n_files = 0 },
		  "it and another phone ask by turns from 10.0.0.20" },
		{ "it says disk full", { .n_files = 0 }, "it says so itself: alarm: disk full: at FIRST" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
		struct cause_found list[CAUSES_FOUND_MAX];
		const struct scene *s = NULL;
		struct play y;

		for (size_t t = 0; t < COUNT(tables); t++)
			for (size_t k = 0; k < tables[t].n; k++)
				if (strcmp(tables[t].scenes[k].name, cases[i].scene) == 0)
					s = &tables[t].scenes[k];
		assert_non_null(s);
		scene_begin(&y, s);
		for (size_t k = 0; k < moves_of(s); k++)
			play_move(&y, &s->moves[k]);
		assert_true(engine_causes(&y.p, &y.plan, &cases[i].facts, &limits, y.now, list) > 0);
		const bool once = list[0].first_ms == list[0].last_ms;

		causes_evidence(&list[0], "FIRST", once ? "FIRST" : "LAST", &sb);
		assert_string_equal(strbuf_text(&sb), cases[i].says);
	}
}

/* B1 fits two, and neither is in the phone: both are said, with what would tell them apart. */
static void test_two_that_fit_are_both_said(void **state)
{
	struct cause_found list[CAUSES_FOUND_MAX];
	const struct move moves[] = { { 0, STARTED, NULL, 0 }, READS_XML(1), UNTIL(310) };
	struct play y;

	(void)state;
	nameless_init(&y);
	for (size_t i = 0; i < COUNT(moves); i++)
		play_move(&y, &moves[i]);
	assert_int_equal(y.p.cause, CAUSE_NONE);
	assert_int_equal(engine_causes(&y.p, &y.plan, NULL, &limits, y.now, list), 2);
	assert_int_equal(list[0].cause, CAUSE_MODEL_ELEMENT_MISSING);
	assert_int_equal(list[1].cause, CAUSE_CONFIGURATION_IGNORED);
	assert_true(!list[0].sure && !list[1].sure && list[0].apart && list[1].apart);
	assert_string_not_equal(list[0].apart, list[1].apart);
}

/* B11 and B13: that it asks for nothing is sure, why it boots again and again is not. */
static void test_sure_before_guessed(void **state)
{
	struct cause_found list[CAUSES_FOUND_MAX];
	const struct move moves[] = { BEGUN, BOOT_AT(90), BOOT_AT(180), UNTIL(200) };
	struct play y;

	(void)state;
	classic_init(&y);
	y.facts = &heard;
	for (size_t i = 0; i < COUNT(moves); i++)
		play_move(&y, &moves[i]);
	assert_int_equal(y.p.cause, CAUSE_NO_TFTP_AFTER_DHCP);
	assert_int_equal(engine_causes(&y.p, &y.plan, &heard, &limits, y.now, list), 2);
	assert_true(list[0].cause == CAUSE_NO_TFTP_AFTER_DHCP && list[0].sure && list[0].times == 3);
	assert_true(list[1].cause == CAUSE_SERVER_SILENT && !list[1].sure && list[1].apart);
}

/* Time alone shows it: somebody must look again then. */
static void test_a_look_is_due(void **state)
{
	const struct move begun[] = { BEGUN }, sep = SENT_AT(200, OWN_SEP);
	struct play y;

	(void)state;
	classic_init(&y);
	for (size_t i = 0; i < COUNT(begun); i++)
		play_move(&y, &begun[i]);
	assert_int_equal(causes_due(&y.p, &limits, T0), T0 + limits.app);
	assert_int_equal(causes_due(&y.p, &limits, T0 + limits.app), T0 + 2 * limits.app);
	assert_int_equal(causes_due(&y.p, &limits, T0 + 2 * limits.app), 0);
	assert_true(y.r.due_ms > 0 && y.r.due_ms <= T0 + limits.app);
	play_move(&y, &sep);
	assert_int_equal(causes_due(&y.p, &limits, y.now), T0 + 200 * SEC + limits.proof_silence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_each_has_both),
		cmocka_unit_test(test_the_phone_has_the_strongest),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_evidence_names_files_and_times),
		cmocka_unit_test(test_two_that_fit_are_both_said),
		cmocka_unit_test(test_sure_before_guessed),
		cmocka_unit_test(test_a_look_is_due),
	};

	return cmocka_run_group_tests_name("causes", tests, NULL, NULL);
}
