/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One phone's story for people: a sentence, what it sees and runs, a timeline, and last, above the prompt, what to do
 * and what happens by itself.
 */
#include "report_explain.h"

#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "parse.h"
#include "strbuf.h"

#define LABEL 12 /* columns of the labels */
#define MORE 14 /* of what stands below one */
#define STAMP 22 /* of a time and its gap */
#define TEXT_MAX 4096

/* ---- times */

static int64_t seconds_of(int64_t ms)
{
	return (ms + 500) / 1000;
}

const char *report_duration(char buf[static 24], int64_t ms)
{
	long long s = (long long)seconds_of(ms > 0 ? ms : 0);

	if (s < 120)
		snprintf(buf, 24, "%lld s", s);
	else if (s < 2 * 3600)
		snprintf(buf, 24, "%lld min", s / 60);
	else if (s < 48 * 3600 && s / 60 % 60)
		snprintf(buf, 24, "%lld h %lld min", s / 3600, s / 60 % 60);
	else if (s < 48 * 3600)
		snprintf(buf, 24, "%lld h", s / 3600);
	else
		snprintf(buf, 24, "%lld d", s / 86400);
	return buf;
}

const char *report_gap(char buf[static 16], int64_t ms)
{
	long long s = (long long)seconds_of(ms);

	if (s < 1)
		buf[0] = '\0';
	else if (s < 600)
		snprintf(buf, 16, "+%lld s", s);
	else if (s < 3 * 3600)
		snprintf(buf, 16, "+%lld min", s / 60);
	else if (s < 72 * 3600)
		snprintf(buf, 16, "+%lld h", s / 3600);
	else
		snprintf(buf, 16, "+%lld d", s / 86400);
	return buf;
}

/* "2026-01-31 12:00:00": the day, and the rest */
#define DAY_BYTES 10

static bool same_day(int64_t a_ms, int64_t b_ms)
{
	char a[TIME_TEXT_SIZE], b[TIME_TEXT_SIZE];

	return strncmp(report_time_local(a, a_ms), report_time_local(b, b_ms), DAY_BYTES) == 0;
}

const char *report_clock(char buf[static 32], int64_t at_ms, int64_t now_ms)
{
	char text[TIME_TEXT_SIZE];

	report_time_local(text, at_ms);
	(void)text_copy(buf, 32, same_day(at_ms, now_ms) && text[0] != '-' ? text + DAY_BYTES + 1 : text);
	return buf;
}

/* ---- what it is, sees and runs */

static void who_it_is(const struct report *r, const struct report_explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	const struct phone *p = &x->subject.phone;
	char addr[IP4_TEXT_SIZE], when[32];

	strbuf_add(&sb, p->address.host ? ip4_format(addr, p->address) : "not known");
	if (p->boots)
		strbuf_addf(&sb, "; %u boot%s seen%s%s", p->boots, p->boots == 1 ? "" : "s",
			    p->last_boot_ms ? ", the last " : "",
			    p->last_boot_ms ? report_clock(when, p->last_boot_ms, x->now_ms) : "");
	report_wrap(r, LABEL, "address", strbuf_text(&sb));
	if (x->port[0])
		report_wrap(r, LABEL, "plugged in", x->port);
	strbuf_reset(&sb);
	strbuf_add_escaped(&sb, p->vendor_class, strlen(p->vendor_class));
	if (sb.len > 0)
		report_wrap(r, LABEL, "class", strbuf_text(&sb));
	strbuf_reset(&sb);
	strbuf_add(&sb, phase_name(p->phase));
	if (p->plan[0])
		strbuf_addf(&sb, " in plan %s%s", p->plan,
			    x->subject.stages ? "" : ", which is in force no more,");
	if (p->since_ms)
		strbuf_addf(&sb, " since %s", report_clock(when, p->since_ms, x->now_ms));
	if (p->cause != CAUSE_NONE)
		strbuf_addf(&sb, ", %s", cause_name(p->cause));
	const char *flag;

	for (unsigned i = 0; (flag = report_flag(p, i)) != NULL; i++)
		strbuf_addf(&sb, ", %s", flag);
	report_wrap(r, LABEL, "phase", strbuf_text(&sb));
}

/* Elements of one file that say the same, without anything to say of one of them alone. */
static bool alike(const struct report_naming *a, const struct report_naming *b)
{
	return strcmp(a->file, b->file) == 0 && a->element[0] && b->element[0] &&
	       strcmp(a->load, b->load) == 0 && strcmp(a->note, b->note) == 0 && !a->fault[0] && !b->fault[0];
}

