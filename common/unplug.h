/* SPDX-License-Identifier: MPL-2.0 */
/*
 * May a phone's power be cut, or its switch rebooted? Not while it fetches or writes a load (F§6): a classic phone erases
 * its flash before it asks for the application, and what is left of a java phone after a cut is its boot code. One answer
 * for `status`, `watch` and `report`, by what was heard: files, boots, and how long ago. What nobody tells us is
 * not in it: a load that one phone hands to another (peer firmware sharing, java only), a server that is not watched.
 */
#ifndef LOADSTEP_UNPLUG_H
#define LOADSTEP_UNPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "phone.h"
#include "plan.h"

struct unplug {
	bool may;
	int64_t left_ms; /* may not: about how much longer, by usual times, beyond them by limits; > 0. May: 0 */
};

/* `pl`: the phone's plan, NULL = none or not in force. now_ms: engine time. */
void phone_unplug(const struct phone *p, const struct plan *pl, const struct limits *lim, int64_t now_ms,
		  struct unplug *ret);
bool phone_may_be_unplugged(const struct phone *p, const struct plan *pl, const struct limits *lim, int64_t now_ms);

#endif
