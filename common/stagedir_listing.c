/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A directory as a list: made in memory, compared with what is on disk, and put in place as one thing. A
 * phone that reads while it is exchanged sees the old or the new directory; a transfer under way keeps the
 * file it opened.
 */
#include "stagedir_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "view.h"

#define ENTRIES_MAX 20000 /* names in one TFTP directory: far above any site's */
#define FILE_MODE 0644

int stagedir_path(char *buf, size_t size, const char *root, const char *a, const char *b, struct err *e)
{
	int n = snprintf(buf, size, "%s/%s%s%s", root, a, b ? "/" : "", b ? b : "");

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s/%s/%s: path is too long", root, a, b ? b : "");
	return 0;
}

void listing_fini(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->a[i].name);
		free(l->a[i].text);
	}
	free(l->a);
	*l = (struct listing){ .n = 0 };
}

static int add(struct listing *l, const char *name, const void *bytes, size_t len, bool is_link,
	       struct err *e)
{
	if (l->n == ENTRIES_MAX)
		return err_set(e, ERR_LIMIT, "more than %d names in one directory", ENTRIES_MAX);
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct entry *a = reallocarray(l->a, cap, sizeof(*a));
		if (!a)
			return err_sys(e, ERR_SYSTEM, ENOMEM, "listing");
		l->a = a;
		l->cap = cap;
	}
	struct entry *en = &l->a[l->n];
	*en = (struct entry){ .name = strdup(name),
			      .text = malloc(len + 1),
			      .len = len,
			      .is_link = is_link,
			      .rank = (unsigned)l->n };
	if (!en->name || !en->text) {
		free(en->name);
		free(en->text);
		return err_sys(e, ERR_SYSTEM, ENOMEM, "listing");
	}
	memcpy(en->text, bytes, len);
	en->text[len] = '\0';
	l->n++;
	return 0;
}

int listing_add_link(struct listing *l, const char *name, const char *text, struct err *e)
{
	return add(l, name, text, strlen(text), true, e);
}

int listing_add_file(struct listing *l, const char *name, const struct strbuf *bytes, struct err *e)
{
	if (strbuf_check(bytes, name, e) < 0)
		return -1;
	return add(l, name, strbuf_text(bytes), bytes->len, false, e);
}

static int by_name_and_rank(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->rank > y->rank) - (x->rank < y->rank);
}

void listing_finish(struct listing *l)
{
	size_t kept = 0;

	if (l->n == 0)
		return;
	qsort(l->a, l->n, sizeof(*l->a), by_name_and_rank);
	for (size_t i = 0; i < l->n; i++) {
		if (kept > 0 && strcmp(l->a[kept - 1].name, l->a[i].name) == 0) {
			free(l->a[i].name);
			free(l->a[i].text);
		} else {
			l->a[kept++] = l->a[i];
		}
	}
	l->n = kept;
}

