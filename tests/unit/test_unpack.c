/* SPDX-License-Identifier: MPL-2.0 */
/* What a file is by its start; an archive's files with place, name, bytes and digest; the ceilings that need no
 * gigabyte. Archives of real archivers, and hostile ones, are in tests/border. */
#include "unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the look */

/* F§3.3's frame with that name (NULL: none), its length told `less` bytes short, before a gzip's start */
static size_t signed_gzip(uint8_t *p, const char *name, size_t less)
{
	size_t n = name ? strlen(name) + 1 : 0, length = 10 + 3 + 64 + (name ? 3 + n : 0),
	       told = length - less;
	const uint8_t head[] = { 1, 0, 2, 1, 1, 2, 0, 2, (uint8_t)(told >> 8), (uint8_t)told, 12, 0, 64 };

	memset(p, 'x', 512);
	memcpy(p, head, sizeof(head));
	if (name) {
		p[77] = 14;
		p[78] = 0;
		p[79] = (uint8_t)n;
		memcpy(p + 80, name, n);
	}
	memcpy(p + length, "\x1f\x8b\x08", 3);
	return length;
}

static void test_look_signed(void **state)
{
	static const struct {
		const char *name;
		size_t less;
		enum unpack_look look;
	} cases[] = {
		{ "cmterm.cop.sgn", 0, UNPACK_OPEN },
		{ "cmterm.cop.sgn", 8, UNPACK_OPEN },
		{ NULL, 0, UNPACK_OPEN },
		{ "jar41sip.8-5-4.sbn", 0, UNPACK_FILE },
		{ "P0S3-8-12-00.sb2", 0, UNPACK_FILE },
		{ "SIP41.8-5-4S.LOADS", 0, UNPACK_FILE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t p[512];
		const char *what;
		size_t offset = 0, want = signed_gzip(p, cases[i].name, cases[i].less);

		assert_int_equal(unpack_look(p, sizeof(p), &offset, &what), cases[i].look);
		if (cases[i].look == UNPACK_OPEN)
			assert_int_equal(offset, want);
	}
}

static void test_look_magic(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum unpack_look look;
	} cases[] = {
		{ "PK\003\004", 4, UNPACK_OPEN },	 { "PK\003", 3, UNPACK_FILE },
		{ "\x1f\x8b\x08", 3, UNPACK_OPEN },	 { "MZ\x90", 3, UNPACK_CANNOT },
		{ "Rar!\x1a", 5, UNPACK_CANNOT },	 { "", 0, UNPACK_FILE },
		{ "P0S3-8-12-00\r\n", 14, UNPACK_FILE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *what = NULL;
		size_t offset = 99;

		assert_int_equal(unpack_look(cases[i].bytes, cases[i].len, &offset, &what), cases[i].look);
		assert_int_equal(what != NULL, cases[i].look == UNPACK_CANNOT);
		assert_int_equal(offset, cases[i].look == UNPACK_FILE ? 99 : 0);
	}
}

/* ---- unpacking */

struct place {
	char dir[64]; /* for the test's files */
	char work[80]; /* for unpack's */
};

static int setup(void **state)
{
	struct place *pl = calloc(1, sizeof(*pl));

	snprintf(pl->dir, sizeof(pl->dir), "/tmp/loadstep-test-unpack.XXXXXX");
	if (!mkdtemp(pl->dir))
		return -1;
	snprintf(pl->work, sizeof(pl->work), "%s/work", pl->dir);
	*state = pl;
	return mkdir(pl->work, 0700);
}

static int teardown(void **state)
{
	struct place *pl = *state;
	int rc = file_remove_tree(pl->dir, NULL);

	free(pl);
	return rc;
}

struct told {
	struct strbuf sb; /* "PLACE|NAME|BYTES" or "PLACE|NAME! why" a line, the test's directory cut off */
	size_t cut;
	int stop;
};

static int on_file(void *arg, const struct unpack_file *f, struct err *e)
{
	struct told *t = arg;
	CLEANUP(strbuf_fini) struct strbuf bytes = STRBUF_INIT(4096);
	struct digest d;

	if (file_read(f->path, 4096, &bytes, e) != 0)
		return -1;
	digest_bytes(strbuf_text(&bytes), bytes.len, &d);
	assert_true(digest_equal(&d, &f->sha256));
	assert_int_equal(bytes.len, f->bytes);
	strbuf_addf(&t->sb, "%s|%s|%s\n", f->place + t->cut, f->name, strbuf_text(&bytes));
	return 0;
}

static int on_left(void *arg, const char *place, const char *name, const char *why, struct err *e)
{
	struct told *t = arg;

	(void)e;
	strbuf_addf(&t->sb, "%s|%s! %s\n", place + (strlen(place) < t->cut ? strlen(place) : t->cut), name,
		    why);
	return 0;
}

static int on_progress(void *arg, const char *name, int64_t done, int64_t total)
{
	struct told *t = arg;

	assert_true(name[0] && done >= 0 && done <= total);
	return t->stop;
}

/* One ustar entry. */
static void tar_bytes(struct strbuf *sb, char type, const char *name, const void *bytes, size_t len)
{
	char h[512] = "", octal[16];
	unsigned sum = 0;

	snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644", 7);
	snprintf(octal, sizeof(octal), "%011o", (unsigned)len);
	memcpy(h + 124, octal, 11);
	memcpy(h + 136, "00000000000", 11);
	memcpy(h + 148, "        ", 8);
	h[156] = type;
	memcpy(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += (unsigned char)h[i];
	snprintf(octal, sizeof(octal), "%06o", sum);
	memcpy(h + 148, octal, 7);
	strbuf_add_bytes(sb, h, sizeof(h));
	strbuf_add_bytes(sb, bytes, len);
	while (sb->len % 512)
		strbuf_add_bytes(sb, "", 1);
}

static void tar_entry(struct strbuf *sb, char type, const char *name, const char *text)
{
	tar_bytes(sb, type, name, text, strlen(text));
}

static void put(const struct place *pl, const char *name, const struct strbuf *sb)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", pl->dir, name);
	assert_true(file_replace(path, strbuf_text(sb), sb->len, 0644, FILE_NO_SYNC, NULL) >= 0);
}

static int unpack(const struct place *pl, const char *name, struct told *t, struct err *e)
{
	const struct unpack_sink sink = { t, on_file, on_left, on_progress };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", pl->dir, name);
	t->cut = strlen(pl->dir) + 1;
	strbuf_init(&t->sb, 8192);
	return unpack_package(path, pl->work, &sink, e);
}

static void test_places(void **state)
{
	struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf inner = STRBUF_INIT(65536), outer = STRBUF_INIT(65536);
	struct told t = { .stop = 0 };
	struct err e = { 0 };

	tar_entry(&inner, '0', "./d/a.sbn", "A");
	tar_entry(&inner, '0', "b.sbn", "B");
	tar_entry(&inner, '0', "b.sbn", "B"); /* the same once more */
	strbuf_add_bytes(&inner, (char[1024]){ 0 }, 1024);
	put(pl, "one.tar", &inner);
	assert_int_equal(unpack(pl, "one.tar", &t, &e), 0);
	assert_string_equal(strbuf_text(&t.sb), "one.tar/./d|a.sbn|A\none.tar|b.sbn|B\n");
	strbuf_fini(&t.sb);
	/* and itself in another one */
	tar_entry(&outer, '0', "readme", "R");
	tar_bytes(&outer, '0', "sub/inner.tar", strbuf_text(&inner), inner.len);
	strbuf_add_bytes(&outer, (char[1024]){ 0 }, 1024);
	put(pl, "two.tar", &outer);
	assert_int_equal(file_remove_tree(pl->work, &e) | mkdir(pl->work, 0700), 0);
	assert_int_equal(unpack(pl, "two.tar", &t, &e), 0);
	assert_string_equal(strbuf_text(&t.sb), "two.tar|readme|R\ntwo.tar/sub/inner.tar/./d|a.sbn|A\n"
						"two.tar/sub/inner.tar|b.sbn|B\n");
	strbuf_fini(&t.sb);
}

static void test_directory(void **state)
{
	struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(64);
	struct told t = { .stop = 0 };
	struct err e = { 0 };
	char path[128];

	strbuf_add(&text, "x");
	snprintf(path, sizeof(path), "%s/in/deep", pl->dir);
	assert_int_equal(file_mkdirs(path, 0755, &e), 0);
	put(pl, "in/b", &text);
	put(pl, "in/deep/a", &text);
	snprintf(path, sizeof(path), "%s/in/link", pl->dir);
	assert_int_equal(symlink("b", path), 0);
	assert_int_equal(unpack(pl, "in//", &t, &e), 0);
	assert_string_equal(strbuf_text(&t.sb), "in|link! a link\nin|b|x\nin/deep|a|x\n");
	strbuf_fini(&t.sb);
	assert_int_equal(unpack(pl, "none", &t, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	strbuf_fini(&t.sb);
}

static void test_refused(void **state)
{
	static const struct {
		char type;
		const char *name, *text, *why;
	} cases[] = {
		{ '0', "/abs", "x", "x.tar: /abs: an absolute name" },
		{ '0', "a/../../b", "x", "x.tar: a/../../b: a name that leads out" },
		{ '3', "dev", "", "x.tar: dev: a device" },
		{ '6', "pipe", "", "x.tar: pipe: a pipe" },
		{ '0', "GOOD", "x", "x.tar: GOOD: another file differs from it in case alone" },
		{ '0', "good", "x", "x.tar: good: it is there twice, with other bytes" },
	};
	struct place *pl = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(strbuf_fini) struct strbuf tar = STRBUF_INIT(65536);
		struct told t = { .stop = 0 };
		struct err e = { 0 };

		tar_entry(&tar, '0', "good", "good");
		tar_entry(&tar, cases[i].type, cases[i].name, cases[i].text);
		strbuf_add_bytes(&tar, (char[1024]){ 0 }, 1024);
		put(pl, "x.tar", &tar);
		assert_int_equal(file_remove_tree(pl->work, &e) | mkdir(pl->work, 0700), 0);
		assert_int_equal(unpack(pl, "x.tar", &t, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		if (!strstr(e.text, cases[i].why))
			fail_msg("%s: %s", cases[i].name, e.text);
		strbuf_fini(&t.sb);
	}
}

static void test_stopped(void **state)
{
	struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf tar = STRBUF_INIT(65536);
	struct told t = { .stop = 1 };
	struct err e = { 0 };

	tar_entry(&tar, '0', "a", "a");
	strbuf_add_bytes(&tar, (char[1024]){ 0 }, 1024);
	put(pl, "x.tar", &tar);
	assert_int_equal(unpack(pl, "x.tar", &t, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM); /* not the package's fault */
	assert_string_equal(strbuf_text(&t.sb), "");
	strbuf_fini(&t.sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look_signed),
		cmocka_unit_test(test_look_magic),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped, setup, teardown),
	};

	return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
