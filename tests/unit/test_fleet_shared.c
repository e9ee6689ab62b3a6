/* SPDX-License-Identifier: MPL-2.0 */
/* layout = shared: for whom a cohort waits, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet_fixture.h"

#define J1 "SIP41.8-3-3SR2S"
#define J2 "SIP41.8-5-4S"
#define JAVA_PHONE BARE " CP-7961G"

static const char java_plan[] = "layout = shared\n[plan up]\nmodels = 7961\nstages = " J1 " " J2 "\n"
				"networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\n";

static void expect_shared(struct bench *b, const char *load)
{
	struct load_name now = { "" };
	int rc = fleet_shared_load(b->f, config_plan(fleet_config(b->f), "up"), &now, &b->e);

	if (rc < 0 || strcmp(now.s, load) != 0)
		fail_msg("the root is to name \"%s\", expected \"%s\" %s", now.s, load, rc < 0 ? b->e.text : "");
}

/* It has all of the load: a boot that leaves the list alone. */
static void proves(struct bench *b, int n, int ip, int64_t at_s)
{
	fetch(b, ip, J1 ".loads", 646, at_s, NULL);
	boot(b, n, ip, JAVA_PHONE, at_s + 20);
	fetch(b, ip, "XMLDefault.cnf.xml", 1, at_s + 22, NULL);
}

/* A java phone may be busy for 25 minutes: the limit is not the classic phones' ten. */
static void test_java_cohort_waits_for_a_silent_one(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, java_plan);
	boot(&b, 1, 20, JAVA_PHONE, 0);
	boot(&b, 2, 21, JAVA_PHONE, 0);
	expect_shared(&b, J1);
	fetch(&b, 21, J1 ".loads", 646, 5, NULL);
	proves(&b, 1, 20, 5);
	wait_until(&b, 28, 1400);
	assert_true(get(&b, 1).flags & PHONE_PROVEN);
	expect_shared(&b, J1);
	wait_until(&b, 1401, 1520);
	expect_shared(&b, J2);
	bench_close(&b);
}

static void put_in_force(struct bench *b, bool first_is_there, bool second_is_there)
{
	int64_t revision;

	b->cfg->plans[0].stages[0].complete = first_is_there;
	b->cfg->plans[0].stages[1].complete = second_is_there;
	if (fleet_plans_put(b->f, b->cfg, T0, &revision, &b->e) < 0)
		fail_msg("%s", b->e.text);
}

/* A stage whose files are missing is nobody's: neither does the cohort move there, nor is anybody let in. */
static void test_cohort_waits_for_the_files(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, java_plan);
	put_in_force(&b, true, false);
	boot(&b, 1, 20, JAVA_PHONE, 0);
	expect_phone(&b, 1, PHASE_OFFERED, J1);
	proves(&b, 1, 20, 5);
	wait_until(&b, 28, 400);
	expect_phone(&b, 1, PHASE_CHECKING, J1);
	expect_shared(&b, J1);
	put_in_force(&b, true, true);
	wait_until(&b, 401, 500);
	expect_phone(&b, 1, PHASE_OFFERED, J2);
	expect_shared(&b, J2);
	bench_close(&b);

	bench_open(&b, java_plan);
	put_in_force(&b, false, true);
	boot(&b, 1, 20, JAVA_PHONE, 0);
	expect_phone(&b, 1, PHASE_WAITING, "");
	put_in_force(&b, true, true);
	wait_until(&b, 1, 10);
	expect_phone(&b, 1, PHASE_OFFERED, J1);
	bench_close(&b);
}

/* Who is done and has a file of its own is safe from an older load, so the doors may open for others; a file that was
 * made for its climb is no such file. */
static void test_made_file_is_no_provisioning(void **state)
{
	(void)state;
	struct bench b;
	char root[128], stages[160];

	bench_open(&b, java_plan);
	snprintf(root, sizeof(root), "%s/tftp", b.dir);
	snprintf(stages, sizeof(stages), "%s/stages/up", root);
	boot(&b, 1, 20, JAVA_PHONE, 0);
	proves(&b, 1, 20, 5);
	wait_until(&b, 28, 200);
	fetch(&b, 20, J2 ".loads", 646, 201, NULL);
	boot(&b, 1, 20, JAVA_PHONE, 220);
	fetch(&b, 20, "XMLDefault.cnf.xml", 1, 222, NULL);
	wait_until(&b, 223, 400);
	expect_phone(&b, 1, PHASE_DONE, J2);

	write_at(root, "SEP001B0C000001.cnf.xml", "<device/>");
	write_at(stages, FLEET_SEP_FILE, "00:1b:0c:00:00:01 " J2 " " FLEET_SEP_GIVEN "\n");
	boot(&b, 2, 21, JAVA_PHONE, 401);
	wait_until(&b, 402, 420);
	expect_phone(&b, 2, PHASE_WAITING, "");
	expect_shared(&b, J2);
	boot(&b, 1, 20, JAVA_PHONE, 421);
	assert_false(get(&b, 1).flags & PHONE_PROVISIONED);

	write_at(stages, FLEET_SEP_FILE, "");
	wait_until(&b, 422, 440);
	expect_phone(&b, 2, PHASE_OFFERED, J1);
	bench_close(&b);
}

static void classic_bench(struct bench *b)
{
	char plan[sizeof(auto_plan) + 16];

	snprintf(plan, sizeof(plan), "layout = shared%s", strchr(auto_plan, '\n'));
	bench_open(b, plan);
}

/* Who names his model needs the last stage alone: where nobody needs another, the cohort begins there; for one who does
 * it goes back while its doors are open; and not once a phone has begun. */
static void test_where_a_cohort_begins(void **state)
{
	(void)state;
	struct bench b;

	classic_bench(&b);
	boot(&b, 1, 20, NAMED, 0);
	expect_phone(&b, 1, PHASE_OFFERED, L4);
	expect_shared(&b, L4);
	fetch(&b, 20, L4 ".loads", 458, 30, NULL);
	boot(&b, 2, 21, BARE, 31);
	wait_until(&b, 32, 60);
	expect_phone(&b, 2, PHASE_WAITING, "");
	expect_shared(&b, L4);
	bench_close(&b);

	classic_bench(&b);
	boot(&b, 1, 20, NAMED, 0);
	expect_shared(&b, L4);
	boot(&b, 2, 21, BARE, 5);
	wait_until(&b, 6, 20);
	expect_phone(&b, 2, PHASE_OFFERED, L1);
	expect_phone(&b, 1, PHASE_OFFERED, L4); /* until the cohort comes by */
	expect_shared(&b, L1);
	fetch(&b, 21, L1 ".bin", 1, 21, NULL);
	boot(&b, 3, 22, NAMED, 22);
	wait_until(&b, 23, 40);
	expect_phone(&b, 3, PHASE_WAITING, "");
	expect_shared(&b, L1);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_java_cohort_waits_for_a_silent_one),
		cmocka_unit_test(test_cohort_waits_for_the_files),
		cmocka_unit_test(test_made_file_is_no_provisioning),
		cmocka_unit_test(test_where_a_cohort_begins),
	};

	return cmocka_run_group_tests_name("fleet shared", tests, NULL, NULL);
}
