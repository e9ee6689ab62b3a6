/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The table and its driver. A row fires when the phone's phase and the event are in its sets and its guard
 * holds; the first one that would change something is taken, and the walk starts again until none is left.
 * Order in the table is priority: a person's word, the wrong phone, proofs, troubles, then how far it is.
 * What rows do beside the phase is in one function (apply). Guards: engine_judge.c.
 */
#include "engine.h"

#include <stdio.h>
#include <string.h>

#include "causes.h"
#include "engine_priv.h"

#define FILES (E(ASKED) | E(SENT) | E(MISSING) | E(FAILED))
#define SEEING (FILES | E(BOOT))
#define HEARD (E(REGISTERED) | E(ALARM)) /* from the phone itself */
#define ANY (SEEING | HEARD | E(TICK))
#define MOMENT (E(BOOT) | E(TICK)) /* when what a phone sees may change */
#define EVERY (WAY | P(SEEN) | P(WAITING) | P(DONE))
#define WAY (P(OFFERED) | P(DOWNLOADING) | P(HALF_FLASHED) | P(FLASHING) | P(CHECKING) | P(STUCK))

/* A walk that has not come to rest after so many rows would be a fault of the table; the property test holds
 * it far below. */
#define WALK_MAX 12

const struct row engine_rows[] = {
	{ P(SEEN), E(OPERATOR), g_start_enter, PHASE_OFFERED, ACT_ENTER, "started" },
	{ P(SEEN), E(OPERATOR), g_start_wait, PHASE_WAITING, ACT_WAIT, "started, waits to be let in" },
	{ P(WAITING), E(OPERATOR), g_let_in, PHASE_OFFERED, ACT_ENTER, "let in" },
	{ P(WAITING), E(OPERATOR), g_stop, PHASE_SEEN, ACT_UNSTART, "stopped before it was let in" },
	{ WAY, E(OPERATOR), g_stop, PHASE_COUNT, ACT_STOP, "stopped: finishes its stage, goes no further" },
	{ WAY, E(OPERATOR), g_resume, PHASE_COUNT, ACT_RESUME, "goes on" },
	{ P(STUCK), E(OPERATOR), g_retry, PHASE_OFFERED, ACT_RETRY, "tried anew by the operator's word" },
	{ WAY, E(OPERATOR), g_skip, PHASE_COUNT, ACT_SKIP, "to be skipped by the operator's word" },
	{ WAY, E(OPERATOR), g_skip_force, PHASE_COUNT, ACT_SKIP,
	  "to be skipped by the operator's word, against the path rules (--force)" },
	{ EVERY, E(OPERATOR), g_forget, PHASE_SEEN, ACT_FORGET, "forgotten by the operator's word" },
	{ EVERY, E(OPERATOR), g_forget_force, PHASE_SEEN, ACT_FORGET,
	  "forgotten by the operator's word while it writes its flash (--force)" },

	{ P(SEEN), ANY, g_observed_last, PHASE_DONE, ACT_DONE, "observed: it runs the plan's last load" },
	{ P(SEEN), ANY, g_observed_stage, PHASE_COUNT, ACT_PROVEN, "observed: it runs the load" },

	{ WAY | P(WAITING), FILES, g_wrong_family, PHASE_SEEN, ACT_LEAVE_FAMILY,
	  "asks for P004 images: a 7910, leaves the plan" },
	{ WAY, E(REGISTERED), g_other_family, PHASE_SEEN, ACT_LEAVE_FAMILY,
	  "its device type is not one of these loads' phones: leaves the plan" },
	{ WAY | P(WAITING), FILES, g_sip_too_old, PHASE_SEEN, ACT_LEAVE_SIP,
	  "an old SIP load, leaves the plan" },
	{ WAY, MOMENT, g_tentative_old, PHASE_OFFERED, ACT_FIRST,
	  "asks for OS79XX.TXT: pre-universal, to the first stage" },
	{ WAY, MOMENT, g_named_early, PHASE_OFFERED, ACT_REENTER,
	  "its vendor class names a model: past the single images" },

	{ WAY, ANY, g_proof_last, PHASE_DONE, ACT_DONE, "proven: it runs the plan's last load" },
	{ WAY, ANY, g_proof, PHASE_CHECKING, ACT_PROVEN, "proven" },
	{ P(DONE), FILES, g_reset_done, PHASE_OFFERED, ACT_RESET,
	  "asks for its default load: reset to boot code, to its last proven stage" },
	{ P(DONE), FILES, g_reset_observed, PHASE_SEEN, ACT_LOST,
	  "observed: asks for its default load, was reset" },
	{ P(DONE), FILES, g_flipped, PHASE_COUNT, ACT_FLIPPED,
	  "fetches another load of its plan: sent back" },
	{ P(DONE), FILES, g_ails, PHASE_COUNT, ACT_AILS, "does not find its file" },
	{ P(DONE), FILES, g_well, PHASE_COUNT, ACT_UNSTUCK, "recovered" },
	{ P(CHECKING), E(TICK), g_advance, PHASE_OFFERED, ACT_ADVANCE, "next stage" },

	{ WAY, MOMENT, g_skip_off, PHASE_COUNT, ACT_SKIP_OFF, "not skipped: it flashes this stage's load" },
	{ WAY, MOMENT, g_skip_now, PHASE_OFFERED, ACT_SKIP_NOW, "skipped by the operator's word" },

	{ WAY, MOMENT, g_asked_signed, PHASE_OFFERED, ACT_SIGNED, "asks for a signed image: it runs 5.x" },
	{ WAY, MOMENT, g_refused_unsigned, PHASE_OFFERED, ACT_SIGNED_TRY,
	  "a whole unsigned image twice without proof: it runs 5.x" },
	{ WAY, MOMENT, g_runs_nine, PHASE_OFFERED, ACT_REENTER, "asks for ITLSEP<MAC>.tlv: it runs 9.x" },
	{ WAY, MOMENT, g_default_refused, PHASE_OFFERED, ACT_BACK,
	  "asks for its default load twice and takes nothing of it: an older one" },
	{ P(OFFERED), E(TICK), g_presumed_back, PHASE_OFFERED, ACT_BACK,
	  "takes no signed image either: back once" },
	{ P(OFFERED), E(TICK), g_presumed_last, PHASE_DONE, ACT_PRESUME_DONE,
	  "read its configuration and wanted nothing: presumed to run it" },
	{ P(OFFERED), E(TICK), g_presumed, PHASE_OFFERED, ACT_PRESUME,
	  "read its configuration and wanted nothing: presumed past it" },
	{ P(OFFERED), ANY, g_give_sep, PHASE_OFFERED, ACT_GIVE_SEP,
	  "read XMLDefault in two boots and asked for nothing: gets a SEP file in its stage" },
	{ P(OFFERED), ANY, g_give_default, PHASE_OFFERED, ACT_GIVE_DEFAULT,
	  "took no notice of its SEP file: that is a <Default> document now" },

	/* How far it is: the first that holds counts, so these walk from the strongest to the weakest. */
	{ P(SEEN) | WAY, FILES | HEARD | E(TICK), g_cause, PHASE_STUCK, ACT_CAUSE, "stuck" },
	{ P(SEEN) | P(STUCK), E(BOOT), g_cause, PHASE_STUCK, ACT_CAUSE, "stuck" },
	{ WAY, ANY, g_is_proven, PHASE_CHECKING, ACT_UNSTUCK, "came back" },
	{ WAY, FILES, g_again, PHASE_DOWNLOADING, ACT_UNSTUCK, "asks for the image again" },
	{ WAY, SEEING | HEARD, g_back, PHASE_CHECKING, ACT_UNSTUCK, "came back" },
	{ WAY, E(SENT), g_whole, PHASE_FLASHING, ACT_UNSTUCK, "has the whole load" },
	{ WAY, E(ASKED), g_whole, PHASE_FLASHING, ACT_UNSTUCK, "asks for the last of the load: fetches or flashes it" },
	{ P(DOWNLOADING), E(TICK), g_ended, PHASE_FLASHING, ACT_UNSTUCK, "has what it wanted of the load" },
	{ WAY, E(SENT), g_half, PHASE_HALF_FLASHED, ACT_UNSTUCK, "has the loader" },
	{ WAY, E(ASKED), g_half, PHASE_HALF_FLASHED, ACT_UNSTUCK, "asks for the loader: fetches or flashes it" },
	{ WAY, FILES, g_begun_only, PHASE_DOWNLOADING, ACT_UNSTUCK, "fetches the load" },
	{ P(STUCK), SEEING | HEARD, g_whole, PHASE_FLASHING, ACT_UNSTUCK, "shows signs of life" },
	{ P(STUCK), SEEING | HEARD, g_half, PHASE_HALF_FLASHED, ACT_UNSTUCK, "shows signs of life" },
	{ P(STUCK), SEEING | HEARD, g_begun_only, PHASE_DOWNLOADING, ACT_UNSTUCK, "shows signs of life" },
	{ P(STUCK), SEEING | HEARD, g_nothing, PHASE_OFFERED, ACT_UNSTUCK, "back to the start of its stage" },
	{ P(SEEN), ANY, g_recovered, PHASE_COUNT, ACT_UNSTUCK, "recovered" },
};
const unsigned engine_rows_count = sizeof(engine_rows) / sizeof(engine_rows[0]);

