/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A lane a phone: where it stood, what it fetched, what it proved. A lane is a handful of elements whatever happened in
 * it, since each kind of shape is one path; phones beyond REPORT_LANES_MAX share one with their like, and the page says
 * so. Lists below each lane say the same in words.
 */
#include "report_html.h"

#include <string.h>

#include "parse.h"

#define OPEN_MAX 40 /* a group with more lanes is folded at first */
#define TALL 12 /* of a lane's drawing */

static const struct {
	const char *name;
	bool open;
} groups[ATTENTION_COUNT] = {
	[ATTENTION_TROUBLE] = { "In trouble", true },
	[ATTENTION_WRITING] = { "Writing flash: do not cut power", true },
	[ATTENTION_LOOK] = { "Need a look: a reboot, or late", true },
	[ATTENTION_ON_WAY] = { "On their way", true },
	[ATTENTION_WAITING] = { "Waiting to be let in", false },
	[ATTENTION_DONE] = { "Done", false },
	[ATTENTION_SEEN] = { "Not started", false },
};

/* ---- the drawing */

static void band_runs(FILE *out, const struct report_lane *l, unsigned n_bins, unsigned band,
		      unsigned n_stages)
{
	/* where nothing moves the lane is thin */
	bool thin = band == BAND_STUCK || band == BAND_WAITING || band == BAND_SEEN;
	bool any = false;

	for (unsigned b = 0; b < n_bins; b++) {
		unsigned begin = b;

		if (l->band[b] != band)
			continue;
		while (b + 1 < n_bins && l->band[b + 1] == band)
			b++;
		if (!any) {
			fputs("<path ", out);
			html_band_fill(out, band, n_stages);
			fputs(" d=\"", out);
		}
		any = true;
		fprintf(out, "M%u %dH%uV%dH%uZ", begin, thin ? 5 : 3, b + 1, thin ? 7 : 9, begin);
	}
	if (any)
		fputs("\"/>", out);
}

/* A stroke in each bin that has the mark. */
static void strokes(FILE *out, const struct report_lane *l, unsigned n_bins, unsigned mark, const char *class,
		    const char *stroke)
{
	bool any = false;

	for (unsigned b = 0; b < n_bins; b++) {
		if (!(l->marks[b] & mark))
			continue;
		if (!any)
			fprintf(out, "<path class=\"%s\" d=\"", class);
		any = true;
		fprintf(out, "M%u.5 %s", b, stroke);
	}
	if (any)
		fputs("\"/>", out);
}

