/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Inside xmlconf: the document, positions and characters of a text in words, and the tags of a text that is
 * known to be well-formed. For xmlconf*.c only; nothing here knows libxml2.
 */
#ifndef LOADSTEP_XMLCONF_PRIV_H
#define LOADSTEP_XMLCONF_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define ENCODING_MAX 32
#define LOAD_ELEMENT "loadInformation"

struct xmlconf {
	void *doc; /* owned, libxml2's: what the bytes say */
	uint8_t *bytes; /* owned */
	size_t len;
	char encoding[ENCODING_MAX + 1]; /* that the bytes are in */
	bool sep; /* the root element is <device> */
};

/* The bytes were edited: read and judge them again. */
int xmlconf_edited(struct xmlconf *x, struct err *e) MUST_CHECK;

/* 0 = the name of a load element, its number (0: bare) in *ret; 1 = another's. */
int xml_load_number(const char *name, size_t len, int *ret);

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

/* ---- tags of a text that libxml2 took, in an encoding whose bytes below 0x80 are ASCII's */

struct xml_tag {
	size_t start; /* of its '<' */
	size_t end; /* behind its '>' */
	const char *name; /* borrowed from the text, prefix and all */
	size_t name_len;
	bool closes; /* </x> */
	bool empty; /* <x/> */
};

/* The next tag at *pos or behind it, not in a comment or a CDATA section; *pos moves behind it. 0; 1 = no more. */
int xml_next_tag(const uint8_t *bytes, size_t len, size_t *pos, struct xml_tag *ret);

/* The end tag of the element that `open` opens; `open` itself when it is empty. 0; 1 = there is none. */
int xml_end_tag(const uint8_t *bytes, size_t len, const struct xml_tag *open, struct xml_tag *ret);

/* 0 = all of it is UTF-8; -1 = not, with line, column and what to do. */
int xml_check_utf8(const char *name, const uint8_t *bytes, size_t len, struct err *e) MUST_CHECK;

#endif
