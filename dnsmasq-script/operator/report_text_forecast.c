/* SPDX-License-Identifier: MPL-2.0 */
/* The writer for people, third part: what a rollout comes to, and the ways of a model. */
#include "report.h"

#include <string.h>

#include "cleanup.h"
#include "parse.h"

#define LINE_MAX_BYTES 2048
#define INDENT 4
#define ITEM_INDENT 8

/* ---- numbers for people */

static const char *bytes_text(char buf[static 32], int64_t bytes, bool known)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double n = (double)bytes;
	size_t u = 0;

	for (; n >= 1000 && u + 1 < sizeof(units) / sizeof(units[0]); u++)
		n /= 1000;
	if (!known && bytes == 0)
		snprintf(buf, 32, "not known");
	else
		snprintf(buf, 32, "%s%.*f %s", known ? "" : "> ", u ? 1 : 0, n, units[u]);
	return buf;
}

/* To the minute from ten minutes on: it is an estimate. */
static void add_duration(struct strbuf *sb, int64_t ms)
{
	int64_t s = ms / 1000, min = (s + 30) / 60;

	if (s < 600)
		strbuf_addf(sb, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
	else if (min < 120)
		strbuf_addf(sb, "%lld min", (long long)min);
	else
		strbuf_addf(sb, "%lld h %lld min", (long long)(min / 60), (long long)(min % 60));
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* ---- who goes */

static void say_going(const struct report *r, const struct report_forecast *f)
{
	static const char *const words[GOING_COUNT] = {
		"on the way", "to start by itself", "waiting for `loadstep start`", "without a way", "done",
	};
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
	unsigned all = 0, told = 0;

	for (int g = 0; g < GOING_COUNT; g++)
		all += f->going[g];
	strbuf_addf(&sb, "%u phone%s:", all, plural(all));
	for (int g = 0; g < GOING_COUNT; g++)
		if (f->going[g])
			strbuf_addf(&sb, "%s %u %s", told++ ? "," : "", f->going[g], words[g]);
	report_wrap(r, INDENT, "", strbuf_text(&sb));
}

/* ---- stages */

static void say_stage(const struct report *r, const struct report_stage_sum *s)
{
	char bytes[32];

	fprintf(r->out, "    %2d %-26s %8u %11u  %14s\n", s->stage_no, s->set->load.s, s->phones,
		s->transfers, bytes_text(bytes, s->bytes, s->bytes_known));
}

static void say_stages(const struct report *r, const struct report_forecast *f)
{
	const char *plan = "";
	unsigned transfers = 0;
	int64_t bytes = 0;
	bool known = true;
	char text[32];

	for (size_t i = 0; i < f->n_sums; i++) {
		const struct report_stage_sum *s = &f->sums[i];

		if (strcmp(plan, s->plan) != 0)
			fprintf(r->out, "    plan %-26.26s %6s %11s  %14s\n", s->plan, "phones", "transfers",
				"bytes");
		plan = s->plan;
		say_stage(r, s);
		transfers += s->transfers;
		bytes += s->bytes;
		known = known && s->bytes_known;
	}
	if (f->n_sums)
		fprintf(r->out, "    %-29s %8s %11u  %14s\n", "in total", "", transfers,
			bytes_text(text, bytes, known));
}

static void say_time(const struct report *r, const struct report_forecast *f)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	if (f->n_assumed == 0)
		return;
	strbuf_add(&sb, f->at_once ? "time: about " : "time, all at once: about ");
	add_duration(&sb, f->low_ms);
	strbuf_add(&sb, " to ");
	add_duration(&sb, f->high_ms);
	if (f->at_once)
		strbuf_addf(&sb, ", %d at once (max-at-once)", f->at_once);
	strbuf_add(&sb, "; it takes for granted:");
	report_wrap(r, INDENT, "", strbuf_text(&sb));
	for (unsigned i = 0; i < f->n_assumed; i++)
		report_wrap(r, ITEM_INDENT, "      -", f->assumed[i]);
}

static void say_doors(const struct report *r, const struct report_forecast *f)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	for (size_t i = 0; i < f->n_sums; i++) {
		const struct report_stage_sum *s = &f->sums[i];

		if (!s->crossing)
			continue;
		strbuf_reset(&sb);
		strbuf_addf(&sb,
			    "no way back: stage %d of plan %s, %s, takes up to %u phone%s from unsigned to "
			    "signed code; after it they never take an unsigned load again",
			    s->stage_no, s->plan, s->set->load.s, s->crossing, plural(s->crossing));
		report_wrap(r, INDENT, "", strbuf_text(&sb));
	}
}

