/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_page.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "strbuf.h"
#include "watch_text.h"

#define LINE_MAX_BYTES 1024
#define MINUTE INT64_C(60000)
#define LABEL_MAX 12 /* columns of the labels of `explain` */
#define LEGEND_FIRST 016 /* bytes of the help that stand for steps and boxes begin here */

/* ---- one row of the table */

static enum watch_style phase_style(const struct watch_row *r)
{
	static const enum watch_style styles[] = {
		[RANK_STUCK] = STYLE_TROUBLE,	   [RANK_TROUBLE] = STYLE_TROUBLE,
		[RANK_NEEDS_REBOOT] = STYLE_LOOK,  [RANK_LATE] = STYLE_LOOK,
		[RANK_HALF_FLASHED] = STYLE_POWER, [RANK_FLASHING] = STYLE_POWER,
		[RANK_DOWNLOADING] = STYLE_POWER,  [RANK_WRITING] = STYLE_POWER,
		[RANK_CHECKING] = STYLE_MOVING,	   [RANK_OFFERED] = STYLE_PLAIN,
		[RANK_WAITING] = STYLE_FAINT,	   [RANK_NOT_PROVISIONED] = STYLE_PLAIN,
		[RANK_DONE] = STYLE_PLAIN,	   [RANK_SEEN] = STYLE_FAINT,
	};

	return styles[r->rank];
}

static struct watch_pen column(struct watch_frame *f, const struct watch_layout *l, int row,
			       enum watch_column c, unsigned chosen)
{
	return (struct watch_pen){
		.frame = f, .row = row, .x = l->x[c], .end = l->x[c] + l->width[c], .chosen = chosen
	};
}

static void put_mac(struct watch_pen p, const struct watch_row *r)
{
	char mac[MAC_TEXT_SIZE];

	if (!r->mac_known) {
		watch_pen_text(&p, STYLE_FAINT, "MAC not known");
		return;
	}
	mac_format(mac, &r->mac);
	for (size_t i = 0; mac[i]; i++)
		watch_pen_glyph(&p, i >= 12 ? STYLE_STRONG : STYLE_PLAIN, (unsigned char)mac[i]);
}

static void put_stages(struct watch_pen p, const struct watch_row *r, bool bar)
{
	char text[32];

	if (r->stages == 0 && r->stage_no == 0) {
		watch_pen_text(&p, STYLE_FAINT, "-");
	} else if (!bar || r->stages == 0) {
		snprintf(text, sizeof(text), "%d/%d", r->stage_no, r->stages);
		watch_pen_text(&p, STYLE_PLAIN, text);
	} else {
		static const enum watch_style styles[STEP_COUNT] = { [STEP_TO_COME] = STYLE_FAINT,
								     [STEP_HERE] = STYLE_MOVING,
								     [STEP_STUCK] = STYLE_TROUBLE,
								     [STEP_DONE] = STYLE_DONE };

		watch_pen_glyph(&p, STYLE_PLAIN, '[');
		for (int i = 1; i <= r->stages; i++) {
			enum watch_step s = watch_row_step(r, i);

			watch_pen_glyph(&p, styles[s], GLYPH_STEPS + s);
		}
		watch_pen_glyph(&p, STYLE_PLAIN, ']');
	}
}

static void put_boxes(struct watch_pen p, const struct watch_row *r, bool apart)
{
	static const enum watch_style styles[BOX_COUNT] = {
		[BOX_EMPTY] = STYLE_PLAIN, [BOX_ASKED] = STYLE_MOVING,	  [BOX_SENT] = STYLE_DONE,
		[BOX_KEPT] = STYLE_FAINT,  [BOX_MISSING] = STYLE_TROUBLE, [BOX_FAILED] = STYLE_TROUBLE
	};

	for (unsigned i = 0; i < r->n_boxes; i++) {
		if (apart || i == 0)
			watch_pen_glyph(&p, STYLE_PLAIN, '[');
		watch_pen_glyph(&p, styles[r->boxes[i]], GLYPH_BOXES + r->boxes[i]);
		if (apart || i + 1u == r->n_boxes)
			watch_pen_glyph(&p, STYLE_PLAIN, ']');
	}
}

