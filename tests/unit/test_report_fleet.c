/* SPDX-License-Identifier: MPL-2.0 */
/* The fleet's history in numbers: what the border test's well-kept fleet does not have. */
#include "report_fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#include "config_fixture.h"
#include "state_fixture.h"

#define MINUTE ((int64_t)60000)
#define DAY (1440 * MINUTE)
#define NOW ((int64_t)1772359500000) /* 2026-03-01T10:05:00Z */

static const char conf[] = "[store]\nurl = sqlite:/nowhere\n[plan ladder]\nmodels = 7960\n"
			   "stages = P00303010102 P00305000500\n";

static struct phone phone_at(struct place *p, unsigned n, enum phase phase, int stage_no, const char *plan)
{
	struct mac mac = { { 0, 1, 2, 3, (uint8_t)(n >> 8), (uint8_t)n } };
	struct phone ph;

	phone_init(&ph, &mac);
	ph.phase = phase;
	ph.stage_no = stage_no;
	ph.flags = plan[0] ? PHONE_STARTED : 0;
	ph.since_ms = NOW - 10 * MINUTE;
	(void)text_copy(ph.plan, sizeof(ph.plan), plan);
	(void)text_copy(ph.load.s, sizeof(ph.load.s), "P00305000500");
	put(p, &ph);
	return ph;
}

static void entry(struct place *p, const struct phone *ph, int64_t at_ms, enum event_kind kind,
		  const char *file, enum phase from, enum phase to, const char *note)
{
	struct history h = { .at_ms = at_ms,
			     .phone_id = ph->id,
			     .mac = ph->mac,
			     .mac_known = true,
			     .kind = kind,
			     .bytes = 600,
			     .from = from,
			     .to = to,
			     .stage_no = ph->stage_no };
	struct err e;

	(void)text_copy(h.file, sizeof(h.file), file);
	(void)text_copy(h.note, sizeof(h.note), note);
	assert_int_equal(state_history_put(p->st, &h, &e), 0);
}

static struct report_fleet *collect(struct place *p, int64_t since_ms)
{
	struct report_fleet_query q = { .now_ms = NOW, .since_ms = since_ms };
	struct config *cfg = must_parse(conf);
	struct report_fleet *f = NULL;
	struct err e = { 0 };

	if (report_fleet_collect(p->st, cfg, &q, &f, &e))
		fail_msg("%s", e.text);
	config_free(cfg);
	return f;
}

/* In every bin as many phones as are in the plan from then on, and never fewer than none in a band. */
static void assert_bands(const struct report_fleet *f, const struct report_plan *pl)
{
	int before = 0;

	for (unsigned b = 0; b < f->n_bins; b++) {
		int sum = 0;

		for (unsigned k = 0; k < BAND_COUNT; k++) {
			assert_true(pl->over[b][k] >= 0);
			sum += pl->over[b][k];
		}
		assert_true(sum >= before);
		before = sum;
	}
	assert_int_equal(before, pl->n_phones);
}

static void test_nothing(void **state)
{
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(*state, 0);

	assert_in_range(f->n_bins, 12, 13); /* a minute */
	assert_int_equal(f->last_event_ms, 0);
	assert_int_equal(f->n_tracks, 0);
	assert_int_equal(f->n_plans, 1);
	assert_int_equal(f->plans[0].n_stages, 2);
}

