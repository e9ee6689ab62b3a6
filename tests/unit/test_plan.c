/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whom a plan is for, who may start, where a phone enters, and what a file means on a stage. The plan
 * under test is the design's example: 3.1, 5.0(5), 8.0(9), SIP 8.12.
 */
#include "plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct mac mac_a = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
static const struct mac mac_b = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc2 } };

/* Loads separated by blanks. */
static void plan_of(struct plan *pl, const char *models, const char *loads)
{
	const char *word;
	size_t len;

	memset(pl, 0, sizeof(*pl));
	memcpy(pl->name, "p", 2);
	while (parse_word(&models, &word, &len) == 0)
		memcpy(pl->models[pl->n_models++], word, len);
	while (parse_word(&loads, &word, &len) == 0) {
		struct load_name n;
		assert_int_equal(load_name_parse(word, len, &n, NULL), 0);
		loadset_from_name(&n, &pl->stages[pl->n_stages++]);
	}
}

#define LADDER "P00303010102 P00305000500 P00308000900 P0S3-8-12-00"

static void phone_of(struct phone *p, enum vendor_kind kind, const char *model, enum generation g)
{
	phone_init(p, &mac_a);
	p->vendor = kind;
	p->generation = g;
	memcpy(p->model, model, strlen(model) + 1);
}

