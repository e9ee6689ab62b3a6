/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Follow a log file that grows, across rotation (renamed away, a new one in its place), truncation
 * (copytruncate) and our own restarts: where we are is remembered in a small file beside the store, so that
 * nothing is lost and nothing repeated. Polled, not watched: a look every 200 ms costs two system calls,
 * and needs no case of its own for a file that is not there yet, a directory that was moved or a file
 * system that does not tell.
 *
 * What was rotated away, perhaps packed, while we were not there is read first (follow_old.c).
 */
#ifndef LOADSTEP_FOLLOW_H
#define LOADSTEP_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "err.h"

#define FOLLOW_LINE_MAX 32768 /* a journal's entry as JSON is some thousand bytes; what is longer is skipped */
#define FOLLOW_HEAD_MAX 256  /* a file is known again by its inode and its first bytes: inodes come round */

struct follow_old;

struct follow {
	char path[256];
	char memory[256]; /* the file that remembers; "" = none */
	int fd;           /* -1 = not open */
	dev_t dev;
	ino_t ino;
	off_t offset;  /* behind the last whole line that was delivered */
	struct timespec mtime; /* when it was last looked at: a file cut short may have its old size again */
	size_t head_n; /* bytes that `head` is of */
	uint64_t head; /* of the first bytes */
	bool skipping; /* inside a line that is too long */
	bool fresh;    /* nothing was remembered: this log was never followed */
	bool leaving;  /* a new file is in use; the old one is read to its end once more */
	bool moved;    /* the place changed since it was last saved */
	uint64_t too_long; /* lines that were skipped */
	struct follow_old *old; /* owned: what was rotated away and is read before the file; NULL = nothing */
	char trouble[ERR_TEXT_MAX]; /* what of it cannot be read, for people; the reader may clear it */
};

/* Takes up where `memory` says; a file that is not there yet is waited for. */
int follow_open(struct follow *fl, const char *path, const char *memory, struct err *e) MUST_CHECK;
void follow_close(struct follow *fl);

/* Whole lines that came since the last call, without their newline, at most `max` of them. 0 = there may be
 * more at once; 1 = nothing more now; -1 = failed (also what fn returned negative: that line and the rest
 * come again). */
typedef int (*follow_fn)(void *arg, const char *line, size_t len, struct err *e);
int follow_read(struct follow *fl, unsigned max, follow_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Is there certainly nothing to read? Cheap, for a look before a transaction is begun. */
bool follow_idle(const struct follow *fl);

/* Remember the place: call it when what was delivered is stored. */
int follow_save(struct follow *fl, struct err *e) MUST_CHECK;

/* What follow_read delivered since the last follow_save was not stored after all: go back to it. */
int follow_back(struct follow *fl, struct err *e) MUST_CHECK;

#endif
