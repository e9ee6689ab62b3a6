/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Load names (F§3.1): how one must be written, what it says by itself (generation, kind, protocol, family),
 * and what is odd about one that people wrote into a file. A name is all there is of a load that is not here,
 * so nothing in this file looks at bytes.
 */
#include "loadset.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#include "loadset_priv.h"

/* ---- load names */

bool loadset_is_name(const char *p, size_t len)
{
	static const char bytes[] = "._-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < len; i++)
		if (!memchr(bytes, p[i], sizeof(bytes) - 1))
			return false;
	return len > 0 && !strchr("._-", p[0]);
}

bool loadset_file_name(const char *name)
{
	size_t len = strlen(name);

	return len <= LOAD_FILE_MAX && loadset_is_name(name, len);
}

static const char *extension_of(const char *p, size_t len)
{
	static const char *const known[] = { ".loads", ".bin", ".sbn", ".sb2" };

	for (size_t i = 0; i < COUNT(known); i++) {
		size_t n = strlen(known[i]);
		if (len >= n && strncasecmp(p + len - n, known[i], n) == 0)
			return known[i];
	}
	return NULL;
}

/* P0S3… written with the letter: POS3…, POO3…, P0O3… (F§10). */
static bool has_letter_o(const char *p, size_t len)
{
	if (len < 4 || toupper((unsigned char)p[0]) != 'P')
		return false;
	bool second = toupper((unsigned char)p[1]) == 'O';
	bool third = toupper((unsigned char)p[2]) == 'O';
	return (second || (p[1] == '0' && third)) && p[3] >= '0' && p[3] <= '9';
}

int load_name_parse(const char *text, size_t len, struct load_name *ret, struct err *e)
{
	char shown[96];

	text_escape(shown, sizeof(shown), text, len);
	if (len == 0)
		return err_set(e, ERR_INPUT, "a load name is missing");
	const char *ext = extension_of(text, len);
	if (ext)
		return err_set(e, ERR_INPUT,
			       "\"%s\" is a file name: a load is named without extension, drop the %s", shown,
			       ext);
	if (has_letter_o(text, len))
		return err_set(e, ERR_INPUT,
			       "\"%s\" has the letter O where Cisco writes the digit zero (P0S3, P003)",
			       shown);
	if (memchr(text, '/', len) || memchr(text, '\\', len))
		return err_set(e, ERR_INPUT, "\"%s\" has a slash: a load is a name, not a path", shown);
	if (memchr(text, ' ', len) || memchr(text, '\t', len))
		return err_set(e, ERR_INPUT, "\"%s\" has a blank in it or around it", shown);
	if (!loadset_is_name(text, len))
		return err_set(e, ERR_INPUT,
			       "\"%s\" is no load name: letters, digits, '-', '.' and '_' are expected",
			       shown);
	if (len > LOAD_NAME_MAX)
		return err_set(e, ERR_INPUT, "\"%s\" is longer than %d", shown, LOAD_NAME_MAX);
	struct load_name n = { .s = "" };
	memcpy(n.s, text, len);
	*ret = n;
	return 0;
}

bool load_name_equal(const struct load_name *a, const struct load_name *b)
{
	return strcmp(a->s, b->s) == 0;
}

/* ---- what a name says */

static bool two_digits(const char *p, unsigned *ret)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*ret = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
	return true;
}

/* Major version: "P003MM…" or "P0S3-M-…", "P0S3-MM-…" (padding changed over time, F§3.1). false: no such
 * pattern. */
static bool classic_major(const char *name, unsigned *ret)
{
	const char *p = name + 4;

	if (p[0] != '-')
		return two_digits(p, ret) && p[2] >= '0' && p[2] <= '9';
	p++;
	if (p[0] >= '0' && p[0] <= '9' && p[1] == '-') {
		*ret = (unsigned)(p[0] - '0');
		return p[2] >= '0' && p[2] <= '9';
	}
	return two_digits(p, ret) && p[2] == '-' && p[3] >= '0' && p[3] <= '9';
}

/* Signed from 5.0 on; two parts from SCCP 6.x, SIP (and, inferred, MGCP) 7.x on (F§4.1). */
static enum load_kind classic_kind(enum load_proto proto, unsigned major)
{
	if (major < 5)
		return LOAD_SINGLE_UNSIGNED;
	return major < (proto == PROTO_SCCP ? 6u : 7u) ? LOAD_SINGLE_SIGNED : LOAD_TWO_PART;
}

/* P003-x-y-zz is the loader inside a SIP package, not a load (F§3.1). */
static bool is_loader(const char *s)
{
	return strncmp(s, "P003-", 5) == 0;
}

