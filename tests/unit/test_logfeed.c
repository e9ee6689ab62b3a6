/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From lines to the history, where several lines are one event: atftpd's transfers and their ends, with and without
 * thread numbers, told and not told; our own fetch lines beside the server's, of which each transfer counts once.
 */
#include "logfeed.h"

#include "fleet_fixture.h"

#define NOW (T0 + 3600 * SEC)

struct feeding {
	struct bench b;
	struct logfeed lf;
	int64_t now_ms;
};

static void begin(struct feeding *x, bool replay)
{
	memset(x, 0, sizeof(*x));
	bench_open(&x->b, auto_plan);
	fleet_close(x->b.f);
	unsigned flags = replay ? FLEET_NO_EFFECTS | FLEET_REPLAY : 0;
	assert_int_equal(fleet_open(&x->b.f, x->b.cfg, flags, 1000, &x->b.e), 0);
	x->lf.fleet = x->b.f;
	x->lf.replay = replay;
	x->now_ms = NOW;
	/* a phone there, so that every file is somebody's */
	struct file_event fe = { .kind = EVENT_MISSING,
				 .at_ms = T0,
				 .client = ip_n(9),
				 .path = "SEP001B0C000009.cnf.xml",
				 .bytes = -1,
				 .from_log = true };
	struct file_verdict v;
	assert_int_equal(fleet_on_file(x->b.f, &fe, &v, &x->b.e), 0);
	fe.client = ip_n(8);
	fe.path = "SEP001B0C000008.cnf.xml";
	assert_int_equal(fleet_on_file(x->b.f, &fe, &v, &x->b.e), 0);
}

/* T0 and that many seconds, by a clock that writes whole ones */
static void feed(struct feeding *x, int at_s, const char *who, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "<30>1 2023-11-14T22:%02d:%02dZ bench %s - - %s", 13 + (20 + at_s) / 60,
		 (20 + at_s) % 60, who, text);
	assert_int_equal(logfeed_line(&x->lf, line, strlen(line), x->now_ms, &x->b.e), 0);
}

/* A line of atftpd's own file */
static void feed_thread(struct feeding *x, int at_s, int thread, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "2023-11-14T22:%02d:%02dZ bench atftpd[7.%d]: %s", 13 + (20 + at_s) / 60,
		 (20 + at_s) % 60, thread, text);
	assert_int_equal(logfeed_line(&x->lf, line, strlen(line), x->now_ms, &x->b.e), 0);
}

struct told {
	char text[2048];
	size_t len;
};

static int tell_one(void *arg, const struct history *h, struct err *e)
{
	struct told *t = arg;
	char a[IP4_TEXT_SIZE];

	(void)e;
	if (strncmp(h->file, "SEP", 3) == 0 || !h->file[0])
		return 0;
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s %s %s %lld; ",
				   event_kind_name(h->kind), h->file, ip4_format(a, h->address) + 7,
				   (long long)(h->at_ms - T0) / 1000);
	return 0;
}

/* The history, without the phones' first files. */
static void expect(struct feeding *x, const char *want)
{
	struct told t = { .len = 0 };

	assert_int_equal(state_history_list(fleet_state(x->b.f), 0, 0, 0, tell_one, &t, &x->b.e), 0);
	if (strcmp(t.text, want) != 0)
		fail_msg("told:   %s\nwanted: %s", t.text, want);
}

static void end(struct feeding *x)
{
	assert_false(logfeed_waits(&x->lf));
	bench_close(&x->b);
}

#define SYS "atftpd 7"

static void test_threads(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, false);
	feed_thread(&x, 1, 1, "Creating new socket: 10.0.0.1:5000");
	feed_thread(&x, 1, 1, "Serving a to 10.0.0.9:1000");
	feed_thread(&x, 2, 2, "Creating new socket: 10.0.0.1:5001");
	feed_thread(&x, 2, 2, "Serving b to 10.0.0.8:1000");
	assert_true(logfeed_waits(&x.lf));
	expect(&x, "");
	feed_thread(&x, 5, 2, "Aborting transfer");
	feed_thread(&x, 5, 2, "Server thread exiting");
	feed_thread(&x, 9, 1, "End of transfer");
	feed_thread(&x, 9, 1, "Server thread exiting");
	feed_thread(&x, 10, 1, "Serving ../c to 10.0.0.9:1001");
	feed_thread(&x, 10, 1, "File name with /../ are forbidden");
	feed_thread(&x, 10, 1, "Server thread exiting");
	feed_thread(&x, 11, 1, "Serving d to 10.0.0.9:1001");
	feed_thread(&x, 11, 1, "File /srv/tftp/d not found");
	feed_thread(&x, 12, 1, "Serving e to 10.0.0.9:1001");
	feed_thread(&x, 42, 1, "client (10.0.0.9) not responding");
	feed_thread(&x, 42, 1, "End of transfer");
	feed_thread(&x, 43, 9, "End of transfer"); /* an upload's */
	expect(&x, "failed b 8 5; sent a 9 9; failed ../c 9 10; missing d 9 11; failed e 9 42; ");
	end(&x);
}