static void test_spans(void **state)
{
	static const int64_t spans[] = { 0,	  1,	    999,       MINUTE,	   37 * MINUTE, DAY,
					 DAY + 1, 30 * DAY, 365 * DAY, 3650 * DAY, 20513 * DAY };

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		place_teardown(state);
		place_setup(state);
		struct place *p = *state;
		struct phone ph = phone_at(p, 1, PHASE_DOWNLOADING, 1, "ladder");

		entry(p, &ph, NOW - spans[i], EVENT_SENT, "a", PHASE_OFFERED, PHASE_OFFERED, "");
		entry(p, &ph, NOW, EVENT_SENT, "b", PHASE_OFFERED, PHASE_DOWNLOADING, "");
		CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);

		assert_in_range(f->n_bins, 1, REPORT_BINS_MAX);
		assert_in_range(f->n_spells, 1, REPORT_SPELLS_MAX);
		assert_true(f->from_ms <= NOW - spans[i] && f->to_ms > NOW);
		assert_true(f->bins[(NOW - spans[i] - f->from_ms) / f->bin_ms].sent >= 1);
		assert_true(f->bins[(NOW - f->from_ms) / f->bin_ms].sent >= 1);
		assert_int_equal(f->total.sent, 2);
		assert_int_equal(f->total.bytes, 1200);
		assert_bands(f, &f->plans[0]);
	}
}

/* Stamps that jump back do not take a phone back, and what came late is counted where it belongs. */
static void test_out_of_order(void **state)
{
	struct place *p = *state;
	struct phone ph = phone_at(p, 1, PHASE_DONE, 2, "ladder");

	ph.stage_no = 1;
	entry(p, &ph, NOW - 60 * MINUTE, EVENT_OPERATOR, "", PHASE_SEEN, PHASE_OFFERED, "started");
	ph.stage_no = 2;
	entry(p, &ph, NOW - 20 * MINUTE, EVENT_SENT, "a", PHASE_OFFERED, PHASE_DOWNLOADING, "");
	entry(p, &ph, NOW - 50 * MINUTE, EVENT_SENT, "b", PHASE_DOWNLOADING, PHASE_FLASHING,
	      "has the whole load");
	entry(p, &ph, NOW - 30 * MINUTE, EVENT_TICK, "", PHASE_FLASHING, PHASE_DONE,
	      "proven: it runs the plan's last load (P00305000500)");
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);
	const struct report_plan *pl = &f->plans[0];
	unsigned at = (unsigned)((NOW - 20 * MINUTE - f->from_ms) / f->bin_ms);

	assert_bands(f, pl);
	assert_int_equal(pl->over[at - 1][BAND_STAGE], 1);
	assert_int_equal(pl->over[at][BAND_DONE], 1);
	assert_int_equal(f->bins[(NOW - 50 * MINUTE - f->from_ms) / f->bin_ms].sent, 1);
	assert_int_equal(f->total.finished, 1);
	assert_int_equal(pl->proven[1], 1);
	assert_int_equal(f->tracks[0].proven_ms[1], NOW - 30 * MINUTE);
	assert_int_equal(f->lanes[0].band[f->n_bins - 1], BAND_DONE);
	assert_true(f->lanes[0].marks[at] & LANE_FETCH);
}

/* Entries of one boot are one boot; two within the hour are two. A phone that ran the last load when it was first seen did
 * not come through. */
static void test_counted_once(void **state)
{
	struct place *p = *state;
	struct phone ph = phone_at(p, 1, PHASE_DONE, 2, "ladder");

	entry(p, &ph, NOW - 60 * MINUTE, EVENT_BOOT, "", PHASE_SEEN, PHASE_SEEN, "");
	entry(p, &ph, NOW - 60 * MINUTE + 5, EVENT_BOOT, "", PHASE_SEEN, PHASE_DONE,
	      "observed: it runs the plan's last load (P00305000500)");
	entry(p, &ph, NOW - 40 * MINUTE, EVENT_BOOT, "", PHASE_DONE, PHASE_DONE, "");
	entry(p, &ph, NOW - 40 * MINUTE, EVENT_TICK, "", PHASE_STUCK, PHASE_STUCK, "loader-looping");
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);

	assert_int_equal(f->total.boots, 2);
	assert_int_equal(f->total.finished, 0);
	assert_int_equal(f->total.proofs, 1);
	assert_int_equal(f->causes[CAUSE_LOADER_LOOPING].times, 1);
	assert_int_equal(f->causes[CAUSE_LOADER_LOOPING].phones, 0);
}

