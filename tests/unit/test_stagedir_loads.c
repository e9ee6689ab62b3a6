/* SPDX-License-Identifier: MPL-2.0 */
/* Load sets as they lie on disk, good ones and each way they can be bad. */
#include "stagedir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"

#include "stagedir_fixture.h"

static void test_loadset_kinds(void **state)
{
	struct root *r = *state;
	static const struct {
		const char *load;
		enum load_kind kind;
		const char *loader, *app;
	} cases[] = {
		{ L31, LOAD_SINGLE_UNSIGNED, "", "" },
		{ L50, LOAD_SINGLE_SIGNED, "", "" },
		{ L80, LOAD_TWO_PART, L80 ".sbn", L80 ".sb2" },
		{ SIP, LOAD_TWO_PART, "P003-8-12-00.sbn", SIP ".sb2" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct load_name load;
		struct loadset ls;
		struct err e = { 0 };
		char missing[256] = "";
		assert_int_equal(load_name_parse(cases[i].load, strlen(cases[i].load), &load, &e), 0);
		if (stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e) != 0)
			fail_msg("%s: %s%s", cases[i].load, missing, e.text);
		assert_true(ls.complete);
		assert_int_equal(ls.generation, GEN_CLASSIC);
		assert_int_equal(ls.kind, cases[i].kind);
		assert_string_equal(ls.loader, cases[i].loader);
		assert_string_equal(ls.app, cases[i].app);
	}
}

enum damage { REMOVE, EMPTY, RENAME, TEXT, SIGNED_AS, CUT_HEADER, CUT_BODY };

static void do_damage(const struct root *r, enum damage damage, const char *file, const char *with)
{
	char from[512], to[512];

	snprintf(from, sizeof(from), "%s/%s", r->dir, file);
	snprintf(to, sizeof(to), "%s/%s", r->dir, with);
	switch (damage) {
	case REMOVE:
		drop(r, file);
		break;
	case EMPTY:
		put_text(r, file, "");
		break;
	case RENAME:
		assert_int_equal(rename(from, to), 0);
		break;
	case TEXT:
		put_text(r, file, with);
		break;
	case SIGNED_AS:
		put_signed(r, file, with, "body");
		break;
	case CUT_HEADER:
		assert_int_equal(truncate(from, 100), 0);
		break;
	case CUT_BODY:
		put_signed(r, file, path_base(file), "");
		break;
	}
}

