/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What lies in firmware packages, once they are unpacked: which files are firmware and whole (F§3.3, F§8 rows 41,
 * 42), and which of them make a load set (F§3.4-F§3.6). Values in, values out: nothing is read or written here.
 *
 * A file goes by the name it was signed under (tag 0x0E): that is the one phones ask for and Cisco made, and a
 * name on disk may have lost its case or won a ".txt" on the way. Where a manifest spells a member in another
 * case than it is signed (8.2, 8.3: F§3.5, F§8 row 9), the set gets it under both names.
 */
#ifndef LOADSTEP_PACKAGE_H
#define LOADSTEP_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"
#include "loadset.h"

enum package_kind {
	PACKAGE_OTHER,	  /* no firmware for our phones: `why` says what it is taken for */
	PACKAGE_MANIFEST, /* .loads */
	PACKAGE_SIGNED,	  /* .sbn .sb2 */
	PACKAGE_IMAGE,	  /* unsigned .bin */
};

#define PACKAGE_WHY_SIZE 256

struct package_file {
	char *place; /* owned: where it lay, "" = here */
	char *found; /* owned: its name there, raw */
	char *path;  /* owned: its bytes now */
	int64_t bytes;
	struct digest sha256;
	enum package_kind kind;
	char name[LOAD_FILE_MAX + 1]; /* that it goes by */
	bool renamed;		      /* `name` is from its signature, and not `found` */
	bool damaged;		      /* firmware by its name, but not usable */
	char why[PACKAGE_WHY_SIZE];   /* of OTHER and damaged */
	struct loadset *list;	      /* owned: a manifest's, else NULL */
	bool is_default;	      /* a manifest: termNN.default.loads */
	struct digest body; /* of what is behind the signed header; of an image, the whole of it */
	int64_t body_bytes;
	bool used; /* part of a set */
};

/* What a reader of the whole file counts, to see text-mode damage where no header tells it. */
struct package_bytes {
	int64_t total, lf, crlf, high;
	uint8_t last;
};
void package_count(void *arg, const uint8_t *bytes, size_t len); /* a digest_fn; arg: struct package_bytes */

/* Judge one file by its start (all of it up to MANIFEST_BYTES_MAX), its size, its counts and its name on disk
 * (f->found), into kind, name, renamed, damaged, why, list, is_default, body_bytes; f->bytes is given. -1: no
 * memory. */
int package_judge(struct package_file *f, const void *start, size_t len, const struct package_bytes *counts,
		  struct err *e) MUST_CHECK;

/* What was not taken, and why. */
struct package_left {
	char *block; /* owned: holds the texts */
	const char *place;
	const char *name; /* raw */
	const char *why;
};

struct package {
	struct package_file *files;
	size_t n;
	struct package_left *left; /* in the order in which it was met */
	size_t n_left;
};

void package_fini(struct package *p); /* fits CLEANUP() */
/* Files from number n on go, and what was left from number n_left on. */
void package_cut(struct package *p, size_t n, size_t n_left);
/* A place for one more, zeroed; NULL = no memory. */
struct package_file *package_add(struct package *p);
/* Something that is not taken. -1: no memory. */
int package_leave(struct package *p, const char *place, const char *name, const char *why, struct err *e) MUST_CHECK;

/* A file of a set, and the name it has there (it differs from the file's own in case alone). */
struct package_part {
	const struct package_file *file;
	char name[LOAD_FILE_MAX + 1];
};

#define PACKAGE_PARTS_MAX (LOAD_MEMBERS_MAX + 20) /* manifest, loader, app, .bin, .sbn, termNN of a family */
#define PACKAGE_NOTES_SIZE 1024

struct package_set {
	struct loadset ls;
	unsigned n_parts;
	struct package_part parts[PACKAGE_PARTS_MAX];
	char fault[2 * PACKAGE_WHY_SIZE]; /* why it cannot be imported, "" = it can */
	char notes[PACKAGE_NOTES_SIZE];	  /* lines: what a person should know of it */
};

struct package_sets {
	struct package_set *a;
	size_t n;
};

void package_sets_fini(struct package_sets *s); /* fits CLEANUP() */

/* The load sets that the files make, in the order of their names; marks the files that are used, and gives the
 * others a `why`. The sets borrow the files. */
int package_find_sets(struct package *p, struct package_sets *ret, struct err *e) MUST_CHECK;

#endif