static void test_syslog(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, false);
	feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
	/* one at a time: whose end it is is plain */
	feed(&x, 1, SYS, "Serving a to 10.0.0.9:1000");
	feed(&x, 2, SYS, "End of transfer");
	feed(&x, 2, SYS, "Server thread exiting");
	expect(&x, "sent a 9 2; ");
	/* two at a time: the first end may be either's, the next question tells whose it was */
	feed(&x, 3, SYS, "Serving b to 10.0.0.9:1000");
	feed(&x, 4, SYS, "Serving c to 10.0.0.8:1000");
	feed(&x, 5, SYS, "End of transfer");
	expect(&x, "sent a 9 2; ");
	feed(&x, 6, SYS, "Serving d to 10.0.0.8:1000");
	expect(&x, "sent a 9 2; sent c 8 6; ");
	/* what names its file or its client needs no guess */
	feed(&x, 7, SYS, "File /srv/tftp/d not found");
	expect(&x, "sent a 9 2; sent c 8 6; missing d 8 7; ");
	feed(&x, 8, SYS, "Serving e to 10.0.0.8:1000");
	feed(&x, 9, SYS, "client (10.0.0.8) not responding");
	feed(&x, 9, SYS, "End of transfer"); /* e's, and none */
	feed(&x, 10, SYS, "End of transfer");
	expect(&x, "sent a 9 2; sent c 8 6; missing d 8 7; failed e 8 9; sent b 9 10; ");
	end(&x);
}

/* A client gives one up and asks on: until atftpd gives it up, too, ends are those of what it asked for since. */
static void test_syslog_given_up(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, false);
	feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
	feed(&x, 1, SYS, "Serving big to 10.0.0.9:1000");
	feed(&x, 10, SYS, "Serving a to 10.0.0.9:1001");
	feed(&x, 11, SYS, "End of transfer");
	feed(&x, 12, SYS, "Serving b to 10.0.0.9:1002");
	expect(&x, "sent a 9 12; ");
	feed(&x, 13, SYS, "End of transfer");
	feed(&x, 14, SYS, "Serving c to 10.0.0.9:1003");
	expect(&x, "sent a 9 12; sent b 9 14; ");
	/* given up: c or big */
	feed(&x, 16, SYS, "client (10.0.0.9) not responding");
	feed(&x, 16, SYS, "End of transfer");
	feed(&x, 17, SYS, "End of transfer");
	expect(&x, "sent a 9 12; sent b 9 14; asked big 9 1; asked c 9 14; ");
	end(&x);

	begin(&x, false);
	feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
	feed(&x, 1, SYS, "Serving a to 10.0.0.9:1000");
	feed(&x, 1, SYS, "Serving b to 10.0.0.8:1000");
	feed(&x, 2, SYS, "Aborting transfer");
	feed(&x, 3, SYS, "Serving c to 10.0.0.8:1001"); /* only breaks so far: b's was one */
	expect(&x, "failed b 8 3; ");
	feed(&x, 4, SYS, "End of transfer");
	feed(&x, 5, SYS, "Serving d to 10.0.0.8:1002"); /* breaks and wholes: no claim any more */
	expect(&x, "failed b 8 3; asked c 8 3; ");
	feed(&x, 6, SYS, "End of transfer");
	feed(&x, 7, SYS, "End of transfer");
	expect(&x, "failed b 8 3; asked c 8 3; asked a 9 1; asked d 8 5; ");
	feed(&x, 8, SYS, "Serving e to 10.0.0.8:1003"); /* till nobody was in waiting */
	feed(&x, 9, SYS, "End of transfer");
	expect(&x, "failed b 8 3; asked c 8 3; asked a 9 1; asked d 8 5; sent e 8 9; ");
	end(&x);
}

/* All of them have ended. */
static void test_syslog_together(void **state)
{
	static const struct {
		const char *first, *second, *want;
	} cases[] = {
		{ "End of transfer", "End of transfer", "sent a 9 4; sent b 8 4; " },
		{ "Aborting transfer", "Aborting transfer", "failed a 9 4; failed b 8 4; " },
		{ "End of transfer", "Aborting transfer", "asked a 9 1; asked b 8 2; " },
		{ "Aborting transfer", "End of transfer", "asked a 9 1; asked b 8 2; " },
		{ "End of transfer", "File /srv/tftp/b not found", "missing b 8 4; sent a 9 4; " },
		{ "Aborting transfer", "client (10.0.0.8) not responding", "failed b 8 4; failed a 9 4; " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct feeding x;

		begin(&x, i % 2);
		feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
		feed(&x, 1, SYS, "Serving a to 10.0.0.9:1000");
		feed(&x, 2, SYS, "Serving b to 10.0.0.8:1000");
		feed(&x, 3, SYS, cases[i].first);
		feed(&x, 4, SYS, cases[i].second);
		expect(&x, cases[i].want);
		end(&x);
	}
}

/* --verbose=5 and 6: no ends. What is refused is told, and waited for. */
static void test_no_ends(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, false);
	feed(&x, 1, SYS, "Serving a to 10.0.0.9:1000");
	feed(&x, 1, SYS, "Serving b to 10.0.0.8:1000");
	feed(&x, 1, SYS, "File /srv/tftp/a not found");
	feed(&x, 1, SYS, "Server thread exiting");
	expect(&x, "missing a 9 1; ");
	x.now_ms += 1000;
	assert_int_equal(logfeed_settle(&x.lf, x.now_ms, false, &x.b.e), 0);
	expect(&x, "missing a 9 1; asked b 8 1; ");
	end(&x);
}

