/* SPDX-License-Identifier: MPL-2.0 */
/* What DHCP says to a client: a pure function of its class, its standing and its site. The rows are those of
 * the design's table of phases. */
#include "fleet.h"

static void answer_servers(struct answer *a, const struct servers *s, enum override o)
{
	if (!s || s->n == 0)
		return;
	a->kind = ANSWER_SERVERS;
	a->servers = *s;
	a->override = o;
}

void fleet_answer(const struct config *cfg, const struct phone *p, const struct vendor *v,
		  const struct vendor_class *vc, struct ip4 giaddr, struct ip4 address, struct answer *ret)
{
	const struct plan *pl = p && phone_is(p, PHONE_STARTED) ? config_plan(cfg, p->plan) : NULL;

	*ret = (struct answer){ .kind = ANSWER_UNTOUCHED };
	/* The plain rule: by class alone. A class that was recognised counts, an ordinary client's does
	 * not. */
	if (vc && (v->kind == VENDOR_BARE || v->kind == VENDOR_NAMED))
		answer_servers(ret, &vc->servers, vc->override);
	if (!pl)
		return;
	if (phone_on_way(p) || phone_is(p, PHONE_LET_NEAR))
		answer_servers(ret, config_servers(cfg, pl, giaddr, address), pl->override);
	else if (p->phase == PHASE_DONE)
		answer_servers(ret, &pl->after_servers, pl->override);
}
