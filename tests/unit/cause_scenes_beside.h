/* SPDX-License-Identifier: MPL-2.0 */
/* Causes that lie beside the load: in DHCP, in what a server does not answer, in names, in what a phone reads. */
#ifndef LOADSTEP_CAUSE_SCENES_BESIDE_H
#define LOADSTEP_CAUSE_SCENES_BESIDE_H

#include "cause_play.h"

static const struct causes_facts heard = { .tftp_heard_ms = T0 - 1 };
static const struct causes_facts heard_late = { .tftp_heard_ms = T0 + 60 * SEC };
static const struct causes_facts root_malformed = { .sees_root = true, .root_xml = CAUSES_XML_MALFORMED };
static const struct causes_facts root_silent = { .sees_root = true, .root_xml = CAUSES_XML_READ };
static const struct causes_facts root_right = {
	.sees_root = true, .root_xml = CAUSES_XML_READ, .root_element = true, .root_load = L4
};
static const struct causes_facts root_extended = {
	.sees_root = true, .root_xml = CAUSES_XML_READ, .root_element = true, .root_load = L4 ".loads"
};
static const struct causes_facts root_letter = {
	.sees_root = true, .root_xml = CAUSES_XML_READ, .root_element = true, .root_load = "POS3-8-12-00"
};
static const struct causes_facts root_family = {
	.sees_root = true, .root_xml = CAUSES_XML_READ, .root_element = true, .root_load = J1
};

#define SIGNED OWN_SEP ".sgn"
#define TWO L4 ".loads.loads"

