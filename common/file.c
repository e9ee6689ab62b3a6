/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files as whole things. Modes are exact whatever the umask (D§8): what one of our programs writes,
 * another one and the TFTP server must read. Temporary names start with a dot and lie in the directory of
 * what they will become.
 */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define READ_CHUNK 16384
#define PREV_BYTES_MAX (16 * 1024 * 1024) /* kept are configuration files; the largest seen is below 1 MiB */
#define TREE_DEPTH_MAX 32 /* ours are four deep; a limit, since each level holds a file descriptor */

/* Everything from fd behind what *sb holds, until the end or until more than max_bytes were read. */
static int fd_read_all(int fd, const char *path, size_t max_bytes, struct strbuf *sb, struct err *e)
{
	char chunk[READ_CHUNK];
	size_t total = 0;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_SYSTEM, errno, "%s", path);
		if (n == 0)
			return strbuf_check(sb, path, e);
		if ((size_t)n > max_bytes - total)
			return err_set(e, ERR_LIMIT, "%s: larger than %zu bytes", path, max_bytes);
		total += (size_t)n;
		strbuf_add_bytes(sb, chunk, (size_t)n);
	}
}

int file_read(const char *path, size_t max_bytes, struct strbuf *sb, struct err *e)
{
	/* O_NONBLOCK: a pipe that somebody put there must not hold us up. */
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t before = sb->len;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_SYSTEM, "%s: not a regular file", path);
	if (fd_read_all(fd, path, max_bytes, sb, e) < 0) {
		sb->len = before;
		if (sb->p)
			sb->p[before] = '\0';
		return -1;
	}
	return 0;
}

static int fd_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The directory part of path, "." when it has none. */
static int path_dir(char *buf, size_t size, const char *path, struct err *e)
{
	size_t len = (size_t)(path_base(path) - path);

	if (len == 0)
		return text_copy(buf, size, ".") ? 0 : err_set(e, ERR_LIMIT, "%s: path too long", path);
	if (len >= size)
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	memcpy(buf, path, len);
	buf[len > 1 ? len - 1 : len] = '\0'; /* without the slash, except for "/" */
	return 0;
}

