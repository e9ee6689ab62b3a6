/* SPDX-License-Identifier: MPL-2.0 */
/* What stands on the screen, whatever its size, and what keys do to it. */
#include "watch_page.h"

#include <stdlib.h>

#include "watch_fixture.h"

/* One screen over one fleet. */
struct desk {
	struct config *c;
	struct watch_model m;
	struct watch_view v;
	struct watch_frame f;
	struct watch_scene s;
	char text[64 * 256]; /* what is on it, in ASCII, a line a row */
};

static int desk_setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	d->c = watch_config();
	d->s = (struct watch_scene){ .model = &d->m,
				     .view = &d->v,
				     .now_ms = T0 + 30 * SEC,
				     .trouble = "",
				     .blind = "",
				     .story = "" };
	*state = d;
	return 0;
}

static int desk_teardown(void **state)
{
	struct desk *d = *state;

	watch_model_fini(&d->m);
	watch_frame_fini(&d->f);
	config_free(d->c);
	free(d);
	return 0;
}

static void put(struct desk *d, struct phone p, const char *evidence)
{
	see(&p, evidence);
	watch_put(&d->m, d->c, &p);
}

static void few(struct desk *d)
{
	struct phone stuck = phone_at(3, "ladder", 4, "P0S3-8-12-00", PHASE_STUCK);

	stuck.cause = CAUSE_APP_MISSING_AFTER_LOADER;
	put(d, phone_at(1, "ladder", 4, "P0S3-8-12-00", PHASE_DONE), "");
	put(d, phone_at(2, "ladder", 3, "P00308000900", PHASE_HALF_FLASHED),
	    "manifest/sent=0 loader/sent=10");
	put(d, stuck, "manifest/sent=-900 loader/sent=-880 app/failed=-800");
	put(d, phone_at(4, "", 0, "", PHASE_SEEN), "");
	watch_settle(&d->m, d->c, d->s.now_ms);
}

static void many(struct desk *d, unsigned n)
{
	for (unsigned i = 1; i <= n; i++)
		put(d, phone_at(i, "ladder", 1, "P00303010102", PHASE_OFFERED), "");
	watch_settle(&d->m, d->c, d->s.now_ms);
}

static void draw(struct desk *d, int cols, int rows)
{
	char text[GLYPH_TEXT_SIZE];
	struct err e;
	size_t at = 0;

	assert_int_equal(watch_frame_size(&d->f, rows, cols, &e), 0);
	watch_draw(&d->f, &d->s);
	for (int y = 0; y < rows && at + (size_t)cols + 2 < sizeof(d->text); y++) {
		for (int x = 0; x < cols; x++)
			d->text[at++] = watch_glyph_text(text, d->f.cells[y * cols + x].glyph, false)[0];
		while (at > 0 && d->text[at - 1] == ' ')
			at--;
		d->text[at++] = '\n';
	}
	d->text[at] = '\0';
}

static void has(const struct desk *d, const char *want)
{
	if (!strstr(d->text, want))
		fail_msg("not there: \"%s\" in\n%s", want, d->text);
}

static void has_not(const struct desk *d, const char *what)
{
	if (strstr(d->text, what))
		fail_msg("there: \"%s\" in\n%s", what, d->text);
}

/* ---- columns */

