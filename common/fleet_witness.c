/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the witness heard: whose word it is, into the history as it was said, one step of the engine, and then a
 * tick, so that what the word made possible happens before the phone is answered. The phone is the one of its
 * device name, if the address it speaks from is that phone's, or nobody's yet.
 */
#include <stdio.h>
#include <string.h>

#include "fleet_priv.h"
#include "load_named.h"

/* The same word within this time is noted once: a phone that is done or turned away may say it every half minute. */
#define REPEAT_MS 600000

/* Does that address belong to the phone that is named? 1 = to another, or the phone has another by DHCP. */
static int fits(struct fleet *f, const struct witness_event *we, const struct phone *p, bool *ret_known,
		struct err *e)
{
	struct mac holder;
	int64_t since;
	int rc = state_address_find(f->st, we->client, &holder, &since, e);

	if (rc == 1 && f->have_view)
		rc = view_address_get(&f->view, we->client, &holder, e);
	if (rc < 0)
		return -1;
	*ret_known = rc == 0;
	if (rc == 0)
		return mac_equal(&holder, &we->mac) ? 0 : 1;
	if (!phone_is(p, PHONE_DHCP_KNOWN) || !p->address.host || p->address.host == we->client.host)
		return 0;
	rc = state_address_find(f->st, p->address, &holder, &since, e);
	return rc < 0 ? -1 : rc == 0 && mac_equal(&holder, &we->mac);
}

static void said_text(const struct witness_event *we, char *buf, size_t size)
{
	const struct model *m = model_by_number((int)we->device_type);
	char raw[160], protocol[24] = "";

	if (we->kind == EVENT_ALARM) {
		int n = snprintf(buf, size, "severity %u: ", we->severity);

		(void)text_escape(buf + n, size - (size_t)n, we->text, strlen(we->text));
		n = (int)strlen(buf);
		if (we->parameter[0] || we->parameter[1])
			(void)snprintf(buf + n, size - (size_t)n, " (0x%x, 0x%x)", we->parameter[0],
				       we->parameter[1]);
		return;
	}
	if (we->protocol >= 0)
		(void)snprintf(protocol, sizeof(protocol), ", protocol %d", we->protocol);
	(void)text_escape(raw, sizeof(raw), we->load, strlen(we->load));
	(void)snprintf(buf, size, "device type %u (%s)%s, names %s%s%s", we->device_type,
		       m ? m->name : "unknown", protocol, we->load_by_alarm && raw[0] ? "by its alarm " : "",
		       raw[0] ? "load " : "no load", raw);
}

static void verdict_fill(const struct fleet *f, const struct phone *p, const struct plan *pl, enum phase from,
			 struct witness_verdict *ret)
{
	struct engine_context ctx = {
		.plan = pl,
		.limits = &f->cfg->limits,
		.now_ms = fleet_engine_time(f, f->now_ms),
		.now_wall_ms = f->now_ms,
		.shared = f->cfg->layout == LAYOUT_SHARED,
	};

	ret->started = phone_is(p, PHONE_STARTED);
	ret->wake = engine_wake(p, &ctx);
	ret->load = p->load;
	ret->from = from;
	ret->to = p->phase;
}

static int tick(struct fleet *f, struct phone *p, const struct plan *pl, struct err *e)
{
	struct event ev = { .kind = EVENT_TICK, .at_ms = fleet_engine_time(f, f->now_ms), .bytes = -1 };
	struct engine_result r;

	return fleet_apply(f, p, pl, &ev, NULL, &r, e);
}

static int take_note(void *arg, const struct history *h, struct err *e)
{
	(void)e;
	*(struct history *)arg = *h;
	return 0;
}

/* Is this alarm the phone's last one, or this Register of the kind that it sent before? 1 = yes */
static int said_again(struct fleet *f, const struct phone *p, const struct history *h, const struct event *ev,
		      struct err *e)
{
	const struct times *said = p->evidence.witness;
	struct history last = { .at_ms = 0 };

	if (ev->kind == EVENT_REGISTERED) {
		bool named = ev->load[0] != '\0';
		int64_t a = times_latest(&said[named ? WITNESS_LOAD : WITNESS_PLAIN]);
		int64_t b = named ? times_latest(&said[WITNESS_OTHER]) : 0;
		int64_t at = a > b ? a : b;

		return at && ev->at_ms - at < REPEAT_MS;
	}
	if (state_alarm_list(f->st, p->id, 1, take_note, &last, e) < 0)
		return -1;
	return last.at_ms && h->at_ms - last.at_ms < REPEAT_MS && strcmp(last.note, h->note) == 0;
}

