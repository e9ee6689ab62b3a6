/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Load sets among files. A manifest makes one, of what it lists and what belongs to that by name; a single image
 * makes one by its own name (F§3.1). A file is looked for beside its manifest first, then anywhere, since people
 * bring several packages at once, and packages hold several releases in directories of their own.
 */
#include "package.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

void package_sets_fini(struct package_sets *s)
{
	free(s->a);
	*s = (struct package_sets){ .n = 0 };
}

static void fault(struct package_set *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void fault(struct package_set *s, const char *fmt, ...)
{
	va_list ap;

	if (s->fault[0]) /* the first is the one to mend */
		return;
	va_start(ap, fmt);
	vsnprintf(s->fault, sizeof(s->fault), fmt, ap);
	va_end(ap);
}

static void note(struct package_set *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct package_set *s, const char *fmt, ...)
{
	size_t n = strlen(s->notes);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->notes + n, sizeof(s->notes) - n, fmt, ap);
	va_end(ap);
	n = strlen(s->notes);
	if (n + 1 < sizeof(s->notes))
		text_copy(s->notes + n, sizeof(s->notes) - n, "\n");
}

static const char *where(const struct package_file *f)
{
	return f->place[0] ? f->place : ".";
}

/* ---- looking for a file */

enum { FIT_NONE, FIT_CASE, FIT_CASE_BESIDE, FIT_NAME, FIT_NAME_BESIDE };

static int fit(const struct package_file *f, const struct package_file *beside, const char *name)
{
	bool near = strcmp(f->place, beside->place) == 0;

	if (strcmp(f->name, name) == 0)
		return near ? FIT_NAME_BESIDE : FIT_NAME;
	if (strcasecmp(f->name, name) == 0)
		return near ? FIT_CASE_BESIDE : FIT_CASE;
	return FIT_NONE;
}

/* The best fit; NULL = none. Whole ones go before damaged ones. *ret_other: another as good with other bytes. */
static struct package_file *look_for(struct package *p, const struct package_file *beside, const char *name,
				     const struct package_file **ret_other)
{
	struct package_file *best = NULL;
	int best_fit = FIT_NONE;

	*ret_other = NULL;
	for (size_t i = 0; i < p->n; i++) {
		struct package_file *f = &p->files[i];
		int how = f->kind == PACKAGE_OTHER ? FIT_NONE : fit(f, beside, name);

		if (how == FIT_NONE)
			continue;
		if (!f->damaged)
			how += FIT_NAME_BESIDE;
		if (best && how == best_fit && !digest_equal(&f->sha256, &best->sha256))
			*ret_other = f;
		if (how <= best_fit)
			continue;
		best = f;
		best_fit = how;
		*ret_other = NULL;
	}
	return best;
}

/* ---- filling a set */

static void put(struct package_set *s, struct package_file *f, const char *name)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		if (strcmp(s->parts[i].name, name) == 0)
			return;
	f->used = true;
	if (s->n_parts == PACKAGE_PARTS_MAX) {
		fault(s, "more than %d files", PACKAGE_PARTS_MAX);
		return;
	}
	s->parts[s->n_parts].file = f;
	text_copy(s->parts[s->n_parts++].name, sizeof(s->parts[0].name), name);
	if (f->damaged)
		fault(s, "%s (%s): %s", f->name, where(f), f->why);
}

/* A file of the set by the name that phones ask for. NULL = there is none. */
static struct package_file *take(struct package *p, struct package_set *s, const struct package_file *beside,
				 const char *name, bool must)
{
	const struct package_file *twin;
	struct package_file *f = look_for(p, beside, name, &twin);

	if (!f) {
		if (must)
			fault(s, "%s is missing", name);
		return NULL;
	}
	if (twin)
		fault(s, "%s is there twice with other bytes, in %s and in %s: which one?", name, where(f),
		      where(twin));
	if (strcmp(f->name, name) != 0) {
		/* F§8 row 9 */
		note(s, "the list says %s, the file is signed as %s: it gets both names", name, f->name);
		put(s, f, f->name);
	}
	put(s, f, name);
	return f;
}

