/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep import: firmware packages into loads/ of the TFTP root, each load set whole or not at all, then the
 * stages that waited for them. A package that is refused keeps no other from coming in; whatever could not be
 * taken makes the exit code 1.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changes.h"
#include "cleanup.h"
#include "cmds.h"
#include "import.h"
#include "publish.h"
#include "report_import.h"
#include "strbuf.h"

#define MISSING_MAX (64 * 1024)
#define WHAT_MAX (16 * 1024)
#define STORE_FILE "sqlite:"

struct importing {
	struct ctl *c;
	struct import *im;
	bool replace;
	struct package_sets sets;
	struct report_import report;
};

/* ---- a person who waits */

struct bar {
	bool shown; /* standard error is a terminal */
	int no, of; /* packages */
	int percent;
};

#define BAR_CELLS 24

static void bar_draw(struct bar *b, const char *name, int percent)
{
	char text[32], cells[BAR_CELLS + 1];
	int full = percent * BAR_CELLS / 100;

	if (!b->shown || percent == b->percent)
		return;
	b->percent = percent;
	memset(cells, '-', BAR_CELLS);
	memset(cells, '#', (size_t)full);
	cells[BAR_CELLS] = '\0';
	fprintf(stderr, "\r%2d/%d %-31s [%s] %3d %%", b->no, b->of,
		text_escape(text, sizeof(text), name, strlen(name)), cells, percent);
	fflush(stderr);
}

static void bar_clear(struct bar *b)
{
	if (b->shown && b->percent >= 0)
		fprintf(stderr, "\r%*s\r", 76, "");
	b->percent = -1;
}

/* SIGINT and SIGTERM are blocked: one that is pending ends the work where nothing is half done. */
static int on_progress(void *arg, const char *name, int64_t done, int64_t total)
{
	const struct timespec now = { 0, 0 };
	sigset_t end;

	bar_draw(arg, name, total > 0 && done < total ? (int)(done * 100 / total) : 100);
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGHUP);
	return sigtimedwait(&end, NULL, &now) > 0;
}

static void block_signals(void)
{
	sigset_t end;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGHUP);
	sigprocmask(SIG_BLOCK, &end, NULL);
}

/* ---- packages */

/* 0; else the exit code: the machine is at fault, or somebody stopped it. */
static int add_packages(struct importing *im, char **paths, int n)
{
	struct bar b = { isatty(STDERR_FILENO) != 0, 0, n, -1 };

	for (int i = 0; i < n; i++) {
		struct err e;

		b.no = i + 1;
		int rc = import_add(im->im, paths[i], on_progress, &b, &e);
		bar_clear(&b);
		if (rc == 0)
			continue;
		if (e.code != ERR_INPUT && e.code != ERR_LIMIT) {
			ctl_say("import: %s; nothing was imported", e.text);
			return e.code == ERR_SYSTEM ? EXIT_NO : EXIT_TREE;
		}
		if (report_import_refuse(&im->report, paths[i], e.text) < 0)
			return ctl_fail(&(struct err){ ERR_SYSTEM, "out of memory" }, "import");
	}
	return 0;
}

/* ---- load sets */

struct on_it {
	const struct load_name *load;
	unsigned n;
};

static int count_on_it(void *arg, const struct phone *p, struct err *e)
{
	struct on_it *o = arg;
	bool loading =
		p->phase == PHASE_DOWNLOADING || p->phase == PHASE_HALF_FLASHED || p->phase == PHASE_FLASHING;

	(void)e;
	o->n += loading && load_name_equal(&p->load, o->load);
	return 0;
}

/* Files of two releases in one flash are what --replace must not make. 0 = nobody loads it; 1 = told in l->why;
 * -1 */
static int check_nobody_loads(struct importing *im, struct report_load *l, const struct load_name *load,
			      struct err *e)
{
	struct on_it o = { load, 0 };

	if (!im->c->fleet)
		return 0;
	if (state_phone_list(fleet_state(im->c->fleet), count_on_it, &o, e) < 0)
		return -1;
	if (o.n == 0)
		return 0;
	snprintf(l->why, sizeof(l->why), "%u phone%s loading it now: replace it when they are through", o.n,
		 o.n == 1 ? " is" : "s are");
	return 1;
}

static int place(struct importing *im, struct report_load *l, const struct package_set *s, const char *result,
		 struct err *e)
{
	if (import_place(im->im, s, e) < 0)
		return err_wrap(e, "%s", s->ls.load.s);
	l->result = result;
	im->report.changed = true;
	return 0;
}