static void test_since(void **state)
{
	struct place *p = *state;
	struct phone ph = phone_at(p, 1, PHASE_DOWNLOADING, 1, "ladder");

	entry(p, &ph, NOW - 10 * DAY, EVENT_OPERATOR, "", PHASE_SEEN, PHASE_OFFERED, "started");
	entry(p, &ph, NOW - 9 * DAY, EVENT_SENT, "a", PHASE_OFFERED, PHASE_DOWNLOADING, "");
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, NOW - 60 * MINUTE);

	assert_true(f->to_ms - f->from_ms <= 62 * MINUTE);
	assert_int_equal(f->plans[0].over[0][BAND_STAGE], 1);
	assert_int_equal(f->bins[0].sent, 0);
	assert_int_equal(f->total.sent, 1);
}

/* A file of its load that is not there is a fault; a name that need not be there is none. */
static void test_faults(void **state)
{
	struct place *p = *state;
	struct phone ph = phone_at(p, 1, PHASE_OFFERED, 2, "ladder");

	entry(p, &ph, NOW - 3 * MINUTE, EVENT_MISSING, "CTLSEP000102030001.tlv", PHASE_OFFERED, PHASE_OFFERED,
	      "");
	entry(p, &ph, NOW - 2 * MINUTE, EVENT_MISSING, "P00305000500.sbn", PHASE_OFFERED, PHASE_OFFERED, "");
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);

	assert_int_equal(f->total.missing, 2);
	assert_int_equal(f->tracks[0].faults, 1);
	assert_string_equal(f->lanes[0].fault_file, "P00305000500.sbn");
	assert_int_equal(f->lanes[0].fault, EVENT_MISSING);
}

/* Without history a phone stands where it is; a plan that is no longer in force has what its phones know of it. */
static void test_without_history(void **state)
{
	struct place *p = *state;

	(void)phone_at(p, 1, PHASE_STUCK, 2, "gone");
	(void)phone_at(p, 2, PHASE_SEEN, 0, "");
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);

	assert_int_equal(f->n_plans, 3);
	assert_string_equal(f->plans[1].name, "gone");
	assert_int_equal(f->plans[1].n_stages, 2);
	assert_string_equal(f->plans[1].loads[1].s, "P00305000500");
	assert_int_equal(f->plans[1].stuck[1], 1);
	assert_string_equal(f->plans[2].name, "");
	for (size_t i = 0; i < f->n_plans; i++)
		assert_bands(f, &f->plans[i]);
	assert_int_equal(f->tracks[0].subject.phone.phase, PHASE_STUCK);
}

static void test_limit(void **state)
{
	struct place *p = *state;
	struct err e;
	size_t shared = 0;

	assert_int_equal(state_begin(p->st, &e), 0);
	for (unsigned n = 0; n < REPORT_LANES_MAX + 9; n++)
		(void)phone_at(p, n,
			       n == 505 ? PHASE_STUCK
			       : n % 2	? PHASE_DONE
					: PHASE_OFFERED,
			       1, "ladder");
	assert_int_equal(state_commit(p->st, &e), 0);
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = collect(p, 0);

	assert_int_equal(f->n_lanes, REPORT_LANES_MAX);
	assert_int_equal(f->tracks[0].subject.phone.mac.b[5], 505 & 255);
	for (size_t i = 0; i < f->n_groups; i++)
		shared += f->groups[i].n_phones;
	assert_int_equal(shared, 9);
	assert_int_equal(f->groups[0].band, BAND_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_nothing), WITH_PLACE(test_spans),	 WITH_PLACE(test_out_of_order),
		WITH_PLACE(test_since),	  WITH_PLACE(test_faults),	 WITH_PLACE(test_without_history),
		WITH_PLACE(test_limit),	  WITH_PLACE(test_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
