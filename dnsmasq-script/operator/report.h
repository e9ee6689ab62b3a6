/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What people and programs are shown, behind one interface with a writer a format: a verb collects
 * values, a writer lays them out. Writers print to `out` and decide nothing. Times are local for people,
 * UTC ISO 8601 for programs; foreign text (names that phones asked for, vendor classes) is escaped before
 * it reaches a terminal.
 */
#ifndef LOADSTEP_REPORT_H
#define LOADSTEP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"
#include "err.h"
#include "phase.h"
#include "phone.h"
#include "plan.h"
#include "state.h"
#include "strbuf.h"
#include "unplug.h"

#define REPORT_WIDTH 80 /* columns a table may take */

/* When a report is made. */
struct report_time {
	int64_t now_ms; /* wall */
	struct observed_clock clock;
};

/* The fleet. */
struct report_phone {
	struct phone phone;
	int stages; /* of its plan; 0 = none */
	struct unplug unplug;
	int64_t last_event_ms; /* wall; 0 = never */
	char site[PLAN_NAME_MAX + 1]; /* of the configuration; "" = none */
};

void report_phone_fill(struct report_phone *ret, const struct phone *p, const struct config *cfg,
		       const struct report_time *t);

struct report_status {
	int64_t generated_ms;
	int64_t watched_ms; /* the last tick; 0 = never */
	unsigned counts[PHASE_COUNT];
	unsigned stuck[CAUSE_COUNT]; /* stuck phones, by cause */
	unsigned causes[CAUSE_COUNT]; /* all that have it */
	unsigned needs_reboot, late;
	unsigned writing; /* phones that may not lose power */
	int64_t writing_ms; /* about how much longer, of the one that takes longest */
	size_t n_phones;
	struct report_phone *phones; /* in the order to be shown; owned by whoever filled it */
	size_t n_all; /* in the store */
	bool some; /* only some of them were asked for */
	bool safe; /* nobody of them writes, and that is known */
	bool wide;
	const char *blind; /* a sentence: why what is shown may be old; "" = it is not */
	const char *notes; /* lines: what stages miss, "" = nothing */
};

/* One phone's way, stage by stage. */
enum report_mark { MARK_BEHIND, MARK_ENTERS, MARK_HERE, MARK_AHEAD, MARK_COUNT };
const char *report_mark_name(enum report_mark m);

struct report_step {
	int stage_no;
	struct load_name load;
	enum load_kind kind;
	enum report_mark mark;
	const char *files; /* "published", "not published", "incomplete", "not known here" */
	const char *missing; /* which file is not as it must be, "" = none */
};

#define REPORT_BLOCKS_MAX 8
#define REPORT_BLOCK_SIZE 256

struct report_preview {
	struct report_phone subject;
	const char *plan; /* "" = none is for it */
	int enters; /* the stage it enters, or stands on; 0 = none */
	const char *why; /* why there, or why there is no way */
	unsigned n_steps;
	struct report_step steps[PLAN_STAGES_MAX];
	unsigned n_blocks; /* what keeps it from going on */
	char blocks[REPORT_BLOCKS_MAX][REPORT_BLOCK_SIZE];
};

/* What all phones' ways come to. */
enum report_going { GOING_ON_WAY, GOING_BY_ITSELF, GOING_BY_HAND, GOING_NO_WAY, GOING_DONE, GOING_COUNT };
const char *report_going_name(enum report_going g);

struct report_stage_sum {
	const char *plan;
	int stage_no;
	const struct loadset *set;
	bool imported; /* its files are whole on disk, or the tree is another host's */
	const char *missing; /* which file is not as it must be, "" = none */
	unsigned phones; /* that still have to take it */
	unsigned transfers;
	int64_t bytes;
	bool bytes_known; /* false: of some files the size is not known, so it is more */
	unsigned crossing; /* of these phones, how many leave unsigned code here for good (F§4.1) */
	bool step_known; /* one step from the stage before it, by the path rules */
	bool step_forced; /* it is not, and the plan has it all the same (unsafe-steps) */
	const char *step_doubt; /* who knows it, and who says no; "" = it is not doubted */
};

struct report_unprovisioned {
	struct mac mac;
	const char *plan;
	char wanted[96]; /* the file that it needs */
	char near[192]; /* the file that was perhaps meant, and what is wrong with it; "" = none */
};

#define REPORT_ASSUMED_MAX 8

