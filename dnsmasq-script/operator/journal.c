/* SPDX-License-Identifier: MPL-2.0 */
/* Entries of systemd's journal as JSON: see journal.h. */
#include "journal.h"

#include <string.h>

#include <jansson.h>

#include "cleanup.h"
#include "parse.h"
#include "strbuf.h"

#define SEPARATOR '\x1e' /* json-seq (RFC 7464) puts it in front */
#define PID_MAX 999999999

static void json_end(json_t **j)
{
	json_decref(*j);
}

bool journal_is_entry(const char *line, size_t len)
{
	return len > 1 && (line[0] == '{' || (line[0] == SEPARATOR && line[1] == '{'));
}

/* Numbers are texts there. False: there is none. */
static bool take_number(const json_t *entry, const char *key, int64_t max, int64_t *ret)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text && parse_int(key, text, 0, max, ret, NULL) == 0;
}

static int take_bytes(const json_t *list, struct journal_entry *ret)
{
	size_t n = json_array_size(list);

	if (n > sizeof(ret->message))
		return 1;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t byte = json_integer_value(one);

		if (!json_is_integer(one) || byte < 0 || byte > 255)
			return 1; /* several messages in one entry: none of a TFTP server's */
		ret->message[i] = (char)byte;
	}
	ret->len = n;
	return 0;
}

static int take_message(const json_t *message, struct journal_entry *ret)
{
	if (json_is_array(message))
		return take_bytes(message, ret);
	size_t n = json_string_length(message);

	if (!json_is_string(message) || n > sizeof(ret->message))
		return 1;
	memcpy(ret->message, json_string_value(message), n);
	ret->len = n;
	return 0;
}

int journal_parse(const char *line, size_t len, struct journal_entry *ret)
{
	size_t skip = len > 0 && line[0] == SEPARATOR;
	CLEANUP(json_end) json_t *j = json_loadb(line + skip, len - skip, JSON_ALLOW_NUL, NULL);
	const char *tag = json_string_value(json_object_get(j, "SYSLOG_IDENTIFIER"));
	const char *cursor = json_string_value(json_object_get(j, "__CURSOR"));
	int64_t us = 0, pid = 0;

	if (!take_number(j, "_SOURCE_REALTIME_TIMESTAMP", INT64_MAX, &us) &&
	    !take_number(j, "__REALTIME_TIMESTAMP", INT64_MAX, &us))
		return 1;
	if (!take_number(j, "SYSLOG_PID", PID_MAX, &pid))
		(void)take_number(j, "_PID", PID_MAX, &pid);
	ret->at_ms = us / 1000;
	ret->pid = (uint32_t)pid;
	if (!text_copy(ret->tag, sizeof(ret->tag), tag ? tag : ""))
		ret->tag[0] = '\0';
	if (!text_copy(ret->cursor, sizeof(ret->cursor), cursor ? cursor : ""))
		ret->cursor[0] = '\0';
	return take_message(json_object_get(j, "MESSAGE"), ret);
}