/* To the right, as numbers are. */
static void put_time(struct watch_pen p, int64_t ms)
{
	char text[AGE_TEXT_SIZE];

	report_age(text, ms);
	while (p.end - p.x > (int)strlen(text))
		watch_pen_glyph(&p, STYLE_PLAIN, ' ');
	watch_pen_text(&p, STYLE_PLAIN, text);
}

static void put_phase(struct watch_pen p, const struct watch_row *r)
{
	char text[256];

	watch_row_phase(r, text, sizeof(text));
	int room = p.end - p.x - (int)strlen(text);

	/* the cause tells more than that it is stuck, which the stage says, too */
	watch_pen_text(&p, phase_style(r),
		       room < 0 && r->cause ? text + strlen(phase_name(r->phase)) + 2 : text);
	if (r->cause == CAUSE_NONE || room < 12)
		return;
	watch_cause_short(r->cause, text, sizeof(text));
	watch_pen_text(&p, STYLE_PLAIN, ": ");
	watch_pen_text(&p, STYLE_PLAIN, text);
}

static void draw_row(struct watch_frame *f, const struct watch_layout *l, int row, const struct watch_row *r,
		     unsigned chosen, int64_t now_ms)
{
	struct watch_pen p[COLUMN_COUNT];
	char address[IP4_TEXT_SIZE];
	struct span left;

	watch_frame_fill(f, row, STYLE_PLAIN | chosen);
	for (int c = 0; c < COLUMN_COUNT; c++)
		p[c] = column(f, l, row, (enum watch_column)c, chosen);
	put_mac(p[COLUMN_MAC], r);
	watch_pen_text(&p[COLUMN_ADDRESS], STYLE_PLAIN,
		       r->address.host ? ip4_format(address, r->address) : "-");
	watch_pen_text(&p[COLUMN_MODEL], STYLE_PLAIN, r->model[0] ? r->model : "-");
	watch_pen_text(&p[COLUMN_PLAN], STYLE_PLAIN, r->plan[0] ? r->plan : "-");
	put_stages(p[COLUMN_STAGE], r, l->stage_bar);
	watch_pen_text(&p[COLUMN_LOAD], r->load[0] ? STYLE_PLAIN : STYLE_FAINT,
		       r->load[0]      ? r->load
		       : r->running[0] ? r->running
				       : "-");
	put_boxes(p[COLUMN_FILES], r, l->boxes_apart);
	if (r->since_ms)
		put_time(p[COLUMN_SINCE], now_ms - r->since_ms);
	if (watch_row_left(r, now_ms, &left) && left.high_ms > 0)
		put_time(p[COLUMN_LEFT], left.high_ms + (left.high_ms >= 100 * MINUTE ? 30 * MINUTE : 0));
	else if (r->left == LEFT_RUNNING)
		watch_pen_text(&p[COLUMN_LEFT], STYLE_PLAIN, " over");
	put_phase(p[COLUMN_PHASE], r);
}

static void draw_heads(struct watch_frame *f, const struct watch_layout *l, int row, enum watch_sort sort)
{
	static const char *const heads[COLUMN_COUNT] = { "MAC",	 "ADDRESS", "MODEL", "PLAN",  "STAGE",
							 "LOAD", "FILES",   "SINCE", " LEFT", "PHASE" };
	static const enum watch_sort sorts[COLUMN_COUNT] = { SORT_MAC,	 SORT_ADDRESS, SORT_COUNT, SORT_PLAN,
							     SORT_COUNT, SORT_COUNT,   SORT_COUNT, SORT_SINCE,
							     SORT_COUNT, SORT_PHASE };

	watch_frame_fill(f, row, STYLE_HEAD);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		struct watch_pen p = column(f, l, row, (enum watch_column)c, 0);

		watch_pen_text(&p, sort == sorts[c] ? STYLE_TITLE : STYLE_HEAD, heads[c]);
	}
}

