/* SPDX-License-Identifier: MPL-2.0 */
/* Strict parsers: a row a spelling. What is refused leaves the result untouched and names what was parsed. */
#include "parse.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UNTOUCHED 424242
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The message opens with the name of the setting; `text` is only shown when a check fails. */
static void expect(int got, bool good, const struct err *e, const char *text)
{
	if (got != (good ? 0 : -1))
		fail_msg("\"%s\" gave %d", text, got);
	if (!good) {
		assert_int_equal(e->code, ERR_INPUT);
		assert_memory_equal(e->text, "key: ", 5);
	}
}

static const struct {
	const char *text;
	int64_t min, max;
	bool good;
	int64_t value;
} ints[] = {
	{ "0", 0, 10, true, 0 },
	{ "10", 0, 10, true, 10 },
	{ "11", 0, 10, false, 0 },
	{ "-3", -5, 5, true, -3 },
	{ "-6", -5, 5, false, 0 },
	{ "-1", 0, 5, false, 0 },
	{ "-0", 0, 5, false, 0 },
	{ "+1", 0, 5, false, 0 },
	{ "", 0, 5, false, 0 },
	{ "-", -5, 5, false, 0 },
	{ " 1", 0, 5, false, 0 },
	{ "1 ", 0, 5, false, 0 },
	{ "0x1", 0, 5, false, 0 },
	{ "1.0", 0, 5, false, 0 },
	{ "9223372036854775807", 0, INT64_MAX, true, INT64_MAX },
	{ "9223372036854775808", 0, INT64_MAX, false, 0 },
	{ "18446744073709551617", 0, INT64_MAX, false, 0 },
};

static void int_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ints); i++) {
		int64_t v = UNTOUCHED;
		struct err e = { 0 };

		expect(parse_int("key", ints[i].text, ints[i].min, ints[i].max, &v, &e), ints[i].good, &e,
		       ints[i].text);
		assert_int_equal(v, ints[i].good ? ints[i].value : UNTOUCHED);
	}
}

static const struct {
	const char *text;
	bool good;
	bool value;
} bools[] = {
	{ "yes", true, true },	 { "true", true, true }, { "on", true, true },	  { "no", true, false },
	{ "false", true, false }, { "off", true, false }, { "Yes", false, false }, { "1", false, false },
	{ "", false, false },	 { "yes ", false, false },
};

static void bool_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bools); i++) {
		bool v = !bools[i].value;
		struct err e = { 0 };

		expect(parse_bool("key", bools[i].text, &v, &e), bools[i].good, &e, bools[i].text);
		assert_int_equal(v, bools[i].good ? bools[i].value : !bools[i].value);
	}
}

static const struct {
	const char *text;
	bool good;
	int64_t ms;
} durations[] = {
	{ "500ms", true, 500 },
	{ "120s", true, 120000 },
	{ "10m", true, 600000 },
	{ "2h", true, 7200000 },
	{ "1d", true, 86400000 },
	{ "0s", true, 0 },
	{ "3653d", true, INT64_C(3653) * 86400000 },
	{ "3654d", false, 0 },
	{ "99999999999999999999d", false, 0 },
	{ "120", false, 0 },
	{ "12x", false, 0 },
	{ "s", false, 0 },
	{ "-1s", false, 0 },
	{ "1.5s", false, 0 },
	{ "1 s", false, 0 },
	{ "1s ", false, 0 },
	{ "1S", false, 0 },
	{ "", false, 0 },
};

static void duration_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(durations); i++) {
		int64_t v = UNTOUCHED;
		struct err e = { 0 };

		expect(parse_duration("key", durations[i].text, &v, &e), durations[i].good, &e,
		       durations[i].text);
		assert_int_equal(v, durations[i].good ? durations[i].ms : UNTOUCHED);
	}
}

static const struct {
	const char *text;
	bool good;
	int value;
} percents[] = {
	{ "0%", true, 0 },   { "5%", true, 5 },	  { "100%", true, 100 }, { "101%", false, 0 },
	{ "5", false, 0 },   { "%", false, 0 },	  { "5 %", false, 0 },	 { "5%%", false, 0 },
	{ "-5%", false, 0 }, { "", false, 0 },
};

static void percent_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(percents); i++) {
		int v = UNTOUCHED;
		struct err e = { 0 };

		expect(parse_percent("key", percents[i].text, &v, &e), percents[i].good, &e, percents[i].text);
		assert_int_equal(v, percents[i].good ? percents[i].value : UNTOUCHED);
	}
}

static const struct {
	const char *text;
	bool good;
} macs[] = {
	{ "00:1b:0c:18:bd:c1", true },	{ "00-1B-0C-18-BD-C1", true },	{ "001b.0c18.bdc1", true },
	{ "001b0c18bdc1", true },	{ "SEP001B0C18BDC1", true },	{ "sep001b0c18bdc1", true },
	{ "", false },			{ "00:1b:0c:18:bd", false },	{ "00:1b:0c:18:bd:c1:", false },
	{ "00:1b:0c:18:bd:c1 ", false }, { "00:1b-0c:18:bd:c1", false }, { "0:1b:0c:18:bd:c1", false },
	{ "00:1b:0c:18:bd:g1", false },	{ "001b0c18bdc", false },	{ "001b0c18bdc11", false },
	{ "001b.0c18", false },		{ "SEP00:1b:0c:18:bd:c1", false }, { "SIP001B0C18BDC1", false },
};