static void test_loadset_faults(void **state)
{
	struct root *r = *state;
	static const struct {
		const char *name, *load;
		enum damage damage;
		const char *file, *with, *says;
	} cases[] = {
		{ "image missing", L31, REMOVE, "loads/" L31 "/" L31 ".bin", "",
		  "loads/" L31 "/" L31 ".bin is missing" },
		{ "all missing", L31, REMOVE, "loads/" L31, "", "loads/" L31 "/" L31 ".bin is missing" },
		{ "image empty", L31, EMPTY, "loads/" L31 "/" L31 ".bin", "", L31 ".bin is empty" },
		{ "5.x without its unsigned image", L50, REMOVE, "loads/" L50 "/" L50 ".bin", "",
		  L50 ".bin is missing" },
		{ "5.x without its signed image", L50, REMOVE, "loads/" L50 "/" L50 ".sbn", "",
		  L50 ".sbn is missing" },
		{ "manifest missing", SIP, REMOVE, "loads/" SIP "/" SIP ".loads", "",
		  "loads/" SIP "/" SIP ".loads is missing" },
		{ "manifest in other case", SIP, RENAME, "loads/" SIP "/" SIP ".loads",
		  "loads/" SIP "/" SIP ".LOADS", SIP ".loads is there as " SIP ".LOADS" },
		{ "application missing", SIP, REMOVE, "loads/" SIP "/" SIP ".sb2", "",
		  "loads/" SIP "/" SIP ".sb2 is missing" },
		{ "loader in other case", SIP, RENAME, "loads/" SIP "/P003-8-12-00.sbn",
		  "loads/" SIP "/p003-8-12-00.SBN", "P003-8-12-00.sbn is there as p003-8-12-00.SBN" },
		{ "application renamed", L80, SIGNED_AS, "loads/" L80 "/" L80 ".sb2", "P00307020300.sb2",
		  L80 ".sb2 was signed as P00307020300.sb2" },
		{ "manifest renamed", L80, SIGNED_AS, "loads/" L80 "/" L80 ".loads", "x.loads",
		  L80 ".loads was signed as x.loads" },
		{ "loader not signed", L80, TEXT, "loads/" L80 "/" L80 ".sbn", "plain",
		  L80 ".sbn is not signed" },
		{ "cut within the header", L80, CUT_HEADER, "loads/" L80 "/" L80 ".sb2", "",
		  L80 ".sb2 is damaged: signed header: cut" },
		{ "cut behind the header", L80, CUT_BODY, "loads/" L80 "/" L80 ".sb2", "",
		  L80 ".sb2 ends with its header" },
		{ "no manifest at all", L80, TEXT, "loads/" L80 "/" L80 ".loads", "<html>",
		  L80 ".loads is no list of files" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct load_name load;
		struct loadset ls = { .complete = true };
		struct err e = { 0 };
		char missing[256] = "";
		drop(r, "loads");
		put_loads(r);
		do_damage(r, cases[i].damage, cases[i].file, cases[i].with);
		assert_int_equal(load_name_parse(cases[i].load, strlen(cases[i].load), &load, &e), 0);
		int got = stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e);
		if (got != 1 || ls.complete || !strstr(missing, cases[i].says) || strchr(missing, '\n'))
			fail_msg("%s: %d \"%s\" %s", cases[i].name, got, missing, e.text);
		assert_string_equal(ls.load.s, cases[i].load);
	}
}

/* 8.3: the list says Jar…, the file is signed jar…: the set is whole under either name, but not when the list is in
 * lower case and the file is not. What is optional may be absent, but not damaged. */
static void test_loadset_java(void **state)
{
	struct root *r = *state;
	static const char at[] = "loads/SIP41.8-3-1S/";
	static const char list[] = "Jar41sip.sbn\r\n#+ dsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn \r\n";
	static const char *const files[][2] = { { "Jar41sip.sbn", "jar41sip.sbn" },
						{ "cnu41.sbn", "cnu41.sbn" },
						{ "cvm41sip.sbn", "cvm41sip.sbn" },
						{ "SIP41.8-3-1S.loads", "SIP41.8-3-1S.loads" } };
	struct load_name load = { "SIP41.8-3-1S" };
	char missing[256] = "", path[128];
	struct loadset ls;
	struct err e = { 0 };

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", at, files[i][0]);
		put_signed(r, path, files[i][1], i == 3 ? list : "body");
	}
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 0);
	assert_int_equal(ls.kind, LOAD_JAVA);
	assert_int_equal(ls.n_members, 4);
	put_text(r, "loads/SIP41.8-3-1S/dsp41.sbn", "plain");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 1);
	assert_non_null(strstr(missing, "dsp41.sbn is not signed"));
	drop(r, "loads/SIP41.8-3-1S/dsp41.sbn");
	do_damage(r, RENAME, "loads/SIP41.8-3-1S/Jar41sip.sbn", "loads/SIP41.8-3-1S/jar41sip.sbn");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 0);
	assert_string_equal(ls.members[0], "Jar41sip.sbn");
	do_damage(r, RENAME, "loads/SIP41.8-3-1S/cnu41.sbn", "loads/SIP41.8-3-1S/Cnu41.sbn");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 1);
	assert_non_null(strstr(missing, "cnu41.sbn is there as Cnu41.sbn"));
	do_damage(r, RENAME, "loads/SIP41.8-3-1S/Cnu41.sbn", "loads/SIP41.8-3-1S/cnu41.sbn");
	/* and so loose in the root */
	for (size_t i = 0; i < 4; i++) {
		char to[64];

		snprintf(path, sizeof(path), "%s%s", at, i ? files[i][0] : "jar41sip.sbn");
		snprintf(to, sizeof(to), "%s", path_base(path));
		do_damage(r, RENAME, path, to);
	}
	drop(r, "loads/SIP41.8-3-1S");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 0);
	assert_string_equal(ls.members[0], "Jar41sip.sbn");
	do_damage(r, RENAME, "jar41sip.sbn", "JAR41sip.sbn");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 1);
	assert_non_null(strstr(missing, "Jar41sip.sbn is there as JAR41sip.sbn"));
}

