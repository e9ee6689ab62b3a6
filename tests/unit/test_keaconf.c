/* SPDX-License-Identifier: MPL-2.0 */
/* Kea's JSON: what is made plain and what stays, where a value stands, files that include each other. */
#include "keaconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text, *plain;
} plains[] = {
	{ "", "" },
	{ "{ }", "{ }" },
	{ "{ // all of it\n}", "{             \n}" },
	{ "{ # all\r\n}", "{      \r\n}" },
	{ "{ /* a\n* b */ }", "{     \n       }" },
	{ "{ /**/ }", "{      }" },
	{ "{ \"a\": \"// no # comment /* here */\" }", "{ \"a\": \"// no # comment /* here */\" }" },
	{ "\"a\\\"// b\" // c", "\"a\\\"// b\"     " },
	{ "[ 1, 2, ]", "[ 1, 2  ]" },
	{ "{ \"a\": 1, // last\n}", "{ \"a\": 1         \n}" },
	{ "[ \"a,\" ]", "[ \"a,\" ]" },
	{ "[ 1,, ]", "[ 1,  ]" }, /* one too many stays wrong */
	{ "[ 1, \"]\" ]", "[ 1, \"]\" ]" },
	{ "\"not closed // x\n// y", "\"not closed // x\n    " },
	{ "a / b", "a / b" },
	{ "/", "/" },
};

static void test_plain(void **state)
{
	struct keaconf_include inc[2];
	struct err e;
	size_t n, at;

	(void)state;
	for (size_t i = 0; i < COUNT(plains); i++) {
		char text[128];
		snprintf(text, sizeof(text), "%s", plains[i].text);
		assert_int_equal(keaconf_plain(text, strlen(text), inc, 2, &n, &at, &e), 0);
		assert_string_equal(text, plains[i].plain);
		assert_int_equal(n, 0);
	}
}

static const struct {
	const char *text;
	size_t at;
	const char *says;
} faults[] = {
	{ "{ /* never ends", 2, "does not end" },
	{ "{ /*/", 2, "does not end" },
	{ "{ <?include \"a\" }", 2, "expected <?include" },
	{ "<?exclude \"a\"?>", 0, "expected <?include" },
	{ "<?include ?>", 0, "expected <?include" },
	{ "<?include \"\"?>", 0, "expected <?include" },
	{ "<?", 0, "expected <?include" },
	{ "<?include \"a\"?><?include \"b\"?><?include \"c\"?>", 30, "more than 2 files" },
};

static void test_plain_faults(void **state)
{
	struct keaconf_include inc[2];
	struct err e;
	size_t n, at;

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		char text[128];
		snprintf(text, sizeof(text), "%s", faults[i].text);
		assert_int_equal(keaconf_plain(text, strlen(text), inc, 2, &n, &at, &e), -1);
		assert_non_null(strstr(e.text, faults[i].says));
		assert_int_equal(at, faults[i].at);
	}
}

static void test_include(void **state)
{
	char text[] = "[ 1, <?include  \"/etc/x.json\" ?> ]";
	struct keaconf_include inc[2];
	struct err e;
	size_t n, at;

	(void)state;
	assert_int_equal(keaconf_plain(text, strlen(text), inc, 2, &n, &at, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(inc[0].at, 5);
	assert_int_equal(inc[0].name_len, 11);
	assert_memory_equal(text + inc[0].name, "/etc/x.json", 11);
	assert_int_equal(text[3], ','); /* what comes may stand behind it */
}

static const char tree[] =
	"{ \"a\": [ 10, { \"b\": \"x,]}\" }, [ ] ],\n  \"a/\": 0, \"c\" : { \"d\": [ ] }, \"e\": 1, \"e\": 2 }";

static const struct {
	const char *pointer;
	const char *there; /* what begins there; NULL = nothing is */
} places[] = {
	{ "", "{ \"a\"" },     { "/a", "\"a\"" },     { "/a/0", "10," },
	{ "/a/1", "{ \"b\"" }, { "/a/1/b", "\"b\"" }, { "/a/2", "[ ] ]" },
	{ "/a/3", NULL },      { "/a/2/0", NULL },    { "/a/x", NULL },
	{ "/c/d", "\"d\"" },   { "/c/d/0", NULL },    { "/b", NULL },
	{ "/e", "\"e\": 2" },  { "/a/1/b/c", NULL },  { "/a/99999999999999999999999", NULL },
	{ "/", NULL },
};

static void test_find(void **state)
{
	size_t len = strlen(tree);

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		size_t at = keaconf_find(tree, len, places[i].pointer);
		if (!places[i].there)
			assert_int_equal(at, len);
		else if (at >= len || strncmp(tree + at, places[i].there, strlen(places[i].there)) != 0)
			fail_msg("%s: %zu", places[i].pointer, at);
	}
	for (size_t cut = 0; cut < len; cut++) /* any beginning of it */
		for (size_t i = 0; i < COUNT(places); i++)
			assert_true(keaconf_find(tree, cut, places[i].pointer) <= cut);
}

/* ---- files */

static char dir[64];

static void put(const char *name, const char *text)
{
	char path[128];
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, &e) >= 0);
}

