/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A log that comes once: standard input, a named pipe, what another program writes. What was delivered is kept until it
 * is stored, so that it can be delivered again; nothing is read meanwhile but what there is room for.
 */
#ifndef LOADSTEP_PIPELOG_H
#define LOADSTEP_PIPELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define PIPELOG_LINE_MAX 32768 /* a journal's entry as JSON is some thousand bytes; what is longer is skipped */
#define PIPELOG_BYTES (1024 * 1024)

struct pipelog {
	int fd; /* borrowed; -1 = none */
	char *buf; /* owned */
	size_t begin; /* not stored yet from here on */
	size_t told; /* not delivered yet from here on */
	size_t end;
	size_t last, last_len; /* the last line that was delivered; offset, and its length: 0 = none */
	bool skipping; /* inside a line that is too long */
	bool endless; /* a named pipe: the next writer may come */
	bool ended; /* all writers are gone */
	uint64_t too_long;
};

int pipelog_open(struct pipelog *p, int fd, struct err *e) MUST_CHECK;
void pipelog_close(struct pipelog *p);
/* It goes on with another one, from a line's begin. */
void pipelog_renew(struct pipelog *p, int fd);

/* Whole lines that came, without their newline, at most `max`; never waits. 0 = there may be more at once; 1 = nothing
 * more now; -1 = failed (also what fn returned negative: that line and the rest come again). The last line counts
 * without a newline when the writers are gone. */
typedef int (*pipelog_fn)(void *arg, const char *line, size_t len, struct err *e);
int pipelog_read(struct pipelog *p, unsigned max, pipelog_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Is there certainly nothing to deliver? */
bool pipelog_idle(const struct pipelog *p);

/* What was delivered is stored; or was not: it comes again. */
void pipelog_save(struct pipelog *p);
void pipelog_back(struct pipelog *p);

#endif
