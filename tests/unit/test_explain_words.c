/* SPDX-License-Identifier: MPL-2.0 */
/* The sentence on top of a phone's story, whole, for each phase, flag and cause; and what it runs, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "explain_words.h"
#include "report_explain.h"

#define MAC "00:1b:0c:18:bd:c1"
#define L2 "P00305000500"

static struct report_phone phone_at(enum phase phase, int stage_no)
{
	struct mac mac = { { 0, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct report_phone rp = { .stages = stage_no ? 4 : 0 };
	struct phone *p = &rp.phone;

	phone_init(p, &mac);
	p->phase = phase;
	p->generation = GEN_CLASSIC;
	p->vendor = VENDOR_NAMED;
	text_copy(p->model, sizeof(p->model), "7960");
	p->stage_no = stage_no;
	if (stage_no) {
		text_copy(p->plan, sizeof(p->plan), "ladder");
		text_copy(p->load.s, sizeof(p->load.s), L2);
	}
	return rp;
}

static void expect(const struct report_phone *rp, bool no_tftp, const char *text)
{
	struct strbuf sb = STRBUF_INIT(8192);

	words_sentence(rp, no_tftp, &sb);
	assert_string_equal(strbuf_text(&sb), text);
	strbuf_fini(&sb);
}

static const struct {
	enum phase phase;
	int stage_no;
	uint32_t flags;
	enum cause cause;
	const char *text;
} sentences[] = {
	{ PHASE_SEEN, 0, 0, 0, " is only watched: nobody has started it." },
	{ PHASE_SEEN, 2, 0, 0, " is only watched: nobody has started it; what it asks for is " L2 "." },
	{ PHASE_SEEN, 2, PHONE_PROVEN, 0, " is only watched: nobody has started it; it runs " L2 "." },
	{ PHASE_SEEN, 0, PHONE_FORGOTTEN, 0,
	  " is only watched: it was taken off its way, or stopped before it began." },
	{ PHASE_SEEN, 2, 0, CAUSE_LOAD_NOT_FOUND,
	  " is only watched: nobody has started it; and it is in trouble: it asks for a file of the load and the "
	  "server says there is none." },
	{ PHASE_SEEN, 0, 0, CAUSE_SIP_TOO_OLD,
	  " has left its plan: it runs a pre-universal SIP load, from which this plan has no way." },
	{ PHASE_WAITING, 0, PHONE_STARTED, 0, " is started and waits to be let into plan ladder." },
	{ PHASE_OFFERED, 2, PHONE_STARTED, 0,
	  " at stage 2 of 4 (" L2 ") is to take this load and has not looked at its configuration yet." },
	{ PHASE_OFFERED, 2, PHONE_NEEDS_REBOOT, 0,
	  " at stage 2 of 4 (" L2
	  ") is idle: its load waits, and it looks for it only when it is restarted." },
	{ PHASE_OFFERED, 2, PHONE_SEP_GIVEN, 0,
	  " at stage 2 of 4 (" L2
	  ") took no notice of XMLDefault, so it is told its load by a SEP file of its own." },
	{ PHASE_OFFERED, 2, PHONE_SEP_GIVEN | PHONE_SEP_DEFAULT, 0,
	  " at stage 2 of 4 (" L2
	  ") took no notice of XMLDefault, so it is told its load by a SEP file of its own, "
	  "which is a <Default> document by now." },
	{ PHASE_OFFERED, 2, PHONE_SKIP, 0,
	  " at stage 2 of 4 (" L2
	  ") is to take this load and has not looked at its configuration yet; it is to be "
	  "taken to the next stage by the operator's word." },
	{ PHASE_DOWNLOADING, 2, 0, 0, " at stage 2 of 4 (" L2 ") is fetching its load." },
	{ PHASE_DOWNLOADING, 2, PHONE_STARTED | PHONE_LATE | PHONE_STOPPED, 0,
	  " at stage 2 of 4 (" L2
	  ") is fetching its load; it goes no further than this stage, for it was stopped; it "
	  "takes longer than usual." },
	{ PHASE_HALF_FLASHED, 2, 0, 0,
	  " at stage 2 of 4 (" L2 ") has the new loader and not yet the application: do not cut its power." },
	{ PHASE_FLASHING, 2, 0, 0,
	  " at stage 2 of 4 (" L2
	  ") has the whole load and is writing it to its flash: do not cut its power." },
	{ PHASE_CHECKING, 2, 0, 0,
	  " at stage 2 of 4 (" L2 ") took the load and came back; that it runs it is not proven yet." },
	{ PHASE_CHECKING, 2, PHONE_PROVEN, 0,
	  " at stage 2 of 4 (" L2 ") runs its load, proven, and waits to go on to the next stage." },
	{ PHASE_CHECKING, 2, PHONE_PROVEN | PHONE_STOPPED, 0,
	  " at stage 2 of 4 (" L2 ") runs its load, proven, and goes no further: it was stopped." },
	{ PHASE_DONE, 4, 0, 0, " at stage 4 of 4 (" L2 ") is done: it runs the last load of its plan." },
	{ PHASE_DONE, 4, PHONE_ON_LAST, 0,
	  " at stage 4 of 4 (" L2
	  ") is done: it runs the last load of its plan; it has no configuration of its own "
	  "yet, and is kept on its last stage." },
	{ PHASE_DONE, 4, 0, CAUSE_FLIPPED_BACK,
	  " at stage 4 of 4 (" L2
	  ") is in trouble: it was done, and fetches another load of its plan: the plain "
	  "root's configuration names it." },
	{ PHASE_STUCK, 2, PHONE_LATE, CAUSE_IMAGE_REJECTED,
	  " at stage 2 of 4 (" L2
	  ") is stuck: it took the whole image twice and asked for it again: the phone "
	  "refuses it." },
	{ PHASE_STUCK, 2, 0, 0, " at stage 2 of 4 (" L2 ") is stuck: why is not known." },
	{ PHASE_CHECKING, 2, PHONE_ADDRESS_SHARED, 0,
	  " at stage 2 of 4 (" L2
	  ") took the load and came back; that it runs it is not proven yet; another phone asks "
	  "from its address." },
};

static void test_of_each_phase(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct report_phone rp = phone_at(sentences[i].phase, sentences[i].stage_no);
		char text[512];

		rp.phone.flags = sentences[i].flags;
		rp.phone.cause = sentences[i].cause;
		text_copy(rp.phone.plan, sizeof(rp.phone.plan), "ladder");
		snprintf(text, sizeof(text), "7960 " MAC "%s", sentences[i].text);
		expect(&rp, false, text);
	}
}

/* Whatever it is, the sentence is one: it begins with a capital or a model, ends with one period, and has no hole. */
static void test_of_everything(void **state)
{
	(void)state;
	for (int ph = 0; ph < PHASE_COUNT; ph++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			for (unsigned f = 0; f < 18; f++)
				for (int k = 0; k < 4; k++) {
					struct report_phone rp =
						phone_at((enum phase)ph, ph == PHASE_SEEN ? 0 : 2);
					struct strbuf sb = STRBUF_INIT(8192);

					rp.phone.cause = (enum cause)c;
					rp.phone.flags = 1u << f;
					rp.phone.mac_known = k != 1;
					if (k == 2)
						rp.phone.model[0] = '\0';
					rp.stages = k == 3 ? 0 : rp.stages;
					words_sentence(&rp, f & 1, &sb);
					const char *text = strbuf_text(&sb);
					size_t len = strlen(text);

					assert_true(len > 20 && text[len - 1] == '.' && text[len - 2] != '.');
					assert_true((text[0] >= 'A' && text[0] <= 'Z') || text[0] == '7');
					assert_null(strstr(text, "  "));
					assert_null(strstr(text, ": ."));
					assert_null(strstr(text, "()"));
					assert_null(strchr(text, '\n'));
					strbuf_fini(&sb);
				}
}

static void test_who(void **state)
{
	struct report_phone rp = phone_at(PHASE_SEEN, 0);

	(void)state;
	rp.phone.model[0] = '\0';
	rp.phone.vendor = VENDOR_BARE;
	expect(&rp, false,
	       "Phone " MAC
	       " (a 7940 or 7960: it does not say which) is only watched: nobody has started it.");
	rp.phone.vendor = VENDOR_NONE;
	expect(&rp, false,
	       "Phone " MAC " (classic, model not known) is only watched: nobody has started it.");
	rp.phone.generation = GEN_UNKNOWN;
	expect(&rp, true,
	       "Phone " MAC
	       " (model not known) is only watched: nobody has started it; it has an address, and asks "
	       "this host for no file.");
	rp.phone.mac_known = false;
	rp.phone.address.host = 0x0a000014;
	expect(&rp, false,
	       "The phone at 10.0.0.20 (its MAC is not known) is only watched: nobody has started it.");
	rp = phone_at(PHASE_DOWNLOADING, 2);
	rp.stages = 0;
	expect(&rp, false,
	       "7960 " MAC " at " L2
	       ", a stage of plan ladder, which is in force no more, is fetching its load.");
	rp = phone_at(PHASE_FLASHING, 2);
	rp.phone.generation = GEN_JAVA;
	expect(&rp, false,
	       "7960 " MAC " at stage 2 of 4 (" L2
	       ") has fetched what it wanted of its load and is writing it to "
	       "its flash: do not cut its power.");
	rp = phone_at(PHASE_OFFERED, 2);
	times_add(&rp.phone.evidence.file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT], 5);
	expect(&rp, false,
	       "7960 " MAC " at stage 2 of 4 (" L2
	       ") has read its configuration and not asked for the load yet.");
	rp = phone_at(PHASE_DONE, 4);
	rp.phone.running_by = RUNNING_BY_ASSUMED;
	expect(&rp, false,
	       "7960 " MAC " at stage 4 of 4 (" L2
	       ") is done: it runs the last load of its plan, presumed, since "
	       "it read that load's configuration and wanted nothing.");
}