static void test_files(void **state)
{
	struct strbuf at = STRBUF_INIT(400);
	struct keaconf *kc = NULL;
	char path[128], wanted[160], place[300], text[400];
	struct err e;

	(void)state;
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(
		text, sizeof(text),
		"// one\n{ \"Dhcp4\": {\n \"subnet4\": [ {},\n <?include \"%s/b\"?>, { \"id\": 3 } ],\n \"z\": 1 } }",
		dir);
	put("a", text);
	put("b", "# two\n{ \"id\": 2,\n  \"pools\": [ ] }\n");
	assert_int_equal(keaconf_load(path, &kc, &at, &e), 0);
	snprintf(wanted, sizeof(wanted), "%s/b:3", dir);
	assert_string_equal(keaconf_place(kc, "/subnet4/1/pools", place, sizeof(place)), wanted);
	snprintf(wanted, sizeof(wanted), "%s/a:4", dir);
	assert_string_equal(keaconf_place(kc, "/subnet4/2/id", place, sizeof(place)), wanted);
	snprintf(wanted, sizeof(wanted), "%s/a:5", dir);
	assert_string_equal(keaconf_place(kc, "/z", place, sizeof(place)), wanted);
	assert_string_equal(keaconf_place(kc, "/none", place, sizeof(place)), path);
	assert_int_equal(json_array_size(keaconf_array(keaconf_dhcp4(kc), "subnet4")), 3);
	assert_false(keaconf_listens(kc));
	keaconf_free(kc);

	snprintf(text, sizeof(text), "<?include \"%s/b\"?>", dir);
	put("b", text); /* itself */
	assert_int_equal(keaconf_load(path, &kc, &at, &e), -1);
	assert_non_null(strstr(e.text, "include each other"));
	put("a", "");
	assert_int_equal(keaconf_load(path, &kc, NULL, &e), -1);
	put("a", "{ \"Dhcp4\": [ ] }");
	assert_int_equal(keaconf_load(path, &kc, NULL, &e), -1);
	assert_non_null(strstr(e.text, "no object \"Dhcp4\""));
	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(keaconf_load(path, &kc, NULL, &e), 1);
	strbuf_fini(&at);
}

static void count_scope(void *arg, const struct keaconf *kc, const struct kea_scope *s)
{
	unsigned *counts = arg;
	char place[300];

	counts[s->level]++;
	if (s->pointer[0])
		assert_string_not_equal(keaconf_place(kc, s->pointer, place, sizeof(place)),
					keaconf_path(kc));
	assert_true((s->level < KEA_SUBNET || s->level == KEA_HOST) || s->subnet);
}

static void test_scopes(void **state)
{
	unsigned counts[KEA_HOST + 1] = { 0 };
	struct keaconf *kc = NULL;
	char path[128];
	struct err e;

	(void)state;
	snprintf(path, sizeof(path), "%s/a", dir);
	put("a",
	    "{ \"Dhcp4\": { \"client-classes\": [ {}, {} ], \"reservations\": [ {} ],\n"
	    "\"shared-networks\": [ { \"subnet4\": [ { \"pools\": [ {} ] } ] }, 7 ],\n"
	    "\"subnet4\": [ { \"pools\": [ {}, {} ], \"reservations\": [ {} ] }, { \"pools\": 1 } ] } }");
	assert_int_equal(keaconf_load(path, &kc, NULL, &e), 0);
	keaconf_scopes(kc, count_scope, counts);
	assert_int_equal(counts[KEA_GLOBAL], 1);
	assert_int_equal(counts[KEA_CLASS], 2);
	assert_int_equal(counts[KEA_NETWORK], 1);
	assert_int_equal(counts[KEA_SUBNET], 3);
	assert_int_equal(counts[KEA_POOL], 3);
	assert_int_equal(counts[KEA_HOST], 2);
	keaconf_free(kc);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_keaconf.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct err e;

	(void)state;
	return file_remove_tree(dir, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	cmocka_unit_test(test_plain_faults),
		cmocka_unit_test(test_include), cmocka_unit_test(test_find),
		cmocka_unit_test(test_files),	cmocka_unit_test(test_scopes),
	};

	return cmocka_run_group_tests_name("keaconf", tests, make_dir, remove_dir);
}
