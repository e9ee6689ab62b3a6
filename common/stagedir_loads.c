/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Load sets as they lie on disk: below loads/<LOAD>/, or loose in the root. The kind comes from the files: a
 * manifest, else a single image; the name says only what must be there when neither is. Everything that is
 * wrong with a set is told in words a person can act on, with the file's path below the root (F§3.6, F§8 rows
 * 8, 9, 41, 42).
 */
#include "stagedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#include "stagedir_priv.h"

#define HEADER_BYTES 4096 /* signed headers are about 400 (F§3.3) */

/* Where one load's files are looked for, and the words for what is missing. */
struct looking {
	char dir[STAGEDIR_PATH];
	char shown[LOAD_NAME_MAX + 16]; /* "loads/<LOAD>/", or "" in the root */
	bool unsigned_too; /* a 5.x load's .bin, for phones still below 5.0 */
	char *missing;
	size_t size;
};

static int told(const struct looking *k, const char *file, const char *what)
{
	snprintf(k->missing, k->size, "%s%s %s", k->shown, file, what);
	return 1;
}

static bool there(const struct looking *k, const char *file)
{
	char path[STAGEDIR_PATH];
	struct stat sb;

	return path_join(path, sizeof(path), k->dir, file, NULL) == 0 && stat(path, &sb) == 0 &&
	       S_ISREG(sb.st_mode);
}

struct other_case {
	const char *file;
	char found[LOAD_FILE_MAX + 1];
};

/* 3 = found, told from stagedir_each's own 1. */
static int same_but_case(void *arg, const char *name, struct err *e)
{
	struct other_case *o = arg;

	(void)e;
	if (strcasecmp(name, o->file) != 0 || strcmp(name, o->file) == 0)
		return 0;
	text_copy(o->found, sizeof(o->found), name);
	return 3;
}

/* Missing, or there under another case: names are case-sensitive on the wire. 1, or -1. */
static int tell_missing(const struct looking *k, const char *file, struct err *e)
{
	struct other_case o = { .file = file };
	char what[LOAD_FILE_MAX + 32];
	int r = stagedir_each(k->dir, same_but_case, &o, e);

	if (r < 0)
		return -1;
	if (r != 3)
		return told(k, file, "is missing");
	snprintf(what, sizeof(what), "is there as %s", o.found);
	return told(k, file, what);
}

static int read_start(const struct looking *k, const char *file, uint8_t buf[static HEADER_BYTES],
		      size_t *ret_len, off_t *ret_size, struct err *e)
{
	char path[STAGEDIR_PATH];
	struct stat sb;

	if (path_join(path, sizeof(path), k->dir, file, e) < 0)
		return -1;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &sb) < 0)
		return err_sys(e, ERR_TREE, errno, "cannot be read");
	ssize_t n = read(fd, buf, HEADER_BYTES);
	if (n < 0)
		return err_sys(e, ERR_TREE, errno, "cannot be read");
	*ret_len = (size_t)n;
	*ret_size = sb.st_size;
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

/* A signed file's header against its name and its size. 0 = good; 1 = told. */
static int check_signed(const struct looking *k, const char *file, const uint8_t *bytes, size_t len,
			off_t size, bool must_be_signed)
{
	struct signed_header h;
	struct err why = { 0 };
	char what[ERR_TEXT_MAX + 64];
	int r = signed_header_parse(bytes, len, &h, &why);

	if (r < 0) {
		snprintf(what, sizeof(what), "is damaged: %s", why.text);
		return told(k, file, what);
	}
	if (r > 0)
		return must_be_signed ? told(k, file, "is not signed (was it copied in text mode?)") : 0;
	if ((off_t)h.body_off >= size)
		return told(k, file, "ends with its header: cut short");
	/* 8.2 and 8.3 list members in another case than they are signed in (F§3.5): the list is what phones go by */
	bool exact = ends_with(file, ".loads");

	if (h.name[0] && (exact ? strcmp(h.name, file) : strcasecmp(h.name, file)) != 0) {
		snprintf(what, sizeof(what), "was signed as %s: renamed, or another load's", h.name);
		return told(k, file, what);
	}
	return 0;
}

