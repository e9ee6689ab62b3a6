/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The signed header (F§3.3) and what a file is to its load. Readers carry a pointer and what remains behind it,
 * and move both together. Names are in loadset_name.c, .loads bodies in loadset_manifest.c.
 */
#include "loadset.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "loadset_priv.h"
#include "strbuf.h"

/* ---- names of the values */

static const char *const generation_names[] = { "unknown", "classic", "java", "other" };
static const char *const kind_names[] = { "unknown", "single-unsigned", "single-signed", "two-part", "java" };
static const char *const proto_names[] = { "unknown", "sccp", "sip", "mgcp" };

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
		       (loadset_ends_with(name, ".sbn") || loadset_ends_with(name, ".bin"));
	if (strcmp(name, ls->loader) == 0)
		return true;
	/* the loader's unsigned form, when the set has one */
	return loadset_ends_with(ls->loader, ".sbn") && is_file(name, ls->loader, stem - 4, ".bin");
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
	return f == LOAD_FILE_NONE && loadset_member(ls, name) >= 0 ? LOAD_FILE_MEMBER : f;
}

int loadset_member(const struct loadset *ls, const char *name)
{
	for (unsigned i = 0; i < ls->n_members; i++)
		if (strcmp(ls->members[i], name) == 0)
			return (int)i;
	return -1;
}
