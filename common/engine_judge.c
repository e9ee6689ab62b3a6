/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Judging: inequalities over a phone's evidence on its stage. Each guard is one line of the signature tables
 * (F§7.1); none looks at the order in which events came, only at the times they carry. Strict ">" stands
 * where a wrong order would prove too much.
 */
#include "engine_priv.h"

#include <string.h>

#include "causes.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void scene_loadset(const struct phone *p, const struct plan *pl, struct loadset *ret)
{
	const struct loadset *ls = pl ? plan_stage(pl, p->stage_no) : NULL;

	if (ls && load_name_equal(&ls->load, &p->load)) {
		*ret = *ls;
		return;
	}
	memset(ret, 0, sizeof(*ret));
	if (p->load.s[0])
		loadset_from_name(&p->load, ret);
}

unsigned engine_causes(const struct phone *p, const struct plan *pl, const struct causes_facts *facts,
		       const struct limits *lim, int64_t now_ms, struct cause_found ret[static CAUSES_FOUND_MAX])
{
	struct loadset set;

	scene_loadset(p, pl, &set);
	return causes_list(p, &set, facts, lim, now_ms, ret);
}

static bool single(const struct scene *s)
{
	return s->set.kind == LOAD_SINGLE_UNSIGNED || s->set.kind == LOAD_SINGLE_SIGNED;
}

/* The files in which this stage's load is named, by what the phone may run. */
static const enum file_class config_classes[] = {
	FILE_CLASS_XMLDEFAULT,
	FILE_CLASS_OS79XX,
	FILE_CLASS_SEPDEFAULT,
};
#define CONFIG_CLASSES (sizeof(config_classes) / sizeof(config_classes[0]))

static int64_t cfg_first_from(const struct evidence *ev, int64_t from)
{
	int64_t first = 0;

	for (size_t i = 0; i < CONFIG_CLASSES; i++) {
		int64_t t = evidence_got_first_from(ev, config_classes[i], from);

		if (t && (!first || t < first))
			first = t;
	}
	return first;
}

void scene_draw(struct scene *s, const struct phone *p, const struct event *ev,
		const struct engine_context *ctx)
{
	const struct evidence *e = &p->evidence;

	s->p = p;
	s->ev = ev;
	s->ctx = ctx;
	s->whole = s->back = s->last_read = 0;
	scene_loadset(p, ctx->plan, &s->set);
	s->last_stage = ctx->plan && p->stage_no > 0 && (unsigned)scene_next_stage(s) > ctx->plan->n_stages;
	s->load_last = evidence_load_last(e);
	s->load_first = evidence_load_first(e);
	s->loader = evidence_got(e, FILE_CLASS_LOADER);
	s->whole = s->set.kind == LOAD_JAVA ? java_whole(s)
					    : evidence_got(e, single(s) ? FILE_CLASS_IMAGE : FILE_CLASS_APP);
	s->back = s->whole ? times_first_from(&e->boot, s->whole + 1) : 0;
	s->last_read = evidence_last_read(e);
}

/* ---- proofs (F§7.1) */

/* A single image: a boot after it, this stage's configuration read, then silence without the image. */
static bool proof_single(const struct scene *s)
{
	int64_t cfg = s->back ? cfg_first_from(&s->p->evidence, s->back) : 0;

	return cfg && s->load_last <= s->back && s->ctx->now_ms - cfg >= s->ctx->limits->proof_silence;
}

/* Is the newest XMLDefault the application's, and not the loader's hunt, which asks for MGC<MAC>.cnf before
 * it and for .loads after it (F§2.2)? Judged only when the .loads would have been heard of. */
static bool read_by_application(const struct scene *s, int64_t xml)
{
	const struct limits *lim = s->ctx->limits;
	int64_t hunt = evidence_asked(&s->p->evidence, FILE_CLASS_MGCMAC);

	return xml > s->load_last && s->ctx->now_ms - xml >= lim->order_window &&
	       !(hunt && hunt + lim->boot_gap >= xml);
}

/* A8: after the application a boot, then a silence whose last word is XMLDefault with no .loads after it.
 * A20: option 60 goes from bare to a model for the first time only after the application: a loader would have
 * said it before. */
