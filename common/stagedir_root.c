/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: what lies below loads/ is linked to from the root, the only place such a server's phones see: the
 * files of all the plan's loads, java members under the list's spelling, and of the default loads (F§2.5), of which a
 * root can hold one generation only, those of the stage that the cohort stands on (F§8 row 29).
 *
 * A file of the site's own under such a name stays, and it is told where it is another one. Only a default load gives
 * way, as XMLDefault does, and stays as FILE.prev: boot code takes whichever it finds. A link that says loads/… is ours.
 */
#include "stagedir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

#define FILE_MODE 0644
#define FRESH_LINK ".loadstep-link" /* one at a time: whoever applies holds the root's lock */
#define OURS "loads/"

struct rootlinks {
	const char *root;
	const struct plan *pl;
	const struct loadset *stage; /* NULL: nobody has started */
	bool apply;
	stagedir_fn fn;
	void *arg;
	bool differed;
};

static void tell(struct rootlinks *r, enum stagedir_change change, const char *path, const char *what)
{
	r->differed = r->differed || change != STAGEDIR_LEFT;
	if (r->fn)
		r->fn(r->arg, change, path, what);
}

enum entry_kind { ENTRY_NONE, ENTRY_LINK, ENTRY_FILE, ENTRY_OTHER };

/* What is there; of a link the text. */
static enum entry_kind look(const char *path, char ret_text[static STAGEDIR_PATH])
{
	struct stat sb;

	ret_text[0] = '\0';
	if (lstat(path, &sb) < 0)
		return errno == ENOENT ? ENTRY_NONE : ENTRY_OTHER;
	if (S_ISREG(sb.st_mode))
		return ENTRY_FILE;
	ssize_t n = S_ISLNK(sb.st_mode) ? readlink(path, ret_text, STAGEDIR_PATH - 1) : -1;
	if (n < 0)
		return ENTRY_OTHER;
	ret_text[n] = '\0';
	return ENTRY_LINK;
}

static bool is_ours(enum entry_kind kind, const char *text)
{
	return kind == ENTRY_LINK && strncmp(text, OURS, sizeof(OURS) - 1) == 0;
}

static int put_link(const struct rootlinks *r, const char *path, const char *text, struct err *e)
{
	char fresh[STAGEDIR_PATH];

	if (path_join(fresh, sizeof(fresh), r->root, FRESH_LINK, e) < 0)
		return -1;
	(void)unlink(fresh); /* of a publish that was cut off */
	if (symlink(text, fresh) < 0 || rename(fresh, path) < 0)
		return err_sys(e, ERR_TREE, errno, "making %s", path);
	return 0;
}

/* ---- the files of the loads */

static const char *load_of(const struct rootlinks *r, const char *text)
{
	for (unsigned i = 0; i < r->pl->n_stages; i++) {
		const char *load = r->pl->stages[i].load.s;
		size_t n = strlen(load);

		if (strncmp(text, OURS, sizeof(OURS) - 1) == 0 &&
		    strncmp(text + sizeof(OURS) - 1, load, n) == 0 && text[sizeof(OURS) - 1 + n] == '/')
			return load;
	}
	return ""; /* loose in the root */
}

/* What lies there is another file than the load's: by its size, which tells two releases' members of one name apart. */
static bool is_another(const struct rootlinks *r, const char *path, const char *text)
{
	char own[STAGEDIR_PATH];
	struct stat a, b;

	return stat(path, &a) == 0 && path_join(own, sizeof(own), r->root, text, NULL) == 0 &&
	       stat(own, &b) == 0 && a.st_size != b.st_size;
}

/* The site's, or another plan's whose load has a member of that name: either stays while it leads somewhere. */
static bool is_others(const struct rootlinks *r, enum entry_kind kind, const char *text, const char *path)
{
	struct stat sb;

	if (!is_ours(kind, text))
		return kind != ENTRY_NONE;
	return load_of(r, text)[0] == '\0' && stat(path, &sb) == 0;
}

/* 1 = a link was made, or must be */
static int link_file(struct rootlinks *r, const struct entry *en, struct err *e)
{
	char path[STAGEDIR_PATH], now[STAGEDIR_PATH];

	if (path_join(path, sizeof(path), r->root, en->name, e) < 0)
		return -1;
	enum entry_kind kind = look(path, now);
	if (strcmp(now, en->text) == 0)
		return 0;
	if (is_others(r, kind, now, path)) {
		if (is_another(r, path, en->text))
			tell(r, STAGEDIR_LEFT, en->name, "another file than the load's lies in its place");
		return 0;
	}
	return r->apply && put_link(r, path, en->text, e) < 0 ? -1 : 1;
}

/* The links to one load's files, told as one; load "": to what lies loose in the root. */
static int link_load(struct rootlinks *r, const struct listing *l, const char *load, struct err *e)
{
	char path[LOAD_NAME_MAX + 16], what[64];
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (file_is_term(l->a[i].name) || strcmp(load_of(r, l->a[i].text), load) != 0)
			continue;
		int rc = link_file(r, &l->a[i], e);
		if (rc < 0)
			return -1;
		n += rc > 0;
	}
	snprintf(path, sizeof(path), "%s%s", load[0] ? OURS : ".", load);
	snprintf(what, sizeof(what), "%u link%s in the root", n, n == 1 ? "" : "s");
	if (n > 0)
		tell(r, STAGEDIR_NEW, path, what);
	return 0;
}

/* ---- default loads */

