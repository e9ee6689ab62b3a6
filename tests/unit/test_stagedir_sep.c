/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: the load elements of a phone's own SEP file set for the climb and set back, in the file as another
 * hand has left it; what cannot be edited stays; nothing of it is kept longer than needed.
 */
#include "stagedir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stagedir_fixture.h"

#define SEP "SEP0011223344AB.cnf.xml"
#define KEPT "kept.sep" /* in a test its place is of no matter */
#define OLD "P0030702XXXX"

static const struct mac mac = { { 0x00, 0x11, 0x22, 0x33, 0x44, 0xab } };

static const char *kept(const struct root *r, char buf[static 512])
{
	snprintf(buf, 512, "%s/" KEPT, r->dir);
	return buf;
}

static int set(const struct root *r, const char *load, bool apply, struct changes *c, enum sep_state *ret)
{
	struct load_name name = { "" };
	char dir[512];
	struct err e = { 0 };

	c->n = 0;
	snprintf(name.s, sizeof(name.s), "%s", load);
	int rc = stagedir_sep_set(r->dir, kept(r, dir), &mac, &name, apply, note_change, c, ret, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static int back(const struct root *r, const struct plan *pl, struct changes *c, enum sep_state *ret)
{
	char dir[512];
	struct err e = { 0 };

	c->n = 0;
	int rc = stagedir_sep_back(r->dir, kept(r, dir), &mac, pl, true, note_change, c, ret, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static void is_text(const struct root *r, const char *expected)
{
	char buf[4096];

	assert_string_equal(text_of(r, SEP, buf), expected);
}

static const char *sep_with(char buf[static 512], const char *load, const char *more)
{
	snprintf(
		buf, 512,
		"<?xml version='1.0'?>\r\n<device>\r\n\t<deviceProtocol>SCCP</deviceProtocol>\r\n"
		"\t<loadInformation  model='7960'>%s</loadInformation>%s\r\n"
		"\t<addOnModules><loadInformation>B015-1-0-3</loadInformation></addOnModules>\r\n</device>\r\n",
		load, more);
	return buf;
}

static void test_set_and_back(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	struct stat sb;
	char buf[512], path[512];

	put_text(r, SEP, sep_with(buf, OLD, ""));
	snprintf(path, sizeof(path), "%s/" SEP, r->dir);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(set(r, L31, false, &c, &s), 1); /* a comparison writes nothing */
	assert_string_equal(c.line[0], "changed " SEP ": names " L31);
	is_text(r, sep_with(buf, OLD, ""));
	assert_false(is_there(r, KEPT));

	assert_int_equal(set(r, L31, true, &c, &s), 1);
	assert_int_equal(s, SEP_SET);
	is_text(r, sep_with(buf, L31, ""));
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0604);
	snprintf(path, sizeof(path), "%s/" KEPT, r->dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/" KEPT "/" SEP, r->dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	assert_int_equal(set(r, L31, true, &c, &s), 0);
	assert_int_equal(set(r, L50, true, &c, &s), 1);
	is_text(r, sep_with(buf, L50, ""));
	assert_int_equal(back(r, NULL, &c, &s), 1);
	assert_int_equal(s, SEP_NONE);
	is_text(r, sep_with(buf, OLD, ""));
	assert_false(is_there(r, KEPT "/" SEP));
	assert_false(is_there(r, KEPT "/SEP0011223344AB.set"));
	assert_false(is_there(r, SEP ".prev"));
	assert_int_equal(back(r, NULL, &c, &s), 0);
}

/* What another hand writes stays; a load that it names is the site's from then on. */
static void test_another_hand(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char buf[512];

	put_text(r, SEP, sep_with(buf, OLD, ""));
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	put_text(r, SEP, sep_with(buf, L31, "<edited/>"));
	assert_int_equal(set(r, L50, true, &c, &s), 1);
	is_text(r, sep_with(buf, L50, "<edited/>"));
	put_text(r, SEP, sep_with(buf, "P00309999999", "<rewritten/>"));
	assert_int_equal(set(r, L50, true, &c, &s), 1);
	is_text(r, sep_with(buf, L50, "<rewritten/>"));
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, sep_with(buf, "P00309999999", "<rewritten/>"));

	assert_int_equal(set(r, L31, true, &c, &s), 1);
	put_text(r, SEP, sep_with(buf, OLD, "<last/>")); /* nobody sets it once more */
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, sep_with(buf, OLD, "<last/>"));

	assert_int_equal(set(r, L31, true, &c, &s), 1);
	drop(r, SEP);
	assert_int_equal(back(r, NULL, &c, &s), 1);
	assert_false(is_there(r, SEP));
	assert_false(is_there(r, KEPT "/" SEP));
}

/* A file that was cut off between set and file: the load of before is still taken for ours. */
static void test_cut_between(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char buf[512];

	put_text(r, SEP, sep_with(buf, OLD, ""));
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	put_text(r, KEPT "/SEP0011223344AB.set", L31 "\n" L50 "\n");
	assert_int_equal(set(r, L80, true, &c, &s), 1);
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, sep_with(buf, OLD, ""));
}

static void test_what_there_may_be(void **state)
{
	static const char none[] = "<device>\n  <a>1</a>\n</device>\n";
	static const char as_default[] = "<Default><a/><loadInformation7>" OLD "</loadInformation7>"
					 "<loadInformation8></loadInformation8></Default>";
	static const char broken[] = "<device><a></device>";
	struct root *r = *state;
	enum sep_state s;
	struct changes c;

	assert_int_equal(set(r, L31, true, &c, &s), 0);
	assert_int_equal(s, SEP_NONE);
	assert_false(is_there(r, SEP));

	put_text(r, SEP, none);
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	assert_holds(r, SEP, "<a>1</a>\n  <loadInformation>" L31 "</loadInformation>");
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, none);

	put_text(r, SEP, as_default);
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	assert_holds(r, SEP,
		     "<loadInformation7>" L31 "</loadInformation7><loadInformation8>" L31
		     "</loadInformation8>");
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, as_default);

	put_text(r, SEP,
		 "<device><loadInformation>" L31 "</loadInformation></device>"); /* the site's own word */
	assert_int_equal(set(r, L31, true, &c, &s), 0);
	assert_int_equal(s, SEP_SET);
	assert_false(is_there(r, KEPT "/" SEP));

	put_text(r, SEP, broken);
	assert_int_equal(set(r, L31, true, &c, &s), 0);
	assert_int_equal(s, SEP_UNABLE);
	assert_int_equal(c.n, 1);
	assert_non_null(strstr(c.line[0], "left " SEP ": "));
	assert_non_null(strstr(c.line[0], SEP ":1:"));
	is_text(r, broken);
}

