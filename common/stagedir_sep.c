/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: phones' own SEP<MAC>.cnf.xml, which hide XMLDefault. The load elements are set for the climb and
 * set back afterwards, in the file as it then is. What they named before is a copy of the file outside the root
 * (it may hold passwords), SEP<MAC>.cnf.xml; which loads we have set since is SEP<MAC>.set beside it, so that a
 * load that another hand wrote is told from ours and kept in turn. The set is written before the file is: a cut
 * between the two leaves no load of ours that we take for the site's.
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

#define KEPT_DIR_MODE 0700
#define KEPT_FILE_MODE 0600
#define SET_BYTES_MAX 4096
#define TRIES 5 /* another hand that writes the same file faster than we can is no editor */
#define ELEMENTS_MAX 64

/* The load elements of one document. */
struct loads {
	size_t n;
	bool too_many;
	struct {
		int number;
		char load[LOAD_NAME_MAX + 40];
	} a[ELEMENTS_MAX];
};

struct sep {
	const char *kept;
	const struct plan *pl;
	bool apply;
	stagedir_fn fn;
	void *arg;
	char name[40]; /* SEP<MAC>.cnf.xml */
	char path[STAGEDIR_PATH], copy[STAGEDIR_PATH], set[STAGEDIR_PATH];
	bool is_kept;
	struct strbuf now, before, ours; /* the file, the kept one, the set */
	struct xmlconf *x; /* of now */
	struct loads loads; /* of now */
	struct loads kept_loads;
};

static void sep_fini(struct sep *s)
{
	strbuf_fini(&s->now);
	strbuf_fini(&s->before);
	strbuf_fini(&s->ours);
	xmlconf_free(s->x);
	s->x = NULL;
}

static int note_load(void *arg, const struct xmlconf_element *el)
{
	struct loads *l = arg;

	if (el->load_number < 0)
		return 0;
	if (l->n == ELEMENTS_MAX) {
		l->too_many = true;
		return 1;
	}
	l->a[l->n].number = el->load_number;
	(void)text_copy(l->a[l->n++].load, sizeof(l->a[0].load), el->text);
	return 0;
}

/* <device>, or a <Default> that was stored under this name, which phones take as well (F§5.3). 0, or -1. */
static int parse(const char *path, const struct strbuf *sb, struct xmlconf **ret, struct loads *loads,
		 struct err *e)
{
	if (xmlconf_parse(path, strbuf_text(sb), sb->len, true, ret, e) < 0 &&
	    xmlconf_parse(path, strbuf_text(sb), sb->len, false, ret, NULL) < 0)
		return -1;
	*loads = (struct loads){ .n = 0 };
	(void)xmlconf_walk(*ret, note_load, loads);
	if (loads->too_many)
		return err_set(e, ERR_LIMIT, "%s: more than %d load elements", path, ELEMENTS_MAX);
	return 0;
}

static int sep_init(struct sep *s, const char *root, const char *kept, const struct mac *mac, struct err *e)
{
	char bare[MAC_TEXT_SIZE], set[40];

	strbuf_init(&s->now, XMLCONF_BYTES_MAX);
	strbuf_init(&s->before, XMLCONF_BYTES_MAX);
	strbuf_init(&s->ours, SET_BYTES_MAX);
	s->kept = kept;
	mac_format_bare(bare, mac);
	snprintf(s->name, sizeof(s->name), "SEP%s.cnf.xml", bare);
	snprintf(set, sizeof(set), "SEP%s.set", bare);
	return path_join(s->path, sizeof(s->path), root, s->name, e) < 0 ||
			       path_join(s->copy, sizeof(s->copy), kept, s->name, e) < 0 ||
			       path_join(s->set, sizeof(s->set), kept, set, e) < 0
		       ? -1
		       : 0;
}

/* File, kept copy and set as they are now. 0 = there is a file; 1 = none; -1 */
static int sep_read(struct sep *s, struct err *e)
{
	strbuf_reset(&s->now);
	strbuf_reset(&s->before);
	strbuf_reset(&s->ours);
	int there = file_read(s->path, XMLCONF_BYTES_MAX, &s->now, e);
	int copy = there < 0 ? -1 : file_read(s->copy, XMLCONF_BYTES_MAX, &s->before, e);

	if (copy < 0 || file_read(s->set, SET_BYTES_MAX, &s->ours, e) < 0)
		return -1;
	s->is_kept = copy == 0;
	return there;
}

/* The documents of what was read. */
static int sep_parse(struct sep *s, struct err *e)
{
	struct xmlconf *before = NULL;

	xmlconf_free(s->x);
	s->x = NULL;
	if (parse(s->path, &s->now, &s->x, &s->loads, e) < 0)
		return -1;
	if (!s->is_kept)
		return 0;
	int rc = parse(s->copy, &s->before, &before, &s->kept_loads, e);

	xmlconf_free(before);
	return rc;
}

static void tell(const struct sep *s, enum stagedir_change change, const char *what)
{
	if (s->fn)
		s->fn(s->arg, change, s->name, what);
}

