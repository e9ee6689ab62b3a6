/* SPDX-License-Identifier: MPL-2.0 */
/* See when.h. Read by hand: strptime takes blanks, signs and half a number. */
#include "when.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "parse.h"
#include "strbuf.h"

#define DAY_S 86400
#define YEAR_MIN 1970
#define YEAR_MAX 9999

struct moment {
	struct tm tm;
	int ms;
	bool zoned; /* a zone was named */
	int east_s; /* of UTC */
};

/* So many digits, no more and no fewer. */
static bool digits(const char **cursor, int n, int min, int max, int *ret)
{
	const char *p = *cursor;
	int v = 0;

	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (*p - '0');
	}
	if (v < min || v > max)
		return false;
	*cursor = p;
	*ret = v;
	return true;
}

static bool character(const char **cursor, char c)
{
	if (**cursor != c)
		return false;
	++*cursor;
	return true;
}

static bool date(const char **cursor, struct tm *ret)
{
	const char *p = *cursor;
	int year, month;

	if (!digits(&p, 4, YEAR_MIN, YEAR_MAX, &year) || !character(&p, '-') ||
	    !digits(&p, 2, 1, 12, &month) || !character(&p, '-') || !digits(&p, 2, 1, 31, &ret->tm_mday))
		return false;
	ret->tm_year = year - 1900;
	ret->tm_mon = month - 1;
	*cursor = p;
	return true;
}

/* Up to milliseconds; what is finer is passed over. */
static bool fraction(const char **cursor, int *ret_ms)
{
	int unit = 100, ms = 0;
	const char *p = *cursor;

	for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
		ms += (*p - '0') * unit;
	if (p == *cursor)
		return false;
	*cursor = p;
	*ret_ms = ms;
	return true;
}

static bool clock_time(const char **cursor, struct moment *ret)
{
	if (!digits(cursor, 2, 0, 23, &ret->tm.tm_hour) || !character(cursor, ':') ||
	    !digits(cursor, 2, 0, 59, &ret->tm.tm_min))
		return false;
	if (!character(cursor, ':'))
		return true;
	return digits(cursor, 2, 0, 59, &ret->tm.tm_sec) &&
	       (!character(cursor, '.') || fraction(cursor, &ret->ms));
}

static bool zone(const char **cursor, struct moment *ret)
{
	int hours, minutes, sign = **cursor == '-' ? -1 : 1;

	if (**cursor == '\0')
		return true;
	ret->zoned = true;
	if (character(cursor, 'Z'))
		return true;
	if (!character(cursor, '+') && !character(cursor, '-'))
		return false;
	if (!digits(cursor, 2, 0, 23, &hours))
		return false;
	(void)character(cursor, ':');
	if (!digits(cursor, 2, 0, 59, &minutes))
		return false;
	ret->east_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool dated(const char *text, struct moment *ret)
{
	if (!date(&text, &ret->tm))
		return false;
	if (*text == '\0')
		return true;
	if (!character(&text, 'T') && !character(&text, ' '))
		return false;
	return clock_time(&text, ret) && zone(&text, ret) && *text == '\0';
}

/* The 31st of a month that has none is no moment. */
static bool exists(const struct moment *m, int64_t *ret_ms)
{
	struct tm tm = m->tm;
	time_t s;

	tm.tm_isdst = -1;
	s = m->zoned ? timegm(&tm) : mktime(&tm);
	if (tm.tm_mday != m->tm.tm_mday || tm.tm_mon != m->tm.tm_mon)
		return false;
	*ret_ms = ((int64_t)s - m->east_s) * 1000 + m->ms;
	return true;
}

/* Midnight of the local day `days` before today's. */
static bool midnight(int64_t now_ms, int days, struct moment *ret)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return false;
	/* noon of that day is that day, whatever the clocks did at night */
	tm.tm_hour = 12;
	tm.tm_isdst = -1;
	time_t noon = mktime(&tm) - (time_t)days * DAY_S;

	if (!localtime_r(&noon, &tm))
		return false;
	ret->tm = (struct tm){ .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
	return true;
}

static bool named(const char *text, int64_t now_ms, struct moment *ret)
{
	return (strcmp(text, "today") == 0 && midnight(now_ms, 0, ret)) ||
	       (strcmp(text, "yesterday") == 0 && midnight(now_ms, 1, ret));
}

/* "14:30": today's, or yesterday's while today's has not come. */
static bool of_day(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	for (int days = 0; days < 2; days++) {
		struct moment m = { .ms = 0 };
		const char *p = text;

		if (!midnight(now_ms, days, &m) || !clock_time(&p, &m) || *p != '\0' || !exists(&m, ret_ms))
			return false;
		if (*ret_ms <= now_ms)
			return true;
	}
	return true;
}

int when_parse(const char *what, const char *text, int64_t now_ms, int64_t *ret_ms, struct err *e)
{
	struct moment m = { .ms = 0 };
	char shown[72];
	int64_t ms;

	if (parse_duration(what, text, &ms, NULL) == 0)
		ms = now_ms - ms;
	else if (strcmp(text, "now") == 0)
		ms = now_ms;
	else if (!((dated(text, &m) || named(text, now_ms, &m)) && exists(&m, &ms)) &&
		 !of_day(text, now_ms, &ms))
		return err_set(e, ERR_INPUT,
			       "%s: \"%s\" is no time (such as 2h, 14:30, yesterday, \"2026-01-31 14:30\", "
			       "2026-01-31T14:30:00Z)",
			       what, text_escape(shown, sizeof(shown), text, strlen(text)));
	*ret_ms = ms;
	return 0;
}
