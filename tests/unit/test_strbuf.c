/* SPDX-License-Identifier: MPL-2.0 */
/* Text under construction: ceiling, latch, escaping, hand-over. */
#include "strbuf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

static void appends_add_up(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(100);
	struct err e = { 0 };

	(void)state;
	assert_string_equal(strbuf_text(&sb), "");
	strbuf_add(&sb, "one ");
	strbuf_add_char(&sb, '2');
	strbuf_addf(&sb, " %03d", 3);
	strbuf_add_bytes(&sb, "\0z", 2);
	assert_int_equal(sb.len, 11);
	assert_memory_equal(strbuf_text(&sb), "one 2 003\0z", 12);
	assert_int_equal(strbuf_check(&sb, "text", &e), 0);
	strbuf_reset(&sb);
	assert_string_equal(strbuf_text(&sb), "");
}

static void grows_to_the_ceiling_exactly(void **state)
{
	static const size_t ceilings[] = { 0, 1, 63, 64, 65, 1000, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(ceilings[i]);
		struct err e = { 0 };

		for (size_t n = 0; n < ceilings[i]; n++)
			strbuf_add_char(&sb, 'x');
		assert_int_equal(strbuf_check(&sb, "t", &e), 0);
		assert_int_equal(sb.len, ceilings[i]);
		assert_int_equal(strlen(strbuf_text(&sb)), ceilings[i]);
		strbuf_add_char(&sb, 'y');
		assert_int_equal(strbuf_check(&sb, "t", &e), -1);
		assert_int_equal(e.code, ERR_LIMIT);
		assert_int_equal(sb.len, ceilings[i]);
	}
}

/* A text has no hole: what follows a dropped append is dropped as well, until reset. */
static void latch_holds_until_reset(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(5);
	struct err e = { 0 };

	(void)state;
	strbuf_add(&sb, "abc");
	strbuf_addf(&sb, "%s", "defg");
	strbuf_add(&sb, "h");
	strbuf_add_escaped(&sb, "i", 1);
	assert_string_equal(strbuf_text(&sb), "abc");
	assert_int_equal(sb.failed, E2BIG);
	assert_int_equal(strbuf_check(&sb, "a name", &e), -1);
	assert_string_equal(e.text, "a name: longer than 5 bytes");
	assert_null(strbuf_take(&sb));
	strbuf_reset(&sb);
	strbuf_add(&sb, "defgh");
	assert_int_equal(strbuf_check(&sb, "a name", &e), 0);
	assert_string_equal(strbuf_text(&sb), "defgh");
}

static void take_hands_over(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(10);
	CLEANUP(cleanup_free) char *empty = strbuf_take(&sb);
	CLEANUP(cleanup_free) char *text = NULL;

	(void)state;
	assert_string_equal(empty, "");
	strbuf_add(&sb, "text");
	text = strbuf_take(&sb);
	assert_string_equal(text, "text");
	assert_string_equal(strbuf_text(&sb), "");
	strbuf_add(&sb, "0123456789");
	assert_int_equal(sb.failed, 0);
	assert_int_equal(sb.len, 10);
}

static const struct {
	const char *name;
	const char *in;
	size_t len;
	const char *out;
} escapes[] = {
	{ "empty", "", 0, "" },
	{ "plain", "SEP001B0C18BDC1.cnf.xml ~", 25, "SEP001B0C18BDC1.cnf.xml ~" },
	{ "named controls", "a\nb\rc\td", 7, "a\\nb\\rc\\td" },
	{ "backslash", "\\n", 2, "\\x5cn" },
	{ "NUL, escape, delete", "\0\033\177", 3, "\\x00\\x1b\\x7f" },
	{ "UTF-8 is foreign", "\xc3\xa4", 2, "\\xc3\\xa4" },
};

static void escape_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(100);
		char buf[100];

		strbuf_add_escaped(&sb, escapes[i].in, escapes[i].len);
		assert_string_equal(strbuf_text(&sb), escapes[i].out);
		assert_string_equal(text_escape(buf, sizeof(buf), escapes[i].in, escapes[i].len),
				    escapes[i].out);
	}
}

static const struct {
	const char *name;
	const char *in;
	size_t size;
	const char *out;
} cuts[] = {
	{ "just fits", "abcdefg", 8, "abcdefg" },
	{ "one too many", "abcdefgh", 8, "abcd..." },
	{ "an escape is never split", "abc\nefgh", 8, "abc..." },
	{ "an escape at the end that fits", "abcde\n", 8, "abcde\\n" },
	{ "only dots fit", "abcdefgh", 4, "..." },
	{ "no room for dots", "abcdefgh", 3, "" },
	{ "one byte", "a", 1, "" },
};

static void escape_cut_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		char buf[16];

		memset(buf, '#', sizeof(buf));
		assert_string_equal(text_escape(buf, cuts[i].size, cuts[i].in, strlen(cuts[i].in)),
				    cuts[i].out);
		for (size_t n = cuts[i].size; n < sizeof(buf); n++)
			assert_int_equal(buf[n], '#');
	}
}

static void copy_is_bounded(void **state)
{
	char buf[4];

	(void)state;
	assert_true(text_copy(buf, sizeof(buf), "abc"));
	assert_string_equal(buf, "abc");
	assert_false(text_copy(buf, sizeof(buf), "abcd"));
	assert_string_equal(buf, "abc");
	assert_true(text_copy(buf, sizeof(buf), ""));
	assert_string_equal(buf, "");
	assert_false(text_copy(buf, 0, "x"));
}

static void integers(void **state)
{
	struct strbuf sb = STRBUF_INIT(100);

	(void)state;
	strbuf_add_int(&sb, 0);
	strbuf_add_char(&sb, ' ');
	strbuf_add_int(&sb, 1700000000123);
	strbuf_add_char(&sb, ' ');
	strbuf_add_int(&sb, -7);
	strbuf_add_char(&sb, ' ');
	strbuf_add_int(&sb, INT64_MAX);
	strbuf_add_char(&sb, ' ');
	strbuf_add_int(&sb, INT64_MIN);
	assert_string_equal(strbuf_text(&sb), "0 1700000000123 -7 9223372036854775807 -9223372036854775808");
	strbuf_fini(&sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(appends_add_up),
		cmocka_unit_test(grows_to_the_ceiling_exactly),
		cmocka_unit_test(latch_holds_until_reset),
		cmocka_unit_test(take_hands_over),
		cmocka_unit_test(escape_table),
		cmocka_unit_test(escape_cut_table),
		cmocka_unit_test(copy_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
