/* SPDX-License-Identifier: MPL-2.0 */
/* May its power be cut, and how long not: phones as their evidence shows them. */
#include "unplug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "strbuf.h"

#define SEC INT64_C(1000)
#define T0 INT64_C(1700000000000)

static const struct limits limits = {
	.loader = 120 * SEC,
	.app = 180 * SEC,
	.stage_classic = 600 * SEC,
	.stage_java = 1500 * SEC,
	.order_window = 5 * SEC,
};

static struct times *times_of(struct evidence *e, const char *what)
{
	static const char *const outcomes[OUTCOME_COUNT] = { "asked", "sent", "missing", "failed" };
	const char *slash = strchr(what, '/');
	char name[32];
	enum file_class c;

	if (strcmp(what, "boot") == 0)
		return &e->boot;
	if (strcmp(what, "registered") == 0)
		return &e->witness[WITNESS_PLAIN];
	snprintf(name, sizeof(name), "%.*s", slash ? (int)(slash - what) : 0, what);
	for (int o = 0; slash && file_class_parse(name, &c) == 0 && o < OUTCOME_COUNT; o++)
		if (strcmp(slash + 1, outcomes[o]) == 0)
			return &e->file[c][o];
	fail_msg("%s: no evidence", what);
	return NULL;
}

/* What was seen, and when, in seconds: "app/sent=10 boot=50". */
static void evidence_of(const char *text, struct evidence *ret)
{
	char what[32];
	int at, used;

	for (; sscanf(text, " %31[^=]=%d%n", what, &at, &used) == 2; text += used)
		times_add(times_of(ret, what), T0 + at * SEC);
}

static const struct scene {
	const char *name;
	enum phase phase;
	const char *load;
	const char *evidence;
	int now_s;
	int left_s; /* 0 = it may be unplugged */
} scenes[] = {
	{ "seen, never asked for anything", PHASE_SEEN, "", "", 0, 0 },
	{ "seen, reads its configuration", PHASE_SEEN, "", "xmldefault/sent=0", 1, 0 },
	{ "nobody started it, and it flashes all the same", PHASE_SEEN, "P0S3-8-12-00", "app/sent=0", 10,
	  59 },
	{ "it is back", PHASE_SEEN, "P0S3-8-12-00", "app/sent=0 boot=50", 60, 0 },
	{ "back, without DHCP: it reads its configuration", PHASE_SEEN, "P0S3-8-12-00",
	  "app/sent=0 ctlsep/missing=50", 60, 0 },
	{ "what it read just before is no sign", PHASE_SEEN, "P0S3-8-12-00", "app/sent=2 ctlsep/missing=5",
	  10, 61 },
	{ "it was long ago", PHASE_SEEN, "P0S3-8-12-00", "app/sent=0", 180, 0 },
	{ "a list alone", PHASE_WAITING, "P0S3-8-12-00", "manifest/sent=0", 1, 0 },
	{ "offered, idle", PHASE_OFFERED, "P00308000900", "boot=0 xmldefault/sent=5", 6, 0 },
	{ "offered a single image, and has just read so", PHASE_OFFERED, "P00303010102",
	  "boot=0 os79xx/sent=5", 6, 60 },
	{ "and took none of it", PHASE_OFFERED, "P00303010102", "boot=0 os79xx/sent=5", 65, 0 },
	{ "downloads: nothing is known of when", PHASE_DOWNLOADING, "P0S3-8-12-00", "", 100, 112 },
	{ "downloads, two parts", PHASE_DOWNLOADING, "P0S3-8-12-00", "manifest/sent=0", 12, 100 },
	{ "downloads, java", PHASE_DOWNLOADING, "SCCP70.9-4-2S", "manifest/sent=0", 20, 400 },
	{ "downloads, java, a member is out", PHASE_DOWNLOADING, "SCCP70.9-4-2S",
	  "manifest/sent=0 member/sent=10", 20, 410 },
	{ "half-flashed", PHASE_HALF_FLASHED, "P0S3-8-12-00", "manifest/sent=0 loader/sent=3", 13, 100 },
	{ "half-flashed, the loader is back: not over", PHASE_HALF_FLASHED, "P0S3-8-12-00",
	  "loader/sent=3 boot=35 ctlsep/missing=36", 43, 70 },
	{ "half-flashed, past the usual: its limit counts", PHASE_HALF_FLASHED, "P0S3-8-12-00",
	  "loader/sent=0", 115, 5 },
	{ "flashing", PHASE_FLASHING, "P0S3-8-12-00", "loader/sent=0 app/sent=50", 60, 59 },
	{ "flashing, past the usual", PHASE_FLASHING, "P0S3-8-12-00",
	  "manifest/sent=-40 loader/sent=-30 app/sent=0", 80, 100 },
	{ "flashing, past the stage's limit first", PHASE_FLASHING, "P0S3-8-12-00",
	  "manifest/sent=0 app/sent=500", 570, 30 },
	{ "flashing, past all limits: nobody has told the engine", PHASE_FLASHING, "P0S3-8-12-00",
	  "app/sent=0", 9999, 1 },
	{ "flashing, a clock ahead of us", PHASE_FLASHING, "P0S3-8-12-00", "app/sent=500", 0, 69 },
	{ "flashing, java", PHASE_FLASHING, "SCCP70.9-4-2S", "member/sent=0", 84, 300 },
	{ "flashing, java, past the usual", PHASE_FLASHING, "SCCP70.9-4-2S",
	  "manifest/sent=0 member/sent=100", 600, 900 },
	{ "checking: it has booted", PHASE_CHECKING, "P0S3-8-12-00", "app/sent=0 boot=60", 61, 0 },
	{ "checking, and it fetches once more", PHASE_CHECKING, "P0S3-8-12-00", "app/sent=100 boot=60", 101,
	  68 },
	{ "done", PHASE_DONE, "P0S3-8-12-00", "app/sent=0 boot=60 sipdefault/sent=70", 71, 0 },
	{ "done, and sent back: it takes another load", PHASE_DONE, "P0S3-8-12-00",
	  "app/sent=0 boot=60 other-stage/sent=500", 510, 59 },
	{ "stuck, silent", PHASE_STUCK, "P0S3-8-12-00", "app/sent=0", 180, 0 },
	{ "stuck, half a load in it, silent: power-cycle it", PHASE_STUCK, "P0S3-8-12-00", "loader/sent=0",
	  180, 0 },
	{ "stuck, and the loader goes in once more", PHASE_STUCK, "P0S3-8-12-00", "loader/sent=0 boot=40", 50,
	  60 },
	{ "stuck, transfers break off, it tries on", PHASE_STUCK, "P0S3-8-12-00", "app/failed=0", 10, 59 },
	{ "stuck, its application is not there", PHASE_STUCK, "P0S3-8-12-00", "loader/sent=0 app/missing=40",
	  50, 0 },
	{ "stuck, java, boot code asks on for its default load", PHASE_STUCK, "SCCP70.9-4-2S", "term/sent=0",
	  5, 0 },
	{ "stuck, java, writes for long", PHASE_STUCK, "SCCP70.9-4-2S", "manifest/sent=-80 member/sent=0",
	  1499, 1 },
	{ "stuck, and registers", PHASE_STUCK, "SCCP70.9-4-2S", "member/sent=0 registered=300", 301, 0 },
};

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *s = &scenes[i];
		struct phone p;
		struct unplug u;

		phone_init(&p, NULL);
		p.phase = s->phase;
		(void)text_copy(p.load.s, sizeof(p.load.s), s->load);
		evidence_of(s->evidence, &p.evidence);
		phone_unplug(&p, NULL, &limits, T0 + s->now_s * SEC, &u);
		if (u.may != (s->left_s == 0) || u.left_ms != s->left_s * SEC)
			fail_msg("%s: %s, %lld ms", s->name, u.may ? "yes" : "no", (long long)u.left_ms);
		assert_int_equal(phone_may_be_unplugged(&p, NULL, &limits, T0 + s->now_s * SEC), u.may);
	}
}

