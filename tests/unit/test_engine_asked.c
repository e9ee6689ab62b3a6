/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The stage machine where the server tells only what was asked for and what was not there (tftpd-hpa, D§6). The
 * histories are those of dnsmasq with each "sent" an "asked" at the transfer's start: no end, no size, no break-off.
 * What F§7.1 concludes from a whole download must then follow from what the phone does next, and what cannot be told
 * apart (a download that broke off, one that was whole) must not be.
 */
#include "engine_play.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A3, A4, A7: loader, application, and SIPDefault.cnf, which the loader never asks for. */
static const struct step sip[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	HUNT(1),
	X(2, L4, OFFERED),
	{ 3, SENT, L4 ".loads", 0, 0 },
	X(3, L4, DOWNLOADING),
	{ 4, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(4, L4, HALF_FLASHED),
	{ 34, BOOT_NAMED, NULL, 0, 0 },
	X(34, L4, HALF_FLASHED),
	HUNT(35),
	{ 37, SENT, L4 ".loads", 0, 0 },
	{ 38, SENT, L4 ".sb2", 0, 0 },
	X(38, L4, FLASHING),
	{ 100, BOOT_NAMED, NULL, 0, 0 },
	X(100, L4, CHECKING),
	{ 104, SENT, "SIPDefault.cnf", 0, 0 },
	X(104, L4, DONE),
};

/* A5: the loader, and no sign of the phone for two minutes. */
static const struct step silent_after_loader[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 100, TICK, NULL, 0, 0 },
	X(100, L4, HALF_FLASHED),
	{ 125, TICK, NULL, 0, 0 },
	XC(125, L4, STUCK, APP_MISSING_AFTER_LOADER),
	{ 4000, BOOT_NAMED, NULL, 0, 0 },
	X(4000, L4, HALF_FLASHED),
};

/* And the same after the application. */
static const struct step silent_after_application[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, L4 ".sb2", 0, 0 },
	{ 170, TICK, NULL, 0, 0 },
	X(170, L4, FLASHING),
	{ 190, TICK, NULL, 0, 0 },
	XC(190, L4, STUCK, SILENT_AFTER_FLASH),
};

/* A9: its manifest, then SIPDefault.cnf and neither loader nor application: it was there already. */
static const struct step there_already[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 }, { 0, START, NULL, 0, 0 }, HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 }, { 27, SENT, "SIPDefault.cnf", 0, 0 },
	X(27, L4, DOWNLOADING),		{ 58, TICK, NULL, 0, 0 }, X(58, L4, DONE),
};

/* The power is cut while the application is on its way, which looks like a whole one: nothing is proven by it, neither at
 * the boot nor by the loader's hunt. */
static const struct step cut_download[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, L4 ".sb2", 0, 0 },
	{ 6, BOOT_NAMED, NULL, 0, 0 },
	X(6, L4, CHECKING),
	HUNT(10),
	X(11, L4, CHECKING),
	{ 12, SENT, L4 ".loads", 0, 0 },
	{ 13, SENT, L4 ".sb2", 0, 0 },
	X(13, L4, FLASHING),
	{ 15, BOOT_NAMED, NULL, 0, 0 },
	HUNT(20),
	{ 22, SENT, L4 ".loads", 0, 0 },
	{ 23, SENT, L4 ".sb2", 0, 0 },
	X(23, L4, FLASHING),
	{ 80, BOOT_NAMED, NULL, 0, 0 },
	{ 84, SENT, "SIPDefault.cnf", 0, 0 },
	X(84, L4, DONE),
};

/* A10, A11: whole images, or cut ones, one after the other. Two may be power cuts; the fourth question says that three
 * were not taken. */
