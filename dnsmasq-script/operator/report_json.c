/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The writer for programs: the objects that loadstep(8) documents, and no others. null where something is
 * not known; MACs lower-case with colons; times UTC. jansson escapes, keeps order, and refuses bytes that
 * are no UTF-8, so texts that came from phones are escaped before they reach it.
 */
#include "report.h"

#include <string.h>

#include <jansson.h>

#include "cleanup.h"
#include "relayinfo.h"
#include "report_explain.h"
#include "report_fleet.h"
#include "report_json.h"

#define FORMAT_VERSION 1

static json_t *flags_of(const struct phone *p)
{
	json_t *flags = json_array();
	const char *name;

	for (unsigned i = 0; (name = report_flag(p, i)) != NULL; i++)
		json_array_append_new(flags, json_string(name));
	return flags;
}

static void add_place(json_t *o, const struct report_phone *rp)
{
	struct relay_info ri;

	(void)relay_info_of(rp->phone.relay, &ri);
	json_object_set_new(o, "giaddr", address_or_null(rp->phone.giaddr));
	json_object_set_new(o, "site", text_or_null(rp->site));
	json_object_set_new(o, "switch", stored_or_null(ri.device));
	json_object_set_new(o, "switch-port", stored_or_null(ri.port));
	json_object_set_new(o, "vlan", ri.vlan >= 0 ? json_integer(ri.vlan) : json_null());
}

json_t *phone_object(const struct report_phone *rp)
{
	const struct phone *p = &rp->phone;
	json_t *o = json_object();

	json_object_set_new(o, "mac", mac_or_null(p->mac_known, &p->mac));
	json_object_set_new(o, "address", address_or_null(p->address));
	json_object_set_new(o, "vendor-class", text_or_null(p->vendor_class));
	json_object_set_new(o, "model", text_or_null(p->model));
	json_object_set_new(o, "generation",
			    text_or_null(p->generation == GEN_UNKNOWN ? "" : generation_name(p->generation)));
	json_object_set_new(o, "plan", text_or_null(p->plan));
	json_object_set_new(o, "stage", number_or_null(p->stage_no));
	json_object_set_new(o, "stages", number_or_null(rp->stages));
	json_object_set_new(o, "load", text_or_null(p->load.s));
	json_object_set_new(o, "phase", json_string(phase_name(p->phase)));
	json_object_set_new(o, "since", time_or_null(p->since_ms));
	json_object_set_new(o, "boots", json_integer(p->boots));
	json_object_set_new(o, "running", text_or_null(p->running));
	json_object_set_new(
		o, "running-by",
		text_or_null(p->running_by == RUNNING_BY_NOTHING ? "" : running_by_name(p->running_by)));
	json_object_set_new(o, "cause", text_or_null(cause_name(p->cause)));
	json_object_set_new(o, "flags", flags_of(p));
	json_object_set_new(o, "unplug", json_boolean(rp->unplug.may));
	json_object_set_new(o, "last-event", time_or_null(rp->last_event_ms));
	add_place(o, rp);
	return o;
}

/* Phones that may not lose power, and about how much longer. */
static json_t *writing_object(const struct report_status *s)
{
	return json_pack("{s:i, s:I}", "phones", (int)s->writing, "seconds",
			 (json_int_t)((s->writing_ms + 999) / 1000));
}

static void json_safe_to_cut(const struct report *r, const struct report_status *s)
{
	json_t *o = json_object(), *macs = json_array();

	for (size_t i = 0; i < s->n_phones; i++)
		if (!s->phones[i].unplug.may)
			json_array_append_new(macs, mac_or_null(s->phones[i].phone.mac_known, &s->phones[i].phone.mac));
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "generated", time_or_null(s->generated_ms));
	json_object_set_new(o, "safe", json_boolean(s->safe));
	json_object_set_new(o, "phones", json_integer((json_int_t)s->n_phones));
	json_object_set_new(o, "writing", writing_object(s));
	json_object_set_new(o, "macs", macs);
	json_object_set_new(o, "not-known", text_or_null(s->blind));
	print(r, o, JSON_INDENT(2));
}

static void json_status(const struct report *r, const struct report_status *s)
{
	json_t *o = json_object(), *counts = json_object(), *phones = json_array(), *causes = json_object();

	for (int i = 0; i < PHASE_COUNT; i++)
		json_object_set_new(counts, phase_name((enum phase)i), json_integer(s->counts[i]));
	for (size_t i = 0; i < s->n_phones; i++)
		json_array_append_new(phones, phone_object(&s->phones[i]));
	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++)
		if (s->causes[i] > 0)
			json_object_set_new(causes, cause_name((enum cause)i), json_integer(s->causes[i]));
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "generated", time_or_null(s->generated_ms));
	json_object_set_new(o, "watched", time_or_null(s->watched_ms));
	json_object_set_new(o, "not-known", text_or_null(s->blind));
	json_object_set_new(o, "writing", writing_object(s));
	json_object_set_new(o, "counts", counts);
	json_object_set_new(o, "causes", causes);
	json_object_set_new(o, "known", json_integer((json_int_t)s->n_all));
	json_object_set_new(o, "phones", phones);
	print(r, o, JSON_INDENT(2));
}