static void flag_set(struct phone *p, uint32_t f, bool on)
{
	p->flags = on ? p->flags | f : p->flags & ~f;
}

void phone_running_set(struct phone *p, const char *what, enum running_by by)
{
	text_copy(p->running, sizeof(p->running), what);
	p->running_by = by;
}

void phone_stage_set(struct phone *p, const struct plan *pl, int stage_no, int64_t since_ms)
{
	const struct loadset *ls = plan_stage(pl, stage_no);

	if (!ls)
		return; /* no such stage: it stays where it is */
	text_copy(p->plan, sizeof(p->plan), pl->name);
	p->stage_no = stage_no;
	p->load = ls->load;
	p->stage_since_ms = since_ms;
	p->cause = CAUSE_NONE;
	evidence_cut(&p->evidence, since_ms);
	flag_set(p, PHONE_PROVEN | PHONE_NEEDS_REBOOT | PHONE_LATE | PHONE_SKIP, false);
}

/* Flags of a phone that a plan has, gone when it leaves it. */
#define WAY_FLAGS                                                                                        \
	(PHONE_STARTED | PHONE_STOPPED | PHONE_TENTATIVE | PHONE_WENT_BACK | PHONE_PROVEN | PHONE_SKIP | \
	 PHONE_NEEDS_REBOOT | PHONE_LATE | SEP_FLAGS)

