/* SPDX-License-Identifier: MPL-2.0 */
/* See capfeed.h. */
#include "capfeed.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dhcpmsg.h"
#include "tftpmsg.h"

#define WAITING_MAX 8192 /* events; beyond that the oldest waits no more */
#define SETTLE_MS 200 /* of the capture's time, between looks at who has fallen silent */
#define LATE_MS 1000 /* a little is usual: frames of several queues of a network card */
#define SEEN_MAX 256 /* packets that are remembered to know them again, a power of two */
#define SEEN_MS 100 /* what comes later is sent again: the fastest repeat after a second */

struct capfeed {
	struct capevent_to to;
	struct capfeed_counts counts;
	struct leases *leases; /* owned */
	struct transfers *transfers; /* owned */
	int64_t now_ms, settled_ms;
	/* A heap, the earliest event first; of one time the one that came first. */
	struct waiting {
		uint64_t number;
		struct capevent *event; /* owned */
	} * waiting; /* owned */
	unsigned n_waiting;
	uint64_t next_number;
	struct {
		uint64_t hash;
		int64_t at_ms;
	} seen[SEEN_MAX];
	unsigned next_seen;
};

/* ---- events in order */

static bool before(const struct waiting *a, const struct waiting *b)
{
	if (a->event->at_ms != b->event->at_ms)
		return a->event->at_ms < b->event->at_ms;
	return a->number < b->number;
}

static void swap(struct waiting *a, struct waiting *b)
{
	struct waiting t = *a;

	*a = *b;
	*b = t;
}

