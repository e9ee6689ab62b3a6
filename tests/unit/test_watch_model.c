/* SPDX-License-Identifier: MPL-2.0 */
/* The rows of `watch`, their order, filter, counts, throughput and time left. */
#include "watch_model.h"

#include "watch_fixture.h"
#include "watch_page.h"
#include "watch_text.h"

/* ---- one row */

static const struct scene {
	const char *name, *plan, *load;
	int stage_no;
	enum phase phase;
	const char *evidence;
	const char *stages, *files; /* as they are drawn without Unicode */
} scenes[] = {
	{ "seen, in no plan", "", "", 0, PHASE_SEEN, "", "", "" },
	{ "waiting", "ladder", "", 0, PHASE_WAITING, "", "....", "" },
	{ "offered a single image", "ladder", "P00303010102", 1, PHASE_OFFERED, "xmldefault/sent=1", ">...",
	  " " },
	{ "has the image", "ladder", "P00303010102", 1, PHASE_FLASHING, "image/sent=9", ">...", "#" },
	{ "5.x code asks for the signed name", "ladder", "P00303010102", 1, PHASE_OFFERED,
	  "signed-name/missing=9", ">...", "?" },
	{ "manifest", "ladder", "P00308000900", 3, PHASE_DOWNLOADING, "manifest/sent=9", "##>.", "#  " },
	{ "loader", "ladder", "P00308000900", 3, PHASE_HALF_FLASHED, "manifest/sent=9 loader/sent=20", "##>.",
	  "## " },
	{ "all of it", "ladder", "P00308000900", 3, PHASE_FLASHING,
	  "manifest/sent=9 loader/sent=20 app/sent=40", "##>.", "###" },
	{ "it has the loader already", "ladder", "P0S3-8-12-00", 4, PHASE_FLASHING,
	  "manifest/sent=9 app/sent=40", "###>", "#=#" },
	{ "the application broke off", "ladder", "P0S3-8-12-00", 4, PHASE_HALF_FLASHED,
	  "manifest/sent=9 loader/sent=20 app/failed=40", "###>", "##x" },
	{ "and went out in the end", "ladder", "P0S3-8-12-00", 4, PHASE_FLASHING,
	  "manifest/sent=9 loader/sent=20 app/failed=40 app/sent=60", "###>", "###" },
	{ "the manifest is not there", "ladder", "P0S3-8-12-00", 4, PHASE_STUCK, "manifest/missing=9", "###!",
	  "?  " },
	{ "done", "ladder", "P0S3-8-12-00", 4, PHASE_DONE, "manifest/sent=9 app/sent=40 boot=90", "####",
	  "#=#" },
	{ "tftpd-hpa: asked for is half", "ladder", "P0S3-8-12-00", 4, PHASE_DOWNLOADING, "manifest/asked=9",
	  "###>", "-  " },
	{ "the next question ends the one before", "ladder", "P0S3-8-12-00", 4, PHASE_HALF_FLASHED,
	  "manifest/asked=9 loader/asked=20", "###>", "#- " },
	{ "and so does its silence", "ladder", "P0S3-8-12-00", 4, PHASE_CHECKING,
	  "manifest/asked=9 loader/asked=20 app/asked=40 boot=99", "###>", "###" },
	{ "java", "java", "SIP41.8-5-4S", 2, PHASE_DOWNLOADING, "manifest/sent=9 member/sent=20 member-2=20",
	  "#>", "# # " },
	{ "java: what has not changed is not fetched", "java", "SIP41.8-5-4S", 2, PHASE_FLASHING,
	  "manifest/sent=9 member/sent=20 member-2=20", "#>", "#=#=" },
	{ "java after a factory reset: the default list is its manifest", "java", "SIP41.8-5-4S", 2,
	  PHASE_DOWNLOADING, "term/sent=9", "#>", "#   " },
	{ "java at tftpd-hpa", "java", "SIP41.8-5-4S", 2, PHASE_DOWNLOADING,
	  "manifest/asked=9 member/asked=20 member-1=20", "#>", "#-  " },
	{ "a plan that is not in force", "gone", "P00308000900", 3, PHASE_DOWNLOADING, "manifest/sent=9", "",
	  "#  " },
	{ "a load of no known kind", "gone", "SOMETHING", 1, PHASE_DOWNLOADING, "manifest/sent=9", "", "#" },
	{ "a load that left its plan", "ladder", "P00307000100", 3, PHASE_DOWNLOADING, "manifest/sent=9",
	  "##>.", "#  " },
};

