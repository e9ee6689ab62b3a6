/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The lines of TFTP servers' logs to events: dnsmasq (D§2, LC_ALL=C) and tftpd-hpa (D§6). In front: a stamp and
 * perhaps a host name, cut off by the program's tag; behind: one of a few sentences, taken apart from their
 * ends, since a path may hold anything. One row of `formats` is all that is known of a server.
 */
#include "tftplog.h"

#include <string.h>
#include <time.h>

#define LINE_BYTES_MAX 4096 /* a path is at most TFTPLOG_PATH_MAX; what is longer is cut or not dnsmasq's */
#define PID_DIGITS 9
#define IN_EVERY_TAG "tftp"
#define YEARS_BACK 8 /* 29 February comes every four years, once after eight */

/* Text that shrinks from both ends. */
struct span {
	const char *p;
	size_t len;
};

static bool take_head(struct span *s, const char *head)
{
	size_t n = strlen(head);

	if (s->len < n || memcmp(s->p, head, n) != 0)
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

static bool take_char(struct span *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

/* n digits as a number within min…max. */
static bool take_number(struct span *s, size_t n, int min, int max, int *ret)
{
	int v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	if (v < min || v > max)
		return false;
	s->p += n;
	s->len -= n;
	*ret = v;
	return true;
}

/* ---- stamps */

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

	if (!take_number(s, 2, 0, 23, &t->hour) || !take_char(s, ':') || !take_number(s, 2, 0, 59, &t->min) ||
	    !take_char(s, ':') || !take_number(s, 2, 0, 60, &t->sec))
		return false;
	if (t->sec == 60)
		t->sec = 59;
	t->ms = 0;
	if (s->len < 2 || s->p[0] != '.' || s->p[1] < '0' || s->p[1] > '9')
		return true;
	(void)take_char(s, '.');
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
		if (take_head(s, months[m]))
			t.month = m + 1;
	if (t.month == 0)
		return false;
	if (!(take_char(s, ' ') ? take_number(s, 1, 1, 9, &t.day) : take_number(s, 2, 1, 31, &t.day)))
		return false;
	if (!take_char(s, ' ') || !take_time(s, &t) || !take_char(s, ' '))
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
	if (take_char(s, 'Z')) {
		*ret_offset_s = 0;
		return true;
	}
	bool east = take_char(s, '+');
	if (!east && !take_char(s, '-'))
		return true;
	if (!take_number(s, 2, 0, 15, &h))
		return false;
	(void)take_char(s, ':');
	if (!take_number(s, 2, 0, 59, &m))
		return false;
	*ret_offset_s = (east ? 1 : -1) * (h * 3600 + m * 60);
	return true;
}

/* RFC 3339: "2025-11-23T03:00:25.5+01:00 ", also with a blank for the T. */
static bool take_rfc3339_stamp(struct span *s, int utc_offset_s, int64_t *ret_ms)
{
	struct stamp t = { .month = 0 };
	int offset_s = 0;

	if (!take_number(s, 4, 1970, 9999, &t.year) || !take_char(s, '-') ||
	    !take_number(s, 2, 1, 12, &t.month) || !take_char(s, '-') ||
	    !take_number(s, 2, 1, days_in(t.year, t.month), &t.day))
		return false;
	if ((!take_char(s, 'T') && !take_char(s, ' ')) || !take_time(s, &t) ||
	    !take_zone(s, utc_offset_s, &offset_s) || !take_char(s, ' '))
		return false;
	*ret_ms = stamp_ms(&t) - (int64_t)offset_s * 1000;
	return true;
}

static bool take_stamp(struct span *s, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms)
{
	struct span try = *s;

	if (take_syslog_stamp(&try, not_after_ms, utc_offset_s, ret_ms)) {
		*s = try;
		return true;
	}
	try = *s;
	if (take_rfc3339_stamp(&try, utc_offset_s, ret_ms)) {
		*s = try;
		return true;
	}
	return false;
}

/* "TAG[PID]: " or, without PID, "TAG: ". */
static bool take_tag(struct span *s, const char *tag, uint32_t *ret_pid)
{
	struct span try = *s;
	uint32_t pid = 0;

	if (!take_head(&try, tag))
		return false;
	if (take_char(&try, '[')) {
		size_t n = 0;

		for (; n < try.len && n < PID_DIGITS && try.p[n] >= '0' && try.p[n] <= '9'; n++)
			pid = pid * 10 + (uint32_t)(try.p[n] - '0');
		if (n == 0)
			return false;
		try.p += n;
		try.len -= n;
		if (!take_char(&try, ']'))
			return false;
	}
	if (!take_head(&try, ": "))
		return false;
	*s = try;
	*ret_pid = pid;
	return true;
}

/* ---- sentences */

/* "HEAD path MIDDLE ip": `middle` NULL: no address. */
static const struct sentence {
	const char *head;
	const char *middle;
	enum event_kind kind;
	bool client_error;
} sentences[] = {
	{ "sent ", " to ", EVENT_SENT, false },
	{ "failed sending ", " to ", EVENT_FAILED, false },
	{ "timeout sending ", " to ", EVENT_FAILED, false },
	{ "file ", " not found for ", EVENT_MISSING, false },
	{ "error ", " received from ", EVENT_FAILED, true },
	{ "cannot access ", ": ", EVENT_FAILED, false },
	{ "cannot read ", ": ", EVENT_FAILED, false },
};
#define N_SENTENCES (sizeof(sentences) / sizeof(sentences[0]))

/* Cuts `s` at the last `middle`; *ret_rest is what stands behind it. */
static bool split_last(struct span *s, const char *middle, struct span *ret_rest)
{
	size_t n = strlen(middle);

	for (size_t i = s->len >= n ? s->len - n + 1 : 0; i-- > 0;) {
		if (memcmp(s->p + i, middle, n) != 0)
			continue;
		*ret_rest = (struct span){ s->p + i + n, s->len - i - n };
		s->len = i;
		return true;
	}
	return false;
}

static bool read_client(const struct span *s, struct ip4 *ret)
{
	char text[IP4_TEXT_SIZE];

	if (s->len == 0 || s->len >= sizeof(text))
		return false;
	memcpy(text, s->p, s->len);
	text[s->len] = '\0';
	return parse_ip4("client", text, ret, NULL) == 0;
}

/* "8 Unable to write": a number, then perhaps words. */
static bool is_error(struct span s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n > 0 && n < 6 && (n == s.len || s.p[n] == ' ');
}

static bool read_sentence(const struct sentence *k, struct span s, struct tftplog_line *ret)
{
	struct span rest;
	bool no_client = k->middle[0] == ':'; /* the reason stands behind it, not an address (D§2) */

	if (!take_head(&s, k->head) || !split_last(&s, k->middle, &rest))
		return false;
	if (no_client ? rest.len == 0 : !read_client(&rest, &ret->client))
		return false;
	ret->kind = k->kind;
	ret->client_error = k->client_error;
	if (k->client_error)
		return is_error(s);
	if (s.len == 0 || s.len >= sizeof(ret->path))
		return false;
	memcpy(ret->path, s.p, s.len);
	return true;
}

static int read_dnsmasq(struct span s, struct tftplog_line *ret)
{
	for (size_t i = 0; i < N_SENTENCES; i++) {
		struct tftplog_line out = *ret;

		if (read_sentence(&sentences[i], s, &out)) {
			*ret = out;
			return 0;
		}
	}
	return 1;
}

/* ---- tftpd-hpa: one process a request, and its number in each line (D§6) */

/* Cuts `s` at the first `middle`; *ret_rest is what stands behind it. */
static bool split_first(struct span *s, const char *middle, struct span *ret_rest)
{
	size_t n = strlen(middle);

	for (size_t i = 0; i + n <= s->len; i++) {
		if (memcmp(s->p + i, middle, n) != 0)
			continue;
		*ret_rest = (struct span){ s->p + i + n, s->len - i - n };
		s->len = i;
		return true;
	}
	return false;
}

/* "10.0.0.9/NAME" for a client at 10.0.0.9 who asked for NAME: our map's doing (with tftpmap). */
static bool is_below_address(const struct span *s, const struct ip4 *client)
{
	char text[IP4_TEXT_SIZE];
	struct span at = *s;

	return take_head(&at, ip4_format(text, *client)) && at.len > 1 && at.p[0] == '/';
}

/* " remapped to " may be part of a name: then it stands in the new name once more, and the middle one parts
 * the two. */
static void split_remapped(struct span *name, struct tftplog_line *ret)
{
	static const char middle[] = " remapped to ";
	struct span head = *name, rest;

	while (split_first(&head, middle, &rest)) {
		if (is_below_address(&rest, &ret->client)) {
			ret->mapped = true;
			name->len = (size_t)(rest.p - name->p) - (sizeof(middle) - 1);
			return;
		}
		head = rest;
	}
	(void)split_first(name, middle, &rest); /* some other map of the site's */
}

/* "RRQ from 10.0.0.9 filename NAME" or "… NAME remapped to NEW". */
static bool read_request(struct span s, struct tftplog_line *ret)
{
	struct span name;

	if (!take_head(&s, "RRQ from ") || !split_first(&s, " filename ", &name) ||
	    !read_client(&s, &ret->client))
		return false;
	split_remapped(&name, ret);
	if (name.len == 0 || name.len >= sizeof(ret->path))
		return false;
	memcpy(ret->path, name.p, name.len);
	ret->kind = EVENT_ASKED;
	return true;
}

/* "sending NAK (1, File not found) to 10.0.0.9". Code 1 is the one that says that the file is not there (RFC 1350 §5);
 * in.tftpd sends 0 with the reason for the rest. */
static bool read_nak(struct span s, struct tftplog_line *ret)
{
	struct span client;
	int code;

	if (!take_head(&s, "sending NAK (") || !split_last(&s, ") to ", &client) ||
	    !read_client(&client, &ret->client) || !take_number(&s, 1, 0, 8, &code) || !take_char(&s, ','))
		return false;
	ret->kind = code == 1 ? EVENT_MISSING : EVENT_FAILED;
	ret->answer = true;
	return true;
}

/* The client refused what the server made of its options: that transfer was none. The line names nobody. */
static bool read_refused(struct span s, struct tftplog_line *ret)
{
	ret->kind = EVENT_FAILED;
	ret->answer = true;
	return take_head(&s, "tftp: client does not accept options") && s.len == 0;
}

static int read_tftpd_hpa(struct span s, struct tftplog_line *ret)
{
	static bool (*const readers[])(struct span, struct tftplog_line *) = { read_request, read_nak,
									       read_refused };

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct tftplog_line out = *ret;

		if (readers[i](s, &out)) {
			*ret = out;
			return 0;
		}
	}
	return 1;
}

