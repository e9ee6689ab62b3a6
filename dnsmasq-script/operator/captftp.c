/* SPDX-License-Identifier: MPL-2.0 */
/*
 * See captftp.h. A transfer is open until its outcome is told, and is kept a while longer, since what comes late
 * belongs to it. Which blocks went out and which were acknowledged is kept as the furthest of each, so that packets
 * in the wrong order, doubled or lost to the capture come to the same.
 */
#include "captftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "tftpmsg.h"

#define TRANSFERS_MAX 4096 /* at once; phones fetch one file at a time */
#define BUCKETS 1024
#define ASKS_MAX 8 /* of one port: five are usual (F§6) */
#define HEARD_MAX 16
#define AGAIN_MS 15000 /* the longest between two questions of one port is some four seconds (F§6) */
#define IDLE_MS 40000 /* servers repeat a block within 32 s (in.tftpd's longest; dnsmasq 9 s, D§2) */
#define LONG_MS 1000 /* what takes less is not worth a word */
#define SAID_BYTES 60 /* of an ERROR's text */

struct transfer {
	struct transfer *older, *newer; /* by the last word */
	struct transfer *chained;
	struct ip4 client, server, elsewhere;
	uint16_t port, server_port;
	char name[CAPEVENT_PATH_SIZE];
	bool told;
	unsigned times_asked; /* in a row from this port, those before an answer too */
	unsigned n_asked;
	int64_t asked_ms[ASKS_MAX]; /* since the last answer */
	int64_t client_ms, server_ms, last_ms;
	bool answered;
	unsigned acks, resent, final_sends;
	uint32_t block_bytes;
	uint32_t sent, acked, final; /* blocks, counted beyond 65535; 0 = none yet */
	uint32_t final_bytes;
};

struct transfers {
	struct capevent_to to;
	struct transfers_counts counts;
	struct transfer *pool; /* owned; zero from n_pool on, never touched yet */
	unsigned n_pool;
	struct transfer *unused; /* were used before */
	struct transfer *oldest, *newest;
	struct transfer *bucket[BUCKETS];
	struct ip4 heard[HEARD_MAX]; /* servers of which the capture has answers */
	unsigned n_heard;
};

int transfers_new(struct transfers **ret, struct capevent_to to, struct err *e)
{
	struct transfers *ts = calloc(1, sizeof(*ts));

	if (ts)
		ts->pool = calloc(TRANSFERS_MAX, sizeof(*ts->pool));
	if (!ts || !ts->pool) {
		free(ts);
		return err_set(e, ERR_SYSTEM, "out of memory");
	}
	ts->to = to;
	*ret = ts;
	return 0;
}

void transfers_free(struct transfers *ts)
{
	if (ts)
		free(ts->pool);
	free(ts);
}

const struct transfers_counts *transfers_counts(const struct transfers *ts)
{
	return &ts->counts;
}

/* ---- where they are kept */

static unsigned bucket_of(struct ip4 client, uint16_t port)
{
	uint32_t h = (client.host * 2654435761u) ^ (port * 40503u);

	return (h ^ h >> 16) % BUCKETS;
}

static struct transfer *find(const struct transfers *ts, struct ip4 client, uint16_t port)
{
	struct transfer *t = ts->bucket[bucket_of(client, port)];

	while (t && (t->client.host != client.host || t->port != port))
		t = t->chained;
	return t;
}

static void unlist(struct transfers *ts, struct transfer *t)
{
	*(t->older ? &t->older->newer : &ts->oldest) = t->newer;
	*(t->newer ? &t->newer->older : &ts->newest) = t->older;
	t->older = t->newer = NULL;
}

static void enlist(struct transfers *ts, struct transfer *t)
{
	t->older = ts->newest;
	*(ts->newest ? &ts->newest->newer : &ts->oldest) = t;
	ts->newest = t;
}

/* Somebody of it spoke. */
static void touch(struct transfers *ts, struct transfer *t, int64_t *side_ms, int64_t at_ms)
{
	if (at_ms > *side_ms)
		*side_ms = at_ms;
	if (at_ms > t->last_ms)
		t->last_ms = at_ms;
	unlist(ts, t);
	enlist(ts, t);
}

static void forget(struct transfers *ts, struct transfer *t)
{
	struct transfer **at = &ts->bucket[bucket_of(t->client, t->port)];

	while (*at != t)
		at = &(*at)->chained;
	*at = t->chained;
	unlist(ts, t);
	t->chained = ts->unused;
	ts->unused = t;
}