static int bring(struct importing *im, struct report_load *l, const struct package_set *s, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf what = STRBUF_INIT(WHAT_MAX);
	enum import_fate fate = IMPORT_NEW;

	l->result = "refused";
	if (s->fault[0]) {
		text_copy(l->why, sizeof(l->why), s->fault);
		return 0;
	}
	if (import_compare(im->im, s, &fate, &what, e) < 0)
		return err_wrap(e, "%s", s->ls.load.s);
	switch (fate) {
	case IMPORT_NEW:
		return place(im, l, s, "imported", e);
	case IMPORT_MORE:
		l->differences = strbuf_take(&what);
		return place(im, l, s, "completed", e);
	case IMPORT_SAME:
		l->result = "unchanged";
		return import_adopt(im->im, s, e);
	case IMPORT_DIFFERS:
		break;
	}
	l->differences = strbuf_take(&what);
	if (!im->replace) {
		text_copy(l->why, sizeof(l->why),
			  "it is there with other files; --replace puts this one in its place");
		return 0;
	}
	int r = check_nobody_loads(im, l, &s->ls.load, e);
	return r != 0 ? (r < 0 ? -1 : 0) : place(im, l, s, "replaced", e);
}

static int bring_all(struct importing *im, struct err *e)
{
	for (size_t i = 0; i < im->sets.n; i++) {
		struct report_load *l = report_import_load(&im->report, &im->sets.a[i]);

		if (!l)
			return err_set(e, ERR_SYSTEM, "out of memory");
		if (bring(im, l, &im->sets.a[i], e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the stages that waited */

static void on_change(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	if (change != STAGEDIR_SAME)
		report_import_change(arg, changes_word(change), path, what);
}

/* The store, where there is one: before the first reload there is none, and an import makes none. 0, or the exit
 * code. */
static int open_store(struct importing *im)
{
	const char *url = im->c->cfg->store_url;
	const char *path =
		strncmp(url, STORE_FILE, strlen(STORE_FILE)) == 0 ? url + strlen(STORE_FILE) : NULL;

	if (path && access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	return ctl_fleet(im->c, FLEET_CREATE);
}

/* 0, or the exit code. */
static int build_stages(struct importing *im)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(MISSING_MAX);
	struct err e;

	if (!im->report.changed)
		return 0;
	if (!im->c->fleet || fleet_revision(im->c->fleet) == 0) {
		im->report.no_plans = true;
		return 0;
	}
	if (publish_run(im->c->fleet, true, on_change, &im->report, &missing, ctl_now_ms(), &e) < 0)
		return ctl_fail(&e, "import: the loads are in, their stages are not built");
	im->report.missing = strbuf_take(&missing);
	return 0;
}

static int run(struct importing *im, char **paths, int n)
{
	struct err e;
	int rc = open_store(im);

	if (rc != 0)
		return rc;
	block_signals();
	if (import_open(&im->im, im->c->cfg->tftp_root, &e) < 0)
		return ctl_fail(&e, "import");
	rc = add_packages(im, paths, n);
	if (rc != 0)
		return rc;
	if (import_find(im->im, &im->sets, &e) < 0)
		return ctl_fail(&e, "import");
	rc = bring_all(im, &e) < 0 ? ctl_fail(&e, "import") : 0;
	if (report_import_left(&im->report, im->im) < 0)
		return ctl_fail(&(struct err){ ERR_SYSTEM, "out of memory" }, "import");
	/* what came in before a fault is in */
	int built = build_stages(im);
	if (im->c->json)
		report_json_import(&im->c->report, &im->report);
	else
		report_text_import(&im->c->report, &im->report);
	if (rc == 0)
		rc = built;
	return rc ? rc : report_import_failed(&im->report) ? EXIT_NO : EXIT_DONE;
}

int cmd_import(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "replace", no_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	struct importing im = { .c = c };

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		im.replace = true;
	}
	if (optind == argc)
		return ctl_usage(c, "import: which package?");
	int rc = ctl_config(c);
	if (rc != 0)
		return rc;
	if (c->cfg->tftp_root[0] == '\0') {
		ctl_say("import: [tftp] root is not set on this host: import where the TFTP root is");
		return EXIT_CONFIG;
	}
	rc = run(&im, argv + optind, argc - optind);
	package_sets_fini(&im.sets);
	import_close(im.im);
	report_import_fini(&im.report);
	return rc;
}
