/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep forget: phones are on no way any more and see the plain root; they are not started again by
 * themselves. Their history stays.
 */
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "select.h"

/* Of a group: those that are started. */
static bool wanted(const struct ctl *c, const struct selection *s, const struct phone *p)
{
	(void)c;
	if (!phone_is(p, PHONE_STARTED))
		return false;
	return !s->plan_name || strcmp(p->plan, s->plan_name) == 0;
}

static int forget_one(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
		      size_t why_size, struct err *e)
{
	return fleet_forget(c->fleet, &p->mac, s->force, ctl_now_ms(), why, why_size, e);
}

int cmd_forget(struct ctl *c, int argc, char **argv)
{
	CLEANUP(select_fini) struct selection s = { .verb = "forget", .wanted = wanted, .may_force = true };
	int rc = select_phones(c, argc, argv, &s);

	if (rc == 0)
		rc = select_confirm(c, &s);
	return rc ? rc : select_run(c, &s, forget_one, "forgotten: not started again by itself");
}
