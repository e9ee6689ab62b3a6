/* SPDX-License-Identifier: MPL-2.0 */
/* Load names to releases and bands (F§3.1), and every way that F§4 tells, with those that it does not. */
#include "pathrules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct load_name name(const char *text)
{
	struct load_name n = { .s = "" };

	snprintf(n.s, sizeof(n.s), "%s", text);
	return n;
}

static const struct {
	const char *load;
	int v[3], sr;
	const char *family;
	int band; /* -1: none */
} loads[] = {
	{ "P00303010102", { 3, 1, 1 }, 0, "P003", PATH_SCCP_3 },
	{ "P00302000000", { 2, 0, 0 }, 0, "P003", PATH_SCCP_2 },
	{ "P00305000500", { 5, 0, 5 }, 0, "P003", PATH_SCCP_5 },
	{ "P00308000900", { 8, 0, 9 }, 0, "P003", PATH_SCCP_6 },
	{ "P0030801SR02", { 8, 1, 0 }, 2, "P003", PATH_SCCP_6 },
	{ "P0S30202", { 2, 2, 0 }, 0, "P003", PATH_SIP_2 },
	{ "P0S3-04-4-00", { 4, 4, 0 }, 0, "P003", PATH_SIP_4 },
	{ "P0S3-05-3-00", { 5, 3, 0 }, 0, "P003", PATH_SIP_5 },
	{ "P0S3-08-06-00", { 8, 6, 0 }, 0, "P003", PATH_SIP_7 },
	{ "P0S3-8-12-00", { 8, 12, 0 }, 0, "P003", PATH_SIP_7 },
	{ "SCCP41.8-3-1S", { 8, 3, 1 }, 0, "41", PATH_JAVA_1 },
	{ "TERM41.7-0-3-0S", { 7, 0, 3 }, 0, "41", PATH_JAVA_1 },
	{ "SIP70.8-3-3S", { 8, 3, 3 }, 0, "70", PATH_JAVA_83 },
	{ "SCCP70.8-5-2S", { 8, 5, 2 }, 0, "70", PATH_JAVA_83 },
	{ "SCCP41.8-5-2SR1S", { 8, 5, 2 }, 1, "41", PATH_JAVA_85 },
	{ "SCCP70.8-5-3S", { 8, 5, 3 }, 0, "70", PATH_JAVA_85 },
	{ "SIP75.9-4-2SR3-1S", { 9, 4, 2 }, 3, "75", PATH_JAVA_9 },
};

static void test_releases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(loads); i++) {
		struct load_name n = name(loads[i].load);
		enum path_band b = PATH_BANDS;
		struct release r;

		if (release_of(&n, &r) != 0)
			fail_msg("%s", loads[i].load);
		if (memcmp(r.v, loads[i].v, sizeof(r.v)) != 0 || r.sr != loads[i].sr)
			fail_msg("%s: %d.%d.%d SR%d", loads[i].load, r.v[0], r.v[1], r.v[2], r.sr);
		assert_string_equal(r.family, loads[i].family);
		if (path_band_of(&r, &b) != 0 || (int)b != loads[i].band)
			fail_msg("%s: band %d", loads[i].load, (int)b);
	}
	struct load_name odd[] = { name("nonsense"), name(""), name("P003"), name("CP7921G-1.4.6.3") };
	struct release r;
	for (size_t i = 0; i < COUNT(odd); i++)
		assert_int_equal(release_of(&odd[i], &r), 1);
}

static void test_families(void **state)
{
	struct load_name sip = name("P0S3-08-06-00"), java = name("SIP41.8-5-2S");
	struct release r;

	(void)state;
	assert_int_equal(release_of(&sip, &r), 0);
	assert_true(release_fits(&r, model_find("7960")));
	assert_false(release_fits(&r, model_find("7975")));
	assert_false(release_fits(&r, model_find("7910")));
	assert_int_equal(release_of(&java, &r), 0);
	assert_true(release_fits(&r, model_find("7961G-GE")));
	assert_false(release_fits(&r, model_find("7942")));
}

static const struct {
	enum path_band from, to;
	int n; /* -1: no way */
	const char *way;
} ways[] = {
	{ PATH_SCCP_2, PATH_SIP_7, 3, "SCCP 3.1 to 4.x, SCCP 5.x, SIP 7.0 or later" },
	{ PATH_SCCP_3, PATH_SCCP_6, 2, "SCCP 5.x, SCCP 6.0 or later" },
	{ PATH_SCCP_6, PATH_SIP_7, 1, "SIP 7.0 or later" },
	{ PATH_SIP_2, PATH_SCCP_6, 5, "SIP 4.4, SIP 5.x, SIP 6.x, SIP 7.0 or later, SCCP 6.0 or later" },
	{ PATH_SIP_6, PATH_SIP_5, 2, "SIP 7.0 or later, SIP 5.x" },
	{ PATH_SIP_7, PATH_SIP_7, 0, "" },
	{ PATH_SCCP_5, PATH_SCCP_3, -1, "" }, /* signed never goes back to unsigned */
	{ PATH_SIP_7, PATH_SIP_4, -1, "" },
	{ PATH_JAVA_1, PATH_JAVA_9, 3, "8.3(3) to 8.5(2), 8.5(2)SR1 to 8.x, 9.0 or later" },
	{ PATH_JAVA_9, PATH_JAVA_83, -1, "" },
	{ PATH_SCCP_6, PATH_JAVA_9, -1, "" },
};

static void test_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		char text[256] = "";
		struct path p;
		int rc = path_find(ways[i].from, ways[i].to, &p);

		if ((rc == 0 ? (int)p.n : -1) != ways[i].n)
			fail_msg("%s to %s: %d", path_band_words(ways[i].from), path_band_words(ways[i].to),
				 rc);
		for (unsigned s = 0; rc == 0 && s < p.n; s++) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s%s", s ? ", " : "",
				 path_band_words(p.to[s]));
			assert_true(p.source[s][0]);
		}
		assert_string_equal(text, ways[i].way);
	}
}

/* Whatever the table says: no way leads from signed code to unsigned, or from one generation to another. */
static void test_no_way_back(void **state)
{
	struct path p;

	(void)state;
	for (int a = 0; a < PATH_BANDS; a++)
		for (int b = 0; b < PATH_BANDS; b++) {
			enum path_band from = (enum path_band)a, to = (enum path_band)b;

			if (path_find(from, to, &p) != 0)
				continue;
			assert_true(path_band_signed(to) || !path_band_signed(from));
			assert_int_equal(path_band_generation(from), path_band_generation(to));
		}
}

/* A band's own example is of that band. */
static void test_examples(void **state)
{
	(void)state;
	for (int b = 0; b < PATH_BANDS; b++) {
		struct load_name n = name(path_band_load((enum path_band)b));
		enum path_band of = PATH_BANDS;
		struct release r;

		if (!n.s[0])
			continue;
		assert_int_equal(release_of(&n, &r), 0);
		assert_int_equal(path_band_of(&r, &of), 0);
		assert_int_equal(of, b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_releases), cmocka_unit_test(test_families),
		cmocka_unit_test(test_ways),	 cmocka_unit_test(test_no_way_back),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
