/* SPDX-License-Identifier: MPL-2.0 */
/* A phone's history as a short timeline: what becomes one line, what a line counts as, and which lines are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "explain_timeline.h"

#define SEC 1000
#define T0 1700000000000LL
#define MAC "001B0C18BDC1"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct limits limits = { .boot_gap = 15 * SEC };

static struct plan plan_of(void)
{
	static const char *const loads[] = { "P00305000500", "P0S3-8-12-00" };
	struct plan pl = { .name = "ladder", .n_models = 1, .n_stages = 2 };

	snprintf(pl.models[0], sizeof(pl.models[0]), "7960");
	for (int i = 0; i < 2; i++) {
		struct load_name n;

		snprintf(n.s, sizeof(n.s), "%s", loads[i]);
		loadset_from_name(&n, &pl.stages[i]);
	}
	return pl;
}

struct entry {
	int64_t at_s;
	enum event_kind kind;
	const char *file;
	int64_t bytes;
	enum phase from, to;
	const char *note;
	int stage_no;
};

#define S PHASE_SEEN, PHASE_SEEN, "", 2

struct made {
	struct report_moment *a;
	size_t n, earlier;
};

static void made_free(struct made *m)
{
	free(m->a);
}

static struct made make_of(const struct phone *p, const struct entry *e, size_t n, bool all)
{
	struct history *h = calloc(n + 1, sizeof(*h));
	struct plan pl = plan_of();
	const struct timeline t = { .p = p, .pl = &pl, .lim = &limits, .all = all };
	struct made m = { NULL, 0, 0 };
	struct err err;

	assert_non_null(h);
	for (size_t i = 0; i < n; i++) {
		h[i] = (struct history){ .at_ms = T0 + e[i].at_s * SEC,
					 .kind = e[i].kind,
					 .bytes = e[i].bytes,
					 .from = e[i].from,
					 .to = e[i].to,
					 .stage_no = e[i].stage_no };
		text_copy(h[i].file, sizeof(h[i].file), e[i].file ? e[i].file : "");
		text_copy(h[i].note, sizeof(h[i].note), e[i].note);
	}
	assert_int_equal(timeline_make(&t, h, n, &m.a, &m.n, &m.earlier, &err), 0);
	free(h);
	return m;
}

static struct phone phone_known(bool by_dhcp)
{
	struct mac mac = { { 0, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct phone p;

	phone_init(&p, &mac);
	p.flags = by_dhcp ? PHONE_DHCP_KNOWN : 0;
	return p;
}

static void expect(const struct made *m, size_t i, int64_t at_s, bool boot, const char *what,
		   const char *counts)
{
	assert_true(i < m->n);
	if (m->a[i].at_ms != T0 + at_s * SEC || m->a[i].boot != boot || strcmp(m->a[i].what, what) != 0 ||
	    strcmp(m->a[i].counts, counts) != 0)
		fail_msg("line %zu: %lld s%s \"%s\" [%s], expected %lld s%s \"%s\" [%s]", i,
			 (long long)(m->a[i].at_ms - T0) / SEC, m->a[i].boot ? " boot" : "", m->a[i].what,
			 m->a[i].counts, (long long)at_s, boot ? " boot" : "", what, counts);
}

static void test_a_climb(void **state)
{
	static const struct entry story[] = {
		{ 0, EVENT_BOOT, NULL, -1, S },
		{ 2, EVENT_MISSING, "CTLSEP" MAC ".tlv", -1, S },
		{ 2, EVENT_MISSING, "SEP" MAC ".cnf.xml", -1, S },
		{ 2, EVENT_MISSING, "SIP" MAC ".cnf", -1, S },
		{ 3, EVENT_MISSING, "MGC" MAC ".cnf", -1, S },
		{ 3, EVENT_SENT, "XMLDefault.cnf.xml", 612, S },
		{ 4, EVENT_SENT, "P0S3-8-12-00.loads", 461, PHASE_OFFERED, PHASE_DOWNLOADING,
		  "fetches the load", 2 },
		{ 6, EVENT_SENT, "P003-8-12-00.sbn", 130956, PHASE_DOWNLOADING, PHASE_HALF_FLASHED,
		  "has the loader", 2 },
		{ 40, EVENT_BOOT, NULL, -1, PHASE_HALF_FLASHED, PHASE_HALF_FLASHED, "", 2 },
		{ 41, EVENT_SENT, "P0S3-8-12-00.sb2", 756524, PHASE_HALF_FLASHED, PHASE_FLASHING,
		  "has the whole load", 2 },
		{ 95, EVENT_SENT, "SIPDefault.cnf", 300, PHASE_FLASHING, PHASE_DONE,
		  "proven: it runs the plan's last load (P0S3-8-12-00)", 2 },
	};
	struct phone p = phone_known(true);
	CLEANUP(made_free) struct made m = make_of(&p, story, COUNT(story), false);

	(void)state;
	assert_int_equal(m.n, 8);
	assert_int_equal(m.earlier, 0);
	expect(&m, 0, 0, true, "boot", "");
	expect(&m, 1, 2, false, "asked for CTLSEP, SEP, SIP, MGC: none, as usual", "the loader asks");
	expect(&m, 2, 3, false, "fetched XMLDefault.cnf.xml, 612 bytes", "configuration");
	expect(&m, 3, 4, false, "fetched P0S3-8-12-00.loads, 461 bytes -> downloading", "the load's list");
	expect(&m, 4, 6, false, "fetched P003-8-12-00.sbn, 130956 bytes -> half-flashed", "loader");
	expect(&m, 5, 40, true, "boot", "");
	expect(&m, 6, 41, false, "fetched P0S3-8-12-00.sb2, 756524 bytes -> flashing", "application");
	expect(&m, 7, 95, false, "fetched SIPDefault.cnf, 300 bytes -> done", "proof");
	CLEANUP(made_free) struct made all = make_of(&p, story, COUNT(story), true);

	assert_int_equal(all.n, COUNT(story));
	expect(&all, 1, 2, false, "asked for CTLSEP" MAC ".tlv: none", "");
}

static void test_troubles_and_words(void **state)
{
	static const struct entry story[] = {
		{ 0, EVENT_OPERATOR, NULL, -1, PHASE_SEEN, PHASE_OFFERED, "started: stage 2, P0S3-8-12-00",
		  2 },
		{ 5, EVENT_FAILED, "P0S3-8-12-00.sb2", -1, S },
		{ 6, EVENT_MISSING, "P0S3-8-12-00.sb2", -1, S },
		{ 7, EVENT_SENT, "P00305000500.bin", 100, S },
		{ 8, EVENT_SENT, "RINGLIST.DAT", 10, PHASE_SEEN, PHASE_SEEN,
		  "the address has just changed hands: not credited", 2 },
		{ 9, EVENT_ALARM, NULL, -1, PHASE_SEEN, PHASE_SEEN, "severity 2: 31: File Auth Failed", 2 },
		{ 10, EVENT_REGISTERED, NULL, -1, PHASE_SEEN, PHASE_SEEN, "device type 7 (7960)", 2 },
		{ 11, EVENT_SENT, "RINGLIST.DAT", 10, PHASE_SEEN, PHASE_SEEN,
		  "no rule for this phase and event", 2 },
		{ 200, EVENT_TICK, NULL, -1, PHASE_DOWNLOADING, PHASE_STUCK, "transfer-failing", 2 },
	};
	struct phone p = phone_known(true);
	CLEANUP(made_free) struct made m = make_of(&p, story, COUNT(story), false);

	(void)state;
	expect(&m, 0, 0, false, "started: stage 2, P0S3-8-12-00 -> offered", "");
	expect(&m, 1, 5, false, "P0S3-8-12-00.sb2: the transfer BROKE OFF", "application");
	expect(&m, 2, 6, false, "asked for P0S3-8-12-00.sb2: NOT THERE", "application");
	expect(&m, 3, 7, false, "fetched P00305000500.bin, 100 bytes", "another stage's load");
	expect(&m, 4, 8, false,
	       "fetched RINGLIST.DAT, 10 bytes (the address has just changed hands: not credited)", "");
	expect(&m, 5, 9, false, "alarm, severity 2: 31: File Auth Failed", "");
	expect(&m, 6, 10, false, "registered device type 7 (7960)", "");
	expect(&m, 7, 11, false, "fetched RINGLIST.DAT, 10 bytes", "");
	expect(&m, 8, 200, false, "STUCK: transfer-failing", "");
}

/* A phone that polls: two files every 34 s for an hour are two lines. */
static void test_polls_are_folded(void **state)
{
	enum { LOOKS = 100 };
	static struct entry story[3 * LOOKS + 1];
	struct phone p = phone_known(true);

	(void)state;
	story[0] = (struct entry){ 0, EVENT_BOOT, NULL, -1, S };
	for (int i = 0; i < LOOKS; i++) {
		story[3 * i + 1] = (struct entry){ 2 + 34 * i, EVENT_SENT, "OS79XX.TXT", 14, S };
		story[3 * i + 2] = (struct entry){ 3 + 34 * i, EVENT_MISSING, "SEP" MAC ".cnf.xml", -1, S };
		story[3 * i + 3] = (struct entry){ 3 + 34 * i, EVENT_SENT, "XMLDefault.cnf.xml", 612, S };
	}
	CLEANUP(made_free) struct made m = make_of(&p, story, COUNT(story), false);

	assert_int_equal(m.n, 4);
	expect(&m, 3, 3, false, "fetched XMLDefault.cnf.xml, 612 bytes", "configuration");
	assert_int_equal(m.a[3].times, LOOKS);
	assert_int_equal(m.a[3].until_ms, T0 + (3 + 34 * (LOOKS - 1)) * SEC);
}

