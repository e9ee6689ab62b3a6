/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "watch_view.h"

#define RUN_MAX 256 /* bytes */
#define ESCAPE_MS 50 /* a terminal sends the rest of a key at once; a person does not */

struct watch_screen {
	SCREEN *screen;
	bool unicode;
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT]; /* 0 = the terminal's own colours */
};

/* Bold, underlined and reverse say the same as the colours, which are those that can be read on light and on dark. */
static const struct look {
	attr_t attributes;
	short colour; /* -1 = the terminal's own */
} looks[STYLE_COUNT] = {
	[STYLE_PLAIN] = { A_NORMAL, -1 },	   [STYLE_TITLE] = { A_REVERSE, -1 },
	[STYLE_HEAD] = { A_UNDERLINE, -1 },	   [STYLE_FAINT] = { A_DIM, -1 },
	[STYLE_STRONG] = { A_BOLD, -1 },	   [STYLE_TROUBLE] = { A_BOLD, COLOR_RED },
	[STYLE_POWER] = { A_BOLD, COLOR_MAGENTA }, [STYLE_LOOK] = { A_BOLD | A_UNDERLINE, -1 },
	[STYLE_MOVING] = { A_BOLD, -1 },	   [STYLE_DONE] = { A_NORMAL, COLOR_GREEN },
};

static void choose_looks(struct watch_screen *s, bool colour)
{
	bool own = colour && has_colors() && start_color() == OK && use_default_colors() == OK;

	for (int i = 0; i < STYLE_COUNT; i++) {
		s->attributes[i] = looks[i].attributes;
		if (own && looks[i].colour >= 0 && init_pair((short)(i + 1), looks[i].colour, -1) == OK)
			s->pairs[i] = (short)(i + 1);
	}
}

int watch_screen_open(struct watch_screen **ret, bool colour, struct err *e)
{
	struct watch_screen *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ERR_SYSTEM, "no memory for a screen");
	setlocale(LC_CTYPE, "");
	s->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	s->screen = newterm(NULL, stdout, stdin);
	if (!s->screen || !tigetstr("cup")) {
		watch_screen_close(s);
		return 1;
	}
	set_term(s->screen);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	choose_looks(s, colour);
	*ret = s;
	return 0;
}

void watch_screen_close(struct watch_screen *s)
{
	if (!s)
		return;
	if (s->screen) {
		endwin();
		delscreen(s->screen);
	}
	free(s);
}

void watch_screen_size(const struct watch_screen *s, int *ret_rows, int *ret_cols)
{
	(void)s;
	getmaxyx(stdscr, *ret_rows, *ret_cols);
}

void watch_screen_anew(struct watch_screen *s)
{
	(void)s;
	clearok(stdscr, TRUE);
}

static void set_style(const struct watch_screen *s, unsigned style)
{
	bool chosen = (style & STYLE_CHOSEN) != 0;

	style &= ~(unsigned)STYLE_CHOSEN;
	/* green on the bar of the chosen row could not be read */
	bool own = chosen && style != STYLE_TROUBLE && style != STYLE_POWER;

	attr_set(chosen ? (s->attributes[style] & ~A_DIM) | A_REVERSE : s->attributes[style],
		 own ? 0 : s->pairs[style], NULL);
}

/* Cells of one style at a time. */
static void put_row(const struct watch_screen *s, const struct watch_cell *c, int n)
{
	char run[RUN_MAX + GLYPH_TEXT_SIZE], text[GLYPH_TEXT_SIZE];
	size_t len = 0;

	for (int x = 0; x < n; x++) {
		const char *t = watch_glyph_text(text, c[x].glyph, s->unicode);

		for (; *t; t++)
			run[len++] = *t;
		if (x + 1 < n && c[x + 1].style == c[x].style && len < RUN_MAX)
			continue;
		run[len] = '\0';
		set_style(s, c[x].style);
		addstr(run);
		len = 0;
	}
}

void watch_screen_show(struct watch_screen *s, const struct watch_frame *f)
{
	int rows, cols;

	watch_screen_size(s, &rows, &cols);
	for (int y = 0; y < f->rows && y < rows; y++) {
		move(y, 0);
		put_row(s, &f->cells[y * f->cols], f->cols < cols ? f->cols : cols);
	}
	attr_set(A_NORMAL, 0, NULL);
	curs_set(f->cursor_row >= 0);
	if (f->cursor_row >= 0)
		move(f->cursor_row, f->cursor_col);
	refresh();
}

int watch_screen_key(struct watch_screen *s)
{
	static const struct {
		int curses, ours;
	} keys[] = {
		{ ERR, WATCH_KEY_NONE },
		{ KEY_UP, WATCH_KEY_UP },
		{ KEY_DOWN, WATCH_KEY_DOWN },
		{ KEY_PPAGE, WATCH_KEY_PAGE_UP },
		{ KEY_NPAGE, WATCH_KEY_PAGE_DOWN },
		{ KEY_HOME, WATCH_KEY_HOME },
		{ KEY_END, WATCH_KEY_END },
		{ KEY_ENTER, WATCH_KEY_ENTER },
		{ '\r', WATCH_KEY_ENTER },
		{ '\n', WATCH_KEY_ENTER },
		{ 27, WATCH_KEY_ESCAPE },
		{ KEY_BACKSPACE, WATCH_KEY_BACKSPACE },
		{ 127, WATCH_KEY_BACKSPACE },
		{ '\b', WATCH_KEY_BACKSPACE },
		{ KEY_RESIZE, WATCH_KEY_RESIZE },
	};
	int key = getch();

	(void)s;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == key)
			return keys[i].ours;
	return key >= 0 && key < 256 ? key : 0;
}
