/* SPDX-License-Identifier: MPL-2.0 */
/* The use cases over a real store and real links in a temporary directory: what a phone would see after
 * each. */
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

static void test_watching_changes_nothing(void **state)
{
	(void)state;
	struct bench b;
	char plan[sizeof(auto_plan) + 16];

	snprintf(plan, sizeof(plan), "%s", auto_plan);
	memcpy(strstr(plan, "automatic"), "by-hand  ", 9);
	bench_open(&b, plan);
	boot(&b, 1, 20, BARE, 0);
	expect_phone(&b, 1, PHASE_SEEN, "");
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "..");
	fetch(&b, 20, "OS79XX.TXT", 14, 1, NULL);
	wait_until(&b, 2, 20);
	expect_phone(&b, 1, PHASE_SEEN, "");
	struct phone p = get(&b, 1);
	struct vendor v = { .kind = VENDOR_BARE };
	struct answer a;

	fleet_answer(fleet_config(b.f), &p, &v, NULL, p.giaddr, p.address, &a);
	assert_int_equal(a.kind, ANSWER_UNTOUCHED);
	assert_int_equal(lease(&b, LEASE_ACK, 9, 30, "MSFT 5.0", 5), 1);
	expect_link(&b, "10.0.0.30", NULL);
	bench_close(&b);
}

static void test_a_ladder_of_links(void **state)
{
	(void)state;
	struct bench b;
	struct file_verdict v;

	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	wait_until(&b, 6, 39);
	boot(&b, 1, 20, BARE, 40);
	fetch(&b, 20, "OS79XX.TXT", 14, 41, NULL);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 42, NULL);
	wait_until(&b, 43, 160);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	wait_until(&b, 161, 165);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L2);
	assert_string_equal(get(&b, 1).running, L1);
	/* a renewal is no boot */
	uint32_t boots = get(&b, 1).boots;
	lease(&b, LEASE_RENEW, 1, 20, BARE, 170);
	assert_int_equal(get(&b, 1).boots, boots);
	/* a second phone meanwhile: each sees its own stage */
	climb_first(&b, 2, 21, 175);
	expect_link(&b, "phones/00:1b:0c:00:00:02", "../stages/up/" L1);
	/* the rest of the way, seen from its model in option 60 */
	boot(&b, 1, 20, NAMED, 180);
	expect_phone(&b, 1, PHASE_OFFERED, L4);
	fetch(&b, 20, L4 ".loads", 458, 182, NULL);
	fetch(&b, 20, L4 ".sb2", 700000, 190, NULL);
	assert_int_equal(fetch(&b, 20, "SIPDefault.cnf", 100, 250, &v), 0);
	assert_int_equal(v.to, PHASE_DONE);
	expect_phone(&b, 2, PHASE_FLASHING, L1);
	/* done, and the plain root would send it back: it stays on its last stage */
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L4);
	assert_true(phone_is(&(struct phone){ .flags = get(&b, 1).flags }, PHONE_ON_LAST));
	char tftp[128];

	snprintf(tftp, sizeof(tftp), "%s/tftp", b.dir);
	write_at(tftp, "SIP001B0C000001.cnf", "x");
	boot(&b, 1, 20, NAMED, 300);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "..");
	bench_close(&b);
}

static void test_addresses_change_hands(void **state)
{
	(void)state;
	struct bench b;
	struct file_verdict v;

	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	/* mid-way it comes back with another address: the stage goes with the MAC */
	boot(&b, 1, 25, BARE, 40);
	expect_link(&b, "10.0.0.20", NULL);
	expect_link(&b, "10.0.0.25", "phones/00:1b:0c:00:00:01");
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	/* another phone gets it soon after: what comes at once is not credited to it */
	boot(&b, 2, 25, BARE, 60);
	expect_link(&b, "10.0.0.25", "phones/00:1b:0c:00:00:02");
	assert_int_equal(fetch(&b, 25, L1 ".bin", 130000, 62, &v), 0);
	assert_non_null(strstr(v.note, "changed hands"));
	expect_phone(&b, 2, PHASE_OFFERED, L1);
	assert_int_equal(fetch(&b, 25, L1 ".bin", 130000, 100, &v), 0);
	expect_phone(&b, 2, PHASE_FLASHING, L1);
	/* a foreign client on a vanished phone's address sees the plain root */
	lease(&b, LEASE_ACK, 9, 25, "MSFT 5.0", 200);
	expect_link(&b, "10.0.0.25", NULL);
	assert_int_equal(fetch(&b, 25, "pxelinux.0", 100, 201, &v), 1);
	/* released */
	boot(&b, 1, 26, BARE, 300);
	expect_link(&b, "10.0.0.26", "phones/00:1b:0c:00:00:01");
	lease(&b, LEASE_GONE, 1, 26, "", 301);
	expect_link(&b, "10.0.0.26", NULL);
	bench_close(&b);
}

