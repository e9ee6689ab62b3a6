/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whose address it is where no lease says so, only the names of files that are asked for. One name after another is
 * one phone after another; two names by turns are two phones behind one address (NAT, a TFTP proxy), of which
 * neither can have a view: it would be the other's, too. So it is where leases give each an address of its own and all
 * files are asked for from one that is nobody's.
 */
#include "fleet_priv.h"

/* Has it asked from there lately? */
static bool asks_from(const struct fleet *f, const struct phone *p, struct ip4 client, int64_t at_ms)
{
	return p->address.host == client.host &&
	       fleet_engine_time(f, at_ms) - p->last_event_ms <= f->cfg->limits.stage_classic;
}

/* The one that has the address is told at once; the one that asks is its caller's. */
static int share(struct fleet *f, struct phone *holder, struct err *e)
{
	struct event ev = { .kind = EVENT_TICK, .at_ms = fleet_engine_time(f, f->now_ms), .bytes = -1 };
	struct engine_result r;

	if (phone_is(holder, PHONE_ADDRESS_SHARED))
		return 0;
	holder->flags |= PHONE_ADDRESS_SHARED;
	return fleet_apply(f, holder, fleet_plan_of(f, holder, NULL), &ev, NULL, &r, e);
}

int identity_named(struct fleet *f, struct ip4 client, const struct mac *holder, const struct mac *named,
		   int64_t at_ms, struct name_verdict *ret, struct err *e)
{
	struct phone has, asks;
	int rc = state_phone_find(f->st, holder, &has, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0; /* somebody's lease, and no phone of ours */
	if (phone_is(&has, PHONE_DHCP_KNOWN))
		return 0; /* the lease wins */
	rc = state_phone_find(f->st, named, &asks, e);
	if (rc < 0)
		return -1;
	ret->shared = rc == 0 && asks_from(f, &asks, client, at_ms) && asks_from(f, &has, client, at_ms);
	ret->taken = !ret->shared;
	return ret->shared ? share(f, &has, e) : 0;
}

/* Since it booted nothing was heard of it from the address that it was given; its first file would have come at once. */
static bool silent_at_home(const struct fleet *f, const struct phone *p, int64_t at_ms)
{
	int64_t boot = fleet_engine_time(f, p->last_boot_ms);

	return phone_is(p, PHONE_DHCP_KNOWN) && p->last_boot_ms && p->last_event_ms <= boot &&
	       fleet_engine_time(f, at_ms) - boot >= f->cfg->limits.boot_gap;
}

int identity_elsewhere(struct fleet *f, struct ip4 client, const struct mac *named, int64_t at_ms, struct err *e)
{
	int64_t since = at_ms - f->cfg->limits.stage_classic;
	struct phone asks, other;
	struct history h;
	int rc = state_phone_find(f->st, named, &asks, e);

	if (rc != 0 || !silent_at_home(f, &asks, at_ms))
		return rc < 0 ? -1 : 0;
	rc = state_history_another(f->st, client, named, NOTE_NOT_ITS_ADDRESS, since, at_ms, &h, e);
	if (rc == 0)
		rc = state_phone_find(f->st, &h.mac, &other, e);
	if (rc != 0 || !silent_at_home(f, &other, at_ms))
		return rc < 0 ? -1 : 0;
	return share(f, &other, e) < 0 || share(f, &asks, e) < 0 ? -1 : 0;
}

int identity_merge(struct fleet *f, struct ip4 address, const struct phone *p, int64_t at_ms, struct err *e)
{
	struct phone nameless;
	int rc = state_phone_find_address(f->st, address, &nameless, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	/* an old row may be anybody's */
	if (!asks_from(f, &nameless, address, at_ms))
		return 0;
	return state_phone_merge(f->st, nameless.id, p, e);
}
