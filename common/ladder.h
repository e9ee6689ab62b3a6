/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The ladders of a configuration file before they are put in force: the stages of a plan that names only a target,
 * derived from the path rules and from what is imported; and every plan's steps held against the rules (F§4, F§8 rows
 * 28 to 36). The hook and the event program never ask: what is in force stays in force.
 */
#ifndef LOADSTEP_LADDER_H
#define LOADSTEP_LADDER_H

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "pathrules.h"
#include "plan.h"
#include "strbuf.h"

/* What the path rules say of the step to that stage (from 2) from the one before it; ret_way as in path_step(). */
enum path_step ladder_step(const struct plan *pl, int stage_no, struct path *ret_way);

/* Is the step to that stage one that is not known to work, taken because the plan says so (unsafe-steps)? */
bool ladder_forced(const struct plan *pl, int stage_no);

/* `reload --force LOAD`: as if unsafe-steps of each plan with such a step said so. Returns how many plans took it; 0 = no
 * plan has a step to that load which is not known. */
unsigned ladder_force(struct config *cfg, const struct load_name *load);

/* Stages into the plans that name a target, then every plan's steps judged. 0 = all good; 1 = refused: `faults` has a line
 * for each ("FILE:LINE: [plan NAME] stages: …"), with the load to put between or to get; -1 = what is imported cannot be
 * read. `notes` (NULL: not wanted): steps that are doubted or forced, and first loads that the
 * oldest of the phones do not take, a line each. */
int ladder_settle(struct config *cfg, struct strbuf *faults, struct strbuf *notes, struct err *e) MUST_CHECK;

#endif
