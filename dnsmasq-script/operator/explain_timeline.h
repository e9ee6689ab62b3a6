/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One phone's history as a short timeline: probes that are not there become one line, looks that repeat one line with
 * a number, and what a file or a moment counted as stands behind it. Pure.
 */
#ifndef LOADSTEP_EXPLAIN_TIMELINE_H
#define LOADSTEP_EXPLAIN_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phone.h"
#include "plan.h"
#include "report_explain.h"
#include "state.h"

#define TIMELINE_LINES 12 /* a screen has room for the rest, too */

struct timeline {
	const struct phone *p;
	const struct plan *pl; /* its own, or the one that fits; NULL = none */
	const struct limits *lim;
	int64_t skew_ms; /* wall = engine time + skew: for what the evidence knows of a boot */
	bool all;	 /* every entry, as it stands */
};

/* The entries, oldest first, into *ret (owned by the caller), of which the first *ret_earlier are not to be shown. 0;
 * -1: no memory. */
int timeline_make(const struct timeline *t, const struct history *a, size_t n, struct report_moment **ret,
		  size_t *ret_n, size_t *ret_earlier, struct err *e) MUST_CHECK;

/* When the newest entry that proves a load was made; 0 = none does. */
int64_t timeline_proven(const struct history *a, size_t n);
/* When the phone was last heard of: its own doing, not time's or a person's. 0 = never */
int64_t timeline_heard(const struct history *a, size_t n);

#endif
