/* SPDX-License-Identifier: MPL-2.0 */
/* Inside `loadstep explain`: one phone, what is known besides it, and what is found out for the page. */
#ifndef LOADSTEP_EXPLAIN_H
#define LOADSTEP_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "causes.h"
#include "cmds.h"
#include "config.h"
#include "fleet.h"
#include "report_explain.h"
#include "strbuf.h"

#define EXPLAIN_PATH 512

struct explain {
	struct ctl *c;
	const struct config *cfg; /* in force */
	const struct phone *p;
	const struct plan *pl; /* its own, else the one that is for it; NULL = none */
	int64_t now_ms; /* wall */
	struct fleet_prospect prospect;

	/* what it sees */
	struct strbuf sees;
	char dir[EXPLAIN_PATH]; /* where its requests are answered from, "" = not on this host, or nowhere */
	bool plain; /* that is the plain root */
	unsigned n_namings;
	struct report_naming namings[REPORT_NAMINGS_MAX];
	struct load_name load; /* the one whose files it would fetch next; "" = none */
	unsigned n_files;
	struct report_load_file files[REPORT_LOAD_FILES_MAX];
	char files_fault[300];

	struct causes_facts facts; /* of the files it sees, for the causes that fit */

	/* its history, by time */
	size_t n_history;
	struct history *history; /* owned */
	bool more; /* there was more than was read */

	unsigned n_fits;
	struct report_fit fits[CAUSES_FOUND_MAX];
	unsigned n_next;
	struct report_next next[REPORT_NEXT_MAX];
	unsigned n_checks;
	struct report_check checks[REPORT_CHECKS_MAX];
};

/* explain_sees.c: sees, dir, plain, and all that is in there for it */
void explain_sees(struct explain *x);
/* explain_names.c: which files name a load to it */
void explain_names(struct explain *x);
/* explain_files.c: the files of that load, one by one */
void explain_files(struct explain *x);

/* explain_causes.c: all causes that fit; after history and sees */
void explain_causes(struct explain *x);

/* explain_next.c: what loadstep will do, and when; *ret_limit_ms (wall): when silence makes it stuck, 0 = it does not */
void explain_next(struct explain *x, int64_t *ret_limit_ms);

/* explain_check.c: what to look at when a phone asks for nothing (F§7.2 B11, F§8 rows 16-22). Of a phone without
 * boots also why it is not even seen in DHCP. Into ret; returns how many. */
unsigned explain_checklist(const struct phone *p, struct report_check ret[static REPORT_CHECKS_MAX]);

/* explain_stranger.c: the MAC or address that `text` means is none of a phone that is known: what is near it. The exit
 * code. */
int explain_stranger(struct ctl *c, const char *text);

#endif