static void mac_table(void **state)
{
	const struct mac want = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	const struct mac before = { { 1, 2, 3, 4, 5, 6 } };

	(void)state;
	for (size_t i = 0; i < COUNT(macs); i++) {
		struct mac m = before;
		struct err e = { 0 };

		expect(parse_mac("key", macs[i].text, &m, &e), macs[i].good, &e, macs[i].text);
		assert_true(mac_equal(&m, macs[i].good ? &want : &before));
	}
}

static void mac_formats(void **state)
{
	const struct mac m = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	char buf[MAC_TEXT_SIZE];

	(void)state;
	assert_string_equal(mac_format(buf, &m), "00:1b:0c:18:bd:c1");
	assert_string_equal(mac_format_bare(buf, &m), "001B0C18BDC1");
}

static const struct {
	const char *text;
	bool good;
	uint32_t host;
} addresses[] = {
	{ "192.168.1.1", true, 0xc0a80101 },  { "255.255.255.255", true, 0xffffffff },
	{ "0.0.0.1", true, 1 },		      { "0.0.0.0", false, 0 },
	{ "256.1.1.1", false, 0 },	      { "1.2.3", false, 0 },
	{ "1.2.3.4.5", false, 0 },	      { "01.2.3.4", false, 0 },
	{ "1.2.3.00", false, 0 },	      { "1..2.3", false, 0 },
	{ " 1.2.3.4", false, 0 },	      { "1.2.3.4 ", false, 0 },
	{ "1.2.3.4/24", false, 0 },	      { "0x1.2.3.4", false, 0 },
	{ "1.2.3.-4", false, 0 },	      { "", false, 0 },
};

static void ip4_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct ip4 a = { UNTOUCHED };
		struct err e = { 0 };
		char buf[IP4_TEXT_SIZE];

		expect(parse_ip4("key", addresses[i].text, &a, &e), addresses[i].good, &e, addresses[i].text);
		assert_int_equal(a.host, addresses[i].good ? addresses[i].host : UNTOUCHED);
		if (addresses[i].good)
			assert_string_equal(ip4_format(buf, a), addresses[i].text);
	}
}

static const struct {
	const char *text;
	bool good;
	uint32_t in, out; /* an address in it, and one that is not (0: every address is in it) */
} networks[] = {
	{ "192.168.1.0/24", true, 0xc0a801ff, 0xc0a80200 },
	{ "10.0.0.0/8", true, 0x0a123456, 0x0b000000 },
	{ "10.1.2.3/32", true, 0x0a010203, 0x0a010204 },
	{ "10.1.2.2/31", true, 0x0a010203, 0x0a010201 },
	{ "0.0.0.0/0", true, 0xffffffff, 0 },
	{ "192.168.1.1/24", false, 0, 0 },
	{ "192.168.1.0", false, 0, 0 },
	{ "192.168.1.0/", false, 0, 0 },
	{ "192.168.1.0/33", false, 0, 0 },
	{ "192.168.1.0/-1", false, 0, 0 },
	{ "192.168.1.0/24 ", false, 0, 0 },
	{ "192.168.1.0/255.255.255.0", false, 0, 0 },
	{ "192.168.1/24", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void net4_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(networks); i++) {
		struct net4 n = { { UNTOUCHED }, UNTOUCHED };
		struct err e = { 0 };

		expect(parse_net4("key", networks[i].text, &n, &e), networks[i].good, &e, networks[i].text);
		if (!networks[i].good) {
			assert_int_equal(n.prefix, UNTOUCHED);
			continue;
		}
		assert_true(net4_contains(&n, (struct ip4){ networks[i].in }));
		if (networks[i].out)
			assert_false(net4_contains(&n, (struct ip4){ networks[i].out }));
	}
}

static void messages_say_what_was_meant(void **state)
{
	struct net4 n;
	struct err e = { 0 };
	int64_t v;

	(void)state;
	assert_int_equal(parse_net4("networks", "192.168.1.1/24", &n, &e), -1);
	assert_string_equal(e.text, "networks: \"192.168.1.1/24\" is an address in a network; "
				    "the network is 192.168.1.0/24");
	assert_int_equal(parse_int("halt-at", "1\n2", 0, 5, &v, &e), -1);
	assert_string_equal(e.text, "halt-at: \"1\\n2\" is not a whole number");
	assert_int_equal(parse_int("max", "7", 0, 5, &v, &e), -1);
	assert_string_equal(e.text, "max: 7 is not between 0 and 5");
}

static const struct {
	const char *text;
	const char *words; /* with | between */
} lists[] = {
	{ "", "" },			  { " \t, ", "" },
	{ "one", "one" },		  { "one two", "one|two" },
	{ "  7940,7960 ,\tunnamed\t", "7940|7960|unnamed" },
};

static void word_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		const char *cursor = lists[i].text;
		const char *word = NULL;
		size_t len = 0;
		char got[100] = "";
		size_t n = 0;

		while (parse_word(&cursor, &word, &len) == 0)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%.*s", n ? "|" : "", (int)len, word);
		assert_string_equal(got, lists[i].words);
		assert_int_equal(*cursor, '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(int_table),
		cmocka_unit_test(bool_table),
		cmocka_unit_test(duration_table),
		cmocka_unit_test(percent_table),
		cmocka_unit_test(mac_table),
		cmocka_unit_test(mac_formats),
		cmocka_unit_test(ip4_table),
		cmocka_unit_test(net4_table),
		cmocka_unit_test(messages_say_what_was_meant),
		cmocka_unit_test(word_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
