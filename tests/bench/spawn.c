/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Starts a program again and again and waits for it each time, as dnsmasq's helper process does with its script:
 * one at a time. `%` in an argument stands for a number from 1 to 250 that rises with each start. Prints
 * microseconds a run, by the clock and of processor time, and the most memory that one of them had.
 */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 16
#define ARG_BYTES 256

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long children_peak_kb(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return r.ru_maxrss;
}

static int64_t children_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (int64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 + r.ru_utime.tv_usec +
	       r.ru_stime.tv_usec;
}

static void fill(char *buf, const char *arg, int number)
{
	const char *mark = strchr(arg, '%');

	if (mark)
		snprintf(buf, ARG_BYTES, "%.*s%d%s", (int)(mark - arg), arg, number, mark + 1);
	else
		snprintf(buf, ARG_BYTES, "%s", arg);
}

static int run(char **argv, int argc, int number)
{
	char text[ARGS_MAX][ARG_BYTES], *args[ARGS_MAX + 1] = { NULL };
	int status = 0;
	pid_t pid;

	for (int i = 0; i < argc; i++) {
		fill(text[i], argv[i], number);
		args[i] = text[i];
	}
	errno = posix_spawn(&pid, args[0], NULL, NULL, args, environ);
	if (errno || waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "spawn: %s: %s\n", args[0], errno ? strerror(errno) : "it failed");
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

	if (n < 1 || argc - 2 > ARGS_MAX) {
		fprintf(stderr, "usage: spawn TIMES PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	int64_t cpu = children_us(), begin = now_us();

	for (int i = 0; i < n; i++)
		if (run(argv + 2, argc - 2, i % 250 + 1) != 0)
			return 1;
	int64_t took = now_us() - begin;

	printf("us %" PRId64 "\ncpu-us %" PRId64 "\nper-s %.2f\npeak-kb %ld\n", took / n, (children_us() - cpu) / n,
	       (double)n * 1e6 / (double)took, children_peak_kb());
	return 0;
}