static void json_history(const struct report *r, const struct history *h, bool with_mac)
{
	json_t *o = json_object();

	(void)with_mac; /* a program gets every key every time */
	json_object_set_new(o, "time", time_or_null(h->at_ms));
	json_object_set_new(o, "mac", mac_or_null(h->mac_known, &h->mac));
	json_object_set_new(o, "address", address_or_null(h->address));
	json_object_set_new(o, "event", json_string(event_kind_name(h->kind)));
	json_object_set_new(o, "file", stored_or_null(h->file));
	json_object_set_new(o, "bytes", h->bytes >= 0 ? json_integer(h->bytes) : json_null());
	json_object_set_new(o, "from", json_string(phase_name(h->from)));
	json_object_set_new(o, "to", json_string(phase_name(h->to)));
	json_object_set_new(o, "note", stored_or_null(h->note));
	print(r, o, JSON_COMPACT);
}

static json_t *preview_object(const struct report_preview *x)
{
	json_t *o = phone_object(&x->subject), *steps = json_array(), *blocks = json_array();

	json_object_set_new(o, "plan", text_or_null(x->plan));
	json_object_set_new(o, "stages", number_or_null(x->n_steps));
	json_object_set_new(o, "enters", number_or_null(x->enters));
	json_object_set_new(o, "why", text_or_null(x->why));
	for (unsigned i = 0; i < x->n_steps; i++) {
		const struct report_step *s = &x->steps[i];
		json_t *step = json_object();

		json_object_set_new(step, "stage", json_integer(s->stage_no));
		json_object_set_new(step, "load", text_or_null(s->load.s));
		json_object_set_new(step, "kind", json_string(load_kind_name(s->kind)));
		json_object_set_new(step, "where", json_string(report_mark_name(s->mark)));
		json_object_set_new(step, "files", text_or_null(s->files));
		json_object_set_new(step, "missing", text_or_null(s->missing));
		json_array_append_new(steps, step);
	}
	for (unsigned i = 0; i < x->n_blocks; i++)
		json_array_append_new(blocks, text_or_null(x->blocks[i]));
	json_object_set_new(o, "way", steps);
	json_object_set_new(o, "blocked-by", blocks);
	return o;
}

static json_t *stage_sum_object(const struct report_stage_sum *s)
{
	json_t *o = json_object();
	CLEANUP(strbuf_fini) struct strbuf files = STRBUF_INIT(1024);

	report_load_files(s->set, &files);
	json_object_set_new(o, "plan", text_or_null(s->plan));
	json_object_set_new(o, "stage", json_integer(s->stage_no));
	json_object_set_new(o, "load", text_or_null(s->set->load.s));
	json_object_set_new(o, "phones", json_integer(s->phones));
	json_object_set_new(o, "transfers", json_integer(s->transfers));
	json_object_set_new(o, "bytes", s->bytes_known ? json_integer(s->bytes) : json_null());
	json_object_set_new(o, "no-way-back", json_integer(s->crossing));
	json_object_set_new(o, "step-known", json_boolean(s->step_known));
	json_object_set_new(o, "step-forced", json_boolean(s->step_forced));
	json_object_set_new(o, "step-doubt", text_or_null(s->step_doubt));
	json_object_set_new(o, "imported", json_boolean(s->imported));
	json_object_set_new(o, "files", text_or_null(strbuf_text(&files)));
	json_object_set_new(o, "missing", text_or_null(s->missing));
	return o;
}

static json_t *unprovisioned_object(const struct report_unprovisioned *u)
{
	json_t *o = json_object();

	json_object_set_new(o, "mac", mac_or_null(true, &u->mac));
	json_object_set_new(o, "plan", text_or_null(u->plan));
	json_object_set_new(o, "wanted", text_or_null(u->wanted));
	json_object_set_new(o, "near", text_or_null(u->near));
	return o;
}

