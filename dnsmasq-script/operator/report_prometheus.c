/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for Prometheus: the text format (version 0.0.4) as node_exporter's textfile collector takes it, so without
 * time stamps. Every series is there in every report, with 0 where there is nothing, since one that appears only with
 * its first fault cannot be alarmed on. Labels are plans, stages, loads, phases, causes: none is a phone.
 */
#include "report_fleet.h"

#include <stdio.h>

static void metric(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(FILE *out, const char *name, const char *type, const char *help, int64_t value)
{
	metric(out, name, type, help);
	fprintf(out, "%s %lld\n", name, (long long)value);
}

/* Backslash, quote and line end are escaped; what else is no printable ASCII is nobody's name of ours. */
static void label(FILE *out, const char *between, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", between, name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value >= 0x20 && *value < 0x7f ? *value : '?', out);
	}
	fputc('"', out);
}

static void phones_by_phase(FILE *out, const struct report_fleet *f)
{
	metric(out, "loadstep_phones", "gauge", "Phones by plan (empty: in none) and phase.");
	for (size_t i = 0; i < f->n_plans; i++) {
		for (int p = 0; p < PHASE_COUNT; p++) {
			label(out, "loadstep_phones{", "plan", f->plans[i].name);
			label(out, ",", "phase", phase_name((enum phase)p));
			fprintf(out, "} %u\n", f->plans[i].phases[p]);
		}
	}
}

/* One of a plan's numbers for each stage. */
static void by_stage(FILE *out, const struct report_fleet *f, const char *name, const char *help,
		     const unsigned *(*numbers)(const struct report_plan *pl))
{
	char stage[16];

	metric(out, name, "gauge", help);
	for (size_t i = 0; i < f->n_plans; i++) {
		for (unsigned s = 0; s < f->plans[i].n_stages; s++) {
			fputs(name, out);
			label(out, "{", "plan", f->plans[i].name);
			snprintf(stage, sizeof(stage), "%u", s + 1);
			label(out, ",", "stage", stage);
			label(out, ",", "load", f->plans[i].loads[s].s);
			fprintf(out, "} %u\n", numbers(&f->plans[i])[s]);
		}
	}
}

static const unsigned *here(const struct report_plan *pl)
{
	return pl->here;
}

static const unsigned *proven(const struct report_plan *pl)
{
	return pl->proven;
}

static void phones_by_cause(FILE *out, const struct report_fleet *f)
{
	metric(out, "loadstep_cause_phones", "gauge", "Phones in trouble, by its cause.");
	for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
		label(out, "loadstep_cause_phones{", "cause", cause_name((enum cause)c));
		fprintf(out, "} %u\n", f->causes[c].phones);
	}
	metric(out, "loadstep_cause_found_total", "counter",
	       "Times a cause was found, a phone's repetitions included.");
	for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
		label(out, "loadstep_cause_found_total{", "cause", cause_name((enum cause)c));
		fprintf(out, "} %u\n", f->causes[c].times);
	}
}

static void transfers(FILE *out, const struct report_bin *b)
{
	metric(out, "loadstep_tftp_transfers_total", "counter",
	       "TFTP requests by how they ended; missing: there is no such file.");
	fprintf(out, "loadstep_tftp_transfers_total{outcome=\"sent\"} %u\n", b->sent);
	fprintf(out, "loadstep_tftp_transfers_total{outcome=\"missing\"} %u\n", b->missing);
	fprintf(out, "loadstep_tftp_transfers_total{outcome=\"failed\"} %u\n", b->failed);
	single(out, "loadstep_tftp_sent_bytes_total", "counter",
	       "Bytes of the files that went out whole, where a size is known.", b->bytes);
	single(out, "loadstep_tftp_sent_unsized_total", "counter",
	       "Files that went out whole and whose size no log tells.", b->unsized);
}

static void prometheus_fleet(const struct report *r, const struct report_fleet *f)
{
	FILE *out = r->out;

	phones_by_phase(out, f);
	by_stage(out, f, "loadstep_stage_phones", "Phones that stand on a stage of their plan.", here);
	by_stage(out, f, "loadstep_stage_proven_phones", "Phones that have proven a stage of their plan.",
		 proven);
	single(out, "loadstep_writing_flash_phones", "gauge",
	       "Phones that must not lose power: they fetch a load, or write it.", f->writing);
	single(out, "loadstep_needs_reboot_phones", "gauge", "Phones whose next load waits for their reboot.",
	       f->needs_reboot);
	phones_by_cause(out, f);
	transfers(out, &f->total);
	single(out, "loadstep_boots_total", "counter", "Boots of phones.", f->total.boots);
	single(out, "loadstep_stages_proven_total", "counter", "Proofs that a phone runs a stage's load.",
	       f->total.proofs);
	single(out, "loadstep_phones_finished_total", "counter",
	       "Phones that came through to their plan's last load.", f->total.finished);
	single(out, "loadstep_last_event_timestamp_seconds", "gauge",
	       "When something was last heard of any phone, since the epoch; 0: never.",
	       f->last_event_ms / 1000);
}

const struct report_writer report_prometheus = { .name = "prometheus", .fleet = prometheus_fleet };
