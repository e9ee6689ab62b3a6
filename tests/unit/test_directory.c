/* SPDX-License-Identifier: MPL-2.0 */
/* The hook's directory: who gets which answer, what its file keeps, and that packets may ask while it
 * changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "directory.h"
#include "file.h"

static const char plans[] = "[plan climb]\n"
			    "models = 7940 7960 unnamed\n"
			    "stages = P00303010102 P00305000500 P00308000900\n"
			    "tftp-servers = 10.0.0.1\n"
			    "after-tftp-servers = 10.0.0.5\n"
			    "[plan plain]\n"
			    "models = 7961\n"
			    "stages = SCCP41.9-4-2SR3-1S\n"
			    "tftp-servers = 10.0.0.3\n"
			    "override = if-absent\n"
			    "[site west]\n"
			    "networks = 10.2.0.0/16\n"
			    "tftp-servers = 10.2.0.1 10.2.0.2\n"
			    "[vendor-class lobby]\n"
			    "match = Lobby Phone\n"
			    "model = 7961\n"
			    "tftp-servers = 10.0.0.9\n";

#define BARE "Cisco Systems, Inc. IP Phone"

static struct directory *new_directory(const char *text)
{
	struct directory *d = NULL;
	struct config *cfg = NULL;
	struct strbuf sb = STRBUF_INIT(65536);
	struct err e = { .text = "" };

	assert_int_equal(directory_new(&d, &e), 0);
	if (!text)
		return d;
	if (config_parse("test", text, strlen(text), NULL, &cfg, NULL, &e) < 0 ||
	    config_format_revision(cfg, &sb, &e) < 0 ||
	    directory_plans_apply(d, 0, strbuf_text(&sb), sb.len, &e) < 0)
		fail_msg("%s", e.text);
	config_free(cfg);
	strbuf_fini(&sb);
	return d;
}

static struct mac mac_no(unsigned n)
{
	return (struct mac){ { 0x00, 0x11, 0x22, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static struct ip4 ip(const char *text)
{
	struct ip4 a = { 0 };

	if (*text)
		assert_int_equal(parse_ip4("test", text, &a, NULL), 0);
	return a;
}

static void put(struct directory *d, unsigned n, const char *address, const char *plan, enum phase phase,
		uint32_t flags)
{
	struct mac mac = mac_no(n);
	struct phone p;
	struct err e;

	phone_init(&p, &mac);
	p.address = ip(address);
	text_copy(p.plan, sizeof p.plan, plan);
	text_copy(p.model, sizeof p.model, "7960");
	text_copy(p.load.s, sizeof p.load.s, "P00308000900");
	p.phase = phase;
	p.flags = flags;
	p.stage_no = 3;
	p.generation = GEN_CLASSIC;
	p.vendor = VENDOR_NAMED;
	assert_int_equal(directory_phone_put(d, &p, &e), 0);
}

static void ask(struct directory *d, unsigned mac, const char *class, const char *host, const char *giaddr,
		const char *address, struct directory_told *ret)
{
	struct directory_ask a = {
		.mac_known = mac != 0,
		.mac = mac_no(mac),
		.giaddr = ip(giaddr),
		.address = ip(address),
		.vendor_class = (const uint8_t *)class,
		.vendor_len = strlen(class),
		.hostname = (const uint8_t *)host,
		.hostname_len = strlen(host),
	};

	directory_answer(d, &a, ret);
}

static const char *servers_text(const struct answer *a, char *buf, size_t size)
{
	struct strbuf sb = STRBUF_INIT(256);
	char one[IP4_TEXT_SIZE];

	for (unsigned i = 0; a->kind == ANSWER_SERVERS && i < a->servers.n; i++)
		strbuf_addf(&sb, "%s%s", i ? " " : "", ip4_format(one, a->servers.a[i]));
	text_copy(buf, size, strbuf_text(&sb));
	strbuf_fini(&sb);
	return buf;
}

static const struct answer_case {
	const char *name;
	unsigned mac;
	const char *class, *host, *giaddr, *address;
	bool ours, held;
	const char *servers;
} answer_cases[] = {
	{ "ordinary client", 900, "MSFT 5.0", "", "", "10.1.0.9", false, false, "" },
	{ "no class", 900, "", "pc", "", "10.1.0.9", false, false, "" },
	{ "a phone of ours nobody knows yet", 901, BARE, "", "", "10.1.0.9", true, false, "" },
	{ "by class alone", 902, "Lobby Phone", "", "", "10.1.0.9", true, false, "10.0.0.9" },
	{ "no class, but named after its MAC", 903, "", "SEP001122000387", "", "10.1.0.9", true, false, "" },
	{ "no class, named after another", 903, "", "SEP001122000388", "", "10.1.0.9", false, false, "" },
	{ "another make that is named so", 903, "Cisco Systems, Inc. IP Phone CP-8841", "SEP001122000387", "",
	  "", false, false, "" },
	{ "seen, not started", 1, BARE, "", "", "10.1.0.1", true, false, "" },
	{ "offered", 2, BARE, "", "", "10.1.0.2", true, false, "10.0.0.1" },
	{ "half-flashed", 3, BARE, "", "", "10.1.0.3", true, false, "10.0.0.1" },
	{ "half-flashed, class unknown", 3, "", "", "", "10.1.0.3", true, false, "10.0.0.1" },
	{ "stuck", 4, BARE, "", "", "10.1.0.4", true, false, "10.0.0.1" },
	{ "done", 5, BARE, "", "", "10.1.0.5", true, false, "10.0.0.5" },
	{ "waiting", 6, BARE, "", "", "10.1.0.6", true, false, "" },
	{ "done, the plan names nothing for after", 7, "Lobby Phone", "", "", "10.1.0.7", true, false,
	  "10.0.0.9" },
	{ "the site by giaddr", 2, BARE, "", "10.2.0.254", "10.1.0.2", true, false, "10.2.0.1 10.2.0.2" },
	{ "the site by address", 2, BARE, "", "", "10.2.3.4", true, false, "10.2.0.1 10.2.0.2" },
	{ "an ordinary client on a phone's address", 900, "", "", "", "10.1.0.2", false, true, "" },
	{ "a phone on another's address", 1, BARE, "", "", "10.1.0.2", true, true, "" },
	{ "no MAC on a phone's address", 0, "", "", "", "10.1.0.2", false, true, "" },
	{ "a plan that is gone", 8, BARE, "", "", "10.1.0.8", true, false, "" },
};

static struct directory *filled(void)
{
	struct directory *d = new_directory(plans);

	put(d, 1, "10.1.0.1", "", PHASE_SEEN, 0);
	put(d, 2, "10.1.0.2", "climb", PHASE_OFFERED, PHONE_STARTED);
	put(d, 3, "10.1.0.3", "climb", PHASE_HALF_FLASHED, PHONE_STARTED);
	put(d, 4, "10.1.0.4", "climb", PHASE_STUCK, PHONE_STARTED | PHONE_STOPPED);
	put(d, 5, "10.1.0.5", "climb", PHASE_DONE, PHONE_STARTED);
	put(d, 6, "10.1.0.6", "climb", PHASE_WAITING, PHONE_STARTED);
	put(d, 7, "10.1.0.7", "plain", PHASE_DONE, PHONE_STARTED);
	put(d, 8, "10.1.0.8", "gone", PHASE_OFFERED, PHONE_STARTED);
	return d;
}

static void check_answers(struct directory *d, bool from_file)
{
	for (size_t i = 0; i < sizeof answer_cases / sizeof answer_cases[0]; i++) {
		const struct answer_case *c = &answer_cases[i];
		struct directory_told told;
		char got[128];

		ask(d, c->mac, c->class, c->host, c->giaddr, c->address, &told);
		if (strcmp(servers_text(&told.answer, got, sizeof got), c->servers) != 0)
			fail_msg("%s: servers \"%s\", not \"%s\"", c->name, got, c->servers);
		if (!from_file && (told.ours != c->ours || told.held_by_other != c->held))
			fail_msg("%s: ours %d, held by another %d", c->name, told.ours, told.held_by_other);
	}
}

static void test_answers(void **state)
{
	struct directory *d = filled();

	(void)state;
	check_answers(d, false);
	directory_free(d);
}

static void test_no_plans(void **state)
{
	struct directory *d = new_directory(NULL);
	struct directory_told told;

	(void)state;
	put(d, 2, "10.1.0.2", "climb", PHASE_OFFERED, PHONE_STARTED);
	ask(d, 2, BARE, "", "", "10.1.0.2", &told);
	assert_false(directory_has_plans(d));
	assert_int_equal(told.answer.kind, ANSWER_UNTOUCHED);
	assert_false(told.ours);
	directory_free(d);
}

static void test_standing_changes(void **state)
{
	struct directory *d = filled();
	struct directory_told told;
	struct mac other = mac_no(900);
	char got[64];

	(void)state;
	put(d, 2, "10.1.0.22", "climb", PHASE_DONE, PHONE_STARTED);
	ask(d, 2, BARE, "", "", "10.1.0.22", &told);
	assert_string_equal(servers_text(&told.answer, got, sizeof got), "10.0.0.5");
	assert_true(directory_concerns(d, &other, ip("10.1.0.2")) == false);
	assert_int_equal(directory_address_put(d, ip("10.1.0.2"), &other, NULL), 0);
	assert_true(directory_concerns(d, &other, ip("10.1.0.2")));
	ask(d, 900, "", "", "", "10.1.0.2", &told);
	assert_false(told.held_by_other); /* it is the holder now: its renewals are nobody's business */
	directory_free(d);
}

