/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The plans' loads beyond what publishing asks of them (stagedir): is each named as a load of its phones, are its
 * files' bytes as they were shipped, and may the TFTP server's user read them all? (F§8 rows 4, 6, 39, 42.)
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_tree.h"
#include "cleanup.h"
#include "file.h"
#include "stagedir.h"
#include "strbuf.h"

/* ---- its name, in the configuration */

/* FILE:LINE of the line that names it first; FILE where it is not to be found. */
static void config_place(const struct checking *k, const char *load, char place[static PATH_BYTES])
{
	const char *path = ctl_config_path(k->c);
	CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	char line[4096];

	snprintf(place, PATH_BYTES, "%s", path);
	for (unsigned n = 1; f && fgets(line, sizeof(line), f); n++) {
		const char *at = strstr(line, load);
		if (!at || strchr("#;", line[strspn(line, " \t")]))
			continue;
		snprintf(place, PATH_BYTES, "%.480s:%u", path, n);
		return;
	}
}

/* An unnamed phone is a 7940 or a 7960. */
static const struct model *plan_model(const struct plan *pl, unsigned i)
{
	const struct model *m = model_find(pl->models[i]);

	return m ? m : model_find("7940");
}

static void check_stage_name(struct checking *k, const struct plan *pl, unsigned stage)
{
	const char *load = pl->stages[stage].load.s;
	char who[64], place[PATH_BYTES], what[400];
	enum finding_id id;

	snprintf(who, sizeof(who), "plan %s, stage %u", pl->name, stage + 1);
	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct mention m = { "", who, load, plan_model(pl, i), false };
		if (mention_name(&m, &id, what) == 0)
			continue;
		config_place(k, load, place);
		found(k, id, place, "%s", what);
		return; /* one model is enough */
	}
}

/* ---- its bytes */

struct line_ends {
	size_t lf, after_cr;
};

/* A binary has a line feed in about each 256 bytes; where each of many stands behind a carriage return, somebody put
 * those there. */
#define LINE_ENDS_MIN 32

static int count_line_ends(const char *path, struct line_ends *ret)
{
	CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	char buf[65536], last = '\0';
	size_t n;

	*ret = (struct line_ends){ 0 };
	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0) {
		for (size_t i = 0; i < n; last = buf[i++]) {
			ret->lf += buf[i] == '\n';
			ret->after_cr += buf[i] == '\n' && last == '\r';
		}
	}
	return f && !ferror(f) ? 0 : 1;
}

static void check_text_mode(struct checking *k, const char *who, const char *path)
{
	struct line_ends ends;

	if (count_line_ends(path, &ends) == 0 && ends.lf >= LINE_ENDS_MIN && ends.after_cr == ends.lf)
		found(k, FINDING_LOADSET_DAMAGED, path,
		      "%s: each of its %zu line feeds stands behind a carriage return: copied in text mode",
		      who, ends.lf);
}

/* What is signed is the very .bin with a header before it (F§3.2). Path without extension. */
static void check_pair(struct checking *k, const char *who, const char *stem)
{
	char sbn[PATH_BYTES], bin[PATH_BYTES], start[4096];
	struct signed_header h;
	struct stat b, s;
	struct err e;

	snprintf(sbn, sizeof(sbn), "%.500s.sbn", stem);
	snprintf(bin, sizeof(bin), "%.500s.bin", stem);
	CLEANUP(cleanup_file) FILE *f = fopen(sbn, "re");
	if (!f || fstat(fileno(f), &s) < 0 || stat(bin, &b) < 0)
		return;
	size_t n = fread(start, 1, sizeof(start), f);
	if (signed_header_parse(start, n, &h, &e) != 0 || b.st_size == 0 ||
	    s.st_size == b.st_size + (off_t)h.body_off)
		return;
	found(k, FINDING_LOADSET_DAMAGED, s.st_size < b.st_size + (off_t)h.body_off ? sbn : bin,
	      "%s: %lld bytes signed and %lld unsigned: one of the two is cut short", who,
	      (long long)(s.st_size - (off_t)h.body_off), (long long)b.st_size);
}

/* ---- who may read it */

#define GROUPS_MAX 64

struct reader {
	bool known;
	char name[64];
	uid_t uid;
	int n_groups;
	gid_t groups[GROUPS_MAX];
};

