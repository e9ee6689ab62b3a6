/* SPDX-License-Identifier: MPL-2.0 */
/* The answer of loadstep-status as plain values; the shim makes JSON of them. Runs beside the packet
 * threads: memory only. */
#ifndef LOADSTEP_COMMANDS_H
#define LOADSTEP_COMMANDS_H

#include "directory.h"
#include "hook.h"
#include "recorder.h"

/* What the library is doing, and all that the answer is made from; rec NULL where nothing is recorded. */
struct command_state {
	int result;
	const char *state;  /* "running", "directory-file", "disabled" */
	const char *reason; /* "" = nothing wrong */
	const char *config_file, *store, *directory_file;
	struct directory *dir; /* NULL = none */
	struct recorder *rec;
	int64_t replies, answered; /* replies to phones of ours; of them with servers set */
};

void command_status(const struct command_state *cs, struct hook_status *ret);

#endif
