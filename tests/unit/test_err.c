/* SPDX-License-Identifier: MPL-2.0 */
/* Errors: code and text, one prefix a layer, never more than the buffer, and a NULL error is no error. */
#include "err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void set_fills_code_and_text(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_CONFIG, "line %d: %s", 12, "no"), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_string_equal(e.text, "line 12: no");
}

static void sys_names_errno(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_sys(&e, ERR_TREE, ENOENT, "%s", "/a/b"), -1);
	assert_int_equal(e.code, ERR_TREE);
	assert_string_equal(e.text, "/a/b: No such file or directory");
}

static void wrap_puts_prefixes_in_front(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_INPUT, "why");
	assert_int_equal(err_wrap(&e, "line %d", 3), -1);
	assert_int_equal(err_wrap(&e, "loading %s", "x.loads"), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_string_equal(e.text, "loading x.loads: line 3: why");
}

static void old_text_may_be_an_argument(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_INPUT, "inner");
	err_set(&e, ERR_STORE, "outer (%s)", e.text);
	assert_string_equal(e.text, "outer (inner)");
}

static void too_long_is_cut_at_the_end(void **state)
{
	struct err e = { 0 };
	char many[2 * ERR_TEXT_MAX];

	(void)state;
	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	err_set(&e, ERR_INPUT, "%s", many);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_sys(&e, ERR_INPUT, EIO, "%s", many);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_wrap(&e, "outermost");
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(e.text, "outermost: xxx", 14);
	err_wrap(&e, "%s", many);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
}

static void null_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_INPUT, "x"), -1);
	assert_int_equal(err_sys(NULL, ERR_INPUT, EIO, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_code_and_text),     cmocka_unit_test(sys_names_errno),
		cmocka_unit_test(wrap_puts_prefixes_in_front), cmocka_unit_test(old_text_may_be_an_argument),
		cmocka_unit_test(too_long_is_cut_at_the_end),  cmocka_unit_test(null_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
