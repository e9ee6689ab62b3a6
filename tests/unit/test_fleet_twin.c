/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dnsmasq's script and its log tell of the same transfers: whoever comes second, late or never, each counts once and
 * with the log's time; a backlog of scripts, newest first, leaves nobody half-flashed who is not.
 */
#include "fleet_fixture.h"

#define LOG_ROUNDS_UP 999

static const char plan_sip[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\n";

/* One transfer, and when each of the two says that it was. */
struct transfer {
	const char *file;
	int64_t bytes;
	int64_t took_place_s; /* the log's stamp */
	int64_t script_s;     /* the script's; 0 = it never runs */
};

static struct file_event event_of(struct bench *b, char path[static 512], const struct transfer *t, bool from_log)
{
	/* a script in time ran at the end of that second, which is what a log's stamp is taken for */
	int64_t script_ms = T0 + t->script_s * SEC + LOG_ROUNDS_UP;

	snprintf(path, 512, "%s/tftp/10.0.0.20/%s", b->dir, t->file);
	return (struct file_event){ .kind = EVENT_SENT,
				    .at_ms = from_log ? T0 + t->took_place_s * SEC : script_ms,
				    .client = ip_n(20),
				    .path = path,
				    .bytes = from_log ? -1 : t->bytes,
				    .from_log = from_log };
}

#define NOW_S 120

/* What happened before is heard now. */
static void hear(struct bench *b, const struct file_event *fe)
{
	struct file_verdict v;

	if (fleet_batch_begin(b->f, T0 + NOW_S * SEC, &b->e) < 0 || fleet_on_file(b->f, fe, &v, &b->e) != 0 ||
	    fleet_batch_end(b->f, &b->e) < 0)
		fail_msg("%s: %s", fe->path, b->e.text);
}

static void tell(struct bench *b, const struct transfer *t, bool from_log)
{
	char path[512];
	struct file_event fe = event_of(b, path, t, from_log);

	hear(b, &fe);
}

struct listed {
	unsigned n;
	struct history h[64];
};

static int list_one(void *arg, const struct history *h, struct err *e)
{
	struct listed *l = arg;

	(void)e;
	if (h->file[0] && l->n < 64)
		l->h[l->n++] = *h;
	return 0;
}

static void list(struct bench *b, struct listed *ret)
{
	ret->n = 0;
	assert_int_equal(state_history_list(fleet_state(b->f), 0, 0, 0, list_one, ret, &b->e), 0);
}

/* A phone with a universal loader climbs to SIP while dnsmasq has a backlog of scripts: what was sent at 5 to 75
 * seconds is told from 80 on, newest first. */
static const struct transfer backlog[] = {
	{ "XMLDefault.cnf.xml", 23, 2, 112 }, { L4 ".loads", 458, 3, 108 },
	{ "P003-8-12-00.sbn", 130956, 5, 104 }, { "XMLDefault.cnf.xml", 23, 34, 100 },
	{ L4 ".loads", 458, 35, 96 },	      { L4 ".sb2", 756524, 40, 92 },
	{ "SIPDefault.cnf", 100, 75, 80 },
};
#define N_BACKLOG (sizeof(backlog) / sizeof(backlog[0]))

static void power_on(struct bench *b)
{
	bench_open(b, plan_sip);
	boot(b, 1, 20, NAMED, 0);
	expect_phone(b, 1, PHASE_OFFERED, L4);
	wait_until(b, 1, 32);
	boot(b, 1, 20, NAMED, 33);
	wait_until(b, 34, 73);
	boot(b, 1, 20, NAMED, 74);
	wait_until(b, 75, NOW_S);
}

static void test_a_backlog_newest_first(void **state)
{
	(void)state;
	struct bench b;

	power_on(&b);
	for (size_t i = N_BACKLOG; i-- > 0;)
		tell(&b, &backlog[i], false);
	expect_phone(&b, 1, PHASE_HALF_FLASHED, L4); /* by the script's word alone: its loader came last */
	for (size_t i = 0; i < N_BACKLOG; i++)
		tell(&b, &backlog[i], true);
	expect_phone(&b, 1, PHASE_DONE, L4);
	struct phone p = get(&b, 1);

	assert_string_equal(p.running, L4);
	assert_int_equal(p.running_by, RUNNING_BY_PROOF);
	bench_close(&b);
}

/* The log was read first, as it is when the scripts are late: their events are no news, whenever they come. */
static void test_the_log_first(void **state)
{
	(void)state;
	struct bench b;
	struct listed l;

	power_on(&b);
	for (size_t i = 0; i < N_BACKLOG; i++)
		tell(&b, &backlog[i], true);
	expect_phone(&b, 1, PHASE_DONE, L4);
	struct phone before = get(&b, 1);

	for (size_t i = N_BACKLOG; i-- > 0;)
		tell(&b, &backlog[i], false);
	struct phone after = get(&b, 1);

	assert_memory_equal(&before.evidence, &after.evidence, sizeof(before.evidence));
	list(&b, &l);
	assert_int_equal(l.n, N_BACKLOG);
	for (unsigned i = 0; i < l.n; i++) {
		assert_int_equal(l.h[i].at_ms, T0 + backlog[i].took_place_s * SEC);
		assert_true(l.h[i].bytes > 0); /* which only the script knows */
		assert_true(l.h[i].twin_ms >= T0 + 80 * SEC);
	}
	bench_close(&b);
}

/* A log is read in its order and scripts run in the order of their stamps, but how the two interleave is chance, as is
 * which transfer a script tells of: the evidence is the log's. Files of one stage that prove nothing, so that the stage
 * stays and nothing is cut off. */
static void test_any_interleaving_gives_the_logs_times(void **state)
{
	(void)state;
	static const struct transfer files[] = {
		{ "XMLDefault.cnf.xml", 23, 2, 60 }, { L4 ".loads", 458, 3, 41 },
		{ "P003-8-12-00.sbn", 130956, 5, 5 }, { "XMLDefault.cnf.xml", 23, 34, 36 },
		{ L4 ".loads", 458, 35, 35 },	     { "RINGLIST.DAT", 10, 36, 0 },
	};
	enum { N = sizeof(files) / sizeof(files[0]) };
	static const unsigned scripts[] = { 2, 4, 3, 1, 0 }; /* by their stamps */
	uint32_t seed = 2463534242u;
	struct evidence want;
	struct bench b;

	power_on(&b);
	for (unsigned i = 0; i < N; i++)
		tell(&b, &files[i], true);
	want = get(&b, 1).evidence;
	bench_close(&b);
	for (int round = 0; round < 60; round++) {
		unsigned log = 0, script = 0;

		power_on(&b);
		while (log < N || script < N - 1) {
			seed = seed * 1664525u + 1013904223u;
			bool from_log = script == N - 1 || (log < N && seed >> 31);

			tell(&b, &files[from_log ? log++ : scripts[script++]], from_log);
		}
		tell(&b, &files[(unsigned)round % N], true); /* a line read again */
		struct evidence got = get(&b, 1).evidence;

		if (memcmp(&got, &want, sizeof(want)) != 0)
			fail_msg("round %d: other evidence than the log's", round);
		bench_close(&b);
	}
}

/* dnsmasq says sent where the client had answered with an error (D§2); its log has both lines. */
static void test_the_log_unmasks_what_was_not_sent(void **state)
{
	(void)state;
	const struct transfer app = { L4 ".sb2", 756524, 40, 40 };
	char path[512];
	struct listed l;
	struct bench b;

	for (int log_first = 0; log_first < 2; log_first++) {
		power_on(&b);
		struct file_event fe = event_of(&b, path, &app, true);

		fe.kind = EVENT_FAILED;
		fe.unmasks = true;
		if (!log_first) {
			tell(&b, &app, false);
			expect_phone(&b, 1, PHASE_CHECKING, L4); /* as if it had gone out */
		}
		hear(&b, &fe);
		if (log_first)
			tell(&b, &app, false);
		expect_phone(&b, 1, PHASE_DOWNLOADING, L4);
		struct phone p = get(&b, 1);

		assert_int_equal(times_latest(&p.evidence.file[FILE_CLASS_APP][OUTCOME_SENT]), 0);
		assert_int_equal(times_latest(&p.evidence.file[FILE_CLASS_APP][OUTCOME_FAILED]),
				 T0 + 40 * SEC + LOG_ROUNDS_UP);
		list(&b, &l);
		assert_int_equal(l.n, log_first ? 1 : 2); /* what the script had said stays */
		assert_int_equal(l.h[l.n - 1].kind, EVENT_FAILED);
		assert_int_equal(l.h[l.n - 1].bytes, -1);
		bench_close(&b);
	}
}

/* A line is read a second time, as after a lost place in the log: it counts once; the next transfer counts too. */
static void test_a_line_read_twice(void **state)
{
	(void)state;
	const struct transfer first = { "XMLDefault.cnf.xml", 23, 2, 2 }, second = { "XMLDefault.cnf.xml", 23, 4, 4 };
	struct listed l;
	struct bench b;

	power_on(&b);
	tell(&b, &first, false);
	tell(&b, &first, true);
	tell(&b, &second, true); /* its script's event was lost */
	tell(&b, &first, true);
	tell(&b, &second, true);
	list(&b, &l);
	assert_int_equal(l.n, 2);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_backlog_newest_first),
		cmocka_unit_test(test_the_log_first),
		cmocka_unit_test(test_any_interleaving_gives_the_logs_times),
		cmocka_unit_test(test_the_log_unmasks_what_was_not_sent),
		cmocka_unit_test(test_a_line_read_twice),
	};

	return cmocka_run_group_tests_name("fleet_twin", tests, NULL, NULL);
}