/* The stage before it stands before it in the list. */
static void say_steps(const struct report *r, const struct report_forecast *f)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	for (size_t i = 1; i < f->n_sums; i++) {
		const struct report_stage_sum *s = &f->sums[i];

		if (s->step_known)
			continue;
		strbuf_reset(&sb);
		strbuf_addf(&sb, "plan %s, stage %d: that %s is one step from %s is ", s->plan, s->stage_no,
			    s->set->load.s, f->sums[i - 1].set->load.s);
		if (s->step_forced)
			strbuf_add(&sb, "not known, and forced (unsafe-steps)");
		else if (s->step_doubt[0])
			strbuf_addf(&sb, "doubted: %s", s->step_doubt);
		else
			strbuf_add(&sb, "not known");
		strbuf_addf(&sb, "; `loadstep preview --model MODEL --to %s` shows the steps that are known",
			    s->set->load.s);
		report_wrap(r, INDENT, "", strbuf_text(&sb));
	}
}

/* ---- what is missing */

static bool listed_before(const struct report_forecast *f, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!f->sums[j].imported && load_name_equal(&f->sums[j].set->load, &f->sums[i].set->load))
			return true;
	return false;
}

/* Of one load in several plans all the phones. */
static unsigned phones_for(const struct report_forecast *f, const struct load_name *load)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n_sums; i++)
		n += load_name_equal(&f->sums[i].set->load, load) ? f->sums[i].phones : 0;
	return n;
}

static void say_shopping(const struct report *r, const struct report_forecast *f)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
	unsigned told = 0;

	for (size_t i = 0; i < f->n_sums; i++) {
		const struct report_stage_sum *s = &f->sums[i];
		unsigned phones = phones_for(f, &s->set->load);

		if (s->imported || listed_before(f, i))
			continue;
		if (told++ == 0)
			fputs("\nshopping list: loads that are not here whole\n", r->out);
		strbuf_reset(&sb);
		strbuf_addf(&sb, "%s for %u phone%s: ", s->set->load.s, phones, plural(phones));
		report_load_files(s->set, &sb);
		strbuf_addf(&sb, " (%s)", s->missing);
		report_wrap(r, INDENT, "", strbuf_text(&sb));
	}
	if (!f->root_here)
		report_wrap(r, 0, "", "no [tftp] root on this host: which loads are there is not known here");
}

static void say_unprovisioned(const struct report *r, const struct report_forecast *f)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
	char mac[MAC_TEXT_SIZE];

	if (f->n_unprovisioned)
		fputs("\nprovisioning-missing: phones that will run SIP, without a file to register by\n",
		      r->out);
	for (size_t i = 0; i < f->n_unprovisioned; i++) {
		const struct report_unprovisioned *u = &f->unprovisioned[i];

		strbuf_reset(&sb);
		strbuf_addf(&sb, "%s: %s", mac_format(mac, &u->mac), u->wanted);
		if (u->near[0])
			strbuf_addf(&sb, " (%s)", u->near);
		report_wrap(r, INDENT, "", strbuf_text(&sb));
	}
}

void report_text_forecast(const struct report *r, const struct report_forecast *f)
{
	fputs("\nwhat it comes to\n", r->out);
	say_going(r, f);
	say_stages(r, f);
	say_time(r, f);
	say_doors(r, f);
	say_steps(r, f);
	say_shopping(r, f);
	say_unprovisioned(r, f);
}

/* ---- the ways of a model */

static void say_way(const struct report *r, const struct report_way *w)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	strbuf_addf(&sb, "from %s%s%s%s", w->from, w->there ? "" : ": ", w->there ? "" : w->why,
		    w->one_way ? ", and never back to unsigned loads" : "");
	report_wrap(r, INDENT, "", strbuf_text(&sb));
	for (unsigned i = 0; i < w->n_steps; i++) {
		const struct report_way_step *s = &w->steps[i];

		fprintf(r->out, "     %u %-24s %-18s %s\n", i + 1, s->load.s[0] ? s->load.s : "any of",
			s->band, s->files);
		report_wrap(r, ITEM_INDENT, "", s->source);
	}
}

void report_text_ways(const struct report *r, const struct report_ways *w)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	strbuf_addf(&sb, "%s to ", w->model);
	strbuf_add_escaped(&sb, w->to, strlen(w->to));
	strbuf_addf(&sb, ": %s", w->possible ? "there is a way" : "no way");
	if (w->why[0])
		strbuf_addf(&sb, ": %s", w->why);
	report_wrap(r, 0, "", strbuf_text(&sb));
	for (unsigned i = 0; i < w->n; i++)
		say_way(r, &w->a[i]);
}