static bool proof_sccp(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t xml = evidence_got(e, FILE_CLASS_XMLDEFAULT);

	if (!s->whole || !s->back)
		return false;
	if (times_latest(&e->bare) && e->named.first > s->whole && times_latest(&e->bare) < s->whole &&
	    s->load_last <= s->whole)
		return true;
	return xml > s->back && read_by_application(s, xml) &&
	       s->ctx->now_ms - later(s->back, s->load_last) >= s->ctx->limits->proof_silence;
}

/* It was there already, or the one event of its application was lost: this stage's manifest, neither loader
 * nor application after it, then an application that reads this stage's XMLDefault and leaves the manifest
 * alone. */
static bool proof_sccp_there(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t manifest = evidence_got(e, FILE_CLASS_MANIFEST);

	return manifest && evidence_asked(e, FILE_CLASS_LOADER) < manifest &&
	       evidence_asked(e, FILE_CLASS_APP) < manifest &&
	       read_by_application(s, evidence_got(e, FILE_CLASS_XMLDEFAULT)) &&
	       s->ctx->now_ms - manifest >= s->ctx->limits->proof_silence;
}

/* A7: SIPDefault.cnf after the application; the loader never asks for it. A phone that was a SIP application
 * before it took this load asks for it too when it refused the new one (A10): then silence decides. */
static bool proof_sip(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t window = s->ctx->limits->order_window;
	int64_t sip = evidence_asked(e, FILE_CLASS_SIPDEFAULT);

	if (!s->whole || !sip || sip + window < s->whole)
		return false;
	int64_t before = evidence_asked_first_from(e, FILE_CLASS_SIPDEFAULT, 1);

	if (before && before + window < s->whole)
		return s->ctx->now_ms - later(s->load_last, s->whole) >= s->ctx->limits->proof_silence &&
		       sip > s->load_last;
	return true;
}

/* A9: this stage's manifest, neither loader nor application after it, then SIPDefault.cnf and still neither
 * for a while: it was there already. At once would be too early: an old SIP application whose new loader
 * broke off asks for it, too. */
static bool proof_sip_there(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t manifest = evidence_got(e, FILE_CLASS_MANIFEST);
	int64_t sip = manifest ? evidence_asked_first_from(e, FILE_CLASS_SIPDEFAULT, manifest + 1) : 0;

	return sip && evidence_asked(e, FILE_CLASS_LOADER) < manifest &&
	       evidence_asked(e, FILE_CLASS_APP) < manifest && s->ctx->now_ms - sip >= s->ctx->limits->quiet;
}

static bool proof_by_files(const struct scene *s)
{
	switch (s->set.kind) {
	case LOAD_SINGLE_UNSIGNED:
	case LOAD_SINGLE_SIGNED:
		return proof_single(s);
	case LOAD_TWO_PART:
		if (s->set.proto == PROTO_SIP)
			return proof_sip(s) || proof_sip_there(s);
		return proof_sccp(s) || proof_sccp_there(s);
	case LOAD_JAVA:
		return proof_java(s);
	case LOAD_KIND_UNKNOWN:
		return false;
	}
	return false;
}

static bool proof(const struct scene *s)
{
	return proof_registered(s) || proof_by_files(s);
}

/* ---- a person's or the plan's word */

int scene_next_stage(const struct scene *s)
{
	if (!s->ctx->plan)
		return 0;
	int at = plan_stage_of(s->ctx->plan, &s->p->load);

	return (at ? at : s->p->stage_no - 1) + 1; /* a load removed under it: what took its place */
}

bool scene_ready(const struct scene *s, int stage_no)
{
	return s->ctx->plan && stage_no > 0 && (unsigned)stage_no <= s->ctx->plan->n_stages &&
	       (s->ctx->stages_ready & (1u << (stage_no - 1)));
}

static bool may_enter(const struct scene *s)
{
	bool tentative;

	return s->ctx->may_enter && scene_ready(s, plan_entry_stage(s->ctx->plan, s->p, &tentative));
}

bool g_start_enter(const struct scene *s)
{
	return s->ev->op == OP_START && s->ctx->plan && may_enter(s);
}

bool g_start_wait(const struct scene *s)
{
	return s->ev->op == OP_START && s->ctx->plan && !may_enter(s);
}

bool g_let_in(const struct scene *s)
{
	return s->ev->op == OP_LET_IN && s->ctx->plan && may_enter(s);
}

bool g_stop(const struct scene *s)
{
	return s->ev->op == OP_STOP && !phone_is(s->p, PHONE_STOPPED);
}

