/* SPDX-License-Identifier: MPL-2.0 */
/* Every name of phase.def and causes.def goes to its value and back; what is no name is refused; impossible values have a text. */
#include "phase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void phases_go_both_ways(void **state)
{
	enum phase p = PHASE_STUCK;

	(void)state;
	for (unsigned i = 0; i < PHASE_COUNT; i++) {
		assert_int_equal(phase_parse(phase_name((enum phase)i), &p), 0);
		assert_int_equal(p, i);
		assert_true(strlen(phase_text((enum phase)i)) > 0);
	}
	assert_string_equal(phase_name(PHASE_HALF_FLASHED), "half-flashed");
	assert_int_equal(phase_parse("half_flashed", &p), 1);
	assert_int_equal(phase_parse("", &p), 1);
	assert_int_equal(p, PHASE_COUNT - 1);
	assert_string_equal(phase_name(PHASE_COUNT), "?");
	assert_string_equal(phase_text((enum phase)1000), "?");
}

static void events_go_both_ways(void **state)
{
	enum event_kind k = EVENT_BOOT;

	(void)state;
	for (unsigned i = 0; i < EVENT_COUNT; i++) {
		assert_int_equal(event_kind_parse(event_kind_name((enum event_kind)i), &k), 0);
		assert_int_equal(k, i);
		assert_true(strlen(event_kind_text((enum event_kind)i)) > 0);
	}
	assert_string_equal(event_kind_name(EVENT_MISSING), "missing");
	assert_int_equal(event_kind_parse("Boot", &k), 1);
	assert_string_equal(event_kind_name(EVENT_COUNT), "?");
	assert_string_equal(event_kind_text(EVENT_COUNT), "?");
}

static void running_by_goes_both_ways(void **state)
{
	enum running_by r = RUNNING_BY_NOTHING;

	(void)state;
	for (unsigned i = 0; i < RUNNING_BY_COUNT; i++) {
		assert_int_equal(running_by_parse(running_by_name((enum running_by)i), &r), 0);
		assert_int_equal(r, i);
	}
	assert_string_equal(running_by_name(RUNNING_BY_OPTION_60), "option-60");
	assert_int_equal(running_by_parse("option-66", &r), 1);
	assert_string_equal(running_by_name(RUNNING_BY_COUNT), "?");
}

static void file_classes_go_both_ways(void **state)
{
	enum file_class c = FILE_CLASS_OTHER;

	(void)state;
	for (unsigned i = 0; i < FILE_CLASS_COUNT; i++) {
		assert_int_equal(file_class_parse(file_class_name((enum file_class)i), &c), 0);
		assert_int_equal(c, i);
		assert_true(strlen(file_class_text((enum file_class)i)) > 0);
	}
	assert_string_equal(file_class_name(FILE_CLASS_SIGNED_NAME), "signed-name");
	assert_int_equal(file_class_parse("xml", &c), 1);
	assert_string_equal(file_class_name(FILE_CLASS_COUNT), "?");
	assert_string_equal(file_class_text(FILE_CLASS_COUNT), "?");
}

static void a_witness_words_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WITNESS_COUNT; i++) {
		assert_true(strlen(witness_name((enum witness)i)) > 0);
		assert_true(strlen(witness_text((enum witness)i)) > 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(witness_name((enum witness)i), witness_name((enum witness)k));
	}
	assert_string_equal(witness_name(WITNESS_LOAD), "registered-load");
	assert_string_equal(witness_name(WITNESS_COUNT), "?");
	assert_string_equal(witness_text(WITNESS_COUNT), "?");
}

static void causes_go_both_ways(void **state)
{
	enum cause c = CAUSE_NONE;

	(void)state;
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		assert_int_equal(cause_parse(cause_name((enum cause)i), &c), 0);
		assert_int_equal(c, i);
		assert_int_equal(strlen(cause_summary((enum cause)i)) > 0, i != CAUSE_NONE);
		assert_int_equal(strlen(cause_action((enum cause)i)) > 0, i != CAUSE_NONE);
	}
	assert_string_equal(cause_name(CAUSE_NONE), "");
	assert_string_equal(cause_name(CAUSE_IMAGE_REJECTED), "image-rejected");
	assert_int_equal(cause_parse("no-such-cause", &c), 1);
	assert_string_equal(cause_name(CAUSE_COUNT), "?");
	assert_string_equal(cause_action(CAUSE_COUNT), "?");
}

