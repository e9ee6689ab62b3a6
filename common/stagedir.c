/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The directories below stages/<plan>/ made true: one a complete stage, and the waiting room. Whoever applies
 * holds the root's lock (view_lock). A directory whose load left the plan stays while a phone's link points
 * to it.
 */
#include "stagedir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

struct publishing {
	const char *root;
	const struct plan *pl;
	bool apply;
	stagedir_fn fn;
	void *arg;
	bool differed;
};

static void tell(struct publishing *p, enum stagedir_change change, const char *path, const char *what)
{
	p->differed = true;
	if (p->fn)
		p->fn(p->arg, change, path, what);
}

static int publish_one(struct publishing *p, const struct site_files *s, int stage_no, size_t xml_bytes,
		       struct err *e)
{
	CLEANUP(listing_fini) struct listing l = { .n = 0 };
	const struct loadset *stage = plan_stage(p->pl, stage_no);
	char path[STAGEDIR_PATH], dir[STAGEDIR_PATH], what[160] = "";

	if (content_listing(s, p->root, p->pl, stage_no, xml_bytes, &l, e) < 0 ||
	    stagedir_path(path, sizeof(path), "stages", p->pl->name, stage ? stage->load.s : WAITING_ROOM,
			  e) < 0 ||
	    path_join(dir, sizeof(dir), p->root, path, e) < 0)
		return -1;
	int r = listing_compare(&l, dir, what, sizeof(what), e);
	if (r <= 0)
		return r;
	if (p->apply && listing_publish(&l, dir, e) < 0)
		return -1;
	tell(p, r == 2 ? STAGEDIR_NEW : STAGEDIR_CHANGED, path,
	     r == 1  ? what
	     : stage ? "a stage"
		     : "the waiting room: names no load");
	return 0;
}

/* ---- what left the plan */

struct names {
	char **a;
	size_t n;
};

static void names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->a[i]);
	free(names->a);
}

static int collect_name(void *arg, const char *name, struct err *e)
{
	struct names *names = arg;
	char **a = reallocarray(names->a, names->n + 1, sizeof(*a));

	if (!a)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "reading a directory");
	names->a = a;
	a[names->n] = strdup(name);
	return a[names->n++] ? 0 : err_sys(e, ERR_SYSTEM, ENOMEM, "reading a directory");
}

struct search {
	const char *phones; /* the directory */
	const char *text; /* that a link must say */
};

/* 3 = this link does, told from stagedir_each's own 1. */
static int link_points(void *arg, const char *name, struct err *e)
{
	const struct search *s = arg;
	char path[STAGEDIR_PATH], text[STAGEDIR_PATH];

	if (path_join(path, sizeof(path), s->phones, name, e) < 0)
		return -1;
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	if (n < 0)
		return 0;
	text[n] = '\0';
	return strcmp(text, s->text) == 0 ? 3 : 0;
}

/* Does a phone's link point to stages/<plan>/<name>? 1, 0, -1 */
static int is_in_use(const struct publishing *p, const char *name, struct err *e)
{
	char phones[STAGEDIR_PATH], text[STAGEDIR_PATH];
	struct search s = { phones, text };

	if (path_join(phones, sizeof(phones), p->root, "phones", e) < 0 ||
	    stagedir_path(text, sizeof(text), "../stages", p->pl->name, name, e) < 0)
		return -1;
	int r = stagedir_each(phones, link_points, &s, e);
	return r < 0 ? -1 : r == 3;
}

static int remove_one(struct publishing *p, const char *name, struct err *e)
{
	char path[STAGEDIR_PATH], dir[STAGEDIR_PATH];
	struct load_name load;
	bool leftover = strncmp(name, ".loadstep-", 10) == 0; /* of a publish that was cut off */

	if (stagedir_path(path, sizeof(path), "stages", p->pl->name, name, e) < 0 ||
	    path_join(dir, sizeof(dir), p->root, path, e) < 0)
		return -1;
	if (leftover)
		return p->apply ? file_remove_tree(dir, e) : 0;
	if (strcmp(name, WAITING_ROOM) == 0 || load_name_parse(name, strlen(name), &load, NULL) < 0 ||
	    plan_stage_of(p->pl, &load) > 0)
		return 0; /* wanted, or nothing that we would have made */
	int used = is_in_use(p, name, e);
	if (used != 0)
		return used < 0 ? -1 : 0;
	if (p->apply && file_remove_tree(dir, e) < 0)
		return -1;
	tell(p, STAGEDIR_GONE, path, "its load left the plan");
	return 0;
}

static int remove_others(struct publishing *p, struct err *e)
{
	CLEANUP(names_fini) struct names names = { .n = 0 };
	char dir[STAGEDIR_PATH];

	if (stagedir_path(dir, sizeof(dir), p->root, "stages", p->pl->name, e) < 0 ||
	    stagedir_each(dir, collect_name, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (remove_one(p, names.a[i], e) < 0)
			return -1;
	return 0;
}

static int make_parents(const struct publishing *p, struct err *e)
{
	char dir[STAGEDIR_PATH];

	if (stagedir_path(dir, sizeof(dir), p->root, "stages", NULL, e) < 0 || file_mkdir_shared(dir, e) < 0 ||
	    stagedir_path(dir, sizeof(dir), p->root, "stages", p->pl->name, e) < 0)
		return -1;
	return file_mkdir_shared(dir, e);
}

int stagedir_publish(const char *root, const struct config *cfg, const struct plan *pl, bool apply,
		     stagedir_fn fn, void *arg, struct err *e)
{
	CLEANUP(site_files_fini) struct site_files s = { .has_xml = false };
	struct publishing p = { root, pl, apply, fn, arg, false };
	size_t sizes[PLAN_STAGES_MAX + 1];

	(void)cfg; /* what a stage shows is the plan's alone */
	/* The site's XMLDefault is read and judged before anything is touched. */
	if (site_files_read(&s, root, e) < 0 || content_xml_sizes(&s, root, pl, sizes, e) < 0)
		return -1;
	if (apply && make_parents(&p, e) < 0)
		return -1;
	for (int no = 0; no <= (int)pl->n_stages; no++) {
		if (no > 0 && !plan_stage(pl, no)->complete)
			continue; /* not published; one that is there stays as it is */
		if (publish_one(&p, &s, no, sizes[no], e) < 0)
			return -1;
	}
	if (remove_others(&p, e) < 0)
		return -1;
	return p.differed ? 1 : 0;
}
