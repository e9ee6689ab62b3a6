/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the fleet looks up for the causes: a file of nearly the name that was asked for, another DHCP server's offer, a file
 * asked for from elsewhere, a class nobody knows, whether a TFTP log is followed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet_fixture.h"

#define OWN "001B0C000001"

static const char by_hand[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\ntftp-servers = 10.0.0.1\n";

static void tell(struct bench *b, enum event_kind kind, const char *dir, const char *name, int64_t at_s)
{
	char path[512];
	struct file_verdict v;
	struct file_event fe = { .kind = kind,
				 .at_ms = T0 + at_s * SEC,
				 .client = ip_n(20),
				 .path = path,
				 .bytes = -1,
				 .from_log = true };

	snprintf(path, sizeof(path), "%s/tftp/%s%s", b->dir, dir, name);
	if (fleet_on_file(b->f, &fe, &v, &b->e) < 0)
		fail_msg("%s: %s", name, b->e.text);
}

static void put_file(struct bench *b, const char *name)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/tftp", b->dir);
	write_at(dir, name, "x");
}

static void drop_file(struct bench *b, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/tftp/%s", b->dir, name);
	assert_int_equal(unlink(path), 0);
}

/* What lies in the plain root, what a phone that is watched asks for, and the cause. */
static void test_nearly_that_name(void **state)
{
	static const struct {
		const char *there[2];
		const char *asked;
		enum cause cause;
	} cases[] = {
		{ { "p0s3-8-12-00.LOADS" }, L4 ".loads", CAUSE_MEMBER_CASE },
		{ { L4 ".load" }, L4 ".loads", CAUSE_NONE },
		{ { "XmlDefault.cnf.xml" }, "XMLDefault.cnf.xml", CAUSE_NAME_CASE },
		{ { "OS79XX.txt" }, "OS79XX.TXT", CAUSE_NAME_CASE },
		{ { "OS79XX.bak" }, "OS79XX.TXT", CAUSE_NONE },
		{ { "sep" OWN ".cnf.xml" }, "SEP" OWN ".cnf.xml", CAUSE_SEP_NAME_ODD },
		{ { "SEP001b0c000001.cnf.xml" }, "SEP" OWN ".cnf.xml", CAUSE_SEP_NAME_ODD },
		{ { "SEP" OWN ".cnf.xml.txt" }, "SEP" OWN ".cnf.xml", CAUSE_SEP_NAME_ODD },
		{ { "SEP001B0C000002.cnf.xml" }, "SEP" OWN ".cnf.xml", CAUSE_NONE },
		{ { "SEP" OWN ".cnf.xml", "sep" OWN ".cnf.xml" },
		  "SEP" OWN ".cnf.xml",
		  CAUSE_NONE }, /* just put there */
		{ { "dialplan.XML" }, "dialplan.xml", CAUSE_NONE }, /* noise: phones do without */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		bench_open(&b, by_hand);
		for (size_t k = 0; k < 2 && cases[i].there[k]; k++)
			put_file(&b, cases[i].there[k]);
		boot(&b, 1, 20, NAMED, 1);
		tell(&b, EVENT_MISSING, "", cases[i].asked, 4);
		struct phone p = get(&b, 1);

		if (p.cause != cases[i].cause)
			fail_msg("%s there, %s asked for: \"%s\", expected \"%s\"", cases[i].there[0],
				 cases[i].asked, cause_name(p.cause), cause_name(cases[i].cause));
		bench_close(&b);
	}
}

/* The directory is read again when it has changed, and only then. */
static void test_a_directory_that_changes(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	boot(&b, 1, 20, NAMED, 1);
	tell(&b, EVENT_MISSING, "", L4 ".sb2", 4);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	put_file(&b, "P0S3-8-12-00.SB2");
	tell(&b, EVENT_MISSING, "", L4 ".sb2", 60);
	assert_int_equal(get(&b, 1).cause, CAUSE_MEMBER_CASE);
	drop_file(&b, "P0S3-8-12-00.SB2");
	put_file(&b, L4 ".sb2");
	tell(&b, EVENT_SENT, "", L4 ".sb2", 120);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	bench_close(&b);
}

