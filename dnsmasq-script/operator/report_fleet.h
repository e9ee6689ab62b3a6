/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The fleet and its history in numbers, for `loadstep report`. One pass over the history; the memory it takes depends
 * on the number of phones and plans, not on how long the history is: times fall into at most REPORT_BINS_MAX bins, and
 * at most REPORT_LANES_MAX phones have a lane of their own. Writers lay it out and count nothing.
 */
#ifndef LOADSTEP_REPORT_FLEET_H
#define LOADSTEP_REPORT_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "phase.h"
#include "plan.h"
#include "report.h"
#include "state.h"

#define REPORT_BINS_MAX 240  /* more are no longer seen on a screen */
#define REPORT_SPELLS_MAX 96 /* of the hours in which phones finished: four days, then longer spells */
#define REPORT_LANES_MAX 500 /* a full bench; a browser on a telephone still opens their lanes at once */

/* Where a phone stands, as a chart tells it: on its nth stage, or on none. */
enum {
	BAND_SEEN, /* not started */
	BAND_WAITING,
	BAND_STAGE, /* the first stage; the second is the next number, … */
	BAND_DONE = BAND_STAGE + PLAN_STAGES_MAX,
	BAND_STUCK,
	BAND_COUNT,
	BAND_NONE = BAND_COUNT, /* not known yet */
};

/* One bin of time. */
struct report_bin {
	int64_t bytes; /* of the files that went out whole, where that is known */
	unsigned sent;
	unsigned unsized; /* of these, how many have no size: no log tells it */
	unsigned missing; /* asked for and not there; most of those names need not be there */
	unsigned failed;  /* transfers that broke off */
	unsigned boots;
	unsigned proofs;
	unsigned finished; /* proven on their plan's last load; not those that ran it when they were first seen */
};

struct report_plan {
	char name[PLAN_NAME_MAX + 1]; /* "" = phones in no plan */
	unsigned n_stages;
	struct load_name loads[PLAN_STAGES_MAX];
	unsigned n_phones;
	unsigned phases[PHASE_COUNT];
	unsigned here[PLAN_STAGES_MAX];	 /* phones that stand on the stage, stuck ones included; done ones not */
	unsigned stuck[PLAN_STAGES_MAX]; /* of these */
	unsigned proven[PLAN_STAGES_MAX]; /* phones whose history has its proof */
	int over[REPORT_BINS_MAX][BAND_COUNT]; /* phones in each band at the end of each bin */
};

/* What the history says of one phone. */
struct report_track {
	struct report_phone subject;
	unsigned plan_idx;
	unsigned files;	 /* that went out whole */
	unsigned faults; /* transfers that broke off, files of its load that were not there */
	int64_t bytes;
	int64_t finished_ms;		     /* wall; 0 = not */
	int64_t proven_ms[PLAN_STAGES_MAX]; /* wall; 0 = no proof */
	size_t group; /* the one it shares a lane with; of the first n_lanes tracks none */
};

enum report_mark_bits { LANE_FETCH = 1, LANE_PROOF = 2, LANE_FAULT = 4 };

struct report_lane {
	uint8_t band[REPORT_BINS_MAX];	/* at the end of the bin */
	uint8_t marks[REPORT_BINS_MAX]; /* enum report_mark_bits */
	int64_t fault_ms; /* the last file that it did not get: missing of its load, or broken off; 0 = none */
	enum event_kind fault;
	char fault_file[256]; /* escaped */
	size_t n_fetches;
	struct fetch *fetches; /* owned */
};

/* Phones of one plan in one band that have no lane of their own. */
struct report_group {
	unsigned plan_idx;
	unsigned band;
	size_t n_phones;
	unsigned marks[REPORT_BINS_MAX][3]; /* fetches, proofs, faults */
};

struct report_cause {
	unsigned phones; /* that have it now */
	unsigned times;	 /* that it was found, since the history begins */
};

struct report_fleet {
	int64_t generated_ms;
	int64_t from_ms, to_ms; /* the first bin begins, the last one ends */
	int64_t bin_ms;
	unsigned n_bins;
	struct report_bin bins[REPORT_BINS_MAX];
	struct report_bin total; /* of the whole history, before from_ms too */
	int64_t last_event_ms; /* 0 = never */
	int64_t spell_ms;
	int64_t spell_from_ms;
	unsigned n_spells;
	unsigned finished[REPORT_SPELLS_MAX];
	unsigned phases[PHASE_COUNT];
	unsigned writing; /* phones that may not lose power (unplug.h) */
	unsigned needs_reboot;
	struct report_cause causes[CAUSE_COUNT];
	size_t n_plans;
	struct report_plan *plans; /* owned; those in force, then others that phones still have, "" last */
	size_t n_tracks;
	struct report_track *tracks; /* owned; what needs attention first, then by plan and MAC */
	size_t n_lanes;
	struct report_lane *lanes; /* owned; the nth is the nth track's */
	size_t n_groups;
	struct report_group *groups; /* owned */
	int64_t since_ms;	     /* as asked for; 0 = all */
};

struct report_fleet_query {
	int64_t now_ms;
	int64_t since_ms; /* wall; bins begin there, 0 = with the history */
	int64_t zone_ms;  /* bins begin at full hours and days of a clock so far east of UTC */
};

/* *ret is the caller's to free, also when it failed. */
int report_fleet_collect(struct state *st, const struct config *cfg, const struct report_fleet_query *q,
			 struct report_fleet **ret, struct err *e) MUST_CHECK;
void report_fleet_free(struct report_fleet *f);
void cleanup_report_fleet(struct report_fleet **f);

/* What wants a look comes first. */
enum report_attention {
	ATTENTION_TROUBLE, /* stuck, or with a cause */
	ATTENTION_WRITING, /* do not cut its power */
	ATTENTION_LOOK,	   /* needs a reboot, or is late */
	ATTENTION_ON_WAY,
	ATTENTION_WAITING,
	ATTENTION_DONE,
	ATTENTION_SEEN,
	ATTENTION_COUNT
};
enum report_attention report_attention(const struct report_phone *rp);

unsigned report_band(enum phase p, int stage_no);
/* "stuck", "stage 2", …; for the text of legends and tables */
const char *report_band_name(char buf[static 32], unsigned band);

#endif
