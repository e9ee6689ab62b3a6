/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The page's parts; for report_html*.c only. Everything that is not ours goes through html_text. Shapes are SVG that is
 * stretched to the width there is; letters never are: labels are HTML beside it.
 */
#ifndef LOADSTEP_REPORT_HTML_H
#define LOADSTEP_REPORT_HTML_H

#include <stdint.h>
#include <stdio.h>

#include "report_fleet.h"

extern const char *const html_style[]; /* the style sheet, line by line; NULL behind the last */

/* Text of any origin, as text or within double quotes: markup is escaped, bytes that are no printable ASCII become
 * \xHH. Names were escaped when they were stored, so a backslash stays one. */
void html_text(FILE *out, const char *text);
void html_count(FILE *out, int64_t n);	 /* 12,345 */
void html_bytes(FILE *out, int64_t bytes); /* 1.2 MB */
void html_minute(FILE *out, int64_t ms); /* local, "2026-01-31 12:00", in a time element */
const char *html_phones(int64_t n);	 /* " phone" or " phones" */

/* How a band is filled: its class, and how dense the accent is for a stage. */
void html_band_fill(FILE *out, unsigned band, unsigned n_stages);

void html_plan(FILE *out, const struct report_fleet *f, size_t plan_idx);
void html_throughput(FILE *out, const struct report_fleet *f);
void html_finished(FILE *out, const struct report_fleet *f);
void html_lanes(FILE *out, const struct report_fleet *f);
void html_time_axis(FILE *out, const struct report_fleet *f); /* labels below a plot of the bins */

#endif
