/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One file judged by its bytes: the signed header, else the name. Whole as far as can be told: the header's
 * length against the file's, and the traces of a copy in text mode, which are in the header (its tag 0x0A is a
 * line feed) or, without one, in what random bytes cannot fail to have.
 */
#include "package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

void package_cut(struct package *p, size_t n, size_t n_left)
{
	for (size_t i = n; i < p->n; i++) {
		free(p->files[i].place);
		free(p->files[i].found);
		free(p->files[i].path);
		free(p->files[i].list);
	}
	for (size_t i = n_left; i < p->n_left; i++)
		free(p->left[i].block);
	p->n = n < p->n ? n : p->n;
	p->n_left = n_left < p->n_left ? n_left : p->n_left;
}

void package_fini(struct package *p)
{
	package_cut(p, 0, 0);
	free(p->files);
	free(p->left);
	*p = (struct package){ .n = 0 };
}

struct package_file *package_add(struct package *p)
{
	struct package_file *a = reallocarray(p->files, p->n + 1, sizeof(*a));

	if (!a)
		return NULL;
	p->files = a;
	memset(&a[p->n], 0, sizeof(*a));
	return &a[p->n++];
}

int package_leave(struct package *p, const char *place, const char *name, const char *why, struct err *e)
{
	struct package_left *a = reallocarray(p->left, p->n_left + 1, sizeof(*a));
	const char *const in[] = { place, name, why };
	const char *own[3];

	if (a)
		p->left = a;
	char *block = a ? text_pack(3, in, own) : NULL;
	if (!block)
		return err_set(e, ERR_SYSTEM, "no memory for what is left out");
	a[p->n_left++] = (struct package_left){ block, own[0], own[1], own[2] };
	return 0;
}

/* ---- text mode */

void package_count(void *arg, const uint8_t *bytes, size_t len)
{
	struct package_bytes *c = arg;

	for (size_t i = 0; i < len; i++) {
		c->lf += bytes[i] == '\n';
		c->crlf += bytes[i] == '\n' && c->last == '\r';
		c->high += bytes[i] >= 0x80;
		c->last = bytes[i];
	}
	c->total += (int64_t)len;
}

/* An image is code or compressed: in this many bytes a line feed without a CR before it, and a byte above 0x7f,
 * are missing only where something took them away. */
#define COUNTS_MIN 8192
#define CRLF_MIN 16

/* What text mode did to it, "" = nothing that shows. */
static const char *text_mode_by_counts(const struct package_bytes *c)
{
	if (c->total < COUNTS_MIN)
		return "";
	if (c->high == 0)
		return "every byte lost its high bit";
	return c->crlf >= CRLF_MIN && c->crlf == c->lf ? "every LF became CR LF" : "";
}

/* Is it a signed header in which each LF has become CR LF? */
static bool header_was_text(const uint8_t *p, size_t len)
{
	uint8_t undone[2048];
	struct signed_header h;
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(undone); i++)
		if (p[i] != '\r' || i + 1 == len || p[i + 1] != '\n')
			undone[n++] = p[i];
	return n < len && signed_header_parse(undone, n, &h, NULL) == 0;
}

/* ---- names */

static bool ends_like(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n > t && strcasecmp(s + n - t, tail) == 0;
}

static enum package_kind kind_of(const char *name)
{
	static const struct {
		const char *end;
		enum package_kind kind;
	} ends[] = { { ".loads", PACKAGE_MANIFEST },
		     { ".sbn", PACKAGE_SIGNED },
		     { ".sb2", PACKAGE_SIGNED },
		     { ".bin", PACKAGE_IMAGE } };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_like(name, ends[i].end))
			return ends[i].kind;
	return PACKAGE_OTHER;
}

/* "term41.default.loads", "TERM70.DEFAULT.loads" (F§2.5) */
static bool is_default_name(const char *name)
{
	return strncasecmp(name, "term", 4) == 0 && strlen(name) == 20 && name[4] >= '0' && name[4] <= '9' &&
	       name[5] >= '0' && name[5] <= '9' && strcasecmp(name + 6, ".default.loads") == 0;
}