static void glyphs(char *buf, size_t size, uint32_t first, const uint8_t *a, unsigned n)
{
	char text[GLYPH_TEXT_SIZE];
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s",
				       watch_glyph_text(text, first + a[i], false));
}

static void test_rows(void **state)
{
	struct config *c = watch_config();

	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		const struct scene *s = &scenes[i];
		struct phone p = phone_at(1, s->plan, s->stage_no, s->load, s->phase);
		char stages[64], files[64];
		uint8_t steps[PLAN_STAGES_MAX];
		struct watch_row r = { .id = 0 };

		see(&p, s->evidence);
		watch_row_fill(&r, &p, config_plan(c, p.plan), &c->limits, 0, NULL);
		for (int n = 1; n <= r.stages; n++)
			steps[n - 1] = (uint8_t)watch_row_step(&r, n);
		glyphs(stages, sizeof(stages), GLYPH_STEPS, steps, (unsigned)r.stages);
		glyphs(files, sizeof(files), GLYPH_BOXES, r.boxes, r.n_boxes);
		if (strcmp(stages, s->stages) != 0 || strcmp(files, s->files) != 0)
			fail_msg("%s: stages \"%s\", files \"%s\"", s->name, stages, files);
	}
	config_free(c);
}

static void test_members_in_trouble(void **state)
{
	struct config *c = watch_config();
	struct phone p = phone_at(1, "java", 2, "SIP41.8-5-4S", PHASE_STUCK);
	struct watch_row r = { .id = 0 };
	char files[64];

	(void)state;
	see(&p, "manifest/sent=9 member/sent=20 member-1=20 member/missing=30");
	watch_row_fill(&r, &p, config_plan(c, "java"), &c->limits, 0,
		       &(struct watch_trouble){ 1u << 1, 1u << 2 });
	glyphs(files, sizeof(files), GLYPH_BOXES, r.boxes, r.n_boxes);
	assert_string_equal(files, "##?x");
	assert_int_equal(watch_row_sent(&r), 2);
	config_free(c);
}

