/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A log that is followed across everything a rotation does while we are there and while we are not: renamed, copied and
 * cut short, packed, twice. Each line comes once.
 */
#include "follow.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"

struct scene {
	char dir[64];
	char log[128], memory[128];
	struct follow fl;
	char heard[1024];
	size_t len;
	const char *refuse; /* a line that cannot be taken now */
	struct err e;
};

static void begin(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "/tmp/loadstep-follow.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->log, sizeof(s->log), "%s/tftp.log", s->dir);
	snprintf(s->memory, sizeof(s->memory), "%s/state.db.place", s->dir);
	assert_int_equal(follow_open(&s->fl, s->log, s->memory, &s->e), 0);
}

static void end(struct scene *s)
{
	follow_close(&s->fl);
	assert_int_equal(file_remove_tree(s->dir, &s->e), 0);
}

/* A neighbour of the log: "" = the log itself. */
static const char *beside(const struct scene *s, const char *suffix)
{
	static char path[2][192];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s%s", s->log, suffix);
	return path[turn];
}

static void add(const struct scene *s, const char *suffix, const char *text)
{
	int fd = open(beside(s, suffix), O_WRONLY | O_CREAT | O_APPEND, 0644);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void move(const struct scene *s, const char *from, const char *to)
{
	assert_int_equal(rename(beside(s, from), beside(s, to)), 0);
}

static void run(const char *program, const char *option, const char *a, const char *b)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execlp(program, program, option, a, b, NULL);
		_exit(127);
	}
	assert_true(waitpid(pid, &status, 0) == pid && status == 0);
}

/* As logrotate does it: the copy, then the log is cut short. */
static void copytruncate(const struct scene *s, const char *to)
{
	run("cp", "--", beside(s, ""), beside(s, to));
	assert_int_equal(truncate(s->log, 0), 0);
}

static void pack(const struct scene *s, const char *suffix)
{
	run("gzip", "-f", beside(s, suffix), NULL);
}

/* The clock by which files are stamped moves. */
static void tick(void)
{
	usleep(20000);
}

static int hear(void *arg, const char *line, size_t len, struct err *e)
{
	struct scene *s = arg;

	if (s->refuse && strlen(s->refuse) == len && memcmp(line, s->refuse, len) == 0)
		return err_set(e, ERR_INPUT, "not now");
	s->len += (size_t)snprintf(s->heard + s->len, sizeof(s->heard) - s->len, "%.*s ", len > 20 ? 20 : (int)len,
				   line);
	return 0;
}

/* Until nothing more comes; then it is remembered. A file that was filled in the very tick when that was would be read
 * again, and its lines count once: the fleet's business. */
static void read_all(struct scene *s)
{
	int rc;

	tick();
	while ((rc = follow_read(&s->fl, 2, hear, s, &s->e)) == 0)
		;
	if (rc < 0)
		fail_msg("%s", s->e.text);
	assert_int_equal(follow_save(&s->fl, &s->e), 0);
}

static void expect(struct scene *s, const char *want)
{
	read_all(s);
	assert_string_equal(s->heard, want);
	s->len = 0;
	s->heard[0] = '\0';
}

static void away(struct scene *s)
{
	follow_close(&s->fl);
}

static void back(struct scene *s)
{
	assert_int_equal(follow_open(&s->fl, s->log, s->memory, &s->e), 0);
	assert_false(s->fl.fresh);
}

#define FIRST "a first line that is long enough to tell files apart by\n"
#define HEARD "a first line that is "

static void test_there(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	expect(&s, "");
	add(&s, "", FIRST "1\n2");
	expect(&s, HEARD "1 ");
	add(&s, "", "b\n3\n");
	expect(&s, "2b 3 ");
	/* renamed; its writer still has it, then makes a new one */
	move(&s, "", ".1");
	add(&s, ".1", "4\n");
	expect(&s, "4 ");
	add(&s, "", "5\n");
	expect(&s, "5 ");
	/* renamed and packed at once, with a line we had not read */
	add(&s, "", "6\n");
	move(&s, "", ".2");
	pack(&s, ".2");
	add(&s, "", FIRST);
	expect(&s, "6 " HEARD);
	/* copied and cut short, with a line we had not read */
	add(&s, "", "7\n");
	copytruncate(&s, ".3");
	add(&s, "", "8\n");
	expect(&s, "7 8 ");
	copytruncate(&s, ".4");
	expect(&s, "");
	add(&s, "", "9\n");
	expect(&s, "9 ");
	end(&s);
}

