/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Java phones in the stage machine: the signatures B1 to B14 (F§7.2) as histories, the times of a 7961 (F§2.5, F§6),
 * and any order of arrival within the window gives the same phone. The ladder: 8.3(3)SR2, 8.5(4), 9.4(2)SR3.
 */
#include "engine_java_play.h"

/* B2, B3: all members, then a boot that reads the configuration and leaves the load alone. */
static const struct step ladder_java[] = {
	BOOTS(0),
	STARTS(0),
	X(0, J1, OFFERED),
	READS(2),
	GETS(4, J1 ".loads"),
	X(4, J1, DOWNLOADING),
	GETS(6, "jar41sip." V1 ".sbn"),
	GETS(15, "cnu41." V1 ".sbn"),
	GETS(19, "apps41." V1 ".sbn"),
	GETS(33, "dsp41." V1 ".sbn"),
	X(33, J1, DOWNLOADING),
	GETS(38, "cvm41sip." V1 ".sbn"),
	X(38, J1, FLASHING), /* complete, and nothing is proven */
	TICKS(150),
	X(150, J1, FLASHING),
	BOOTS(180),
	X(180, J1, CHECKING),
	READS(183),
	TICKS(300),
	X(300, J1, CHECKING), /* not 120 s yet since it read */
	TICKS(304),
	X(304, J2, OFFERED),
	READS(320),
	GETS(322, J2 ".loads"),
	MEMBERS(324, V2),
	X(356, J2, FLASHING),
	BOOTS(450),
	READS(452),
	TICKS(573),
	X(573, J3, OFFERED),
	READS(600),
	GETS(602, J3 ".loads"),
	MEMBERS(604, V3),
	BOOTS(800),
	X(800, J3, CHECKING),
	READS_9(802),
	TICKS(900),
	X(900, J3, CHECKING),
	TICKS(924),
	X(924, J3, DONE),
};

/* B1, B12: it reads the configuration and wants nothing: it is there already. */
static const struct step there_java[] = {
	BOOTS(0),   STARTS(0),		 READS(2),   GETS(5, "dialplan.xml"),
	TICKS(100), X(100, J1, OFFERED), TICKS(123), X(123, J2, OFFERED),
};

/* B3 is not: the load again within the 120 s. */
static const struct step asks_again[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(100),
	READS(102),
	X(103, J1, CHECKING),
	GETS(200, J1 ".loads"),
	TICKS(260),
	X(260, J1, CHECKING),
	TICKS(400),
	X(400, J1, CHECKING), /* and it has not booted since */
};

/* B4: all members, a boot, and all again: twice, and it is refused; never advanced. */
static const struct step refused_java[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	X(38, J1, FLASHING),
	BOOTS(120),
	READS(122),
	X(123, J1, CHECKING),
	GETS(124, J1 ".loads"),
	GETS(126, "jar41sip." V1 ".sbn"),
	X(126, J1, DOWNLOADING),
	GETS(135, "cnu41." V1 ".sbn"),
	GETS(139, "apps41." V1 ".sbn"),
	GETS(153, "dsp41." V1 ".sbn"),
	GETS(158, "cvm41sip." V1 ".sbn"),
	X(158, J1, FLASHING),
	BOOTS(240),
	READS(242),
	GETS(244, J1 ".loads"),
	GETS(246, "jar41sip." V1 ".sbn"),
	XC(246, J1, STUCK, IMAGE_REJECTED),
	TICKS(900),
	XC(900, J1, STUCK, IMAGE_REJECTED),
};

/* Two power cuts, each at another member: no rejection. */
static const struct step cuts[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	GETS(6, "jar41sip." V1 ".sbn"),
	BOOTS(100),
	READS(102),
	GETS(104, J1 ".loads"),
	GETS(106, "jar41sip." V1 ".sbn"),
	GETS(115, "cnu41." V1 ".sbn"),
	BOOTS(200),
	READS(202),
	GETS(204, J1 ".loads"),
	MEMBERS(206, V1),
	X(238, J1, FLASHING),
	BOOTS(330),
	READS(332),
	TICKS(454),
	X(454, J2, OFFERED),
};

/* B4 where the way is known: 8.3(1) was proven, and 9.x needs a load in between. */
static const struct step bridge_java[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(120),
	READS(122),
	TICKS(244),
	X(244, J3, OFFERED),
	READS(300),
	GETS(302, J3 ".loads"),
	READS(336),
	GETS(338, J3 ".loads"),
	X(338, J3, DOWNLOADING),
	READS(370),
	GETS(372, J3 ".loads"),
	XC(372, J3, STUCK, AUTH_BRIDGE_NEEDED),
	TICKS(800),
	XC(800, J3, STUCK, AUTH_BRIDGE_NEEDED),
};