/* ---- the file */

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test_directory.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/directory", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return file_remove_tree(dir, NULL);
}

static void test_round_trip(void **state)
{
	struct directory *d = filled(), *back = new_directory(NULL);
	struct directory_counts c;
	struct err e;
	unsigned bad = 9;

	(void)state;
	assert_true(directory_dirty(d));
	assert_int_equal(directory_save(d, path, &e), 0);
	assert_false(directory_dirty(d));
	assert_int_equal(directory_load(back, path, &bad, &e), 0);
	assert_int_equal(bad, 0);
	assert_false(directory_dirty(back));
	check_answers(back, true);
	directory_counts(back, &c);
	assert_int_equal(c.phones, 4); /* those that get an answer; the others are as good as unknown */
	assert_int_equal(c.answers, 4);
	directory_free(d);
	directory_free(back);
}

static const struct file_case {
	const char *name, *text;
	int rc;
	unsigned bad;
	int64_t phones;
} file_cases[] = {
	{ "empty", "", -1, 0, 0 },
	{ "something else", "[store]\nurl = x\n", -1, 0, 0 },
	{ "a newer version", "loadstep-directory 2\nend 0\n", -1, 0, 0 },
	{ "no phones", "loadstep-directory 1\nrevision 0\nend 0\n", 0, 0, 0 },
	{ "no end", "loadstep-directory 1\nrevision 0\n", 0, 1, 0 },
	{ "one phone",
	  "loadstep-directory 1\nphone 00:11:22:00:00:01 phase=offered stage=1 plan=x flags=1\nend 1\n", 0, 0,
	  1 },
	{ "a bad MAC costs that line",
	  "loadstep-directory 1\nphone 00:11:22 phase=offered\nphone 00:11:22:00:00:02 phase=done\nend 2\n",
	  0, 1, 1 },
	{ "an unknown phase", "loadstep-directory 1\nphone 00:11:22:00:00:01 phase=flying\nend 1\n", 0, 1,
	  0 },
	{ "an unknown field", "loadstep-directory 1\nphone 00:11:22:00:00:01 colour=red\nend 1\n", 0, 1, 0 },
	{ "no value", "loadstep-directory 1\nphone 00:11:22:00:00:01 phase\nend 1\n", 0, 1, 0 },
	{ "stage too large", "loadstep-directory 1\nphone 00:11:22:00:00:01 stage=99\nend 1\n", 0, 1, 0 },
	{ "plan too long",
	  "loadstep-directory 1\nphone 00:11:22:00:00:01 plan=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nend 1\n",
	  0, 1, 0 },
	{ "cut in a line", "loadstep-directory 1\nphone 00:11:22:00:00:01 phase=offered\nphone 00:11:22:00:0",
	  0, 2, 1 },
	{ "plans that are none", "loadstep-directory 1\nrevision 3\n= [plan\nend 0\n", -1, 0, 0 },
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof file_cases / sizeof file_cases[0]; i++) {
		const struct file_case *c = &file_cases[i];
		struct directory *d = new_directory(NULL);
		struct directory_counts n;
		struct err e = { .text = "" };
		unsigned bad = 0;

		assert_true(file_replace(path, c->text, strlen(c->text), 0600, 0, &e) >= 0);
		int rc = directory_load(d, path, &bad, &e);

		directory_counts(d, &n);
		if (rc != c->rc || bad != c->bad || n.phones != c->phones)
			fail_msg("%s: rc %d, bad %u, phones %d: %s", c->name, rc, bad, (int)n.phones, e.text);
		directory_free(d);
	}
}

