/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The spool's lines and the dance of its files. A line reads "sent 1700000000000 192.168.1.20 1234 script
 * /srv/tftp/name": kind, wall milliseconds, client, bytes (-1: not known), who told (script or log), and
 * the path last, escaped, because it is raw bytes from the network.
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "parse.h"
#include "phase.h"
#include "strbuf.h"

#define STORE_DIR "/var/lib/loadstep"
#define LINE_MAX_BYTES \
	(SPOOL_PATH_MAX * 4 + 128) /* every byte of the path escaped as \xHH, and the fields before it */
#define APPEND_TRIES 16 /* each lost race means that somebody drained meanwhile */
#define READ_MAX (SPOOL_BYTES_MAX + 1024 * 1024) /* appenders that passed the ceiling side by side */
#define TAKEN_INFIX ".take."

int spool_beside(const char *store_url, const char *suffix, char *buf, size_t size, struct err *e)
{
	static const char scheme[] = "sqlite:";
	const char *base = STORE_DIR "/store";

	if (strncmp(store_url, scheme, sizeof(scheme) - 1) == 0)
		base = store_url + sizeof(scheme) - 1;
	int n = snprintf(buf, size, "%s%s", base, suffix);
	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "%s%s: the name is too long", base, suffix);
	return 0;
}

static int format_event(struct strbuf *sb, const struct file_event *fe, struct err *e)
{
	char addr[IP4_TEXT_SIZE];

	strbuf_addf(sb, "%s %lld %s %lld %s ", event_kind_name(fe->kind), (long long)fe->at_ms,
		    ip4_format(addr, fe->client), (long long)fe->bytes, fe->from_log ? "log" : "script");
	strbuf_add_escaped(sb, fe->path, strlen(fe->path));
	strbuf_add_char(sb, '\n');
	return strbuf_check(sb, "spool line", e);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int unescape_one(const char **text, const char *end)
{
	const char *p = *text;

	if (*p != '\\') {
		*text = p + 1;
		return (unsigned char)*p;
	}
	if (end - p < 2)
		return -1;
	*text = p + 2;
	switch (p[1]) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '\\':
		return '\\';
	default:
		break;
	}
	if (p[1] != 'x' || end - p < 4 || hex_digit(p[2]) < 0 || hex_digit(p[3]) < 0)
		return -1;
	*text = p + 4;
	return hex_digit(p[2]) * 16 + hex_digit(p[3]);
}

/* What strbuf_add_escaped wrote, back to bytes. -1: not its writing, or too long. */
static int unescape(const char *text, const char *end, char *buf, size_t size)
{
	size_t n = 0;

	while (text < end) {
		int c = unescape_one(&text, end);

		/* a NUL cannot have been part of a path */
		if (c <= 0 || n + 1 >= size)
			return -1;
		buf[n++] = (char)c;
	}
	buf[n] = '\0';
	return n > 0 ? 0 : -1;
}

/* The next field of the line, at most size - 1 bytes, ended by one blank. */
static int next_field(const char **p, const char *end, char *buf, size_t size)
{
	const char *blank = memchr(*p, ' ', (size_t)(end - *p));

	if (!blank || (size_t)(blank - *p) >= size)
		return -1;
	memcpy(buf, *p, (size_t)(blank - *p));
	buf[blank - *p] = '\0';
	*p = blank + 1;
	return 0;
}

int spool_line_parse(const char *line, size_t len, char path[static SPOOL_PATH_MAX + 1],
		     struct file_event *ret)
{
	const char *p = line, *end = line + len;
	char kind[16], at[24], addr[IP4_TEXT_SIZE], bytes[24], who[8];
	struct err ignored;

	if (next_field(&p, end, kind, sizeof(kind)) || next_field(&p, end, at, sizeof(at)) ||
	    next_field(&p, end, addr, sizeof(addr)) || next_field(&p, end, bytes, sizeof(bytes)) ||
	    next_field(&p, end, who, sizeof(who)))
		return -1;
	*ret = (struct file_event){ .path = path, .from_log = strcmp(who, "log") == 0 };
	if (!ret->from_log && strcmp(who, "script") != 0)
		return -1;
	if (event_kind_parse(kind, &ret->kind) ||
	    parse_int("time", at, 1, INT64_MAX, &ret->at_ms, &ignored) ||
	    parse_ip4("client", addr, &ret->client, &ignored))
		return -1;
	ret->bytes = -1;
	if (strcmp(bytes, "-1") != 0 && parse_int("bytes", bytes, 0, INT64_MAX, &ret->bytes, &ignored))
		return -1;
	return unescape(p, end, path, SPOOL_PATH_MAX + 1);
}

