/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

static const char *own_glyph(uint32_t glyph, bool unicode)
{
	static const char *const texts[][2] = {
		[STEP_TO_COME] = { ".", "·" },
		[STEP_HERE] = { ">", "►" },
		[STEP_STUCK] = { "!", "!" },
		[STEP_DONE] = { "#", "■" },
		[STEP_COUNT + BOX_EMPTY] = { " ", " " },
		[STEP_COUNT + BOX_ASKED] = { "-", "▄" },
		[STEP_COUNT + BOX_SENT] = { "#", "■" },
		[STEP_COUNT + BOX_KEPT] = { "=", "=" },
		[STEP_COUNT + BOX_MISSING] = { "?", "?" },
		[STEP_COUNT + BOX_FAILED] = { "x", "x" },
		[STEP_COUNT + BOX_COUNT] = { "~", "…" },
	};

	return glyph < GLYPH_END ? texts[glyph - GLYPH_STEPS][unicode] : "?";
}

/* In ASCII: of the others the few that our own texts have. */
static char ascii_of(uint32_t c)
{
	if (c < 0x80)
		return (char)c;
	switch (c) {
	case 0xa7:
		return 'S';
	case 0x2013:
		return '-';
	case 0x2026:
		return '~';
	default:
		return '?';
	}
}

const char *watch_glyph_text(char buf[static GLYPH_TEXT_SIZE], uint32_t glyph, bool unicode)
{
	if (glyph >= GLYPH_STEPS)
		return own_glyph(glyph, unicode);
	size_t n = 0;

	if (glyph < 0x80 || !unicode) {
		buf[n++] = ascii_of(glyph);
	} else if (glyph < 0x800) {
		buf[n++] = (char)(0xc0 | glyph >> 6);
		buf[n++] = (char)(0x80 | (glyph & 63));
	} else {
		buf[n++] = (char)(0xe0 | glyph >> 12);
		buf[n++] = (char)(0x80 | (glyph >> 6 & 63));
		buf[n++] = (char)(0x80 | (glyph & 63));
	}
	buf[n] = '\0';
	return buf;
}

/* The next character, moving *text; what is none of one column that every terminal knows is a question mark. Foreign
 * text is escaped before it comes here, so that is the last line of defence. */
static uint32_t next_glyph(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	uint32_t c = s[0];
	int n = 1;

	if (s[0] >= 0xc2 && s[0] < 0xe0 && (s[1] & 0xc0) == 0x80) {
		c = (s[0] & 31u) << 6 | (s[1] & 63u);
		n = 2;
	} else if (s[0] >= 0xe0 && s[0] < 0xf0 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80) {
		c = (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
		n = 3;
	}
	*text += n;
	if (c >= ' ' && c < 0x7f)
		return c;
	return n > 1 && ((c > 0xa0 && c < 0x100 && c != 0xad) || (c >= 0x2010 && c <= 0x2026)) ? c : '?';
}

int watch_frame_size(struct watch_frame *f, int rows, int cols, struct err *e)
{
	rows = rows > 0 ? rows : 1;
	cols = cols > 0 ? cols : 1;
	struct watch_cell *cells = reallocarray(f->cells, (size_t)rows * (size_t)cols, sizeof(*cells));

	if (!cells)
		return err_set(e, ERR_SYSTEM, "no memory for a screen of %d by %d", cols, rows);
	*f = (struct watch_frame){ .rows = rows, .cols = cols, .cells = cells };
	return 0;
}

void watch_frame_fini(struct watch_frame *f)
{
	free(f->cells);
	f->cells = NULL;
}

void watch_pen_glyph(struct watch_pen *p, enum watch_style style, uint32_t glyph)
{
	if (p->row < 0 || p->row >= p->frame->rows || p->x < 0 || p->x >= p->end || p->x >= p->frame->cols)
		return;
	p->frame->cells[p->row * p->frame->cols + p->x++] =
		(struct watch_cell){ .glyph = glyph, .style = (uint8_t)(style | p->chosen) };
}

void watch_pen_text(struct watch_pen *p, enum watch_style style, const char *text)
{
	int room = (p->end < p->frame->cols ? p->end : p->frame->cols) - p->x;

	for (; *text && room > 0; room--) {
		uint32_t glyph = next_glyph(&text);

		watch_pen_glyph(p, style, room == 1 && *text ? GLYPH_CUT : glyph);
	}
}

struct watch_pen watch_frame_line(struct watch_frame *f, int row)
{
	return (struct watch_pen){ .frame = f, .row = row, .end = f->cols };
}

void watch_frame_fill(struct watch_frame *f, int row, unsigned style)
{
	for (int x = 0; x < f->cols && row >= 0 && row < f->rows; x++)
		f->cells[row * f->cols + x] = (struct watch_cell){ .glyph = ' ', .style = (uint8_t)style };
}

void watch_frame_text(struct watch_frame *f, int row, enum watch_style style, const char *text)
{
	struct watch_pen p = watch_frame_line(f, row);

	watch_pen_text(&p, style, text);
}

int watch_frame_words(struct watch_frame *f, int row, int most, enum watch_style style, const char *text,
		      char behind)
{
	int n = 0;

	for (; *text && n < most; n++) {
		size_t room = (size_t)f->cols, len = strlen(text);

		if (len > room && n + 1 < most) {
			for (len = room;
			     len > 0 && (text[len] != ' ' || (behind != ' ' && text[len - 1] != behind));
			     len--)
				;
			len = len > 0 ? len : room;
		}
		struct watch_pen p = watch_frame_line(f, row + n);
		char part[LINE_MAX_BYTES];

		snprintf(part, sizeof(part), "%.*s", (int)len, text);
		watch_pen_text(&p, style, part);
		text += len;
		text += strspn(text, " ");
	}
	return n;
}

void watch_frame_both(struct watch_frame *f, int row, enum watch_style style, const char *left,
		      const char *right)
{
	struct watch_pen p = watch_frame_line(f, row);
	int n = (int)strlen(right);

	watch_pen_text(&p, style, left);
	if (n + 2 > f->cols - p.x)
		return;
	p.x = f->cols - n;
	watch_pen_text(&p, style, right);
}
