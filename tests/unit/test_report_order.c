/* SPDX-License-Identifier: MPL-2.0 */
/* What needs attention first, and the same fleet always in the same order. */
#include "report_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct report_phone phone(unsigned n, enum phase phase, enum cause cause, uint32_t flags,
				 const char *plan)
{
	struct mac mac = { { 0, 1, 2, 3, (uint8_t)(n >> 8), (uint8_t)n } };
	struct report_phone rp = { .unplug.may = true };

	phone_init(&rp.phone, &mac);
	rp.phone.id = 1000 - n;
	rp.phone.phase = phase;
	rp.phone.cause = cause;
	rp.phone.flags = flags;
	(void)text_copy(rp.phone.plan, sizeof(rp.phone.plan), plan);
	return rp;
}

/* In the order they must have; n: the MAC. */
static size_t fleet(struct report_phone *a)
{
	const struct report_phone all[] = {
		phone(30, PHASE_STUCK, CAUSE_WRONG_FAMILY, 0,
		      "b"), /* two of them: the cause that most have */
		phone(31, PHASE_STUCK, CAUSE_WRONG_FAMILY, 0, "b"),
		phone(40, PHASE_STUCK, CAUSE_DISK_FULL, 0, "a"), /* one each: by name */
		phone(10, PHASE_STUCK, CAUSE_IMAGE_REJECTED, 0, "a"),
		phone(11, PHASE_DONE, CAUSE_FLIPPED_BACK, 0, "a"),
		phone(9, PHASE_OFFERED, CAUSE_NONE, PHONE_NEEDS_REBOOT, "a"),
		phone(8, PHASE_FLASHING, CAUSE_NONE, PHONE_LATE, "a"),
		phone(21, PHASE_HALF_FLASHED, CAUSE_NONE, 0, "a"),
		phone(20, PHASE_FLASHING, CAUSE_NONE, 0, "a"),
		phone(19, PHASE_DOWNLOADING, CAUSE_NONE, 0, "a"),
		phone(60, PHASE_SEEN, CAUSE_NONE, 0, ""), /* and writes its flash */
		phone(18, PHASE_CHECKING, CAUSE_NONE, 0, "a"),
		phone(17, PHASE_OFFERED, CAUSE_NONE, 0, "a"),
		phone(16, PHASE_WAITING, CAUSE_NONE, 0, "a"),
		phone(15, PHASE_DONE, CAUSE_NONE, PHONE_ON_LAST, "a"),
		phone(12, PHASE_DONE, CAUSE_NONE, 0, "a"),
		phone(14, PHASE_DONE, CAUSE_NONE, 0, "a"),
		phone(13, PHASE_DONE, CAUSE_NONE, PHONE_PROVISIONED, "a"), /* what is alike stays together */
		phone(5, PHASE_DONE, CAUSE_NONE, 0, "b"),
		phone(4, PHASE_DONE, CAUSE_NONE, 0, ""), /* in no plan last */
		phone(1, PHASE_SEEN, CAUSE_NONE, 0, ""),
		phone(2, PHASE_SEEN, CAUSE_NONE, PHONE_STARTED, ""), /* a flag that nobody is shown */
		phone(3, PHASE_SEEN, CAUSE_NONE, 0, ""),
	};

	memcpy(a, all, sizeof(all));
	a[10].unplug.may = false;
	return sizeof(all) / sizeof(all[0]);
}

static void test_order(void **state)
{
	struct report_phone want[32], got[32];
	size_t n = fleet(want);
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 50; round++) {
		memcpy(got, want, n * sizeof(*got));
		for (size_t i = n - 1; i > 0; i--) {
			seed = seed * 1103515245 + 12345;
			size_t k = seed / 65536 % (i + 1);
			struct report_phone t = got[i];

			got[i] = got[k];
			got[k] = t;
		}
		report_sort(got, n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(got[i].phone.mac.b[5], want[i].phone.mac.b[5]);
	}
	report_sort(got, 0);
}

/* A phone that is known by its address only has no MAC to go by. */
static void test_without_mac(void **state)
{
	struct report_phone a[3];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		a[i] = (struct report_phone){ .unplug.may = true };
		phone_init(&a[i].phone, NULL);
		a[i].phone.address.host = 0x0a000003 - i;
	}
	report_sort(a, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(a[i].phone.address.host, 0x0a000001 + i);
}

static void test_alike(void **state)
{
	struct report_phone a[32];
	size_t n = fleet(a);
	char heads[33] = "";

	(void)state;
	for (size_t i = 0; i < n; i++)
		heads[i] = i > 0 && report_alike(&a[i - 1], &a[i]) ? '.' : '+';
	assert_string_equal(heads, "+.++++++++++++++.++++..");
}

static void test_ages(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} ages[] = { { -5, "0s" },	{ 0, "0s" },	  { 99, "99s" },
		     { 100, "1m" },	{ 5999, "99m" },  { 6000, "1h" },
		     { 172799, "47h" }, { 172800, "2d" }, { 86400000, "1000d" } };

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		char buf[AGE_TEXT_SIZE];

		assert_string_equal(report_age(buf, ages[i].s * 1000), ages[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_without_mac),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_ages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