bool g_resume(const struct scene *s)
{
	return s->ev->op == OP_START && phone_is(s->p, PHONE_STOPPED);
}

/* ---- observed */

bool g_observed_last(const struct scene *s)
{
	return s->last_stage && proof(s);
}

bool g_observed_stage(const struct scene *s)
{
	return !phone_is(s->p, PHONE_PROVEN) && proof(s);
}

/* ---- the wrong phone, or the wrong stage */

static bool quiet(const struct scene *s)
{
	return s->ctx->now_ms - s->last_read >= s->ctx->limits->quiet;
}

/* What a phone sees never changes while it is reading: only before it asks its first file, when it has read
 * and registered, or after a quiet while. */
bool scene_swing_ok(const struct scene *s)
{
	return s->ctx->shared || s->ev->offer || s->ev->kind == EVENT_BOOT || at_ease(s) || quiet(s);
}

/* P004…: a 7910 among the phones whose class names no model. */
bool g_wrong_family(const struct scene *s)
{
	return s->p->vendor != VENDOR_NAMED && evidence_asked(&s->p->evidence, FILE_CLASS_WRONG_FAMILY);
}

/* A bare class and SIPDefault.cnf: a SIP application from before the universal loader. */
bool g_sip_too_old(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;

	return s->p->vendor == VENDOR_BARE && s->set.proto != PROTO_SIP && !times_latest(&e->named) &&
	       evidence_asked(e, FILE_CLASS_SIPDEFAULT) != 0;
}

/* Entered late on its class's word, and then asks for what only pre-universal code asks for. */
bool g_tentative_old(const struct scene *s)
{
	return phone_is(s->p, PHONE_TENTATIVE) && s->set.kind == LOAD_TWO_PART && scene_swing_ok(s) &&
	       scene_ready(s, 1) && evidence_asked(&s->p->evidence, FILE_CLASS_OS79XX) != 0;
}

/* Its class names a model: it has a universal loader, and single images are behind it. */
bool g_named_early(const struct scene *s)
{
	bool tentative;

	if (!s->ctx->plan || !single(s) || s->p->vendor != VENDOR_NAMED || phone_is(s->p, PHONE_STOPPED) ||
	    phone_is(s->p, PHONE_WENT_BACK) || !scene_swing_ok(s))
		return false;
	int entry = plan_entry_stage(s->ctx->plan, s->p, &tentative);

	return entry > s->p->stage_no && scene_ready(s, entry);
}

bool g_proof_last(const struct scene *s)
{
	return s->last_stage && (phone_is(s->p, PHONE_PROVEN) || proof(s));
}

bool g_proof(const struct scene *s)
{
	return !phone_is(s->p, PHONE_PROVEN) && proof(s);
}

bool g_advance(const struct scene *s)
{
	return phone_is(s->p, PHONE_PROVEN) && !phone_is(s->p, PHONE_STOPPED) &&
	       scene_ready(s, scene_next_stage(s)) && scene_swing_ok(s);
}

/* <L>.sbn asked for where only an unsigned image is offered: only 5.x asks so (F§11-2, inferred). */
static bool may_jump_signed(const struct scene *s)
{
	return s->ctx->plan && s->set.kind == LOAD_SINGLE_UNSIGNED && !phone_is(s->p, PHONE_STOPPED) &&
	       scene_swing_ok(s) && scene_ready(s, plan_first_signed_after(s->ctx->plan, s->p->stage_no));
}

bool g_asked_signed(const struct scene *s)
{
	return may_jump_signed(s) && evidence_asked(&s->p->evidence, FILE_CLASS_SIGNED_NAME) != 0;
}

bool g_refused_unsigned(const struct scene *s)
{
	return may_jump_signed(s) && !phone_is(s->p, PHONE_WENT_BACK) &&
	       causes_rounds(s->p, &s->set, s->ctx->limits) >= 2;
}

static int64_t xml_first_from(const struct evidence *e, int64_t from)
{
	return evidence_got_first_from(e, FILE_CLASS_XMLDEFAULT, from);
}

/* It read this stage's XMLDefault and wanted nothing: in two boots, or in one and then for a long while. One that asks
 * for OS79XX.TXT alone is older than all loads (A1), and past none. A phone whose former stage was proven cannot be past this one. Without a boot only a phone known to run
 * signed code counts: a wrong guess would cost it nothing. */
