/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One phone as `watch` shows it: a phone of the store with its plan made into a small value that can be sorted, searched
 * and drawn without looking anything up. Ten thousand of them are there at once, so the evidence is not in it. Every
 * text is printable. Pure: no clock, store or terminal.
 */
#ifndef LOADSTEP_WATCH_ROW_H
#define LOADSTEP_WATCH_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "phone.h"
#include "plan.h"
#include "report_order.h"
#include "rollout.h"

#define WATCH_BOXES_MAX (1 + LOAD_MEMBERS_MAX) /* a manifest and its members */
#define WATCH_TEXT_MAX 24 /* names in columns; what is longer is cut with a ~ */

/* A file of the load that it is to take. */
enum watch_box {
	BOX_EMPTY,
	BOX_ASKED, /* under way, where the server tells that (tftpd-hpa) */
	BOX_SENT,
	BOX_KEPT, /* it did not ask for it: it has it from before, or nobody saw it */
	BOX_MISSING,
	BOX_FAILED,
	BOX_COUNT
};

/* A stage of its plan. */
enum watch_step { STEP_TO_COME, STEP_HERE, STEP_STUCK, STEP_DONE, STEP_COUNT };

/* How long until it is through its plan. */
enum watch_left {
	LEFT_NONE,     /* not on its way, stuck, done */
	LEFT_RUNNING,  /* counted from since_ms of the span: it goes down */
	LEFT_STANDING, /* it has not begun: the whole span, until it does */
};

struct watch_row {
	int64_t id;
	struct mac mac;
	bool mac_known;
	uint8_t n_boxes;
	uint8_t boxes[WATCH_BOXES_MAX]; /* enum watch_box, in the order of loadfile_at */
	struct ip4 address;
	char model[MODEL_MAX + 1];
	char plan[PLAN_NAME_MAX + 1];
	char load[WATCH_TEXT_MAX + 1]; /* of its stage; "" = it has none */
	char running[WATCH_TEXT_MAX + 1];
	int stage_no, stages; /* 0 = none */
	enum phase phase;
	uint32_t flags; /* those that people are shown */
	enum cause cause;
	enum report_rank rank;		/* as of the last sum */
	enum report_rank ranks[2]; /* while it may be unplugged, and while it may not, which ends with time */
	int64_t since_ms; /* wall: its last change of phase */

	enum watch_left left;
	int64_t left_from_ms; /* wall, LEFT_RUNNING: when the span began */
	struct span span;     /* of this stage, or of what it has before it */
	struct span rest;     /* of the stages behind that one, never less */

	/* Power: see unplug.h. While it may not be cut, the phone itself is kept, since only time ends that. */
	int64_t unplug_ms;   /* about how long not, at the last look; 0 = it may be */
	struct phone *phone; /* owned; NULL = it may be */

	/* for the plain lines: of which stage which boxes were told full, a bit each */
	int told_stage;
	uint32_t told_boxes;
};

/* Members of a java load that the server had not got, and that broke off: bits by place in the manifest. The evidence
 * does not tell which, the history does. */
struct watch_trouble {
	uint32_t missing, failed;
};

/* `pl` NULL: in no plan that is in force. skew_ms: wall minus engine time. Does not touch ret->phone, unplug_ms and
 * told_…. */
void watch_row_fill(struct watch_row *ret, const struct phone *p, const struct plan *pl, const struct limits *lim,
		    int64_t skew_ms, const struct watch_trouble *trouble);

/* Keep a copy of the phone, while only the passing of time says when it may lose power; and let it go. */
int watch_row_hold(struct watch_row *r, const struct phone *p, struct err *e) MUST_CHECK;
void watch_row_release(struct watch_row *r);

enum watch_step watch_row_step(const struct watch_row *r, int stage_no);
unsigned watch_row_sent(const struct watch_row *r); /* boxes that are full */
/* Left of its way, low ≤ high. false = there is no telling. */
bool watch_row_left(const struct watch_row *r, int64_t now_ms, struct span *ret);

/* Which box a file of that name fills; -1 = none: it is not of this load. */
int watch_box_of(const struct loadset *ls, const char *file);

/* The load set of the phone's stage: the plan's, else what its name alone says. */
void watch_loadset(const struct plan *pl, int stage_no, const struct load_name *load, struct loadset *ret);

const char *watch_row_flag(const struct watch_row *r, unsigned idx); /* NULL behind the last */
/* "stuck: image-rejected, late", "offered, needs-reboot": at most size - 1 bytes. */
void watch_row_phase(const struct watch_row *r, char *buf, size_t size);

/* The first thing to do about a cause: its action up to the first stop. */
void watch_cause_short(enum cause c, char *buf, size_t size);

#endif
