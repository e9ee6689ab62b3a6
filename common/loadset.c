/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The signed header (F§3.3), .loads bodies (F§3.4–§3.6) and what a file is to its load. Readers carry a
 * pointer and what remains behind it, and move both together. A manifest that was cut short anywhere must
 * not pass for a whole one, so each dialect has a last thing that has to be there. Names are loadset_name.c's.
 */
#include "loadset.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#include "loadset_priv.h"

/* ---- names of the values */

static const char *const generation_names[] = { "unknown", "classic", "java", "other" };
static const char *const kind_names[] = { "unknown", "single-unsigned", "single-signed", "two-part", "java" };
static const char *const proto_names[] = { "unknown", "sccp", "sip", "mgcp" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* -1: no such name. */
static int name_find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *generation_name(enum generation g)
{
	return (size_t)g < COUNT(generation_names) ? generation_names[g] : "?";
}

int generation_parse(const char *name, enum generation *ret)
{
	int v = name_find(generation_names, COUNT(generation_names), name);

	if (v >= 0)
		*ret = (enum generation)v;
	return v >= 0 ? 0 : 1;
}

const char *load_kind_name(enum load_kind k)
{
	return (size_t)k < COUNT(kind_names) ? kind_names[k] : "?";
}

int load_kind_parse(const char *name, enum load_kind *ret)
{
	int v = name_find(kind_names, COUNT(kind_names), name);

	if (v >= 0)
		*ret = (enum load_kind)v;
	return v >= 0 ? 0 : 1;
}

const char *load_proto_name(enum load_proto p)
{
	return (size_t)p < COUNT(proto_names) ? proto_names[p] : "?";
}

/* ---- the signed header */

/* Bytes with a moving start; `off` is where that is in the file, for messages. */
struct bytes {
	const unsigned char *p;
	size_t rem;
	size_t off;
};

static void bytes_skip(struct bytes *b, size_t n)
{
	b->p += n;
	b->rem -= n;
	b->off += n;
}

/* One tag with a two-byte big-endian length. 0, or -1 when it does not fit into what is left. */
static int tlv_next(struct bytes *b, unsigned *ret_tag, struct bytes *ret_value, struct err *e)
{
	if (b->rem < 3)
		return err_set(e, ERR_INPUT, "signed header: cut short at offset %zu", b->off);
	size_t len = (size_t)b->p[1] << 8 | b->p[2];
	unsigned tag = b->p[0];
	if (b->rem - 3 < len)
		return err_set(e, ERR_INPUT,
			       "signed header: tag 0x%02x at offset %zu is longer than the header", tag,
			       b->off);
	bytes_skip(b, 3);
	*ret_tag = tag;
	*ret_value = (struct bytes){ b->p, len, b->off };
	bytes_skip(b, len);
	return 0;
}

static int header_name(const struct bytes *v, struct signed_header *h, struct err *e)
{
	size_t len = v->rem;

	while (len > 0 && v->p[len - 1] == '\0')
		len--;
	if (h->name[0] != '\0')
		return err_set(e, ERR_INPUT, "signed header: a second file name at offset %zu", v->off);
	if (len > LOAD_FILE_MAX || !loadset_is_name((const char *)v->p, len))
		return err_set(e, ERR_INPUT, "signed header: the file name at offset %zu is none", v->off);
	memcpy(h->name, v->p, len);
	return 0;
}

#define TAG_VERSION 0x01
#define TAG_LENGTH 0x02
#define TAG_PAD 0x0d /* one byte, no length (F§3.3) */
#define TAG_NAME 0x0e

/* `all`: the file. *ret: what the header holds behind its length field. *ret_len: the whole header's
 * length. */
static int header_length(const struct bytes *all, struct bytes *ret, size_t *ret_len, struct err *e)
{
	struct bytes b = *all;
	struct bytes v = { NULL, 0, 0 };
	unsigned tag = 0;

	/* NOLINTNEXTLINE(misc-redundant-expression): first the version, whose tag and length led here */
	if (tlv_next(&b, &tag, &v, e) != 0 || tlv_next(&b, &tag, &v, e) != 0)
		return -1;
	if (tag != TAG_LENGTH || v.rem != 2)
		return err_set(e, ERR_INPUT, "signed header: no header length at offset 5");
	size_t hl = (size_t)v.p[0] << 8 | v.p[1];
	if (hl < 64)
		return err_set(e, ERR_INPUT,
			       "signed header: says that it is %zu bytes long, too short for one", hl);
	if (hl > all->rem)
		return err_set(e, ERR_INPUT, "signed header: cut short: %zu bytes of %zu are there", all->rem,
			       hl);
	b.rem = hl - b.off;
	*ret = b;
	*ret_len = hl;
	return 0;
}

int signed_header_parse(const void *bytes, size_t len, struct signed_header *ret, struct err *e)
{
	static const unsigned char start[] = { TAG_VERSION, 0x00, 0x02 };
	struct bytes all = { bytes, len, 0 };
	struct signed_header h = { .name = "" };
	struct bytes b;

	if (len == 0 || memcmp(bytes, start, len < sizeof(start) ? len : sizeof(start)) != 0)
		return 1;
	if (header_length(&all, &b, &h.body_off, e) != 0)
		return -1;
	while (b.rem > 0) {
		struct bytes v;
		unsigned tag = 0;
		if (b.p[0] == TAG_PAD) {
			bytes_skip(&b, 1);
			continue;
		}
		if (tlv_next(&b, &tag, &v, e) != 0)
			return -1;
		/* Containers and what we do not know are skipped by their length. */
		if (tag == TAG_NAME && header_name(&v, &h, e) != 0)
			return -1;
	}
	size_t usual = (384 + strlen(h.name) + 1 + 3) / 4 * 4;
	h.length_odd = h.body_off != usual;
	*ret = h;
	return 0;
}

/* ---- .loads bodies */

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

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcmp(s + n - t, tail) == 0;
}

