/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Ladders of a configuration file: which steps are refused, with line and cure, what forces them, and the plans that
 * ship as examples. Stages derived from what is imported: tests/border/plans.t, with load sets on disk.
 */
#include "ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <glob.h>

#include <cmocka.h>

#include "cleanup.h"
#include "config_fixture.h"

struct settled {
	struct config *cfg;
	struct strbuf faults, notes;
	int rc;
};

static void settle(struct settled *s, struct config *cfg)
{
	struct err e;

	*s = (struct settled){ .cfg = cfg, .faults = STRBUF_INIT(16384), .notes = STRBUF_INIT(16384) };
	s->rc = ladder_settle(cfg, &s->faults, &s->notes, &e);
}

static void settled_fini(struct settled *s)
{
	strbuf_fini(&s->faults);
	strbuf_fini(&s->notes);
	config_free(s->cfg);
}

static const struct {
	const char *plan; /* line 2 and on; line 1 is [plan p] */
	const char *fault; /* "" = none: it may be put in force */
	const char *note; /* "" = none */
} plans[] = {
	{ "models = 7960 unnamed\nstages = P00303010102 P00305000500 P00308000900 P0S3-8-12-00\n", "", "" },
	{ "models = 7960 unnamed\nstages = P00303010102 P0S3-8-12-00\n",
	  "t:3: [plan p] stages: P0S3-8-12-00 cannot follow P00303010102 in one step: put P00305000500 (SCCP 5.x) "
	  "between; unsafe-steps = P0S3-8-12-00 takes it all the same\n",
	  "" },
	{ "models = 7960\nstages = P0S3-03-0-00\n\tP0S3-8-12-00\n",
	  "t:3: [plan p] stages: P0S3-8-12-00 cannot follow P0S3-03-0-00 in one step: put P0S3-04-4-00 (SIP 4.4), "
	  "P0S3-05-3-00 (SIP 5.x), P0S3-06-3-00 (SIP 6.x) between; unsafe-steps = P0S3-8-12-00 takes it all the same\n",
	  "" },
	{ "models = 7961\nstages = SCCP41.8-3-1S SIP41.9-4-2SR3-1S\n",
	  "t:3: [plan p] stages: SIP41.9-4-2SR3-1S cannot follow SCCP41.8-3-1S in one step: put SIP41.8-5-2S (8.3(3) to "
	  "8.5(2)), SIP41.8-5-3S (8.5(2)SR1 to 8.x) between; unsafe-steps = SIP41.9-4-2SR3-1S takes it all the same\n",
	  "" },
	{ "models = 7960\nstages = P00308000900 P00305000500\n",
	  "t:3: [plan p] stages: P00305000500 cannot follow P00308000900: no way is known; unsafe-steps = P00305000500 "
	  "takes it all the same\n",
	  "" },
	{ "models = 7960\nstages = P00303010102 P0S3-8-12-00\nunsafe-steps = P0S3-8-12-00\n", "",
	  "plan p, stage 2: the step from P00303010102 to P0S3-8-12-00 is forced (unsafe-steps); it is not known to "
	  "work\n" },
	{ "models = 7961\nstages = SCCP41.8-5-2S SIP41.9-4-2SR3-1S\n", "",
	  "plan p, stage 2: the step from SCCP41.8-5-2S to SIP41.9-4-2SR3-1S is doubted (Cisco's 9.x release notes know "
	  "it; four reports tell of AUTH FAIL); safer with SIP41.8-5-3S (8.5(2)SR1 to 8.x) between\n" },
	/* the first load: who may be too old for it is told */
	{ "models = 7961\nstages = SIP41.9-4-2SR3-1S\n", "",
	  "plan p, stage 1: phones that run below 8.3(3) do not take SIP41.9-4-2SR3-1S; they need SIP41.8-5-2S (8.3(3) to "
	  "8.5(2)), SIP41.8-5-3S (8.5(2)SR1 to 8.x) before it\n" },
	{ "models = 7940 unnamed\nstages = P00305000500\n", "",
	  "plan p, stage 1: phones that run SCCP below 3.1 do not take P00305000500; they need P00303010102 (SCCP 3.1 to "
	  "4.x) before it\n" },
	{ "models = 7940\nstages = P00308000900\n", "", "" }, /* who names its model has a universal loader */
	/* another family: never, and unsafe-steps does not help */
	{ "models = 7941 7942\nstages = SIP41.8-5-2S SIP41.8-5-3S\nunsafe-steps = SIP41.8-5-3S\n",
	  "t:3: [plan p] stages: SIP41.8-5-2S is a load for the 7941, 7941G-GE, 7961, 7961G-GE; the plan is for the "
	  "7942, too, which never takes it\n"
	  "t:3: [plan p] stages: SIP41.8-5-3S is a load for the 7941, 7941G-GE, 7961, 7961G-GE; the plan is for the "
	  "7942, too, which never takes it\n",
	  "" },
	/* names that tell no release are not judged */
	{ "models = 7960\nstages = A1 P00308000900 B1\n", "", "" },
	/* a target */
	{ "models = 7960\ntarget = P0S3-8-12-00\n",
	  "t:3: [plan p] target: the stages are derived from what is imported, and this host has no [tftp] root", "" },
	{ "models = 7960\ntarget = P0M3-07-2-00\n", "t:3: [plan p] target: of P0M3-07-2-00 it is not known", "" },
	{ "models = 7975\ntarget = SIP70.9-2-1S\n",
	  "t:3: [plan p] target: SIP70.9-2-1S is a load for the 7970, 7971; the plan is for the 7975, too", "" },
};

