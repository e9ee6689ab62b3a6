/* SPDX-License-Identifier: MPL-2.0 */
/*
 * By its phase where the engine says that it loads; everywhere else (observed phones that nobody started, stuck ones
 * that try once more, done ones that are sent back) by the evidence: a file of a load went out, and no sign since that
 * the phone is back. Where it is not sure the answer is no.
 */
#include "unplug.h"

#include <stddef.h>

#include "evidence.h"

#define SECOND INT64_C(1000)
#define LEAST_MS SECOND /* it may not, so there is something left */

/* Files that end up in the flash. Lists do not: they are read at every boot (F§2.2), and boot code asks for its default
 * load without an end (F§7.2 B8). */
static const enum file_class load_classes[] = {
	FILE_CLASS_LOADER,	FILE_CLASS_APP,	   FILE_CLASS_IMAGE,
	FILE_CLASS_SIGNED_NAME, FILE_CLASS_MEMBER, FILE_CLASS_OTHER_STAGE,
};

/* What a phone asks for when it has booted (F§2), and not between two files of a load. */
static const enum file_class boot_classes[] = {
	FILE_CLASS_OS79XX,     FILE_CLASS_CTLSEP,     FILE_CLASS_ITLSEP,     FILE_CLASS_SEP,
	FILE_CLASS_SIPMAC,     FILE_CLASS_MGCMAC,     FILE_CLASS_XMLDEFAULT, FILE_CLASS_XMLOTHER,
	FILE_CLASS_SEPDEFAULT, FILE_CLASS_SIPDEFAULT,
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Also a transfer that broke off: the phone tries again at once. Not one of a file that is not there. */
static int64_t taken(const struct evidence *e, enum file_class c)
{
	const struct times *f = e->file[c];

	return later(times_latest(&f[OUTCOME_SENT]),
		     later(times_latest(&f[OUTCOME_ASKED]), times_latest(&f[OUTCOME_FAILED])));
}

static int64_t last_taken(const struct evidence *e)
{
	int64_t at = 0;

	for (size_t i = 0; i < N(load_classes); i++)
		at = later(at, taken(e, load_classes[i]));
	return at;
}

/* The load's next file is not there, so nothing follows the one it has. */
static bool refused_after(const struct evidence *e, int64_t at)
{
	for (size_t i = 0; i < N(load_classes); i++)
		if (times_latest(&e->file[load_classes[i]][OUTCOME_MISSING]) > at)
			return true;
	return false;
}

static bool back_after(const struct evidence *e, int64_t at, int64_t window)
{
	if (times_latest(&e->boot) > at || times_latest(&e->witness[WITNESS_PLAIN]) > at ||
	    times_latest(&e->witness[WITNESS_LOAD]) > at || times_latest(&e->witness[WITNESS_OTHER]) > at)
		return true;
	for (size_t i = 0; i < N(boot_classes); i++)
		if (evidence_asked(e, boot_classes[i]) > at + window)
			return true;
	return false;
}

/* The loader's return is not the end: it erases the flash and fetches the application (F§6). */
static bool half(const struct evidence *e)
{
	return taken(e, FILE_CLASS_LOADER) > taken(e, FILE_CLASS_APP);
}

static void set_of(const struct phone *p, const struct plan *pl, struct loadset *ret)
{
	const struct loadset *ls = pl ? plan_stage(pl, p->stage_no) : NULL;

	*ret = (struct loadset){ .kind = LOAD_KIND_UNKNOWN };
	if (ls && load_name_equal(&ls->load, &p->load))
		*ret = *ls;
	else if (p->load.s[0])
		loadset_from_name(&p->load, ret);
	if (ret->generation == GEN_UNKNOWN)
		ret->generation = p->generation;
}

static bool is_java(const struct loadset *set)
{
	return set->kind == LOAD_JAVA || set->generation == GEN_JAVA;
}

static bool busy_by_evidence(const struct phone *p, const struct loadset *set, const struct limits *lim,
			     int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t at = last_taken(e);

	if (!at || now_ms - at >= (is_java(set) ? lim->stage_java : lim->app) || refused_after(e, at))
		return false;
	return half(e) || !back_after(e, at, lim->order_window);
}

/* It has just read which image it is to take, and of a single image nothing is heard before it has gone out (D§2). */
static bool about_to_fetch(const struct phone *p, const struct loadset *set, int64_t now_ms)
{
	static const enum file_class told[] = { FILE_CLASS_XMLDEFAULT, FILE_CLASS_OS79XX,
						FILE_CLASS_SEPDEFAULT };
	int64_t at = 0;

	if (p->phase != PHASE_OFFERED ||
	    (set->kind != LOAD_SINGLE_UNSIGNED && set->kind != LOAD_SINGLE_SIGNED))
		return false;
	for (size_t i = 0; i < N(told); i++)
		at = later(at, evidence_got(&p->evidence, told[i]));
	return at && now_ms - at < loadset_pace(set)->high_s * SECOND;
}

static bool busy(const struct phone *p, const struct loadset *set, const struct limits *lim, int64_t now_ms)
{
	switch (p->phase) {
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
		return true;
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_OFFERED:
	case PHASE_CHECKING:
	case PHASE_DONE:
	case PHASE_STUCK:
	case PHASE_COUNT:
		break;
	}
	return about_to_fetch(p, set, now_ms) || busy_by_evidence(p, set, lim, now_ms);
}

/* Of a time that a wrong clock put ahead of us: nothing has passed. */
static int64_t passed(int64_t at, int64_t now_ms)
{
	return at ? later(now_ms - at, 0) : 0;
}

/* By what it usually takes from here on. */
static int64_t usual_left(const struct phone *p, const struct loadset *set, int64_t now_ms)
{
	const struct pace *pace = loadset_pace(set);
	const struct evidence *e = &p->evidence;
	int64_t last = last_taken(e);

	if (last && p->phase != PHASE_DOWNLOADING)
		return (half(e) ? pace->after_loader_s : pace->after_last_s) * SECOND - passed(last, now_ms);
	return pace->high_s * SECOND - passed(later(evidence_asked(e, FILE_CLASS_MANIFEST), last), now_ms);
}

/* Until the engine calls it stuck. */
static int64_t limit_left(const struct phone *p, const struct loadset *set, const struct limits *lim,
			  int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t first = evidence_load_first(e), last = last_taken(e);
	int64_t left = first ? first + (is_java(set) ? lim->stage_java : lim->stage_classic) - now_ms : 0;
	int64_t step = last && !is_java(set) ? last + (half(e) ? lim->loader : lim->app) - now_ms : 0;

	return step > 0 && (left <= 0 || step < left) ? step : left;
}

void phone_unplug(const struct phone *p, const struct plan *pl, const struct limits *lim, int64_t now_ms,
		  struct unplug *ret)
{
	struct loadset set;

	*ret = (struct unplug){ .may = true };
	set_of(p, pl, &set);
	if (!busy(p, &set, lim, now_ms))
		return;
	ret->may = false;
	ret->left_ms = usual_left(p, &set, now_ms);
	if (ret->left_ms <= 0)
		ret->left_ms = limit_left(p, &set, lim, now_ms);
	ret->left_ms = later(ret->left_ms, LEAST_MS);
}

bool phone_may_be_unplugged(const struct phone *p, const struct plan *pl, const struct limits *lim,
			    int64_t now_ms)
{
	struct unplug u;

	phone_unplug(p, pl, lim, now_ms, &u);
	return u.may;
}