/* On its way a phone sees its stage's directory: there its own files are none, and that is right. */
static void test_on_its_way(void **state)
{
	char why[128], dir[128];
	struct mac m = mac_n(1);
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	put_file(&b, "sep" OWN ".cnf.xml");
	boot(&b, 1, 20, NAMED, 1);
	assert_int_equal(fleet_start(b.f, &m, "up", T0 + 2 * SEC, why, sizeof(why), &b.e), 0);
	tell(&b, EVENT_MISSING, "10.0.0.20/", "SEP" OWN ".cnf.xml", 4);
	tell(&b, EVENT_SENT, "10.0.0.20/", "XMLDefault.cnf.xml", 5);
	expect_phone(&b, 1, PHASE_OFFERED, L4);
	snprintf(dir, sizeof(dir), "%s/tftp/stages/up/" L4, b.dir);
	write_at(dir, "P0S3-8-12-00.Loads", "x");
	tell(&b, EVENT_MISSING, "10.0.0.20/", L4 ".loads", 8);
	expect_phone(&b, 1, PHASE_STUCK, L4);
	assert_int_equal(get(&b, 1).cause, CAUSE_MEMBER_CASE);
	bench_close(&b);
}

/* Its SIP application asks for a file that is not there, where one is that it does not read (F§8 row 55). */
static void test_provisioning(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	put_file(&b, "SEP" OWN ".cnf.xml");
	boot(&b, 1, 20, NAMED, 1);
	tell(&b, EVENT_MISSING, "", "SIP" OWN ".cnf", 4);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	tell(&b, EVENT_MISSING, "", "SIP" OWN ".cnf", 35);
	assert_int_equal(get(&b, 1).cause, CAUSE_PROVISIONING_MISSING);
	put_file(&b, "SIP" OWN ".cnf");
	tell(&b, EVENT_SENT, "", "SIP" OWN ".cnf", 66);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	bench_close(&b);
}

static void test_a_rule_cuts_the_name(void **state)
{
	struct file_verdict v;
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	boot(&b, 1, 20, NAMED, 1);
	struct file_event fe = { .kind = EVENT_MISSING,
				 .at_ms = T0 + 4 * SEC,
				 .client = ip_n(20),
				 .bytes = -1,
				 .path = "P0030801SR02.loads",
				 .from_log = true,
				 .cut_name = true };
	assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 0);
	assert_int_equal(get(&b, 1).cause, CAUSE_NAME_CUT);
	bench_close(&b);
}

static int elsewhere(struct bench *b, int mac, uint32_t xid, int64_t at_s)
{
	struct lease_event le = { .kind = LEASE_ELSEWHERE,
				  .at_ms = T0 + at_s * SEC,
				  .mac = mac_n(mac),
				  .address = ip_n(9),
				  .xid = xid };
	int rc = fleet_on_lease(b->f, &le, &b->e);

	if (rc < 0)
		fail_msg("%s", b->e.text);
	return rc;
}

struct note {
	const char *text;
	int n;
};

static int count_note(void *arg, const struct history *h, struct err *e)
{
	struct note *a = arg;

	(void)e;
	a->n += strcmp(h->note, a->text) == 0;
	return 0;
}

/* Another server's offer counts where ours was made, too: of two that share their clients one is silent. */
static void test_another_server(void **state)
{
	struct note told = { "took the offer of another DHCP server, 10.0.0.9", 0 };
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	boot(&b, 1, 20, NAMED, 1);
	assert_int_equal(elsewhere(&b, 1, b.xid + 7, 10), 1);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	lease(&b, LEASE_OFFER, 1, 20, NAMED, 60);
	assert_int_equal(elsewhere(&b, 2, b.xid + 1, 61), 1); /* of another MAC */
	assert_int_equal(elsewhere(&b, 1, b.xid + 1, 61), 0);
	struct phone p = get(&b, 1);

	assert_int_equal(p.cause, CAUSE_OTHER_DHCP_SERVER);
	assert_int_equal(p.boots, 1);
	assert_int_equal(p.address.host, ip_n(20).host);
	assert_int_equal(state_history_list(fleet_state(b.f), p.id, 0, 0, count_note, &told, &b.e), 0);
	assert_int_equal(told.n, 1);
	boot(&b, 1, 20, NAMED, 120);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	bench_close(&b);
}

