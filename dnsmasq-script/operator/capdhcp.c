/* SPDX-License-Identifier: MPL-2.0 */
/*
 * See capdhcp.h. One record a device: its present exchange (xid) with what its messages said, and the servers that
 * spoke to it. Both sides of a relay are one exchange, and come together where both are in the capture.
 */
#include "capdhcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcpmsg.h"
#include "strbuf.h"

#define DEVICES_MAX 4096
#define BUCKETS 1024
#define SPOKE_MAX 4
#define LATELY_MS 60000 /* servers of one boot: what they said is older than that, or is about it */
#define LONG_S 10 /* in option secs: a link that is slow to come up, or nobody who answers (F§8 row 25) */

struct server {
	struct ip4 address;
	int64_t at_ms;
	enum dhcp_type said;
	uint32_t xid;
	struct ip4 given; /* the phone's address */
	int worth; /* 2 = a TFTP server of the site's came with it, 1 = another, 0 = none */
	char gave[128];
};

struct device {
	struct device *older, *newer, *chained;
	struct mac mac;
	bool asks; /* and nobody has given it anything since */
	uint32_t xid;
	bool asked; /* a message of its own is known of this xid */
	enum dhcp_type type;
	struct ip4 ciaddr, giaddr;
	uint16_t secs;
	bool asks_150;
	uint8_t vendor_class[255], vendor_len;
	char hostname[DHCPMSG_NAME_SIZE];
	uint8_t relay[127], relay_len;
	struct server servers[SPOKE_MAX];
	unsigned n_servers;
};

struct leases {
	struct capevent_to to;
	struct leases_site site;
	struct leases_counts counts;
	struct device *pool; /* owned; zero from n_pool on, never touched yet */
	unsigned n_pool;
	struct device *oldest, *newest;
	struct device *bucket[BUCKETS];
};

int leases_new(struct leases **ret, struct capevent_to to, struct leases_site site, struct err *e)
{
	struct leases *ls = calloc(1, sizeof(*ls));

	if (ls)
		ls->pool = calloc(DEVICES_MAX, sizeof(*ls->pool));
	if (!ls || !ls->pool) {
		free(ls);
		return err_set(e, ERR_SYSTEM, "out of memory");
	}
	ls->to = to;
	ls->site = site;
	*ret = ls;
	return 0;
}

void leases_free(struct leases *ls)
{
	if (ls)
		free(ls->pool);
	free(ls);
}

void leases_counts(const struct leases *ls, struct leases_counts *ret)
{
	*ret = ls->counts;
	for (const struct device *d = ls->oldest; d; d = d->newer)
		ret->unanswered += d->asks;
}

/* ---- devices */

static struct device **bucket_of(struct leases *ls, const struct mac *m)
{
	uint32_t h = ((uint32_t)m->b[2] << 24 | (uint32_t)m->b[3] << 16 | (uint32_t)m->b[4] << 8 | m->b[5]) *
		     2654435761u;

	return &ls->bucket[(h ^ h >> 16) % BUCKETS];
}

static void unlist(struct leases *ls, struct device *d)
{
	*(d->older ? &d->older->newer : &ls->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &ls->newest) = d->older;
	d->older = d->newer = NULL;
}

static void enlist(struct leases *ls, struct device *d)
{
	d->older = ls->newest;
	*(ls->newest ? &ls->newest->newer : &ls->oldest) = d;
	ls->newest = d;
}

static struct device *forget_oldest(struct leases *ls)
{
	struct device *d = ls->oldest, **at = bucket_of(ls, &d->mac);

	while (*at != d)
		at = &(*at)->chained;
	*at = d->chained;
	unlist(ls, d);
	ls->counts.crowded++;
	ls->counts.unanswered += d->asks;
	return d;
}

static struct device *device_of(struct leases *ls, const struct mac *mac)
{
	struct device **bucket = bucket_of(ls, mac), *d = *bucket;

	while (d && !mac_equal(&d->mac, mac))
		d = d->chained;
	if (d) {
		unlist(ls, d);
	} else {
		d = ls->n_pool < DEVICES_MAX ? &ls->pool[ls->n_pool++] : forget_oldest(ls);
		*d = (struct device){ .mac = *mac, .chained = *bucket };
		*bucket = d;
	}
	enlist(ls, d);
	return d;
}

/* ---- what a device says */

static int tell(struct leases *ls, const struct device *d, enum lease_kind kind, struct ip4 address,
		int64_t at_ms, const char *note, struct err *e)
{
	struct capevent ev = { .at_ms = at_ms, .is_lease = true };
	struct lease_event *le = &ev.is.lease;

	le->kind = kind;
	le->at_ms = at_ms;
	le->mac = d->mac;
	le->address = address;
	le->xid = d->xid;
	le->giaddr = d->giaddr;
	le->vendor_len = d->vendor_len;
	memcpy(le->vendor_class, d->vendor_class, d->vendor_len);
	le->relay_len = d->relay_len;
	memcpy(le->relay, d->relay, d->relay_len);
	(void)text_copy((char *)le->hostname, sizeof(le->hostname), d->hostname);
	(void)text_copy(ev.note, sizeof(ev.note), note);
	return ls->to.fn(ls->to.arg, &ev, e);
}

