/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One archive's files. The only file that knows libarchive. Formats are zip and tar, filters gzip: what Cisco has
 * shipped; each further decoder would be one more way in for what a stranger packed. Files get numbers for
 * names, so what is checked of a name is what it tells about its package.
 *
 * And at the end the stream: one compressed file, whatever logrotate or a person packed a log with.
 */
#include "unpack_priv.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "cleanup.h"
#include "strbuf.h"

/* Names of one archive, in lower case: what differs in case alone meets here. */
struct seen {
	char *lower;
	char *name;
	struct digest sha256;
};

static int seen_compare(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->lower, ((const struct seen *)b)->lower);
}

static void seen_free(void *p)
{
	struct seen *s = p;

	free(s->lower);
	free(s->name);
	free(s);
}

struct unpacking {
	struct unpack_job *j;
	size_t item; /* the archive's; items move */
	struct archive *a;
	void *seen; /* tsearch's tree */
	int64_t packed;
	int64_t unpacked;
};

static void cleanup_unpacking(struct unpacking *u)
{
	(void)archive_read_free(u->a);
	tdestroy(u->seen, seen_free);
}

/* The same name again, in any case: 0 = new, 1 = the same bytes once more, -1 = other bytes. */
static int look_seen(struct unpacking *u, const char *name, const struct digest *sha256, struct err *e)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (!s || !(s->lower = strdup(name)) || !(s->name = strdup(name))) {
		if (s)
			seen_free(s);
		return unpack_no_memory(e);
	}
	for (char *p = s->lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	s->sha256 = *sha256;
	struct seen **at = tsearch(s, &u->seen, seen_compare);
	if (!at) {
		seen_free(s);
		return unpack_no_memory(e);
	}
	if (*at == s)
		return 0;
	const struct seen *was = *at;
	bool same_name = strcmp(was->name, name) == 0, same = digest_equal(&was->sha256, sha256);
	seen_free(s);
	if (same)
		return same_name;
	return err_set(e, ERR_INPUT,
		       same_name ? "it is there twice, with other bytes"
				 : "another file differs from it in case alone, and has other bytes");
}

/* What the entry's name says about it. -1: nobody packs firmware so. */
static int check_name(const char *name, struct err *e)
{
	if (name[0] == '/' || name[0] == '\\' || (isalpha((unsigned char)name[0]) && name[1] == ':'))
		return err_set(e, ERR_INPUT, "an absolute name");
	for (const char *p = name; *p;) {
		size_t len = strcspn(p, "/\\");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return err_set(e, ERR_INPUT, "a name that leads out of the package (..)");
		p += len + (p[len] != '\0');
	}
	return 0;
}

static const char *type_text(unsigned type)
{
	switch (type) {
	case AE_IFCHR:
	case AE_IFBLK:
		return "a device";
	case AE_IFIFO:
		return "a pipe";
	case AE_IFSOCK:
		return "a socket";
	default:
		return "something that is neither file nor directory";
	}
}

/* 0 = a file; 1 = a directory, or a link that is left out (*ret_why); -1 = refused. */
static int check_entry(struct archive_entry *entry, const char *name, const char **ret_why, struct err *e)
{
	unsigned type = archive_entry_filetype(entry);
	const char *target = archive_entry_symlink(entry);

	if (check_name(name, e) < 0)
		return -1;
	if (archive_entry_hardlink(entry))
		return err_set(e, ERR_INPUT, "a hard link: firmware packages hold files");
	if (type == AE_IFDIR)
		return 1;
	if (type == AE_IFLNK) {
		if (!target || check_name(target, NULL) < 0)
			return err_set(e, ERR_INPUT, "a link that leads out of the package");
		*ret_why = "a link";
		return 1;
	}
	if (type != AE_IFREG && type != 0) /* 0: a zip without Unix modes */
		return err_set(e, ERR_INPUT, "%s: firmware packages hold files", type_text(type));
	if (archive_entry_is_encrypted(entry) > 0)
		return err_set(e, ERR_INPUT, "it is encrypted: unpack it first");
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > UNPACK_MEMBER_MAX)
		return err_set(e, ERR_LIMIT, "a file of %lld bytes: the limit is %lld",
			       (long long)archive_entry_size(entry), UNPACK_MEMBER_MAX);
	return 0;
}

/* libarchive's words, on one line. */
static int damaged(struct archive *a, struct err *e)
{
	const char *said = archive_error_string(a);
	char text[160];

	if (archive_errno(a) == ENOMEM)
		return unpack_no_memory(e);
	if (!said)
		return err_set(e, ERR_INPUT, "damaged or cut short");
	return err_set(e, ERR_INPUT, "damaged or cut short: %s",
		       text_escape(text, sizeof(text), said, strlen(said)));
}

