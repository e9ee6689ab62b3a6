/* SPDX-License-Identifier: MPL-2.0 */
/* What the witness heard, on a real store and real links: whose word counts, what is kept of it, who is sent to look. */
#include "fleet_fixture.h"

static struct witness_verdict v;

static int heard(struct bench *b, struct witness_event *we)
{
	int rc = fleet_on_witness(b->f, we, &v, &b->e);

	if (rc < 0)
		fail_msg("%s", b->e.text);
	return rc;
}

static int registers(struct bench *b, int mac, int ip, const char *load, int64_t at_s)
{
	struct witness_event we = {
		.kind = EVENT_REGISTERED,
		.at_ms = T0 + at_s * SEC,
		.client = ip_n(ip),
		.mac = mac_n(mac),
		.device_type = 7,
		.protocol = 11,
		.load = load,
		.text = "",
		.about = WITNESS_COUNT,
	};

	return heard(b, &we);
}

static int alarms(struct bench *b, int mac, int ip, const char *text, enum witness about, int64_t at_s)
{
	struct witness_event we = {
		.kind = EVENT_ALARM,
		.at_ms = T0 + at_s * SEC,
		.client = ip_n(ip),
		.mac = mac_n(mac),
		.protocol = -1,
		.load = "",
		.text = text,
		.severity = 1,
		.parameter = { 0x101, 0 },
		.about = about,
	};

	return heard(b, &we);
}

struct found {
	enum event_kind kind;
	const char *note;
	unsigned n;
};

static int find(void *arg, const struct history *h, struct err *e)
{
	struct found *f = arg;

	(void)e;
	f->n += h->kind == f->kind && strstr(h->note, f->note) != NULL;
	return 0;
}

static unsigned notes(struct bench *b, enum event_kind kind, const char *note)
{
	struct found f = { kind, note, 0 };

	assert_int_equal(state_history_list(fleet_state(b->f), 0, 0, 0, find, &f, &b->e), 0);
	return f.n;
}

/* Image, boot, and then it says so: the link is swung before it is answered, and it is sent to look. */
static void test_a_word_moves_the_link(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 3, NULL);
	fetch(&b, 20, L1 ".bin", 130000, 10, NULL);
	boot(&b, 1, 20, BARE, 50);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 52, NULL);
	assert_int_equal(registers(&b, 1, 20, L1, 53), 0);
	assert_true(v.started);
	assert_int_equal(v.wake, WAKE_NOW);
	assert_string_equal(v.load.s, L2);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L2);
	assert_string_equal(get(&b, 1).running, L1);
	assert_int_equal(get(&b, 1).running_by, RUNNING_BY_REGISTERED);
	assert_string_equal(get(&b, 1).model, "7960");
	assert_int_equal(notes(&b, EVENT_REGISTERED, "device type 7 (7960), protocol 11, names load " L1), 1);
	struct mac mac = mac_n(1);
	assert_int_equal(fleet_witness_answered(b.f, &mac, T0 + 53 * SEC, true, "sent a Reset", &b.e), 0);
	assert_int_equal(notes(&b, EVENT_REGISTERED, "sent a Reset"), 1);
	assert_int_equal(fleet_witness_look(b.f, &mac, T0 + 54 * SEC, &v, &b.e), 0);
	assert_int_equal(v.wake, WAKE_NO); /* it was just sent */
	bench_close(&b);
}

/* It names no load: held, and at a look after the window it is proven. */
static void test_a_word_that_is_held(void **state)
{
	(void)state;
	struct mac mac = mac_n(1);
	struct bench b;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	fetch(&b, 20, L1 ".bin", 130000, 10, NULL);
	wait_until(&b, 11, 49);
	assert_int_equal(registers(&b, 1, 20, "", 50), 0); /* Kea's thread has not told the boot yet */
	assert_int_equal(v.wake, WAKE_SOON);
	boot(&b, 1, 20, BARE, 49);
	assert_int_equal(fleet_witness_look(b.f, &mac, T0 + 51 * SEC, &v, &b.e), 0);
	assert_int_equal(v.wake, WAKE_SOON);
	assert_int_equal(fleet_witness_look(b.f, &mac, T0 + 55 * SEC, &v, &b.e), 0);
	assert_int_equal(v.wake, WAKE_NOW);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	struct mac nobody = mac_n(77);
	assert_int_equal(fleet_witness_look(b.f, &nobody, T0 + 55 * SEC, &v, &b.e), 1);
	bench_close(&b);
}