/* The plan's manifest says what a name does not: this load is java's. */
static void test_plan_says(void **state)
{
	struct plan pl = { .name = "x", .n_stages = 1 };
	struct phone p;
	struct unplug u;

	(void)state;
	phone_init(&p, NULL);
	p.phase = PHASE_FLASHING;
	p.stage_no = 1;
	(void)text_copy(p.load.s, sizeof(p.load.s), "our-own-load");
	pl.stages[0] = (struct loadset){ .load = p.load, .generation = GEN_JAVA, .kind = LOAD_JAVA };
	evidence_of("member/sent=0", &p.evidence);
	phone_unplug(&p, &pl, &limits, T0 + 4 * SEC, &u);
	assert_int_equal(u.left_ms, 380 * SEC);
	phone_unplug(&p, NULL, &limits, T0 + 4 * SEC, &u);
	assert_int_equal(u.left_ms, 65 * SEC);
	p.generation = GEN_JAVA;
	phone_unplug(&p, NULL, &limits, T0 + 4 * SEC, &u);
	assert_int_equal(u.left_ms, 380 * SEC);
}

/* Each kind of load has its times, and they fit together. */
static void test_paces(void **state)
{
	(void)state;
	for (int k = LOAD_KIND_UNKNOWN; k <= LOAD_JAVA; k++) {
		struct loadset ls = { .kind = (enum load_kind)k };
		const struct pace *pace = loadset_pace(&ls);

		assert_true(pace->low_s > 0 && pace->low_s < pace->high_s && pace->text[0]);
		assert_true(pace->after_last_s <= pace->after_loader_s &&
			    pace->after_loader_s <= pace->high_s);
		assert_true(k == LOAD_KIND_UNKNOWN || pace->kind == (enum load_kind)k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_plan_says),
		cmocka_unit_test(test_paces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