static void test_loadset_loose(void **state)
{
	struct root *r = *state;
	const struct load_name load = { SIP };
	struct loadset ls;
	struct err e = { 0 };
	char missing[256] = "";

	drop(r, "loads");
	put_two_part(r, SIP, "P003-8-12-00", "");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 0);
	assert_string_equal(ls.loader, "P003-8-12-00.sbn");
	drop(r, "P003-8-12-00.sbn");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 1);
	assert_string_equal(missing, "P003-8-12-00.sbn is missing");
	drop(r, SIP ".loads");
	drop(r, SIP ".sb2");
	assert_int_equal(stagedir_loadset(r->dir, &load, &ls, missing, sizeof(missing), &e), 1);
	assert_string_equal(missing, "loads/" SIP "/" SIP ".loads is missing");
}

static void test_loadsets_of_a_plan(void **state)
{
	struct root *r = *state;
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(4096);
	struct err e = { 0 };

	assert_int_equal(stagedir_loadsets(r->dir, &r->plan, &missing, &e), 0);
	assert_string_equal(strbuf_text(&missing), "");
	assert_true(r->plan.stages[3].complete);
	/* of a 5.x load the unsigned image, where somebody comes from below 5.0 and where nobody does */
	drop(r, "loads/" L50 "/" L50 ".bin");
	assert_int_equal(stagedir_loadsets(r->dir, &r->plan, &missing, &e), 1);
	assert_non_null(strstr(strbuf_text(&missing), "stage 2 " L50 ": loads/" L50 "/" L50 ".bin is missing"));
	assert_false(r->plan.stages[1].complete);
	struct plan past = r->plan;
	past.n_models = 2; /* without unnamed */
	past.n_stages = 3;
	memmove(past.stages, past.stages + 1, 3 * sizeof(past.stages[0]));
	strbuf_reset(&missing);
	assert_int_equal(stagedir_loadsets(r->dir, &past, &missing, &e), 0);
	assert_true(past.stages[0].complete);
	assert_int_equal(past.stages[0].kind, LOAD_SINGLE_SIGNED);
	put_text(r, "loads/" L50 "/" L50 ".bin", "");
	assert_int_equal(stagedir_loadsets(r->dir, &past, &missing, &e), 1); /* what is there must be whole */
	put_text(r, "loads/" L50 "/" L50 ".bin", "an unsigned image");
	strbuf_reset(&missing);
	drop(r, "loads/" SIP "/" SIP ".sb2");
	assert_int_equal(stagedir_loadsets(r->dir, &r->plan, &missing, &e), 1);
	assert_string_equal(strbuf_text(&missing),
			    "plan classic-to-sip, stage 4 " SIP ": loads/" SIP "/" SIP ".sb2 is missing\n");
	assert_false(r->plan.stages[3].complete);
	assert_true(r->plan.stages[2].complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_loadset_kinds),	    WITH_ROOT(test_loadset_faults),
		WITH_ROOT(test_loadset_java),	    WITH_ROOT(test_loadset_loose),
		WITH_ROOT(test_loadsets_of_a_plan),
	};

	return cmocka_run_group_tests_name("stagedir_loads", tests, NULL, NULL);
}
