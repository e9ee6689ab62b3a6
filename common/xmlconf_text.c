/* SPDX-License-Identifier: MPL-2.0 */
/* Where in a faulty text the fault is, and which character: what a person must be told that libxml2 does not
 * tell; and where in a good text the tags are. Pure. */
#include "xmlconf_priv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 character at p, *ret_cp its code; 0 = not UTF-8. */
static size_t utf8_at(const uint8_t *p, size_t rem, uint32_t *ret_cp)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 }
	};

	for (size_t len = 1; len <= 4 && len <= rem; len++) {
		if ((p[0] & forms[len - 1].mask) != forms[len - 1].lead)
			continue;
		uint32_t cp = p[0] & (uint8_t)~forms[len - 1].mask;
		for (size_t i = 1; i < len; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			cp = cp << 6 | (p[i] & 0x3f);
		}
		*ret_cp = cp;
		return cp >= forms[len - 1].least && cp <= 0x10ffff ? len : 0;
	}
	return 0;
}

struct place xml_place(const uint8_t *bytes, size_t off)
{
	struct place at = { 1, 1 };

	for (size_t i = 0; i < off; i++) {
		if (bytes[i] == '\n')
			at = (struct place){ at.line + 1, 1 };
		else if ((bytes[i] & 0xc0) != 0x80)
			at.column++;
	}
	return at;
}

const char *xml_character(char *buf, size_t size, const uint8_t *bytes, size_t len, size_t off)
{
	uint32_t cp = 0;

	if (off >= len)
		return "the end of the file";
	if (utf8_at(bytes + off, len - off, &cp) == 0)
		snprintf(buf, size, "byte 0x%02X", bytes[off]);
	else if (cp > 0x20 && cp < 0x7f)
		snprintf(buf, size, "'%c'", (char)cp);
	else
		snprintf(buf, size, "U+%04X", cp);
	return buf;
}

/* U+2018 U+2019 U+201C U+201D, and the primes U+2032 U+2033 that blogs make of quotes: what stands for which
 * plain one. */
char xml_plain_quote(uint32_t cp)
{
	switch (cp) {
	case 0x201c:
	case 0x201d:
	case 0x2033:
		return '"';
	case 0x2018:
	case 0x2019:
	case 0x2032:
		return '\'';
	}
	return '\0';
}

/* Behind the comment or CDATA section that starts at i, or i itself. */
static size_t skip_literal(const uint8_t *bytes, size_t len, size_t i)
{
	static const char *const marks[][2] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" } };

	for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++) {
		size_t open = strlen(marks[k][0]);
		if (len - i < open || memcmp(bytes + i, marks[k][0], open) != 0)
			continue;
		const uint8_t *end =
			memmem(bytes + i + open, len - i - open, marks[k][1], strlen(marks[k][1]));
		return end ? (size_t)(end - bytes) + strlen(marks[k][1]) : len;
	}
	return i;
}

int xml_find_typographic(const uint8_t *bytes, size_t len, size_t upto, size_t *ret_off, uint32_t *ret_cp)
{
	bool in_tag = false;

	for (size_t i = 0; i < len && i <= upto;) {
		uint32_t cp;
		size_t n = utf8_at(bytes + i, len - i, &cp);
		if (n == 0)
			return 1;
		size_t behind = in_tag ? i : skip_literal(bytes, len, i);
		if (behind > i) {
			i = behind;
			continue;
		}
		if (cp == '<' || cp == '>')
			in_tag = cp == '<';
		if (in_tag && xml_plain_quote(cp)) {
			*ret_off = i;
			*ret_cp = cp;
			return 0;
		}
		i += n;
	}
	return 1;
}

int xml_check_utf8(const char *name, const uint8_t *bytes, size_t len, struct err *e)
{
	uint32_t cp;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_at(bytes + i, len - i, &cp);
		if (n > 0)
			continue;
		struct place at = xml_place(bytes, i);
		if (bytes[i] >= 0x91 && bytes[i] <= 0x94) /* of Windows-1252 */
			return err_set(
				e, ERR_INPUT,
				"%s:%d:%d: a typographic quote (byte 0x%02X of Windows-1252) where a plain"
				" %c must stand",
				name, at.line, at.column, bytes[i], bytes[i] < 0x93 ? '\'' : '"');
		return err_set(
			e, ERR_INPUT,
			"%s:%d:%d: byte 0x%02X is not UTF-8: save the file as UTF-8, or let it name its encoding"
			" (ISO-8859-1, windows-1252) in its first line",
			name, at.line, at.column, bytes[i]);
	}
	return 0;
}

/* ---- tags */

/* Behind the tag or declaration that starts at i; quotes and the brackets of a DOCTYPE are heeded. */
static size_t skip_tag(const uint8_t *bytes, size_t len, size_t i)
{
	uint8_t quote = 0;
	int brackets = 0;

	for (; i < len; i++) {
		if (quote) {
			quote = bytes[i] == quote ? 0 : quote;
		} else if (bytes[i] == '"' || bytes[i] == '\'') {
			quote = bytes[i];
		} else if (bytes[i] == '[' || bytes[i] == ']') {
			brackets += bytes[i] == '[' ? 1 : -1;
		} else if (bytes[i] == '>' && brackets == 0) {
			return i + 1;
		}
	}
	return len;
}

int xml_next_tag(const uint8_t *bytes, size_t len, size_t *pos, struct xml_tag *ret)
{
	for (size_t i = *pos, end; i + 1 < len; i = end) {
		end = i + 1;
		if (bytes[i] != '<')
			continue;
		end = skip_literal(bytes, len, i);
		if (end > i)
			continue;
		end = skip_tag(bytes, len, i);
		if (bytes[i + 1] == '!')
			continue;
		bool closes = bytes[i + 1] == '/';
		size_t name = i + 1 + (closes ? 1 : 0), stop = name;
		while (stop < end - 1 && !strchr(" \t\r\n/", bytes[stop]))
			stop++;
		*ret = (struct xml_tag){ .start = i,
					 .end = end,
					 .name = (const char *)bytes + name,
					 .name_len = stop - name,
					 .closes = closes,
					 .empty = !closes && bytes[end - 2] == '/' };
		*pos = end;
		return 0;
	}
	return 1;
}

int xml_end_tag(const uint8_t *bytes, size_t len, const struct xml_tag *open, struct xml_tag *ret)
{
	size_t pos = open->end;
	int depth = 1;

	*ret = *open;
	if (open->empty)
		return 0;
	while (depth > 0) {
		if (xml_next_tag(bytes, len, &pos, ret) != 0)
			return 1;
		depth += ret->closes ? -1 : ret->empty ? 0 : 1;
	}
	return 0;
}

int xml_load_number(const char *name, size_t len, int *ret)
{
	size_t prefix = strlen(LOAD_ELEMENT);
	int number = 0;

	if (len < prefix || memcmp(name, LOAD_ELEMENT, prefix) != 0)
		return 1;
	for (size_t i = prefix; i < len; i++) {
		if (name[i] < '0' || name[i] > '9' || number > 999999)
			return 1;
		number = number * 10 + (name[i] - '0');
	}
	*ret = number;
	return 0;
}
