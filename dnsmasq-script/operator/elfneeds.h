/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which libraries an ELF file needs, by soname, read from its bytes: nothing of it is loaded or run. (Kea's
 * libraries carry a number each that changes with every release, so a hook library and a kea-dhcp4 that need the same
 * ones were built for each other: K§1.2.)
 */
#ifndef LOADSTEP_ELFNEEDS_H
#define LOADSTEP_ELFNEEDS_H

#include <stddef.h>

#include "err.h"

#define ELFNEEDS_MAX 96
#define ELFNEEDS_NAME_MAX 63

struct elfneeds {
	unsigned n;
	char name[ELFNEEDS_MAX][ELFNEEDS_NAME_MAX + 1]; /* longer ones are cut */
};

/* The DT_NEEDED entries of a 64-bit or 32-bit ELF file of this machine's byte order. Total. -1: it is none, or
 * broken. */
int elfneeds_parse(const void *bytes, size_t len, struct elfneeds *ret, struct err *e) MUST_CHECK;

/* Of a file of at most 64 MiB. 0; 1 = there is none; -1. */
int elfneeds_read(const char *path, struct elfneeds *ret, struct err *e) MUST_CHECK;

/* Do both need one library (libX.so) under different numbers? 0 = yes: the first one's names into *ret_a and *ret_b
 * (borrowed). 1 = no. Only names that begin with `prefix` count. */
int elfneeds_differ(const struct elfneeds *a, const struct elfneeds *b, const char *prefix,
		    const char **ret_a, const char **ret_b);

#endif
