/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_text.h"

#include <stdio.h>

#include "report.h"

#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)
#define LEAST_MS INT64_C(1000) /* what unplug.h says beyond all limits */

/* In the order of the table: what wants a look first. */
static const enum phase told[] = { PHASE_STUCK,	   PHASE_FLASHING, PHASE_HALF_FLASHED, PHASE_DOWNLOADING,
				   PHASE_CHECKING, PHASE_OFFERED,  PHASE_WAITING,      PHASE_SEEN };

void watch_counts_text(const struct watch_model *m, struct strbuf *sb)
{
	const char *between = ": ";

	strbuf_addf(sb, "%zu phone%s", m->n, m->n == 1 ? "" : "s");
	if (m->n > 0)
		strbuf_addf(sb, ", %u done (%zu %%)", m->counts[PHASE_DONE],
			    m->counts[PHASE_DONE] * (size_t)100 / m->n);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (m->counts[told[i]] == 0)
			continue;
		strbuf_addf(sb, "%s%u %s", between, m->counts[told[i]], phase_name(told[i]));
		between = ", ";
	}
	if (m->needs_reboot)
		strbuf_addf(sb, "; %u need%s a reboot", m->needs_reboot, m->needs_reboot == 1 ? "s" : "");
}

void watch_power_text(const struct watch_model *m, struct strbuf *sb)
{
	char left[AGE_TEXT_SIZE];

	if (m->busy == 0) {
		strbuf_add(sb, "writing flash: none");
		return;
	}
	strbuf_addf(sb, "writing flash: %u phone%s, do not cut power", m->busy, m->busy == 1 ? "" : "s");
	if (m->busy_ms > LEAST_MS) /* else it has taken longer than anything usual */
		strbuf_addf(sb, " (for about %s)", report_age(left, m->busy_ms));
}

void watch_rate_text(const struct watch_model *m, int64_t now_ms, struct strbuf *sb)
{
	struct watch_sum s = watch_rate_sum(&m->rate, now_ms);

	strbuf_addf(sb, "%u file%s/min, ", s.files, s.files == 1 ? "" : "s");
	if (s.files > 0 && s.files == s.unsized)
		strbuf_add(sb, "sizes not told");
	else
		strbuf_addf(sb, "%s%.1f MB/min", s.unsized ? "> " : "", (double)s.bytes / 1e6);
}

/* To the minute from two minutes on: it is an estimate. */
static void add_time(struct strbuf *sb, int64_t ms, bool with_unit)
{
	int64_t min = (ms + MINUTE / 2) / MINUTE;

	if (ms < 2 * MINUTE)
		strbuf_addf(sb, "%lld%s", (long long)(ms / 1000), with_unit ? " s" : "");
	else if (min < 120)
		strbuf_addf(sb, "%lld%s", (long long)min, with_unit ? " min" : "");
	else
		strbuf_addf(sb, "%lld h %lld min", (long long)(min / 60), (long long)(min % 60));
}

static int unit_of(int64_t ms)
{
	return ms < 2 * MINUTE ? 0 : (ms + MINUTE / 2) / MINUTE < 120 ? 1 : 2;
}

void watch_left_text(const struct watch_model *m, int64_t now_ms, struct strbuf *sb)
{
	int64_t low = m->left.low_ms, high = m->left.high_ms;
	char from[WATCH_CLOCK_SIZE], to[WATCH_CLOCK_SIZE];

	if (m->on_way == 0) {
		strbuf_add(sb, "time left: nobody is on the way");
		return;
	}
	strbuf_add(sb, "time left: about ");
	if (low != high) {
		add_time(sb, low, unit_of(low) != unit_of(high));
		strbuf_add(sb, " to ");
	}
	add_time(sb, high, true);
	if (high < DAY)
		strbuf_addf(sb, " (%.5s to %.5s)", watch_clock(from, now_ms + low),
			    watch_clock(to, now_ms + high));
}

const char *watch_clock(char buf[static WATCH_CLOCK_SIZE], int64_t ms)
{
	char whole[TIME_TEXT_SIZE];

	report_time_local(whole, ms);
	snprintf(buf, WATCH_CLOCK_SIZE, "%.8s", whole[0] == '-' ? "--:--:--" : whole + 11);
	return buf;
}
