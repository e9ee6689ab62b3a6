/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The phone's own word in the stage machine: what a Register or an Alarm proves, what it never proves, in any
 * order of arrival; and when a phone is sent away to look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_play.h"

/* It names the load: proven at once, and since it has read all it wants it is shown the next one at once. */
static const struct step names_it[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(2),
	{ 10, SENT, L1 ".bin", 0, 0 },
	{ 50, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(52),
	{ 54, REGISTERS, L1, 0, 0 },
	X(54, L1, CHECKING),
	{ 54, TICK, NULL, 0, 0 },
	X(54, L2, OFFERED),
};

/* The same by the version on its display; and without any boot or image: it runs it, whatever we have seen. */
static const struct step names_its_version[] = {
	{ 0, START, NULL, 0, 0 },
	{ 1, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(3),
	{ 6, REGISTERS, "3.1(1.2)", 0, 0 },
	X(6, L1, CHECKING),
	{ 7, TICK, NULL, 0, 0 },
	X(7, L2, OFFERED),
};

/* It names none: image, boot, and then it registers; judged when its alarm would have been heard. */
static const struct step names_none[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },  { 0, START, NULL, 0, 0 },      READS_OLD(2),
	{ 10, SENT, L1 ".bin", 0, 0 }, { 50, BOOT_BARE, NULL, 0, 0 }, READS_OLD(52),
	{ 54, REGISTERS, NULL, 0, 0 }, X(54, L1, CHECKING),	      { 58, TICK, NULL, 0, 0 },
	X(58, L1, CHECKING),	       { 59, TICK, NULL, 0, 0 },      X(59, L2, OFFERED),
};

/* The old application registers before it fetches, and once more while the new load waits: nothing. */
static const struct step old_application[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(2),
	{ 5, REGISTERS, NULL, 0, 0 },
	{ 12, TICK, NULL, 0, 0 },
	X(12, L1, OFFERED),
	{ 14, REGISTERS, "P00302000000", 0, 0 },
	{ 25, TICK, NULL, 0, 0 },
	X(25, L1, OFFERED),
	{ 40, SENT, L1 ".bin", 0, 0 },
	X(40, L1, FLASHING),
	{ 47, TICK, NULL, 0, 0 },
	X(47, L1, FLASHING),
	{ 80, BOOT_BARE, NULL, 0, 0 },
	{ 90, TICK, NULL, 0, 0 },
	X(90, L1, CHECKING),
};

/* Back, and it names the old load: it has refused the image, however silent it is. */
static const struct step still_the_old_one[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(2),
	{ 10, SENT, L1 ".bin", 0, 0 },
	{ 50, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(52),
	{ 54, REGISTERS, "P00302000000", 0, 0 },
	{ 55, REGISTERS, NULL, 0, 0 },
	{ 62, TICK, NULL, 0, 0 },
	X(62, L1, CHECKING),
};

/* 8.x by two parts: it registers between loader and application? Not an application of this stage. */
static const struct step half[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L3 ".loads", 0, 0 },
	{ 5, SENT, L3 ".sbn", 0, 0 },
	{ 40, BOOT_NAMED, NULL, 0, 0 },
	{ 42, REGISTERS, NULL, 0, 0 },
	{ 50, TICK, NULL, 0, 0 },
	X(50, L3, HALF_FLASHED),
	HUNT(51),
	{ 52, SENT, L3 ".loads", 0, 0 },
	{ 60, SENT, L3 ".sb2", 0, 0 },
	{ 110, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(112),
	{ 114, REGISTERS, NULL, 0, 0 },
	{ 118, TICK, NULL, 0, 0 },
	X(118, L3, CHECKING),
	{ 119, TICK, NULL, 0, 0 },
	X(119, L3, DONE),
};

/* Back, and it tries for the loader once more, in vain: it is on its way elsewhere. */
static const struct step loader_again[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 10, SENT, L3 ".sb2", 0, 0 },
	{ 50, BOOT_NAMED, NULL, 0, 0 },
	HUNT(51),
	{ 57, FAILED, L3 ".sbn", 0, 0 },
	{ 63, REGISTERS, NULL, 0, 0 },
	{ 70, TICK, NULL, 0, 0 },
	X(70, L3, CHECKING),
};

/* The loader went out behind the application: half, whoever registers after the boot. */
static const struct step loader_last[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 }, { 0, START, NULL, 0, 0 },      HUNT(1),
	{ 10, SENT, L3 ".sb2", 0, 0 }, { 20, SENT, L3 ".sbn", 0, 0 }, { 50, BOOT_NAMED, NULL, 0, 0 },
	{ 60, REGISTERS, NULL, 0, 0 }, { 70, TICK, NULL, 0, 0 },      X(70, L3, HALF_FLASHED),
};

