/* SPDX-License-Identifier: MPL-2.0 */
/* Causes of a stage's load: taken and refused, not arriving, not followed by a sign of life; and what alarms tell. */
#ifndef LOADSTEP_CAUSE_SCENES_H
#define LOADSTEP_CAUSE_SCENES_H

#include "cause_play.h"

#define TAKES(t) HUNTS(t), SENT_AT((t) + 2, L4 ".loads"), SENT_AT((t) + 12, L4 ".sb2")
#define TAKES_J(t) READS_XML(t), SENT_AT((t) + 2, J1 ".loads"), SENT_AT((t) + 4, JAR), SENT_AT((t) + 9, CNU)
#define SEP_LOOP(t) MISSED_AT(t, OWN_CTL), SENT_AT(t, OWN_SEP)

static const struct scene load_scenes[] = {
	{ "the image twice, and asked for again", CAUSE_IMAGE_REJECTED, IN_PHONE, classic_init, NULL,
	  { BEGUN, TAKES(1), BOOT_AT(60), TAKES(61), BOOT_AT(120), TAKES(121) } },
	{ "the image once, and asked for again", CAUSE_IMAGE_REJECTED, ABSENT, classic_init, NULL,
	  { BEGUN, TAKES(1), BOOT_AT(60), TAKES(61), BOOT_AT(120), HUNTS(121) } },
	{ "all members twice", CAUSE_IMAGE_REJECTED, IN_PHONE, java_init, NULL,
	  { BEGUN, TAKES_J(1), BOOT_AT(90), TAKES_J(91), BOOT_AT(180), READS_XML(181), SENT_AT(183, J1 ".loads"),
	    SENT_AT(185, JAR) } },

	{ "the loader three times", CAUSE_LOADER_LOOPING, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, LOADER), BOOT_AT(40), HUNTS(41), SENT_AT(70, LOADER), BOOT_AT(110),
	    HUNTS(111), SENT_AT(140, LOADER) } },
	{ "the application between", CAUSE_LOADER_LOOPING, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, LOADER), BOOT_AT(40), HUNTS(41), SENT_AT(70, LOADER), BOOT_AT(110),
	    SENT_AT(112, L4 ".sb2"), BOOT_AT(130), SENT_AT(140, LOADER) } },

	{ "breaks off three times", CAUSE_TRANSFER_FAILING, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), BROKE_AT(5, LOADER), BROKE_AT(45, LOADER), BROKE_AT(90, LOADER) } },
	{ "breaks off twice", CAUSE_TRANSFER_FAILING, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), BROKE_AT(5, LOADER), BROKE_AT(45, LOADER), SENT_AT(90, LOADER) } },
	{ "asked for three times without a boot", CAUSE_TRANSFER_FAILING, IN_PHONE, classic_init, NULL,
	  { BEGUN, ASKED_AT(5, LOADER), ASKED_AT(25, LOADER), ASKED_AT(50, LOADER) } },
	{ "it says TFTP timeout", CAUSE_TRANSFER_FAILING, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-tftp") } },

	{ "the list twice not there", CAUSE_LOAD_NOT_FOUND, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_AT(3, L4 ".loads"), HUNTS(40), MISSED_AT(42, L4 ".loads") } },
	{ "once, and then it is there", CAUSE_LOAD_NOT_FOUND, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_AT(3, L4 ".loads"), HUNTS(40), SENT_AT(42, L4 ".loads") } },
	{ "no default load in the directory (B10)", CAUSE_LOAD_NOT_FOUND, IN_PHONE, java_init, NULL,
	  { BEGUN, MISSED_AT(2, TERM), MISSED_AT(100, TERM) } },
	{ "it says not found", CAUSE_LOAD_NOT_FOUND, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-not-found") } },

	{ "half a flash, then silence", CAUSE_APP_MISSING_AFTER_LOADER, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, LOADER), UNTIL(124) } },
	{ "half a flash, and not two minutes", CAUSE_APP_MISSING_AFTER_LOADER, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, LOADER), UNTIL(120) } },
	{ "its loader hunts and finds nothing (A15)", CAUSE_APP_MISSING_AFTER_LOADER, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(1, OWN_SIP), MISSED_AT(1, OWN_MGC), MISSED_AT(2, XML), BOOT_AT(60),
	    MISSED_AT(61, OWN_SIP), MISSED_AT(61, OWN_MGC), MISSED_AT(62, XML) } },
	{ "a hunt that finds something", CAUSE_APP_MISSING_AFTER_LOADER, ABSENT, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(1, OWN_SIP), MISSED_AT(1, OWN_MGC), MISSED_AT(2, XML), BOOT_AT(60),
	    MISSED_AT(61, OWN_MGC), SENT_AT(62, XML) } },

	{ "whole, and three minutes of silence", CAUSE_SILENT_AFTER_FLASH, IN_PHONE, classic_init, NULL,
	  { BEGUN, TAKES(1), UNTIL(194) } },
	{ "whole, and it boots", CAUSE_SILENT_AFTER_FLASH, ABSENT, classic_init, NULL,
	  { BEGUN, TAKES(1), BOOT_AT(60), READS_XML(62), UNTIL(194) } },
	{ "a java phone may take its time", CAUSE_SILENT_AFTER_FLASH, ABSENT, java_init, NULL,
	  { BEGUN, TAKES_J(1), UNTIL(1400) } },
	{ "until the stage's is over", CAUSE_SILENT_AFTER_FLASH, IN_PHONE, java_init, NULL,
	  { BEGUN, TAKES_J(1), UNTIL(1504) } },

	{ "a P004 image", CAUSE_WRONG_FAMILY, IN_PHONE, play_init, NULL,
	  { { 0, BOOTS_BARE, NULL, 0 }, { 0, STARTED, NULL, 0 }, MISSED_AT(3, "P00405000700.bin") } },
	{ "a P003 image", CAUSE_WRONG_FAMILY, ABSENT, play_init, NULL,
	  { { 0, BOOTS_BARE, NULL, 0 }, { 0, STARTED, NULL, 0 }, MISSED_AT(3, L1 ".bin") } },

	{ "SIPDefault.cnf, and no model", CAUSE_SIP_TOO_OLD, IN_PHONE, play_init, NULL,
	  { { 0, BOOTS_BARE, NULL, 0 }, { 0, STARTED, NULL, 0 }, SENT_AT(3, "SIPDefault.cnf") } },
	{ "SIPDefault.cnf, and a model", CAUSE_SIP_TOO_OLD, ABSENT, classic_init, NULL,
	  { BEGUN, SENT_AT(3, "SIPDefault.cnf") } },

	{ "it says version error", CAUSE_LOAD_VERSION, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-version") } },
	{ "it said so before it knew of the load", CAUSE_LOAD_VERSION, ABSENT, classic_init, NULL,
	  { BEGUN, ALARM_AT(20, "alarm-version"), HUNTS(60) } },
	{ "it says disk full", CAUSE_DISK_FULL, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-disk-full") } },
	{ "it said so, and took the image", CAUSE_DISK_FULL, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(30, "alarm-disk-full"), SENT_AT(60, L4 ".sb2") } },
	{ "it says damaged", CAUSE_LOAD_DAMAGED, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-damaged") } },
	{ "it said so, and took the image then", CAUSE_LOAD_DAMAGED, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(30, "alarm-damaged"), SENT_AT(60, L4 ".sb2") } },
	{ "it says not authorized", CAUSE_LOAD_NOT_AUTHORIZED, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), ALARM_AT(60, "alarm-auth") } },
	{ "it said so of another load", CAUSE_LOAD_NOT_AUTHORIZED, ABSENT, classic_init, NULL,
	  { BEGUN, ALARM_AT(20, "alarm-auth"), HUNTS(60) } },

	{ "another asks from its address", CAUSE_ADDRESS_SHARED, IN_PHONE, shared_init, NULL, { BEGUN, HUNTS(1) } },
	{ "nobody else does", CAUSE_ADDRESS_SHARED, ABSENT, classic_init, NULL, { BEGUN, HUNTS(1) } },

	{ "reads at each boot, SEP files too, and wants nothing", CAUSE_CONFIGURATION_IGNORED, IN_PHONE, classic_init,
	  NULL,
	  { BEGUN, HUNTS(1), BOOT_AT(60), HUNTS(61), UNTIL(100), BOOT_AT(120), HUNTS(121), BOOT_AT(180), HUNTS(181),
	    UNTIL(220), BOOT_AT(240), HUNTS(241), BOOT_AT(300), HUNTS(301), UNTIL(340) } },
	{ "reads once, and nothing for five minutes", CAUSE_CONFIGURATION_IGNORED, GUESSED, classic_init, NULL,
	  { BEGUN, READS_XML(1), UNTIL(310) } },
	{ "reads once, and nothing for two", CAUSE_CONFIGURATION_IGNORED, ABSENT, classic_init, NULL,
	  { BEGUN, READS_XML(1), UNTIL(120) } },

	{ "a member twice not there", CAUSE_MEMBER_MISSING, IN_PHONE, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), MISSED_AT(5, JAR), READS_XML(60), SENT_AT(62, J1 ".loads"),
	    MISSED_AT(64, JAR) } },
	{ "once, and then it goes out", CAUSE_MEMBER_MISSING, ABSENT, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), MISSED_AT(5, JAR), READS_XML(60), SENT_AT(62, J1 ".loads"),
	    SENT_AT(64, JAR) } },

	{ "the default load in pairs (B8)", CAUSE_DEFAULT_LOAD_LOOPING, IN_PHONE, java_init, NULL,
	  { BEGUN, SENT_AT(2, TERM), SENT_AT(3, TERM), SENT_AT(100, TERM), SENT_AT(101, TERM) } },
	{ "one pair", CAUSE_DEFAULT_LOAD_LOOPING, ABSENT, java_init, NULL,
	  { BEGUN, SENT_AT(2, TERM), SENT_AT(3, TERM) } },

	{ "the list three times and no member", CAUSE_MANIFEST_REFUSED, IN_PHONE, java_init, NULL,
	  { BEGUN, SENT_AT(3, J1 ".loads"), SENT_AT(60, J1 ".loads"), SENT_AT(120, J1 ".loads") } },
	{ "the list once and no member (B5)", CAUSE_MANIFEST_REFUSED, GUESSED, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), UNTIL(60) } },
	{ "the list three times, with members", CAUSE_MANIFEST_REFUSED, ABSENT, java_init, NULL,
	  { BEGUN, SENT_AT(3, J1 ".loads"), SENT_AT(60, J1 ".loads"), SENT_AT(62, JAR), SENT_AT(120, J1 ".loads") } },

	{ "its SEP file once a second (A17)", CAUSE_SEP_MALFORMED, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), SEP_LOOP(2), SEP_LOOP(3), SEP_LOOP(4), SEP_LOOP(5), SEP_LOOP(6), SEP_LOOP(7) } },
	{ "where only questions are heard", CAUSE_SEP_MALFORMED, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), ASKED_AT(2, OWN_SEP), ASKED_AT(3, OWN_SEP), ASKED_AT(4, OWN_SEP), ASKED_AT(5, OWN_SEP),
	    ASKED_AT(6, OWN_SEP), ASKED_AT(7, OWN_SEP) } },
	{ "its SEP file at each poll", CAUSE_SEP_MALFORMED, ABSENT, no_plan_init, NULL,
	  { BOOT_AT(0), SEP_LOOP(2), SEP_LOOP(36), SEP_LOOP(70), SEP_LOOP(104), SEP_LOOP(138), SEP_LOOP(172) } },

	{ "done, and another stage's list", CAUSE_FLIPPED_BACK, IN_PHONE, classic_init, NULL,
	  { BEGUN, TAKES(1), BOOT_AT(60), SENT_AT(70, "SIPDefault.cnf"), SENT_AT(200, L3 ".loads") } },
	{ "done, and its own list", CAUSE_FLIPPED_BACK, ABSENT, classic_init, NULL,
	  { BEGUN, TAKES(1), BOOT_AT(60), SENT_AT(70, "SIPDefault.cnf"), SENT_AT(200, L4 ".loads") } },

	{ "8.2 refuses 9.4", CAUSE_AUTH_BRIDGE_NEEDED, IN_PHONE, java_old_init, NULL,
	  { BEGUN, SENT_AT(3, J3 ".loads"), SENT_AT(60, J3 ".loads"), SENT_AT(120, J3 ".loads") } },
	{ "8.5(4) refuses 9.4", CAUSE_AUTH_BRIDGE_NEEDED, ABSENT, java_near_init, NULL,
	  { BEGUN, SENT_AT(3, J3 ".loads"), SENT_AT(60, J3 ".loads"), SENT_AT(120, J3 ".loads") } },
};

#endif