/* ---- what it runs */

static void test_runs(void **state)
{
	static const struct {
		const char *running;
		enum running_by by;
		int64_t proven_ms;
		const char *text;
	} rows[] = {
		{ L2, RUNNING_BY_PROOF, 1700000000000,
		  L2 ": proven here: it took the load, came back with it and asked for no more (22:13:20)" },
		{ "SCCP below 6", RUNNING_BY_OPTION_60, 0,
		  "SCCP below 6: its vendor class (option 60) names no model, which only old code does" },
		{ "SIP application", RUNNING_BY_FILES_ASKED, 0,
		  "SIP application: it asks for SIPDefault.cnf, which only that does" },
		{ "loader only", RUNNING_BY_FILES_ASKED, 0,
		  "loader only: it came back with its loader new and its application not fetched yet" },
		{ "something new", RUNNING_BY_FILES_ASKED, 0, "something new: by the files it asks for" },
		{ L2, RUNNING_BY_ASSUMED, 0,
		  L2 ": presumed: it read this load's configuration and wanted nothing" },
		{ L2, RUNNING_BY_REGISTERED, 0,
		  L2 ": its application registered on TCP 2000 and said so itself" },
		{ "", RUNNING_BY_NOTHING, 0,
		  "not known, but not old: its vendor class names its model, so it has a universal loader (SCCP 6.x, SIP 7.x "
		  "or later)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report_phone rp = phone_at(PHASE_SEEN, 0);
		struct strbuf sb = STRBUF_INIT(4096);

		text_copy(rp.phone.running, sizeof(rp.phone.running), rows[i].running);
		rp.phone.running_by = rows[i].by;
		words_runs(&rp.phone, rows[i].proven_ms, 1700000005000, &sb);
		assert_string_equal(strbuf_text(&sb), rows[i].text);
		strbuf_fini(&sb);
	}
}

static void test_summary(void **state)
{
	struct report_phone rp = phone_at(PHASE_CHECKING, 2);

	(void)state;
	assert_string_equal(words_summary(&rp.phone), phase_text(PHASE_CHECKING));
	rp.phone.flags = PHONE_PROVEN;
	assert_string_equal(words_summary(&rp.phone), "it runs its stage's load, proven");
	rp.phone.cause = CAUSE_SILENT_AFTER_FLASH;
	assert_string_equal(words_summary(&rp.phone), cause_summary(CAUSE_SILENT_AFTER_FLASH));
}

/* ---- times */

static void test_times(void **state)
{
	static const struct {
		int64_t ms;
		const char *gap, *duration;
	} rows[] = {
		{ 0, "", "0 s" },
		{ 499, "", "0 s" },
		{ 34400, "+34 s", "34 s" },
		{ 119000, "+119 s", "119 s" },
		{ 600000, "+10 min", "10 min" },
		{ 7 * 3600000 + 600000, "+7 h", "7 h 10 min" },
		{ 5 * 3600000, "+5 h", "5 h" },
		{ INT64_C(86400000) * 4, "+4 d", "4 d" },
		{ -5000, "", "0 s" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[24];

		assert_string_equal(report_gap(buf, rows[i].ms), rows[i].gap);
		assert_string_equal(report_duration(buf, rows[i].ms), rows[i].duration);
	}
	char buf[32];

	assert_string_equal(report_clock(buf, 1700000000000, 1700000060000), "22:13:20");
	assert_string_equal(report_clock(buf, 1700000000000, 1700100000000), "2023-11-14 22:13:20");
	assert_string_equal(report_clock(buf, 0, 1700100000000), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_each_phase), cmocka_unit_test(test_of_everything),
		cmocka_unit_test(test_who),	      cmocka_unit_test(test_runs),
		cmocka_unit_test(test_summary),	      cmocka_unit_test(test_times),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("a phone in words", tests, NULL, NULL);
}