/* The file stays as it is; the phone's own trouble, and nobody else's. */
static int unable(const struct sep *s, enum sep_state *ret, const struct err *why)
{
	*ret = SEP_UNABLE;
	tell(s, STAGEDIR_LEFT, why->text);
	return 0;
}

/* Is this load one that we have set? */
static bool is_ours(const struct sep *s, const char *load)
{
	size_t n = strlen(load);

	for (const char *p = strbuf_text(&s->ours); n && *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (strncmp(p, load, n) == 0 && p[n] == '\n')
			return true;
	return false;
}

static bool all_ours(const struct sep *s)
{
	for (size_t i = 0; i < s->loads.n; i++)
		if (!is_ours(s, s->loads.a[i].load))
			return false;
	return s->loads.n > 0;
}

static bool all_name(const struct sep *s, const struct load_name *load)
{
	for (size_t i = 0; i < s->loads.n; i++)
		if (strcmp(s->loads.a[i].load, load->s) != 0)
			return false;
	return s->loads.n > 0;
}

/* ---- naming a load */

static int put_set(const struct sep *s, const char *before, const struct load_name *load, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SET_BYTES_MAX);

	strbuf_addf(&sb, "%s%s\n", before, load->s);
	return strbuf_check(&sb, s->set, e) < 0 ||
			       file_replace(s->set, strbuf_text(&sb), sb.len, KEPT_FILE_MODE, 0, e) < 0
		       ? -1
		       : 0;
}

/* What the file names is the site's: keep it, whole. */
static int keep(const struct sep *s, struct err *e)
{
	return file_mkdirs(s->kept, KEPT_DIR_MODE, e) < 0 ||
			       file_replace(s->copy, strbuf_text(&s->now), s->now.len, KEPT_FILE_MODE, 0, e) <
				       0
		       ? -1
		       : 0;
}

/* The document with each of its load elements naming this; one is made where there is none. */
static int name_load(struct sep *s, const struct load_name *load, struct strbuf *sb, struct err *e)
{
	struct xmlconf_load a[ELEMENTS_MAX] = { { 0, "", load->s } };
	size_t n = s->loads.n;

	for (size_t i = 0; i < n; i++)
		a[i] = (struct xmlconf_load){ s->loads.a[i].number, "", load->s };
	if (xmlconf_set_loads(s->x, a, n ? n : 1, false, e) < 0)
		return -1;
	return xmlconf_format(s->x, 0, sb, e);
}

/* 0 = written; 1 = another hand was there: once more; -1 */
static int write_load(struct sep *s, const struct load_name *load, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX + 256);
	bool ours = s->is_kept && all_ours(s);

	if ((!ours && keep(s, e) < 0) || put_set(s, ours ? strbuf_text(&s->ours) : "", load, e) < 0 ||
	    name_load(s, load, &sb, e) < 0)
		return -1;
	int rc = file_replace_own(s->path, &s->now, strbuf_text(&sb), sb.len, e);
	return rc == 0 ? put_set(s, "", load, e) : rc;
}

/* One look at the file, and what follows from it. 2 = another hand was there: look again. */
static int set_once(struct sep *s, const struct load_name *load, enum sep_state *ret, struct err *e)
{
	char what[128];
	int there = sep_read(s, e);

	*ret = SEP_NONE;
	if (there == 1)
		return 0;
	if (there < 0 || sep_parse(s, e) < 0)
		return unable(s, ret, e);
	*ret = SEP_SET;
	if (all_name(s, load))
		return 0;
	int rc = s->apply ? write_load(s, load, e) : 0;
	if (rc != 0)
		return rc < 0 ? unable(s, ret, e) : 2;
	snprintf(what, sizeof(what), "names %s", load->s);
	tell(s, STAGEDIR_CHANGED, what);
	return 1;
}

static int busy(const struct sep *s, enum sep_state *ret, struct err *e)
{
	err_set(e, ERR_TREE, "somebody else writes it all the time");
	return unable(s, ret, e);
}

static int set_load(struct sep *s, const struct load_name *load, enum sep_state *ret, struct err *e)
{
	int rc = 2;

	for (int i = 0; i < TRIES && rc == 2; i++)
		rc = set_once(s, load, ret, e);
	return rc == 2 ? busy(s, ret, e) : rc;
}

int stagedir_sep_set(const char *root, const char *kept, const struct mac *mac, const struct load_name *load,
		     bool apply, stagedir_fn fn, void *arg, enum sep_state *ret, struct err *e)
{
	CLEANUP(sep_fini) struct sep s = { .apply = apply, .fn = fn, .arg = arg };
	int dropped = sep_made_drop(root, kept, mac, apply, fn, arg, e);

	*ret = SEP_NONE;
	if (dropped != 0) /* of a climb before this one */
		return dropped;
	return sep_init(&s, root, kept, mac, e) < 0 ? -1 : set_load(&s, load, ret, e);
}

/* ---- and what it named before */

