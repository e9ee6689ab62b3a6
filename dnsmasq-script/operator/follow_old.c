/* SPDX-License-Identifier: MPL-2.0 */
/* Rotated logs that nobody has read: see follow_old.h. */
#include "follow_old.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "logsource.h"
#include "strbuf.h"

#define OLD_MAX 64 /* a rotation a day for two months */

struct old_file {
	char path[512];
	struct timespec mtime;
	off_t skip; /* what of it was read */
	bool itself; /* the remembered file, renamed */
	bool first;  /* it, packed, or a copy */
};

struct follow_old {
	struct old_file files[OLD_MAX];
	unsigned n, next;
	struct logsource *source; /* of the one that is read; NULL = the next is to be opened */
	const char *text; /* of its block, what is not delivered */
	size_t len;
	uint64_t too_long;
};

uint64_t follow_hash(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

static void cleanup_source(struct logsource **s)
{
	logsource_close(*s);
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Does it begin as the remembered file does, and reach as far? What cannot be read does not. */
static bool is_its_content(const char *path, const struct follow_place *place)
{
	CLEANUP(cleanup_source) struct logsource *s = NULL;
	const char *head;
	size_t n;
	struct err e;

	if (place->head_n == 0 || logsource_open(&s, path, &e) || logsource_peek(s, place->head_n, &head, &n, &e))
		return false;
	return n == place->head_n && follow_hash(head, n) == place->head &&
	       logsource_skip(s, (uint64_t)place->offset, &e) == 0;
}

/* ".1", "-20260131", ".2.gz": as rotations call them */
static bool is_rotated_name(const char *behind)
{
	return (behind[0] == '.' || behind[0] == '-') && behind[1] >= '0' && behind[1] <= '9';
}

/* One neighbour. 1 = it is of no use. */
static int look(const char *dir, const char *name, const char *base, const struct follow_place *place,
		struct old_file *ret)
{
	size_t n = strlen(base);
	struct stat st;

	if (strncmp(name, base, n) != 0 || name[n] == '\0')
		return 1;
	int len = snprintf(ret->path, sizeof(ret->path), "%s%s", dir, name);

	if (len < 0 || (size_t)len >= sizeof(ret->path) || stat(ret->path, &st) < 0 || !S_ISREG(st.st_mode))
		return 1;
	ret->mtime = st.st_mtim;
	ret->skip = 0;
	ret->itself = !place->copies && st.st_dev == place->dev && st.st_ino == place->ino &&
		      (place->head_n == 0 || is_its_content(ret->path, place));
	if (!ret->itself && (!is_rotated_name(name + n) || is_before(&st.st_mtim, &place->since)))
		return 1;
	ret->first = ret->itself || is_its_content(ret->path, place);
	if (ret->first)
		ret->skip = place->offset;
	return ret->first || !place->copies ? 0 : 1;
}

static int by_time(const void *a, const void *b)
{
	const struct old_file *fa = a, *fb = b;

	if (fa->first != fb->first)
		return fa->first ? -1 : 1;
	return is_before(&fa->mtime, &fb->mtime) ? -1 : is_before(&fb->mtime, &fa->mtime);
}

static void find_all(struct follow_old *o, const struct follow_place *place)
{
	char dir_path[256];
	const char *base = path_base(place->path);

	(void)text_copy(dir_path, sizeof(dir_path), place->path);
	dir_path[base - place->path] = '\0';
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path[0] ? dir_path : ".");
	for (struct dirent *d = dir ? readdir(dir) : NULL; d && o->n < OLD_MAX; d = readdir(dir))
		if (look(dir_path, d->d_name, base, place, &o->files[o->n]) == 0)
			o->n++;
	qsort(o->files, o->n, sizeof(o->files[0]), by_time);
}

int follow_old_find(struct follow_old **ret, const struct follow_place *place, bool *ret_renamed, char *name, size_t size,
		    struct err *e)
{
	struct follow_old *o = calloc(1, sizeof(*o));

	*ret_renamed = false;
	if (!o)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "rotated logs");
	find_all(o, place);
	if (o->n == 1 && o->files[0].itself) {
		*ret_renamed = true;
		(void)text_copy(name, size, o->files[0].path);
	}
	if (o->n == 0 || *ret_renamed) {
		follow_old_free(o);
		return 1;
	}
	*ret = o;
	return 0;
}

void follow_old_free(struct follow_old *o)
{
	if (o)
		logsource_close(o->source);
	free(o);
}

uint64_t follow_old_too_long(const struct follow_old *o)
{
	return o->too_long;
}

/* The next one at the place where it is new. 1 = none is left. */
static int open_next(struct follow_old *o, struct err *e)
{
	if (o->next == o->n)
		return 1;
	const struct old_file *f = &o->files[o->next++];

	o->len = 0;
	return logsource_open(&o->source, f->path, e) ||
			       logsource_skip(o->source, (uint64_t)f->skip, e) < 0
		       ? -1
		       : 0;
}

static int deliver(struct follow_old *o, unsigned *left, follow_fn fn, void *arg, struct err *e)
{
	while (*left > 0) {
		const char *text = o->text, *line;
		size_t len = o->len, n;

		if (!logsource_cut(o->source, &text, &len, &line, &n)) {
			o->len = 0;
			return 0;
		}
		if (fn(arg, line, n, e) < 0)
			return -1;
		o->text = text;
		o->len = len;
		*left -= 1;
	}
	return 0;
}

int follow_old_read(struct follow_old *o, unsigned *left, follow_fn fn, void *arg, char *trouble, size_t size,
		    struct err *e)
{
	while (*left > 0) {
		struct err own;
		int rc = 0;

		if (o->source && o->len > 0 && deliver(o, left, fn, arg, e) < 0)
			return -1;
		if (o->len > 0)
			return 0;
		if (o->source)
			rc = logsource_lines(o->source, &o->text, &o->len, &own);
		if (rc < 0)
			snprintf(trouble, size, "%s: %s", o->files[o->next - 1].path, own.text);
		if (o->source && rc == 0)
			continue;
		o->too_long += o->source ? logsource_too_long(o->source) : 0;
		logsource_close(o->source);
		o->source = NULL;
		rc = open_next(o, &own);
		if (rc == 1)
			return 1;
		if (rc < 0)
			snprintf(trouble, size, "%s: %s", o->files[o->next - 1].path, own.text);
	}
	return 0;
}