void phone_leave(struct phone *p, enum cause cause)
{
	flag_set(p, WAY_FLAGS, false);
	p->stage_no = 0;
	p->load = (struct load_name){ "" };
	p->cause = cause;
}

static void enter(struct phone *p, const struct scene *s)
{
	bool tentative = false;
	int stage_no = plan_entry_stage(s->ctx->plan, p, &tentative);

	/* By the event's own time: the boot that started it is recorded after it, and counts. */
	phone_stage_set(p, s->ctx->plan, stage_no, s->ev->at_ms - 1);
	flag_set(p, PHONE_STARTED, true);
	flag_set(p, PHONE_STOPPED | PHONE_WENT_BACK | PHONE_FORGOTTEN, false);
	flag_set(p, PHONE_TENTATIVE, tentative);
}

static void to_signed(struct phone *p, const struct scene *s, bool sure)
{
	phone_stage_set(p, s->ctx->plan, plan_first_signed_after(s->ctx->plan, p->stage_no), s->ctx->now_ms);
	flag_set(p, sure ? PHONE_PAST_UNSIGNED : PHONE_TENTATIVE, true);
	if (sure)
		phone_running_set(p, "SCCP below 6", RUNNING_BY_FILES_ASKED);
}

static void proven(struct phone *p, const struct scene *s)
{
	phone_running_set(p, p->load.s, proof_registered(s) ? RUNNING_BY_REGISTERED : RUNNING_BY_PROOF);
	flag_set(p, PHONE_PROVEN, true);
	if (s->set.kind != LOAD_SINGLE_UNSIGNED)
		flag_set(p, PHONE_PAST_UNSIGNED, true);
	flag_set(p, PHONE_TENTATIVE | PHONE_NEEDS_REBOOT | PHONE_LATE, false);
	p->cause = CAUSE_NONE;
}

