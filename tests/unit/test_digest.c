/* SPDX-License-Identifier: MPL-2.0 */
/* SHA-256: FIPS 180-4's own examples, over bytes and over a file from an offset; and its spelling. */
#include "digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void expect(const struct digest *d, const char *want)
{
	char text[DIGEST_TEXT_SIZE];

	assert_string_equal(digest_format(text, d), want);
}

static void test_bytes(void **state)
{
	struct digest d;

	(void)state;
	digest_bytes("abc", 3, &d);
	expect(&d, abc);
	digest_bytes("", 0, &d);
	expect(&d, empty);
}

static void count(void *arg, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)arg += len;
}

static void test_file(void **state)
{
	char path[] = "/tmp/loadstep-test-digest.XXXXXX";
	CLEANUP(cleanup_fd) int fd = mkstemp(path);
	struct digest d, whole;
	size_t seen = 0;
	struct err e = { 0 };

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(write(fd, "headabc", 7), 7);
	assert_int_equal(digest_fd(fd, "f", 0, count, &seen, &whole, &e), 0);
	assert_int_equal(seen, 140000);
	assert_int_equal(digest_fd(fd, "f", 139997, NULL, NULL, &d, &e), 0);
	expect(&d, abc);
	assert_int_equal(digest_fd(fd, "f", 140000, NULL, NULL, &d, &e), 0);
	expect(&d, empty);
	assert_false(digest_equal(&d, &whole));
	assert_int_equal(digest_fd(-1, "no file", 0, NULL, NULL, &d, &e), -1);
	assert_non_null(strstr(e.text, "no file"));
}

static void test_spelling(void **state)
{
	struct digest d, again;
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	digest_bytes("abc", 3, &d);
	assert_int_equal(digest_parse(abc, 64, &again, NULL), 0);
	assert_true(digest_equal(&d, &again));
	for (size_t i = 0; i < 64; i++)
		text[i] = abc[i] >= 'a' ? (char)(abc[i] - 32) : abc[i];
	assert_int_equal(digest_parse(text, 64, &again, NULL), 0);
	assert_true(digest_equal(&d, &again));
	assert_int_equal(digest_parse(abc, 63, &again, NULL), -1);
	text[40] = 'g';
	assert_int_equal(digest_parse(text, 64, &again, NULL), -1);
	text[40] = '\0';
	assert_int_equal(digest_parse(text, 64, &again, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_spelling),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