static void test_layout(void **state)
{
	struct desk *d = *state;
	struct watch_layout l, before = { .width = { 0 } };

	few(d);
	for (int cols = WATCH_COLS_MIN; cols <= 250; cols++) {
		int x = 0, n = 0;

		watch_layout(&l, cols, &d->m);
		for (int c = 0; c < COLUMN_COUNT; c++) {
			if (!l.width[c])
				continue;
			assert_int_equal(l.x[c], x);
			x += l.width[c] + 1;
			n++;
			/* what a narrow screen has a wider one has, too */
			assert_true(c == COLUMN_PHASE || l.width[c] >= before.width[c]);
		}
		assert_int_equal(x - 1, cols);
		assert_int_equal(l.width[COLUMN_MAC], 17);
		assert_true(l.width[COLUMN_PHASE] >= 12);
		assert_true(cols < 80 || n >= 7);
		assert_true(cols < 140 || n == COLUMN_COUNT);
		before = l;
	}
	watch_layout(&l, 80, &d->m);
	assert_true(l.stage_bar && l.boxes_apart);
	assert_true(l.width[COLUMN_PHASE] >= 24);
	/* long plans and many members fit, too */
	d->m.most_stages = 16;
	d->m.most_boxes = 17;
	d->m.longest_load = 24;
	d->m.longest_plan = 31;
	watch_layout(&l, 80, &d->m);
	assert_false(l.stage_bar);
	assert_int_equal(l.width[COLUMN_STAGE], 5);
	assert_false(l.boxes_apart);
	watch_layout(&l, 220, &d->m);
	assert_true(l.stage_bar && l.boxes_apart);
	assert_int_equal(l.width[COLUMN_PLAN], 20);
}

/* ---- pictures */

static void test_eighty_columns(void **state)
{
	struct desk *d = *state;

	few(d);
	draw(d, 80, 24);
	has(d, "\n4 phones, 1 done (25 %): 1 stuck, 1 half-flashed, 1 seen\n");
	has(d, "\nwriting flash: 1 phone, do not cut power (for about 90s)\n");
	has(d, "\n0 files/min, 0.0 MB/min; time left: about 5 to 6 min (");
	has(d, "\nMAC               MODEL STAGE  FILES     SINCE  LEFT PHASE\n");
	has(d, "\n00:1b:0c:18:00:03 7960  [###!] [#][#][x]   30s       app-missing-after-loader\n");
	has(d, "\n00:1b:0c:18:00:02 7960  [##>.] [#][#][ ]   30s    6m half-flashed\n");
	has(d, "\n00:1b:0c:18:00:01 7960  [####] [=][=][=]   30s       done\n");
	has(d, "\n00:1b:0c:18:00:04 7960  -                  30s       seen\n");
	has(d, "\n00:1b:0c:18:00:03 10.0.0.3, goes to P0S3-8-12-00\n");
	has(d, "\nthe loader is flashed and the application was never fetched: the phone shows\n"
	       "Protocol Application Invalid: power-cycle it within reach of this DHCP and TFTP");
	has(d, "\nq quit ");
	has(d, "1-4 of 4, by attention\n");
	(void)watch_view_key(&d->v, &d->m, 'j');
	draw(d, 80, 24);
	has(d, "\n00:1b:0c:18:00:02 10.0.0.2, goes to P00308000900     do not cut power, about 90s\n");
}

static void test_wide(void **state)
{
	struct desk *d = *state;

	few(d);
	draw(d, 160, 50);
	has(d,
	    "\nMAC               ADDRESS         MODEL PLAN   STAGE  LOAD         FILES     SINCE  LEFT PHASE\n");
	has(d, "\n00:1b:0c:18:00:03 10.0.0.3        7960  ladder [###!] P0S3-8-12-00 [#][#][x]   30s       "
	       "stuck: app-missing-after-loader: power-cycle it within reach");
}

static void test_any_size(void **state)
{
	struct desk *d = *state;

	few(d);
	for (int mode = MODE_TABLE; mode <= MODE_HELP; mode++)
		for (int cols = 1; cols <= 200; cols += cols < 40 ? 1 : 7)
			for (int rows = 1; rows <= 60; rows += rows < 30 ? 1 : 5) {
				d->v.mode = (enum watch_mode)mode;
				d->s.trouble = cols % 2 ? "away" : "";
				draw(d, cols, rows);
				assert_true(d->f.cursor_row < rows && d->f.cursor_col < cols);
				if (rows < WATCH_ROWS_MIN || cols < WATCH_COLS_MIN)
					continue;
				assert_true(strncmp(d->text, " loadstep watch", 15) == 0);
				if (mode == MODE_TABLE) { /* whatever the size */
					has(d, "\n00:1b:0c:18:00:03 ");
					has(d, "do not cut power");
				}
			}
	d->v.mode = MODE_TABLE;
	draw(d, 47, 24);
	has(d, "too small: 48 by 5 at least");
}