static void presumed(struct phone *p, const struct scene *s)
{
	p->cause = CAUSE_NONE;
	phone_running_set(p, p->load.s, RUNNING_BY_ASSUMED);
	if (s->set.kind != LOAD_SINGLE_UNSIGNED)
		flag_set(p, PHONE_PAST_UNSIGNED, true);
}

/* Whether it heeds the file that it gets shows in what it does from now on. */
static void look_anew(struct phone *p, const struct scene *s)
{
	p->stage_since_ms = s->ev->kind == EVENT_BOOT ? s->ev->at_ms - 1 : s->ctx->now_ms;
	evidence_cut(&p->evidence, p->stage_since_ms);
}

/* Flags that an act sets and clears before anything else. */
static const struct act_flags {
	uint32_t set, clear;
} act_flags[] = {
	[ACT_WAIT] = { PHONE_STARTED, PHONE_FORGOTTEN },
	/* a person said stop: its plan does not start it again */
	[ACT_UNSTART] = { PHONE_FORGOTTEN, PHONE_STARTED },
	[ACT_STOP] = { PHONE_STOPPED, PHONE_SKIP },
	[ACT_RESUME] = { 0, PHONE_STOPPED },
	[ACT_SKIP] = { PHONE_SKIP, 0 },
	[ACT_SKIP_OFF] = { 0, PHONE_SKIP },
	[ACT_GIVE_SEP] = { PHONE_SEP_GIVEN, 0 },
	[ACT_GIVE_DEFAULT] = { PHONE_SEP_DEFAULT, 0 },
	[ACT_DONE] = { 0, SEP_FLAGS },
	[ACT_PRESUME_DONE] = { 0, SEP_FLAGS },
	[ACT_FORGET] = { 0, 0 }, /* the last act: the table has a row for each */
};

/* All that a row does beside the phase. */
static void apply(struct phone *p, const struct scene *s, enum act act)
{
	const struct plan *pl = s->ctx->plan;
	bool tentative;

	flag_set(p, act_flags[act].clear, false);
	flag_set(p, act_flags[act].set, true);
	switch (act) {
	case ACT_NONE:
	case ACT_UNSTART:
	case ACT_STOP:
	case ACT_RESUME:
	case ACT_SKIP:
	case ACT_SKIP_OFF:
	case ACT_CAUSE: /* the cause itself is drawn anew at every step */
		break;
	case ACT_WAIT:
		text_copy(p->plan, sizeof(p->plan), pl->name);
		break;
	case ACT_ENTER:
		enter(p, s);
		break;
	case ACT_LEAVE_FAMILY:
	case ACT_LEAVE_SIP:
		phone_leave(p, act == ACT_LEAVE_SIP ? CAUSE_SIP_TOO_OLD : CAUSE_WRONG_FAMILY);
		break;
	case ACT_FIRST:
	case ACT_BACK:
		phone_stage_set(p, pl, act == ACT_FIRST ? 1 : p->stage_no - 1, s->ctx->now_ms);
		flag_set(p, PHONE_TENTATIVE, false);
		flag_set(p, PHONE_WENT_BACK, true); /* its vendor class is not believed a second time */
		break;
	case ACT_REENTER:
		phone_stage_set(p, pl, plan_entry_stage(pl, p, &tentative),
				s->ev->kind == EVENT_BOOT ? s->ev->at_ms - 1 : s->ctx->now_ms);
		flag_set(p, PHONE_TENTATIVE, s->set.generation != GEN_JAVA);
		break;
	case ACT_RESET:
	case ACT_LOST:
	case ACT_FLIPPED:
		act_set_back(p, s, act);
		break;
	case ACT_AILS:
		p->cause = causes_when_done(p, &s->set, s->ctx->limits, s->ctx->now_ms);
		break;
	case ACT_SIGNED:
	case ACT_SIGNED_TRY:
		to_signed(p, s, act == ACT_SIGNED);
		break;
	case ACT_PROVEN:
	case ACT_DONE:
		proven(p, s);
		flag_set(p, PHONE_PROVEN, act == ACT_PROVEN);
		break;
	case ACT_ADVANCE:
	case ACT_SKIP_NOW:
		phone_stage_set(p, pl, scene_next_stage(s), s->ctx->now_ms);
		break;
	case ACT_PRESUME:
		presumed(p, s);
		phone_stage_set(p, pl, scene_next_stage(s), s->ctx->now_ms);
		break;
	case ACT_PRESUME_DONE:
		presumed(p, s);
		break;
	case ACT_GIVE_SEP:
	case ACT_GIVE_DEFAULT:
		look_anew(p, s);
		break;
	case ACT_UNSTUCK:
		p->cause = CAUSE_NONE;
		break;
	case ACT_RETRY:
		act_retry(p, s);
		break;
	case ACT_FORGET:
		act_forget(p);
		break;
	}
}

