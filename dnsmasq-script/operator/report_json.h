/* SPDX-License-Identifier: MPL-2.0 */
/* What the writers for programs share: values that may be null, and a phone as `status --json` has it. */
#ifndef LOADSTEP_REPORT_JSON_H
#define LOADSTEP_REPORT_JSON_H

#include <string.h>

#include <jansson.h>

#include "parse.h"
#include "report.h"

static inline json_t *text_or_null(const char *text)
{
	char safe[4096];

	return text[0] ? json_string(text_escape(safe, sizeof(safe), text, strlen(text))) : json_null();
}

/* What was escaped when it was stored, as notes are: a second time would show the first. */
static inline json_t *stored_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static inline json_t *mac_or_null(bool known, const struct mac *mac)
{
	char buf[MAC_TEXT_SIZE];

	return known ? json_string(mac_format(buf, mac)) : json_null();
}

static inline json_t *address_or_null(struct ip4 a)
{
	char buf[IP4_TEXT_SIZE];

	return a.host ? json_string(ip4_format(buf, a)) : json_null();
}

static inline json_t *time_or_null(int64_t ms)
{
	char buf[TIME_TEXT_SIZE];

	return ms ? json_string(report_time_utc(buf, ms)) : json_null();
}

static inline json_t *number_or_null(int64_t n)
{
	return n > 0 ? json_integer(n) : json_null();
}

json_t *phone_object(const struct report_phone *rp);

/* Takes the object over. */
static inline void print(const struct report *r, json_t *o, size_t flags)
{
	json_dumpf(o, r->out, flags);
	fputc('\n', r->out);
	json_decref(o);
}

#endif
