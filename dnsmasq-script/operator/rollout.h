/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How long stages and rollouts usually take: an estimate by usual times (F§6), the proof and the quiet between two
 * loads. For `preview` before it begins and `watch` while it runs. Pure.
 */
#ifndef LOADSTEP_ROLLOUT_H
#define LOADSTEP_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"

/* Between two stages: an unregistered phone reads its configuration again after 34 s (F§6). */
#define REREAD_MS INT64_C(34000)

struct span {
	int64_t low_ms, high_ms;
};

/* From a stage's first request to its phone's return, and to the proof, and where `more` stages follow until it looks
 * for the next one's load. */
struct span stage_fetch_time(const struct plan *pl, unsigned stage_idx);
struct span stage_proof_time(const struct plan *pl, unsigned stage_idx, const struct limits *lim);
struct span stage_wait_time(const struct limits *lim, bool more);

/* All of that for the stages from stage_idx to the plan's last. */
struct span stages_time(const struct plan *pl, unsigned stage_idx, const struct limits *lim);

struct span span_add(struct span a, struct span b);

/* Until the last of n phones is through, each taking its own time, at_once of them at a time (0: all). `slots` has room
 * for n. */
int64_t rollout_time(const int64_t *each_ms, size_t n, int at_once, int64_t *slots);

#endif
