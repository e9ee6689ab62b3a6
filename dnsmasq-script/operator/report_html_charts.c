/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The page's charts. A plot is shapes in SVG, stretched to the width there is, with its labels as HTML around it, a title
 * and a description for those who do not see it, and the same numbers as a table.
 */
#include "report_html.h"

#include <time.h>

#define Y_TICKS 5
#define X_TICKS 6 /* as many labels as a telephone has room for */
#define DAY_S ((int64_t)86400)
#define TICK_SIZE 16
#define TABLE_ROWS 24
#define FINE 1000 /* steps of a value's axis */

/* ---- axes */

/* A step of 1, 2 or 5 times a power of ten that takes `max` in at most Y_TICKS. */
static int64_t step_for(int64_t max)
{
	static const int factors[] = { 1, 2, 5 };

	for (int64_t power = 1;; power *= 10) {
		for (int i = 0; i < 3; i++) {
			if (power * factors[i] * Y_TICKS >= max)
				return power * factors[i];
		}
	}
}

static void plot_begin(FILE *out, int64_t top, int64_t step)
{
	fputs("<div class=\"plot\"><div class=\"y\" aria-hidden=\"true\">", out);
	for (int64_t v = 0; v <= top; v += step) {
		fprintf(out, "<span style=\"bottom:%.1f%%\">", (double)v * 100 / (double)top);
		html_count(out, v);
		fputs("</span>", out);
	}
	fputs("</div>\n", out);
}

static void grid(FILE *out, unsigned width, int64_t top, int64_t step)
{
	fputs("<path class=\"grid\" d=\"", out);
	for (int64_t v = 0; v <= top; v += step)
		fprintf(out, "M0 %lldH%u", (long long)(FINE - v * FINE / top), width);
	fputs("\"/>", out);
}

static void svg_begin(FILE *out, const char *id, unsigned width, const char *title)
{
	fprintf(out,
		"<svg viewBox=\"0 0 %u %d\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"%s-t %s-d\">"
		"<title id=\"%s-t\">%s</title><desc id=\"%s-d\">",
		width, FINE, id, id, id, title, id);
}

/* How far local time is east of UTC then. */
static int64_t zone_at(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	return localtime_r(&t, &tm) ? (int64_t)tm.tm_gmtoff * 1000 : 0;
}

static int64_t tick_width(int64_t span)
{
	static const int64_t seconds[] = {
		5,    10,   15,	   30,	  60,	 120,	300,	   600,	      900,	  1800,
		3600, 7200, 10800, 21600, 43200, DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 28 * DAY_S,
	};
	size_t i = 0;

	/* with seconds labels are longer */
	while (i < sizeof(seconds) / sizeof(seconds[0]) - 1 &&
	       span / (seconds[i] * 1000) >= (seconds[i] < 60 ? X_TICKS / 2 : X_TICKS))
		i++;
	int64_t width = seconds[i] * 1000;
	while (span / width >= X_TICKS)
		width *= 2;
	return width;
}

static void tick_text(char buf[static TICK_SIZE], int64_t width, bool other_day, const struct tm *tm)
{
	size_t len;

	if (width >= 28 * DAY_S * 1000)
		len = strftime(buf, TICK_SIZE, "%Y-%m", tm);
	else if (width >= DAY_S * 1000 || other_day)
		len = strftime(buf, TICK_SIZE, "%b %e", tm);
	else
		len = width < 60000 ? strftime(buf, TICK_SIZE, "%H:%M:%S", tm)
				    : strftime(buf, TICK_SIZE, "%H:%M", tm);
	if (len == 0)
		buf[0] = '\0';
}

/* Labels at full local hours and days; a later day's first label is its date. */
static void time_labels(FILE *out, int64_t from, int64_t to)
{
	int64_t width = tick_width(to - from);
	int64_t zone = zone_at(from);
	char text[TICK_SIZE];
	int day = -1;

	fputs("<div class=\"x\" aria-hidden=\"true\">", out);
	for (int64_t local = (from + zone + width - 1) / width * width; local - zone <= to; local += width) {
		int64_t at = local - zone_at(local - zone); /* the clock may have been put forward or back */
		double place = (double)(at - from) / (double)(to - from);
		time_t t = (time_t)(at / 1000);
		struct tm tm;

		/* one at the very edge would stick out */
		if (place < 0.04 || place > 0.96 || !localtime_r(&t, &tm))
			continue;
		tick_text(text, width, day >= 0 && day != tm.tm_yday, &tm);
		fprintf(out, "<span style=\"left:%.2f%%\">%s</span>", place * 100, text);
		day = tm.tm_yday;
	}
	fputs("</div>", out);
}

void html_time_axis(FILE *out, const struct report_fleet *f)
{
	time_labels(out, f->from_ms, f->to_ms);
}

