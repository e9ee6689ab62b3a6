/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep agent: follows the TFTP server's log, takes in what the helper had to spool, listens to what phones say
 * themselves where there is a witness, ticks the clock, keeps the tree true. One loop, one thread; it logs to
 * standard error and ends cleanly on SIGTERM. Trouble with
 * the store, the log or the tree is told once and tried again: whatever is the matter with one must not
 * stop the others.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent_log.h"
#include "agent_sign.h"
#include "changes.h"
#include "cleanup.h"
#include "cmds.h"
#include "logfeed.h"
#include "publish.h"
#include "spool.h"
#include "strbuf.h"
#include "witness.h"

#define LOOK_MS 200 /* at the log */
#define TICK_MS 1000
#define PUBLISH_MS 60000 /* a look at the whole tree; what is due is published at once */
#define PUBLISH_SHARED_MS \
	2000 /* layout = shared: one file to compare, and the hook may have moved the cohort */
#define LINES_MAX 1000 /* in one transaction */
#define UNREFUSED_MAX 100 /* a phone asks for a file that is not there with each boot: this is dozens of boots */
#define ROUNDS_MAX 20 /* of them, before it is time's turn */
#define DRAIN_MAX 1000
#define FIRST_LOOK_MS \
	600000 /* of a log that was never followed, the last ten minutes: whose addresses those of older
				  lines were is not known */
#define MISSING_MAX (64 * 1024)

/* The troubles that are told once, until they change. */
enum trouble {
	TROUBLE_LOG,
	TROUBLE_JOURNAL,
	TROUBLE_LANGUAGE,
	TROUBLE_MAP,
	TROUBLE_REFUSALS,
	TROUBLE_SPOOL,
	TROUBLE_TICK,
	TROUBLE_TREE,
	TROUBLE_WITNESS,
	TROUBLE_SIGN,
	TROUBLE_COUNT
};

