/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a person is told to do with a phone, held against the rules of the table: every row has its source; a phone that
 * fetches or writes is left alone whatever else is wrong with it; a restart comes before a reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explain_action.h"

#define ROWS 8

/* What erases settings or flash. */
static bool has_reset(const char *text)
{
	static const char *const words[] = { "123456789*0#", "3491672850*#", "**##**2", "*7412369#085",
					     "factory reset" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

/* What ends a write. */
static bool touches(const char *text)
{
	static const char *const words[] = { "**#**", "power off and on", "switch it off and on",
					     "restart it", "hold #" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]))
			return true;
	return has_reset(text);
}

static struct phone phone_of(enum generation g, enum vendor_kind v, const char *model)
{
	struct mac mac = { { 0, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct phone p;

	phone_init(&p, &mac);
	p.generation = g;
	p.vendor = v;
	text_copy(p.model, sizeof(p.model), model);
	return p;
}

static const struct {
	enum generation g;
	enum vendor_kind v;
	const char *model;
	unsigned kinds;
} kinds[] = {
	{ GEN_CLASSIC, VENDOR_BARE, "", ACTION_OLD },
	{ GEN_CLASSIC, VENDOR_NAMED, "7960", ACTION_CLASSIC },
	{ GEN_JAVA, VENDOR_NAMED, "7961", ACTION_JAVA },
	{ GEN_JAVA, VENDOR_NAMED, "7970", ACTION_JAVA | ACTION_OLD_7970 },
	{ GEN_JAVA, VENDOR_NAMED, "7971", ACTION_JAVA | ACTION_OLD_7970 },
	{ GEN_UNKNOWN, VENDOR_BARE, "", ACTION_OLD },
	{ GEN_UNKNOWN, VENDOR_NONE, "", ACTION_UNKNOWN },
	{ GEN_OTHER, VENDOR_NAMED, "7912", ACTION_UNKNOWN },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);

		assert_int_equal(action_kinds(&p), kinds[i].kinds);
	}
}

static void test_rows_have_sources(void **state)
{
	const struct action_row *r;
	size_t n = 0;

	(void)state;
	for (; (r = action_row_at(n)) != NULL; n++) {
		assert_int_equal(strncmp(r->source, "F\xc2\xa7", 3), 0);
		assert_true(r->text[0] && r->for_kinds && r->situation < SITUATION_COUNT);
		assert_true(strlen(action_situation_text(r->situation)) > 0);
	}
	assert_true(n >= 20);
}

/* Each kind of phone is told something in each situation but the one in which there is nothing to do. */
static void test_no_gap(void **state)
{
	(void)state;
	for (int s = SITUATION_NOTHING + 1; s < SITUATION_COUNT; s++)
		for (size_t i = 0; i < KINDS; i++) {
			const struct action_row *r[ROWS];
			struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);

			if (action_find((enum situation)s, action_kinds(&p), r, ROWS) == 0)
				fail_msg("nothing is said when %s of a %s %s",
					 action_situation_text((enum situation)s),
					 generation_name(p.generation), p.model);
		}
}

static size_t told(const struct phone *p, bool may, bool no_tftp, const struct action_row *ret[])
{
	return action_find(action_situation(p, may, no_tftp), action_kinds(p), ret, ROWS);
}

static void expect_left_alone(const struct phone *p, bool may, const char *why)
{
	for (int no_tftp = 0; no_tftp < 2; no_tftp++) {
		const struct action_row *r[ROWS];
		size_t n = told(p, may, no_tftp, r);

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++)
			if (touches(r[i]->text) || !r[i]->dont[0])
				fail_msg("%s, %s: \"%s\"", why, cause_name(p->cause), r[i]->text);
	}
}

static void test_who_writes_is_left_alone(void **state)
{
	static const enum phase writing[] = { PHASE_DOWNLOADING, PHASE_HALF_FLASHED, PHASE_FLASHING };

	(void)state;
	for (size_t i = 0; i < KINDS; i++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			for (size_t k = 0; k < 3; k++) {
				struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);

				p.phase = writing[k];
				p.cause = (enum cause)c;
				p.flags = PHONE_STARTED | PHONE_NEEDS_REBOOT | PHONE_LATE;
				expect_left_alone(&p, true, phase_name(writing[k]));
			}
}

/* Nor who may be writing in another phase: stuck, and the image has just gone out once more; observed, not started. */
static void test_who_may_write_is_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			for (int ph = 0; ph < PHASE_COUNT; ph++) {
				struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);

				p.phase = (enum phase)ph;
				p.cause = (enum cause)c;
				p.flags = PHONE_NEEDS_REBOOT;
				expect_left_alone(&p, false, phase_name(p.phase));
			}
}

static void test_no_reset_where_a_restart_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++)
		for (int c = 0; c < CAUSE_COUNT; c++)
			for (int ph = 0; ph < PHASE_COUNT; ph++) {
				const struct action_row *r[ROWS];
				struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);

				p.phase = (enum phase)ph;
				p.cause = (enum cause)c;
				p.flags = PHONE_NEEDS_REBOOT;
				size_t n = told(&p, true, false, r);
				bool erases =
					c == CAUSE_CONFIGURATION_IGNORED || c == CAUSE_NO_TFTP_AFTER_DHCP;

				for (size_t k = 0; k < n; k++)
					if (has_reset(r[k]->text) && !erases)
						fail_msg("%s %s: \"%s\"", phase_name(p.phase),
							 cause_name(p.cause), r[k]->text);
			}
}

