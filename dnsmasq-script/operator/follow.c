/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A growing file as lines. The place is remembered as device, inode, offset and a hash of the file's
 * first bytes; after a rotation while nobody looked, the rest of the old file is found by its inode, or by these bytes,
 * among the neighbours of the same name.
 */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "follow_old.h"
#include "strbuf.h"

#define MEMORY_MAX 1024
#define READ_SIZE (FOLLOW_LINE_MAX * 4)

static int head_hash(int fd, size_t n, uint64_t *ret)
{
	unsigned char buf[FOLLOW_HEAD_MAX];

	if (n > sizeof(buf) || pread(fd, buf, n, 0) != (ssize_t)n)
		return 1;
	*ret = follow_hash(buf, n);
	return 0;
}

/* Is what is open still the file whose place we hold? A truncation, or another file with the same inode,
 * says no. */
static bool is_same_content(const struct follow *fl, int fd, const struct stat *st)
{
	uint64_t h;

	if (st->st_size < fl->offset)
		return false;
	return fl->head_n == 0 || (head_hash(fd, fl->head_n, &h) == 0 && h == fl->head);
}

static void take_head(struct follow *fl)
{
	size_t n = fl->offset < FOLLOW_HEAD_MAX ? (size_t)fl->offset : FOLLOW_HEAD_MAX;

	if (n != fl->head_n && head_hash(fl->fd, n, &fl->head) == 0)
		fl->head_n = n;
}

static void begin_at(struct follow *fl, off_t offset)
{
	fl->offset = offset;
	fl->skipping = false;
	fl->moved = true;
	if (offset == 0)
		fl->head_n = 0;
}

/* ---- the memory */

static int parse_memory(struct follow *fl, const char *text)
{
	unsigned long long dev, ino, offset, head_n;
	uint64_t head;
	int at = 0;

	if (sscanf(text, "dev=%llu ino=%llu offset=%llu head=%llu:%" SCNx64 " path=%n", &dev, &ino, &offset,
		   &head_n, &head, &at) != 5 ||
	    at == 0 || head_n > FOLLOW_HEAD_MAX)
		return 1;
	const char *end = strchr(text + at, '\n');
	if (!end || (size_t)(end - text - at) != strlen(fl->path) ||
	    strncmp(text + at, fl->path, strlen(fl->path)) != 0)
		return 1;
	fl->dev = (dev_t)dev;
	fl->ino = (ino_t)ino;
	fl->offset = (off_t)offset;
	fl->head_n = (size_t)head_n;
	fl->head = head;
	return 0;
}

/* A memory that is damaged or of another log is none: its entries come again, and count once. */
static int read_memory(struct follow *fl, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MEMORY_MAX);

	fl->fresh = true;
	if (fl->memory[0] == '\0')
		return 0;
	int rc = file_read(fl->memory, MEMORY_MAX, &sb, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	fl->fresh = parse_memory(fl, strbuf_text(&sb)) != 0;
	return 0;
}

int follow_save(struct follow *fl, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MEMORY_MAX);

	/* what was rotated away has no place of its own: after a restart it comes again, and counts once */
	if (fl->fd < 0 || fl->old || !fl->moved || fl->memory[0] == '\0')
		return 0;
	take_head(fl);
	strbuf_addf(&sb, "dev=%llu ino=%llu offset=%llu head=%zu:%" PRIx64 " path=%s\n",
		    (unsigned long long)fl->dev, (unsigned long long)fl->ino, (unsigned long long)fl->offset,
		    fl->head_n, fl->head, fl->path);
	if (strbuf_check(&sb, "place in the log", e) ||
	    file_replace(fl->memory, strbuf_text(&sb), sb.len, 0640, FILE_NO_SYNC, e) < 0)
		return -1;
	fl->moved = false;
	return 0;
}

/* ---- which file */

static int open_file(struct follow *fl, const char *path, struct err *e)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 1 : err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: is no regular file", path);
	bool known = st.st_dev == fl->dev && st.st_ino == fl->ino && is_same_content(fl, fd, &st);
	if (!known)
		begin_at(fl, 0);
	fl->dev = st.st_dev;
	fl->ino = st.st_ino;
	fl->fd = TAKE_FD(fd);
	return 0;
}

