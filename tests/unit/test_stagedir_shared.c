/* SPDX-License-Identifier: MPL-2.0 */
/* layout = shared: the root's own files rotated, and what of them stays the site's. */
#include "stagedir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stagedir_fixture.h"

static int rotate(struct root *r, const char *load, bool apply, struct changes *c)
{
	struct load_name name = { "" };
	struct err e = { 0 };

	c->n = 0;
	snprintf(name.s, sizeof(name.s), "%s", load);
	int n = stagedir_rotate(r->dir, &r->plan, &name, apply, note_change, c, &e);
	if (n < 0)
		fail_msg("%s", e.text);
	return n;
}

static void test_rotate(void **state)
{
	struct root *r = *state;
	struct load_name now;
	struct changes c;
	struct err e = { 0 };
	char buf[4096];

	put_text(r, "SIPDefault.cnf", "image_version: P0S3-07-4-00\n");
	assert_int_equal(stagedir_root_load(r->dir, &r->plan, &now, &e), 1);
	assert_int_equal(rotate(r, L31, false, &c), 1);
	assert_false(is_there(r, "XMLDefault.cnf.xml"));
	assert_int_equal(rotate(r, L31, true, &c), 1);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.line[1], "new XMLDefault.cnf.xml: names " L31);
	assert_string_equal(text_of(r, "OS79XX.TXT", buf), L31 "\r\n");
	assert_int_equal(stagedir_root_load(r->dir, &r->plan, &now, &e), 0);
	assert_string_equal(now.s, L31);
	assert_int_equal(rotate(r, L31, true, &c), 0);

	assert_int_equal(rotate(r, L50, true, &c), 1);
	assert_string_equal(text_of(r, "SIPDefault.cnf", buf),
			    "image_version: P0S3-07-4-00\n"); /* SIP phones read it */
	assert_holds(r, "XMLDefault.cnf.xml.prev", "<loadInformation>" L31 "</loadInformation>");
	assert_holds(r, "XMLDefault.cnf.xml",
		     "<loadInformation7 model=\"IP Phone 7960\">" L50 "</loadInformation7>");
	assert_int_equal(rotate(r, SIP, true, &c), 1);
	assert_int_equal(c.n, 3);
	assert_string_equal(text_of(r, "SIPDefault.cnf", buf), "image_version: " SIP "\n");

	c.n = 0;
	assert_int_equal(stagedir_rotate(r->dir, &r->plan, NULL, true, note_change, &c, &e), 0);
	assert_string_equal(c.line[0], "same XMLDefault.cnf.xml: names " SIP);
}

static void test_rotate_keeps_the_sites(void **state)
{
	struct root *r = *state;
	struct changes c;
	struct err e = { 0 };
	struct load_name name = { L50 };
	static const char says_it[] =
		"<Default>\r\n<loadInformation7  model='x'>" L31 "</loadInformation7>\r\n"
		"<loadInformation8>" L31 "</loadInformation8>\r\n"
		"<loadInformation>" L31 "</loadInformation></Default>";
	static const char broken[] = "<Default><a></Default>";
	char buf[4096];

	put_text(r, "XMLDefault.cnf.xml", says_it);
	rotate(r, L31, true, &c);
	assert_string_equal(text_of(r, "XMLDefault.cnf.xml", buf),
			    says_it); /* says it already: not a byte changes */
	put_text(r, "XMLDefault.cnf.xml", site_xml);
	assert_int_equal(rotate(r, L50, true, &c), 1);
	assert_holds(r, "XMLDefault.cnf.xml",
		     "<processNodeName>192.0.2.9</processNodeName>"); /* others read it too */
	put_text(r, "XMLDefault.cnf.xml", broken);
	put_text(r, "OS79XX.TXT", "old");
	assert_int_equal(stagedir_rotate(r->dir, &r->plan, &name, true, NULL, NULL, &e), -1);
	assert_non_null(strstr(e.text, "XMLDefault.cnf.xml:1:"));
	assert_string_equal(text_of(r, "XMLDefault.cnf.xml", buf), broken);
	assert_string_equal(text_of(r, "OS79XX.TXT", buf), "old");
	assert_int_equal(stagedir_root_load(r->dir, &r->plan, &name, &e), -1);
}

/* Each plan's numbers are its own: those of others, and a classic plan's bare element, OS79XX.TXT and SIPDefault.cnf, are
 * not touched. */
static void test_several_plans(void **state)
{
	struct root *r = *state;
	struct load_name load = { "SCCP41.8-3-3S" }, now;
	struct plan java = { .name = "java", .n_models = 1, .n_stages = 1 };
	struct changes c;
	struct err e = { 0 };

	snprintf(java.models[0], sizeof(java.models[0]), "7961");
	loadset_from_name(&load, &java.stages[0]);
	put_text(r, "SIPDefault.cnf", "image_version: P0S3-07-4-00\n");
	put_text(r, "XMLDefault.cnf.xml", site_xml);
	assert_int_equal(rotate(r, L31, true, &c), 1);
	c.n = 0;
	assert_int_equal(stagedir_rotate(r->dir, &java, &load, true, note_change, &c, &e), 1);
	assert_int_equal(c.n, 1); /* XMLDefault alone */
	assert_holds(r, "XMLDefault.cnf.xml", "<loadInformation30018 model=\"IP Phone 7961\">SCCP41.8-3-3S<");
	assert_holds(r, "XMLDefault.cnf.xml", "<loadInformation7 model=\"CP-7960\">" L31 "<");
	assert_holds(r, "XMLDefault.cnf.xml", "<loadInformation>" L31 "<");
	assert_holds(r, "XMLDefault.cnf.xml", "<loadInformation115 model=\"IP Phone 7941\">SIP41.8-5-4S<");
	assert_int_equal(rotate(r, L31, true, &c), 0); /* neither undoes the other's */
	assert_int_equal(stagedir_rotate(r->dir, &java, &load, true, note_change, &c, &e), 0);
	assert_int_equal(rotate(r, L50, true, &c), 1);
	assert_int_equal(stagedir_root_load(r->dir, &java, &now, &e), 0);
	assert_string_equal(now.s, load.s);
	assert_int_equal(stagedir_root_load(r->dir, &r->plan, &now, &e), 0);
	assert_string_equal(now.s, L50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_rotate),
		WITH_ROOT(test_rotate_keeps_the_sites),
		WITH_ROOT(test_several_plans),
	};

	return cmocka_run_group_tests_name("stagedir_shared", tests, NULL, NULL);
}
