/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A file that a phone asked for is not there: is there one that was meant to be it (F§8 rows 9 to 11, 55)? Only load files
 * are looked for in a whole directory, which is remembered until that changes: a phone's own file is missing at each boot
 * of each phone, so of those the few spellings that people write are tried by name.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "fleet_priv.h"

#define PATH_SIZE 512

/* Where the server looked. false: the name does not fit. */
static bool directory_of(struct fleet *f, const struct phone *p, char dir[static PATH_SIZE], bool *ret_root)
{
	struct standing s;

	fleet_standing(f, p, &s);
	*ret_root = s.kind != VIEW_STAGE && s.kind != VIEW_WAITING;
	int n = s.kind == VIEW_STAGE
			? snprintf(dir, PATH_SIZE, "%s/stages/%s/%s", f->view.root, s.plan, s.load.s)
		: s.kind == VIEW_WAITING
			? snprintf(dir, PATH_SIZE, "%s/stages/%s/waiting", f->view.root, s.plan)
			: snprintf(dir, PATH_SIZE, "%s", f->view.root);

	return n > 0 && n < PATH_SIZE;
}

static bool is_there(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, 0) == 0;
}

/* ---- in other letters */

static bool scan(const char *dir, const char *base)
{
	CLEANUP(cleanup_dir) DIR *d = opendir(dir);
	bool found = false;

	for (struct dirent *de = d ? readdir(d) : NULL; de && !found; de = readdir(d))
		found = strcasecmp(de->d_name, base) == 0 && strcmp(de->d_name, base) != 0;
	return found;
}

/* As scan, but a directory that is as it was is not read again. */
static bool in_other_case(struct fleet *f, const char *dir, const char *base)
{
	struct missing *m = NULL;
	struct stat st;
	char path[PATH_SIZE];

	if (stat(dir, &st) < 0 || path_join(path, sizeof(path), dir, base, NULL) < 0)
		return false;
	for (unsigned i = 0; i < FLEET_MISSES_MAX && !m; i++)
		if (strcmp(f->misses[i].path, path) == 0)
			m = &f->misses[i];
	if (m && m->mtime.tv_sec == st.st_mtim.tv_sec && m->mtime.tv_nsec == st.st_mtim.tv_nsec)
		return m->other_case;
	if (!m) {
		m = &f->misses[f->next_miss];
		f->next_miss = (f->next_miss + 1) % FLEET_MISSES_MAX;
		(void)text_copy(m->path, sizeof(m->path), path);
	}
	m->mtime = st.st_mtim;
	m->other_case = scan(dir, base);
	return m->other_case;
}

static bool is_load_file(const char *base)
{
	static const char *const tails[] = { ".loads", ".sbn", ".sb2", ".bin" };
	size_t n = strlen(base);

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (n > strlen(tails[i]) && strcmp(base + n - strlen(tails[i]), tails[i]) == 0)
			return true;
	return false;
}

/* The two files that all phones share, as people and documents write them (F§5.3, F§8 row 11). */
static bool config_in_other_case(int dir_fd, const char *base)
{
	static const char *const names[][5] = {
		{ "XMLDefault.cnf.xml", "XmlDefault.cnf.xml", "xmldefault.cnf.xml", "XMLDEFAULT.CNF.XML",
		  "XMLDefault.CNF.XML" },
		{ "OS79XX.TXT", "OS79XX.txt", "os79xx.txt", "Os79xx.txt", "OS79xx.txt" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(base, names[i][0]) != 0 || is_there(dir_fd, base))
			continue;
		for (size_t k = 1; k < sizeof(names[0]) / sizeof(names[0][0]); k++)
			if (is_there(dir_fd, names[i][k]))
				return true;
	}
	return false;
}

/* ---- a phone's own file */

static bool has_odd_name(int dir_fd, const struct mac *mac)
{
	static const char *const heads[] = { "SEP", "sep" };
	static const char *const tails[] = { ".cnf.xml", ".cnf.xml.txt", ".CNF.XML", ".xml" };
	char upper[MAC_TEXT_SIZE], lower[MAC_TEXT_SIZE] = "", name[64];

	mac_format_bare(upper, mac);
	for (size_t i = 0; upper[i]; i++)
		lower[i] = (char)tolower((unsigned char)upper[i]);
	for (unsigned i = 0; i < 2 * 2 * sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s%s", heads[i & 1], i & 2 ? lower : upper,
			       tails[i / 4]);
		if (i > 0 && is_there(dir_fd, name)) /* the first is the one that was asked for */
			return true;
	}
	return false;
}

/* What it finds in the plain root matters to a phone that is answered from there; a stage hides these files. */
static uint32_t of_own_file(struct fleet *f, int dir_fd, const struct phone *p, const char *base)
{
	char sip[40] = "SIP";

	mac_format_bare(sip + 3, &p->mac);
	(void)text_copy(sip + strlen(sip), sizeof(sip) - strlen(sip), ".cnf");
	bool sep = view_has_sep(&f->view, &p->mac);

	if (strncmp(base, "SEP", 3) == 0)
		return !sep && has_odd_name(dir_fd, &p->mac) ? 1u << SIGN_SEP_NAME : 0;
	return strcmp(base, sip) == 0 && sep && !is_there(dir_fd, sip) ? 1u << SIGN_SEP_ALONE : 0;
}

uint32_t files_signs(struct fleet *f, const struct phone *p, const struct file_event *fe, const char *file)
{
	uint32_t signs = fe->cut_name ? 1u << SIGN_CUT_NAME : 0;
	const char *base = path_base(file);
	char dir[PATH_SIZE];
	struct file_identity id;
	bool root;

	if (fe->kind != EVENT_MISSING || !f->have_view || f->flags & FLEET_REPLAY ||
	    !directory_of(f, p, dir, &root))
		return signs;
	CLEANUP(cleanup_fd) int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0)
		return signs;
	file_identity(base, &id);
	if (id.mac_known && p->mac_known && mac_equal(&id.mac, &p->mac) && root)
		signs |= of_own_file(f, dir_fd, p, base);
	else if (is_load_file(base) && in_other_case(f, dir, base))
		signs |= 1u << SIGN_LOAD_CASE;
	else if (config_in_other_case(dir_fd, base))
		signs |= 1u << SIGN_CONFIG_CASE;
	return signs;
}
