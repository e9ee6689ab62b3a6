/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep start: let phones go through their plan, or through the one that --plan names.
 */
#include "cleanup.h"
#include "cmds.h"
#include "plan.h"
#include "select.h"

/* Of a group: those not started yet, for which there is a plan. */
static bool wanted(const struct ctl *c, const struct selection *s, const struct phone *p)
{
	const struct config *cfg = fleet_config(c->fleet);

	if (phone_is(p, PHONE_STARTED) && !phone_is(p, PHONE_STOPPED))
		return false;
	if (s->plan_name)
		return plan_fits(config_plan(cfg, s->plan_name), p);
	return config_plan_for(cfg, p, NULL) != NULL;
}

static int start_one(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
		     size_t why_size, struct err *e)
{
	return fleet_start(c->fleet, &p->mac, s->plan_name, ctl_now_ms(), why, why_size, e);
}

int cmd_start(struct ctl *c, int argc, char **argv)
{
	CLEANUP(select_fini) struct selection s = { .verb = "start", .wanted = wanted };
	int rc = select_phones(c, argc, argv, &s);

	if (rc == 0)
		rc = select_confirm(c, &s);
	return rc ? rc : select_run(c, &s, start_one, "started");
}