static void test_box_of(void **state)
{
	struct config *c = watch_config();
	static const struct {
		int plan, stage;
		const char *file;
		int box;
	} a[] = {
		{ 0, 0, "P00303010102.bin", 0 },   { 0, 1, "P00305000500.sbn", 0 },
		{ 0, 2, "P00308000900.loads", 0 }, { 0, 2, "P00308000900.sbn", 1 },
		{ 0, 2, "P00308000900.sb2", 2 },   { 0, 3, "P003-8-12-00.sbn", 1 },
		{ 0, 3, "P00308000900.sb2", -1 },  { 0, 0, "P00303010102.loads", -1 },
		{ 0, 3, "RINGLIST.DAT", -1 },	   { 0, 3, "", -1 },
		{ 1, 1, "SIP41.8-5-4S.loads", 0 }, { 1, 1, "apps41.sbn", 3 },
		{ 1, 1, "dsp41.sbn", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(a); i++)
		assert_int_equal(watch_box_of(&c->plans[a[i].plan].stages[a[i].stage], a[i].file), a[i].box);
	config_free(c);
}

static void test_foreign_text_is_escaped(void **state)
{
	struct phone p = phone_at(1, "\033]0;owned\a", 1, "\033[2J", PHASE_OFFERED);
	struct watch_row r = { .id = 0 };
	struct limits lim = { .quiet = 0 };

	(void)state;
	(void)text_copy(p.model, sizeof(p.model), "\x9b\xff");
	(void)text_copy(p.running, sizeof(p.running), "\r\nX");
	watch_row_fill(&r, &p, NULL, &lim, 0, NULL);
	assert_string_equal(r.plan, "\\x1b]0;owned\\x07");
	assert_string_equal(r.load, "\\x1b[2J");
	assert_string_equal(r.model, "\\x9b\\xff");
	assert_string_equal(r.running, "\\r\\nX");
}

static void test_words(void **state)
{
	struct watch_row r = { .phase = PHASE_STUCK, .cause = CAUSE_IMAGE_REJECTED, .flags = PHONE_LATE };
	char text[64];
	struct err e;

	(void)state;
	watch_row_phase(&r, text, sizeof(text));
	assert_string_equal(text, "stuck: image-rejected, late");
	watch_row_phase(&r, text, 10);
	assert_string_equal(text, "stuck: im");
	/* what the phase does not say */
	assert_int_equal(watch_row_hold(&r, &(struct phone){ .id = 1 }, &e), 0);
	watch_row_phase(&r, text, sizeof(text));
	assert_string_equal(text, "stuck: image-rejected, late, writing flash");
	r.phase = PHASE_FLASHING;
	watch_row_phase(&r, text, sizeof(text));
	assert_string_equal(text, "flashing: image-rejected, late");
	watch_row_release(&r);
	watch_cause_short(CAUSE_WRONG_FAMILY, text, sizeof(text));
	assert_null(strchr(text, ';'));
	/* each cause has something to do about it, before its first semicolon */
	for (int k = CAUSE_NONE + 1; k < CAUSE_COUNT; k++) {
		watch_cause_short((enum cause)k, text, sizeof(text));
		assert_true(strlen(text) > 5);
	}
}

/* ---- how long */

static struct span left_of(const struct config *c, struct phone *p, const char *evidence, int64_t now_ms)
{
	struct watch_row r = { .id = 0 };
	struct span s = { -1, -1 };

	see(p, evidence);
	watch_row_fill(&r, p, config_plan(c, p->plan), &c->limits, 0, NULL);
	(void)watch_row_left(&r, now_ms, &s);
	return s;
}

static void test_left(void **state)
{
	struct config *c = watch_config();
	struct phone p = phone_at(1, "ladder", 4, "P0S3-8-12-00", PHASE_DOWNLOADING);
	struct span s = left_of(c, &p, "manifest/sent=0", T0 + 10 * SEC);

	(void)state;
	/* two parts 75 to 112 s, and a classic SIP application proves itself */
	assert_int_equal(s.low_ms, 65 * SEC);
	assert_int_equal(s.high_ms, 102 * SEC);
	s = left_of(c, &p, "manifest/sent=0", T0 + 500 * SEC);
	assert_int_equal(s.high_ms, 0);
	p.phase = PHASE_OFFERED;
	s = left_of(c, &p, "", T0 + 500 * SEC);
	assert_int_equal(s.high_ms, 112 * SEC); /* it does not pass while it waits for the phone */
	/* the stage before: as long, its proof, and until the phone looks again */
	p = phone_at(1, "ladder", 3, "P00308000900", PHASE_CHECKING);
	s = left_of(c, &p, "app/sent=0 boot=60", T0 + 20 * SEC);
	assert_int_equal(s.low_ms, (100 + 30 + 75) * SEC);
	assert_int_equal(s.high_ms, (100 + 30 + 34 + 112) * SEC);
	p.flags |= PHONE_STOPPED;
	s = left_of(c, &p, "app/sent=0 boot=60", T0 + 20 * SEC);
	assert_int_equal(s.high_ms, 100 * SEC);
	p.flags = PHONE_STARTED | PHONE_PROVEN;
	s = left_of(c, &p, "app/sent=0 boot=60", T0 + 20 * SEC);
	assert_int_equal(s.high_ms, (30 + 34 + 112) * SEC);
	p = phone_at(1, "ladder", 3, "P00308000900", PHASE_STUCK);
	assert_int_equal(left_of(c, &p, "", T0).high_ms, -1);
	p = phone_at(1, "gone", 3, "P00308000900", PHASE_OFFERED);
	assert_int_equal(left_of(c, &p, "", T0).high_ms, -1);
	p = phone_at(1, "ladder", 0, "", PHASE_WAITING);
	assert_int_equal(left_of(c, &p, "", T0).high_ms, 112 * SEC); /* it has a universal loader */
	p.vendor = VENDOR_BARE;
	assert_true(left_of(c, &p, "", T0).high_ms > 10 * MIN);
	config_free(c);
}

/* Two at a time: three phones of the same length take two of them. */
static void test_rollout(void **state)
{
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(256);
	struct config *c = watch_config();

	(void)state;
	watch_settle(&m, c, T0);
	watch_left_text(&m, T0, &sb);
	assert_string_equal(strbuf_text(&sb), "time left: nobody is on the way");
	for (unsigned n = 1; n <= 4; n++) {
		struct phone p =
			phone_at(n, "ladder", 4, "P0S3-8-12-00", n < 4 ? PHASE_OFFERED : PHASE_STUCK);

		watch_put(&m, c, &p);
	}
	watch_settle(&m, c, T0);
	assert_int_equal(m.on_way, 3);
	assert_int_equal(m.left.low_ms, 2 * 75 * SEC);
	assert_int_equal(m.left.high_ms, 2 * 112 * SEC);
	strbuf_reset(&sb);
	watch_left_text(&m, T0, &sb);
	assert_non_null(strstr(strbuf_text(&sb), "time left: about 3 to 4 min ("));
	config_free(c);
}

/* ---- the fleet */

static void shown_are(struct watch_model *m, const char *want)
{
	char got[128] = "";
	size_t at = 0;

	watch_model_order(m);
	for (size_t i = 0; i < m->n_shown; i++)
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%lld", i ? " " : "",
				       (long long)m->rows[m->shown[i]].id);
	assert_string_equal(got, want);
}