static int not_credited(struct fleet *f, struct history *h, struct witness_verdict *ret, struct err *e)
{
	(void)text_copy(ret->note, sizeof(ret->note),
			"from an address that is not the phone's: not credited");
	(void)text_copy(h->note, sizeof(h->note), ret->note);
	return state_history_put(f->st, h, e) < 0 ? -1 : 1;
}

/* The word itself goes into the history whatever it changes; changes have entries of their own. */
static int credit(struct fleet *f, const struct witness_event *we, struct phone *p, struct history *h,
		  struct witness_verdict *ret, struct err *e)
{
	bool nothing = we->load_by_alarm && load_is_named(we->load, &p->load) < 0;
	struct event ev = {
		.kind = we->kind,
		.at_ms = fleet_engine_time(f, we->at_ms),
		.bytes = -1,
		.load = nothing ? "" : we->load,
		.device_type = we->device_type <= INT32_MAX ? (int)we->device_type : 0,
		.about = we->about,
	};
	const struct plan *pl = fleet_plan_of(f, p, NULL);
	enum phase from = p->phase;
	struct engine_result r;

	said_text(we, h->note, sizeof(h->note));
	int again = said_again(f, p, h, &ev, e);

	if (again < 0 || (again == 0 && state_history_put(f->st, h, e) < 0) ||
	    fleet_apply(f, p, pl, &ev, NULL, &r, e) < 0 || tick(f, p, pl, e) < 0)
		return -1;
	verdict_fill(f, p, pl, from, ret);
	ret->again = again;
	return 0;
}

static int on_witness(struct fleet *f, const struct witness_event *we, struct witness_verdict *ret,
		      struct err *e)
{
	struct history h;
	struct phone p;
	bool known;
	int rc = state_phone_find(f->st, &we->mac, &p, e);

	if (rc == 1)
		(void)text_copy(ret->note, sizeof(ret->note), "no phone of that name is known");
	if (rc != 0)
		return rc;
	history_init(&h, &p, we->kind, we->at_ms);
	h.address = we->client;
	rc = fits(f, we, &p, &known, e);
	if (rc != 0)
		return rc < 0 ? -1 : not_credited(f, &h, ret, e);
	if (!known) {
		if (state_address_put(f->st, we->client, &we->mac, 0, e) < 0)
			return -1;
		p.address = we->client;
		touch_address(f, we->client);
	}
	return credit(f, we, &p, &h, ret, e);
}

/* One transaction: -1 aborts it, else what was returned. */
static int tx_close(struct fleet *f, int rc, struct err *e)
{
	if (rc < 0) {
		tx_abort(f);
		return err_wrap(e, "witness");
	}
	return tx_end(f, e) < 0 ? -1 : rc;
}

int fleet_on_witness(struct fleet *f, const struct witness_event *we, struct witness_verdict *ret,
		     struct err *e)
{
	*ret = (struct witness_verdict){ .started = false };
	if (tx_begin(f, we->at_ms, e) < 0)
		return -1;
	return tx_close(f, on_witness(f, we, ret, e), e);
}

static int look(struct fleet *f, const struct mac *mac, struct witness_verdict *ret, struct err *e)
{
	struct phone p;
	int rc = state_phone_find(f->st, mac, &p, e);

	if (rc != 0)
		return rc;
	const struct plan *pl = fleet_plan_of(f, &p, NULL);
	enum phase from = p.phase;

	if (tick(f, &p, pl, e) < 0)
		return -1;
	verdict_fill(f, &p, pl, from, ret);
	return 0;
}

int fleet_witness_look(struct fleet *f, const struct mac *mac, int64_t now_ms, struct witness_verdict *ret,
		       struct err *e)
{
	*ret = (struct witness_verdict){ .started = false };
	if (tx_begin(f, now_ms, e) < 0)
		return -1;
	return tx_close(f, look(f, mac, ret, e), e);
}

static int answered(struct fleet *f, const struct mac *mac, bool reset, const char *note, struct err *e)
{
	struct event ev = {
		.kind = EVENT_REGISTERED, .at_ms = fleet_engine_time(f, f->now_ms), .bytes = -1, .reset = true
	};
	struct engine_result r;
	struct history h;
	struct phone p;
	int rc = state_phone_find(f->st, mac, &p, e);

	if (rc != 0)
		return rc;
	history_init(&h, &p, EVENT_REGISTERED, f->now_ms);
	(void)text_copy(h.note, sizeof(h.note), note);
	if (state_history_put(f->st, &h, e) < 0)
		return -1;
	return reset ? fleet_apply(f, &p, fleet_plan_of(f, &p, NULL), &ev, NULL, &r, e) : 0;
}

int fleet_witness_answered(struct fleet *f, const struct mac *mac, int64_t now_ms, bool reset,
			   const char *note, struct err *e)
{
	if (tx_begin(f, now_ms, e) < 0)
		return -1;
	return tx_close(f, answered(f, mac, reset, note, e), e);
}
