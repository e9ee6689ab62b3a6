/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A MAC or an address of no phone that is known. What is near it (who holds the address, MACs that differ in a digit or
 * two, phones known by an address alone, files of that name), and what to look at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "view.h"

#define NEAR_MAX 12
#define NEAR_BYTES 200
#define DIGITS_OFF 2 /* a slip of the pen; three are another phone */
#define LIKE_MAX 5

/* A phone whose MAC is like the one asked for. */
struct like {
	int off; /* digits that differ; SAME_TAIL: the last six are the same */
	char text[NEAR_BYTES];
};
#define SAME_TAIL (DIGITS_OFF + 1)

struct near {
	struct mac mac;
	bool mac_known;
	struct ip4 address; /* asked for, or 0 */
	unsigned n;
	unsigned known; /* phones */
	unsigned n_like; /* as many as are kept, the nearest first, and how many more there are */
	unsigned more_like;
	struct like like[LIKE_MAX];
	char lines[NEAR_MAX][NEAR_BYTES];
};

/* The next free line, or a place where it is lost. */
static char *next_line(struct near *k)
{
	return k->lines[k->n < NEAR_MAX ? k->n++ : NEAR_MAX - 1];
}

static int digits_off(const struct mac *a, const struct mac *b)
{
	int off = 0;

	for (int i = 0; i < 6; i++)
		off += (a->b[i] >> 4 != b->b[i] >> 4) + ((a->b[i] & 15) != (b->b[i] & 15));
	return off;
}

/* Keeps the nearest; of those as near as one another the first that came. */
static void add_like(struct near *k, const struct like *l)
{
	unsigned at = k->n_like < LIKE_MAX ? k->n_like++ : LIKE_MAX;

	k->more_like += at == LIKE_MAX;
	while (at > 0 && k->like[at - 1].off > l->off) {
		if (at < LIKE_MAX)
			k->like[at] = k->like[at - 1];
		at--;
	}
	if (at < LIKE_MAX)
		k->like[at] = *l;
}

static void look_at_mac(struct near *k, const struct phone *p)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];
	struct like l = { .off = digits_off(&k->mac, &p->mac) };
	const char *what = p->model[0] ? p->model : "phone";
	const char *at = p->address.host ? ip4_format(addr, p->address) : "no address";

	mac_format(mac, &p->mac);
	if (l.off <= DIGITS_OFF) {
		snprintf(l.text, sizeof(l.text), "%s, a %s at %s, differs in %d digit%s", mac, what, at,
			 l.off, l.off == 1 ? "" : "s");
	} else if (memcmp(k->mac.b + 3, p->mac.b + 3, 3) == 0) { /* half of it was copied from elsewhere */
		l.off = SAME_TAIL;
		snprintf(l.text, sizeof(l.text), "%s, a %s at %s, has the same last six digits", mac, what,
			 at);
	} else {
		return;
	}
	add_like(k, &l);
}

static int look_at_phone(void *arg, const struct phone *p, struct err *e)
{
	struct near *k = arg;
	char addr[IP4_TEXT_SIZE];

	(void)e;
	k->known++;
	if (p->mac_known && k->mac_known)
		look_at_mac(k, p);
	if (p->mac_known || k->n >= NEAR_MAX / 2)
		return 0;
	ip4_format(addr, p->address);
	snprintf(
		next_line(k), NEAR_BYTES,
		"at %s is a phone seen by TFTP only, whose MAC has not shown: it may be this one (`loadstep explain %s`)",
		addr, addr);
	return 0;
}

static int look_at_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms, struct err *e)
{
	struct near *k = arg;
	char a[IP4_TEXT_SIZE], m[MAC_TEXT_SIZE];

	(void)since_ms, (void)e;
	if (k->mac_known && mac_equal(mac, &k->mac))
		snprintf(next_line(k), NEAR_BYTES,
			 "it holds the address %s, but has not shown itself as a Cisco 79xx",
			 ip4_format(a, addr));
	else if (k->address.host == addr.host)
		snprintf(next_line(k), NEAR_BYTES,
			 "%s is held by %s, which has not shown itself as a Cisco 79xx", ip4_format(a, addr),
			 mac_format(m, mac));
	return 0;
}

static void look_at_files(const struct ctl *c, struct near *k)
{
	const struct config *cfg = fleet_config(c->fleet);
	struct view v = { .root = "" };

	if (!k->mac_known || !cfg->tftp_root[0] || !text_copy(v.root, sizeof(v.root), cfg->tftp_root))
		return;
	if (view_provisioned(&v, &k->mac))
		snprintf(next_line(k), NEAR_BYTES, "a configuration file of that name lies in the TFTP root");
}

static int find_near(struct ctl *c, struct near *k, struct err *e)
{
	struct state *st = fleet_state(c->fleet);

	if (state_address_list(st, look_at_address, k, e) < 0 ||
	    state_phone_list(st, look_at_phone, k, e) < 0)
		return -1;
	for (unsigned i = 0; i < k->n_like; i++)
		(void)text_copy(next_line(k), NEAR_BYTES, k->like[i].text);
	if (k->more_like > 0)
		snprintf(next_line(k), NEAR_BYTES, "and %u more whose MAC is like it", k->more_like);
	look_at_files(c, k);
	if (k->n == 0)
		snprintf(next_line(k), NEAR_BYTES, "nothing: of %u phone%s that %s known none is like it",
			 k->known, k->known == 1 ? "" : "s", k->known == 1 ? "is" : "are");
	return 0;
}

int explain_stranger(struct ctl *c, const char *text)
{
	struct near k = { .n = 0 };
	struct phone nobody;
	struct report_check checks[REPORT_CHECKS_MAX];
	const char *lines[NEAR_MAX];
	char shown[64];
	struct err e;

	k.mac_known = parse_mac("MAC", text, &k.mac, NULL) == 0;
	if (!k.mac_known && parse_ip4("address", text, &k.address, NULL) < 0)
		k.address.host = 0;
	if (find_near(c, &k, &e) < 0)
		return ctl_fail(&e, NULL);
	phone_init(&nobody, k.mac_known ? &k.mac : NULL);
	nobody.address = k.address;
	for (unsigned i = 0; i < k.n; i++)
		lines[i] = k.lines[i];
	struct report_stranger s = {
		.asked = text_escape(shown, sizeof(shown), text, strlen(text)),
		.n_near = k.n,
		.near = lines,
		.n_checks = explain_checklist(&nobody, checks),
		.checks = checks,
	};

	c->report.writer->stranger(&c->report, &s);
	return EXIT_NO;
}
