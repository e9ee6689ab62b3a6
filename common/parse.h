/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Text to value, strictly: the whole text must be the value, no blanks around it, no sign where none belongs.
 * `what` is the name of the setting or thing and opens the message ("proof-silence: \"12x\" is not a
 * duration"). 0 = done, -1 = not that (ERR_INPUT). Values are small structs that are copied by assignment.
 */
#ifndef LOADSTEP_PARSE_H
#define LOADSTEP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct mac {
	uint8_t b[6];
};

struct ip4 {
	uint32_t host; /* host byte order; 0 = none */
};

struct net4 {
	struct ip4 base;
	int prefix; /* 0..32 */
};

#define MAC_TEXT_SIZE 18 /* "00:1b:0c:18:bd:c1" */
#define IP4_TEXT_SIZE 16

int parse_int(const char *what, const char *text, int64_t min, int64_t max, int64_t *ret, struct err *e)
	MUST_CHECK;
/* yes|no|true|false|on|off */
int parse_bool(const char *what, const char *text, bool *ret, struct err *e) MUST_CHECK;

/* "120s", "500ms", "10m", "2h", "1d"; a unit is required; up to 10 years. */
int parse_duration(const char *what, const char *text, int64_t *ret_ms, struct err *e) MUST_CHECK;
int parse_percent(const char *what, const char *text, int *ret, struct err *e) MUST_CHECK; /* "5%": 0..100 */

/* Any spelling: 00:1b:0c:18:bd:c1, 00-1B-…, 001b.0c18.bdc1, 001b0c18bdc1, SEP001B0C18BDC1. */
int parse_mac(const char *what, const char *text, struct mac *ret, struct err *e) MUST_CHECK;
/* dotted quad, not 0.0.0.0 */
int parse_ip4(const char *what, const char *text, struct ip4 *ret, struct err *e) MUST_CHECK;
/* base bits beyond the prefix must be 0 */
int parse_net4(const char *what, const char *text, struct net4 *ret, struct err *e) MUST_CHECK;

bool mac_equal(const struct mac *a, const struct mac *b);
const char *mac_format(char buf[static MAC_TEXT_SIZE], const struct mac *m); /* lower case, colons */
/* upper case, no separators, as in file names */
const char *mac_format_bare(char buf[static MAC_TEXT_SIZE], const struct mac *m);
const char *ip4_format(char buf[static IP4_TEXT_SIZE], struct ip4 a);
bool net4_contains(const struct net4 *n, struct ip4 a);

/* Next word of *cursor (blanks, tabs, commas between words); moves *cursor behind it. 0 = a word, 1 = no
 * more. */
int parse_word(const char **cursor, const char **ret_word, size_t *ret_len);

#endif
