/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Classic signatures that the ladder and its troubles do not show (test_engine_scenes): very old images, what is
 * refused under an old personality, members that are not there, phones that wait or loop, the flip back (F§7.1). Any
 * order of arrival within the window gives the same phone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_play.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define BARE(t) { t, BOOT_BARE, NULL, 0, 0 }
#define NAMED(t) { t, BOOT_NAMED, NULL, 0, 0 }
#define STARTS(t) { t, START, NULL, 0, 0 }
#define TICKS(t) { t, TICK, NULL, 0, 0 }
#define GETS(t, file) { t, SENT, file, 0, 0 }
#define LACKS(t, file) { t, MISSING, file, 0, 0 }
/* clang-format on */
#define LOADER "P003-8-12-00.sbn"
#define SEP "SEP" MAC ".cnf.xml"

/* A1: asks for OS79XX.TXT and SEPDefault.cnf alone. It is past no stage by that; its image proves, as always. */
static const struct step very_old[] = {
	BARE(0),
	STARTS(0),
	GETS(2, "OS79XX.TXT"),
	GETS(3, "SEPDefault.cnf"),
	GETS(40, "OS79XX.TXT"),
	GETS(41, "SEPDefault.cnf"),
	TICKS(400),
	X(400, L1, OFFERED),
	BARE(500),
	GETS(502, "OS79XX.TXT"),
	TICKS(900),
	X(900, L1, OFFERED),
	GETS(910, L1 ".bin"),
	X(910, L1, FLASHING),
	BARE(950),
	GETS(952, "OS79XX.TXT"),
	X(952, L1, CHECKING),
	TICKS(1073),
	X(1073, L2, OFFERED),
};

/* A6, A7: the loader is right already: the application at once, and SIPDefault.cnf behind it. */
static const struct step loader_is_right[] = {
	NAMED(0),	    STARTS(0),		HUNT(1),   GETS(2, L4 ".loads"),
	GETS(4, L4 ".sb2"), X(4, L4, FLASHING), NAMED(55), GETS(60, "SIPDefault.cnf"),
	X(60, L4, DONE),
};

/* A10: a SIP application that refuses the new one, twice. That it asks for SIPDefault.cnf again proves nothing. */
static const struct step old_personality[] = {
	NAMED(0),
	STARTS(0),
	GETS(2, "SIPDefault.cnf"),
	NAMED(20),
	HUNT(21),
	GETS(22, L4 ".loads"),
	GETS(30, L4 ".sb2"),
	NAMED(90),
	GETS(95, "SIPDefault.cnf"),
	X(95, L4, CHECKING),
	NAMED(110),
	HUNT(111),
	GETS(112, L4 ".loads"),
	GETS(120, L4 ".sb2"),
	NAMED(180),
	GETS(185, "SIPDefault.cnf"),
	X(185, L4, CHECKING),
	NAMED(200),
	HUNT(201),
	GETS(202, L4 ".loads"),
	GETS(210, L4 ".sb2"),
	XC(210, L4, STUCK, IMAGE_REJECTED),
	TICKS(900),
	XC(900, L4, STUCK, IMAGE_REJECTED),
};

/* A14: the list is there, the loader is not. */
static const struct step member_missing[] = {
	NAMED(0),
	STARTS(0),
	HUNT(1),
	GETS(2, L4 ".loads"),
	LACKS(3, LOADER),
	X(3, L4, DOWNLOADING),
	NAMED(30),
	HUNT(31),
	GETS(32, L4 ".loads"),
	LACKS(33, LOADER),
	XC(33, L4, STUCK, LOAD_NOT_FOUND),
	HUNT(60),
	GETS(61, L4 ".loads"),
	GETS(62, LOADER),
	X(62, L4, HALF_FLASHED),
};

/* A15: a loader without an application, for which nothing was there: it waits, and takes the load once it is shown. */
static const struct step invalid[] = {
	NAMED(0),
	LACKS(1, "CTLSEP" MAC ".tlv"),
	LACKS(1, SEP),
	LACKS(2, "SIP" MAC ".cnf"),
	LACKS(2, "MGC" MAC ".cnf"),
	LACKS(3, "XMLDefault.cnf.xml"),
	TICKS(500),
	X(500, NULL, SEEN),
	STARTS(600),
	X(600, L4, OFFERED),
	HUNT(610),
	GETS(611, L4 ".loads"),
	GETS(620, L4 ".sb2"),
	GETS(680, "SIPDefault.cnf"),
	X(680, L4, DONE),
};

/* A16: nothing but the first probe, for the server says nothing: no proof, and no fault of the load's. */
static const struct step deaf_server[] = {
	NAMED(0),
	STARTS(0),
	LACKS(2, "CTLSEP" MAC ".tlv"),
	LACKS(60, "CTLSEP" MAC ".tlv"),
	LACKS(115, "CTLSEP" MAC ".tlv"),
	TICKS(400),
	X(400, L4, OFFERED),
	TICKS(1300),
	X(1300, L4, OFFERED),
};

