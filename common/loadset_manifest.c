/* SPDX-License-Identifier: MPL-2.0 */
/*
 * .loads bodies (F§3.4-§3.6). A manifest that was cut short anywhere must not pass for a whole one, so each
 * dialect has a last thing that has to be there.
 */
#include "loadset.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "loadset_priv.h"
#include "strbuf.h"

static int body_check(const struct bytes *b, struct err *e)
{
	size_t odd = 0;

	for (size_t i = 0; i < b->rem; i++) {
		unsigned char c = b->p[i];
		if (c == '\0')
			return err_set(e, ERR_INPUT, "a NUL byte at offset %zu: not a list of files",
				       b->off + i);
		if (c != '\t' && c != '\r' && c != '\n' && (c < 0x20 || c > 0x7e))
			odd++;
	}
	if (odd * 20 > b->rem) /* F§3.6-2: more than 5 % */
		return err_set(e, ERR_INPUT, "not text: %zu of %zu bytes are unprintable", odd, b->rem);
	return 0;
}

static int member_add(struct loadset *ls, const char *p, size_t len, bool optional, unsigned line,
		      struct err *e)
{
	char shown[96];
	char name[LOAD_FILE_MAX + 1] = "";

	if (len > LOAD_FILE_MAX || !loadset_is_name(p, len))
		return err_set(e, ERR_INPUT, "line %u: \"%s\" is no file name", line,
			       text_escape(shown, sizeof(shown), p, len));
	memcpy(name, p, len);
	for (unsigned i = 0; i < ls->n_members; i++) {
		if (strcmp(ls->members[i], name) != 0)
			continue;
		if (!optional)
			ls->optional &= ~(1u << i);
		return 0;
	}
	if (ls->n_members == LOAD_MEMBERS_MAX)
		return err_set(e, ERR_LIMIT, "line %u: more than %d files", line, LOAD_MEMBERS_MAX);
	if (optional)
		ls->optional |= 1u << ls->n_members;
	memcpy(ls->members[ls->n_members++], name, sizeof(name));
	return 0;
}

static int line_key(struct loadset *ls, const char *p, size_t len, unsigned line, bool whole, struct err *e)
{
	static const char key[] = "LA_VERSION=";
	size_t n = sizeof(key) - 1;

	if (len < n || memcmp(p, key, n) != 0)
		return 0; /* another key: nothing we need */
	if (!whole)
		return err_set(e, ERR_INPUT, "line %u: cut short, no line end behind LA_VERSION", line);
	if (len == n || len - n >= sizeof(ls->la_version) || !loadset_is_name(p + n, len - n))
		return err_set(e, ERR_INPUT, "line %u: LA_VERSION names no version", line);
	if (ls->la_version[0] != '\0')
		return err_set(e, ERR_INPUT, "line %u: a second LA_VERSION", line);
	memcpy(ls->la_version, p + n, len - n);
	return 0;
}

static void line_trim(const char **p, size_t *len)
{
	while (*len > 0 && strchr(" \t\r", (*p)[*len - 1]))
		(*len)--;
	while (*len > 0 && (**p == ' ' || **p == '\t')) {
		(*p)++;
		(*len)--;
	}
}

/* `whole`: the line had its line end. */
static int line_parse(struct loadset *ls, const char *p, size_t len, unsigned line, bool whole, struct err *e)
{
	line_trim(&p, &len);
	bool optional = len > 3 && memcmp(p, "#+ ", 3) == 0; /* "#+ NAME …": an optional member (F§3.6-3) */

	if (optional) {
		p += 3;
		len -= 3;
		line_trim(&p, &len);
	}
	if (len == 0 || *p == '#')
		return 0;
	if (memchr(p, '=', len))
		return line_key(ls, p, len, line, whole, e);
	size_t n = 0;
	while (n < len && p[n] != ' ' && p[n] != '\t')
		n++;
	return member_add(ls, p, n, optional, line, e);
}

static int body_parse(struct bytes b, struct loadset *ls, struct err *e)
{
	for (unsigned line = 1; b.rem > 0; line++) {
		const unsigned char *end = memchr(b.p, '\n', b.rem);
		size_t len = end ? (size_t)(end - b.p) : b.rem;
		if (line_parse(ls, (const char *)b.p, len, line, end != NULL, e) != 0)
			return -1;
		bytes_skip(&b, end ? len + 1 : len);
	}
	return 0;
}