/* ---- the same as a table */

static void table_begin(FILE *out, const char *caption)
{
	fprintf(out,
		"<details><summary>As a table</summary><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">"
		"<table><caption>%s</caption><thead><tr><th scope=\"col\" class=\"l\">from</th>",
		caption, caption);
}

static void table_end(FILE *out)
{
	fputs("</tbody></table></div></details>\n", out);
}

static void cell(FILE *out, int64_t n)
{
	fputs("<td>", out);
	html_count(out, n);
	fputs("</td>", out);
}

static void row_begin(FILE *out, int64_t at_ms)
{
	fputs("<tr><th scope=\"row\" class=\"l\">", out);
	html_minute(out, at_ms);
	fputs("</th>", out);
}

/* ---- stages over time */

/* Bands from the axis up: what needs attention lies on it, then who is furthest. */
static unsigned band_at(unsigned n_stages, unsigned i)
{
	if (i < 2)
		return i == 0 ? BAND_STUCK : BAND_DONE;
	if (i < n_stages + 2)
		return BAND_STAGE + n_stages + 1 - i;
	return i == n_stages + 2 ? BAND_WAITING : BAND_SEEN;
}

static unsigned bands_of(const struct report_plan *pl)
{
	return pl->n_stages + 4;
}

static int64_t up_to(const struct report_plan *pl, unsigned bin, unsigned band_no)
{
	int64_t sum = 0;

	for (unsigned i = 0; i <= band_no; i++)
		sum += pl->over[bin][band_at(pl->n_stages, i)];
	return sum;
}

static bool band_used(const struct report_fleet *f, const struct report_plan *pl, unsigned band)
{
	for (unsigned b = 0; b < f->n_bins; b++) {
		if (pl->over[b][band] != 0)
			return true;
	}
	return false;
}

static long long height(const struct report_plan *pl, unsigned bin, int band_no, int64_t top)
{
	return FINE - (band_no < 0 ? 0 : up_to(pl, bin, (unsigned)band_no)) * FINE / top;
}

/* Along the upper edge of this band to the right, and back along that of the one below. */
static void band_path(FILE *out, const struct report_fleet *f, const struct report_plan *pl, unsigned i,
		      int64_t top)
{
	unsigned last = f->n_bins - 1;
	long long y = height(pl, 0, (int)i, top);

	fputs("<path ", out);
	html_band_fill(out, band_at(pl->n_stages, i), pl->n_stages);
	fprintf(out, " d=\"M0 %lld", y);
	for (unsigned b = 1; b <= last; b++) {
		long long v = height(pl, b, (int)i, top);

		if (v != y)
			fprintf(out, "H%uV%lld", b, v);
		y = v;
	}
	y = height(pl, last, (int)i - 1, top);
	fprintf(out, "H%uV%lld", f->n_bins, y);
	for (unsigned b = last; b-- > 0;) {
		long long v = height(pl, b, (int)i - 1, top);

		if (v != y)
			fprintf(out, "H%uV%lld", b + 1, v);
		y = v;
	}
	fputs("H0Z\"/>", out);
}

static void stage_key(FILE *out, const struct report_fleet *f, const struct report_plan *pl)
{
	char name[32];

	fputs("<ul class=\"key\">", out);
	for (unsigned i = 0; i < bands_of(pl); i++) {
		unsigned band = band_at(pl->n_stages, i);

		if (!band_used(f, pl, band))
			continue;
		fputs("<li><svg viewBox=\"0 0 2 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path ",
		      out);
		html_band_fill(out, band, pl->n_stages);
		fprintf(out, " d=\"M0 0H2V1H0Z\"/></svg>%s", report_band_name(name, band));
		if (band >= BAND_STAGE && band < BAND_DONE) {
			fputs(" ", out);
			html_text(out, pl->loads[band - BAND_STAGE].s);
		}
		fputs("</li>", out);
	}
	fputs("</ul>\n", out);
}

static void stage_table(FILE *out, const struct report_fleet *f, const struct report_plan *pl)
{
	unsigned every = (f->n_bins + TABLE_ROWS - 1) / TABLE_ROWS;
	char name[32];

	table_begin(out, "Phones in each place at that time");
	for (unsigned i = 0; i < bands_of(pl); i++)
		fprintf(out, "<th scope=\"col\">%s</th>", report_band_name(name, band_at(pl->n_stages, i)));
	fputs("</tr></thead><tbody>", out);
	for (unsigned b = every - 1; b < f->n_bins; b += every) {
		row_begin(out, f->from_ms + (b + 1) * f->bin_ms);
		for (unsigned i = 0; i < bands_of(pl); i++)
			cell(out, pl->over[b][band_at(pl->n_stages, i)]);
		fputs("</tr>\n", out);
	}
	table_end(out);
}

