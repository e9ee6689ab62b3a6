/* SPDX-License-Identifier: MPL-2.0 */
/* The log that the agent follows, whatever it is: a file, a pipe, the journal. */
#ifndef LOADSTEP_AGENT_LOG_H
#define LOADSTEP_AGENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "follow.h"
#include "journalctl.h"
#include "pipelog.h"

enum agent_log_kind { AGENT_LOG_NONE, AGENT_LOG_FILE, AGENT_LOG_PIPE, AGENT_LOG_JOURNAL };

struct agent_log {
	enum agent_log_kind kind;
	const char *name; /* for people; the caller's */
	bool fresh; /* it was never followed before */
	int fd; /* of a pipe of ours; -1 = none */
	struct follow file;
	struct pipelog pipe;
	struct journalctl journal;
};

/* How it is named and remembered, and how far back a journal is read that was never followed (wall). */
struct agent_log_want {
	const char *path; /* "-" = standard input; NULL = the journal */
	const char *memory;
	const char *const *tags; /* of the journal: whose entries */
	int64_t since_ms;
	bool once;
};
int agent_log_open(struct agent_log *a, const struct agent_log_want *want, struct err *e) MUST_CHECK;
void agent_log_close(struct agent_log *a);

/* Before each look. -1: something is the matter with it; it is gone on with all the same. */
int agent_log_keep(struct agent_log *a, int64_t monotonic_ms, struct err *e) MUST_CHECK;
/* Is there certainly nothing to read? */
bool agent_log_idle(const struct agent_log *a);
/* Is it there to be read? */
bool agent_log_present(const struct agent_log *a);
/* What was rotated away and cannot be read, once; "" = nothing. */
void agent_log_trouble(struct agent_log *a, char ret[static ERR_TEXT_MAX]);
/* Lines that were passed over because of their length. */
uint64_t agent_log_too_long(const struct agent_log *a);
/* It has ended for good: standard input; with `once` any pipe, and the journal. */
bool agent_log_ended(const struct agent_log *a);

/* As follow_read(). */
int agent_log_read(struct agent_log *a, unsigned max, follow_fn fn, void *arg, struct err *e) MUST_CHECK;
/* What was delivered is stored. `remember`: and need not be read again after a restart. */
int agent_log_save(struct agent_log *a, bool remember, struct err *e) MUST_CHECK;
/* It was not stored: it comes again. *ret_rewound: also what was stored since it was last remembered. */
int agent_log_back(struct agent_log *a, bool *ret_rewound, struct err *e) MUST_CHECK;

#endif