static void test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++) {
		CLEANUP(settled_fini) struct settled s;
		char text[512];

		snprintf(text, sizeof(text), "[plan p]\n%s", plans[i].plan);
		settle(&s, must_parse(text));
		bool whole = plans[i].fault[0] == '\0' || plans[i].fault[strlen(plans[i].fault) - 1] == '\n';
		if (s.rc != (plans[i].fault[0] != '\0') ||
		    (whole ? strcmp(strbuf_text(&s.faults), plans[i].fault) != 0
			   : strncmp(strbuf_text(&s.faults), plans[i].fault, strlen(plans[i].fault)) != 0))
			fail_msg("%s: %d\n%s", plans[i].plan, s.rc, strbuf_text(&s.faults));
		assert_string_equal(strbuf_text(&s.notes), plans[i].note);
	}
}

/* Every plan's faults, not only the first's. */
static void test_all_plans(void **state)
{
	CLEANUP(settled_fini) struct settled s;
	unsigned lines = 0;

	(void)state;
	settle(&s, must_parse("[plan p]\nmodels = 7960\nstages = P00303010102 P00308000900\n"
			      "[plan q]\nmodels = 7961\nstages = SCCP41.8-3-1S SIP41.8-5-4S SIP41.8-5-2S\n"));
	assert_int_equal(s.rc, 1);
	for (const char *p = strbuf_text(&s.faults); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 3);
	assert_non_null(strstr(strbuf_text(&s.faults), "t:6: [plan q] stages: SIP41.8-5-2S cannot follow"));
}

static void test_force(void **state)
{
	CLEANUP(settled_fini) struct settled s;
	struct config *c = must_parse("[plan p]\nmodels = 7960\nstages = P00303010102 P00308000900\n"
				      "[plan q]\nmodels = 7960\nstages = P00302000000 P00303010102 P00308000900\n"
				      "[plan r]\nmodels = 7960\nstages = P00305000500 P00308000900\n");
	struct load_name load = { "P00308000900" }, first = { "P00303010102" }, none = { "P0S3-8-12-00" };

	(void)state;
	assert_int_equal(ladder_force(c, &none), 0);
	assert_int_equal(ladder_force(c, &first), 0); /* the step to it in q is a known one */
	assert_int_equal(ladder_force(c, &load), 2); /* r needs no force */
	assert_int_equal(ladder_force(c, &load), 2);
	assert_int_equal(c->plans[0].n_unsafe, 1);
	assert_int_equal(c->plans[2].n_unsafe, 0);
	assert_true(ladder_forced(&c->plans[0], 2));
	assert_false(ladder_forced(&c->plans[0], 1));
	assert_false(ladder_forced(&c->plans[1], 2));
	assert_true(ladder_forced(&c->plans[1], 3));
	assert_false(ladder_forced(&c->plans[2], 2));
	assert_int_equal(ladder_step(&c->plans[0], 1, NULL), STEP_UNJUDGED);
	assert_int_equal(ladder_step(&c->plans[0], 3, NULL), STEP_UNJUDGED);
	settle(&s, c);
	assert_int_equal(s.rc, 0);
}

/* The examples: each loads, each step is known and undoubted, each load is one of the plan's phones. */
static void test_examples(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob("examples/plans/*.conf", 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc, 9);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		CLEANUP(settled_fini) struct settled s;

		settle(&s, must_load(g.gl_pathv[i]));
		if (s.rc != 0 || s.notes.len > 0 || s.cfg->n_plans != 1)
			fail_msg("%s: %s%s", g.gl_pathv[i], strbuf_text(&s.faults), strbuf_text(&s.notes));
		const struct plan *pl = &s.cfg->plans[0];
		assert_int_equal(pl->n_unsafe, 0);
		for (int no = 1; no <= (int)pl->n_stages; no++) {
			struct release r;

			assert_int_equal(release_of(&plan_stage(pl, no)->load, &r), 0);
			for (unsigned m = 0; m < pl->n_models; m++)
				if (model_find(pl->models[m]))
					assert_true(release_fits(&r, model_find(pl->models[m])));
			if (no > 1 && ladder_step(pl, no, NULL) != STEP_KNOWN)
				fail_msg("%s: stage %d", g.gl_pathv[i], no);
		}
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_all_plans),
		cmocka_unit_test(test_force),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