static void test_fits(void **state)
{
	static const struct {
		const char *models;
		enum vendor_kind kind;
		const char *model;
		enum generation generation;
		bool fits;
	} cases[] = {
		{ "7940 7960 unnamed", VENDOR_NAMED, "7960", GEN_CLASSIC, true },
		{ "7940 7960 unnamed", VENDOR_BARE, "", GEN_UNKNOWN, true },
		{ "7940 7960 unnamed", VENDOR_BARE, "", GEN_CLASSIC, true },
		{ "7940 7960 unnamed", VENDOR_BARE, "", GEN_OTHER, false }, /* its files told: a 7910 */
		{ "7940 7960", VENDOR_BARE, "", GEN_CLASSIC, false },
		{ "unnamed", VENDOR_NAMED, "7960", GEN_CLASSIC, false },
		{ "7940", VENDOR_NAMED, "7960", GEN_CLASSIC, false },
		{ "7940 7960", VENDOR_NONE, "", GEN_CLASSIC, true }, /* known by TFTP only */
		{ "7940 7960", VENDOR_NONE, "", GEN_UNKNOWN, false },
		{ "7940 7960", VENDOR_NONE, "", GEN_JAVA, false },
		{ "7941", VENDOR_NONE, "", GEN_JAVA, true },
		{ "7941", VENDOR_NAMED, "7941G-GE", GEN_JAVA, false },
		{ "7940 7960 unnamed", VENDOR_OTHER, "", GEN_CLASSIC, false },
		{ "7940 7960 unnamed", VENDOR_OTHER, "", GEN_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan pl;
		struct phone p;
		plan_of(&pl, cases[i].models, LADDER);
		phone_of(&p, cases[i].kind, cases[i].model, cases[i].generation);
		if (plan_fits(&pl, &p) != cases[i].fits)
			fail_msg("case %zu: models %s, model \"%s\"", i, cases[i].models, cases[i].model);
	}
}

static struct net4 net(const char *text)
{
	struct net4 n = { { 0 }, 0 };

	assert_int_equal(parse_net4("net", text, &n, NULL), 0);
	return n;
}

static void expect_start(const struct plan *pl, const struct phone *p, const char *classes, const char *why)
{
	const char *got = NULL;
	int rc = plan_may_start(pl, p, classes, &got);

	if (why ? rc != 1 || !got || !strstr(got, why) : rc != 0)
		fail_msg("%d \"%s\" instead of \"%s\"", rc, got ? got : "", why ? why : "yes");
	assert_int_equal(plan_may_start(pl, p, classes, NULL), rc);
}

static void test_may_start_network(void **state)
{
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7960 unnamed", LADDER);
	phone_of(&p, VENDOR_BARE, "", GEN_CLASSIC);
	expect_start(&pl, &p, NULL, NULL);
	pl.networks.a[pl.networks.n++] = net("10.1.0.0/16");
	pl.networks.a[pl.networks.n++] = net("192.168.1.0/24");
	expect_start(&pl, &p, NULL, "address is not known");
	p.address.host = 0xc0a80114; /* 192.168.1.20 */
	expect_start(&pl, &p, NULL, NULL);
	p.address.host = 0xc0a80214;
	expect_start(&pl, &p, NULL, "none of the plan's networks");
	p.giaddr.host = 0xc0a80101; /* the address counts where it is known */
	expect_start(&pl, &p, NULL, "none of the plan's networks");
	p.address.host = 0;
	expect_start(&pl, &p, NULL, NULL);
	phone_of(&p, VENDOR_NAMED, "7941", GEN_JAVA);
	expect_start(&pl, &p, NULL, "not for its model");
}

static void test_may_start_lists(void **state)
{
	struct mac only[] = { { { 0, 0, 0, 0, 0, 2 } }, mac_a, { { 0x70, 0, 0, 0, 0, 9 } } };
	struct mac except[] = { mac_b };
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7960 unnamed", LADDER);
	phone_of(&p, VENDOR_BARE, "", GEN_CLASSIC);
	pl.only_macs = (struct mac_list){ COUNT(only), only };
	expect_start(&pl, &p, NULL, NULL);
	p.mac = mac_b;
	expect_start(&pl, &p, NULL, "not in the plan's only-macs");
	p.mac_known = false;
	expect_start(&pl, &p, NULL, "MAC is not known");
	pl.only_macs.n = 0;
	pl.except_macs = (struct mac_list){ COUNT(except), except };
	p.mac_known = true;
	expect_start(&pl, &p, NULL, "except-macs");
	p.mac = mac_a;
	expect_start(&pl, &p, NULL, NULL);
}

static void test_may_start_classes(void **state)
{
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7960 unnamed", LADDER);
	phone_of(&p, VENDOR_NAMED, "7960", GEN_CLASSIC);
	memcpy(pl.client_classes[pl.n_client_classes++], "bench", 6);
	expect_start(&pl, &p, NULL, "client classes are not known");
	expect_start(&pl, &p, "", "none of the plan's client classes");
	expect_start(&pl, &p, "ALL KNOWN benches", "none of the plan's client classes");
	expect_start(&pl, &p, "ALL bench KNOWN", NULL);
}

static void test_entry(void **state)
{
	static const struct {
		const char *loads;
		enum vendor_kind kind;
		enum plan_enter enter;
		int stage_no;
		bool tentative;
	} cases[] = {
		{ LADDER, VENDOR_BARE, PLAN_ENTER_AUTO, 1, false },
		{ LADDER, VENDOR_NONE, PLAN_ENTER_AUTO, 1, false },
		{ LADDER, VENDOR_NAMED, PLAN_ENTER_AUTO, 4, true },
		{ LADDER, VENDOR_NAMED, PLAN_ENTER_FIRST, 1, false },
		{ LADDER, VENDOR_BARE, PLAN_ENTER_LAST, 4, false },
		{ "P00308000900", VENDOR_NAMED, PLAN_ENTER_AUTO, 1, false },
		{ "P00303010102 P00305000500", VENDOR_NAMED, PLAN_ENTER_AUTO, 2,
		  true }, /* signed code stays signed */
		{ "P00302000000 P00303010102", VENDOR_NAMED, PLAN_ENTER_AUTO, 1, false },
		{ "P00305000500 P0S3-8-12-00 P00308000900", VENDOR_NAMED, PLAN_ENTER_AUTO, 3, true },
		{ "SCCP41.8-3-3S SCCP41.8-5-2S", VENDOR_NAMED, PLAN_ENTER_AUTO, 1, false },
		{ "SCCP41.8-3-3S SCCP41.8-5-2S", VENDOR_NAMED, PLAN_ENTER_LAST, 2, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan pl;
		struct phone p;
		bool tentative = !cases[i].tentative;
		plan_of(&pl, "7960 unnamed", cases[i].loads);
		pl.enter = cases[i].enter;
		phone_of(&p, cases[i].kind, cases[i].kind == VENDOR_NAMED ? "7960" : "", GEN_CLASSIC);
		int stage_no = plan_entry_stage(&pl, &p, &tentative);
		if (stage_no != cases[i].stage_no || tentative != cases[i].tentative)
			fail_msg("case %zu: %s: stage %d%s", i, cases[i].loads, stage_no,
				 tentative ? ", tentative" : "");
	}
}

static void test_stages(void **state)
{
	struct load_name app = { "P00308000900" }, none = { "P00308000901" };
	struct plan pl;

	(void)state;
	plan_of(&pl, "7960", LADDER);
	assert_int_equal(plan_stage_of(&pl, &app), 3);
	assert_int_equal(plan_stage_of(&pl, &none), 0);
	assert_string_equal(plan_stage(&pl, 4)->load.s, "P0S3-8-12-00");
	assert_null(plan_stage(&pl, 0));
	assert_null(plan_stage(&pl, 5));
	assert_null(plan_stage(&pl, -1));
	assert_int_equal(plan_first_signed_after(&pl, 0), 2);
	assert_int_equal(plan_first_signed_after(&pl, 1), 2);
	assert_int_equal(plan_first_signed_after(&pl, 2), 3);
	assert_int_equal(plan_first_signed_after(&pl, 4), 0);
}

/* Whether somebody comes from below 5.0. */
static void test_takes_unsigned(void **state)
{
	static const struct {
		const char *models, *loads;
		int stage_no;
		bool takes;
	} cases[] = {
		{ "7960 unnamed", LADDER, 1, true },
		{ "7960 unnamed", LADDER, 2, true },
		{ "7960 unnamed", LADDER, 3, false },
		{ "7960", LADDER, 2, true }, /* what else would the first stage be for */
		{ "7960 unnamed", "P00305000500 P00308000900", 1, true },
		{ "7940 7960", "P00305000500 P00308000900", 1, false },
		{ "7960 unnamed", "P00305000300 P00305000500", 2, false },
		{ "7941", "SCCP41.8-3-3S", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan pl;
		plan_of(&pl, cases[i].models, cases[i].loads);
		if (plan_takes_unsigned(&pl, cases[i].stage_no) != cases[i].takes)
			fail_msg("case %zu: %s: %s, stage %d", i, cases[i].models, cases[i].loads,
				 cases[i].stage_no);
	}
}

static const struct {
	int stage_no;
	const char *file;
	enum file_class class;
	int belongs;
} files[] = {
	/* configuration */
	{ 1, "OS79XX.TXT", FILE_CLASS_OS79XX, 0 },
	{ 1, "OS79XX.txt", FILE_CLASS_OS79XX, 0 },
	{ 1, "CTLSEP001B0C18BDC1.tlv", FILE_CLASS_CTLSEP, 0 },
	{ 1, "SEP001B0C18BDC1.cnf.xml", FILE_CLASS_SEP, 0 },
	{ 1, "SEP001B0C18BDC1.cnf", FILE_CLASS_SEP, 0 },
	{ 1, "SIP001B0C18BDC1.cnf", FILE_CLASS_SIPMAC, 0 },
	{ 1, "./SIP001B0C18BDC1.cnf", FILE_CLASS_SIPMAC, 0 },
	{ 1, "MGC001B0C18BDC1.cnf", FILE_CLASS_MGCMAC, 0 },
	{ 1, "ITLSEP001B0C18BDC1.tlv", FILE_CLASS_ITLSEP, 0 },
	{ 1, "term61.default.loads", FILE_CLASS_OTHER, 0 }, /* not of these loads */
	{ 1, "XMLDefault.cnf.xml", FILE_CLASS_XMLDEFAULT, 0 },
	{ 1, "/XMLDefault.cnf.xml", FILE_CLASS_XMLDEFAULT, 0 },
	{ 1, "SEPDefault.cnf", FILE_CLASS_SEPDEFAULT, 0 },
	{ 1, "SIPDefault.cnf", FILE_CLASS_SIPDEFAULT, 0 },
	{ 1, "SEP001B0C18BDC2.cnf.xml", FILE_CLASS_OTHER_PHONE, 0 },
	{ 1, "CTLSEP001B0C18BDC2.tlv", FILE_CLASS_OTHER_PHONE, 0 },
	{ 1, "RINGLIST.DAT", FILE_CLASS_OTHER, 0 },
	{ 1, "US/7960-tones.xml", FILE_CLASS_OTHER, 0 },
	{ 1, "", FILE_CLASS_OTHER, 0 },
	/* the stage's own load */
	{ 1, "P00303010102.bin", FILE_CLASS_IMAGE, 1 },
	{ 1, "P00303010102.sbn", FILE_CLASS_SIGNED_NAME, 1 },
	{ 2, "P00305000500.bin", FILE_CLASS_IMAGE, 2 },
	{ 2, "P00305000500.sbn", FILE_CLASS_IMAGE, 2 },
	{ 3, "P00308000900.loads", FILE_CLASS_MANIFEST, 3 },
	{ 3, "P00308000900.sbn", FILE_CLASS_LOADER, 3 },
	{ 3, "P00308000900.sb2", FILE_CLASS_APP, 3 },
	{ 3, "./P00308000900.sb2", FILE_CLASS_APP, 3 },
	{ 4, "P0S3-8-12-00.loads", FILE_CLASS_MANIFEST, 4 },
	{ 4, "P003-8-12-00.sbn", FILE_CLASS_LOADER, 4 },
	{ 4, "P0S3-8-12-00.sb2", FILE_CLASS_APP, 4 },
	/* another stage's */
	{ 1, "P00305000500.sbn", FILE_CLASS_OTHER_STAGE, 2 },
	{ 4, "P00308000900.loads", FILE_CLASS_OTHER_STAGE, 3 },
	{ 3, "P0S3-8-12-00.sb2", FILE_CLASS_OTHER_STAGE, 4 },
	{ 0, "P00303010102.bin", FILE_CLASS_OTHER_STAGE, 1 },
	{ 0, "P003-8-12-00.sbn", FILE_CLASS_OTHER_STAGE, 4 },
	/* nobody's */
	{ 1, "P00307020300.loads", FILE_CLASS_OTHER, 0 },
	{ 1, "P00405000700.bin", FILE_CLASS_WRONG_FAMILY, 0 },
	{ 0, "P004.bin", FILE_CLASS_WRONG_FAMILY, 0 },
};

static void test_file_class(void **state)
{
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7960 unnamed", LADDER);
	phone_of(&p, VENDOR_BARE, "", GEN_CLASSIC);
	for (size_t i = 0; i < COUNT(files); i++) {
		int belongs = -1;
		enum file_class c = plan_file_class(&pl, files[i].stage_no, &p, files[i].file, &belongs);
		if (c != files[i].class || belongs != files[i].belongs)
			fail_msg("stage %d \"%s\": %s, stage %d", files[i].stage_no, files[i].file,
				 file_class_name(c), belongs);
		assert_int_equal(plan_file_class(&pl, files[i].stage_no, &p, files[i].file, NULL), c);
	}
}

static void test_file_class_edges(void **state)
{
	struct plan pl;
	struct phone p;
	int belongs = -1;

	(void)state;
	/* a phone without MAC: any phone's file is its own */
	phone_init(&p, NULL);
	plan_of(&pl, "7960", "P0S3-8-12-00 P0S3-08-11-00");
	assert_int_equal(plan_file_class(&pl, 1, &p, "SEP001B0C18BDC2.cnf.xml", NULL), FILE_CLASS_SEP);
	/* one loader in two stages: the phone's own */
	for (int s = 0; s < 2; s++)
		memcpy(pl.stages[s].loader, "P003-8-12-00.sbn", 17);
	for (int s = 1; s <= 2; s++) {
		assert_int_equal(plan_file_class(&pl, s, &p, "P003-8-12-00.sbn", &belongs),
				 FILE_CLASS_LOADER);
		assert_int_equal(belongs, s);
	}
	/* no plan at all */
	assert_int_equal(plan_file_class(NULL, 0, &p, "P0S3-8-12-00.sb2", &belongs), FILE_CLASS_OTHER);
	assert_int_equal(belongs, 0);
	assert_int_equal(plan_file_class(NULL, 0, &p, "XMLDefault.cnf.xml", NULL), FILE_CLASS_XMLDEFAULT);
	/* a plan for those phones: its own load is no wrong family */
	plan_of(&pl, "7910", "P00405000700");
	assert_int_equal(plan_file_class(&pl, 1, &p, "P00405000700.sbn", NULL), FILE_CLASS_IMAGE);
}

#define JAVA_LADDER "SCCP41.8-3-3SR2S SIP41.8-5-4S SIP41.9-4-2SR3-1S"

static void test_java_files(void **state)
{
	static const struct {
		int stage_no;
		const char *file;
		enum file_class class;
		int belongs;
	} cases[] = {
		{ 2, "SIP41.8-5-4S.loads", FILE_CLASS_MANIFEST, 2 },
		{ 2, "Jar41sip.8-5-4TH1-6.sbn", FILE_CLASS_MEMBER, 2 },
		{ 2, "jar41sip.8-5-4TH1-6.sbn", FILE_CLASS_OTHER, 0 }, /* the list's spelling counts */
		{ 2, "dsp41.sbn", FILE_CLASS_MEMBER, 2 }, /* in two lists: its own */
		{ 3, "dsp41.sbn", FILE_CLASS_MEMBER, 3 },
		{ 1, "dsp41.sbn", FILE_CLASS_OTHER_STAGE, 2 },
		{ 3, "term61.default.loads", FILE_CLASS_TERM, 3 }, /* whose view it is */
		{ 1, "/TERM41.DEFAULT.loads", FILE_CLASS_TERM, 1 },
		{ 0, "term41.default.loads", FILE_CLASS_TERM, 0 },
		{ 1, "TERM41.default.loads", FILE_CLASS_OTHER, 0 },
		{ 1, "ITLFile.tlv", FILE_CLASS_OTHER, 0 },
	};
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7941", JAVA_LADDER);
	for (int s = 1; s <= 2; s++)
		memcpy(pl.stages[s].members[pl.stages[s].n_members++], "dsp41.sbn", 10);
	memcpy(pl.stages[1].members[pl.stages[1].n_members++], "Jar41sip.8-5-4TH1-6.sbn", 24);
	phone_of(&p, VENDOR_NAMED, "7941", GEN_JAVA);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int belongs = -1;
		enum file_class c = plan_file_class(&pl, cases[i].stage_no, &p, cases[i].file, &belongs);
		if (c != cases[i].class || belongs != cases[i].belongs)
			fail_msg("stage %d \"%s\": %s, stage %d", cases[i].stage_no, cases[i].file,
				 file_class_name(c), belongs);
	}
}

/* It asks for ITLSEP<MAC>.tlv: 9.x. But not any more once its boot code has asked for the default load. */
static void test_java_entry(void **state)
{
	struct times *itl, *term;
	struct plan pl;
	struct phone p;
	bool tentative = true;

	(void)state;
	plan_of(&pl, "7941", JAVA_LADDER);
	phone_of(&p, VENDOR_NAMED, "7941", GEN_JAVA);
	itl = &p.evidence.file[FILE_CLASS_ITLSEP][OUTCOME_MISSING];
	term = &p.evidence.file[FILE_CLASS_TERM][OUTCOME_SENT];
	assert_int_equal(plan_entry_stage(&pl, &p, &tentative), 1);
	assert_false(tentative);
	times_add(itl, 100);
	assert_int_equal(plan_entry_stage(&pl, &p, &tentative), 3);
	assert_false(tentative);
	pl.enter = PLAN_ENTER_FIRST;
	assert_int_equal(plan_entry_stage(&pl, &p, NULL), 1);
	pl.enter = PLAN_ENTER_AUTO;
	times_add(term, 200);
	assert_int_equal(plan_entry_stage(&pl, &p, NULL), 1);
	pl.enter = PLAN_ENTER_LAST;
	assert_int_equal(plan_entry_stage(&pl, &p, NULL), 3);
}

/* Whatever the list of models says: no java phone under classic loads, nor the other way round. */
static void test_generations_never_mix(void **state)
{
	struct plan pl;
	struct phone p;

	(void)state;
	plan_of(&pl, "7941 7960", JAVA_LADDER);
	phone_of(&p, VENDOR_NAMED, "7960", GEN_CLASSIC);
	assert_false(plan_fits(&pl, &p));
	phone_of(&p, VENDOR_NAMED, "7941", GEN_JAVA);
	assert_true(plan_fits(&pl, &p));
	plan_of(&pl, "7941 7960", LADDER);
	assert_false(plan_fits(&pl, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_may_start_network),
		cmocka_unit_test(test_may_start_lists),
		cmocka_unit_test(test_may_start_classes),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_takes_unsigned),
		cmocka_unit_test(test_file_class),
		cmocka_unit_test(test_file_class_edges),
		cmocka_unit_test(test_java_files),
		cmocka_unit_test(test_java_entry),
		cmocka_unit_test(test_generations_never_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
