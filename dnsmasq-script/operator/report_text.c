/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for people: tables of at most 80 columns, one line a phone, details on a line of their own
 * where they do not fit. Colour only where the caller says that there is a terminal.
 */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"
#include "report_explain.h"

#define LOAD_COLUMN 18 /* the longest classic name has 15; what is longer is cut with a ~ */
#define DETAIL_MAX 256

static const char *colour_of(const struct phone *p)
{
	switch (p->phase) {
	case PHASE_DONE:
		return "\033[32m";
	case PHASE_STUCK:
		return "\033[31m";
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
	case PHASE_CHECKING:
		return "\033[33m";
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_OFFERED:
	case PHASE_COUNT:
		return "";
	}
	return "";
}

static const char *end_colour(const char *colour)
{
	return colour[0] ? "\033[0m" : "";
}

/* ---- text in paragraphs */

#define HISTORY_INDENT 20

void report_wrap(const struct report *r, int indent, const char *label, const char *text)
{
	int column = fprintf(r->out, "%-*s", indent, label);
	int begin = column;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > begin && column + 1 + (int)len > REPORT_WIDTH) {
			fprintf(r->out, "\n%*s", indent, "");
			column = begin = indent;
		}
		column += fprintf(r->out, "%s%.*s", column > begin ? " " : "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', r->out);
}

/* ---- the fleet */

static const char *mac_or(char buf[static MAC_TEXT_SIZE], bool known, const struct mac *mac)
{
	return known ? mac_format(buf, mac) : "-";
}

static const char *address_or(char buf[static IP4_TEXT_SIZE], struct ip4 a)
{
	return a.host ? ip4_format(buf, a) : "-";
}

static const char *load_column(const struct phone *p, char buf[static LOAD_COLUMN + 1])
{
	const char *load = p->load.s[0] ? p->load.s : p->running[0] ? p->running : "-";

	if (!text_copy(buf, LOAD_COLUMN + 1, load))
		buf[LOAD_COLUMN - 1] = '~';
	return buf;
}

/* "image-rejected, late": what qualifies the phase. */
static void add_details(struct strbuf *sb, const struct phone *p)
{
	const char *between = "";
	const char *flag;

	if (p->cause != CAUSE_NONE) {
		strbuf_add(sb, cause_name(p->cause));
		between = ", ";
	}
	for (unsigned i = 0; (flag = report_flag(p, i)) != NULL; i++) {
		strbuf_addf(sb, "%s%s", between, flag);
		between = ", ";
	}
}

static void phone_row(const struct report *r, const struct report_phone *rp)
{
	CLEANUP(strbuf_fini) struct strbuf details = STRBUF_INIT(DETAIL_MAX);
	const struct phone *p = &rp->phone;
	const char *colour = r->colour ? colour_of(p) : "";
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE], load[LOAD_COLUMN + 1], stage[24] = "-";

	if (p->stage_no > 0)
		snprintf(stage, sizeof(stage), "%d/%d", p->stage_no, rp->stages);
	int width = fprintf(r->out, "%-17s %-15s %-8s %-5s %-*s ", mac_or(mac, p->mac_known, &p->mac),
			    address_or(addr, p->address), p->model[0] ? p->model : "-", stage, LOAD_COLUMN,
			    load_column(p, load));
	fprintf(r->out, "%s%s%s", colour, phase_name(p->phase), end_colour(colour));
	add_details(&details, p);
	width += (int)strlen(phase_name(p->phase)) + 2 + (int)details.len;
	if (details.len > 0)
		fprintf(r->out, "%s%s", width <= REPORT_WIDTH ? ", " : "\n    ", strbuf_text(&details));
	fputc('\n', r->out);
}

static void counts_line(const struct report *r, const struct report_status *s)
{
	const char *between = ": ";

	fprintf(r->out, "%zu phone%s", s->n_phones, s->n_phones == 1 ? "" : "s");
	for (int i = 0; i < PHASE_COUNT; i++) {
		if (s->counts[i] == 0)
			continue;
		fprintf(r->out, "%s%u %s", between, s->counts[i], phase_name((enum phase)i));
		between = ", ";
	}
	fputc('\n', r->out);
}

static void plan_line(const struct report *r, const struct report_phone *rp)
{
	if (rp->phone.plan[0] == '\0')
		fputs("in no plan\n", r->out);
	else
		fprintf(r->out, "plan %s, %d stages\n", rp->phone.plan, rp->stages);
}

static void text_status(const struct report *r, const struct report_status *s)
{
	unsigned writing = 0;

	for (size_t i = 0; i < s->n_phones; i++)
		writing += report_writing(&s->phones[i].phone);
	if (writing > 0)
		fprintf(r->out, "%swriting flash: %u phone%s, do not cut power%s\n\n",
			r->colour ? "\033[1;31m" : "", writing, writing == 1 ? "" : "s",
			r->colour ? "\033[0m" : "");
	if (s->n_phones > 0)
		fprintf(r->out, "%-17s %-15s %-8s %-5s %-*s %s\n", "MAC", "ADDRESS", "MODEL", "STAGE",
			LOAD_COLUMN, "LOAD", "PHASE");
	for (size_t i = 0; i < s->n_phones; i++) {
		if (i == 0 || strcmp(s->phones[i].phone.plan, s->phones[i - 1].phone.plan) != 0)
			plan_line(r, &s->phones[i]);
		phone_row(r, &s->phones[i]);
	}
	if (s->n_phones > 0)
		fputc('\n', r->out);
	counts_line(r, s);
	if (s->notes[0])
		fprintf(r->out, "\n%s", s->notes);
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
	if (what.len == 0)
		report_wrap(r, HISTORY_INDENT, label, strbuf_text(&change));
	else
		fprintf(r->out, "%s%s\n", label, strbuf_text(&what));
	if (what.len > 0 && change.len > 0)
		report_wrap(r, HISTORY_INDENT, "", strbuf_text(&change));
}

const struct report_writer report_text = {
	.name = "text",
	.status = text_status,
	.explain = report_text_explain,
	.stranger = report_text_stranger,
	.history = text_history,
	.preview = report_text_preview,
	.ways = report_text_ways,
	.findings = report_text_findings,
	.fleet = report_text_fleet,
};
