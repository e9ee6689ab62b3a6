/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Shapes of XMLDefault as sites have them (tests/data/xml: attributes or none, comments, CRLF, a byte order mark,
 * Latin-1, forty elements, tabs, no final line end, one line) through a rotation there and back. Nothing but the
 * names of the loads may change, and at the end not a byte.
 */
#include "stagedir.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stagedir_fixture.h"
#include "xmlconf.h"

#define DATA "tests/data/xml"

static void read_file(const char *path, struct strbuf *sb)
{
	struct err e = { 0 };

	strbuf_reset(sb);
	if (file_read(path, XMLCONF_BYTES_MAX, sb, &e) != 0)
		fail_msg("%s: %s", path, e.text);
}

static void rotate_to(struct root *r, const char *shape, const char *load, struct strbuf *ret)
{
	struct load_name name = { "" };
	struct err e = { 0 };
	char path[512];

	snprintf(name.s, sizeof(name.s), "%s", load);
	if (stagedir_rotate(r->dir, &r->plan, &name, true, NULL, NULL, &e) != 1)
		fail_msg("%s to %s: %s", shape, load, e.text);
	snprintf(path, sizeof(path), "%s/XMLDefault.cnf.xml", r->dir);
	read_file(path, ret);
}

/* In place, the same length. Returns how many. */
static unsigned rename_load(struct strbuf *sb, const char *from, const char *to)
{
	size_t n = strlen(from);
	unsigned times = 0;

	assert_int_equal(n, strlen(to));
	for (char *p; (p = memmem(sb->p, sb->len, from, n)) != NULL; times++)
		memcpy(p, to, n);
	return times;
}

static void assert_same(const char *shape, const char *when, const struct strbuf *now,
			const struct strbuf *before)
{
	size_t i = 0;

	while (i < now->len && i < before->len && now->p[i] == before->p[i])
		i++;
	if (i < now->len || i < before->len)
		fail_msg("%s, %s: at byte %zu \"%.20s\" for \"%.20s\"", shape, when, i, now->p + i,
			 before->p + i);
}

static void there_and_back(struct root *r, const char *shape)
{
	CLEANUP(strbuf_fini) struct strbuf before = STRBUF_INIT(XMLCONF_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(XMLCONF_BYTES_MAX);
	char path[300];

	snprintf(path, sizeof(path), DATA "/%s", shape);
	read_file(path, &before);
	put_bytes(r, "XMLDefault.cnf.xml", before.p, before.len);
	rotate_to(r, shape, L50, &now);
	assert_int_equal(rename_load(&now, L50, L31), 3); /* 7940, 7960, bare */
	assert_same(shape, "there", &now, &before);
	rotate_to(r, shape, L80, &now);
	rotate_to(r, shape, L31, &now);
	assert_same(shape, "and back", &now, &before);
}

static void test_there_and_back(void **state)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(DATA);
	const struct dirent *d;
	unsigned n = 0;

	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		there_and_back(*state, d->d_name);
		n++;
	}
	assert_int_equal(n, 7);
}

/* What was not there is added in the file's own way, and taken out again leaves what was there. */
static void test_added_and_removed(void **state)
{
	static const struct xmlconf_load loads[] = { { 404, "IP Phone 7962", "SIP42.8-5-4S" } };
	static const struct {
		const char *shape, *line;
	} cases[] = {
		{ "bare.xml",
		  "\n<loadInformation404 model=\"IP Phone 7962\">SIP42.8-5-4S</loadInformation404>\n" },
		{ "tabs-crlf.xml",
		  "\r\n\t<loadInformation404 model=\"IP Phone 7962\">SIP42.8-5-4S</loadInformation404>\r\n" },
		{ "oneline.xml",
		  "</loadInformation><loadInformation404 model=\"IP Phone 7962\">SIP42.8-5-4S</loadInformation404><v" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf before = STRBUF_INIT(XMLCONF_BYTES_MAX);
		CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(XMLCONF_BYTES_MAX);
		struct xmlconf *x = NULL;
		struct err e = { 0 };
		char path[300];

		snprintf(path, sizeof(path), DATA "/%s", cases[i].shape);
		read_file(path, &before);
		assert_int_equal(xmlconf_parse(path, before.p, before.len, false, &x, &e), 0);
		assert_int_equal(xmlconf_set_loads(x, loads, 1, false, &e), 0);
		assert_int_equal(xmlconf_format(x, 0, &now, &e), 0);
		xmlconf_free(x);
		char *at = memmem(now.p, now.len, cases[i].line, strlen(cases[i].line));
		if (!at)
			fail_msg("%s:\n%s", cases[i].shape, now.p);
		/* cut it out again: from behind the element before to its own end */
		char *from = memmem(now.p, now.len, "<loadInformation404", 19);
		char *end = memmem(now.p, now.len, "</loadInformation404>", 21);
		assert_true(from && end);
		end += 21;
		while (strchr(" \t\r\n", from[-1]))
			from--;
		memmove(from, end, (size_t)(now.p + now.len - end));
		now.len -= (size_t)(end - from);
		assert_same(cases[i].shape, "taken out", &now, &before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_there_and_back),
		cmocka_unit_test(test_added_and_removed),
	};

	return cmocka_run_group_tests_name("xmlconf_shapes", tests, NULL, NULL);
}
