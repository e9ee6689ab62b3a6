/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Java phones where the server tells only what was asked for and what was not there (tftpd-hpa, D§6). What F§7.2
 * concludes from whole members must then follow from the next question and the next boot.
 */
#include "engine_java_play.h"

/* B2, B3, B6: the last of the list is asked for, then a boot that leaves the load alone. */
static const struct step climbs[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	X(4, J1, DOWNLOADING),
	MEMBERS(6, V1),
	X(38, J1, FLASHING),
	BOOTS(180),
	READS(183),
	TICKS(303),
	X(303, J1, CHECKING),
	TICKS(304),
	X(304, J2, OFFERED),
	READS(320),
	GETS(322, J2 ".loads"),
	GETS(324, "jar41sip." V2 ".sbn"), /* only what differs */
	GETS(333, "cvm41sip." V2 ".sbn"),
	TICKS(394),
	X(394, J2, FLASHING),
	BOOTS(450),
	READS(452),
	TICKS(573),
	X(573, J3, OFFERED),
	READS(600),
	GETS(602, J3 ".loads"),
	MEMBERS(604, V3),
	BOOTS(800),
	READS_9(802),
	TICKS(924),
	X(924, J3, DONE),
};

/* B9: the default load, its members, a boot. */
static const struct step resets[] = {
	BOOTS(0),  STARTS(0), GETS(2, TERM), X(2, J1, DOWNLOADING), MEMBERS(4, V1), X(36, J1, FLASHING),
	BOOTS(90), READS(92), TICKS(214),    X(214, J2, OFFERED),
};

/* B4: whole or cut, nobody knows: three rounds and a fourth question, not two. */
static const struct step refuses[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(120),
	READS(122),
	GETS(124, J1 ".loads"),
	MEMBERS(126, V1),
	BOOTS(240),
	READS(242),
	GETS(244, J1 ".loads"),
	GETS(246, "jar41sip." V1 ".sbn"),
	X(246, J1, DOWNLOADING),
	GETS(255, "cnu41." V1 ".sbn"),
	GETS(259, "apps41." V1 ".sbn"),
	GETS(273, "dsp41." V1 ".sbn"),
	GETS(278, "cvm41sip." V1 ".sbn"),
	X(278, J1, FLASHING),
	BOOTS(360),
	READS(362),
	GETS(364, J1 ".loads"),
	X(364, J1, CHECKING),
	GETS(366, "jar41sip." V1 ".sbn"),
	XC(366, J1, STUCK, IMAGE_REJECTED),
	TICKS(900),
	XC(900, J1, STUCK, IMAGE_REJECTED),
};

/* B5 with its loop. */
static const struct step list_refused[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	READS(38),
	GETS(40, J1 ".loads"),
	READS(74),
	GETS(76, J1 ".loads"),
	XC(76, J1, STUCK, MANIFEST_REFUSED),
};

/* B7: not there, twice. Somebody brings it, and that it was missing is over. */
static const struct step lacks_member[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	GETS(6, "jar41sip." V1 ".sbn"),
	LACKS(15, "cnu41." V1 ".sbn"),
	X(15, J1, DOWNLOADING),
	BOOTS(60),
	READS(62),
	GETS(64, J1 ".loads"),
	GETS(66, "jar41sip." V1 ".sbn"),
	LACKS(75, "cnu41." V1 ".sbn"),
	XC(75, J1, STUCK, MEMBER_MISSING),
	TICKS(400),
	XC(400, J1, STUCK, MEMBER_MISSING),
	BOOTS(498),
	READS(499),
	GETS(501, J1 ".loads"),
	MEMBERS(503, V1),
	X(535, J1, FLASHING),
	BOOTS(600),
	READS(602),
	TICKS(724),
	X(724, J2, OFFERED),
};

/* B8 and B10: the default load twice, and nothing of it; not there. */
static const struct step default_refused[] = {
	BOOTS(0),	 STARTS(0),	  GETS(2, TERM),
	GETS(3, TERM),	 TICKS(60),	  X(60, J1, DOWNLOADING),
	GETS(122, TERM), GETS(123, TERM), XC(123, J1, STUCK, DEFAULT_LOAD_LOOPING),
};
static const struct step no_default[] = {
	BOOTS(0),
	STARTS(0),
	LACKS(2, TERM),
	LACKS(3, TERM),
	LACKS(122, TERM),
	LACKS(123, TERM),
	XC(123, J1, STUCK, LOAD_NOT_FOUND),
	GETS(242, TERM),
	X(242, J1, DOWNLOADING),
};

/* A12 for java: one member again and again, nothing else, and no boot. Five members one after another are no such loop,
 * nor is the same one after a boot. */
static const struct step lossy[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	GETS(6, "jar41sip." V1 ".sbn"),
	GETS(9, "jar41sip." V1 ".sbn"), /* a question repeated */
	GETS(40, "jar41sip." V1 ".sbn"),
	X(40, J1, DOWNLOADING),
	GETS(75, "jar41sip." V1 ".sbn"),
	XC(75, J1, STUCK, TRANSFER_FAILING),
	GETS(110, "cnu41." V1 ".sbn"), /* it came through */
	X(110, J1, DOWNLOADING),
	BOOTS(160),
	READS(162),
	GETS(164, J1 ".loads"),
	GETS(166, "jar41sip." V1 ".sbn"),
	BOOTS(200),
	READS(202),
	GETS(204, J1 ".loads"),
	GETS(206, "jar41sip." V1 ".sbn"),
	X(206, J1, DOWNLOADING),
};

#define SCENE(s)                \
	{                       \
#s, s, COUNT(s) \
	}

static const struct {
	const char *name;
	const struct step *steps;
	size_t n;
} scenes[] = {
	SCENE(climbs),	     SCENE(resets),	     SCENE(refuses),	SCENE(list_refused),
	SCENE(lacks_member), SCENE(default_refused), SCENE(no_default), SCENE(lossy),
};

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		struct play y;

		java_init(&y);
		play_asked(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
	};

	return cmocka_run_group_tests_name("engine java asked", tests, NULL, NULL);
}
