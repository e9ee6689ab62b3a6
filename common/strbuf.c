/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Text under construction. Once latched, every further append is dropped too, so that a text never has a
 * hole in its middle. Memory grows by doubling, never beyond the ceiling plus the NUL that is always
 * there.
 */
#include "strbuf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRBUF_FIRST 64 /* most texts of ours are a line */
#define ESCAPE_MAX 4 /* \xHH */

void strbuf_init(struct strbuf *sb, size_t max_bytes)
{
	*sb = (struct strbuf)STRBUF_INIT(max_bytes);
}

void strbuf_fini(struct strbuf *sb)
{
	free(sb->p);
	strbuf_init(sb, sb->max);
}

void strbuf_reset(struct strbuf *sb)
{
	sb->len = 0;
	sb->failed = 0;
	if (sb->p)
		sb->p[0] = '\0';
}

/* Make room for `more` bytes and the NUL; false: latched. */
static bool strbuf_reserve(struct strbuf *sb, size_t more)
{
	size_t cap = sb->cap ? sb->cap : STRBUF_FIRST;
	size_t need;
	char *p;

	if (sb->failed)
		return false;
	if (more > sb->max - sb->len || more >= SIZE_MAX / 2) {
		sb->failed = E2BIG;
		return false;
	}
	need = sb->len + more + 1;
	if (need <= sb->cap)
		return true;
	while (cap < need)
		cap = cap > sb->max / 2 ? sb->max + 1 : cap * 2;
	p = realloc(sb->p, cap);
	if (!p) {
		sb->failed = ENOMEM;
		return false;
	}
	sb->p = p;
	sb->cap = cap;
	return true;
}

void strbuf_add_bytes(struct strbuf *sb, const void *p, size_t len)
{
	if (!strbuf_reserve(sb, len))
		return;
	if (len)
		memcpy(sb->p + sb->len, p, len);
	sb->len += len;
	sb->p[sb->len] = '\0';
}

void strbuf_add(struct strbuf *sb, const char *text)
{
	strbuf_add_bytes(sb, text, strlen(text));
}

void strbuf_add_char(struct strbuf *sb, char c)
{
	strbuf_add_bytes(sb, &c, 1);
}

void strbuf_add_int(struct strbuf *sb, int64_t v)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (v < 0)
		digits[--at] = '-';
	strbuf_add_bytes(sb, digits + at, sizeof(digits) - at);
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		sb->failed = sb->failed ? sb->failed : EINVAL;
		return;
	}
	if (!strbuf_reserve(sb, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(sb->p + sb->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)n;
}

/* One byte as it may stand in a line; returns the length. */
static size_t escape_byte(char out[static ESCAPE_MAX], unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const unsigned char named[] = { '\n', 'n', '\r', 'r', '\t', 't' };

	for (size_t i = 0; i < sizeof(named); i += 2) {
		if (c == named[i]) {
			out[0] = '\\';
			out[1] = (char)named[i + 1];
			return 2;
		}
	}
	if (c >= 0x20 && c <= 0x7e && c != '\\') {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 0xf];
	return ESCAPE_MAX;
}

void strbuf_add_escaped(struct strbuf *sb, const void *p, size_t len)
{
	const unsigned char *b = p;
	char one[ESCAPE_MAX];
	size_t total = 0;

	for (size_t i = 0; i < len; i++)
		total += escape_byte(one, b[i]);
	if (!strbuf_reserve(sb, total))
		return;
	for (size_t i = 0; i < len; i++)
		strbuf_add_bytes(sb, one, escape_byte(one, b[i]));
	sb->p[sb->len] = '\0';
}

const char *text_escape(char *buf, size_t size, const void *p, size_t len)
{
	static const char dots[] = "...";
	const unsigned char *b = p;
	size_t n = 0;
	size_t keep = 0; /* the last end of a byte behind which the dots still fit */

	if (size == 0)
		return buf;
	for (size_t i = 0; i < len; i++) {
		char one[ESCAPE_MAX];
		size_t step = escape_byte(one, b[i]);

		if (n + sizeof(dots) <= size)
			keep = n;
		if (n + step >= size) {
			bool room = size >= sizeof(dots);

			memcpy(buf + keep, dots, room ? sizeof(dots) : 0);
			buf[room ? keep + sizeof(dots) - 1 : 0] = '\0';
			return buf;
		}
		memcpy(buf + n, one, step);
		n += step;
	}
	buf[n] = '\0';
	return buf;
}

const char *strbuf_text(const struct strbuf *sb)
{
	return sb->p ? sb->p : "";
}

int strbuf_check(const struct strbuf *sb, const char *what, struct err *e)
{
	if (!sb->failed)
		return 0;
	if (sb->failed == E2BIG)
		return err_set(e, ERR_LIMIT, "%s: longer than %zu bytes", what, sb->max);
	return err_sys(e, ERR_SYSTEM, sb->failed, "%s", what);
}

char *strbuf_take(struct strbuf *sb)
{
	char *text;

	strbuf_add(sb, ""); /* an empty text is a text, too */
	if (sb->failed)
		return NULL;
	text = sb->p;
	strbuf_init(sb, sb->max);
	return text;
}

char *text_pack(size_t n, const char *const in[], const char *ret[])
{
	size_t size = 1;

	for (size_t i = 0; i < n; i++)
		size += strlen(in[i]) + 1;
	char *block = malloc(size), *p = block;
	for (size_t i = 0; block && i < n; i++) {
		size_t len = strlen(in[i]) + 1;

		ret[i] = memcpy(p, in[i], len);
		p += len;
	}
	return block;
}

bool text_copy(char *dst, size_t size, const char *src)
{
	size_t len;

	if (size == 0)
		return false;
	len = strnlen(src, size);
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return false;
	}
	memcpy(dst, src, len + 1);
	return true;
}