/* F§7.1 A10: the image twice, then the old application, which says nothing of a load. */
static const struct step second_round[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L3 ".loads", 0, 0 },
	{ 10, SENT, L3 ".sb2", 0, 0 },
	{ 50, BOOT_NAMED, NULL, 0, 0 },
	HUNT(51),
	{ 52, SENT, L3 ".loads", 0, 0 },
	{ 90, SENT, L3 ".sb2", 0, 0 },
	{ 130, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(132),
	{ 134, REGISTERS, NULL, 0, 0 },
	{ 141, TICK, NULL, 0, 0 },
	X(141, L3, CHECKING),
};

/* What it says of the load is the cause at once; the next image takes it away; its name for the load proves. */
static const struct step not_authorized[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L3 ".loads", 0, 0 },
	{ 10, SENT, L3 ".sb2", 0, 0 },
	{ 50, BOOT_NAMED, NULL, 0, 0 },
	X(50, L3, CHECKING),
	READS_APP(52),
	{ 54, ALARMS, "alarm-auth", 0, 0 },
	{ 54, REGISTERS, NULL, 0, 0 },
	XC(54, L3, STUCK, LOAD_NOT_AUTHORIZED),
	{ 70, TICK, NULL, 0, 0 },
	XC(70, L3, STUCK, LOAD_NOT_AUTHORIZED),
	{ 200, SENT, L3 ".sb2", 0, 0 },
	X(200, L3, FLASHING),
	{ 250, BOOT_NAMED, NULL, 0, 0 },
	{ 260, REGISTERS, L3, 0, 0 },
	X(260, L3, DONE),
};

static const struct step alarm_then_silence[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	/* it knows of no load of this stage yet: this is about another */
	{ 1, ALARMS, "alarm-version", 0, 0 },
	X(1, L1, OFFERED),
	READS_OLD(2),
	{ 9, ALARMS, "alarm-not-found", 0, 0 },
	XC(9, L1, STUCK, LOAD_NOT_FOUND),
	{ 20, SENT, L1 ".bin", 0, 0 },
	X(20, L1, FLASHING),
	{ 21, ALARMS, "none of those", 0, 0 },
	X(21, L1, FLASHING),
};

/* SIP speaks no SCCP: the old application, whatever it says. */
static const struct step sip_stage[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 10, SENT, L4 ".sb2", 0, 0 },
	{ 50, BOOT_NAMED, NULL, 0, 0 },
	{ 60, REGISTERS, L4, 0, 0 },
	{ 61, REGISTERS, NULL, 0, 0 },
	{ 70, TICK, NULL, 0, 0 },
	X(70, L4, CHECKING),
	{ 100, SENT, "SIPDefault.cnf", 0, 0 },
	X(100, L4, DONE),
};

/* Silent after its flash, stuck; then it registers. */
static const struct step back_from_silence[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 }, { 0, START, NULL, 0, 0 },	 READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 }, { 187, TICK, NULL, 0, 0 }, XC(187, L1, STUCK, SILENT_AFTER_FLASH),
	{ 300, REGISTERS, L1, 0, 0 }, X(300, L1, CHECKING),	 { 301, TICK, NULL, 0, 0 },
	X(301, L2, OFFERED),
};

/* Observed only: it names the plan's third load, and later its own troubles. */
static const struct step observed_names[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(1),
	{ 9, REGISTERS, L3, 0, 0 },
	X(9, L3, SEEN),
};

