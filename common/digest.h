/* SPDX-License-Identifier: MPL-2.0 */
/*
 * SHA-256 of bytes and files, and its spelling. Nettle computes it: dnsmasq and libarchive bring that library
 * to the machine already. digest.c alone knows it.
 */
#ifndef LOADSTEP_DIGEST_H
#define LOADSTEP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define DIGEST_TEXT_SIZE 65 /* 64 hex digits, lower case */

struct digest {
	uint8_t b[32];
};

void digest_bytes(const void *bytes, size_t len, struct digest *ret);

/* Sees each chunk of a file that is read for its digest, in order. */
typedef void (*digest_fn)(void *arg, const uint8_t *bytes, size_t len);

/* Of everything from `offset` to the end; the descriptor's own position is neither used nor moved. `fn` may be
 * NULL. `name` is for the message. */
int digest_fd(int fd, const char *name, int64_t offset, digest_fn fn, void *arg, struct digest *ret,
	      struct err *e) MUST_CHECK;

bool digest_equal(const struct digest *a, const struct digest *b);
const char *digest_format(char buf[static DIGEST_TEXT_SIZE], const struct digest *d);
/* Exactly 64 hex digits. 0, or -1. */
int digest_parse(const char *text, size_t len, struct digest *ret, struct err *e) MUST_CHECK;

#endif
