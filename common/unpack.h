/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Firmware packages as people have them (F§3.2): .zip, .tar, .tar.gz, .cop (a tar.gz by another name), .cop.sgn
 * and .cop.sha512 (a signature header in front of one), a loose file, a directory of any of these, an archive
 * in an archive. What a thing is, its bytes say, never its name. Each file in it is unpacked under a name of
 * ours into a directory of the caller's: no name, link or mode of a package ever reaches the file system.
 *
 * A package comes from anywhere, so everything has a ceiling, and what no firmware package has (a name that
 * leads out, a device, one name with two contents) refuses it as a whole.
 *
 * unpack_archive.c alone knows libarchive, whose own header is called archive.h: hence this file's name. So it also
 * reads what is one compressed file and nothing else, a log that was rotated.
 */
#ifndef LOADSTEP_UNPACK_H
#define LOADSTEP_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "digest.h"
#include "err.h"

/* The largest packages known hold some 50 files (one load), a site's whole TFTP directory some thousand. */
#define UNPACK_ENTRIES_MAX 20000
#define UNPACK_NAME_MAX 1024 /* bytes of a name with its directories */
/* A set of device packages is below 1 GiB, and firmware hardly compresses: what grows more is no firmware. */
#define UNPACK_MEMBER_MAX (1024LL * 1024 * 1024)
#define UNPACK_TOTAL_MAX (4096LL * 1024 * 1024)
#define UNPACK_RATIO_MAX 20
#define UNPACK_RATIO_FREE (16LL * 1024 * 1024) /* below that a ratio says nothing */
#define UNPACK_NESTED_MAX 1		       /* an archive in an archive, and no further */
#define UNPACK_DEPTH_MAX 16		       /* directories below an operand */

/* One file of a package. */
struct unpack_file {
	const char *place; /* where it lay, for people: "fw.zip: 8-12-00", "" = here; escaped */
	const char *name;  /* its last component, raw, never empty */
	const char *path;  /* the bytes, below the directory given; they are the callee's: rename or leave them */
	int64_t bytes;
	struct digest sha256;
};

struct unpack_sink {
	void *arg;
	/* 0, or -1: that ends it */
	int (*file)(void *arg, const struct unpack_file *f, struct err *e);
	/* Something that is not unpacked, and why. */
	int (*left)(void *arg, const char *place, const char *name, const char *why, struct err *e);
	/* How many bytes of that file are read; may be NULL. Not 0: stop. */
	int (*progress)(void *arg, const char *name, int64_t done, int64_t total);
};

/* What the bytes at a file's start say. */
enum unpack_look {
	UNPACK_FILE,   /* a file for itself */
	UNPACK_OPEN,   /* an archive that begins at *ret_offset */
	UNPACK_CANNOT, /* an archive of a kind that is not read: *ret_what says which */
};

#define UNPACK_LOOK_BYTES 4096

/* `bytes`: the first UNPACK_LOOK_BYTES, or all there are. A signed file of a load is a file, whatever its body
 * begins with. */
enum unpack_look unpack_look(const void *bytes, size_t len, size_t *ret_offset, const char **ret_what);

/* Everything of `path` (a file or a directory) to the sink, unpacked in the directory `dir`. -1: refused or
 * failed (ERR_INPUT, ERR_LIMIT: by what the package is; ERR_SYSTEM: by the machine); what the sink was given
 * until then must not be used. */
int unpack_package(const char *path, const char *dir, const struct unpack_sink *sink, struct err *e)
	MUST_CHECK;

/* ---- one compressed file as a stream: gzip, bzip2, xz, zstd, also several one behind the other */

struct unpack_stream;

#define UNPACK_STREAM_LOOK_BYTES 6
/* Do these bytes begin one? */
bool unpack_stream_look(const void *bytes, size_t len);

/* The next packed bytes, borrowed until the next call: their number; 0 = the end; -1 = failed, and *e says it. */
typedef ssize_t (*unpack_stream_fn)(void *arg, const void **ret_bytes, struct err *e);

int unpack_stream_open(struct unpack_stream **ret, unpack_stream_fn fn, void *arg, struct err *e) MUST_CHECK;
void unpack_stream_close(struct unpack_stream *z);

/* Up to `size` bytes, *ret_n 0 = the end. -1 also when it is damaged or cut short; of such a one up to 64 KiB before
 * the damage may be lost. */
int unpack_stream_read(struct unpack_stream *z, void *buf, size_t size, size_t *ret_n, struct err *e) MUST_CHECK;

#endif
