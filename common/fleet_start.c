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

	if (p->phase != PHASE_SEEN || phone_is(p, PHONE_STARTED) || phone_is(p, PHONE_FORGOTTEN) ||
	    p->cause != CAUSE_NONE)
		return 0;
	if (!pl || !pl->automatic || plan_may_start(pl, p, classes, &why) != 0)
		return 0;
	if (!pl->provisioned && f->have_view && view_provisioned(&f->view, &p->mac))
		return 0;
	return fleet_apply(f, p, pl, &ev, NULL, &r, e);
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
