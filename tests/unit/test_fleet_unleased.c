/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Phones whose DHCP tells us nothing, or only who has which address (dnsmasq's script): they start by themselves where a
 * plan says so and no other could be meant, boot when they ask anew, and climb.
 */
#include "fleet_fixture.h"

static const char two_plans[] =
	"layout = views\n[plan up]\nmodels = 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\n"
	"[plan other]\nmodels = 7940\nstages = " L1 " " L2 "\nnetworks = 10.0.0.0/24\nstart = automatic\n"
	"tftp-servers = 10.0.0.1\n";

static const char by_hand[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\ntftp-servers = 10.0.0.1\n";

/* What the log tells: a file that is not there. */
static void missing(struct bench *b, int ip, const char *name, int64_t at_s)
{
	char path[512], a[IP4_TEXT_SIZE];
	struct file_event fe = { .kind = EVENT_MISSING,
				 .at_ms = T0 + at_s * SEC,
				 .client = ip_n(ip),
				 .path = path,
				 .bytes = -1,
				 .from_log = true };
	struct file_verdict v;

	snprintf(path, sizeof(path), "%s/tftp/%s/%s", b->dir, ip4_format(a, ip_n(ip)), name);
	if (fleet_on_file(b->f, &fe, &v, &b->e) < 0)
		fail_msg("file: %s", b->e.text);
}

static bool is_started(struct bench *b, int n)
{
	struct phone p = get(b, n);

	return phone_is(&p, PHONE_STARTED);
}

/* It asks as old code does when it has booted: its own file is not there. */
static void ask(struct bench *b, int n, int ip, int64_t at_s)
{
	char own[64];

	snprintf(own, sizeof(own), "SEP001B0C0000%02X.cnf.xml", (unsigned)n);
	fetch(b, ip, "OS79XX.TXT", 14, at_s, NULL);
	missing(b, ip, own, at_s);
	fetch(b, ip, "XMLDefault.cnf.xml", 20, at_s + 1, NULL);
}

static void test_starts_by_its_files(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, auto_plan);
	missing(&b, 20, "SEP001B0C000001.cnf.xml", 0);
	missing(&b, 20, "OS79XX.TXT", 0);
	expect_phone(&b, 1, PHASE_SEEN, "");
	assert_false(is_started(&b, 1));
	/* its lease has had time enough to come */
	missing(&b, 20, "SEP001B0C000001.cnf.xml", 6);
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	/* and climbs: image, a boot that nobody told, its configuration, silence */
	ask(&b, 1, 20, 40);
	fetch(&b, 20, L1 ".bin", 130000, 45, NULL);
	expect_phone(&b, 1, PHASE_FLASHING, L1);
	ask(&b, 1, 20, 100);
	wait_until(&b, 100, 260);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	assert_string_equal(get(&b, 1).running, L1);
	bench_close(&b);
}

static void test_stays_seen(void **state)
{
	static const struct {
		const char *plans;
		int ip;
		const char *files[2]; /* what it asks for, again and again */
	} cases[] = {
		{ two_plans, 20, { "OS79XX.TXT", "SEP001B0C000001.cnf.xml" } }, /* which of the two? */
		{ by_hand, 20, { "OS79XX.TXT", "SEP001B0C000001.cnf.xml" } },
		{ auto_plan, 300, { "OS79XX.TXT", "SEP001B0C000001.cnf.xml" } }, /* another network */
		{ auto_plan, 20, { "CTLSEP001B0C000001.tlv", "SEP001B0C000001.cnf.xml" } }, /* a java phone */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		bench_open(&b, cases[i].plans);
		for (int t = 0; t < 60; t += 20) {
			missing(&b, cases[i].ip, cases[i].files[1], t);
			missing(&b, cases[i].ip, cases[i].files[0], t);
		}
		if (is_started(&b, 1))
			fail_msg("case %zu: started", i);
		bench_close(&b);
	}
}

/* dnsmasq's script: who has which address, and the vendor class; never a boot. */
static void test_held(void **state)
{
	struct bench b;
	struct phone p;

	(void)state;
	bench_open(&b, auto_plan);
	assert_int_equal(lease(&b, LEASE_HELD, 1, 20, BARE, 0), 0);
	p = get(&b, 1);
	assert_int_equal(p.boots, 0);
	assert_false(phone_is(&p, PHONE_DHCP_KNOWN));
	expect_phone(&b, 1, PHASE_OFFERED, L1);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	ask(&b, 1, 20, 2);
	fetch(&b, 20, L1 ".bin", 130000, 8, NULL);
	ask(&b, 1, 20, 60);
	p = get(&b, 1);
	assert_false(phone_is(&p, PHONE_DHCP_KNOWN));
	wait_until(&b, 60, 220);
	expect_phone(&b, 1, PHASE_OFFERED, L2);
	/* another address; what nothing is said of stays */
	assert_int_equal(lease(&b, LEASE_HELD, 1, 21, "", 230), 0);
	p = get(&b, 1);
	assert_int_equal(p.vendor, VENDOR_BARE);
	expect_link(&b, "10.0.0.21", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "10.0.0.20", NULL);
	/* somebody else gets it */
	assert_int_equal(lease(&b, LEASE_HELD, 9, 21, "MSFT 5.0", 240), 1);
	expect_link(&b, "10.0.0.21", NULL);
	assert_int_equal(lease(&b, LEASE_HELD, 1, 22, "", 250), 0);
	assert_int_equal(lease(&b, LEASE_GONE, 1, 22, "", 260), 0);
	expect_link(&b, "10.0.0.22", NULL);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_by_its_files),
		cmocka_unit_test(test_stays_seen),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests_name("fleet unleased", tests, NULL, NULL);
}