static json_t *forecast_object(const struct report_forecast *f)
{
	json_t *o = json_object(), *going = json_object(), *stages = json_array(), *missing = json_array(),
	       *assumed = json_array();

	for (int g = 0; g < GOING_COUNT; g++)
		json_object_set_new(going, report_going_name((enum report_going)g),
				    json_integer(f->going[g]));
	for (size_t i = 0; i < f->n_sums; i++)
		json_array_append_new(stages, stage_sum_object(&f->sums[i]));
	for (size_t i = 0; i < f->n_unprovisioned; i++)
		json_array_append_new(missing, unprovisioned_object(&f->unprovisioned[i]));
	for (unsigned i = 0; i < f->n_assumed; i++)
		json_array_append_new(assumed, text_or_null(f->assumed[i]));
	json_object_set_new(o, "phones", going);
	json_object_set_new(o, "stages", stages);
	json_object_set_new(o, "at-once", number_or_null(f->at_once));
	json_object_set_new(o, "seconds-least", json_integer(f->low_ms / 1000));
	json_object_set_new(o, "seconds-most", json_integer(f->high_ms / 1000));
	json_object_set_new(o, "assumed", assumed);
	json_object_set_new(o, "provisioning-missing", missing);
	return o;
}

static void json_preview(const struct report *r, const struct report_preview *a, size_t n,
			 const struct report_forecast *f)
{
	json_t *o = json_object(), *phones = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(phones, preview_object(&a[i]));
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "phones", phones);
	json_object_set_new(o, "forecast", forecast_object(f));
	print(r, o, JSON_INDENT(2));
}

static json_t *way_object(const struct report_way *w)
{
	json_t *o = json_object(), *steps = json_array();

	for (unsigned i = 0; i < w->n_steps; i++) {
		json_t *s = json_object();

		json_object_set_new(s, "load", text_or_null(w->steps[i].load.s));
		json_object_set_new(s, "releases", text_or_null(w->steps[i].band));
		json_object_set_new(s, "files", text_or_null(w->steps[i].files));
		json_object_set_new(s, "source", text_or_null(w->steps[i].source));
		json_array_append_new(steps, s);
	}
	json_object_set_new(o, "from", text_or_null(w->from));
	json_object_set_new(o, "possible", json_boolean(w->there));
	json_object_set_new(o, "why", text_or_null(w->why ? w->why : ""));
	json_object_set_new(o, "no-way-back", json_boolean(w->one_way));
	json_object_set_new(o, "way", steps);
	return o;
}

static void json_ways(const struct report *r, const struct report_ways *w)
{
	json_t *o = json_object(), *ways = json_array();

	for (unsigned i = 0; i < w->n; i++)
		json_array_append_new(ways, way_object(&w->a[i]));
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "model", text_or_null(w->model));
	json_object_set_new(o, "to", text_or_null(w->to));
	json_object_set_new(o, "possible", json_boolean(w->possible));
	json_object_set_new(o, "why", text_or_null(w->why));
	json_object_set_new(o, "ways", ways);
	print(r, o, JSON_INDENT(2));
}

static void json_findings(const struct report *r, const struct report_finding *a, size_t n)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *f = json_object();

		json_object_set_new(f, "id", json_string(a[i].id));
		json_object_set_new(f, "severity", json_string(a[i].severity));
		json_object_set_new(f, "place", text_or_null(a[i].place));
		json_object_set_new(f, "what", text_or_null(a[i].what));
		json_object_set_new(f, "shows", text_or_null(a[i].shows));
		json_object_set_new(f, "cure", text_or_null(a[i].cure));
		json_array_append_new(list, f);
	}
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "findings", list);
	print(r, o, JSON_INDENT(2));
}

/* ---- the fleet's history in numbers (examples/report.schema.json) */

static json_t *plan_object(const struct report_fleet *f, const struct report_plan *pl)
{
	json_t *o = json_object(), *stages = json_array(), *over = json_array();

	for (unsigned s = 0; s < pl->n_stages; s++)
		json_array_append_new(stages, json_pack("{s:i, s:o, s:i, s:i, s:i}", "stage", (int)s + 1, "load",
							text_or_null(pl->loads[s].s), "here", (int)pl->here[s],
							"stuck", (int)pl->stuck[s], "proven", (int)pl->proven[s]));
	for (unsigned b = 0; b < f->n_bins; b++) {
		json_t *at = json_object(), *on = json_array();

		for (unsigned s = 0; s < pl->n_stages; s++)
			json_array_append_new(on, json_integer(pl->over[b][BAND_STAGE + s]));
		json_object_set_new(at, "time", time_or_null(f->from_ms + b * f->bin_ms));
		json_object_set_new(at, "seen", json_integer(pl->over[b][BAND_SEEN]));
		json_object_set_new(at, "waiting", json_integer(pl->over[b][BAND_WAITING]));
		json_object_set_new(at, "stages", on);
		json_object_set_new(at, "done", json_integer(pl->over[b][BAND_DONE]));
		json_object_set_new(at, "stuck", json_integer(pl->over[b][BAND_STUCK]));
		json_array_append_new(over, at);
	}
	json_object_set_new(o, "name", text_or_null(pl->name));
	json_object_set_new(o, "phones", json_integer(pl->n_phones));
	json_object_set_new(o, "stages", stages);
	json_object_set_new(o, "over-time", over);
	return o;
}

