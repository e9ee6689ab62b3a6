/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Judging java phones (F§7.2): when a download is over, what proves a load, and the default load that boot code asks
 * for after a factory reset. Inequalities over times, like the other judgements.
 *
 * Only members that differ are fetched, so nobody can tell from outside how many are still to come: a download is over
 * when all are out, or after a silence, or with the next boot. Peers may have handed the load over, of which no
 * server sees anything (F§7.2 B14): a phone that is known to run another load has not got this one because it is
 * silent.
 */
#include <string.h>

#include "causes.h"
#include "engine_priv.h"

_Static_assert(EVIDENCE_MEMBERS == LOAD_MEMBERS_MAX, "each member of a load has its place in the evidence");

#define RUNNING_BOOT_CODE "boot code alone"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a && (!b || a < b) ? a : b;
}

/* ---- merge */

static int member_of(const struct phone *p, const struct plan *pl, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct loadset set;

	scene_loadset(p, pl, &set);
	return loadset_member(&set, slash ? slash + 1 : file);
}

void java_merge(struct phone *p, const struct event *ev, const struct engine_context *ctx, enum file_class c)
{
	bool went_out = ev->kind == EVENT_SENT || ev->kind == EVENT_ASKED;
	int i = c == FILE_CLASS_MEMBER && went_out ? member_of(p, ctx->plan, ev->file) : -1;

	if (i >= 0)
		times_add(&p->evidence.member[i], ev->at_ms);
	if (c == FILE_CLASS_TERM)
		phone_running_set(p, RUNNING_BOOT_CODE, RUNNING_BY_FILES_ASKED);
}

void java_unmerge(struct phone *p, const struct event *ev, const struct engine_context *ctx)
{
	int i = member_of(p, ctx->plan, ev->file);

	if (i >= 0)
		(void)times_remove(&p->evidence.member[i], ev->instead_of_ms);
}

/* ---- the download */

/* Each that must be there went out since the boot before the last of them. Without a list nobody knows. */
static bool all_out(const struct scene *s, int64_t last)
{
	int64_t begin = times_latest_upto(&s->p->evidence.boot, last);

	for (unsigned i = 0; i < s->set.n_members; i++)
		if (!(s->set.optional & 1u << i) && times_latest(&s->p->evidence.member[i]) <= begin)
			return false;
	return s->set.n_members > 0;
}

int64_t java_whole(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	const struct times *f = e->file[FILE_CLASS_MEMBER];
	int64_t last = later(times_latest(&f[OUTCOME_SENT]), times_latest(&f[OUTCOME_ASKED]));

	if (!last || later(times_latest(&f[OUTCOME_MISSING]), times_latest(&f[OUTCOME_FAILED])) > last)
		return 0;
	if (times_first_from(&e->boot, last + 1) || all_out(s, last) ||
	    s->ctx->now_ms - s->load_last >= s->ctx->limits->round_gap)
		return last;
	return 0;
}

int64_t java_due_base(const struct scene *s)
{
	return s->set.kind == LOAD_JAVA ? s->load_last : 0;
}

/* Time has ended the download, no event did. */
bool g_ended(const struct scene *s)
{
	return s->set.kind == LOAD_JAVA && s->whole && !s->back;
}

/* ---- proof */

static bool is_nine(const char *load)
{
	const char *dot = strchr(load, '.');

	return dot && dot[1] == '9' && dot[2] == '-';
}

static bool runs_another(const struct scene *s)
{
	bool known = running_is_proven(s->p) || s->p->running_by == RUNNING_BY_ASSUMED;

	return known && strcmp(s->p->running, s->p->load.s) != 0;
}

/* The latest word on the load's files is that one of them is not there. */
static bool lacks_file(const struct evidence *e)
{
	static const enum file_class files[] = { FILE_CLASS_MANIFEST, FILE_CLASS_TERM, FILE_CLASS_MEMBER };
	int64_t bad = 0, good = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct times *f = e->file[files[i]];

		bad = later(bad, times_latest(&f[OUTCOME_MISSING]));
		good = later(good, later(evidence_got(e, files[i]), times_latest(&f[OUTCOME_FAILED])));
	}
	return bad > good;
}

/* From when its silence counts: it has read this stage's configuration, in the boot after the last file of the load if
 * there was one. B5: a list with no member after it proves nothing; a boot that leaves the list alone does. 0 = not
 * yet. */