struct agent {
	struct ctl *c;
	struct agent_log log;
	struct logfeed feed;
	struct logfeed before; /* the batch */
	bool held; /* the next line is too young */
	char spool[512];
	struct witness_port *witness; /* owned; NULL = not listening */
	bool rotate;
	int64_t ticked_ms; /* monotonic, as the next three */
	int64_t published_ms; /* 0 = not yet */
	int64_t signed_ms; /* 0 = not yet */
	int64_t revision; /* of the plans, when the tree was published last */
	char told[TROUBLE_COUNT][ERR_TEXT_MAX];
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* e NULL: all is well. */
static void tell(struct agent *a, enum trouble which, const struct err *e)
{
	if (!e) {
		if (a->told[which][0])
			ctl_say("agent: that is over: %s", a->told[which]);
		a->told[which][0] = '\0';
		return;
	}
	if (strcmp(a->told[which], e->text) == 0)
		return;
	ctl_say("agent: %s", e->text);
	(void)text_copy(a->told[which], sizeof(a->told[which]), e->text);
}

static int on_line(void *arg, const char *line, size_t len, struct err *e)
{
	struct agent *a = arg;

	int rc = logfeed_line(&a->feed, line, len, ctl_now_ms(), e);

	a->held = rc == 1;
	return a->held ? -1 : rc; /* that line and the rest come again */
}

/* One transaction's worth of the log. 0 = there may be more, 1 = at its end, -1: what was read comes
 * again. */
static int read_some(struct agent *a, struct err *e)
{
	if (agent_log_idle(&a->log) && !logfeed_waits(&a->feed))
		return 1;
	if (fleet_batch_begin(a->c->fleet, ctl_now_ms(), e))
		return -1;
	a->held = false;
	a->before = a->feed;
	int rc = agent_log_read(&a->log, LINES_MAX, on_line, a, e);
	if (a->held)
		rc = 1;
	if (rc < 0 || logfeed_settle(&a->feed, ctl_now_ms(), false, e)) {
		fleet_batch_abort(a->c->fleet);
		return -1;
	}
	if (fleet_batch_end(a->c->fleet, e))
		return -1;
	/* with a request in waiting the place that is remembered stays where it is: what is read twice counts once */
	return agent_log_save(&a->log, !logfeed_waits(&a->feed), e) ? -1 : rc;
}

/* in.tftpd reads its map at SIGHUP alone and says nothing of it, nor of what it was told not to say: its lines show it. */
static void look_at_server(struct agent *a)
{
	char client[IP4_TEXT_SIZE];
	struct err e, lang;

	err_set(&e, ERR_TREE, "in.tftpd tells of no refused request: it needs --verbosity 2, or what is missing looks as if "
			      "it had been sent");
	err_set(&lang, ERR_TREE, "dnsmasq writes in another language, or is of a version that is not known: nothing is seen "
				 "of that; set LC_ALL=C where it is started");
	tell(a, TROUBLE_LANGUAGE, a->feed.foreign > 0 ? &lang : NULL);
	tell(a, TROUBLE_REFUSALS, a->feed.unanswered >= UNREFUSED_MAX ? &e : NULL);
	if (a->feed.map == LOGFEED_MAP_UNKNOWN)
		return;
	err_set(&e, ERR_TREE,
		"in.tftpd answers %s from the plain root, and the plans have its network: it runs without "
		"--map-file %s, or has not read it anew (systemctl reload tftpd-hpa)",
		ip4_format(client, a->feed.map_client), a->c->cfg->map_file);
	tell(a, TROUBLE_MAP, a->feed.map == LOGFEED_MAP_UNUSED ? &e : NULL);
}

/* The last look at the log: nobody waits any more. */
static void end_log(struct agent *a)
{
	struct err e;

	if (!logfeed_waits(&a->feed))
		return;
	if (logfeed_settle(&a->feed, ctl_now_ms(), true, &e) ||
	    agent_log_save(&a->log, !logfeed_waits(&a->feed), &e))
		tell(a, TROUBLE_LOG, &e);
}

/* What was read was not stored. Of what waits for its end, what is read again comes once more. */
static void log_back(struct agent *a)
{
	bool rewound = false;
	struct err e;

	if (agent_log_back(&a->log, &rewound, &e))
		tell(a, TROUBLE_LOG, &e);
	a->feed = a->before;
	if (rewound)
		logfeed_drop(&a->feed);
}

static void read_log(struct agent *a, unsigned rounds)
{
	struct err e;
	int rc = 0;

	if (a->log.kind == AGENT_LOG_NONE)
		return;
	tell(a, TROUBLE_JOURNAL, agent_log_keep(&a->log, monotonic_ms(), &e) ? &e : NULL);
	while (rc == 0 && rounds-- > 0)
		rc = read_some(a, &e);
	/* at the end of a log that tells of phones: what they asked for up to now is known */
	if (rc == 1 && a->feed.events > 0 && fleet_log_heard(a->c->fleet, ctl_now_ms(), &e) < 0)
		rc = -1;
	tell(a, TROUBLE_LOG, rc < 0 ? &e : NULL);
	if (rc < 0)
		log_back(a);
	agent_log_trouble(&a->log, e.text);
	if (e.text[0])
		ctl_say("agent: not read: %s", e.text);
	look_at_server(a);
	a->rotate = a->rotate || a->feed.rotate;
	a->feed.rotate = false;
}

static void drain(struct agent *a)
{
	unsigned taken = 0;
	struct err e;
	int rc = spool_drain(a->spool, a->c->fleet, ctl_now_ms(), DRAIN_MAX, &taken, &a->rotate, &e);

	tell(a, TROUBLE_SPOOL, rc < 0 ? &e : NULL);
	if (taken > 0)
		ctl_say("agent: %u spooled event%s taken in", taken, taken == 1 ? "" : "s");
}

static void tick(struct agent *a)
{
	bool rotate = false;
	struct err e;

	tell(a, TROUBLE_TICK, fleet_tick(a->c->fleet, ctl_now_ms(), &rotate, &e) ? &e : NULL);
	a->rotate = a->rotate || rotate;
	const char *trouble = fleet_effects_error(a->c->fleet);

	if (*trouble)
		ctl_say("agent: %s; the next tick tries again", trouble);
}

static void publish(struct agent *a)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(MISSING_MAX);
	struct err e;

