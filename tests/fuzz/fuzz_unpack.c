/* SPDX-License-Identifier: MPL-2.0 */
/* A package of any bytes: what comes out of it lies in the directory given, under our names, and is what was told. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "unpack.h"

#include "fuzz.h"

static int on_file(void *arg, const struct unpack_file *f, struct err *e)
{
	const char *rest;
	struct stat sb;

	(void)e;
	MUST(f->name[0] && !strpbrk(f->name, "/\\") && strlen(f->name) <= UNPACK_NAME_MAX);
	MUST(path_under_root(arg, f->path, &rest) == 0 && !strchr(rest, '/'));
	MUST(lstat(f->path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size == f->bytes);
	return unlink(f->path);
}

static int on_left(void *arg, const char *place, const char *name, const char *why, struct err *e)
{
	(void)arg;
	(void)e;
	MUST(place && name[0] && why[0]);
	return 0;
}

static int on_progress(void *arg, const char *name, int64_t done, int64_t total)
{
	(void)arg;
	MUST(name[0] && done >= 0 && total >= 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/tmp/loadstep-fuzz-unpack.XXXXXX", work[64], package[64];
	const struct unpack_sink sink = { work, on_file, on_left, on_progress };
	struct err e = { .code = ERR_NONE };

	MUST(mkdtemp(dir));
	snprintf(work, sizeof work, "%s/work", dir);
	snprintf(package, sizeof package, "%s/package", dir);
	MUST(mkdir(work, 0700) == 0 && file_replace(package, data, size, 0600, FILE_NO_SYNC, NULL) >= 0);
	if (unpack_package(package, work, &sink, &e) < 0)
		MUST(e.text[0]);
	else
		MUST(rmdir(work) == 0);
	MUST(file_remove_tree(dir, NULL) == 0);
	return 0;
}