static const struct scene_entry {
	const char *name;
	const struct step *steps;
	size_t n;
	unsigned stages; /* of the plan; 0 = all four */
} scenes[] = {
#define S(x, stages)                                      \
	{                                                 \
#x, x, sizeof(x) / sizeof((x)[0]), stages \
	}
	S(names_it, 0),		 S(names_its_version, 0),  S(names_none, 0),
	S(old_application, 0),	 S(still_the_old_one, 0),  S(half, 3),
	S(second_round, 3),	 S(loader_again, 3),	   S(loader_last, 3),
	S(not_authorized, 3),	 S(alarm_then_silence, 0), S(sip_stage, 0),
	S(back_from_silence, 0), S(observed_names, 0),
#undef S
};
#define N_SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void begin(struct play *y, const struct scene_entry *scene)
{
	play_init(y);
	if (scene->stages)
		y->plan.n_stages = scene->stages;
}

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		struct play y;

		begin(&y, &scenes[i]);
		play_all(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

static void test_any_order_gives_the_same_phone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		struct step *mixed = calloc(2 * scenes[i].n, sizeof(*mixed));
		struct play straight;

		assert_non_null(mixed);
		begin(&straight, &scenes[i]);
		for (size_t k = 0; k < scenes[i].n; k++)
			if (scenes[i].steps[k].what != EXPECT)
				play_step(&straight, &scenes[i].steps[k]);
		for (unsigned seed = 1; seed <= 300; seed++) {
			unsigned r = seed;
			size_t m = play_shuffle(scenes[i].steps, scenes[i].n, mixed, &r);
			struct play y;

			begin(&y, &scenes[i]);
			for (size_t k = 0; k < m; k++)
				play_step(&y, &mixed[k]);
			play_same_phone(&straight.p, &y.p, scenes[i].name, seed);
		}
		free(mixed);
	}
}

/* ---- single rules */

static void to_flashing(struct play *y)
{
	static const struct step steps[] = {
		{ 0, BOOT_BARE, NULL, 0, 0 },  { 0, START, NULL, 0, 0 }, READS_OLD(2),
		{ 10, SENT, L1 ".bin", 0, 0 }, X(10, L1, FLASHING),
	};

	play_init(y);
	play_all(y, "to flashing", steps, sizeof(steps) / sizeof(steps[0]));
}

static void test_running_by_says_how_it_is_known(void **state)
{
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	assert_string_equal(running_by_name(y.p.running_by), "option-60");
	play_step(&y, &(struct step){ 60, REGISTERS, NULL, 0, 0 });
	play_step(&y, &(struct step){ 65, TICK, NULL, 0, 0 });
	assert_string_equal(y.p.running, L1);
	assert_string_equal(running_by_name(y.p.running_by), "registered");
	/* proven by files alone, and then it says so itself */
	to_flashing(&y);
	y.ready = 1;
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 52, SENT, "XMLDefault.cnf.xml", 0, 0 });
	play_step(&y, &(struct step){ 173, TICK, NULL, 0, 0 });
	assert_string_equal(running_by_name(y.p.running_by), "proof");
	play_step(&y, &(struct step){ 180, REGISTERS, L1, 0, 0 });
	assert_string_equal(running_by_name(y.p.running_by), "registered");
	/* an unknown load is what it says it is; a text that is no load's name says nothing */
	play_init(&y);
	play_step(&y, &(struct step){ 1, REGISTERS, NULL, 0, 0 });
	assert_string_equal(y.p.running, "SCCP application");
	play_step(&y, &(struct step){ 2, REGISTERS, "P00307020300", 0, 0 });
	assert_string_equal(y.p.running, "P00307020300");
	play_step(&y, &(struct step){ 3, REGISTERS, "\x1b[2J", 0, 0 });
	assert_string_equal(y.p.running, "P00307020300");
	play_step(&y, &(struct step){ 1, REGISTERS, L1, 0, 0 }); /* heard late */
	assert_string_equal(y.p.running, "P00307020300");
}

/* It named the load, and after that it fetched the image: heard the other way round, that word is no longer true. */
static void test_a_word_from_before_the_image(void **state)
{
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 9, REGISTERS, L1, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_PROVEN));
	play_step(&y, &(struct step){ 11, REGISTERS, L1, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_PROVEN));
}

/* The boot between image and Register is reported after it. */
static void test_a_boot_that_is_heard_late(void **state)
{
	static const struct limits *lim = &limits;
	struct engine_context ctx = { .limits = lim, .stages_ready = UINT32_MAX };
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 60, REGISTERS, NULL, 0, 0 });
	assert_int_equal(y.p.phase, PHASE_FLASHING);
	ctx.plan = &y.plan;
	ctx.now_ms = y.now;
	assert_int_equal(engine_wake(&y.p, &ctx), WAKE_SOON);
	play_step(&y, &(struct step){ 70, TICK, NULL, 0, 0 });
	assert_int_equal(y.p.phase, PHASE_FLASHING);
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_PROVEN));
	assert_int_equal(y.p.running_by, RUNNING_BY_REGISTERED);
}

