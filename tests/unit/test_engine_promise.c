/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What time alone is promised to do, held against the stage machine: at every point of every scene the phone is left
 * to time. Until the very millisecond before a promised moment no tick may change anything, and at the moment the
 * tick must do what was promised.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_play.h"
#include "engine_promise.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GRID (7 * SEC) /* ticks between the promised moments: no limit is a multiple of it */

static struct engine_context context_of(const struct play *y)
{
	return (struct engine_context){ .plan = &y->plan,
					.limits = &limits,
					.now_ms = y->now,
					.now_wall_ms = y->now,
					.may_enter = y->may_enter,
					.stages_ready = y->ready };
}

static struct phone ticked(const struct phone *before, struct engine_context *ctx, int64_t at_ms)
{
	struct event ev = { .kind = EVENT_TICK, .at_ms = at_ms, .bytes = -1 };
	struct engine_result r;
	struct phone after;

	ctx->now_ms = ctx->now_wall_ms = at_ms;
	engine_step(before, &ev, ctx, &after, &r);
	return after;
}

static bool same(const struct phone *a, const struct phone *b)
{
	return a->phase == b->phase && a->stage_no == b->stage_no && a->cause == b->cause &&
	       a->flags == b->flags;
}

static void expect_promised(const struct phone *p, const struct engine_promise *m, const char *scene,
			    size_t i)
{
	if (p->phase != m->to || p->stage_no != m->stage_no || p->cause != m->cause ||
	    (p->flags & m->gained) != m->gained || strcmp(p->load.s, m->load.s) != 0)
		fail_msg("%s, step %zu: promised %s %d \"%s\", is %s %d \"%s\"", scene, i, phase_name(m->to),
			 m->stage_no, cause_name(m->cause), phase_name(p->phase), p->stage_no,
			 cause_name(p->cause));
}

/* From one moment to the next one; returns the phone after it. */
static struct phone let_time_pass(const struct phone *p, struct engine_context *ctx, int64_t from,
				  const struct engine_promise *m, const char *scene, size_t i)
{
	struct phone now = *p;

	for (int64_t at = from; m->at_ms > from; at = at + GRID < m->at_ms - 1 ? at + GRID : m->at_ms - 1) {
		struct phone after = ticked(&now, ctx, at);

		if (!same(&now, &after))
			fail_msg(
				"%s, step %zu: changes %lld ms before the promised moment, to %s \"%s\" flags %x",
				scene, i, (long long)(m->at_ms - at), phase_name(after.phase),
				cause_name(after.cause), after.flags);
		now = after;
		if (at == m->at_ms - 1)
			break;
	}
	now = ticked(&now, ctx, m->at_ms);
	expect_promised(&now, m, scene, i);
	return now;
}

/* After the last promise, which ended nothing, there is nothing more. */
static void expect_rest(const struct phone *p, struct engine_context *ctx, int64_t from, const char *scene,
			size_t i)
{
	struct phone now = *p;

	for (int64_t at = from; at < from + 3600 * SEC; at += 60 * SEC) {
		struct phone after = ticked(&now, ctx, at);

		if (!same(&now, &after))
			fail_msg("%s, step %zu: %lld s later an unpromised %s \"%s\" flags %x", scene, i,
				 (long long)((at - from) / SEC), phase_name(after.phase),
				 cause_name(after.cause), after.flags);
		now = after;
	}
}

static unsigned kept(const struct play *y, const char *scene, size_t i)
{
	struct engine_promise m[ENGINE_PROMISES_MAX];
	struct engine_context ctx = context_of(y);
	unsigned n = engine_promises(&y->p, &ctx, m);
	struct phone p = y->p;
	int64_t from = y->now;
	bool ended = n == ENGINE_PROMISES_MAX;

	for (unsigned k = 0; k < n; k++) {
		assert_true(m[k].at_ms >= from);
		p = let_time_pass(&p, &ctx, from, &m[k], scene, i);
		ended = ended || m[k].moved ||
			(m[k].from != m[k].to && (m[k].to == PHASE_STUCK || m[k].to == PHASE_DONE));
		from = m[k].at_ms;
	}
	if (!ended)
		expect_rest(&p, &ctx, from + 1, scene, i);
	return n;
}

