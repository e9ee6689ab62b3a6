/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Packages: a queue of what is still to be read, files, directories and archives alike, so that depth is a
 * number and no recursion. Archives are opened by unpack_archive.c.
 */
#include "unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"
#include "unpack_priv.h"

/* ---- the queue */

static void job_fini(struct unpack_job *j)
{
	for (size_t i = 0; i < j->n_items; i++) {
		if (j->items[i].ours)
			(void)unlink(j->items[i].path);
		free(j->items[i].block);
	}
	free(j->items);
}

int unpack_no_memory(struct err *e)
{
	return err_sys(e, ERR_SYSTEM, ENOMEM, "unpacking");
}

static int push(struct unpack_job *j, const struct unpack_item *like, struct err *e)
{
	struct unpack_item *a = reallocarray(j->items, j->n_items + 1, sizeof(*a));

	if (!a)
		return unpack_no_memory(e);
	j->items = a;
	const char *const in[] = { like->path, like->place, like->name };
	const char *own[3];
	struct unpack_item it = *like;

	it.block = text_pack(3, in, own);
	if (!it.block)
		return unpack_no_memory(e);
	it.path = own[0];
	it.place = own[1];
	it.name = own[2];
	a[j->n_items++] = it;
	return 0;
}

int unpack_count_entry(struct unpack_job *j, struct err *e)
{
	if (++j->entries > UNPACK_ENTRIES_MAX)
		return err_set(e, ERR_LIMIT, "more than %d files: no firmware package", UNPACK_ENTRIES_MAX);
	return 0;
}

int unpack_fresh_file(struct unpack_job *j, char *path, size_t size, int *ret_fd, struct err *e)
{
	int n = snprintf(path, size, "%s/%06u", j->dir, ++j->n_files);

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s: path too long", j->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	*ret_fd = fd;
	return 0;
}

int unpack_write(int fd, const void *bytes, size_t len, const char *path, struct err *e)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_SYSTEM, errno, "writing %s", path);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

const char *unpack_shown(const struct unpack_item *it, char buf[static UNPACK_SHOWN_SIZE])
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(UNPACK_SHOWN_SIZE - 1);

	if (it->place[0])
		strbuf_addf(&sb, "%s/", it->place);
	strbuf_add_escaped(&sb, it->name, strlen(it->name));
	(void)text_copy(buf, UNPACK_SHOWN_SIZE, sb.failed ? "a name that is too long" : strbuf_text(&sb));
	return buf;
}

int unpack_progress(const struct unpack_job *j, const char *name, int64_t done, int64_t total, struct err *e)
{
	if (!j->sink->progress || j->sink->progress(j->sink->arg, name, done, total) == 0)
		return 0;
	return err_set(e, ERR_SYSTEM, "stopped");
}

static ssize_t read_start(int fd, uint8_t buf[static UNPACK_LOOK_BYTES])
{
	ssize_t n;

	do {
		n = pread(fd, buf, UNPACK_LOOK_BYTES, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

int unpack_deliver(struct unpack_job *j, const struct unpack_item *it, int fd, int64_t bytes,
		   const struct digest *sha256, struct err *e)
{
	struct unpack_file f = { it->place, it->name, it->path, bytes, *sha256 };
	uint8_t start[UNPACK_LOOK_BYTES];
	const char *what = NULL;
	size_t offset;
	ssize_t n = read_start(fd, start);

	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "reading %s", it->path);
	switch (unpack_look(start, (size_t)n, &offset, &what)) {
	case UNPACK_FILE:
		return j->sink->file(j->sink->arg, &f, e);
	case UNPACK_CANNOT:
		break;
	case UNPACK_OPEN:
		if (it->nested <= UNPACK_NESTED_MAX)
			return push(j, it, e);
		what = "an archive in an archive in an archive: unpack the outer one first";
	}
	(void)unlink(it->path);
	return j->sink->left(j->sink->arg, it->place, it->name, what, e);
}

/* ---- loose files and directories */

static int copy_bytes(struct unpack_job *j, const struct unpack_item *it, int fd, int out, const char *path,
		      off_t size, int64_t *ret_bytes, struct err *e)
{
	char chunk[UNPACK_CHUNK_BYTES];
	int64_t bytes = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), bytes)) > 0) {
		bytes += n;
		j->total += n;
		if (j->total > UNPACK_TOTAL_MAX)
			return err_set(e, ERR_LIMIT, "more than %lld bytes in all", UNPACK_TOTAL_MAX);
		if (unpack_write(out, chunk, (size_t)n, path, e) < 0 ||
		    unpack_progress(j, it->name, bytes, size, e) < 0)
			return -1;
	}
	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "reading %s", it->path);
	*ret_bytes = bytes;
	return 0;
}

