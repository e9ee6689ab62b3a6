/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for spreadsheets: one line a phone, by RFC 4180 but for its line ends, which are those of the system. Times
 * are UTC. Foreign text is escaped, and a text that a spreadsheet would take for a formula has an apostrophe in front.
 */
#include "report_fleet.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"
#include "strbuf.h"

#define TEXT_MAX 2048

/* A text of its own; `last` ends the line. */
static void text_cell(FILE *out, const char *text)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);

	if (strchr("=+-@", text[0]) && text[0])
		strbuf_add_char(&sb, '\'');
	strbuf_add_escaped(&sb, text, strlen(text));
	const char *safe = strbuf_text(&sb);

	if (!strpbrk(safe, "\",")) {
		fputs(safe, out);
	} else {
		fputc('"', out);
		for (; *safe; safe++)
			fputs(*safe == '"' ? "\"\"" : (char[]){ *safe, '\0' }, out);
		fputc('"', out);
	}
	fputc(',', out);
}

static void number_cell(FILE *out, int64_t n)
{
	fprintf(out, "%lld,", (long long)n);
}

static void time_cell(FILE *out, int64_t ms)
{
	char buf[TIME_TEXT_SIZE];

	text_cell(out, ms ? report_time_utc(buf, ms) : "");
}

static void flags_cell(FILE *out, const struct phone *p)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	const char *flag;

	for (unsigned i = 0; (flag = report_flag(p, i)) != NULL; i++)
		strbuf_addf(&sb, "%s%s", i ? " " : "", flag);
	text_cell(out, strbuf_text(&sb));
}

static int stages_proven(const struct report_track *t)
{
	int n = 0;

	for (int s = 0; s < PLAN_STAGES_MAX; s++)
		n += t->proven_ms[s] != 0;
	return n;
}

static void line(FILE *out, const struct report_track *t)
{
	const struct phone *p = &t->subject.phone;
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	text_cell(out, p->mac_known ? mac_format(mac, &p->mac) : "");
	text_cell(out, p->address.host ? ip4_format(addr, p->address) : "");
	text_cell(out, p->vendor_class);
	text_cell(out, p->model);
	text_cell(out, p->generation == GEN_UNKNOWN ? "" : generation_name(p->generation));
	text_cell(out, p->plan);
	number_cell(out, p->stage_no);
	number_cell(out, t->subject.stages);
	text_cell(out, p->load.s);
	text_cell(out, phase_name(p->phase));
	time_cell(out, p->since_ms);
	text_cell(out, p->running);
	text_cell(out, p->running_by == RUNNING_BY_NOTHING ? "" : running_by_name(p->running_by));
	text_cell(out, cause_name(p->cause));
	flags_cell(out, p);
	number_cell(out, p->boots);
	number_cell(out, t->files);
	number_cell(out, t->bytes);
	number_cell(out, t->faults);
	number_cell(out, stages_proven(t));
	fprintf(out, "%s\n",
		t->finished_ms ? report_time_utc((char[TIME_TEXT_SIZE]){ 0 }, t->finished_ms) : "");
}

static void csv_fleet(const struct report *r, const struct report_fleet *f)
{
	fputs("mac,address,vendor-class,model,generation,plan,stage,stages,load,phase,since,running,running-by,cause,"
	      "flags,boots,files,bytes,faults,proven,finished\n",
	      r->out);
	for (size_t i = 0; i < f->n_tracks; i++)
		line(r->out, &f->tracks[i]);
}

const struct report_writer report_csv = { .name = "csv", .fleet = csv_fleet };
