/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep skip: phones go to their next stage without proof, where that is one safe step by what is known of
 * them, or the operator takes it upon himself (--force). It is in the history as his word.
 */
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "select.h"

/* Of a group: those on their way. */
static bool wanted(const struct ctl *c, const struct selection *s, const struct phone *p)
{
	(void)c;
	if (!phone_on_way(p))
		return false;
	return !s->plan_name || strcmp(p->plan, s->plan_name) == 0;
}

static int skip_one(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
		    size_t why_size, struct err *e)
{
	return fleet_skip(c->fleet, &p->mac, s->force, ctl_now_ms(), why, why_size, e);
}

int cmd_skip(struct ctl *c, int argc, char **argv)
{
	CLEANUP(select_fini) struct selection s = { .verb = "skip", .wanted = wanted, .may_force = true };
	int rc = select_phones(c, argc, argv, &s);

	if (rc == 0)
		rc = select_confirm(c, &s);
	return rc ? rc : select_run(c, &s, skip_one, "goes to its next stage, as soon as it is quiet");
}