/* No end comes: asked for is all one knows, after a while, or at the end of an old log. */
static void test_no_end(void **state)
{
	for (int replay = 0; replay < 2; replay++) {
		struct feeding x;

		(void)state;
		begin(&x, replay);
		feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
		feed(&x, 1, SYS, "Serving a to 10.0.0.9:1000");
		assert_int_equal(logfeed_settle(&x.lf, x.now_ms + 60 * SEC, true, &x.b.e), 0);
		assert_true(logfeed_waits(&x.lf) == !replay);
		assert_int_equal(logfeed_settle(&x.lf, x.now_ms + LOGFEED_TRANSFER_MS, false, &x.b.e), 0);
		expect(&x, "asked a 9 1; ");
		end(&x);
	}
}

/* More than it has places for. */
static void test_full(void **state)
{
	struct feeding x;
	char text[64];

	(void)state;
	begin(&x, true);
	feed(&x, 1, SYS, "Creating new socket: 10.0.0.1:5000");
	for (int i = 0; i <= LOGFEED_TRANSFERS_MAX; i++) {
		snprintf(text, sizeof(text), "Serving f%d to 10.0.0.%d:1000", i, 9 + i);
		feed(&x, 1, SYS, text);
	}
	expect(&x, "asked f0 9 1; ");
	logfeed_drop(&x.lf);
	end(&x);
}

#define FETCH "fetch mac=00:1b:0c:00:00:09 address=10.0.0.9 file=a bytes=100 stage=- load=-"

/* The server's line and ours of one transfer, whichever comes first; each alone. */
static void test_fetch(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, true);
	feed(&x, 1, "dnsmasq-tftp 7", "sent /srv/tftp/a to 10.0.0.9");
	feed(&x, 1, "loadstep-event 8", FETCH);
	assert_int_equal(x.lf.events, 1);
	feed(&x, 20, "loadstep-event 8", FETCH);
	feed(&x, 20, "dnsmasq-tftp 7", "sent /srv/tftp/a to 10.0.0.9");
	assert_int_equal(x.lf.events, 2);
	feed(&x, 40, "loadstep-event 8", FETCH);
	feed(&x, 50, "dnsmasq-tftp 7", "sent /srv/tftp/b to 10.0.0.9");
	expect(&x, "sent a 9 1; sent a 9 20; sent a 9 40; sent b 9 50; ");
	/* a false one */
	feed(&x, 60, "dnsmasq-tftp 7", "error 8 no received from 10.0.0.9");
	feed(&x, 60, "dnsmasq-tftp 7", "sent /srv/tftp/a to 10.0.0.9");
	feed(&x, 61, "loadstep-event 8", FETCH);
	assert_int_equal(x.lf.events, 5);
	/* whose address it was, our line tells alone */
	feed(&x, 70, "loadstep-event 8",
	     "fetch mac=00:1b:0c:00:00:77 address=10.0.0.77 file=dialplan.xml bytes=5 stage=- load=-");
	feed(&x, 71, "dnsmasq-tftp 7", "sent /srv/tftp/RINGLIST.DAT to 10.0.0.77");
	struct mac mac = { { 0, 0x1b, 0x0c, 0, 0, 0x77 } };
	struct phone p;
	assert_int_equal(state_phone_find(fleet_state(x.b.f), &mac, &p, &x.b.e), 0);
	assert_int_equal(p.address.host, 0x0a00004d);
	assert_int_equal(x.lf.events, 7);
	/* and one that was nobody's stays nobody's */
	feed(&x, 80, "loadstep-event 8", "fetch mac=- address=10.0.0.78 file=pxelinux.0 bytes=5 stage=- load=-");
	assert_int_equal(x.lf.events, 7);
	assert_int_equal(x.lf.unknown, 0);
	end(&x);
}

static void test_foreign(void **state)
{
	struct feeding x;

	(void)state;
	begin(&x, true);
	feed(&x, 1, "dnsmasq-tftp 7", "/srv/tftp/a an 10.0.0.9 verschickt");
	feed(&x, 1, "dnsmasq-tftp 7", "TFTP root is /srv/tftp");
	feed(&x, 1, "cron 7", "whatever");
	assert_int_equal(x.lf.lines, 3);
	assert_int_equal(x.lf.unknown, 3);
	assert_int_equal(x.lf.foreign, 1);
	expect(&x, "");
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads), cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_syslog_given_up),
		cmocka_unit_test(test_syslog_together), cmocka_unit_test(test_no_ends),
		cmocka_unit_test(test_no_end),	cmocka_unit_test(test_full),
		cmocka_unit_test(test_fetch),	cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