/* ---- merge */

static bool load_class(enum file_class c)
{
	return c == FILE_CLASS_MANIFEST || c == FILE_CLASS_LOADER || c == FILE_CLASS_APP ||
	       c == FILE_CLASS_IMAGE || c == FILE_CLASS_MEMBER || c == FILE_CLASS_TERM;
}

/* What a phone that is not started fetches says on which stage it is: follow it, so that its proofs and
 * troubles show all the same. */
static enum file_class observe_stage(struct phone *p, const struct event *ev,
				     const struct engine_context *ctx, enum file_class c, int stage_no)
{
	if (p->phase != PHASE_SEEN || c != FILE_CLASS_OTHER_STAGE || stage_no <= 0)
		return c;
	/* What came just before may be heard just after: it belongs to the stage too. */
	phone_stage_set(p, ctx->plan, stage_no, ev->at_ms - ctx->limits->order_window);
	return plan_file_class(ctx->plan, stage_no, p, ev->file, &stage_no);
}

/* On a stage whose load was removed from the plan the phone's own load still says what a file means. */
static enum file_class classify(const struct phone *p, const struct event *ev, const struct plan *pl,
				int *ret_stage_no)
{
	const struct loadset *ls = pl ? plan_stage(pl, p->stage_no) : NULL;

	if (ev->stage_sep)
		return FILE_CLASS_XMLDEFAULT;
	if (!pl && p->stage_no)
		return FILE_CLASS_OTHER;
	if (!p->stage_no || (ls && load_name_equal(&ls->load, &p->load)))
		return plan_file_class(pl, p->stage_no, p, ev->file, ret_stage_no);
	struct plan former = *pl;

	former.n_stages = 1;
	scene_loadset(p, NULL, &former.stages[0]);
	enum file_class c = plan_file_class(&former, 1, p, ev->file, ret_stage_no);

	return c != FILE_CLASS_OTHER ? c : plan_file_class(pl, 0, p, ev->file, ret_stage_no);
}

/* A time that another witness corrects goes. False: it is not there (not credited then, or another stage's, which is
 * over), so there is nothing to correct. */
static bool unmerge_file(struct phone *p, const struct event *ev, const struct engine_context *ctx)
{
	int stage_no = 0;

	if (!ev->file)
		return false;
	enum file_class c = classify(p, ev, ctx->plan, &stage_no);

	if (c == FILE_CLASS_MEMBER)
		java_unmerge(p, ev, ctx);
	return times_remove(&p->evidence.file[c][OUTCOME_SENT], ev->instead_of_ms);
}

