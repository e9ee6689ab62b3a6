/* SPDX-License-Identifier: MPL-2.0 */
/* What a person says to the stage machine beside start and stop: retry, skip, forget, and when it says no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_play.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void say(struct play *y, int64_t at_s, enum what what)
{
	struct step s = { at_s, what, NULL, 0, 0 };

	play_step(y, &s);
}

/* ---- retry */

/* Refused twice, then tried anew: what was counted before counts no more. */
static const struct step retried[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 12, SENT, L4 ".sb2", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	{ 62, SENT, L4 ".loads", 0, 0 },
	{ 75, SENT, L4 ".sb2", 0, 0 },
	{ 125, BOOT_NAMED, NULL, 0, 0 },
	{ 127, SENT, L4 ".loads", 0, 0 },
	{ 140, SENT, L4 ".sb2", 0, 0 },
	XC(140, L4, STUCK, IMAGE_REJECTED),
	{ 500, RETRY, NULL, 0, 0 },
	X(500, L4, OFFERED),
	{ 501, TICK, NULL, 0, 0 },
	X(501, L4, OFFERED),
	{ 520, BOOT_NAMED, NULL, 0, 0 },
	{ 522, SENT, L4 ".loads", 0, 0 },
	{ 540, SENT, L4 ".sb2", 0, 0 },
	X(540, L4, FLASHING),
	{ 600, BOOT_NAMED, NULL, 0, 0 },
	{ 605, SENT, "SIPDefault.cnf", 0, 0 },
	X(605, L4, DONE),
};

static void test_retry_begins_anew(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_all(&y, "retried", retried, COUNT(retried));
}

static void test_retry_wants_a_stuck_phone(void **state)
{
	(void)state;
	static const enum phase phases[] = { PHASE_SEEN,	 PHASE_WAITING,	 PHASE_OFFERED,
					     PHASE_HALF_FLASHED, PHASE_FLASHING, PHASE_CHECKING,
					     PHASE_DONE };

	for (size_t i = 0; i < COUNT(phases); i++) {
		struct play y;

		play_init(&y);
		y.p.phase = phases[i];
		say(&y, 1, RETRY);
		assert_int_equal(y.p.phase, phases[i]);
		assert_string_equal(y.r.refusal, "is not stuck");
		assert_false(y.r.forcible);
	}
}

