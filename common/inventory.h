/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What `loadstep import` put into a load's directory: loads/<LOAD>/.loadstep-sha256, a line a file as sha256sum
 * writes and checks them. Its name begins with a dot, so no stage links to it, and others may not read it: no
 * phone is ever sent it.
 */
#ifndef LOADSTEP_INVENTORY_H
#define LOADSTEP_INVENTORY_H

#include <stddef.h>

#include "digest.h"
#include "err.h"
#include "loadset.h"
#include "strbuf.h"

#define INVENTORY_NAME ".loadstep-sha256"
#define INVENTORY_MODE 0640
#define INVENTORY_FILES_MAX 64
#define INVENTORY_BYTES_MAX (INVENTORY_FILES_MAX * (DIGEST_TEXT_SIZE + LOAD_FILE_MAX + 3))

struct inventory_file {
	char name[LOAD_FILE_MAX + 1];
	struct digest sha256;
};

struct inventory {
	unsigned n;
	struct inventory_file files[INVENTORY_FILES_MAX];
};

void inventory_format(const struct inventory *inv, struct strbuf *sb);
/* -1: not such a list, with the line. */
int inventory_parse(const char *text, size_t len, struct inventory *ret, struct err *e) MUST_CHECK;

/* Of a load's directory. 0 = read; 1 = it has none (its files were put there by hand); -1 */
int inventory_read(const char *dir, struct inventory *ret, struct err *e) MUST_CHECK;

/* The digest of dir/name as it is now. 0; 1 = no such file; -1 */
int inventory_digest(const char *dir, const char *name, struct digest *ret, struct err *e) MUST_CHECK;

/* Are the files of the directory still what the inventory says? 0 = yes; 1 = no, ret_what names the first that
 * is not ("X is not what was imported: sha256 … then, … now", "X is gone"); -1 = cannot be read. */
int inventory_check(const char *dir, const struct inventory *inv, char *ret_what, size_t size, struct err *e)
	MUST_CHECK;

#endif
