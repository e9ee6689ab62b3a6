/* SPDX-License-Identifier: MPL-2.0 */
/* The list of log lines and the limit on repeated ones. The text is made here, the logger is the shim's. */
#include "messages.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum message_level message_level_of(enum message_id id)
{
	static const enum message_level levels[] = {
#define MESSAGE(sym, level, text, why) LEVEL_##level,
#include "messages.def"
#undef MESSAGE
	};

	return (unsigned)id < MSG_COUNT ? levels[id] : LEVEL_ERROR;
}

static void add(struct hook_log *log, enum message_id id, int64_t held, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));
static void add(struct hook_log *log, enum message_id id, int64_t held, const char *fmt, va_list ap)
{
	struct hook_line *l;
	int n;

	if (log->n >= HOOK_LINES_MAX)
		return;
	l = &log->line[log->n++];
	l->id = id;
	n = vsnprintf(l->text, sizeof l->text, fmt, ap);
	if (n < 0)
		l->text[0] = '\0';
	if (held > 0 && n >= 0 && (size_t)n < sizeof l->text)
		snprintf(l->text + n, sizeof l->text - (size_t)n, " (%lld more like this before)",
			 (long long)held);
}

void hook_log_add(struct hook_log *log, enum message_id id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(log, id, 0, fmt, ap);
	va_end(ap);
}

/* Whoever moves the stamp says it; the others are counted. */
static bool may_say(struct hook_said *said, int64_t now_ms, enum message_id id, int64_t *ret_held)
{
	int64_t last = __atomic_load_n(&said->at_ms[id], __ATOMIC_RELAXED);

	if ((last && now_ms - last < HOOK_QUIET_MS) ||
	    !__atomic_compare_exchange_n(&said->at_ms[id], &last, now_ms ? now_ms : 1, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_add_fetch(&said->held[id], 1, __ATOMIC_RELAXED);
		return false;
	}
	*ret_held = __atomic_exchange_n(&said->held[id], 0, __ATOMIC_RELAXED);
	return true;
}

void hook_log_add_limited(struct hook_log *log, struct hook_said *said, int64_t now_ms, enum message_id id,
			  const char *fmt, ...)
{
	int64_t held = 0;
	va_list ap;

	if ((unsigned)id >= MSG_COUNT || !may_say(said, now_ms, id, &held))
		return;
	va_start(ap, fmt);
	add(log, id, held, fmt, ap);
	va_end(ap);
}
