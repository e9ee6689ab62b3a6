/* SPDX-License-Identifier: MPL-2.0 */
/*
 * termNN.default.loads, which Java phones ask for after a factory reset. Each package brings its own with the very body
 * of its load's list (F§2.5); in one directory the last that was unpacked stays, and a phone that is reset gets that
 * release, whatever it was to get (F§8 row 29).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_tree.h"
#include "cleanup.h"
#include "file.h"
#include "loadset.h"
#include "strbuf.h"

/* What a list says, behind its header: which names the file differ, bodies do not. 0; 1 = none, or no list. */
static int read_body(const char *path, struct strbuf *sb, const char **ret, size_t *ret_len)
{
	struct signed_header h = { .body_off = 0 };
	struct err e;

	strbuf_reset(sb);
	if (file_read(path, MANIFEST_BYTES_MAX, sb, &e) != 0 ||
	    signed_header_parse(strbuf_text(sb), sb->len, &h, &e) < 0 || h.body_off >= sb->len)
		return 1;
	*ret = sb->p + h.body_off;
	*ret_len = sb->len - h.body_off;
	return 0;
}

int compare_lists(const char *a, const char *b)
{
	CLEANUP(strbuf_fini) struct strbuf sa = STRBUF_INIT(MANIFEST_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MANIFEST_BYTES_MAX);
	const char *pa, *pb;
	size_t na, nb;

	if (read_body(a, &sa, &pa, &na) != 0 || read_body(b, &sb, &pb, &nb) != 0)
		return 2;
	return na == nb && memcmp(pa, pb, na) == 0 ? 0 : 1;
}

/* Both spellings (F§2.5): [0] and [1]. */
static void term_names(const struct model *m, char ret[2][32])
{
	snprintf(ret[0], 32, "%s", m->term_file);
	snprintf(ret[1], 32, "TERM%.2s.DEFAULT.loads", m->term_file + 4);
}

/* ---- of a stage */

/* In a stage's directory one spelling may lead to the file under the other. */
static bool leads_to_other_name(const char *path)
{
	char text[PATH_BYTES];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strcmp(path_base(text), path_base(path)) != 0;
}

static void check_stage_model(struct checking *k, const struct plan *pl, const struct loadset *ls,
			      const struct model *m, struct counted *c)
{
	char names[2][32], name[256], path[PATH_BYTES], own[PATH_BYTES];

	snprintf(name, sizeof(name), "stages/%s/%s/%s.loads", pl->name, ls->load.s, ls->load.s);
	below_root(k, own, name);
	term_names(m, names);
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "stages/%s/%s/%s", pl->name, ls->load.s, names[i]);
		if (in_root(k, name) && compare_lists(below_root(k, path, name), own) == 1 &&
		    !leads_to_other_name(path))
			count_one(c, path, "it lists other files than %s.loads", ls->load.s);
	}
}

static bool has_term_before(const struct plan *pl, unsigned idx, const struct model *m)
{
	for (unsigned i = 0; i < idx; i++) {
		const struct model *before = model_find(pl->models[i]);
		if (before && strcmp(before->term_file, m->term_file) == 0)
			return true;
	}
	return false;
}

/* One finding a stage: a 7941's and a 7961's come in one package. */
static void check_stage(struct checking *k, const struct plan *pl, const struct loadset *ls)
{
	struct counted c = { 0 };

	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);
		if (m && m->term_file[0] && !has_term_before(pl, i, m))
			check_stage_model(k, pl, ls, m, &c);
	}
	found_counted(k, FINDING_TERM_OTHER_LOAD, &c);
}

/* ---- of the root */

struct lists {
	const char *family;
	const char *term; /* path of the term file */
	unsigned n, equal; /* lists of that family's loads; how many are the term file's */
};

static void compare_with(struct checking *k, void *arg, const char *name)
{
	struct lists *l = arg;
	char path[PATH_BYTES], load[LOAD_NAME_MAX + 1] = "";
	size_t n = strlen(name);

	if (!ends_with(name, ".loads") || n - 6 > LOAD_NAME_MAX)
		return;
	memcpy(load, name, n - 6);
	if (load_name_oddity(load) != LOAD_ODD_NOT || ends_with(load, ".DEFAULT") ||
	    strcmp(load_family(load), l->family) != 0)
		return;
	int rc = compare_lists(l->term, below_root(k, path, name));
	l->n += rc != 2;
	l->equal += rc == 0;
}

/* Of two term files of one family in the root, and of one and the family's loads, neither may differ. `before`: the
 * path of another term file of the family, "" = none yet. */
static void check_root_term(struct checking *k, const struct model *m, const char *name,
			    char before[static PATH_BYTES], struct counted *c)
{
	char path[PATH_BYTES];
	struct lists l = { m->family, path, 0, 0 };

	if (!in_root(k, name))
		return;
	below_root(k, path, name);
	each_in_root(k, compare_with, &l);
	if (l.n > 0 && l.equal == 0)
		count_one(c, path, "it lists other files than any load of its family in the root");
	else if (before[0] && compare_lists(path, before) == 1)
		count_one(c, path, "it lists other files than %s: of another release", path_base(before));
	(void)text_copy(before, PATH_BYTES, path);
}

static void check_root_family(struct checking *k, const char *family)
{
	char before[PATH_BYTES] = "", names[2][32];
	struct counted c = { 0 };
	const struct model *m;

	for (unsigned i = 0; (m = model_at(i)) != NULL; i++) {
		const struct model *next = model_at(i + 1);
		if (!m->term_file[0] || strcmp(m->family, family) != 0 ||
		    (next && strcmp(next->term_file, m->term_file) == 0))
			continue; /* once for two models of one file */
		term_names(m, names);
		check_root_term(k, m, names[0], before, &c);
		check_root_term(k, m, names[1], before, &c);
	}
	found_counted(k, FINDING_TERM_OTHER_LOAD, &c);
}

void check_terms(struct checking *k)
{
	const struct model *m, *earlier;

	if (!has_root(k))
		return;
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		for (unsigned j = 0; j < k->cfg->plans[i].n_stages; j++)
			check_stage(k, &k->cfg->plans[i], &k->cfg->plans[i].stages[j]);
	for (unsigned i = 0; (m = model_at(i)) != NULL; i++) {
		unsigned j = 0;
		while ((earlier = model_at(j)) != m && strcmp(earlier->family, m->family) != 0)
			j++;
		if (earlier == m && m->term_file[0]) /* the first of its family */
			check_root_family(k, m->family);
	}
}
