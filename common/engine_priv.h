/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the parts of the engine share: the facts drawn from a phone's evidence (judge), the table's row type,
 * and nothing that a caller of engine.h needs. Guards are pure functions of `struct scene`.
 */
#ifndef LOADSTEP_ENGINE_PRIV_H
#define LOADSTEP_ENGINE_PRIV_H

#include "engine.h"

/* The moment a row is judged in: the phone as merged so far, the event, and what both mean on this stage. */
struct scene {
	const struct phone *p;
	const struct event *ev;
	const struct engine_context *ctx;
	struct loadset set;	    /* of the phone's stage; kind UNKNOWN when it stands on none */
	bool last_stage;
	/* drawn from the evidence; 0 = never */
	int64_t load_last; /* latest sign of any file of the load */
	int64_t load_first;
	int64_t loader; /* latest loader that went out whole */
	int64_t whole;	/* latest time all that the stage needs had gone out */
	int64_t back;	/* first boot after `whole` */
	int64_t last_read; /* boot or file: when it may have been reading */
};

/* What a row may change of a phone: the rest of it is evidence, which is large. */
struct row;
struct standing {
	enum phase phase;
	int stage_no;
	uint32_t flags;
	enum cause cause;
	char plan[PLAN_NAME_MAX + 1];
	struct load_name load;
};

/* What the row did, for the history: in engine_text.c. */
void note_row(struct engine_result *r, const struct standing *before, const struct phone *after, const struct row *row);

void scene_draw(struct scene *s, const struct phone *p, const struct event *ev,
		const struct engine_context *ctx);

/* The load set of the phone's stage: the plan's, or, when the plan was changed beneath the phone, what the
 * load's name says. */
void scene_loadset(const struct phone *p, const struct plan *pl, struct loadset *ret);

typedef bool (*guard_fn)(const struct scene *s);

enum act {
	ACT_NONE,
	ACT_WAIT,    /* started, waits */
	ACT_ENTER,   /* started: to its entry stage */
	ACT_UNSTART, /* out of the waiting room */
	ACT_STOP,
	ACT_RESUME,
	ACT_LEAVE_FAMILY, /* leaves the plan */
	ACT_LEAVE_SIP,
	ACT_FIRST,	/* to the first stage */
	ACT_REENTER,	/* to the stage its vendor class says */
	ACT_SIGNED,	/* to the first signed stage: it asked for a signed image */
	ACT_SIGNED_TRY, /* the same on weaker grounds: it took an unsigned image twice in vain */
	ACT_BACK,	/* back to the stage before */
	ACT_RESET,	/* on its last proven stage anew */
	ACT_LOST,	/* observed: what it ran is gone */
	ACT_FLIPPED,	/* done, and on its way back to another load */
	ACT_AILS,	/* done, with what does not find its file */
	ACT_PROVEN,
	ACT_DONE,
	ACT_ADVANCE,
	ACT_PRESUME,	  /* next stage, its load presumed to run */
	ACT_PRESUME_DONE, /* the same in the last stage */
	ACT_GIVE_SEP,	  /* a SEP file in its stages */
	ACT_GIVE_DEFAULT, /* and that as a <Default> document */
	ACT_CAUSE,	  /* stuck: with the cause the evidence shows */
	ACT_UNSTUCK,
	ACT_RETRY,    /* on its stage anew */
	ACT_SKIP,     /* to the next stage as soon as what it sees may change */
	ACT_SKIP_OFF, /* it began to flash meanwhile */
	ACT_SKIP_NOW,
	ACT_FORGET,
};

#define P(sym) (1u << PHASE_##sym)
#define E(sym) (1u << EVENT_##sym)

struct row {
	unsigned from; /* set of phases */
	unsigned on;   /* set of events */
	guard_fn guard;
	enum phase to;
	enum act act;
	const char *note; /* for the history */
};

extern const struct row engine_rows[];
extern const unsigned engine_rows_count;

