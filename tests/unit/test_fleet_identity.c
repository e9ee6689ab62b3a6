/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who is who, over a real store and real links: histories of phones that change addresses and of addresses that change
 * hands, made up from a seed; each phone is one row and has its own events, whatever the addresses say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet_fixture.h"

#define PHONES 5
#define ADDRESSES 5
/* From one turn to the next. Nobody watches meanwhile, so it counts 30 s, which is longer than stage-classic here: for
 * so long anybody is remembered at an address. */
#define APART_S 1200

static const char by_hand[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\ntftp-servers = 10.0.0.1\n[limits]\nstage-classic = 20s\n";

static int count_row(void *arg, const struct phone *p, struct err *e)
{
	(void)p, (void)e;
	++*(int *)arg;
	return 0;
}

static int rows(struct bench *b)
{
	int n = 0;

	assert_int_equal(state_phone_list(fleet_state(b->f), count_row, &n, &b->e), 0);
	return n;
}

struct asked {
	const char *file;
	int n;
};

static int count_file(void *arg, const struct history *h, struct err *e)
{
	struct asked *a = arg;

	(void)e;
	a->n += strcmp(h->file, a->file) == 0 && !strstr(h->note, "not credited");
	return 0;
}

/* How often a file is in the history of that phone, credited. */
static int credited(struct bench *b, int n, const char *file)
{
	struct asked a = { file, 0 };
	struct phone p = get(b, n);

	assert_int_equal(state_history_list(fleet_state(b->f), p.id, 0, 0, count_file, &a, &b->e), 0);
	return a.n;
}

static const char *own_file(char buf[static 64], int n)
{
	snprintf(buf, 64, "SEP001B0C0000%02X.cnf.xml", (unsigned)n);
	return buf;
}

/* A phone asks by TFTP alone: its own file, and one that has no name. */
static void asks(struct bench *b, int n, int ip, int64_t at_s)
{
	char own[64];

	fetch(b, ip, own_file(own, n), 14, at_s, NULL);
	fetch(b, ip, "OS79XX.TXT", 14, at_s + 40, NULL); /* not just when the address changed hands */
}

/* By DHCP, any order: a row for each phone, each with its own files, its newest address, and the links say so. */
static void dhcp_history(unsigned seed)
{
	int at[PHONES + 1] = { 0 }, holder[ADDRESSES + 1] = { 0 }, files[PHONES + 1] = { 0 };
	unsigned random = seed;
	int64_t t = 0;
	struct bench b;

	bench_open(&b, by_hand);
	for (int turn = 0; turn < 40; turn++, t += APART_S) {
		int n = 1 + rand_r(&random) % PHONES, a = 1 + rand_r(&random) % ADDRESSES;

		boot(&b, n, 20 + a, rand_r(&random) % 2 ? BARE : NAMED, t);
		holder[at[n]] = at[n] && holder[at[n]] == n ? 0 : holder[at[n]];
		holder[a] = n;
		at[n] = a;
		fetch(&b, 20 + a, "dialplan.xml", 14, t + 60, NULL);
		files[n]++;
	}
	int known = 0;
	for (int n = 1; n <= PHONES; n++) {
		if (!at[n])
			continue;
		known++;
		if (credited(&b, n, "dialplan.xml") != files[n] ||
		    get(&b, n).address.host != ip_n(20 + at[n]).host ||
		    phone_is(&(struct phone){ .flags = get(&b, n).flags }, PHONE_ADDRESS_SHARED))
			fail_msg("seed %u: phone %d has %d files of %d", seed, n,
				 credited(&b, n, "dialplan.xml"), files[n]);
	}
	if (rows(&b) != known)
		fail_msg("seed %u: %d rows for %d phones", seed, rows(&b), known);
	for (int a = 1; a <= ADDRESSES; a++) {
		char name[32], target[64], mac[MAC_TEXT_SIZE];
		struct mac m = mac_n(holder[a]);

		snprintf(name, sizeof(name), "10.0.0.%d", 20 + a);
		snprintf(target, sizeof(target), "phones/%s", mac_format(mac, &m));
		expect_link(&b, name, holder[a] ? target : NULL);
	}
	bench_close(&b);
}

/* By TFTP alone, phones one after another on any address: the same. */
static void tftp_history(unsigned seed)
{
	bool seen[PHONES + 1] = { false };
	int files[PHONES + 1] = { 0 }, known = 0;
	unsigned random = seed;
	int64_t t = 0;
	struct bench b;

	bench_open(&b, by_hand);
	for (int turn = 0; turn < 40; turn++, t += APART_S) {
		int n = 1 + rand_r(&random) % PHONES, a = 1 + rand_r(&random) % ADDRESSES;

		asks(&b, n, 20 + a, t);
		known += !seen[n];
		seen[n] = true;
		files[n]++;
	}
	for (int n = 1; n <= PHONES; n++) {
		char own[64];

		if (!seen[n])
			continue;
		int named = credited(&b, n, own_file(own, n)), nameless = credited(&b, n, "OS79XX.TXT");
		if (named != files[n] || nameless != files[n] || get(&b, n).flags & PHONE_ADDRESS_SHARED)
			fail_msg("seed %u: phone %d has %d and %d files of %d", seed, n, named, nameless,
				 files[n]);
	}
	if (rows(&b) != known)
		fail_msg("seed %u: %d rows for %d phones", seed, rows(&b), known);
	bench_close(&b);
}

/* Two or more by turns behind one address: each is its own row, is told so, and sees the plain root. */
static void nat_history(unsigned seed)
{
	unsigned random = seed;
	bool twice[PHONES + 1] = { false }, seen[PHONES + 1] = { false };
	int at[PHONES + 1] = { 0 }, last = 0, phones = 2 + (int)(seed % (PHONES - 1));
	struct bench b;
	char own[64];

	bench_open(&b, by_hand);
	for (int turn = 0; turn < 30; turn++) {
		int n = 1 + rand_r(&random) % phones;

		fetch(&b, 40, own_file(own, n), 14, turn, NULL);
		twice[n] = twice[n] || (seen[n] && last != n && turn - at[n] <= 20);
		seen[n] = true;
		at[n] = turn;
		last = n;
	}
	for (int n = 1; n <= phones; n++) {
		if (!seen[n])
			continue;
		struct phone p = get(&b, n);
		if (twice[n] && (!phone_is(&p, PHONE_ADDRESS_SHARED) || p.cause != CAUSE_ADDRESS_SHARED))
			fail_msg("seed %u: phone %d does not know that it shares its address", seed, n);
	}
	expect_link(&b, "10.0.0.40", NULL);
	bench_close(&b);
}

static void test_phones_by_dhcp(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++)
		dhcp_history(seed);
}

