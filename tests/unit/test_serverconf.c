/* SPDX-License-Identifier: MPL-2.0 */
/* What check reads of dnsmasq, in.tftpd, AppArmor and Kea's leases: one line, one pattern, one word at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "apparmor.h"
#include "dnsmasqconf.h"
#include "file.h"
#include "kealeases.h"
#include "tftpdconf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- dnsmasq's lines */

static const struct {
	const char *line;
	int rc;
	const char *name, *value;
} lines[] = {
	{ "enable-tftp", 0, "enable-tftp", "" },
	{ "tftp-root=/srv/tftp\n", 0, "tftp-root", "/srv/tftp" },
	{ "  tftp-root = /srv/tftp \r\n", 0, "tftp-root", "/srv/tftp" },
	{ "tftp-max=9 # few", 0, "tftp-max", "9" },
	{ "tftp-root=/srv#1", 0, "tftp-root", "/srv#1" },
	{ "tftp-root=\"/srv # 1\"", 0, "tftp-root", "/srv # 1" },
	{ "tftp-root=\" a\\\"b\\\\c\\td\\q \"", 0, "tftp-root", " a\"b\\c\td\\q " },
	{ "a=b=c", 0, "a", "b=c" },
	{ "\"a=b\"=c", 0, "a=b", "c" },
	{ "# comment", 1, "", "" },
	{ "   ", 1, "", "" },
	{ "", 1, "", "" },
	{ "tftp-root=\"/srv", -1, "", "" },
};

static void test_dnsmasq_line(void **state)
{
	char name[64], value[256], longest[1100];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		int rc = dnsmasq_line(lines[i].line, strlen(lines[i].line), name, sizeof(name), value,
				      sizeof(value));
		if (rc != lines[i].rc)
			fail_msg("%s: %d", lines[i].line, rc);
		if (rc != 0)
			continue;
		assert_string_equal(name, lines[i].name);
		assert_string_equal(value, lines[i].value);
	}
	memset(longest, 'a', sizeof(longest));
	assert_int_equal(dnsmasq_line(longest, 1024, name, sizeof(name), value, sizeof(value)), 0);
	assert_int_equal(dnsmasq_line(longest, 1025, name, sizeof(name), value, sizeof(value)), -1);
}

/* ---- dnsmasq's files and arguments */

static char dir[64];

static const char *put(const char *name, const char *text)
{
	static char path[128];
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, &e) >= 0);
	return path;
}

static const char *value(const struct dnsmasq_conf *c, const char *name)
{
	const struct dnsmasq_option *o = dnsmasq_conf_find(c, name, NULL);

	return o ? o->value : NULL;
}