/* A link stays a link. */
static void test_link(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char path[512], buf[512], text[512];

	put_text(r, "provision/phone.xml", sep_with(buf, OLD, ""));
	snprintf(path, sizeof(path), "%s/" SEP, r->dir);
	assert_int_equal(symlink("provision/phone.xml", path), 0);
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	assert_int_equal(readlink(path, text, sizeof(text)), strlen("provision/phone.xml"));
	assert_holds(r, "provision/phone.xml", L31);
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, sep_with(buf, OLD, ""));
}

/* A phone that is done never sees an older load: unless it does not read the file. */
static void test_held(void **state)
{
	struct root *r = *state;
	struct plan pl = r->plan;
	enum sep_state s;
	struct changes c;
	char buf[512];

	pl.n_stages = 3; /* ends with SCCP */
	put_text(r, SEP, sep_with(buf, L50, ""));
	assert_int_equal(set(r, L80, true, &c, &s), 1);
	assert_int_equal(back(r, &pl, &c, &s), 0);
	assert_int_equal(s, SEP_HELD);
	is_text(r, sep_with(buf, L80, ""));
	assert_int_equal(back(r, NULL, &c, &s), 1);
	is_text(r, sep_with(buf, L50, ""));

	assert_int_equal(set(r, SIP, true, &c, &s), 1);
	assert_int_equal(back(r, &r->plan, &c, &s), 1);
	assert_int_equal(s, SEP_NONE);
	is_text(r, sep_with(buf, L50, ""));
}

static int count(void *arg, const struct mac *m, struct err *e)
{
	int *n = arg;

	(void)e;
	assert_true(mac_equal(m, &mac));
	++*n;
	return 0;
}

static void test_each(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char buf[512], dir[512];
	struct err e;
	int n = 0;

	assert_int_equal(stagedir_sep_each(kept(r, dir), count, &n, &e), 0);
	assert_int_equal(n, 0);
	put_text(r, SEP, sep_with(buf, OLD, ""));
	assert_int_equal(set(r, L31, true, &c, &s), 1);
	assert_int_equal(stagedir_sep_each(kept(r, dir), count, &n, &e), 0);
	assert_int_equal(n, 1);
}

