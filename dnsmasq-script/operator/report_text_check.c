/* SPDX-License-Identifier: MPL-2.0 */
/* The writer for people, second half: what will be (preview) and what is wrong (check). */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"

#define LINE_MAX_BYTES 1024
#define INDENT 4
#define STEP_INDENT 8
#define FINDING_INDENT 11

/* ---- preview */

static void preview_head(const struct report *r, const struct report_preview *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
	const struct phone *p = &x->subject.phone;
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	strbuf_addf(&sb, "%s at %s, %s, runs %s: %s", p->mac_known ? mac_format(mac, &p->mac) : "-",
		    p->address.host ? ip4_format(addr, p->address) : "-",
		    p->model[0] ? p->model : "model not known", p->running[0] ? p->running : "unknown code",
		    phase_name(p->phase));
	report_wrap(r, 0, "", strbuf_text(&sb));
}

static void preview_step(const struct report *r, const struct report_step *s)
{
	fprintf(r->out, "    %2d %-26s %-15s %-7s %s\n", s->stage_no, s->load.s, load_kind_name(s->kind),
		report_mark_name(s->mark), s->files);
	if (s->missing[0])
		report_wrap(r, STEP_INDENT, "", s->missing);
}

/* Where it enters or stands, the stages, and what keeps it. */
static void preview_way(const struct report *r, const struct report_preview *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	if (x->plan[0])
		strbuf_addf(&sb, "plan %s", x->plan);
	if (x->plan[0] && x->enters)
		strbuf_addf(&sb, ", stage %d of %u", x->enters, x->n_steps);
	strbuf_addf(&sb, "%s%s", sb.len ? ": " : "no way: ", x->why);
	report_wrap(r, INDENT, "", strbuf_text(&sb));
	for (unsigned i = 0; i < x->n_steps; i++)
		preview_step(r, &x->steps[i]);
	for (unsigned i = 0; i < x->n_blocks; i++) {
		strbuf_reset(&sb);
		strbuf_addf(&sb, "blocked: %s", x->blocks[i]);
		report_wrap(r, INDENT, "", strbuf_text(&sb));
	}
}

static bool same_way(const struct report_preview *a, const struct report_preview *b)
{
	if (strcmp(a->plan, b->plan) != 0 || a->enters != b->enters || strcmp(a->why, b->why) != 0 ||
	    a->n_steps != b->n_steps || a->n_blocks != b->n_blocks)
		return false;
	for (unsigned i = 0; i < a->n_steps; i++)
		if (a->steps[i].mark != b->steps[i].mark)
			return false;
	for (unsigned i = 0; i < a->n_blocks; i++)
		if (strcmp(a->blocks[i], b->blocks[i]) != 0)
			return false;
	return true;
}

/* Each phone has its line; a way that several share stands once, beneath them. */
void report_text_preview(const struct report *r, const struct report_preview *a, size_t n,
			 const struct report_forecast *f)
{
	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		while (!same_way(&a[first], &a[i]))
			first++;
		if (first < i)
			continue;
		if (i > 0)
			fputc('\n', r->out);
		for (size_t j = i; j < n; j++)
			if (same_way(&a[i], &a[j]))
				preview_head(r, &a[j]);
		preview_way(r, &a[i]);
	}
	if (n == 0)
		fputs("no phone is known yet\n", r->out);
	else
		report_text_forecast(r, f);
}

/* ---- check */

static const char *colour_of(const struct report *r, const char *severity)
{
	if (!r->colour)
		return "";
	return strcmp(severity, "error") == 0	  ? "\033[31m"
	       : strcmp(severity, "warning") == 0 ? "\033[33m"
						  : "";
}

static void print_finding(const struct report *r, const struct report_finding *f)
{
	const char *colour = colour_of(r, f->severity);

	fprintf(r->out, "%s%s%s: %s: ", colour, f->severity, colour[0] ? "\033[0m" : "", f->id);
	fprintf(r->out, "%s\n", f->place);
	report_wrap(r, FINDING_INDENT, "    what", f->what);
	report_wrap(r, FINDING_INDENT, "    shows", f->shows);
	report_wrap(r, FINDING_INDENT, "    cure", f->cure);
}

static size_t count(const struct report_finding *a, size_t n, const char *severity)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(a[i].severity, severity) == 0;
	return found;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void report_text_findings(const struct report *r, const struct report_finding *a, size_t n)
{
	size_t errors = count(a, n, "error"), warnings = count(a, n, "warning"), notes = count(a, n, "note");

	for (size_t i = 0; i < n; i++) {
		print_finding(r, &a[i]);
		fputc('\n', r->out);
	}
	if (n == 0)
		fputs("everything is as it must be\n", r->out);
	else
		fprintf(r->out, "%zu error%s, %zu warning%s, %zu note%s\n", errors, plural(errors), warnings,
			plural(warnings), notes, plural(notes));
}