static const char *kept_load(const struct sep *s, int number)
{
	for (size_t i = 0; i < s->kept_loads.n; i++)
		if (s->kept_loads.a[i].number == number)
			return s->kept_loads.a[i].load;
	return NULL;
}

/* Would what the site named take a phone back that has done the plan? A classic SIP load reads SIP<MAC>.cnf and
 * never this file (F§2.3). */
static bool takes_back(const struct sep *s)
{
	const struct loadset *last = s->pl ? plan_stage(s->pl, (int)s->pl->n_stages) : NULL;

	if (!last || (last->generation == GEN_CLASSIC && last->proto == PROTO_SIP))
		return false;
	for (size_t i = 0; i < s->kept_loads.n; i++) {
		struct load_name load = { "" };
		if (!text_copy(load.s, sizeof(load.s), s->kept_loads.a[i].load))
			continue;
		int no = plan_stage_of(s->pl, &load);
		if (no > 0 && no < (int)s->pl->n_stages)
			return true;
	}
	return false;
}

/* The elements that still name a load of ours, with what they named; a load that another hand wrote stays. */
static int name_former(struct sep *s, struct strbuf *sb, struct err *e)
{
	struct xmlconf_load a[ELEMENTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < s->loads.n; i++) {
		const char *was = kept_load(s, s->loads.a[i].number);
		if (was && is_ours(s, s->loads.a[i].load))
			a[n++] = (struct xmlconf_load){ s->loads.a[i].number, "", was };
	}
	int rc = s->kept_loads.n == 0 && all_ours(s) ? xmlconf_remove_loads(s->x, e)
		 : n				     ? xmlconf_set_loads(s->x, a, n, false, e)
						     : 0;
	return rc < 0 ? -1 : xmlconf_format(s->x, 0, sb, e);
}

static int drop(const struct sep *s, struct err *e)
{
	if ((unlink(s->copy) < 0 && errno != ENOENT) || (unlink(s->set) < 0 && errno != ENOENT))
		return err_sys(e, ERR_SYSTEM, errno, "removing %s", s->copy);
	return 0;
}

/* 0 = written, or so already; 1 = another hand was there; -1 */
static int write_former(struct sep *s, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX + 256);

	if (name_former(s, &sb, e) < 0)
		return -1;
	if (sb.len == s->now.len && memcmp(strbuf_text(&sb), strbuf_text(&s->now), sb.len) == 0)
		return 0;
	return file_replace_own(s->path, &s->now, strbuf_text(&sb), sb.len, e);
}

static int back_once(struct sep *s, enum sep_state *ret, struct err *e)
{
	int there = sep_read(s, e);

	*ret = SEP_NONE;
	if (there < 0 || (there == 0 && s->is_kept && sep_parse(s, e) < 0))
		return unable(s, ret, e);
	if (!s->is_kept)
		return 0;
	if (there == 0 && takes_back(s)) {
		int rc = set_load(s, &plan_stage(s->pl, (int)s->pl->n_stages)->load, ret, e);
		*ret = *ret == SEP_SET ? SEP_HELD : *ret;
		return rc;
	}
	int rc = there == 0 && s->apply ? write_former(s, e) : 0;
	if (rc == 0 && s->apply)
		rc = drop(s, e);
	if (rc != 0)
		return rc < 0 ? unable(s, ret, e) : 2;
	tell(s, STAGEDIR_CHANGED,
	     there == 0 ? "names again what it named before" : "is gone: nothing is kept");
	return 1;
}

int stagedir_sep_back(const char *root, const char *kept, const struct mac *mac, const struct plan *pl,
		      bool apply, stagedir_fn fn, void *arg, enum sep_state *ret, struct err *e)
{
	CLEANUP(sep_fini) struct sep s = { .pl = pl, .apply = apply, .fn = fn, .arg = arg };
	int rc = 2, dropped = sep_made_drop(root, kept, mac, apply, fn, arg, e);

	*ret = SEP_NONE;
	if (dropped != 0)
		return dropped;
	if (sep_init(&s, root, kept, mac, e) < 0)
		return -1;
	for (int i = 0; i < TRIES && rc == 2; i++)
		rc = back_once(&s, ret, e);
	return rc == 2 ? busy(&s, ret, e) : rc;
}

struct each {
	stagedir_mac_fn fn;
	void *arg;
};

static int each_name(void *arg, const char *name, struct err *e)
{
	const struct each *each = arg;
	struct file_identity id;

	file_identity(name, &id);
	if (!id.mac_known || strncmp(name, "SEP", 3) != 0 || !strstr(name, ".cnf.xml"))
		return 0;
	return each->fn(each->arg, &id.mac, e);
}

int stagedir_sep_each(const char *kept, stagedir_mac_fn fn, void *arg, struct err *e)
{
	struct each each = { fn, arg };
	int rc = stagedir_each(kept, each_name, &each, e);

	if (rc == 0)
		rc = sep_made_each(kept, each_name, &each, e);
	return rc == 1 ? 0 : rc;
}
