/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a java stage's directory has beside its load's files (F§2.5, F§3.5): the default load of its own generation
 * alone, which boot code asks for under either of two spellings, and members under the list's spelling where the file
 * has another. Manifests of 8.2 and 8.3 say Jar…, and the unpacked file is jar….
 */
#include "stagedir.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

static bool there(const char *dir, const char *file)
{
	char path[STAGEDIR_PATH];
	struct stat sb;

	return path_join(path, sizeof(path), dir, file, NULL) == 0 && stat(path, &sb) == 0 &&
	       S_ISREG(sb.st_mode);
}

bool member_on_disk(const char *dir, const char *listed, char ret[static LOAD_FILE_MAX + 1])
{
	text_copy(ret, LOAD_FILE_MAX + 1, listed);
	if (there(dir, listed))
		return true;
	for (char *p = ret; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	/* behind the family's digits the case belongs to the version: 8-5-4TH1-6 */
	const char *dot = strchr(listed, '.');

	if (dot)
		text_copy(ret + (dot - listed), LOAD_FILE_MAX + 1 - (size_t)(dot - listed), dot);
	return strcmp(ret, listed) != 0 && there(dir, ret);
}

/* Where the load's files lie, and the way there: below loads/, else loose in the root. */
struct place {
	bool loose;
	char dir[STAGEDIR_PATH];
	char way[STAGEDIR_PATH];
};

static int find_place(const char *root, const char *up, const struct load_name *load, struct place *ret,
		      struct err *e)
{
	struct stat sb;

	if (stagedir_path(ret->dir, sizeof(ret->dir), root, "loads", load->s, e) < 0)
		return -1;
	ret->loose = stat(ret->dir, &sb) < 0;
	if (ret->loose) {
		text_copy(ret->dir, sizeof(ret->dir), root);
		text_copy(ret->way, sizeof(ret->way), up);
	} else {
		snprintf(ret->way, sizeof(ret->way), "%sloads/%s/", up, load->s);
	}
	return 0;
}

static int add_link_to(const struct place *at, const char *name, const char *file, struct listing *l,
		       struct err *e)
{
	char text[STAGEDIR_PATH + LOAD_FILE_MAX + 1];

	snprintf(text, sizeof(text), "%s%s", at->way, file);
	return listing_add_link(l, name, text, e);
}

int java_add_members(const char *root, const char *up, const struct loadset *ls, struct listing *l,
		     struct err *e)
{
	char file[LOAD_FILE_MAX + 1];
	struct place at;

	if (find_place(root, up, &ls->load, &at, e) < 0)
		return -1;
	for (unsigned i = 0; ls->kind == LOAD_JAVA && i < ls->n_members; i++)
		if (member_on_disk(at.dir, ls->members[i], file) && strcmp(file, ls->members[i]) != 0 &&
		    add_link_to(&at, ls->members[i], file, l, e) < 0)
			return -1;
	return 0;
}

/* A file of its own, and no link of ours to the other spelling of it. */
static bool there_itself(const char *dir, const char *file, const char *other)
{
	char path[STAGEDIR_PATH], text[LOAD_FILE_MAX + 1];
	ssize_t n = path_join(path, sizeof(path), dir, file, NULL) == 0 ? readlink(path, text, sizeof(text)) : -1;

	return there(dir, file) && !(n == (ssize_t)strlen(other) && memcmp(text, other, (size_t)n) == 0);
}

void java_other_spelling(const char *term, char ret[static LOAD_FILE_MAX + 1])
{
	snprintf(ret, LOAD_FILE_MAX + 1, "TERM%.2s.DEFAULT.loads", term + 4);
}

int java_add_default(const char *root, const char *up, const struct plan *pl, const struct load_name *load,
		     struct listing *l, struct err *e)
{
	const struct loadset *stage = plan_stage(pl, plan_stage_of(pl, load));
	char upper[LOAD_FILE_MAX + 1];
	struct place at;

	if (!stage || find_place(root, up, load, &at, e) < 0)
		return stage ? -1 : 0;
	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);

		if (!m || !m->term_file[0])
			continue;
		java_other_spelling(m->term_file, upper);
		bool has_lower = there_itself(at.dir, m->term_file, upper);
		bool has_upper = there_itself(at.dir, upper, m->term_file);
		const char *file = has_lower ? m->term_file : upper;

		/* loose in the root it may be another release's */
		if (has_lower != has_upper && (!at.loose || java_default_is_ours(root, stage, file)) &&
		    add_link_to(&at, has_lower ? upper : m->term_file, file, l, e) < 0)
			return -1;
	}
	return 0;
}

static int read_list(const char *root, const char *file, struct loadset *ret)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MANIFEST_BYTES_MAX);
	char path[STAGEDIR_PATH];
	struct err e;

	if (path_join(path, sizeof(path), root, file, &e) < 0 ||
	    file_read(path, MANIFEST_BYTES_MAX, &sb, &e) != 0)
		return -1;
	return manifest_parse(strbuf_text(&sb), sb.len, ret, &e);
}

bool java_default_is_ours(const char *root, const struct loadset *ls, const char *file)
{
	char name[LOAD_FILE_MAX + 1];
	struct loadset list = { .kind = LOAD_KIND_UNKNOWN };

	snprintf(name, sizeof(name), "%s.loads", ls->load.s);
	if (!there(root, name) || read_list(root, file, &list) < 0 || list.n_members != ls->n_members)
		return false;
	for (unsigned i = 0; i < list.n_members; i++)
		if (strcmp(list.members[i], ls->members[i]) != 0)
			return false;
	return true;
}
