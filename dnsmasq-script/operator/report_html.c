/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer of the page: one file that loads nothing and runs nothing, and says so to the browser (its policy forbids
 * both, whatever a name that a phone sent may hold). Frame, sums and causes are here, charts and lanes beside.
 */
#include "report_html.h"

#include <ctype.h>
#include <string.h>

#include "parse.h"

#define MACS_SHOWN 24 /* of a cause; who has more is not read one by one */

void html_text(FILE *out, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} marks[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" }
	};

	for (const char *s = text; *s; s++) {
		size_t i = 0;

		while (i < sizeof(marks) / sizeof(marks[0]) && marks[i].c != *s)
			i++;
		if (i < sizeof(marks) / sizeof(marks[0]))
			fputs(marks[i].as, out);
		else if (*s < 0x20 || *s > 0x7e)
			fprintf(out, "\\x%02x", (unsigned char)*s);
		else
			fputc(*s, out);
	}
}

void html_count(FILE *out, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)n);

	for (int i = 0; i < len; i++) {
		fputc(digits[i], out);
		if ((len - i) % 3 == 1 && i + 1 < len && digits[i] != '-')
			fputc(',', out);
	}
}

/* A sentence of our own: its `commands` set as such. */
static void sentence(FILE *out, const char *text)
{
	bool in_code = false;
	char one[2] = "";

	for (const char *s = text; *s; s++) {
		if (*s == '`') {
			fputs(in_code ? "</code>" : "<code>", out);
			in_code = !in_code;
		} else {
			one[0] = (char)(s == text ? toupper((unsigned char)*s) : *s);
			html_text(out, one);
		}
	}
	fputs(in_code ? "</code>." : ".", out);
}

void html_bytes(FILE *out, int64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1e3;
	size_t i = 0;

	for (; n >= 1000 && i < 3; i++)
		n /= 1000;
	fprintf(out, "%.*f %s", n < 10 ? 1 : 0, n, units[i]);
}

void html_minute(FILE *out, int64_t ms)
{
	char local[TIME_TEXT_SIZE], utc[TIME_TEXT_SIZE];

	fprintf(out, "<time datetime=\"%s\">%.16s</time>", report_time_utc(utc, ms),
		report_time_local(local, ms));
}

const char *html_phones(int64_t n)
{
	return n == 1 ? " phone" : " phones";
}

void html_band_fill(FILE *out, unsigned band, unsigned n_stages)
{
	switch (band) {
	case BAND_SEEN:
		fputs("class=\"n\"", out);
		break;
	case BAND_WAITING:
		fputs("class=\"w\"", out);
		break;
	case BAND_STUCK:
		fputs("class=\"k\"", out);
		break;
	case BAND_DONE:
		fputs("class=\"a\"", out);
		break;
	default:
		/* the nearer to the end, the denser; done is solid */
		fprintf(out, "class=\"a\" fill-opacity=\"%.2f\"",
			n_stages < 2 ? 0.45 : 0.25 + 0.45 * (double)(band - BAND_STAGE) / (n_stages - 1));
	}
}

/* ---- on top */

static void head(FILE *out, const struct report_fleet *f)
{
	char when[TIME_TEXT_SIZE];

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline'\">\n",
	      out);
	fprintf(out, "<title>loadstep report, %.16s</title>\n<style>\n",
		report_time_local(when, f->generated_ms));
	for (const char *const *line = html_style; *line; line++)
		fprintf(out, "%s\n", *line);
	fputs("</style></head>\n<body>\n", out);
}

static void sum(FILE *out, const char *name, int64_t n, int64_t of, bool alarm)
{
	fprintf(out, "<div><dt>%s</dt><dd%s>", name, alarm && n > 0 ? " class=\"alarm\"" : "");
	html_count(out, n);
	if (of > 0)
		fprintf(out, " <small>%lld %%</small>", (long long)(n * 100 / of));
	fputs("</dd></div>\n", out);
}

static void sums(FILE *out, const struct report_fleet *f)
{
	int64_t on_way = 0;

	for (int p = PHASE_OFFERED; p <= PHASE_CHECKING; p++)
		on_way += f->phases[p];
	fputs("<dl class=\"sums\">\n", out);
	sum(out, "phones", (int64_t)f->n_tracks, 0, false);
	sum(out, "done", f->phases[PHASE_DONE], (int64_t)f->n_tracks, false);
	sum(out, "on their way", on_way, 0, false);
	sum(out, "stuck", f->phases[PHASE_STUCK], 0, true);
	sum(out, "waiting", f->phases[PHASE_WAITING], 0, false);
	sum(out, "not started", f->phases[PHASE_SEEN], 0, false);
	sum(out, "need a reboot", f->needs_reboot, 0, false);
	fputs("</dl>\n", out);
}