/* ---- judging */

static int say(struct package_file *f, bool damaged, const char *why)
{
	f->damaged = damaged;
	(void)text_copy(f->why, sizeof(f->why), why);
	return 0;
}

static int other(struct package_file *f, const char *why)
{
	f->kind = PACKAGE_OTHER;
	return say(f, false, why);
}

static int judge_manifest(struct package_file *f, const void *start, size_t len, struct err *e)
{
	struct loadset ls;
	struct err no = { ERR_NONE, "" };
	struct load_name load;
	int rc;

	f->is_default = is_default_name(f->name);
	if (load_name_parse(f->name, strlen(f->name) - strlen(".loads"), &load, &no) < 0)
		return say(f, true, no.text);
	loadset_from_name(&load, &ls);
	bool ours = f->is_default || ls.kind == LOAD_TWO_PART || ls.kind == LOAD_JAVA;
	if (f->bytes > MANIFEST_BYTES_MAX)
		rc = err_set(&no, ERR_LIMIT, "larger than %d bytes", MANIFEST_BYTES_MAX);
	else
		rc = manifest_parse(start, len, &ls, &no);
	if (rc == 0) {
		f->list = malloc(sizeof(ls));
		if (!f->list)
			return err_set(e, ERR_SYSTEM, "no memory for a list of files");
		*f->list = ls;
		return 0;
	}
	(void)err_wrap(&no, ours ? "its list cannot be used" : "no list of a 7900's load");
	return ours ? say(f, true, no.text) : other(f, no.text);
}

/* Not signed, or not any more. */
static int judge_unsigned(struct package_file *f, const void *start, size_t len, const char *broken,
			  const struct package_bytes *counts, struct err *e)
{
	char why[PACKAGE_WHY_SIZE];
	const char *text = text_mode_by_counts(counts);

	f->body_bytes = f->bytes;
	if (f->kind == PACKAGE_OTHER)
		return other(f, broken ? "signed, but no file of a 7900's load" : "no firmware");
	if (broken && header_was_text(start, len))
		text = "every LF became CR LF";
	if (text[0]) {
		snprintf(why, sizeof(why), "copied in text mode (%s): fetch it again in binary mode", text);
		return say(f, true, why);
	}
	if (broken)
		return say(f, true, broken);
	if (f->kind == PACKAGE_SIGNED)
		return say(f, true, "not signed: damaged at its start, or something else under that name");
	return f->kind == PACKAGE_MANIFEST ? judge_manifest(f, start, len, e) : 0;
}

int package_judge(struct package_file *f, const void *start, size_t len, const struct package_bytes *counts,
		  struct err *e)
{
	struct signed_header h = { .name = "" };
	struct err broken = { ERR_NONE, "" };
	int r = signed_header_parse(start, len, &h, &broken);
	const char *name = r == 0 && h.name[0] ? h.name : f->found;
	char why[PACKAGE_WHY_SIZE];

	f->kind = kind_of(name);
	if (!text_copy(f->name, sizeof(f->name), name) || !loadset_file_name(name))
		return other(f,
			     f->kind == PACKAGE_OTHER ? "no firmware" : "no name that a phone could ask for");
	if (f->bytes == 0 && f->kind != PACKAGE_OTHER)
		return say(f, true, "it is empty");
	if (r != 0)
		return judge_unsigned(f, start, len, r < 0 ? broken.text : NULL, counts, e);
	f->renamed = strcmp(f->name, f->found) != 0;
	f->body_bytes = f->bytes - (int64_t)h.body_off;
	if (f->kind == PACKAGE_OTHER || f->kind == PACKAGE_IMAGE)
		return other(f, "signed, but no file of a 7900's load");
	if (f->body_bytes <= 0)
		return say(f, true, "it ends with its header: cut short");
	if (f->kind == PACKAGE_MANIFEST)
		return judge_manifest(f, start, len, e);
	const char *text = text_mode_by_counts(counts);
	snprintf(why, sizeof(why), "copied in text mode (%s): fetch it again in binary mode", text);
	return text[0] ? say(f, true, why) : 0;
}