	a->published_ms = monotonic_ms();
	a->rotate = false;
	if (fleet_config(a->c->fleet)->tftp_root[0] == '\0')
		return;
	int rc = publish_run(a->c->fleet, true, changes_print, stderr, &missing, ctl_now_ms(), &e);
	if (rc >= 0 && missing.len > 0)
		err_set(&e, ERR_TREE, "%.*s", (int)strcspn(strbuf_text(&missing), "\n"),
			strbuf_text(&missing));
	tell(a, TROUBLE_TREE, rc < 0 || missing.len > 0 ? &e : NULL);
	a->revision = fleet_revision(a->c->fleet);
}

static bool publish_is_due(const struct agent *a, int64_t now)
{
	const struct config *cfg = fleet_config(a->c->fleet);
	int64_t every_ms = cfg->layout == LAYOUT_SHARED ? PUBLISH_SHARED_MS : PUBLISH_MS;

	return a->rotate || a->published_ms == 0 || now - a->published_ms >= every_ms ||
	       a->revision != fleet_revision(a->c->fleet);
}

/* Listen where the configuration in force says. An address that is not there yet is tried again. */
static void follow_witness(struct agent *a)
{
	struct ip4 want = fleet_config(a->c->fleet)->witness;
	char text[IP4_TEXT_SIZE];
	struct err e;

	if (a->witness && witness_address(a->witness).host != want.host) {
		witness_close(a->witness);
		a->witness = NULL;
	}
	if (a->witness || !want.host) {
		tell(a, TROUBLE_WITNESS, NULL);
		return;
	}
	int rc = witness_open(&a->witness, a->c->fleet, want, &e);

	tell(a, TROUBLE_WITNESS, rc < 0 ? &e : NULL);
	if (rc == 0)
		ctl_say("agent: the witness listens on %s", ip4_format(text, want));
}

/* For `status`: it runs, and reads its log. */
static void give_sign(struct agent *a, int64_t now)
{
	bool reads = !a->told[TROUBLE_LOG][0] && !a->told[TROUBLE_JOURNAL][0] && agent_log_present(&a->log);
	struct err e;

	if (a->signed_ms && now - a->signed_ms < AGENT_SIGN_EVERY_MS)
		return;
	a->signed_ms = now;
	tell(a, TROUBLE_SIGN,
	     agent_sign_give(a->c->cfg->store_url, reads ? a->log.name : NULL, &e) < 0 ? &e : NULL);
}

/* One turn: what the log and the spool say, then time, then the tree. */
static void turn(struct agent *a, bool once)
{
	int64_t now = monotonic_ms();

	/* The script's events first, the spooled ones too: the log tells less of them. */
	drain(a);
	read_log(a, once ? UINT_MAX : ROUNDS_MAX);
	if (a->witness)
		witness_serve(a->witness);
	if (once)
		end_log(a);
	if (!once && now - a->ticked_ms < TICK_MS)
		return;
	a->ticked_ms = now;
	tick(a);
	give_sign(a, now);
	if (once || publish_is_due(a, now))
		publish(a);
	if (!once)
		follow_witness(a);
}

/* Whose entries of the journal: by what dnsmasq and the others call themselves. What dnsmasq writes to standard error has
 * the tag of its unit's program. */
static const char *const *journal_tags(enum tftp_daemon d)
{
	static const char *const dnsmasq[] = { "dnsmasq-tftp", "dnsmasq", NULL };
	static const char *const tftpd_hpa[] = { "in.tftpd", NULL };
	static const char *const atftpd[] = { "atftpd", NULL };
	static const char *const *const tags[] = {
		[DAEMON_DNSMASQ] = dnsmasq,
		[DAEMON_TFTPD_HPA] = tftpd_hpa,
		[DAEMON_ATFTPD] = atftpd,
	};

	return tags[d];
}

/* path NULL: the journal */
static int open_log(struct agent *a, const char *path, bool once)
{
	char memory[512];
	int64_t first_ms = ctl_now_ms() - FIRST_LOOK_MS;
	struct agent_log_want want = { .path = path,
				       .memory = memory,
				       .tags = journal_tags(a->c->cfg->daemon),
				       .since_ms = first_ms,
				       .once = once };
	struct err e;

	if (spool_beside(a->c->cfg->store_url, ".place", memory, sizeof(memory), &e) ||
	    agent_log_open(&a->log, &want, &e))
		return ctl_fail(&e, "agent");
	if (a->log.fresh)
		a->feed.oldest_ms = first_ms;
	return 0;
}

