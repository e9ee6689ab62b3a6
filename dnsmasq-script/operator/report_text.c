/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for people: paragraphs and tables of at most 80 columns. Its tables are in report_text_*.c.
 */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"

/* ---- text in paragraphs */

#define HISTORY_INDENT 20
#define LABEL 12 /* columns of the labels of `explain` */
#define STAMP 23 /* columns of a time, and what is around it */

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

/* ---- one phone */

static const char *mac_or(char buf[static MAC_TEXT_SIZE], bool known, const struct mac *mac)
{
	return known ? mac_format(buf, mac) : "-";
}

static const char *address_or(char buf[static IP4_TEXT_SIZE], struct ip4 a)
{
	return a.host ? ip4_format(buf, a) : "-";
}

static void where_it_is(const struct report *r, const struct report_phone *rp)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
	const struct phone *p = &rp->phone;
	char when[TIME_TEXT_SIZE];

	strbuf_add(&sb, phase_name(p->phase));
	if (p->since_ms)
		strbuf_addf(&sb, " since %s", report_time_local(when, p->since_ms));
	const char *flag = report_flag(p, 0);
	if (flag || p->cause != CAUSE_NONE) {
		strbuf_add(&sb, " (");
		report_details(p, &sb);
		strbuf_add(&sb, ")");
	}
	report_wrap(r, LABEL, "phase", strbuf_text(&sb));
	strbuf_reset(&sb);
	if (p->stage_no > 0)
		strbuf_addf(&sb, "%d of %d of plan %s: %s", p->stage_no, rp->stages, p->plan, p->load.s);
	else
		strbuf_addf(&sb, "none%s%s", p->plan[0] ? " yet, of plan " : "", p->plan);
	report_wrap(r, LABEL, "stage", strbuf_text(&sb));
}

static void who_it_is(const struct report *r, const struct phone *p)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(1024);
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	strbuf_addf(&sb, "%s at %s, %s %s", mac_or(mac, p->mac_known, &p->mac), address_or(addr, p->address),
		    p->generation == GEN_UNKNOWN ? "generation unknown" : generation_name(p->generation),
		    p->model[0] ? p->model : "(model not known)");
	report_wrap(r, LABEL, "phone", strbuf_text(&sb));
	strbuf_reset(&sb);
	strbuf_add_escaped(&sb, p->vendor_class, strlen(p->vendor_class));
	if (sb.len > 0)
		report_wrap(r, LABEL, "class", strbuf_text(&sb));
	strbuf_reset(&sb);
	if (p->running[0])
		strbuf_addf(&sb, "%s; known by %s", p->running, running_by_name(p->running_by));
	else
		strbuf_add(&sb, "not known yet");
	report_wrap(r, LABEL, "runs", strbuf_text(&sb));
}

static void text_explain(const struct report *r, const struct report_explain *x)
{
	char when[TIME_TEXT_SIZE], boots[64], stamp[TIME_TEXT_SIZE + 2];

	who_it_is(r, &x->subject.phone);
	report_wrap(r, LABEL, "sees", x->sees);
	where_it_is(r, &x->subject);
	snprintf(boots, sizeof(boots), "%u seen, the last %s", x->subject.phone.boots,
		 report_time_local(when, x->subject.phone.last_boot_ms));
	report_wrap(r, LABEL, "boots", x->subject.phone.boots ? boots : "none seen");
	report_wrap(r, LABEL, "why", x->summary);
	report_wrap(r, LABEL, "to do", x->action);
	report_wrap(r, LABEL, "next", x->next);
	fputs(x->n_evidence > 0 ? "\nevidence\n" : "\nno evidence in this stage yet\n", r->out);
	for (size_t i = 0; i < x->n_evidence; i++) {
		snprintf(stamp, sizeof(stamp), "  %s", report_time_local(when, x->evidence[i].at_ms));
		report_wrap(r, STAMP, stamp, x->evidence[i].text);
	}
}

/* ---- history */

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
	.explain = text_explain,
	.history = text_history,
	.preview = report_text_preview,
	.ways = report_text_ways,
	.findings = report_text_findings,
	.fleet = report_text_fleet,
};
