/* SPDX-License-Identifier: MPL-2.0 */
/* Inside preview: the plans as they lie on disk, each phone's way, and what all of them come to. */
#ifndef LOADSTEP_PREVIEW_H
#define LOADSTEP_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cmds.h"
#include "config.h"
#include "report.h"
#include "view.h"

/* A plan with its load sets as they are on disk now. */
struct looked {
	struct plan plan; /* lists borrowed from the fleet's */
	bool published[PLAN_STAGES_MAX];
	char missing[PLAN_STAGES_MAX][256];
};

struct preview {
	struct ctl *c;
	const struct config *cfg;
	struct view view;
	bool room; /* the rollout's */
	struct report_time now;
	struct looked *plans; /* owned; as many as cfg has */
	size_t n, cap;
	struct report_preview *a; /* owned */
	struct report_forecast f;
	int64_t *ms; /* owned: each phone's time at least and at most, and the rollout's places */
	struct report_stage_sum *sums; /* owned; f borrows them */
	struct report_unprovisioned *unprovisioned; /* owned */
};

/* forecast.c: what the phones in v->a come to, into v->f. */
int forecast_fill(struct preview *v, struct err *e) MUST_CHECK;

enum report_going forecast_going(const struct preview *v, const struct report_preview *x);

/* preview_files.c: those whose plan ends at SIP and who have no configuration file of their own in the plain
 * root, with the files that were perhaps meant for them (F§8 rows 10 and 55). */
int unprovisioned_fill(struct preview *v, struct err *e) MUST_CHECK;

/* preview_model.c: without a phone: is there a way for this model to that load? The exit code. */
int preview_model(struct ctl *c, const char *model, const char *from, const char *to);

#endif
