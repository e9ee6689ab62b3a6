/* SPDX-License-Identifier: MPL-2.0 */
/* Which load a text names: by name, by the version a phone shows, or not at all. */
#include "load_named.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void which_load_a_text_names(void **state)
{
	static const struct {
		const char *text, *load;
		int want;
	} rows[] = {
		{ "SCCP41.8-5-3S", "SCCP41.8-5-3S", 0 },
		{ "SCCP41.8-5-2S", "SCCP41.8-5-3S", 1 },
		{ "P00308000900", "P00308000900", 0 },
		{ "P00305000500", "P00308000900", 1 },
		{ "8.0(9.0)", "P00308000900", 0 },
		{ "8.0(9)", "P00308000900", 0 },
		{ "3.1(1.2)", "P00303010102", 0 },
		{ "5.0(5)", "P00305000500", 0 },
		{ "5.0(5.1)", "P00305000500", 1 },
		{ "7.2(3.0)", "P00308000900", 1 },
		{ "8.0(9.0)", "P0S3-8-12-00", -1 },
		{ "8.0(9.0)", "P0030801SR02", -1 },
		{ "8.0(9.0)", "SCCP41.8-5-3S", -1 },
		{ "8.0(9.0)x", "P00308000900", -1 },
		{ "8.0(9", "P00308000900", -1 },
		{ "(8.0)", "P00308000900", -1 },
		{ "", "P00308000900", -1 },
		{ "P00308000900.bin", "P00308000900", -1 },
		{ "a load", "P00308000900", -1 },
		{ "\x01\xff", "P00308000900", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct load_name load;

		snprintf(load.s, sizeof(load.s), "%s", rows[i].load);
		if (load_is_named(rows[i].text, &load) != rows[i].want)
			fail_msg("\"%s\" against %s: %d", rows[i].text, rows[i].load,
				 load_is_named(rows[i].text, &load));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_load_a_text_names),
	};

	return cmocka_run_group_tests_name("load named", tests, NULL, NULL);
}
