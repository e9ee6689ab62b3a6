/* SPDX-License-Identifier: MPL-2.0 */
/*
 * An old log to its end: a file, a compressed one (by what it holds, not by its name) or a pipe, in big blocks. Growing
 * logs are follow.c's. What a block holds is nobody's business here: lines of text, or a capture's packets.
 */
#ifndef LOADSTEP_LOGSOURCE_H
#define LOADSTEP_LOGSOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* A line of dnsmasq's is at most some 2300 bytes, a journal's entry as JSON some thousand. */
#define LOGSOURCE_LINE_MAX 32768
#define LOGSOURCE_BLOCK_BYTES (256 * 1024)

struct logsource;

/* "-" = standard input. Errors here name it; those of the calls below do not. */
int logsource_open(struct logsource **ret, const char *name, struct err *e) MUST_CHECK;
void logsource_close(struct logsource *s); /* NULL: nothing */

/* Up to n bytes that come next, unpacked, which are not taken: fewer at the end. n at most
 * LOGSOURCE_BLOCK_BYTES. Borrowed until the next call; 0 or -1. */
int logsource_peek(struct logsource *s, size_t n, const char **ret, size_t *ret_len, struct err *e) MUST_CHECK;

/* The next bytes, unpacked, as many as there are up to LOGSOURCE_BLOCK_BYTES. Borrowed until the next call.
 * 0 = some; 1 = the end; -1 = failed, or damaged, with all that was before it delivered. */
int logsource_bytes(struct logsource *s, const char **ret, size_t *ret_len, struct err *e) MUST_CHECK;

/* Pass over n bytes, unpacked. 0; 1 = there are fewer; -1 as above. */
int logsource_skip(struct logsource *s, uint64_t n, struct err *e) MUST_CHECK;

/* The next whole lines: the text ends with a newline, but for the last line of a log that does not. Of a pipe what is
 * there already. Lines that do not fit into a block are passed over to their end and counted. Otherwise as above. */
int logsource_lines(struct logsource *s, const char **ret, size_t *ret_len, struct err *e) MUST_CHECK;

/* The first line of *text, which shrinks by it, without its newline. Lines above LOGSOURCE_LINE_MAX are passed over and
 * counted. False: no line is left. */
bool logsource_cut(struct logsource *s, const char **text, size_t *len, const char **ret_line, size_t *ret_len);

/* More can be had without waiting for it, or there is no more. A packed pipe may say no, and have some. */
bool logsource_is_ready(const struct logsource *s);

/* Passes over the lines of *text that end before `until` (inside it, or its end), which shrinks by them. Returns how many
 * they were, without those that logsource_cut would have passed over. */
uint64_t logsource_pass(struct logsource *s, const char **text, size_t *len, const char *until);

/* Lines that were passed over because of their length. */
uint64_t logsource_too_long(const struct logsource *s);

#endif