static void find_reader(const struct checking *k, struct reader *r)
{
	const struct passwd *pw = k->server_known ? getpwuid(k->server_uid)
						  : getpwnam(check_usual_user(k->cfg->daemon));

	r->n_groups = GROUPS_MAX;
	r->known = pw != NULL && getgrouplist(pw->pw_name, pw->pw_gid, r->groups, &r->n_groups) >= 0;
	if (!r->known)
		return;
	r->uid = pw->pw_uid;
	(void)text_copy(r->name, sizeof(r->name), pw->pw_name);
}

/* By the file's mode; dnsmasq as root serves only what all may read (D§2). */
static bool may_read(const struct reader *r, const struct stat *sb)
{
	if (r->uid == 0)
		return sb->st_mode & S_IROTH;
	if (sb->st_uid == r->uid)
		return sb->st_mode & S_IRUSR;
	for (int i = 0; i < r->n_groups; i++)
		if (sb->st_gid == r->groups[i])
			return sb->st_mode & S_IRGRP;
	return sb->st_mode & S_IROTH;
}

/* ---- each file of a set */

typedef void (*file_fn)(struct checking *k, void *arg, const char *who, const char *path);

/* The files that its list names. Those named after the load are check_rights' and stagedir's. */
static void each_listed(struct checking *k, const struct loadset *ls, const char *dir, const char *who,
			file_fn fn, void *arg)
{
	char path[PATH_BYTES];

	for (unsigned i = 0; i < ls->n_members + 2; i++) {
		const char *name = i == 0 ? ls->loader : i == 1 ? ls->app : ls->members[i - 2];
		snprintf(path, sizeof(path), "%.380s%s", dir, name);
		if (name[0] && access(path, F_OK) == 0)
			fn(k, arg, who, path);
	}
}

static bool is_named_after(const char *path, const struct load_name *load)
{
	size_t n = strlen(load->s);
	const char *base = path_base(path);

	return strncmp(base, load->s, n) == 0 && base[n] == '.';
}

struct readable {
	const struct reader *r;
	const struct load_name *load;
	struct counted c;
};

static void check_readable(struct checking *k, void *arg, const char *who, const char *path)
{
	struct readable *x = arg;
	struct stat sb;

	(void)k;
	if (x->r->known && !is_named_after(path, x->load) && stat(path, &sb) == 0 && !may_read(x->r, &sb))
		count_one(&x->c, path, "%s: user %s may not read it", who, x->r->name);
}

static void check_bytes(struct checking *k, void *arg, const char *who, const char *path)
{
	(void)arg;
	check_text_mode(k, who, path);
}

static void check_stage_files(struct checking *k, const struct plan *pl, unsigned stage,
			      const struct reader *r)
{
	const struct load_name *load = &pl->stages[stage].load;
	char who[64 + LOAD_NAME_MAX], dir[PATH_BYTES], stem[PATH_BYTES], path[PATH_BYTES], words[256];
	static const char *const single[] = { ".bin", ".sbn" };
	struct readable x = { r, load, { 0 } };
	struct loadset ls;
	struct err e;

	if (stagedir_stage(k->cfg->tftp_root, pl, (int)stage + 1, &ls, words, sizeof(words), &e) != 0)
		return; /* check_loadsets has told why */
	snprintf(who, sizeof(who), "plan %s, stage %u %s", pl->name, stage + 1, load->s);
	snprintf(path, sizeof(path), "loads/%s", load->s);
	below_root(k, dir, path);
	if (access(dir, F_OK) < 0)
		snprintf(dir, sizeof(dir), "%s", k->cfg->tftp_root); /* loose in the root */
	snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/");
	each_listed(k, &ls, dir, who, check_readable, &x);
	found_counted(k, FINDING_TREE_UNREADABLE, &x.c);
	each_listed(k, &ls, dir, who, check_bytes, NULL);
	snprintf(stem, sizeof(stem), "%.380s%s", dir, load->s);
	for (size_t i = 0; ls.loader[0] == '\0' && i < 2; i++) {
		snprintf(path, sizeof(path), "%.500s%s", stem, single[i]);
		if (access(path, F_OK) == 0)
			check_text_mode(k, who, path);
	}
	if (ls.loader[0])
		snprintf(stem, sizeof(stem), "%.380s%.*s", dir, (int)(strlen(ls.loader) - 4), ls.loader);
	check_pair(k, who, stem);
}

void check_plan_loads(struct checking *k)
{
	struct reader r;

	if (!has_root(k))
		return;
	find_reader(k, &r);
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		for (unsigned j = 0; j < k->cfg->plans[i].n_stages; j++) {
			check_stage_name(k, &k->cfg->plans[i], j);
			check_stage_files(k, &k->cfg->plans[i], j, &r);
		}
}
