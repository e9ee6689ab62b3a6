/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a person does with the picture: which row is chosen, what part is on the screen, what a key means. Pure.
 */
#ifndef LOADSTEP_WATCH_VIEW_H
#define LOADSTEP_WATCH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch_model.h"

/* A key is a byte, or one of these. */
enum watch_key {
	WATCH_KEY_NONE = -1,
	WATCH_KEY_UP = 256,
	WATCH_KEY_DOWN,
	WATCH_KEY_PAGE_UP,
	WATCH_KEY_PAGE_DOWN,
	WATCH_KEY_HOME,
	WATCH_KEY_END,
	WATCH_KEY_ENTER,
	WATCH_KEY_ESCAPE,
	WATCH_KEY_BACKSPACE,
	WATCH_KEY_RESIZE,
};

enum watch_mode {
	MODE_TABLE,
	MODE_FILTER, /* the table, while a filter is typed */
	MODE_PHONE,  /* one phone's story */
	MODE_HELP,
};

struct watch_view {
	enum watch_mode mode;
	/* The chosen phone keeps being chosen wherever it moves; 0 = whoever is on top. */
	int64_t chosen;
	size_t at;  /* its place among those shown */
	size_t top; /* first on the screen */
	size_t rows; /* that fit: told by watch_view_settle */
	char before[WATCH_FILTER_MAX + 1]; /* the filter, when typing began */
	size_t text_top; /* MODE_PHONE, MODE_HELP: first line on the screen */
	bool paused;
};

enum watch_do {
	WATCH_DO_NOTHING,
	WATCH_DO_QUIT,
	WATCH_DO_OPEN, /* the story of `chosen` is wanted */
	WATCH_DO_PAUSE, /* `paused` changed */
};

/* The key into view and model; the model is ordered anew where that is needed. */
enum watch_do watch_view_key(struct watch_view *v, struct watch_model *m, int key);

/* After a change of the model or of the screen: where the chosen row is now. `rows` fit; `lines` has the text of
 * MODE_PHONE or MODE_HELP, 0 otherwise. */
void watch_view_settle(struct watch_view *v, const struct watch_model *m, size_t rows, size_t lines);

/* NULL = nobody is shown. */
const struct watch_row *watch_view_chosen(const struct watch_view *v, const struct watch_model *m);

#endif
