/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The stage machine, scene by scene: each is a history as the servers would tell it, with the phases it must
 * lead to; and any order of arrival within the window gives the same phone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_play.h"

/* Power cut between loader and application: the same stage, option 150, and it goes on (design: 5). */
static const struct step power_cut[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(5, L4, HALF_FLASHED),
	{ 100, TICK, NULL, 0, 0 },
	X(100, L4, HALF_FLASHED),
	{ 126, TICK, NULL, 0, 0 },
	XC(126, L4, STUCK, APP_MISSING_AFTER_LOADER),
	{ 4000, BOOT_NAMED, NULL, 0, 0 },
	X(4000, L4, HALF_FLASHED),
	HUNT(4001),
	{ 4002, SENT, L4 ".loads", 0, 0 },
	{ 4015, SENT, L4 ".sb2", 0, 0 },
	X(4015, L4, FLASHING),
	{ 4070, SENT, "SIPDefault.cnf", 0, 0 },
	X(4070, L4, DONE),
};

/* A10: whole image, asks again, twice; never advanced. */
static const struct step refused[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 12, SENT, L4 ".sb2", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	X(60, L4, CHECKING),
	HUNT(61),
	{ 62, SENT, L4 ".loads", 0, 0 },
	{ 75, SENT, L4 ".sb2", 0, 0 },
	X(75, L4, FLASHING),
	{ 125, BOOT_NAMED, NULL, 0, 0 },
	HUNT(126),
	{ 127, SENT, L4 ".loads", 0, 0 },
	{ 140, SENT, L4 ".sb2", 0, 0 },
	XC(140, L4, STUCK, IMAGE_REJECTED),
	{ 190, BOOT_NAMED, NULL, 0, 0 },
	{ 900, TICK, NULL, 0, 0 },
	XC(900, L4, STUCK, IMAGE_REJECTED),
};

/* Already at 3.1: two boots in which it reads and wants nothing. */
static const struct step presumed[] = {
	{ 0, START, NULL, 0, 0 },
	{ 1, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(3),
	{ 40, TICK, NULL, 0, 0 },
	X(40, L1, OFFERED),
	{ 100, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(102),
	{ 110, TICK, NULL, 0, 0 },
	X(110, L1, OFFERED),
	{ 134, TICK, NULL, 0, 0 },
	X(134, L2, OFFERED),
	READS_OLD(140),
	{ 800, TICK, NULL, 0, 0 },
	X(800, L2, OFFERED), /* no boot since, and not known to be signed: a guess would be dangerous */
};

/* The seed's phone at 5.0(5) that cannot be reset: asks for a signed image of an unsigned load, then
 * polls. */
static const struct step at_five[] = {
	{ 0, START, NULL, 0, 0 },
	{ 1, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(3),
	{ 5, MISSING, L1 ".sbn", 0, 0 },
	X(5, L1, OFFERED),
	{ 36, TICK, NULL, 0, 0 },
	X(36, L2, OFFERED),
	READS_OLD(39),
	READS_OLD(73),
	READS_OLD(107),
	{ 340, TICK, NULL, 0, 0 },
	X(340, L3, OFFERED),
};

/* Names its model: enters at the last stage; asks for OS79XX.TXT after all: to the first. */
static const struct step tentative[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	{ 2, SENT, "OS79XX.TXT", 0, 0 },
	X(2, L4, OFFERED),
	{ 33, TICK, NULL, 0, 0 },
	X(33, L1, OFFERED),
};

static const struct step named_on_the_way[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },	{ 0, START, NULL, 0, 0 }, X(0, L1, OFFERED),
	{ 10, BOOT_NAMED, NULL, 0, 0 }, X(10, L4, OFFERED),
};

/* A9: at SIP already. */
static const struct step there_already[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },	{ 0, START, NULL, 0, 0 }, HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 }, X(2, L4, DOWNLOADING),	  { 26, SENT, "SIPDefault.cnf", 0, 0 },
	X(26, L4, DOWNLOADING),		{ 57, TICK, NULL, 0, 0 }, X(57, L4, DONE),
};

