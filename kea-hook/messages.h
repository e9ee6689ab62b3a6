/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Log lines as plain values: C never calls back into C++, so what it has to say travels as a short list that
 * the shim writes through Kea's logger. Repeated complaints are held back to one line per id in five seconds.
 * Also read by C++: no array parameters with sizes, no atomics in the structs.
 */
#ifndef LOADSTEP_MESSAGES_H
#define LOADSTEP_MESSAGES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum message_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

enum message_id {
#define MESSAGE(sym, level, text, why) MSG_##sym,
#include "messages.def"
#undef MESSAGE
	MSG_COUNT
};

#define HOOK_LINE_SIZE 600
#define HOOK_LINES_MAX 12
#define HOOK_QUIET_MS 5000 /* one line per id in this time */

struct hook_line {
	enum message_id id;
	char text[HOOK_LINE_SIZE];
};

/* The caller sets n = 0 and nothing else; lines beyond the last are counted in the last one's place. */
struct hook_log {
	unsigned n;
	struct hook_line line[HOOK_LINES_MAX];
};

/* When each id was last said, and how often it was held back since. Zeroed by the owner; safe from several
 * threads. */
struct hook_said {
	int64_t at_ms[MSG_COUNT];
	int64_t held[MSG_COUNT];
};

enum message_level message_level_of(enum message_id id);

void hook_log_add(struct hook_log *log, enum message_id id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what may repeat; now_ms is any clock that only goes forward. */
void hook_log_add_limited(struct hook_log *log, struct hook_said *said, int64_t now_ms, enum message_id id,
			  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#ifdef __cplusplus
}
#endif

#endif
