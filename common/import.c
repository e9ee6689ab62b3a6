/* SPDX-License-Identifier: MPL-2.0 */
/* Packages into the catalogue: unpacked below loads/.loadstep-import-XXXXXX/, one directory a package. */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "import_priv.h"
#include "unpack.h"

#define WORK_PREFIX ".loadstep-import-"

/* ---- the directory of the work */

/* Whose lock can be had is nobody's any more. */
static int remove_stale(struct import *im, const char *name, struct err *e)
{
	char path[IMPORT_PATH];

	if (strncmp(name, WORK_PREFIX, strlen(WORK_PREFIX)) != 0)
		return 0;
	if (path_join(path, sizeof(path), im->loads, name, e) < 0)
		return -1;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	return file_remove_tree(path, e);
}

static int remove_stale_ones(struct import *im, struct err *e)
{
	CLEANUP(cleanup_dir) DIR *d = opendir(im->loads);
	const struct dirent *de;

	if (!d)
		return err_sys(e, ERR_TREE, errno, "%s", im->loads);
	while (errno = 0, (de = readdir(d)))
		if (remove_stale(im, de->d_name, e) < 0)
			return -1;
	return errno ? err_sys(e, ERR_TREE, errno, "%s", im->loads) : 0;
}

static int make_work(struct import *im, struct err *e)
{
	char path[IMPORT_PATH];

	if (path_join(path, sizeof(path), im->loads, WORK_PREFIX "XXXXXX", e) < 0)
		return -1;
	if (!mkdtemp(path))
		return err_sys(e, ERR_TREE, errno, "making a directory in %s", im->loads);
	memcpy(im->work, path, sizeof(im->work));
	im->work_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (im->work_fd < 0 || flock(im->work_fd, LOCK_EX | LOCK_NB) < 0)
		return err_sys(e, ERR_TREE, errno, "%s", path);
	return 0;
}

/* loads/, the root's owner's. */
static int make_loads(struct import *im, struct err *e)
{
	struct stat root, loads;

	if (stat(im->root, &root) < 0)
		return err_sys(e, ERR_TREE, errno, "TFTP root %s", im->root);
	if (path_join(im->loads, sizeof(im->loads), im->root, "loads", e) < 0)
		return -1;
	if (stat(im->loads, &loads) == 0)
		return S_ISDIR(loads.st_mode) ? 0 : err_sys(e, ERR_TREE, ENOTDIR, "%s", im->loads);
	if (file_mkdir_shared(im->loads, e) < 0)
		return -1;
	return import_own(im->loads, &root, e);
}

int import_own(const char *path, const struct stat *like, struct err *e)
{
	/* Only root can give files away; dnsmasq with tftp-secure serves its own user's alone (D§3). */
	if (geteuid() == 0 && lchown(path, like->st_uid, like->st_gid) < 0)
		return err_sys(e, ERR_TREE, errno, "setting the owner of %s", path);
	return 0;
}

int import_open(struct import **ret, const char *root, struct err *e)
{
	struct import *im = calloc(1, sizeof(*im));

	if (!im)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "import");
	im->work_fd = -1;
	if (!text_copy(im->root, sizeof(im->root), root)) {
		free(im);
		return err_set(e, ERR_LIMIT, "TFTP root %s: path too long", root);
	}
	if (make_loads(im, e) < 0 || remove_stale_ones(im, e) < 0 || make_work(im, e) < 0) {
		import_close(im);
		return -1;
	}
	*ret = im;
	return 0;
}

void import_close(struct import *im)
{
	if (!im)
		return;
	if (im->work[0])
		(void)!file_remove_tree(im->work, NULL); /* the next import tries again */
	if (im->work_fd >= 0)
		close(im->work_fd);
	package_fini(&im->package);
	free(im);
}

/* ---- a package's files */

struct adding {
	struct import *im;
	import_progress_fn fn;
	void *arg;
};