static void heap_put(struct capfeed *cf, struct capevent *ev)
{
	struct waiting *h = cf->waiting;
	unsigned i = cf->n_waiting++;

	h[i] = (struct waiting){ .number = cf->next_number++, .event = ev };
	for (; i > 0 && before(&h[i], &h[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h[i], &h[(i - 1) / 2]);
}

static struct capevent *heap_take(struct capfeed *cf)
{
	struct waiting *h = cf->waiting;
	struct capevent *first = h[0].event;

	h[0] = h[--cf->n_waiting];
	for (unsigned i = 0;;) {
		unsigned left = 2 * i + 1, least = i;

		if (left < cf->n_waiting && before(&h[left], &h[least]))
			least = left;
		if (left + 1 < cf->n_waiting && before(&h[left + 1], &h[least]))
			least = left + 1;
		if (least == i)
			return first;
		swap(&h[i], &h[least]);
		i = least;
	}
}

static int pass_on(struct capfeed *cf, struct err *e)
{
	CLEANUP(cleanup_free) struct capevent *ev = heap_take(cf);

	cf->counts.events++;
	return cf->to.fn(cf->to.arg, ev, e);
}

static int wait_in_line(void *arg, const struct capevent *ev, struct err *e)
{
	struct capfeed *cf = arg;
	struct capevent *own = malloc(sizeof(*own));

	if (!own)
		return err_set(e, ERR_SYSTEM, "out of memory");
	*own = *ev;
	if (cf->n_waiting == WAITING_MAX && pass_on(cf, e) < 0) {
		free(own);
		return -1;
	}
	heap_put(cf, own);
	return 0;
}

/* Who fell silent is told of, then everything that nothing can come before. */
static int settle(struct capfeed *cf, bool all, struct err *e)
{
	if (transfers_settle(cf->transfers, cf->now_ms, all, e) < 0)
		return -1;
	int64_t until = all ? INT64_MAX : transfers_horizon(cf->transfers);

	if (!all && until > cf->now_ms - LATE_MS)
		until = cf->now_ms - LATE_MS;
	while (cf->n_waiting > 0 && cf->waiting[0].event->at_ms <= until)
		if (pass_on(cf, e) < 0)
			return -1;
	cf->settled_ms = cf->now_ms;
	return 0;
}

/* ---- packets */

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u; /* FNV-1a */
	return h;
}

/* Without what a router or a bridge changes on the way: frame, hop count, header checksum. */
static bool seen_before(struct capfeed *cf, const struct packet *p, int64_t at_ms)
{
	uint32_t who[6] = { p->from.host, p->to.host, p->from_port,
			    p->to_port,	  p->ip_id,   (uint32_t)p->wire_len };
	uint64_t h = mix(mix(0xcbf29ce484222325u, who, sizeof(who)), p->bytes, p->len);

	for (unsigned i = 0; i < SEEN_MAX; i++)
		if (cf->seen[i].hash == h && llabs(at_ms - cf->seen[i].at_ms) < SEEN_MS)
			return true;
	cf->seen[cf->next_seen].hash = h;
	cf->seen[cf->next_seen].at_ms = at_ms;
	cf->next_seen = (cf->next_seen + 1) % SEEN_MAX;
	return false;
}

static int on_packet(struct capfeed *cf, const struct packet *p, int64_t at_ms, struct err *e)
{
	bool dhcp = p->to_port == DHCP_SERVER_PORT || p->to_port == DHCP_CLIENT_PORT;

	if (!dhcp && !transfers_concerns(cf->transfers, p))
		return 0;
	if (seen_before(cf, p, at_ms)) {
		cf->counts.doubled++;
		return 0;
	}
	int rc = dhcp ? leases_packet(cf->leases, at_ms, p, e) : transfers_packet(cf->transfers, at_ms, p, e);

	if (rc < 0)
		return -1;
	*(dhcp ? &cf->counts.dhcp : &cf->counts.tftp) += rc == 0;
	cf->counts.cut += rc == 1 && p->len < p->wire_len;
	return 0;
}

int capfeed_frame(struct capfeed *cf, const struct frame *f, struct err *e)
{
	struct packet p;

	cf->counts.frames++;
	if (f->at_ms <= 0) {
		cf->counts.broken++;
		return 0;
	}
	cf->counts.late += f->at_ms < cf->now_ms - LATE_MS;
	if (f->at_ms > cf->now_ms)
		cf->now_ms = f->at_ms;
	if (cf->now_ms - cf->settled_ms >= SETTLE_MS && settle(cf, false, e) < 0)
		return -1;
	switch (frame_packet(f, &p)) {
	case FRAME_UDP:
		return on_packet(cf, &p, f->at_ms, e);
	case FRAME_FRAGMENT:
		cf->counts.fragments++;
		break;
	case FRAME_CUT:
		cf->counts.cut++;
		break;
	case FRAME_BROKEN:
		cf->counts.broken++;
		break;
	case FRAME_OTHER:
		break;
	}
	return 0;
}

int capfeed_end(struct capfeed *cf, struct err *e)
{
	return settle(cf, true, e);
}

void capfeed_counts(const struct capfeed *cf, struct capfeed_counts *ret)
{
	*ret = cf->counts;
	leases_counts(cf->leases, &ret->leases);
	ret->transfers = *transfers_counts(cf->transfers);
}

int capfeed_new(struct capfeed **ret, struct capevent_to to, struct leases_site site, struct err *e)
{
	struct capfeed *cf = calloc(1, sizeof(*cf));
	struct capevent_to in_line = { wait_in_line, cf };

	if (cf)
		cf->waiting = calloc(WAITING_MAX, sizeof(*cf->waiting));
	if (!cf || !cf->waiting) {
		free(cf);
		return err_set(e, ERR_SYSTEM, "out of memory");
	}
	cf->to = to;
	if (leases_new(&cf->leases, in_line, site, e) < 0 || transfers_new(&cf->transfers, in_line, e) < 0) {
		capfeed_free(cf);
		return -1;
	}
	*ret = cf;
	return 0;
}

void capfeed_free(struct capfeed *cf)
{
	if (!cf)
		return;
	while (cf->n_waiting > 0)
		free(heap_take(cf));
	free(cf->waiting);
	leases_free(cf->leases);
	transfers_free(cf->transfers);
	free(cf);
}
