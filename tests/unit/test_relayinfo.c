/* SPDX-License-Identifier: MPL-2.0 */
/* Option 82 as switches send it, and ports as people name them. */
#include "relayinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "strbuf.h"

static const struct row {
	const char *name;
	const char *hex;
	int rc;
	const char *port;
	int vlan;
	const char *device;
} rows[] = {
	{ "none", "", 0, "", -1, "" },
	/* circuit-id: type 0, length 4, VLAN 100, module 1, port 7; remote-id: type 0, length 6, MAC */
	{ "a Catalyst", "0106000400640107020800060011223344ff", 0, "1/7", 100, "00:11:22:33:44:ff" },
	{ "VLAN 4094", "010600040ffe0030", 0, "0/48", 4094, "" },
	/* type 1, length 7, "Gi1/0/7"; type 1, length 5, "sw-3b" */
	{ "a Catalyst with texts", "010901074769312f302f370207010573772d3362", 0, "Gi1/0/7", -1, "sw-3b" },
	{ "texts without a type", "010465746830020465617374", 0, "eth0", -1, "east" },
	{ "a MAC without a type", "0206001b0c112233", 0, "", -1, "00:1b:0c:11:22:33" },
	{ "six letters are no MAC", "0206737769746368", 0, "", -1, "switch" },
	{ "a number", "01020007", 0, "0x0007", -1, "" },
	{ "type 0 of another length", "0105000300640107", 1, "0x0003006401", -1, "" },
	{ "type 1, and not printable", "01040102c3a4", 0, "0x0102c3a4", -1, "" },
	{ "a length that is not the rest's", "0106000500640107", 0, "0x000500640107", -1, "" },
	{ "an escape sequence", "01051b5b33316d", 0, "0x1b5b33316d", -1, "" },
	{ "a backslash", "0103615c62", 0, "a\\x5cb", -1, "" },
	{ "others between", "0504ac100001010465746830970101", 0, "eth0", -1, "" },
	{ "the first of two", "010161010162", 0, "a", -1, "" },
	{ "empty ones", "01000200", 0, "", -1, "" },
	{ "cut in the second", "01046574683002046561", 1, "eth0", -1, "" },
	{ "one byte", "01", 1, "", -1, "" },
	{ "not hex", "0104xx", 1, "", -1, "" },
	{ "half a byte", "010", 1, "", -1, "" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct relay_info ri;
		int rc = relay_info_of(r->hex, &ri);

		if (rc != r->rc || strcmp(ri.port, r->port) != 0 || strcmp(ri.device, r->device) != 0 ||
		    ri.vlan != r->vlan)
			fail_msg("%s: %d, port %s, VLAN %d, device %s", r->name, rc, ri.port, ri.vlan,
				 ri.device);
	}
}

static const struct name {
	const char *port;
	const char *wanted;
	bool is;
} names[] = {
	{ "1/7", "1/7", true },
	{ "1/7", "1/71", false },
	{ "1/71", "1/7", false },
	{ "11/7", "1/7", false },
	{ "Gi1/0/7", "gi1/0/7", true },
	{ "Gi1/0/7", "1/0/7", true },
	{ "Gi1/0/7", "0/7", true },
	{ "Gi1/0/70", "Gi1/0/7", false },
	{ "Gi1/0/7", "Gi1/0", true }, /* all of a module: a part of the name */
	{ "Gi1/0/7", "Gi1/0/", true },
	{ "Gi1/0/70 or Gi1/0/7", "Gi1/0/7", true },
	{ "GigabitEthernet1/0/7", "Gi1/0/7", true },
	{ "GigabitEthernet1/0/70", "Gi1/0/7", false },
	{ "GigabitEthernet1/0/7", "Gig1/0/7", true },
	{ "GigabitEthernet1/0/7", "Fa1/0/7", false },
	{ "GigabitEthernet1/0/7", "G1/0/7", false },
	{ "Gi1/0/7", "GigabitEthernet1/0/7", true },
	{ "TenGigabitEthernet1/0/7", "Gi1/0/7", false },
	{ "sw3:FastEthernet0/3.20", "Fa0/3", true },
	{ "sw3:FastEthernet0/3.20", "Fa0/3.2", false },
	{ "ge-0/0/1.0:voice", "ge-0/0/1", true },
	{ "eth0", "", false },
	{ "", "1/7", false },
};

static void test_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct relay_info ri = { .vlan = -1 };

		(void)text_copy(ri.port, sizeof(ri.port), names[i].port);
		if (relay_info_port_is(&ri, names[i].wanted) != names[i].is)
			fail_msg("port %s, wanted %s", names[i].port, names[i].wanted);
	}
}

static void test_switches(void **state)
{
	struct relay_info ri = { .vlan = -1, .device = "00:1b:0c:11:22:33" };

	(void)state;
	assert_true(relay_info_device_is(&ri, "001b.0c11.2233"));
	assert_true(relay_info_device_is(&ri, "00-1B-0C-11-22-33"));
	assert_true(relay_info_device_is(&ri, "11:22:33"));
	assert_false(relay_info_device_is(&ri, "001b.0c11.2234"));
	(void)text_copy(ri.device, sizeof(ri.device), "sw-3b.example");
	assert_true(relay_info_device_is(&ri, "SW-3b"));
	assert_false(relay_info_device_is(&ri, "sw-3c"));
	assert_false(relay_info_device_is(&ri, "001b.0c11.2233"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
