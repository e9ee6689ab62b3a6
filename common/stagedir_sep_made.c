/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: a SEP<MAC>.cnf.xml in the root where the phone has none, for one that reads XMLDefault and takes no
 * notice of it. Only that phone asks for the name; the file is there for its climb and goes afterwards. What was written
 * is kept beside the copies of the sites' own files, so that a file that another hand has written, or changed, is told
 * from ours: that one is the site's from then on, and stays. The new bytes are kept before the file has them: a cut
 * between the two leaves no file of ours that we take for the site's.
 */
#include "stagedir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

#define MADE_DIR "made"
#define KEPT_DIR_MODE 0700
#define KEPT_FILE_MODE 0600
#define FILE_MODE 0644
#define TRIES 5

struct made {
	char name[40]; /* SEP<MAC>.cnf.xml */
	char path[STAGEDIR_PATH], dir[STAGEDIR_PATH], bytes[STAGEDIR_PATH], fresh[STAGEDIR_PATH];
	bool there, ours, noted;
	struct strbuf now;
};

static void made_fini(struct made *m)
{
	strbuf_fini(&m->now);
}

static bool says(const char *path, const struct strbuf *bytes, bool *ret_there)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);

	if (file_read(path, XMLCONF_BYTES_MAX, &sb, NULL) != 0)
		return false;
	*ret_there = true;
	return sb.len == bytes->len && memcmp(strbuf_text(&sb), strbuf_text(bytes), sb.len) == 0;
}

/* The file as it is now, and whether it is what we have written. */
static int made_read(struct made *m, struct err *e)
{
	strbuf_reset(&m->now);
	int rc = file_read(m->path, XMLCONF_BYTES_MAX, &m->now, e);

	if (rc < 0)
		return -1;
	m->there = rc == 0;
	m->noted = false;
	bool last = says(m->bytes, &m->now, &m->noted), fresh = says(m->fresh, &m->now, &m->noted);
	m->ours = m->there && (last || fresh);
	return 0;
}

static int made_init(struct made *m, const char *root, const char *kept, const struct mac *mac, struct err *e)
{
	char bare[MAC_TEXT_SIZE], fresh[40];

	strbuf_init(&m->now, XMLCONF_BYTES_MAX);
	mac_format_bare(bare, mac);
	snprintf(m->name, sizeof(m->name), "SEP%s.cnf.xml", bare);
	snprintf(fresh, sizeof(fresh), "SEP%s.new", bare);
	if (path_join(m->path, sizeof(m->path), root, m->name, e) < 0 ||
	    path_join(m->dir, sizeof(m->dir), kept, MADE_DIR, e) < 0 ||
	    path_join(m->bytes, sizeof(m->bytes), m->dir, m->name, e) < 0 ||
	    path_join(m->fresh, sizeof(m->fresh), m->dir, fresh, e) < 0)
		return -1;
	return made_read(m, e);
}

static int made_forget(const struct made *m, struct err *e)
{
	if ((unlink(m->bytes) < 0 && errno != ENOENT) || (unlink(m->fresh) < 0 && errno != ENOENT))
		return err_sys(e, ERR_SYSTEM, errno, "removing %s", m->bytes);
	return 0;
}

int sep_made_drop(const char *root, const char *kept, const struct mac *mac, bool apply, stagedir_fn fn, void *arg,
		  struct err *e)
{
	CLEANUP(made_fini) struct made m = { .there = false };

	if (made_init(&m, root, kept, mac, e) < 0)
		return -1;
	if (!m.noted)
		return 0;
	if (apply && m.ours && unlink(m.path) < 0 && errno != ENOENT)
		return err_sys(e, ERR_TREE, errno, "removing %s", m.path);
	if (apply && made_forget(&m, e) < 0)
		return -1;
	if (m.ours && fn)
		fn(arg, STAGEDIR_GONE, m.name, "was made for the climb");
	return m.ours ? 1 : 0;
}