static bool is_where_it_was(const struct follow *fl)
{
	CLEANUP(cleanup_fd) int fd = open(fl->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == fl->dev && st.st_ino == fl->ino &&
	       is_same_content(fl, fd, &st);
}

/* What of the remembered file, and of those that came after it, lies beside the log under other names. 0 = it is open, or
 * to be read first; 1 = there is nothing. */
static int find_old(struct follow *fl, bool copies, struct err *e)
{
	struct follow_place place = { fl->path, fl->dev, fl->ino, fl->offset, fl->head_n, fl->head, fl->mtime, copies };
	char renamed[512];
	struct stat st;
	bool is_renamed;

	if (!copies && stat(fl->memory, &st) == 0)
		place.since = st.st_mtim;
	int rc = follow_old_find(&fl->old, &place, &is_renamed, renamed, sizeof(renamed), e);

	return rc == 1 && is_renamed ? open_file(fl, renamed, e) : rc;
}

int follow_open(struct follow *fl, const char *path, const char *memory, struct err *e)
{
	*fl = (struct follow){ .fd = -1 };
	if (!text_copy(fl->path, sizeof(fl->path), path) ||
	    !text_copy(fl->memory, sizeof(fl->memory), memory))
		return err_set(e, ERR_LIMIT, "%s: the name is too long", path);
	if (read_memory(fl, e))
		return err_wrap(e, "place in the log");
	int rc = fl->fresh || is_where_it_was(fl) ? 1 : find_old(fl, false, e);
	if (rc == 1)
		rc = open_file(fl, path, e);
	return rc < 0 ? -1 : 0;
}

void follow_close(struct follow *fl)
{
	if (fl->fd >= 0)
		close(fl->fd);
	fl->fd = -1;
	follow_old_free(fl->old);
	fl->old = NULL;
}

/* The file that is open was read to its end. Is there another in its place that its writer has begun to
 * use? As long as the new one is empty the writer may still hold the old one (logrotate makes the new file
 * before it sends SIGUSR2). */
static int look_for_new(struct follow *fl, struct err *e)
{
	struct stat st;

	if (stat(fl->path, &st) < 0)
		return errno == ENOENT ? 1 : err_sys(e, ERR_SYSTEM, errno, "%s", fl->path);
	if ((st.st_dev == fl->dev && st.st_ino == fl->ino) || st.st_size == 0)
		return 1;
	/* between our last read and the writer's change of files there may have been a line */
	if (!fl->leaving) {
		fl->leaving = true;
		return 0;
	}
	fl->leaving = false;
	follow_close(fl);
	return open_file(fl, fl->path, e);
}

/* ---- lines */

/* Cut short in its place: what we had not read is in the copy that was made before (copytruncate). 0; 1 = that is to be
 * read first. */
static int look_for_truncation(struct follow *fl, struct err *e)
{
	struct stat st;
	int rc = 1;

	if (fstat(fl->fd, &st) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", fl->path);
	if (!is_same_content(fl, fl->fd, &st)) {
		rc = find_old(fl, true, e);
		begin_at(fl, 0);
	}
	fl->mtime = st.st_mtim;
	return rc < 0 ? -1 : !rc;
}

/* The whole lines of what was read. *ret_used: bytes that are done with. */
static int deliver(struct follow *fl, const char *buf, size_t n, unsigned *left, follow_fn fn, void *arg,
		   size_t *ret_used, struct err *e)
{
	const char *at = buf, *end = buf + n;

	while (at<end && * left> 0) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (!nl)
			break;
		bool fits = !fl->skipping && nl - at <= FOLLOW_LINE_MAX;

		if (fits && fn(arg, at, (size_t)(nl - at), e) < 0) {
			*ret_used = (size_t)(at - buf);
			return -1;
		}
		fl->too_long += !fits;
		fl->skipping = false;
		at = nl + 1;
		*left -= 1;
	}
	/* a line without end that fills the buffer: pass over it */
	if (at == buf && n == READ_SIZE && *left > 0) {
		fl->skipping = true;
		at = end;
	}
	*ret_used = (size_t)(at - buf);
	return 0;
}

/* 0 = a piece was delivered, 1 = at the end for now */
static int read_piece(struct follow *fl, unsigned *left, follow_fn fn, void *arg, struct err *e)
{
	char buf[READ_SIZE];
	size_t used = 0;
	ssize_t n = pread(fl->fd, buf, sizeof(buf), fl->offset);

	if (n < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", fl->path);
	int rc = deliver(fl, buf, (size_t)n, left, fn, arg, &used, e);
	fl->offset += (off_t)used;
	fl->moved = fl->moved || used > 0;
	take_head(fl);
	if (rc < 0)
		return -1;
	return used > 0 ? 0 : 1;
}

bool follow_idle(const struct follow *fl)
{
	struct stat st;

	if (fl->old)
		return false;
	if (stat(fl->path, &st) < 0)
		return fl->fd < 0;
	return fl->fd >= 0 && st.st_dev == fl->dev && st.st_ino == fl->ino && st.st_size == fl->offset &&
	       st.st_mtim.tv_sec == fl->mtime.tv_sec && st.st_mtim.tv_nsec == fl->mtime.tv_nsec;
}

/* 0 = done with it, 1 = there is more, or -1 */
static int read_old(struct follow *fl, unsigned *left, follow_fn fn, void *arg, struct err *e)
{
	int rc = follow_old_read(fl->old, left, fn, arg, fl->trouble, sizeof(fl->trouble), e);

	if (rc != 1)
		return rc < 0 ? -1 : 1;
	fl->too_long += follow_old_too_long(fl->old);
	follow_old_free(fl->old);
	fl->old = NULL;
	return 0;
}

int follow_read(struct follow *fl, unsigned max, follow_fn fn, void *arg, struct err *e)
{
	unsigned left = max;
	int rc = fl->old ? read_old(fl, &left, fn, arg, e) : 0;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (fl->fd < 0) {
		rc = open_file(fl, fl->path, e);
		if (rc != 0)
			return rc;
	}
	rc = look_for_truncation(fl, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	while (left > 0) {
		rc = read_piece(fl, &left, fn, arg, e);
		if (rc == 1)
			rc = look_for_new(fl, e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int follow_back(struct follow *fl, struct err *e)
{
	bool fresh = fl->fresh;
	char path[sizeof(fl->path)], memory[sizeof(fl->memory)];

	memcpy(path, fl->path, sizeof(path));
	memcpy(memory, fl->memory, sizeof(memory));
	follow_close(fl);
	if (follow_open(fl, path, memory, e))
		return -1;
	fl->fresh = fresh;
	return 0;
}