static bool same_file(int fd, const char *path)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* The spool's file, held with a shared lock, still under its name: a taker that renames it now waits for
 * us. */
static int open_locked(const char *path, int *ret_fd, struct err *e)
{
	for (int i = 0; i < APPEND_TRIES; i++) {
		CLEANUP(cleanup_fd)
		int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);

		if (fd < 0)
			return err_sys(e, ERR_SYSTEM, errno, "%s", path);
		if (flock(fd, LOCK_SH | LOCK_NB) == 0 && same_file(fd, path)) {
			*ret_fd = TAKE_FD(fd);
			return 0;
		}
	}
	return err_set(e, ERR_BUSY, "%s: is being drained again and again", path);
}

static int append_bytes(const char *path, const char *text, size_t len, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;

	if (open_locked(path, &fd, e))
		return -1;
	if (fstat(fd, &st) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (st.st_size + (off_t)len > SPOOL_BYTES_MAX)
		return err_set(e, ERR_LIMIT, "%s: is full (%lld bytes)", path, (long long)st.st_size);
	ssize_t n = write(fd, text, len);
	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if ((size_t)n != len) {
		/* Half a line would swallow the next one. */
		if (ftruncate(fd, st.st_size) < 0)
			return err_sys(e, ERR_SYSTEM, errno, "%s", path);
		return err_set(e, ERR_SYSTEM, "%s: the disk took %zd of %zu bytes", path, n, len);
	}
	return 0;
}

int spool_append(const char *path, const struct file_event *fe, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	if (strlen(fe->path) > SPOOL_PATH_MAX)
		return err_set(e, ERR_LIMIT, "an event's path is longer than %d bytes", SPOOL_PATH_MAX);
	if (format_event(&sb, fe, e))
		return -1;
	return append_bytes(path, strbuf_text(&sb), sb.len, e);
}

/* Each line to fn. 0 = all; 1 = enough, *ret_rest at the line that was not taken; -1 = failed. */
static int deliver(const char *text, size_t len, spool_fn fn, void *arg, const char **ret_rest, unsigned *bad,
		   struct err *e)
{
	const char *end = text + len;
	char path[SPOOL_PATH_MAX + 1];
	struct file_event fe;

	for (const char *line = text; line < end;) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		const char *stop = nl ? nl : end;

		if (spool_line_parse(line, (size_t)(stop - line), path, &fe)) {
			*bad += 1;
		} else {
			int rc = fn(arg, &fe, e);

			if (rc != 0) {
				*ret_rest = line;
				return rc;
			}
		}
		line = nl ? nl + 1 : end;
	}
	*ret_rest = end;
	return 0;
}

/* Keep what was not taken, then let the file go: in this order a crash repeats and does not lose. */
static int finish(const char *path, const char *taken, const char *rest, size_t rest_len, struct err *e)
{
	if (rest_len > 0 && append_bytes(path, rest, rest_len, e))
		return -1;
	if (unlink(taken) < 0 && errno != ENOENT)
		return err_sys(e, ERR_SYSTEM, errno, "%s", taken);
	return 0;
}

/* One file that was renamed, by us or by somebody who died. Locked by another: his. */
static int take_file(const char *path, const char *taken, spool_fn fn, void *arg, unsigned *bad,
		     struct err *e)
{
	CLEANUP(cleanup_fd) int fd = open(taken, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(READ_MAX);
	const char *rest = NULL;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, ERR_SYSTEM, errno, "%s", taken);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !same_file(fd, taken))
		return 0;
	int rc = file_read(taken, READ_MAX, &sb, e);
	if (rc != 0)
		return rc > 0 ? 0 : -1;
	const char *text = strbuf_text(&sb);
	rc = deliver(text, sb.len, fn, arg, &rest, bad, e);
	if (rc < 0 || fn(arg, NULL, e))
		return -1;
	if (finish(path, taken, rest, (size_t)(text + sb.len - rest), e))
		return -1;
	return rc;
}