static int count_bytes(struct unpacking *u, int64_t member, size_t n, struct err *e)
{
	u->unpacked += (int64_t)n;
	u->j->total += (int64_t)n;
	if (member > UNPACK_MEMBER_MAX)
		return err_set(e, ERR_LIMIT, "more than %lld bytes", UNPACK_MEMBER_MAX);
	if (u->j->total > UNPACK_TOTAL_MAX)
		return err_set(e, ERR_LIMIT, "the package unpacks to more than %lld bytes", UNPACK_TOTAL_MAX);
	if (u->unpacked > UNPACK_RATIO_FREE && u->unpacked / UNPACK_RATIO_MAX > u->packed)
		return err_set(e, ERR_LIMIT, "unpacks to more than %d times its size: no firmware does",
			       UNPACK_RATIO_MAX);
	return 0;
}

/* The entry's bytes into a file of ours. */
static int unpack_data(struct unpacking *u, int fd, const char *path, int64_t *ret_bytes, struct err *e)
{
	char chunk[UNPACK_CHUNK_BYTES];
	int64_t bytes = 0;

	for (;;) {
		la_ssize_t n = archive_read_data(u->a, chunk, sizeof(chunk));

		if (n < 0)
			return damaged(u->a, e);
		if (n == 0)
			break;
		bytes += n;
		if (count_bytes(u, bytes, (size_t)n, e) < 0 ||
		    unpack_write(fd, chunk, (size_t)n, path, e) < 0 ||
		    unpack_progress(u->j, u->j->items[u->item].name, archive_filter_bytes(u->a, -1),
				    u->packed, e) < 0)
			return -1;
	}
	*ret_bytes = bytes;
	return 0;
}

/* Where an entry lies, for people: the archive, and the directory in it. */
static int entry_place(const struct unpack_item *outer, const char *name, struct strbuf *sb,
		       const char **ret_base, struct err *e)
{
	const char *base = name;
	char where[UNPACK_SHOWN_SIZE];

	for (const char *p = name; *p; p++)
		if (*p == '/' || *p == '\\')
			base = p + 1;
	strbuf_add(sb, unpack_shown(outer, where));
	if (base > name + 1) {
		strbuf_add_char(sb, '/');
		strbuf_add_escaped(sb, name, (size_t)(base - name) - 1);
	}
	*ret_base = base;
	return strbuf_check(sb, "a name in the package", e);
}

static int unpack_file_entry(struct unpacking *u, const char *name, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf place = STRBUF_INIT(8 * UNPACK_NAME_MAX);
	CLEANUP(cleanup_fd) int fd = -1;
	char path[PATH_MAX], own_name[UNPACK_NAME_MAX + 1], place_text[2 * UNPACK_NAME_MAX];
	const char *base;
	struct digest sha256;
	int64_t bytes = 0;

	if (entry_place(&u->j->items[u->item], name, &place, &base, e) < 0 ||
	    unpack_fresh_file(u->j, path, sizeof(path), &fd, e) < 0)
		return -1;
	if (unpack_data(u, fd, path, &bytes, e) < 0 || digest_fd(fd, path, 0, NULL, NULL, &sha256, e) < 0) {
		(void)unlink(path);
		return -1;
	}
	int again = look_seen(u, name, &sha256, e);
	(void)text_copy(own_name, sizeof(own_name), base);
	(void)text_copy(place_text, sizeof(place_text), strbuf_text(&place));
	struct unpack_item it = { NULL, path, place_text, own_name, u->j->items[u->item].nested + 1, 0, true };
	if (again == 0 && base[0] != '\0' && unpack_deliver(u->j, &it, fd, bytes, &sha256, e) == 0)
		return 0;
	(void)unlink(path);
	return again == 1 || (again == 0 && base[0] == '\0') ? 0 : -1;
}

static int unpack_entry(struct unpacking *u, struct archive_entry *entry, struct err *e)
{
	const struct unpack_item *outer = &u->j->items[u->item];
	const char *name = archive_entry_pathname(entry), *why = NULL;
	char shown_name[96];

	if (!name)
		name = archive_entry_pathname_utf8(entry);
	if (unpack_count_entry(u->j, e) < 0)
		return -1;
	if (!name || name[0] == '\0')
		return u->j->sink->left(u->j->sink->arg, outer->name, "?", "a name that cannot be read", e);
	size_t len = strlen(name);
	text_escape(shown_name, sizeof(shown_name), name, len);
	if (len > UNPACK_NAME_MAX)
		return err_set(e, ERR_LIMIT, "%s: a name of %zu bytes: the limit is %d", shown_name, len,
			       UNPACK_NAME_MAX);
	int no = check_entry(entry, name, &why, e);
	if (no == 0 && unpack_file_entry(u, name, e) == 0)
		return 0;
	if (no > 0)
		return why ? u->j->sink->left(u->j->sink->arg, outer->name, name, why, e) : 0;
	return err_wrap(e, "%s", shown_name);
}

static int unpack_entries(struct unpacking *u, struct err *e)
{
	for (;;) {
		struct archive_entry *entry = NULL;
		int r = archive_read_next_header(u->a, &entry);

		if (r == ARCHIVE_EOF)
			return 0;
		/* a warning is about what we do not use: rights, times, the alphabet of a name */
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return damaged(u->a, e);
		if (unpack_entry(u, entry, e) < 0)
			return -1;
	}
}