static void test_away(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	add(&s, "", FIRST "1\n");
	expect(&s, HEARD "1 ");
	/* nothing happened */
	away(&s);
	back(&s);
	expect(&s, "");
	/* renamed */
	away(&s);
	add(&s, "", "2\n");
	move(&s, "", ".1");
	add(&s, "", FIRST "3\n");
	back(&s);
	expect(&s, "2 " HEARD "3 ");
	/* renamed, and its writer does not know yet */
	away(&s);
	move(&s, "", ".2");
	add(&s, "", "");
	back(&s);
	add(&s, ".2", "4\n");
	expect(&s, "4 ");
	add(&s, "", FIRST "5\n");
	expect(&s, HEARD "5 ");
	/* renamed and packed */
	away(&s);
	add(&s, "", "6\n");
	move(&s, "", ".3");
	pack(&s, ".3");
	add(&s, "", FIRST "7\n");
	back(&s);
	expect(&s, "6 " HEARD "7 ");
	/* twice, by date */
	away(&s);
	add(&s, "", "8\n");
	move(&s, "", "-20251123");
	pack(&s, "-20251123");
	tick();
	add(&s, "", FIRST "9\n");
	move(&s, "", "-20251124");
	add(&s, "", "10\n");
	back(&s);
	expect(&s, "8 " HEARD "9 10 ");
	/* copied and cut short; longer than it was, and packed */
	away(&s);
	add(&s, "", "11\n");
	copytruncate(&s, ".4");
	pack(&s, ".4");
	for (int i = 0; i < 5; i++)
		add(&s, "", i ? "\n" : "12\n");
	back(&s);
	expect(&s, "11 12     ");
	/* all of it is gone, and another one is there */
	away(&s);
	assert_int_equal(unlink(s.log), 0);
	add(&s, "", "13\n");
	back(&s);
	expect(&s, "13 ");
	end(&s);
}

/* What was there before the place was remembered, and what is no rotated log, is left alone. */
static void test_neighbours(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	add(&s, ".1", "old 1\n");
	add(&s, "-20251101", "old 2\n");
	pack(&s, ".1");
	tick();
	add(&s, "", FIRST "1\n");
	expect(&s, HEARD "1 ");
	away(&s);
	tick();
	add(&s, ".swp", "new 1\n");
	add(&s, "~", "new 2\n");
	add(&s, "-errors", "new 3\n");
	add(&s, "", "2\n");
	move(&s, "", ".2");
	pack(&s, ".2");
	add(&s, "", "3\n");
	back(&s);
	expect(&s, "2 3 ");
	end(&s);
}

/* What cannot be read is told, and the rest is. A line that cannot be taken comes again, those before it not. */
static void test_trouble(void **state)
{
	struct scene s;

	(void)state;
	begin(&s);
	add(&s, "", FIRST "1\n");
	expect(&s, HEARD "1 ");
	away(&s);
	add(&s, "", "2\n3\n4\n");
	move(&s, "", ".3");
	pack(&s, ".3");
	tick();
	add(&s, ".2", "lost\n");
	pack(&s, ".2");
	assert_int_equal(truncate(beside(&s, ".2.gz"), 20), 0);
	tick();
	add(&s, ".1", "5\n");
	add(&s, "", "6\n");
	back(&s);
	s.refuse = "3";
	assert_int_equal(follow_read(&s.fl, 100, hear, &s, &s.e), -1);
	assert_string_equal(s.heard, "2 ");
	assert_string_equal(s.e.text, "not now");
	assert_int_equal(follow_back(&s.fl, &s.e), 0);
	s.refuse = NULL;
	assert_false(follow_idle(&s.fl));
	/* the agent's own order: the place is remembered when all is stored, so 2 comes again, and counts once */
	expect(&s, "2 2 3 4 5 6 ");
	assert_non_null(strstr(s.fl.trouble, "tftp.log.2.gz: "));
	assert_true(follow_idle(&s.fl));
	end(&s);
}

static void test_long(void **state)
{
	enum { MIB = 1024 * 1024 };
	char *text = malloc(MIB + 2);
	struct scene s;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', MIB);
	memcpy(text + MIB, "\n", 2);
	begin(&s);
	add(&s, "", "1\n");
	add(&s, "", text);
	add(&s, "", "2\n");
	text[MIB - FOLLOW_LINE_MAX] = '\0';
	add(&s, "", text);
	text[MIB - FOLLOW_LINE_MAX] = 'x';
	expect(&s, "1 2 ");
	add(&s, "", "\n");
	add(&s, "", text + MIB - FOLLOW_LINE_MAX);
	add(&s, "", text + MIB - FOLLOW_LINE_MAX - 1);
	add(&s, "", "3\n");
	expect(&s, "xxxxxxxxxxxxxxxxxxxx 3 ");
	assert_int_equal(s.fl.too_long, 3);
	/* and packed */
	away(&s);
	add(&s, "", text);
	add(&s, "", "4\n");
	move(&s, "", ".1");
	pack(&s, ".1");
	add(&s, "", "5\n");
	back(&s);
	expect(&s, "4 5 ");
	assert_int_equal(s.fl.too_long, 1);
	free(text);
	end(&s);
}

/* A memory that is none. */
static void test_memory(void **state)
{
	static const char *const texts[] = { "", "dev=1 ino=2\n", "journal cursor=s=1\n", "\xff\n",
					     "dev=1 ino=2 offset=3 head=999:0 path=/x\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct scene s;

		begin(&s);
		add(&s, "", "1\n");
		assert_true(file_replace(s.memory, texts[i], strlen(texts[i]), 0600, 0, &s.e) >= 0);
		away(&s);
		assert_int_equal(follow_open(&s.fl, s.log, s.memory, &s.e), 0);
		assert_true(s.fl.fresh);
		expect(&s, "1 ");
		away(&s);
		back(&s);
		expect(&s, "");
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there),	cmocka_unit_test(test_away), cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_trouble), cmocka_unit_test(test_long), cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
