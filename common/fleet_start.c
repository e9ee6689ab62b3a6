/* SPDX-License-Identifier: MPL-2.0 */
/* Who starts by itself, the rollout's limits, and plans put in force. What a person says:
 * fleet_operator.c. */
#include <string.h>

#include "cleanup.h"
#include "fleet_priv.h"

static int count_phone(void *arg, const struct phone *p, struct err *e)
{
	struct head_count *c = arg;

	(void)e;
	if (!phone_is(p, PHONE_STARTED))
		return 0;
	c->started += p->phase != PHASE_WAITING;
	c->stuck += p->phase == PHASE_STUCK;
	c->on_way += phone_on_way(p) && !phone_is(p, PHONE_NEEDS_REBOOT) && p->phase != PHASE_STUCK;
	return 0;
}

/* Is there room for one more? Without limits in the configuration always. A store that fails says no: nobody
 * is let in blindly. */
bool fleet_room(struct fleet *f, struct err *e)
{
	const struct config *cfg = f->cfg;
	struct head_count *c = &f->heads;

	if (!cfg->max_at_once && !cfg->halt_at)
		return true;
	if (!f->heads_known) {
		*c = (struct head_count){ 0 };
		if (state_phone_list(f->st, count_phone, c, e) < 0)
			return false;
		f->heads_known = true;
	}
	if (cfg->max_at_once && c->on_way >= cfg->max_at_once)
		return false;
	return !(cfg->halt_at && c->stuck && c->stuck * 100 >= cfg->halt_at * c->started);
}

/* Only a phone that nobody has touched: not forgotten, not one that left a plan, and, unless the plan says
 * so, not one that has a configuration file of its own. (Two access(2) calls: the one look at the tree inside
 * a transaction, once a boot.) */
int fleet_start_automatic(struct fleet *f, struct phone *p, const char *classes, int64_t at_ms, struct err *e)
{
	const struct plan *pl = config_plan_for(f->cfg, p, classes);
	struct event ev = {
		.kind = EVENT_OPERATOR, .at_ms = fleet_engine_time(f, at_ms), .op = OP_START, .bytes = -1
	};
	struct engine_result r;
	const char *why;

	if (p->phase != PHASE_SEEN || p->flags & (PHONE_STARTED | PHONE_FORGOTTEN | PHONE_ADDRESS_SHARED) ||
	    p->cause != CAUSE_NONE)
		return 0;
	if (!pl || !pl->automatic || plan_may_start(pl, p, classes, &why) != 0)
		return 0;
	if (!pl->provisioned && f->have_view && view_provisioned(&f->view, &p->mac))
		return 0;
	return fleet_apply(f, p, pl, &ev, NULL, &r, e);
}

/* A phone that DHCP tells nothing of belongs to the generation of its files, and several plans may be for that: then a
 * person says which. Its lease may be on its way to us: not before events that are out of order have had their time. */
int fleet_start_unleased(struct fleet *f, struct phone *p, int64_t at_ms, struct err *e)
{
	unsigned n = 0;

	if (p->vendor != VENDOR_NONE || !p->mac_known || p->phase != PHASE_SEEN ||
	    at_ms - p->since_ms < f->cfg->limits.order_window)
		return 0;
	for (unsigned i = 0; i < f->cfg->n_plans; i++) {
		const struct plan *pl = &f->cfg->plans[i];

		n += pl->n_stages > 0 && plan_may_start(pl, p, NULL, NULL) == 0;
	}
	return n == 1 ? fleet_start_automatic(f, p, NULL, at_ms, e) : 0;
}

/* The place of a load that the plan has no more is behind the nearest of those before it that are still
 * there: what comes next is what took its place, and none that the phone has passed. */
static int place_of_removed(const struct plan *was, const struct plan *is, const struct phone *p)
{
	int no = plan_stage_of(was, &p->load);

	if (!no)
		no = p->stage_no; /* it was removed before, and stands where it stood */
	for (no--; no > 0; no--) {
		const struct loadset *ls = plan_stage(was, no);
		int at = ls ? plan_stage_of(is, &ls->load) : 0;

		if (at)
			return at + 1;
	}
	return 1;
}

struct replacing {
	struct fleet *f;
	const struct config *plans;
};

static int keep_place(void *arg, const struct phone *p, struct err *e)
{
	const struct replacing *r = arg;
	const struct plan *was = config_plan(r->f->cfg, p->plan), *is = config_plan(r->plans, p->plan);
	struct phone moved = *p;

	if (!p->stage_no || !was || !is)
		return 0;
	moved.stage_no = plan_stage_of(is, &p->load);
	if (!moved.stage_no)
		moved.stage_no = place_of_removed(was, is, p);
	return moved.stage_no == p->stage_no ? 0 : state_phone_put(r->f->st, &moved, e);
}

/* The new revision, and the numbers that its phones' stages have in it, in one transaction. */
static int replace_plans(struct fleet *f, const struct config *plans, const char *text, int64_t now_ms,
			 int64_t *ret_revision, struct err *e)
{
	struct replacing r = { .f = f, .plans = plans };
	bool own = !f->in_tx;

	if (own && (plans_refresh(f, e) < 0 || state_begin(f->st, e) < 0))
		return -1;
	if (state_phone_list(f->st, keep_place, &r, e) < 0 ||
	    state_plan_put(f->st, text, now_ms, ret_revision, e) < 0 || (own && state_commit(f->st, e) < 0)) {
		if (own)
			state_rollback(f->st);
		return -1;
	}
	return 0;
}

int fleet_plans_put(struct fleet *f, const struct config *plans, int64_t now_ms, int64_t *ret_revision,
		    struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf old = STRBUF_INIT(CONFIG_BYTES_MAX);
	int64_t revision = 0;

	if (config_format_revision(plans, &text, e) < 0)
		return -1;
	int rc = state_plan_get(f->st, &revision, &old, e);

	if (rc < 0)
		return -1;
	bool same = rc == 0 && strcmp(strbuf_text(&old), strbuf_text(&text)) == 0;

	if (same)
		*ret_revision = revision;
	else if (replace_plans(f, plans, strbuf_text(&text), now_ms, ret_revision, e) < 0)
		return -1;
	if (!f->in_batch && plans_refresh(f, e) < 0)
		return -1;
	return same ? 1 : 0;
}
