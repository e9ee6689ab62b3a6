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

static void put_java(const struct root *r, const char *load, const char *list, const char *jar,
		     const char *term, const char *dir)
{
	static const char *const others[] = { "dsp41.sbn", "cnu41.sbn", "cvm41sip.sbn" };
	char name[256], file[128];

	snprintf(file, sizeof(file), "%s.loads", load);
	snprintf(name, sizeof(name), "%s%s", dir, file);
	put_signed(r, name, file, list);
	snprintf(name, sizeof(name), "%s%s", dir, term);
	put_signed(r, name, term, list);
	snprintf(name, sizeof(name), "%s%s", dir, jar);
	put_signed(r, name, jar, load);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", dir, others[i]);
		put_signed(r, name, others[i], load);
	}
}

static void set_plan(struct root *r)
{
	static const char *const loads[] = { OLD, NEW };

	memset(&r->plan, 0, sizeof(r->plan));
	snprintf(r->plan.name, sizeof(r->plan.name), "java");
	snprintf(r->plan.models[r->plan.n_models++], sizeof(r->plan.models[0]), "7941");
	snprintf(r->plan.models[r->plan.n_models++], sizeof(r->plan.models[0]), "7961G-GE");
	for (size_t i = 0; i < 2; i++) {
		struct load_name n = { .s = "" };

		snprintf(n.s, sizeof(n.s), "%s", loads[i]);
		loadset_from_name(&n, &r->plan.stages[r->plan.n_stages++]);
	}
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
	put_java(r, OLD, "jar41sip.8-3.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.8-3.sbn",
		 "term41.default.loads", "");
	put_java(r, NEW, "jar41sip.9-4.sbn\r\ndsp41.sbn\r\ncnu41.sbn\r\ncvm41sip.sbn\r\n", "jar41sip.9-4.sbn",
		 "term41.default.loads", "");
	build(r);
	assert_link(r, AT(NEW) "term41.default.loads", "../../../term41.default.loads");
	assert_false(is_there(r, AT(OLD) "term41.default.loads"));
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