static void test_nobody(void **state)
{
	struct desk *d = *state;

	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	has(d, "\n0 phones\n");
	has(d, "no phone has been heard of yet");
	has(d, "0-0 of 0, by attention");
	few(d);
	(void)text_copy(d->m.filter, sizeof(d->m.filter), "nobody");
	watch_model_order(&d->m);
	draw(d, 80, 24);
	has(d, "no phone has that");
}

static void test_states(void **state)
{
	struct desk *d = *state;

	few(d);
	d->s.trouble = "store sqlite:/x: locked";
	d->s.trouble_ms = T0;
	draw(d, 120, 24);
	has(d, "what is shown is older: store sqlite:/x: locked");
	d->s.trouble = "";
	d->s.blind = "not watched since noon";
	draw(d, 80, 24);
	has(d, "\nnot watched since noon\n");
	d->s.blind = "";
	d->s.paused_ms = T0 + 30 * SEC;
	d->s.now_ms = T0 + 500 * SEC;
	draw(d, 80, 24);
	has(d, "  PAUSED ");
	has(d, "  30s    6m half-flashed"); /* the picture of then */
	d->s.paused_ms = 0;
	draw(d, 80, 24);
	has(d, "   8m    2m half-flashed"); /* this stage is over its time; the next is still to come */
}

/* Hostile text in what the story tells: nothing but printable characters leaves the page. */
static void test_nothing_raw(void **state)
{
	struct desk *d = *state;
	char text[GLYPH_TEXT_SIZE];

	few(d);
	d->v.mode = MODE_PHONE;
	d->s.story =
		"phone \033[31m\x07\x9b\xff\xc3 \xc2\x9b\xe2\x80\xae\xef\xbb\xbf\xf0\x9f\x98\x80\n\nF\xc2\xa7"
		"4.1 P004\xe2\x80\xa6\ttab\x7f";
	draw(d, 80, 24);
	has(d,
	    "\nphone ?[31m???? ???????\n"); /* a byte order mark and a turn of direction are none, either */
	has(d, "\nFS4.1 P004~?tab?\n");
	for (int i = 0; i < d->f.rows * d->f.cols; i++)
		for (const char *t = watch_glyph_text(text, d->f.cells[i].glyph, true); *t; t++)
			assert_true((unsigned char)*t >= 0x20 && *t != 0x7f);
	assert_string_equal(watch_glyph_text(text, 0xa7, true), "\xc2\xa7");
	assert_string_equal(watch_glyph_text(text, 0x2026, true), "\xe2\x80\xa6");
}

static void test_help(void **state)
{
	struct desk *d = *state;

	few(d);
	d->v.mode = MODE_HELP;
	draw(d, 80, 24);
	has(d, "# done  > here  ! stuck  . to come\n");
	has(d, "# sent  - asked for (tftpd-hpa)\n");
	has(d, "= not asked for, it has it  ? not on the server  x broke off\n");
	has(d, "\nq back ");
}

static unsigned style_at(const struct desk *d, const char *line_begin, int col)
{
	const char *at = strstr(d->text, line_begin);
	int row = 0;

	assert_non_null(at);
	for (const char *c = d->text; c < at; c++)
		row += *c == '\n';
	return d->f.cells[row * d->f.cols + col].style;
}

static void test_styles(void **state)
{
	struct desk *d = *state;

	few(d);
	draw(d, 80, 24);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:03 7960", 0), STYLE_CHOSEN | STYLE_PLAIN);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:03 7960", 16), STYLE_CHOSEN | STYLE_STRONG);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:02 7960", 16), STYLE_STRONG);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:02 7960", 11), STYLE_PLAIN);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:02 7960", 53), STYLE_POWER);
	assert_int_equal(style_at(d, "00:1b:0c:18:00:04 7960", 53), STYLE_FAINT);
	assert_int_equal(style_at(d, "writing flash: 1", 0), STYLE_POWER);
	d->v.mode = MODE_PHONE;
	d->s.story = "It is stuck.\n\nto do       look at it\n            again\n\nlast events\n\n  indented\n";
	draw(d, 80, 24);
	assert_int_equal(style_at(d, "It is stuck.", 0), STYLE_PLAIN);
	assert_int_equal(style_at(d, "to do  ", 4), STYLE_STRONG);
	assert_int_equal(style_at(d, "to do  ", 12), STYLE_PLAIN);
	assert_int_equal(style_at(d, "            again", 12), STYLE_PLAIN);
	assert_int_equal(style_at(d, "last events", 5), STYLE_STRONG);
	assert_int_equal(style_at(d, "  indented", 3), STYLE_PLAIN);
}

