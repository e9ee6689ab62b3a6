/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Old logs in blocks: what is packed is told by its bytes, whole lines come whatever the pieces they are read in,
 * what is too long is passed over and counted, and of what is damaged comes all that was before.
 */
#include "logsource.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIT(s) (s), sizeof(s) - 1
#define TEXT "one\ntwo\nlast"

/* printf 'one\ntwo\nlast' | gzip -n, xz -C crc32, zstd --no-check, bzip2 */
#define GZ "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\xca\x49\x2c\x2e\x01\0\xdf\x6f\x09\x58\x0c\0\0\0"
#define XZ                                                                                                    \
	"\xfd\x37\x7a\x58\x5a\0\0\x01\x69\x22\xde\x36\x02\0\x21\x01\x0c\0\0\0\x8f\x98\x41\x9c\x01\0\x0b\x6f"  \
	"\x6e\x65\x0a\x74\x77\x6f\x0a\x6c\x61\x73\x74\0\xdf\x6f\x09\x58\0\x01\x20\x0c\xa2\xdd\xb4\xbc\x90\x42" \
	"\x99\x0d\x01\0\0\0\0\x01\x59\x5a"
#define ZST "\x28\xb5\x2f\xfd\0\x58\x61\0\0\x6f\x6e\x65\x0a\x74\x77\x6f\x0a\x6c\x61\x73\x74"
#define BZ2                                                                                                  \
	"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x56\x81\x50\xb7\0\0\x03\xc1\x80\0\x10\x22\x05\x8c\x80\x20" \
	"\0\x31\x06\x4c\x41\x0d\x31\x1a\x32\x9a\x52\x74\x67\xc5\xdc\x91\x4e\x14\x24\x15\xa0\x54\x2d\xc0"

/* A source of these bytes, which has no name with an ending. */
static struct logsource *source(const void *bytes, size_t len)
{
	char name[32];
	struct logsource *s = NULL;
	struct err e;
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (logsource_open(&s, name, &e))
		fail_msg("%s", e.text);
	close(fd);
	return s;
}

/* All lines, each with a '|' behind it, into buf. Returns what ended them. */
static int all_lines(struct logsource *s, char *buf, size_t size, size_t *ret_longest)
{
	const char *text, *line;
	size_t len, n, at = 0;
	struct err e;
	int rc;

	*ret_longest = 0;
	while ((rc = logsource_lines(s, &text, &len, &e)) == 0) {
		assert_true(len > 0);
		while (logsource_cut(s, &text, &len, &line, &n)) {
			*ret_longest = n > *ret_longest ? n : *ret_longest;
			assert_null(memchr(line, '\n', n));
			if (at + n + 2 > size)
				continue;
			memcpy(buf + at, line, n);
			at += n;
			buf[at++] = '|';
		}
		assert_int_equal(len, 0);
	}
	buf[at] = '\0';
	return rc;
}

