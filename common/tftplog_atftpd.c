/* SPDX-License-Identifier: MPL-2.0 */
/*
 * atftpd (D§6): a thread a request. "Serving NAME to IP:PORT" comes always; that a file is not there with --verbose=6,
 * how a transfer ended with --verbose=7. Names come as they were sent, so a name with a newline is two lines of which
 * the first has no address, and one above some hundred bytes is cut before it; both are passed over.
 */
#include "tftplog_priv.h"

#include <string.h>

/* "10.0.0.9:57072" */
static bool take_peer(struct span s, struct ip4 *ret)
{
	struct span port;
	uint64_t number;

	return span_split_last(&s, ":", &port) && span_digits(&port, 5, &number) && port.len == 0 &&
	       span_ip4(&s, ret);
}

static bool read_serving(struct span s, struct tftplog_line *ret)
{
	struct span peer;

	if (!span_head(&s, "Serving ") || !span_split_last(&s, " to ", &peer) || !take_peer(peer, &ret->client))
		return false;
	ret->kind = EVENT_ASKED;
	return span_path(&s, ret->path);
}

/* "File /srv/tftp/NAME not found": also where it may not be read. */
static bool read_missing(struct span s, struct tftplog_line *ret)
{
	struct span rest;

	if (!span_head(&s, "File ") || !span_split_last(&s, " not found", &rest) || rest.len != 0)
		return false;
	ret->kind = EVENT_MISSING;
	return span_path(&s, ret->path);
}

/* "client (10.0.0.9) not responding": an "End of transfer" follows, and is none. */
static bool read_silent(struct span s, struct tftplog_line *ret)
{
	struct span rest;

	ret->kind = EVENT_FAILED;
	return span_head(&s, "client (") && span_split_last(&s, ") not responding", &rest) && rest.len == 0 &&
	       span_ip4(&s, &ret->client);
}

static bool read_end(struct span s, struct tftplog_line *ret)
{
	static const struct {
		const char *text;
		enum event_kind kind;
		bool chatty; /* only --verbose=7 tells it */
	} ends[] = {
		{ "End of transfer", EVENT_SENT, true },
		{ "Aborting transfer", EVENT_FAILED, true },
		{ "File name with /../ are forbidden", EVENT_FAILED, false },
		{ "Server thread exiting", EVENT_ASKED, false },
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (s.len != strlen(ends[i].text) || memcmp(s.p, ends[i].text, s.len) != 0)
			continue;
		ret->kind = ends[i].kind;
		ret->chatty = ends[i].chatty;
		return true;
	}
	return false;
}

enum tftplog_what tftplog_read_atftpd(struct span s, struct tftplog_line *ret)
{
	static bool (*const answers[])(struct span, struct tftplog_line *) = { read_missing, read_silent, read_end };
	struct tftplog_line out = *ret;

	if (read_serving(s, &out)) {
		*ret = out;
		return TFTPLOG_EVENT;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		out = *ret;
		if (!answers[i](s, &out))
			continue;
		out.answer = true;
		*ret = out;
		return TFTPLOG_EVENT;
	}
	if (!span_head(&s, "Creating new socket: "))
		return TFTPLOG_OTHER;
	ret->kind = EVENT_ASKED;
	ret->chatty = true;
	return TFTPLOG_EVENT;
}
