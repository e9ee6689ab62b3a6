/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Signatures of trouble on one stage, strongest first. Each looks at the set of times only, so that a later
 * success takes its cause away again. A wrong cause is worse than none: where nothing fits, CAUSE_NONE.
 */
#include "causes.h"

#include <stdbool.h>
#include <stddef.h>

#include "evidence.h"
#include "loadset.h"

/* Alarm thresholds (F§7.4: the same file three times without progress; two misses, since one may be a race
 * with publishing). */
#define LOOPS 3
#define FAILURES 3
#define MISSES 2
#define ROUNDS 2

static const enum file_class load_classes[] = {
	FILE_CLASS_MANIFEST,
	FILE_CLASS_LOADER,
	FILE_CLASS_APP,
	FILE_CLASS_IMAGE,
};
#define LOAD_CLASSES (sizeof(load_classes) / sizeof(load_classes[0]))

static enum file_class image_class(const struct loadset *stage)
{
	bool one = stage->kind == LOAD_SINGLE_UNSIGNED || stage->kind == LOAD_SINGLE_SIGNED;

	return one ? FILE_CLASS_IMAGE : FILE_CLASS_APP;
}

/* Completions from the oldest on, closer than round_gap taken as one; a round is closed by a boot after it
 * and a new question after that boot. A power cut in the last block makes one false completion, never two. */
unsigned causes_rounds(const struct phone *p, const struct loadset *stage, const struct limits *lim)
{
	const struct evidence *e = &p->evidence;
	enum file_class c = image_class(stage);
	const struct times *sent = &e->file[c][OUTCOME_SENT];
	unsigned rounds = 0;
	int64_t counted = 0;

	for (int i = EVIDENCE_TIMES - 1; i >= 0; i--) {
		int64_t at = sent->last[i];

		if (!at || (counted && at - counted < lim->round_gap))
			continue;
		int64_t boot = times_first_from(&e->boot, at + 1);

		if (!boot || !evidence_asked_first_from(e, c, boot + 1))
			continue;
		rounds++;
		counted = at;
	}
	return rounds;
}

static bool outcome_repeats(const struct evidence *e, enum outcome o, unsigned times,
			    const struct limits *lim)
{
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		const struct times *bad = e->file[load_classes[i]];
		int64_t good = times_latest(&bad[OUTCOME_SENT]);

		if (times_latest(&bad[o]) > good &&
		    times_count(&bad[o], good + 1, lim->order_window) >= times)
			return true;
	}
	return false;
}

/* Silence after a file: no sign of the phone for so long. */
static bool silent_since(const struct phone *p, int64_t file_at, int64_t limit, int64_t now)
{
	return file_at && evidence_last_event(&p->evidence) <= file_at && now - file_at >= limit;
}

static bool half_flashed(const struct evidence *e)
{
	return times_latest(&e->file[FILE_CLASS_LOADER][OUTCOME_SENT]) >
	       times_latest(&e->file[FILE_CLASS_APP][OUTCOME_SENT]);
}

/* The loader went in, and the application does not follow: the phone is gone, or it is back for long enough
 * and does not take it. */
static bool app_missing(const struct phone *p, const struct limits *lim, int64_t now)
{
	const struct evidence *e = &p->evidence;
	int64_t loader = times_latest(&e->file[FILE_CLASS_LOADER][OUTCOME_SENT]);
	int64_t back = times_first_from(&e->boot, loader + 1);

	if (!half_flashed(e))
		return false;
	return silent_since(p, loader, lim->loader, now) ||
	       (back && now - back >= lim->app && now - evidence_load_last(e) >= lim->app);
}

static bool loader_loops(const struct evidence *e, const struct limits *lim)
{
	const struct times *loader = &e->file[FILE_CLASS_LOADER][OUTCOME_SENT];
	int64_t app = evidence_asked(e, FILE_CLASS_APP);

	return half_flashed(e) && times_count(loader, app + 1, lim->round_gap) >= LOOPS;
}

/* ---- what the phone itself says (F§7.6) */

static const struct {
	enum witness alarm;
	enum cause cause;
	bool transfer; /* a manifest that arrives cures it, too */
} alarm_causes[] = {
	{ WITNESS_ALARM_REJECTED, CAUSE_IMAGE_REJECTED, false },
	{ WITNESS_ALARM_VERSION, CAUSE_LOAD_VERSION, false },
	{ WITNESS_ALARM_DISK_FULL, CAUSE_DISK_FULL, false },
	{ WITNESS_ALARM_DAMAGED, CAUSE_LOAD_DAMAGED, false },
	{ WITNESS_ALARM_NOT_FOUND, CAUSE_LOAD_NOT_FOUND, true },
	{ WITNESS_ALARM_TFTP, CAUSE_TRANSFER_FAILING, true },
	{ WITNESS_ALARM_AUTH, CAUSE_LOAD_NOT_AUTHORIZED, false },
};