/* A relay passes a message on with giaddr and option 82: what is not said here was said on the other side. */
static void listen(struct device *d, const struct dhcp_message *m)
{
	if (!d->asked || d->xid != m->xid) {
		d->giaddr = (struct ip4){ 0 };
		d->relay_len = 0;
	}
	d->xid = m->xid;
	d->asked = true;
	d->type = m->type;
	d->ciaddr = m->ciaddr;
	d->secs = m->secs;
	d->asks_150 = m->asks_150;
	if (m->giaddr.host)
		d->giaddr = m->giaddr;
	if (m->relay_len) {
		d->relay_len = m->relay_len;
		memcpy(d->relay, m->relay, m->relay_len);
	}
	if (m->vendor_len) {
		d->vendor_len = m->vendor_len;
		memcpy(d->vendor_class, m->vendor_class, m->vendor_len);
	}
	if (m->hostname[0])
		(void)text_copy(d->hostname, sizeof(d->hostname), m->hostname);
}

static int on_device(struct leases *ls, struct device *d, const struct dhcp_message *m, int64_t at_ms,
		     struct err *e)
{
	if (m->type == DHCP_RELEASE || m->type == DHCP_DECLINE) {
		struct ip4 gone = m->type == DHCP_RELEASE ? m->ciaddr : m->requested;

		d->asks = false;
		return gone.host ? tell(ls, d, LEASE_GONE, gone, at_ms, "", e) : 0;
	}
	if (m->type == DHCP_DISCOVER || m->type == DHCP_REQUEST || m->type == DHCP_INFORM) {
		listen(d, m);
		d->asks = true;
	}
	return 0;
}

/* ---- what a server says */

static size_t add(char *buf, size_t size, size_t at, const char *before, const char *text)
{
	int n = at < size ? snprintf(buf + at, size - at, "%s%s", before, text) : 0;

	return n > 0 ? at + (size_t)n : at;
}

/* "option 150 10.0.0.1 10.0.0.2, option 66 tftp.example, next server 10.0.0.1" */
static void what_it_gave(const struct dhcp_message *m, char *buf, size_t size)
{
	char a[IP4_TEXT_SIZE];
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < m->n_tftp; i++)
		at = add(buf, size, at, i ? " " : "option 150 ", ip4_format(a, m->tftp[i]));
	if (m->tftp_name[0])
		at = add(buf, size, at, at ? ", option 66 " : "option 66 ", m->tftp_name);
	if (m->siaddr.host)
		at = add(buf, size, at, at ? ", next server " : "next server ", ip4_format(a, m->siaddr));
	if (at == 0)
		(void)add(buf, size, 0, "no TFTP server", "");
}

static bool is_sites(const struct leases_site *site, struct ip4 a)
{
	for (unsigned i = 0; i < site->n; i++)
		if (site->tftp[i].host == a.host)
			return true;
	return false;
}

static int worth_of(const struct leases_site *site, const struct dhcp_message *m)
{
	struct ip4 named;
	bool sites = is_sites(site, m->siaddr);

	for (unsigned i = 0; i < m->n_tftp; i++)
		sites = sites || is_sites(site, m->tftp[i]);
	if (m->tftp_name[0] && parse_ip4("option 66", m->tftp_name, &named, NULL) == 0)
		sites = sites || is_sites(site, named);
	return sites ? 2 : m->n_tftp || m->tftp_name[0] ? 1 : 0;
}

static void remember(const struct leases *ls, struct device *d, const struct dhcp_message *m, struct ip4 from,
		     int64_t at_ms)
{
	struct ip4 server = m->server.host ? m->server : from;
	struct server *s = &d->servers[0];

	for (unsigned i = 0; i < d->n_servers; i++) {
		if (d->servers[i].at_ms < s->at_ms)
			s = &d->servers[i];
		if (d->servers[i].address.host == server.host) {
			s = &d->servers[i];
			break;
		}
	}
	if (s->address.host != server.host && d->n_servers < SPOKE_MAX)
		s = &d->servers[d->n_servers++];
	s->address = server;
	s->at_ms = at_ms;
	s->said = m->type;
	s->xid = m->xid;
	s->given = m->yiaddr;
	s->worth = worth_of(&ls->site, m);
	what_it_gave(m, s->gave, sizeof(s->gave));
}