/* ---- keys */

static enum watch_do keys(struct desk *d, const char *text)
{
	enum watch_do did = WATCH_DO_NOTHING;

	for (; *text; text++)
		did = watch_view_key(&d->v, &d->m, *text);
	draw(d, 80, 24);
	return did;
}

static enum watch_do key(struct desk *d, int key_code)
{
	enum watch_do did = watch_view_key(&d->v, &d->m, key_code);

	draw(d, 80, 24);
	return did;
}

static int64_t chosen(const struct desk *d)
{
	const struct watch_row *r = watch_view_chosen(&d->v, &d->m);

	return r ? r->id : 0;
}

static void test_moving(void **state)
{
	struct desk *d = *state;
	size_t page;

	many(d, 100);
	draw(d, 80, 24);
	page = d->v.rows;
	assert_in_range(page, 13, 17);
	assert_int_equal(chosen(d), 1);
	keys(d, "jjjk");
	assert_int_equal(chosen(d), 3);
	key(d, WATCH_KEY_PAGE_DOWN);
	assert_int_equal(chosen(d), 3 + page);
	assert_int_equal(d->v.top, 3); /* the chosen row is the last on the screen */
	key(d, WATCH_KEY_END);
	assert_int_equal(chosen(d), 100);
	assert_int_equal(d->v.top, 100 - page);
	keys(d, "j");
	assert_int_equal(chosen(d), 100);
	key(d, WATCH_KEY_PAGE_UP);
	assert_int_equal(chosen(d), 100 - page);
	key(d, WATCH_KEY_UP);
	assert_int_equal(chosen(d), 99 - page);
	key(d, WATCH_KEY_HOME);
	assert_int_equal(chosen(d), 1);
	assert_int_equal(d->v.chosen, 0);
	has(d, "1-");
	has(d, "of 100, by attention\n");
}

/* The chosen phone stays chosen wherever it goes; who has not moved stays on top. */
static void test_following(void **state)
{
	struct desk *d = *state;
	struct phone p = phone_at(50, "ladder", 1, "P00303010102", PHASE_STUCK);

	many(d, 100);
	draw(d, 80, 24);
	put(d, p, "");
	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	assert_int_equal(chosen(d), 50); /* on top now */
	keys(d, "jj");
	assert_int_equal(chosen(d), 2);
	p.id = 60;
	p.mac.b[5] = 60;
	put(d, p, "");
	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	assert_int_equal(chosen(d), 2);
	assert_int_equal(d->v.at, 3);
	assert_int_equal(d->v.top, 0); /* and the new one is seen */
	p = phone_at(2, "ladder", 4, "P0S3-8-12-00", PHASE_DONE);
	put(d, p, "");
	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	assert_int_equal(chosen(d), 2);
	assert_int_equal(d->v.at, 99);
	has(d, "00:1b:0c:18:00:02 7960  [####]");
	watch_model_keep(&d->m, (const int64_t[]){ 1, 3, 4 }, 3);
	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	assert_int_equal(chosen(d), 4); /* it is gone: who is last now */
	watch_model_keep(&d->m, NULL, 0);
	watch_settle(&d->m, d->c, T0);
	draw(d, 80, 24);
	assert_int_equal(chosen(d), 0);
	keys(d, "jkG ");
	assert_int_equal(key(d, WATCH_KEY_ENTER), WATCH_DO_NOTHING);
}

