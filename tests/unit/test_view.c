/* SPDX-License-Identifier: MPL-2.0 */
/* The links below the TFTP root: their texts, what is not ours, swings under a reader, paths as dnsmasq opens
 * them. */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

static const struct mac phone_mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
static const struct ip4 phone_addr = { 0xc0a80114 };

static int root_setup(void **state)
{
	struct view *v = calloc(1, sizeof(*v));
	char dir[64] = "/tmp/loadstep-view-XXXXXX";
	struct err e = { 0 };

	assert_non_null(mkdtemp(dir));
	if (view_init(v, dir, &e) < 0)
		fail_msg("%s", e.text);
	*state = v;
	return 0;
}

static int root_teardown(void **state)
{
	struct view *v = *state;
	struct err e;

	assert_int_equal(file_remove_tree(v->root, &e), 0);
	free(v);
	return 0;
}

static const char *at(char buf[static 512], const struct view *v, const char *name)
{
	snprintf(buf, 512, "%s/%s", v->root, name);
	return buf;
}

static void put_file(const struct view *v, const char *name, const char *text)
{
	char path[512], dir[512];
	struct err e = { 0 };

	at(path, v, name);
	snprintf(dir, sizeof(dir), "%.*s", (int)(path_base(path) - path - 1), path);
	assert_int_equal(file_mkdirs(dir, 0755, &e), 0);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, &e) >= 0);
}