static void stage_chart(FILE *out, const struct report_fleet *f, const struct report_plan *pl, size_t idx)
{
	int64_t max = 1;
	char id[24];

	for (unsigned b = 0; b < f->n_bins; b++) {
		int64_t all = up_to(pl, b, bands_of(pl) - 1);

		max = all > max ? all : max;
	}
	int64_t step = step_for(max), top = (max + step - 1) / step * step;

	snprintf(id, sizeof(id), "plan%zu", idx);
	fputs("<figure><figcaption>Phones by stage over time</figcaption>\n", out);
	stage_key(out, f, pl);
	plot_begin(out, top, step);
	svg_begin(out, id, f->n_bins, "Phones by stage over time");
	fprintf(out, "At the end %u of %u phones are done and %u stuck.</desc>", pl->phases[PHASE_DONE],
		pl->n_phones, pl->phases[PHASE_STUCK]);
	grid(out, f->n_bins, top, step);
	for (unsigned i = 0; i < bands_of(pl); i++) {
		if (band_used(f, pl, band_at(pl->n_stages, i)))
			band_path(out, f, pl, i, top);
	}
	fputs("</svg>", out);
	html_time_axis(out, f);
	fputs("</div>\n", out);
	stage_table(out, f, pl);
	fputs("</figure>\n", out);
}

