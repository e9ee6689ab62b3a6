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

/* A band's own example is of that band, for every family that has it. */
static void test_examples(void **state)
{
	static const char *const families[] = { "11", "31", "41", "42", "45", "70", "75" };
	unsigned named = 0;

	(void)state;
	for (int b = 0; b < PATH_BANDS; b++)
		for (size_t f = 0; f < COUNT(families); f++)
			for (int proto = PROTO_SCCP; proto <= PROTO_SIP; proto++) {
				enum path_band of = PATH_BANDS;
				struct load_name n;
				struct release r;

				if (path_band_load((enum path_band)b, families[f], (enum load_proto)proto,
						   &n) != 0)
					continue;
				named++;
				assert_int_equal(release_of(&n, &r), 0);
				assert_int_equal(path_band_of(&r, &of), 0);
				assert_int_equal(of, b);
				if (r.generation != GEN_JAVA)
					continue;
				assert_string_equal(r.family, families[f]);
				assert_int_equal(r.proto, proto);
			}
	assert_int_equal(named, (PATH_BANDS - 1) * COUNT(families) * 2); /* of java below 8.3(3) none */
}

/* Each rule of F§4.1 and F§4.2, and beside it what it does not allow. */
static const struct {
	const char *from, *to;
	enum path_step verdict;
	const char *way; /* UNKNOWN and DOUBTED: what is to stand between, "-" = no way */
} judged[] = {
	/* signed code never takes an unsigned load (row 32) */
	{ "P00305000500", "P00303010102", STEP_UNSIGNED, "" },
	{ "P0S3-8-12-00", "P0S3-04-4-00", STEP_UNSIGNED, "" },
	{ "P00303010102", "P00305000500", STEP_KNOWN, "" },
	{ "P00303010102", "P00304000101", STEP_KNOWN, "" },
	/* SCCP: 5.x before anything else */
	{ "P00302000000", "P00303010102", STEP_KNOWN, "" },
	{ "P00302000000", "P00305000500", STEP_UNKNOWN, "SCCP 3.1 to 4.x" },
	{ "P00303010102", "P00308000900", STEP_UNKNOWN, "SCCP 5.x" },
	{ "P00305000500", "P00308000900", STEP_KNOWN, "" },
	{ "P00308000900", "P0030801SR02", STEP_KNOWN, "" },
	{ "P00308000900", "P00305000500", STEP_UNKNOWN, "-" },
	/* SCCP to SIP from 5.x (row 36), SIP to SCCP from 7.x */
	{ "P00303010102", "P0S3-8-12-00", STEP_UNKNOWN, "SCCP 5.x" },
	{ "P00305000500", "P0S3-8-12-00", STEP_KNOWN, "" },
	{ "P00308000900", "P0S3-8-12-00", STEP_KNOWN, "" },
	{ "P0S3-8-12-00", "P00308000900", STEP_KNOWN, "" },
	{ "P0S3-06-3-00", "P00308000900", STEP_UNKNOWN, "SIP 7.0 or later" },
	{ "P00303010102", "P0S3-04-4-00", STEP_UNKNOWN, "-" },
	/* SIP: 4.4, 5.3, 6.x, 7.x (row 35) */
	{ "P0S3-03-0-00", "P0S3-8-12-00", STEP_UNKNOWN, "SIP 4.4, SIP 5.x, SIP 6.x" },
	{ "P0S3-03-0-00", "P0S3-04-4-00", STEP_KNOWN, "" },
	{ "P0S3-04-4-00", "P0S3-05-3-00", STEP_KNOWN, "" },
	{ "P0S3-04-4-00", "P0S3-06-3-00", STEP_UNKNOWN, "SIP 5.x" },
	{ "P0S3-05-3-00", "P0S3-06-3-00", STEP_KNOWN, "" },
	{ "P0S3-06-3-00", "P0S3-07-4-00", STEP_KNOWN, "" },
	{ "P0S3-05-3-00", "P0S3-07-4-00", STEP_UNKNOWN, "SIP 6.x" },
	{ "P0S3-07-4-00", "P0S3-05-3-00", STEP_KNOWN, "" }, /* down: by way of 7.x */
	{ "P0S3-06-3-00", "P0S3-05-3-00", STEP_UNKNOWN, "SIP 7.0 or later" },
	/* java: 8.3(3) first, and the key behind 8.5(2) (rows 28, 29) */
	{ "SCCP41.8-3-1S", "SIP41.9-4-2SR3-1S", STEP_UNKNOWN, "8.3(3) to 8.5(2), 8.5(2)SR1 to 8.x" },
	{ "SCCP41.8-3-1S", "SCCP41.8-5-2S", STEP_KNOWN, "" },
	{ "SCCP41.8-3-1S", "SCCP41.8-5-3S", STEP_UNKNOWN, "8.3(3) to 8.5(2)" },
	{ "TERM41.7-0-3-0S", "SCCP41.8-3-2S", STEP_KNOWN, "" },
	{ "SCCP70.8-5-2S", "SCCP70.8-5-3S", STEP_KNOWN, "" },
	{ "SCCP70.8-5-2S", "SCCP70.8-5-2SR1S", STEP_KNOWN, "" },
	{ "SCCP70.8-5-3S", "SIP70.9-4-2SR1-1S", STEP_KNOWN, "" },
	{ "SCCP41.8-5-2S", "SIP41.9-4-2SR3-1S", STEP_DOUBTED, "8.5(2)SR1 to 8.x" },
	{ "SIP41.9-4-2SR3-1S", "SIP41.8-5-4S", STEP_UNKNOWN, "-" },
	/* families (rows 4, 47) */
	{ "SCCP41.8-5-2S", "SCCP42.8-5-3S", STEP_FAMILY, "" },
	{ "P00308000900", "SIP41.8-5-4S", STEP_FAMILY, "" },
	/* nothing is known of them */
	{ "A1", "P00308000900", STEP_UNJUDGED, "" },
	{ "P00308000900", "P0M3-07-2-00", STEP_UNJUDGED, "" },
};

