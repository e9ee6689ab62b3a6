/* SPDX-License-Identifier: MPL-2.0 */
/*
 * check --wire, the DHCP half: who answers a phone's DISCOVER on the segments that this host stands in, and where
 * do the offers send it (F§8 rows 16, 17, 20)? A server is ours when it is this host, when it was named with
 * --dhcp-server, or when it offers an announced TFTP server: whoever does is no stranger.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "dhcpprobe.h"
#include "strbuf.h"
#include "wire.h"

#define LISTEN_MS 4000 /* dnsmasq pings an address for up to 3 s before it offers it */

static int listen_ms(const struct checking *k)
{
	return k->listen_ms ? (int)k->listen_ms : LISTEN_MS;
}

struct looking {
	struct checking *k;
	struct wire_servers announced; /* after-tftp-servers too */
	unsigned n_own;
	struct ip4 own[64]; /* this host's addresses */
};

/* ---- who is ours */

static void read_own(struct looking *l)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *i = all; i && l->n_own < sizeof(l->own) / sizeof(l->own[0]);
	     i = i->ifa_next) {
		struct sockaddr_in in;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, i->ifa_addr, sizeof(in));
		l->own[l->n_own++].host = ntohl(in.sin_addr.s_addr);
	}
	freeifaddrs(all);
}

static bool is_own(const struct looking *l, struct ip4 a)
{
	for (unsigned i = 0; i < l->n_own; i++)
		if (l->own[i].host == a.host)
			return true;
	for (unsigned i = 0; i < l->k->n_dhcp_servers; i++)
		if (l->k->dhcp_servers[i].host == a.host)
			return true;
	return false;
}

/* Option 66 as an address; host 0 = it is a name, or is not there. */
static struct ip4 name_address(const struct offer *o)
{
	struct ip4 a = { 0 };

	if (o->tftp_name[0] && parse_ip4("option 66", o->tftp_name, &a, NULL) < 0)
		a.host = 0;
	return a;
}

static bool is_ours(const struct looking *l, const struct offer *o)
{
	return is_own(l, o->server) || is_own(l, o->from) ||
	       (o->n_tftp && wire_announced(&l->announced, o->tftp[0])) ||
	       wire_announced(&l->announced, name_address(o));
}

/* ---- in words */

static const char *address_or(char buf[static IP4_TEXT_SIZE], struct ip4 a, const char *none)
{
	return a.host ? ip4_format(buf, a) : none;
}

static void say_offer(const struct offer *o, struct strbuf *sb)
{
	char a[IP4_TEXT_SIZE];

	strbuf_addf(sb, "%s, option 150", address_or(a, o->address, "no address"));
	for (unsigned i = 0; i < o->n_tftp; i++)
		strbuf_addf(sb, " %s", ip4_format(a, o->tftp[i]));
	strbuf_addf(sb, "%s, option 66 %s, siaddr %s", o->n_tftp ? "" : " none",
		    o->tftp_name[0] ? o->tftp_name : "none", address_or(a, o->next, "none"));
}

static const char *place_of(const struct offer *o, char *buf, size_t size)
{
	char a[IP4_TEXT_SIZE];

	snprintf(buf, size, "%s on %s", ip4_format(a, o->server.host ? o->server : o->from), o->segment);
	return buf;
}

/* ---- where it sends a phone */

static struct ip4 reversed(struct ip4 a)
{
	return (struct ip4){ a.host >> 24 | (a.host >> 8 & 0xff00) | (a.host << 8 & 0xff0000) |
			     a.host << 24 };
}

static bool is_near(const struct offer *o, struct ip4 a)
{
	return o->mask.host && (o->address.host & o->mask.host) == (a.host & o->mask.host);
}

/* Not what anybody announced, but it is when its bytes are turned round (or is in the phone's own network). */
static bool is_reversed(const struct looking *l, const struct offer *o, struct ip4 a)
{
	struct ip4 r = reversed(a);

	return a.host && r.host != a.host && !wire_announced(&l->announced, a) && !is_own(l, a) &&
	       !is_near(o, a) && (wire_announced(&l->announced, r) || is_own(l, r) || is_near(o, r));
}