/* A reset stands behind what may spare it, in any situation. */
static void test_reset_comes_last(void **state)
{
	(void)state;
	for (int s = 0; s < SITUATION_COUNT; s++)
		for (size_t i = 0; i < KINDS; i++) {
			const struct action_row *r[ROWS];
			struct phone p = phone_of(kinds[i].g, kinds[i].v, kinds[i].model);
			size_t n = action_find((enum situation)s, action_kinds(&p), r, ROWS);

			assert_true(n < ROWS);
			assert_false(n > 0 && has_reset(r[0]->text));
		}
}

static void test_keys_by_model(void **state)
{
	static const struct {
		size_t kind;
		const char *has, *has_not;
	} rows[] = {
		{ 0, "Headset, Mute and Speaker", "amber" },
		{ 1, "answer 2 (no)", "3491672850*#" },
		{ 2, "line buttons blink amber", "Headset" },
		{ 3, "**##**2", "Headset" },
		{ 2, "123456789*0#", "**##**2" },
		{ 6, "Alternate TFTP", "123456789*0#" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t k = rows[i].kind;
		struct phone p = phone_of(kinds[k].g, kinds[k].v, kinds[k].model);
		const struct action_row *r[ROWS];
		char all[4096] = "";

		p.phase = PHASE_STUCK;
		p.cause = CAUSE_CONFIGURATION_IGNORED;
		size_t n = told(&p, true, false, r);

		for (size_t j = 0; j < n; j++)
			snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\n", r[j]->text);
		if (!strstr(all, rows[i].has) || strstr(all, rows[i].has_not))
			fail_msg("kind %zu: %s", k, all);
	}
}

static void test_java_format_is_warned_of(void **state)
{
	const struct action_row *r;

	(void)state;
	for (size_t i = 0; (r = action_row_at(i)) != NULL; i++) {
		const char *at = strstr(r->text, "3491672850*#");

		if (at)
			assert_true(strstr(at, "five minutes") && strstr(at, "termNN.default.loads") &&
				    strstr(at, "power must not be cut"));
	}
}

static void test_situations(void **state)
{
	struct phone p = phone_of(GEN_CLASSIC, VENDOR_NAMED, "7960");

	(void)state;
	p.phase = PHASE_OFFERED;
	assert_int_equal(action_situation(&p, true, false), SITUATION_NOTHING);
	assert_int_equal(action_situation(&p, true, true), SITUATION_NO_TFTP);
	p.flags = PHONE_NEEDS_REBOOT;
	assert_int_equal(action_situation(&p, true, false), SITUATION_LOOK);
	p.phase = PHASE_STUCK;
	p.cause = CAUSE_APP_MISSING_AFTER_LOADER;
	assert_int_equal(action_situation(&p, true, false), SITUATION_HALF_STUCK);
	assert_true(action_is_whole(SITUATION_HALF_STUCK));
	assert_false(action_is_whole(SITUATION_FILES));
	p.cause = CAUSE_SILENT_AFTER_FLASH;
	assert_int_equal(action_situation(&p, true, false), SITUATION_SILENT);
	assert_int_equal(action_situation(&p, false, false), SITUATION_WRITES);
}

/* ---- option 82 */

static void test_port(void **state)
{
	static const struct {
		const char *hex;
		uint32_t giaddr;
		const char *text;
	} rows[] = {
		{ "", 0, "" },
		{ "0106"
		  "0004000a000c"
		  "0208"
		  "0006001a2b3c4d5e",
		  0, "port 0/12, VLAN 10, switch 00:1a:2b:3c:4d:5e" },
		{ "0106"
		  "0004000a000c",
		  0x0a010001, "port 0/12, VLAN 10, behind the relay 10.1.0.1" },
		{ "0107"
		  "4769312f302f33",
		  0, "port Gi1/0/3" },
		{ "", 0x0a010001, "behind the relay 10.1.0.1" },
		{ "zz", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct phone p = phone_of(GEN_CLASSIC, VENDOR_NAMED, "7960");
		struct strbuf sb = STRBUF_INIT(1024);

		text_copy(p.relay, sizeof(p.relay), rows[i].hex);
		p.giaddr.host = rows[i].giaddr;
		action_port(&p, &sb);
		assert_string_equal(strbuf_text(&sb), rows[i].text);
		strbuf_fini(&sb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_rows_have_sources),
		cmocka_unit_test(test_no_gap),
		cmocka_unit_test(test_who_writes_is_left_alone),
		cmocka_unit_test(test_who_may_write_is_left_alone),
		cmocka_unit_test(test_no_reset_where_a_restart_does),
		cmocka_unit_test(test_reset_comes_last),
		cmocka_unit_test(test_keys_by_model),
		cmocka_unit_test(test_java_format_is_warned_of),
		cmocka_unit_test(test_situations),
		cmocka_unit_test(test_port),
	};

	return cmocka_run_group_tests_name("what to do with a phone", tests, NULL, NULL);
}
