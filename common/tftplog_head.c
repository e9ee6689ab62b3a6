/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What stands in front of a line: the stamps of syslog files (RFC 3164, RFC 3339), of journalctl's short forms, and
 * RFC 5424's header.
 */
#include "tftplog_priv.h"

#include <string.h>
#include <time.h>

#define YEARS_BACK 8 /* 29 February comes every four years, once after eight */
#define SECONDS_DIGITS 11 /* journalctl -o short-unix; some thousand years */
#define PID_DIGITS 9

static bool is_leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct stamp {
	int year, month, day, hour, min, sec, ms;
};

/* Days from 1970-01-01 in the proleptic calendar; years from 1970 on. */
static int64_t stamp_ms(const struct stamp *t)
{
	int64_t y = t->year - 1;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 - 719162;

	for (int m = 1; m < t->month; m++)
		days += days_in(t->year, m);
	days += t->day - 1;
	return (((days * 24 + t->hour) * 60 + t->min) * 60 + t->sec) * 1000 + t->ms;
}

/* "03:00:25", perhaps with a fraction. A leap second counts as the one before. */
static bool take_time(struct span *s, struct stamp *t)
{
	int scale = 100;

	if (!span_number(s, 2, 0, 23, &t->hour) || !span_char(s, ':') || !span_number(s, 2, 0, 59, &t->min) ||
	    !span_char(s, ':') || !span_number(s, 2, 0, 60, &t->sec))
		return false;
	if (t->sec == 60)
		t->sec = 59;
	t->ms = 0;
	if (s->len < 2 || s->p[0] != '.' || s->p[1] < '0' || s->p[1] > '9')
		return true;
	(void)span_char(s, '.');
	for (; s->len > 0 && s->p[0] >= '0' && s->p[0] <= '9'; s->p++, s->len--) {
		t->ms += (s->p[0] - '0') * scale;
		scale /= 10;
	}
	return true;
}

static int year_of(int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	return gmtime_r(&s, &tm) ? tm.tm_year + 1900 : 1970;
}

/* "Nov 23 03:00:25 ", "Nov  3 …": the latest such moment that is not in the future. */
static bool take_syslog_stamp(struct span *s, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms)
{
	static const char *const months[] = { "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
					      "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec " };
	struct stamp t = { .month = 0 };
	int64_t offset_ms = (int64_t)utc_offset_s * 1000;

	for (int m = 0; m < 12 && t.month == 0; m++)
		if (span_head(s, months[m]))
			t.month = m + 1;
	if (t.month == 0)
		return false;
	if (!(span_char(s, ' ') ? span_number(s, 1, 1, 9, &t.day) : span_number(s, 2, 1, 31, &t.day)))
		return false;
	if (!span_char(s, ' ') || !take_time(s, &t) || !span_char(s, ' '))
		return false;
	int newest = year_of(not_after_ms + offset_ms);
	for (t.year = newest; t.year > newest - YEARS_BACK && t.year >= 1970; t.year--) {
		int64_t ms = stamp_ms(&t) - offset_ms;
		if (t.day <= days_in(t.year, t.month) && ms <= not_after_ms) {
			*ret_ms = ms;
			return true;
		}
	}
	return false;
}

/* "Z", "+01:00", "+0100", or nothing: then the caller's zone. */
static bool take_zone(struct span *s, int utc_offset_s, int *ret_offset_s)
{
	int h = 0, m = 0;

	*ret_offset_s = utc_offset_s;
	if (span_char(s, 'Z')) {
		*ret_offset_s = 0;
		return true;
	}
	bool east = span_char(s, '+');
	if (!east && !span_char(s, '-'))
		return true;
	if (!span_number(s, 2, 0, 15, &h))
		return false;
	(void)span_char(s, ':');
	if (!span_number(s, 2, 0, 59, &m))
		return false;
	*ret_offset_s = (east ? 1 : -1) * (h * 3600 + m * 60);
	return true;
}