static void test_phones_by_tftp(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++)
		tftp_history(seed);
}

static void test_phones_behind_one_address(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++)
		nat_history(seed);
}

/* Seen by a file that names nobody, then its MAC shows: by a name, or by a lease; whether it was known or not. */
static void test_merged_when_its_mac_shows(void **state)
{
	(void)state;
	struct bench b;
	char own[64];

	bench_open(&b, by_hand);
	fetch(&b, 40, "OS79XX.TXT", 14, 0, NULL);
	assert_int_equal(rows(&b), 1);
	fetch(&b, 40, own_file(own, 1), 14, 1, NULL);
	assert_int_equal(rows(&b), 1);
	assert_int_equal(credited(&b, 1, "OS79XX.TXT"), 1);

	fetch(&b, 41, "OS79XX.TXT", 14, 2, NULL); /* it has moved, and says so later */
	assert_int_equal(rows(&b), 2);
	fetch(&b, 41, own_file(own, 1), 14, 3, NULL);
	assert_int_equal(rows(&b), 1);
	assert_int_equal(credited(&b, 1, "OS79XX.TXT"), 2);

	fetch(&b, 42, "OS79XX.TXT", 14, 4, NULL);
	boot(&b, 1, 42, BARE, 5);
	assert_int_equal(rows(&b), 1);
	assert_int_equal(credited(&b, 1, "OS79XX.TXT"), 3);

	fetch(&b, 43, "OS79XX.TXT", 14, 6,
	      NULL); /* a long while before a phone gets that address: anybody's */
	boot(&b, 1, 43, BARE, 2000);
	assert_int_equal(rows(&b), 2);
	bench_close(&b);
}