static void test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct load_name from = name(judged[i].from), to = name(judged[i].to);
		char text[256] = "";
		struct path way;
		enum path_step v = path_step(&from, &to, &way);

		if (v != judged[i].verdict)
			fail_msg("%s to %s: %d", from.s, to.s, (int)v);
		assert_int_equal(path_step(&from, &to, NULL), v);
		for (unsigned s = 0; s + 1 < way.n; s++) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s%s", s ? ", " : "",
				 path_band_words(way.to[s]));
		}
		if ((v == STEP_UNKNOWN || v == STEP_DOUBTED) && way.n == 0)
			snprintf(text, sizeof(text), "-");
		if (strcmp(text, judged[i].way) != 0)
			fail_msg("%s to %s: %s", from.s, to.s, text);
	}
	struct load_name a = name("SCCP41.8-5-2S"), b = name("SIP41.9-4-2SR3-1S"), c = name("A1");
	assert_non_null(strstr(path_step_source(&a, &b), "AUTH FAIL"));
	assert_string_equal(path_step_source(&a, &a), "");
	assert_string_equal(path_step_source(&a, &c), "");
}

/* The surest way passes where the others need not, and bands that may not be passed are not. */
static void test_through(void **state)
{
	struct path p;

	(void)state;
	assert_int_equal(path_find_through(PATH_SCCP_2, PATH_SIP_7, PATH_ALL_BANDS, PATH_SURE, &p), 0);
	assert_int_equal(p.n, 4);
	assert_int_equal(p.to[2], PATH_SCCP_6);
	assert_int_equal(path_find_through(PATH_SCCP_2, PATH_SIP_7, PATH_ALL_BANDS, PATH_TOLD, &p), 0);
	assert_int_equal(p.n, 3);
	assert_int_equal(path_find_through(PATH_SCCP_2, PATH_SIP_7, ~(1u << PATH_SCCP_5), PATH_DOUBTED, &p), 1);
	assert_int_equal(path_find_through(PATH_SIP_2, PATH_SIP_7, PATH_ALL_BANDS, PATH_SURE, &p), 1);
	assert_int_equal(path_find_through(PATH_JAVA_83, PATH_JAVA_9, 0, PATH_TOLD, &p), 1);
	assert_int_equal(path_find_through(PATH_JAVA_83, PATH_JAVA_9, 0, PATH_DOUBTED, &p), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(path_start_band(PATH_START_UNNAMED), PATH_SCCP_2);
	assert_int_equal(path_start_band(PATH_START_CLASSIC), PATH_SCCP_6);
	assert_int_equal(path_start_band(PATH_START_JAVA), PATH_JAVA_1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_releases), cmocka_unit_test(test_families),
		cmocka_unit_test(test_ways),	 cmocka_unit_test(test_no_way_back),
		cmocka_unit_test(test_examples), cmocka_unit_test(test_steps),
		cmocka_unit_test(test_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
