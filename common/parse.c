/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Strict parsers. Each reads the whole text by hand: strtol and inet_aton accept blanks, signs, octal and
 * short forms that an administrator did not mean. What was typed is shown escaped, for it may come from a
 * file or the network.
 */
#include "parse.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#define SHOWN_SIZE 72 /* of a wrong value, as much as helps to find it */
#define DURATION_MAX_MS (INT64_C(3653) * 24 * 3600 * 1000) /* ten years */

static int refuse(struct err *e, const char *what, const char *text, const char *expected)
{
	char shown[SHOWN_SIZE];

	text_escape(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_INPUT, "%s: \"%s\" is not %s", what, shown, expected);
}

/* Digits at *cursor as a number of at most INT64_MAX; false when there is none or it is larger. */
static bool read_digits(const char **cursor, int64_t *ret)
{
	const char *p = *cursor;
	int64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		int digit = *p - '0';

		if (v > (INT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*cursor = p;
	*ret = v;
	return true;
}

int parse_int(const char *what, const char *text, int64_t min, int64_t max, int64_t *ret, struct err *e)
{
	const char *p = text;
	bool negative = min < 0 && *p == '-';
	int64_t v;

	if (negative)
		p++;
	if (!read_digits(&p, &v) || *p)
		return refuse(e, what, text, "a whole number");
	if (negative)
		v = -v;
	if (v < min || v > max)
		return err_set(e, ERR_INPUT, "%s: %lld is not between %lld and %lld", what, (long long)v,
			       (long long)min, (long long)max);
	*ret = v;
	return 0;
}

int parse_bool(const char *what, const char *text, bool *ret, struct err *e)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true }, { "true", true },   { "on", true },
		{ "no", false }, { "false", false }, { "off", false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*ret = words[i].value;
			return 0;
		}
	}
	return refuse(e, what, text, "yes or no");
}

int parse_duration(const char *what, const char *text, int64_t *ret_ms, struct err *e)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
	};
	const char *p = text;
	int64_t v;

	if (!read_digits(&p, &v))
		return refuse(e, what, text, "a duration (such as 500ms, 120s, 10m, 2h, 1d)");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (v > DURATION_MAX_MS / units[i].ms)
			return refuse(e, what, text, "a duration of at most ten years");
		*ret_ms = v * units[i].ms;
		return 0;
	}
	return refuse(e, what, text, "a duration with its unit (such as 500ms, 120s, 10m, 2h, 1d)");
}

int parse_percent(const char *what, const char *text, int *ret, struct err *e)
{
	const char *p = text;
	int64_t v;

	if (!read_digits(&p, &v) || strcmp(p, "%") != 0 || v > 100)
		return refuse(e, what, text, "a percentage from 0% to 100%");
	*ret = (int)v;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Twelve digits with `sep` between groups of `group`, and nothing behind them. */
static bool mac_read(const char *text, int group, char sep, struct mac *ret)
{
	struct mac m = { { 0 } };
	const char *p = text;

	for (int i = 0; i < 12; i++) {
		int d;

		if (i && i % group == 0 && *p++ != sep)
			return false;
		d = hex_digit(*p);
		if (d < 0)
			return false;
		p++;
		m.b[i / 2] = (uint8_t)(m.b[i / 2] << 4 | d);
	}
	if (*p)
		return false;
	*ret = m;
	return true;
}

int parse_mac(const char *what, const char *text, struct mac *ret, struct err *e)
{
	static const struct {
		int group;
		char sep;
	} spellings[] = { { 2, ':' }, { 2, '-' }, { 4, '.' }, { 12, '\0' } };

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (mac_read(text, spellings[i].group, spellings[i].sep, ret))
			return 0;
	if (strncasecmp(text, "SEP", 3) == 0 && mac_read(text + 3, 12, '\0', ret))
		return 0;
	return refuse(e, what, text, "a MAC address (such as 00:1b:0c:18:bd:c1 or SEP001B0C18BDC1)");
}

/* Four numbers of 0..255 with dots, without leading zeros (which some programs read as octal). */
static bool quad_read(const char **cursor, struct ip4 *ret)
{
	const char *p = *cursor;
	uint32_t host = 0;

	for (int i = 0; i < 4; i++) {
		const char *start;
		int64_t v;

		if (i && *p++ != '.')
			return false;
		start = p;
		if (!read_digits(&p, &v) || v > 255 || (*start == '0' && p - start > 1))
			return false;
		host = host << 8 | (uint32_t)v;
	}
	*cursor = p;
	ret->host = host;
	return true;
}

int parse_ip4(const char *what, const char *text, struct ip4 *ret, struct err *e)
{
	const char *p = text;
	struct ip4 a;

	if (!quad_read(&p, &a) || *p || a.host == 0)
		return refuse(e, what, text, "an IPv4 address (such as 192.168.1.1)");
	*ret = a;
	return 0;
}

static uint32_t net4_mask(int prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

int parse_net4(const char *what, const char *text, struct net4 *ret, struct err *e)
{
	const char *p = text;
	struct net4 n;
	int64_t prefix;

	if (!quad_read(&p, &n.base) || *p++ != '/' || !read_digits(&p, &prefix) || *p || prefix > 32)
		return refuse(e, what, text, "a network (such as 192.168.1.0/24)");
	n.prefix = (int)prefix;
	if (n.base.host & ~net4_mask(n.prefix)) {
		char base[IP4_TEXT_SIZE];
		struct ip4 a = { n.base.host & net4_mask(n.prefix) };

		return err_set(e, ERR_INPUT, "%s: \"%s\" is an address in a network; the network is %s/%d",
			       what, text, ip4_format(base, a), n.prefix);
	}
	*ret = n;
	return 0;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

const char *mac_format(char buf[static MAC_TEXT_SIZE], const struct mac *m)
{
	static const char digits[] = "0123456789abcdef";
	char *p = buf;

	for (int i = 0; i < 6; i++) {
		*p++ = digits[m->b[i] >> 4];
		*p++ = digits[m->b[i] & 15];
		*p++ = i < 5 ? ':' : '\0';
	}
	return buf;
}

const char *mac_format_bare(char buf[static MAC_TEXT_SIZE], const struct mac *m)
{
	snprintf(buf, MAC_TEXT_SIZE, "%02X%02X%02X%02X%02X%02X", m->b[0], m->b[1], m->b[2], m->b[3], m->b[4],
		 m->b[5]);
	return buf;
}

const char *ip4_format(char buf[static IP4_TEXT_SIZE], struct ip4 a)
{
	char *p = buf;

	for (int shift = 24; shift >= 0; shift -= 8) {
		unsigned v = a.host >> shift & 255;

		if (v >= 100)
			*p++ = (char)('0' + v / 100);
		if (v >= 10)
			*p++ = (char)('0' + v / 10 % 10);
		*p++ = (char)('0' + v % 10);
		*p++ = shift ? '.' : '\0';
	}
	return buf;
}

bool net4_contains(const struct net4 *n, struct ip4 a)
{
	return ((a.host ^ n->base.host) & net4_mask(n->prefix)) == 0;
}

int parse_word(const char **cursor, const char **ret_word, size_t *ret_len)
{
	static const char between[] = " \t,";
	const char *word = *cursor + strspn(*cursor, between);
	size_t len = strcspn(word, between);

	*cursor = word + len;
	if (len == 0)
		return 1;
	*ret_word = word;
	*ret_len = len;
	return 0;
}
