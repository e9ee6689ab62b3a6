/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The terminal, by ncurses, which only watch_screen.c knows. It takes the terminal when it is opened and gives it back
 * as it was when it is closed; while the program is stopped (SIGTSTP) ncurses does both by itself. Not two at a time.
 */
#ifndef LOADSTEP_WATCH_SCREEN_H
#define LOADSTEP_WATCH_SCREEN_H

#include <stdbool.h>

#include "err.h"
#include "watch_frame.h"

struct watch_screen;

/* 0; 1 = this terminal cannot place its cursor, or nobody knows it (TERM); -1 */
int watch_screen_open(struct watch_screen **ret, bool colour, struct err *e) MUST_CHECK;
void watch_screen_close(struct watch_screen *s); /* NULL fine */

/* How large it is now: after WATCH_KEY_RESIZE it is another. */
void watch_screen_size(const struct watch_screen *s, int *ret_rows, int *ret_cols);
void watch_screen_show(struct watch_screen *s, const struct watch_frame *f);
void watch_screen_anew(struct watch_screen *s); /* something else wrote on it: the next show draws every cell */

/* The next key that was typed; WATCH_KEY_NONE = none is waiting. */
int watch_screen_key(struct watch_screen *s);

#endif
