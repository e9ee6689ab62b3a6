/* SPDX-License-Identifier: MPL-2.0 */
/* layout = shared: the load sets as links in the root, and the default loads of one stage alone. */
#include "stagedir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"

#include "stagedir_fixture.h"

#define OLD "SIP41.8-3-1S"
#define NEW "SIP41.9-4-2SR3-1S"
#define OLD_LIST "Jar41sip.8-3.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n"
#define NEW_LIST "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n"

static int root_loads(struct root *r, const struct plan *pl, int stage_no, bool apply, struct changes *c)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(4096);
	struct plan read = *pl;
	struct err e = { 0 };

	c->n = 0;
	if (stagedir_loadsets(r->dir, &read, &missing, &e) < 0)
		fail_msg("%s", e.text);
	int rc = stagedir_root_loads(r->dir, &read, stage_no, apply, note_change, c, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static bool told(const struct changes *c, const char *line)
{
	for (unsigned i = 0; i < c->n; i++)
		if (strcmp(c->line[i], line) == 0)
			return true;
	return false;
}

static void java_site(struct root *r)
{
	static const char *const loads[] = { OLD, NEW };

	make_java_plan(&r->plan, loads, 2);
	put_java(r, OLD, OLD_LIST, "jar41sip.8-3.sbn", "term41.default.loads", "loads/" OLD "/");
	put_signed(r, "loads/" OLD "/term61.default.loads", "term61.default.loads", OLD_LIST);
	put_signed(r, "loads/" OLD "/term42.default.loads", "term42.default.loads", OLD_LIST);
	put_java(r, NEW, NEW_LIST, "jar41sip.9-4.sbn", "term41.default.loads", "loads/" NEW "/");
}

/* All loads are there from the start, the default load is each stage's own: of the plan's models, under both
 * spellings, and none where the stage has none. */
static void test_default_rotates(void **state)
{
	struct root *r = *state;
	struct changes c;

	java_site(r);
	assert_int_equal(root_loads(r, &r->plan, 0, false, &c), 1);
	assert_false(is_there(r, OLD ".loads"));
	assert_int_equal(root_loads(r, &r->plan, 0, true, &c), 1);
	assert_true(told(&c, "new loads/" OLD ": 6 links in the root"));
	assert_true(told(&c, "new loads/" NEW ": 2 links in the root")); /* three members are of one name */
	assert_link(r, OLD ".loads", "loads/" OLD "/" OLD ".loads");
	assert_link(r, NEW ".loads", "loads/" NEW "/" NEW ".loads");
	assert_link(r, "Jar41sip.8-3.sbn", "loads/" OLD "/jar41sip.8-3.sbn");
	assert_link(r, "dsp41.sbn", "loads/" OLD "/dsp41.sbn");
	assert_false(is_there(r, "term41.default.loads"));
	assert_int_equal(root_loads(r, &r->plan, 0, true, &c), 0);

	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 1);
	assert_true(told(&c, "new term41.default.loads: is " OLD "'s"));
	assert_link(r, "term41.default.loads", "loads/" OLD "/term41.default.loads");
	assert_link(r, "TERM61.DEFAULT.loads", "loads/" OLD "/term61.default.loads");
	assert_false(is_there(r, "term42.default.loads")); /* no model of the plan asks for it */
	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 0);

	assert_int_equal(root_loads(r, &r->plan, 2, true, &c), 1);
	assert_link(r, "term41.default.loads", "loads/" NEW "/term41.default.loads");
	assert_link(r, "TERM41.DEFAULT.loads", "loads/" NEW "/term41.default.loads");
	assert_link(r, "dsp41.sbn", "loads/" NEW "/dsp41.sbn");
	assert_link(r, "Jar41sip.8-3.sbn", "loads/" OLD "/jar41sip.8-3.sbn"); /* one that is behind */
	assert_true(told(&c, "gone term61.default.loads: the stage's load has none"));
	assert_false(is_there(r, "TERM61.DEFAULT.loads"));
	assert_int_equal(root_loads(r, &r->plan, 2, false, &c), 0);
}

/* A default load of the site's own gives way and is kept; another file of its own stays, and is told where it is another
 * one; a link of its own stays. What lies nowhere any more goes. */
