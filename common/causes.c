/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Signatures of trouble on one stage. Each looks at the set of times only, so that a later success takes its cause away
 * again. Which cause each is, and what is said of it: causes_list.c.
 */
#include "causes_priv.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "evidence.h"
#include "loadset.h"
#include "pathrules.h"

const enum file_class causes_load_classes[LOAD_CLASSES] = {
	FILE_CLASS_MANIFEST, FILE_CLASS_LOADER, FILE_CLASS_APP,
	FILE_CLASS_IMAGE,    FILE_CLASS_MEMBER, FILE_CLASS_TERM,
};

enum file_class causes_image_class(const struct loadset *stage)
{
	switch (stage->kind) {
	case LOAD_SINGLE_UNSIGNED:
	case LOAD_SINGLE_SIGNED:
		return FILE_CLASS_IMAGE;
	case LOAD_JAVA:
		return FILE_CLASS_MEMBER;
	case LOAD_TWO_PART:
	case LOAD_KIND_UNKNOWN:
		return FILE_CLASS_APP;
	}
	return FILE_CLASS_APP;
}

/* When the image went out whole. Java: its last part did, and that is the member furthest down the list that ever went
 * out, since they are fetched in the list's order and only those that differ (F§2.5, F§7.2 B6). */
static void completions(const struct evidence *e, const struct loadset *stage, struct times *ret)
{
	int i = EVIDENCE_MEMBERS - 1;

	if (stage->kind != LOAD_JAVA) {
		evidence_got_times(e, causes_image_class(stage), ret);
		return;
	}
	while (i > 0 && !times_latest(&e->member[i]))
		i--;
	*ret = e->member[i];
}

/* Completions from the oldest on, closer than round_gap taken as one; a round is closed by a boot after it
 * and a new question after that boot. A power cut in the last block makes one false completion, never two. Of a
 * file that was only asked for nobody knows whether it was whole, so one round more is needed. Boot code that asks for the
 * default load begins anew. */
unsigned causes_rounds(const struct phone *p, const struct loadset *stage, const struct limits *lim)
{
	const struct evidence *e = &p->evidence;
	enum file_class c = causes_image_class(stage);
	bool only_asked = !times_latest(&e->file[c][OUTCOME_SENT]);
	int64_t anew = evidence_asked(e, FILE_CLASS_TERM);
	unsigned rounds = 0;
	int64_t counted = 0;
	struct times sent;

	completions(e, stage, &sent);

	for (int i = EVIDENCE_TIMES - 1; i >= 0; i--) {
		int64_t at = sent.last[i];

		if (!at || at < anew || (counted && at - counted < lim->round_gap))
			continue;
		int64_t boot = times_first_from(&e->boot, at + 1);

		if (!boot || !evidence_asked_first_from(e, c, boot + 1))
			continue;
		rounds++;
		counted = at;
	}
	return rounds && only_asked ? rounds - 1 : rounds;
}

enum file_class causes_repeating(const struct evidence *e, enum outcome o, unsigned times, const struct limits *lim)
{
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		const struct times *bad = e->file[causes_load_classes[i]];
		int64_t good = evidence_got(e, causes_load_classes[i]);

		if (times_latest(&bad[o]) > good &&
		    times_count(&bad[o], good + 1, lim->order_window) >= times)
			return causes_load_classes[i];
	}
	return FILE_CLASS_COUNT;
}

/* A12 where only questions are heard: the same file again and again, nothing else, and no boot between, for a phone
 * that has a file flashes it and starts again. */
bool causes_asked_in_vain(const struct evidence *e, const struct limits *lim, enum file_class *ret)
{
	for (size_t i = 0; i < LOAD_CLASSES; i++) {
		const struct times *asked = &e->file[causes_load_classes[i]][OUTCOME_ASKED];
		int64_t last = times_latest(asked);
		int64_t others = times_latest(&e->boot);

		for (size_t j = 0; j < LOAD_CLASSES; j++)
			if (j != i && evidence_asked(e, causes_load_classes[j]) > others)
				others = evidence_asked(e, causes_load_classes[j]);
		if (last > others && times_count(asked, others + 1, lim->order_window) >= FAILURES) {
			*ret = causes_load_classes[i];
			return true;
		}
	}
	return false;
}

