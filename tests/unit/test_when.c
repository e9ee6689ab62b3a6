/* SPDX-License-Identifier: MPL-2.0 */
/* Moments as people name them, in a zone that has summer time. */
#include "when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW INT64_C(1767614405000) /* Monday, 2026-01-05 12:00:05 UTC, 13:00:05 in Berlin */

static const struct row {
	const char *text;
	const char *utc; /* "" = no time */
} rows[] = {
	{ "now", "2026-01-05 12:00:05.000" },
	{ "2h", "2026-01-05 10:00:05.000" },
	{ "500ms", "2026-01-05 12:00:04.500" },
	{ "today", "2026-01-04 23:00:00.000" },
	{ "yesterday", "2026-01-03 23:00:00.000" },
	{ "13:00", "2026-01-05 12:00:00.000" },
	{ "13:00:05", "2026-01-05 12:00:05.000" },
	{ "13:00:06", "2026-01-04 12:00:06.000" }, /* today's is still to come */
	{ "23:59", "2026-01-04 22:59:00.000" },
	{ "2026-01-05", "2026-01-04 23:00:00.000" },
	{ "2026-01-05 13:00", "2026-01-05 12:00:00.000" },
	{ "2026-01-05T13:00:05", "2026-01-05 12:00:05.000" },
	{ "2026-01-05T12:00:05Z", "2026-01-05 12:00:05.000" },
	{ "2026-01-05T12:00:05.25Z", "2026-01-05 12:00:05.250" },
	{ "2026-01-05T12:00:05.123456+01:00", "2026-01-05 11:00:05.123" },
	{ "2026-01-05 12:00-0530", "2026-01-05 17:30:00.000" },
	{ "2025-07-01 12:00", "2025-07-01 10:00:00.000" }, /* summer */
	{ "2024-02-29", "2024-02-28 23:00:00.000" },
	{ "2030-01-01", "2029-12-31 23:00:00.000" }, /* the future is a time, too */
	{ "2025-02-29", "" },
	{ "2026-02-31 12:00Z", "" },
	{ "2026-13-01", "" },
	{ "2026-1-5", "" },
	{ "1969-12-31", "" },
	{ "2026-01-05 24:00", "" },
	{ "2026-01-05 12", "" },
	{ "2026-01-05 12:00 ", "" },
	{ "2026-01-05 12:00:05.Z", "" },
	{ "2026-01-05 12:00+1", "" },
	{ "2026-01-05Z", "" },
	{ " 13:00", "" },
	{ "13:00Z", "" },
	{ "1:00", "" },
	{ "2", "" },
	{ "-2h", "" },
	{ "", "" },
	{ "tomorrow", "" },
	{ "\033[31m", "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[64] = "", day[32];
		struct err e = { 0 };
		int64_t ms;

		if (when_parse("--since", rows[i].text, NOW, &ms, &e) == 0) {
			time_t t = (time_t)(ms / 1000);
			struct tm tm;

			assert_non_null(gmtime_r(&t, &tm));
			strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &tm);
			snprintf(got, sizeof(got), "%s.%03d", day, (int)(ms % 1000));
		} else {
			assert_int_equal(strncmp(e.text, "--since: \"", 10), 0);
			assert_null(strchr(e.text, '\033'));
		}
		if (strcmp(got, rows[i].utc) != 0)
			fail_msg("%s: %s", rows[i].text, got);
	}
}

/* The night in which the clocks go forward has 23 hours; yesterday is the day before all the same. */
static void test_short_night(void **state)
{
	struct err e;
	int64_t ms;

	(void)state;
	/* 2025-03-31 00:30 in Berlin; the clocks went forward on the 30th */
	assert_int_equal(when_parse("", "yesterday", INT64_C(1743373800000), &ms, &e), 0);
	assert_int_equal(ms, INT64_C(1743289200000));
}

static int berlin(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_short_night),
	};

	return cmocka_run_group_tests(tests, berlin, NULL);
}
