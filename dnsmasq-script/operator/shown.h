/* SPDX-License-Identifier: MPL-2.0 */
/* The phones that `status` and `log` are about: the options and operands of filter.h, and the walk through the store. */
#ifndef LOADSTEP_SHOWN_H
#define LOADSTEP_SHOWN_H

#include "cmds.h"
#include "filter.h"

struct shown {
	struct filter filter;
	struct report_time time;
	size_t n_all; /* phones in the store */
};

void shown_fini(struct shown *s);

/* A verb's own options, for the list of ctl_option; the option's val is OPT_FILTER plus its kind. */
#define OPT_FILTER (OPT_OWN + 100)
#define SHOWN_OPTIONS                                                        \
	{ "plan", required_argument, NULL, OPT_FILTER + FILTER_PLAN },       \
	{ "stage", required_argument, NULL, OPT_FILTER + FILTER_STAGE },     \
	{ "phase", required_argument, NULL, OPT_FILTER + FILTER_PHASE },     \
	{ "cause", required_argument, NULL, OPT_FILTER + FILTER_CAUSE },     \
	{ "site", required_argument, NULL, OPT_FILTER + FILTER_SITE },       \
	{ "port", required_argument, NULL, OPT_FILTER + FILTER_PORT },       \
	{ "switch", required_argument, NULL, OPT_FILTER + FILTER_SWITCH },   \
	{ "model", required_argument, NULL, OPT_FILTER + FILTER_MODEL },     \
	{ "network", required_argument, NULL, OPT_FILTER + FILTER_NETWORK }
#define SHOWN_ARGS                                                                         \
	"[--plan|--stage|--phase|--cause|--site|--port|--switch|--model|--network VALUE,…]… " \
	"[MAC|NETWORK|ADDRESS…]"

/* 0 = it was one of these; else the exit code (told). */
int shown_option(struct shown *s, int opt, const char *value);

/* Operands, with the fleet open. 0, or the exit code (told): a phone that nobody knows. */
int shown_operands(struct ctl *c, struct shown *s, char *const *operands);

bool shown_all(const struct shown *s); /* no filter was given */

/* Each phone that is meant. 0, or the exit code (told): a value that nothing has. */
typedef int (*shown_fn)(void *arg, const struct report_phone *rp, struct err *e);
int shown_walk(struct ctl *c, struct shown *s, shown_fn fn, void *arg);

#endif
