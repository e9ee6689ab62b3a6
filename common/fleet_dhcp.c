/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What DHCP tells: who holds which address, what a phone's vendor class says, when it booted. An address
 * belongs to a MAC only as long as nobody else is given it; a boot is an ACK to a REQUEST without ciaddr,
 * once per xid.
 */
#include <stdio.h>
#include <string.h>

#include "fleet_priv.h"

#define OFFER_FRESH_MS 2000

/* Option 12 is "SEP" and the phone's own MAC (F§1.4): ours, though its class is missing or odd (F§1.7). */
static bool named_sep(const struct lease_event *le)
{
	char expect[4 + MAC_TEXT_SIZE] = "SEP";

	mac_format_bare(expect + 3, &le->mac);
	return strcmp((const char *)le->hostname, expect) == 0;
}

/* The address changes hands, or is confirmed. since 0: nobody held it before, so nothing late can be meant
 * for another. */
static int address_take(struct fleet *f, const struct lease_event *le, struct err *e)
{
	struct mac holder;
	int64_t since = 0;
	int rc = state_address_find(f->st, le->address, &holder, &since, e);

	if (rc < 0)
		return -1;
	if (rc == 0 && mac_equal(&holder, &le->mac))
		return 0;
	if (rc == 0 && le->kind == LEASE_RENEW)
		return 0; /* an INFORM only says so itself: it takes nobody's address */
	if (rc == 0)
		touch_mac(f, &holder);
	touch_address(f, le->address);
	return state_address_put(f->st, le->address, &le->mac, rc == 0 ? le->at_ms : 0, e);
}

/* Someone who is no phone of ours got an address: if it was a phone's, the link goes. */
static int address_foreign(struct fleet *f, const struct lease_event *le, struct err *e)
{
	struct mac holder;
	int64_t since;
	int rc = state_address_find(f->st, le->address, &holder, &since, e);

	if (rc != 0)
		return rc;
	if (mac_equal(&holder, &le->mac) && le->kind != LEASE_GONE)
		return 0;
	touch_address(f, le->address);
	return state_address_delete(f->st, le->address, e);
}

/* What this message says of the phone itself. */
static void phone_learn(struct phone *p, const struct lease_event *le, const struct vendor *v)
{
	if (le->vendor_len)
		text_escape(p->vendor_class, sizeof(p->vendor_class), le->vendor_class, le->vendor_len);
	if (v->kind == VENDOR_BARE || v->kind == VENDOR_NAMED)
		p->vendor = v->kind;
	if (v->kind == VENDOR_NAMED) {
		const struct model *m = model_find(v->model);

		text_copy(p->model, sizeof(p->model), v->model);
		p->generation = m ? m->generation : p->generation;
	}
	/* a renewal goes past the relay (RFC 2131 §4.4.5): it does not say where the phone is plugged in */
	if ((le->kind == LEASE_RENEW || le->kind == LEASE_HELD) && !le->giaddr.host)
		return;
	p->giaddr = le->giaddr;
	p->relay[0] = '\0';
	for (unsigned i = 0; i < le->relay_len && 2 * i + 2 < sizeof(p->relay); i++) {
		static const char hex[] = "0123456789abcdef";

		p->relay[2 * i] = hex[le->relay[i] >> 4];
		p->relay[2 * i + 1] = hex[le->relay[i] & 15];
		p->relay[2 * i + 2] = '\0';
	}
}

/* The row for this MAC: its own, or what was recorded under its address before its MAC showed, or a new
 * one. */
static int phone_for(struct fleet *f, const struct lease_event *le, bool ours, struct phone *ret,
		     struct err *e)
{
	int rc = state_phone_find(f->st, &le->mac, ret, e);

	if (rc == 0 && ret->address.host != le->address.host)
		return identity_merge(f, le->address, ret, le->at_ms, e);
	if (rc <= 0)
		return rc;
	if (!ours)
		return 1;
	rc = state_phone_find_address(f->st, le->address, ret, e);
	if (rc < 0)
		return rc;
	/* Only what was just seen there is its own: an old row may be anybody's, a PC's that looked at a file. */
	if (rc == 1 || fleet_engine_time(f, le->at_ms) - ret->last_event_ms > f->cfg->limits.stage_classic)
		phone_init(ret, &le->mac);
	if (!ret->since_ms)
		ret->since_ms = le->at_ms;
	ret->mac = le->mac;
	ret->mac_known = true;
	return 0;
}

static int lease_gone(struct fleet *f, const struct lease_event *le, struct err *e)
{
	struct mac holder;
	int64_t since;
	int rc = state_address_find(f->st, le->address, &holder, &since, e);

	if (rc != 0)
		return rc;
	if (!mac_equal(&holder, &le->mac))
		return 1; /* somebody else has it already */
	touch_address(f, le->address);
	return state_address_delete(f->st, le->address, e);
}

static void offer_note(struct fleet *f, const struct lease_event *le)
{
	f->offers[f->next_offer] = (struct offered){ le->mac, le->xid };
	f->next_offer = (f->next_offer + 1) % FLEET_OFFERS_MAX;
}

