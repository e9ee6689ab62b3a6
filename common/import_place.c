/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A set and its place: compared by digests of the bytes that are there now, built beside, exchanged as one
 * directory under the root's lock. A transfer under way keeps the file it opened.
 */
#include "import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "import_priv.h"
#include "inventory.h"
#include "view.h"

#define LOCK_WAIT_MS 5000
#define FILE_MODE 0644
#define CHUNK_BYTES 65536

static int place_of(const struct import *im, const struct package_set *s, char *path, struct err *e)
{
	return path_join(path, IMPORT_PATH, im->loads, s->ls.load.s, e);
}

static void inventory_of(const struct package_set *s, struct inventory *ret)
{
	ret->n = 0;
	for (unsigned i = 0; i < s->n_parts && ret->n < INVENTORY_FILES_MAX; i++) {
		struct inventory_file *f = &ret->files[ret->n++];

		memset(f, 0, sizeof(*f));
		memcpy(f->name, s->parts[i].name, sizeof(f->name));
		f->sha256 = s->parts[i].file->sha256;
	}
}

/* ---- comparing */

static bool is_part(const struct package_set *s, const char *name)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		if (strcmp(s->parts[i].name, name) == 0)
			return true;
	return false;
}

/* Files that the set has not. -1; else how many. */
static int count_others(const struct package_set *s, const char *dir, struct strbuf *what, struct err *e)
{
	CLEANUP(cleanup_dir) DIR *d = opendir(dir);
	const struct dirent *de;
	int n = 0;

	if (!d)
		return err_sys(e, ERR_TREE, errno, "%s", dir);
	while (errno = 0, (de = readdir(d))) {
		if (de->d_name[0] == '.' || is_part(s, de->d_name))
			continue;
		strbuf_add_escaped(what, de->d_name, strlen(de->d_name));
		strbuf_add(what, " is there and not in the package\n");
		n++;
	}
	return errno ? err_sys(e, ERR_TREE, errno, "%s", dir) : n;
}

/* 0 = there, the same; 1 = not there; 2 = other bytes; -1 */
static int compare_part(const char *dir, const struct package_part *part, struct strbuf *what, struct err *e)
{
	char there[DIGEST_TEXT_SIZE], here[DIGEST_TEXT_SIZE];
	struct digest d;
	int r = inventory_digest(dir, part->name, &d, e);

	if (r < 0)
		return -1;
	if (r > 0) {
		strbuf_addf(what, "%s comes with it and is not there\n", part->name);
		return 1;
	}
	if (digest_equal(&d, &part->file->sha256))
		return 0;
	strbuf_addf(what, "%s: sha256 %s is there, %s in the package\n", part->name, digest_format(there, &d),
		    digest_format(here, &part->file->sha256));
	return 2;
}

int import_compare(const struct import *im, const struct package_set *s, enum import_fate *ret,
		   struct strbuf *what, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf others = STRBUF_INIT(16384);
	unsigned same = 0, missing = 0, differ = 0;
	char dir[IMPORT_PATH];
	struct stat sb;

	if (place_of(im, s, dir, e) < 0)
		return -1;
	if (lstat(dir, &sb) < 0 && errno == ENOENT) {
		*ret = IMPORT_NEW;
		return 0;
	}
	if (stat(dir, &sb) < 0 || !S_ISDIR(sb.st_mode))
		return err_set(e, ERR_TREE, "%s is there and no directory", dir);
	for (unsigned i = 0; i < s->n_parts; i++) {
		int r = compare_part(dir, &s->parts[i], what, e);

		if (r < 0)
			return -1;
		same += r == 0;
		missing += r == 1;
		differ += r == 2;
	}
	int n_others = count_others(s, dir, &others, e);
	if (n_others < 0)
		return -1;
	if (missing == 0 && differ == 0)
		*ret = IMPORT_SAME;
	else if (differ == 0 && n_others == 0)
		*ret = same == 0 ? IMPORT_NEW : IMPORT_MORE; /* NEW: somebody made the directory, no more */
	else
		*ret = IMPORT_DIFFERS;
	if (*ret == IMPORT_DIFFERS)
		strbuf_add(what, strbuf_text(&others));
	return 0;
}

/* ---- building */

