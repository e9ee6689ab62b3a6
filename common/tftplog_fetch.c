/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep-event's own line: "fetch mac=… address=… file=… bytes=… stage=… load=…", perhaps with a note behind. The
 * file's name is escaped, but blanks are not, so what stands around it is taken from the ends.
 */
#include "tftplog_priv.h"

#include <string.h>

#define BYTES_DIGITS 18

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of what strbuf_add_escaped() wrote; 0 = that it did not write. */
static char unescape(struct span *s)
{
	static const char *const named[] = { "n\n", "r\r", "t\t", "\\\\" };
	char c = s->p[0];

	(void)span_char(s, c);
	if (c != '\\')
		return c;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (span_char(s, named[i][0]))
			return named[i][1];
	if (!span_char(s, 'x') || s->len < 2 || hex(s->p[0]) < 0 || hex(s->p[1]) < 0)
		return '\0';
	c = (char)(hex(s->p[0]) * 16 + hex(s->p[1]));
	s->p += 2;
	s->len -= 2;
	return c;
}

static bool read_file(struct span s, char ret[static TFTPLOG_PATH_MAX])
{
	size_t n = 0;

	while (s.len > 0 && n < TFTPLOG_PATH_MAX - 1) {
		ret[n] = unescape(&s);
		if (ret[n++] == '\0')
			return false;
	}
	ret[n] = '\0';
	return n > 0 && s.len == 0;
}

/* "-" or the MAC, up to the blank. */
static bool take_mac(struct span *s, struct tftplog_line *ret)
{
	char text[MAC_TEXT_SIZE];
	struct span word;

	if (!span_word(s, &word) || word.len >= sizeof(text))
		return false;
	memcpy(text, word.p, word.len);
	text[word.len] = '\0';
	ret->mac_known = strcmp(text, "-") != 0;
	return !ret->mac_known || (word.len == MAC_TEXT_SIZE - 1 && parse_mac("mac", text, &ret->mac, NULL) == 0);
}

/* "362516 stage=1 load=P00303010102" and perhaps " note=…". A note that says that nobody of ours was meant, or that the
 * event is still to come, takes nothing from what was sent. */
static bool is_tail(struct span s, int64_t *ret_bytes)
{
	uint64_t bytes, stage;
	struct span load;

	if (!span_digits(&s, BYTES_DIGITS, &bytes) || !span_head(&s, " stage="))
		return false;
	if (!span_char(&s, '-') && !span_digits(&s, 4, &stage))
		return false;
	if (!span_head(&s, " load="))
		return false;
	if (memchr(s.p, ' ', s.len) && (!span_word(&s, &load) || !span_head(&s, "note=")))
		return false;
	*ret_bytes = (int64_t)bytes;
	return true;
}

enum tftplog_what tftplog_read_fetch(struct span s, struct tftplog_line *ret)
{
	struct tftplog_line out = *ret;
	struct span word, rest;

	out.kind = EVENT_SENT;
	if (!span_head(&s, "fetch mac=") || !take_mac(&s, &out) || !span_head(&s, "address=") ||
	    !span_word(&s, &word) || !span_ip4(&word, &out.client) || !span_head(&s, "file="))
		return TFTPLOG_OTHER;
	if (!span_split_last(&s, " bytes=", &rest) || !is_tail(rest, &out.bytes) || !read_file(s, out.path))
		return TFTPLOG_OTHER;
	*ret = out;
	return TFTPLOG_EVENT;
}