static bool tell_reversed(const struct looking *l, const struct offer *o)
{
	char place[64], a[IP4_TEXT_SIZE], b[IP4_TEXT_SIZE];
	const struct ip4 by[] = { o->n_tftp ? o->tftp[0] : (struct ip4){ 0 }, name_address(o), o->next };
	static const char *const names[] = { "option 150", "option 66", "siaddr" };
	bool told = false;

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		if (!is_reversed(l, o, by[i]))
			continue;
		found(l->k, FINDING_OPTION_150_REVERSED, place_of(o, place, sizeof(place)),
		      "%s is %s: %s with its bytes in the wrong order", names[i], ip4_format(a, by[i]),
		      ip4_format(b, reversed(by[i])));
		told = true;
	}
	return told;
}

/* All three, and the same: which one counts depends on model and load (F§1.5). */
static void look_at_servers(const struct looking *l, const struct offer *o)
{
	CLEANUP(strbuf_fini) struct strbuf words = STRBUF_INIT(512);
	char place[64];

	say_offer(o, &words);
	if (!o->n_tftp && !o->tftp_name[0] && !o->next.host)
		found(l->k, FINDING_NO_TFTP_OFFERED, place_of(o, place, sizeof(place)), "it offers %s",
		      strbuf_text(&words));
	else if (!tell_reversed(l, o) &&
		 (!o->n_tftp || name_address(o).host != o->tftp[0].host || o->next.host != o->tftp[0].host))
		found(l->k, FINDING_TFTP_OPTIONS_DIFFER, place_of(o, place, sizeof(place)), "it offers %s",
		      strbuf_text(&words));
}

static void look_at_other(const struct looking *l, const struct offer *o)
{
	CLEANUP(strbuf_fini) struct strbuf words = STRBUF_INIT(512);
	char place[64];

	say_offer(o, &words);
	found(l->k, FINDING_OTHER_DHCP_SERVER, place_of(o, place, sizeof(place)), "it offers a phone %s",
	      strbuf_text(&words));
	(void)tell_reversed(l, o);
}

/* ---- */

static void look_at_offers(const struct looking *l, const struct offers *o)
{
	CLEANUP(strbuf_fini) struct strbuf where = STRBUF_INIT(SEGMENTS_MAX * sizeof(o->segments[0]) + 1);

	for (unsigned i = 0; i < o->n_segments; i++)
		strbuf_addf(&where, "%s%s", i ? " " : "", o->segments[i]);
	if (o->n == 0)
		found(l->k, FINDING_NO_DHCP_OFFER, strbuf_text(&where),
		      "nobody offered a phone an address in %.1f s", (double)listen_ms(l->k) / 1000);
	for (unsigned i = 0; i < o->n; i++) {
		if (is_ours(l, &o->a[i]))
			look_at_servers(l, &o->a[i]);
		else
			look_at_other(l, &o->a[i]);
	}
}

/* As the first plan's phones ask: those of a plan for unnamed ones name no model (F§1.1). */
static size_t vendor_class_of(const struct config *cfg, char buf[static 64])
{
	static const char base[] = "Cisco Systems, Inc. IP Phone";
	const struct plan *pl = cfg->n_plans ? &cfg->plans[0] : NULL;
	const char *model = pl && pl->n_models ? pl->models[0] : "";

	for (unsigned i = 0; pl && i < pl->n_models; i++)
		if (strcmp(pl->models[i], "unnamed") == 0)
			model = "";
	int n = model[0] ? snprintf(buf, 64, "%s CP-%sG", base, model) : snprintf(buf, 64, "%s", base);
	return (size_t)n + 1; /* the NUL counts */
}

static void add_after(struct wire_servers *w, const struct config *cfg)
{
	for (unsigned i = 0; i < cfg->n_plans; i++)
		for (unsigned j = 0; j < cfg->plans[i].after_servers.n && w->n < WIRE_SERVERS_MAX; j++)
			w->a[w->n++] = cfg->plans[i].after_servers.a[j];
}

void check_wire_dhcp(struct checking *k)
{
	struct looking l = { .k = k };
	struct offers o;
	char vendor[64];
	struct err e;

	if (!k->wire || !k->cfg)
		return;
	wire_servers_of(k->cfg, &l.announced);
	add_after(&l.announced, k->cfg);
	read_own(&l);
	int rc = dhcp_probe(k->interface, vendor, vendor_class_of(k->cfg, vendor), listen_ms(k), &o, &e);

	if (rc == 0)
		look_at_offers(&l, &o);
	else
		found(k, FINDING_WIRE_NOT_PROBED, k->interface ? k->interface : "DHCP", "%s",
		      rc > 0 ? "no DISCOVER was sent: that needs root (CAP_NET_RAW)" : e.text);
}