/* Silence after a file: no sign of the phone for so long. */
bool causes_silent_since(const struct look *l, int64_t file_at, int64_t limit)
{
	return file_at && evidence_last_event(l->e) <= file_at && l->now_ms - file_at >= limit;
}

static bool half_flashed(const struct evidence *e)
{
	return evidence_got(e, FILE_CLASS_LOADER) > evidence_got(e, FILE_CLASS_APP);
}

/* The loader went in, and the application does not follow: the phone is gone, or it is back for long enough
 * and does not take it. */
bool causes_app_missing(const struct look *l)
{
	const struct evidence *e = l->e;
	int64_t loader = evidence_got(e, FILE_CLASS_LOADER);
	int64_t back = times_first_from(&e->boot, loader + 1);

	if (!half_flashed(e))
		return false;
	return causes_silent_since(l, loader, l->lim->loader) ||
	       (back && l->now_ms - back >= l->lim->app && l->now_ms - evidence_load_last(e) >= l->lim->app);
}

bool causes_loader_loops(const struct evidence *e, const struct limits *lim)
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
		int64_t t = evidence_got(e, causes_load_classes[i]);

		if ((transfer || causes_load_classes[i] != FILE_CLASS_MANIFEST) && t > at)
			at = t;
	}
	return at;
}

/* An alarm from before it knew of this stage's load is about another. */
bool causes_told_by_alarm(const struct evidence *e, enum cause *ret, enum witness *ret_alarm)
{
	int64_t told = told_of_load(e);

	for (size_t i = 0; told && i < sizeof(alarm_causes) / sizeof(alarm_causes[0]); i++) {
		int64_t at = times_latest(&e->witness[alarm_causes[i].alarm]);

		if (at > told && at > cured(e, alarm_causes[i].transfer)) {
			*ret = alarm_causes[i].cause;
			*ret_alarm = alarm_causes[i].alarm;
			return true;
		}
	}
	return false;
}

/* ---- java (F§7.2) */

int64_t causes_asked(const struct evidence *e)
{
	int64_t at = 0;

	for (int c = 0; c < FILE_CLASS_COUNT; c++) {
		int64_t t = evidence_asked(e, (enum file_class)c);

		at = t > at ? t : at;
	}
	return at;
}

int64_t causes_asked_but(const struct evidence *e, enum file_class except)
{
	int64_t at = 0;

	for (int c = 0; c < FILE_CLASS_COUNT; c++) {
		int64_t t = c == (int)except ? 0 : evidence_asked(e, (enum file_class)c);

		at = t > at ? t : at;
	}
	return at;
}

/* How often a file of the class went out since `from`, by whichever word the server has for it. */
static unsigned times_got(const struct evidence *e, enum file_class c, int64_t from, int64_t gap)
{
	unsigned sent = times_count(&e->file[c][OUTCOME_SENT], from, gap);
	unsigned asked = times_count(&e->file[c][OUTCOME_ASKED], from, gap);

	return sent > asked ? sent : asked;
}

/* A17: as many looks as are kept within the time of one series of probes, and CTLSEP alone in between. On its way it
 * never sees that file. */
bool causes_sep_loops(const struct evidence *e, const struct limits *lim)
{
	struct times sep;

	evidence_got_times(e, FILE_CLASS_SEP, &sep);
	int64_t oldest = sep.last[EVIDENCE_TIMES - 1];

	if (!oldest || times_latest(&sep) - oldest > lim->boot_gap)
		return false;
	for (int c = 0; c < FILE_CLASS_COUNT; c++)
		if (c != FILE_CLASS_SEP && c != FILE_CLASS_CTLSEP && c != FILE_CLASS_ITLSEP &&
		    evidence_asked(e, (enum file_class)c) >= oldest)
			return false;
	return true;
}

