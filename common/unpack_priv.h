/* SPDX-License-Identifier: MPL-2.0 */
/* Inside unpack: the queue of what is still to be read. For unpack*.c only. */
#ifndef LOADSTEP_UNPACK_PRIV_H
#define LOADSTEP_UNPACK_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "unpack.h"

#define UNPACK_CHUNK_BYTES 65536
#define UNPACK_SHOWN_SIZE (2 * UNPACK_NAME_MAX)

struct unpack_item {
	char *block; /* holds the texts */
	const char *path;
	const char *place;
	const char *name;
	int nested; /* archives around it */
	int depth;  /* directories around it */
	bool ours;  /* a file that we unpacked: goes when it is read */
};

struct unpack_job {
	const char *dir;
	const struct unpack_sink *sink;
	struct unpack_item *items;
	size_t n_items;
	unsigned n_files; /* names given so far */
	unsigned entries;
	int64_t total;
};

int unpack_no_memory(struct err *e);
int unpack_count_entry(struct unpack_job *j, struct err *e) MUST_CHECK;
/* A new file of our own, open for both. */
int unpack_fresh_file(struct unpack_job *j, char *path, size_t size, int *ret_fd, struct err *e) MUST_CHECK;
int unpack_write(int fd, const void *bytes, size_t len, const char *path, struct err *e) MUST_CHECK;
/* "PLACE/NAME", escaped */
const char *unpack_shown(const struct unpack_item *it, char buf[static UNPACK_SHOWN_SIZE]);
int unpack_progress(const struct unpack_job *j, const char *name, int64_t done, int64_t total, struct err *e)
	MUST_CHECK;
/* A file that is unpacked: an archive waits for its turn in the queue, anything else is the sink's. */
int unpack_deliver(struct unpack_job *j, const struct unpack_item *it, int fd, int64_t bytes,
		   const struct digest *sha256, struct err *e) MUST_CHECK;

/* unpack_archive.c: each file of the archive that begins at `offset`, delivered. The item stays where it is in
 * the queue by its number, not by its address. */
int unpack_archive(struct unpack_job *j, size_t item, int fd, off_t size, size_t offset, struct err *e)
	MUST_CHECK;

/* unpack_gzip.c: do the checksums at the end of a gzip file fit? libarchive does not look at them. 0, also when
 * it is no gzip file; -1 = damaged. */
int unpack_gzip_check(int fd, size_t offset, struct err *e) MUST_CHECK;

#endif