static const struct step refused[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, L4 ".sb2", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	HUNT(61),
	{ 63, SENT, L4 ".loads", 0, 0 },
	{ 75, SENT, L4 ".sb2", 0, 0 },
	{ 125, BOOT_NAMED, NULL, 0, 0 },
	HUNT(126),
	{ 128, SENT, L4 ".loads", 0, 0 },
	{ 140, SENT, L4 ".sb2", 0, 0 },
	X(140, L4, FLASHING),
	{ 190, BOOT_NAMED, NULL, 0, 0 },
	HUNT(191),
	{ 193, SENT, L4 ".loads", 0, 0 },
	X(193, L4, CHECKING),
	{ 205, SENT, L4 ".sb2", 0, 0 },
	XC(205, L4, STUCK, IMAGE_REJECTED),
	{ 900, TICK, NULL, 0, 0 },
	XC(900, L4, STUCK, IMAGE_REJECTED),
};

/* A12: the loader again and again, nothing else and no boot. */
static const struct step lossy[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 8, SENT, "P003-8-12-00.sbn", 0, 0 }, /* a question repeated: within order-window it is one */
	{ 25, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(25, L4, HALF_FLASHED),
	{ 60, SENT, "P003-8-12-00.sbn", 0, 0 },
	XC(60, L4, STUCK, TRANSFER_FAILING),
	/* it comes through after all */
	{ 95, BOOT_NAMED, NULL, 0, 0 },
	X(95, L4, HALF_FLASHED),
	HUNT(96),
	{ 98, SENT, L4 ".loads", 0, 0 },
	{ 99, SENT, L4 ".sb2", 0, 0 },
	X(99, L4, FLASHING),
};

/* The loader goes in each time, and each time it is wanted again. */
static const struct step loader_loops[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 40, BOOT_NAMED, NULL, 0, 0 },
	HUNT(41),
	{ 68, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 100, BOOT_NAMED, NULL, 0, 0 },
	HUNT(101),
	X(102, L4, HALF_FLASHED),
	{ 132, SENT, "P003-8-12-00.sbn", 0, 0 },
	XC(132, L4, STUCK, LOADER_LOOPING),
};

/* A13, A14: what is not there is refused, and that is heard. */
static const struct step manifest_missing[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },	   { 0, START, NULL, 0, 0 }, HUNT(1),
	{ 3, MISSING, L4 ".loads", 0, 0 }, X(3, L4, DOWNLOADING),    { 40, MISSING, L4 ".loads", 0, 0 },
	XC(40, L4, STUCK, LOAD_NOT_FOUND),
};

static const struct step member_missing[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 3, SENT, L4 ".loads", 0, 0 },
	{ 4, MISSING, L4 ".sb2", 0, 0 },
	X(4, L4, DOWNLOADING),
	{ 40, SENT, L4 ".loads", 0, 0 },
	{ 41, MISSING, L4 ".sb2", 0, 0 },
	XC(41, L4, STUCK, LOAD_NOT_FOUND),
	/* somebody brought the file */
	{ 80, BOOT_NAMED, NULL, 0, 0 },
	HUNT(81),
	{ 83, SENT, L4 ".loads", 0, 0 },
	{ 84, SENT, L4 ".sb2", 0, 0 },
	X(84, L4, FLASHING),
};

