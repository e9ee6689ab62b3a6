/* SPDX-License-Identifier: MPL-2.0 */
/* Files as whole things, tried in a directory of our own; what a reader could see in between is checked by inode. */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"

#define MAX 4096

struct place {
	char dir[64];
	char path[96];
};

static int setup(void **state)
{
	struct place *pl = calloc(1, sizeof(*pl));

	snprintf(pl->dir, sizeof(pl->dir), "/tmp/loadstep-test-file.XXXXXX");
	if (!mkdtemp(pl->dir))
		return -1;
	snprintf(pl->path, sizeof(pl->path), "%s/file", pl->dir);
	*state = pl;
	return 0;
}

static int teardown(void **state)
{
	struct place *pl = *state;
	struct err e;
	int r = file_remove_tree(pl->dir, &e);

	free(pl);
	return r;
}

static void expect_content(const char *path, const char *want)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MAX);
	struct err e = { 0 };

	if (file_read(path, MAX, &sb, &e) != 0)
		fail_msg("%s: %s", path, e.text);
	assert_string_equal(strbuf_text(&sb), want);
}

static unsigned entries(const char *dir)
{
	CLEANUP(cleanup_dir) DIR *d = opendir(dir);
	unsigned n = 0;

	assert_non_null(d);
	for (struct dirent *de; (de = readdir(d));)
		n += strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0;
	return n;
}

