/* SPDX-License-Identifier: MPL-2.0 */
/* A site with two stages of which the tests of publish bring the load sets, its store, and what publish told. */
#ifndef LOADSTEP_PUBLISH_FIXTURE_H
#define LOADSTEP_PUBLISH_FIXTURE_H

#include "publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "plan.h"
#include "state.h"
#include "view.h"

#define FIRST "P00303010102"
#define SECOND "P00304000101"
#define NOW_MS INT64_C(1700000000000)

struct fixture {
	char dir[64];
	char root[80];
	struct config *cfg;
	struct fleet *fleet;
	struct strbuf told;
	struct strbuf missing;
};

/* layout: with whatever else belongs into [tftp] */
static inline struct config *site(const struct fixture *f, const char *layout, bool with_root)
{
	char text[1024], root[128] = "";
	struct config *cfg = NULL;
	struct err e;

	if (with_root)
		snprintf(root, sizeof(root), "root = %s\n", f->root);
	int n = snprintf(text, sizeof(text),
			 "[store]\nurl = sqlite:%s/state.db\n[tftp]\n%slayout = %s\n"
			 "[plan ladder]\nmodels = 7960 unnamed\nstages = " FIRST " " SECOND "\n"
			 "networks = 10.0.0.0/24\ntftp-servers = 10.0.0.1\n",
			 f->dir, root, layout);
	if (config_parse("test", text, (size_t)n, NULL, &cfg, NULL, &e))
		fail_msg("%s", e.text);
	return cfg;
}

static inline void open_site(struct fixture *f, const char *layout, bool with_root)
{
	struct err e;

	f->cfg = site(f, layout, with_root);
	if (fleet_open(&f->fleet, f->cfg, FLEET_CREATE, 1000, &e))
		fail_msg("%s", e.text);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	snprintf(f->dir, sizeof(f->dir), "/tmp/loadstep-publish.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->root, sizeof(f->root), "%s/tftp", f->dir);
	assert_int_equal(file_mkdirs(f->root, 0755, &e), 0);
	strbuf_init(&f->told, 65536);
	strbuf_init(&f->missing, 65536);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	struct err e;

	fleet_close(f->fleet);
	config_free(f->cfg);
	strbuf_fini(&f->told);
	strbuf_fini(&f->missing);
	assert_int_equal(file_remove_tree(f->dir, &e), 0);
	free(f);
	return 0;
}

static inline void bring_load(const struct fixture *f, const char *load)
{
	char path[256];
	struct err e;

	snprintf(path, sizeof(path), "%s/loads/%s", f->root, load);
	assert_int_equal(file_mkdirs(path, 0755, &e), 0);
	snprintf(path, sizeof(path), "%s/loads/%s/%s.bin", f->root, load, load);
	assert_int_equal(file_replace(path, "not signed", 10, 0644, 0, &e), 0);
}

static inline void tell(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	(void)change;
	(void)what;
	strbuf_addf(arg, "%s\n", path);
}

static inline int publish(struct fixture *f, bool apply)
{
	struct err e;

	strbuf_reset(&f->told);
	strbuf_reset(&f->missing);
	int rc = publish_run(f->fleet, apply, tell, &f->told, &f->missing, NOW_MS, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static inline int64_t reload(struct fixture *f, bool *ret_new)
{
	int64_t revision = 0;
	struct err e;

	strbuf_reset(&f->told);
	strbuf_reset(&f->missing);
	if (publish_reload(f->fleet, f->cfg, tell, &f->told, &f->missing, NOW_MS, &revision, ret_new, &e) < 0)
		fail_msg("%s", e.text);
	return revision;
}

static inline bool exists(const struct fixture *f, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	return lstat(path, &st) == 0;
}

static inline bool told(const struct strbuf *sb, const char *what)
{
	return strstr(strbuf_text(sb), what) != NULL;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
