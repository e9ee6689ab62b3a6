/* SPDX-License-Identifier: MPL-2.0 */
/* Which columns a table of that width has: the most useful ones first, each in its narrow form before any is widened. */
#include "watch_page.h"

#define MAC_WIDTH 17
#define PHASE_MIN 12 /* "half-flashed", "downloading" */
#define PHASE_GOOD 24 /* "stuck: transfer-failing", "app-missing-after-loader" */
#define PHASE_BEST 44 /* a cause, and what to do begins */
#define PLAN_MAX 20
#define TIME_WIDTH 5
#define STAGE_WORDS 5 /* "12/16" */

static int at_least(int a, int b)
{
	return a > b ? a : b;
}

/* Widen that column, or let it in. False: there is no room. */
static bool grant(struct watch_layout *l, int *room, enum watch_column column, int width)
{
	int more = width - l->width[column] + (l->width[column] == 0);

	if (width <= l->width[column])
		return true;
	if (more > *room)
		return false;
	*room -= more;
	l->width[column] = width;
	return true;
}

void watch_layout(struct watch_layout *ret, int cols, const struct watch_model *m)
{
	struct watch_layout l = { .width = { [COLUMN_MAC] = MAC_WIDTH, [COLUMN_PHASE] = PHASE_MIN } };
	int room = cols - MAC_WIDTH - 1 - PHASE_MIN;
	int bar = at_least(STAGE_WORDS, m->most_stages + 2), apart = at_least(5, 3 * (int)m->most_boxes);
	int plan = m->longest_plan < PLAN_MAX ? (int)m->longest_plan : PLAN_MAX;
	const struct {
		enum watch_column column;
		int width;
	} wishes[] = { { COLUMN_STAGE, STAGE_WORDS },
		       { COLUMN_SINCE, TIME_WIDTH },
		       { COLUMN_FILES, at_least(5, (int)m->most_boxes + 2) },
		       { COLUMN_MODEL, at_least(5, (int)m->longest_model) },
		       { COLUMN_LEFT, TIME_WIDTH },
		       { COLUMN_PHASE, PHASE_GOOD },
		       { COLUMN_STAGE, bar },
		       { COLUMN_FILES, apart },
		       { COLUMN_ADDRESS, 15 },
		       { COLUMN_LOAD, at_least(4, (int)m->longest_load) },
		       { COLUMN_PHASE, PHASE_BEST },
		       { COLUMN_PLAN, at_least(4, plan) } };

	/* where there is no room for one the later ones get none: a wider screen never lacks what a narrower one has */
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (!grant(&l, &room, wishes[i].column, wishes[i].width))
			break;
	l.width[COLUMN_PHASE] += at_least(room, 0);
	l.stage_bar = l.width[COLUMN_STAGE] >= bar;
	l.boxes_apart = l.width[COLUMN_FILES] >= apart;
	for (int c = 0, x = 0; c < COLUMN_COUNT; c++) {
		l.x[c] = x;
		x += l.width[c] ? l.width[c] + 1 : 0;
	}
	*ret = l;
}