int64_t java_proof_base(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t boot = s->load_last ? times_first_from(&e->boot, s->load_last + 1) : times_latest(&e->boot);
	const struct times *xml = e->file[FILE_CLASS_XMLDEFAULT];
	int64_t from = boot ? boot : 1;
	int64_t nine =
		boot && is_nine(s->p->load.s) ? evidence_asked_first_from(e, FILE_CLASS_ITLSEP, from) : 0;

	if (s->set.kind != LOAD_JAVA || (s->load_last && !boot) || lacks_file(e))
		return 0;
	int64_t read = sooner(times_first_from(&xml[OUTCOME_SENT], from),
			      times_first_from(&xml[OUTCOME_ASKED], from));

	if (s->load_last)
		return sooner(read, nine);
	return runs_another(s) ? (is_nine(s->p->running) ? 0 : nine) : read;
}

bool proof_java(const struct scene *s)
{
	int64_t base = java_proof_base(s);

	return base && s->ctx->now_ms - base >= s->ctx->limits->proof_silence;
}

/* B14 without a sign: a phone that has heeded XMLDefault before has read it since its latest boot, and wanted nothing of
 * the load for as long as a load takes. Had it been fetching from a peer, it would have booted meanwhile. One such
 * guess, and not a second on top of it. Guessed boots are none: each look at the configuration may be one. */
int64_t java_presume_base(const struct scene *s)
{
	const struct evidence *e = &s->p->evidence;
	int64_t boot = times_latest(&e->boot);

	if (s->set.kind != LOAD_JAVA || s->load_last || !boot || !running_is_proven(s->p) || !runs_another(s) ||
	    !phone_is(s->p, PHONE_DHCP_KNOWN))
		return 0;
	return evidence_got_first_from(e, FILE_CLASS_XMLDEFAULT, boot);
}

bool java_wanted_nothing(const struct scene *s)
{
	int64_t base = java_presume_base(s);

	return base && s->ctx->now_ms - base >= s->ctx->limits->stage_java;
}

/* ---- the wrong stage */

/* It asks for ITLSEP<MAC>.tlv, so it runs 9.x; what leads there is behind it. */
bool g_runs_nine(const struct scene *s)
{
	bool tentative;

	if (s->set.kind != LOAD_JAVA || is_nine(s->p->load.s) || s->load_last || s->last_stage ||
	    !s->ctx->plan || phone_is(s->p, PHONE_STOPPED) || phone_is(s->p, PHONE_WENT_BACK) ||
	    running_is_proven(s->p) || !scene_swing_ok(s))
		return false;
	int entry = plan_entry_stage(s->ctx->plan, s->p, &tentative);

	return entry > s->p->stage_no && scene_ready(s, entry);
}

/* B8. */
bool g_default_refused(const struct scene *s)
{
	return s->set.kind == LOAD_JAVA && s->p->stage_no > 1 && scene_ready(s, s->p->stage_no - 1) &&
	       causes_default_refused(s->p, s->ctx->limits, s->ctx->now_ms);
}

/* The default load is asked for by boot code without an application: after the latest sign of one, it was reset. */
static bool was_reset(const struct scene *s)
{
	static const enum file_class signs[] = { FILE_CLASS_CTLSEP, FILE_CLASS_ITLSEP, FILE_CLASS_SEP,
						 FILE_CLASS_XMLDEFAULT, FILE_CLASS_XMLOTHER };
	const struct evidence *e = &s->p->evidence;
	int64_t asked = evidence_asked(e, FILE_CLASS_TERM);
	int64_t sign =
		later(times_latest(&e->witness[WITNESS_LOAD]), times_latest(&e->witness[WITNESS_PLAIN]));

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		sign = later(sign, evidence_asked(e, signs[i]));
	return s->set.kind == LOAD_JAVA && asked > sign;
}

bool g_reset_done(const struct scene *s)
{
	return phone_is(s->p, PHONE_STARTED) && scene_ready(s, s->p->stage_no) && was_reset(s);
}

bool g_reset_observed(const struct scene *s)
{
	return !phone_is(s->p, PHONE_STARTED) && was_reset(s);
}

void act_set_back(struct phone *p, const struct scene *s, enum act act)
{
	/* what came just before may be heard just after: it belongs to the new standing, too */
	int64_t since = s->ev->at_ms - s->ctx->limits->order_window;

	if (act == ACT_RESET) {
		phone_stage_set(p, s->ctx->plan, p->stage_no, since);
	} else if (act == ACT_LOST) {
		phone_leave(p, CAUSE_NONE);
		evidence_cut(&p->evidence, since);
	} else if (act == ACT_FLIPPED) {
		p->cause = CAUSE_FLIPPED_BACK;
	} else if (act == ACT_AILS) {
		p->cause = causes_when_done(p, &s->set, s->ctx->limits, s->ctx->now_ms);
	}
}