/* ---- above and below the table */

static void draw_title(struct watch_frame *f, const struct watch_scene *s)
{
	char clock[WATCH_CLOCK_SIZE], left[64], right[160];
	const struct watch_model *m = s->model;
	const struct watch_view *v = s->view;

	watch_frame_fill(f, 0, STYLE_TITLE);
	snprintf(left, sizeof(left), " loadstep watch  %s%s",
		 watch_clock(clock, s->paused_ms ? s->paused_ms : s->now_ms), s->paused_ms ? "  PAUSED" : "");
	snprintf(right, sizeof(right), "%s%s%s%zu-%zu of %zu, by %s%s ", m->filter[0] ? "\"" : "", m->filter,
		 m->filter[0] ? "\": " : "", m->n_shown ? v->top + 1 : 0,
		 v->top + v->rows < m->n_shown ? v->top + v->rows : m->n_shown, m->n_shown,
		 watch_sort_name(m->sort), m->reverse ? " reversed" : "");
	watch_frame_both(f, 0, STYLE_TITLE, left, v->mode == MODE_PHONE || v->mode == MODE_HELP ? "" : right);
}

static void draw_trouble(struct watch_frame *f, int row, const struct watch_scene *s)
{
	char clock[WATCH_CLOCK_SIZE], text[LINE_MAX_BYTES];

	snprintf(text, sizeof(text), "the store cannot be read since %s, what is shown is older: %s",
		 watch_clock(clock, s->trouble_ms), s->trouble);
	watch_frame_text(f, row, STYLE_TROUBLE, text);
}

/* Of a screen with hardly a row for it: the one line that matters most. */
static int draw_short(struct watch_frame *f, int row, const struct watch_scene *s)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	if (!s->model->busy && s->trouble[0]) {
		draw_trouble(f, row, s);
		return row + 1;
	}
	if (s->model->busy)
		watch_power_text(s->model, &sb);
	else
		watch_counts_text(s->model, &sb);
	watch_frame_text(f, row, s->model->busy ? STYLE_POWER : STYLE_PLAIN, strbuf_text(&sb));
	return row + 1;
}

/* Returns the first free row. */
static int draw_summary(struct watch_frame *f, int row, const struct watch_scene *s)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
	const struct watch_model *m = s->model;
	int most = f->rows >= 16 ? 2 : 1;

	if (f->rows < 10)
		return draw_short(f, row, s);
	if (s->trouble[0])
		draw_trouble(f, row++, s);
	else if (s->blind[0])
		watch_frame_text(f, row++, STYLE_LOOK, s->blind);
	watch_counts_text(m, &sb);
	row += watch_frame_words(f, row, most, STYLE_PLAIN, strbuf_text(&sb), ',');
	strbuf_reset(&sb);
	watch_power_text(m, &sb);
	watch_frame_text(f, row++, m->busy ? STYLE_POWER : STYLE_PLAIN, strbuf_text(&sb));
	strbuf_reset(&sb);
	watch_rate_text(m, s->paused_ms ? s->paused_ms : s->now_ms, &sb);
	strbuf_add(&sb, "; ");
	watch_left_text(m, s->paused_ms ? s->paused_ms : s->now_ms, &sb);
	return row + watch_frame_words(f, row, most, STYLE_PLAIN, strbuf_text(&sb), ';');
}

