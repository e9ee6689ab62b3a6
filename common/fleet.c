/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The ground of the use cases: opening, the plans in force, the observed clock, transactions, and the one
 * place where an event goes through the engine into the store. What is looked up in the tree is looked up
 * before a transaction begins, what is written there after it has ended.
 */
#include "fleet.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fleet_priv.h"

#define REVISION_BYTES_MAX CONFIG_BYTES_MAX
/* Several processes tick: a step back smaller than this is two of them crossing, not a changed clock. */
#define CLOCK_CROSSING_MS 2000

static int config_copy(const struct config *src, struct config **ret, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(REVISION_BYTES_MAX);
	struct config *c = malloc(sizeof(*c));

	if (!c)
		return err_set(e, ERR_SYSTEM, "out of memory");
	*c = *src;
	c->plans = NULL;
	c->sites = NULL;
	c->classes = NULL;
	c->n_plans = c->n_sites = c->n_classes = 0;
	if (config_format_revision(src, &text, e) < 0 ||
	    config_apply_revision(c, strbuf_text(&text), text.len, e) < 0) {
		config_free(c);
		return err_wrap(e, "copying the configuration");
	}
	*ret = c;
	return 0;
}

int plans_refresh(struct fleet *f, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(REVISION_BYTES_MAX);
	int64_t revision = 0;
	int rc = state_plan_revision(f->st, &revision, e);

	if (rc != 0)
		return rc < 0 ? rc : 0; /* none yet: the file's plans count */
	if (revision == f->revision)
		return 0;
	rc = state_plan_get(f->st, &revision, &text, e);
	if (rc < 0)
		return rc;
	if (config_apply_revision(f->cfg, strbuf_text(&text), text.len, e) < 0)
		return err_wrap(e, "plan revision %lld", (long long)revision);
	f->revision = revision;
	return 0;
}

int fleet_refresh(struct fleet *f, struct err *e)
{
	return plans_refresh(f, e);
}

int fleet_open(struct fleet **ret, const struct config *cfg, unsigned flags, int busy_ms, struct err *e)
{
	struct fleet *f = calloc(1, sizeof(*f));
	unsigned sf = flags & FLEET_READ_ONLY ? STATE_READ_ONLY : 0;
	struct err ignored;

	if (!f)
		return err_set(e, ERR_SYSTEM, "out of memory");
	f->flags = flags;
	if (flags & FLEET_CREATE)
		sf |= STATE_CREATE | STATE_UPGRADE;
	if (config_copy(cfg, &f->cfg, e) < 0 || state_open(&f->st, cfg->store_url, sf, busy_ms, e) < 0 ||
	    (flags & FLEET_REPLAY && state_hold(f->st, e) < 0) || plans_refresh(f, e) < 0 ||
	    state_clock_get(f->st, &f->clock, e) < 0) {
		fleet_close(f);
		return -1;
	}
	if (flags & FLEET_READ_ONLY && cfg->tftp_root[0])
		f->have_view =
			text_copy(f->view.root, sizeof(f->view.root), cfg->tftp_root); /* makes nothing */
	else if (cfg->tftp_root[0] && !(flags & FLEET_REPLAY))
		f->have_view = view_init(&f->view, cfg->tftp_root, &ignored) == 0;
	*ret = f;
	return 0;
}

void fleet_close(struct fleet *f)
{
	if (!f)
		return;
	tx_abort(f);
	state_close(f->st);
	config_free(f->cfg);
	free(f);
}

const struct config *fleet_config(const struct fleet *f)
{
	return f->cfg;
}

struct state *fleet_state(struct fleet *f)
{
	return f->st;
}

int64_t fleet_revision(const struct fleet *f)
{
	return f->revision;
}

unsigned plan_index(const struct fleet *f, const struct plan *pl)
{
	return (unsigned)(pl - f->cfg->plans);
}

/* ---- the observed clock */

int64_t fleet_engine_time(const struct fleet *f, int64_t wall_ms)
{
	const struct observed_clock *c = &f->clock;

	if (f->flags & FLEET_REPLAY)
		return wall_ms;
	if (!c->gap_to_ms || wall_ms >= c->gap_to_ms)
		return wall_ms - c->skew_ms;
	if (wall_ms <= c->gap_from_ms)
		return wall_ms - c->gap_skew_ms;
	/* Inside the gap: in proportion, so that order is kept. */
	int64_t from = c->gap_from_ms - c->gap_skew_ms, to = c->gap_to_ms - c->skew_ms;

	return from + (wall_ms - c->gap_from_ms) * (to - from) / (c->gap_to_ms - c->gap_from_ms);
}

/* Time that nobody watched hardly counts: a jump of the wall clock, a suspended machine, servers that were
 * down. It counts a little, so that what comes after the gap is later than what came before it. */
