/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Instead of libFuzzer: every file of tests/fuzz/corpus/NAME, or the files named, once through fuzz_NAME, as
 * TAP. Each input lies in a block of its own size, so that a sanitizer sees the first byte read too far.
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1024 * 1024)

static int run_file(const char *path, int no)
{
	FILE *f = fopen(path, "rb");
	uint8_t *whole = malloc(INPUT_MAX), *input = NULL;
	size_t n = 0;

	if (f && whole) {
		n = fread(whole, 1, INPUT_MAX, f);
		input = malloc(n ? n : 1);
	}
	if (input) {
		memcpy(input, whole, n);
		printf("# %s\n", path);
		LLVMFuzzerTestOneInput(input, n);
	}
	printf("%s %d - %s, %zu bytes\n", input ? "ok" : "not ok", no, path, n);
	if (f)
		fclose(f);
	free(whole);
	free(input);
	return input ? 0 : 1;
}

/* Sorted, so that two runs are the same. */
static int run_directory(const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, NULL, alphasort);
	int no = 0, bad = 0;

	for (int i = 0; i < n; i++) {
		char path[512];

		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
			bad += run_file(path, ++no);
		}
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", no);
	/* a target whose corpus is not found has tested nothing */
	return bad || no == 0;
}

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	const char *name = strstr(base ? base : argv[0], "fuzz_");
	char dir[256];
	int bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			bad += run_file(argv[i], i);
		printf("1..%d\n", argc - 1);
		return bad != 0;
	}
	snprintf(dir, sizeof dir, "tests/fuzz/corpus/%s", name ? name + strlen("fuzz_") : "");
	return run_directory(dir);
}
