/* SPDX-License-Identifier: MPL-2.0 */
/* What stands on a screen of so many rows and columns. Pure but for the zone of local time. */
#ifndef LOADSTEP_WATCH_PAGE_H
#define LOADSTEP_WATCH_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "watch_frame.h"
#include "watch_model.h"
#include "watch_view.h"

/* ---- the table's columns */
enum watch_column {
	COLUMN_MAC,
	COLUMN_ADDRESS,
	COLUMN_MODEL,
	COLUMN_PLAN,
	COLUMN_STAGE,
	COLUMN_LOAD,
	COLUMN_FILES,
	COLUMN_SINCE,
	COLUMN_LEFT,
	COLUMN_PHASE,
	COLUMN_COUNT
};

struct watch_layout {
	int x[COLUMN_COUNT];
	int width[COLUMN_COUNT]; /* 0 = there is no room for it */
	bool stage_bar;		 /* a cell a stage, else "2/4" */
	bool boxes_apart;	 /* [#][#][ ], else [## ] */
};

/* Which columns stand where in so many columns of a terminal: MAC and phase always, the others as far as there is
 * room. */
void watch_layout(struct watch_layout *ret, int cols, const struct watch_model *m);

/* ---- all of it */
#define WATCH_COLS_MIN 48 /* "writing flash: 10000 phones, do not cut power" */
#define WATCH_ROWS_MIN 5

struct watch_scene {
	const struct watch_model *model;
	struct watch_view *view; /* settled by the drawing, which knows how many rows fit */
	int64_t now_ms;		 /* wall */
	int64_t paused_ms;	 /* wall: what is shown is of then; 0 = not paused */
	const char *trouble;	 /* why the store cannot be read, "" = it can */
	int64_t trouble_ms;	 /* since when */
	const char *blind;	 /* why what is shown may be old all the same, "" = it is not */
	const char *story;	 /* MODE_PHONE: lines of text */
};

void watch_draw(struct watch_frame *f, const struct watch_scene *s);

#endif
