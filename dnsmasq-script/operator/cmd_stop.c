/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep stop: phones finish the stage they are in and go no further; what a phone half way sees is not
 * taken from it.
 */
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "select.h"

/* Of a group: those on their way, of that plan when one is named. */
static bool wanted(const struct ctl *c, const struct selection *s, const struct phone *p)
{
	(void)c;
	if (!phone_is(p, PHONE_STARTED) || phone_is(p, PHONE_STOPPED) || p->phase == PHASE_DONE)
		return false;
	return !s->plan_name || strcmp(p->plan, s->plan_name) == 0;
}

static int stop_one(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
		    size_t why_size, struct err *e)
{
	(void)s;
	return fleet_stop(c->fleet, &p->mac, ctl_now_ms(), why, why_size, e);
}

int cmd_stop(struct ctl *c, int argc, char **argv)
{
	CLEANUP(select_fini) struct selection s = { .verb = "stop", .wanted = wanted };
	int rc = select_phones(c, argc, argv, &s);

	if (rc == 0)
		rc = select_confirm(c, &s);
	return rc ? rc : select_run(c, &s, stop_one, "stopped: it finishes its stage and goes no further");
}