/* Until it is time to look again; phones that speak are heard at once. True: a signal says that it is over. */
static bool wait_for_end(struct agent *a, int signal_fd)
{
	int64_t until = monotonic_ms() + LOOK_MS;

	for (;;) {
		struct pollfd p[] = { { .fd = signal_fd, .events = POLLIN },
				      { .fd = a->witness ? witness_fd(a->witness) : -1, .events = POLLIN } };
		int64_t left = until - monotonic_ms();
		int n = left > 0 ? poll(p, 2, (int)left) : 0;

		if (n == 0)
			return false;
		if (n > 0 && p[0].revents)
			return true;
		if (n > 0 && p[1].revents)
			witness_serve(a->witness);
	}
}

static int loop(struct agent *a, bool once)
{
	CLEANUP(cleanup_fd) int signal_fd = ctl_end_signals("agent", false);

	if (signal_fd < 0)
		return EXIT_NO;
	/* a pipe's end may take its time */
	while (once && !agent_log_ended(&a->log) && a->log.kind > AGENT_LOG_FILE) {
		read_log(a, ROUNDS_MAX);
		if (wait_for_end(a, signal_fd))
			break;
	}
	turn(a, once);
	if (once && a->told[TROUBLE_JOURNAL][0])
		return EXIT_NO;
	while (!once && !wait_for_end(a, signal_fd)) {
		turn(a, false);
		if (!agent_log_ended(&a->log))
			continue;
		ctl_say("agent: the log has ended (%s): nothing is followed any more", a->log.name);
		return EXIT_NO;
	}
	return EXIT_DONE;
}

static void said(const struct agent *a, uint64_t too_long)
{
	char more[64] = "";

	if (too_long > 0)
		snprintf(more, sizeof(more), ", %llu passed over as too long", (unsigned long long)too_long);
	ctl_say("agent: %llu log lines, %llu events%s; done", (unsigned long long)a->feed.lines,
		(unsigned long long)a->feed.events, more);
}

/* log NULL: none, or the journal */
static int run(struct agent *a, const char *log, bool journal, bool once)
{
	struct err e;

	static const enum tftplog_format formats[] = {
		[DAEMON_DNSMASQ] = TFTPLOG_DNSMASQ,
		[DAEMON_TFTPD_HPA] = TFTPLOG_TFTPD_HPA,
		[DAEMON_ATFTPD] = TFTPLOG_ATFTPD,
	};

	a->feed.fleet = a->c->fleet;
	a->feed.format = formats[a->c->cfg->daemon];
	a->feed.script_first = !once && a->c->cfg->daemon == DAEMON_DNSMASQ;
	if (spool_beside(a->c->cfg->store_url, SPOOL_SUFFIX, a->spool, sizeof(a->spool), &e))
		return ctl_fail(&e, "agent");
	int rc = log || journal ? open_log(a, log, once) : 0;
	if (rc != 0)
		return rc;
	ctl_say("agent: %s%s", a->log.name ? "following " : "no log to follow (--log FILE, --journal); ticking and publishing",
		a->log.name ? a->log.name : "");
	rc = loop(a, once);
	witness_close(a->witness);
	end_log(a);
	uint64_t too_long = agent_log_too_long(&a->log);

	agent_log_close(&a->log);
	if (rc != EXIT_DONE)
		return rc;
	said(a, too_long);
	return EXIT_DONE;
}

enum { OPT_LOG = OPT_OWN, OPT_JOURNAL, OPT_ONCE };

int cmd_agent(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "log", required_argument, NULL, OPT_LOG },
		{ "journal", no_argument, NULL, OPT_JOURNAL },
		{ "once", no_argument, NULL, OPT_ONCE },
		{ NULL, 0, NULL, 0 },
	};
	struct agent a = { .c = c, .log = { .fd = -1 } };
	const char *log = NULL;
	bool once = false, journal = false;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == OPT_LOG)
			log = optarg;
		else if (opt == OPT_JOURNAL)
			journal = true;
		else
			once = true;
	}
	if (log && journal)
		return ctl_usage(c, "agent: --log or --journal, not both");
	if (optind < argc)
		return ctl_usage(c, "agent: \"%s\" is too much", argv[optind]);
	int rc = ctl_fleet(c, FLEET_CREATE);
	return rc ? rc : run(&a, log, journal, once);
}