static void draw_keys(struct watch_frame *f, const struct watch_scene *s)
{
	static const char *const keys[] = {
		[MODE_TABLE] = "q quit   / filter   s sort   r reverse   p pause   enter: its story   ? help",
		[MODE_FILTER] = "enter: keep the filter  esc: as before",
		[MODE_PHONE] = "q back  arrows, PgUp, PgDn: scroll",
		[MODE_HELP] = "q back  arrows, PgUp, PgDn: scroll",
	};

	watch_frame_fill(f, f->rows - 1, STYLE_TITLE);
	watch_frame_text(f, f->rows - 1, STYLE_TITLE, keys[s->view->mode]);
}

static void draw_filter(struct watch_frame *f, const struct watch_scene *s)
{
	struct watch_pen p = watch_frame_line(f, f->rows - 1);

	watch_frame_fill(f, f->rows - 1, STYLE_TITLE);
	watch_pen_text(&p, STYLE_TITLE, "filter: ");
	watch_pen_text(&p, STYLE_TITLE, s->model->filter);
	f->cursor_row = f->rows - 1;
	f->cursor_col = p.x < f->cols ? p.x : f->cols - 1;
	watch_pen_text(&p, STYLE_TITLE,
		       "    MAC, model, plan, load, phase, cause; enter keeps it, esc does not");
}

/* The chosen phone in words, on up to three lines. */
static void draw_chosen(struct watch_frame *f, int row, int lines, const struct watch_row *r)
{
	char mac[MAC_TEXT_SIZE], address[IP4_TEXT_SIZE], left[256], right[64] = "", time[AGE_TEXT_SIZE];
	char text[LINE_MAX_BYTES];

	snprintf(left, sizeof(left), "%s %s%s%s%s%s", r->mac_known ? mac_format(mac, &r->mac) : "-",
		 r->address.host ? ip4_format(address, r->address) : "-", r->running[0] ? ", runs " : "",
		 r->running, r->load[0] ? ", goes to " : "", r->phase == PHASE_DONE ? "" : r->load);
	if (r->unplug_ms)
		snprintf(right, sizeof(right), "do not cut power, about %s", report_age(time, r->unplug_ms));
	watch_frame_both(f, row, STYLE_STRONG, left, right);
	if (r->cause)
		snprintf(text, sizeof(text), "%s: %s", cause_summary(r->cause), cause_action(r->cause));
	else
		snprintf(text, sizeof(text), "%s", phase_text(r->phase));
	watch_frame_words(f, row + 1, lines - 1, STYLE_PLAIN, text, ' ');
}

/* ---- the modes */

/* \016 … \027: the steps and boxes, in the order of their enums. */
static const char help_text[] =
	"up, down, j, k    choose a phone            PgUp, PgDn, space   page by page\n"
	"Home, g           the top, and stay there   End, G              the end\n"
	"/                 filter: words that must all be there, in MAC, address, model,\n"
	"                  plan, load, phase, cause or flags; esc takes it away\n"
	"s, r              sort by attention, MAC, plan, phase, since, address; reverse\n"
	"enter             the chosen phone's story, and what happened last\n"
	"p                 pause, and go on          q                   quit\n"
	"\n"
	"STAGE   a cell a stage of the plan:  \021 done  \017 here  \020 stuck  \016 to come\n"
	"FILES   a box a file of the load (of two parts: manifest, loader, application;\n"
	"        java: manifest and members):  \024 sent  \023 asked for (tftpd-hpa)\n"
	"        \025 not asked for, it has it  \026 not on the server  \027 broke off\n"
	"SINCE   its last change of phase\n"
	"LEFT    until it is through its plan, by usual times, if it looks by itself and\n"
	"        nothing goes wrong; over: they have passed\n";

/* The same of our own text, in which a low byte stands for the glyph of that number. */
static void put_legend(struct watch_pen *p, const char *text)
{
	for (; *text; text++)
		watch_pen_glyph(p, STYLE_PLAIN,
				*text < ' ' ? GLYPH_STEPS - LEGEND_FIRST + (unsigned char)*text
					    : (unsigned char)*text);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n' || text[1] == '\0';
	return n;
}

