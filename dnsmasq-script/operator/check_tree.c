/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of what lies in the TFTP root: load sets, stages, the site's own XMLDefault, files with secrets. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "phone.h"
#include "publish.h"
#include "stagedir.h"
#include "strbuf.h"
#include "xmlconf.h"

#define PATH_BYTES 512
#define XMLDEFAULT "XMLDefault.cnf.xml"

static const char *below_root(const struct checking *k, char buf[static PATH_BYTES], const char *name)
{
	snprintf(buf, PATH_BYTES, "%s/%s", k->cfg->tftp_root, name);
	return buf;
}

static bool has_root(const struct checking *k)
{
	return k->cfg && k->cfg->tftp_root[0] != '\0';
}

/* ---- load sets */

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

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

	int rc = stagedir_loadset(k->cfg->tftp_root, &pl->stages[i].load, &ls, words, sizeof(words), &e);
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

/* ---- the site's own XMLDefault */

/* "PATH:LINE:COLUMN: text", or what else it says. */
static void xml_fault(struct checking *k, const char *path, const char *text)
{
	char place[PATH_BYTES + 32];
	size_t n = strlen(path);
	const char *colon = strncmp(text, path, n) == 0 ? strstr(text + n, ": ") : NULL;
	enum finding_id id = strstr(text, "the root element is") ? FINDING_XML_ROOT : FINDING_XML_MALFORMED;

	snprintf(place, sizeof(place), "%.*s", colon ? (int)(colon - text) : (int)n, colon ? text : path);
	found(k, id, place, "%s", colon ? colon + 2 : text);
}

/* Which load the plain root names for the plan's models, if any: only a whole file is asked. */
static void check_root_load(struct checking *k, const struct plan *pl, const char *path)
{
	struct load_name load;
	struct err e;

	if (stagedir_root_load(k->cfg->tftp_root, pl, &load, &e) != 0)
		return;
	bool last = plan_stage_of(pl, &load) == (int)pl->n_stages;
	found(k, FINDING_ROOT_NAMES_LOAD, path, "it names %s for models of plan %s%s", load.s, pl->name,
	      last ? ", the plan's last load" : "");
}

void check_root_xml(struct checking *k)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct xmlconf *x = NULL;
	char path[PATH_BYTES];
	struct err e;

	if (!has_root(k))
		return;
	below_root(k, path, XMLDEFAULT);
	int rc = file_read(path, XMLCONF_BYTES_MAX, &sb, &e);

	k->xml_good = rc == 1;
	if (rc == 1)
		return;
	if (rc < 0) {
		found(k, FINDING_TREE_UNREADABLE, path, "%s", e.text);
		return;
	}
	if (xmlconf_parse(path, strbuf_text(&sb), sb.len, false, &x, &e) < 0) {
		xml_fault(k, path, e.text);
		return;
	}
	xmlconf_free(x);
	k->xml_good = true;
	for (unsigned i = 0; k->cfg->layout == LAYOUT_VIEWS && i < k->cfg->n_plans; i++)
		check_root_load(k, &k->cfg->plans[i], path);
}

/* ---- stages and links against the state */

static enum finding_id change_finding(enum stagedir_change change, const char *path)
{
	if (strncmp(path, "phones/", 7) == 0)
		return FINDING_LINK_DIFFERS;
	switch (change) {
	case STAGEDIR_NEW:
		return FINDING_STAGE_NOT_PUBLISHED;
	case STAGEDIR_GONE:
		return FINDING_STAGE_LEFT_OVER;
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
	found(k, change_finding(change, path), below_root(k, place, path), "as it must be: %s",
	      what && what[0] ? what : "otherwise");
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

static bool is_secret(const char *dir, const char *name)
{
	struct file_identity id;
	char path[PATH_BYTES];
	struct stat sb;

	if (strncmp(name, "SEP", 3) != 0 && strncmp(name, "SIP", 3) != 0)
		return false;
	file_identity(name, &id);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return id.mac_known && stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_mode & S_IROTH;
}

/* One finding, since a site has them for each phone or for none: the first by name, and how many. */
void check_secrets(struct checking *k)
{
	char place[PATH_BYTES], first[256] = "";
	const struct dirent *d;
	unsigned n = 0;

	if (!has_root(k))
		return;
	CLEANUP(cleanup_dir) DIR *dir = opendir(k->cfg->tftp_root);
	while (dir && (d = readdir(dir)) != NULL) {
		if (!is_secret(k->cfg->tftp_root, d->d_name))
			continue;
		if (n++ == 0 || strcmp(d->d_name, first) < 0)
			(void)text_copy(first, sizeof(first), d->d_name);
	}
	if (n == 1)
		found(k, FINDING_SECRET_READABLE, below_root(k, place, first), "every user may read it");
	else if (n > 1)
		found(k, FINDING_SECRET_READABLE, below_root(k, place, first),
		      "every user may read it, and %u more of its kind", n - 1);
}
