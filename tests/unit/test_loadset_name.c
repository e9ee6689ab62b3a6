/* SPDX-License-Identifier: MPL-2.0 */
/* Load names: how one must be written, what it says by itself, what is odd about one (F§3.1, F§8 rows 4-7). */
#include "loadset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	const char *complaint; /* NULL: a load name */
} names[] = {
	{ "P00303010102", NULL },
	{ "P0S3-8-12-00", NULL },
	{ "P0030801SR02", NULL },
	{ "SCCP41.8-5-4S", NULL },
	{ "SIP70.9-4-2SR1", NULL },
	{ "cmterm_7936.3-3-21-0", NULL },
	{ "PO", NULL }, /* too short to be a Cisco load written wrong */
	{ "", "missing" },
	{ "P00308000900.loads", "drop the .loads" },
	{ "P00303010102.bin", "drop the .bin" },
	{ "P00305000500.SBN", "drop the .sbn" },
	{ "P0S3-8-12-00.sb2", "drop the .sb2" },
	{ "POS3-8-12-00", "digit zero" },
	{ "POs3-08-06-00", "digit zero" },
	{ "PO0303010102", "digit zero" },
	{ "P0O3-8-12-00", "digit zero" },
	{ "loads/P0S3-8-12-00", "slash" },
	{ "..", "no load name" },
	{ "P0S3 8-12-00", "blank" },
	{ " P0S3-8-12-00", "blank" },
	{ "P0S3\xe2\x80\x93"
	  "8-12-00",
	  "no load name" },
	{ "P0S3-8-12-00\n", "no load name" },
	{ "-P0S3", "no load name" },
	{ "a234567890123456789012345678901234567890123456789012345678901234", "longer than 63" },
	{ "a23456789012345678901234567890123456789012345678901234567890123", NULL },
};

static void test_load_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct load_name n = { "untouched" };
		struct err e = { ERR_NONE, "" };
		int rc = load_name_parse(names[i].text, strlen(names[i].text), &n, &e);
		if (names[i].complaint) {
			if (rc != -1 || !strstr(e.text, names[i].complaint))
				fail_msg("\"%s\": %d, \"%s\"", names[i].text, rc, e.text);
			assert_string_equal(n.s, "untouched");
		} else if (rc != 0) {
			fail_msg("\"%s\": %s", names[i].text, e.text);
		} else {
			assert_string_equal(n.s, names[i].text);
		}
	}
}

