/* SPDX-License-Identifier: MPL-2.0 */
#include "rollout.h"

#include <string.h>

#include "loadset.h"

struct span span_add(struct span a, struct span b)
{
	return (struct span){ a.low_ms + b.low_ms, a.high_ms + b.high_ms };
}

struct span stage_fetch_time(const struct plan *pl, unsigned stage_idx)
{
	const struct pace *pace = loadset_pace(&pl->stages[stage_idx]);

	return (struct span){ pace->low_s * INT64_C(1000), pace->high_s * INT64_C(1000) };
}

/* A SIP application proves itself by what it asks for, all others by what they do not ask for any more. */
struct span stage_proof_time(const struct plan *pl, unsigned stage_idx, const struct limits *lim)
{
	const struct loadset *ls = &pl->stages[stage_idx];
	bool at_once = ls->proto == PROTO_SIP && ls->generation == GEN_CLASSIC;
	int64_t ms = at_once ? 0 : lim->proof_silence;

	return (struct span){ ms, ms };
}

struct span stage_wait_time(const struct limits *lim, bool more)
{
	return more ? (struct span){ lim->quiet, lim->quiet + REREAD_MS } : (struct span){ 0, 0 };
}

struct span stages_time(const struct plan *pl, unsigned stage_idx, const struct limits *lim)
{
	struct span sum = { 0, 0 };

	for (unsigned i = stage_idx; i < pl->n_stages; i++) {
		sum = span_add(sum, stage_fetch_time(pl, i));
		sum = span_add(sum, stage_proof_time(pl, i, lim));
		sum = span_add(sum, stage_wait_time(lim, i + 1 < pl->n_stages));
	}
	return sum;
}

/* The smallest has become larger: down a heap of n. */
static void sift_down(int64_t *heap, size_t n)
{
	int64_t v = heap[0];
	size_t at = 0;

	for (size_t child = 1; child < n; child = 2 * at + 1) {
		if (child + 1 < n && heap[child + 1] < heap[child])
			child++;
		if (heap[child] >= v)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = v;
}

/* One after the other into the slots, each into the one that is free first: as the engine lets them in. */
int64_t rollout_time(const int64_t *each_ms, size_t n, int at_once, int64_t *slots)
{
	size_t n_slots = at_once > 0 && (size_t)at_once < n ? (size_t)at_once : n;
	int64_t end = 0;

	memset(slots, 0, n_slots * sizeof(*slots));
	for (size_t i = 0; i < n; i++) {
		slots[0] += each_ms[i];
		end = slots[0] > end ? slots[0] : end;
		sift_down(slots, n_slots);
	}
	return end;
}
