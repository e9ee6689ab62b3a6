/* SPDX-License-Identifier: MPL-2.0 */
/* Inside mkload: files with the byte layout of the real ones (F§3.3, F§3.4), for both generations. */
#ifndef MKLOAD_H
#define MKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_MAX 512u

struct settings {
	const char *out;
	size_t loader_bytes;
	size_t app_bytes;
	size_t single_bytes;
	bool whole_blocks; /* .sb2 files end on a full TFTP block, as P00308000500.sb2 does (1378 x 512) */
	bool crlf; /* in the manifest (F§3.4) */
	const char *la_version;
	size_t member_bytes;   /* java */
	const char *component; /* java: the members' version, which is not the load's (F§3.5) */
	bool capital_jar;      /* java: the manifest says Jar…, the file is jar… (F§3.5) */
};

struct buffer {
	uint8_t *p;
	size_t n;
};

void mkload_put(struct buffer *b, const void *data, size_t n);
/* The signed header for a file of that name. */
void mkload_header(struct buffer *b, const char *name);
/* n bytes, the same for the same names. */
void mkload_body(struct buffer *b, const char *load, const char *ident, size_t n);
/* out/load/name; 0 or -1 */
int mkload_save(const struct settings *s, const char *load, const char *name, const struct buffer *b);

/* mkload_java.c: is it one of SIPnn.…, SCCPnn.…, TERMnn.…? Then its files: 0 or -1. */
bool mkload_is_java(const char *load);
int mkload_java(const struct settings *s, const char *load);

#endif