static int give(const struct root *r, const char *load, bool whole, bool apply, struct changes *c, enum sep_state *ret)
{
	struct load_name name = { "" };
	char dir[512];
	struct err e = { 0 };

	c->n = 0;
	snprintf(name.s, sizeof(name.s), "%s", load);
	int rc = stagedir_sep_give(r->dir, kept(r, dir), &mac, &r->plan, &name, whole, apply, note_change, c, ret, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

/* A phone that takes no notice of XMLDefault, and has no file of its own: it gets one, and that goes again. */
static void test_made(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char dir[512];
	struct err e;
	int n = 0;

	assert_int_equal(give(r, L80, false, false, &c, &s), 1);
	assert_false(is_there(r, SEP));
	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	assert_int_equal(s, SEP_GIVEN);
	assert_string_equal(c.line[0], "new " SEP ": names " L80 ", for it takes no notice of XMLDefault");
	is_text(r, "<device>\n<deviceProtocol>SCCP</deviceProtocol>\n<loadInformation>" L80 "</loadInformation>\n</device>\n");
	assert_int_equal(give(r, L80, false, true, &c, &s), 0);
	assert_int_equal(stagedir_sep_each(kept(r, dir), count, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(give(r, SIP, false, true, &c, &s), 1);
	assert_holds(r, SEP, "<deviceProtocol>SIP</deviceProtocol>\n<loadInformation>" SIP "<");
	assert_int_equal(give(r, SIP, true, true, &c, &s), 1);
	assert_int_equal(s, SEP_GIVEN_DEFAULT);
	assert_holds(r, SEP, "<loadInformation7 model=\"IP Phone 7960\">" SIP "<");
	assert_holds(r, SEP, "<Default>");
	assert_int_equal(give(r, SIP, true, true, &c, &s), 0);
	assert_int_equal(back(r, &r->plan, &c, &s), 1);
	assert_int_equal(s, SEP_NONE);
	assert_string_equal(c.line[0], "gone " SEP ": was made for the climb");
	assert_false(is_there(r, SEP));
	n = 0;
	assert_int_equal(stagedir_sep_each(kept(r, dir), count, &n, &e), 0);
	assert_int_equal(n, 0);
	/* somebody takes it away, and its phone is forgotten; nothing of it is taken for the site's in the next climb */
	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	drop(r, SEP);
	assert_int_equal(back(r, NULL, &c, &s), 0);
	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	assert_int_equal(set(r, L80, true, &c, &s), 1);
	assert_false(is_there(r, SEP));
	assert_int_equal(set(r, L80, true, &c, &s), 0);
	assert_int_equal(s, SEP_NONE);
}

/* A file that another hand writes in its place, before or after, is the site's: what is said of those holds for it. */
static void test_made_and_another_hand(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char buf[512];

	put_text(r, SEP, sep_with(buf, OLD, ""));
	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	assert_int_equal(s, SEP_SET);
	is_text(r, sep_with(buf, L80, ""));
	assert_int_equal(back(r, &r->plan, &c, &s), 1);
	is_text(r, sep_with(buf, OLD, ""));
	drop(r, SEP);

	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	put_text(r, SEP, sep_with(buf, OLD, "<x/>"));
	assert_int_equal(give(r, SIP, true, true, &c, &s), 1);
	assert_int_equal(s, SEP_SET);
	is_text(r, sep_with(buf, SIP, "<x/>"));
	assert_int_equal(back(r, &r->plan, &c, &s), 1);
	is_text(r, sep_with(buf, OLD, "<x/>"));
	assert_int_equal(back(r, &r->plan, &c, &s), 0);

	drop(r, SEP);
	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	put_text(r, SEP, "<device/>");
	assert_int_equal(back(r, NULL, &c, &s), 0);
	is_text(r, "<device/>");
	assert_int_equal(back(r, NULL, &c, &s), 0);
}

/* A publish that was cut off between keeping the new bytes and writing them. */
static void test_made_cut_between(void **state)
{
	struct root *r = *state;
	enum sep_state s;
	struct changes c;
	char buf[4096], now[4096];

	assert_int_equal(give(r, L80, false, true, &c, &s), 1);
	snprintf(now, sizeof(now), "%s", text_of(r, SEP, buf));
	assert_int_equal(give(r, SIP, false, true, &c, &s), 1);
	put_text(r, KEPT "/made/SEP0011223344AB.new", text_of(r, SEP, buf)); /* to SIP */
	put_text(r, KEPT "/made/" SEP, now); /* from 8.0 */
	assert_int_equal(give(r, SIP, false, true, &c, &s), 0);
	put_text(r, SEP, now);
	assert_int_equal(give(r, SIP, false, true, &c, &s), 1);
	assert_int_equal(s, SEP_GIVEN);
	assert_int_equal(back(r, NULL, &c, &s), 1);
	assert_false(is_there(r, SEP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_set_and_back), WITH_ROOT(test_another_hand),
		WITH_ROOT(test_cut_between),  WITH_ROOT(test_what_there_may_be),
		WITH_ROOT(test_link),	      WITH_ROOT(test_held),
		WITH_ROOT(test_each),	      WITH_ROOT(test_made),
		WITH_ROOT(test_made_and_another_hand),
		WITH_ROOT(test_made_cut_between),
	};

	return cmocka_run_group_tests_name("stagedir_sep", tests, NULL, NULL);
}