static void now_table(FILE *out, const struct report_plan *pl)
{
	fputs("<table><caption>Where the phones are now; stuck ones count as here, too</caption><thead><tr><th scope=\"col\" class=\"l\">stage</th>"
	      "<th scope=\"col\" class=\"l\">load</th><th scope=\"col\">here</th><th scope=\"col\">stuck</th>"
	      "<th scope=\"col\">proven</th></tr></thead><tbody>",
	      out);
	for (unsigned s = 0; s < pl->n_stages; s++) {
		fprintf(out, "<tr><th scope=\"row\" class=\"l\">%u</th><td class=\"l\">", s + 1);
		html_text(out, pl->loads[s].s);
		fputs("</td>", out);
		cell(out, pl->here[s]);
		fprintf(out, "<td%s>%u</td>", pl->stuck[s] ? " class=\"alarm\"" : "", pl->stuck[s]);
		cell(out, pl->proven[s]);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table>\n", out);
}

void html_plan(FILE *out, const struct report_fleet *f, size_t plan_idx)
{
	const struct report_plan *pl = &f->plans[plan_idx];

	fputs(pl->name[0] ? "<h3>Plan " : "<h3>In no plan", out);
	html_text(out, pl->name);
	fputs(": ", out);
	html_count(out, pl->n_phones);
	fputs(html_phones(pl->n_phones), out);
	if (pl->name[0]) {
		fputs(", ", out);
		html_count(out, pl->phases[PHASE_DONE]);
		fputs(" done", out);
	}
	fputs("</h3>\n", out);
	if (pl->n_stages > 0) {
		now_table(out, pl);
		stage_chart(out, f, pl, plan_idx);
	}
}

/* ---- throughput */

struct unit {
	const char *name;
	int64_t size; /* bytes, or ms */
};

static const struct unit *unit_for(int64_t max)
{
	static const struct unit units[] = { { "GB", 1000000000 }, { "MB", 1000000 }, { "kB", 1000 } };

	return max >= 5 * units[0].size ? &units[0] : max >= 5 * units[1].size ? &units[1] : &units[2];
}

/* The widths of bins are whole in one of these. */
static void duration(FILE *out, int64_t ms)
{
	static const struct unit units[] = {
		{ "day", 86400000 }, { "hour", 3600000 }, { "minute", 60000 }, { "second", 1000 }
	};
	size_t i = 0;

	while (i < 3 && ms % units[i].size != 0)
		i++;
	fprintf(out, "%lld %s%s", (long long)(ms / units[i].size), units[i].name,
		ms == units[i].size ? "" : "s");
}

static int64_t per_minute(const struct report_fleet *f, unsigned bin)
{
	return f->bins[bin].bytes * 60000 / f->bin_ms;
}

static void throughput_plot(FILE *out, const struct report_fleet *f, const struct unit *u, int64_t max,
			    unsigned when)
{
	int64_t step = step_for(max / u->size + 1), top = (max / u->size / step + 1) * step;

	plot_begin(out, top, step);
	svg_begin(out, "rate", f->n_bins, "Throughput over time");
	fprintf(out, "At most %.1f %s per minute, at ", (double)max / (double)u->size, u->name);
	html_text(out, report_time_local((char[TIME_TEXT_SIZE]){ 0 }, f->from_ms + when * f->bin_ms));
	fputs(".</desc>", out);
	grid(out, f->n_bins, top, step);
	fprintf(out, "<path class=\"a\" d=\"M0 %d", FINE);
	for (unsigned b = 0; b < f->n_bins; b++)
		fprintf(out, "V%lldH%u", (long long)(FINE - per_minute(f, b) * FINE / (top * u->size)),
			b + 1);
	fprintf(out, "V%dZ\"/></svg>", FINE);
	html_time_axis(out, f);
	fputs("</div>\n", out);
}

static void throughput_table(FILE *out, const struct report_fleet *f, const struct unit *u)
{
	unsigned every = (f->n_bins + TABLE_ROWS - 1) / TABLE_ROWS;

	table_begin(out, "What went out");
	fprintf(out,
		"<th scope=\"col\">%s per minute</th><th scope=\"col\">files</th><th scope=\"col\">broke off</th>"
		"</tr></thead><tbody>",
		u->name);
	for (unsigned b = 0; b < f->n_bins; b += every) {
		int64_t bytes = 0, sent = 0, failed = 0;
		unsigned n = 0;

		for (; n < every && b + n < f->n_bins; n++) {
			bytes += f->bins[b + n].bytes;
			sent += f->bins[b + n].sent;
			failed += f->bins[b + n].failed;
		}
		row_begin(out, f->from_ms + b * f->bin_ms);
		fprintf(out, "<td>%.1f</td>",
			(double)bytes * 60000 / (double)(n * f->bin_ms) / (double)u->size);
		cell(out, sent);
		cell(out, failed);
		fputs("</tr>\n", out);
	}
	table_end(out);
}

void html_throughput(FILE *out, const struct report_fleet *f)
{
	int64_t max = 0;
	unsigned when = 0;

	for (unsigned b = 0; b < f->n_bins; b++) {
		if (per_minute(f, b) > max)
			max = per_minute(f, when = b);
	}
	const struct unit *u = unit_for(max);

	fputs("<section><h2 id=\"throughput\">Throughput</h2>\n<p>", out);
	html_count(out, f->total.sent);
	fputs(" files went out whole, ", out);
	html_bytes(out, f->total.bytes);
	fputs("; ", out);
	html_count(out, f->total.failed);
	fprintf(out, " transfer%s broke off.", f->total.failed == 1 ? "" : "s");
	if (f->total.unsized > 0) {
		fputs(" Of ", out);
		html_count(out, f->total.unsized);
		fputs(" files no log tells the size: they are not in the bytes.", out);
	}
	fputs("</p>\n", out);
	if (max > 0) {
		fprintf(out, "<figure><figcaption>%s per minute, mean of ", u->name);
		duration(out, f->bin_ms);
		fputs("</figcaption>\n", out);
		throughput_plot(out, f, u, max, when);
		throughput_table(out, f, u);
		fputs("</figure>\n", out);
	}
	fputs("</section>\n", out);
}

/* ---- finished */

void html_finished(FILE *out, const struct report_fleet *f)
{
	int64_t max = 0;

	for (unsigned i = 0; i < f->n_spells; i++)
		max = f->finished[i] > max ? f->finished[i] : max;
	fputs("<section><h2 id=\"finished\">Finished per ", out);
	if (f->spell_ms == 3600000)
		fputs("hour", out);
	else
		duration(out, f->spell_ms);
	fputs("</h2>\n<p>", out);
	html_count(out, f->total.finished);
	fprintf(out, "%s came through to the last load of their plan.</p>\n", html_phones(f->total.finished));
	if (max > 0) {
		int64_t step = step_for(max), top = (max + step - 1) / step * step;

		fputs("<figure><figcaption>Phones</figcaption>\n", out);
		plot_begin(out, top, step);
		svg_begin(out, "done", f->n_spells * 10, "Phones that finished, over time");
		fprintf(out, "At most %lld at once.</desc>", (long long)max);
		grid(out, f->n_spells * 10, top, step);
		fputs("<path class=\"a\" d=\"", out);
		for (unsigned i = 0; i < f->n_spells; i++) {
			if (f->finished[i] > 0)
				fprintf(out, "M%u %dV%lldH%uV%dZ", i * 10 + 1, FINE,
					(long long)(FINE - (int64_t)f->finished[i] * FINE / top), i * 10 + 9,
					FINE);
		}
		fputs("\"/></svg>", out);
		time_labels(out, f->spell_from_ms, f->spell_from_ms + f->n_spells * f->spell_ms);
		fputs("</div>\n", out);
		table_begin(out, "Phones that finished");
		fputs("<th scope=\"col\">phones</th></tr></thead><tbody>", out);
		for (unsigned i = 0; i < f->n_spells; i++) {
			row_begin(out, f->spell_from_ms + i * f->spell_ms);
			cell(out, f->finished[i]);
			fputs("</tr>\n", out);
		}
		table_end(out);
		fputs("</figure>\n", out);
	}
	fputs("</section>\n", out);
}