/* What was on its way loses its view, for the other would see it, too; it cannot be started; a lease of its own ends that. */
static void test_shared_address_has_no_view(void **state)
{
	(void)state;
	struct bench b;
	struct mac one = mac_n(1), two = mac_n(2);
	struct file_verdict v;
	char why[128], own[64];

	bench_open(&b, by_hand);
	fetch(&b, 40, own_file(own, 1), 14, 0, NULL);
	fetch(&b, 40, "OS79XX.TXT", 14, 1, NULL);
	assert_int_equal(fleet_start(b.f, &one, "up", T0 + 2 * SEC, why, sizeof(why), &b.e), 0);
	expect_link(&b, "10.0.0.40", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	fetch(&b, 40, own_file(own, 2), 14, 3, NULL);
	assert_false(get(&b, 1).flags & PHONE_ADDRESS_SHARED); /* it may have gone */
	fetch(&b, 40, own_file(own, 1), 14, 4, NULL);
	assert_true(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	assert_true(get(&b, 2).flags & PHONE_ADDRESS_SHARED);
	expect_phone(&b, 1, PHASE_STUCK, L1);
	assert_int_equal(get(&b, 1).cause, CAUSE_ADDRESS_SHARED);
	expect_link(&b, "10.0.0.40", NULL);
	expect_link(&b, "phones/00:1b:0c:00:00:01", "..");
	assert_int_equal(fetch(&b, 40, L1 ".bin", 130000, 50, &v), 0);
	assert_non_null(strstr(v.note, "several phones"));
	assert_int_equal(fleet_start(b.f, &two, "up", T0 + 60 * SEC, why, sizeof(why), &b.e), 1);
	assert_non_null(strstr(why, "address"));

	boot(&b, 1, 20, BARE, 100);
	assert_false(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	expect_link(&b, "10.0.0.20", "phones/00:1b:0c:00:00:01");
	expect_link(&b, "phones/00:1b:0c:00:00:01", "../stages/up/" L1);
	bench_close(&b);
}

/* Each has a lease of its own, and a proxy asks for all of them: they are told, and no view goes to the proxy. Who tries a
 * phone's file from elsewhere shares nothing with it; and a phone that is heard at home does not. */
static void test_leases_behind_a_proxy(void **state)
{
	(void)state;
	struct bench b;
	char own[64];

	bench_open(&b, by_hand);
	for (int n = 1; n <= 3; n++)
		boot(&b, n, 20 + n, NAMED, 0);
	fetch(&b, 23, own_file(own, 3), 14, 1, NULL); /* at home */
	for (int n = 3; n >= 1; n--)
		fetch(&b, 90, own_file(own, n), 14, 6 - n, NULL);
	for (int n = 1; n <= 3; n++)
		assert_false(get(&b, n).flags & PHONE_ADDRESS_SHARED); /* its own question may come yet */
	wait_until(&b, 6, 12);
	fetch(&b, 90, own_file(own, 2), 14, 13, NULL);
	wait_until(&b, 14, 29);
	fetch(&b, 90, own_file(own, 1), 14, 30, NULL);
	assert_true(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	assert_true(get(&b, 2).flags & PHONE_ADDRESS_SHARED);
	assert_int_equal(get(&b, 1).cause, CAUSE_ADDRESS_SHARED);
	assert_int_equal(get(&b, 2).cause, CAUSE_ADDRESS_SHARED);
	fetch(&b, 90, own_file(own, 3), 14, 40, NULL);
	assert_false(get(&b, 3).flags & PHONE_ADDRESS_SHARED);
	expect_link(&b, "10.0.0.90", NULL);
	assert_int_equal(credited(&b, 1, own_file(own, 1)), 0);

	/* the proxy is out of the way */
	boot(&b, 1, 21, NAMED, 100);
	assert_false(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	fetch(&b, 21, own_file(own, 1), 14, 102, NULL);
	fetch(&b, 90, own_file(own, 2), 14, 130, NULL);
	assert_false(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	expect_link(&b, "10.0.0.21", "phones/00:1b:0c:00:00:01");
	bench_close(&b);

	/* one alone: somebody looks at its file */
	bench_open(&b, by_hand);
	boot(&b, 1, 21, NAMED, 0);
	wait_until(&b, 1, 29);
	fetch(&b, 90, own_file(own, 1), 14, 30, NULL);
	fetch(&b, 90, own_file(own, 1), 14, 35, NULL);
	assert_false(get(&b, 1).flags & PHONE_ADDRESS_SHARED);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phones_by_dhcp),
		cmocka_unit_test(test_phones_by_tftp),
		cmocka_unit_test(test_phones_behind_one_address),
		cmocka_unit_test(test_merged_when_its_mac_shows),
		cmocka_unit_test(test_shared_address_has_no_view),
		cmocka_unit_test(test_leases_behind_a_proxy),
	};

	return cmocka_run_group_tests_name("fleet identity", tests, NULL, NULL);
}
