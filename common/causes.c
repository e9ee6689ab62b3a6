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
 * and a new question after that boot. A power cut in the last block makes one false completion, never two. Of a
 * file that was only asked for nobody knows whether it was whole, so one round more is needed. */
unsigned causes_rounds(const struct phone *p, const struct loadset *stage, const struct limits *lim)
{
	const struct evidence *e = &p->evidence;
	enum file_class c = image_class(stage);
	bool only_asked = !times_latest(&e->file[c][OUTCOME_SENT]);
	unsigned rounds = 0;
	int64_t counted = 0;
	struct times sent;

	evidence_got_times(e, c, &sent);

	for (int i = EVIDENCE_TIMES - 1; i >= 0; i--) {
		int64_t at = sent.last[i];

		if (!at || (counted && at - counted < lim->round_gap))
			continue;
		int64_t boot = times_first_from(&e->boot, at + 1);

		if (!boot || !evidence_asked_first_from(e, c, boot + 1))
			continue;
		rounds++;
		counted = at;
	}
	return rounds && only_asked ? rounds - 1 : rounds;
}

static bool outcome_repeats(const struct evidence *e, enum outcome o, unsigned times,
			    const struct limits *lim)
{
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		const struct times *bad = e->file[load_classes[i]];
		int64_t good = evidence_got(e, load_classes[i]);

		if (times_latest(&bad[o]) > good &&
		    times_count(&bad[o], good + 1, lim->order_window) >= times)
			return true;
	}
	return false;
}

/* A12 where only questions are heard: the same file again and again, nothing else, and no boot between, for a phone
 * that has a file flashes it and starts again. */
static bool asked_in_vain(const struct evidence *e, const struct limits *lim)
{
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		const struct times *asked = &e->file[load_classes[i]][OUTCOME_ASKED];
		int64_t last = times_latest(asked);
		int64_t others = times_latest(&e->boot);

		for (size_t j = 0; j < LOAD_CLASSES; j++)
			if (j != i && evidence_asked(e, load_classes[j]) > others)
				others = evidence_asked(e, load_classes[j]);
		if (last > others && times_count(asked, others + 1, lim->order_window) >= FAILURES)
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
	return evidence_got(e, FILE_CLASS_LOADER) > evidence_got(e, FILE_CLASS_APP);
}

/* The loader went in, and the application does not follow: the phone is gone, or it is back for long enough
 * and does not take it. */
static bool app_missing(const struct phone *p, const struct limits *lim, int64_t now)
{
	const struct evidence *e = &p->evidence;
	int64_t loader = evidence_got(e, FILE_CLASS_LOADER);
	int64_t back = times_first_from(&e->boot, loader + 1);

	if (!half_flashed(e))
		return false;
	return silent_since(p, loader, lim->loader, now) ||
	       (back && now - back >= lim->app && now - evidence_load_last(e) >= lim->app);
}

static bool loader_loops(const struct evidence *e, const struct limits *lim)
{
	int64_t app = evidence_asked(e, FILE_CLASS_APP);
	struct times loader;

	evidence_got_times(e, FILE_CLASS_LOADER, &loader);
	return half_flashed(e) && times_count(&loader, app + 1, lim->round_gap) >= LOOPS;
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
		int64_t t = evidence_got(e, load_classes[i]);

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

enum cause causes_find(const struct phone *p, const struct loadset *stage, const struct limits *lim,
		       int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t whole = evidence_got(e, image_class(stage));
	int64_t first = evidence_load_first(e);
	int64_t stage_limit = stage->generation == GEN_JAVA ? lim->stage_java : lim->stage_classic;
	enum cause told = told_by_alarm(e);

	if (told != CAUSE_NONE)
		return told;
	if (causes_rounds(p, stage, lim) >= ROUNDS)
		return CAUSE_IMAGE_REJECTED;
	if (asked_in_vain(e, lim))
		return CAUSE_TRANSFER_FAILING;
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
