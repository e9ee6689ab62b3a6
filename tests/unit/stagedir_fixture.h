/* SPDX-License-Identifier: MPL-2.0 */
/* For the tests of stagedir: a small TFTP root made for each test, with the load sets of one plan of four
 * stages. */
#ifndef LOADSTEP_TEST_STAGEDIR_FIXTURE_H
#define LOADSTEP_TEST_STAGEDIR_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "stagedir.h"

#define L31 "P00303010102"
#define L50 "P00305000500"
#define L80 "P00308000900"
#define SIP "P0S3-8-12-00"

struct root {
	char dir[64];
	struct plan plan;
	struct config cfg;
};

/* ---- making files */

static inline void put_bytes(const struct root *r, const char *name, const void *bytes, size_t len)
{
	char path[512], dir[512];
	struct err e = { 0 };

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	snprintf(dir, sizeof(dir), "%.*s", (int)(path_base(path) - path - 1), path);
	if (file_mkdirs(dir, 0755, &e) < 0 || file_replace(path, bytes, len, 0644, FILE_NO_SYNC, &e) < 0)
		fail_msg("%s", e.text);
}

static inline void put_text(const struct root *r, const char *name, const char *text)
{
	put_bytes(r, name, text, strlen(text));
}

/* A signed header (F§3.3) that names `as`, and the body behind it. */
static inline void put_signed(const struct root *r, const char *name, const char *as, const char *body)
{
	uint8_t b[2048] = { 0x01, 0, 2, 1, 1, 0x02, 0, 2, 0, 0, 0x0c, 1, 0 };
	size_t n = 13 + 256;

	b[n++] = 0x0e;
	b[n++] = 0;
	b[n++] = (uint8_t)(strlen(as) + 1);
	memcpy(b + n, as, strlen(as) + 1);
	n += strlen(as) + 1;
	while (n % 4)
		b[n++] = 0x0d;
	b[8] = (uint8_t)(n >> 8);
	b[9] = (uint8_t)n;
	memcpy(b + n, body, strlen(body));
	put_bytes(r, name, b, n + strlen(body));
}

static inline void drop(const struct root *r, const char *name)
{
	char path[512];
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	assert_int_equal(file_remove_tree(path, &e), 0);
}

static inline void put_two_part(const struct root *r, const char *load, const char *loader, const char *dir)
{
	char name[256], file[128], body[256];

	snprintf(body, sizeof(body), "%s.sbn\n%s.sb2\nLA_VERSION=PAS30830\n", loader, load);
	snprintf(file, sizeof(file), "%s.loads", load);
	snprintf(name, sizeof(name), "%s%s", dir, file);
	put_signed(r, name, file, body);
	snprintf(file, sizeof(file), "%s.sbn", loader);
	snprintf(name, sizeof(name), "%s%s", dir, file);
	put_signed(r, name, file, "loader");
	snprintf(file, sizeof(file), "%s.sb2", load);
	snprintf(name, sizeof(name), "%s%s", dir, file);
	put_signed(r, name, file, "application");
}

static inline void put_loads(const struct root *r)
{
	put_text(r, "loads/" L31 "/" L31 ".bin", "an unsigned image");
	put_text(r, "loads/" L50 "/" L50 ".bin", "an unsigned image");
	put_signed(r, "loads/" L50 "/" L50 ".sbn", L50 ".sbn", "an image");
	put_two_part(r, L80, L80, "loads/" L80 "/");
	put_two_part(r, SIP, "P003-8-12-00", "loads/" SIP "/");
}

static inline void make_plan(struct plan *pl)
{
	static const char *const loads[] = { L31, L50, L80, SIP };
	static const char *const models[] = { "7940", "7960", "unnamed" };

	memset(pl, 0, sizeof(*pl));
	snprintf(pl->name, sizeof(pl->name), "classic-to-sip");
	for (size_t i = 0; i < 3; i++)
		snprintf(pl->models[pl->n_models++], sizeof(pl->models[0]), "%s", models[i]);
	for (size_t i = 0; i < 4; i++) {
		struct load_name name;
		struct err e;
		assert_int_equal(load_name_parse(loads[i], strlen(loads[i]), &name, &e), 0);
		loadset_from_name(&name, &pl->stages[pl->n_stages++]);
	}
}