static void merge_file(struct phone *p, const struct event *ev, const struct engine_context *ctx)
{
	int stage_no = 0;
	enum file_class c = FILE_CLASS_OTHER;

	if (ev->file)
		c = classify(p, ev, ctx->plan, &stage_no);
	if (ev->other_config && (c == FILE_CLASS_XMLDEFAULT || c == FILE_CLASS_OS79XX))
		c = FILE_CLASS_XMLOTHER;
	if (c == FILE_CLASS_OTHER_PHONE)
		return;
	c = observe_stage(p, ev, ctx, c, stage_no);
	boot_by_file(p, ev, ctx, c);
	times_add(&p->evidence.file[c][evidence_outcome(ev->kind)], ev->at_ms);
	java_merge(p, ev, ctx, c);
	signs_merge(p, ev, c);
	if (c == FILE_CLASS_SIPDEFAULT && !running_is_proven(p))
		phone_running_set(p, "SIP application", RUNNING_BY_FILES_ASKED);
	if (load_class(c))
		flag_set(p, PHONE_NEEDS_REBOOT, false);
}

static void merge_boot(struct phone *p, const struct event *ev)
{
	if (ev->xid && ev->xid == p->last_xid && p->boots)
		return; /* the same REQUEST once more */
	if (!phone_is(p, PHONE_DHCP_KNOWN)) {
		flag_set(p, PHONE_DHCP_KNOWN, true);
		p->evidence.boot = (struct times){ 0 }; /* guesses give way to what DHCP knows */
		p->boots = 0;
	}
	p->last_xid = ev->xid;
	p->boots++;
	if (p->stage_no && ev->at_ms <= p->stage_since_ms)
		return; /* counted, but older than the stage it would speak for */
	times_add(&p->evidence.boot, ev->at_ms);
	signs_merge(p, ev, FILE_CLASS_COUNT);
	flag_set(p, PHONE_NEEDS_REBOOT, false);
	if (ev->vendor.kind == VENDOR_BARE) {
		times_add(&p->evidence.bare, ev->at_ms);
		if (!running_is_proven(p) && p->running_by != RUNNING_BY_ASSUMED)
			phone_running_set(p, "SCCP below 6", RUNNING_BY_OPTION_60);
	} else if (ev->vendor.kind == VENDOR_NAMED) {
		times_add(&p->evidence.named, ev->at_ms);
		if (p->phase == PHASE_HALF_FLASHED)
			phone_running_set(p, RUNNING_LOADER_ONLY, RUNNING_BY_FILES_ASKED);
		else if (strcmp(p->running, "SCCP below 6") == 0)
			phone_running_set(p, "", RUNNING_BY_NOTHING);
	}
	if (ev->vendor.kind == VENDOR_BARE || ev->vendor.kind == VENDOR_NAMED) {
		p->vendor = ev->vendor.kind;
		if (ev->vendor.kind == VENDOR_NAMED)
			text_copy(p->model, sizeof(p->model), ev->vendor.model);
	}
}

/* ---- the walk */

static void standing_of(const struct phone *p, struct standing *ret)
{
	*ret = (struct standing){ p->phase, p->stage_no, p->flags, p->cause, "", p->load };
	memcpy(ret->plan, p->plan, sizeof(ret->plan));
}

static bool same_standing(const struct standing *a, const struct phone *b)
{
	return a->phase == b->phase && a->flags == b->flags && a->stage_no == b->stage_no &&
	       a->cause == b->cause && strcmp(a->plan, b->plan) == 0 && load_name_equal(&a->load, &b->load);
}

