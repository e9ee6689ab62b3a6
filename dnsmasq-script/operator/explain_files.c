/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The files of the load that waits for a phone, each looked for where the phone would ask for it: there, under another
 * case, not readable, not there at all (F§8 rows 8, 9, 39).
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "file.h"
#include "loadfiles.h"
#include "stagedir.h"

/* Its stage's; where it is on none, what the first file names that does. */
static void find_load(struct explain *x)
{
	x->load = (struct load_name){ "" };
	if (x->p->stage_no && !x->plain) {
		x->load = x->p->load;
		return;
	}
	for (unsigned i = 0; i < x->n_namings && !x->load.s[0]; i++)
		if (x->namings[i].fault[0] ||
		    load_name_parse(x->namings[i].load, strlen(x->namings[i].load), &x->load, NULL) < 0)
			x->load = (struct load_name){ "" };
}

static bool other_case(const char *dir_path, const char *name, char ret[static 256])
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL)
		if (strcasecmp(d->d_name, name) == 0 && strcmp(d->d_name, name) != 0)
			return text_copy(ret, 256, d->d_name);
	return false;
}

static void look_at(const struct explain *x, struct report_load_file *f)
{
	char path[EXPLAIN_PATH], other[256];
	struct stat sb;

	f->bytes = -1;
	if (path_join(path, sizeof(path), x->dir, f->name, NULL) < 0)
		return;
	if (stat(path, &sb) < 0) {
		if (other_case(x->dir, f->name, other))
			snprintf(f->fault, sizeof(f->fault), "not there; there is %.100s, and case counts",
				 other);
		else
			snprintf(f->fault, sizeof(f->fault), "NOT THERE");
		return;
	}
	f->bytes = sb.st_size;
	if (!S_ISREG(sb.st_mode))
		snprintf(f->fault, sizeof(f->fault), "no file");
	else if (sb.st_size == 0)
		snprintf(f->fault, sizeof(f->fault), "EMPTY");
	else if (!(sb.st_mode & S_IROTH))
		snprintf(f->fault, sizeof(f->fault),
			 "mode %04o: the TFTP server may not be allowed to read it",
			 (unsigned)(sb.st_mode & 07777));
}

/* What stagedir says of the set beyond a file that is not there, which has a line of its own. */
static void set_fault(struct explain *x, int rc, const char *what, const struct err *e)
{
	if (rc < 0)
		(void)text_copy(x->files_fault, sizeof(x->files_fault), e->text);
	else if (rc == 1 && !strstr(what, "is missing") && !strstr(what, "is there as"))
		(void)text_copy(x->files_fault, sizeof(x->files_fault), what);
}

static bool may_be_absent(const struct loadset *ls, const char *file)
{
	int member = loadset_member(ls, file);

	return member >= 0 && ls->optional >> member & 1;
}

void explain_files(struct explain *x)
{
	struct loadset ls;
	char what[256];
	struct err e;

	find_load(x);
	if (!x->load.s[0])
		return;
	int rc = stagedir_loadset(x->cfg->tftp_root, &x->load, &ls, what, sizeof(what), &e);

	set_fault(x, rc, what, &e);
	for (unsigned i = 0; rc >= 0 && x->n_files < REPORT_LOAD_FILES_MAX; i++) {
		struct report_load_file *f = &x->files[x->n_files];

		*f = (struct report_load_file){ .bytes = -1 };
		if (loadfile_at(&ls, i, f->name) != 0)
			break;
		look_at(x, f);
		if (f->bytes >= 0 || !may_be_absent(&ls, f->name))
			x->n_files++;
	}
}