/* Lines before a place are passed over and counted, the one that it is in is not. */
static void test_pass(void **state)
{
	char *big = malloc(LOGSOURCE_LINE_MAX + 100);
	struct logsource *s = source(LIT(TEXT));
	const char *text = "one\n\nthree of them\nfour", *whole = text;
	size_t len = strlen(text);

	(void)state;
	assert_int_equal(logsource_pass(s, &text, &len, whole), 0);
	assert_int_equal(logsource_pass(s, &text, &len, whole + 2), 0);
	assert_ptr_equal(text, whole);
	assert_int_equal(logsource_pass(s, &text, &len, strstr(whole, "of")), 2);
	assert_string_equal(text, "three of them\nfour");
	assert_int_equal(len, strlen(text));
	assert_int_equal(logsource_pass(s, &text, &len, text + len), 1);
	assert_string_equal(text, "four"); /* it has no end here */
	assert_int_equal(len, 4);
	/* too long is passed over as ever, and no line */
	memset(big, 'x', LOGSOURCE_LINE_MAX + 1);
	memcpy(big + LOGSOURCE_LINE_MAX + 1, "\ny\n", 4);
	text = big;
	len = strlen(big);
	assert_int_equal(logsource_pass(s, &text, &len, text + len), 1);
	assert_int_equal(len, 0);
	assert_int_equal(logsource_too_long(s), 1);
	logsource_close(s);
	free(big);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *lines;
	} cases[] = {
		{ LIT(TEXT), "one|two|last|" },
		{ LIT(TEXT "\n"), "one|two|last|" },
		{ LIT(""), "" },
		{ LIT("\n"), "|" },
		{ LIT("x"), "x|" },
		{ LIT("\x1f\x8b"), "\x1f\x8b|" }, /* too short to be packed */
		{ LIT("BZip\n"), "BZip|" },
		{ LIT(GZ), "one|two|last|" },
		{ LIT(XZ), "one|two|last|" },
		{ LIT(ZST), "one|two|last|" },
		{ LIT(BZ2), "one|two|last|" },
		{ LIT(GZ GZ), "one|two|lastone|two|last|" },
		{ LIT(XZ XZ), "one|two|lastone|two|last|" },
		{ LIT(ZST ZST), "one|two|lastone|two|last|" },
		{ LIT(BZ2 BZ2), "one|two|lastone|two|last|" },
		{ LIT("\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"), "" }, /* gzip -n </dev/null */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct logsource *s = source(cases[i].bytes, cases[i].len);
		char buf[64];
		size_t longest;

		if (all_lines(s, buf, sizeof(buf), &longest) != 1 || strcmp(buf, cases[i].lines) != 0)
			fail_msg("case %zu: \"%s\"", i, buf);
		logsource_close(s);
	}
}

static void test_peek_and_bytes(void **state)
{
	struct logsource *s = source(LIT(GZ));
	const char *p;
	size_t n;
	struct err e;

	(void)state;
	assert_int_equal(logsource_peek(s, 3, &p, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "one", 3);
	assert_int_equal(logsource_peek(s, 4000, &p, &n, &e), 0);
	assert_int_equal(n, strlen(TEXT));
	assert_int_equal(logsource_bytes(s, &p, &n, &e), 0);
	assert_int_equal(n, strlen(TEXT));
	assert_memory_equal(p, TEXT, n);
	assert_int_equal(logsource_bytes(s, &p, &n, &e), 1);
	assert_int_equal(logsource_lines(s, &p, &n, &e), 1);
	logsource_close(s);
}

/* Lines of all lengths around the limit and the block; a marker behind each. */
static void test_long_lines(void **state)
{
	static const size_t lengths[] = { 0,
					  1,
					  LOGSOURCE_LINE_MAX - 1,
					  LOGSOURCE_LINE_MAX,
					  LOGSOURCE_LINE_MAX + 1,
					  LOGSOURCE_BLOCK_BYTES - 2,
					  LOGSOURCE_BLOCK_BYTES - 1,
					  LOGSOURCE_BLOCK_BYTES,
					  LOGSOURCE_BLOCK_BYTES + 1,
					  1024 * 1024 };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		for (int newline = 0; newline < 2; newline++) {
			size_t n = lengths[i], longest;
			char *text = malloc(n + 16);
			char *buf = malloc(n + 16);

			assert_non_null(text);
			assert_non_null(buf);
			memcpy(text, "a\n", 2);
			memset(text + 2, 'x', n);
			memcpy(text + 2 + n, newline ? "\nb\nc\n" : "", newline ? 5 : 0);
			struct logsource *s = source(text, n + 2 + (newline ? 5 : 0));
			assert_int_equal(all_lines(s, buf, n + 16, &longest), 1);
			bool fits = n <= LOGSOURCE_LINE_MAX;
			const char *behind = strstr(buf, newline ? "|b|c|" : "|");
			assert_int_equal(buf[0], 'a');
			assert_non_null(behind);
			assert_int_equal(longest, fits && n > 1 ? n : 1);
			assert_int_equal(logsource_too_long(s), fits ? 0 : 1);
			logsource_close(s);
			free(text);
			free(buf);
		}
	}
}