static const struct scene beside_scenes[] = {
	{ "three minutes and no file (B11)", CAUSE_NO_TFTP_AFTER_DHCP, IN_PHONE, classic_init, &heard,
	  { BEGUN, UNTIL(181) } },
	{ "and nobody follows a log", CAUSE_NO_TFTP_AFTER_DHCP, GUESSED, classic_init, NULL, { BEGUN, UNTIL(181) } },
	{ "or only since that boot", CAUSE_NO_TFTP_AFTER_DHCP, GUESSED, classic_init, &heard_late, { BEGUN, UNTIL(181) } },
	{ "and nobody started it", CAUSE_NO_TFTP_AFTER_DHCP, GUESSED, classic_init, &heard, { BOOT_AT(0), UNTIL(181) } },
	{ "not three minutes", CAUSE_NO_TFTP_AFTER_DHCP, ABSENT, classic_init, &heard, { BEGUN, UNTIL(170) } },
	{ "one file", CAUSE_NO_TFTP_AFTER_DHCP, ABSENT, classic_init, &heard, { BEGUN, MISSED_AT(2, OWN_CTL), UNTIL(400) } },
	{ "a java phone that verifies its load", CAUSE_NO_TFTP_AFTER_DHCP, ABSENT, java_init, &heard,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), SENT_AT(5, JAR), BOOT_AT(60), UNTIL(300) } },
	{ "and does not end", CAUSE_NO_TFTP_AFTER_DHCP, IN_PHONE, java_init, &heard,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), SENT_AT(5, JAR), BOOT_AT(60), UNTIL(421) } },

	{ "CTLSEP every four seconds (A16)", CAUSE_SERVER_SILENT, IN_PHONE, classic_init, NULL,
	  { BEGUN, ASKED_AT(2, OWN_CTL), ASKED_AT(6, OWN_CTL), ASKED_AT(10, OWN_CTL) } },
	{ "though the server says not found each time", CAUSE_SERVER_SILENT, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(2, OWN_CTL), MISSED_AT(6, OWN_CTL), MISSED_AT(10, OWN_CTL) } },
	{ "and then the next file", CAUSE_SERVER_SILENT, ABSENT, classic_init, NULL,
	  { BEGUN, ASKED_AT(2, OWN_CTL), ASKED_AT(6, OWN_CTL), ASKED_AT(10, OWN_CTL), ASKED_AT(12, OWN_SEP) } },
	{ "at each of three boots", CAUSE_SERVER_SILENT, ABSENT, classic_init, NULL,
	  { BEGUN, MISSED_AT(2, OWN_CTL), BOOT_AT(60), MISSED_AT(62, OWN_CTL), BOOT_AT(120), MISSED_AT(122, OWN_CTL) } },
	{ "three boots and no file (B13)", CAUSE_SERVER_SILENT, GUESSED, classic_init, &heard,
	  { BEGUN, BOOT_AT(60), BOOT_AT(120), UNTIL(130) } },

	{ "X.loads.loads", CAUSE_LOAD_HAS_EXTENSION, IN_PHONE, classic_init, NULL, { BEGUN, HUNTS(1), MISSED_AT(3, TWO) } },
	{ "X.bin.bin, without a plan", CAUSE_LOAD_HAS_EXTENSION, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(3, L1 ".bin.bin") } },
	{ "and then the right one", CAUSE_LOAD_HAS_EXTENSION, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_AT(3, TWO), BOOT_AT(60), READS_XML(61), UNTIL(95), SENT_AT(100, "RINGLIST.DAT") } },
	{ "X.loads", CAUSE_LOAD_HAS_EXTENSION, ABSENT, no_plan_init, NULL, { BOOT_AT(0), MISSED_AT(3, L4 ".loads") } },
	{ "the root names it so", CAUSE_LOAD_HAS_EXTENSION, IN_LIST, classic_init, &root_extended,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },

	{ "a loader's name", CAUSE_LOAD_NAME_ODD, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(3, "P003-8-12-00.loads") } },
	{ "the letter O", CAUSE_LOAD_NAME_ODD, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_AT(3, "POS3-8-12-00.loads") } },
	{ "a loader that is a load's own", CAUSE_LOAD_NAME_ODD, ABSENT, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_AT(3, LOADER) } },
	{ "the root has the letter O", CAUSE_LOAD_NAME_ODD, IN_LIST, classic_init, &root_letter,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },
	{ "the root has it right", CAUSE_LOAD_NAME_ODD, ABSENT, classic_init, &root_right,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },
	{ "the root names another family's", CAUSE_WRONG_FAMILY, IN_LIST, classic_init, &root_family,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },

	{ "Jar41sip, and jar41sip is there (row 9)", CAUSE_MEMBER_CASE, IN_PHONE, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), MISSED_SIGN(5, JAR, LOAD_CASE) } },
	{ "and it goes out", CAUSE_MEMBER_CASE, ABSENT, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), MISSED_SIGN(5, JAR, LOAD_CASE), BOOT_AT(60),
	    SENT_AT(62, J1 ".loads"), SENT_AT(64, JAR) } },
	{ "not there in any letters", CAUSE_MEMBER_CASE, ABSENT, java_init, NULL,
	  { BEGUN, READS_XML(1), SENT_AT(3, J1 ".loads"), MISSED_AT(5, JAR) } },

	{ "OS79XX.txt is there", CAUSE_NAME_CASE, IN_PHONE, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_SIGN(2, "OS79XX.TXT", CONFIG_CASE), SENT_AT(3, XML) } },
	{ "it was renamed", CAUSE_NAME_CASE, ABSENT, no_plan_init, NULL,
	  { BOOT_AT(0), MISSED_SIGN(2, "OS79XX.TXT", CONFIG_CASE), SENT_AT(3, XML), BOOT_AT(60), SENT_AT(62, "OS79XX.TXT"),
	    UNTIL(95) } },

	{ "a rule cuts the name (row 46)", CAUSE_NAME_CUT, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_SIGN(3, "P0030801SR02.loads", CUT_NAME) } },
	{ "no rule does", CAUSE_NAME_CUT, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), MISSED_AT(3, "P0030801SR02.loads") } },

	{ "the root's file is malformed", CAUSE_XML_MALFORMED, IN_LIST, classic_init, &root_malformed,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },
	{ "and it took a load after it", CAUSE_XML_MALFORMED, ABSENT, classic_init, &root_malformed,
	  { BOOT_AT(0), READS_XML(1), SENT_AT(3, L4 ".loads"), UNTIL(40) } },

	{ "on its way, and the root names nothing", CAUSE_MODEL_ELEMENT_MISSING, IN_LIST, classic_init, &root_silent,
	  { BEGUN, READS_XML(1), UNTIL(40) } },
	{ "watched, and the root names nothing", CAUSE_MODEL_ELEMENT_MISSING, GUESSED, classic_init, &root_silent,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },
	{ "nobody knows its model (B1)", CAUSE_MODEL_ELEMENT_MISSING, GUESSED, nameless_init, NULL,
	  { { 0, STARTED, NULL, 0 }, READS_XML(1), UNTIL(310) } },
	{ "the root names a load for it", CAUSE_MODEL_ELEMENT_MISSING, ABSENT, classic_init, &root_right,
	  { BOOT_AT(0), READS_XML(1), UNTIL(40) } },

	{ "its SEP file, and nothing", CAUSE_SEP_OVERRIDES_DEFAULT, IN_PHONE, classic_init, NULL,
	  { BEGUN, SENT_AT(2, OWN_SEP), UNTIL(123) } },
	{ "its SEP file, and the load", CAUSE_SEP_OVERRIDES_DEFAULT, ABSENT, classic_init, NULL,
	  { BEGUN, SENT_AT(2, OWN_SEP), SENT_AT(4, L4 ".loads"), UNTIL(123) } },
	{ "nobody started it", CAUSE_SEP_OVERRIDES_DEFAULT, ABSENT, classic_init, NULL,
	  { BOOT_AT(0), SENT_AT(2, OWN_SEP), UNTIL(123) } },

	{ "sep001b0c18bdc1.cnf.xml is there (row 10)", CAUSE_SEP_NAME_ODD, IN_PHONE, classic_init, NULL,
	  { BOOT_AT(0), MISSED_SIGN(2, OWN_SEP, SEP_NAME), SENT_AT(3, XML) } },
	{ "and then the right one", CAUSE_SEP_NAME_ODD, ABSENT, classic_init, NULL,
	  { BOOT_AT(0), MISSED_SIGN(2, OWN_SEP, SEP_NAME), SENT_AT(3, XML), SENT_AT(60, OWN_SEP) } },

	{ "SIP polls, and there is a SEP file (row 55)", CAUSE_PROVISIONING_MISSING, IN_PHONE, classic_init, NULL,
	  { BOOT_AT(0), SENT_AT(1, "SIPDefault.cnf"), MISSED_SIGN(2, OWN_SIP, SEP_ALONE),
	    MISSED_SIGN(33, OWN_SIP, SEP_ALONE) } },
	{ "done, and not in order", CAUSE_PROVISIONING_MISSING, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, L4 ".loads"), SENT_AT(12, L4 ".sb2"), BOOT_AT(60), SENT_AT(70, "SIPDefault.cnf"),
	    MISSED_SIGN(72, OWN_SIP, SEP_ALONE), MISSED_SIGN(103, OWN_SIP, SEP_ALONE) } },
	{ "done, and then in order", CAUSE_PROVISIONING_MISSING, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), SENT_AT(3, L4 ".loads"), SENT_AT(12, L4 ".sb2"), BOOT_AT(60), SENT_AT(70, "SIPDefault.cnf"),
	    MISSED_SIGN(72, OWN_SIP, SEP_ALONE), MISSED_SIGN(103, OWN_SIP, SEP_ALONE), SENT_AT(134, OWN_SIP) } },
	{ "the loader hunts, twice", CAUSE_PROVISIONING_MISSING, ABSENT, classic_init, NULL,
	  { BOOT_AT(0), MISSED_SIGN(2, OWN_SIP, SEP_ALONE), MISSED_AT(3, OWN_MGC), BOOT_AT(60),
	    MISSED_SIGN(62, OWN_SIP, SEP_ALONE), MISSED_AT(63, OWN_MGC) } },

	{ "ldragonr.zup (row 40)", CAUSE_RECOVERY_IMAGE_MISSING, IN_PHONE, no_plan_init, NULL,
	  { MISSED_AT(2, "ldragonr.zup") } },
	{ "and it gets it", CAUSE_RECOVERY_IMAGE_MISSING, ABSENT, no_plan_init, NULL,
	  { MISSED_AT(2, "ldragonr.zup"), SENT_AT(60, "ldragonr.zup") } },

	{ "a class nobody knows", CAUSE_UNKNOWN_CLASS, IN_PHONE, no_plan_init, NULL,
	  { { 0, BOOTS, NULL, BIT(UNKNOWN_CLASS) }, UNTIL(1) } },
	{ "and then one that is known", CAUSE_UNKNOWN_CLASS, ABSENT, no_plan_init, NULL,
	  { { 0, BOOTS, NULL, BIT(UNKNOWN_CLASS) }, BOOT_AT(60) } },

	{ "took another server's offer (row 20)", CAUSE_OTHER_DHCP_SERVER, IN_PHONE, classic_init, NULL,
	  { BEGUN, HUNTS(1), SIGN_AT(60, OTHER_DHCP) } },
	{ "and then ours", CAUSE_OTHER_DHCP_SERVER, ABSENT, classic_init, NULL,
	  { BEGUN, HUNTS(1), SIGN_AT(60, OTHER_DHCP), BOOT_AT(90) } },
	{ "asks from elsewhere", CAUSE_OTHER_DHCP_SERVER, GUESSED, classic_init, NULL,
	  { BEGUN, SIGN_AT(60, ELSEWHERE), SIGN_AT(61, ELSEWHERE), SIGN_AT(62, ELSEWHERE) } },

	{ "a signed configuration (row 19)", CAUSE_TRUST_LIST, IN_PHONE, classic_init, NULL,
	  { BEGUN, MISSED_AT(2, SIGNED) } },
	{ "and a plain one then", CAUSE_TRUST_LIST, ABSENT, classic_init, NULL,
	  { BEGUN, MISSED_AT(2, SIGNED), SENT_AT(60, XML) } },
};

#endif