static void test_filter_keys(void **state)
{
	struct desk *d = *state;

	many(d, 100);
	keys(d, "jjj/q0002");
	assert_int_equal(d->v.mode, MODE_FILTER);
	has(d, "\nfilter: q0002 ");
	assert_int_equal(d->f.cursor_row, 23);
	assert_int_equal(d->f.cursor_col, 13);
	assert_int_equal(d->m.n_shown, 0);
	for (int i = 0; i < 6; i++)
		key(d, WATCH_KEY_BACKSPACE);
	assert_int_equal(d->m.n_shown, 100);
	keys(d, "00:02");
	assert_int_equal(chosen(d), 2);
	has(d, "\"00:02\": 1-1 of 1, by attention\n");
	key(d, WATCH_KEY_ENTER);
	assert_int_equal(d->v.mode, MODE_TABLE);
	keys(d, "/x");
	assert_int_equal(d->m.n_shown, 0);
	key(d, WATCH_KEY_ESCAPE);
	assert_int_equal(d->m.n_shown, 1); /* as it was before */
	key(d, WATCH_KEY_ESCAPE);
	assert_int_equal(d->m.n_shown, 100);
	for (int i = 0; i < 100; i++)
		keys(d, i ? "\x9b\x01y" : "/");
	assert_int_equal(strlen(d->m.filter), WATCH_FILTER_MAX);
	assert_null(strpbrk(d->m.filter, "\x9b\x01"));
	key(d, 'U' - '@');
	assert_string_equal(d->m.filter, "");
}

static void test_commands(void **state)
{
	struct desk *d = *state;

	few(d);
	assert_int_equal(keys(d, "q"), WATCH_DO_QUIT);
	keys(d, "ss");
	has(d, "by plan\n");
	keys(d, "r");
	has(d, "by plan reversed\n");
	keys(d, "rssss");
	has(d, "by attention\n");
	assert_int_equal(keys(d, "p"), WATCH_DO_PAUSE);
	assert_true(d->v.paused);
	assert_int_equal(keys(d, "p"), WATCH_DO_PAUSE);
	assert_false(d->v.paused);
	d->s.story = "one\ntwo\n";
	assert_int_equal(key(d, WATCH_KEY_ENTER), WATCH_DO_OPEN);
	assert_int_equal(d->v.chosen, 3);
	has(d, "\none\ntwo\n");
	assert_int_equal(keys(d, "q"), WATCH_DO_NOTHING);
	assert_int_equal(d->v.mode, MODE_TABLE);
	keys(d, "?");
	assert_int_equal(d->v.mode, MODE_HELP);
	key(d, WATCH_KEY_ESCAPE);
	assert_int_equal(d->v.mode, MODE_TABLE);
	key(d, 0);
	key(d, WATCH_KEY_RESIZE);
	assert_int_equal(chosen(d), 3);
}

static void test_long_story(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4096);
	struct desk *d = *state;

	few(d);
	for (int i = 1; i <= 50; i++)
		strbuf_addf(&sb, "line %d.\n", i);
	d->s.story = strbuf_text(&sb);
	key(d, WATCH_KEY_ENTER);
	has(d, "\nline 1.\n");
	has(d, "\nline 22.\n");
	has_not(d, "line 23.");
	keys(d, "j");
	has_not(d, "line 1.\n");
	has(d, "line 23.");
	key(d, WATCH_KEY_END);
	has(d, "line 50.");
	has(d, "\nline 29.\n");
	key(d, WATCH_KEY_PAGE_DOWN);
	has(d, "\nline 29.\n");
	key(d, WATCH_KEY_UP);
	has(d, "\nline 28.\n");
	key(d, WATCH_KEY_HOME);
	has(d, "\nline 1.\n");
}

#define WITH_DESK(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DESK(test_layout),	     WITH_DESK(test_eighty_columns), WITH_DESK(test_wide),
		WITH_DESK(test_any_size),    WITH_DESK(test_nobody),	     WITH_DESK(test_states),
		WITH_DESK(test_nothing_raw), WITH_DESK(test_help),	     WITH_DESK(test_styles),
		WITH_DESK(test_moving),	     WITH_DESK(test_following),	     WITH_DESK(test_filter_keys),
		WITH_DESK(test_commands),    WITH_DESK(test_long_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
