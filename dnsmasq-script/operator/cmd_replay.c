/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep replay: old TFTP logs and captures into the store, with their own clock. "Try it on yesterday's syslog":
 * needs no plugin, no root and no load set, and publishes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capreplay.h"
#include "cleanup.h"
#include "cmds.h"
#include "logfeed.h"
#include "logorder.h"
#include "logsource.h"
#include "wire.h"

/* One transaction: a commit a line would be most of the work, and a phone is written once in it. Others who write into the
 * store meanwhile wait for its end. */
#define BATCH_MS 250

static void cleanup_source(struct logsource **s)
{
	logsource_close(*s);
}

static int replay_block(struct logfeed *lf, struct logsource *in, const char *text, size_t len, int64_t now_ms,
			struct err *e)
{
	struct tftplog_search search;

	tftplog_search(&search, text, len);
	while (len > 0) {
		const char *line, *ours = tftplog_next(&search, text);
		size_t n;

		logfeed_pass(lf, logsource_pass(in, &text, &len, ours ? ours : text + len));
		if (logsource_cut(in, &text, &len, &line, &n) && logfeed_line(lf, line, n, now_ms, e))
			return -1;
	}
	return 0;
}

/* This block and those behind it, as long as there are some without waiting for them. 0 = more may follow, 1 = the end, 2 =
 * it could not be read on, -1 = not told. */
static int replay_batch(struct logfeed *lf, struct logsource *in, const char *text, size_t len, int64_t now_ms,
			struct err *e)
{
	int64_t until_ms = ctl_now_ms() + BATCH_MS;

	for (;;) {
		if (replay_block(lf, in, text, len, now_ms, e) < 0)
			return -1;
		if (ctl_now_ms() >= until_ms || !logsource_is_ready(in))
			return 0;
		int rc = logsource_lines(in, &text, &len, e);

		if (rc != 0)
			return rc < 0 ? 2 : 1;
	}
}

/* A pipe is waited for with no transaction open. What came before a damage has happened. */
static int replay_lines(struct logfeed *lf, struct logsource *in, int64_t now_ms, struct err *e)
{
	struct err why;
	const char *text;
	size_t len;
	int rc = 0;

	while (rc == 0) {
		rc = logsource_lines(in, &text, &len, e);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (fleet_batch_begin(lf->fleet, now_ms, e) < 0)
			return -1;
		rc = replay_batch(lf, in, text, len, now_ms, &why);
		if (rc < 0)
			fleet_batch_abort(lf->fleet);
		else if (fleet_batch_end(lf->fleet, e) < 0)
			return -1;
	}
	if (rc == 1)
		return 0;
	*e = why;
	return -1;
}

static void capture_word(uint64_t n, const char *what)
{
	if (n)
		printf(", %llu %s", (unsigned long long)n, what);
}

/* What was in it, and what of it could not be used. */
static void capture_said(const char *name, const struct capreplay_counts *c)
{
	printf("%s: %llu frames, %llu of DHCP and %llu of TFTP, %llu events", name,
	       (unsigned long long)c->feed.frames, (unsigned long long)c->feed.dhcp,
	       (unsigned long long)c->feed.tftp, (unsigned long long)c->taken);
	capture_word(c->feed.transfers.again, "questions for a file sent again");
	capture_word(c->feed.transfers.resent, "blocks sent again");
	capture_word(c->feed.leases.naks, "addresses refused");
	capture_word(c->feed.leases.unanswered, "devices that were given no address");
	capture_word(c->feed.cut, "packets cut by the snap length");
	capture_word(c->feed.fragments, "fragments");
	capture_word(c->feed.broken, "broken frames");
	capture_word(c->feed.doubled, "packets captured twice");
	capture_word(c->feed.late, "frames out of order");
	capture_word(c->feed.leases.crowded + c->feed.transfers.crowded, "too many at once to be followed");
	puts(c->ends_within_frame ? "; it ends within a frame" : "");
}

static int replay_capture(struct logfeed *lf, struct logsource *in, const char *name, int64_t now_ms)
{
	struct capreplay_counts counts;
	struct wire_servers site;
	struct err e;

	wire_servers_of(fleet_config(lf->fleet), &site);
	int rc = capreplay(lf->fleet, in, (struct leases_site){ site.a, site.n }, now_ms, &counts, &e);

	capture_said(name, &counts);
	return rc < 0 ? ctl_fail(&e, name) : 0;
}

/* What all of them held. */
struct replayed {
	uint64_t too_long;
	bool logs; /* not captures alone */
	bool any; /* one could be opened */
};