/* Classic: loader `.sbn`, application `.sb2`, LA_VERSION last (F§3.4); what else is listed stays a member. */
static int classify_classic(struct loadset *ls, struct err *e)
{
	struct loadset out = *ls;

	out.n_members = 0;
	out.optional = 0;
	memset(out.members, 0, sizeof(out.members));
	for (unsigned i = 0; i < ls->n_members; i++) {
		char *slot = NULL;
		if (loadset_ends_with(ls->members[i], ".sb2"))
			slot = out.app;
		else if (loadset_ends_with(ls->members[i], ".sbn"))
			slot = out.loader;
		if (!slot) {
			out.optional |= (ls->optional >> i & 1) << out.n_members;
			slot = out.members[out.n_members++];
		} else if (slot[0] != '\0') {
			return err_set(e, ERR_INPUT,
				       "both %s and %s are listed: one loader and one application are "
				       "expected",
				       slot, ls->members[i]);
		}
		memcpy(slot, ls->members[i], sizeof(ls->members[i]));
	}
	if (out.loader[0] == '\0')
		return err_set(e, ERR_INPUT, "no loader (.sbn) is listed");
	if (out.app[0] == '\0')
		return err_set(e, ERR_INPUT, "no application (.sb2) is listed: incomplete or cut short");
	if (out.la_version[0] == '\0')
		return err_set(e, ERR_INPUT, "no LA_VERSION line: incomplete or cut short");
	out.kind = LOAD_TWO_PART;
	*ls = out;
	return 0;
}

/* Java: every list seen has a jar, a cnu and a cvm (F§3.5); without one of them it was cut short. */
static int classify_java(struct loadset *ls, struct err *e)
{
	static const char *const parts[] = { "jar", "cnu", "cvm" };

	for (unsigned i = 0; i < ls->n_members; i++)
		if (!loadset_ends_with(ls->members[i], ".sbn"))
			return err_set(e, ERR_INPUT, "\"%s\" is no component (.sbn)", ls->members[i]);
	for (size_t k = 0; k < COUNT(parts); k++) {
		bool found = false;
		for (unsigned i = 0; i < ls->n_members && !found; i++)
			found = strncasecmp(ls->members[i], parts[k], 3) == 0;
		if (!found)
			return err_set(e, ERR_INPUT, "no %s… component is listed: incomplete or cut short",
				       parts[k]);
	}
	ls->kind = LOAD_JAVA;
	return 0;
}

static bool looks_classic(const struct loadset *ls)
{
	if (ls->la_version[0] != '\0')
		return true;
	for (unsigned i = 0; i < ls->n_members; i++)
		if (loadset_ends_with(ls->members[i], ".sb2") || strncmp(ls->members[i], "P0", 2) == 0)
			return true;
	return false;
}

int manifest_parse(const void *bytes, size_t len, struct loadset *ret, struct err *e)
{
	struct bytes b = { bytes, len, 0 };
	struct signed_header h;
	struct loadset ls;

	if (len > MANIFEST_BYTES_MAX)
		return err_set(e, ERR_LIMIT, "%zu bytes: a list of files is at most %d", len,
			       MANIFEST_BYTES_MAX);
	int rc = signed_header_parse(bytes, len, &h, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		bytes_skip(&b, h.body_off);
	memset(&ls, 0, sizeof(ls));
	if (body_check(&b, e) != 0 || body_parse(b, &ls, e) != 0)
		return -1;
	if (ls.n_members == 0)
		return err_set(e, ERR_INPUT, "no file is listed");
	if ((looks_classic(&ls) ? classify_classic(&ls, e) : classify_java(&ls, e)) != 0)
		return -1;
	ret->kind = ls.kind;
	memcpy(ret->loader, ls.loader, sizeof(ret->loader));
	memcpy(ret->app, ls.app, sizeof(ret->app));
	memcpy(ret->la_version, ls.la_version, sizeof(ret->la_version));
	ret->n_members = ls.n_members;
	ret->optional = ls.optional;
	memcpy(ret->members, ls.members, sizeof(ret->members));
	return 0;
}