/* Every file "<path>.take.*": ours and what the dead left. */
static int take_all(const char *path, const char *dir_path, spool_fn fn, void *arg, unsigned *bad,
		    struct err *e)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	const char *base = path_base(path);
	size_t base_len = strlen(base);

	if (!dir)
		return err_sys(e, ERR_SYSTEM, errno, "%s", dir_path);
	for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
		char taken[512];

		if (strncmp(d->d_name, base, base_len) != 0 ||
		    strncmp(d->d_name + base_len, TAKEN_INFIX, sizeof(TAKEN_INFIX) - 1) != 0)
			continue;
		if (path_join(taken, sizeof(taken), dir_path, d->d_name, e))
			return -1;
		int rc = take_file(path, taken, fn, arg, bad, e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Out of the appenders' way. A name that is taken already (an inode number that came round again) waits for
 * the next drain. */
static int rename_away(const char *path, struct err *e)
{
	char taken[512];
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, ERR_SYSTEM, errno, "%s", path);
	int n = snprintf(taken, sizeof(taken), "%s" TAKEN_INFIX "%llu-%d", path,
			 (unsigned long long)st.st_ino, (int)getpid());
	if (n < 0 || (size_t)n >= sizeof(taken))
		return err_set(e, ERR_LIMIT, "%s: the name is too long", path);
	if (renameat2(AT_FDCWD, path, AT_FDCWD, taken, RENAME_NOREPLACE) < 0 && errno != ENOENT &&
	    errno != EEXIST)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	return 0;
}

int spool_take(const char *path, spool_fn fn, void *arg, unsigned *ret_bad, struct err *e)
{
	char dir[512];
	unsigned bad = 0;

	(void)text_copy(dir, sizeof(dir), path);
	char *slash = strrchr(dir, '/');
	if (!slash)
		return err_set(e, ERR_INPUT, "%s: is not an absolute path", path);
	slash[slash == dir] = '\0';
	if (rename_away(path, e))
		return -1;
	int rc = take_all(path, dir, fn, arg, &bad, e);
	if (ret_bad)
		*ret_bad = bad;
	return rc;
}

struct drain {
	struct fleet *f;
	int64_t now_ms;
	unsigned max;
	unsigned taken;
	bool open; /* a batch is */
	bool rotate;
};

static int drain_end(struct drain *d, struct err *e)
{
	if (!d->open)
		return 0;
	d->open = false;
	return fleet_batch_end(d->f, e);
}

static int drain_one(void *arg, const struct file_event *fe, struct err *e)
{
	struct drain *d = arg;
	struct file_verdict verdict;
	struct err why;

	if (!fe)
		return drain_end(d, e);
	if (d->taken >= d->max)
		return 1;
	if (!d->open && fleet_batch_begin(d->f, d->now_ms, e))
		return -1;
	d->open = true;
	if (fleet_on_file(d->f, fe, &verdict, &why) < 0) {
		/* the store's trouble passes; an event that is bad in itself must not block those behind
		 * it */
		if (why.code == ERR_BUSY || why.code == ERR_STORE || why.code == ERR_SYSTEM) {
			*e = why;
			return -1;
		}
	} else if (verdict.rotate) {
		d->rotate = true;
	}
	d->taken++;
	return 0;
}

int spool_drain(const char *path, struct fleet *f, int64_t now_ms, unsigned max, unsigned *ret_taken,
		bool *ret_rotate, struct err *e)
{
	struct drain d = { .f = f, .now_ms = now_ms, .max = max };

	/* A store that is locked is no reason to rename the file: whoever looks finds it where it belongs. */
	if (access(path, F_OK) == 0) {
		if (fleet_batch_begin(f, now_ms, e))
			return err_wrap(e, "spool");
		d.open = true;
	}
	int rc = spool_take(path, drain_one, &d, NULL, e);

	if (d.open)
		fleet_batch_abort(f);
	if (rc < 0)
		return err_wrap(e, "spool");
	*ret_taken = d.taken;
	if (ret_rotate && d.rotate)
		*ret_rotate = true;
	return rc;
}
