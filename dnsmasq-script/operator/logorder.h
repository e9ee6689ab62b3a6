/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Several old logs and captures in the order of time: a rotated set comes as the shell sorts its names, and a replay's clock must not
 * go back. By their first stamp; logs that overlap are read one after the other all the same.
 */
#ifndef LOADSTEP_LOGORDER_H
#define LOADSTEP_LOGORDER_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "logsource.h"

struct log_named {
	const char *name; /* the caller's; "-" = standard input */
	int64_t first_ms; /* INT64_MAX = nothing near its begin has a stamp: it comes last */
	struct logsource *source; /* owned: of what cannot be opened twice; else NULL */
};

/* set[0…n-1].name is given; sorts them, those of one time as they were given. -1: one cannot be read, which *e names. */
int logorder_sort(struct log_named *set, size_t n, int64_t now_ms, struct err *e) MUST_CHECK;
/* It, opened; the caller's. */
int logorder_open(struct log_named *one, struct logsource **ret, struct err *e) MUST_CHECK;
void logorder_fini(struct log_named *set, size_t n);

#endif