/* A universal loader names its model: a phone that still does not has not taken it, whoever registers. */
static void test_two_parts_and_still_bare(void **state)
{
	struct play y;

	(void)state;
	play_init(&y);
	y.plan.stages[0] = y.plan.stages[2];
	y.plan.n_stages = 1;
	play_step(&y, &(struct step){ 0, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 10, SENT, L3 ".sb2", 0, 0 });
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 60, REGISTERS, NULL, 0, 0 });
	play_step(&y, &(struct step){ 70, TICK, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_PROVEN));
	assert_int_equal(y.p.phase, PHASE_CHECKING);
}

static void test_java_names_its_load(void **state)
{
	struct play y;
	struct load_name load = { "SCCP41.8-5-3S" };

	(void)state;
	play_init(&y);
	loadset_from_name(&load, &y.plan.stages[0]);
	y.plan.n_stages = 1;
	snprintf(y.plan.models[0], sizeof(y.plan.models[0]), "7941");
	snprintf(y.p.model, sizeof(y.p.model), "7941");
	y.p.vendor = VENDOR_NAMED;
	y.p.generation = GEN_JAVA;
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 30, REGISTERS, "SCCP41.8-5-2S", 0, 0 });
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	play_step(&y, &(struct step){ 300, REGISTERS, load.s, 0, 0 });
	assert_int_equal(y.p.phase, PHASE_DONE);
	assert_int_equal(y.p.running_by, RUNNING_BY_REGISTERED);
}