static void clock_advance(struct fleet *f, int64_t now_ms)
{
	int64_t passed = now_ms - f->clock.last_tick_wall_ms;

	if (f->clock.last_tick_wall_ms == 0) {
		f->clock.last_tick_wall_ms = now_ms;
		return;
	}
	if (passed > -CLOCK_CROSSING_MS && passed <= 0)
		return;
	if (passed > f->cfg->limits.tick_gap) {
		f->clock.gap_from_ms = f->clock.last_tick_wall_ms;
		f->clock.gap_to_ms = now_ms;
		f->clock.gap_skew_ms = f->clock.skew_ms;
		f->clock.skew_ms += passed - f->cfg->limits.tick_gap;
	} else if (passed < 0) {
		f->clock.gap_to_ms = 0; /* wall times repeat: what they mean is what they mean now */
		f->clock.skew_ms += passed - 1;
	}
	f->clock.last_tick_wall_ms = now_ms;
}

/* ---- what the tree offers, looked up before a transaction */

void fleet_tree_look(struct fleet *f)
{
	for (unsigned i = 0; i < f->cfg->n_plans; i++) {
		const struct plan *pl = &f->cfg->plans[i];

		f->ready[i] = 0;
		f->waiting_room[i] = false;
		if (f->cfg->layout == LAYOUT_SHARED && f->revision && !(f->flags & FLEET_REPLAY)) {
			for (unsigned k = 0; k < pl->n_stages; k++)
				if (pl->stages[k].complete)
					f->ready[i] |= 1u << k; /* for the cohort */
			continue;
		}
		if (!f->have_view || f->flags & (FLEET_NO_EFFECTS | FLEET_REPLAY) ||
		    f->cfg->layout == LAYOUT_SHARED) {
			f->ready[i] = UINT32_MAX; /* the tree is another host's */
			continue;
		}
		for (unsigned k = 0; k < pl->n_stages; k++)
			if (view_stage_ready(&f->view, pl->name, &pl->stages[k].load, NULL) == 0)
				f->ready[i] |= 1u << k;
		f->waiting_room[i] = view_stage_ready(&f->view, pl->name, NULL, NULL) == 0;
	}
}

/* ---- transactions */

/* What is never made true need not be remembered. */
static bool has_effects(const struct fleet *f)
{
	return !(f->flags & (FLEET_NO_EFFECTS | FLEET_REPLAY | FLEET_READ_ONLY));
}

void touch_mac(struct fleet *f, const struct mac *mac)
{
	if (!has_effects(f))
		return;
	for (unsigned i = 0; i < f->n_macs; i++)
		if (mac_equal(&f->macs[i], mac))
			return;
	if (f->n_macs == FLEET_TOUCHED_MAX)
		f->touched_all = true;
	else
		f->macs[f->n_macs++] = *mac;
}

void touch_address(struct fleet *f, struct ip4 a)
{
	if (!a.host || !has_effects(f))
		return;
	for (unsigned i = 0; i < f->n_addresses; i++)
		if (f->addresses[i].host == a.host)
			return;
	if (f->n_addresses == FLEET_TOUCHED_MAX)
		f->touched_all = true;
	else
		f->addresses[f->n_addresses++] = a;
}

static int tx_open(struct fleet *f, int64_t now_ms, struct err *e)
{
	if (plans_refresh(f, e) < 0)
		return -1;
	fleet_tree_look(f);
	if (state_begin(f->st, e) < 0)
		return -1;
	f->in_tx = true;
	f->now_ms = now_ms;
	f->rotate = false;
	f->cohort_touched = 0;
	f->heads_known = false;
	if (!(f->flags & FLEET_REPLAY)) {
		if (state_clock_get(f->st, &f->clock, e) < 0) {
			tx_abort(f);
			return -1;
		}
		struct observed_clock before = f->clock;

		clock_advance(f, now_ms);
		if ((f->clock.skew_ms != before.skew_ms || now_ms - before.last_tick_wall_ms >= CLOCK_WRITE_MS) &&
		    state_clock_put(f->st, &f->clock, e) < 0) {
			tx_abort(f);
			return -1;
		}
	}
	return 0;
}

static int cohorts_look(struct fleet *f, struct err *e)
{
	for (unsigned i = 0; i < f->cfg->n_plans; i++)
		if (f->cohort_touched & (1u << i) && cohort_look(f, &f->cfg->plans[i], e) < 0)
			return -1;
	f->cohort_touched = 0;
	return 0;
}

static int tx_commit(struct fleet *f, struct err *e)
{
	int rc = cohorts_look(f, e) < 0 ? -1 : state_commit(f->st, e);

	if (rc < 0) {
		tx_abort(f);
		return rc;
	}
	f->in_tx = false;
	effects_run(f);
	return 0;
}

int tx_begin(struct fleet *f, int64_t now_ms, struct err *e)
{
	if (!f->in_batch)
		return tx_open(f, now_ms, e);
	if (f->flags & FLEET_REPLAY)
		f->now_ms = now_ms; /* the log's clock runs inside a batch, too */
	return 0;
}

int tx_end(struct fleet *f, struct err *e)
{
	return f->in_batch ? 0 : tx_commit(f, e);
}