/* The signed form is a header and the very bytes of the unsigned one (F§3.2). */
static void compare_forms(struct package_set *s, const struct package_file *sbn,
			  const struct package_file *bin)
{
	if (!sbn || !bin || digest_equal(&sbn->body, &bin->body))
		return;
	if (sbn->body_bytes != bin->body_bytes)
		fault(s, "%s has %lld bytes behind its header and %s %lld: one of them was cut short",
		      sbn->name, (long long)sbn->body_bytes, bin->name, (long long)bin->body_bytes);
	else
		fault(s, "%s and %s are not the same image: one of them is damaged", sbn->name, bin->name);
}

/* "STEM.bin" for "STEM.sbn" */
static const char *unsigned_form(char buf[static LOAD_FILE_MAX + 1], const char *sbn)
{
	snprintf(buf, LOAD_FILE_MAX + 1, "%.*s.bin", (int)(strlen(sbn) - 4), sbn);
	return buf;
}

static void fill_two_part(struct package *p, struct package_set *s, const struct package_file *manifest)
{
	char name[LOAD_FILE_MAX + 1];
	const struct package_file *loader = take(p, s, manifest, s->ls.loader, true);

	take(p, s, manifest, s->ls.app, true);
	compare_forms(s, loader, take(p, s, manifest, unsigned_form(name, s->ls.loader), false));
	snprintf(name, sizeof(name), "%s.bin", s->ls.load.s);
	take(p, s, manifest, name, false);
}

/* Each has the same body as the load's own list, its header alone is another (F§2.5). */
static void take_defaults(struct package *p, struct package_set *s, const struct package_file *manifest)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct package_file *f = &p->files[i];

		if (!f->is_default || f->damaged || !digest_equal(&f->body, &manifest->body))
			continue;
		put(s, f, f->name);
		n++;
	}
	if (n == 0)
		note(s, "no termNN.default.loads came with it: a phone that was reset to factory finds none");
}

static void fill_from_manifest(struct package *p, struct package_set *s, struct package_file *manifest)
{
	s->ls = *manifest->list;
	if (s->ls.kind == LOAD_TWO_PART)
		fill_two_part(p, s, manifest);
	for (unsigned i = 0; i < s->ls.n_members; i++)
		take(p, s, manifest, s->ls.members[i], !(s->ls.optional >> i & 1));
	if (s->ls.kind == LOAD_JAVA)
		take_defaults(p, s, manifest);
}

/* ---- the sets */

static struct package_set *add_set(struct package_sets *sets, const struct load_name *load)
{
	for (size_t i = 0; i < sets->n; i++)
		if (load_name_equal(&sets->a[i].ls.load, load))
			return &sets->a[i];
	struct package_set *a = reallocarray(sets->a, sets->n + 1, sizeof(*a));
	if (!a)
		return NULL;
	sets->a = a;
	memset(&a[sets->n], 0, sizeof(*a));
	loadset_from_name(load, &a[sets->n].ls);
	return &a[sets->n++];
}

static int no_memory(struct err *e)
{
	return err_set(e, ERR_SYSTEM, "no memory for the load sets");
}

/* The load that a file is called after. 0; 1 = none */
static int stem_of(const struct package_file *f, struct load_name *ret)
{
	const char *dot = strrchr(f->name, '.');

	return dot && load_name_parse(f->name, (size_t)(dot - f->name), ret, NULL) == 0 ? 0 : 1;
}

/* Another list under that name, with other bytes and whole. NULL = none */
static const struct package_file *rival(const struct package *p, const struct package_file *f)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct package_file *o = &p->files[i];

		if (o->kind == PACKAGE_MANIFEST && !o->damaged && strcmp(o->name, f->name) == 0 &&
		    !digest_equal(&o->sha256, &f->sha256))
			return o;
	}
	return NULL;
}

static int sets_of_manifests(struct package *p, struct package_sets *sets, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		struct package_file *f = &p->files[i], *best;
		const struct package_file *twin;
		struct load_name load;

		if (f->kind != PACKAGE_MANIFEST || f->is_default || stem_of(f, &load) != 0)
			continue;
		size_t before = sets->n;
		struct package_set *s = add_set(sets, &load);
		if (!s)
			return no_memory(e);
		if (sets->n == before)
			continue;
		best = look_for(p, f, f->name, &twin);
		if (!best || (best->damaged && !f->damaged))
			best = f;
		/* two releases under one name, each beside its own files */
		twin = best->damaged ? NULL : rival(p, best);
		put(s, best, best->name);
		if (twin)
			fault(s, "%s is there twice with other bytes, in %s and in %s: which one?",
			      best->name, where(best), where(twin));
		if (best->list)
			fill_from_manifest(p, s, best);
	}
	return 0;
}