/* A17: observed, with a SEP file of its own that is malformed; it is over when the phone goes on. */
#define LOOP(t) LACKS(t, "CTLSEP" MAC ".tlv"), GETS(t, SEP)
static const struct step malformed[] = {
	NAMED(0),
	LOOP(2),
	LOOP(3),
	LOOP(4),
	LOOP(5),
	LOOP(6),
	X(6, NULL, SEEN),
	LOOP(7),
	XC(7, NULL, SEEN, SEP_MALFORMED),
	LOOP(8),
	TICKS(200),
	XC(200, NULL, SEEN, SEP_MALFORMED),
	GETS(300, SEP),
	GETS(301, "RINGLIST.DAT"),
	X(301, NULL, SEEN),
};
/* one look a poll is none */
static const struct step polls_sep[] = {
	NAMED(0), LOOP(2), LOOP(36), LOOP(70), LOOP(104), LOOP(138), LOOP(172), LOOP(206), X(206, NULL, SEEN),
};

#define SIP_POLLS(t) LACKS(t, "SIP" MAC ".cnf")
/* A18: unprovisioned, it asks for its file every 31 s: done is done. */
static const struct step unprovisioned[] = {
	NAMED(0),
	STARTS(0),
	HUNT(1),
	GETS(2, L4 ".loads"),
	GETS(4, L4 ".sb2"),
	NAMED(55),
	GETS(60, "SIPDefault.cnf"),
	SIP_POLLS(61),
	SIP_POLLS(92),
	SIP_POLLS(123),
	TICKS(154),
	SIP_POLLS(154),
	X(154, L4, DONE),
};
/* A19: and back to SCCP, since the plain root says so. */
static const struct step flips_back[] = {
	NAMED(0),
	STARTS(0),
	HUNT(1),
	GETS(2, L4 ".loads"),
	GETS(4, L4 ".sb2"),
	NAMED(55),
	GETS(60, "SIPDefault.cnf"),
	X(60, L4, DONE),
	NAMED(5000),
	HUNT(5001),
	X(5002, L4, DONE),
	GETS(5003, L3 ".loads"),
	XC(5003, L4, DONE, FLIPPED_BACK),
	GETS(5020, L3 ".sb2"),
	XC(5020, L4, DONE, FLIPPED_BACK),
};

/* A20: option 60 goes from bare to a model behind the application: proven, whatever TFTP tells. But a loader alone says
 * so too: not before the application. */
static const struct step bare_to_model[] = {
	BARE(0),  STARTS(0),	       GETS(5, L3 ".loads"), GETS(8, L3 ".sbn"), X(8, L3, HALF_FLASHED),
	BARE(40), GETS(45, L3 ".sb2"), X(45, L3, FLASHING),  NAMED(100),	 X(100, L3, DONE),
};
static const struct step loader_names_model[] = {
	BARE(0),
	STARTS(0),
	GETS(8, L3 ".sbn"),
	NAMED(40),
	X(40, L3, HALF_FLASHED),
	HUNT(41),
	GETS(42, L3 ".loads"),
	GETS(55, L3 ".sb2"),
	NAMED(110),
	X(110, L3, CHECKING),
};

/* Ends at SCCP, and begins there. */
static void sccp_init(struct play *y)
{
	play_init(y);
	y->plan.stages[0] = y->plan.stages[2];
	y->plan.n_stages = 1;
}

static const struct scene_entry {
	const char *name;
	const struct step *steps;
	size_t n;
	void (*init)(struct play *y);
} scenes[] = {
	{ "A1", very_old, COUNT(very_old), play_init },
	{ "A6", loader_is_right, COUNT(loader_is_right), play_init },
	{ "A10", old_personality, COUNT(old_personality), play_init },
	{ "A14", member_missing, COUNT(member_missing), play_init },
	{ "A15", invalid, COUNT(invalid), play_init },
	{ "A16", deaf_server, COUNT(deaf_server), play_init },
	{ "A17", malformed, COUNT(malformed), play_init },
	{ "A17, not", polls_sep, COUNT(polls_sep), play_init },
	{ "A18", unprovisioned, COUNT(unprovisioned), play_init },
	{ "A19", flips_back, COUNT(flips_back), play_init },
	{ "A20", bare_to_model, COUNT(bare_to_model), sccp_init },
	{ "A20, not", loader_names_model, COUNT(loader_names_model), sccp_init },
};

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		struct play y;

		scenes[i].init(&y);
		play_all(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

static void test_any_order_gives_the_same_phone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++)
		play_in_any_order(scenes[i].name, scenes[i].steps, scenes[i].n, 300, scenes[i].init);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_any_order_gives_the_same_phone),
	};

	return cmocka_run_group_tests_name("engine classic", tests, NULL, NULL);
}
