/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The fleet as `watch` shows it: all rows, their order and filter, counts, what went out in the last minute, how long it
 * still takes. Fed with what changed since the last look. Pure: no clock, store or terminal.
 */
#ifndef LOADSTEP_WATCH_MODEL_H
#define LOADSTEP_WATCH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "phase.h"
#include "phone.h"
#include "watch_row.h"

enum watch_sort { SORT_ATTENTION, SORT_MAC, SORT_PLAN, SORT_PHASE, SORT_SINCE, SORT_ADDRESS, SORT_COUNT };
const char *watch_sort_name(enum watch_sort s);

#define WATCH_FILTER_MAX 63

/* Files of loads that went out, second by second. */
#define WATCH_RATE_SECONDS 60
struct watch_rate {
	int64_t second[WATCH_RATE_SECONDS]; /* which one a place holds */
	unsigned files[WATCH_RATE_SECONDS];
	unsigned unsized[WATCH_RATE_SECONDS]; /* of these: no size is told (yet) */
	int64_t bytes[WATCH_RATE_SECONDS];
};

void watch_rate_add(struct watch_rate *r, int64_t at_ms, int64_t bytes);   /* bytes -1 = not known */
void watch_rate_sized(struct watch_rate *r, int64_t at_ms, int64_t bytes); /* one of those that had none */
/* In the minute before now. */
struct watch_sum {
	unsigned files, unsized;
	int64_t bytes;
};
struct watch_sum watch_rate_sum(const struct watch_rate *r, int64_t now_ms);

struct watch_model {
	size_t n, cap;
	struct watch_row *rows; /* owned; by id */
	size_t n_shown;
	uint32_t *shown; /* owned; indices of rows, in the order to be shown */
	size_t shown_cap;

	enum watch_sort sort;
	bool reverse;
	char filter[WATCH_FILTER_MAX + 1];

	/* of all phones, whatever the filter says; made by watch_model_sum */
	unsigned counts[PHASE_COUNT];
	unsigned busy;	      /* phones whose power may not be cut */
	int64_t busy_ms;      /* about how long the longest of them */
	unsigned needs_reboot;
	unsigned on_way;      /* phones that the span is about: on their way or waiting, not stuck */
	struct span left;     /* until the last of them is through */
	size_t longest_load, longest_plan, longest_model;
	int most_stages;
	unsigned most_boxes;
	int64_t *times; /* owned; room for the rollout */
	size_t times_cap;

	struct watch_rate rate;
};

void watch_model_fini(struct watch_model *m);

/* The row of that phone; NULL = there is none. Borrowed until the next put or keep. */
struct watch_row *watch_model_find(const struct watch_model *m, int64_t id);

/* A phone that is new or has changed. */
int watch_model_put(struct watch_model *m, const struct phone *p, const struct config *cfg, int64_t skew_ms,
		    const struct watch_trouble *trouble, struct err *e) MUST_CHECK;
/* Only these phones are there any more (ids ascending). */
void watch_model_keep(struct watch_model *m, const int64_t *ids, size_t n);

/* What comes of all of them: whose power may be cut, counts, the time left. After changes, and as time passes. */
int watch_model_sum(struct watch_model *m, const struct config *cfg, int64_t now_ms, int64_t engine_ms, struct err *e)
	MUST_CHECK;
/* Filter and order: after changes, and when filter or sort are others. There must have been a sum since the last put. */
void watch_model_order(struct watch_model *m);

/* Does a row have every word of the filter: in its MAC (however it is spelled), address, model, plan, load, phase,
 * cause or flags? */
bool watch_row_matches(const struct watch_row *r, const char *filter);

#endif