/* 0, or the exit code: of one that is damaged EXIT_NO, and what was before the damage counts. */
static int replay_file(struct logfeed *lf, struct log_named *log, int64_t now_ms, struct replayed *all)
{
	CLEANUP(cleanup_source) struct logsource *in = NULL;
	struct err e;

	if (logorder_open(log, &in, &e))
		return ctl_fail(&e, NULL);
	all->any = true;
	int rc = capreplay_is(in, &e);

	if (rc < 0)
		return ctl_fail(&e, log->name);
	if (rc == 0)
		return replay_capture(lf, in, log->name, now_ms);
	all->logs = true;
	rc = replay_lines(lf, in, now_ms, &e) ? ctl_fail(&e, log->name) : 0;
	all->too_long += logsource_too_long(in);
	if (logfeed_settle(lf, now_ms, true, &e))
		return ctl_fail(&e, log->name);
	return rc;
}

static int count_phone(void *arg, const struct phone *p, struct err *e)
{
	unsigned *counts = arg;

	(void)e;
	counts[p->phase]++;
	return 0;
}

static int summary(struct ctl *c, const struct logfeed *lf, const struct replayed *all)
{
	unsigned counts[PHASE_COUNT] = { 0 }, phones = 0;
	const char *between = ": ";
	struct err e;

	if (state_phone_list(fleet_state(c->fleet), count_phone, counts, &e))
		return ctl_fail(&e, NULL);
	for (int i = 0; i < PHASE_COUNT; i++)
		phones += counts[i];
	if (all->logs)
		printf("%llu lines read, %llu events, %llu lines that are none of ours\n", (unsigned long long)lf->lines,
		       (unsigned long long)lf->events, (unsigned long long)lf->unknown);
	if (lf->foreign > 0)
		printf("%llu lines of dnsmasq-tftp in another language or version: set LC_ALL=C where dnsmasq is started\n",
		       (unsigned long long)lf->foreign);
	if (all->too_long > 0)
		printf("%llu lines above %d bytes passed over\n", (unsigned long long)all->too_long,
		       LOGSOURCE_LINE_MAX);
	printf("%u phone%s", phones, phones == 1 ? "" : "s");
	for (int i = 0; i < PHASE_COUNT; i++) {
		if (counts[i] == 0)
			continue;
		printf("%s%u %s", between, counts[i], phase_name((enum phase)i));
		between = ", ";
	}
	puts("\n`loadstep status` with the same store shows them, `loadstep explain MAC` why");
	return EXIT_DONE;
}

/* 0, or the exit code */
static int read_options(struct ctl *c, int argc, char **argv, enum tftplog_format *ret_format)
{
	static const struct option own[] = {
		{ "format", required_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (tftplog_format_parse(optarg, ret_format))
			return ctl_usage(c, "--format: \"%s\" is none of dnsmasq, tftpd-hpa, atftpd, fetch and auto", optarg);
	}
	return optind < argc ? 0 : ctl_usage(c, "replay: which log?");
}

/* In the order of time. Damage in one is told, and the others are read all the same. */
static int replay_all(struct ctl *c, struct logfeed *lf, int n, char **names, int64_t now_ms)
{
	CLEANUP(cleanup_free) struct log_named *logs = calloc((size_t)n, sizeof(*logs));
	struct replayed all = { .too_long = 0 };
	int worst = 0;
	struct err e;

	if (!logs)
		return ctl_fail(&(struct err){ ERR_SYSTEM, "out of memory" }, NULL);
	for (int i = 0; i < n; i++)
		logs[i].name = names[i];
	int rc = logorder_sort(logs, (size_t)n, now_ms, &e) ? ctl_fail(&e, NULL) : 0;

	for (int i = 0; i < n && rc == 0; i++) {
		rc = replay_file(lf, &logs[i], now_ms, &all);
		worst = rc == EXIT_NO ? rc : worst;
		rc = rc == EXIT_NO ? 0 : rc;
	}
	logorder_fini(logs, (size_t)n);
	if (rc != 0)
		return rc;
	if (fleet_replay_end(c->fleet, &e))
		return ctl_fail(&e, NULL);
	rc = all.any ? summary(c, lf, &all) : 0;
	return rc ? rc : worst;
}

int cmd_replay(struct ctl *c, int argc, char **argv)
{
	struct logfeed lf = { .replay = true };
	int64_t now_ms = ctl_now_ms();
	int rc = read_options(c, argc, argv, &lf.format);

	if (rc == 0)
		rc = ctl_fleet(c, FLEET_CREATE | FLEET_NO_EFFECTS | FLEET_REPLAY);
	lf.fleet = c->fleet;
	return rc ? rc : replay_all(c, &lf, argc - optind, argv + optind, now_ms);
}
