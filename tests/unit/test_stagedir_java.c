/* SPDX-License-Identifier: MPL-2.0 */
/* The directories of java stages: each generation's own default load under both spellings, and members as listed. */
#include "stagedir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"

#include "stagedir_fixture.h"

#define OLD "SIP41.8-3-1S"
#define NEW "SIP41.9-4-2SR3-1S"
#define AT(load) "stages/java/" load "/"

static void set_plan(struct root *r)
{
	static const char *const loads[] = { OLD, NEW };

	make_java_plan(&r->plan, loads, 2);
}

/* Reads the sets from the disk and builds the stages. */
static void build(struct root *r)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(4096);
	struct changes c = { .n = 0 };
	struct err e = { 0 };

	if (stagedir_loadsets(r->dir, &r->plan, &missing, &e) != 0)
		fail_msg("%s%s", strbuf_text(&missing), e.text);
	if (stagedir_publish(r->dir, &r->cfg, &r->plan, true, note_change, &c, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_members_as_listed(void **state)
{
	struct root *r = *state;

	set_plan(r);
	put_java(r, OLD, "Jar41sip.8-3TH1.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n",
		 "jar41sip.8-3TH1.sbn", "term41.default.loads", "loads/" OLD "/");
	put_java(r, NEW, "jar41sip.9-4ES26.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n",
		 "jar41sip.9-4ES26.sbn", "term41.default.loads", "loads/" NEW "/");
	build(r);
	assert_link(r, AT(OLD) "Jar41sip.8-3TH1.sbn", "../../../loads/" OLD "/jar41sip.8-3TH1.sbn");
	assert_link(r, AT(OLD) "jar41sip.8-3TH1.sbn", "../../../loads/" OLD "/jar41sip.8-3TH1.sbn");
	/* also for a phone that another stage's view still serves */
	assert_link(r, AT(NEW) "Jar41sip.8-3TH1.sbn", "../../../loads/" OLD "/jar41sip.8-3TH1.sbn");
	/* a member of one name in both: each stage its own */
	assert_link(r, AT(OLD) "dsp41.sbn", "../../../loads/" OLD "/dsp41.sbn");
	assert_link(r, AT(NEW) "dsp41.sbn", "../../../loads/" NEW "/dsp41.sbn");
	/* nothing but java's */
	assert_false(is_there(r, AT(OLD) "OS79XX.TXT"));
	assert_false(is_there(r, AT(OLD) "SIPDefault.cnf"));
	assert_holds(r, AT(OLD) "XMLDefault.cnf.xml", ">" OLD "</loadInformation115>");
	assert_holds(r, AT(OLD) "XMLDefault.cnf.xml", ">" OLD "</loadInformation308>");
	assert_holds_not(r, AT(OLD) "XMLDefault.cnf.xml", "<loadInformation>");
}

static void test_each_stage_has_its_own_default(void **state)
{
	struct root *r = *state;

	set_plan(r);
	put_java(r, OLD, "jar41sip.8-3.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.8-3.sbn",
		 "TERM41.DEFAULT.loads", "loads/" OLD "/");
	put_java(r, NEW, "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.9-4.sbn",
		 "term41.default.loads", "loads/" NEW "/");
	put_signed(r, "loads/" NEW "/term61.default.loads", "term61.default.loads",
		   "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n");
	put_signed(r, "term61.default.loads", "term61.default.loads",
		   "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n");
	build(r);
	assert_link(r, AT(OLD) "TERM41.DEFAULT.loads", "../../../loads/" OLD "/TERM41.DEFAULT.loads");
	assert_link(r, AT(OLD) "term41.default.loads", "../../../loads/" OLD "/TERM41.DEFAULT.loads");
	assert_link(r, AT(NEW) "TERM41.DEFAULT.loads", "../../../loads/" NEW "/term41.default.loads");
	assert_link(r, AT(NEW) "TERM61.DEFAULT.loads", "../../../loads/" NEW "/term61.default.loads");
	/* none of another generation, neither from the plan's loads nor from the root */
	assert_false(is_there(r, AT(OLD) "term61.default.loads"));
	assert_false(is_there(r, AT(OLD) "TERM61.DEFAULT.loads"));
	assert_true(
		is_there(r, "stages/java/waiting/term61.default.loads")); /* there the site's own counts */
}

/* All loose in the root, where only one generation's default load can lie. */
static void test_loose_default(void **state)
{
	struct root *r = *state;

	set_plan(r);
	put_java(r, OLD, "Jar41sip.8-3.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.8-3.sbn",
		 "term41.default.loads", "");
	put_java(r, NEW, "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.9-4.sbn",
		 "term41.default.loads", "");
	build(r);
	assert_link(r, AT(NEW) "term41.default.loads", "../../../term41.default.loads");
	assert_link(r, AT(NEW) "TERM41.DEFAULT.loads", "../../../term41.default.loads");
	assert_false(is_there(r, AT(OLD) "term41.default.loads"));
	assert_false(is_there(r, AT(OLD) "TERM41.DEFAULT.loads"));
	assert_link(r, AT(OLD) "Jar41sip.8-3.sbn", "../../../jar41sip.8-3.sbn");
	put_text(r, "term41.default.loads", "no list");
	build(r);
	assert_false(is_there(r, AT(NEW) "term41.default.loads"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_members_as_listed),
		WITH_ROOT(test_each_stage_has_its_own_default),
		WITH_ROOT(test_loose_default),
	};

	return cmocka_run_group_tests_name("stagedir java", tests, NULL, NULL);
}
