/* SPDX-License-Identifier: MPL-2.0 */
/* The text writer's report: the fleet's history as a person reads it in a terminal. */
#include "report_fleet.h"

#include <stdio.h>

#include "parse.h"

#define INDENT 4
#define MACS_SHOWN 8

static void plan(const struct report *r, const struct report_plan *pl)
{
	if (pl->n_phones == 0)
		return;
	fprintf(r->out, "\n%s%s: %u phone%s, %u done\n", pl->name[0] ? "plan " : "in no plan", pl->name,
		pl->n_phones, pl->n_phones == 1 ? "" : "s", pl->phases[PHASE_DONE]);
	if (pl->n_stages > 0)
		fprintf(r->out, "  %-5s  %-32s %8s %8s %8s\n", "STAGE", "LOAD", "HERE", "STUCK", "PROVEN");
	for (unsigned s = 0; s < pl->n_stages; s++)
		fprintf(r->out, "  %5u  %-32s %8u %8u %8u\n", s + 1, pl->loads[s].s, pl->here[s],
			pl->stuck[s], pl->proven[s]);
}

static void cause(const struct report *r, const struct report_fleet *f, enum cause c)
{
	char mac[MAC_TEXT_SIZE];
	unsigned shown = 0;

	fprintf(r->out, "\n%s: %u phone%s now, found %u time%s\n", cause_name(c), f->causes[c].phones,
		f->causes[c].phones == 1 ? "" : "s", f->causes[c].times, f->causes[c].times == 1 ? "" : "s");
	report_wrap(r, INDENT, "", cause_summary(c));
	report_wrap(r, INDENT + 7, "    to do: ", cause_action(c));
	for (size_t i = 0; i < f->n_tracks && shown < MACS_SHOWN; i++) {
		const struct phone *p = &f->tracks[i].subject.phone;

		if (p->cause != c || !p->mac_known)
			continue;
		fprintf(r->out, "%s%s", shown % 4 == 0 ? (shown ? "\n    " : "    ") : " ",
			mac_format(mac, &p->mac));
		shown++;
	}
	if (f->causes[c].phones > shown && shown > 0)
		fprintf(r->out, "\n    and %u more: `loadstep report --csv`", f->causes[c].phones - shown);
	if (shown > 0)
		fputc('\n', r->out);
}

static void finished(const struct report *r, const struct report_fleet *f)
{
	char when[TIME_TEXT_SIZE];
	long long hours = f->spell_ms / 3600000;

	if (f->total.finished == 0)
		return;
	if (hours == 1)
		fputs("\nfinished per hour\n", r->out);
	else
		fprintf(r->out, "\nfinished per %lld hours\n", hours);
	for (unsigned i = 0; i < f->n_spells; i++) {
		if (f->finished[i] > 0)
			fprintf(r->out, "    %.16s %8u\n",
				report_time_local(when, f->spell_from_ms + i * f->spell_ms), f->finished[i]);
	}
}

void report_text_fleet(const struct report *r, const struct report_fleet *f)
{
	char from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];

	fprintf(r->out, "%zu phone%s, %u done, %u stuck; %u writing flash\n", f->n_tracks,
		f->n_tracks == 1 ? "" : "s", f->phases[PHASE_DONE], f->phases[PHASE_STUCK], f->writing);
	if (f->last_event_ms == 0) {
		fputs("nothing has been heard of any phone yet\n", r->out);
		return;
	}
	fprintf(r->out, "%s to %s\n", report_time_local(from, f->from_ms),
		report_time_local(to, f->last_event_ms));
	fprintf(r->out, "%u files sent (%.1f MB%s), %u transfers broke off, %u boots, %u proofs\n",
		f->total.sent, (double)f->total.bytes / 1e6,
		f->total.unsized ? ", not counting those of unknown size" : "", f->total.failed,
		f->total.boots, f->total.proofs);
	for (size_t i = 0; i < f->n_plans; i++)
		plan(r, &f->plans[i]);
	for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
		if (f->causes[c].phones > 0 || f->causes[c].times > 0)
			cause(r, f, (enum cause)c);
	}
	finished(r, f);
}
