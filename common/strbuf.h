/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Text under construction, with a ceiling given at init and a latched error: append freely, ask once at the
 * end with strbuf_check(). An append that would pass the ceiling, or for which there is no memory, is dropped
 * whole and latches. The text is always NUL-terminated; it may hold NUL bytes when bytes were appended.
 */
#ifndef LOADSTEP_STRBUF_H
#define LOADSTEP_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct strbuf {
	char *p; /* NULL until the first append; use strbuf_text() */
	size_t len;
	size_t cap;
	size_t max;
	int failed; /* 0, or the errno-like reason latched: E2BIG or ENOMEM */
};

#define STRBUF_INIT(max_bytes)                                                 \
	{                                                                      \
		.p = NULL, .len = 0, .cap = 0, .max = (max_bytes), .failed = 0 \
	}

void strbuf_init(struct strbuf *sb, size_t max_bytes);
void strbuf_fini(struct strbuf *sb);  /* fits CLEANUP(); the struct is usable again afterwards */
void strbuf_reset(struct strbuf *sb); /* empty, memory kept, latch cleared */

void strbuf_add(struct strbuf *sb, const char *text);
void strbuf_add_bytes(struct strbuf *sb, const void *p, size_t len);
void strbuf_add_char(struct strbuf *sb, char c);
void strbuf_add_int(struct strbuf *sb, int64_t v); /* decimal */
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Foreign text made safe for one line of a log or terminal: every byte outside 0x20..0x7e, and the backslash,
 * becomes \xHH (\n, \r, \t by name). UTF-8 is foreign too: what a log shows must be what can be typed. */
void strbuf_add_escaped(struct strbuf *sb, const void *p, size_t len);

/* The same into a fixed array; cut with "..." where it is too long. Returns buf. */
const char *text_escape(char *buf, size_t size, const void *p, size_t len);

const char *strbuf_text(const struct strbuf *sb); /* borrowed; "" when nothing was added */

/* 0 fine; negative: something was dropped; `what` names the text in the message. */
int strbuf_check(const struct strbuf *sb, const char *what, struct err *e) MUST_CHECK;

/* The text, owned by the caller from here on (free()); NULL when the latch is set or there is no memory. */
char *strbuf_take(struct strbuf *sb);

/* Copies of n texts in one block, which free() frees; ret[i] is the i-th. NULL: no memory. */
char *text_pack(size_t n, const char *const in[], const char *ret[]);

/* Bounded copy: always NUL-terminated. Returns false when src was cut. */
bool text_copy(char *dst, size_t size, const char *src);

#endif
