/* SPDX-License-Identifier: MPL-2.0 */
/* What the kernel's numbers mean: file systems of the network (none can be mounted in a test), full disks, the clock, read-only
 * mounts; and which libraries an ELF file needs. */
#include "machine.h"

#include <elf.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elfneeds.h"
#include "file.h"
#include "procs.h"

static void test_network_fs(void **state)
{
	(void)state;
	assert_string_equal(machine_network_fs(NFS_SUPER_MAGIC), "NFS");
	assert_string_equal(machine_network_fs(SMB_SUPER_MAGIC), "SMB");
	assert_string_equal(machine_network_fs((long)0xFF534D42), "CIFS");
	assert_string_equal(machine_network_fs((long)(int32_t)0xFF534D42), "CIFS"); /* a signed f_type */
	assert_string_equal(machine_network_fs((long)0xFE534D42), "SMB2");
	assert_string_equal(machine_network_fs(V9FS_MAGIC), "9P");
	assert_string_equal(machine_network_fs(AFS_FS_MAGIC), "AFS");
	assert_null(machine_network_fs(EXT4_SUPER_MAGIC));
	assert_null(machine_network_fs((long)XFS_SUPER_MAGIC));
	assert_null(machine_network_fs((long)BTRFS_SUPER_MAGIC));
	assert_null(machine_network_fs(TMPFS_MAGIC));
	assert_null(machine_network_fs(OVERLAYFS_SUPER_MAGIC));
	assert_null(machine_network_fs(0));
}

static void test_disk(void **state)
{
	const uint64_t mib = 1024 * 1024;

	(void)state;
	assert_false(machine_disk_full(32 * mib, 200, 1000));
	assert_true(machine_disk_full(32 * mib - 1, 200, 1000));
	assert_true(machine_disk_full(1000 * mib, 199, 1000));
	assert_false(machine_disk_full(1000 * mib, 0, 0)); /* one that counts no files */
	assert_true(machine_disk_full(0, 0, 0));
}

static void test_clock(void **state)
{
	const int64_t now = INT64_C(1764000000000);

	(void)state;
	assert_int_equal(machine_clock(now, 0), CLOCK_FINE);
	assert_int_equal(machine_clock(now, now + 60000), CLOCK_FINE);
	assert_int_equal(machine_clock(now, now + 60001), CLOCK_WENT_BACK);
	assert_int_equal(machine_clock(INT64_C(1577836799999), 0), CLOCK_BEFORE_2020);
	assert_int_equal(machine_clock(INT64_C(1577836800000), 0), CLOCK_FINE);
	assert_int_equal(machine_clock(0, now), CLOCK_BEFORE_2020);
}

static void test_mountinfo(void **state)
{
	static const char text[] = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
				   "30 22 8:1 /usr /usr ro,relatime - ext4 /dev/sda1 rw\n"
				   "31 22 8:2 / /srv rw,relatime - ext4 /dev/sdb1 ro,errors=remount-ro\n"
				   "32 22 0:9 / /var/lib ro - tmpfs none rw\n"
				   "33 32 0:9 / /var/lib/loadstep rw - tmpfs none rw\n"
				   "34 22 0:9 / /two ro - tmpfs none rw\n"
				   "35 22 0:9 / /two rw - tmpfs none rw\n"
				   "36 short\n";

	(void)state;
	assert_false(mountinfo_read_only(text, "/home"));
	assert_true(mountinfo_read_only(text, "/usr/lib"));
	assert_false(mountinfo_read_only(text, "/usrlocal"));
	assert_true(mountinfo_read_only(text, "/srv/tftp"));
	assert_true(mountinfo_read_only(text, "/var/lib/kea"));
	assert_false(mountinfo_read_only(text, "/var/lib/loadstep"));
	assert_false(mountinfo_read_only(text, "/two/x"));
	assert_false(mountinfo_read_only("", "/"));
	assert_false(mountinfo_read_only("no mounts at all", "/"));
}

static struct elfneeds needs_of(const char *const *names, unsigned n)
{
	struct elfneeds e = { .n = n };

	for (unsigned i = 0; i < n; i++)
		(void)text_copy(e.name[i], sizeof(e.name[i]), names[i]);
	return e;
}

static void test_differ(void **state)
{
	static const char *const hook[] = { "libc.so.6", "libkea-hooks.so.57", "libkea-cc.so.39" };
	static const char *const same[] = { "libkea-cc.so.39", "libkea-hooks.so.57", "libc.so.7" };
	static const char *const newer[] = { "libkea-hooks-x.so.57", "libkea-hooks.so.100" };
	struct elfneeds a = needs_of(hook, 3), b = needs_of(same, 3), c = needs_of(newer, 2),
			none = { .n = 0 };
	const char *x = NULL, *y = NULL;

	(void)state;
	assert_int_equal(elfneeds_differ(&a, &b, "libkea-", &x, &y), 1);
	assert_int_equal(elfneeds_differ(&a, &none, "libkea-", &x, &y), 1);
	assert_int_equal(elfneeds_differ(&a, &c, "libkea-", &x, &y), 0);
	assert_string_equal(x, "libkea-hooks.so.57");
	assert_string_equal(y, "libkea-hooks.so.100");
}

/* This very program: what it needs, and every way of cutting it short. */
static void test_elf(void **state)
{
	struct strbuf self = STRBUF_INIT(64 * 1024 * 1024);
	static struct elfneeds n;
	bool libc = false;
	struct err e;

	(void)state;
	assert_int_equal(elfneeds_read("/proc/self/exe", &n, &e), 0);
	for (unsigned i = 0; i < n.n; i++)
		libc = libc || strncmp(n.name[i], "libc.so.", 8) == 0;
	assert_true(libc);
	assert_int_equal(elfneeds_read("/none", &n, &e), 1);
	assert_int_equal(file_read("/proc/self/exe", 64 * 1024 * 1024, &self, &e), 0);
	assert_int_equal(elfneeds_parse(self.p, sizeof(Elf64_Ehdr) - 1, &n, &e), -1);
	assert_int_equal(elfneeds_parse(self.p, self.len / 2, &n, &e), -1);
	assert_int_equal(elfneeds_parse("\177ELF", 4, &n, &e), -1);
	assert_int_equal(elfneeds_parse("", 0, &n, &e), -1);
	self.p[EI_DATA] ^= 3; /* the other byte order */
	assert_int_equal(elfneeds_parse(self.p, self.len, &n, &e), -1);
	strbuf_fini(&self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network_fs), cmocka_unit_test(test_disk),
		cmocka_unit_test(test_clock),	   cmocka_unit_test(test_mountinfo),
		cmocka_unit_test(test_differ),	   cmocka_unit_test(test_elf),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