static const struct {
	const char *name;
	enum generation generation;
	enum load_kind kind;
	enum load_proto proto;
	const char *loader;
	const char *app;
} kinds[] = {
	{ "P00303010102", GEN_CLASSIC, LOAD_SINGLE_UNSIGNED, PROTO_SCCP, "", "" },
	{ "P00305000500", GEN_CLASSIC, LOAD_SINGLE_SIGNED, PROTO_SCCP, "", "" },
	{ "P00306000200", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SCCP, "P00306000200.sbn", "P00306000200.sb2" },
	{ "P00308000900", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SCCP, "P00308000900.sbn", "P00308000900.sb2" },
	{ "P0030801SR02", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SCCP, "P0030801SR02.sbn", "P0030801SR02.sb2" },
	{ "P0S30202", GEN_CLASSIC, LOAD_SINGLE_UNSIGNED, PROTO_SIP, "", "" },
	{ "P0S3-03-0-00", GEN_CLASSIC, LOAD_SINGLE_UNSIGNED, PROTO_SIP, "", "" },
	{ "P0S3-04-4-00", GEN_CLASSIC, LOAD_SINGLE_UNSIGNED, PROTO_SIP, "", "" },
	{ "P0S3-05-3-00", GEN_CLASSIC, LOAD_SINGLE_SIGNED, PROTO_SIP, "", "" },
	{ "P0S3-06-3-00", GEN_CLASSIC, LOAD_SINGLE_SIGNED, PROTO_SIP, "", "" },
	{ "P0S3-07-4-00", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SIP, "", "P0S3-07-4-00.sb2" },
	{ "P0S3-8-12-00", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SIP, "", "P0S3-8-12-00.sb2" },
	{ "P0S3-08-11-00", GEN_CLASSIC, LOAD_TWO_PART, PROTO_SIP, "", "P0S3-08-11-00.sb2" },
	{ "P0M3-7-0-00", GEN_CLASSIC, LOAD_TWO_PART, PROTO_MGCP, "", "P0M3-7-0-00.sb2" },
	{ "P003-8-12-00", GEN_CLASSIC, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" }, /* a loader, not a load */
	{ "P0S3-x", GEN_CLASSIC, LOAD_KIND_UNKNOWN, PROTO_SIP, "", "" },
	{ "P0S3-8-", GEN_CLASSIC, LOAD_KIND_UNKNOWN, PROTO_SIP, "", "" },
	{ "P00405000700", GEN_OTHER, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" },
	{ "SCCP41.8-5-4S", GEN_JAVA, LOAD_JAVA, PROTO_SCCP, "", "" },
	{ "SIP42.9-4-2SR3-1S", GEN_JAVA, LOAD_JAVA, PROTO_SIP, "", "" },
	{ "TERM41.7-0-3-0S", GEN_JAVA, LOAD_JAVA, PROTO_SCCP, "", "" },
	{ "SCCP40.8-3-1S", GEN_UNKNOWN, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "",
	  "" }, /* no such family (F§10) */
	{ "SIP9971.9-2-1", GEN_UNKNOWN, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" },
	{ "P0S", GEN_UNKNOWN, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" },
	{ "SIP", GEN_UNKNOWN, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" },
	{ "", GEN_UNKNOWN, LOAD_KIND_UNKNOWN, PROTO_UNKNOWN, "", "" },
};

static void test_from_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct load_name n = { "" };
		struct loadset ls;
		memset(&ls, 0x55, sizeof(ls));
		memcpy(n.s, kinds[i].name, strlen(kinds[i].name) + 1);
		loadset_from_name(&n, &ls);
		if (ls.generation != kinds[i].generation || ls.kind != kinds[i].kind ||
		    ls.proto != kinds[i].proto || strcmp(ls.loader, kinds[i].loader) != 0 ||
		    strcmp(ls.app, kinds[i].app) != 0)
			fail_msg("%s: %s %s %s loader \"%s\" app \"%s\"", n.s, generation_name(ls.generation),
				 load_kind_name(ls.kind), load_proto_name(ls.proto), ls.loader, ls.app);
		assert_string_equal(ls.load.s, n.s);
		assert_int_equal(ls.n_members, 0);
		assert_false(ls.complete);
	}
}

static void test_oddity(void **state)
{
	static const struct {
		const char *text;
		enum load_oddity odd;
		const char *family;
	} cases[] = {
		{ "P00303010102", LOAD_ODD_NOT, "P003" },
		{ "P0S3-8-12-00", LOAD_ODD_NOT, "P003" },
		{ "P0M3-7-0-00", LOAD_ODD_NOT, "P003" },
		{ "P00405000700", LOAD_ODD_NOT, "P004" },
		{ "SIP75.9-4-2SR4-3S", LOAD_ODD_NOT, "75" },
		{ "TERM41.7-0-3-0S", LOAD_ODD_NOT, "41" },
		{ "term75.default", LOAD_ODD_NOT, "" }, /* F§5.3 */
		{ "TERM61.DEFAULT", LOAD_ODD_NOT, "" },
		{ "SCCP69xx.9-4-1-3SR3", LOAD_ODD_NOT, "" },
		{ "sip88xx.12-5-1SR1-4", LOAD_ODD_NOT, "" },
		{ "SIP9971.9-2-1", LOAD_ODD_NOT, "" },
		{ "CP7921G-1.4.6.3", LOAD_ODD_NOT, "" },
		{ "", LOAD_ODD_EMPTY, "" },
		{ "P0S3-8-12-00.loads", LOAD_ODD_EXTENSION, "P003" },
		{ "P00303010102.bin", LOAD_ODD_EXTENSION, "P003" },
		{ "POS3-8-12-00", LOAD_ODD_LETTER_O, "" },
		{ "POs3-08-06-00", LOAD_ODD_LETTER_O, "" },
		{ "P0S3 8-12-00", LOAD_ODD_BYTES, "" },
		{ "loads/P00308000900", LOAD_ODD_BYTES, "" },
		{ "P003-8-12-00", LOAD_ODD_LOADER, "P003" },
		{ "p0s3-8-12-00", LOAD_ODD_CASE, "" },
		{ "sip41.8-5-4S", LOAD_ODD_CASE, "" },
		{ "SCCP40.8-3-1S", LOAD_ODD_FAMILY, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum load_oddity odd = load_name_oddity(cases[i].text);
		const char *family = odd == LOAD_ODD_BYTES ? "" : load_family(cases[i].text);
		if (odd != cases[i].odd || strcmp(family, cases[i].family) != 0)
			fail_msg("\"%s\": %d, \"%s\"", cases[i].text, odd, family);
	}
}

/* What a phone asks for when its configuration names no load (F§8 rows 5 to 7). */
static void test_file_oddity(void **state)
{
	static const struct {
		const char *file;
		enum load_oddity odd;
	} cases[] = {
		{ "P0S3-8-12-00.loads", LOAD_ODD_NOT },
		{ "P0S3-8-12-00.loads.loads", LOAD_ODD_EXTENSION },
		{ "./P00305000500.bin.sbn", LOAD_ODD_EXTENSION },
		{ "P00305000500.bin.bin", LOAD_ODD_EXTENSION },
		{ "POS3-8-12-00.loads", LOAD_ODD_LETTER_O },
		{ "POS30203.bin", LOAD_ODD_LETTER_O },
		{ "P003-8-12-00.loads", LOAD_ODD_LOADER },
		{ "P003-8-12-00.sbn", LOAD_ODD_NOT },
		{ "sip41.8-5-4S.loads", LOAD_ODD_CASE },
		{ "SCCP40.8-3-1S.loads", LOAD_ODD_FAMILY },
		{ "term41.default.loads", LOAD_ODD_NOT },
		{ "jar41sip.8-5-4TH1-6.sbn", LOAD_ODD_NOT },
		{ "SEP001B0C18BDC1.cnf.xml", LOAD_ODD_NOT },
		{ ".loads", LOAD_ODD_NOT },
		{ "", LOAD_ODD_NOT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (load_file_oddity(cases[i].file) != cases[i].odd)
			fail_msg("\"%s\": %d", cases[i].file, load_file_oddity(cases[i].file));
}

static void test_value_names(void **state)
{
	(void)state;
	for (int g = GEN_UNKNOWN; g <= GEN_OTHER; g++) {
		enum generation back = GEN_UNKNOWN;
		assert_int_equal(generation_parse(generation_name((enum generation)g), &back), 0);
		assert_int_equal(back, g);
	}
	for (int k = LOAD_KIND_UNKNOWN; k <= LOAD_JAVA; k++) {
		enum load_kind back = LOAD_KIND_UNKNOWN;
		assert_int_equal(load_kind_parse(load_kind_name((enum load_kind)k), &back), 0);
		assert_int_equal(back, k);
	}
	enum generation g = GEN_JAVA;
	assert_int_equal(generation_parse("Java", &g), 1);
	assert_int_equal(g, GEN_JAVA);
	assert_string_equal(generation_name((enum generation)99), "?");
	assert_string_equal(load_kind_name((enum load_kind)99), "?");
	assert_string_equal(load_proto_name(PROTO_SIP), "sip");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_name),
		cmocka_unit_test(test_from_name),
		cmocka_unit_test(test_oddity),
		cmocka_unit_test(test_file_oddity),
		cmocka_unit_test(test_value_names),
	};

	return cmocka_run_group_tests_name("loadset_name", tests, NULL, NULL);
}