/* The last twelve lines, from a boot on where that leaves enough. */
static void test_the_last_lines(void **state)
{
	static struct entry story[40];
	struct phone p = phone_known(true);

	(void)state;
	for (int i = 0; i < 40; i++) {
		static char names[40][16];

		snprintf(names[i], sizeof(names[i]), "file%d", i);
		story[i] = i % 5 == 0 ? (struct entry){ 60 * i, EVENT_BOOT, NULL, -1, S }
				      : (struct entry){ 60 * i, EVENT_SENT, names[i], 1, S };
	}
	CLEANUP(made_free) struct made m = make_of(&p, story, 40, false);

	assert_int_equal(m.n, 40);
	assert_int_equal(m.earlier, 30);
	assert_true(m.a[30].boot);
	CLEANUP(made_free) struct made few = make_of(&p, story, 12, false);

	assert_int_equal(few.earlier, 0);
	CLEANUP(made_free) struct made none = make_of(&p, story, 0, false);

	assert_int_equal(none.n, 0);
	CLEANUP(made_free) struct made every = make_of(&p, story, 40, true);

	assert_int_equal(every.earlier, 0);
}

/* No DHCP server tells of boots: they begin where the engine guesses them. */
static void test_guessed_boots(void **state)
{
	static const struct entry story[] = {
		{ 0, EVENT_MISSING, "CTLSEP" MAC ".tlv", -1, S },
		{ 1, EVENT_SENT, "XMLDefault.cnf.xml", 612, S },
		{ 5, EVENT_MISSING, "CTLSEP" MAC ".tlv", -1, S },
		{ 40, EVENT_MISSING, "CTLSEP" MAC ".tlv", -1, S },
		{ 80, EVENT_SENT, "dialplan.xml", 612, S },
	};
	struct phone guessed = phone_known(false), known = phone_known(true);
	CLEANUP(made_free) struct made m = make_of(&guessed, story, COUNT(story), false);
	CLEANUP(made_free) struct made k = make_of(&known, story, COUNT(story), false);

	(void)state;
	assert_true(m.a[0].boot && !m.a[1].boot && !m.a[2].boot && m.a[3].boot && !m.a[4].boot);
	for (size_t i = 0; i < k.n; i++)
		assert_false(k.a[i].boot);
}