/* B8: twice in a row, and nothing after it. */
bool causes_default_refused(const struct phone *p, const struct limits *lim, int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t last = evidence_asked(e, FILE_CLASS_TERM);

	return last && now_ms - last >= lim->quiet &&
	       times_got(e, FILE_CLASS_TERM, causes_asked_but(e, FILE_CLASS_TERM) + 1, 1) >= 2;
}

/* B8 once more: the pairs come every 90 to 150 s. */
bool causes_default_loops(const struct evidence *e, const struct limits *lim)
{
	return times_got(e, FILE_CLASS_TERM, causes_asked_but(e, FILE_CLASS_TERM) + 1, lim->round_gap) >= 2;
}

/* B5 with the loop that tells: the list alone, again and again, and never a member. */
bool causes_manifest_loops(const struct evidence *e, const struct limits *lim)
{
	return times_got(e, FILE_CLASS_MANIFEST, evidence_asked(e, FILE_CLASS_MEMBER) + 1,
			 lim->order_window) >= LOOPS &&
	       !evidence_asked(e, FILE_CLASS_MEMBER);
}

/* B7. Each try may bring the members before the missing one once more. */
bool causes_member_misses(const struct evidence *e, unsigned misses, const struct limits *lim)
{
	const struct times *f = e->file[FILE_CLASS_MEMBER];

	return times_latest(&f[OUTCOME_MISSING]) > evidence_got(e, FILE_CLASS_MEMBER) &&
	       times_count(&f[OUTCOME_MISSING], 1, lim->order_window) >= misses;
}

/* A12 of a java phone where only questions are heard: one member again and again, nothing else of the load and no boot.
 * The list and the default load alone are B5 and B8. */
bool causes_member_in_vain(const struct evidence *e, const struct limits *lim)
{
	int64_t others = times_latest(&e->boot), list = evidence_asked(e, FILE_CLASS_MANIFEST);
	int newest = 0;

	if (times_latest(&e->file[FILE_CLASS_MEMBER][OUTCOME_SENT]))
		return false;
	for (int i = 1; i < EVIDENCE_MEMBERS; i++)
		if (times_latest(&e->member[i]) > times_latest(&e->member[newest]))
			newest = i;
	for (int i = 0; i < EVIDENCE_MEMBERS; i++)
		if (i != newest && times_latest(&e->member[i]) > others)
			others = times_latest(&e->member[i]);
	others = list > others ? list : others;
	return times_count(&e->member[newest], others + 1, lim->order_window) >= FAILURES;
}

/* What it runs is known, and no one step leads from there to the stage's load (F§4.2). */
bool causes_needs_bridge(const struct phone *p, const struct loadset *stage)
{
	bool known = p->running_by == RUNNING_BY_PROOF || p->running_by == RUNNING_BY_REGISTERED;
	struct release from, to;
	enum path_band a, b;
	struct load_name running;
	struct path path;

	if (!known || load_name_parse(p->running, strlen(p->running), &running, NULL) < 0 ||
	    release_of(&running, &from) != 0 || release_of(&stage->load, &to) != 0 ||
	    from.generation != GEN_JAVA || path_band_of(&from, &a) != 0 || path_band_of(&to, &b) != 0)
		return false;
	return path_find(a, b, &path) == 0 && path.n > 1;
}

int64_t causes_ignored_from(const struct phone *p, const struct loadset *stage, const struct limits *lim)
{
	const struct evidence *e = &p->evidence;
	int64_t wait = phone_is(p, PHONE_DHCP_KNOWN) ? lim->quiet : lim->presume;

	if (stage->kind != LOAD_TWO_PART || evidence_load_last(e) || !e->boot.first)
		return 0;
	int64_t once = evidence_got_first_from(e, FILE_CLASS_XMLDEFAULT, e->boot.first);
	int64_t boot = once ? times_first_from(&e->boot, once + 1) : 0;
	int64_t twice = boot ? evidence_got_first_from(e, FILE_CLASS_XMLDEFAULT, boot) : 0;

	return twice ? twice + wait : 0;
}