static int member_add(struct loadset *ls, const char *p, size_t len, unsigned line, struct err *e)
{
	char shown[96];
	char name[LOAD_FILE_MAX + 1] = "";

	if (len > LOAD_FILE_MAX || !loadset_is_name(p, len))
		return err_set(e, ERR_INPUT, "line %u: \"%s\" is no file name", line,
			       text_escape(shown, sizeof(shown), p, len));
	memcpy(name, p, len);
	for (unsigned i = 0; i < ls->n_members; i++)
		if (strcmp(ls->members[i], name) == 0)
			return 0;
	if (ls->n_members == LOAD_MEMBERS_MAX)
		return err_set(e, ERR_LIMIT, "line %u: more than %d files", line, LOAD_MEMBERS_MAX);
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
	if (len > 3 && memcmp(p, "#+ ", 3) == 0) { /* "#+ NAME …": an optional member (F§3.6-3) */
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
	return member_add(ls, p, n, line, e);
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
	memset(out.members, 0, sizeof(out.members));
	for (unsigned i = 0; i < ls->n_members; i++) {
		char *slot = NULL;
		if (ends_with(ls->members[i], ".sb2"))
			slot = out.app;
		else if (ends_with(ls->members[i], ".sbn"))
			slot = out.loader;
		if (!slot)
			slot = out.members[out.n_members++];
		else if (slot[0] != '\0')
			return err_set(e, ERR_INPUT,
				       "both %s and %s are listed: one loader and one application are "
				       "expected",
				       slot, ls->members[i]);
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
		if (!ends_with(ls->members[i], ".sbn"))
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
		if (ends_with(ls->members[i], ".sb2") || strncmp(ls->members[i], "P0", 2) == 0)
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
	memcpy(ret->members, ls.members, sizeof(ret->members));
	return 0;
}

/* ---- files of a load */

/* Is `name` the stem with that tail? */
static bool is_file(const char *name, const char *stem, size_t stem_len, const char *tail)
{
	return stem_len > 0 && strncmp(name, stem, stem_len) == 0 && strcmp(name + stem_len, tail) == 0;
}

static bool is_loader(const struct loadset *ls, const char *name)
{
	size_t n = strlen(ls->load.s);
	size_t stem = strlen(ls->loader);

	if (is_file(name, ls->load.s, n, ".bin") || is_file(name, ls->load.s, n, ".sbn"))
		return true;
	if (stem == 0)
		return ls->proto != PROTO_SCCP && strncmp(name, "P003-", 5) == 0 &&
		       (ends_with(name, ".sbn") || ends_with(name, ".bin"));
	if (strcmp(name, ls->loader) == 0)
		return true;
	/* the loader's unsigned form, when the set has one */
	return ends_with(ls->loader, ".sbn") && is_file(name, ls->loader, stem - 4, ".bin");
}

static enum load_file single_file(const struct loadset *ls, const char *name)
{
	size_t n = strlen(ls->load.s);

	if (is_file(name, ls->load.s, n, ".bin"))
		return LOAD_FILE_IMAGE;
	if (!is_file(name, ls->load.s, n, ".sbn"))
		return LOAD_FILE_NONE;
	return ls->kind == LOAD_SINGLE_UNSIGNED ? LOAD_FILE_SIGNED_NAME : LOAD_FILE_IMAGE;
}

static enum load_file two_part_file(const struct loadset *ls, const char *name)
{
	if (strcmp(name, ls->app) == 0 || is_file(name, ls->load.s, strlen(ls->load.s), ".sb2"))
		return LOAD_FILE_APP;
	return is_loader(ls, name) ? LOAD_FILE_LOADER : LOAD_FILE_NONE;
}

enum load_file loadset_file(const struct loadset *ls, const char *name)
{
	enum load_file f = LOAD_FILE_NONE;

	if (name[0] == '\0' || ls->load.s[0] == '\0')
		return LOAD_FILE_NONE;
	if (is_file(name, ls->load.s, strlen(ls->load.s), ".loads"))
		return LOAD_FILE_MANIFEST;
	switch (ls->kind) {
	case LOAD_SINGLE_UNSIGNED:
	case LOAD_SINGLE_SIGNED:
	case LOAD_KIND_UNKNOWN:
		f = single_file(ls, name);
		break;
	case LOAD_TWO_PART:
		f = two_part_file(ls, name);
		break;
	case LOAD_JAVA:
		break;
	}
	for (unsigned i = 0; f == LOAD_FILE_NONE && i < ls->n_members; i++)
		if (strcmp(ls->members[i], name) == 0)
			f = LOAD_FILE_MEMBER;
	return f;
}