static void make_fleet(struct watch_model *m, struct config *c)
{
	struct phone a[] = {
		phone_at(1, "ladder", 4, "P0S3-8-12-00", PHASE_DONE),
		phone_at(2, "", 0, "", PHASE_SEEN),
		phone_at(3, "ladder", 2, "P00305000500", PHASE_OFFERED),
		phone_at(4, "java", 1, "SIP41.8-3-3SR2S", PHASE_DOWNLOADING),
		phone_at(5, "ladder", 3, "P00308000900", PHASE_FLASHING),
		phone_at(6, "ladder", 3, "P00308000900", PHASE_STUCK),
		phone_at(7, "ladder", 0, "", PHASE_WAITING),
		phone_at(8, "ladder", 2, "P00305000500", PHASE_OFFERED),
	};

	a[5].cause = CAUSE_IMAGE_REJECTED;
	a[7].flags |= PHONE_NEEDS_REBOOT;
	a[2].since_ms = T0 + 60 * SEC;
	a[6].since_ms = T0 - 60 * SEC;
	a[3].address = (struct ip4){ 0x09000000 };
	see(&a[4], "app/sent=0");
	for (size_t i = COUNT(a); i-- > 0;) /* in any order of ids */
		watch_put(m, c, &a[i]);
	watch_settle(m, c, T0 + 30 * SEC);
}

static void test_order(void **state)
{
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	struct config *c = watch_config();

	(void)state;
	make_fleet(&m, c);
	shown_are(&m, "6 8 5 4 3 7 1 2");
	m.sort = SORT_MAC;
	shown_are(&m, "1 2 3 4 5 6 7 8");
	m.reverse = true;
	shown_are(&m, "8 7 6 5 4 3 2 1");
	m.reverse = false;
	m.sort = SORT_PLAN;
	shown_are(&m, "4 1 5 6 3 8 7 2");
	m.sort = SORT_PHASE;
	shown_are(&m, "2 7 3 8 4 5 1 6");
	m.sort = SORT_SINCE;
	shown_are(&m, "3 1 2 4 5 6 8 7");
	m.sort = SORT_ADDRESS;
	shown_are(&m, "4 1 2 3 5 6 7 8");
	config_free(c);
}

static void test_filter(void **state)
{
	static const struct {
		const char *filter, *shown;
	} a[] = { { "java", "4" },
		  { "flash", "5" },
		  { "REJECTED", "6" },
		  { "ladder offered", "3 8" },
		  { "  offered   reboot ", "8" },
		  { "7941", "4" },
		  { "P0030500", "3 8" },
		  { "001b.0c18.0005", "5" },
		  { "sep001b0c180006", "6" },
		  { "18:00:07", "7" },
		  { "0008", "8" },
		  { "10.0.0.3", "3" },
		  { "9.0.0.0", "4" },
		  { "nothing", "" },
		  { "offered nothing", "" },
		  { ":", "" } };
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	struct config *c = watch_config();

	(void)state;
	make_fleet(&m, c);
	m.sort = SORT_MAC;
	for (size_t i = 0; i < COUNT(a); i++) {
		(void)text_copy(m.filter, sizeof(m.filter), a[i].filter);
		shown_are(&m, a[i].shown);
	}
	m.filter[0] = '\0';
	shown_are(&m, "1 2 3 4 5 6 7 8");
	config_free(c);
}