static bool from_classic_name(const char *s, struct loadset *ret)
{
	unsigned major = 0;

	if (strlen(s) < 6 || s[0] != 'P' || s[1] != '0')
		return false;
	if (strncmp(s, "P004", 4) == 0) {
		ret->generation = GEN_OTHER;
		return true;
	}
	if (s[3] != '3' || !strchr("0SM", s[2]))
		return false;
	ret->generation = GEN_CLASSIC;
	if (is_loader(s)) /* has no protocol and no kind */
		return true;
	ret->proto = s[2] == '0' ? PROTO_SCCP : s[2] == 'S' ? PROTO_SIP : PROTO_MGCP;
	if (!classic_major(s, &major))
		return true;
	ret->kind = classic_kind(ret->proto, major);
	if (ret->kind != LOAD_TWO_PART)
		return true;
	(void)snprintf(ret->app, sizeof(ret->app), "%s.sb2", s);
	if (ret->proto == PROTO_SCCP)
		(void)snprintf(ret->loader, sizeof(ret->loader), "%s.sbn", s);
	return true;
}

/* The families of F§2.5. Four digits are a later make (88xx, 99xx). */
static const char *const java_families[] = { "11", "31", "41", "42", "45", "70", "75" };

/* TERMnn.…, SCCPnn.…, SIPnn.… (F§3.1): where nn stands, NULL = no such form. nn may be of no family. */
static const char *java_digits(const char *s)
{
	static const char *const heads[] = { "TERM", "SCCP", "SIP" };
	unsigned number;

	for (size_t i = 0; i < COUNT(heads); i++) {
		size_t n = strlen(heads[i]);
		if (strncmp(s, heads[i], n) == 0 && two_digits(s + n, &number) && s[n + 2] == '.')
			return s + n;
	}
	return NULL;
}

static const char *java_family(const char *s)
{
	const char *digits = java_digits(s);

	for (size_t i = 0; digits && i < COUNT(java_families); i++)
		if (strncmp(digits, java_families[i], 2) == 0)
			return java_families[i];
	return "";
}

static bool from_java_name(const char *s, struct loadset *ret)
{
	if (java_family(s)[0] == '\0')
		return false;
	ret->generation = GEN_JAVA;
	ret->kind = LOAD_JAVA;
	ret->proto = s[1] == 'I' ? PROTO_SIP : PROTO_SCCP; /* TERM…: before SIP came */
	return true;
}

void loadset_from_name(const struct load_name *name, struct loadset *ret)
{
	memset(ret, 0, sizeof(*ret)); /* everything unknown, and the padding the same bytes */
	ret->load = *name;
	if (!from_classic_name(name->s, ret))
		(void)from_java_name(name->s, ret);
}

const char *load_family(const char *load)
{
	struct loadset ls = { .generation = GEN_UNKNOWN };

	if (!from_classic_name(load, &ls))
		return java_family(load);
	return ls.generation == GEN_CLASSIC ? "P003" : "P004";
}

/* ---- what is odd about a name */

/* Cisco's capitals: P0S3…, SIP41…, SCCP41… */
static bool in_other_case(const char *text)
{
	char upper[LOAD_NAME_MAX + 1] = "";

	for (size_t i = 0; i < LOAD_NAME_MAX && text[i]; i++)
		upper[i] = (char)toupper((unsigned char)text[i]);
	return load_family(text)[0] == '\0' && load_family(upper)[0] != '\0';
}

/* termNN.default, TERMnn.DEFAULT: a default load named instead of a load (F§5.3). */
static bool is_term_reference(const char *s)
{
	unsigned number;

	return strncasecmp(s, "term", 4) == 0 && two_digits(s + 4, &number) &&
	       strcasecmp(s + 6, ".default") == 0;
}

enum load_oddity load_name_oddity(const char *text)
{
	size_t len = strlen(text);
	struct load_name name;

	if (len == 0)
		return LOAD_ODD_EMPTY;
	if (extension_of(text, len))
		return LOAD_ODD_EXTENSION;
	if (has_letter_o(text, len))
		return LOAD_ODD_LETTER_O;
	if (load_name_parse(text, len, &name, NULL) < 0)
		return LOAD_ODD_BYTES;
	if (is_loader(text))
		return LOAD_ODD_LOADER;
	if (is_term_reference(text))
		return LOAD_ODD_NOT;
	if (in_other_case(text))
		return LOAD_ODD_CASE;
	if (java_digits(text) && java_family(text)[0] == '\0')
		return LOAD_ODD_FAMILY;
	return LOAD_ODD_NOT;
}

enum load_oddity load_file_oddity(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	const char *tail = extension_of(base, strlen(base));
	char stem[LOAD_NAME_MAX + 1] = "";

	if (!tail || strlen(base) - strlen(tail) >= sizeof(stem))
		return LOAD_ODD_NOT;
	memcpy(stem, base, strlen(base) - strlen(tail));
	enum load_oddity odd = load_name_oddity(stem);

	switch (odd) {
	case LOAD_ODD_EXTENSION:
	case LOAD_ODD_LETTER_O:
		return odd;
	case LOAD_ODD_LOADER:
	case LOAD_ODD_CASE:
	case LOAD_ODD_FAMILY:
		return strcmp(tail, ".loads") == 0 ? odd : LOAD_ODD_NOT;
	case LOAD_ODD_NOT:
	case LOAD_ODD_EMPTY:
	case LOAD_ODD_BYTES:
		break;
	}
	return LOAD_ODD_NOT;
}