static int dir_sync(const char *path, struct err *e)
{
	char dir[PATH_MAX];
	CLEANUP(cleanup_fd) int fd = -1;

	if (path_dir(dir, sizeof(dir), path, e) < 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* EINVAL: a file system that has nothing to sync for a directory */
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return err_sys(e, ERR_SYSTEM, errno, "%s", dir);
	return 0;
}

/* A name beside path for mkostemp. */
static int temp_template(char *buf, size_t size, const char *path, struct err *e)
{
	const char *base = path_base(path);
	int n = snprintf(buf, size, "%.*s.%s.XXXXXX", (int)(base - path), path, base);

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	return 0;
}

/* A complete file beside path; `temp` gets its name. On failure nothing is left. */
static int temp_write(char *temp, size_t size, const char *path, const void *data, size_t len, mode_t mode,
		      unsigned flags, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = -1;

	if (temp_template(temp, size, path, e) < 0)
		return -1;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", temp);
	if (fd_write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0 ||
	    (!(flags & FILE_NO_SYNC) && fsync(fd) < 0)) {
		err_sys(e, ERR_SYSTEM, errno, "writing %s", temp);
		unlink(temp);
		return -1;
	}
	return 0;
}

/* Does path hold exactly these bytes? Where it cannot be read it does not. */
static bool file_equals(const char *path, const void *data, size_t len)
{
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(len);

	if (file_read(path, len, &now, NULL) != 0)
		return false;
	return now.len == len && (len == 0 || memcmp(now.p, data, len) == 0);
}

/* The old file's bytes into PATH.prev. A copy, no second link: nobody may link a file of somebody else. */
static int prev_keep(const char *path, unsigned flags, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf old = STRBUF_INIT(PREV_BYTES_MAX);
	char prev[PATH_MAX];
	char temp[PATH_MAX];
	struct stat st;
	int n = snprintf(prev, sizeof(prev), "%s.prev", path);

	if (n < 0 || (size_t)n >= sizeof(prev))
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (file_read(path, PREV_BYTES_MAX, &old, e) != 0 ||
	    temp_write(temp, sizeof(temp), prev, strbuf_text(&old), old.len, st.st_mode & 07777, flags, e) <
		    0)
		return err_wrap(e, "keeping the old file");
	if (rename(temp, prev) < 0) {
		err_sys(e, ERR_SYSTEM, errno, "keeping %s", prev);
		unlink(temp);
		return -1;
	}
	return 0;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode, unsigned flags, struct err *e)
{
	char temp[PATH_MAX];

	if (file_equals(path, data, len))
		return 1;
	if (temp_write(temp, sizeof(temp), path, data, len, mode, flags, e) < 0)
		return -1;
	if ((flags & FILE_KEEP_PREV) && prev_keep(path, flags, e) < 0) {
		unlink(temp);
		return -1;
	}
	if (rename(temp, path) < 0) {
		err_sys(e, ERR_SYSTEM, errno, "%s", path);
		unlink(temp);
		return -1;
	}
	return flags & FILE_NO_SYNC ? 0 : dir_sync(path, e);
}

/* Owner and group of a new file like the old one's; the mode after them, for a change of owner takes bits away. */
static int own_alike(const char *temp, const char *path, const struct stat *st, struct err *e)
{
	struct stat now;

	if (stat(temp, &now) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", temp);
	if ((now.st_uid != st->st_uid || now.st_gid != st->st_gid) && lchown(temp, st->st_uid, st->st_gid) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s: keeping its owner %u:%u", path, (unsigned)st->st_uid,
			       (unsigned)st->st_gid);
	if (chmod(temp, st->st_mode & 07777) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s: keeping its mode", path);
	return 0;
}

static int exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* Exchanged, so that what was there a moment ago is in our hands and can be looked at: if it was not what was read,
 * both change places again, and somebody else's file is where it belongs; if a third came in that moment, his is
 * the newest and goes there. Same returns as file_replace_own. */
static int exchange_if_was(const char *temp, const char *path, const struct strbuf *was, const void *data, size_t len,
			   struct err *e)
{
	if (exchange(temp, path) == 0) {
		if (file_equals(temp, strbuf_text(was), was->len))
			return 0;
		if (exchange(temp, path) == 0 && (file_equals(temp, data, len) || exchange(temp, path) == 0))
			return 1;
		return err_sys(e, ERR_SYSTEM, errno, "%s: changed meanwhile, and what it was is at %s", path, temp);
	}
	if (errno == ENOENT)
		return 1;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (!file_equals(path, strbuf_text(was), was->len)) /* a file system that cannot exchange */
		return 1;
	return rename(temp, path) < 0 ? err_sys(e, ERR_SYSTEM, errno, "%s", path) : 0;
}

int file_replace_own(const char *path, const struct strbuf *was, const void *data, size_t len, struct err *e)
{
	char real[PATH_MAX], temp[PATH_MAX];
	struct stat st;

	if (!realpath(path, real) || stat(real, &st) < 0)
		return errno == ENOENT ? 1 : err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (temp_write(temp, sizeof(temp), real, data, len, 0600, 0, e) < 0)
		return -1;
	int rc = own_alike(temp, path, &st, e) < 0 ? -1 : exchange_if_was(temp, real, was, data, len, e);
	if (rc >= 0 || file_equals(temp, data, len)) /* else what it holds is somebody else's, and the error says so */
		unlink(temp);
	return rc == 0 ? dir_sync(real, e) : rc;
}

/* A new file with exactly this mode, or the one that is there; never what a link points to. */
static int append_open(const char *path, mode_t mode)
{
	const int how = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
	int fd = open(path, how | O_CREAT | O_EXCL, mode);

	if (fd < 0)
		return errno == EEXIST ? open(path, how) : -1;
	if (fchmod(fd, mode) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int file_append(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = append_open(path, mode);
	ssize_t n;

	if (fd < 0 && errno == ENOENT) /* renamed away between the two looks */
		fd = append_open(path, mode);
	if (fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	do {
		n = write(fd, data, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "writing %s", path);
	if ((size_t)n != len)
		return err_set(e, ERR_SYSTEM, "writing %s: %zd of %zu bytes", path, n, len);
	return 0;
}

static int dir_make(const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0) {
		if (chmod(path, mode) < 0)
			return err_sys(e, ERR_SYSTEM, errno, "%s", path);
		return 0;
	}
	if (errno == EEXIST && stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : err_sys(e, ERR_SYSTEM, ENOTDIR, "%s", path);
	return err_sys(e, ERR_SYSTEM, errno, "%s", path);
}

int file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];

	if (*path == '\0' || !text_copy(part, sizeof(part), path))
		return err_set(e, ERR_LIMIT, "\"%s\": path empty or too long", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (dir_make(part, mode, e) < 0)
			return -1;
		*p = '/';
	}
	return dir_make(part, mode, e);
}

int file_mkdir_shared(const char *path, struct err *e)
{
	char parent[PATH_MAX];
	struct stat sb;

	if (mkdir(path, FILE_DIR_MODE) < 0) {
		if (errno == EEXIST)
			return 0;
		return err_sys(e, ERR_TREE, errno, "making %s", path);
	}
	if (path_dir(parent, sizeof(parent), path, e) < 0)
		return -1;
	/* A setgid root gives its group to what is made below it; the group's right to write comes along. */
	if (stat(parent, &sb) < 0 || chmod(path, (sb.st_mode & 02775) | FILE_DIR_MODE) < 0)
		return err_sys(e, ERR_TREE, errno, "setting the mode of %s", path);
	return 0;
}

int file_sync_dir(const char *dir, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* EINVAL: a file system that has nothing to sync there */
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return err_sys(e, ERR_TREE, errno, "%s", dir);
	return 0;
}

/* For file systems that cannot exchange two names: the old one, if any, is moved aside first, and for that
 * moment there is none; dnsmasq then answers from the plain root. */
static int replace_by_hand(const char *fresh, const char *dir, struct err *e)
{
	char aside[PATH_MAX];
	int n = snprintf(aside, sizeof(aside), "%s.old", fresh);

	if (n < 0 || (size_t)n >= sizeof(aside))
		return err_set(e, ERR_LIMIT, "%s: path is too long", fresh);
	if (rename(dir, aside) < 0 && errno != ENOENT)
		return err_sys(e, ERR_TREE, errno, "replacing %s", dir);
	if (rename(fresh, dir) < 0) {
		err_sys(e, ERR_TREE, errno, "replacing %s", dir);
		if (rename(aside, dir) < 0 && errno != ENOENT)
			return err_wrap(e, "the old one is at %s", aside);
		return -1;
	}
	return file_remove_tree(aside, e);
}

int file_exchange_dir(const char *fresh, const char *dir, struct err *e)
{
	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, dir, RENAME_EXCHANGE) == 0)
		return 0;
	if (errno == ENOENT || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return replace_by_hand(fresh, dir, e);
	return err_sys(e, ERR_TREE, errno, "replacing %s", dir);
}

/* The one recursion of ours: TREE_DEPTH_MAX ends it. */
/* NOLINTBEGIN(misc-no-recursion) */
static int tree_remove_at(int parent, const char *name, int depth, struct err *e);

/* Everything in the directory behind fd, which is closed. */
static int tree_empty(int fd, const char *name, int depth, struct err *e)
{
	CLEANUP(cleanup_dir) DIR *dir = fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		err_sys(e, ERR_SYSTEM, errno, "%s", name);
		close(fd);
		return -1;
	}
	for (errno = 0; (d = readdir(dir)); errno = 0) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (tree_remove_at(dirfd(dir), d->d_name, depth + 1, e) < 0)
			return err_wrap(e, "%s", name);
	}
	return errno ? err_sys(e, ERR_SYSTEM, errno, "%s", name) : 0;
}

static int tree_remove_at(int parent, const char *name, int depth, struct err *e)
{
	int fd;

	if (depth > TREE_DEPTH_MAX)
		return err_set(e, ERR_LIMIT, "%s: more than %d directories deep", name, TREE_DEPTH_MAX);
	/* Not a directory, or a link to one: the name itself goes. EISDIR, or EPERM by POSIX: a directory. */
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, ERR_SYSTEM, errno, "%s", name);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", name);
	if (tree_empty(fd, name, depth, e) < 0)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(e, ERR_SYSTEM, errno, "%s", name);
	return 0;
}
/* NOLINTEND(misc-no-recursion) */

int file_remove_tree(const char *path, struct err *e)
{
	return tree_remove_at(AT_FDCWD, path, 0, e);
}

/* No empty, "." or ".." component? */
static bool path_plain(const char *rest)
{
	for (;;) {
		size_t len = strcspn(rest, "/");

		if (len == 0 || (len == 1 && rest[0] == '.') ||
		    (len == 2 && rest[0] == '.' && rest[1] == '.'))
			return false;
		if (rest[len] == '\0')
			return true;
		rest += len + 1;
	}
}

int path_under_root(const char *root, const char *path, const char **ret_rest)
{
	size_t len = strlen(root);

	while (len && root[len - 1] == '/')
		len--;
	if (*path != '/' || strncmp(path, root, len) != 0 || path[len] != '/' || !path_plain(path + len + 1))
		return 1;
	*ret_rest = path + len + 1;
	return 0;
}

int path_join(char *buf, size_t size, const char *dir, const char *name, struct err *e)
{
	size_t len = strlen(dir);
	const char *slash = len && dir[len - 1] == '/' ? "" : "/";
	int n = snprintf(buf, size, "%s%s%s", dir, slash, name);

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s%s%s: path too long", dir, slash, name);
	return 0;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
