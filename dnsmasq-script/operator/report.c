/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the writers share: times, and which flags are for people to see.
 */
#include "report.h"

#include <string.h>
#include <time.h>

#include "loadfiles.h"

/* Attention and standing (design: flags); the others are the engine's memory and say nothing to an
 * operator. */
#define SHOWN_FLAGS                                                                              \
	(PHONE_STOPPED | PHONE_NEEDS_REBOOT | PHONE_LATE | PHONE_PROVISIONED | PHONE_FORGOTTEN | \
	 PHONE_ON_LAST | PHONE_SKIP | PHONE_SEP_GIVEN | PHONE_SEP_DEFAULT | PHONE_ADDRESS_SHARED)

uint32_t report_flags(const struct phone *p)
{
	return p->flags & (uint32_t)SHOWN_FLAGS;
}

const char *report_flag(const struct phone *p, unsigned idx)
{
	uint32_t bit;
	const char *name;

	for (unsigned i = 0; (name = phone_flag_name(i, &bit)) != NULL; i++) {
		if ((p->flags & bit & (uint32_t)SHOWN_FLAGS) && idx-- == 0)
			return name;
	}
	return NULL;
}

void report_details(const struct phone *p, struct strbuf *sb)
{
	const char *between = "";
	const char *flag;

	if (p->cause != CAUSE_NONE) {
		strbuf_add(sb, cause_name(p->cause));
		between = ", ";
	}
	for (unsigned i = 0; (flag = report_flag(p, i)) != NULL; i++) {
		strbuf_addf(sb, "%s%s", between, flag);
		between = ", ";
	}
}

const char *report_age(char buf[static AGE_TEXT_SIZE], int64_t ms)
{
	static const struct {
		int64_t below_s, unit_s;
		char unit;
	} steps[] = { { 100, 1, 's' }, { 100 * 60, 60, 'm' }, { 48 * 3600, 3600, 'h' }, { INT64_MAX, 86400, 'd' } };
	int64_t s = ms > 0 ? ms / 1000 : 0;
	size_t i = 0;

	while (s >= steps[i].below_s)
		i++;
	snprintf(buf, AGE_TEXT_SIZE, "%lld%c", (long long)(s / steps[i].unit_s), steps[i].unit);
	return buf;
}

const char *report_mark_name(enum report_mark m)
{
	static const char *const names[MARK_COUNT] = { "behind", "enters", "here", "ahead" };

	return names[m];
}

const char *report_going_name(enum report_going g)
{
	static const char *const names[GOING_COUNT] = { "on-way", "by-itself", "by-hand", "no-way", "done" };

	return names[g];
}

/* Of a SIP load of two parts only its manifest says which loader belongs to it; java's manifests list members whose
 * names follow from nothing (F§3.5). */
void report_load_files(const struct loadset *ls, struct strbuf *sb)
{
	char file[LOAD_FILE_MAX + 1];

	for (unsigned i = 0; loadfile_at(ls, i, file) == 0; i++)
		strbuf_addf(sb, "%s%s", i ? ", " : "", file);
	if (ls->kind == LOAD_TWO_PART && !ls->loader[0])
		strbuf_add(sb, ", and the loader that it lists");
	else if ((ls->kind == LOAD_JAVA || ls->kind == LOAD_KIND_UNKNOWN) && ls->n_members == 0)
		strbuf_add(sb, ", and the files that it lists");
}

void report_phone_fill(struct report_phone *ret, const struct phone *p, const struct config *cfg,
		       const struct report_time *t)
{
	const struct plan *pl = p->plan[0] ? config_plan(cfg, p->plan) : NULL;
	const struct site *site = config_site(cfg, p->giaddr, p->address);
	int64_t engine_ms = observed_clock_now(&t->clock, t->now_ms, cfg->limits.tick_gap);

	*ret = (struct report_phone){ .phone = *p, .stages = pl ? (int)pl->n_stages : 0 };
	phone_unplug(p, pl, &cfg->limits, engine_ms, &ret->unplug);
	ret->last_event_ms = p->last_event_ms ? p->last_event_ms + t->clock.skew_ms : 0;
	if (site)
		(void)text_copy(ret->site, sizeof(ret->site), site->name);
}

const char *report_time_local(char buf[static TIME_TEXT_SIZE], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (ms == 0 || !localtime_r(&t, &tm) || strftime(buf, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		memcpy(buf, "-", 2);
	return buf;
}

const char *report_time_utc(char buf[static TIME_TEXT_SIZE], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		memcpy(buf, "-", 2);
	return buf;
}
