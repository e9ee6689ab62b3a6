/* SPDX-License-Identifier: MPL-2.0 */
/* See capreplay.h. Events go to the fleet as the hook and the log would have told them, some thousand frames a
 * transaction, and none is open while a pipe is waited for. */
#include "capreplay.h"

#include <errno.h>
#include <string.h>

#include "capture.h"
#include "cleanup.h"

#define BATCH_FRAMES 2000

static void cleanup_capture(struct capture **c)
{
	capture_close(*c);
}

static void cleanup_feed(struct capfeed **cf)
{
	capfeed_free(*cf);
}

struct replaying {
	struct fleet *fleet;
	uint64_t taken;
};

static int tell_fleet(void *arg, const struct capevent *ev, struct err *e)
{
	struct replaying *r = arg;
	struct file_verdict verdict;
	int rc;

	if (ev->is_lease) {
		struct lease_event le = ev->is.lease;

		le.note = ev->note;
		rc = fleet_on_lease(r->fleet, &le, e);
	} else {
		struct file_event fe = {
			.kind = ev->is.file.kind,
			.at_ms = ev->at_ms,
			.client = ev->is.file.client,
			.path = ev->is.file.path,
			.bytes = ev->is.file.bytes,
			.note = ev->note,
		};

		rc = fleet_on_file(r->fleet, &fe, &verdict, e);
	}
	r->taken += rc == 0;
	return rc < 0 ? -1 : 0;
}

/* ---- bytes of a source, as the capture asks for them */

struct reading {
	struct logsource *in;
	struct fleet *fleet;
	int64_t now_ms;
	bool in_batch;
	const char *rest;
	size_t len;
	struct err why; /* code ERR_NONE: nothing went wrong */
};

/* The next block. Frames are asked for between two of them, so what was told can be committed meanwhile. 1 = the end */
static int read_block(struct reading *r)
{
	bool waits = r->in_batch && !logsource_is_ready(r->in);

	if (waits && fleet_batch_end(r->fleet, &r->why) < 0) {
		r->in_batch = false;
		return -1;
	}
	int rc = logsource_bytes(r->in, &r->rest, &r->len, &r->why);

	if (waits && fleet_batch_begin(r->fleet, r->now_ms, &r->why) < 0) {
		r->in_batch = false;
		return -1;
	}
	return rc;
}

static ssize_t read_source(void *arg, char *buf, size_t size)
{
	struct reading *r = arg;

	if (r->len == 0) {
		int rc = read_block(r);

		if (rc != 0) {
			r->len = 0;
			errno = EIO;
			return rc < 0 ? -1 : 0;
		}
	}
	size_t n = size < r->len ? size : r->len;

	memcpy(buf, r->rest, n);
	r->rest += n;
	r->len -= n;
	return (ssize_t)n;
}

int capreplay_is(struct logsource *in, struct err *e)
{
	const char *head;
	size_t len;

	if (logsource_peek(in, CAPTURE_MAGIC, &head, &len, e) < 0)
		return -1;
	return capture_is(head, len) ? 0 : 1;
}

/* ---- frames */

/* 0 = more may follow; 1 = the end, 2 = damage: all that came before has been told; -1 = not told */
static int feed_batch(struct capture *c, struct capfeed *cf, struct err *e)
{
	struct frame f;

	for (int i = 0; i < BATCH_FRAMES; i++) {
		int rc = capture_next(c, &f, e);

		if (rc != 0) {
			struct err why;

			/* what came before the damage has happened */
			if (capfeed_end(cf, rc < 0 ? &why : e) < 0)
				return -1;
			return rc < 0 ? 2 : 1;
		}
		if (capfeed_frame(cf, &f, e) < 0)
			return -1;
	}
	return 0;
}

static int feed_all(struct reading *from, struct capture *c, struct capfeed *cf, struct err *e)
{
	struct err why;
	int rc = 0;

	while (rc == 0) {
		if (fleet_batch_begin(from->fleet, from->now_ms, e) < 0)
			return -1;
		from->in_batch = true;
		rc = feed_batch(c, cf, &why);
		if (!from->in_batch)
			rc = -1; /* the store said no in between */
		else if (rc < 0)
			fleet_batch_abort(from->fleet);
		else if (fleet_batch_end(from->fleet, e) < 0)
			return -1;
		from->in_batch = false;
	}
	if (rc == 1)
		return 0;
	*e = why;
	return -1;
}

int capreplay(struct fleet *fleet, struct logsource *in, struct leases_site site, int64_t now_ms,
	      struct capreplay_counts *ret, struct err *e)
{
	struct replaying r = { .fleet = fleet };
	struct reading from = { .in = in, .fleet = fleet, .now_ms = now_ms };
	CLEANUP(cleanup_capture) struct capture *c = NULL;
	CLEANUP(cleanup_feed) struct capfeed *cf = NULL;

	*ret = (struct capreplay_counts){ .taken = 0 };
	if (capture_open(&c, read_source, &from, e) < 0 ||
	    capfeed_new(&cf, (struct capevent_to){ tell_fleet, &r }, site, e) < 0)
		return -1;
	int rc = feed_all(&from, c, cf, e);

	if (rc < 0 && from.why.code != ERR_NONE)
		*e = from.why;
	capfeed_counts(cf, &ret->feed);
	ret->taken = r.taken;
	ret->ends_within_frame = capture_is_cut(c);
	return rc;
}