static bool is_heard(const struct transfers *ts, struct ip4 server)
{
	for (unsigned i = 0; i < ts->n_heard; i++)
		if (ts->heard[i].host == server.host)
			return true;
	return false;
}

static void hear(struct transfers *ts, struct ip4 server)
{
	if (ts->n_heard < HEARD_MAX && !is_heard(ts, server))
		ts->heard[ts->n_heard++] = server;
}

/* ---- what is told */

static int tell(struct transfers *ts, const struct transfer *t, enum event_kind kind, int64_t at_ms,
		int64_t bytes, const char *note, struct err *e)
{
	struct capevent ev = { .at_ms = at_ms };

	ev.is.file.kind = kind;
	ev.is.file.client = t->client;
	ev.is.file.bytes = bytes;
	(void)text_copy(ev.is.file.path, sizeof(ev.is.file.path), t->name);
	(void)text_copy(ev.note, sizeof(ev.note), note);
	return ts->to.fn(ts->to.arg, &ev, e);
}

/* How it went, when that was not as usual: how long, how often. */
static void how(const struct transfer *t, int64_t until_ms, const char *first, char *buf, size_t size)
{
	int64_t took_ms = until_ms - t->asked_ms[0];
	const char *between = first[0] ? ", " : "";
	int n = snprintf(buf, size, "%s", first);

	if (took_ms >= LONG_MS && n >= 0 && (size_t)n < size) {
		n += snprintf(buf + n, size - (size_t)n, "%sasked for %lld.%lld s before", between,
			      (long long)(took_ms / 1000), (long long)(took_ms % 1000 / 100));
		between = ", ";
	}
	if (t->times_asked > 1 && n >= 0 && (size_t)n < size) {
		n += snprintf(buf + n, size - (size_t)n, "%sasked %u times", between, t->times_asked);
		between = ", ";
	}
	if (t->resent > 0 && n >= 0 && (size_t)n < size)
		(void)snprintf(buf + n, size - (size_t)n, "%s%u blocks sent again", between, t->resent);
}

static int tell_outcome(struct transfers *ts, struct transfer *t, enum event_kind kind, int64_t at_ms,
			int64_t bytes, const char *first, struct err *e)
{
	char note[CAPEVENT_NOTE_SIZE];

	how(t, at_ms, first, note, sizeof(note));
	t->told = true;
	return tell(ts, t, kind, at_ms, bytes, note, e);
}

/* Questions that nobody was heard to answer. One that was asked again had no answer; so had one of which the capture
 * would show it. Of others nobody knows: tcpdump may have been told to take port 69 alone. */
static int tell_unanswered(struct transfers *ts, struct transfer *t, bool ends, struct err *e)
{
	bool silent = t->times_asked > 1 || (is_heard(ts, t->server) && !ends);
	char note[CAPEVENT_NOTE_SIZE], a[IP4_TEXT_SIZE], b[IP4_TEXT_SIZE];

	t->told = true;
	if (t->acks > 0)
		return tell(ts, t, EVENT_ASKED, t->asked_ms[0], -1, "the capture has the phone's half alone",
			    e);
	(void)snprintf(note, sizeof(note), "no answer from %s", ip4_format(a, t->server));
	if (t->elsewhere.host)
		(void)snprintf(note, sizeof(note),
			       "no answer from %s, but one from %s, of which a phone takes no notice",
			       ip4_format(a, t->server), ip4_format(b, t->elsewhere));
	for (unsigned i = 0; i < t->n_asked; i++)
		if (tell(ts, t, silent ? EVENT_FAILED : EVENT_ASKED, t->asked_ms[i], -1, silent ? note : "",
			 e) < 0)
			return -1;
	return 0;
}

static int64_t bytes_so_far(const struct transfer *t)
{
	return (int64_t)(t->acked < t->sent ? t->acked : t->sent) * t->block_bytes;
}

static int64_t bytes_in_all(const struct transfer *t)
{
	return (int64_t)(t->final - 1) * t->block_bytes + t->final_bytes;
}

/* Both sides are silent, or the capture ends. */
static int conclude(struct transfers *ts, struct transfer *t, int64_t now_ms, bool all, struct err *e)
{
	bool ends = all && now_ms - t->last_ms <= IDLE_MS;
	char first[96];

	if (t->told)
		return 0;
	if (!t->answered)
		return tell_unanswered(ts, t, ends, e);
	if (ends) {
		(void)snprintf(first, sizeof(first), "its end is not in the capture, which has %lld bytes",
			       (long long)bytes_so_far(t));
		t->told = true;
		return tell(ts, t, EVENT_ASKED, t->asked_ms[0], -1, first, e);
	}
	/* No server leaves it at that, unless the last block was acknowledged: the capture lost that, or has one direction
	 * alone. */
	if (t->final && t->final_sends == 1 && (t->acks == 0 || t->acked + 1 >= t->final))
		return tell_outcome(ts, t, EVENT_SENT, t->server_ms, bytes_in_all(t), "", e);
	(void)snprintf(first, sizeof(first), "broke off at byte %lld: the %s fell silent",
		       (long long)bytes_so_far(t), t->client_ms >= t->server_ms ? "server" : "phone");
	return tell_outcome(ts, t, EVENT_FAILED, t->client_ms, -1, first, e);
}

