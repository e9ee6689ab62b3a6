/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which phones `start`, `stop`, `retry`, `skip` and `forget` mean: by MAC, by network, by plan, or all. What
 * was named one by one is taken as named; of a group only those that the verb would change.
 */
#ifndef LOADSTEP_SELECT_H
#define LOADSTEP_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "cmds.h"
#include "parse.h"

struct selection {
	const char *verb;      /* "start", for messages */
	const char *plan_name; /* --plan, or NULL */
	bool all;
	bool may_force; /* the verb knows --force */
	bool force;
	size_t n;
	struct phone *phones; /* owned */
	size_t cap;
	/* of a group: would the verb change this one? */
	bool (*wanted)(const struct ctl *c, const struct selection *s, const struct phone *p);
};

void select_fini(struct selection *s);

/* Options and operands to phones, with the fleet opened. 0, or the exit code (told). */
int select_phones(struct ctl *c, int argc, char **argv, struct selection *s);

/* Print them and ask, when they are more than one. 0 = go on. */
int select_confirm(const struct ctl *c, const struct selection *s);

/* Do it to each: `one` returns 0 = done, 1 = no (why filled), -1 = failed. Tells of each; the exit code. */
typedef int (*select_fn)(struct ctl *c, const struct selection *s, const struct phone *p, char *why,
			 size_t why_size, struct err *e);
int select_run(struct ctl *c, const struct selection *s, select_fn one, const char *done_text);

#endif