/* What lies loose is copied as well: nobody changes it while it is looked at. */
static int copy_loose(struct unpack_job *j, const struct unpack_item *it, int fd, off_t size, struct err *e)
{
	CLEANUP(cleanup_fd) int out = -1;
	char path[PATH_MAX];
	struct unpack_item own = *it;
	struct digest sha256;
	int64_t bytes = 0;

	if (size > UNPACK_MEMBER_MAX)
		return j->sink->left(j->sink->arg, it->place, it->name, "too large for firmware", e);
	if (unpack_fresh_file(j, path, sizeof(path), &out, e) < 0 ||
	    copy_bytes(j, it, fd, out, path, size, &bytes, e) < 0 ||
	    digest_fd(out, path, 0, NULL, NULL, &sha256, e) < 0)
		return -1;
	own.path = path;
	own.ours = true;
	return unpack_deliver(j, &own, out, bytes, &sha256, e);
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int push_child(struct unpack_job *j, const struct unpack_item *it, const char *name, struct err *e)
{
	char path[PATH_MAX], place[UNPACK_SHOWN_SIZE];
	struct unpack_item child = { NULL, path, place, name, 0, it->depth + 1, false };
	struct stat sb;

	unpack_shown(it, place);
	if (unpack_count_entry(j, e) < 0 || path_join(path, sizeof(path), it->path, name, e) < 0)
		return -1;
	if (lstat(path, &sb) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (S_ISLNK(sb.st_mode))
		return j->sink->left(j->sink->arg, place, name, "a link", e);
	if (!S_ISREG(sb.st_mode) && !S_ISDIR(sb.st_mode))
		return j->sink->left(j->sink->arg, place, name, "neither file nor directory", e);
	if (child.depth > UNPACK_DEPTH_MAX)
		return err_set(e, ERR_LIMIT, "%s: more than %d directories deep", path, UNPACK_DEPTH_MAX);
	return push(j, &child, e);
}

static int read_directory(struct unpack_job *j, size_t item, struct err *e)
{
	struct unpack_item it = j->items[item]; /* the queue moves, its texts do not */
	struct dirent **names = NULL;
	int n = scandir(it.path, &names, not_dots, alphasort), failed = 0;

	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", it.path);
	for (int i = 0; i < n; i++) {
		if (!failed)
			failed = push_child(j, &it, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	return failed;
}

static int read_item(struct unpack_job *j, size_t item, struct err *e)
{
	const char *path = j->items[item].path;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t start[UNPACK_LOOK_BYTES];
	const char *what = NULL;
	size_t offset = 0;
	struct stat sb;

	if (fd < 0 || fstat(fd, &sb) < 0)
		return err_sys(e, ERR_INPUT, errno, "%s", path);
	if (S_ISDIR(sb.st_mode))
		return read_directory(j, item, e);
	if (!S_ISREG(sb.st_mode))
		return err_set(e, ERR_INPUT, "%s: neither a file nor a directory", path);
	ssize_t n = read_start(fd, start);
	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "reading %s", path);
	if (unpack_look(start, (size_t)n, &offset, &what) == UNPACK_OPEN)
		return unpack_archive(j, item, fd, sb.st_size, offset, e);
	return copy_loose(j, &j->items[item], fd, sb.st_size, e);
}

/* DIR/NAME as given, however many slashes it ends with. */
static int push_operand(struct unpack_job *j, const char *path, struct err *e)
{
	CLEANUP(cleanup_free) char *own = strdup(path);

	if (!own)
		return unpack_no_memory(e);
	for (size_t len = strlen(own); len > 1 && own[len - 1] == '/'; len--)
		own[len - 1] = '\0';
	size_t base = (size_t)(path_base(own) - own);
	CLEANUP(cleanup_free) char *place = strndup(own, base > 1 ? base - 1 : 0);
	struct unpack_item it = { NULL, own, place, own[base] ? own + base : own, 0, 0, false };
	return place ? push(j, &it, e) : unpack_no_memory(e);
}

int unpack_package(const char *path, const char *dir, const struct unpack_sink *sink, struct err *e)
{
	CLEANUP(job_fini) struct unpack_job j = { .dir = dir, .sink = sink };

	if (push_operand(&j, path, e) < 0)
		return -1;
	for (size_t i = 0; i < j.n_items; i++) {
		if (read_item(&j, i, e) < 0)
			return -1;
		if (j.items[i].ours)
			(void)unlink(j.items[i].path);
		j.items[i].ours = false;
	}
	return 0;
}
