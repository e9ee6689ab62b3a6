/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A person's words beside start and stop: retry, skip, forget. What may be skipped is judged by what is known
 * of the phone, not by what is hoped (F§4.1): a wrong guess shows a phone a load that its code cannot take. A
 * skip is asked for at one moment and made at another, when what the phone sees may change.
 */
#include <stddef.h>
#include <string.h>

#include "engine_priv.h"
#include "pathrules.h"

/* Between loader and application: by the evidence, or remembered from before a retry. */
bool scene_half(const struct scene *s)
{
	return s->loader > s->whole || (!s->whole && strcmp(s->p->running, RUNNING_LOADER_ONLY) == 0);
}

static bool flashing(const struct scene *s)
{
	return s->p->phase == PHASE_FLASHING || s->p->phase == PHASE_HALF_FLASHED || scene_half(s);
}

static bool is_signed(enum load_kind k)
{
	return k == LOAD_SINGLE_SIGNED || k == LOAD_TWO_PART || k == LOAD_JAVA;
}

/* Its class names a model only with a universal loader (F§1.2), which is signed code. */
static bool runs_signed(const struct phone *p)
{
	return phone_is(p, PHONE_PAST_UNSIGNED) || p->vendor == VENDOR_NAMED;
}

static bool came_by_unsigned(const struct scene *s)
{
	if (s->set.kind == LOAD_SINGLE_UNSIGNED)
		return true;
	for (int no = 1; no < s->p->stage_no; no++) {
		const struct loadset *ls = plan_stage(s->ctx->plan, no);

		if (ls && ls->kind == LOAD_SINGLE_UNSIGNED)
			return true;
	}
	return false;
}

static const char *not_on_way(enum phase p)
{
	switch (p) {
	case PHASE_SEEN:
		return "is not started";
	case PHASE_WAITING:
		return "is not let in yet";
	case PHASE_DONE:
		return "is done";
	case PHASE_OFFERED:
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
	case PHASE_CHECKING:
	case PHASE_STUCK:
	case PHASE_COUNT:
		return NULL;
	}
	return NULL;
}

/* What no --force overrides. */
static const char *skip_never(const struct scene *s)
{
	const char *why = not_on_way(s->p->phase);

	if (why)
		return why;
	if (!s->ctx->plan)
		return "its plan is no longer in force";
	if (scene_half(s))
		return "has half of its load in flash: only this stage makes it whole";
	if (flashing(s))
		return "is writing its flash: wait until it is back";
	if (!plan_stage(s->ctx->plan, scene_next_stage(s)))
		return "stands on the plan's last stage: there is no next one";
	if (s->ctx->shared)
		return "layout = shared: the phones of a plan move as one";
	if (!scene_ready(s, scene_next_stage(s)))
		return "the next stage is not published";
	if (phone_is(s->p, PHONE_SKIP))
		return "is being skipped already, at its next quiet moment";
	return NULL;
}

/* By the path rules, where it is known which load it runs. Other words in `running` are no load's name, and an unsigned
 * one is not what it runs any more once it was seen to be past those. */
static bool no_single_step(const struct phone *p, const struct loadset *next)
{
	struct load_name runs;
	struct loadset ls;

	if (load_name_parse(p->running, strlen(p->running), &runs, NULL) < 0)
		return false;
	loadset_from_name(&runs, &ls);
	if (!is_signed(ls.kind) && runs_signed(p))
		return false;
	switch (path_step(&runs, &next->load, NULL)) {
	case STEP_UNKNOWN:
	case STEP_UNSIGNED:
	case STEP_FAMILY:
		return true;
	case STEP_KNOWN:
	case STEP_DOUBTED:
	case STEP_UNJUDGED:
		break;
	}
	return false;
}

/* What makes it more than one safe step. */
static const char *skip_unsafe(const struct scene *s)
{
	const struct loadset *next = plan_stage(s->ctx->plan, scene_next_stage(s));

	if (phone_is(s->p, PHONE_STOPPED))
		return "was stopped: `loadstep start` lets it go on";
	if (phone_is(s->p, PHONE_PROVEN))
		return "runs this stage's load: it goes on by itself";
	if (next->kind == LOAD_KIND_UNKNOWN)
		return "it is not known what kind of load comes next";
	if (no_single_step(s->p, next))
		return "that the next load is one step from what it runs is not known";
	if (!is_signed(next->kind))
		return runs_signed(s->p) ? "runs signed code, and the next load is unsigned" : NULL;
	if (came_by_unsigned(s) && !runs_signed(s->p))
		return "the step from unsigned to signed code is not proven";
	if (next->kind == LOAD_TWO_PART && !runs_signed(s->p) && !is_signed(s->set.kind))
		return "the next load has two parts, and it is not known to run signed code";
	return NULL;
}

bool g_retry(const struct scene *s)
{
	return s->ev->op == OP_RETRY;
}

bool g_skip(const struct scene *s)
{
	return s->ev->op == OP_SKIP && !skip_never(s) && !skip_unsafe(s);
}

bool g_skip_force(const struct scene *s)
{
	return s->ev->op == OP_SKIP && s->ev->force && !skip_never(s);
}

/* It began to flash before the quiet moment came. */
bool g_skip_off(const struct scene *s)
{
	return phone_is(s->p, PHONE_SKIP) && flashing(s);
}

bool g_skip_now(const struct scene *s)
{
	return phone_is(s->p, PHONE_SKIP) && s->ctx->plan && scene_ready(s, scene_next_stage(s)) &&
	       scene_swing_ok(s);
}

bool g_forget(const struct scene *s)
{
	return s->ev->op == OP_FORGET && !flashing(s);
}

bool g_forget_force(const struct scene *s)
{
	return s->ev->op == OP_FORGET && s->ev->force;
}

/* On its stage anew. That it has the loader alone in flash is no evidence but a fact, and stays known. */
void act_retry(struct phone *p, const struct scene *s)
{
	if (scene_half(s))
		phone_running_set(p, RUNNING_LOADER_ONLY, RUNNING_BY_FILES_ASKED);
	p->stage_since_ms = s->ctx->now_ms;
	p->cause = CAUSE_NONE;
	memset(&p->evidence, 0, sizeof(p->evidence));
	p->flags &= ~(uint32_t)(PHONE_PROVEN | PHONE_NEEDS_REBOOT | PHONE_LATE | PHONE_SKIP | SEP_FLAGS);
}

void act_forget(struct phone *p)
{
	phone_leave(p, CAUSE_NONE);
	p->plan[0] = '\0';
	memset(&p->evidence, 0, sizeof(p->evidence));
	p->flags |= PHONE_FORGOTTEN;
}

const char *judge_refusal(const struct scene *s)
{
	const char *why = NULL;

	switch (s->ev->op) {
	case OP_RETRY:
		return "is not stuck";
	case OP_SKIP:
		why = skip_never(s);
		return why ? why : skip_unsafe(s);
	case OP_FORGET:
		return flashing(s) ? "is writing its flash: without its stage it may never get up again"
				   : "is forgotten already";
	case OP_NONE:
	case OP_START:
	case OP_STOP:
	case OP_LET_IN:
		return NULL;
	}
	return NULL;
}

bool judge_forcible(const struct scene *s)
{
	return (s->ev->op == OP_SKIP && !skip_never(s)) || (s->ev->op == OP_FORGET && flashing(s));
}
