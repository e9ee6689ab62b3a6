/* SPDX-License-Identifier: MPL-2.0 */
/* Old logs in blocks: see logsource.h. One buffer; what a line lacks is read behind what there is of it. */
#include "logsource.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unpack.h"

#define PACKED_BYTES 65536

struct logsource {
	int fd;
	bool own_fd;
	bool at_end;   /* nothing more to read */
	bool skipping; /* inside a line that does not fit */
	uint64_t too_long;
	struct unpack_stream *z; /* NULL: as it is */
	size_t first_n;		 /* bytes in `packed` that were read to look at them */
	size_t begin, end;	 /* what is in buf */
	char packed[PACKED_BYTES];
	/* some processors copy three times as slowly to where a page's first bytes would lie a few bytes behind its beginning */
	alignas(64) char buf[LOGSOURCE_BLOCK_BYTES];
};

static ssize_t read_fd(struct logsource *s, void *buf, size_t size, struct err *e)
{
	for (;;) {
		ssize_t n = read(s->fd, buf, size);

		if (n >= 0)
			return n;
		if (errno != EINTR)
			return err_sys(e, ERR_INPUT, errno, "reading");
	}
}

static ssize_t next_packed(void *arg, const void **ret_bytes, struct err *e)
{
	struct logsource *s = arg;
	ssize_t n = (ssize_t)s->first_n;

	*ret_bytes = s->packed;
	s->first_n = 0;
	return n > 0 ? n : read_fd(s, s->packed, sizeof(s->packed), e);
}

/* More into the buffer, behind what is there. *at_end when there is none. */
static int fill(struct logsource *s, struct err *e)
{
	size_t room = sizeof(s->buf) - s->end, n = 0;

	if (s->z) {
		if (unpack_stream_read(s->z, s->buf + s->end, room, &n, e) < 0)
			return -1;
	} else {
		ssize_t got = read_fd(s, s->buf + s->end, room, e);

		if (got < 0)
			return -1;
		n = (size_t)got;
	}
	s->end += n;
	s->at_end = n == 0;
	return 0;
}

/* The first bytes tell whether it is packed. A pipe may give them one by one. */
static int look(struct logsource *s, struct err *e)
{
	while (s->first_n < UNPACK_STREAM_LOOK_BYTES && !s->at_end) {
		ssize_t n = read_fd(s, s->packed + s->first_n, sizeof(s->packed) - s->first_n, e);

		if (n < 0)
			return -1;
		s->first_n += (size_t)n;
		s->at_end = n == 0;
	}
	if (!unpack_stream_look(s->packed, s->first_n)) {
		memcpy(s->buf, s->packed, s->first_n);
		s->end = s->first_n;
		return 0;
	}
	s->at_end = false;
	return unpack_stream_open(&s->z, next_packed, s, e);
}

int logsource_open(struct logsource **ret, const char *name, struct err *e)
{
	struct logsource *s = aligned_alloc(alignof(struct logsource), sizeof(*s));

	if (!s)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "%s", name);
	/* the buffers need no zeros */
	memset(s, 0, offsetof(struct logsource, packed));
	s->own_fd = strcmp(name, "-") != 0;
	s->fd = s->own_fd ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s->fd < 0) {
		err_sys(e, ERR_INPUT, errno, "%s", name);
		free(s);
		return -1;
	}
	if (look(s, e) < 0) {
		logsource_close(s);
		return err_wrap(e, "%s", name);
	}
	*ret = s;
	return 0;
}

void logsource_close(struct logsource *s)
{
	if (!s)
		return;
	unpack_stream_close(s->z);
	if (s->own_fd)
		close(s->fd);
	free(s);
}

/* What is left goes to the front, where there must be room behind it. */
static void make_room(struct logsource *s)
{
	if (s->begin > 0)
		memmove(s->buf, s->buf + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = 0;
}

int logsource_peek(struct logsource *s, size_t n, const char **ret, size_t *ret_len, struct err *e)
{
	make_room(s);
	while (s->end < n && !s->at_end)
		if (fill(s, e) < 0)
			return -1;
	*ret = s->buf;
	*ret_len = s->end < n ? s->end : n;
	return 0;
}

int logsource_bytes(struct logsource *s, const char **ret, size_t *ret_len, struct err *e)
{
	if (s->begin == s->end)
		make_room(s);
	if (s->begin == s->end && !s->at_end && fill(s, e) < 0)
		return -1;
	if (s->begin == s->end)
		return 1;
	*ret = s->buf + s->begin;
	*ret_len = s->end - s->begin;
	s->begin = s->end;
	return 0;
}

int logsource_skip(struct logsource *s, uint64_t n, struct err *e)
{
	while (n > 0) {
		size_t here = s->end - s->begin;

		if (here > n)
			here = (size_t)n;
		s->begin += here;
		n -= here;
		if (n == 0)
			return 0;
		make_room(s);
		if (!s->at_end && fill(s, e) < 0)
			return -1;
		if (s->begin == s->end)
			return 1;
	}
	return 0;
}

/* Of the line that is passed over, what is in the buffer. True: its end was there. */
static bool pass_over(struct logsource *s)
{
	const char *nl = memchr(s->buf + s->begin, '\n', s->end - s->begin);

	s->begin = nl ? (size_t)(nl + 1 - s->buf) : s->end;
	s->skipping = !nl;
	return nl;
}

/* Whole lines from `begin` on, all that are in the buffer: their length. */
static size_t whole_lines(struct logsource *s, size_t looked_at)
{
	const char *from = s->buf + s->begin;
	size_t n = s->end - s->begin;
	const char *nl = n > looked_at ? memrchr(from + looked_at, '\n', n - looked_at) : NULL;

	if (nl)
		return (size_t)(nl + 1 - from);
	return s->at_end ? n : 0;
}

int logsource_lines(struct logsource *s, const char **ret, size_t *ret_len, struct err *e)
{
	size_t looked_at = 0;

	for (;;) {
		size_t n = s->skipping && !pass_over(s) ? 0 : whole_lines(s, looked_at);

		if (n > 0) {
			*ret = s->buf + s->begin;
			*ret_len = n;
			s->begin += n;
			return 0;
		}
		if (s->at_end)
			return 1;
		make_room(s);
		if (s->end == sizeof(s->buf)) {
			s->too_long++;
			s->skipping = true;
			s->end = 0;
		}
		looked_at = s->end;
		if (fill(s, e) < 0)
			return -1;
	}
}

bool logsource_cut(struct logsource *s, const char **text, size_t *len, const char **ret_line, size_t *ret_len)
{
	while (*len > 0) {
		const char *line = *text, *nl = memchr(line, '\n', *len);
		size_t n = nl ? (size_t)(nl - line) : *len, whole = nl ? n + 1 : n;

		*text += whole;
		*len -= whole;
		if (n <= LOGSOURCE_LINE_MAX) {
			*ret_line = line;
			*ret_len = n;
			return true;
		}
		s->too_long++;
	}
	return false;
}

uint64_t logsource_pass(struct logsource *s, const char **text, size_t *len, const char *until)
{
	const char *p = *text, *nl;
	uint64_t n = 0;

	while (p < until && (nl = memchr(p, '\n', (size_t)(until - p)))) {
		if (nl - p <= LOGSOURCE_LINE_MAX)
			n++;
		else
			s->too_long++;
		p = nl + 1;
	}
	*len -= (size_t)(p - *text);
	*text = p;
	return n;
}

bool logsource_is_ready(const struct logsource *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	return s->at_end || poll(&p, 1, 0) > 0;
}

uint64_t logsource_too_long(const struct logsource *s)
{
	return s->too_long;
}
