/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A load that some file names: is its name one that phones take, is it of their family, and are its files there?
 * (F§8 rows 4–7 and 47, F§7.1 A13.)
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "check_tree.h"
#include "cleanup.h"
#include "stagedir.h"
#include "strbuf.h"

#define WHAT_BYTES 400

static const struct {
	enum finding_id id;
	const char *words;
} oddities[] = {
	[LOAD_ODD_EMPTY] = { FINDING_LOAD_EMPTY, "names no load" },
	[LOAD_ODD_EXTENSION] = { FINDING_LOAD_HAS_EXTENSION, "a file's name: a load has no extension" },
	[LOAD_ODD_LETTER_O] = { FINDING_LOAD_NAME_ODD, "the letter O where Cisco writes the digit zero" },
	[LOAD_ODD_BYTES] = { FINDING_LOAD_NAME_ODD,
			     "a load's name has letters, digits, '-', '.' and '_' only" },
	[LOAD_ODD_LOADER] = { FINDING_LOAD_NAME_ODD,
			      "the loader inside a SIP package, not a load: that begins with P0S3" },
	[LOAD_ODD_CASE] = { FINDING_LOAD_NAME_ODD, "names are case-sensitive: Cisco writes capitals" },
	[LOAD_ODD_FAMILY] = { FINDING_LOAD_NAME_ODD, "no phone is of that family of loads" },
};

/* The models of that family: "7941, 7961" */
static const char *family_models(const char *family, char *buf, size_t size)
{
	const struct model *m;
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned i = 0; (m = model_at(i)) != NULL; i++)
		if (strcmp(m->family, family) == 0 && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", m->name);
	return buf;
}

int mention_name(const struct mention *m, enum finding_id *ret_id, char what[static WHAT_BYTES])
{
	enum load_oddity odd = load_name_oddity(m->load);
	char models[128];

	if (odd == LOAD_ODD_LOADER && m->loader_too)
		return 0;
	if (odd != LOAD_ODD_NOT) {
		*ret_id = oddities[odd].id;
		if (odd == LOAD_ODD_EMPTY)
			snprintf(what, WHAT_BYTES, "%s %s", m->who, oddities[odd].words);
		else
			snprintf(what, WHAT_BYTES, "%s names %.80s: %s", m->who, m->load,
				 oddities[odd].words);
		return 1;
	}
	if (!m->model || model_takes(m->model, m->load) != 1)
		return 0;
	*ret_id = FINDING_WRONG_FAMILY;
	snprintf(what, WHAT_BYTES, "%s names %.80s, a load for the %s, and is the %s's", m->who, m->load,
		 family_models(load_family(m->load), models, sizeof(models)), m->model->name);
	return 1;
}

/* ---- its files */

static const char *const extensions[] = { ".loads", ".bin", ".sbn" };

/* A name in a directory that one of the load's has but for the case, "" = none. */
static void other_case(const char *dir_path, const char *load, char ret[static 256])
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	size_t n = strlen(load);
	const struct dirent *d;

	ret[0] = '\0';
	while (dir && (d = readdir(dir)) != NULL)
		for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
			if (strncasecmp(d->d_name, load, n) == 0 &&
			    strcasecmp(d->d_name + n, extensions[i]) == 0)
				(void)text_copy(ret, 256, d->d_name);
}

static bool has_load(const struct checking *k, const char *dir, const char *load)
{
	char name[PATH_BYTES];

	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		snprintf(name, sizeof(name), "%s%s%s", dir, load, extensions[i]);
		if (in_root(k, name))
			return true;
	}
	return false;
}

/* One directory below the root, "" = in none. Where requests are mapped (tftpd-hpa) that may be right. */
static bool in_directory(const struct checking *k, const char *load, char ret[static 256])
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(k->cfg->tftp_root);
	char path[PATH_BYTES], below[300];
	const struct dirent *d;
	struct stat sb;

	while (dir && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' || lstat(below_root(k, path, d->d_name), &sb) < 0 ||
		    !S_ISDIR(sb.st_mode))
			continue;
		snprintf(below, sizeof(below), "%s/", d->d_name);
		if (!has_load(k, below, load))
			continue;
		(void)text_copy(ret, 256, d->d_name);
		return true;
	}
	return false;
}

/* A stage of some plan: its phones get it there, and those that are done have it already. */
static bool is_staged(const struct checking *k, const char *load)
{
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		for (unsigned j = 0; j < k->cfg->plans[i].n_stages; j++)
			if (strcmp(k->cfg->plans[i].stages[j].load.s, load) == 0)
				return true;
	return false;
}

/* Loose in the root: what its list names must lie there, too (F§8 rows 8, 9). */
static int check_members(const struct checking *k, const struct mention *m, char what[static WHAT_BYTES])
{
	struct load_name load;
	struct loadset ls;
	char words[256];
	struct err e;

	if (load_name_parse(m->load, strlen(m->load), &load, NULL) < 0 ||
	    stagedir_loadset(k->cfg->tftp_root, &load, &ls, words, sizeof(words), &e) != 1 ||
	    strncmp(words, "loads/", 6) == 0) /* imported as well: a plan's, told there */
		return 0;
	snprintf(what, WHAT_BYTES, "%s names %.63s, and %s", m->who, m->load, words);
	return 1;
}

int mention_files(const struct checking *k, const struct mention *m, enum finding_id *ret_id,
		  char what[static WHAT_BYTES])
{
	char other[256] = "", own[LOAD_NAME_MAX + 16];

	if (has_load(k, "", m->load)) {
		*ret_id = FINDING_MEMBER_MISSING;
		return m->loader_too ? 0 : check_members(k, m, what);
	}
	*ret_id = FINDING_LOAD_NOT_FOUND;
	snprintf(own, sizeof(own), "loads/%.63s/", m->load);
	bool imported = has_load(k, own, m->load);
	if (imported && is_staged(k, m->load))
		return 0;
	other_case(k->cfg->tftp_root, m->load, other);
	if (other[0]) {
		snprintf(what, WHAT_BYTES, "%s names %.63s, and its file is there as %.80s", m->who, m->load,
			 other);
		return 1;
	}
	if (imported || in_directory(k, m->load, other)) {
		if (!imported && k->cfg->daemon == DAEMON_TFTPD_HPA)
			return 0; /* its map may lead there */
		snprintf(what, WHAT_BYTES, "%s names %.63s, which lies in %.80s, where nobody asks for it",
			 m->who, m->load, imported ? own : other);
		return 1;
	}
	snprintf(what, WHAT_BYTES, "%s names %.63s, which is not there", m->who, m->load);
	return 1;
}