/* tftpd-hpa finds nothing where there is no link: an address that is nobody's any more leads to the root. */
static void test_addresses_with_tftpd_hpa(void **state)
{
	struct bench b;
	char more[1024];

	(void)state;
	snprintf(more, sizeof(more), "daemon = tftpd-hpa\n%s", auto_plan);
	bench_open(&b, more);
	boot(&b, 1, 20, BARE, 0);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	lease(&b, LEASE_GONE, 1, 20, "", 10);
	expect_link(&b, "10.0.0.20", ".");
	boot(&b, 1, 20, BARE, 20);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	lease(&b, LEASE_ACK, 2, 20, "MSFT 5.0", 30); /* somebody else has it */
	expect_link(&b, "10.0.0.20", ".");
	boot(&b, 1, 21, BARE, 40);
	expect_link(&b, "10.0.0.21", "phones/00:1b:0c:00:00:01");
	boot(&b, 1, 22, BARE, 50);
	expect_link(&b, "10.0.0.21", ".");
	assert_int_equal(fleet_effects_all(b.f, &b.e), 0);
	expect_link(&b, "10.0.0.20", ".");
	expect_link(&b, "10.0.0.22", "phones/00:1b:0c:00:00:01");
	bench_close(&b);
}

static void test_names_tell_who_it_is(void **state)
{
	(void)state;
	struct bench b;
	struct file_verdict v;

	bench_open(&b, auto_plan);
	/* nobody knows this address: recorded by it, until a name tells the MAC */
	assert_int_equal(fetch(&b, 40, "OS79XX.TXT", 14, 0, &v), 0);
	assert_false(v.mac_known);
	assert_int_equal(fetch(&b, 40, "SEP001B0C000007.cnf.xml", 14, 1, &v), 0);
	assert_true(v.mac_known);
	expect_phone(&b, 7, PHASE_SEEN, "");
	assert_int_equal(fetch(&b, 40, "OS79XX.TXT", 14, 40, &v), 0);
	assert_true(v.mac_known);
	/* a name never moves another's phone */
	boot(&b, 1, 20, BARE, 50);
	assert_int_equal(fetch(&b, 20, "SEP001B0C000007.cnf.xml", 14, 51, &v), 0);
	assert_non_null(strstr(v.note, "another phone's MAC"));
	assert_true(mac_equal(&v.mac, &(struct mac){ { 0, 0x1b, 0x0c, 0, 0, 1 } }));
	/* outside the root, and tricks */
	struct file_event fe = {
		.kind = EVENT_SENT, .at_ms = T0, .client = ip_n(20), .path = "/etc/passwd", .bytes = 1
	};

	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 1);
	assert_int_equal(fetch(&b, 20, "../../x", 1, 52, &v), 1);
	assert_int_equal(fetch(&b, 44, "pxelinux.0", 1, 52, &v), 1);
	bench_close(&b);
}

static void test_unwatched_time_counts_as_none(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 60);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	/* the machine slept an hour; the wall clock was set back a day */
	wait_until(&b, 3660, 3700);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	wait_until(&b, 3700 - 86400, 3800 - 86400);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	assert_int_equal(get(&b, 1).cause, CAUSE_SILENT_AFTER_FLASH);
	boot(&b, 1, 20, BARE, 3801 - 86400);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	bench_close(&b);
}

