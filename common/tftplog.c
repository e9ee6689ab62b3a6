/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The lines of TFTP servers' logs to events. In front: a stamp and perhaps a host name, cut off by the program's tag;
 * behind: one of a few sentences, taken apart from their ends, since a path may hold anything. One row of `formats`
 * is all that is known of a server here; dnsmasq's own sentences (D§2, LC_ALL=C) are below, the others' in
 * tftplog_*.c.
 */
#include "tftplog_priv.h"

#include <string.h>

#define LINE_BYTES_MAX 4096 /* a path is at most TFTPLOG_PATH_MAX; what is longer is cut or not dnsmasq's */
#define PID_DIGITS 9
#define THREAD_DIGITS 19

/* ---- dnsmasq */

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

/* "8 Unable to write": a number, then perhaps words. */
static bool is_error(struct span s)
{
	uint64_t code;

	return span_digits(&s, 5, &code) && (s.len == 0 || s.p[0] == ' ');
}

static bool read_sentence(const struct sentence *k, struct span s, struct tftplog_line *ret)
{
	struct span rest;
	bool no_client = k->middle[0] == ':'; /* the reason stands behind it, not an address (D§2) */

	if (!span_head(&s, k->head) || !span_split_last(&s, k->middle, &rest))
		return false;
	if (no_client ? rest.len == 0 : !span_ip4(&rest, &ret->client))
		return false;
	ret->kind = k->kind;
	ret->client_error = k->client_error;
	return k->client_error ? is_error(s) : span_path(&s, ret->path);
}

/* What it says else, in English; also of a client with an IPv6 address, and what was cut short. */
static bool is_idle(struct span s)
{
	static const char *const heads[] = { "TFTP ", "ignoring packet from ", "unsupported request from ",
					     "unable to get free port for TFTP",
					     "restricting maximum simultaneous TFTP transfers to ",
					     "warning: TFTP directory " };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (span_head(&s, heads[i]))
			/* "TFTP root is", and in German "TFTP Wurzel ist" */
			return i > 0 || (s.len > 0 && s.p[0] >= 'a' && s.p[0] <= 'z');
	for (size_t i = 0; i < N_SENTENCES; i++)
		if (span_head(&s, sentences[i].head))
			return true;
	return false;
}

static enum tftplog_what read_dnsmasq(struct span s, struct tftplog_line *ret)
{
	for (size_t i = 0; i < N_SENTENCES; i++) {
		struct tftplog_line out = *ret;

		if (read_sentence(&sentences[i], s, &out)) {
			*ret = out;
			return TFTPLOG_EVENT;
		}
	}
	return is_idle(s) ? TFTPLOG_OTHER : TFTPLOG_FOREIGN;
}

/* ---- formats */

static const struct format {
	const char *name; /* as `[tftp] daemon` and --format have it */
	const char *tag;
	tftplog_reader read;
} formats[TFTPLOG_FORMATS] = {
	[TFTPLOG_AUTO] = { "auto", NULL, NULL },
	[TFTPLOG_DNSMASQ] = { "dnsmasq", "dnsmasq-tftp", read_dnsmasq },
	[TFTPLOG_TFTPD_HPA] = { "tftpd-hpa", "in.tftpd", tftplog_read_hpa },
	[TFTPLOG_ATFTPD] = { "atftpd", "atftpd", tftplog_read_atftpd },
	[TFTPLOG_FETCH] = { "fetch", "loadstep-event", tftplog_read_fetch },
};

/* Who wrote it, and in which process. */
struct writer {
	enum tftplog_format from;
	uint32_t pid;
	uint64_t thread;
};

/* "TAG[PID]: ", "TAG[PID.THREAD]: " or, without PID, "TAG: ". */
static bool take_tag(struct span *s, const char *tag, struct writer *ret)
{
	struct span try = *s;
	uint64_t pid = 0;

	if (!span_head(&try, tag))
		return false;
	if (span_char(&try, '[')) {
		if (!span_digits(&try, PID_DIGITS, &pid))
			return false;
		if (span_char(&try, '.') && !span_digits(&try, THREAD_DIGITS, &ret->thread))
			return false;
		if (!span_char(&try, ']'))
			return false;
	}
	if (!span_head(&try, ": "))
		return false;
	*s = try;
	ret->pid = (uint32_t)pid;
	return true;
}

/* The tag of the format, or for AUTO whichever stands there. */
static bool take_format(enum tftplog_format f, struct span *s, struct writer *ret)
{
	for (int i = 0; i < TFTPLOG_FORMATS; i++) {
		struct writer w = { .from = (enum tftplog_format)i };

		if (!formats[i].tag || (f != TFTPLOG_AUTO && f != w.from) || !take_tag(s, formats[i].tag, &w))
			continue;
		*ret = w;
		return true;
	}
	return false;
}

/* dnsmasq -k with log-facility=-: what it writes to standard error has its own tag, behind the one that who started it
 * puts in front. */
