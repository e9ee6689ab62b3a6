/* SPDX-License-Identifier: MPL-2.0 */
/* In which order `status` shows phones: what needs attention first. The same fleet always looks the same. */
#ifndef LOADSTEP_REPORT_ORDER_H
#define LOADSTEP_REPORT_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

/* From what wants a person most to what wants nobody. */
enum report_rank {
	RANK_STUCK,
	RANK_TROUBLE, /* has a cause, and is not stuck: sent back when it was done, of a wrong family */
	RANK_NEEDS_REBOOT,
	RANK_LATE,
	RANK_HALF_FLASHED,
	RANK_FLASHING,
	RANK_DOWNLOADING,
	RANK_WRITING, /* writes its flash in another phase: nobody started it, or it was done */
	RANK_CHECKING,
	RANK_OFFERED,
	RANK_WAITING,
	RANK_NOT_PROVISIONED,
	RANK_DONE,
	RANK_SEEN,
};

enum report_rank report_rank(const struct report_phone *rp);

/* By rank, cause (the one that most of these phones have first), phase, plan (none last), flags, MAC. */
void report_sort(struct report_phone *a, size_t n);

/* Do they differ in nothing but who they are and how far they are in their plan: rank, cause, phase, plan, flags? */
bool report_alike(const struct report_phone *a, const struct report_phone *b);

#endif