/* One row that changes something; false when there is none left. */
static bool walk_once(struct phone *p, struct scene *s, struct engine_result *r)
{
	for (unsigned i = 0; i < engine_rows_count; i++) {
		const struct row *row = &engine_rows[i];

		if (!(row->from & (1u << p->phase)) || !(row->on & (1u << s->ev->kind)) || !row->guard(s))
			continue;
		struct standing before;

		standing_of(p, &before);
		apply(p, s, row->act);
		if (row->act == ACT_CAUSE)
			p->cause = causes_find(p, &s->set, s->ctx->facts, s->ctx->limits, s->ctx->now_ms);
		if (row->to != PHASE_COUNT && !(row->act == ACT_CAUSE && before.phase == PHASE_SEEN))
			p->phase = row->to;
		bool positional = row->act == ACT_UNSTUCK || row->act == ACT_CAUSE;

		if (same_standing(&before, p)) {
			if (positional)
				return false; /* the first row that says how far it is, and it is there */
			continue;
		}
		if (p->phase != before.phase || p->stage_no != before.stage_no)
			p->since_ms = s->ctx->now_wall_ms;
		note_row(r, &before, p, row);
		r->changed = true;
		scene_draw(s, p, s->ev, s->ctx);
		return true;
	}
	return false;
}

static bool has_row(enum phase p, enum event_kind k)
{
	for (unsigned i = 0; i < engine_rows_count; i++)
		if ((engine_rows[i].from & (1u << p)) && (engine_rows[i].on & (1u << k)))
			return true;
	return false;
}

/* What the file says of who the phone is, when nothing better is known. */
static void identify(struct phone *p, const struct event *ev)
{
	struct file_identity id;

	if (p->generation != GEN_UNKNOWN || !ev->file)
		return;
	file_identity(ev->file, &id);
	p->generation = id.generation;
}

/* The plan may have been changed beneath the phone: its load says where it stands, the number follows. */
static void stage_renumber(struct phone *p, const struct plan *pl)
{
	int at = pl && p->stage_no ? plan_stage_of(pl, &p->load) : 0;

	if (at)
		p->stage_no = at;
}

void engine_step(const struct phone *before, const struct event *ev, const struct engine_context *ctx,
		 struct phone *ret_after, struct engine_result *ret_result)
{
	*ret_after = *before;
	engine_move(ret_after, ev, ctx, ret_result);
}

void engine_move(struct phone *p, const struct event *ev, const struct engine_context *ctx, struct engine_result *ret_result)
{
	struct engine_result *r = ret_result;
	struct scene s;
	bool about_phone = ev->kind != EVENT_TICK && ev->kind != EVENT_OPERATOR;

	*r = (struct engine_result){ 0 };
	r->ignored = !has_row(p->phase, ev->kind);
	if (about_phone && ev->at_ms > p->last_event_ms)
		p->last_event_ms = ev->at_ms;
	bool stale = about_phone && p->stage_no && ev->at_ms <= p->stage_since_ms;

	if (stale)
		r->ignored = true; /* older than the stage it would count for */
	stage_renumber(p, ctx->plan);
	if (ev->instead_of_ms && !unmerge_file(p, ev, ctx)) {
		r->ignored = true;
	} else if (ev->kind == EVENT_BOOT) {
		merge_boot(p, ev);
	} else if (ev->kind == EVENT_REGISTERED || ev->kind == EVENT_ALARM) {
		witness_merge(p, ev, ctx, stale);
	} else if (about_phone && !stale) {
		identify(p, ev);
		merge_file(p, ev, ctx);
	} else if (ev->signs && !(p->stage_no && ev->at_ms <= p->stage_since_ms)) {
		signs_merge(p, ev, FILE_CLASS_COUNT);
	}
	scene_draw(&s, p, ev, ctx);
	for (int i = 0; i < WALK_MAX && walk_once(p, &s, r); i++)
		continue;
	uint32_t attention = judge_flags(&s);
	uint32_t old = p->flags;

	flag_set(p, PHONE_NEEDS_REBOOT | PHONE_LATE, false);
	flag_set(p, attention, true);
	if (p->flags != old)
		r->changed = true;
	if (ev->kind == EVENT_OPERATOR && r->n_notes == 0) {
		r->refusal = judge_refusal(&s);
		r->forcible = judge_forcible(&s);
	}
	r->due_ms = judge_due(&s);
}