/* RFC 3339: "2025-11-23T03:00:25.5+01:00 ", also with a blank for the T. */
static bool take_rfc3339_stamp(struct span *s, int utc_offset_s, int64_t *ret_ms)
{
	struct stamp t = { .month = 0 };
	int offset_s = 0;

	if (!span_number(s, 4, 1970, 9999, &t.year) || !span_char(s, '-') ||
	    !span_number(s, 2, 1, 12, &t.month) || !span_char(s, '-') ||
	    !span_number(s, 2, 1, days_in(t.year, t.month), &t.day))
		return false;
	if ((!span_char(s, 'T') && !span_char(s, ' ')) || !take_time(s, &t) ||
	    !take_zone(s, utc_offset_s, &offset_s) || !span_char(s, ' '))
		return false;
	*ret_ms = stamp_ms(&t) - (int64_t)offset_s * 1000;
	return true;
}

/* journalctl -o short-unix: "1763866825.123456 ". */
static bool take_unix_stamp(struct span *s, int64_t *ret_ms)
{
	uint64_t seconds;
	int ms = 0, scale = 100;

	if (!span_digits(s, SECONDS_DIGITS, &seconds) || !span_char(s, '.') || s->len == 0 || s->p[0] == ' ')
		return false;
	for (; s->len > 0 && s->p[0] >= '0' && s->p[0] <= '9'; s->p++, s->len--) {
		ms += (s->p[0] - '0') * scale;
		scale /= 10;
	}
	*ret_ms = (int64_t)seconds * 1000 + ms;
	return span_char(s, ' ');
}

/* "<29>" */
static bool take_priority(struct span *s)
{
	struct span try = *s;
	uint64_t priority;

	if (!span_char(&try, '<') || !span_digits(&try, 3, &priority) || !span_char(&try, '>'))
		return false;
	*s = try;
	return true;
}

bool tftplog_stamp(struct span *s, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms)
{
	struct span try = *s;

	(void)take_priority(&try);
	*s = try;
	if (take_syslog_stamp(&try, not_after_ms, utc_offset_s, ret_ms)) {
		*s = try;
		return true;
	}
	try = *s;
	if (take_rfc3339_stamp(&try, utc_offset_s, ret_ms)) {
		*s = try;
		return true;
	}
	try = *s;
	if (take_unix_stamp(&try, ret_ms)) {
		*s = try;
		return true;
	}
	return false;
}

/* Structured data: "-", or elements in brackets, in whose quoted values a bracket may stand (RFC 5424 §6.3). */
static bool take_data(struct span *s)
{
	bool quoted = false, element = false;

	if (span_head(s, "- "))
		return true;
	while (s->len > 0) {
		char c = s->p[0];

		if (c == '\\' && quoted && s->len > 1)
			(void)span_char(s, c);
		else if (c == '"' && element)
			quoted = !quoted;
		else if (c == (element ? ']' : '[') && !quoted)
			element = !element;
		else if (!element)
			return c == ' ' && span_char(s, ' ');
		s->p++;
		s->len--;
	}
	return false;
}

bool tftplog_rfc5424(struct span *s, struct tftplog_head *ret)
{
	struct span try = *s, word;
	struct tftplog_head out = { .at_ms = 0 };
	uint64_t pid;

	if (!take_priority(&try) || !span_head(&try, "1 "))
		return false;
	if (!span_head(&try, "- ") && !take_rfc3339_stamp(&try, 0, &out.at_ms))
		return false;
	if (!span_word(&try, &word) || !span_word(&try, &out.tag) || !span_word(&try, &word))
		return false;
	if (span_digits(&word, PID_DIGITS, &pid) && word.len == 0)
		out.pid = (uint32_t)pid;
	if (!span_word(&try, &word) || !take_data(&try))
		return false;
	(void)span_head(&try, "\xef\xbb\xbf"); /* the message is UTF-8 */
	*s = try;
	*ret = out;
	return true;
}