static int no_memory(struct err *e)
{
	return err_sys(e, ERR_SYSTEM, ENOMEM, "import");
}

static int on_left(void *arg, const char *place, const char *name, const char *why, struct err *e)
{
	return package_leave(&((struct adding *)arg)->im->package, place, name, why, e);
}

static int on_progress(void *arg, const char *name, int64_t done, int64_t total)
{
	const struct adding *a = arg;

	return a->fn ? a->fn(a->arg, name, done, total) : 0;
}

static int read_start(int fd, const char *path, void *buf, size_t size, size_t *ret_len, struct err *e)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = pread(fd, (char *)buf + len, size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_SYSTEM, errno, "reading %s", path);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

static int look_at(struct package_file *f, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	uint8_t start[MANIFEST_BYTES_MAX];
	struct package_bytes counts = { .total = 0 };
	struct digest whole;
	size_t len = 0;

	if (fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", f->path);
	if (read_start(fd, f->path, start, sizeof(start), &len, e) < 0 ||
	    digest_fd(fd, f->path, 0, package_count, &counts, &whole, e) < 0 ||
	    package_judge(f, start, len, &counts, e) < 0)
		return -1;
	if (f->kind == PACKAGE_OTHER || f->damaged)
		return 0;
	return digest_fd(fd, f->path, f->bytes - f->body_bytes, NULL, NULL, &f->body, e);
}

/* What is no firmware does not stay: a package of readmes costs no disk. */
static int on_file(void *arg, const struct unpack_file *u, struct err *e)
{
	struct import *im = ((struct adding *)arg)->im;
	int rc = 1;

	if (u->bytes > IMPORT_FILE_MAX) {
		(void)unlink(u->path);
		return package_leave(&im->package, u->place, u->name, "too large for firmware", e);
	}
	struct package_file *f = package_add(&im->package);
	if (!f)
		return no_memory(e);
	*f = (struct package_file){
		.place = strdup(u->place),
		.found = strdup(u->name),
		.path = strdup(u->path),
		.bytes = u->bytes,
		.sha256 = u->sha256,
	};
	if (!f->place || !f->found || !f->path)
		return no_memory(e);
	if (look_at(f, e) < 0)
		return -1;
	if (f->kind != PACKAGE_OTHER)
		return 0;
	rc = package_leave(&im->package, f->place, f->found, f->why, e);
	(void)unlink(f->path);
	package_cut(&im->package, im->package.n - 1, im->package.n_left);
	return rc;
}

int import_add(struct import *im, const char *path, import_progress_fn fn, void *arg, struct err *e)
{
	struct adding a = { im, fn, arg };
	const struct unpack_sink sink = { &a, on_file, on_left, on_progress };
	size_t files = im->package.n, left = im->package.n_left;
	char dir[IMPORT_PATH], name[16];

	snprintf(name, sizeof(name), "%u", ++im->n_packages);
	if (path_join(dir, sizeof(dir), im->work, name, e) < 0)
		return -1;
	if (mkdir(dir, 0700) < 0)
		return err_sys(e, ERR_TREE, errno, "making %s", dir);
	if (unpack_package(path, dir, &sink, e) == 0)
		return 0;
	(void)!file_remove_tree(dir, NULL); /* the first error is the one to tell; the rest goes at the end */
	package_cut(&im->package, files, left);
	return -1;
}

int import_find(struct import *im, struct package_sets *ret, struct err *e)
{
	struct package_sets sets;

	if (package_find_sets(&im->package, &sets, e) < 0)
		return -1;
	for (size_t i = 0; i < im->package.n; i++) {
		const struct package_file *f = &im->package.files[i];

		if (!f->used && package_leave(&im->package, f->place, f->found, f->why, e) < 0) {
			package_sets_fini(&sets);
			return -1;
		}
	}
	*ret = sets;
	return 0;
}

const struct package_left *import_left(const struct import *im, size_t *ret_n)
{
	*ret_n = im->package.n_left;
	return im->package.left;
}