/* A 7910 among the unnamed, and an old SIP phone. */
static const struct step family[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 3, MISSING, "P00405000700.bin", 0, 0 },
	XC(3, NULL, SEEN, WRONG_FAMILY),
	{ 5, SENT, "RINGLIST.DAT", 0, 0 },
	XC(5, NULL, SEEN, WRONG_FAMILY),
};
static const struct step old_sip[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 3, SENT, "SIPDefault.cnf", 0, 0 },
	XC(3, NULL, SEEN, SIP_TOO_OLD),
};

/* Observed only: nothing is started, and yet its story is told. */
static const struct step observed[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 15, SENT, L4 ".sb2", 0, 0 },
	X(15, L4, SEEN),
	{ 70, SENT, "SIPDefault.cnf", 0, 0 },
	X(70, L4, DONE),
};
static const struct step observed_trouble[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	HUNT(1),
	{ 2, MISSING, L4 ".loads", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	HUNT(61),
	{ 62, MISSING, L4 ".loads", 0, 0 },
	XC(62, L4, SEEN, LOAD_NOT_FOUND),
	{ 90, SENT, L4 ".loads", 0, 0 },
	X(90, L4, SEEN),
};

static const struct step not_found[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, MISSING, L4 ".loads", 0, 0 },
	X(2, L4, DOWNLOADING),
	HUNT(30),
	{ 31, MISSING, L4 ".loads", 0, 0 },
	XC(31, L4, STUCK, LOAD_NOT_FOUND),
	HUNT(60),
	{ 61, SENT, L4 ".loads", 0, 0 },
	X(61, L4, DOWNLOADING),
};
static const struct step failing[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 1, SENT, L4 ".loads", 0, 0 },
	{ 20, FAILED, "P003-8-12-00.sbn", 0, 0 },
	{ 60, FAILED, "P003-8-12-00.sbn", 0, 0 },
	X(60, L4, DOWNLOADING),
	{ 99, FAILED, "P003-8-12-00.sbn", 0, 0 },
	XC(99, L4, STUCK, TRANSFER_FAILING),
	{ 140, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(140, L4, HALF_FLASHED),
};
static const struct step looping[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 40, BOOT_NAMED, NULL, 0, 0 },
	{ 70, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 110, BOOT_NAMED, NULL, 0, 0 },
	{ 140, SENT, "P003-8-12-00.sbn", 0, 0 },
	XC(140, L4, STUCK, LOADER_LOOPING),
	{ 170, SENT, L4 ".loads", 0, 0 },
	{ 180, SENT, L4 ".sb2", 0, 0 },
	X(180, L4, FLASHING),
};
static const struct step silent[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 180, TICK, NULL, 0, 0 },
	X(180, L1, FLASHING),
	{ 187, TICK, NULL, 0, 0 },
	XC(187, L1, STUCK, SILENT_AFTER_FLASH),
	{ 300, BOOT_BARE, NULL, 0, 0 },
	X(300, L1, CHECKING),
};

/* Stopped: finishes its stage, goes no further, until it is started again. */
static const struct step stopped[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 8, STOP, NULL, 0, 0 },
	X(8, L1, FLASHING),
	{ 40, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(42),
	{ 400, TICK, NULL, 0, 0 },
	X(400, L1, CHECKING),
	{ 410, START, NULL, 0, 0 },
	{ 411, TICK, NULL, 0, 0 },
	X(411, L2, OFFERED),
};