static bool wanted_nothing(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;

	if (s->set.kind == LOAD_JAVA)
		return java_wanted_nothing(s);
	if (!single(s) || s->load_last || running_is_proven(s->p))
		return false;
	int64_t boot = e->boot.first;
	int64_t cfg = xml_first_from(e, boot ? boot : 1);

	if (!cfg)
		return false;
	if (!boot && !(phone_is(s->p, PHONE_PAST_UNSIGNED) && s->set.kind == LOAD_SINGLE_SIGNED))
		return false;
	if (s->ctx->now_ms - cfg >= s->ctx->limits->presume)
		return true;
	int64_t second = times_latest(&e->boot);

	return phone_is(s->p, PHONE_DHCP_KNOWN) && boot && second > cfg && xml_first_from(e, second) &&
	       quiet(s);
}

bool g_presumed_back(const struct scene *s)
{
	return phone_is(s->p, PHONE_TENTATIVE) && s->set.kind == LOAD_SINGLE_SIGNED && s->p->stage_no > 1 &&
	       !phone_is(s->p, PHONE_WENT_BACK) && scene_ready(s, s->p->stage_no - 1) && wanted_nothing(s);
}

bool g_presumed_last(const struct scene *s)
{
	return s->last_stage && wanted_nothing(s);
}

bool g_presumed(const struct scene *s)
{
	return !s->last_stage && !phone_is(s->p, PHONE_STOPPED) && scene_ready(s, scene_next_stage(s)) &&
	       wanted_nothing(s);
}

/* It reads XMLDefault and takes no notice. A file more needs no quiet moment: a phone that reads at this moment finds it
 * the next time. In the shared layout it lies in the root, under a name that nobody else asks for. */
static bool takes_no_notice(const struct scene *s)
{
	int64_t from = causes_ignored_from(s->p, &s->set, s->ctx->limits);

	return from && s->ctx->now_ms >= from;
}

bool g_give_sep(const struct scene *s)
{
	return !phone_is(s->p, PHONE_SEP_GIVEN) && takes_no_notice(s);
}

bool g_give_default(const struct scene *s)
{
	return phone_is(s->p, PHONE_SEP_GIVEN) && !phone_is(s->p, PHONE_SEP_DEFAULT) && takes_no_notice(s);
}

/* ---- how far it is */

bool g_cause(const struct scene *s)
{
	return !phone_is(s->p, PHONE_PROVEN) &&
	       causes_find(s->p, &s->set, s->ctx->facts, s->ctx->limits, s->ctx->now_ms) != CAUSE_NONE;
}

bool g_is_proven(const struct scene *s)
{
	return phone_is(s->p, PHONE_PROVEN);
}

/* It came back and asks for the image once more. The manifest alone says nothing: it is read at every boot
 * (F§2.2). */
bool g_again(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t asked = later(evidence_asked(e, FILE_CLASS_IMAGE), evidence_asked(e, FILE_CLASS_APP));

	return s->whole && s->back && asked > s->whole && s->loader <= s->whole;
}

bool g_back(const struct scene *s)
{
	return s->whole && s->back && s->loader <= s->whole && !g_again(s);
}

bool g_whole(const struct scene *s)
{
	return s->whole && !s->back && s->loader <= s->whole;
}

bool g_half(const struct scene *s)
{
	return s->loader > s->whole;
}

bool g_begun_only(const struct scene *s)
{
	return s->load_last && !s->whole && !s->loader;
}

bool g_nothing(const struct scene *s)
{
	(void)s;
	return true;
}

/* A19: a phone that was done fetches another load of its plan, after all else it was seen to ask for. */
bool g_flipped(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t other = evidence_asked(e, FILE_CLASS_OTHER_STAGE);
	int64_t read =
		later(evidence_asked(e, FILE_CLASS_XMLDEFAULT), evidence_asked(e, FILE_CLASS_SIPDEFAULT));

	return s->p->stage_no && other > s->load_last && other > read;
}

static enum cause when_done(const struct scene *s)
{
	return causes_when_done(s->p, &s->set, s->ctx->limits, s->ctx->now_ms);
}

/* F§8 rows 10 and 55. */
bool g_ails(const struct scene *s)
{
	return s->p->cause != CAUSE_FLIPPED_BACK && when_done(s) != CAUSE_NONE;
}