static void assert_link(const struct view *v, const char *name, const char *expected)
{
	char path[512], text[256];
	ssize_t n = readlink(at(path, v, name), text, sizeof(text) - 1);

	if (n < 0)
		fail_msg("%s: %s", name, strerror(errno));
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static struct standing standing_of(enum view_kind kind, const char *plan, const char *load)
{
	struct standing s = { .kind = kind };

	snprintf(s.plan, sizeof(s.plan), "%s", plan);
	snprintf(s.load.s, sizeof(s.load.s), "%s", load);
	return s;
}

static void test_init_refuses(void **state)
{
	const struct {
		const char *root, *says;
	} cases[] = {
		{ "srv/tftp", "absolute" },
		{ "", "absolute" },
		{ "/nonexistent-loadstep", "/nonexistent-loadstep: " },
		{ "/dev/null", "not a directory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view v;
		struct err e = { 0 };
		assert_int_equal(view_init(&v, cases[i].root, &e), -1);
		if (!strstr(e.text, cases[i].says))
			fail_msg("\"%s\": %s", cases[i].root, e.text);
	}
}

static void test_phone_links(void **state)
{
	struct view *v = *state;
	struct err e = { 0 };
	const char *name = "phones/00:1b:0c:18:bd:c1";
	const struct {
		struct standing s;
		const char *text;
	} cases[] = {
		{ standing_of(VIEW_PLAIN, "", ""), ".." },
		{ standing_of(VIEW_STAGE, "classic-to-sip", "P00303010102"),
		  "../stages/classic-to-sip/P00303010102" },
		{ standing_of(VIEW_STAGE, "classic-to-sip", "P0S3-8-12-00"),
		  "../stages/classic-to-sip/P0S3-8-12-00" },
		{ standing_of(VIEW_WAITING, "classic-to-sip", ""), "../stages/classic-to-sip/waiting" },
	};
	struct standing got;

	assert_int_equal(view_phone_get(v, &phone_mac, &got, &e), 0);
	assert_int_equal(got.kind, VIEW_NONE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(view_phone_set(v, &phone_mac, &cases[i].s, &e), 0);
		assert_link(v, name, cases[i].text);
		assert_int_equal(view_phone_set(v, &phone_mac, &cases[i].s, &e), 1);
		assert_int_equal(view_phone_get(v, &phone_mac, &got, &e), 0);
		assert_int_equal(got.kind, cases[i].s.kind);
		assert_string_equal(got.plan, cases[i].s.plan);
		assert_string_equal(got.load.s, cases[i].s.load.s);
	}
	struct standing none = standing_of(VIEW_NONE, "", "");
	assert_int_equal(view_phone_set(v, &phone_mac, &none, &e), 0);
	assert_int_equal(view_phone_set(v, &phone_mac, &none, &e), 1);
	assert_int_equal(view_phone_get(v, &phone_mac, &got, &e), 0);
	assert_int_equal(got.kind, VIEW_NONE);
}

static void test_phone_refuses(void **state)
{
	struct view *v = *state;
	const struct standing cases[] = {
		standing_of(VIEW_STAGE, "", "P00303010102"),
		standing_of(VIEW_STAGE, "p", ""),
		standing_of(VIEW_STAGE, "p", "waiting"),
		standing_of(VIEW_STAGE, "a/b", "P00303010102"),
		standing_of(VIEW_STAGE, "p", "../../../etc"),
		standing_of(VIEW_STAGE, "..", "P00303010102"),
		standing_of(VIEW_WAITING, "", ""),
		standing_of(VIEW_FOREIGN, "p", "P00303010102"),
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct standing got;
		struct err e = { 0 };
		if (view_phone_set(v, &phone_mac, &cases[i], &e) != -1)
			fail_msg("%zu: %s/%s", i, cases[i].plan, cases[i].load.s);
		assert_int_equal(e.code, ERR_TREE);
		assert_int_equal(view_phone_get(v, &phone_mac, &got, &e), 0);
		assert_int_equal(got.kind, VIEW_NONE);
	}
}

static void test_address_links(void **state)
{
	struct view *v = *state;
	const struct mac other = { { 2, 0, 0, 0, 0, 9 } };
	struct mac got;
	struct err e = { 0 };

	assert_int_equal(view_address_get(v, phone_addr, &got, &e), 1);
	assert_int_equal(view_address_set(v, phone_addr, NULL, &e), 1);
	assert_int_equal(view_address_set(v, phone_addr, &phone_mac, &e), 0);
	assert_link(v, "192.168.1.20", "phones/00:1b:0c:18:bd:c1");
	assert_int_equal(view_address_set(v, phone_addr, &phone_mac, &e), 1);
	assert_int_equal(view_address_get(v, phone_addr, &got, &e), 0);
	assert_true(mac_equal(&got, &phone_mac));
	assert_int_equal(view_address_set(v, phone_addr, &other, &e), 0);
	assert_link(v, "192.168.1.20", "phones/02:00:00:00:00:09");
	assert_int_equal(view_address_set(v, phone_addr, NULL, &e), 0);
	assert_int_equal(view_address_get(v, phone_addr, &got, &e), 1);
}

static void test_foreign_is_untouched(void **state)
{
	struct view *v = *state;
	enum { FILE_THERE, DIR_THERE, LINK_THERE, LONG_LINK };
	char path[512], longer[300];
	struct err e;
	struct mac got;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (int kind = FILE_THERE; kind <= LONG_LINK; kind++) {
		at(path, v, "192.168.1.20");
		if (kind == FILE_THERE)
			put_file(v, "192.168.1.20", "site's own");
		else if (kind == DIR_THERE)
			assert_int_equal(mkdir(path, 0755), 0);
		else
			assert_int_equal(symlink(kind == LINK_THERE ? "phones/../x" : longer, path), 0);
		struct stat before, after;
		assert_int_equal(lstat(path, &before), 0);
		assert_int_equal(view_address_get(v, phone_addr, &got, &e), 1);
		assert_int_equal(view_address_set(v, phone_addr, &phone_mac, &e), -1);
		assert_int_equal(e.code, ERR_TREE);
		assert_non_null(strstr(e.text, "192.168.1.20"));
		assert_int_equal(view_address_set(v, phone_addr, NULL, &e), -1);
		assert_int_equal(lstat(path, &after), 0);
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(file_remove_tree(path, &e), 0);
	}
}

static void assert_shows_plain(const struct view *v, bool wanted)
{
	char path[512], text[8] = "";

	assert_int_equal(readlink(at(path, v, "192.168.1.20"), text, sizeof(text)), wanted ? 1 : -1);
	assert_string_equal(text, wanted ? "." : "");
}

/* For a server without a fall-back: nobody's address leads to the root itself. */
static void test_neutral_links(void **state)
{
	struct view *v = *state;
	struct mac got;
	struct err e = { 0 };
	char path[512];

	assert_int_equal(view_address_fill(v, phone_addr, false, &e), 0);
	assert_shows_plain(v, false); /* only asked */
	assert_int_equal(view_address_fill(v, phone_addr, true, &e), 0);
	assert_shows_plain(v, true);
	assert_true(view_address_is_neutral(v, phone_addr));
	assert_int_equal(view_address_fill(v, phone_addr, true, &e), 1);
	assert_int_equal(view_address_neutral(v, phone_addr, &e), 1);
	assert_int_equal(view_address_get(v, phone_addr, &got, &e), 1); /* nobody's */
	assert_int_equal(view_address_set(v, phone_addr, &phone_mac, &e), 0);
	assert_link(v, "192.168.1.20", "phones/00:1b:0c:18:bd:c1");
	assert_false(view_address_is_neutral(v, phone_addr));
	assert_int_equal(view_address_fill(v, phone_addr, true, &e), 1); /* a phone's stays a phone's */
	assert_link(v, "192.168.1.20", "phones/00:1b:0c:18:bd:c1");
	assert_int_equal(view_neutral_remove(v, true, &e), 0);
	assert_int_equal(view_address_neutral(v, phone_addr, &e), 0);
	assert_shows_plain(v, true);
	assert_int_equal(view_neutral_remove(v, false, &e), 1);
	assert_shows_plain(v, true); /* only counted */
	assert_int_equal(view_neutral_remove(v, true, &e), 1);
	assert_shows_plain(v, false);
	/* what is not ours stays */
	put_file(v, "192.168.1.20", "site's own");
	assert_int_equal(view_address_fill(v, phone_addr, true, &e), 1);
	assert_int_equal(view_address_neutral(v, phone_addr, &e), -1);
	assert_int_equal(view_neutral_remove(v, true, &e), 0);
	assert_int_equal(access(at(path, v, "192.168.1.20"), R_OK), 0);
}

static int note_address(void *arg, struct ip4 addr, const struct mac *mac, struct err *e)
{
	uint32_t *sum = arg;

	(void)mac, (void)e;
	*sum += addr.host;
	return 0;
}

static void test_address_list(void **state)
{
	struct view *v = *state;
	struct err e = { 0 };
	uint32_t sum = 0;
	char path[512];

	assert_int_equal(view_address_set(v, (struct ip4){ 0x0a000001 }, &phone_mac, &e), 0);
	assert_int_equal(view_address_set(v, (struct ip4){ 0x0a000002 }, &phone_mac, &e), 0);
	put_file(v, "10.0.0.4", "no link");
	assert_int_equal(symlink("elsewhere", at(path, v, "10.0.0.8")), 0);
	assert_int_equal(view_address_list(v, note_address, &sum, &e), 0);
	assert_int_equal(sum, 0x0a000001 + 0x0a000002);
}

static void test_lock(void **state)
{
	struct view *v = *state;
	struct err e = { 0 };
	int one = -1, two = -1;
	struct stat sb;
	char path[512];
	mode_t old = umask(077);

	assert_int_equal(view_lock(v, 0, &one, &e), 0);
	umask(old);
	assert_int_equal(stat(at(path, v, ".loadstep.lock"), &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0660);
	assert_int_equal(view_lock(v, 20, &two, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(two, -1);
	view_unlock(one);
	assert_int_equal(view_lock(v, 0, &two, &e), 0);
	view_unlock(two);
}

static void test_stage_ready(void **state)
{
	struct view *v = *state;
	const struct load_name load = { "P00303010102" };
	int64_t bytes = -1;

	assert_int_equal(view_stage_ready(v, "p", &load, &bytes), 1);
	put_file(v, "stages/p/P00303010102/XMLDefault.cnf.xml", "<Default/>");
	assert_int_equal(view_stage_ready(v, "p", &load, &bytes), 0);
	assert_int_equal(bytes, 10);
	assert_int_equal(view_stage_ready(v, "p", NULL, NULL), 1);
	put_file(v, "stages/p/waiting/XMLDefault.cnf.xml", "<Default />");
	assert_int_equal(view_stage_ready(v, "p", NULL, &bytes), 0);
	assert_int_equal(bytes, 11);
}

static void test_provisioned(void **state)
{
	struct view *v = *state;
	const struct mac other = { { 2, 0, 0, 0, 0, 0xaf } };

	assert_false(view_provisioned(v, &phone_mac));
	put_file(v, "SEP001B0C18BDC1.cnf.xml", "<device/>");
	assert_true(view_provisioned(v, &phone_mac));
	assert_false(view_provisioned(v, &other));
	put_file(v, "SIP0200000000AF.cnf", "x");
	assert_true(view_provisioned(v, &other));
}

static void test_split_path(void **state)
{
	const struct view v = { "/srv/tftp" };
	const struct {
		const char *path;
		int returns;
		uint32_t addr;
		const char *file;
	} cases[] = {
		{ "/srv/tftp/10.0.0.7/XMLDefault.cnf.xml", 0, 0x0a000007, "XMLDefault.cnf.xml" },
		{ "/srv/tftp/XMLDefault.cnf.xml", 0, 0, "XMLDefault.cnf.xml" },
		{ "/srv/tftp/10.0.0.7/./SIP001B0C18BDC1.cnf", 0, 0x0a000007, "./SIP001B0C18BDC1.cnf" },
		{ "/srv/tftp/10.0.0.7//7960-font.xml", 0, 0x0a000007, "/7960-font.xml" },
		{ "/srv/tftp/10.0.0.7/US/7960-tones.xml", 0, 0x0a000007, "US/7960-tones.xml" },
		{ "/srv/tftp/US/7960-tones.xml", 0, 0, "US/7960-tones.xml" },
		{ "/srv/tftp/10.0.0.7", 0, 0, "10.0.0.7" },
		{ "/srv/tftp/a..b", 0, 0, "a..b" },
		{ "/srv/tftp/10.0.0.7/../../../etc/passwd", 1, 0, NULL },
		{ "/srv/tftp/..", 1, 0, NULL },
		{ "/srv/tftp/", 1, 0, NULL },
		{ "/srv/tftp", 1, 0, NULL },
		{ "/srv/tftp2/x", 1, 0, NULL },
		{ "/etc/passwd", 1, 0, NULL },
		{ "XMLDefault.cnf.xml", 1, 0, NULL },
		{ "", 1, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip4 addr = { 99 };
		const char *file = NULL;
		int r = view_split_path(&v, cases[i].path, &addr, &file);
		if (r != cases[i].returns)
			fail_msg("%s: %d", cases[i].path, r);
		if (r == 0 && (addr.host != cases[i].addr || strcmp(file, cases[i].file) != 0))
			fail_msg("%s: %x %s", cases[i].path, addr.host, file);
	}
}

/* ---- two processes swing, each between two stages, while a third reads through the links: it always finds a
 * file */

#define SWINGS 500

static int swinger(const struct view *v, int no)
{
	struct standing s[2] = { standing_of(VIEW_STAGE, "p", no ? "L2" : "L0"),
				 standing_of(VIEW_STAGE, "p", no ? "L3" : "L1") };
	struct mac other = phone_mac;
	struct err e;

	other.b[5] = (uint8_t)no;
	for (int i = 0; i < SWINGS; i++)
		if (view_phone_set(v, &phone_mac, &s[i % 2], &e) < 0 ||
		    view_address_set(v, phone_addr, i % 2 ? &phone_mac : &other, &e) < 0) {
			fprintf(stderr, "# %s\n", e.text);
			return 1;
		}
	return 0;
}

static int reader(const char *path, const char *stop)
{
	long reads = 0;

	for (; access(stop, F_OK) < 0; reads++) {
		char text[8];
		CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text)) != 2 || text[0] != 'L') {
			fprintf(stderr, "# read %ld: %s\n", reads, strerror(errno));
			return 1;
		}
	}
	return reads > 0 ? 0 : 1;
}

static int result_of(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_swings_under_a_reader(void **state)
{
	struct view *v = *state;
	struct err e = { 0 };
	char path[512], stop[512], name[64], text[16];
	pid_t swinging[2], reading;

	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "stages/p/L%d/XMLDefault.cnf.xml", i);
		snprintf(text, sizeof(text), "L%d", i);
		put_file(v, name, text);
	}
	struct standing first = standing_of(VIEW_STAGE, "p", "L0");
	for (int i = 0; i < 2; i++) {
		struct mac mac = phone_mac;
		mac.b[5] = (uint8_t)i;
		assert_int_equal(view_phone_set(v, &mac, &first, &e), 0);
	}
	assert_int_equal(view_phone_set(v, &phone_mac, &first, &e), 0);
	assert_int_equal(view_address_set(v, phone_addr, &phone_mac, &e), 0);
	at(path, v, "192.168.1.20/XMLDefault.cnf.xml");
	at(stop, v, "stop");

	reading = fork();
	if (reading == 0)
		_exit(reader(path, stop));
	for (int i = 0; i < 2; i++) {
		swinging[i] = fork();
		if (swinging[i] == 0)
			_exit(swinger(v, i));
	}
	int swung[2] = { result_of(swinging[0]), result_of(swinging[1]) };
	put_file(v, "stop", "");
	assert_int_equal(result_of(reading), 0);
	assert_int_equal(swung[0], 0);
	assert_int_equal(swung[1], 0);
	/* No temporary name is left. */
	snprintf(stop, sizeof(stop), "%s/phones", v->root);
	for (int i = 0; i < 2; i++) {
		DIR *dir = opendir(i ? v->root : stop);
		const struct dirent *d;
		while ((d = readdir(dir)))
			assert_int_not_equal(strncmp(d->d_name, ".loadstep-", 10), 0);
		closedir(dir);
	}
}

#define WITH_ROOT(fn) cmocka_unit_test_setup_teardown(fn, root_setup, root_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init_refuses),
		WITH_ROOT(test_phone_links),
		WITH_ROOT(test_phone_refuses),
		WITH_ROOT(test_address_links),
		WITH_ROOT(test_foreign_is_untouched),
		WITH_ROOT(test_neutral_links),
		WITH_ROOT(test_address_list),
		WITH_ROOT(test_lock),
		WITH_ROOT(test_stage_ready),
		WITH_ROOT(test_provisioned),
		cmocka_unit_test(test_split_path),
		WITH_ROOT(test_swings_under_a_reader),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