static void test_operator(void **state)
{
	(void)state;
	struct bench b;
	char plan[sizeof(auto_plan) + 32], why[256] = "";
	struct mac m1 = mac_n(1), m2 = mac_n(2), m5 = mac_n(5);

	snprintf(plan, sizeof(plan), "%s[rollout]\nmax-at-once = 1\n", auto_plan);
	memcpy(strstr(plan, "automatic"), "by-hand  ", 9);
	bench_open(&b, plan);
	boot(&b, 1, 20, BARE, 0);
	boot(&b, 2, 21, BARE, 0);
	assert_int_equal(fleet_start(b.f, &m5, NULL, T0, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "not seen"));
	assert_int_equal(fleet_start(b.f, &m1, "nosuch", T0, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "nosuch"));
	assert_int_equal(fleet_start(b.f, &m1, NULL, T0, why, sizeof(why), &b.e), 0);
	assert_int_equal(fleet_start(b.f, &m1, NULL, T0, why, sizeof(why), &b.e), 1);
	/* no room for the second: the waiting room, and in as soon as there is */
	assert_int_equal(fleet_start(b.f, &m2, "up", T0, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 2, PHASE_WAITING, "");
	expect_link(&b, "phones/00:1b:0c:00:00:02", "../stages/up/waiting");
	struct phone p = get(&b, 2);
	struct vendor v = { .kind = VENDOR_BARE };
	struct answer a;

	fleet_answer(fleet_config(b.f), &p, &v, NULL, p.giaddr, p.address, &a);
	assert_int_equal(a.kind, ANSWER_SERVERS);
	assert_int_equal(a.servers.a[0].host, 0x0a000001);
	assert_int_equal(fleet_stop(b.f, &m2, T0, why, sizeof(why), &b.e), 0);
	expect_phone(&b, 2, PHASE_SEEN, "");
	assert_int_equal(fleet_stop(b.f, &m2, T0, why, sizeof(why), &b.e), 1);
	bench_close(&b);
}

static int count_history(void *arg, const struct history *h, struct err *e)
{
	(void)h, (void)e;
	(*(int *)arg)++;
	return 0;
}

static void test_script_and_log_count_once(void **state)
{
	(void)state;
	struct bench b;
	int n = 0, m = 0;
	char path[256];
	struct file_verdict v;

	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	assert_int_equal(state_history_list(fleet_state(b.f), 0, 0, 0, count_history, &n, &b.e), 0);
	snprintf(path, sizeof(path), "%s/tftp/10.0.0.20/" L1 ".bin", b.dir);
	struct file_event fe = { .kind = EVENT_SENT,
				 .at_ms = T0 + 5 * SEC,
				 .client = ip_n(20),
				 .path = path,
				 .bytes = -1,
				 .from_log = true };

	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 0);
	assert_int_equal(state_history_list(fleet_state(b.f), 0, 0, 0, count_history, &m, &b.e), 0);
	assert_int_equal(n, m);
	fe.at_ms += 60 * SEC; /* an event the script lost */
	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 0);
	m = 0;
	assert_int_equal(state_history_list(fleet_state(b.f), 0, 0, 0, count_history, &m, &b.e), 0);
	assert_int_equal(n + 1, m);
	bench_close(&b);
}