/* ---- packets */

/* The block with this number that is nearest to `near`. */
static uint32_t whole_number(uint16_t number, uint32_t near)
{
	uint32_t n = (near & ~0xffffu) | number;

	if (n > near && n - near > 0x8000 && n >= 0x10000)
		return n - 0x10000;
	return n < near && near - n > 0x8000 ? n + 0x10000 : n;
}

static int check_complete(struct transfers *ts, struct transfer *t, int64_t at_ms, struct err *e)
{
	if (t->told || !t->final || t->acked < t->final)
		return 0;
	return tell_outcome(ts, t, EVENT_SENT, at_ms, bytes_in_all(t), "", e);
}

static int on_error(struct transfers *ts, struct transfer *t, const char *who, const struct tftp_packet *m,
		    int64_t at_ms, struct err *e)
{
	char first[160], said[SAID_BYTES + 4];
	bool missing = m->number == TFTP_NOT_FOUND && who[0] == 's';

	/* "unknown transfer": it is told to a port that it does not talk to, and disturbs nothing (RFC 1350 §4) */
	if (t->told || m->number == TFTP_UNKNOWN_TID)
		return 0;
	(void)snprintf(first, sizeof(first), "the %s said: error %u %s", who, m->number,
		       text_escape(said, sizeof(said), m->bytes, m->len));
	return tell_outcome(ts, t, missing ? EVENT_MISSING : EVENT_FAILED, at_ms, -1, missing ? "" : first,
			    e);
}

static void on_data(struct transfers *ts, struct transfer *t, const struct tftp_packet *m, size_t bytes)
{
	uint32_t block = whole_number(m->number, t->sent);

	if (block == 0)
		return;
	if (bytes > t->block_bytes)
		t->block_bytes = (uint32_t)bytes; /* it was agreed upon, and the capture lacks that */
	if (block <= t->sent) {
		t->resent++;
		ts->counts.resent++;
	} else {
		t->sent = block;
	}
	if (bytes < t->block_bytes && block == t->sent) {
		t->final = block;
		t->final_bytes = (uint32_t)bytes;
		t->final_sends++;
	}
}

static int on_server(struct transfers *ts, struct transfer *t, const struct packet *p,
		     const struct tftp_packet *m, int64_t at_ms, struct err *e)
{
	touch(ts, t, &t->server_ms, at_ms);
	hear(ts, t->server);
	t->answered = true;
	if (!t->server_port)
		t->server_port = p->from_port;
	if (m->op == TFTP_ERROR)
		return on_error(ts, t, "server", m, at_ms, e);
	if (m->op == TFTP_OACK && m->block_bytes && t->sent == 0)
		t->block_bytes = m->block_bytes;
	if (m->op == TFTP_DATA)
		on_data(ts, t, m, p->wire_len - 4);
	return check_complete(ts, t, at_ms, e);
}

static int on_client(struct transfers *ts, struct transfer *t, const struct packet *p,
		     const struct tftp_packet *m, int64_t at_ms, struct err *e)
{
	touch(ts, t, &t->client_ms, at_ms);
	if (m->op == TFTP_ERROR)
		return t->server_port && p->to_port != t->server_port ? 0
								      : on_error(ts, t, "phone", m, at_ms, e);
	if (m->op != TFTP_ACK)
		return 0;
	uint32_t block = whole_number(m->number, t->sent ? t->sent : t->acked);

	t->acks++;
	t->server_port = p->to_port; /* of two that answered, the one that it takes */
	if (block > t->acked)
		t->acked = block;
	return check_complete(ts, t, at_ms, e);
}

/* A new question, or the answered one once more. */
static void ask(struct transfers *ts, struct transfer *t, int64_t at_ms)
{
	t->told = t->answered = false;
	t->n_asked = t->acks = t->resent = t->final_sends = 0;
	t->sent = t->acked = t->final = 0;
	t->block_bytes = TFTP_BLOCK;
	t->server_port = 0;
	t->elsewhere = (struct ip4){ 0 };
	t->asked_ms[t->n_asked++] = at_ms;
	t->times_asked++;
	touch(ts, t, &t->client_ms, at_ms);
}

