/* SPDX-License-Identifier: MPL-2.0 */
/* What stands above the table and in the summaries of the plain lines. Pure but for the zone of local time. */
#ifndef LOADSTEP_WATCH_TEXT_H
#define LOADSTEP_WATCH_TEXT_H

#include <stdint.h>

#include "strbuf.h"
#include "watch_model.h"

/* "40 phones, 25 done (62 %): 2 stuck, 3 flashing, …; 1 needs a reboot" */
void watch_counts_text(const struct watch_model *m, struct strbuf *sb);
/* "writing flash: 3 phones, do not cut power (for about 2m)" */
void watch_power_text(const struct watch_model *m, struct strbuf *sb);
/* "12 files/min, 8.4 MB/min" */
void watch_rate_text(const struct watch_model *m, int64_t now_ms, struct strbuf *sb);
/* "time left: about 35 to 50 min (15:10 to 15:25)" */
void watch_left_text(const struct watch_model *m, int64_t now_ms, struct strbuf *sb);

/* "14:35:02", local */
#define WATCH_CLOCK_SIZE 16
const char *watch_clock(char buf[static WATCH_CLOCK_SIZE], int64_t ms);

#endif
