/* SPDX-License-Identifier: MPL-2.0 */
/* tftpd-hpa's map: its rules, by a plan's networks; each pattern tried against addresses inside and outside. */
#include "tftpmap.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LINES 64

struct made {
	struct config c;
	struct plan plans[2];
	struct strbuf text;
	char *line[LINES];
	unsigned n;
};

static struct net4 net(const char *text)
{
	struct net4 n;
	struct err e;

	assert_int_equal(parse_net4("test", text, &n, &e), 0);
	return n;
}

/* The rules for two plans' networks, each a list that ends with NULL, as lines without the comments. */
static void make(struct made *m, const char *const *first, const char *const *second)
{
	struct err e;

	memset(m, 0, sizeof(*m));
	m->c = (struct config){ .daemon = DAEMON_TFTPD_HPA, .plans = m->plans, .n_plans = 2 };
	for (; *first; first++)
		m->plans[0].networks.a[m->plans[0].networks.n++] = net(*first);
	for (; second && *second; second++)
		m->plans[1].networks.a[m->plans[1].networks.n++] = net(*second);
	m->text = (struct strbuf)STRBUF_INIT(1 << 20);
	assert_int_equal(tftpmap_format(&m->c, &m->text, &e), 0);
	for (const char *l = strbuf_text(&m->text), *end; *l; l = end + 1) {
		end = strchr(l, '\n');
		assert_true(end && m->n < LINES);
		if (end > l && *l != '#')
			m->line[m->n++] = strndup(l, (size_t)(end - l));
	}
}

static void fini(struct made *m)
{
	for (unsigned i = 0; i < m->n; i++)
		free(m->line[i]);
	strbuf_fini(&m->text);
}

static void test_rules(void **state)
{
	static const char *const nets[] = { "10.77.0.0/24", "10.78.16.0/22", "192.168.1.64/27", "172.16.0.7/32", NULL };
	struct made m;

	(void)state;
	make(&m, nets, NULL);
	assert_int_equal(m.n, 6);
	assert_string_equal(m.line[0], "rG4 ^ \\i//");
	assert_string_equal(m.line[1], "rGe4 ^(10\\.77\\.0\\.[0-9]+)//+ \\1/");
	assert_string_equal(m.line[2], "rGe4 ^(10\\.78\\.(16|17|18|19)\\.[0-9]+)//+ \\1/");
	assert_string_equal(m.line[4], "rGe4 ^(172\\.16\\.0\\.7)//+ \\1/");
	assert_string_equal(m.line[5], "rG4 ^[0-9.]+//");
	fini(&m);
}

/* Each network whose prefix can be in a map: its pattern takes its own addresses and no others. */
static void test_patterns(void **state)
{
	(void)state;
	for (int prefix = CONFIG_MAP_PREFIX; prefix <= 32; prefix++) {
		char text[32], pattern[2048];
		const char *const nets[] = { text, NULL };
		uint32_t base = 0x0a4d50d5u & ~((prefix == 32 ? 0u : (1u << (32 - prefix)) - 1u));
		char addr[IP4_TEXT_SIZE];
		struct made m;
		regex_t re;

		snprintf(text, sizeof(text), "%s/%d", ip4_format(addr, (struct ip4){ base }), prefix);
		make(&m, nets, NULL);
		assert_int_equal(m.n, 3);
		assert_int_equal(sscanf(m.line[1], "rGe4 %2047s", pattern), 1);
		assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
		for (int64_t a = (int64_t)base - 300; a < (int64_t)base + (1 << (32 - prefix)) + 300; a++) {
			char name[64];
			bool inside = a >= base && a < (int64_t)base + (1 << (32 - prefix));
			struct ip4 client = { (uint32_t)a };

			snprintf(name, sizeof(name), "%s//10.77.80.213//x", ip4_format(addr, client));
			if ((regexec(&re, name, 0, NULL, 0) == 0) != inside)
				fail_msg("%s: %s", m.line[1], name);
			assert_int_equal(tftpmap_covers(&m.c, client), inside);
		}
		regfree(&re);
		fini(&m);
	}
}

/* A network that another one holds needs no rule; two equal ones need one; too wide a one has none. */
static void test_networks_once(void **state)
{
	static const char *const first[] = { "10.77.0.0/25", "10.78.0.0/24", "10.0.0.0/8", NULL };
	static const char *const second[] = { "10.77.0.0/24", "10.78.0.0/24", NULL };
	struct made m;

	(void)state;
	make(&m, first, second);
	assert_int_equal(m.n, 4);
	assert_non_null(strstr(m.line[1], "10\\.78\\.0\\.[0-9]+"));
	assert_non_null(strstr(m.line[2], "10\\.77\\.0\\.[0-9]+"));
	assert_false(tftpmap_covers(&m.c, (struct ip4){ 0x0a4f0001 }));
	fini(&m);
}

static void test_no_map(void **state)
{
	static const char *const nets[] = { "10.77.0.0/24", NULL };
	struct made m;
	struct err e;

	(void)state;
	make(&m, nets, NULL);
	assert_true(tftpmap_used(&m.c));
	m.c.layout = LAYOUT_SHARED;
	assert_false(tftpmap_used(&m.c));
	assert_false(tftpmap_covers(&m.c, net("10.77.0.0/24").base));
	strbuf_reset(&m.text);
	m.text.max = 4096;
	assert_int_equal(tftpmap_format(&m.c, &m.text, &e), 0);
	for (const char *l = strbuf_text(&m.text); *l; l = strchr(l, '\n') + 1)
		assert_true(*l == '#');
	m.c.layout = LAYOUT_VIEWS;
	m.c.daemon = DAEMON_DNSMASQ;
	assert_false(tftpmap_covers(&m.c, net("10.77.0.0/24").base));
	fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_networks_once),
		cmocka_unit_test(test_no_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