static void test_shared_layout_moves_as_one(void **state)
{
	(void)state;
	struct bench b;
	char plan[sizeof(auto_plan) + 16];
	struct load_name load;

	snprintf(plan, sizeof(plan), "layout = shared%s", strchr(auto_plan, '\n'));
	bench_open(&b, plan);
	const struct plan *pl = config_plan(fleet_config(b.f), "up");

	assert_int_equal(fleet_shared_load(b.f, pl, &load, &b.e), 1);
	boot(&b, 1, 20, BARE, 0);
	boot(&b, 2, 21, BARE, 0);
	assert_int_equal(fleet_shared_load(b.f, pl, &load, &b.e), 0);
	assert_string_equal(load.s, L1);
	expect_link(&b, "10.0.0.20", NULL);
	fetch(&b, 20, L1 ".bin", 1, 5, NULL); /* the doors shut */
	boot(&b, 3, 22, BARE, 6);
	expect_phone(&b, 3, PHASE_WAITING, "");
	boot(&b, 1, 20, BARE, 40);
	fetch(&b, 20, "XMLDefault.cnf.xml", 1, 41, NULL);
	wait_until(&b, 42, 200);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	assert_true(phone_is(&(struct phone){ .flags = get(&b, 1).flags }, PHONE_PROVEN));
	fetch(&b, 21, L1 ".bin", 1, 201, NULL);
	boot(&b, 2, 21, BARE, 240);
	fetch(&b, 21, "XMLDefault.cnf.xml", 1, 241, NULL);
	/* An event proves the last one and the cohort steps on. Before a tick takes its phones along somebody else is heard
	 * of: that makes no new cohort. */
	wait_until(&b, 242, 360);
	fetch(&b, 21, "XMLDefault.cnf.xml", 1, 362, NULL);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	assert_int_equal(fleet_shared_load(b.f, pl, &load, &b.e), 0);
	assert_string_equal(load.s, L2);
	lease(&b, LEASE_OFFER, 3, 22, BARE, 362);
	assert_int_equal(fleet_shared_load(b.f, pl, &load, &b.e), 0);
	assert_string_equal(load.s, L2);
	wait_until(&b, 363, 450);
	assert_int_equal(fleet_shared_load(b.f, pl, &load, &b.e), 0);
	assert_string_equal(load.s, L2);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	expect_phone(&b, 2, PHASE_OFFERED, L2);
	expect_phone(&b, 3, PHASE_WAITING, "");
	bench_close(&b);
}

/* The table of the design: what DHCP gives, by phase. */
static void test_answers_by_standing(void **state)
{
	(void)state;
	struct bench b;
	struct vendor v = { .kind = VENDOR_NAMED, .model = "7960" };

	bench_open(&b, auto_plan);
	for (int ph = 0; ph < PHASE_COUNT; ph++) {
		struct phone p = {
			.phase = (enum phase)ph, .plan = "up", .flags = PHONE_STARTED, .address = ip_n(20)
		};
		struct answer a;

		fleet_answer(fleet_config(b.f), &p, &v, NULL, p.giaddr, p.address, &a);
		if (ph == PHASE_SEEN || ph == PHASE_WAITING) {
			assert_int_equal(a.kind, ANSWER_UNTOUCHED);
		} else {
			assert_int_equal(a.kind, ANSWER_SERVERS);
			assert_int_equal(a.servers.a[0].host, ph == PHASE_DONE ? 0x0a000005 : 0x0a000001);
		}
	}
	bench_close(&b);
}

/* `check --wire` asks as a phone does, and must not become one. */
static void test_the_probe_is_no_phone(void **state)
{
	(void)state;
	struct bench b;
	struct lease_event le = { .kind = LEASE_OFFER, .at_ms = T0, .mac = phone_probe_mac, .address = ip_n(20) };
	struct file_event fe = { .kind = EVENT_SENT, .at_ms = T0, .client = ip_n(30), .bytes = 100 };
	struct file_verdict v;
	struct phone p;
	char path[512];

	bench_open(&b, auto_plan);
	le.vendor_len = sizeof(BARE) - 1;
	memcpy(le.vendor_class, BARE, le.vendor_len);
	assert_int_equal(fleet_on_lease(b.f, &le, &b.e), 1);
	assert_int_equal(state_phone_find(fleet_state(b.f), &le.mac, &p, &b.e), 1);
	expect_link(&b, "10.0.0.20", NULL);
	fe.path = path;
	snprintf(path, sizeof(path), "%s/tftp/" PHONE_PROBE_PREFIX "XMLDefault.cnf.xml", b.dir);
	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 1);
	assert_non_null(strstr(v.note, "check --wire"));
	assert_int_equal(state_phone_find_address(fleet_state(b.f), fe.client, &p, &b.e), 1);
	/* the plain name is a phone's */
	snprintf(path, sizeof(path), "%s/tftp/XMLDefault.cnf.xml", b.dir);
	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 0);
	assert_int_equal(state_phone_find_address(fleet_state(b.f), fe.client, &p, &b.e), 0);
	bench_close(&b);
}

