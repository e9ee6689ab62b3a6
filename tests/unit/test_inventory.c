/* SPDX-License-Identifier: MPL-2.0 */
/* What was imported into a load's directory, against what is there. */
#include "inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const struct {
	const char *what;
	const char *text;
	unsigned n; /* files */
	const char *fault; /* NULL: it is one */
} lists[] = {
	{ "nothing", "", 0, NULL },
	{ "one", ABC "  P0S3-8-12-00.sb2\n", 1, NULL },
	{ "two, the last line without its end", ABC "  a.sbn\n" ABC " *b.sbn", 2, NULL },
	{ "a path", ABC "  ../P0S3.sb2\n", 0, "line 1: no name" },
	{ "no name", ABC "  \n", 0, "line 1: a SHA-256, two blanks" },
	{ "one blank", ABC " a.sbn\n", 0, "line 1: a SHA-256, two blanks" },
	{ "a short digest", "ba78  a.sbn\n", 0, "line 1: " },
	{ "no digest",
	  ABC "  a.sbn\nga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.sbn\n", 0,
	  "line 2: no hex digit" },
	{ "an empty line", ABC "  a.sbn\n\n", 0, "line 2: " },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct inventory inv;
		struct err e = { 0 };
		int rc = inventory_parse(lists[i].text, strlen(lists[i].text), &inv, &e);

		if (rc != (lists[i].fault ? -1 : 0) || (rc && !strstr(e.text, lists[i].fault)))
			fail_msg("%s: %d %s", lists[i].what, rc, e.text);
		if (rc == 0)
			assert_int_equal(inv.n, lists[i].n);
	}
}

static void test_too_many(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(2 * INVENTORY_BYTES_MAX);
	struct inventory inv;
	struct err e;

	(void)state;
	for (int i = 0; i < INVENTORY_FILES_MAX; i++)
		strbuf_addf(&sb, ABC "  f%d.sbn\n", i);
	assert_int_equal(inventory_parse(strbuf_text(&sb), sb.len, &inv, &e), 0);
	strbuf_add(&sb, ABC "  last.sbn\n");
	assert_int_equal(inventory_parse(strbuf_text(&sb), sb.len, &inv, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, NULL) >= 0);
}

static void test_check(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(INVENTORY_BYTES_MAX);
	char dir[] = "/tmp/loadstep-test-inventory.XXXXXX", what[512] = "", path[128];
	struct inventory inv, again;
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(inventory_read(dir, &inv, &e), 1);
	put(dir, INVENTORY_NAME, ABC "  a.sbn\n" ABC "  B.sbn\n");
	put(dir, "a.sbn", "abc");
	snprintf(path, sizeof(path), "%s/B.sbn", dir);
	assert_int_equal(symlink("a.sbn", path), 0);
	assert_int_equal(inventory_read(dir, &inv, &e), 0);
	inventory_format(&inv, &sb);
	assert_int_equal(inventory_parse(strbuf_text(&sb), sb.len, &again, &e), 0);
	assert_memory_equal(&again, &inv, sizeof(inv.n) + 2 * sizeof(inv.files[0]));
	assert_int_equal(inventory_check(dir, &inv, what, sizeof(what), &e), 0);
	put(dir, "a.sbn", "abd");
	assert_int_equal(inventory_check(dir, &inv, what, sizeof(what), &e), 1);
	assert_non_null(strstr(what, "a.sbn is not what was imported: sha256 " ABC " then, a52d"));
	put(dir, "a.sbn", "abc");
	unlink(path);
	assert_int_equal(inventory_check(dir, &inv, what, sizeof(what), &e), 1);
	assert_string_equal(what, "B.sbn is gone");
	put(dir, INVENTORY_NAME, "nonsense\n");
	assert_int_equal(inventory_read(dir, &inv, &e), -1);
	assert_non_null(strstr(e.text, INVENTORY_NAME ": line 1: "));
	assert_int_equal(file_remove_tree(dir, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
