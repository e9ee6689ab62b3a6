/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of what lies in the TFTP root: load sets, stages, files with secrets; and what such checks share. */
#include "check_tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "phone.h"
#include "publish.h"
#include "stagedir.h"
#include "strbuf.h"

const char *below_root(const struct checking *k, char buf[static PATH_BYTES], const char *name)
{
	snprintf(buf, PATH_BYTES, "%s/%s", k->cfg->tftp_root, name);
	return buf;
}

bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

bool in_root(const struct checking *k, const char *name)
{
	char path[PATH_BYTES];
	struct stat sb;

	return stat(below_root(k, path, name), &sb) == 0 && S_ISREG(sb.st_mode);
}

void each_in_root(struct checking *k, root_fn fn, void *arg)
{
	CLEANUP(cleanup_dir) DIR *dir = has_root(k) ? opendir(k->cfg->tftp_root) : NULL;
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			fn(k, arg, d->d_name);
}

const char *xml_fault_at(const char *path, const char *told, char place[static PATH_BYTES])
{
	size_t n = strlen(path);
	const char *colon = strncmp(told, path, n) == 0 ? strstr(told + n, ": ") : NULL;

	snprintf(place, PATH_BYTES, "%.*s", colon ? (int)(colon - told) : (int)n, colon ? told : path);
	return colon ? colon + 2 : told;
}

/* ---- counted findings */

void count_one(struct counted *c, const char *place, const char *what, ...)
{
	va_list ap;

	if (c->n++ > 0 && strverscmp(place, c->place) >= 0)
		return;
	(void)text_copy(c->place, sizeof(c->place), place);
	va_start(ap, what);
	vsnprintf(c->what, sizeof(c->what), what, ap);
	va_end(ap);
}

void found_counted(struct checking *k, enum finding_id id, const struct counted *c)
{
	if (c->n == 1)
		found(k, id, c->place, "%s", c->what);
	else if (c->n > 1)
		found(k, id, c->place, "%s, and %u more of its kind", c->what, c->n - 1);
}

void found_all(struct checking *k, const struct counted counts[static FINDING_COUNT])
{
	for (unsigned id = 0; id < FINDING_COUNT; id++)
		found_counted(k, (enum finding_id)id, &counts[id]);
}

/* ---- load sets */

/* stagedir's words for what is wrong with a set: "FILE is missing", "FILE is there as …", "FILE …". */
static enum finding_id loadset_finding(const char *dir, const char *words)
{
	struct stat sb;

	if (ends_with(words, " is missing"))
		return stat(dir, &sb) < 0 && strncmp(words, "loads/", 6) == 0 ? FINDING_LOADSET_MISSING
									      : FINDING_LOADSET_INCOMPLETE;
	return strstr(words, " is there as ") ? FINDING_MEMBER_CASE : FINDING_LOADSET_DAMAGED;
}

static void check_loadset(struct checking *k, const struct plan *pl, unsigned i)
{
	char words[256] = "", place[PATH_BYTES], dir[PATH_BYTES], name[LOAD_NAME_MAX + 8];
	const char *load = pl->stages[i].load.s;
	struct loadset ls;
	struct err e;

	int rc = stagedir_stage(k->cfg->tftp_root, pl, (int)i + 1, &ls, words, sizeof(words), &e);
	if (rc == 0)
		return;
	snprintf(name, sizeof(name), "loads/%s", load);
	below_root(k, dir, name);
	if (rc < 0) {
		found(k, FINDING_TREE_UNREADABLE, dir, "plan %s, stage %u: %s", pl->name, i + 1, e.text);
		return;
	}
	enum finding_id id = loadset_finding(dir, words);
	size_t file = strcspn(words, " ");
	const char *rest = words + file + strspn(words + file, " ");

	snprintf(place, sizeof(place), "%s/%.*s", k->cfg->tftp_root, (int)file, words);
	found(k, id, id == FINDING_LOADSET_MISSING ? dir : place, "plan %s, stage %u %s: %s", pl->name, i + 1,
	      load, id == FINDING_LOADSET_MISSING ? "the whole load is missing" : rest);
}

void check_loadsets(struct checking *k)
{
	for (unsigned i = 0; has_root(k) && i < k->cfg->n_plans; i++)
		for (unsigned j = 0; j < k->cfg->plans[i].n_stages; j++)
			check_loadset(k, &k->cfg->plans[i], j);
}

/* ---- stages and links against the state */

static enum finding_id change_finding(enum stagedir_change change, const char *path)
{
	if (strncmp(path, "phones/", 7) == 0)
		return FINDING_LINK_DIFFERS;
	if (path[0] == '/')
		return FINDING_TFTPD_MAP; /* the one thing that is not below the root */
	switch (change) {
	case STAGEDIR_NEW:
		return FINDING_STAGE_NOT_PUBLISHED;
	case STAGEDIR_GONE:
		return FINDING_STAGE_LEFT_OVER;
	case STAGEDIR_LEFT:
		return strncmp(path, "SEP", 3) == 0 ? FINDING_SEP_OVERRIDES_DEFAULT :
		       file_is_term(path)	    ? FINDING_TERM_OTHER_LOAD :
						      FINDING_LOADSET_DAMAGED;
	case STAGEDIR_SAME:
	case STAGEDIR_CHANGED:
		return FINDING_STAGE_OUTDATED;
	}
	return FINDING_STAGE_OUTDATED;
}

static void on_change(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	struct checking *k = arg;
	char place[PATH_BYTES];

	if (change == STAGEDIR_SAME)
		return;
	const char *at = path[0] == '/' ? path : below_root(k, place, path);

	if (change == STAGEDIR_LEFT)
		found(k, change_finding(change, path), at, "%s%s",
		      strncmp(path, "SEP", 3) == 0 ? "the phone does not climb: " : "", what);
	else
		found(k, change_finding(change, path), at, "as it must be: %s", what && what[0] ? what : "otherwise");
}

void check_published(struct checking *k)
{
	struct err e;

	if (!has_root(k) || !k->c->fleet || !k->xml_good)
		return;
	if (publish_run(k->c->fleet, false, on_change, k, NULL, ctl_now_ms(), &e) < 0)
		found(k, FINDING_TREE_UNREADABLE, k->cfg->tftp_root, "%s", e.text);
}

/* ---- files with passwords */

static void check_secret(struct checking *k, void *arg, const char *name)
{
	struct file_identity id;
	char path[PATH_BYTES];
	struct stat sb;

	if (strncmp(name, "SEP", 3) != 0 && strncmp(name, "SIP", 3) != 0)
		return;
	file_identity(name, &id);
	if (id.mac_known && stat(below_root(k, path, name), &sb) == 0 && S_ISREG(sb.st_mode) &&
	    sb.st_mode & S_IROTH)
		count_one(arg, path, "every user may read it");
}

void check_secrets(struct checking *k)
{
	struct counted readable = { 0 };

	each_in_root(k, check_secret, &readable);
	found_counted(k, FINDING_SECRET_READABLE, &readable);
}