static void test_batch_is_one_transaction(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	assert_int_equal(fleet_batch_begin(b.f, T0, &b.e), 0);
	lease(&b, LEASE_OFFER, 1, 20, BARE, 0);
	expect_link(&b, "10.0.0.20", NULL); /* links come after the commit */
	fleet_batch_abort(b.f);
	struct mac m = mac_n(1);
	struct phone p;

	assert_int_equal(state_phone_find(fleet_state(b.f), &m, &p, &b.e), 1);
	assert_int_equal(fleet_batch_begin(b.f, T0, &b.e), 0);
	lease(&b, LEASE_OFFER, 1, 20, BARE, 0);
	assert_int_equal(fleet_batch_end(b.f, &b.e), 0);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	bench_close(&b);
}

/* The first boot is recorded in the batch that starts the phone, some milliseconds late: it counts for its stage all the same. */
static void test_the_boot_that_starts_it_counts(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	assert_int_equal(fleet_batch_begin(b.f, T0 + 1500, &b.e), 0);
	lease(&b, LEASE_OFFER, 1, 20, BARE, 0);
	lease(&b, LEASE_ACK, 1, 20, BARE, 1);
	assert_int_equal(fleet_batch_end(b.f, &b.e), 0);
	struct phone p = get(&b, 1);

	assert_int_equal(p.phase, PHASE_OFFERED);
	assert_int_equal(p.boots, 1);
	assert_true(times_latest(&p.evidence.boot) > p.stage_since_ms);
	bench_close(&b);
}

/* What was observed while nobody ticked keeps its place between what came before and what comes after. */
static void test_events_of_a_gap_keep_their_order(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	climb_first(&b, 1, 20, 0);
	wait_until(&b, 6, 31);
	/* the store is away until 151 s; then comes what was kept meanwhile */
	wait_until(&b, 151, 151);
	lease(&b, LEASE_ACK, 1, 20, BARE, 60);
	expect_phone(&b, 1, PHASE_CHECKING, L1);
	fetch(&b, 20, "OS79XX.TXT", 14, 62, NULL);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 63, NULL);
	wait_until(&b, 152, 300);
	assert_string_equal(get(&b, 1).running, L1);
	bench_close(&b);
}

/* An administrator looks at a phone's file from his desk: the phone stays where DHCP put it. */
static void test_a_name_moves_no_known_phone(void **state)
{
	(void)state;
	struct bench b;
	struct file_verdict v;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	assert_int_equal(fetch(&b, 77, "SEP001B0C000001.cnf.xml", 1, 5, &v), 0);
	assert_non_null(strstr(v.note, "not the phone's"));
	expect_link(&b, "10.0.0.77", NULL);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	/* and an INFORM takes nobody's address */
	boot(&b, 2, 21, BARE, 10);
	lease(&b, LEASE_RENEW, 2, 20, BARE, 20);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	bench_close(&b);
}

/* Links that somebody removed come back; a link whose address nobody holds goes. */
static void test_links_heal(void **state)
{
	(void)state;
	struct bench b;
	char path[256], stray[256];

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	snprintf(path, sizeof(path), "%s/tftp/10.0.0.20", b.dir);
	snprintf(stray, sizeof(stray), "%s/tftp/10.0.0.77", b.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("phones/00:1b:0c:00:00:01", stray), 0);
	assert_int_equal(fleet_effects_all(b.f, &b.e), 0);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "10.0.0.77", NULL);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watching_changes_nothing),
		cmocka_unit_test(test_a_ladder_of_links),
		cmocka_unit_test(test_addresses_change_hands),
		cmocka_unit_test(test_addresses_with_tftpd_hpa),
		cmocka_unit_test(test_names_tell_who_it_is),
		cmocka_unit_test(test_unwatched_time_counts_as_none),
		cmocka_unit_test(test_operator),
		cmocka_unit_test(test_script_and_log_count_once),
		cmocka_unit_test(test_shared_layout_moves_as_one),
		cmocka_unit_test(test_answers_by_standing),
		cmocka_unit_test(test_the_probe_is_no_phone),
		cmocka_unit_test(test_batch_is_one_transaction),
		cmocka_unit_test(test_links_heal),
		cmocka_unit_test(test_the_boot_that_starts_it_counts),
		cmocka_unit_test(test_events_of_a_gap_keep_their_order),
		cmocka_unit_test(test_a_name_moves_no_known_phone),
	};

	return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}