/* A single image cut on its way: the phone is back and asks for it again, which is no proof; then it leaves it alone. */
static const struct step single_cut[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(2),
	{ 5, SENT, L1 ".bin", 0, 0 },
	X(5, L1, FLASHING),
	{ 8, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(10),
	X(11, L1, CHECKING),
	{ 14, SENT, L1 ".bin", 0, 0 },
	X(14, L1, FLASHING),
	{ 134, TICK, NULL, 0, 0 },
	X(134, L1, FLASHING),
	{ 140, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(142),
	{ 261, TICK, NULL, 0, 0 },
	X(261, L1, CHECKING),
	{ 293, TICK, NULL, 0, 0 },
	X(293, L2, OFFERED),
};

/* A1, A2: it reads and wants nothing, in two boots. */
static const struct step wants_nothing[] = {
	{ 0, START, NULL, 0, 0 }, { 1, BOOT_BARE, NULL, 0, 0 },	  READS_OLD(3), { 100, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(102),		  { 134, TICK, NULL, 0, 0 }, X(134, L2, OFFERED),
};

#define SCENE(s)           \
	{                  \
#s, s, COUNT(s) \
	}

static const struct {
	const char *name;
	const struct step *steps;
	size_t n;
} scenes[] = {
	SCENE(ladder), /* A6, A8, A20 are in it */
	SCENE(sip),
	SCENE(silent_after_loader),
	SCENE(silent_after_application),
	SCENE(there_already),
	SCENE(cut_download),
	SCENE(refused),
	SCENE(lossy),
	SCENE(loader_loops),
	SCENE(manifest_missing),
	SCENE(member_missing),
	SCENE(single_cut),
	SCENE(wants_nothing),
};

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		struct play y;

		play_init(&y);
		play_asked(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

/* Where it stands on the two-part stage, entered at the last but one: A8, and what must not pass for it. */
static void enter_sccp(struct play *y)
{
	static const struct step to_sccp[] = {
		{ 0, BOOT_NAMED, NULL, 0, 0 },
		{ 0, START, NULL, 0, 0 },
		X(0, L3, OFFERED),
		HUNT(1),
		{ 3, SENT, L3 ".loads", 0, 0 },
		{ 4, SENT, L3 ".sb2", 0, 0 },
		X(4, L3, FLASHING),
	};

	play_init(y);
	y->plan.n_stages = 3;
	play_asked(y, "to SCCP", to_sccp, COUNT(to_sccp));
}

static void test_sccp_application(void **state)
{
	static const struct step application[] = {
		{ 60, BOOT_NAMED, NULL, 0, 0 }, READS_APP(62),		  READS_APP(96),
		READS_APP(130),			{ 150, TICK, NULL, 0, 0 }, X(150, L3, CHECKING),
		READS_APP(164),			{ 181, TICK, NULL, 0, 0 }, X(181, L3, DONE),
	};
	/* the loader without an application hunts: MGC<MAC>.cnf, and .loads after it */
	static const struct step hunt[] = {
		{ 60, BOOT_NAMED, NULL, 0, 0 }, HUNT(62),  { 63, SENT, L3 ".loads", 0, 0 },
		{ 300, TICK, NULL, 0, 0 },	X(300, L3, CHECKING),
	};
	/* the old application refused it: it reads, and 34 s later wants the load again */
	static const struct step old[] = {
		{ 60, BOOT_NAMED, NULL, 0, 0 }, READS_APP(62),	     READS_APP(96),
		{ 110, BOOT_NAMED, NULL, 0, 0 }, HUNT(111),	     { 113, SENT, L3 ".loads", 0, 0 },
		{ 114, SENT, L3 ".sb2", 0, 0 },	 X(114, L3, FLASHING),
	};
	struct play y;

	(void)state;
	enter_sccp(&y);
	play_asked(&y, "application", application, COUNT(application));
	enter_sccp(&y);
	play_asked(&y, "hunt", hunt, COUNT(hunt));
	enter_sccp(&y);
	play_asked(&y, "old application", old, COUNT(old));
}

/* The history does not claim what nobody saw. */
static void test_words(void **state)
{
	static const struct step to_app[] = {
		{ 0, BOOT_NAMED, NULL, 0, 0 },
		{ 0, START, NULL, 0, 0 },
		HUNT(1),
		{ 3, SENT, L4 ".loads", 0, 0 },
		{ 4, SENT, L4 ".sb2", 0, 0 },
	};
	struct play y;

	(void)state;
	play_init(&y);
	play_asked(&y, "asked", to_app, COUNT(to_app));
	assert_int_equal(y.r.n_notes, 1);
	assert_non_null(strstr(y.r.notes[0].text, "asks for"));
	play_init(&y);
	play_all(&y, "sent", to_app, COUNT(to_app));
	assert_string_equal(y.r.notes[0].text, "has the whole load");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_sccp_application),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
