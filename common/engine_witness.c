/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The phone's own word (F§7.6): what an SCCP application that registered, or sent an alarm, proves, and whether
 * it is to be sent away to look at its next load. Inequalities over times, like the other judgements.
 *
 * A Register that names its load says all. One that names none (classic phones) says only that an SCCP
 * application runs; that it is this stage's follows from the image and the boot before it. Against it stand:
 * an alarm about the load, another load named, a second round (a phone that refuses an image takes it twice
 * before the old application comes back, F§4.1, F§7.1 A10), and a vendor class that still names no model.
 */
#include <string.h>

#include "causes.h"
#include "engine_priv.h"
#include "load_named.h"

#define RUNNING_SCCP_APPLICATION "SCCP application"

/* Resets in one stage: a phone that does not climb after so many never will by them. */
#define RESETS_MAX 3

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t heard(const struct evidence *e, enum witness w)
{
	return times_latest(&e->witness[w]);
}

/* The latest part of the image itself; the manifest is read at every boot (F§2.2). */
static int64_t image_last(const struct evidence *e)
{
	return later(later(evidence_asked(e, FILE_CLASS_LOADER), evidence_asked(e, FILE_CLASS_APP)),
		     later(evidence_asked(e, FILE_CLASS_IMAGE), evidence_asked(e, FILE_CLASS_MEMBER)));
}

/* ---- merge */

/* Its device type is the number in its loadInformation element (F§5.2). What DHCP says counts first. */
static void learn_model(struct phone *p, const struct event *ev)
{
	const struct model *m = ev->device_type ? model_by_number(ev->device_type) : NULL;

	if (!m || p->model[0])
		return;
	(void)text_copy(p->model, sizeof(p->model), m->name);
	if (p->generation == GEN_UNKNOWN || p->vendor == VENDOR_BARE)
		p->generation = m->generation;
}

/* Which stage's load it names; 0 = none of the plan's. */
static int stage_named(const struct plan *pl, const char *text)
{
	for (int no = 1; pl && no <= (int)pl->n_stages; no++)
		if (load_is_named(text, &pl->stages[no - 1].load) == 0)
			return no;
	return 0;
}

static void learn_application(struct phone *p)
{
	if (p->running_by == RUNNING_BY_NOTHING || p->running_by == RUNNING_BY_FILES_ASKED)
		phone_running_set(p, RUNNING_SCCP_APPLICATION, RUNNING_BY_REGISTERED);
}

static void learn_running(struct phone *p, const struct event *ev, const struct plan *pl)
{
	const struct evidence *e = &p->evidence;
	struct load_name name;
	int no = stage_named(pl, ev->load);

	/* an older word, heard later, says nothing of now */
	if (ev->at_ms < later(heard(e, WITNESS_LOAD), heard(e, WITNESS_OTHER)))
		return;
	if (p->stage_no && load_is_named(ev->load, &p->load) == 0)
		phone_running_set(p, p->load.s, RUNNING_BY_REGISTERED);
	else if (no)
		phone_running_set(p, pl->stages[no - 1].load.s, RUNNING_BY_REGISTERED);
	else if (load_name_parse(ev->load, strlen(ev->load), &name, NULL) == 0)
		phone_running_set(p, name.s, RUNNING_BY_REGISTERED);
	else
		learn_application(p);
}

static void merge_registered(struct phone *p, const struct event *ev, const struct engine_context *ctx)
{
	bool named = ev->load && ev->load[0];
	enum witness w = WITNESS_PLAIN;

	if (!named)
		learn_application(p);
	if (named) {
		int no = stage_named(ctx->plan, ev->load);

		/* what a phone that is not started runs says on which stage it is */
		if (p->phase == PHASE_SEEN && no && no != p->stage_no)
			phone_stage_set(p, ctx->plan, no, ev->at_ms - ctx->limits->order_window);
		learn_running(p, ev, ctx->plan);
		w = load_is_named(ev->load, &p->load) == 0 ? WITNESS_LOAD : WITNESS_OTHER;
	}
	times_add(&p->evidence.witness[w], ev->at_ms);
}

void witness_merge(struct phone *p, const struct event *ev, const struct engine_context *ctx, bool stale)
{
	if (ev->reset) { /* ours, and of this stage, though it began in the same millisecond */
		times_add(&p->evidence.witness[WITNESS_RESET], later(ev->at_ms, p->stage_since_ms + 1));
		return;
	}
	if (ev->kind == EVENT_REGISTERED)
		learn_model(p, ev);
	if (stale)
		return;
	if (ev->kind == EVENT_REGISTERED)
		merge_registered(p, ev, ctx);
	else if (ev->about < WITNESS_COUNT)
		times_add(&p->evidence.witness[ev->about], ev->at_ms);
}

