/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which phones `status` and `log` show: by plan, stage, phase, cause, site, switch port, switch, model, network, or by
 * name. Of one kind any value will do (an option given twice, a list with commas), of several kinds each must hold.
 * A value that nothing has and nothing could have is a slip: it is told with what there is. Pure but for memory: phones
 * are handed in.
 */
#ifndef LOADSTEP_FILTER_H
#define LOADSTEP_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "err.h"
#include "names.h"
#include "parse.h"
#include "report.h"
#include "strbuf.h"

enum filter_kind {
	FILTER_PLAN, /* a name, or "none" */
	FILTER_STAGE, /* its number in the plan, or its load */
	FILTER_PHASE,
	FILTER_CAUSE, /* a name, "any" or "none" */
	FILTER_SITE, /* a name, or "none" */
	FILTER_PORT, /* option 82's circuit-id: relay_info_port_is */
	FILTER_SWITCH, /* option 82's remote-id, or the relay's address */
	FILTER_MODEL, /* "7960", "CP-7960G", or "unnamed": not known */
	FILTER_NETWORK,
	FILTER_WHO, /* operands: a MAC, a network, an address */
	FILTER_KINDS
};

const char *filter_option_name(enum filter_kind k); /* "--plan" */

struct filter_value {
	enum filter_kind kind;
	const char *text; /* borrowed from the command line, `len` bytes */
	size_t len;
	char name[128]; /* the same as a text; canonical where there is a canonical form */
	int number; /* phase, cause, or a stage's number; -1 = by name */
	bool by_mac;
	struct mac mac;
	struct net4 net;
	bool exists; /* there is such a thing, whether a phone has it or not */
	bool met; /* a phone has it */
};

struct filter {
	size_t n, cap;
	struct filter_value *a; /* owned */
	bool used[FILTER_KINDS];
};

void filter_fini(struct filter *f);

/* A value, or several with commas. Memory is all that can fail. */
int filter_add(struct filter *f, enum filter_kind k, const char *list, struct err *e) MUST_CHECK;
/* A phone that an operand means. */
int filter_add_phone(struct filter *f, const struct mac *mac, struct err *e) MUST_CHECK;

/* Texts to values. 0; 1 = one of them cannot be: *why says so, with what there is; -1 = no memory. */
int filter_resolve(struct filter *f, const struct config *cfg, struct strbuf *why, struct err *e) MUST_CHECK;

/* Is it to be shown? Every phone of the store is handed in, also those that one value leaves out: others may mean it. */
bool filter_match(struct filter *f, const struct report_phone *rp);

/* After all phones: the first value that exists nowhere, NULL = none. */
const struct filter_value *filter_unmet(const struct filter *f);
/* What a phone has of the value's kind, for names_unknown. */
int filter_names_of(enum filter_kind k, const struct report_phone *rp, struct names *ret, struct err *e) MUST_CHECK;
/* What the configuration has of it. */
int filter_names_in(enum filter_kind k, const struct config *cfg, struct names *ret, struct err *e) MUST_CHECK;

#endif