/* A file that nobody has made meanwhile. 0; 1 = somebody has; -1 */
static int create(const struct made *m, const struct strbuf *sb, struct err *e)
{
	char temp[STAGEDIR_PATH];

	snprintf(temp, sizeof(temp), "%.*s.loadstep-sep", (int)(path_base(m->path) - m->path), m->path);
	(void)unlink(temp); /* of a publish that was cut off */
	if (file_replace(temp, strbuf_text(sb), sb->len, FILE_MODE, 0, e) < 0)
		return -1;
	int rc = link(temp, m->path) == 0 ? 0 : errno == EEXIST ? 1 : -1;
	if (rc < 0)
		err_sys(e, ERR_TREE, errno, "making %s", m->path);
	(void)unlink(temp);
	return rc;
}

/* 0 = written; 1 = another hand was there; -1 */
static int write_made(const struct made *m, const struct strbuf *sb, struct err *e)
{
	if (strbuf_check(sb, m->path, e) < 0 || file_mkdirs(m->dir, KEPT_DIR_MODE, e) < 0 ||
	    file_replace(m->fresh, strbuf_text(sb), sb->len, KEPT_FILE_MODE, 0, e) < 0)
		return -1;
	int rc = m->there ? file_replace_own(m->path, &m->now, strbuf_text(sb), sb->len, e) : create(m, sb, e);
	if (rc == 0 && rename(m->fresh, m->bytes) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "keeping %s", m->bytes);
	return rc;
}

static int content(const struct plan *pl, const struct loadset *stage, bool whole_default, struct strbuf *sb,
		   struct err *e)
{
	CLEANUP(site_xml_close) struct xmlconf *x = NULL;
	struct load_elements le;

	if (!whole_default) {
		sep_device_text(stage, sb);
		return 0;
	}
	if (xmlconf_builtin(&x, e) < 0)
		return -1;
	load_elements_of(pl, &stage->load, stage->generation == GEN_CLASSIC, &le);
	return xmlconf_set_loads(x, le.a, le.n, false, e) < 0 ? -1 : xmlconf_format(x, 0, sb, e);
}

int stagedir_sep_give(const char *root, const char *kept, const struct mac *mac, const struct plan *pl,
		      const struct load_name *load, bool whole_default, bool apply, stagedir_fn fn, void *arg,
		      enum sep_state *ret, struct err *e)
{
	CLEANUP(made_fini) struct made m = { .there = false };
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	const struct loadset *stage = plan_stage(pl, plan_stage_of(pl, load));
	char what[128];
	int rc = 1;

	if (!stage)
		return stagedir_sep_set(root, kept, mac, load, apply, fn, arg, ret, e);
	if (made_init(&m, root, kept, mac, e) < 0 || content(pl, stage, whole_default, &sb, e) < 0)
		return -1;
	for (int i = 0; rc == 1 && i < TRIES; i++) {
		if (i > 0 && made_read(&m, e) < 0)
			return -1;
		if (m.there && !m.ours) /* the site has made one: what is said of its own files holds for it */
			return stagedir_sep_set(root, kept, mac, load, apply, fn, arg, ret, e);
		*ret = whole_default ? SEP_GIVEN_DEFAULT : SEP_GIVEN;
		if (m.there && m.now.len == sb.len && memcmp(strbuf_text(&m.now), strbuf_text(&sb), sb.len) == 0)
			return 0;
		rc = apply ? write_made(&m, &sb, e) : 0;
	}
	if (rc != 0)
		return rc < 0 ? -1 : err_set(e, ERR_TREE, "%s: somebody else writes it all the time", m.path);
	snprintf(what, sizeof(what), "names %s, for it takes no notice of XMLDefault", load->s);
	if (fn)
		fn(arg, m.there ? STAGEDIR_CHANGED : STAGEDIR_NEW, m.name, what);
	return 1;
}

int sep_made_each(const char *kept, dir_fn fn, void *arg, struct err *e)
{
	char dir[STAGEDIR_PATH];

	return path_join(dir, sizeof(dir), kept, MADE_DIR, e) < 0 ? -1 : stagedir_each(dir, fn, arg, e);
}
