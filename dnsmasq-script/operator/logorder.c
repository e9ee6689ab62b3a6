/* SPDX-License-Identifier: MPL-2.0 */
/* Old logs, and captures, by their first stamps: see logorder.h. */
#include "logorder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "capture.h"
#include "cleanup.h"
#include "journal.h"
#include "tftplog.h"

#define LOOK_BYTES LOGSOURCE_BLOCK_BYTES

static int utc_offset_s(int64_t at_ms)
{
	time_t t = (time_t)(at_ms / 1000);
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
}

static bool line_stamp(const char *line, size_t len, int64_t now_ms, int64_t *ret_ms)
{
	struct journal_entry j;

	if (!journal_is_entry(line, len))
		return tftplog_line_stamp(line, len, now_ms, utc_offset_s(now_ms), ret_ms);
	if (journal_parse(line, len, &j) != 0)
		return false;
	*ret_ms = j.at_ms;
	return true;
}

/* Whole lines only: half a stamp may be another one. */
static int64_t first_stamp(const char *text, size_t len, int64_t now_ms)
{
	int64_t ms;

	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) : len;

		if ((nl || len < LOOK_BYTES) && line_stamp(text, n, now_ms, &ms))
			return ms;
		text += nl ? n + 1 : n;
		len -= nl ? n + 1 : n;
	}
	return INT64_MAX;
}

/* ---- captures */

struct peeked {
	const char *at;
	size_t left;
};

static ssize_t read_peeked(void *arg, char *buf, size_t size)
{
	struct peeked *p = arg;
	size_t n = p->left < size ? p->left : size;

	memcpy(buf, p->at, n);
	p->at += n;
	p->left -= n;
	return (ssize_t)n;
}

static void cleanup_capture(struct capture **c)
{
	capture_close(*c);
}

static int64_t first_frame(const char *bytes, size_t len)
{
	CLEANUP(cleanup_capture) struct capture *c = NULL;
	struct peeked p = { bytes, len };
	struct frame frame;
	struct err e;

	if (capture_open(&c, read_peeked, &p, &e) < 0 || capture_next(c, &frame, &e) != 0 || frame.at_ms == 0)
		return INT64_MAX;
	return frame.at_ms;
}

/* ---- the set */

static bool opens_twice(const char *name)
{
	struct stat st;

	return strcmp(name, "-") != 0 && stat(name, &st) == 0 && S_ISREG(st.st_mode);
}

static int look(struct log_named *one, int64_t now_ms, struct err *e)
{
	const char *text;
	size_t len;

	if (logsource_open(&one->source, one->name, e))
		return -1;
	if (logsource_peek(one->source, LOOK_BYTES, &text, &len, e))
		return err_wrap(e, "%s", one->name);
	one->first_ms = capture_is(text, len) ? first_frame(text, len) : first_stamp(text, len, now_ms);
	if (opens_twice(one->name)) {
		logsource_close(one->source);
		one->source = NULL;
	}
	return 0;
}

/* Stable, which qsort() does not promise; they are few. */
static void sort(struct log_named *set, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct log_named one = set[i];
		size_t k = i;

		for (; k > 0 && set[k - 1].first_ms > one.first_ms; k--)
			set[k] = set[k - 1];
		set[k] = one;
	}
}

int logorder_sort(struct log_named *set, size_t n, int64_t now_ms, struct err *e)
{
	if (n == 1) /* what comes through a pipe need not be waited for */
		return logsource_open(&set[0].source, set[0].name, e);
	for (size_t i = 0; i < n; i++)
		if (look(&set[i], now_ms, e))
			return -1;
	sort(set, n);
	return 0;
}

int logorder_open(struct log_named *one, struct logsource **ret, struct err *e)
{
	if (!one->source)
		return logsource_open(ret, one->name, e);
	*ret = TAKE(one->source);
	return 0;
}

void logorder_fini(struct log_named *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		logsource_close(set[i].source);
}