static void read_has_a_ceiling(void **state)
{
	const struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MAX);
	struct err e = { 0 };

	assert_int_equal(file_read(pl->path, 4, &sb, &e), 1);
	assert_int_equal(file_replace(pl->path, "12345", 5, 0644, 0, &e), 0);
	strbuf_add(&sb, "before ");
	assert_int_equal(file_read(pl->path, 4, &sb, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_string_equal(strbuf_text(&sb), "before ");
	assert_int_equal(file_read(pl->path, 5, &sb, &e), 0);
	assert_string_equal(strbuf_text(&sb), "before 12345");
	assert_int_equal(file_read(pl->dir, MAX, &sb, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
}

static void read_is_not_held_up_by_a_pipe(void **state)
{
	const struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MAX);
	struct err e = { 0 };

	assert_int_equal(mkfifo(pl->path, 0600), 0);
	assert_int_equal(file_read(pl->path, MAX, &sb, &e), -1);
	assert_non_null(strstr(e.text, "not a regular file"));
}

static void replace_makes_a_new_inode(void **state)
{
	const struct place *pl = *state;
	struct stat one, same, two;
	struct err e = { 0 };
	mode_t mask = umask(077);

	assert_int_equal(file_replace(pl->path, "old", 3, 0644, 0, &e), 0);
	umask(mask);
	assert_int_equal(stat(pl->path, &one), 0);
	assert_int_equal(one.st_mode & 07777, 0644);
	assert_int_equal(file_replace(pl->path, "old", 3, 0644, 0, &e), 1);
	assert_int_equal(stat(pl->path, &same), 0);
	assert_int_equal(same.st_ino, one.st_ino);
	assert_int_equal(file_replace(pl->path, "new", 3, 0640, FILE_NO_SYNC, &e), 0);
	assert_int_equal(stat(pl->path, &two), 0);
	assert_int_not_equal(two.st_ino, one.st_ino);
	assert_int_equal(two.st_mode & 07777, 0640);
	expect_content(pl->path, "new");
	assert_int_equal(file_replace(pl->path, "", 0, 0644, 0, &e), 0);
	assert_int_equal(file_replace(pl->path, "", 0, 0644, 0, &e), 1);
	expect_content(pl->path, "");
	assert_int_equal(entries(pl->dir), 1);
}

static void replace_keeps_the_previous(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	struct stat st;
	char prev[128];

	snprintf(prev, sizeof(prev), "%s.prev", pl->path);
	assert_int_equal(file_replace(pl->path, "1", 1, 0600, FILE_KEEP_PREV, &e), 0);
	assert_int_equal(access(prev, F_OK), -1);
	assert_int_equal(file_replace(pl->path, "2", 1, 0644, FILE_KEEP_PREV, &e), 0);
	expect_content(prev, "1");
	assert_int_equal(stat(prev, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_replace(pl->path, "3", 1, 0644, FILE_KEEP_PREV, &e), 0);
	assert_int_equal(file_replace(pl->path, "3", 1, 0644, FILE_KEEP_PREV, &e), 1);
	expect_content(prev, "2");
	expect_content(pl->path, "3");
	assert_int_equal(entries(pl->dir), 2);
}

static void replace_that_fails_changes_nothing(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	char inside[128];

	/* A directory cannot be renamed over: the last step of all fails. */
	assert_int_equal(mkdir(pl->path, 0755), 0);
	assert_int_equal(file_replace(pl->path, "x", 1, 0644, 0, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(entries(pl->dir), 1);
	snprintf(inside, sizeof(inside), "%s/none/x", pl->dir);
	assert_int_equal(file_replace(inside, "x", 1, 0644, 0, &e), -1);
	assert_non_null(strstr(e.text, strerror(ENOENT)));
}

static void append_is_one_write_at_the_end(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	struct stat st;
	mode_t mask = umask(077);

	assert_int_equal(file_append(pl->path, "one\n", 4, 0660, &e), 0);
	umask(mask);
	assert_int_equal(file_append(pl->path, "two\n", 4, 0660, &e), 0);
	expect_content(pl->path, "one\ntwo\n");
	assert_int_equal(stat(pl->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void append_follows_no_link(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	char target[128];

	snprintf(target, sizeof(target), "%s/target", pl->dir);
	assert_int_equal(symlink("target", pl->path), 0);
	assert_int_equal(file_append(pl->path, "x", 1, 0600, &e), -1);
	assert_int_equal(access(target, F_OK), -1);
}

#define WRITERS 4
#define LINES 50

/* Lines of several processes never mix. */
static void append_is_safe_between_processes(void **state)
{
	const struct place *pl = *state;
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(WRITERS * LINES * 64);
	struct err e = { 0 };
	unsigned seen = 0;

	for (int w = 0; w < WRITERS; w++) {
		if (fork() == 0) {
			char line[64];
			int bad = 0;

			memset(line, 'a' + w, sizeof(line) - 1);
			line[sizeof(line) - 1] = '\n';
			for (int i = 0; i < LINES; i++)
				bad |= file_append(pl->path, line, sizeof(line), 0600, &e);
			_exit(bad ? 1 : 0);
		}
	}
	for (int w = 0; w < WRITERS; w++) {
		int status = -1;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(file_read(pl->path, WRITERS * LINES * 64, &sb, &e), 0);
	assert_int_equal(sb.len, WRITERS * LINES * 64);
	for (size_t at = 0; at < sb.len; at += 64, seen++)
		for (size_t i = 1; i < 63; i++)
			assert_int_equal(sb.p[at + i], sb.p[at]);
	assert_int_equal(seen, WRITERS * LINES);
}

static void mkdirs_makes_the_whole_way(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	char deep[128];
	struct stat st;
	mode_t mask = umask(077);

	snprintf(deep, sizeof(deep), "%s/a/b/c/", pl->dir);
	assert_int_equal(file_mkdirs(deep, 0755, &e), 0);
	umask(mask);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(file_mkdirs(deep, 0700, &e), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(file_replace(pl->path, "x", 1, 0644, 0, &e), 0);
	assert_int_equal(file_mkdirs(pl->path, 0755, &e), -1);
	snprintf(deep, sizeof(deep), "%s/under", pl->path);
	assert_int_equal(file_mkdirs(deep, 0755, &e), -1);
	assert_int_equal(file_mkdirs("", 0755, &e), -1);
}

static void remove_tree_follows_no_link(void **state)
{
	const struct place *pl = *state;
	struct err e = { 0 };
	char deep[128], file[192], link[128], kept[128];

	snprintf(deep, sizeof(deep), "%s/tree/a/b", pl->dir);
	snprintf(file, sizeof(file), "%s/f", deep);
	snprintf(kept, sizeof(kept), "%s/kept", pl->dir);
	snprintf(link, sizeof(link), "%s/tree/link", pl->dir);
	assert_int_equal(file_mkdirs(deep, 0755, &e), 0);
	assert_int_equal(file_mkdirs(kept, 0755, &e), 0);
	assert_int_equal(file_replace(file, "x", 1, 0644, 0, &e), 0);
	snprintf(file, sizeof(file), "%s/f", kept);
	assert_int_equal(file_replace(file, "x", 1, 0644, 0, &e), 0);
	assert_int_equal(symlink("../kept", link), 0);
	*strrchr(link, '/') = '\0';
	assert_int_equal(file_remove_tree(link, &e), 0);
	assert_int_equal(access(link, F_OK), -1);
	expect_content(file, "x");
	assert_int_equal(file_remove_tree(link, &e), 0);
	/* The path itself may be a link, or a file. */
	assert_int_equal(symlink("kept", link), 0);
	assert_int_equal(file_remove_tree(link, &e), 0);
	expect_content(file, "x");
	assert_int_equal(file_remove_tree(file, &e), 0);
	assert_int_equal(entries(kept), 0);
}

static const struct {
	const char *root;
	const char *path;
	const char *rest; /* NULL: not below the root */
} below[] = {
	{ "/srv/tftp", "/srv/tftp/OS79XX.TXT", "OS79XX.TXT" },
	{ "/srv/tftp/", "/srv/tftp/192.168.1.20/P0.bin", "192.168.1.20/P0.bin" },
	{ "/", "/a", "a" },
	{ "/srv/tftp", "/srv/tftp/..a/.b", "..a/.b" },
	{ "/srv/tftp", "/srv/tftp", NULL },
	{ "/srv/tftp", "/srv/tftp/", NULL },
	{ "/srv/tftp", "/srv/tftpboot/x", NULL },
	{ "/srv/tftp", "/srv/x", NULL },
	{ "/srv/tftp", "srv/tftp/x", NULL },
	{ "/srv/tftp", "", NULL },
	{ "/srv/tftp", "/srv/tftp/../etc/passwd", NULL },
	{ "/srv/tftp", "/srv/tftp/a/..", NULL },
	{ "/srv/tftp", "/srv/tftp/./x", NULL },
	{ "/srv/tftp", "/srv/tftp//x", NULL },
	{ "/srv/tftp", "/srv/tftp/a//x", NULL },
	{ "/srv/tftp", "/srv/tftp/a/", NULL },
	{ "/srv/tftp", "/srv/./tftp/x", NULL },
};

static void under_root_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		const char *rest = NULL;

		assert_int_equal(path_under_root(below[i].root, below[i].path, &rest), below[i].rest ? 0 : 1);
		if (below[i].rest)
			assert_string_equal(rest, below[i].rest);
		else
			assert_null(rest);
	}
}

static void join_and_base(void **state)
{
	struct err e = { 0 };
	char buf[8];

	(void)state;
	assert_int_equal(path_join(buf, sizeof(buf), "/a", "bcd", &e), 0);
	assert_string_equal(buf, "/a/bcd");
	assert_int_equal(path_join(buf, sizeof(buf), "/", "bcd", &e), 0);
	assert_string_equal(buf, "/bcd");
	assert_int_equal(path_join(buf, sizeof(buf), "/a", "bcdef", &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_string_equal(path_base("/a/b.c"), "b.c");
	assert_string_equal(path_base("b.c"), "b.c");
	assert_string_equal(path_base("a/"), "");
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(read_has_a_ceiling),
		IN_PLACE(read_is_not_held_up_by_a_pipe),
		IN_PLACE(replace_makes_a_new_inode),
		IN_PLACE(replace_keeps_the_previous),
		IN_PLACE(replace_that_fails_changes_nothing),
		IN_PLACE(append_is_one_write_at_the_end),
		IN_PLACE(append_follows_no_link),
		IN_PLACE(append_is_safe_between_processes),
		IN_PLACE(mkdirs_makes_the_whole_way),
		IN_PLACE(remove_tree_follows_no_link),
		cmocka_unit_test(under_root_table),
		cmocka_unit_test(join_and_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
