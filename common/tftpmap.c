/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A rule's pattern sees only the name, never who asks; but `\i` in a replacement is the client's address. So it is put
 * in front of every name, stays where it is one of ours, and is taken off again for everybody else. Flags: r replace,
 * e end here, G reading only, 4 IPv4 only.
 */
#include "tftpmap.h"

#include <string.h>

#define BYTE 256u

bool tftpmap_used(const struct config *c)
{
	return c->daemon == DAEMON_TFTPD_HPA && c->layout == LAYOUT_VIEWS;
}

static bool contains(const struct net4 *wide, const struct net4 *n)
{
	return wide->prefix <= n->prefix && net4_contains(wide, n->base);
}

/* Is net `no` of plan `plan` part of another one in the map? Of two equal ones the first stays. */
static bool is_covered(const struct config *c, unsigned plan, unsigned no)
{
	const struct net4 *n = &c->plans[plan].networks.a[no];

	for (unsigned i = 0; i < c->n_plans; i++) {
		const struct net_list *l = &c->plans[i].networks;

		for (unsigned j = 0; j < l->n; j++) {
			bool earlier = i < plan || (i == plan && j < no);

			if ((i == plan && j == no) || l->a[j].prefix < CONFIG_MAP_PREFIX || !contains(&l->a[j], n))
				continue;
			if (l->a[j].prefix < n->prefix || earlier)
				return true;
		}
	}
	return false;
}

int tftpmap_each(const struct config *c, tftpmap_fn fn, void *arg, struct err *e)
{
	if (!tftpmap_used(c))
		return 0;
	for (unsigned i = 0; i < c->n_plans; i++) {
		const struct net_list *l = &c->plans[i].networks;

		for (unsigned j = 0; j < l->n; j++) {
			if (l->a[j].prefix < CONFIG_MAP_PREFIX || is_covered(c, i, j))
				continue;
			int rc = fn(arg, &l->a[j], e);

			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

static int contains_client(void *arg, const struct net4 *net, struct err *e)
{
	const struct ip4 *client = arg;

	(void)e;
	return net4_contains(net, *client) ? 1 : 0;
}

bool tftpmap_covers(const struct config *c, struct ip4 client)
{
	struct err e;

	return tftpmap_each(c, contains_client, &client, &e) == 1;
}

/* The octets from `first` on, as many as there are, as a regular expression. */
static void add_octet(struct strbuf *sb, unsigned first, unsigned many)
{
	if (many == BYTE) {
		strbuf_add(sb, "[0-9]+");
		return;
	}
	if (many > 1)
		strbuf_add_char(sb, '(');
	for (unsigned i = 0; i < many; i++)
		strbuf_addf(sb, "%s%u", i ? "|" : "", first + i);
	if (many > 1)
		strbuf_add_char(sb, ')');
}

/* From CONFIG_MAP_PREFIX on only the last two octets can vary. */
static int add_rule(void *arg, const struct net4 *net, struct err *e)
{
	struct strbuf *sb = arg;
	uint32_t base = net->base.host;
	unsigned addresses = 1u << (32 - net->prefix);
	char text[IP4_TEXT_SIZE];

	(void)e;
	strbuf_addf(sb, "# %s/%d\nrGe4 ^(%u\\.%u\\.", ip4_format(text, net->base), net->prefix, base >> 24,
		    base >> 16 & 0xff);
	add_octet(sb, base >> 8 & 0xff, addresses > BYTE ? addresses / BYTE : 1);
	strbuf_add(sb, "\\.");
	add_octet(sb, base & 0xff, addresses < BYTE ? addresses : BYTE);
	strbuf_add(sb, ")//+ \\1/\n");
	return 0;
}

int tftpmap_format(const struct config *c, struct strbuf *sb, struct err *e)
{
	strbuf_add(sb, "# Which clients tftpd-hpa serves from the directory of their address: those in the networks of\n"
		       "# the plans. Written by loadstep; what is changed here is lost. in.tftpd --secure --map-file FILE\n"
		       "# reads it when it starts and at SIGHUP: systemctl reload tftpd-hpa\n");
	if (!tftpmap_used(c)) {
		strbuf_add(sb, "# Nobody: without a view for each phone all see the plain root.\n");
		return strbuf_check(sb, "map of tftpd-hpa", e);
	}
	strbuf_add(sb, "\n# the address in front of each name\nrG4 ^ \\i//\n\n");
	if (tftpmap_each(c, add_rule, sb, e) < 0)
		return -1;
	strbuf_add(sb, "\n# everybody else: off with it\nrG4 ^[0-9.]+//\n");
	return strbuf_check(sb, "map of tftpd-hpa", e);
}