/* B5: the list and no member proves nothing. */
static const struct step list_only[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	TICKS(300),
	X(300, J1, DOWNLOADING),
	READS(400), /* a look at the configuration, and no boot: refused, perhaps */
	TICKS(600),
	X(600, J1, DOWNLOADING),
	BOOTS(700), /* a boot that leaves the list alone: it has all of it */
	READS(702),
	TICKS(824),
	X(824, J2, OFFERED),
};
/* … and the loop that tells. */
static const struct step list_loops[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	READS(38),
	GETS(40, J1 ".loads"),
	X(40, J1, DOWNLOADING),
	READS(74),
	GETS(76, J1 ".loads"),
	XC(76, J1, STUCK, MANIFEST_REFUSED),
	TICKS(700),
	XC(700, J1, STUCK, MANIFEST_REFUSED),
	GETS(720, "jar41sip." V1 ".sbn"),
	X(720, J1, DOWNLOADING),
};

/* B6: only what differs; over by silence, and by a boot. */
static const struct step few_members[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	GETS(6, "jar41sip." V1 ".sbn"),
	GETS(15, "cvm41sip." V1 ".sbn"),
	TICKS(70),
	X(70, J1, DOWNLOADING),
	TICKS(76),
	X(76, J1, FLASHING),
	BOOTS(120),
	X(120, J1, CHECKING),
	READS(122),
	TICKS(244),
	X(244, J2, OFFERED),
	READS(250),
	GETS(252, J2 ".loads"),
	GETS(254, "jar41sip." V2 ".sbn"),
	BOOTS(290),
	X(290, J2, CHECKING),
	READS(292),
	TICKS(414),
	X(414, J3, OFFERED),
};

/* B7: a member that is not there, twice. What came before it is sent anew each time. */
static const struct step missing_java[] = {
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
	GETS(500, J1 ".loads"),
	MEMBERS(502, V1),
	X(534, J1, FLASHING),
};
static const struct step missing_once[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	LACKS(6, "jar41sip." V1 ".sbn"),
	BOOTS(60),
	READS(62), /* silent from now on: that is no proof */
	TICKS(400),
	X(400, J1, DOWNLOADING),
	TICKS(1503),
	X(1503, J1, DOWNLOADING),
	TICKS(1505),
	XC(1505, J1, STUCK, MEMBER_MISSING),
};

/* B8: the boot code refuses the default load of the stage: one back, recorded, and one more. */
static const struct step older[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	TICKS(123),
	X(123, J2, OFFERED),
	GETS(150, J2 ".loads"),
	MEMBERS(152, V2),
	BOOTS(250),
	READS(252),
	TICKS(374),
	X(374, J3, OFFERED),
	BOOTS(400),
	GETS(402, TERM),
	GETS(403, TERM),
	X(403, J3, DOWNLOADING),
	TICKS(420),
	X(420, J3, DOWNLOADING),
	TICKS(434),
	X(434, J2, OFFERED),
	GETS(500, TERM),
	GETS(501, TERM),
	TICKS(532),
	X(532, J1, OFFERED),
	GETS(600, TERM),
	MEMBERS(602, V1),
	X(634, J1, FLASHING),
	BOOTS(700),
	READS(702),
	TICKS(824),
	X(824, J2, OFFERED),
};
/* At the first stage there is none before it. */
static const struct step looping_java[] = {
	BOOTS(0),
	STARTS(0),
	GETS(2, TERM),
	GETS(3, TERM),
	TICKS(60),
	X(60, J1, DOWNLOADING),
	GETS(122, TERM),
	GETS(123, TERM),
	XC(123, J1, STUCK, DEFAULT_LOAD_LOOPING),
	TICKS(200),
	XC(200, J1, STUCK, DEFAULT_LOAD_LOOPING),
	GETS(242, TERM),
	MEMBERS(244, V1),
	X(276, J1, FLASHING),
};

/* B9: factory reset on the way. The default load counts as the list, and clears the rounds. */
static const struct step reset_java[] = {
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
	GETS(242, TERM),
	MEMBERS(244, V1),
	X(276, J1, FLASHING),
	BOOTS(350),
	READS(352),
	X(353, J1, CHECKING),
	TICKS(474),
	X(474, J2, OFFERED),
};

/* B10: no default load there. */
static const struct step no_default[] = {
	BOOTS(0),
	STARTS(0),
	LACKS(2, TERM),
	LACKS(3, TERM),
	X(3, J1, DOWNLOADING),
	LACKS(122, TERM),
	LACKS(123, TERM),
	XC(123, J1, STUCK, LOAD_NOT_FOUND),
	GETS(242, TERM),
	X(242, J1, DOWNLOADING),
};

/* B11, B13: an address, and no file that anybody heard of: needs a reboot, is not stuck, proves nothing. */
static const struct step nothing_asked[] = {
	BOOTS(0), STARTS(0), TICKS(599), X(599, J1, OFFERED), BOOTS(620), TICKS(1300), X(1300, J1, OFFERED),
};

/* B14: the load came from a peer. The phone was proven to run the load before: its silence proves nothing, a list that
 * a boot leaves alone does, and so does asking for what only 9.x asks for. */