/* Many lines across many blocks: each once, in order. */
static void test_many(void **state)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (unsigned i = 0; i < 200000; i++)
		fprintf(out, "%u%.*s\n", i, (int)(i % 37), "......................................");
	fclose(out);
	struct logsource *s = source(text, size);
	const char *block, *line;
	size_t len, n;
	unsigned next = 0;
	struct err e;

	while (logsource_lines(s, &block, &len, &e) == 0)
		while (logsource_cut(s, &block, &len, &line, &n))
			if ((unsigned)strtoul(line, NULL, 10) != next++)
				fail_msg("line %u: %.*s", next - 1, (int)n, line);
	assert_int_equal(next, 200000);
	logsource_close(s);
	free(text);
}

/* What came in a pipe is there at once, however it was cut; the first bytes one by one. */
static void test_pipe(void **state)
{
	static const char *const kinds[] = { TEXT, GZ };
	static const size_t lens[] = { sizeof(TEXT) - 1, sizeof(GZ) - 1 };

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		int p[2], at_end;
		char name[32], buf[64];
		size_t longest;
		struct logsource *s;
		struct err e;

		assert_int_equal(pipe(p), 0);
		pid_t child = fork();
		if (child == 0) {
			for (size_t i = 0; i < lens[k]; i++)
				if (write(p[1], kinds[k] + i, 1) != 1)
					_exit(1);
			_exit(0);
		}
		close(p[1]);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", p[0]);
		assert_int_equal(logsource_open(&s, name, &e), 0);
		at_end = all_lines(s, buf, sizeof(buf), &longest);
		assert_int_equal(at_end, 1);
		assert_string_equal(buf, "one|two|last|");
		logsource_close(s);
		close(p[0]);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
}

/* A gzip of stored blocks, of which the last is missing. */
static void test_damage(void **state)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	enum { BLOCKS = 5, BLOCK = 60000 };
	size_t size = sizeof(head) - 1 + BLOCKS * (5 + BLOCK), at = sizeof(head) - 1, len, n, lines = 0;
	char *packed = malloc(size);
	const char *p, *line;
	struct logsource *s;
	struct err e;
	int rc;

	(void)state;
	assert_non_null(packed);
	memcpy(packed, head, at);
	for (int i = 0; i < BLOCKS; i++) {
		const unsigned char stored[] = { 0, BLOCK & 255, BLOCK >> 8, ~BLOCK & 255, ~BLOCK >> 8 & 255 };

		memcpy(packed + at, stored, 5);
		for (int k = 0; k < BLOCK; k += 6)
			memcpy(packed + at + 5 + k, "line.\n", 6);
		at += 5 + BLOCK;
	}
	s = source(packed, size);
	while ((rc = logsource_lines(s, &p, &len, &e)) == 0)
		while (logsource_cut(s, &p, &len, &line, &n))
			lines++;
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, "damaged or cut short"));
	assert_in_range(lines, (BLOCKS * BLOCK - 65536) / 6 - 1, BLOCKS * BLOCK / 6);
	logsource_close(s);
	free(packed);
}

static void test_cannot(void **state)
{
	struct logsource *s = NULL;
	struct err e;

	(void)state;
	assert_int_equal(logsource_open(&s, "/nonexistent/log", &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/log: No such file"));
	assert_int_equal(logsource_open(&s, "/", &e), -1);
	assert_null(s);
	/* a header that is cut short, or none */
	for (size_t n = 4; n < 24; n += 10) {
		char name[32];
		int fd = memfd_create("log", MFD_CLOEXEC);

		assert_int_equal(write(fd, n < 10 ? "\x1f\x8b\x08 no gzip" : GZ, n), n);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		if (logsource_open(&s, name, &e) == 0) {
			const char *text;
			size_t len;

			assert_int_equal(logsource_lines(s, &text, &len, &e), -1);
			logsource_close(s);
			s = NULL;
		}
		assert_non_null(strstr(e.text, "damaged or cut short"));
		close(fd);
	}
	logsource_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass), cmocka_unit_test(test_kinds),	   cmocka_unit_test(test_peek_and_bytes),
		cmocka_unit_test(test_long_lines), cmocka_unit_test(test_many),
		cmocka_unit_test(test_pipe),	   cmocka_unit_test(test_damage),
		cmocka_unit_test(test_cannot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
