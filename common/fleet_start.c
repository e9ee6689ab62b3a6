/* SPDX-License-Identifier: MPL-2.0 */
/* Starting and stopping, by a person or by a plan that says `start = automatic`, and the rollout's limits. */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "fleet_priv.h"

struct head_count {
	int on_way; /* count against max-at-once: on their way and not just waiting for a reboot */
	int started;
	int stuck;
};

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
	struct head_count c = { 0 };
	const struct config *cfg = f->cfg;

	if (!cfg->max_at_once && !cfg->halt_at)
		return true;
	if (state_phone_list(f->st, count_phone, &c, e) < 0)
		return false;
	if (cfg->max_at_once && c.on_way >= cfg->max_at_once)
		return false;
	return !(cfg->halt_at && c.stuck && c.stuck * 100 >= cfg->halt_at * c.started);
}

static int operate(struct fleet *f, struct phone *p, const struct plan *pl, enum operation op, int64_t at_ms,
		   struct engine_result *ret, struct err *e)
{
	struct event ev = {
		.kind = EVENT_OPERATOR, .at_ms = fleet_engine_time(f, at_ms), .op = op, .bytes = -1
	};

	return fleet_apply(f, p, pl, &ev, NULL, ret, e);
}

/* Only a phone that nobody has touched: not forgotten, not one that left a plan, and, unless the plan says
 * so, not one that has a configuration file of its own. (Two access(2) calls: the one look at the tree inside
 * a transaction, once a boot.) */
int fleet_start_automatic(struct fleet *f, struct phone *p, const char *classes, int64_t at_ms, struct err *e)
{
	const struct plan *pl = config_plan_for(f->cfg, p, classes);
	struct engine_result r;
	const char *why;

	if (p->phase != PHASE_SEEN || phone_is(p, PHONE_STARTED) || phone_is(p, PHONE_FORGOTTEN) ||
	    p->cause != CAUSE_NONE)
		return 0;
	if (!pl || !pl->automatic || plan_may_start(pl, p, classes, &why) != 0)
		return 0;
	if (!pl->provisioned && f->have_view && view_provisioned(&f->view, &p->mac))
		return 0;
	return operate(f, p, pl, OP_START, at_ms, &r, e);
}

static int find_phone(struct fleet *f, const struct mac *mac, struct phone *p, char *why, size_t size,
		      struct err *e)
{
	int rc = state_phone_find(f->st, mac, p, e);

	if (rc == 1)
		snprintf(why, size, "not seen yet: it must have booted once");
	return rc;
}

static int start(struct fleet *f, const struct mac *mac, const char *plan_name, int64_t now_ms, char *why,
		 size_t size, struct err *e)
{
	struct engine_result r;
	const char *reason;
	struct phone p;
	int rc = find_phone(f, mac, &p, why, size, e);

	if (rc != 0)
		return rc;
	const struct plan *pl = plan_name ? config_plan(f->cfg, plan_name) : fleet_plan_of(f, &p, NULL);

	if (!pl) {
		snprintf(why, size,
			 plan_name ? "there is no plan \"%s\" in force"
				   : "no plan in force is for it (model %s)",
			 plan_name    ? plan_name
			 : p.model[0] ? p.model
				      : "not known");
		return 1;
	}
	if (p.phase == PHASE_DONE) {
		snprintf(why, size, "is done: it runs %s", p.running);
		return 1;
	}
	if (phone_is(&p, PHONE_STARTED) && !phone_is(&p, PHONE_STOPPED)) {
		snprintf(why, size, "is started already");
		return 1;
	}
	if (!phone_is(&p, PHONE_STARTED) && plan_may_start(pl, &p, NULL, &reason) != 0) {
		snprintf(why, size, "plan %s: %s", pl->name, reason);
		return 1;
	}
	return operate(f, &p, pl, OP_START, now_ms, &r, e);
}

int fleet_start(struct fleet *f, const struct mac *mac, const char *plan_name, int64_t now_ms, char *ret_why,
		size_t why_size, struct err *e)
{
	if (tx_begin(f, now_ms, e) < 0)
		return -1;
	int rc = start(f, mac, plan_name, now_ms, ret_why, why_size, e);

	if (rc < 0) {
		tx_abort(f);
		return rc;
	}
	return tx_end(f, e) < 0 ? -1 : rc;
}

static int stop(struct fleet *f, const struct mac *mac, int64_t now_ms, char *why, size_t size, struct err *e)
{
	struct engine_result r;
	struct phone p;
	int rc = find_phone(f, mac, &p, why, size, e);

	if (rc != 0)
		return rc;
	rc = operate(f, &p, fleet_plan_of(f, &p, NULL), OP_STOP, now_ms, &r, e);
	if (rc == 0 && !r.changed) {
		snprintf(why, size, "is not on its way");
		return 1;
	}
	return rc;
}

int fleet_stop(struct fleet *f, const struct mac *mac, int64_t now_ms, char *ret_why, size_t why_size,
	       struct err *e)
{
	if (tx_begin(f, now_ms, e) < 0)
		return -1;
	int rc = stop(f, mac, now_ms, ret_why, why_size, e);

	if (rc < 0) {
		tx_abort(f);
		return rc;
	}
	return tx_end(f, e) < 0 ? -1 : rc;
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
	if (rc == 0 && strcmp(strbuf_text(&old), strbuf_text(&text)) == 0) {
		*ret_revision = revision;
		return 1;
	}
	if (state_plan_put(f->st, strbuf_text(&text), now_ms, ret_revision, e) < 0)
		return -1;
	return f->in_batch ? 0 : plans_refresh(f, e);
}