static const struct step peer[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(120),
	READS(122),
	TICKS(244),
	X(244, J2, OFFERED),
	READS(250),
	TICKS(800),
	X(800, J2, OFFERED), /* busy with its peer, or not at all */
	GETS(810, J2 ".loads"),
	BOOTS(900),
	READS(902),
	TICKS(1024),
	X(1024, J3, OFFERED),
	READS(1030),
	BOOTS(1300),
	READS_9(1302),
	TICKS(1400),
	X(1400, J3, OFFERED),
	TICKS(1424),
	X(1424, J3, DONE),
};

/* And without any sign of it from 8.x to 8.x: a phone that heeds XMLDefault has booted, read it, and wants nothing for
 * longer than any download takes: presumed, and that once. */
static const struct step peer_unseen[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(120),
	READS(122),
	TICKS(244),
	X(244, J2, OFFERED),
	READS(250),
	BOOTS(700), /* the peer's load is in */
	READS(702),
	TICKS(2202),
	X(2202, J2, OFFERED),
	TICKS(2203),
	X(2203, J3, OFFERED),
	BOOTS(2300),
	READS(2302),
	TICKS(4000),
	X(4000, J3, OFFERED), /* a presumption is nothing to build another one on */
	BOOTS(4100),
	READS_9(4102), /* which only 9.x asks for */
	TICKS(4224),
	X(4224, J3, DONE),
};
/* Not while it has not booted since: it may be an application that looks at boots alone. */
static const struct step peer_no_boot[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	BOOTS(120),
	READS(122),
	TICKS(244),
	X(244, J2, OFFERED),
	READS(250),
	READS(900),
	TICKS(5000),
	X(5000, J2, OFFERED),
};

/* Runs 9.x: past what leads there. */
static const struct step nine[] = {
	BOOTS(0),
	STARTS(0),
	X(0, J1, OFFERED),
	LACKS(2, "CTLSEP" MAC ".tlv"),
	LACKS(2, "ITLSEP" MAC ".tlv"),
	TICKS(20),
	X(20, J1, OFFERED),
	TICKS(33),
	X(33, J3, OFFERED),
};
static const struct step nine_observed[] = {
	BOOTS(0), READS_9(2), STARTS(40), X(40, J3, OFFERED), READS_9(60), TICKS(182), X(182, J3, DONE),
};

/* Done, and reset by somebody: on its last proven stage anew. */
static const struct step done_reset[] = {
	BOOTS(0),
	READS_9(2),
	STARTS(40),
	READS_9(60),
	TICKS(182),
	X(182, J3, DONE),
	BOOTS(9000),
	X(9000, J3, DONE),
	LACKS(9002, TERM),
	X(9002, J3, DOWNLOADING),
	LACKS(9003, TERM),
	GETS(9120, TERM),
	MEMBERS(9122, V3),
	X(9154, J3, FLASHING),
	BOOTS(9240),
	READS_9(9242),
	TICKS(9364),
	X(9364, J3, DONE),
	GETS(9400, "Ringlist.xml"),
	X(9400, J3, DONE),
};

/* Observed only. */
static const struct step observed_java[] = {
	BOOTS(0),     READS(2),	  GETS(9, J3 ".loads"), MEMBERS(11, V3), X(43, J3, SEEN),  BOOTS(120),
	READS_9(122), TICKS(244), X(244, J3, DONE),	BOOTS(900),	 LACKS(902, TERM), X(902, NULL, SEEN),
};

/* Silent after all went out: java's own limit, 25 min from the first file. */
static const struct step silent_java[] = {
	BOOTS(0),
	STARTS(0),
	READS(2),
	GETS(4, J1 ".loads"),
	MEMBERS(6, V1),
	TICKS(1500),
	X(1500, J1, FLASHING),
	TICKS(1505),
	XC(1505, J1, STUCK, SILENT_AFTER_FLASH),
	BOOTS(1600),
	X(1600, J1, CHECKING),
};

static void bridge_init(struct play *y)
{
	java_init(y);
	y->plan.stages[1] = y->plan.stages[2];
	y->plan.n_stages = 2;
}

static const struct scene_entry {
	const char *name;
	const struct step *steps;
	size_t n;
	void (*init)(struct play *y);
} scenes[] = {
#define S(x)                               \
	{                                  \
#x, x, COUNT(x), java_init \
	}
	S(ladder_java),	  S(there_java),
	S(asks_again),	  S(refused_java),
	S(cuts),	  S(list_only),
	S(list_loops),	  S(few_members),
	S(missing_java),  S(missing_once),
	S(older),	  S(looping_java),
	S(reset_java),	  S(no_default),
	S(nothing_asked), S(peer),
	S(peer_unseen),	  S(peer_no_boot),
	S(nine),	  S(nine_observed),
	S(done_reset),	  S(observed_java),
	S(silent_java),	  { "bridge", bridge_java, COUNT(bridge_java), bridge_init },
#undef S
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

	return cmocka_run_group_tests_name("engine java", tests, NULL, NULL);
}