/* An unsigned image taken whole twice and asked for again: it runs 5.x, to the first signed stage. */
static const struct step unsigned_in_vain[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 40, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(41),
	{ 100, SENT, L1 ".bin", 0, 0 },
	{ 140, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(141),
	{ 200, SENT, L1 ".bin", 0, 0 },
	XC(200, L1, STUCK, IMAGE_REJECTED),
	{ 231, TICK, NULL, 0, 0 },
	X(231, L2, OFFERED),
};

/* The loader alone never proves, a download alone never proves, a renewal is no boot (it never reaches the
 * engine as one). */
static const struct step download_only[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	READS_OLD(30),
	READS_OLD(64),
	READS_OLD(98),
	READS_OLD(132),
	READS_OLD(166),
	{ 170, TICK, NULL, 0, 0 },
	X(170, L1, FLASHING),
};

/* It reads XMLDefault in two boots and asks for nothing: a SEP file, then that as a <Default> document, then it is stuck;
 * and a file of the load ends that. */
#define READS_SEP(t) { t, SENT, "SEP" MAC ".cnf.xml", 0, 0 }
static const struct step takes_no_notice[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	READS_APP(2),
	READS_APP(300), /* by itself: that is no boot */
	{ 400, TICK, NULL, 0, 0 },
	{ 500, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(502),
	{ 520, TICK, NULL, 0, 0 },
	READS_APP(531), /* never quiet for 30 s */
	{ 534, TICK, NULL, 0, 0 },
	READS_SEP(560),
	{ 600, BOOT_NAMED, NULL, 0, 0 },
	READS_SEP(602),
	{ 640, TICK, NULL, 0, 0 },
	{ 700, BOOT_NAMED, NULL, 0, 0 },
	READS_SEP(702),
	{ 733, TICK, NULL, 0, 0 },
	X(733, L4, OFFERED),
	{ 800, BOOT_NAMED, NULL, 0, 0 },
	READS_SEP(802),
	{ 900, BOOT_NAMED, NULL, 0, 0 },
	READS_SEP(902),
	{ 920, TICK, NULL, 0, 0 },
	X(920, L4, OFFERED),
	{ 935, TICK, NULL, 0, 0 },
	XC(935, L4, STUCK, CONFIGURATION_IGNORED),
	{ 1000, BOOT_NAMED, NULL, 0, 0 },
	READS_SEP(1002),
	XC(1002, L4, STUCK, CONFIGURATION_IGNORED),
	{ 1010, SENT, L4 ".loads", 0, 0 },
	X(1010, L4, DOWNLOADING),
	{ 1020, SENT, L4 ".sb2", 0, 0 },
	{ 1070, BOOT_NAMED, NULL, 0, 0 },
	{ 1072, SENT, "SIPDefault.cnf", 0, 0 },
	X(1072, L4, DONE),
};

static const struct scene_entry {
	const char *name;
	const struct step *steps;
	size_t n;
} scenes[] = {
#define S(x)                                      \
	{                                         \
#x, x, sizeof(x) / sizeof((x)[0]) \
	}
	S(ladder),    S(power_cut),	   S(refused),		S(presumed),	  S(at_five),
	S(tentative), S(named_on_the_way), S(there_already),	S(family),	  S(old_sip),
	S(observed),  S(observed_trouble), S(not_found),	S(failing),	  S(looping),
	S(silent),    S(stopped),	   S(unsigned_in_vain), S(download_only),
	S(takes_no_notice),
#undef S
};
#define N_SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		struct play y;

		play_init(&y);
		play_all(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

/* When that phone has which file, from then on. */
static void test_files_for_who_takes_no_notice(void **state)
{
	static const struct {
		int64_t from_s;
		uint32_t flags;
	} has[] = {
		{ 534, PHONE_SEP_GIVEN },
		{ 733, PHONE_SEP_GIVEN | PHONE_SEP_DEFAULT },
		{ 1072, 0 },
	};
	uint32_t expected = 0;
	struct play y;

	(void)state;
	play_init(&y);
	for (size_t i = 0; i < sizeof(takes_no_notice) / sizeof(takes_no_notice[0]); i++) {
		for (size_t k = 0; k < sizeof(has) / sizeof(has[0]); k++)
			if (has[k].from_s == takes_no_notice[i].at_s)
				expected = has[k].flags;
		play_step(&y, &takes_no_notice[i]);
		if ((y.p.flags & (PHONE_SEP_GIVEN | PHONE_SEP_DEFAULT)) != expected)
			fail_msg("%lld s: flags %x, expected %x", (long long)takes_no_notice[i].at_s, y.p.flags, expected);
	}
	assert_int_equal(y.p.phase, PHASE_DONE);
}

/* ---- permutation */

static void test_any_order_gives_the_same_phone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++)
		play_in_any_order(scenes[i].name, scenes[i].steps, scenes[i].n, 300, play_init);
}

/* Without DHCP knowledge boots are guessed from the files: the same must hold. */
static void test_any_order_without_dhcp(void **state)
{
	(void)state;
	static const struct step files[] = {
		HUNT(1),
		{ 2, SENT, L4 ".loads", 0, 0 },
		{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
		HUNT(35),
		{ 36, SENT, L4 ".loads", 0, 0 },
		{ 50, SENT, L4 ".sb2", 0, 0 },
		{ 100, SENT, "SIPDefault.cnf", 0, 0 },
		{ 101, MISSING, "SIP" MAC ".cnf", 0, 0 },
	};
	struct play straight;
	struct step mixed[2 * sizeof(files) / sizeof(files[0])];

	play_init(&straight);
	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++)
		play_step(&straight, &files[k]);
	assert_int_equal(straight.p.phase, PHASE_DONE);
	for (unsigned seed = 1; seed <= 2000; seed++) {
		unsigned r = seed;
		struct play y;
		size_t m = play_shuffle(files, sizeof(files) / sizeof(files[0]), mixed, &r);

		play_init(&y);
		for (size_t k = 0; k < m; k++)
			play_step(&y, &mixed[k]);
		play_same_phone(&straight.p, &y.p, "files only", seed);
	}
}

/* ---- plans that end at SCCP, plans that change, plans that go */

static void play_to_sccp(struct play *y)
{
	play_init(y);
	y->plan.n_stages = 3;
	play_step(y, &(struct step){ 0, BOOT_NAMED, NULL, 0, 0 });
	play_step(y, &(struct step){ 0, START, NULL, 0, 0 });
	assert_string_equal(y->p.load.s, L3);
}

/* The loader's own look at XMLDefault, long after the boot, is no application's: .loads follows within the window. */
static void test_the_loaders_xmldefault_proves_nothing(void **state)
{
	static const struct step steps[] = {
		{ 1, SENT, L3 ".loads", 0, 0 },
		{ 10, SENT, L3 ".sb2", 0, 0 },
		{ 40, BOOT_NAMED, NULL, 0, 0 },
		HUNT(41),
		{ 42, SENT, L3 ".loads", 0, 0 },
		{ 200, SENT, "XMLDefault.cnf.xml", 0, 0 },
		X(200, L3, CHECKING),
		{ 201, SENT, L3 ".loads", 0, 0 },
		{ 206, TICK, NULL, 0, 0 },
		X(206, L3, CHECKING),
		{ 330, MISSING, "MGC" MAC ".cnf", 0, 0 },
		{ 331, SENT, "XMLDefault.cnf.xml", 0, 0 },
		{ 340, TICK, NULL, 0, 0 },
		X(340, L3, CHECKING),
		{ 400, SENT, "XMLDefault.cnf.xml", 0, 0 },
		{ 404, TICK, NULL, 0, 0 },
		X(404, L3, CHECKING),
		{ 406, TICK, NULL, 0, 0 },
		X(406, L3, DONE),
	};
	struct play y;

	(void)state;
	play_to_sccp(&y);
	play_all(&y, "hunt", steps, sizeof(steps) / sizeof(steps[0]));
}

/* The one event of the application was lost, or the load was there already: what it does afterwards heals it. */
static void test_sccp_there_already(void **state)
{
	static const struct step steps[] = {
		HUNT(1),
		{ 2, SENT, L3 ".loads", 0, 0 },
		{ 60, BOOT_NAMED, NULL, 0, 0 },
		READS_APP(62),
		READS_APP(96),
		{ 110, TICK, NULL, 0, 0 },
		X(110, L3, DOWNLOADING),
		READS_APP(130),
		{ 136, TICK, NULL, 0, 0 },
		X(136, L3, DONE),
	};
	struct play y;

	(void)state;
	play_to_sccp(&y);
	play_all(&y, "there", steps, sizeof(steps) / sizeof(steps[0]));
}

/* An old SIP application whose new loader broke off unseen asks for SIPDefault.cnf, too. */
static void test_sip_there_is_not_judged_at_once(void **state)
{
	static const struct step steps[] = {
		{ 0, BOOT_NAMED, NULL, 0, 0 },
		{ 0, START, NULL, 0, 0 },
		HUNT(1),
		{ 2, SENT, L4 ".loads", 0, 0 },
		{ 26, SENT, "SIPDefault.cnf", 0, 0 },
		{ 40, FAILED, "P003-8-12-00.sbn", 0, 0 },
		{ 90, TICK, NULL, 0, 0 },
		X(90, L4, DOWNLOADING),
	};
	struct play y;

	(void)state;
	play_init(&y);
	play_all(&y, "broke off", steps, sizeof(steps) / sizeof(steps[0]));
}

/* The load says where a phone stands, whatever was put before or behind it. */
static void test_the_load_says_which_stage_is_last(void **state)
{
	static const struct step rest[] = {
		{ 10, SENT, L3 ".loads", 0, 0 },
		{ 20, SENT, L3 ".sb2", 0, 0 },
		{ 60, BOOT_NAMED, NULL, 0, 0 },
		READS_APP(62),
		READS_APP(150),
		{ 200, TICK, NULL, 0, 0 },
		X(200, L4, OFFERED),
	};
	struct play y;

	(void)state;
	play_to_sccp(&y); /* on 3 of 3; now the first goes and SIP comes: 2 of 3 */
	struct plan changed = seed_plan();

	memmove(&changed.stages[0], &changed.stages[1], 3 * sizeof(changed.stages[0]));
	changed.n_stages = 3;
	y.plan = changed;
	play_all(&y, "changed", rest, sizeof(rest) / sizeof(rest[0]));
	assert_int_equal(y.p.stage_no, 3);
	/* the last load is taken out of the plan: proven, it is done with what is left */
	y.plan.n_stages = 2;
	play_step(&y, &(struct step){ 210, SENT, L4 ".loads", 0, 0 });
	play_step(&y, &(struct step){ 220, SENT, L4 ".sb2", 0, 0 });
	play_step(&y, &(struct step){ 280, SENT, "SIPDefault.cnf", 0, 0 });
	assert_int_equal(y.p.phase, PHASE_DONE);
}

/* Its plan is gone from the configuration: nothing moves, nothing breaks. */
static void test_no_plan_no_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		for (size_t k = 0; k < scenes[i].n; k++) {
			struct play y;

			play_init(&y);
			for (size_t m = 0; m < k; m++)
				if (scenes[i].steps[m].what != EXPECT)
					play_step(&y, &scenes[i].steps[m]);
			struct phone before = y.p;

			y.gone = true;
			for (int what = BOOT_BARE; what <= STOP; what++)
				play_step(&y, &(struct step){ scenes[i].steps[k].at_s + 1000, (enum what)what,
							      L1 ".sbn", 0, 0 });
			if (before.stage_no && y.p.stage_no) {
				assert_int_equal(y.p.stage_no, before.stage_no);
				assert_string_equal(y.p.load.s, before.load.s);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_files_for_who_takes_no_notice),
		cmocka_unit_test(test_any_order_gives_the_same_phone),
		cmocka_unit_test(test_any_order_without_dhcp),
		cmocka_unit_test(test_the_loaders_xmldefault_proves_nothing),
		cmocka_unit_test(test_sccp_there_already),
		cmocka_unit_test(test_sip_there_is_not_judged_at_once),
		cmocka_unit_test(test_the_load_says_which_stage_is_last),
		cmocka_unit_test(test_no_plan_no_step),
	};

	return cmocka_run_group_tests_name("engine scenes", tests, NULL, NULL);
}