struct report_forecast {
	unsigned going[GOING_COUNT]; /* phones */
	int at_once; /* 0 = no limit */
	bool root_here; /* the TFTP tree is on this host */
	int64_t low_ms, high_ms; /* of the whole rollout */
	size_t n_sums;
	const struct report_stage_sum *sums; /* all stages of all plans, in order */
	size_t n_unprovisioned;
	const struct report_unprovisioned *unprovisioned;
	unsigned n_assumed;
	char assumed[REPORT_ASSUMED_MAX][REPORT_BLOCK_SIZE];
};

/* The files of a load as one would look for them, in words. */
void report_load_files(const struct loadset *ls, struct strbuf *sb);

/* Is there a way from what a model may run to a load? */
#define REPORT_WAYS_MAX 16

struct report_way_step {
	struct load_name load; /* "" = any of the band */
	const char *band; /* "SCCP 5.x" */
	const char *source; /* who says that this step works */
	const char *files; /* "imported", "not imported", "" = not known */
};

struct report_way {
	const char *from;
	bool there;
	bool one_way; /* from unsigned code to signed: never back */
	const char *why; /* there is none */
	unsigned n_steps;
	struct report_way_step steps[REPORT_WAYS_MAX];
};

struct report_ways {
	const char *model;
	const char *to; /* as asked */
	bool possible; /* from somewhere */
	char why[REPORT_BLOCK_SIZE];
	unsigned n;
	struct report_way a[REPORT_WAYS_MAX];
};

/* What `check` found. */
struct report_finding {
	const char *id;
	const char *severity; /* "error", "warning", "note" */
	const char *place;
	const char *what;
	const char *shows; /* what a phone or a person would see of it */
	const char *cure;
};

struct report;
struct report_fleet; /* report_fleet.h */
struct report_explain; /* report_explain.h */
struct report_stranger;

struct report_writer {
	const char *name;
	void (*status)(const struct report *r, const struct report_status *s);
	void (*safe_to_cut)(const struct report *r, const struct report_status *s); /* the same in one sentence */
	void (*explain)(const struct report *r, const struct report_explain *x);
	void (*stranger)(const struct report *r, const struct report_stranger *s);
	void (*history)(const struct report *r, const struct history *h, bool with_mac); /* one entry */
	void (*preview)(const struct report *r, const struct report_preview *a, size_t n,
			const struct report_forecast *f);
	void (*ways)(const struct report *r, const struct report_ways *w);
	void (*findings)(const struct report *r, const struct report_finding *a, size_t n);
	void (*fleet)(const struct report *r, const struct report_fleet *f); /* with its history, in numbers */
};

struct report {
	const struct report_writer *writer;
	FILE *out;
	bool colour;
};

extern const struct report_writer report_text, report_json;
/* these have only `fleet` */
extern const struct report_writer report_csv, report_html, report_prometheus;

/* Which of a phone's flags people are shown, in bit order (the others are the engine's own). NULL behind
 * the last. */
const char *report_flag(const struct phone *p, unsigned idx);
uint32_t report_flags(const struct phone *p); /* the same as bits */

/* "image-rejected, late": what qualifies the phase; "" = nothing does. */
void report_details(const struct phone *p, struct strbuf *sb);

/* Of the text writer: words up to the width, following lines indented like the first's text. */
void report_wrap(const struct report *r, int indent, const char *label, const char *text);

/* report_text_check.c, the text writer's other half */
void report_text_preview(const struct report *r, const struct report_preview *a, size_t n,
			 const struct report_forecast *f);
/* report_text_forecast.c */
void report_text_forecast(const struct report *r, const struct report_forecast *f);
void report_text_ways(const struct report *r, const struct report_ways *w);
void report_text_findings(const struct report *r, const struct report_finding *a, size_t n);

/* report_text_status.c */
void report_text_status(const struct report *r, const struct report_status *s);
void report_text_safe_to_cut(const struct report *r, const struct report_status *s);

/* report_text_fleet.c, its third */
void report_text_fleet(const struct report *r, const struct report_fleet *f);

#define AGE_TEXT_SIZE 24
const char *report_age(char buf[static AGE_TEXT_SIZE], int64_t ms); /* "45s", "12m", "30h", "3d" */
#define TIME_TEXT_SIZE 32
const char *report_time_local(char buf[static TIME_TEXT_SIZE], int64_t ms); /* "2026-01-31 12:00:00" */
const char *report_time_utc(char buf[static TIME_TEXT_SIZE], int64_t ms); /* "2026-01-31T12:00:00Z" */

#endif