/* One file of a set: there, readable, whole as far as can be told. 0, 1 told, -1 */
static int check_file(const struct looking *k, const char *file, struct err *e)
{
	uint8_t bytes[HEADER_BYTES];
	struct err why = { 0 };
	size_t len = 0;
	off_t size = 0;

	if (!there(k, file))
		return tell_missing(k, file, e);
	if (read_start(k, file, bytes, &len, &size, &why) < 0)
		return told(k, file, why.text);
	if (size == 0)
		return told(k, file, "is empty");
	return check_signed(k, file, bytes, len, size, ends_with(file, ".sbn") || ends_with(file, ".sb2"));
}

static int read_manifest(const struct looking *k, const char *file, struct loadset *ls, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MANIFEST_BYTES_MAX);
	char path[STAGEDIR_PATH], what[ERR_TEXT_MAX + 64];
	struct err why = { 0 };

	int r = check_file(k, file, e); /* its own header first: a renamed one is told as such */
	if (r != 0)
		return r;
	if (path_join(path, sizeof(path), k->dir, file, e) < 0)
		return -1;
	if (file_read(path, MANIFEST_BYTES_MAX, &sb, &why) != 0 ||
	    manifest_parse(strbuf_text(&sb), sb.len, ls, &why) < 0) {
		snprintf(what, sizeof(what), "is no list of files: %s", why.text);
		return told(k, file, what);
	}
	return 0;
}

/* What phones see shows a java member under the list's spelling. */
static int check_member(const struct looking *k, const struct loadset *ls, const char *listed, struct err *e)
{
	char file[LOAD_FILE_MAX + 1];

	if (ls->kind == LOAD_JAVA && member_on_disk(k->dir, listed, file))
		return check_file(k, file, e);
	return check_file(k, listed, e);
}

static int check_members(const struct looking *k, const struct loadset *ls, struct err *e)
{
	int r = ls->loader[0] ? check_file(k, ls->loader, e) : 0;

	if (r == 0 && ls->app[0])
		r = check_file(k, ls->app, e);
	for (unsigned i = 0; r == 0 && i < ls->n_members; i++)
		if (!(ls->optional >> i & 1) || there(k, ls->members[i]))
			r = check_member(k, ls, ls->members[i], e);
	return r;
}

/* "<load><ext>" */
static const char *file_of(char buf[static LOAD_FILE_MAX + 1], const struct load_name *load, const char *ext)
{
	snprintf(buf, LOAD_FILE_MAX + 1, "%s%s", load->s, ext);
	return buf;
}

/* No manifest: a single image. Of a 5.x load phones still below 5.0 take the `.bin`, those that run 5.x the
 * `.sbn`. */
static int check_single(const struct looking *k, struct loadset *ls, struct err *e)
{
	char bin[LOAD_FILE_MAX + 1], sbn[LOAD_FILE_MAX + 1];
	bool has_sbn = there(k, file_of(sbn, &ls->load, ".sbn"));

	file_of(bin, &ls->load, ".bin");
	if (has_sbn || ls->kind == LOAD_SINGLE_SIGNED) {
		bool by_name = ls->kind == LOAD_SINGLE_SIGNED;
		ls->kind = LOAD_SINGLE_SIGNED;
		int r = check_file(k, sbn, e);
		return r == 0 && ((by_name && k->unsigned_too) || there(k, bin)) ? check_file(k, bin, e) : r;
	}
	ls->kind = LOAD_SINGLE_UNSIGNED;
	return check_file(k, bin, e);
}

static int check_set(const struct looking *k, struct loadset *ls, struct err *e)
{
	char file[LOAD_FILE_MAX + 1], bin[LOAD_FILE_MAX + 1], sbn[LOAD_FILE_MAX + 1];
	bool single = there(k, file_of(bin, &ls->load, ".bin")) || there(k, file_of(sbn, &ls->load, ".sbn"));

	file_of(file, &ls->load, ".loads");
	if (there(k, file)) {
		int r = read_manifest(k, file, ls, e);
		return r == 0 ? check_members(k, ls, e) : r;
	}
	if (ls->kind == LOAD_TWO_PART || ls->kind == LOAD_JAVA)
		return tell_missing(k, file, e);
	if (single || ls->kind != LOAD_KIND_UNKNOWN)
		return check_single(k, ls, e);
	return tell_missing(k, file, e);
}