bool g_well(const struct scene *s)
{
	return (s->p->cause == CAUSE_PROVISIONING_MISSING || s->p->cause == CAUSE_SEP_NAME_ODD) &&
	       when_done(s) == CAUSE_NONE;
}

/* An observed phone's trouble is over; why a phone left its plan is no trouble that passes. */
bool g_recovered(const struct scene *s)
{
	return s->p->cause != CAUSE_WRONG_FAMILY && s->p->cause != CAUSE_SIP_TOO_OLD;
}

/* ---- attention */

uint32_t judge_flags(const struct scene *s)
{
	const struct limits *lim = s->ctx->limits;
	int64_t now = s->ctx->now_ms;
	uint32_t f = 0;

	if (s->p->phase == PHASE_OFFERED && !s->load_last && now - s->p->stage_since_ms >= lim->idle &&
	    now - times_latest(&s->p->evidence.boot) >= lim->idle)
		f |= PHONE_NEEDS_REBOOT;
	if (phone_on_way(s->p) && s->load_first && !phone_is(s->p, PHONE_PROVEN)) {
		int64_t usual = s->set.generation == GEN_JAVA ? lim->stage_java : lim->stage_classic;

		if (now - s->load_first >= usual / 2)
			f |= PHONE_LATE;
	}
	return f;
}

static void due_at(int64_t *due, int64_t now, int64_t base, int64_t after)
{
	if (base && base + after > now && (!*due || base + after < *due))
		*due = base + after;
}

/* Every moment at which time alone may change the judgement. One too many costs a look, one too few a phone
 * that sits. */
int64_t judge_due(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	const struct limits *lim = s->ctx->limits;
	int64_t now = s->ctx->now_ms;
	int64_t due = 0;

	if (!phone_on_way(s->p) && !(s->p->phase == PHASE_SEEN && s->load_last))
		return 0;
	int64_t cfg = cfg_first_from(e, s->back ? s->back : e->boot.first ? e->boot.first : 1);
	int64_t xml = evidence_got(e, FILE_CLASS_XMLDEFAULT);
	int64_t manifest = evidence_got(e, FILE_CLASS_MANIFEST);
	int64_t bases[] = { cfg, s->load_last, s->back, s->whole };

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		due_at(&due, now, bases[i], lim->proof_silence);
	due_at(&due, now, cfg, lim->presume);
	due_at(&due, now, xml_first_from(e, e->boot.first ? e->boot.first : 1), lim->presume);
	due_at(&due, now, causes_ignored_from(s->p, &s->set, lim), 0);
	due_at(&due, now, causes_due(s->p, lim, now), 0);
	due_at(&due, now, xml, lim->order_window);
	due_at(&due, now, registered_due_base(s), lim->order_window);
	due_at(&due, now, java_proof_base(s), lim->proof_silence);
	due_at(&due, now, java_due_base(s), lim->round_gap);
	due_at(&due, now, java_presume_base(s), lim->stage_java);
	due_at(&due, now, manifest ? evidence_asked_first_from(e, FILE_CLASS_SIPDEFAULT, manifest + 1) : 0,
	       lim->quiet);
	due_at(&due, now, s->last_read, lim->quiet);
	due_at(&due, now, s->loader, lim->loader);
	due_at(&due, now, s->loader ? times_first_from(&e->boot, s->loader + 1) : 0, lim->app);
	due_at(&due, now, s->load_last, lim->app);
	due_at(&due, now, later(s->load_last, s->last_read), lim->app);
	due_at(&due, now, evidence_last_event(e), lim->app);
	due_at(&due, now, s->whole, lim->app);
	due_at(&due, now, s->load_first, lim->stage_classic);
	due_at(&due, now, s->load_first, lim->stage_classic / 2);
	due_at(&due, now, s->load_first, lim->stage_java);
	due_at(&due, now, s->load_first, lim->stage_java / 2);
	due_at(&due, now, s->p->stage_since_ms, lim->idle);
	due_at(&due, now, times_latest(&e->boot), lim->idle);
	/* Proven, and what it waits for is not in the evidence: the next stage's files, a cohort. */
	if ((phone_is(s->p, PHONE_PROVEN) && !phone_is(s->p, PHONE_STOPPED)) || phone_is(s->p, PHONE_SKIP) ||
	    wanted_nothing(s))
		due_at(&due, now, now, lim->quiet);
	return due;
}
