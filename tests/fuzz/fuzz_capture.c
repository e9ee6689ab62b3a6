/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A capture: a whole file, where it begins as one, else frames without one, which a fuzzer changes more easily: the link
 * in a byte, then for each frame the milliseconds after the one before and its length in two bytes each, and its bytes.
 */
#include <string.h>

#include "capfeed.h"
#include "capture.h"

#include "fuzz.h"

#define T0 1700000000000

struct rest {
	const uint8_t *p;
	size_t len;
};

static int on_event(void *arg, const struct capevent *ev, struct err *e)
{
	(void)arg, (void)e;
	MUST(ev->at_ms > 0);
	MUST(memchr(ev->note, '\0', sizeof ev->note));
	if (ev->is_lease) {
		MUST(ev->is.lease.address.host);
		MUST(ev->is.lease.at_ms == ev->at_ms);
		MUST(ev->is.lease.relay_len <= sizeof ev->is.lease.relay);
		MUST(memchr(ev->is.lease.hostname, '\0', sizeof ev->is.lease.hostname));
	} else {
		MUST(ev->is.file.path[0] && memchr(ev->is.file.path, '\0', sizeof ev->is.file.path));
		MUST(ev->is.file.bytes >= -1);
		MUST((ev->is.file.kind == EVENT_SENT) == (ev->is.file.bytes >= 0));
	}
	return 0;
}

static ssize_t on_read(void *arg, char *buf, size_t size)
{
	struct rest *r = arg;
	size_t n = size < r->len ? size : r->len;

	memcpy(buf, r->p, n);
	r->p += n;
	r->len -= n;
	return (ssize_t)n;
}

static void whole_file(struct capfeed *cf, struct rest r)
{
	struct capture *c;
	struct frame f;
	struct err e;

	if (capture_open(&c, on_read, &r, &e) != 0)
		return;
	while (capture_next(c, &f, &e) == 0) {
		MUST(f.len <= f.wire_len && f.at_ms >= 0);
		MUST(capfeed_frame(cf, &f, &e) == 0);
	}
	capture_close(c);
}

static void frames(struct capfeed *cf, struct rest r)
{
	struct frame f = { .at_ms = T0, .link = r.len ? r.p[0] % 4 : FRAME_ETHERNET };
	struct err e;

	for (r.p += r.len > 0, r.len -= r.len > 0; r.len >= 4;) {
		size_t n = (size_t)r.p[2] << 8 | r.p[3];

		f.at_ms += (int16_t)(r.p[0] << 8 | r.p[1]);
		r.p += 4;
		r.len -= 4;
		f.wire_len = n;
		f.len = n < r.len ? n : r.len;
		/* a block of its own size, so that a sanitizer sees the first byte read too far */
		uint8_t *own = malloc(f.len ? f.len : 1);

		MUST(own);
		memcpy(own, r.p, f.len);
		f.bytes = own;
		r.p += f.len;
		r.len -= f.len;
		MUST(capfeed_frame(cf, &f, &e) == 0);
		free(own);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rest r = { data, size };
	struct capfeed_counts c;
	struct capfeed *cf;
	struct err e;

	static const struct ip4 tftp = { 0x0a000001 };

	MUST(capfeed_new(&cf, (struct capevent_to){ on_event, NULL }, (struct leases_site){ &tftp, 1 }, &e) == 0);
	if (capture_is(data, size))
		whole_file(cf, r);
	else
		frames(cf, r);
	MUST(capfeed_end(cf, &e) == 0);
	capfeed_counts(cf, &c);
	MUST(c.dhcp + c.tftp + c.doubled + c.fragments <= c.frames);
	capfeed_free(cf);
	return 0;
}