/* Its files, from an address that is not its lease: not credited, and a candidate after the third. */
static void test_asked_from_elsewhere(void **state)
{
	static const char *const names[] = { "CTLSEP" OWN ".tlv", "SEP" OWN ".cnf.xml", "SIP" OWN ".cnf" };
	struct cause_found list[CAUSES_FOUND_MAX];
	struct file_verdict v;
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	boot(&b, 1, 20, NAMED, 1);
	struct phone before = get(&b, 1);

	for (int i = 0; i < 3; i++) {
		struct file_event fe = { .kind = EVENT_MISSING,
					 .at_ms = T0 + (60 + i) * SEC,
					 .client = ip_n(99),
					 .bytes = -1,
					 .path = names[i],
					 .from_log = true };

		assert_int_equal(fleet_on_file(b.f, &fe, &v, &b.e), 0);
	}
	struct phone p = get(&b, 1);

	assert_int_equal(p.cause, CAUSE_NONE);
	assert_int_equal(p.address.host, ip_n(20).host);
	assert_int_equal(evidence_last_event(&p.evidence), evidence_last_event(&before.evidence));
	assert_int_equal(engine_causes(&p, NULL, NULL, &fleet_config(b.f)->limits, T0 + 70 * SEC, list), 1);
	assert_true(list[0].cause == CAUSE_OTHER_DHCP_SERVER && !list[0].sure && list[0].times == 3);
	bench_close(&b);
}

static void test_a_class_nobody_knows(void **state)
{
	static const char lobby[] =
		"[vendor-class lobby]\nmatch = Cisco IP Phone 7961 Special\ntftp-servers = 10.0.0.9\n";
	char more[1024];
	struct bench b;

	(void)state;
	snprintf(more, sizeof(more), "%s%s", by_hand, lobby);
	bench_open(&b, more);
	boot(&b, 1, 20, BARE " CP-7999G", 1);
	struct phone p = get(&b, 1);

	assert_int_equal(p.cause, CAUSE_UNKNOWN_CLASS);
	assert_int_equal(p.phase, PHASE_SEEN);
	assert_string_equal(p.vendor_class, BARE " CP-7999G");
	boot(&b, 1, 20, NAMED, 60);
	assert_int_equal(get(&b, 1).cause, CAUSE_NONE);
	/* a later make, a PC, a class that the site has a section for: nothing of ours */
	assert_int_equal(lease(&b, LEASE_ACK, 2, 21, BARE " CP-8841", 61), 1);
	assert_int_equal(lease(&b, LEASE_ACK, 3, 22, "MSFT 5.0", 62), 1);
	assert_int_equal(lease(&b, LEASE_ACK, 4, 23, "Cisco IP Phone 7961 Special", 63), 1);
	bench_close(&b);
}

/* A pause in the following begins anew; a boot before it is none of which the questions are known. */
static void test_a_log_is_followed(void **state)
{
	char why[128];
	struct mac m = mac_n(1);
	struct bench b;

	(void)state;
	bench_open(&b, by_hand);
	assert_int_equal(fleet_heard_since(b.f, T0), 0);
	wait_until(&b, 1, 2);
	for (int t = 2; t < 60; t++) {
		assert_int_equal(fleet_log_heard(b.f, T0 + t * SEC, &b.e), 0);
		wait_until(&b, t, t);
	}
	assert_int_equal(fleet_heard_since(b.f, T0 + 60 * SEC), fleet_engine_time(b.f, T0 + 2 * SEC));
	boot(&b, 1, 20, NAMED, 60);
	assert_int_equal(fleet_start(b.f, &m, "up", T0 + 60 * SEC, why, sizeof(why), &b.e), 0);
	boot(&b, 1, 20, NAMED, 61);
	for (int t = 61; t < 260; t++) {
		assert_int_equal(fleet_log_heard(b.f, T0 + t * SEC, &b.e), 0);
		wait_until(&b, t, t);
	}
	expect_phone(&b, 1, PHASE_STUCK, L4);
	assert_int_equal(get(&b, 1).cause, CAUSE_NO_TFTP_AFTER_DHCP);
	assert_int_equal(fleet_heard_since(b.f, T0 + 320 * SEC), 0);
	wait_until(&b, 260, 320);
	assert_int_equal(fleet_log_heard(b.f, T0 + 320 * SEC, &b.e), 0);
	assert_int_equal(fleet_heard_since(b.f, T0 + 320 * SEC), fleet_engine_time(b.f, T0 + 320 * SEC));
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearly_that_name),     cmocka_unit_test(test_a_directory_that_changes),
		cmocka_unit_test(test_on_its_way),	     cmocka_unit_test(test_provisioning),
		cmocka_unit_test(test_a_rule_cuts_the_name), cmocka_unit_test(test_another_server),
		cmocka_unit_test(test_asked_from_elsewhere), cmocka_unit_test(test_a_class_nobody_knows),
		cmocka_unit_test(test_a_log_is_followed),
	};

	return cmocka_run_group_tests_name("fleet causes", tests, NULL, NULL);
}