static void test_counts(void **state)
{
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(512);
	struct config *c = watch_config();

	(void)state;
	make_fleet(&m, c);
	(void)text_copy(m.filter, sizeof(m.filter), "java"); /* what is counted is the fleet */
	watch_model_order(&m);
	watch_counts_text(&m, &sb);
	assert_string_equal(strbuf_text(&sb),
			    "8 phones, 1 done (12 %): 1 stuck, 1 flashing, 1 downloading, 2 offered, "
			    "1 waiting, 1 seen; 1 needs a reboot");
	strbuf_reset(&sb);
	watch_power_text(&m, &sb);
	assert_string_equal(strbuf_text(&sb), "writing flash: 2 phones, do not cut power (for about 7m)");
	/* nothing changes but the time: the one is over, the other by its limit not yet */
	struct phone p = phone_at(4, "java", 1, "SIP41.8-3-3SR2S", PHASE_CHECKING);

	see(&p, "member/sent=10 boot=20 xmldefault/sent=30");
	watch_put(&m, c, &p);
	p = phone_at(5, "ladder", 3, "P00308000900", PHASE_STUCK);
	see(&p, "app/sent=0");
	watch_put(&m, c, &p);
	watch_settle(&m, c, T0 + 30 * SEC);
	assert_int_equal(m.busy, 1);
	assert_true(m.busy_ms > 0);
	watch_settle(&m, c, T0 + 100 * MIN);
	assert_int_equal(m.busy, 0);
	strbuf_reset(&sb);
	watch_power_text(&m, &sb);
	assert_string_equal(strbuf_text(&sb), "writing flash: none");
	config_free(c);
}

static void test_changes_and_gone(void **state)
{
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	struct config *c = watch_config();
	struct phone p = phone_at(3, "ladder", 3, "P00308000900", PHASE_OFFERED);

	(void)state;
	make_fleet(&m, c);
	watch_put(&m, c, &p);
	assert_int_equal(m.n, 8);
	assert_int_equal(watch_model_find(&m, 3)->stage_no, 3);
	watch_model_keep(&m, (const int64_t[]){ 1, 3, 5, 99 }, 4);
	watch_settle(&m, c, T0);
	assert_int_equal(m.n, 3);
	assert_null(watch_model_find(&m, 4));
	assert_non_null(watch_model_find(&m, 5));
	shown_are(&m, "5 3 1");
	watch_model_keep(&m, NULL, 0);
	watch_settle(&m, c, T0);
	shown_are(&m, "");
	config_free(c);
}

/* ---- throughput */

static void test_rate(void **state)
{
	struct watch_rate r = { .second = { 0 } };
	struct watch_sum s;

	(void)state;
	for (int i = 0; i < 120; i++)
		watch_rate_add(&r, T0 + i * SEC, 1000);
	s = watch_rate_sum(&r, T0 + 119 * SEC);
	assert_int_equal(s.files, 60);
	assert_int_equal(s.bytes, 60000);
	watch_rate_add(&r, T0 + 10 * SEC, 1000); /* older than a minute */
	assert_int_equal(watch_rate_sum(&r, T0 + 119 * SEC).files, 60);
	assert_int_equal(watch_rate_sum(&r, T0 + 149 * SEC).files, 30);
	assert_int_equal(watch_rate_sum(&r, T0 + 400 * SEC).files, 0);
	watch_rate_add(&r, T0 + 200 * SEC, -1);
	watch_rate_add(&r, T0 + 200 * SEC, -1);
	watch_rate_sized(&r, T0 + 200 * SEC, 500);
	watch_rate_sized(&r, T0 + 201 * SEC, 500); /* none there */
	s = watch_rate_sum(&r, T0 + 210 * SEC);
	assert_int_equal(s.files, 2);
	assert_int_equal(s.unsized, 1);
	assert_int_equal(s.bytes, 500);
}

static void test_rate_text(void **state)
{
	CLEANUP(watch_model_fini) struct watch_model m = { .n = 0 };
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(256);

	(void)state;
	watch_rate_text(&m, T0, &sb);
	assert_string_equal(strbuf_text(&sb), "0 files/min, 0.0 MB/min");
	watch_rate_add(&m.rate, T0, -1);
	strbuf_reset(&sb);
	watch_rate_text(&m, T0, &sb);
	assert_string_equal(strbuf_text(&sb), "1 file/min, sizes not told");
	watch_rate_add(&m.rate, T0, 8420000);
	strbuf_reset(&sb);
	watch_rate_text(&m, T0, &sb);
	assert_string_equal(strbuf_text(&sb), "2 files/min, > 8.4 MB/min");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_members_in_trouble),
		cmocka_unit_test(test_box_of),
		cmocka_unit_test(test_foreign_text_is_escaped),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_rollout),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_changes_and_gone),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