static const struct step no_answer[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 40, BOOT_NAMED, NULL, 0, 0 },
	HUNT(41),
	{ 42, SENT, L4 ".loads", 0, 0 },
	{ 44, FAILED, L4 ".sb2", 0, 0 },
	{ 90, FAILED, L4 ".sb2", 0, 0 },
	{ 120, SENT, L4 ".sb2", 0, 0 },
	{ 170, BOOT_NAMED, NULL, 0, 0 },
	HUNT(171),
};

static const struct step old_and_idle[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(2),
	{ 30, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(32),
	{ 64, TICK, NULL, 0, 0 },
	READS_OLD(70),
	{ 75, MISSING, L2 ".sbn", 0, 0 },
	{ 80, MISSING, L2 ".sbn", 0, 0 },
	{ 100, STOP, NULL, 0, 0 },
};

static const struct step ignores[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_APP(2),
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(62),
	{ 100, TICK, NULL, 0, 0 },
	{ 120, BOOT_NAMED, NULL, 0, 0 },
	{ 122, SENT, "SEP" MAC ".cnf.xml", 0, 0 },
	{ 180, BOOT_NAMED, NULL, 0, 0 },
	{ 182, SENT, "SEP" MAC ".cnf.xml", 0, 0 },
};

static const struct {
	const char *name;
	const struct step *steps;
	size_t n;
} scenes[] = {
	{ "ladder", ladder, COUNT(ladder) },
	{ "no answer", no_answer, COUNT(no_answer) },
	{ "old and idle", old_and_idle, COUNT(old_and_idle) },
	{ "takes no notice", ignores, COUNT(ignores) },
};

static void test_promises_are_kept(void **state)
{
	unsigned promised = 0;

	(void)state;
	for (size_t s = 0; s < COUNT(scenes); s++) {
		struct play y;

		play_init(&y);
		for (size_t i = 0; i < scenes[s].n; i++) {
			if (scenes[s].steps[i].what == EXPECT)
				continue;
			play_step(&y, &scenes[s].steps[i]);
			promised += kept(&y, scenes[s].name, i);
		}
	}
	assert_true(promised > 100);
}

/* ---- java */

#define J1 "SIP41.8-5-2S"
#define J2 "SIP41.9-4-2SR3-1S"

static const struct step java[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_APP(2),
	{ 4, SENT, "SIP41.8-5-2S.loads", 0, 0 },
	{ 10, SENT, "jar41sip.8-5-2TH1-9.sbn", 0, 0 },
	{ 20, SENT, "cnu41.8-5-2TH1-9.sbn", 0, 0 },
	{ 200, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(202),
	{ 400, MISSING, "SIP41.9-4-2SR3-1S.loads", 0, 0 },
};

static void java_init(struct play *y)
{
	static const char *const loads[] = { J1, J2 };
	static const char *const members[] = { "jar41sip.8-5-2TH1-9.sbn", "cnu41.8-5-2TH1-9.sbn",
					       "dsp41.8-5-2TH1-9.sbn", "cvm41sip.8-5-2TH1-9.sbn" };

	play_init(y);
	y->p.vendor = VENDOR_NAMED;
	y->p.generation = GEN_JAVA;
	y->model = "7961";
	y->plan.n_models = 1;
	snprintf(y->plan.models[0], sizeof(y->plan.models[0]), "7961");
	snprintf(y->p.model, sizeof(y->p.model), "7961");
	y->plan.n_stages = 2;
	for (int i = 0; i < 2; i++) {
		struct load_name n;

		snprintf(n.s, sizeof(n.s), "%s", loads[i]);
		loadset_from_name(&n, &y->plan.stages[i]);
	}
	for (unsigned i = 0; i < COUNT(members); i++)
		snprintf(y->plan.stages[0].members[i], sizeof(y->plan.stages[0].members[i]), "%s",
			 members[i]);
	y->plan.stages[0].n_members = COUNT(members);
}

static void test_java_promises_are_kept(void **state)
{
	struct play y;

	(void)state;
	java_init(&y);
	for (size_t i = 0; i < COUNT(java); i++) {
		play_step(&y, &java[i]);
		kept(&y, "java", i);
	}
}

/* ---- whatever happens to it */

static const struct step anything[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, SENT, "OS79XX.TXT", 0, 0 },
	{ 0, SENT, "XMLDefault.cnf.xml", 0, 0 },
	{ 0, MISSING, "MGC" MAC ".cnf", 0, 0 },
	{ 0, MISSING, "SEP" MAC ".cnf.xml", 0, 0 },
	{ 0, SENT, "SIPDefault.cnf", 0, 0 },
	{ 0, SENT, L1 ".bin", 0, 0 },
	{ 0, MISSING, L1 ".sbn", 0, 0 },
	{ 0, SENT, L2 ".sbn", 0, 0 },
	{ 0, SENT, L3 ".loads", 0, 0 },
	{ 0, SENT, L3 ".sbn", 0, 0 },
	{ 0, SENT, L3 ".sb2", 0, 0 },
	{ 0, FAILED, L3 ".sb2", 0, 0 },
	{ 0, SENT, L4 ".loads", 0, 0 },
	{ 0, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 0, SENT, L4 ".sb2", 0, 0 },
	{ 0, MISSING, L4 ".sb2", 0, 0 },
	{ 0, REGISTERS, "", 0, 0 },
	{ 0, ALARMS, "alarm-tftp", 0, 0 },
	{ 0, TICK, NULL, 0, 0 },
	{ 0, STOP, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
};

static const struct step anything_java[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, SENT, "XMLDefault.cnf.xml", 0, 0 },
	{ 0, MISSING, "CTLSEP" MAC ".tlv", 0, 0 },
	{ 0, MISSING, "ITLSEP" MAC ".tlv", 0, 0 },
	{ 0, SENT, "term61.default.loads", 0, 0 },
	{ 0, SENT, J1 ".loads", 0, 0 },
	{ 0, SENT, J2 ".loads", 0, 0 },
	{ 0, SENT, "jar41sip.8-5-2TH1-9.sbn", 0, 0 },
	{ 0, SENT, "cvm41sip.8-5-2TH1-9.sbn", 0, 0 },
	{ 0, MISSING, "dsp41.8-5-2TH1-9.sbn", 0, 0 },
	{ 0, FAILED, "dsp41.8-5-2TH1-9.sbn", 0, 0 },
	{ 0, TICK, NULL, 0, 0 },
};

static void whatever_happens(const struct step *steps, size_t n, void (*init)(struct play *y), unsigned seeds)
{
	for (unsigned seed = 1; seed <= seeds; seed++) {
		unsigned r = seed;
		struct play y;
		char scene[32];

		snprintf(scene, sizeof(scene), "seed %u", seed);
		init(&y);
		play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
		int64_t at_s = 1;

		for (size_t i = 0; i < 25; i++) {
			struct step step = steps[(size_t)rand_r(&r) % n];

			at_s += rand_r(&r) % (rand_r(&r) % 4 ? 10 : 200);
			step.at_s = at_s;
			play_step(&y, &step);
			kept(&y, scene, i);
		}
	}
}

static void test_promises_are_kept_whatever_happens(void **state)
{
	(void)state;
	whatever_happens(anything, COUNT(anything), play_init, 120);
	whatever_happens(anything_java, COUNT(anything_java), java_init, 40);
}

/* ---- what they say */

static unsigned after(struct play *y, const struct step *steps, size_t n,
		      struct engine_promise m[static ENGINE_PROMISES_MAX])
{
	play_init(y);
	for (size_t i = 0; i < n; i++)
		play_step(y, &steps[i]);
	struct engine_context ctx = context_of(y);

	return engine_promises(&y->p, &ctx, m);
}

static void test_half_flashed_and_silent(void **state)
{
	static const struct step steps[] = { { 0, BOOT_NAMED, NULL, 0, 0 },
					     { 0, START, NULL, 0, 0 },
					     { 2, SENT, L4 ".loads", 0, 0 },
					     { 5, SENT, "P003-8-12-00.sbn", 0, 0 } };
	struct engine_promise m[ENGINE_PROMISES_MAX];
	struct play y;
	unsigned n = after(&y, steps, COUNT(steps), m);

	(void)state;
	assert_int_equal(n, 1);
	assert_int_equal(m[0].at_ms, T0 + 125 * SEC);
	assert_int_equal(m[0].to, PHASE_STUCK);
	assert_int_equal(m[0].cause, CAUSE_APP_MISSING_AFTER_LOADER);
	assert_string_equal(m[0].note, "app-missing-after-loader");
}

static void test_proof_and_the_step_on(void **state)
{
	static const struct step steps[] = {
		{ 0, BOOT_BARE, NULL, 0, 0 }, { 0, START, NULL, 0, 0 },	     READS_OLD(2),
		{ 7, SENT, L1 ".bin", 0, 0 }, { 40, BOOT_BARE, NULL, 0, 0 }, READS_OLD(42)
	};
	struct engine_promise m[ENGINE_PROMISES_MAX];
	struct play y;
	unsigned n = after(&y, steps, COUNT(steps), m);

	(void)state;
	assert_true(n >= 1);
	assert_true(m[n - 1].moved);
	assert_int_equal(m[n - 1].stage_no, 2);
	assert_int_equal(m[n - 1].at_ms, T0 + 162 * SEC); /* the configuration read, and 120 s of silence */
	assert_true(m[n - 1].proven);
	y.ready = 1; /* stage 2 is not published */
	struct engine_context ctx = context_of(&y);

	n = engine_promises(&y.p, &ctx, m);
	assert_true(n >= 1 && m[0].proven && !m[0].moved);
	for (unsigned i = 1; i < n; i++)
		assert_false(m[i].moved);
}

static void test_idle(void **state)
{
	static const struct step steps[] = { { 0, BOOT_NAMED, NULL, 0, 0 }, { 0, START, NULL, 0, 0 } };
	struct engine_promise m[ENGINE_PROMISES_MAX];
	struct play y;
	unsigned n = after(&y, steps, COUNT(steps), m);

	(void)state;
	assert_int_equal(n, 1);
	assert_true(m[0].gained & PHONE_NEEDS_REBOOT);
	assert_int_equal(m[0].at_ms, T0 + 600 * SEC);
	assert_string_equal(m[0].note, "");
}

static void test_nothing_to_promise(void **state)
{
	struct engine_promise m[ENGINE_PROMISES_MAX];
	struct play y;

	(void)state;
	play_init(&y);
	struct engine_context ctx = context_of(&y);

	assert_int_equal(engine_promises(&y.p, &ctx, m), 0); /* seen */
	y.p.phase = PHASE_WAITING;
	assert_int_equal(engine_promises(&y.p, &ctx, m), 0);
	y.p.phase = PHASE_DONE;
	assert_int_equal(engine_promises(&y.p, &ctx, m), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_promises_are_kept),
		cmocka_unit_test(test_java_promises_are_kept),
		cmocka_unit_test(test_half_flashed_and_silent),
		cmocka_unit_test(test_proof_and_the_step_on),
		cmocka_unit_test(test_promises_are_kept_whatever_happens),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_nothing_to_promise),
	};

	return cmocka_run_group_tests_name("what time alone will do", tests, NULL, NULL);
}
