/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for people: paragraphs and tables of at most 80 columns. Its tables are in report_text_*.c.
 */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"
#include "report_explain.h"

/* ---- text in paragraphs */

#define HISTORY_INDENT 20

void report_wrap(const struct report *r, int indent, const char *label, const char *text)
{
	int column = fprintf(r->out, "%-*s", indent, label);
	int begin = column;

	while (*text) {
		size_t len = strcspn(text, " ");

		/* also below a label that is wider than the indent, when there is no room beside it */
		if (column > indent && column + (column > begin) + (int)len > REPORT_WIDTH) {
			fprintf(r->out, "\n%*s", indent, "");
			column = begin = indent;
		}
		if (column == indent && (int)len > REPORT_WIDTH - indent)
			len = (size_t)(REPORT_WIDTH - indent); /* longer than a line: it goes on in the next */
		column += fprintf(r->out, "%s%.*s", column > begin ? " " : "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', r->out);
}

/* ---- history */

static const char *address_or(char buf[static IP4_TEXT_SIZE], struct ip4 a)
{
	return a.host ? ip4_format(buf, a) : "-";
}

/* "offered -> downloading: why", "" when nothing changed and there is no note. */
static void add_change(struct strbuf *sb, const struct history *h)
{
	if (h->from != h->to)
		strbuf_addf(sb, "%s -> %s%s", phase_name(h->from), phase_name(h->to), h->note[0] ? ": " : "");
	strbuf_add_escaped(sb, h->note, strlen(h->note));
}

static void text_history(const struct report *r, const struct history *h, bool with_mac)
{
	CLEANUP(strbuf_fini) struct strbuf what = STRBUF_INIT(1024), change = STRBUF_INIT(1024);
	char when[TIME_TEXT_SIZE], mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE], label[64];
	const char *who = "";

	if (with_mac)
		who = h->mac_known ? mac_format(mac, &h->mac) : address_or(addr, h->address);
	snprintf(label, sizeof(label), "%s %-*s%-8s ", report_time_local(when, h->at_ms),
		 with_mac ? MAC_TEXT_SIZE : 0, who, event_kind_name(h->kind));
	if (h->file[0])
		strbuf_add(&what, h->file);
	if (h->bytes >= 0)
		strbuf_addf(&what, "%s%lld bytes", what.len ? ", " : "", (long long)h->bytes);
	add_change(&change, h);
	report_wrap(r, HISTORY_INDENT, label, strbuf_text(what.len > 0 ? &what : &change));
	if (what.len > 0 && change.len > 0)
		report_wrap(r, HISTORY_INDENT, "", strbuf_text(&change));
}

const struct report_writer report_text = {
	.name = "text",
	.status = report_text_status,
	.safe_to_cut = report_text_safe_to_cut,
	.explain = report_text_explain,
	.stranger = report_text_stranger,
	.history = text_history,
	.preview = report_text_preview,
	.ways = report_text_ways,
	.findings = report_text_findings,
	.fleet = report_text_fleet,
};
