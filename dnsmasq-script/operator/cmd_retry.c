/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep retry: stuck phones stand on their stage anew; what was counted against them is forgotten.
 */
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "select.h"

/* Of a group: those that are stuck. */
static bool wanted(const struct ctl *c, const struct selection *s, const struct phone *p)
{
	(void)c;
	if (p->phase != PHASE_STUCK)
		return false;
	return !s->plan_name || strcmp(p->plan, s->plan_name) == 0;
}

static int retry_one(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
		     size_t why_size, struct err *e)
{
	(void)s;
	return fleet_retry(c->fleet, &p->mac, ctl_now_ms(), why, why_size, e);
}

int cmd_retry(struct ctl *c, int argc, char **argv)
{
	CLEANUP(select_fini) struct selection s = { .verb = "retry", .wanted = wanted };
	int rc = select_phones(c, argc, argv, &s);

	if (rc == 0)
		rc = select_confirm(c, &s);
	return rc ? rc : select_run(c, &s, retry_one, "tries its stage anew");
}
