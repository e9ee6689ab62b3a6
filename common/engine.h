/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The stage machine: engine_step(phone before, event, context) -> phone after. Merge, then judge: an event is
 * merged into the phone's evidence (commutes, idempotent), then a table of rows {phase, event, guard, next
 * phase} is walked until none fires. Pure: no clock, file, database or log. Live events, replayed logs,
 * fuzzers and simulated phones use this one function. The signature tables F§7.1 and F§7.2 are its
 * specification.
 */
#ifndef LOADSTEP_ENGINE_H
#define LOADSTEP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "causes.h"
#include "err.h"
#include "phase.h"
#include "phone.h"
#include "plan.h"
#include "strbuf.h"

enum operation { OP_NONE, OP_START, OP_STOP, OP_LET_IN, OP_RETRY, OP_SKIP, OP_FORGET };

struct event {
	enum event_kind kind;
	int64_t at_ms; /* engine time: when it happened, not when it was heard */

	/* asked, sent, missing, failed */
	const char *file; /* as the phone spelled it, below its root */
	int64_t bytes;	  /* -1 = not known */
	/* an XMLDefault (or OS79XX) whose size says that it was not this phone's stage's */
	bool other_config;
	/* sent: the phone's SEP<MAC>.cnf.xml, in which its stage's load is named: it counts as its XMLDefault */
	bool stage_sep;

	/* sent, failed: it was heard before as a sent one with this engine time, which was wrong (a script that ran
	 * late) or never took place; 0 = no */
	int64_t instead_of_ms;

	/* Signs, 1u << enum sign, that only who looked elsewhere can tell: of a file that is not there in its directory, of
	 * the phone in DHCP. With a tick they are all the event has. */
	uint32_t signs;

	/* boot */
	struct vendor vendor; /* what this boot's option 60 said */
	uint32_t xid;

	/* tick: this is the OFFER of the phone's next boot. What a phone sees changes only then, at the boot
	 * itself, or after a quiet while */
	bool offer;

	/* registered, alarm: what its SCCP application said itself (F§7.6) */
	const char *load;   /* registered: the load it names, by name or version; NULL or "" = none */
	int device_type;    /* registered: the loadInformation number; 0 = not said */
	enum witness about; /* alarm: the trouble with its load; WITNESS_COUNT = none */
	bool reset;	    /* registered: not it, but our answer, a Reset */

	/* operator */
	enum operation op;
	bool force; /* skip, forget: though it is not safe */
};

struct engine_context {
	/* the phone's plan, or for an observed phone the plan that fits it; NULL = none */
	const struct plan *plan;
	const struct limits *limits;
	int64_t now_ms;	     /* engine time */
	int64_t now_wall_ms; /* for `since` only */
	bool may_enter;	     /* the rollout has room; in layout = shared: the doors are open */
	/* bit stage_no - 1: that stage is published; in layout = shared: the cohort stands on it */
	uint32_t stages_ready;
	/* layout = shared: what a phone sees changes for all at once, whether it is quiet or not */
	bool shared;
	const struct causes_facts *facts; /* what is known besides the phone; NULL = nothing */
};

#define ENGINE_NOTES_MAX 4
#define ENGINE_NOTE_SIZE 128

/* What happened, for the history: one entry a change of phase or stage, or one note. */
struct engine_note {
	enum phase from;
	enum phase to;
	int stage_no; /* after */
	char text[ENGINE_NOTE_SIZE];
};

struct engine_result {
	unsigned n_notes;
	struct engine_note notes[ENGINE_NOTES_MAX];
	bool changed;	/* anything but evidence and counters */
	bool ignored;	/* no row for this phase and event, or the event is older than the stage */
	int64_t due_ms; /* engine time of the next tick this phone needs; 0 = none */
	/* retry, skip, forget: why nothing was done, a constant; NULL = done. Would --force do it? */
	const char *refusal;
	bool forcible;
};

/* *ret_after and *ret_result are always written (they may not alias `before`). */
void engine_step(const struct phone *before, const struct event *ev, const struct engine_context *ctx,
		 struct phone *ret_after, struct engine_result *ret_result);
/* The same step on the phone itself: for who keeps no other. */
void engine_move(struct phone *p, const struct event *ev, const struct engine_context *ctx, struct engine_result *ret_result);

/* Is a phone that has just registered to be sent a Reset, so that it looks at the load that waits for it? A Reset
 * that was sent is told by an event with `reset`. */
enum engine_wake {
	WAKE_NO,
	WAKE_SOON, /* perhaps in a moment: its proof is nearly there */
	WAKE_NOW,
};
enum engine_wake engine_wake(const struct phone *p, const struct engine_context *ctx);

/* The golden matrix: phases down, events across, each cell the phases that rows lead to. Markdown; for the
 * README and its test. */
void engine_matrix(struct strbuf *sb);

/* Does a note of the history say that a load was seen to run on its phone (proven, or observed on one that nobody
 * started; not: presumed, skipped)? */
bool engine_note_proven(const char *note);

/* All causes that the phone's evidence shows, as causes_list gives them, on its stage of that plan (NULL: its plan is not
 * in force, or it has none). */
unsigned engine_causes(const struct phone *p, const struct plan *pl, const struct causes_facts *facts,
		       const struct limits *lim, int64_t now_ms, struct cause_found ret[static CAUSES_FOUND_MAX]);

/* The phone's evidence as lines for `explain`, oldest first: calls `line` for each. */
void engine_explain(const struct phone *p, void (*line)(void *arg, int64_t at_ms, const char *text), void *arg);

#endif