/* Splits at blanks, in place. How many there are. */
static int words(char *text, char *ret[], int max)
{
	int n = 0;

	for (char *p = text; *p && n < max;) {
		ret[n++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	return n;
}

static void test_dnsmasq_files(void **state)
{
	struct dnsmasq_conf c = { .n = 0 };
	const struct dnsmasq_option *o;
	char text[512], place[128], sub[128];
	struct err e;

	(void)state;
	snprintf(sub, sizeof(sub), "%s/d", dir);
	assert_int_equal(file_mkdirs(sub, 0755, &e), 0);
	put("d/1.conf", "tftp-max=1\n");
	put("d/2.conf", "tftp-max=2\n");
	put("d/3.conf.bak", "tftp-max=3\n");
	put("d/4.conf~", "tftp-max=4\n");
	put("d/.5.conf", "tftp-max=5\n");
	put("more", "tftp-lowercase\naddress=/x/10.0.0.1\nconf-file=/none/at/all\n");
	snprintf(text, sizeof(text),
		 "port=0\nconf-dir=%s/d/,*.conf\nconf-file=%s/mor*\ntftp-root=/a\n\ntftp-root=/b", dir, dir);
	dnsmasq_conf_file(&c, put("main", text));
	assert_string_equal(value(&c, "tftp-max"), "2");
	assert_string_equal(value(&c, "tftp-root"), "/b");
	assert_string_equal(value(&c, "tftp-lowercase"), "");
	assert_null(value(&c, "address"));
	o = dnsmasq_conf_find(&c, "tftp-root", NULL);
	snprintf(place, sizeof(place), "%s/main:6", dir);
	assert_string_equal(o->place, place);
	o = dnsmasq_conf_find(&c, "tftp-root", o);
	assert_string_equal(o->value, "/a");
	assert_null(dnsmasq_conf_find(&c, "tftp-root", o));
	assert_string_equal(c.unread, "/none/at/all");
	dnsmasq_conf_fini(&c);

	snprintf(text, sizeof(text), "conf-file=%s/main\ntftp-secure\n", dir);
	dnsmasq_conf_file(&c, put("main", text)); /* itself */
	assert_string_equal(value(&c, "tftp-secure"), "");
	dnsmasq_conf_fini(&c);

	snprintf(text, sizeof(text), "%s/d,.bak", dir); /* all but these */
	char line[640], *argv[16];
	snprintf(line, sizeof(line),
		 "dnsmasq -kC /dev/null -7 %s --tftp-root=/x --user u -zp0 --enable-tftp -6 /s", text);
	dnsmasq_conf_args(&c, words(line, argv, 16), argv);
	assert_string_equal(value(&c, "tftp-root"), "/x");
	assert_string_equal(value(&c, "user"), "u");
	assert_string_equal(value(&c, "port"), "0");
	assert_string_equal(value(&c, "bind-interfaces"), "");
	assert_string_equal(value(&c, "enable-tftp"), "");
	assert_string_equal(value(&c, "dhcp-script"), "/s");
	assert_string_equal(value(&c, "tftp-max"), "2");
	assert_string_equal(dnsmasq_conf_find(&c, "tftp-root", NULL)->place, "command line");
	dnsmasq_conf_fini(&c);
}

/* ---- in.tftpd */

static void test_tftpd(void **state)
{
	static const char text[] =
		"# defaults\nTFTP_USERNAME=\"tftp\"\n  TFTP_DIRECTORY='/srv/tf tp'\nXTFTP_ADDRESS=x\n"
		"TFTP_ADDRESS=:69 # all\nTFTP_OPTIONS=\"-vv --secure --map-file /etc/m -B 1400\"\n";
	char line[] = "-lsm /etc/map --user=u -a 10.0.0.1:69 --verbosity 3 /srv/a /srv/b", *argv[16];
	struct tftpd_conf c;

	(void)state;
	tftpd_conf_defaults(&c, text, strlen(text));
	assert_true(c.secure);
	assert_string_equal(c.user, "tftp");
	assert_string_equal(c.dir, "/srv/tf tp");
	assert_string_equal(c.address, ":69");
	assert_string_equal(c.map, "/etc/m");
	tftpd_conf_args(&c, words(line, argv, 16), argv);
	assert_true(c.secure);
	assert_string_equal(c.map, "/etc/map");
	assert_string_equal(c.user, "u");
	assert_string_equal(c.address, "10.0.0.1:69");
	assert_string_equal(c.dir, "/srv/a");
	tftpd_conf_defaults(&c, "TFTP_OPTIONS=\"-m", 16);
	assert_false(c.secure);
	assert_string_equal(c.map, "");
	assert_true(tftpd_map_uses_address("r ^X$ \\i/X", 10));
	assert_true(tftpd_map_uses_address("# none\nr ^X$ v/\\x/X\n", 20));
	assert_false(tftpd_map_uses_address("r ^X$ X # \\i", 12));
	assert_false(tftpd_map_uses_address("r ^\\\\ix$ X", 10));
	assert_false(tftpd_map_uses_address("", 0));
}

/* ---- atftpd */

static void test_atftpd(void **state)
{
	static const struct {
		const char *line;
		int verbose;
		const char *dir;
	} cases[] = {
		{ "", 5, "/tftpboot" },
		{ "--daemon --no-fork", 5, "/tftpboot" },
		{ "--daemon --verbose=7 --logfile /var/log/atftpd.log /srv/tftp", 7, "/srv/tftp" },
		{ "--daemon -v -v --user tftp.tftp --port 69 /srv/tftp", 7, "/srv/tftp" },
		{ "-v6 --logfile=/x /srv/tftp --verbose", 7, "/srv/tftp" },
		{ "--verbose=9 --maxthread 100 /srv/a", 5, "/srv/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[128], *argv[16];
		struct atftpd_conf c;

		snprintf(line, sizeof(line), "%s", cases[i].line);
		atftpd_conf_args(&c, words(line, argv, 16), argv);
		assert_int_equal(c.verbose, cases[i].verbose);
		assert_string_equal(c.dir, cases[i].dir);
	}
}

/* ---- AppArmor */

static const struct {
	const char *pattern, *path;
	bool match;
} patterns[] = {
	{ "/a/b", "/a/b", true },
	{ "/a/b", "/a/bc", false },
	{ "/a/*", "/a/b", true },
	{ "/a/*", "/a/b/c", false },
	{ "/a/**", "/a/b/c", true },
	{ "/a/**.db", "/a/b/c.db", true },
	{ "/a/b*-wal", "/a/b.db-wal", true },
	{ "/a/?", "/a/b", true },
	{ "/a?b", "/a/b", false },
	{ "/a[bc]d", "/acd", true },
	{ "/a[a-c]d", "/abd", true },
	{ "/a[^b]d", "/abd", false },
	{ "/a[^b]d", "/acd", true },
	{ "/a{b,cd}e", "/acde", true },
	{ "/a{b,c{d,e}}f", "/acef", true },
	{ "/a{b,c}d", "/aed", false },
	{ "/{tmp,run/kea}/x", "/run/kea/x", true },
	{ "@{TFTP_DIR}/**", "/srv/tftp/x", true },
	{ "/x/@{PROC}/y", "/x/1/y", true },
	{ "/a\\*b", "/a*b", true },
	{ "/a\\*b", "/acb", false },
	{ "/a{b", "/ab", false },
	{ "/a[b", "/ab", false },
	{ "", "", true },
};

static void test_apparmor_match(void **state)
{
	char many[256] = "", text[256] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++)
		if (apparmor_match(patterns[i].pattern, patterns[i].path) != patterns[i].match)
			fail_msg("%s %s", patterns[i].pattern, patterns[i].path);
	for (size_t i = 0; i < 60; i++) { /* ends all the same */
		memcpy(many + 2 * i, "*a", 3);
		memcpy(text + i, "a", 2);
	}
	(void)apparmor_match(many, text);
}

static void test_apparmor_given(void **state)
{
	static const char text[] = "profile p /usr/sbin/p {\n"
				   "  capability net_raw,\n"
				   "  /etc/kea/** r,\n"
				   "  owner /var/lib/x/** rwk,\n"
				   "  audit /var/lib/l/** rw,\n"
				   "  deny /var/lib/l/secret r,\n"
				   "  k /var/lib/l/db,\n"
				   "  \"/srv/a b/**\" rwk,\n"
				   "  /usr/bin/s Ux,\n"
				   "  /usr/bin/t rPx -> other,\n"
				   "}\n";
	size_t n = strlen(text);

	(void)state;
	assert_int_equal(apparmor_given(text, n, "/etc/kea/a/b", "rw"), 1);
	assert_int_equal(apparmor_given(text, n, "/var/lib/x/db", "rwk"), 0);
	assert_int_equal(apparmor_given(text, n, "/var/lib/l/db", "rwk"), 7);
	assert_int_equal(apparmor_given(text, n, "/var/lib/l/secret", "rw"), 2);
	assert_int_equal(apparmor_given(text, n, "/srv/a b/c", "rwk"), 7);
	assert_int_equal(apparmor_given(text, n, "/usr/bin/s", "x"), 1);
	assert_int_equal(apparmor_given(text, n, "/usr/bin/t", "rx"), 3);
	assert_int_equal(apparmor_given(text, n, "/none", "r"), 0);
	assert_true(apparmor_enforced("a (complain)\nkea-dhcp4 (enforce)\n", "kea-dhcp4"));
	assert_false(apparmor_enforced("kea-dhcp4 (complain)\n", "kea-dhcp4"));
	assert_false(apparmor_enforced("my-kea-dhcp4 (enforce)\n", "kea-dhcp4"));
	assert_false(apparmor_enforced("", "kea-dhcp4"));
}

/* ---- leases */

static void test_leases(void **state)
{
	struct kealeases l;
	struct kealease one;
	struct err e;

	(void)state;
	assert_int_equal(kealease_parse("address,hwaddr,client_id,x,expire", 33, &one), 1);
	assert_int_equal(kealease_parse("10.0.0.1,00:11:22:33:44:55,,60,1700000000,1", 43, &one), 1);
	const char *path = put("leases.csv.2", "10.0.0.2,00:11:22:33:44:55,01:00,60,1700000000,1,0,0,,0,\n");
	assert_non_null(path);
	path = put(
		"leases.csv",
		"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n"
		"10.0.0.9,,ff:01,60,1700000009,1,0,0,h\\x2c,0\n"
		"10.0.0.2,00:11:22:33:44:55,01:00,60,1700000060,1,0,0,,0,\n"
		"10.0.0.1,00:11:22:33:44:66,01:00,60,1700000000,1,0,0,,1,\n");
	assert_int_equal(kealeases_load(path, &l, &e), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.a[0].address.host & 0xff, 1);
	assert_int_equal(l.a[0].until_s, 0); /* declined */
	assert_int_equal(l.a[1].until_s, 1700000060);
	assert_true(l.a[1].mac_known);
	assert_false(l.a[2].mac_known);
	kealeases_fini(&l);
	assert_int_equal(kealeases_load("/none/leases.csv", &l, &e), 1);
	assert_int_equal(l.n, 0);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_serverconf.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct err e;

	(void)state;
	return file_remove_tree(dir, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dnsmasq_line),   cmocka_unit_test(test_dnsmasq_files),
		cmocka_unit_test(test_tftpd),	       cmocka_unit_test(test_atftpd),
		cmocka_unit_test(test_apparmor_match), cmocka_unit_test(test_apparmor_given),
		cmocka_unit_test(test_leases),
	};

	return cmocka_run_group_tests_name("serverconf", tests, make_dir, remove_dir);
}