/* loads/<LOAD>/ where it is, else the root when any of the load's files lies there; what is in neither is
 * missed below loads/. */
static int find_place(const char *root, const struct load_name *load, struct looking *k, struct err *e)
{
	static const char *const extensions[] = { ".loads", ".bin", ".sbn", ".sb2" };
	char loads[STAGEDIR_PATH], file[LOAD_FILE_MAX + 1];
	struct stat sb;

	if (stagedir_path(loads, sizeof(loads), root, "loads", load->s, e) < 0)
		return -1;
	if (stat(loads, &sb) < 0 && errno != ENOENT)
		return err_sys(e, ERR_TREE, errno, "%s", loads);
	bool own = stat(loads, &sb) == 0 && S_ISDIR(sb.st_mode);
	text_copy(k->dir, sizeof(k->dir), root);
	k->shown[0] = '\0';
	for (size_t i = 0; !own && i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (there(k, file_of(file, load, extensions[i])))
			return 0;
	snprintf(k->shown, sizeof(k->shown), "loads/%s/", load->s);
	text_copy(k->dir, sizeof(k->dir), loads);
	return 0;
}

static int look_at(struct looking *k, const char *root, const struct load_name *load, struct loadset *ret,
		   struct err *e)
{
	struct loadset ls;

	loadset_from_name(load, &ls);
	if (find_place(root, load, k, e) < 0)
		return -1;
	int r = check_set(k, &ls, e);
	if (r < 0)
		return -1;
	ls.complete = r == 0;
	if (ls.kind == LOAD_JAVA && ls.generation == GEN_UNKNOWN)
		ls.generation = GEN_JAVA;
	*ret = ls;
	return r;
}

int stagedir_loadset(const char *root, const struct load_name *load, struct loadset *ret, char *ret_missing,
		     size_t missing_size, struct err *e)
{
	struct looking k = { .missing = ret_missing, .size = missing_size, .unsigned_too = true };

	return look_at(&k, root, load, ret, e);
}

int stagedir_stage(const char *root, const struct plan *pl, int stage_no, struct loadset *ret, char *ret_missing,
		   size_t missing_size, struct err *e)
{
	struct looking k = {
		.missing = ret_missing, .size = missing_size, .unsigned_too = plan_takes_unsigned(pl, stage_no)
	};

	return look_at(&k, root, &pl->stages[stage_no - 1].load, ret, e);
}

int stagedir_loadsets(const char *root, struct plan *pl, struct strbuf *missing, struct err *e)
{
	int incomplete = 0;

	for (unsigned i = 0; i < pl->n_stages; i++) {
		char what[256] = "";
		struct loadset ls;
		int r = stagedir_stage(root, pl, (int)i + 1, &ls, what, sizeof(what), e);
		if (r < 0)
			return err_wrap(e, "load %s", pl->stages[i].load.s);
		pl->stages[i] = ls;
		if (r == 0)
			continue;
		incomplete++;
		if (missing)
			strbuf_addf(missing, "plan %s, stage %u %s: %s\n", pl->name, i + 1, ls.load.s, what);
	}
	return incomplete;
}

struct importeds {
	const char *root;
	stagedir_load_fn fn;
	void *arg;
};

static int imported_one(void *arg, const char *name, struct err *e)
{
	const struct importeds *w = arg;
	struct load_name load;
	struct loadset ls;
	char what[256];

	if (load_name_parse(name, strlen(name), &load, NULL) < 0) /* a directory that import works in */
		return 0;
	int r = stagedir_loadset(w->root, &load, &ls, what, sizeof(what), e);

	return r == 0 ? w->fn(w->arg, &ls, e) : r < 0 ? -1 : 0;
}

/* 1 is stagedir_each's own for no such directory. */
int stagedir_imported(const char *root, stagedir_load_fn fn, void *arg, struct err *e)
{
	struct importeds w = { root, fn, arg };
	char dir[STAGEDIR_PATH];

	if (stagedir_path(dir, sizeof(dir), root, "loads", NULL, e) < 0)
		return -1;
	int r = stagedir_each(dir, imported_one, &w, e);

	return r == 1 ? 0 : r;
}