static bool is_of_plan(const struct plan *pl, const char *term)
{
	char upper[LOAD_FILE_MAX + 1];

	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);

		if (!m || !m->term_file[0])
			continue;
		java_other_spelling(m->term_file, upper);
		if (strcmp(term, m->term_file) == 0 || strcmp(term, upper) == 0)
			return true;
	}
	return false;
}

/* The site's own, kept as XMLDefault's former bytes are. */
static int keep(const char *path, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MANIFEST_BYTES_MAX);
	char prev[STAGEDIR_PATH + 8];

	snprintf(prev, sizeof(prev), "%s.prev", path);
	if (file_read(path, MANIFEST_BYTES_MAX, &sb, e) != 0)
		return -1;
	return file_replace(prev, strbuf_text(&sb), sb.len, FILE_MODE, 0, e) < 0 ? -1 : 0;
}

static int link_default(struct rootlinks *r, const struct entry *en, struct err *e)
{
	char path[STAGEDIR_PATH], now[STAGEDIR_PATH], what[LOAD_NAME_MAX + 16];

	if (path_join(path, sizeof(path), r->root, en->name, e) < 0)
		return -1;
	enum entry_kind kind = look(path, now);
	if (strcmp(now, en->text) == 0)
		return 0;
	if (kind == ENTRY_OTHER) {
		tell(r, STAGEDIR_LEFT, en->name, "no file, and no link, lies in its place");
		return 0;
	}
	if (r->apply && ((kind == ENTRY_FILE && keep(path, e) < 0) || put_link(r, path, en->text, e) < 0))
		return -1;
	snprintf(what, sizeof(what), "is %s's", r->stage->load.s);
	tell(r, kind == ENTRY_NONE ? STAGEDIR_NEW : STAGEDIR_CHANGED, en->name, what);
	return 0;
}

static bool is_listed(const struct listing *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->a[i].name, name) == 0)
			return true;
	return false;
}

/* Ours under either spelling: loose in the root one leads to the other. */
static bool is_our_default(enum entry_kind kind, const char *text)
{
	return is_ours(kind, text) || (kind == ENTRY_LINK && file_is_term(text));
}

/* One that the stage's load has not got: ours goes, the site's is told where it is another release's. */
static int former_default(struct rootlinks *r, const struct listing *l, const char *name, struct err *e)
{
	char path[STAGEDIR_PATH], now[STAGEDIR_PATH];

	if (is_listed(l, name))
		return 0;
	if (path_join(path, sizeof(path), r->root, name, e) < 0)
		return -1;
	enum entry_kind kind = look(path, now);
	if (!is_our_default(kind, now)) {
		if (kind != ENTRY_NONE && !java_default_is_ours(r->root, r->stage, name))
			tell(r, STAGEDIR_LEFT, name,
			     "lists other files than the stage's load, which has none of its own");
		return 0;
	}
	if (r->apply && unlink(path) < 0)
		return err_sys(e, ERR_TREE, errno, "removing %s", path);
	tell(r, STAGEDIR_GONE, name, "the stage's load has none");
	return 0;
}

static int put_defaults(struct rootlinks *r, const struct listing *l, struct err *e)
{
	char upper[LOAD_FILE_MAX + 1];

	for (size_t i = 0; i < l->n; i++)
		if (file_is_term(l->a[i].name) && is_of_plan(r->pl, l->a[i].name) &&
		    link_default(r, &l->a[i], e) < 0)
			return -1;
	for (unsigned i = 0; r->stage->kind == LOAD_JAVA && i < r->pl->n_models; i++) {
		const struct model *m = model_find(r->pl->models[i]);

		if (!m || !m->term_file[0])
			continue;
		java_other_spelling(m->term_file, upper);
		if (former_default(r, l, m->term_file, e) < 0 || former_default(r, l, upper, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- links that lead nowhere any more: their load was taken away */

static int drop_dangling(void *arg, const char *name, struct err *e)
{
	struct rootlinks *r = arg;
	char path[STAGEDIR_PATH], now[STAGEDIR_PATH];
	struct stat sb;

	if (path_join(path, sizeof(path), r->root, name, e) < 0)
		return -1;
	if (!is_ours(look(path, now), now) || stat(path, &sb) == 0 || errno != ENOENT)
		return 0;
	if (r->apply && unlink(path) < 0)
		return err_sys(e, ERR_TREE, errno, "removing %s", path);
	tell(r, STAGEDIR_GONE, name, "what it led to is gone");
	return 0;
}

int stagedir_root_loads(const char *root, const struct plan *pl, int stage_no, bool apply, stagedir_fn fn,
			void *arg, struct err *e)
{
	CLEANUP(listing_fini) struct listing l = { .n = 0 };
	struct rootlinks r = { .root = root, .pl = pl, .apply = apply, .fn = fn, .arg = arg };

	r.stage = plan_stage(pl, stage_no);
	if (pl->n_stages == 0)
		return 0;
	if (content_add_loads(root, "", pl, r.stage, &l, e) < 0)
		return -1;
	listing_finish(&l);
	for (unsigned i = 0; i <= pl->n_stages; i++)
		if (link_load(&r, &l, i < pl->n_stages ? pl->stages[i].load.s : "", e) < 0)
			return -1;
	if (r.stage && put_defaults(&r, &l, e) < 0)
		return -1;
	if (stagedir_each(root, drop_dangling, &r, e) != 0)
		return err_wrap(e, "reading the TFTP root %s", root);
	if (r.differed && apply && file_sync_dir(root, e) < 0)
		return -1;
	return r.differed ? 1 : 0;
}
