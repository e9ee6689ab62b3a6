/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What was rotated away while nobody followed: the rest of the file whose place is remembered, under the name that the
 * rotation gave it, packed or a copy (copytruncate), and those that were filled after it. For follow.c only.
 */
#ifndef LOADSTEP_FOLLOW_OLD_H
#define LOADSTEP_FOLLOW_OLD_H

#include "err.h"
#include "follow.h"

/* The place in the log: a file's identity, and how far it was read. */
struct follow_place {
	const char *path; /* of the log */
	dev_t dev;
	ino_t ino;
	off_t offset;
	size_t head_n;
	uint64_t head;
	struct timespec since; /* what was not written since then holds nothing new */
	bool copies; /* only copies of that very file */
};

/* FNV-1a: to tell files apart, not to resist anybody. */
uint64_t follow_hash(const void *bytes, size_t n);

/* 0 = *ret; 1 = there is nothing; -1 = failed. *ret_renamed: the file itself is there, renamed, and nothing was filled
 * after it: its writer may still hold it, so it is to be followed, not read to its end (*ret is NULL, its name is in
 * name). */
int follow_old_find(struct follow_old **ret, const struct follow_place *place, bool *ret_renamed, char *name, size_t size,
		    struct err *e) MUST_CHECK;
void follow_old_free(struct follow_old *o);
uint64_t follow_old_too_long(const struct follow_old *o); /* lines that were skipped, when all are read */

/* Up to *left whole lines. 0 = there may be more; 1 = all are read; -1 = fn failed: that line and the rest come again.
 * What cannot be read is told in `trouble`, and the next is read. */
int follow_old_read(struct follow_old *o, unsigned *left, follow_fn fn, void *arg, char *trouble, size_t size,
		    struct err *e) MUST_CHECK;

#endif
