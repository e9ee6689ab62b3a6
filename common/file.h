/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files as whole things: read with a ceiling, replace atomically, never edit (dnsmasq shares one open file
 * between running transfers and remembers its size; a rename cannot hurt them).
 */
#ifndef LOADSTEP_FILE_H
#define LOADSTEP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "strbuf.h"

/* The whole file appended to *sb, at most max_bytes. 0 = read, 1 = there is none (ENOENT), -1 = failed or
 * larger. */
int file_read(const char *path, size_t max_bytes, struct strbuf *sb, struct err *e) MUST_CHECK;

enum file_flags {
	FILE_KEEP_PREV = 1, /* the old file stays as PATH.prev */
	FILE_NO_SYNC = 2,   /* no fsync: for what can be made again */
};

/* Write beside (unique name in the same directory), fsync, rename, fsync the directory. Bytes that are equal
 * to what is there are left alone. 0 = written, 1 = was equal already, -1 = failed: the old file is as it
 * was. */
int file_replace(const char *path, const void *data, size_t len, mode_t mode, unsigned flags, struct err *e)
	MUST_CHECK;

/* Replace a file that was read as `was` before, keeping its owner, group and mode; a link stays one, what it leads
 * to is replaced. 0 = written; 1 = it is not what was read any more (or gone), and stays as somebody else made it;
 * -1 = failed (also when the owner cannot be kept): as it was. */
int file_replace_own(const char *path, const struct strbuf *was, const void *data, size_t len, struct err *e)
	MUST_CHECK;

/* One write() of the whole line to the end of the file (created with mode); 0 or -1. Safe between
 * processes. */
int file_append(const char *path, const void *data, size_t len, mode_t mode, struct err *e) MUST_CHECK;

/* mkdir -p. 0 = it is there now. */
int file_mkdirs(const char *path, mode_t mode, struct err *e) MUST_CHECK;

/* mkdir in the TFTP tree, for others to use as well: FILE_DIR_MODE, whatever the umask, and the parent's setgid
 * bit and its group's right to write. 0 also when it is there; -1 (ERR_TREE). */
#define FILE_DIR_MODE 0755
int file_mkdir_shared(const char *path, struct err *e) MUST_CHECK;

/* What was renamed in a directory is on the disk. -1 (ERR_TREE). */
int file_sync_dir(const char *dir, struct err *e) MUST_CHECK;

/* The directory `fresh` takes dir's place at once, if the file system can do that; what was there is at `fresh`
 * afterwards, if anything was. -1 (ERR_TREE): dir is as it was. */
int file_exchange_dir(const char *fresh, const char *dir, struct err *e) MUST_CHECK;

/* rm -r, never through a symbolic link. 0 = gone (also when it was not there). */
int file_remove_tree(const char *path, struct err *e) MUST_CHECK;

/* Is `path` (absolute, as text; nothing is looked up on disk) below `root`, without "..", "." or "//" tricks?
 * 0 = yes and *ret_rest points into path behind "root/"; 1 = no. */
int path_under_root(const char *root, const char *path, const char **ret_rest);

/* dir/name into buf; -1 (ERR_LIMIT) when it does not fit. */
int path_join(char *buf, size_t size, const char *dir, const char *name, struct err *e) MUST_CHECK;

/* Last component, borrowed from path. */
const char *path_base(const char *path);

#endif
