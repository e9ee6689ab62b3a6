/* SPDX-License-Identifier: MPL-2.0 */
/* Every name of phase.def goes to its value and back; what is no name is refused; impossible values have a text. */
#include "phase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