static void test_device_type_gives_the_model(void **state)
{
	struct play y;

	(void)state;
	play_init(&y);
	play_step(&y, &(struct step){ 0, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	assert_string_equal(y.p.model, "");
	y.device_type = 4711;
	play_step(&y, &(struct step){ 1, REGISTERS, NULL, 0, 0 });
	assert_string_equal(y.p.model, "");
	y.device_type = 8;
	play_step(&y, &(struct step){ 2, REGISTERS, NULL, 0, 0 });
	assert_string_equal(y.p.model, "7940");
	assert_true(plan_fits(&y.plan, &y.p));
	/* an unnamed plan keeps its phone, now that it has a name */
	struct plan unnamed = { .n_models = 1, .models = { "unnamed" } };
	assert_true(plan_fits(&unnamed, &y.p));
	/* what DHCP says counts first */
	play_step(&y, &(struct step){ 3, BOOT_NAMED, NULL, 0, 0 });
	assert_string_equal(y.p.model, "7960");
	play_step(&y, &(struct step){ 4, REGISTERS, NULL, 0, 0 });
	assert_string_equal(y.p.model, "7960");
	/* a 7910: these loads are not for it */
	play_init(&y);
	play_step(&y, &(struct step){ 0, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	y.device_type = 6;
	play_step(&y, &(struct step){ 2, REGISTERS, NULL, 0, 0 });
	assert_int_equal(y.p.phase, PHASE_SEEN);
	assert_int_equal(y.p.cause, CAUSE_WRONG_FAMILY);
	assert_false(plan_fits(&unnamed, &y.p));
}

/* ---- who is sent to look */

static enum engine_wake wake(const struct play *y)
{
	struct engine_context ctx = {
		.plan = &y->plan, .limits = &limits, .now_ms = y->now, .stages_ready = y->ready
	};

	return engine_wake(&y->p, &ctx);
}

static void test_a_phone_is_sent_to_look(void **state)
{
	struct play y;

	(void)state;
	play_init(&y);
	play_step(&y, &(struct step){ 0, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO); /* nobody started it */
	play_step(&y, &(struct step){ 1, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 2, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NOW);
	play_step(&y, &(struct step){ 2, RESET_SENT, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO); /* just sent */
	play_step(&y, &(struct step){ 20, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO);
	for (int t = 40; t <= 80; t += 40) {
		play_step(&y, &(struct step){ t, REGISTERS, NULL, 0, 0 });
		assert_int_equal(wake(&y), WAKE_NOW);
		play_step(&y, &(struct step){ t, RESET_SENT, NULL, 0, 0 });
	}
	play_step(&y, &(struct step){ 400, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO); /* thrice is enough */
}

static void test_who_has_looked_is_left_alone(void **state)
{
	struct play y;

	(void)state;
	play_init(&y);
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 5, SENT, "XMLDefault.cnf.xml", 0, 0 });
	play_step(&y, &(struct step){ 6, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&y),
			 WAKE_NO); /* it has read of the new load: a Reset would make it begin anew */
	struct play boots; /* its files are heard of later than its Register */

	play_init(&boots);
	play_step(&boots, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&boots, &(struct step){ 4, BOOT_BARE, NULL, 0, 0 });
	play_step(&boots, &(struct step){ 5, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&boots), WAKE_NO);
	struct play idle = y;

	play_step(&idle, &(struct step){ 599, REGISTERS, NULL, 0, 0 });
	assert_int_equal(wake(&idle), WAKE_NO);
	play_step(&idle, &(struct step){ 610, REGISTERS, NULL, 0, 0 });
	assert_true(phone_is(&idle.p, PHONE_NEEDS_REBOOT));
	assert_int_equal(wake(&idle), WAKE_NOW); /* it needs a reboot: a Reset is one */
	play_step(&y, &(struct step){ 40, SENT, L1 ".bin", 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO);
	/* proven, and the next stage is not there yet */
	y.ready = 1;
	play_step(&y, &(struct step){ 80, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 85, REGISTERS, L1, 0, 0 });
	play_step(&y, &(struct step){ 85, TICK, NULL, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_PROVEN));
	assert_int_equal(wake(&y), WAKE_NO);
	y.ready = UINT32_MAX;
	play_step(&y, &(struct step){ 86, TICK, NULL, 0, 0 });
	assert_string_equal(y.p.load.s, L2);
	assert_int_equal(wake(&y), WAKE_NOW);
	struct play sent = y;

	play_step(&sent, &(struct step){ 86, RESET_SENT, NULL, 0, 0 }); /* in the same millisecond */
	assert_int_equal(wake(&sent), WAKE_NO);
	/* a cohort moves as one, and its root names no witness */
	struct engine_context ctx = { .plan = &y.plan, .limits = &limits, .now_ms = y.now, .shared = true };
	assert_int_equal(engine_wake(&y.p, &ctx), WAKE_NO);
	play_step(&y, &(struct step){ 87, STOP, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NOW); /* it finishes its stage */
	play_step(&y, &(struct step){ 88, FORGET, NULL, 0, 0 });
	assert_int_equal(wake(&y), WAKE_NO);
}

/* A phone that registers every five seconds and reads nothing does not keep its stage from being swung. */
static void test_registering_is_no_reading(void **state)
{
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 52, SENT, "XMLDefault.cnf.xml", 0, 0 });
	for (int t = 54; t <= 64; t += 5) {
		play_step(&y, &(struct step){ t, REGISTERS, NULL, 0, 0 });
		play_step(&y, &(struct step){ t, TICK, NULL, 0, 0 });
	}
	assert_string_equal(y.p.load.s, L2);
}

/* Reading begins again after it has registered (locales, ring lists): the swing waits for quiet. */
static void test_a_reader_is_not_disturbed(void **state)
{
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 54, REGISTERS, NULL, 0, 0 });
	play_step(&y, &(struct step){ 62, SENT, "RINGLIST.DAT", 0, 0 });
	play_step(&y, &(struct step){ 63, TICK, NULL, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_PROVEN));
	assert_string_equal(y.p.load.s, L1);
	play_step(&y, &(struct step){ 92, TICK, NULL, 0, 0 });
	assert_string_equal(y.p.load.s, L2);
}

/* The engine asks to be woken when a Register that names no load may be judged. */
static void test_due_when_the_window_is_over(void **state)
{
	struct play y;

	(void)state;
	to_flashing(&y);
	play_step(&y, &(struct step){ 50, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 54, REGISTERS, NULL, 0, 0 });
	assert_int_equal(y.r.due_ms, T0 + 59 * SEC);
	assert_int_equal(wake(&y), WAKE_SOON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_any_order_gives_the_same_phone),
		cmocka_unit_test(test_running_by_says_how_it_is_known),
		cmocka_unit_test(test_a_word_from_before_the_image),
		cmocka_unit_test(test_a_boot_that_is_heard_late),
		cmocka_unit_test(test_two_parts_and_still_bare),
		cmocka_unit_test(test_java_names_its_load),
		cmocka_unit_test(test_device_type_gives_the_model),
		cmocka_unit_test(test_a_phone_is_sent_to_look),
		cmocka_unit_test(test_who_has_looked_is_left_alone),
		cmocka_unit_test(test_registering_is_no_reading),
		cmocka_unit_test(test_a_reader_is_not_disturbed),
		cmocka_unit_test(test_due_when_the_window_is_over),
	};

	return cmocka_run_group_tests_name("engine witness", tests, NULL, NULL);
}
