/* SPDX-License-Identifier: MPL-2.0 */
/* tftpd-hpa: one process a request, and its number in each line (D§6). */
#include "tftplog_priv.h"

#include <string.h>

/* "10.0.0.9/NAME" for a client at 10.0.0.9 who asked for NAME: our map's doing (with tftpmap). */
static bool is_below_address(const struct span *s, const struct ip4 *client)
{
	char text[IP4_TEXT_SIZE];
	struct span at = *s;

	return span_head(&at, ip4_format(text, *client)) && at.len > 1 && at.p[0] == '/';
}

static struct span after_slash(struct span s)
{
	for (size_t i = s.len; i-- > 0;)
		if (s.p[i] == '/')
			return (struct span){ s.p + i + 1, s.len - i - 1 };
	return s;
}

/* "P0030801SR" of "P0030801SR02.loads". */
static bool is_beginning(struct span part, struct span whole)
{
	return part.len > 0 && part.len < whole.len && memcmp(part.p, whole.p, part.len) == 0;
}

/* " remapped to " may be part of a name: then it stands in the new name once more, and the middle one parts
 * the two. */
static void split_remapped(struct span *name, struct tftplog_line *ret)
{
	static const char middle[] = " remapped to ";
	struct span head = *name, rest;

	while (span_split_first(&head, middle, &rest)) {
		if (is_below_address(&rest, &ret->client)) {
			ret->mapped = true;
			name->len = (size_t)(rest.p - name->p) - (sizeof(middle) - 1);
			return;
		}
		head = rest;
	}
	if (span_split_first(name, middle, &rest)) /* some other map of the site's */
		ret->cut_name = is_beginning(after_slash(rest), after_slash(*name));
}

/* "RRQ from 10.0.0.9 filename NAME" or "… NAME remapped to NEW". */
static bool read_request(struct span s, struct tftplog_line *ret)
{
	struct span name;

	if (!span_head(&s, "RRQ from ") || !span_split_first(&s, " filename ", &name) ||
	    !span_ip4(&s, &ret->client))
		return false;
	split_remapped(&name, ret);
	ret->kind = EVENT_ASKED;
	return span_path(&name, ret->path);
}

/* "sending NAK (1, File not found) to 10.0.0.9". Code 1 is the one that says that the file is not there (RFC 1350 §5);
 * in.tftpd sends 0 with the reason for the rest. */
static bool read_nak(struct span s, struct tftplog_line *ret)
{
	struct span client;
	int code;

	if (!span_head(&s, "sending NAK (") || !span_split_last(&s, ") to ", &client) ||
	    !span_ip4(&client, &ret->client) || !span_number(&s, 1, 0, 8, &code) || !span_char(&s, ','))
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
	return span_head(&s, "tftp: client does not accept options") && s.len == 0;
}

enum tftplog_what tftplog_read_hpa(struct span s, struct tftplog_line *ret)
{
	static bool (*const readers[])(struct span, struct tftplog_line *) = { read_request, read_nak,
									       read_refused };

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct tftplog_line out = *ret;

		if (readers[i](s, &out)) {
			*ret = out;
			return TFTPLOG_EVENT;
		}
	}
	return TFTPLOG_OTHER;
}