static int copy_bytes(int in, int out, const char *path, struct err *e)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	while ((n = read(in, chunk, sizeof(chunk))) > 0) {
		for (ssize_t done = 0, w; done < n; done += w) {
			w = write(out, chunk + done, (size_t)(n - done));
			if (w < 0 && errno == EINTR)
				w = 0;
			else if (w < 0)
				return err_sys(e, ERR_TREE, errno, "writing %s", path);
		}
	}
	return n < 0 ? err_sys(e, ERR_TREE, errno, "writing %s", path) : 0;
}

static int build_file(const struct package_file *f, const char *path, struct err *e)
{
	CLEANUP(cleanup_fd) int in = open(f->path, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_fd) int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	if (in < 0 || out < 0)
		return err_sys(e, ERR_TREE, errno, "%s", in < 0 ? f->path : path);
	if (copy_bytes(in, out, path, e) < 0)
		return -1;
	if (fchmod(out, FILE_MODE) < 0 || fsync(out) < 0)
		return err_sys(e, ERR_TREE, errno, "writing %s", path);
	return 0;
}

static int write_inventory(const struct package_set *s, const char *dir, const struct stat *like,
			   struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(INVENTORY_BYTES_MAX);
	char path[IMPORT_PATH];
	struct inventory inv;

	inventory_of(s, &inv);
	inventory_format(&inv, &sb);
	if (strbuf_check(&sb, "the inventory", e) < 0 ||
	    path_join(path, sizeof(path), dir, INVENTORY_NAME, e) < 0)
		return -1;
	int r = file_replace(path, strbuf_text(&sb), sb.len, INVENTORY_MODE, 0, e);
	return r == 0 ? import_own(path, like, e) : r < 0 ? -1 : 0;
}

/* Everything of the set in `dir`, on the disk. A second spelling of a member is a link to the first. */
static int build(const struct import *im, const struct package_set *s, const char *dir, struct err *e)
{
	char path[IMPORT_PATH];
	struct stat like;

	if (stat(im->loads, &like) < 0)
		return err_sys(e, ERR_TREE, errno, "%s", im->loads);
	for (unsigned i = 0; i < s->n_parts; i++) {
		const struct package_part *part = &s->parts[i];

		if (path_join(path, sizeof(path), dir, part->name, e) < 0)
			return -1;
		if (strcmp(part->name, part->file->name) == 0) {
			if (build_file(part->file, path, e) < 0)
				return -1;
		} else if (symlink(part->file->name, path) < 0) {
			return err_sys(e, ERR_TREE, errno, "making %s", path);
		}
		if (import_own(path, &like, e) < 0)
			return -1;
	}
	if (write_inventory(s, dir, &like, e) < 0 || import_own(dir, &like, e) < 0)
		return -1;
	if (chmod(dir, (like.st_mode & 02775) | FILE_DIR_MODE) < 0)
		return err_sys(e, ERR_TREE, errno, "setting the mode of %s", dir);
	return file_sync_dir(dir, e);
}

static void cleanup_lock(int *fd)
{
	view_unlock(*fd);
}

int import_place(struct import *im, const struct package_set *s, struct err *e)
{
	CLEANUP(cleanup_lock) int lock = -1;
	char dir[IMPORT_PATH], fresh[IMPORT_PATH];
	struct view v;
	struct stat sb;

	if (place_of(im, s, dir, e) < 0 || path_join(fresh, sizeof(fresh), im->work, s->ls.load.s, e) < 0)
		return -1;
	if (mkdir(fresh, 0700) < 0)
		return err_sys(e, ERR_TREE, errno, "making %s", fresh);
	if (build(im, s, fresh, e) < 0 || view_init(&v, im->root, e) < 0 ||
	    view_lock(&v, LOCK_WAIT_MS, &lock, e) < 0)
		return -1;
	if (lstat(dir, &sb) < 0) {
		if (rename(fresh, dir) < 0)
			return err_sys(e, ERR_TREE, errno, "%s", dir);
	} else if (file_exchange_dir(fresh, dir, e) < 0) {
		return -1;
	}
	return file_sync_dir(im->loads, e);
}

int import_adopt(const struct import *im, const struct package_set *s, struct err *e)
{
	char dir[IMPORT_PATH];
	struct stat like;

	if (place_of(im, s, dir, e) < 0)
		return -1;
	if (stat(im->loads, &like) < 0)
		return err_sys(e, ERR_TREE, errno, "%s", im->loads);
	return write_inventory(s, dir, &like, e);
}
