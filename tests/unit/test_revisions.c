/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The plan is changed while a phone is on its second stage: it goes on with the load it has, is never shown
 * one it has passed, and then gets what the plan says now. The number of its stage follows the plan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fleet_fixture.h"

#define OLD "P00302000000"
#define NEW "P00306000200"
#define NEWER "P00307020300"

static void stages(struct bench *b, const char *list)
{
	char plan[1024], text[2048], path[256];
	struct config *cfg = NULL;
	int64_t revision;
	static const char *const more[] = { OLD, NEW, NEWER };

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		snprintf(path, sizeof(path), "%s/tftp/stages/up/%s", b->dir, more[i]);
		assert_int_equal(file_mkdirs(path, 0755, &b->e), 0);
		write_at(path, "XMLDefault.cnf.xml", &"<Default>the new stages' own</Default>"[i]);
	}
	snprintf(plan, sizeof(plan),
		 "layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = %s\n"
		 "networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\n",
		 list);
	config_text(b, plan, text, sizeof(text));
	if (config_parse("test.conf", text, strlen(text), NULL, &cfg, NULL, &b->e) < 0)
		fail_msg("%s", b->e.text);
	if (fleet_plans_put(b->f, cfg, T0, &revision, &b->e) != 0)
		fail_msg("no new revision: %s", b->e.text);
	config_free(cfg);
}

/* Proven to run L1 at 165 s, and offered L2. */
static void to_second(struct bench *b)
{
	bench_open(b, auto_plan);
	climb_first(b, 1, 20, 0);
	wait_until(b, 6, 39);
	boot(b, 1, 20, BARE, 40);
	fetch(b, 20, "OS79XX.TXT", 14, 41, NULL);
	fetch(b, 20, "XMLDefault.cnf.xml", 20, 42, NULL);
	wait_until(b, 43, 165);
	expect_phone(b, 1, PHASE_OFFERED, L2);
}

static void expect_stage(struct bench *b, const char *what, const char *load, int no)
{
	char link[64];
	struct phone p = get(b, 1);

	if (strcmp(p.load.s, load) != 0 || (no && p.stage_no != no))
		fail_msg("%s: stage %d, %s, expected %d, %s", what, p.stage_no, p.load.s, no, load);
	snprintf(link, sizeof(link), "../stages/up/%s", load);
	expect_link(b, "phones/00:1b:0c:00:00:01", link);
}

/* Through the second stage; its goal is L2 at every moment until it is proven. */
static void through_second(struct bench *b, const char *what, const char *then)
{
	boot(b, 1, 20, BARE, 200);
	expect_stage(b, what, L2, 0);
	fetch(b, 20, "OS79XX.TXT", 14, 201, NULL);
	fetch(b, 20, "XMLDefault.cnf.xml", 21, 202, NULL);
	fetch(b, 20, L2 ".bin", 140000, 205, NULL);
	expect_phone(b, 1, PHASE_FLASHING, L2);
	wait_until(b, 206, 239);
	boot(b, 1, 20, BARE, 240);
	fetch(b, 20, "OS79XX.TXT", 14, 241, NULL);
	fetch(b, 20, "XMLDefault.cnf.xml", 21, 242, NULL);
	for (int64_t t = 243; t <= 370 && strcmp(get(b, 1).load.s, L2) == 0; t++)
		wait_until(b, t, t);
	assert_string_equal(get(b, 1).running, L2);
	expect_stage(b, what, then, 0);
}

static const struct revision {
	const char *name;
	const char *first, *second; /* the stages, and once more; NULL: once is enough */
	int no;			    /* of L2 in the last one, or of what took its place */
	const char *then;
} revisions[] = {
	{ "one more before", L1 " " NEW " " L2 " " L3 " " L4, NULL, 3, L3 },
	{ "one more at the beginning", OLD " " L1 " " L2 " " L3 " " L4, NULL, 3, L3 },
	{ "one more after", L1 " " L2 " " NEW " " L3 " " L4, NULL, 2, NEW },
	{ "in its place another", L1 " " NEW " " L3 " " L4, NULL, 2, NEW },
	{ "in its place two", L1 " " NEW " " NEWER " " L3 " " L4, NULL, 2, NEW },
	{ "removed under it", L1 " " L3 " " L4, NULL, 2, L3 },
	{ "the one behind it removed too", L1 " " L4, NULL, 2, L4 },
	{ "removed, and one more before", OLD " " L1 " " L3 " " L4, NULL, 3, L3 },
	{ "removed with those it has passed", L3 " " L4, NULL, 1, L3 },
	{ "all but the last removed", L4, NULL, 1, L4 },
	{ "removed, and later one more before", L1 " " L3 " " L4, OLD " " L1 " " L3 " " L4, 3, L3 },
	{ "removed, and brought back", L1 " " L3 " " L4, L1 " " NEW " " L2 " " L3, 3, L3 },
};

static void test_revisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++) {
		const struct revision *r = &revisions[i];
		struct bench b;

		to_second(&b);
		stages(&b, r->first);
		if (r->second)
			stages(&b, r->second);
		wait_until(&b, 166, 199);
		expect_stage(&b, r->name, L2, r->no);
		through_second(&b, r->name, r->then);
		bench_close(&b);
	}
}

/* Nothing follows: the load that was removed is the last, and proves the phone done. */
static void test_removed_at_the_end(void **state)
{
	(void)state;
	struct bench b;

	to_second(&b);
	stages(&b, L1);
	expect_stage(&b, "the rest removed", L2, 2);
	boot(&b, 1, 20, BARE, 200);
	fetch(&b, 20, L2 ".bin", 140000, 205, NULL);
	boot(&b, 1, 20, BARE, 240);
	fetch(&b, 20, "OS79XX.TXT", 14, 241, NULL);
	fetch(&b, 20, "XMLDefault.cnf.xml", 21, 242, NULL);
	wait_until(&b, 243, 370);
	expect_phone(&b, 1, PHASE_DONE, L2);
	bench_close(&b);
}

/* A renewal goes past the relay: it says nothing of where the phone is plugged in. */
static void test_a_renewal_knows_no_relay(void **state)
{
	(void)state;
	struct bench b;
	struct lease_event le = { .kind = LEASE_ACK, .at_ms = T0, .mac = mac_n(1), .address = ip_n(20), .xid = 7,
				  .giaddr = { 0x0a0000fe }, .relay = { 1, 1, 'p' }, .relay_len = 3,
				  .vendor_len = sizeof(BARE) - 1 };

	memcpy(le.vendor_class, BARE, sizeof(BARE) - 1);
	bench_open(&b, auto_plan);
	assert_int_equal(fleet_on_lease(b.f, &le, &b.e), 0);
	lease(&b, LEASE_RENEW, 1, 20, BARE, 100);
	assert_int_equal(get(&b, 1).giaddr.host, 0x0a0000fe);
	assert_string_equal(get(&b, 1).relay, "010170");
	boot(&b, 1, 20, BARE, 200);
	assert_int_equal(get(&b, 1).giaddr.host, 0);
	assert_string_equal(get(&b, 1).relay, "");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_removed_at_the_end),
		cmocka_unit_test(test_a_renewal_knows_no_relay),
	};

	return cmocka_run_group_tests_name("revisions", tests, NULL, NULL);
}