/* Who gave it, what, after how long; and who else spoke up. */
static void boot_note(const struct device *d, struct ip4 by, int64_t at_ms, char *buf, size_t size)
{
	static const char *const said[] = {
		[DHCP_OFFER] = "offered too", [DHCP_ACK] = "acknowledged too", [DHCP_NAK] = "refused"
	};
	char a[IP4_TEXT_SIZE], text[64];
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < d->n_servers; i++) {
		const struct server *s = &d->servers[i];

		if (s->address.host != by.host)
			continue;
		at = add(buf, size, at, "from ", ip4_format(a, s->address));
		at = add(buf, size, at, ": ", s->gave);
		if (d->asked && !d->asks_150)
			at = add(buf, size, at, " (option 150 was not asked for)", "");
	}
	if (d->asked && d->secs >= LONG_S) {
		(void)snprintf(text, sizeof(text), "; after %u s", d->secs);
		at = add(buf, size, at, text, "");
	}
	for (unsigned i = 0; i < d->n_servers; i++) {
		const struct server *s = &d->servers[i];

		if (s->address.host == by.host || at_ms - s->at_ms > LATELY_MS || s->at_ms > at_ms)
			continue;
		(void)snprintf(text, sizeof(text), "; %s %s", ip4_format(a, s->address), said[s->said]);
		at = add(buf, size, at, text, "");
		if (s->said != DHCP_NAK)
			at = add(buf, size, at, ": ", s->gave);
	}
}

/* Whose offer it should have taken instead; NULL = nobody's. */
static const struct server *better(const struct device *d, struct ip4 taken)
{
	const struct server *best = NULL;
	int worth = -1;

	for (unsigned i = 0; i < d->n_servers; i++)
		if (d->servers[i].address.host == taken.host)
			worth = d->servers[i].worth;
	for (unsigned i = 0; i < d->n_servers; i++) {
		const struct server *s = &d->servers[i];

		if (s->said == DHCP_OFFER && s->xid == d->xid && s->given.host && s->worth > worth &&
		    (!best || s->worth > best->worth))
			best = s;
	}
	return worth < 0 ? NULL : best;
}

/* Its boot, and what went before and came with it. */
static int tell_boot(struct leases *ls, const struct device *d, struct ip4 by, struct ip4 address,
		     int64_t at_ms, struct err *e)
{
	const struct server *s = better(d, by);
	char note[CAPEVENT_NOTE_SIZE];

	boot_note(d, by, at_ms, note, sizeof(note));
	if (s && tell(ls, d, LEASE_OFFER, s->given, s->at_ms, "", e) < 0)
		return -1;
	if (tell(ls, d, LEASE_ACK, address, at_ms, note, e) < 0)
		return -1;
	return s ? tell(ls, d, LEASE_ELSEWHERE, by, at_ms, "", e) : 0;
}

/* A boot is an ACK to a REQUEST with ciaddr 0 (design as the hook's); the server copies ciaddr (RFC 2131 table 3), for
 * when the capture lacks the question. */
static int on_ack(struct leases *ls, struct device *d, const struct dhcp_message *m, struct ip4 from,
		  int64_t at_ms, struct err *e)
{
	bool known = d->asked && d->xid == m->xid;
	struct ip4 ciaddr = known ? d->ciaddr : m->ciaddr;
	struct ip4 address = m->yiaddr.host ? m->yiaddr : ciaddr; /* an INFORM's ACK has no yiaddr (K§8.7) */
	enum lease_kind kind = ciaddr.host || (known && d->type == DHCP_INFORM) ? LEASE_RENEW : LEASE_ACK;

	ls->counts.acks++;
	d->asks = false;
	if (!known) {
		d->asked = false;
		d->xid = m->xid;
		d->giaddr = m->giaddr;
	}
	if (!address.host)
		return 0;
	if (kind == LEASE_ACK)
		return tell_boot(ls, d, m->server.host ? m->server : from, address, at_ms, e);
	return tell(ls, d, kind, address, at_ms, "", e);
}

int leases_packet(struct leases *ls, int64_t at_ms, const struct packet *p, struct err *e)
{
	struct dhcp_message m;

	if ((p->to_port != DHCP_SERVER_PORT && p->to_port != DHCP_CLIENT_PORT) ||
	    dhcpmsg_parse(p->bytes, p->len, &m) != 0)
		return 1;
	struct device *d = device_of(ls, &m.mac);

	ls->counts.messages++;
	if (!m.reply)
		return on_device(ls, d, &m, at_ms, e);
	ls->counts.naks += m.type == DHCP_NAK;
	if (m.type != DHCP_OFFER && m.type != DHCP_ACK && m.type != DHCP_NAK)
		return 0;
	remember(ls, d, &m, p->from, at_ms);
	return m.type == DHCP_ACK ? on_ack(ls, d, &m, p->from, at_ms, e) : 0;
}
