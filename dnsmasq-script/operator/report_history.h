/* SPDX-License-Identifier: MPL-2.0 */
/* The pass over the history that fills a report_fleet whose phones, plans and lanes are there already. */
#ifndef LOADSTEP_REPORT_HISTORY_H
#define LOADSTEP_REPORT_HISTORY_H

#include "err.h"
#include "report_fleet.h"
#include "state.h"

int report_history_collect(struct report_fleet *f, struct state *st, const struct config *cfg,
			   const struct report_fleet_query *q, struct err *e) MUST_CHECK;

#endif
