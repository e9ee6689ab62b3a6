/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep report: the fleet and its history, for people, spreadsheets, programs and monitoring. Files are replaced
 * whole; "-" is the standard output. Changes nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "cmds.h"
#include "file.h"
#include "parse.h"
#include "report_fleet.h"

#define FILE_MODE 0644 /* node_exporter and a web server are other users */
#define OUTPUTS_MAX 4

struct output {
	const struct report_writer *writer;
	const char *path; /* NULL = standard output */
};

struct wanted {
	size_t n;
	struct output a[OUTPUTS_MAX];
	int64_t since_ms; /* a duration; 0 = all */
};

/* How far east of UTC local time is now. */
static int64_t zone_ms(int64_t now_ms)
{
	time_t t = (time_t)(now_ms / 1000);
	struct tm tm;

	return localtime_r(&t, &tm) ? (int64_t)tm.tm_gmtoff * 1000 : 0;
}

/* A file that did not change is written all the same: its time tells the collector that it is not stale. */
static int write_file(const struct report *as, const struct output *o, const struct report_fleet *f,
		      struct err *e)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len = 0;
	struct report r = *as;

	r.out = open_memstream(&text, &len);
	if (!r.out)
		return err_set(e, ERR_SYSTEM, "no memory for %s", o->path);
	o->writer->fleet(&r, f);
	bool whole = !ferror(r.out);
	if (fclose(r.out) != 0 || !whole || !text)
		return err_set(e, ERR_SYSTEM, "no memory for %s", o->path);
	int rc = file_replace(o->path, text, len, FILE_MODE, 0, e);
	if (rc == 1)
		(void)utimensat(AT_FDCWD, o->path, NULL, 0);
	return rc < 0 ? -1 : 0;
}

static int show(struct ctl *c, const struct wanted *w)
{
	CLEANUP(cleanup_report_fleet) struct report_fleet *f = NULL;
	struct report_fleet_query q = { .now_ms = ctl_now_ms() };
	struct err e;

	q.since_ms = w->since_ms ? q.now_ms - w->since_ms : 0;
	q.zone_ms = zone_ms(q.now_ms);
	if (report_fleet_collect(fleet_state(c->fleet), fleet_config(c->fleet), &q, &f, &e))
		return ctl_fail(&e, NULL);
	for (size_t i = 0; i < w->n; i++) {
		if (!w->a[i].path) {
			struct report r = c->report;

			r.writer = w->a[i].writer;
			r.writer->fleet(&r, f);
		} else if (write_file(&c->report, &w->a[i], f, &e)) {
			return ctl_fail(&e, NULL);
		}
	}
	return EXIT_DONE;
}

static void want(struct wanted *w, const struct report_writer *writer, const char *path)
{
	if (w->n < OUTPUTS_MAX)
		w->a[w->n++] = (struct output){ writer, path && strcmp(path, "-") != 0 ? path : NULL };
}

enum { OPT_CSV = OPT_OWN, OPT_HTML, OPT_PROMETHEUS, OPT_SINCE };

/* 0, or the exit code. */
static int read_options(struct ctl *c, int argc, char **argv, struct wanted *w)
{
	static const struct option own[] = {
		{ "csv", no_argument, NULL, OPT_CSV },
		{ "html", required_argument, NULL, OPT_HTML },
		{ "prometheus", required_argument, NULL, OPT_PROMETHEUS },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ NULL, 0, NULL, 0 },
	};
	const char *path[OPT_SINCE - OPT_CSV] = { NULL };
	bool csv = false;
	struct err e;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == OPT_CSV)
			csv = true;
		else if (opt != OPT_SINCE)
			path[opt - OPT_CSV] = optarg;
		else if (parse_duration("--since", optarg, &w->since_ms, &e))
			return ctl_usage(c, "%s", e.text);
	}
	if (optind < argc)
		return ctl_usage(c, "report: \"%s\" is too much", argv[optind]);
	if (path[OPT_HTML - OPT_CSV])
		want(w, &report_html, path[OPT_HTML - OPT_CSV]);
	if (path[OPT_PROMETHEUS - OPT_CSV])
		want(w, &report_prometheus, path[OPT_PROMETHEUS - OPT_CSV]);
	if (csv)
		want(w, &report_csv, NULL);
	if (c->json || w->n == 0)
		want(w, c->report.writer, NULL);
	return 0;
}

int cmd_report(struct ctl *c, int argc, char **argv)
{
	struct wanted w = { .n = 0 };
	unsigned to_stdout = 0;
	int rc = read_options(c, argc, argv, &w);

	for (size_t i = 0; i < w.n; i++)
		to_stdout += w.a[i].path == NULL;
	if (rc == 0 && to_stdout > 1)
		rc = ctl_usage(c, "report: one format at a time goes to the standard output");
	if (rc == 0)
		rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	return rc ? rc : show(c, &w);
}
