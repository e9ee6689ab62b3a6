/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A picture of a screen, cell by cell, and how text is put into it. What a cell looks like is the screen's
 * (watch_screen.c), which may have colours and Unicode or not: no meaning is in a colour alone. What was put in is
 * printable, whatever it was.
 */
#ifndef LOADSTEP_WATCH_FRAME_H
#define LOADSTEP_WATCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "watch_row.h"

enum watch_style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_HEAD,    /* titles of columns */
	STYLE_FAINT,   /* what needs no look: seen, to come */
	STYLE_STRONG,  /* the tail of a MAC */
	STYLE_TROUBLE, /* stuck, the store away */
	STYLE_POWER,   /* do not cut power */
	STYLE_LOOK,    /* needs a reboot, late */
	STYLE_MOVING,
	STYLE_DONE,
	STYLE_COUNT
};
#define STYLE_CHOSEN 0x80 /* added: the chosen row */

/* What a cell holds: a printable character of one column, or, beyond all of those, one of these. */
enum watch_glyph {
	GLYPH_STEPS = 0x110000,			  /* + enum watch_step */
	GLYPH_BOXES = GLYPH_STEPS + STEP_COUNT,	  /* + enum watch_box */
	GLYPH_CUT = GLYPH_BOXES + BOX_COUNT,	  /* the text goes on */
	GLYPH_END
};
/* Of one column in UTF-8, or in ASCII. */
#define GLYPH_TEXT_SIZE 8
const char *watch_glyph_text(char buf[static GLYPH_TEXT_SIZE], uint32_t glyph, bool unicode);

struct watch_cell {
	uint32_t glyph;
	uint8_t style;
};

struct watch_frame {
	int rows, cols;
	struct watch_cell *cells; /* owned; row by row */
	int cursor_row, cursor_col; /* -1 = no cursor */
};

int watch_frame_size(struct watch_frame *f, int rows, int cols, struct err *e) MUST_CHECK;
void watch_frame_fini(struct watch_frame *f);

/* Writes into part of one line; what does not fit is cut, and seen to be. */
struct watch_pen {
	struct watch_frame *frame;
	int row, x, end;
	unsigned chosen; /* STYLE_CHOSEN or 0 */
};

void watch_pen_glyph(struct watch_pen *p, enum watch_style style, uint32_t glyph);
void watch_pen_text(struct watch_pen *p, enum watch_style style, const char *text);

/* Whole lines; a row outside the frame is none. */
struct watch_pen watch_frame_line(struct watch_frame *f, int row);
void watch_frame_fill(struct watch_frame *f, int row, unsigned style); /* with blanks */
void watch_frame_text(struct watch_frame *f, int row, enum watch_style style, const char *text);
/* Left and right; what is on the right gives way. */
void watch_frame_both(struct watch_frame *f, int row, enum watch_style style, const char *left, const char *right);
/* On at most `most` lines, broken at blanks behind that byte (' ': at any). Returns how many it took. */
int watch_frame_words(struct watch_frame *f, int row, int most, enum watch_style style, const char *text, char behind);

#endif