/* "loadInformation8 (7940), loadInformation7 (7960) = P00305000500 (XMLDefault.cnf.xml, 612 bytes, published 03:12)" */
static void namings(const struct report *r, const struct report_explain *x, const struct report_naming *n,
		    unsigned k)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX), in = STRBUF_INIT(TEXT_MAX);
	const char *published = strncmp(x->sees, "stages/", 7) == 0 ? "published" : "changed";
	char when[32];

	for (unsigned i = 0; i < k; i++) {
		strbuf_addf(&sb, "%s%s", i ? ", " : "", n[i].element[0] ? n[i].element : n[i].file);
		if (n[i].of[0] && (k > 1 || !x->subject.phone.model[0]))
			strbuf_addf(&sb, " (%s)", n[i].of);
	}
	if (n->load[0] || n->element[0])
		strbuf_addf(&sb, " = %s", n->load[0] ? n->load : "none");
	if (n->element[0])
		strbuf_addf(&in, ", %s", n->file);
	if (n->bytes >= 0)
		strbuf_addf(&in, ", %lld bytes, %s %s", (long long)n->bytes, published,
			    report_clock(when, n->changed_ms, x->now_ms));
	if (n->note[0])
		strbuf_addf(&in, "; %s", n->note);
	if (in.len > 2)
		strbuf_addf(&sb, " (%s)", strbuf_text(&in) + 2);
	report_wrap(r, MORE, "", strbuf_text(&sb));
	strbuf_reset(&sb);
	strbuf_addf(&sb, "WRONG: %s", n->fault);
	if (n->fault[0])
		report_wrap(r, MORE + 2, "", strbuf_text(&sb));
}

static void load_files(const struct report *r, const struct report_explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	unsigned bad = 0;

	for (unsigned i = 0; i < x->n_files; i++)
		bad += x->files[i].fault[0] != '\0';
	strbuf_addf(&sb, "of %s: %s", x->load.s,
		    bad || x->files_fault[0] ? "NOT AS THEY MUST BE" : "all there");
	for (unsigned i = 0; i < x->n_files; i++)
		if (!x->files[i].fault[0])
			strbuf_addf(&sb, ", %s (%lld bytes)", x->files[i].name, (long long)x->files[i].bytes);
	report_wrap(r, LABEL, "files", strbuf_text(&sb));
	for (unsigned i = 0; i < x->n_files; i++) {
		if (!x->files[i].fault[0])
			continue;
		strbuf_reset(&sb);
		strbuf_addf(&sb, "%s: %s", x->files[i].name, x->files[i].fault);
		report_wrap(r, MORE, "", strbuf_text(&sb));
	}
	if (x->files_fault[0])
		report_wrap(r, MORE, "", x->files_fault);
}

static void what_it_sees(const struct report *r, const struct report_explain *x)
{
	report_wrap(r, LABEL, "sees", x->sees);
	for (unsigned i = 0, k; i < x->n_namings; i += k) {
		for (k = 1; i + k < x->n_namings && alike(&x->namings[i], &x->namings[i + k]); k++)
			continue;
		namings(r, x, &x->namings[i], k);
	}
	if (x->load.s[0])
		load_files(r, x);
	report_wrap(r, LABEL, "runs", x->runs);
}

/* ---- the timeline */

static void moment(const struct report *r, const struct report_moment *m, int64_t before_ms)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	char when[TIME_TEXT_SIZE], gap[16], stamp[64], until[32];

	if (!same_day(m->at_ms, before_ms))
		fprintf(r->out, "  %.10s\n", report_time_local(when, m->at_ms));
	report_gap(gap, before_ms && m->at_ms - before_ms < INT64_C(1000) * 86400 * 365 ? m->at_ms - before_ms
											: 0);
	snprintf(stamp, sizeof(stamp), "  %s%10s  ", report_time_local(when, m->at_ms) + DAY_BYTES + 1, gap);
	strbuf_add(&sb, m->what);
	if (m->times > 1)
		strbuf_addf(&sb, ", %u times until %s", m->times, report_clock(until, m->until_ms, m->at_ms));
	if (m->counts[0])
		strbuf_addf(&sb, " [%s]", m->counts);
	report_wrap(r, STAMP, stamp, strbuf_text(&sb));
}

static void silence(const struct report *r, const struct report_explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	char now[TIME_TEXT_SIZE], stamp[64], span[24], limit[24], when[32];

	if (!x->heard_ms) {
		report_wrap(r, STAMP, "", "nothing has been heard of it");
		return;
	}
	snprintf(stamp, sizeof(stamp), "  %s%10s  ", report_time_local(now, x->now_ms) + DAY_BYTES + 1, "");
	strbuf_addf(&sb, "now: silent for %s", report_duration(span, x->now_ms - x->heard_ms));
	if (x->limit_ms)
		strbuf_addf(&sb, "; limit %s, at %s", report_duration(limit, x->limit_ms - x->heard_ms),
			    report_clock(when, x->limit_ms, x->now_ms));
	report_wrap(r, STAMP, stamp, strbuf_text(&sb));
}