/* The next line is this text and nothing else. */
static void line_is(FILE *f, const char *head, const char *text, const char *tail)
{
	char line[1024], expected[1024];

	assert_non_null(fgets(line, sizeof(line), f));
	snprintf(expected, sizeof(expected), "%s%s%s\n", head, text, tail);
	assert_string_equal(line, expected);
}

/* "no\-tftp\-after\-dhcp" */
static void manual_name(const char *name, char *ret, size_t size)
{
	size_t n = 0;

	for (; *name && n + 2 < size; name++) {
		if (*name == '-')
			ret[n++] = '\\';
		ret[n++] = *name;
	}
	ret[n] = '\0';
}

/* The manual page has every cause, in the order of the table, with its words. */
static void the_manual_has_the_causes(void **state)
{
	FILE *f = fopen("dnsmasq-script/loadstep.8", "r");
	char line[1024], name[64], how[16];
	int n = CAUSE_NONE + 1;
	bool there = false;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, ".SH", 3) == 0)
			there = strcmp(line, ".SH CAUSES\n") == 0;
		if (!there || strcmp(line, ".TP\n") != 0)
			continue;
		enum cause c = (enum cause)n++;

		assert_true(n <= CAUSE_COUNT);
		manual_name(cause_name(c), name, sizeof(name));
		snprintf(how, sizeof(how), " (%s)", cause_how(c));
		line_is(f, ".B ", name, "");
		line_is(f, "", cause_summary(c), how);
		line_is(f, ".br", "", "");
		line_is(f, "Found: ", cause_signature(c), "");
		line_is(f, ".br", "", "");
		line_is(f, "Do: ", cause_action(c), "");
	}
	(void)fclose(f);
	assert_int_equal(n, CAUSE_COUNT);
}

/* Where it comes from: signatures A1 to B14 of F§7, rows 1 to 60 of F§8. */
static void causes_have_their_grounds(void **state)
{
	(void)state;
	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++) {
		enum cause c = (enum cause)i;

		assert_true(strlen(cause_signature(c)) > 0);
		assert_true(strcmp(cause_how(c), "seen") == 0 || strcmp(cause_how(c), "inferred") == 0);
		for (const char *at = cause_rows(c); *at; at += strspn(at, " ")) {
			char *end;
			bool signature = *at == 'A' || *at == 'B';
			long row = strtol(at + signature, &end, 10);

			assert_true(row >= 1 && row <= (signature ? 20 : 60) && (*end == ' ' || !*end));
			at = end;
		}
	}
	assert_string_equal(cause_signature(CAUSE_COUNT), "?");
	assert_string_equal(cause_rows(CAUSE_COUNT), "?");
	assert_string_equal(cause_how(CAUSE_COUNT), "?");
}

static void signs_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIGN_COUNT; i++) {
		assert_true(strlen(sign_name((enum sign)i)) > 0);
		assert_true(strlen(sign_text((enum sign)i)) > 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(sign_name((enum sign)i), sign_name((enum sign)k));
	}
	assert_string_equal(sign_name(SIGN_COUNT), "?");
	assert_string_equal(sign_text(SIGN_COUNT), "?");
}

/* Flags are stored as bits: each its own, in order, and never moved. */
static void flags_are_listed_in_bit_order(void **state)
{
	uint32_t bit = 0;
	unsigned n = 0;

	(void)state;
	for (const char *name; (name = phone_flag_name(n, &bit)); n++) {
		assert_int_equal(bit, 1u << n);
		assert_true(strlen(name) > 0);
		assert_true(strlen(phone_flag_text(n)) > 0);
	}
	assert_true(n > 0);
	assert_null(phone_flag_text(n));
	assert_string_equal(phone_flag_name(1, &bit), "stopped");
	assert_int_equal(bit, PHONE_STOPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_go_both_ways),	     cmocka_unit_test(events_go_both_ways),
		cmocka_unit_test(running_by_goes_both_ways), cmocka_unit_test(file_classes_go_both_ways),
		cmocka_unit_test(causes_go_both_ways),	     cmocka_unit_test(flags_are_listed_in_bit_order),
		cmocka_unit_test(a_witness_words_have_names_of_their_own),
		cmocka_unit_test(signs_have_names_of_their_own),
		cmocka_unit_test(causes_have_their_grounds),
		cmocka_unit_test(the_manual_has_the_causes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