/* When it was first told of this stage's load: by its configuration, or since it asked for the load. */
static int64_t told_of_load(const struct evidence *e)
{
	static const enum file_class configs[] = { FILE_CLASS_XMLDEFAULT, FILE_CLASS_OS79XX,
						   FILE_CLASS_SEPDEFAULT };
	int64_t first = evidence_load_first(e);

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		int64_t t = evidence_asked_first_from(e, configs[i], 1);

		first = t && (!first || t < first) ? t : first;
	}
	return first;
}

static int64_t cured(const struct evidence *e, bool transfer)
{
	int64_t at = times_latest(&e->witness[WITNESS_LOAD]);

	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		int64_t t = times_latest(&e->file[load_classes[i]][OUTCOME_SENT]);

		if ((transfer || load_classes[i] != FILE_CLASS_MANIFEST) && t > at)
			at = t;
	}
	return at;
}

/* An alarm from before it knew of this stage's load is about another. */
static enum cause told_by_alarm(const struct evidence *e)
{
	int64_t told = told_of_load(e);

	for (size_t i = 0; told && i < sizeof(alarm_causes) / sizeof(alarm_causes[0]); i++) {
		int64_t at = times_latest(&e->witness[alarm_causes[i].alarm]);

		if (at > told && at > cured(e, alarm_causes[i].transfer))
			return alarm_causes[i].cause;
	}
	return CAUSE_NONE;
}

/* First time from then on that it got its configuration. */
static int64_t read_from(const struct evidence *e, int64_t from)
{
	int64_t sent = times_first_from(&e->file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT], from);
	int64_t asked = times_first_from(&e->file[FILE_CLASS_XMLDEFAULT][OUTCOME_ASKED], from);

	return sent && (!asked || sent < asked) ? sent : asked;
}

int64_t causes_ignored_from(const struct phone *p, const struct loadset *stage, const struct limits *lim)
{
	const struct evidence *e = &p->evidence;
	int64_t wait = phone_is(p, PHONE_DHCP_KNOWN) ? lim->quiet : lim->presume;

	if (stage->kind != LOAD_TWO_PART || evidence_load_last(e) || !e->boot.first)
		return 0;
	int64_t once = read_from(e, e->boot.first);
	int64_t boot = once ? times_first_from(&e->boot, once + 1) : 0;
	int64_t twice = boot ? read_from(e, boot) : 0;

	return twice ? twice + wait : 0;
}

static bool ignored(const struct phone *p, const struct loadset *stage, const struct limits *lim, int64_t now_ms)
{
	int64_t from = causes_ignored_from(p, stage, lim);

	return from && now_ms >= from;
}

enum cause causes_find(const struct phone *p, const struct loadset *stage, const struct limits *lim,
		       int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t whole = times_latest(&e->file[image_class(stage)][OUTCOME_SENT]);
	int64_t first = evidence_load_first(e);
	int64_t stage_limit = stage->generation == GEN_JAVA ? lim->stage_java : lim->stage_classic;
	enum cause told = told_by_alarm(e);

	if (phone_is(p, PHONE_ADDRESS_SHARED))
		return CAUSE_ADDRESS_SHARED;
	if (told != CAUSE_NONE)
		return told;
	if (causes_rounds(p, stage, lim) >= ROUNDS)
		return CAUSE_IMAGE_REJECTED;
	if (loader_loops(e, lim))
		return CAUSE_LOADER_LOOPING;
	if (outcome_repeats(e, OUTCOME_MISSING, MISSES, lim))
		return CAUSE_LOAD_NOT_FOUND;
	if (outcome_repeats(e, OUTCOME_FAILED, FAILURES, lim))
		return CAUSE_TRANSFER_FAILING;
	if (app_missing(p, lim, now_ms))
		return CAUSE_APP_MISSING_AFTER_LOADER;
	if (silent_since(p, whole, lim->app, now_ms))
		return CAUSE_SILENT_AFTER_FLASH;
	if (phone_is(p, PHONE_SEP_DEFAULT) && ignored(p, stage, lim, now_ms))
		return CAUSE_CONFIGURATION_IGNORED;
	if (first && now_ms - first >= stage_limit) {
		if (outcome_repeats(e, OUTCOME_MISSING, 1, lim))
			return CAUSE_LOAD_NOT_FOUND;
		if (outcome_repeats(e, OUTCOME_FAILED, 1, lim))
			return CAUSE_TRANSFER_FAILING;
		if (now_ms - evidence_last_event(e) >= lim->app)
			return CAUSE_SILENT_AFTER_FLASH;
	}
	return CAUSE_NONE;
}