static void timeline(const struct report *r, const struct report_explain *x)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	int64_t before = x->now_ms;
	char when[32];

	fputc('\n', r->out);
	if (x->n_earlier)
		strbuf_addf(&sb, "%s%zu earlier line%s, from %s on, with --all", x->more ? "more than " : "",
			    x->n_earlier, x->n_earlier == 1 ? "" : "s",
			    report_clock(when, x->moments[0].at_ms, x->now_ms));
	if (sb.len > 0)
		report_wrap(r, LABEL, "timeline", strbuf_text(&sb));
	else
		fputs("timeline\n", r->out);
	for (size_t i = x->n_earlier; i < x->n_moments; i++) {
		const struct report_moment *m = &x->moments[i];

		if (i > x->n_earlier && m->boot)
			fputc('\n', r->out);
		moment(r, m, i > x->n_earlier ? before : same_day(m->at_ms, x->now_ms) ? m->at_ms : 0);
		before = m->until_ms;
	}
	if (x->n_moments > x->n_earlier && !same_day(before, x->now_ms))
		fprintf(r->out, "  %.10s\n", report_time_local((char[TIME_TEXT_SIZE]){ "" }, x->now_ms));
	silence(r, x);
	fputc('\n', r->out);
}

/* ---- why, and what then */

/* All that fit: what was seen of each, and, where more than one does or none is sure, what would tell it. */
static void fits(const struct report *r, const struct report_explain *x)
{
	char first[32], last[32];

	for (unsigned i = 0; i < x->n_fits; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
		const struct report_fit *f = &x->fits[i];

		strbuf_addf(&sb, "%s%s: ", f->found.sure ? "" : "perhaps ", cause_name(f->found.cause));
		if (!f->found.sure)
			strbuf_addf(&sb, "%s; seen: ", cause_summary(f->found.cause));
		causes_evidence(&f->found, report_clock(first, f->first_ms, x->now_ms),
				report_clock(last, f->last_ms, x->now_ms), &sb);
		report_wrap(r, LABEL, i == 0 ? "causes" : "", strbuf_text(&sb));
		strbuf_reset(&sb);
		if (f->found.apart && (x->n_fits > 1 || !f->found.sure))
			strbuf_add(&sb, f->found.apart);
		if (sb.len > 0)
			report_wrap(r, MORE, "", strbuf_text(&sb));
	}
}

static void what_to_do(const struct report *r, const struct report_explain *x)
{
	for (unsigned i = 0; i < x->n_steps; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);

		if (x->n_steps > 1)
			strbuf_addf(&sb, "%u. ", i + 1);
		strbuf_add(&sb, x->steps[i]);
		report_wrap(r, LABEL, i == 0 ? "to do" : "", strbuf_text(&sb));
	}
	if (x->dont[0])
		report_wrap(r, LABEL, "do NOT", x->dont);
}

static void what_comes(const struct report *r, const struct report_explain *x)
{
	char when[32];

	for (unsigned i = 0; i < x->n_next; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
		const struct report_next *n = &x->next[i];

		if (n->at_ms > x->now_ms)
			strbuf_addf(&sb, "at %s ", report_clock(when, n->at_ms, x->now_ms));
		else if (n->at_ms)
			strbuf_add(&sb, "within seconds, ");
		strbuf_add(&sb, n->what);
		report_wrap(r, LABEL, i == 0 ? "next" : "", strbuf_text(&sb));
	}
}

static void checklist(const struct report *r, unsigned n, const struct report_check *checks)
{
	for (unsigned i = 0; i < n; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
		const struct report_check *k = &checks[i];
		char number[16];

		snprintf(number, sizeof(number), "%2u.", i + 1);
		report_wrap(r, 4, number, k->look);
		if (k->command[0])
			fprintf(r->out, "    %s\n", k->command);
		report_wrap(r, 4, "", k->tells);
	}
}

void report_text_explain(const struct report *r, const struct report_explain *x)
{
	if (r->colour)
		fputs("\033[1m", r->out);
	report_wrap(r, 0, "", x->sentence);
	fputs(r->colour ? "\033[0m\n" : "\n", r->out);
	who_it_is(r, x);
	what_it_sees(r, x);
	if (x->notes[0])
		report_wrap(r, LABEL, "note", x->notes);
	timeline(r, x);
	fits(r, x);
	what_to_do(r, x);
	what_comes(r, x);
	if (x->n_checks > 0)
		fputs("\nin this order:\n", r->out);
	checklist(r, x->n_checks, x->checks);
}

void report_text_stranger(const struct report *r, const struct report_stranger *s)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);

	strbuf_addf(
		&sb,
		"%s is no phone that loadstep knows: it was never seen in DHCP, nor asked for a file under that name.",
		s->asked);
	report_wrap(r, 0, "", strbuf_text(&sb));
	fputc('\n', r->out);
	for (unsigned i = 0; i < s->n_near; i++)
		report_wrap(r, LABEL, i == 0 ? "near it" : "", s->near[i]);
	fputs("\nwhat to look at, in this order:\n", r->out);
	checklist(r, s->n_checks, s->checks);
}
