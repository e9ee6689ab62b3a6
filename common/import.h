/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Load sets out of packages and into <root>/loads/<LOAD>/: unpacked, judged and built in a directory of ours
 * beside them, each then renamed into its place as a whole. Whatever ends an import, the machine's power
 * included, leaves loads/ with whole load sets and at most a directory of ours, which the next import removes.
 */
#ifndef LOADSTEP_IMPORT_H
#define LOADSTEP_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "package.h"
#include "strbuf.h"

#define IMPORT_FILE_MAX (64LL * 1024 * 1024) /* one file of a load; the largest known are 4 MiB (F§3.7) */

struct import;

/* Told while a file is read; not 0: stop. */
typedef int (*import_progress_fn)(void *arg, const char *name, int64_t done, int64_t total);

/* Makes loads/ and a directory in it for the work; removes those that earlier ones had to leave. */
int import_open(struct import **ret, const char *root, struct err *e) MUST_CHECK;
void import_close(struct import *im); /* fits no CLEANUP(); NULL is fine. Nothing of the work is left. */

/* One package: a file or a directory. -1: refused as a whole, nothing of it is kept (ERR_INPUT, ERR_LIMIT: for
 * what it is, others may follow; any other code: the machine's fault, or stopped). fn may be NULL. */
int import_add(struct import *im, const char *path, import_progress_fn fn, void *arg, struct err *e) MUST_CHECK;

/* The load sets of all packages so far; they borrow from `im`. After it nothing may be added. */
int import_find(struct import *im, struct package_sets *ret, struct err *e) MUST_CHECK;

/* What no load set took, in the order it was met. Borrowed. */
const struct package_left *import_left(const struct import *im, size_t *ret_n);

/* How a set is to what lies in its place. */
enum import_fate {
	IMPORT_NEW,	/* nothing is there */
	IMPORT_SAME,	/* all of it is there */
	IMPORT_MORE,	/* what is there is part of it, byte for byte */
	IMPORT_DIFFERS, /* other bytes are there, or files that it has not */
};

/* `what`: for MORE and DIFFERS a line a file, with both digests. */
int import_compare(const struct import *im, const struct package_set *s, enum import_fate *ret,
		   struct strbuf *what, struct err *e) MUST_CHECK;

/* The set in its place, whatever is there; with its inventory. -1 (ERR_TREE): what was there is there. */
int import_place(struct import *im, const struct package_set *s, struct err *e) MUST_CHECK;

/* For a set that is there already: its inventory, where somebody put the files there by hand. */
int import_adopt(const struct import *im, const struct package_set *s, struct err *e) MUST_CHECK;

#endif
