/* SPDX-License-Identifier: MPL-2.0 */
/* Inside xmlconf: positions and characters of a text, in words. For xmlconf*.c only; nothing here knows
 * libxml2. */
#ifndef LOADSTEP_XMLCONF_PRIV_H
#define LOADSTEP_XMLCONF_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct place {
	int line;
	int column; /* in characters, from 1 */
};

struct place xml_place(const uint8_t *bytes, size_t off);

/* The character at off in words: "'<'", "U+201D", "the end of the file". Returns buf or a constant. */
const char *xml_character(char *buf, size_t size, const uint8_t *bytes, size_t len, size_t off);

/* The plain quote that a typographic one stands for, NUL for any other character. */
char xml_plain_quote(uint32_t cp);

/* The first typographic quote within a tag, not behind `upto`. 0 = found; 1 = none. Only for a text that is
 * known to be faulty: in a well-formed one such a quote is as good as any letter. */
int xml_find_typographic(const uint8_t *bytes, size_t len, size_t upto, size_t *ret_off, uint32_t *ret_cp);

/* 0 = all of it is UTF-8; -1 = not, with line, column and what to do. */
int xml_check_utf8(const char *name, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;

#endif