static bool was_offered(const struct fleet *f, const struct lease_event *le)
{
	for (unsigned i = 0; i < FLEET_OFFERS_MAX; i++)
		if (f->offers[i].xid == le->xid && mac_equal(&f->offers[i].mac, &le->mac))
			return true;
	return false;
}

/* It took another server's offer. Nothing of the phone's changes but that this was seen. */
static int lease_elsewhere(struct fleet *f, const struct lease_event *le, struct err *e)
{
	struct event ev = { .kind = EVENT_TICK, .bytes = -1, .signs = 1u << SIGN_OTHER_DHCP };
	char addr[IP4_TEXT_SIZE];
	struct engine_result r;
	struct history h;
	struct phone p;
	int rc = was_offered(f, le) ? state_phone_find(f->st, &le->mac, &p, e) : 1;

	if (rc != 0)
		return rc;
	ev.at_ms = fleet_engine_time(f, le->at_ms);
	history_init(&h, &p, EVENT_TICK, le->at_ms);
	snprintf(h.note, sizeof(h.note), "took the offer of another DHCP server, %s", ip4_format(addr, le->address));
	if (state_history_put(f->st, &h, e) < 0)
		return -1;
	return fleet_apply(f, &p, fleet_plan_of(f, &p, NULL), &ev, NULL, &r, e);
}

static int lease_phone(struct fleet *f, const struct lease_event *le, const struct vendor *v, bool unknown,
		       struct phone *p, struct err *e)
{
	int64_t at = fleet_engine_time(f, le->at_ms);
	struct event ev = { .at_ms = at, .vendor = *v, .xid = le->xid, .bytes = -1 };
	struct engine_result r;
	struct history h;

	phone_learn(p, le, v);
	p->flags &= ~(uint32_t)PHONE_ADDRESS_SHARED; /* a lease says whose address it is */
	if (address_take(f, le, e) < 0)
		return -1;
	/* An offer may come to nothing: the former address stays its own until the new one is
	 * acknowledged. */
	if (le->kind != LEASE_OFFER && p->address.host != le->address.host) {
		touch_address(f, p->address);
		if (state_address_delete_mac(f->st, &le->mac, le->address, e) < 0)
			return -1;
	}
	if (le->kind != LEASE_OFFER || !p->address.host)
		p->address = le->address;
	if (!p->id && state_phone_put(f->st, p, e) < 0)
		return -1;
	/* nobody is started by what happened long ago */
	if (!(f->flags & FLEET_REPLAY) && fleet_start_automatic(f, p, le->classes, le->at_ms, e) < 0)
		return -1;
	const struct plan *pl = fleet_plan_of(f, p, le->classes);
	bool boot = le->kind == LEASE_ACK &&
		    !(p->boots && p->last_xid == le->xid && phone_is(p, PHONE_DHCP_KNOWN));

	if (boot) {
		p->last_boot_ms = le->at_ms;
		ev.kind = EVENT_BOOT;
		ev.signs = unknown ? 1u << SIGN_UNKNOWN_CLASS : 0;
		history_init(&h, p, EVENT_BOOT, le->at_ms);
		if (le->note)
			text_copy(h.note, sizeof(h.note), le->note);
		return fleet_apply(f, p, pl, &ev, &h, &r, e);
	}
	ev.kind = EVENT_TICK;
	/* One that comes out of a backlog is no moment before the phone reads any more. */
	ev.offer = le->kind == LEASE_OFFER && f->now_ms - le->at_ms < OFFER_FRESH_MS;
	return fleet_apply(f, p, pl, &ev, NULL, &r, e);
}

static int on_lease(struct fleet *f, const struct lease_event *le, struct err *e)
{
	const struct vendor_class *vc = NULL;
	struct vendor v;
	struct phone p;

	if (le->kind == LEASE_GONE)
		return lease_gone(f, le, e);
	if (le->kind == LEASE_ELSEWHERE)
		return lease_elsewhere(f, le, e);
	config_vendor(f->cfg, le->vendor_class, le->vendor_len, &v, &vc);
	bool unknown = !vc && vendor_is_unknown(&v, le->vendor_class, le->vendor_len, named_sep(le));
	bool ours = !mac_equal(&le->mac, &phone_probe_mac) &&
		    (v.kind == VENDOR_BARE || v.kind == VENDOR_NAMED || unknown ||
		     (v.kind == VENDOR_NONE && named_sep(le)));
	int rc = phone_for(f, le, ours, &p, e);

	if (rc < 0)
		return rc;
	if (rc == 1) {
		if (le->kind != LEASE_OFFER && address_foreign(f, le, e) < 0)
			return -1;
		return 1;
	}
	if (le->kind == LEASE_OFFER)
		offer_note(f, le);
	return lease_phone(f, le, &v, unknown, &p, e);
}

int fleet_on_lease(struct fleet *f, const struct lease_event *le, struct err *e)
{
	if (replay_clock(f, le->at_ms, e) < 0 || tx_begin(f, le->at_ms, e) < 0)
		return -1;
	int rc = on_lease(f, le, e);

	if (rc < 0) {
		tx_abort(f);
		return err_wrap(e, "lease of %s", ip4_format((char[IP4_TEXT_SIZE]){ "" }, le->address));
	}
	if (tx_end(f, e) < 0)
		return -1;
	return rc;
}