static void drawing(FILE *out, const struct report_fleet *f, const struct report_lane *l, unsigned n_stages)
{
	fprintf(out,
		"<svg class=\"t\" viewBox=\"0 0 %u %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		f->n_bins, TALL);
	for (unsigned band = 0; band < BAND_COUNT; band++)
		band_runs(out, l, f->n_bins, band, n_stages);
	strokes(out, l, f->n_bins, LANE_FETCH, "f", "9v3");
	strokes(out, l, f->n_bins, LANE_PROOF, "p", "0v12");
	strokes(out, l, f->n_bins, LANE_FAULT, "q", "0v3");
	fputs("</svg>", out);
}

/* ---- the words */

static void who(FILE *out, const struct report_track *t)
{
	const struct phone *p = &t->subject.phone;
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	fprintf(out, "<span><b>%s</b> <i>",
		p->mac_known ? mac_format(mac, &p->mac) : ip4_format(addr, p->address));
	html_text(out, p->model);
	if (p->stage_no > 0)
		fprintf(out, "%sstage %d", p->model[0] ? ", " : "", p->stage_no);
	if (p->stage_no > 0 && t->subject.stages > 0)
		fprintf(out, "/%d", t->subject.stages);
	fprintf(out, "%s%s</i>", p->model[0] || p->stage_no > 0 ? ", " : "", phase_name(p->phase));
	if (p->cause != CAUSE_NONE)
		fprintf(out, " <span class=\"alarm\">%s</span>", cause_name(p->cause));
	for (unsigned i = 0; report_flag(p, i); i++)
		fprintf(out, "<i>, %s</i>", report_flag(p, i));
	fputs("</span>", out);
}

static void stage_item(FILE *out, const struct report_fleet *f, const struct report_track *t,
		       const struct report_lane *l, int stage_no)
{
	const struct report_plan *pl = &f->plans[t->plan_idx];
	const char *between = "";

	if (stage_no > 0)
		fprintf(out, "<li>stage %d ", stage_no);
	else
		fputs("<li>before any stage", out);
	if (stage_no > 0 && stage_no <= (int)pl->n_stages)
		html_text(out, pl->loads[stage_no - 1].s);
	if (stage_no > 0 && t->proven_ms[stage_no - 1]) {
		fputs(", proven ", out);
		html_minute(out, t->proven_ms[stage_no - 1]);
	}
	fputs(": ", out);
	for (size_t i = 0; i < l->n_fetches; i++) {
		const struct fetch *fe = &l->fetches[i];

		if (fe->stage_no != stage_no)
			continue;
		fputs(between, out);
		html_text(out, fe->file);
		if (fe->bytes >= 0) {
			fputs(" (", out);
			html_count(out, fe->bytes);
			fputs(" bytes)", out);
		}
		if (fe->count > 1)
			fprintf(out, " %lld times", (long long)fe->count);
		between = ", ";
	}
	fputs(between[0] ? "</li>\n" : "no file</li>\n", out);
}

static bool has_stage(const struct report_track *t, const struct report_lane *l, int stage_no)
{
	for (size_t i = 0; i < l->n_fetches; i++) {
		if (l->fetches[i].stage_no == stage_no)
			return true;
	}
	return stage_no > 0 && t->proven_ms[stage_no - 1] != 0;
}

static void story(FILE *out, const struct report_fleet *f, const struct report_track *t,
		  const struct report_lane *l)
{
	const struct phone *p = &t->subject.phone;
	char addr[IP4_TEXT_SIZE];

	fputs("<ul>\n<li>", out);
	if (p->address.host)
		fprintf(out, "at %s, ", ip4_format(addr, p->address));
	fputs("vendor class: ", out);
	html_text(out, p->vendor_class[0] ? p->vendor_class : "not known");
	fputs(p->running[0] ? "; runs " : "; what it runs is not known", out);
	html_text(out, p->running);
	fprintf(out, "; %u boot%s</li>\n", p->boots, p->boots == 1 ? "" : "s");
	for (int s = 0; s <= PLAN_STAGES_MAX; s++) {
		if (has_stage(t, l, s))
			stage_item(out, f, t, l, s);
	}
	if (l->fault_ms) {
		fprintf(out, "<li>%s ",
			l->fault == EVENT_MISSING ? "asked for what is not there:" : "broke off:");
		html_text(out, l->fault_file);
		fputs(", ", out);
		html_minute(out, l->fault_ms);
		fputs("</li>\n", out);
	}
	if (p->cause != CAUSE_NONE)
		fprintf(out, "<li><a href=\"#%s\">%s: what to do</a></li>\n", cause_name(p->cause),
			cause_name(p->cause));
	fputs("</ul>", out);
}

static void lane(FILE *out, const struct report_fleet *f, size_t i)
{
	const struct report_track *t = &f->tracks[i];

	fprintf(out, "<details class=\"lane\" id=\"p%zu\"><summary>", i);
	who(out, t);
	drawing(out, f, &f->lanes[i], f->plans[t->plan_idx].n_stages);
	fputs("</summary>", out);
	story(out, f, t, &f->lanes[i]);
	fputs("</details>\n", out);
}

/* ---- phones that share a lane */

static void area(FILE *out, const struct report_fleet *f, const struct report_group *g, unsigned what,
		 unsigned top, const char *class)
{
	unsigned before = 0;

	fprintf(out, "<path class=\"%s\" d=\"M0 %u", class, top);
	for (unsigned b = 0; b < f->n_bins; b++) {
		if (g->marks[b][what] != before)
			fprintf(out, "H%uV%u", b, top - g->marks[b][what]);
		before = g->marks[b][what];
	}
	fprintf(out, "H%uV%uZ\"/>", f->n_bins, top);
}

static void many(FILE *out, const struct report_fleet *f, const struct report_group *g)
{
	const struct report_plan *pl = &f->plans[g->plan_idx];
	int64_t sums[3] = { 0 };
	unsigned top = 1;
	char name[32];

	for (unsigned b = 0; b < f->n_bins; b++) {
		for (int k = 0; k < 3; k++) {
			sums[k] += g->marks[b][k];
			top = g->marks[b][k] > top ? g->marks[b][k] : top;
		}
	}
	fputs("<div class=\"many\"><span><b>", out);
	html_count(out, (int64_t)g->n_phones);
	fprintf(out, "%s</b> <i>%s%s", html_phones((int64_t)g->n_phones), report_band_name(name, g->band),
		pl->name[0] ? ", plan " : ", in no plan");
	html_text(out, pl->name);
	fputs(": ", out);
	html_count(out, sums[0]);
	fputs(" files, ", out);
	html_count(out, sums[1]);
	fputs(" proofs, ", out);
	html_count(out, sums[2]);
	fputs(" files not got</i></span>", out);
	fprintf(out,
		"<svg class=\"t\" viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		f->n_bins, top);
	area(out, f, g, 0, top, "v");
	area(out, f, g, 1, top, "a");
	area(out, f, g, 2, top, "k");
	fputs("</svg></div>\n", out);
}

static void others(FILE *out, const struct report_fleet *f)
{
	if (f->n_groups == 0)
		return;
	fputs("<h3>The other ", out);
	html_count(out, (int64_t)(f->n_tracks - f->n_lanes));
	fputs(" phones</h3>\n<p>So that any browser opens this page, it draws the ", out);
	html_count(out, REPORT_LANES_MAX);
	fputs(" phones that need attention first. The others are drawn together, by plan and place: files fetched (grey), "
	      "proofs (in front), files not got. <code>loadstep report --csv</code> has a line for each of them, "
	      "<code>loadstep explain MAC</code> the whole story of one.</p>\n",
	      out);
	for (size_t i = 0; i < f->n_groups; i++)
		many(out, f, &f->groups[i]);
}

/* ---- the section */

static void key(FILE *out)
{
	static const struct {
		const char *class, *path, *text;
	} marks[] = {
		{ "f", "M12 9v3", "files fetched" },
		{ "p", "M12 0v12", "a stage proven" },
		{ "q", "M12 0v3", "a file of its load not got" },
	};

	fputs("<ul class=\"key\">", out);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		fprintf(out,
			"<li><svg viewBox=\"0 0 24 12\" aria-hidden=\"true\"><path class=\"a\" fill-opacity=\".3\" d=\"M0 3H24V9H0Z\"/>"
			"<path class=\"%s\" d=\"%s\"/></svg>%s</li>",
			marks[i].class, marks[i].path, marks[i].text);
	fputs("</ul>\n", out);
}

void html_lanes(FILE *out, const struct report_fleet *f)
{
	size_t counts[ATTENTION_COUNT] = { 0 };

	fputs("<section><h2 id=\"phones\">Phones</h2>\n<p>A lane a phone: its colour is the stage, as above; the strokes are what it "
	      "did. Open one for its files and proofs in words.</p>\n",
	      out);
	key(out);
	fputs("<div class=\"axis\">", out);
	html_time_axis(out, f);
	fputs("</div>\n", out);
	for (size_t i = 0; i < f->n_lanes; i++)
		counts[report_attention(&f->tracks[i].subject)]++;
	size_t i = 0;

	for (int g = 0; g < ATTENTION_COUNT; g++) {
		if (counts[g] == 0)
			continue;
		fprintf(out, "<details class=\"group\"%s><summary>%s (",
			groups[g].open && counts[g] <= OPEN_MAX ? " open" : "", groups[g].name);
		html_count(out, (int64_t)counts[g]);
		fputs(")</summary>\n", out);
		for (size_t end = i + counts[g]; i < end; i++)
			lane(out, f, i);
		fputs("</details>\n", out);
	}
	others(out, f);
	fputs("</section>\n", out);
}