/* A label as `explain` has them, or a line behind an empty one, stands out; what is indented belongs to it. */
static void put_story(struct watch_frame *f, int row, const char *text, bool behind_empty)
{
	struct watch_pen p = watch_frame_line(f, row);
	const char *blanks = strstr(text, "  ");
	size_t label = text[0] == ' ' ? 0 : blanks && blanks - text < LABEL_MAX ? (size_t)(blanks - text) : 0;
	char word[LABEL_MAX + 1];

	snprintf(word, sizeof(word), "%.*s", (int)label, text);
	watch_pen_text(&p, STYLE_STRONG, word);
	watch_pen_text(&p, label == 0 && behind_empty && text[0] != ' ' ? STYLE_STRONG : STYLE_PLAIN,
		       text + label);
}

static void draw_text(struct watch_frame *f, const struct watch_scene *s, const char *text)
{
	const char *begin = text;
	int room = f->rows - 2;

	watch_view_settle(s->view, s->model, (size_t)room, count_lines(text));
	for (size_t skip = s->view->text_top; skip > 0 && *text; text++)
		skip -= *text == '\n';
	for (int row = 1; row <= room && *text; row++) {
		size_t len = strcspn(text, "\n");
		bool behind_empty = text - begin > 1 && text[-1] == '\n' && text[-2] == '\n';
		char part[LINE_MAX_BYTES];

		snprintf(part, sizeof(part), "%.*s", (int)len, text);
		if (s->view->mode == MODE_HELP) {
			struct watch_pen p = watch_frame_line(f, row);
			put_legend(&p, part);
		} else {
			put_story(f, row, part, behind_empty);
		}
		text += len + (text[len] == '\n');
	}
}

static void draw_table(struct watch_frame *f, const struct watch_scene *s)
{
	const struct watch_model *m = s->model;
	struct watch_view *v = s->view;
	struct watch_layout l;
	int top = draw_summary(f, 1, s), footer = f->rows >= 24 ? 3 : f->rows >= 16 ? 2 : 0;
	int room = f->rows - 1 - footer - (top + 1);
	int64_t now_ms = s->paused_ms ? s->paused_ms : s->now_ms;

	watch_layout(&l, f->cols, m);
	watch_view_settle(v, m, (size_t)(room > 0 ? room : 1), 0);
	draw_heads(f, &l, top, m->sort);
	for (int i = 0; i < room && v->top + (size_t)i < m->n_shown; i++) {
		size_t at = v->top + (size_t)i;

		draw_row(f, &l, top + 1 + i, &m->rows[m->shown[at]], at == v->at ? STYLE_CHOSEN : 0, now_ms);
	}
	if (m->n_shown == 0 && room > 0)
		watch_frame_text(f, top + 1, STYLE_FAINT,
				 m->n ? "no phone has that; esc takes the filter away"
				      : "no phone has been heard of yet");
	const struct watch_row *chosen = watch_view_chosen(v, m);
	if (footer && chosen)
		draw_chosen(f, f->rows - 1 - footer, footer, chosen);
}

void watch_draw(struct watch_frame *f, const struct watch_scene *s)
{
	for (int row = 0; row < f->rows; row++)
		watch_frame_fill(f, row, STYLE_PLAIN);
	f->cursor_row = f->cursor_col = -1;
	if (f->rows < WATCH_ROWS_MIN || f->cols < WATCH_COLS_MIN) {
		watch_frame_text(f, 0, STYLE_PLAIN, "too small: 48 by 5 at least");
		return;
	}
	if (s->view->mode == MODE_HELP)
		draw_text(f, s, help_text);
	else if (s->view->mode == MODE_PHONE)
		draw_text(f, s, s->story);
	else
		draw_table(f, s);
	draw_title(f, s);
	if (s->view->mode == MODE_FILTER)
		draw_filter(f, s);
	else
		draw_keys(f, s);
}