/* ---- formats */

static const struct format {
	const char *name; /* as `[tftp] daemon` and --format have it */
	const char *tag;
	int (*read)(struct span s, struct tftplog_line *ret); /* *ret: stamp and process; 0 = an event, 1 = none */
} formats[TFTPLOG_FORMATS] = {
	[TFTPLOG_AUTO] = { "auto", NULL, NULL },
	[TFTPLOG_DNSMASQ] = { "dnsmasq", "dnsmasq-tftp", read_dnsmasq },
	[TFTPLOG_TFTPD_HPA] = { "tftpd-hpa", "in.tftpd", read_tftpd_hpa },
};

/* The tag of the format, or for AUTO whichever stands there. */
static const struct format *take_format(enum tftplog_format f, struct span *s, uint32_t *ret_pid)
{
	for (int i = 0; i < TFTPLOG_FORMATS; i++)
		if (formats[i].tag && (f == TFTPLOG_AUTO || f == (enum tftplog_format)i) &&
		    take_tag(s, formats[i].tag, ret_pid))
			return &formats[i];
	return NULL;
}

/* Behind the stamp a host name may stand; without a stamp (standard error of dnsmasq -k) neither. */
static const struct format *take_program(enum tftplog_format f, bool stamped, struct span *s, uint32_t *ret_pid)
{
	const struct format *found = take_format(f, s, ret_pid);
	const char *blank = stamped && !found ? memchr(s->p, ' ', s->len) : NULL;

	if (!blank || blank == s->p)
		return found;
	s->len -= (size_t)(blank + 1 - s->p);
	s->p = blank + 1;
	return take_format(f, s, ret_pid);
}