/* A java load of four members, of which the first may lie under another spelling, and one default load. */
static inline void put_java(const struct root *r, const char *load, const char *list, const char *jar,
			    const char *term, const char *dir)
{
	static const char *const others[] = { "dsp41.sbn", "cnu41.sbn", "cvm41sip.sbn" };
	char name[256], file[128];

	snprintf(file, sizeof(file), "%s.loads", load);
	snprintf(name, sizeof(name), "%s%s", dir, file);
	put_signed(r, name, file, list);
	snprintf(name, sizeof(name), "%s%s", dir, term);
	put_signed(r, name, term, list);
	snprintf(name, sizeof(name), "%s%s", dir, jar);
	put_signed(r, name, jar, load);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", dir, others[i]);
		put_signed(r, name, others[i], load);
	}
}

static inline void make_java_plan(struct plan *pl, const char *const *loads, size_t n)
{
	memset(pl, 0, sizeof(*pl));
	snprintf(pl->name, sizeof(pl->name), "java");
	snprintf(pl->models[pl->n_models++], sizeof(pl->models[0]), "7941");
	snprintf(pl->models[pl->n_models++], sizeof(pl->models[0]), "7961G-GE");
	for (size_t i = 0; i < n; i++) {
		struct load_name name = { .s = "" };

		snprintf(name.s, sizeof(name.s), "%s", loads[i]);
		loadset_from_name(&name, &pl->stages[pl->n_stages++]);
	}
}

static inline int root_setup(void **state)
{
	struct root *r = calloc(1, sizeof(*r));

	snprintf(r->dir, sizeof(r->dir), "/tmp/loadstep-stagedir-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	chmod(r->dir, 0755);
	make_plan(&r->plan);
	put_loads(r);
	*state = r;
	return 0;
}

static inline int root_teardown(void **state)
{
	struct root *r = *state;
	struct err e;

	assert_int_equal(file_remove_tree(r->dir, &e), 0);
	free(r);
	return 0;
}

/* ---- reading them back */

static inline char *text_of(const struct root *r, const char *name, char buf[static 4096])
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: %s", name, strerror(errno));
	ssize_t n = read(fd, buf, 4095);
	assert_true(n >= 0);
	buf[n] = '\0';
	return buf;
}

static inline bool is_there(const struct root *r, const char *name)
{
	char path[512];
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return lstat(path, &sb) == 0;
}

static inline void assert_holds(const struct root *r, const char *name, const char *part)
{
	char buf[4096];

	if (!strstr(text_of(r, name, buf), part))
		fail_msg("%s does not hold \"%s\":\n%s", name, part, buf);
}

static inline void assert_holds_not(const struct root *r, const char *name, const char *part)
{
	char buf[4096];

	if (strstr(text_of(r, name, buf), part))
		fail_msg("%s holds \"%s\":\n%s", name, part, buf);
}

static inline void assert_link(const struct root *r, const char *name, const char *expected)
{
	char path[512], text[512];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	if (n < 0)
		fail_msg("%s: %s", name, strerror(errno));
	text[n] = '\0';
	assert_string_equal(text, expected);
	assert_int_equal(access(path, R_OK), 0); /* and it leads somewhere */
}

static inline ino_t inode_of(const struct root *r, const char *name)
{
	char path[512];
	struct stat sb;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	assert_int_equal(stat(path, &sb), 0);
	return sb.st_ino;
}

struct changes {
	unsigned n;
	char line[16][200];
};

static inline void note_change(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	static const char *const names[] = { "same", "new", "changed", "gone", "left" };
	struct changes *c = arg;

	assert_true(c->n < 16);
	snprintf(c->line[c->n++], sizeof(c->line[0]), "%s %s: %s", names[change], path, what);
}

static const char site_xml[] =
	"<Default>\n"
	"  <!-- the site's own -->\n"
	"  <callManagerGroup><processNodeName>192.0.2.9</processNodeName></callManagerGroup>\n"
	"  <loadInformation7 model=\"CP-7960\">P00307020300</loadInformation7>\n"
	"  <loadInformation115 model=\"IP Phone 7941\">SIP41.8-5-4S</loadInformation115>\n"
	"  <servicesURL>http://192.0.2.9/</servicesURL>\n"
	"</Default>\n";

#define WITH_ROOT(fn) cmocka_unit_test_setup_teardown(fn, root_setup, root_teardown)

#endif
