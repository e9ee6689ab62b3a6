/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Errors as values. Text is always formatted aside first, so that a caller may put the old text of *e
 * among the arguments. Too long a text is cut at the end: the outermost prefix, which says what was tried,
 * survives.
 */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Append `more` to `text` of ERR_TEXT_MAX bytes, cut where it ends. */
static void text_append(char *text, const char *more)
{
	size_t len = strlen(text);
	size_t room = ERR_TEXT_MAX - 1 - len;
	size_t n = strnlen(more, room);

	memcpy(text + len, more, n);
	text[len + n] = '\0';
}

static void err_fill(struct err *e, enum err_code code, const char *text)
{
	e->code = code;
	memcpy(e->text, text, strlen(text) + 1);
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_fill(e, code, text);
	return -1;
}

int err_sys(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	char reason[128];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_append(text, ": ");
	/* The GNU strerror_r: thread-safe, and the result need not be in `reason`. */
	text_append(text, strerror_r(errnum, reason, sizeof(reason)));
	err_fill(e, code, text);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_append(text, ": ");
	text_append(text, e->text);
	err_fill(e, e->code, text);
	return -1;
}