/* The loader is in its flash, whatever was forgotten: no skip leads away from the application it needs. */
static void test_retry_keeps_what_is_half_flashed(void **state)
{
	(void)state;
	static const struct step half[] = {
		{ 0, BOOT_NAMED, NULL, 0, 0 },
		{ 0, START, NULL, 0, 0 },
		{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
		{ 126, TICK, NULL, 0, 0 },
		XC(126, L4, STUCK, APP_MISSING_AFTER_LOADER),
		{ 200, RETRY, NULL, 0, 0 },
		X(200, L4, OFFERED),
	};
	struct play y;

	play_init(&y);
	play_all(&y, "half", half, COUNT(half));
	assert_string_equal(y.p.running, "loader only");
	say(&y, 300, SKIP_FORCE);
	assert_non_null(strstr(y.r.refusal, "half of its load"));
	say(&y, 300, FORGET);
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_true(y.r.forcible);
	/* with the application in it is whole again */
	play_step(&y, &(struct step){ 310, SENT, L4 ".sb2", 0, 0 });
	play_step(&y, &(struct step){ 350, BOOT_NAMED, NULL, 0, 0 });
	play_step(&y, &(struct step){ 355, SENT, "SIPDefault.cnf", 0, 0 });
	assert_int_equal(y.p.phase, PHASE_DONE);
	assert_string_equal(y.p.running, L4);
}

/* ---- skip: is it one safe step? */

static const struct skip_case {
	const char *name;
	int stage_no;
	enum phase phase;
	uint32_t flags; /* beside started */
	enum vendor_kind vendor;
	const char *refusal; /* NULL: it may be skipped */
	bool forcible;
	const char *running; /* NULL: not known */
} skip_cases[] = {
	{ "unsigned to signed, unproven", 1, PHASE_OFFERED, 0, VENDOR_BARE, "unsigned to signed", true, NULL },
	{ "stuck there", 1, PHASE_STUCK, 0, VENDOR_BARE, "unsigned to signed", true, NULL },
	{ "unsigned, known to run signed code", 1, PHASE_OFFERED, PHONE_PAST_UNSIGNED, VENDOR_BARE, NULL,
	  false, NULL },
	{ "the first signed stage, unproven", 2, PHASE_STUCK, 0, VENDOR_BARE, "unsigned to signed", true, NULL },
	{ "signed, into two parts", 2, PHASE_OFFERED, PHONE_PAST_UNSIGNED, VENDOR_BARE, NULL, false, NULL },
	{ "a universal loader, into two parts", 2, PHASE_CHECKING, 0, VENDOR_NAMED, NULL, false, NULL },
	{ "two parts to two parts", 3, PHASE_DOWNLOADING, 0, VENDOR_NAMED, NULL, false, NULL },
	{ "stuck between two parts", 3, PHASE_STUCK, PHONE_PAST_UNSIGNED, VENDOR_BARE, NULL, false, NULL },
	{ "from an SCCP 5.x that it runs to SIP 8.12", 3, PHASE_OFFERED, 0, VENDOR_NAMED, NULL, false, L2 },
	{ "from a SIP 6.x that it runs into two parts of SCCP", 2, PHASE_OFFERED, PHONE_PAST_UNSIGNED, VENDOR_BARE,
	  "one step from what it runs", true, "P0S3-06-3-00" },
	{ "a java load that it runs", 3, PHASE_OFFERED, 0, VENDOR_NAMED, "one step from what it runs", true,
	  "SCCP41.8-5-2S" },
	{ "unsigned once, past it since", 2, PHASE_OFFERED, PHONE_PAST_UNSIGNED, VENDOR_BARE, NULL, false, L1 },
	{ "no load's name", 3, PHASE_OFFERED, 0, VENDOR_NAMED, NULL, false, "SIP application" },
	{ "stopped", 3, PHASE_OFFERED, PHONE_STOPPED, VENDOR_NAMED, "was stopped", true, NULL },
	{ "proven", 3, PHASE_CHECKING, PHONE_PROVEN, VENDOR_NAMED, "by itself", true, NULL },
	{ "half-flashed", 3, PHASE_HALF_FLASHED, 0, VENDOR_NAMED, "its flash", false, NULL },
	{ "flashing", 3, PHASE_FLASHING, 0, VENDOR_NAMED, "its flash", false, NULL },
	{ "the last stage", 4, PHASE_STUCK, 0, VENDOR_NAMED, "last stage", false, NULL },
	{ "being skipped", 3, PHASE_OFFERED, PHONE_SKIP, VENDOR_NAMED, "already", false, NULL },
	{ "seen", 1, PHASE_SEEN, 0, VENDOR_NAMED, "not started", false, NULL },
	{ "waiting", 1, PHASE_WAITING, 0, VENDOR_NAMED, "not let in", false, NULL },
	{ "done", 4, PHASE_DONE, 0, VENDOR_NAMED, "is done", false, NULL },
};

static void skip_init(struct play *y, const struct skip_case *k)
{
	play_init(y);
	snprintf(y->p.plan, sizeof(y->p.plan), "%s", y->plan.name);
	y->p.stage_no = k->stage_no;
	y->p.load = y->plan.stages[k->stage_no - 1].load;
	y->p.phase = k->phase;
	y->p.flags = k->flags | (k->phase == PHASE_SEEN ? 0u : (uint32_t)PHONE_STARTED);
	y->p.vendor = k->vendor;
	snprintf(y->p.running, sizeof(y->p.running), "%s", k->running ? k->running : "");
	y->p.stage_since_ms = T0 - 3600 * SEC;
}

static void test_skip_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(skip_cases); i++) {
		const struct skip_case *k = &skip_cases[i];
		struct play y;

		skip_init(&y, k);
		say(&y, 1, SKIP);
		if (k->refusal && (!y.r.refusal || !strstr(y.r.refusal, k->refusal)))
			fail_msg("%s: refused with \"%s\", not for \"%s\"", k->name,
				 y.r.refusal ? y.r.refusal : "", k->refusal);
		if (!k->refusal && y.r.refusal)
			fail_msg("%s: refused: %s", k->name, y.r.refusal);
		if (y.r.forcible != k->forcible)
			fail_msg("%s: forcible is %d", k->name, y.r.forcible);
		if (k->refusal)
			assert_int_equal(phone_is(&y.p, PHONE_SKIP), (k->flags & PHONE_SKIP) != 0);
		skip_init(&y, k);
		say(&y, 1, SKIP_FORCE);
		if ((y.r.refusal == NULL) != (!k->refusal || k->forcible))
			fail_msg("%s: --force gives \"%s\"", k->name, y.r.refusal ? y.r.refusal : "done");
		if (!y.r.refusal)
			assert_int_equal(strstr(y.r.notes[0].text, "--force") != NULL, k->refusal != NULL);
	}
}

static const struct skip_case at_third = { "", 3, PHASE_OFFERED, 0, VENDOR_NAMED, NULL, false, NULL };

static void test_skip_goes_on(void **state)
{
	(void)state;
	struct play y;

	skip_init(&y, &at_third);
	say(&y, 1, SKIP);
	assert_true(y.r.due_ms > y.now);
	say(&y, 1, TICK); /* nobody is reading: at once */
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_string_equal(y.p.load.s, L4);
	assert_false(phone_is(&y.p, PHONE_SKIP));
	assert_string_equal(y.r.notes[0].text, "skipped by the operator's word: stage 4, " L4);
}