static json_t *bin_object(int64_t at_ms, const struct report_bin *b)
{
	json_t *o = json_object();

	if (at_ms)
		json_object_set_new(o, "time", time_or_null(at_ms));
	json_object_set_new(o, "bytes", json_integer(b->bytes));
	json_object_set_new(o, "sent", json_integer(b->sent));
	json_object_set_new(o, "sent-size-unknown", json_integer(b->unsized));
	json_object_set_new(o, "missing", json_integer(b->missing));
	json_object_set_new(o, "failed", json_integer(b->failed));
	json_object_set_new(o, "boots", json_integer(b->boots));
	json_object_set_new(o, "proven", json_integer(b->proofs));
	json_object_set_new(o, "finished", json_integer(b->finished));
	return o;
}

static json_t *causes_array(const struct report_fleet *f)
{
	json_t *causes = json_array();

	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++) {
		enum cause c = (enum cause)i;
		json_t *macs = json_array();

		if (f->causes[c].phones == 0 && f->causes[c].times == 0) {
			json_decref(macs);
			continue;
		}
		for (size_t k = 0; k < f->n_tracks; k++) {
			const struct phone *p = &f->tracks[k].subject.phone;

			if (p->cause == c && p->mac_known)
				json_array_append_new(macs, mac_or_null(true, &p->mac));
		}
		json_array_append_new(causes, json_pack("{s:s, s:i, s:i, s:o, s:o, s:o}", "cause", cause_name(c),
							"phones", (int)f->causes[c].phones, "times",
							(int)f->causes[c].times, "summary",
							text_or_null(cause_summary(c)), "action",
							text_or_null(cause_action(c)), "macs", macs));
	}
	return causes;
}

static json_t *track_object(const struct report_track *t)
{
	json_t *o = phone_object(&t->subject), *proofs = json_array();

	for (int s = 0; s < PLAN_STAGES_MAX; s++) {
		if (t->proven_ms[s])
			json_array_append_new(proofs, json_pack("{s:i, s:o}", "stage", s + 1, "time",
								time_or_null(t->proven_ms[s])));
	}
	json_object_set_new(o, "files", json_integer(t->files));
	json_object_set_new(o, "bytes", json_integer(t->bytes));
	json_object_set_new(o, "faults", json_integer(t->faults));
	json_object_set_new(o, "proven", proofs);
	json_object_set_new(o, "finished", time_or_null(t->finished_ms));
	return o;
}

static void json_fleet(const struct report *r, const struct report_fleet *f)
{
	json_t *o = json_object(), *counts = json_object(), *plans = json_array(), *bins = json_array();
	json_t *spells = json_array(), *phones = json_array();

	for (int i = 0; i < PHASE_COUNT; i++)
		json_object_set_new(counts, phase_name((enum phase)i), json_integer(f->phases[i]));
	for (size_t i = 0; i < f->n_plans; i++)
		json_array_append_new(plans, plan_object(f, &f->plans[i]));
	for (unsigned b = 0; b < f->n_bins; b++)
		json_array_append_new(bins, bin_object(f->from_ms + b * f->bin_ms, &f->bins[b]));
	for (unsigned i = 0; i < f->n_spells; i++)
		json_array_append_new(spells, json_pack("{s:o, s:i}", "time",
							time_or_null(f->spell_from_ms + i * f->spell_ms), "phones",
							(int)f->finished[i]));
	for (size_t i = 0; i < f->n_tracks; i++)
		json_array_append_new(phones, track_object(&f->tracks[i]));
	json_object_set_new(o, "version", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "generated", time_or_null(f->generated_ms));
	json_object_set_new(o, "from", time_or_null(f->from_ms));
	json_object_set_new(o, "to", time_or_null(f->to_ms));
	json_object_set_new(o, "last-event", time_or_null(f->last_event_ms));
	json_object_set_new(o, "counts", counts);
	json_object_set_new(o, "totals", bin_object(0, &f->total));
	json_object_set_new(o, "plans", plans);
	json_object_set_new(o, "causes", causes_array(f));
	json_object_set_new(o, "bin-seconds", json_integer(f->bin_ms / 1000));
	json_object_set_new(o, "bins", bins);
	json_object_set_new(o, "finished-seconds", json_integer(f->spell_ms / 1000));
	json_object_set_new(o, "finished", spells);
	json_object_set_new(o, "phones", phones);
	print(r, o, JSON_INDENT(1));
}

const struct report_writer report_json = {
	.name = "json",
	.status = json_status,
	.safe_to_cut = json_safe_to_cut,
	.explain = report_json_explain,
	.stranger = report_json_stranger,
	.history = json_history,
	.preview = json_preview,
	.ways = json_ways,
	.findings = json_findings,
	.fleet = json_fleet,
};
