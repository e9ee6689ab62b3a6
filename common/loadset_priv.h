/* SPDX-License-Identifier: MPL-2.0 */
/* Inside loadset: bytes that are read from their start, and what is a name. For loadset*.c only. */
#ifndef LOADSTEP_LOADSET_PRIV_H
#define LOADSTEP_LOADSET_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bytes with a moving start; `off` is where that is in the file, for messages. */
struct bytes {
	const unsigned char *p;
	size_t rem;
	size_t off;
};

static inline void bytes_skip(struct bytes *b, size_t n)
{
	b->p += n;
	b->rem -= n;
	b->off += n;
}

static inline bool loadset_ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcmp(s + n - t, tail) == 0;
}

/* The member pattern of F§3.6-4; load names are held to it, too: they become file and directory names. */
bool loadset_is_name(const char *p, size_t len);

#endif