static void ask_again(struct transfers *ts, struct transfer *t, int64_t at_ms)
{
	if (t->n_asked < ASKS_MAX)
		t->asked_ms[t->n_asked++] = at_ms;
	t->times_asked++;
	touch(ts, t, &t->client_ms, at_ms);
}

static int make_room(struct transfers *ts, struct err *e)
{
	struct transfer *t = ts->oldest;

	if (ts->unused || ts->n_pool < TRANSFERS_MAX)
		return 0;
	ts->counts.crowded += !t->told;
	if (conclude(ts, t, t->last_ms, true, e) < 0)
		return -1;
	forget(ts, t);
	return 0;
}

static int on_request(struct transfers *ts, const struct packet *p, const struct tftp_packet *m,
		      int64_t at_ms, struct err *e)
{
	struct transfer *t = find(ts, p->from, p->from_port);
	char name[CAPEVENT_PATH_SIZE];

	if (m->len >= sizeof(name))
		return 0; /* no phone's */
	memcpy(name, m->bytes, m->len);
	name[m->len] = '\0';
	ts->counts.requests++;
	bool same = t && t->server.host == p->to.host && strcmp(t->name, name) == 0 &&
		    at_ms - t->client_ms <= AGAIN_MS;

	if (same) {
		ts->counts.again++;
		if (t->told)
			ask(ts, t, at_ms);
		else
			ask_again(ts, t, at_ms);
		return 0;
	}
	if (t) { /* the port has another file now, or the phone has started again */
		if (conclude(ts, t, t->last_ms + IDLE_MS + 1, false, e) < 0)
			return -1;
		forget(ts, t);
	}
	if (make_room(ts, e) < 0)
		return -1;
	t = ts->unused ? ts->unused : &ts->pool[ts->n_pool++];
	ts->unused = t->chained;
	*t = (struct transfer){ .client = p->from, .server = p->to, .port = p->from_port };
	memcpy(t->name, name, m->len + 1);
	struct transfer **bucket = &ts->bucket[bucket_of(t->client, t->port)];

	t->chained = *bucket;
	*bucket = t;
	enlist(ts, t);
	ask(ts, t, at_ms);
	return 0;
}

bool transfers_concerns(const struct transfers *ts, const struct packet *p)
{
	return p->to_port == TFTP_PORT ||
	       (ts->oldest && (find(ts, p->from, p->from_port) || find(ts, p->to, p->to_port)));
}

int transfers_packet(struct transfers *ts, int64_t at_ms, const struct packet *p, struct err *e)
{
	struct tftp_packet m;
	struct transfer *t;

	t = find(ts, p->from, p->from_port);
	bool from_client = t && t->server.host == p->to.host;

	if (!from_client && p->to_port != TFTP_PORT)
		t = find(ts, p->to, p->to_port);
	if ((!t && p->to_port != TFTP_PORT) || tftpmsg_parse(p->bytes, p->len, &m) != 0)
		return 1;
	ts->counts.uploads += m.op == TFTP_WRQ;
	if (p->to_port == TFTP_PORT && m.op == TFTP_RRQ)
		return on_request(ts, p, &m, at_ms, e);
	if (!t || m.op == TFTP_RRQ || m.op == TFTP_WRQ)
		return 0;
	if (from_client)
		return on_client(ts, t, p, &m, at_ms, e);
	if (t->client.host != p->to.host || t->port != p->to_port)
		return 0;
	if (t->server.host == p->from.host)
		return on_server(ts, t, p, &m, at_ms, e);
	if (!t->answered)
		t->elsewhere = p->from;
	return 0;
}

int transfers_settle(struct transfers *ts, int64_t now_ms, bool all, struct err *e)
{
	struct transfer *next;

	for (struct transfer *t = ts->oldest; t; t = next) {
		next = t->newer;
		if (!all && t->last_ms + AGAIN_MS >= now_ms)
			return 0;
		if (!all && !t->told && t->last_ms + IDLE_MS >= now_ms)
			continue;
		if (conclude(ts, t, now_ms, all, e) < 0)
			return -1;
		forget(ts, t);
	}
	return 0;
}

int64_t transfers_horizon(const struct transfers *ts)
{
	int64_t at = INT64_MAX;

	for (const struct transfer *t = ts->oldest; t; t = t->newer)
		if (!t->told && t->asked_ms[0] < at)
			at = t->asked_ms[0];
	return at;
}
