/* SPDX-License-Identifier: MPL-2.0 */
/* The history as it comes, a line an entry that tells something: for where there is no terminal. */
#ifndef LOADSTEP_WATCH_LINES_H
#define LOADSTEP_WATCH_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "state.h"
#include "strbuf.h"
#include "watch_model.h"

/* "12:34:56 00:1b:0c:18:bd:c1 7960 P0S3-8-12-00: sent P0S3-8-12-00.sb2 (2/3); half-flashed -> flashing: …". False: it
 * has neither a file of a load nor a change of phase, nor a word of a person or a phone; nothing is added. The row's
 * told_… move on. `r` NULL: the phone is not known. */
bool watch_line(struct strbuf *sb, const struct history *h, struct watch_row *r, const struct config *cfg);

/* A phone that has trouble already: "12:34:56 … stuck: image-rejected: summary; action" */
void watch_line_trouble(struct strbuf *sb, const struct watch_row *r, int64_t now_ms);

/* "12:34:56 summary: counts; power; throughput; time left" */
void watch_line_summary(struct strbuf *sb, const struct watch_model *m, int64_t now_ms);

#endif