static int open_archive(struct archive *a, int fd, struct err *e)
{
	if (archive_read_support_format_zip(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_open_fd(a, fd, UNPACK_CHUNK_BYTES) != ARCHIVE_OK)
		return damaged(a, e);
	return 0;
}

int unpack_archive(struct unpack_job *j, size_t item, int fd, off_t size, size_t offset, struct err *e)
{
	CLEANUP(cleanup_unpacking)
	struct unpacking u = { .j = j, .item = item, .a = archive_read_new(), .packed = size };
	char name[UNPACK_SHOWN_SIZE];
	unsigned before = j->entries;

	unpack_shown(&j->items[item], name);
	if (!u.a)
		return unpack_no_memory(e);
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", name);
	if (open_archive(u.a, fd, e) < 0 || unpack_entries(&u, e) < 0 || unpack_gzip_check(fd, offset, e) < 0)
		return err_wrap(e, "%s", name);
	if (j->entries == before && j->sink->left(j->sink->arg, j->items[item].place, j->items[item].name,
						  "an archive with nothing in it", e) < 0)
		return -1;
	return unpack_progress(j, j->items[item].name, size, size, e);
}

/* ---- the stream */

struct unpack_stream {
	struct archive *a;
	unpack_stream_fn fn;
	void *arg;
	struct err e;	 /* fn's */
	const char *block; /* libarchive's, what is left of it */
	size_t left;
	bool empty;
};

bool unpack_stream_look(const void *bytes, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
	} kinds[] = {
		{ "\x1f\x8b\x08", 3 },
		{ "\xfd"
		  "7zXZ\0",
		  6 },
		{ "\x28\xb5\x2f\xfd", 4 },
		{ "BZh", 3 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len >= kinds[i].len && memcmp(bytes, kinds[i].magic, kinds[i].len) == 0)
			return true;
	return false;
}

static la_ssize_t stream_source(struct archive *a, void *arg, const void **ret_bytes)
{
	struct unpack_stream *z = arg;
	ssize_t n = z->fn(z->arg, ret_bytes, &z->e);

	if (n < 0)
		archive_set_error(a, EIO, "%s", z->e.text);
	return n;
}

static int stream_failed(struct unpack_stream *z, struct err *e)
{
	if (z->e.code == ERR_NONE)
		return damaged(z->a, e);
	*e = z->e;
	return -1;
}

/* ARCHIVE_WARN: it would start a program for that kind. */
static int stream_begin(struct unpack_stream *z, struct err *e)
{
	struct archive_entry *entry;

	if (archive_read_support_filter_gzip(z->a) != ARCHIVE_OK ||
	    archive_read_support_filter_bzip2(z->a) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(z->a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(z->a) != ARCHIVE_OK ||
	    archive_read_support_format_raw(z->a) != ARCHIVE_OK ||
	    archive_read_support_format_empty(z->a) != ARCHIVE_OK)
		return damaged(z->a, e);
	if (archive_read_open(z->a, z, NULL, stream_source, NULL) != ARCHIVE_OK)
		return stream_failed(z, e);
	int r = archive_read_next_header(z->a, &entry);

	if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
		return stream_failed(z, e);
	z->empty = r == ARCHIVE_EOF;
	/* its header is not whole: then it would come as it is */
	return archive_filter_count(z->a) > 1 ? 0 : err_set(e, ERR_INPUT, "damaged or cut short");
}

int unpack_stream_open(struct unpack_stream **ret, unpack_stream_fn fn, void *arg, struct err *e)
{
	struct unpack_stream *z = calloc(1, sizeof(*z));

	if (!z || !(z->a = archive_read_new())) {
		free(z);
		return unpack_no_memory(e);
	}
	z->fn = fn;
	z->arg = arg;
	if (stream_begin(z, e) < 0) {
		unpack_stream_close(z);
		return -1;
	}
	*ret = z;
	return 0;
}

void unpack_stream_close(struct unpack_stream *z)
{
	if (z)
		(void)archive_read_free(z->a);
	free(z);
}

/* Block by block: archive_read_data() would drop what came before a damage. */
int unpack_stream_read(struct unpack_stream *z, void *buf, size_t size, size_t *ret_n, struct err *e)
{
	while (z->left == 0) {
		const void *block;
		la_int64_t offset;
		int r = z->empty ? ARCHIVE_EOF : archive_read_data_block(z->a, &block, &z->left, &offset);

		if (r == ARCHIVE_EOF) {
			*ret_n = z->left = 0;
			return 0;
		}
		if (r != ARCHIVE_OK) {
			z->left = 0;
			return stream_failed(z, e);
		}
		z->block = block;
	}
	size_t n = z->left < size ? z->left : size;

	memcpy(buf, z->block, n);
	z->block += n;
	z->left -= n;
	*ret_n = n;
	return 0;
}