bool running_is_proven(const struct phone *p)
{
	return p->running_by == RUNNING_BY_PROOF ||
	       (p->running_by == RUNNING_BY_REGISTERED && strcmp(p->running, RUNNING_SCCP_APPLICATION) != 0);
}

/* ---- judge */

/* A 7910 and the like: a bare vendor class, and a device type of neither generation that has plans. */
bool g_other_family(const struct scene *s)
{
	return s->p->vendor != VENDOR_NAMED && s->p->generation == GEN_OTHER &&
	       (s->set.generation == GEN_CLASSIC || s->set.generation == GEN_JAVA);
}

static bool names_this_load(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t named = heard(e, WITNESS_LOAD);

	return named && named > heard(e, WITNESS_OTHER) && named >= image_last(e);
}

/* It has told of trouble with the load since its image went out. */
static bool told_trouble(const struct scene *s)
{
	for (int w = WITNESS_ALARM_FIRST; w < WITNESS_COUNT; w++)
		if (heard(&s->p->evidence, (enum witness)w) > s->whole)
			return true;
	return false;
}

/* The first Register that names no load behind the image and the boot after it, with nothing that speaks
 * against it; 0 = none. */
static int64_t registered_after(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;

	if (!s->whole || !s->back || s->loader > s->whole || image_last(e) > s->back ||
	    heard(e, WITNESS_OTHER) >= s->back || told_trouble(s) ||
	    causes_rounds(s->p, &s->set, s->ctx->limits) > 0)
		return 0;
	if (s->set.kind == LOAD_TWO_PART && s->p->vendor == VENDOR_BARE && phone_is(s->p, PHONE_DHCP_KNOWN))
		return 0;
	return times_first_from(&e->witness[WITNESS_PLAIN], s->back + 1);
}

/* SIP loads speak no SCCP: who registers here runs the load before. The one that names no load is judged when
 * all that belongs to it has been heard: its alarm, a late file. */
bool proof_registered(const struct scene *s)
{
	if (!s->p->stage_no || s->set.proto == PROTO_SIP)
		return false;
	if (names_this_load(s))
		return true;
	int64_t at = registered_after(s);

	return at && s->ctx->now_ms - at >= s->ctx->limits->order_window;
}

int64_t registered_due_base(const struct scene *s)
{
	return s->set.proto == PROTO_SIP ? 0 : registered_after(s);
}

/* It has registered since it last read anything, give or take what has no order: its configuration is read. */
bool at_ease(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t at = later(heard(e, WITNESS_LOAD), heard(e, WITNESS_PLAIN));

	return at && at + s->ctx->limits->order_window >= evidence_last_read(e);
}

/* The stage's load waits, and the phone has not looked since: neither the configuration nor the load was asked
 * for, and it has not booted, which is when it reads; that is known before its files are heard of. One that has
 * looked is on its way by itself (F§2.1), and a Reset would only make it begin anew; unless it is on it for so
 * long that it needs a reboot, which a Reset is. */
static bool waits(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;

	if (s->p->phase != PHASE_OFFERED || s->load_last)
		return false;
	return (!times_latest(&e->boot) && !evidence_asked(e, FILE_CLASS_XMLDEFAULT) &&
		!evidence_asked(e, FILE_CLASS_OS79XX) && !evidence_asked(e, FILE_CLASS_SEPDEFAULT)) ||
	       (judge_flags(s) & PHONE_NEEDS_REBOOT);
}

enum engine_wake engine_wake(const struct phone *p, const struct engine_context *ctx)
{
	static const struct event look = { .kind = EVENT_TICK };
	const struct evidence *e = &p->evidence;
	const struct limits *lim = ctx->limits;
	struct scene s;

	if (!phone_is(p, PHONE_STARTED) || !phone_on_way(p) || ctx->shared)
		return WAKE_NO;
	scene_draw(&s, p, &look, ctx);
	if (waits(&s)) {
		int64_t last = heard(e, WITNESS_RESET);

		return times_count(&e->witness[WITNESS_RESET], 1, 0) < RESETS_MAX &&
				       (!last || ctx->now_ms - last >= lim->quiet)
			       ? WAKE_NOW
			       : WAKE_NO;
	}
	if (phone_is(p, PHONE_PROVEN) || s.set.proto == PROTO_SIP)
		return WAKE_NO;
	/* Its proof is a moment away: the window, or a boot that has not been heard of yet. */
	if (registered_after(&s))
		return WAKE_SOON;
	return s.whole && !s.back && heard(e, WITNESS_PLAIN) > s.whole ? WAKE_SOON : WAKE_NO;
}
