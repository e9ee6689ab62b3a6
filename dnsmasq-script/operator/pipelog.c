/* SPDX-License-Identifier: MPL-2.0 */
/* A pipe as lines, each until it is stored: see pipelog.h. */
#include "pipelog.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pipelog_open(struct pipelog *p, int fd, struct err *e)
{
	*p = (struct pipelog){ .fd = fd, .buf = malloc(PIPELOG_BYTES) };
	return p->buf ? 0 : err_sys(e, ERR_SYSTEM, ENOMEM, "log");
}

void pipelog_close(struct pipelog *p)
{
	free(p->buf);
	*p = (struct pipelog){ .fd = -1 };
}

void pipelog_renew(struct pipelog *p, int fd)
{
	/* half a line of the former one is none */
	while (p->end > p->told && p->buf[p->end - 1] != '\n')
		p->end--;
	p->fd = fd;
	p->skipping = p->ended = false;
}

/* What is stored makes room. */
static void make_room(struct pipelog *p)
{
	memmove(p->buf, p->buf + p->begin, p->end - p->begin);
	p->told -= p->begin;
	p->end -= p->begin;
	p->last_len = p->last >= p->begin ? p->last_len : 0;
	p->last -= p->last_len ? p->begin : 0;
	p->begin = 0;
}

static bool is_readable(const struct pipelog *p)
{
	struct pollfd poll_fd = { .fd = p->fd, .events = POLLIN };

	return p->fd >= 0 && poll(&poll_fd, 1, 0) > 0 && (!p->endless || poll_fd.revents & POLLIN);
}

/* 0 = something came; 1 = nothing now, or no room */
static int fill(struct pipelog *p, struct err *e)
{
	if (p->end == PIPELOG_BYTES)
		make_room(p);
	if (p->end == PIPELOG_BYTES || p->ended || !is_readable(p))
		return 1;
	ssize_t n = read(p->fd, p->buf + p->end, PIPELOG_BYTES - p->end);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : err_sys(e, ERR_INPUT, errno, "reading");
	p->ended = n == 0 && !p->endless;
	p->end += (size_t)n;
	return n == 0;
}

/* The next line: its length, with *ret_whole its newline. False: none is whole. */
static bool next_line(const struct pipelog *p, size_t *ret_len, size_t *ret_whole)
{
	const char *from = p->buf + p->told;
	size_t n = p->end - p->told;
	const char *nl = memchr(from, '\n', n);

	if (!nl && (n == 0 || !p->ended))
		return false;
	*ret_len = nl ? (size_t)(nl - from) : n;
	*ret_whole = nl ? *ret_len + 1 : n;
	return true;
}

static int deliver(struct pipelog *p, unsigned *left, pipelog_fn fn, void *arg, struct err *e)
{
	size_t len, whole;

	while (*left > 0 && next_line(p, &len, &whole)) {
		bool fits = !p->skipping && len <= PIPELOG_LINE_MAX;

		if (fits && fn(arg, p->buf + p->told, len, e) < 0)
			return -1;
		p->too_long += !fits && !p->skipping;
		p->skipping = false;
		p->last = p->told;
		p->last_len = fits ? len : 0;
		p->told += whole;
		*left -= 1;
	}
	/* a line without end */
	if (*left > 0 && p->end - p->told > PIPELOG_LINE_MAX) {
		p->too_long += !p->skipping;
		p->skipping = true;
		p->end = p->told;
	}
	return 0;
}

int pipelog_read(struct pipelog *p, unsigned max, pipelog_fn fn, void *arg, struct err *e)
{
	unsigned left = max;

	for (;;) {
		if (deliver(p, &left, fn, arg, e) < 0)
			return -1;
		if (left == 0)
			return 0;
		bool was_ended = p->ended;
		int rc = fill(p, e);

		if (rc < 0 || (rc == 1 && p->ended == was_ended))
			return rc;
	}
}

bool pipelog_idle(const struct pipelog *p)
{
	size_t len, whole;

	return !next_line(p, &len, &whole) && (p->ended || !is_readable(p));
}

void pipelog_save(struct pipelog *p)
{
	p->begin = p->told;
}

void pipelog_back(struct pipelog *p)
{
	p->told = p->begin;
	p->last_len = 0;
}