static bool take_caught(enum tftplog_format f, struct span *s, struct writer *ret)
{
	struct span try = *s;
	struct writer outer = { .pid = 0 };

	if (!take_tag(&try, "dnsmasq", &outer) || !take_format(f, &try, ret))
		return false;
	ret->pid = outer.pid;
	*s = try;
	return true;
}

/* Behind the stamp a host name may stand; without a stamp (standard error of dnsmasq -k) neither. */
static bool take_program(enum tftplog_format f, bool stamped, struct span *s, struct writer *ret)
{
	struct span host;

	if (take_format(f, s, ret) || take_caught(f, s, ret))
		return true;
	return stamped && span_word(s, &host) && (take_format(f, s, ret) || take_caught(f, s, ret));
}

static enum tftplog_what read_message(const struct writer *w, struct span s, int64_t at_ms,
				      struct tftplog_line *ret)
{
	struct tftplog_line out = {
		.at_ms = at_ms, .from = w->from, .pid = w->pid, .thread = w->thread, .bytes = -1
	};
	enum tftplog_what what = formats[w->from].read(s, &out);

	if (what == TFTPLOG_EVENT)
		*ret = out;
	return what;
}

/* A stamp that we cannot read, a month in another language, or what else: at least it is dnsmasq's. */
static enum tftplog_what strange(enum tftplog_format f, const struct span *s)
{
	static const char tag[] = "dnsmasq-tftp[";

	return (f == TFTPLOG_AUTO || f == TFTPLOG_DNSMASQ) && memmem(s->p, s->len, tag, sizeof(tag) - 1)
		       ? TFTPLOG_FOREIGN
		       : TFTPLOG_OTHER;
}

static struct span without_end(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return (struct span){ line, len };
}

enum tftplog_what tftplog_parse_entry(enum tftplog_format f, const struct tftplog_entry *entry,
				      struct tftplog_line *ret)
{
	struct span s = without_end(entry->message, entry->len);
	struct writer w = { .pid = entry->pid };

	if (s.len == 0 || s.len > LINE_BYTES_MAX || memchr(s.p, '\0', s.len) || memchr(s.p, '\n', s.len))
		return TFTPLOG_OTHER;
	for (int i = 0; i < TFTPLOG_FORMATS; i++)
		if (formats[i].tag && (f == TFTPLOG_AUTO || f == (enum tftplog_format)i) &&
		    entry->tag_len == strlen(formats[i].tag) &&
		    memcmp(entry->tag, formats[i].tag, entry->tag_len) == 0) {
			w.from = (enum tftplog_format)i;
			return read_message(&w, s, entry->at_ms, ret);
		}
	if (entry->tag_len != strlen("dnsmasq") || memcmp(entry->tag, "dnsmasq", entry->tag_len) != 0 ||
	    !take_format(f, &s, &w))
		return TFTPLOG_OTHER;
	w.pid = entry->pid;
	return read_message(&w, s, entry->at_ms, ret);
}

enum tftplog_what tftplog_parse(enum tftplog_format f, const char *line, size_t len, int64_t not_after_ms,
				int utc_offset_s, struct tftplog_line *ret)
{
	struct span s = without_end(line, len);
	struct tftplog_head head = { .at_ms = 0 };
	struct writer w;

	if (s.len == 0 || s.len > LINE_BYTES_MAX || memchr(s.p, '\0', s.len))
		return TFTPLOG_OTHER;
	if (tftplog_rfc5424(&s, &head)) {
		struct tftplog_entry entry = { head.at_ms, head.tag.p, head.tag.len, head.pid, s.p, s.len };

		return tftplog_parse_entry(f, &entry, ret);
	}
	struct span at = s;
	bool stamped = tftplog_stamp(&at, not_after_ms, utc_offset_s, &head.at_ms);

	return take_program(f, stamped, &at, &w) ? read_message(&w, at, head.at_ms, ret) : strange(f, &s);
}

/* One of these is in every tag. */
static const char *const needles[TFTPLOG_NEEDLES] = { "tftp", "loadstep-event" };

static void look(struct tftplog_search *s, int i, const char *from)
{
	s->next[i] = memmem(from, (size_t)(s->end - from), needles[i], strlen(needles[i]));
}

void tftplog_search(struct tftplog_search *ret, const char *text, size_t len)
{
	ret->end = text + len;
	for (int i = 0; i < TFTPLOG_NEEDLES; i++)
		look(ret, i, text);
}

const char *tftplog_next(struct tftplog_search *s, const char *from)
{
	const char *first = NULL;

	for (int i = 0; i < TFTPLOG_NEEDLES; i++) {
		if (s->next[i] && s->next[i] < from)
			look(s, i, from);
		if (s->next[i] && (!first || s->next[i] < first))
			first = s->next[i];
	}
	return first;
}

bool tftplog_line_stamp(const char *line, size_t len, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms)
{
	struct span s = without_end(line, len);
	struct tftplog_head head;

	if (tftplog_rfc5424(&s, &head)) {
		*ret_ms = head.at_ms;
		return head.at_ms != 0;
	}
	return tftplog_stamp(&s, not_after_ms, utc_offset_s, ret_ms);
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