static void top(FILE *out, const struct report_fleet *f)
{
	fputs("<header><h1>Fleet report</h1>\n<p class=\"soft\">", out);
	html_minute(out, f->generated_ms);
	if (f->last_event_ms > 0) {
		fputs(". What is drawn over time begins ", out);
		html_minute(out, f->from_ms);
		fputs("; the last sign of a phone came ", out);
		html_minute(out, f->last_event_ms);
	}
	fputs(". Times are local.</p>\n", out);
	if (f->writing > 0) {
		fputs("<p class=\"notice\">Writing flash: ", out);
		html_count(out, f->writing);
		fprintf(out, "%s. Do not cut their power, and do not restart their switches.</p>\n",
			html_phones(f->writing));
	}
	sums(out, f);
	fputs("<nav aria-label=\"Sections\"><ul><li><a href=\"#plans\">Stages</a></li><li><a href=\"#trouble\">Trouble</a></li>"
	      "<li><a href=\"#throughput\">Throughput</a></li><li><a href=\"#finished\">Finished</a></li>"
	      "<li><a href=\"#phones\">Phones</a></li></ul></nav></header>\n",
	      out);
}

/* ---- causes */

static void macs(FILE *out, const struct report_fleet *f, enum cause c)
{
	char mac[MAC_TEXT_SIZE];
	unsigned shown = 0;

	fputs("<p class=\"macs\">", out);
	for (size_t i = 0; i < f->n_tracks && shown < MACS_SHOWN; i++) {
		const struct phone *p = &f->tracks[i].subject.phone;

		if (p->cause != c || !p->mac_known)
			continue;
		fputs(shown++ ? ", " : "", out);
		if (i < f->n_lanes)
			fprintf(out, "<a href=\"#p%zu\">%s</a>", i, mac_format(mac, &p->mac));
		else
			fputs(mac_format(mac, &p->mac), out);
	}
	if (f->causes[c].phones > shown) {
		fputs(shown ? " and " : "", out);
		html_count(out, f->causes[c].phones - shown);
		fputs(" more (<code>loadstep report --csv</code>)", out);
	}
	fputs("</p>\n", out);
}

static void cause(FILE *out, const struct report_fleet *f, enum cause c)
{
	const struct report_cause *k = &f->causes[c];

	fprintf(out, "<div class=\"cause%s\" id=\"%s\"><h3>%s: ", k->phones ? " now" : "", cause_name(c),
		cause_name(c));
	html_count(out, k->phones);
	fprintf(out, "%s now</h3>\n<p>", html_phones(k->phones));
	sentence(out, cause_summary(c));
	fputs("</p>\n<p><strong>To do:</strong> ", out);
	sentence(out, cause_action(c));
	fputs("</p>\n<p class=\"soft\">Found ", out);
	html_count(out, k->times);
	fprintf(out, " time%s since the history begins.</p>\n", k->times == 1 ? "" : "s");
	if (k->phones > 0)
		macs(out, f, c);
	fputs("</div>\n", out);
}

static void causes(FILE *out, const struct report_fleet *f)
{
	bool any = false;

	fputs("<section><h2 id=\"trouble\">Trouble, by cause</h2>\n", out);
	/* those that somebody has now come first */
	for (int now = 1; now >= 0; now--) {
		for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
			const struct report_cause *k = &f->causes[c];

			if ((k->phones > 0) != (now == 1) || (k->phones == 0 && k->times == 0))
				continue;
			cause(out, f, (enum cause)c);
			any = true;
		}
	}
	if (!any)
		fputs("<p>No phone has, or had, any that is known.</p>\n", out);
	fputs("</section>\n", out);
}

/* ---- the page */

static void html_fleet(const struct report *r, const struct report_fleet *f)
{
	FILE *out = r->out;

	head(out, f);
	top(out, f);
	fputs("<main>\n<section><h2 id=\"plans\">Stages</h2>\n", out);
	if (f->n_tracks == 0)
		fputs("<p>No phone is known yet.</p>\n", out);
	for (size_t i = 0; i < f->n_plans; i++) {
		if (f->plans[i].n_phones > 0)
			html_plan(out, f, i);
	}
	fputs("</section>\n", out);
	causes(out, f);
	html_throughput(out, f);
	html_finished(out, f);
	html_lanes(out, f);
	fputs("</main>\n<footer><p>Made by loadstep. This file is complete: it loads nothing and runs nothing. The same numbers for "
	      "programs: <code>loadstep report --json</code>, <code>--csv</code>, <code>--prometheus</code>.</p></footer>\n"
	      "</body></html>\n",
	      out);
}

const struct report_writer report_html = { .name = "html", .fleet = html_fleet };
