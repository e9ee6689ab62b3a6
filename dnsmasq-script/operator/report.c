/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the writers share: times, and which flags are for people to see.
 */
#include "report.h"

#include <string.h>
#include <time.h>

/* Attention and standing (design: flags); the others are the engine's memory and say nothing to an
 * operator. */
#define SHOWN_FLAGS                                                                              \
	(PHONE_STOPPED | PHONE_NEEDS_REBOOT | PHONE_LATE | PHONE_PROVISIONED | PHONE_FORGOTTEN | \
	 PHONE_ON_LAST | PHONE_SKIP)

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

const char *report_mark_name(enum report_mark m)
{
	static const char *const names[MARK_COUNT] = { "behind", "enters", "here", "ahead" };

	return names[m];
}

bool report_writing(const struct phone *p)
{
	return p->phase == PHASE_FLASHING || p->phase == PHASE_HALF_FLASHED;
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