static void test_no_file(void **state)
{
	struct directory *d = new_directory(NULL);
	struct err e;
	unsigned bad;

	(void)state;
	assert_int_equal(directory_load(d, "/nonexistent/directory", &bad, &e), 1);
	assert_int_equal(directory_save(d, "/nonexistent/directory", &e), -1);
	directory_free(d);
}

/* A revision of the store is newer than the configuration file; the file's own plans are not. */
static void test_whose_plans(void **state)
{
	static const struct {
		const char *name;
		int64_t revision;
		bool have_own;
		const char *servers;
	} cases[] = {
		{ "nothing of one's own", 0, false, "10.0.0.9" },
		{ "one's own against the file's copy", 0, true, "10.0.0.77" },
		{ "one's own against a revision", 4, true, "10.0.0.9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct directory *d = new_directory(plans);
		struct directory *back;
		struct strbuf sb = STRBUF_INIT(65536), with = STRBUF_INIT(65536);
		struct directory_told told;
		struct err e;
		unsigned bad;
		char got[64];

		assert_int_equal(directory_save(d, path, &e), 0);
		assert_int_equal(file_read(path, 65536, &sb, &e), 0);
		strbuf_addf(&with, "loadstep-directory 1\nrevision %d\n%s", (int)cases[i].revision,
			    strstr(strbuf_text(&sb), "\n= ") + 1);
		assert_true(file_replace(path, strbuf_text(&with), with.len, 0600, 0, &e) >= 0);
		back = new_directory(cases[i].have_own
					     ? "[vendor-class lobby]\nmatch = Lobby Phone\nmodel = 7961\n"
					       "tftp-servers = 10.0.0.77\n"
					     : NULL);
		assert_int_equal(directory_load(back, path, &bad, &e), 0);
		ask(back, 900, "Lobby Phone", "", "", "10.1.0.9", &told);
		if (strcmp(servers_text(&told.answer, got, sizeof got), cases[i].servers) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		strbuf_fini(&sb);
		strbuf_fini(&with);
		directory_free(d);
		directory_free(back);
	}
}

/* ---- many, and at once */

struct reader {
	struct directory *d;
	bool stop;
	int64_t asked, wrong;
};

static void *read_all_day(void *arg)
{
	struct reader *r = arg;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		struct directory_told told;

		ask(r->d, 2, BARE, "", "", "10.1.0.2", &told);
		r->asked++;
		r->wrong += told.answer.kind != ANSWER_SERVERS;
	}
	return NULL;
}

static void test_asked_while_it_grows(void **state)
{
	struct directory *d = filled();
	struct reader r[2] = { { .d = d }, { .d = d } };
	struct directory_counts c;
	pthread_t t[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, read_all_day, &r[i]), 0);
	for (unsigned n = 1000; n < 21000; n++) {
		char address[IP4_TEXT_SIZE];

		put(d, n, ip4_format(address, (struct ip4){ 0x0a100000u + n }), "climb", PHASE_OFFERED,
		    PHONE_STARTED);
		if (n % 5000 == 0) {
			struct strbuf sb = STRBUF_INIT(65536);
			struct config *cfg = NULL;

			assert_int_equal(config_parse("test", plans, strlen(plans), NULL, &cfg, NULL, NULL),
					 0);
			assert_int_equal(config_format_revision(cfg, &sb, NULL), 0);
			assert_int_equal(directory_plans_set(d, cfg, n, strbuf_text(&sb), NULL), 0);
			strbuf_fini(&sb);
		}
	}
	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&r[i].stop, true, __ATOMIC_RELAXED);
		pthread_join(t[i], NULL);
		assert_true(r[i].asked > 0);
		assert_int_equal(r[i].wrong, 0);
	}
	directory_counts(d, &c);
	assert_int_equal(c.phones, 20008);
	check_answers(d, false);
	directory_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_plans),
		cmocka_unit_test(test_standing_changes),
		cmocka_unit_test_setup_teardown(test_round_trip, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_files, make_dir, remove_dir),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test_setup_teardown(test_whose_plans, make_dir, remove_dir),
		cmocka_unit_test(test_asked_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