static void fill_single(struct package *p, struct package_set *s, const struct package_file *f)
{
	char sbn[LOAD_FILE_MAX + 1], bin[LOAD_FILE_MAX + 1];
	const struct package_file *is_signed = NULL, *image;

	snprintf(sbn, sizeof(sbn), "%s.sbn", s->ls.load.s);
	snprintf(bin, sizeof(bin), "%s.bin", s->ls.load.s);
	if (s->ls.kind == LOAD_SINGLE_SIGNED)
		is_signed = take(p, s, f, sbn, true);
	image = take(p, s, f, bin, s->ls.kind == LOAD_SINGLE_UNSIGNED);
	compare_forms(s, is_signed, image);
	if (s->ls.kind == LOAD_SINGLE_SIGNED && !image)
		note(s,
		     "%s is not with it: phones below 5.0 take no other form of it, and no stage is built until "
		     "it is there",
		     bin);
}

/* What no manifest took: single images, and halves of sets whose manifest is missing. */
static int sets_of_images(struct package *p, struct package_sets *sets, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		struct package_file *f = &p->files[i];
		struct load_name load;
		struct loadset ls;

		if ((f->kind != PACKAGE_IMAGE && f->kind != PACKAGE_SIGNED) || f->used ||
		    stem_of(f, &load) != 0)
			continue;
		loadset_from_name(&load, &ls);
		size_t before = sets->n;
		if (ls.kind == LOAD_KIND_UNKNOWN || ls.kind == LOAD_JAVA)
			continue;
		struct package_set *s = add_set(sets, &load);
		if (!s)
			return no_memory(e);
		if (sets->n == before)
			continue;
		if (ls.kind == LOAD_TWO_PART) {
			put(s, f, f->name);
			fault(s, "%s.loads is missing", load.s);
		} else {
			fill_single(p, s, f);
		}
	}
	return 0;
}

/* ---- what is left over */

/* The same bytes under the same name as a file that is used. */
static bool is_copy(const struct package *p, const struct package_file *f)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->files[i].used && strcmp(p->files[i].name, f->name) == 0 &&
		    digest_equal(&p->files[i].sha256, &f->sha256))
			return true;
	return false;
}

static void explain_left(struct package *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct package_file *f = &p->files[i];

		if (f->used || f->kind == PACKAGE_OTHER || f->damaged)
			continue;
		if (is_copy(p, f))
			f->used = true;
		else if (f->kind == PACKAGE_IMAGE)
			text_copy(f->why, sizeof(f->why),
				  "no load of one image is called so, and no list names it");
		else if (f->kind == PACKAGE_SIGNED)
			text_copy(f->why, sizeof(f->why), "no list (.loads) here names it");
		else if (f->is_default)
			text_copy(f->why, sizeof(f->why), "no load here has the same list");
		else
			text_copy(f->why, sizeof(f->why), "another list here has that name");
	}
}

/* So that no later look meets half of the truth: each set's names once. */
static void note_renamed(struct package_set *s)
{
	for (unsigned i = 0; i < s->n_parts; i++) {
		const struct package_file *f = s->parts[i].file;
		char found[96];

		if (f->renamed && strcmp(s->parts[i].name, f->name) == 0)
			note(s, "%s was found as \"%s\": it gets the name it was signed under", f->name,
			     text_escape(found, sizeof(found), f->found, strlen(f->found)));
	}
}

static int by_load(const void *a, const void *b)
{
	return strcmp(((const struct package_set *)a)->ls.load.s, ((const struct package_set *)b)->ls.load.s);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct package_part *)a)->name, ((const struct package_part *)b)->name);
}

int package_find_sets(struct package *p, struct package_sets *ret, struct err *e)
{
	struct package_sets sets = { .n = 0 };

	if (sets_of_manifests(p, &sets, e) < 0 || sets_of_images(p, &sets, e) < 0) {
		package_sets_fini(&sets);
		return -1;
	}
	explain_left(p);
	if (sets.n > 0)
		qsort(sets.a, sets.n, sizeof(*sets.a), by_load);
	for (size_t i = 0; i < sets.n; i++) {
		note_renamed(&sets.a[i]);
		qsort(sets.a[i].parts, sets.a[i].n_parts, sizeof(struct package_part), by_name);
	}
	*ret = sets;
	return 0;
}