static void test_what_is_the_sites(void **state)
{
	struct root *r = *state;
	struct changes c;
	char buf[4096], path[256];

	java_site(r);
	put_text(r, "term41.default.loads", "the site's");
	put_text(r, "cnu41.sbn", "the site's");
	put_text(r, "elsewhere/" NEW ".loads", "the site's");
	snprintf(path, sizeof(path), "%s/" NEW ".loads", r->dir);
	assert_int_equal(symlink("elsewhere/" NEW ".loads", path), 0);
	assert_int_equal(root_loads(r, &r->plan, 0, true, &c), 1);
	assert_string_equal(text_of(r, "term41.default.loads", buf), "the site's");
	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 1);
	assert_link(r, "term41.default.loads", "loads/" OLD "/term41.default.loads");
	assert_string_equal(text_of(r, "term41.default.loads.prev", buf), "the site's");
	assert_string_equal(text_of(r, "cnu41.sbn", buf), "the site's");
	assert_true(told(&c, "left cnu41.sbn: another file than the load's lies in its place"));
	assert_link(r, NEW ".loads", "elsewhere/" NEW ".loads");
	assert_int_equal(root_loads(r, &r->plan, 2, true, &c), 1);
	assert_string_equal(text_of(r, "term41.default.loads.prev", buf), "the site's");

	drop(r, "loads/" OLD);
	assert_int_equal(root_loads(r, &r->plan, 2, true, &c), 1);
	assert_true(told(&c, "gone Jar41sip.8-3.sbn: what it led to is gone"));
	assert_false(is_there(r, OLD ".loads"));
	assert_link(r, "term41.default.loads", "loads/" NEW "/term41.default.loads");
}

/* Loose in the root: a member's other spelling; one generation's default load, told where it is not the stage's. */
static void test_loose(void **state)
{
	struct root *r = *state;
	struct changes c;

	java_site(r);
	drop(r, "loads");
	put_java(r, OLD, OLD_LIST, "jar41sip.8-3.sbn", "term41.default.loads", "");
	put_java(r, NEW, NEW_LIST, "jar41sip.9-4.sbn", "term41.default.loads", "");
	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 1);
	assert_link(r, "Jar41sip.8-3.sbn", "jar41sip.8-3.sbn");
	assert_true(told(
		&c,
		"left term41.default.loads: lists other files than the stage's load, which has none of its own"));
	assert_false(is_there(r, "TERM41.DEFAULT.loads"));
	assert_int_equal(root_loads(r, &r->plan, 2, true, &c), 1);
	assert_link(r, "TERM41.DEFAULT.loads", "term41.default.loads");
	assert_int_equal(root_loads(r, &r->plan, 2, true, &c), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 1);
	assert_false(is_there(r, "TERM41.DEFAULT.loads"));
}

/* Classic loads, and beside them another plan's with a member of the same name: neither undoes the other's. */
static void test_several_plans(void **state)
{
	struct root *r = *state;
	static const char *const others[] = { "SCCP41.8-5-3S" };
	struct plan classic = r->plan, other;
	struct changes c;

	java_site(r);
	make_java_plan(&other, others, 1);
	snprintf(other.models[0], sizeof(other.models[0]), "7961");
	other.n_models = 1;
	put_java(r, others[0], "jar41sip.8-5.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n",
		 "jar41sip.8-5.sbn", "term61.default.loads", "loads/SCCP41.8-5-3S/");
	assert_int_equal(root_loads(r, &classic, 1, true, &c), 1);
	assert_link(r, "P003-8-12-00.sbn", "loads/" SIP "/P003-8-12-00.sbn");
	assert_link(r, L31 ".bin", "loads/" L31 "/" L31 ".bin");
	assert_int_equal(root_loads(r, &r->plan, 1, true, &c), 1);
	assert_int_equal(root_loads(r, &other, 1, true, &c), 1);
	assert_link(r, "term61.default.loads", "loads/SCCP41.8-5-3S/term61.default.loads");
	assert_link(r, "dsp41.sbn", "loads/" OLD "/dsp41.sbn");
	assert_true(told(&c, "left dsp41.sbn: another file than the load's lies in its place"));
	assert_int_equal(root_loads(r, &classic, 1, true, &c), 0);
	assert_int_equal(root_loads(r, &other, 1, true, &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_default_rotates),
		WITH_ROOT(test_what_is_the_sites),
		WITH_ROOT(test_loose),
		WITH_ROOT(test_several_plans),
	};

	return cmocka_run_group_tests_name("stagedir_root", tests, NULL, NULL);
}