/* Inside a batch the batch's owner aborts: what went before in it must be given again. */
void tx_abort(struct fleet *f)
{
	if (f->in_batch)
		return;
	if (f->in_tx)
		state_rollback(f->st);
	f->in_tx = false;
	f->n_macs = f->n_addresses = 0;
	f->touched_all = false;
}

int fleet_batch_begin(struct fleet *f, int64_t now_ms, struct err *e)
{
	if (tx_open(f, now_ms, e) < 0)
		return -1;
	f->in_batch = true;
	return 0;
}

int fleet_batch_end(struct fleet *f, struct err *e)
{
	f->in_batch = false;
	return tx_commit(f, e);
}

void fleet_batch_abort(struct fleet *f)
{
	f->in_batch = false;
	tx_abort(f);
}

/* ---- one event */

const struct plan *fleet_plan_of(const struct fleet *f, const struct phone *p, const char *classes)
{
	const struct plan *pl = p->plan[0] ? config_plan(f->cfg, p->plan) : NULL;

	return pl ? pl : config_plan_for(f->cfg, p, classes);
}

void history_init(struct history *h, const struct phone *p, enum event_kind kind, int64_t at_ms)
{
	*h = (struct history){
		.at_ms = at_ms,
		.phone_id = p->id,
		.mac = p->mac,
		.mac_known = p->mac_known,
		.address = p->address,
		.kind = kind,
		.bytes = -1,
		.from = p->phase,
		.to = p->phase,
		.stage_no = p->stage_no,
	};
}

static int notes_put(struct fleet *f, const struct phone *p, const struct engine_result *r, struct history *h,
		     enum event_kind kind, struct err *e)
{
	struct history own;

	for (unsigned i = 0; i < r->n_notes; i++) {
		struct history *at = i == 0 && h ? h : &own;

		if (at == &own)
			history_init(&own, p, kind, f->now_ms);
		at->phone_id = p->id;
		at->from = r->notes[i].from;
		at->to = r->notes[i].to;
		at->stage_no = r->notes[i].stage_no;
		text_copy(at->note, sizeof(at->note), r->notes[i].text);
		if (state_history_put(f->st, at, e) < 0)
			return -1;
	}
	return 0;
}

int fleet_apply(struct fleet *f, struct phone *p, const struct plan *pl, const struct event *ev,
		struct history *h, struct engine_result *ret_result, struct err *e)
{
	struct engine_context ctx = {
		.plan = pl,
		.limits = &f->cfg->limits,
		.now_ms = fleet_engine_time(f, f->now_ms),
		.now_wall_ms = f->now_ms,
	};
	struct causes_facts facts = { .tftp_heard_ms = fleet_heard_since(f, f->now_ms) };
	bool was_on_way = phone_on_way(p);

	ctx.facts = &facts;
	if (pl) {
		ctx.stages_ready = f->ready[plan_index(f, pl)];
		ctx.may_enter = true;
		ctx.shared = f->cfg->layout == LAYOUT_SHARED && !(f->flags & FLEET_REPLAY);
		if (ctx.shared)
			ctx.stages_ready &= cohort_ready(f, pl, p, &ctx.may_enter, e);
		if (ev->op == OP_START || ev->op == OP_LET_IN)
			ctx.may_enter = ctx.may_enter && fleet_room(f, e);
	}
	engine_move(p, ev, &ctx, ret_result);
	if (!was_on_way && phone_on_way(p)) {
		f->heads.on_way++;
		f->heads.started++;
	}
	fleet_tree_flags(f, p, ev->offer || ev->kind == EVENT_BOOT);
	if (state_phone_put(f->st, p, e) < 0)
		return -1;
	int64_t due = ret_result->due_ms;

	if (p->phase == PHASE_WAITING)
		due = ctx.now_ms + WAITING_LOOK_MS;
	else if (phone_is(p, PHONE_ON_LAST)) /* until it has a file of its own, or the root another load */
		due = ctx.now_ms + (ev->kind == EVENT_TICK ? RECONCILE_MS : f->cfg->limits.quiet / 2);
	/* What a waiting phone does meanwhile must not put off the look at whether it may enter. */
	bool keep_due = p->phase == PHASE_WAITING && ev->kind != EVENT_OPERATOR;
	if (!keep_due && state_phone_due_set(f->st, p->id, due, e) < 0)
		return -1;
	if (p->mac_known)
		touch_mac(f, &p->mac);
	bool alone = h && (ret_result->n_notes == 0 || h->note[0]);
	if (alone) {
		h->phone_id = p->id;
		if (ret_result->ignored && !h->note[0])
			text_copy(h->note, sizeof(h->note), "no rule for this phase and event");
		if (state_history_put(f->st, h, e) < 0)
			return -1;
	}
	if (notes_put(f, p, ret_result, alone ? NULL : h, ev->kind, e) < 0)
		return -1;
	if (f->cfg->layout == LAYOUT_SHARED && pl && phone_is(p, PHONE_STARTED))
		f->cohort_touched |= 1u << plan_index(f, pl); /* looked at once, before the commit */
	return 0;
}