static void test_skip_waits_for_a_quiet_moment(void **state)
{
	(void)state;
	static const struct step reading[] = {
		READS_APP(0),
		{ 2, SKIP, NULL, 0, 0 },
		{ 2, TICK, NULL, 0, 0 },
		X(2, L3, OFFERED),
		{ 20, TICK, NULL, 0, 0 },
		X(20, L3, OFFERED),
		{ 21, OFFER, NULL, 0, 0 },
		X(21, L4, OFFERED),
	};
	struct play y;

	skip_init(&y, &at_third);
	play_all(&y, "reading", reading, COUNT(reading));
}

static void test_skip_gives_way_to_a_flash(void **state)
{
	(void)state;
	static const struct step flashes[] = {
		READS_APP(0),
		{ 2, SKIP, NULL, 0, 0 },
		{ 3, SENT, L3 ".loads", 0, 0 },
		{ 6, SENT, L3 ".sbn", 0, 0 },
		X(6, L3, HALF_FLASHED),
		{ 7, TICK, NULL, 0, 0 },
		{ 60, OFFER, NULL, 0, 0 },
		X(60, L3, HALF_FLASHED),
	};
	struct play y;

	skip_init(&y, &at_third);
	play_all(&y, "flashes", flashes, COUNT(flashes));
	assert_false(phone_is(&y.p, PHONE_SKIP));
}

static void test_skip_wants_the_next_stage_there(void **state)
{
	(void)state;
	struct play y;

	skip_init(&y, &at_third);
	y.ready = 0x7;
	say(&y, 1, SKIP_FORCE);
	assert_non_null(strstr(y.r.refusal, "not published"));
	y.ready = 0xf;
	say(&y, 2, SKIP);
	assert_null(y.r.refusal);
	y.ready = 0x7; /* it went away meanwhile */
	say(&y, 3, TICK);
	assert_string_equal(y.p.load.s, L3);
	say(&y, 4, STOP); /* and stop takes the word back */
	assert_false(phone_is(&y.p, PHONE_SKIP));
}

/* ---- forget */

static void test_forget_leaves_nothing_but_the_flag(void **state)
{
	(void)state;
	struct play y;

	skip_init(&y, &at_third);
	y.p.phase = PHASE_STUCK;
	y.p.cause = CAUSE_IMAGE_REJECTED;
	y.p.flags |= PHONE_PAST_UNSIGNED | PHONE_LATE;
	times_add(&y.p.evidence.file[FILE_CLASS_APP][OUTCOME_SENT], T0);
	times_add(&y.p.evidence.boot, T0 + 1);
	say(&y, 1, FORGET);
	assert_null(y.r.refusal);
	assert_int_equal(y.p.phase, PHASE_SEEN);
	assert_int_equal(y.p.cause, CAUSE_NONE);
	assert_int_equal(y.p.flags, PHONE_FORGOTTEN | PHONE_PAST_UNSIGNED);
	assert_int_equal(y.p.stage_no, 0);
	assert_string_equal(y.p.plan, "");
	assert_int_equal(evidence_last_event(&y.p.evidence), 0);
	say(&y, 2, FORGET);
	assert_string_equal(y.r.refusal, "is forgotten already");
	/* by hand it starts, also where it has to wait */
	y.may_enter = false;
	say(&y, 3, START);
	assert_int_equal(y.p.phase, PHASE_WAITING);
	assert_false(phone_is(&y.p, PHONE_FORGOTTEN));
}

static void test_forget_in_every_phase(void **state)
{
	(void)state;
	for (int ph = 0; ph < PHASE_COUNT; ph++) {
		bool writes = ph == PHASE_FLASHING || ph == PHASE_HALF_FLASHED;
		struct play y;

		skip_init(&y, &at_third);
		y.p.phase = (enum phase)ph;
		say(&y, 1, FORGET);
		assert_int_equal(y.p.phase, writes ? (enum phase)ph : PHASE_SEEN);
		assert_int_equal(y.r.forcible, writes);
		say(&y, 2, FORGET_FORCE);
		assert_int_equal(y.p.phase, PHASE_SEEN);
		assert_true(phone_is(&y.p, PHONE_FORGOTTEN));
		if (writes)
			assert_non_null(strstr(y.r.notes[0].text, "--force"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_begins_anew),
		cmocka_unit_test(test_retry_wants_a_stuck_phone),
		cmocka_unit_test(test_retry_keeps_what_is_half_flashed),
		cmocka_unit_test(test_skip_cases),
		cmocka_unit_test(test_skip_goes_on),
		cmocka_unit_test(test_skip_waits_for_a_quiet_moment),
		cmocka_unit_test(test_skip_gives_way_to_a_flash),
		cmocka_unit_test(test_skip_wants_the_next_stage_there),
		cmocka_unit_test(test_forget_leaves_nothing_but_the_flag),
		cmocka_unit_test(test_forget_in_every_phase),
	};

	return cmocka_run_group_tests_name("engine operator", tests, NULL, NULL);
}