/* guards, in engine_judge.c */
bool g_start_enter(const struct scene *s);
bool g_start_wait(const struct scene *s);
bool g_let_in(const struct scene *s);
bool g_stop(const struct scene *s);
bool g_resume(const struct scene *s);
bool g_observed_last(const struct scene *s);
bool g_observed_stage(const struct scene *s);
bool g_wrong_family(const struct scene *s);
bool g_sip_too_old(const struct scene *s);
bool g_tentative_old(const struct scene *s);
bool g_named_early(const struct scene *s);
bool g_proof_last(const struct scene *s);
bool g_proof(const struct scene *s);
bool g_advance(const struct scene *s);
bool g_asked_signed(const struct scene *s);
bool g_refused_unsigned(const struct scene *s);
bool g_presumed_back(const struct scene *s);
bool g_presumed_last(const struct scene *s);
bool g_presumed(const struct scene *s);
bool g_give_sep(const struct scene *s);
bool g_give_default(const struct scene *s);
bool g_cause(const struct scene *s);
bool g_is_proven(const struct scene *s);
bool g_again(const struct scene *s);
bool g_back(const struct scene *s);
bool g_whole(const struct scene *s);
bool g_half(const struct scene *s);
bool g_begun_only(const struct scene *s);
bool g_nothing(const struct scene *s);
bool g_recovered(const struct scene *s);
bool g_flipped(const struct scene *s);
bool g_ails(const struct scene *s);
bool g_well(const struct scene *s);

/* engine_java.c */
void java_merge(struct phone *p, const struct event *ev, const struct engine_context *ctx, enum file_class c);
void java_unmerge(struct phone *p, const struct event *ev, const struct engine_context *ctx);
void act_set_back(struct phone *p, const struct scene *s, enum act act); /* ACT_RESET, _LOST, _FLIPPED, _AILS */
/* When all that it wanted of the load had gone out: its last member, once the download is over. 0 = it is not. */
int64_t java_whole(const struct scene *s);
bool proof_java(const struct scene *s);
/* What a proof, and the end of a download, are counted from; 0 = nothing. */
int64_t java_proof_base(const struct scene *s);
int64_t java_due_base(const struct scene *s);
/* It may have the load from a peer, and nothing else is left that it could be doing; from when that silence counts. */
bool java_wanted_nothing(const struct scene *s);
int64_t java_presume_base(const struct scene *s);
bool g_ended(const struct scene *s);
bool g_runs_nine(const struct scene *s);
bool g_default_refused(const struct scene *s);
bool g_reset_done(const struct scene *s);
bool g_reset_observed(const struct scene *s);

/* engine_boots.c. The event's file, of that class, may open a boot that nobody reports; before it is counted itself. */
void boot_by_file(struct phone *p, const struct event *ev, const struct engine_context *ctx, enum file_class c);

/* engine_signs.c. `c`: what the event's file is on its stage; FILE_CLASS_COUNT = it is no file's. */
void signs_merge(struct phone *p, const struct event *ev, enum file_class c);

/* engine_witness.c: what the phone itself said. */
void witness_merge(struct phone *p, const struct event *ev, const struct engine_context *ctx, bool stale);
bool proof_registered(const struct scene *s);
/* From when the order window of a Register counts that names no load; 0 = there is none that would prove. */
int64_t registered_due_base(const struct scene *s);
bool at_ease(const struct scene *s);
bool g_other_family(const struct scene *s);
/* What it runs is a load by its proof or its own word, and not a guess. */
bool running_is_proven(const struct phone *p);

/* engine.c */
void phone_running_set(struct phone *p, const char *what, enum running_by by);
/* Stand on another stage: what was seen before belongs to the former one. */
void phone_stage_set(struct phone *p, const struct plan *pl, int stage_no, int64_t since_ms);
void phone_leave(struct phone *p, enum cause cause);

/* engine_operator.c */
/* A SEP file of its own that the phone was given on its stage. */
#define SEP_FLAGS (PHONE_SEP_GIVEN | PHONE_SEP_DEFAULT)

void act_retry(struct phone *p, const struct scene *s);
void act_forget(struct phone *p);
bool g_retry(const struct scene *s);
bool g_skip(const struct scene *s);
bool g_skip_force(const struct scene *s);
bool g_skip_off(const struct scene *s);
bool g_skip_now(const struct scene *s);
bool g_forget(const struct scene *s);
bool g_forget_force(const struct scene *s);

/* Why retry, skip or forget does nothing, and whether --force would. */
const char *judge_refusal(const struct scene *s);
bool judge_forcible(const struct scene *s);

#define RUNNING_LOADER_ONLY "loader only"
bool scene_half(const struct scene *s);

/* May a phone be shown that stage; may what it sees change at this moment? */
bool scene_ready(const struct scene *s, int stage_no);
bool scene_swing_ok(const struct scene *s);

/* The stage after this phone's load in the plan as it is now: the load, not the number, says where it
 * stands. */
int scene_next_stage(const struct scene *s);

/* Flags that follow from the evidence and the time alone (needs-reboot, late), and when to look again. */
uint32_t judge_flags(const struct scene *s);
int64_t judge_due(const struct scene *s);

#endif