int tftplog_parse(enum tftplog_format f, const char *line, size_t len, int64_t not_after_ms, int utc_offset_s,
		  struct tftplog_line *ret)
{
	struct span s = { line, len };
	struct tftplog_line out = { .at_ms = 0 };

	while (s.len > 0 && (s.p[s.len - 1] == '\n' || s.p[s.len - 1] == '\r'))
		s.len--;
	if (s.len == 0 || s.len > LINE_BYTES_MAX || memchr(s.p, '\0', s.len))
		return 1;
	bool stamped = take_stamp(&s, not_after_ms, utc_offset_s, &out.at_ms);
	const struct format *found = take_program(f, stamped, &s, &out.pid);
	if (!found || found->read(s, &out))
		return 1;
	*ret = out;
	return 0;
}

const char *tftplog_look(const char *text, size_t len)
{
	return memmem(text, len, IN_EVERY_TAG, sizeof(IN_EVERY_TAG) - 1);
}

int tftplog_format_parse(const char *name, enum tftplog_format *ret)
{
	for (int i = 0; i < TFTPLOG_FORMATS; i++) {
		if (strcmp(formats[i].name, name) != 0)
			continue;
		*ret = (enum tftplog_format)i;
		return 0;
	}
	return 1;
}

const char *tftplog_format_name(enum tftplog_format f)
{
	return f < TFTPLOG_FORMATS ? formats[f].name : "?";
}