static const struct entry *find(const struct listing *l, const char *name)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int r = strcmp(l->a[mid].name, name);
		if (r == 0)
			return &l->a[mid];
		if (r < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

int stagedir_each(const char *dir, dir_fn fn, void *arg, struct err *e)
{
	CLEANUP(cleanup_dir) DIR *d = opendir(dir);
	const struct dirent *de;

	if (!d && errno == ENOENT)
		return 1;
	if (!d)
		return err_sys(e, ERR_TREE, errno, "reading %s", dir);
	while (errno = 0, (de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		int r = fn(arg, de->d_name, e);
		if (r != 0)
			return r;
	}
	return errno ? err_sys(e, ERR_TREE, errno, "reading %s", dir) : 0;
}

/* ---- comparing */

static bool link_says(const char *path, const struct entry *en)
{
	CLEANUP(cleanup_free) char *text = malloc(en->len + 1);

	return text && readlink(path, text, en->len + 1) == (ssize_t)en->len &&
	       memcmp(text, en->text, en->len) == 0;
}

static bool file_says(const char *path, const struct entry *en)
{
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(en->len);
	struct stat sb;

	if (lstat(path, &sb) < 0 || !S_ISREG(sb.st_mode) || (size_t)sb.st_size != en->len)
		return false;
	return file_read(path, en->len, &now, NULL) == 0 && now.len == en->len &&
	       memcmp(strbuf_text(&now), en->text, en->len) == 0;
}

struct compare {
	const struct listing *l;
	char *what;
	size_t size;
};

/* A name that is there and should not be: 3, told from stagedir_each's own 1. */
static int not_wanted(void *arg, const char *name, struct err *e)
{
	struct compare *c = arg;
	char shown[128];

	(void)e;
	if (find(c->l, name) || view_is_sep_name(name)) /* of a single phone: the fleet's */
		return 0;
	snprintf(c->what, c->size, "%s goes", text_escape(shown, sizeof(shown), name, strlen(name)));
	return 3;
}

int listing_compare(const struct listing *l, const char *dir, char *what, size_t size, struct err *e)
{
	struct compare c = { l, what, size };
	char path[STAGEDIR_PATH];
	struct stat sb;

	if (lstat(dir, &sb) < 0)
		return errno == ENOENT ? 2 : err_sys(e, ERR_TREE, errno, "%s", dir);
	if (!S_ISDIR(sb.st_mode))
		return err_set(e, ERR_TREE, "%s is there and no directory", dir);
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *en = &l->a[i];
		if (path_join(path, sizeof(path), dir, en->name, e) < 0)
			return -1;
		if (en->is_link ? link_says(path, en) : file_says(path, en))
			continue;
		snprintf(what, size, "%s %s", en->name, lstat(path, &sb) < 0 ? "comes" : "differs");
		return 1;
	}
	int r = stagedir_each(dir, not_wanted, &c, e);
	return r == 3 ? 1 : r == 1 ? 2 : r;
}

/* ---- writing */

static int fill(const struct listing *l, const char *dir, struct err *e)
{
	char path[STAGEDIR_PATH];

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *en = &l->a[i];
		if (path_join(path, sizeof(path), dir, en->name, e) < 0)
			return -1;
		if (en->is_link && symlink(en->text, path) < 0)
			return err_sys(e, ERR_TREE, errno, "making %s", path);
		if (!en->is_link && file_replace(path, en->text, en->len, FILE_MODE, 0, e) < 0)
			return -1;
	}
	return 0;
}

struct carry {
	const char *from, *to;
};

/* A single phone's link stays where it is. */
static int carry_sep(void *arg, const char *name, struct err *e)
{
	const struct carry *c = arg;
	char path[STAGEDIR_PATH], text[64];

	if (!view_is_sep_name(name))
		return 0;
	if (path_join(path, sizeof(path), c->from, name, e) < 0)
		return -1;
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	if (n < 0)
		return 0; /* nothing that the fleet made */
	text[n] = '\0';
	if (path_join(path, sizeof(path), c->to, name, e) < 0)
		return -1;
	return symlink(text, path) < 0 && errno != EEXIST ? err_sys(e, ERR_TREE, errno, "making %s", path) : 0;
}

int listing_publish(const struct listing *l, const char *dir, struct err *e)
{
	char fresh[STAGEDIR_PATH], parent[STAGEDIR_PATH];
	struct stat sb;

	snprintf(parent, sizeof(parent), "%.*s", (int)(path_base(dir) - dir), dir);
	if (path_join(fresh, sizeof(fresh), parent, ".loadstep-XXXXXX", e) < 0)
		return -1;
	if (!mkdtemp(fresh))
		return err_sys(e, ERR_TREE, errno, "making a directory in %s", parent);
	struct carry carry = { dir, fresh };
	int failed = fill(l, fresh, e);
	if (!failed)
		failed = stagedir_each(dir, carry_sep, &carry, e) < 0;
	if (!failed && (stat(parent, &sb) < 0 || chmod(fresh, (sb.st_mode & 02775) | FILE_DIR_MODE) < 0))
		failed = err_sys(e, ERR_TREE, errno, "setting the mode of %s", fresh);
	if (!failed)
		failed = file_sync_dir(fresh, e);
	if (!failed)
		failed = file_exchange_dir(fresh, dir, e);
	if (failed) {
		(void)!file_remove_tree(fresh, NULL); /* the first error is the one to tell */
		return -1;
	}
	return file_sync_dir(parent, e) < 0 || file_remove_tree(fresh, e) < 0 ? -1 : 0;
}