static void test_whose_word_it_is(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	boot(&b, 2, 21, BARE, 0);
	/* nobody we know: nothing is kept */
	assert_int_equal(registers(&b, 5, 25, L1, 1), 1);
	assert_false(v.started);
	struct phone p;
	struct mac five = mac_n(5);
	assert_int_equal(state_phone_find(fleet_state(b.f), &five, &p, &b.e), 1);
	/* a name from another phone's address, and from an address of nobody while DHCP gave it one */
	assert_int_equal(registers(&b, 1, 21, L1, 2), 1);
	assert_int_equal(registers(&b, 1, 99, L1, 3), 1);
	assert_non_null(strstr(v.note, "not credited"));
	assert_false(v.started);
	assert_int_equal(notes(&b, EVENT_REGISTERED, "not credited"), 2);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_phone(&b, 2, PHASE_OFFERED, L1);
	assert_int_not_equal(get(&b, 1).running_by, RUNNING_BY_REGISTERED);
	/* known by its files alone: its word tells where it is now */
	fetch(&b, 30, "SEP001B0C000003.cnf.xml", 1, 10, NULL);
	assert_int_equal(get(&b, 3).phase, PHASE_SEEN);
	assert_int_equal(registers(&b, 3, 31, "P00307020300", 60), 0);
	assert_false(v.started);
	assert_int_equal(get(&b, 3).address.host, ip_n(31).host);
	assert_string_equal(get(&b, 3).running, "P00307020300");
	bench_close(&b);
}

static void test_alarms_are_kept_as_they_were_said(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	fetch(&b, 20, "XMLDefault.cnf.xml", 20, 3, NULL);
	assert_int_equal(alarms(&b, 1, 20, "25: Last=\x1b[2JInit\nialized", WITNESS_COUNT, 5), 0);
	assert_int_equal(notes(&b, EVENT_ALARM, "severity 1: 25: Last=\\x1b[2JInit\\nialized (0x101, 0x0)"),
			 1);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	assert_int_equal(alarms(&b, 1, 20, "4: Last=Disk full", WITNESS_ALARM_DISK_FULL, 6), 0);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	assert_int_equal(get(&b, 1).cause, CAUSE_DISK_FULL);
	assert_int_equal(notes(&b, EVENT_ALARM, "disk-full"), 1);
	bench_close(&b);
}

/* A phone that is turned away says the same every half minute: the history has it once. */
static void test_the_same_word_is_noted_once(void **state)
{
	(void)state;
	struct bench b;

	bench_open(&b, auto_plan);
	boot(&b, 1, 20, BARE, 0);
	for (int t = 1; t < 600; t += 30) {
		assert_int_equal(alarms(&b, 1, 20, "25: Last=Initialized", WITNESS_COUNT, t), 0);
		assert_int_equal(v.again, t > 1);
		assert_int_equal(registers(&b, 1, 20, "", t), 0);
		assert_int_equal(v.again, t > 1);
	}
	assert_int_equal(notes(&b, EVENT_ALARM, "Initialized"), 1);
	assert_int_equal(notes(&b, EVENT_REGISTERED, "names no load"), 1);
	assert_int_equal(alarms(&b, 1, 20, "20: Last=Phone-Keypad", WITNESS_COUNT, 601), 0);
	assert_false(v.again);
	assert_int_equal(alarms(&b, 1, 20, "25: Last=Initialized", WITNESS_COUNT, 602), 0);
	assert_false(v.again); /* after another it is news */
	assert_int_equal(registers(&b, 1, 20, "P00302000000", 603), 0);
	assert_false(v.again);
	bench_close(&b);
}

/* By an alarm a phone may name its load as its display does; what is no load's name says nothing. */
static void test_a_load_named_by_an_alarm(void **state)
{
	(void)state;
	struct witness_event we = {
		.kind = EVENT_REGISTERED,
		.at_ms = T0 + 20 * SEC,
		.client = { 0x0a000014 },
		.device_type = 8,
		.protocol = -1,
		.load = "flash",
		.load_by_alarm = true,
		.text = "",
		.about = WITNESS_COUNT,
	};
	struct bench b;

	bench_open(&b, auto_plan);
	we.mac = mac_n(1);
	boot(&b, 1, 20, BARE, 0);
	we.load = "#?";
	assert_int_equal(heard(&b, &we), 0);
	assert_int_equal(times_latest(&get(&b, 1).evidence.witness[WITNESS_OTHER]), 0);
	assert_true(times_latest(&get(&b, 1).evidence.witness[WITNESS_PLAIN]) > 0);
	we.load = "3.1(1.2)";
	we.at_ms += SEC;
	assert_int_equal(heard(&b, &we), 0);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	assert_int_equal(notes(&b, EVENT_REGISTERED, "names by its alarm load 3.1(1.2)"), 1);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_word_moves_the_link),
		cmocka_unit_test(test_a_word_that_is_held),
		cmocka_unit_test(test_whose_word_it_is),
		cmocka_unit_test(test_alarms_are_kept_as_they_were_said),
		cmocka_unit_test(test_a_load_named_by_an_alarm),
		cmocka_unit_test(test_the_same_word_is_noted_once),
	};

	return cmocka_run_group_tests_name("fleet witness", tests, NULL, NULL);
}