static void test_vendor_class_of_boots(void **state)
{
	static const struct entry story[] = { { 0, EVENT_BOOT, NULL, -1, S },
					      { 60, EVENT_BOOT, NULL, -1, S } };
	struct phone p = phone_known(true);

	(void)state;
	times_add(&p.evidence.bare, T0);
	{
		CLEANUP(made_free) struct made m = make_of(&p, story, 2, false);
		expect(&m, 0, 0, true, "boot", "");
	}
	times_add(&p.evidence.named, T0 + 60 * SEC);
	CLEANUP(made_free) struct made m = make_of(&p, story, 2, false);

	expect(&m, 0, 0, true, "boot; its vendor class names no model", "");
	expect(&m, 1, 60, true, "boot; its vendor class names its model", "");
}

static void test_proven_and_heard(void **state)
{
	struct history h[] = { { .at_ms = 5, .kind = EVENT_SENT },
			       { .at_ms = 7, .kind = EVENT_TICK, .note = "proven (P00305000500)" },
			       { .at_ms = 9, .kind = EVENT_OPERATOR, .note = "stopped" } };

	(void)state;
	assert_int_equal(timeline_proven(h, 3), 7);
	assert_int_equal(timeline_proven(h, 1), 0);
	assert_int_equal(timeline_heard(h, 3), 5);
	assert_int_equal(timeline_heard(h, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_climb),		 cmocka_unit_test(test_troubles_and_words),
		cmocka_unit_test(test_polls_are_folded), cmocka_unit_test(test_the_last_lines),
		cmocka_unit_test(test_guessed_boots),	 cmocka_unit_test(test_vendor_class_of_boots),
		cmocka_unit_test(test_proven_and_heard),
	};

	return cmocka_run_group_tests_name("a history as a timeline", tests, NULL, NULL);
}
