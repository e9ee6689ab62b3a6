/* SPDX-License-Identifier: MPL-2.0 */
/*
 * systemd's journal as a log to follow, through its own reader: `journalctl -f -o json`, which is started here and
 * started again when it ends. Where we are is remembered as the journal's own cursor.
 */
#ifndef LOADSTEP_JOURNALCTL_H
#define LOADSTEP_JOURNALCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "journal.h"
#include "pipelog.h"

struct journalctl {
	struct pipelog pipe;
	pid_t pid; /* 0 = it does not run */
	int fd;
	bool once; /* what is there now, and no more */
	bool fresh; /* nothing was remembered: this journal was never followed */
	const char *const *tags; /* whose entries; NULL behind the last */
	int64_t since_ms; /* when nothing is remembered */
	int64_t started_ms; /* monotonic */
	char why[96]; /* it ended, or cannot be started; "" = it runs, and goes on running */
	char cursor[JOURNAL_CURSOR_MAX]; /* of the last entry that is stored; "" = none */
	char saved[JOURNAL_CURSOR_MAX]; /* as the memory has it */
	char memory[256];
};

/* Takes up where `memory` says, else at since_ms (wall). `tags` stay the caller's. */
int journalctl_open(struct journalctl *j, const char *memory, const char *const *tags, int64_t since_ms, bool once,
		    struct err *e) MUST_CHECK;
void journalctl_close(struct journalctl *j);

/* To be called before each look: starts it again, a moment after it ended. -1: it cannot be started, or does not go on
 * running. */
int journalctl_keep(struct journalctl *j, int64_t monotonic_ms, struct err *e) MUST_CHECK;

/* What was delivered is stored. `remember`: and need not be read again after a restart. */
int journalctl_save(struct journalctl *j, bool remember, struct err *e) MUST_CHECK;

#endif
