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

#include "config.h"
#include "file.h"
#include "fleet.h"

#define SEC 1000
#define T0 1700000000000LL
#define L1 "P00303010102"
#define L2 "P00305000500"
#define L3 "P00308000900"
#define L4 "P0S3-8-12-00"

static const char *const loads[] = { L1, L2, L3, L4 };

struct bench {
	char dir[64];
	struct config *cfg;
	struct fleet *f;
	uint32_t xid;
	struct err e;
};

static void write_at(const char *dir, const char *name, const char *text)
{
	char path[512];
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, &e) >= 0);
}

static void config_text(struct bench *b, const char *more, char *out, size_t size)
{
	snprintf(out, size, "[store]\nurl = sqlite:%s/state.db\n[tftp]\nroot = %s/tftp\n%s", b->dir, b->dir,
		 more);
}

static const char auto_plan[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\nafter-tftp-servers = 10.0.0.5\n";

static void bench_open(struct bench *b, const char *more)
{
	char text[2048], path[256];

	memset(b, 0, sizeof(*b));
	snprintf(b->dir, sizeof(b->dir), "/tmp/loadstep-fleet-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	for (int i = 0; i < 5; i++) {
		char xml[64] = "<Default>";

		snprintf(path, sizeof(path), "%s/tftp/stages/up/%s", b->dir, i < 4 ? loads[i] : "waiting");
		assert_int_equal(file_mkdirs(path, 0755, &b->e), 0);
		memset(xml, 'x', (size_t)(20 + i));
		write_at(path, "XMLDefault.cnf.xml", xml);
	}
	config_text(b, more, text, sizeof(text));
	if (config_parse("test.conf", text, strlen(text), NULL, &b->cfg, NULL, &b->e) < 0)
		fail_msg("%s", b->e.text);
	if (fleet_open(&b->f, b->cfg, FLEET_CREATE, 1000, &b->e) < 0)
		fail_msg("%s", b->e.text);
}

static void bench_close(struct bench *b)
{
	fleet_close(b->f);
	config_free(b->cfg);
	assert_int_equal(file_remove_tree(b->dir, &b->e), 0);
}

static struct mac mac_n(int n)
{
	return (struct mac){ { 0, 0x1b, 0x0c, 0, 0, (uint8_t)n } };
}

static struct ip4 ip_n(int n)
{
	return (struct ip4){ 0x0a000000u + (uint32_t)n };
}

static int lease(struct bench *b, enum lease_kind kind, int mac, int ip, const char *vendor, int64_t at_s)
{
	struct lease_event le = {
		.kind = kind, .at_ms = T0 + at_s * SEC, .mac = mac_n(mac), .address = ip_n(ip)
	};

	le.vendor_len = (uint8_t)strlen(vendor);
	memcpy(le.vendor_class, vendor, le.vendor_len);
	le.xid = kind == LEASE_OFFER ? b->xid + 1 : kind == LEASE_ACK ? ++b->xid : b->xid;
	int rc = fleet_on_lease(b->f, &le, &b->e);

	if (rc < 0)
		fail_msg("lease: %s", b->e.text);
	assert_string_equal(fleet_effects_error(b->f), "");
	return rc;
}

#define BARE "Cisco Systems, Inc. IP Phone"
#define NAMED BARE " CP-7960G"

static void boot(struct bench *b, int n, int ip, const char *vendor, int64_t at_s)
{
	lease(b, LEASE_OFFER, n, ip, vendor, at_s);
	lease(b, LEASE_ACK, n, ip, vendor, at_s);
}

static int fetch(struct bench *b, int ip, const char *name, int64_t bytes, int64_t at_s,
		 struct file_verdict *v)
{
	char path[512], a[IP4_TEXT_SIZE];
	struct file_verdict own;
	struct file_event fe = {
		.kind = EVENT_SENT, .at_ms = T0 + at_s * SEC, .client = ip_n(ip), .path = path, .bytes = bytes
	};

	snprintf(path, sizeof(path), "%s/tftp/%s/%s", b->dir, ip4_format(a, ip_n(ip)), name);
	int rc = fleet_on_file(b->f, &fe, v ? v : &own, &b->e);

	if (rc < 0)
		fail_msg("file: %s", b->e.text);
	return rc;
}

/* Time as a thread would tick it: once a second. */
static void wait_until(struct bench *b, int64_t from_s, int64_t to_s)
{
	for (int64_t t = from_s; t <= to_s; t++)
		if (fleet_tick(b->f, T0 + t * SEC, NULL, &b->e) < 0)
			fail_msg("tick: %s", b->e.text);
}

static struct phone get(struct bench *b, int n)
{
	struct mac m = mac_n(n);
	struct phone p;

	assert_int_equal(state_phone_find(fleet_state(b->f), &m, &p, &b->e), 0);
	return p;
}

static void expect_phone(struct bench *b, int n, enum phase phase, const char *load)
{
	struct phone p = get(b, n);

	if (p.phase != phase || strcmp(p.load.s, load) != 0)
		fail_msg("phone %d: %s at \"%s\", expected %s at \"%s\"", n, phase_name(p.phase), p.load.s,
			 phase_name(phase), load);
}

static void expect_link(struct bench *b, const char *name, const char *target)
{
	char path[256], buf[256] = "";

	snprintf(path, sizeof(path), "%s/tftp/%s", b->dir, name);
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	if (!target)
		assert_int_equal(n, -1);
	else
		assert_string_equal(buf, target);
}

static void climb_first(struct bench *b, int n, int ip, int64_t t)
{
	boot(b, n, ip, BARE, t);
	fetch(b, ip, "OS79XX.TXT", 14, t + 1, NULL);
	fetch(b, ip, "XMLDefault.cnf.xml", 20, t + 2, NULL);
	fetch(b, ip, L1 ".bin", 130000, t + 5, NULL);
}

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
	wait_until(&b, 242, 450);
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
		cmocka_unit_test(test_names_tell_who_it_is),
		cmocka_unit_test(test_unwatched_time_counts_as_none),
		cmocka_unit_test(test_operator),
		cmocka_unit_test(test_script_and_log_count_once),
		cmocka_unit_test(test_shared_layout_moves_as_one),
		cmocka_unit_test(test_answers_by_standing),
		cmocka_unit_test(test_batch_is_one_transaction),
		cmocka_unit_test(test_links_heal),
	};

	return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}
