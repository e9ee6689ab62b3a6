/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Events that could not be stored at once: one line each in a file beside the store. The helper appends
 * when it cannot reach the store; whoever reaches it next (helper, hook's thread, agent) drains. Between
 * processes and without waiting: a taker renames the file first and then locks it, an appender holds a
 * shared lock while it writes and looks for the name again when a taker was faster. A taker that dies
 * leaves its renamed file unlocked, and the next one takes that too: an event may be delivered twice (the
 * engine does not mind), never lost.
 */
#ifndef LOADSTEP_SPOOL_H
#define LOADSTEP_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "fleet.h"

#define SPOOL_PATH_MAX 1024		   /* of an event's path; dnsmasq's request buffer is smaller */
#define SPOOL_BYTES_MAX (16 * 1024 * 1024) /* some 150 000 events: more is no hiccup and fills a disk */
#define SPOOL_SUFFIX ".spool"

/* The file of that suffix beside the store: "sqlite:/a/state.db" and ".spool" give "/a/state.db.spool"; a
 * store that is no file keeps its companions in /var/lib/loadstep. */
int spool_beside(const char *store_url, const char *suffix, char *buf, size_t size, struct err *e) MUST_CHECK;

/* Add one event, with mode 0660 less the umask. */
int spool_append(const char *path, const struct file_event *fe, struct err *e) MUST_CHECK;

/* A line of the file, without its end, back to the event; its path is unescaped into `path`. 0; -1 = not what
 * spool_append wrote. */
int spool_line_parse(const char *line, size_t len, char path[static SPOOL_PATH_MAX + 1],
		     struct file_event *ret) MUST_CHECK;

/* Called for each event, fe->path borrowed until it returns: 0 = taken; 1 = enough, this one and the rest
 * stay in the spool; -1 = failed, everything stays. Called once more for each file with fe NULL before the
 * file goes away: make what was taken durable, 0 or -1. */
typedef int (*spool_fn)(void *arg, const struct file_event *fe, struct err *e);

/* 0 = nothing is left; 1 = fn had enough. *ret_bad (may be NULL) counts lines that are no events; they are
 * dropped. */
int spool_take(const char *path, spool_fn fn, void *arg, unsigned *ret_bad, struct err *e) MUST_CHECK;

/* Take at most max events into the fleet, each file as one batch. *ret_rotate (may be NULL) is set when
 * layout = shared has to rotate. Same returns. */
int spool_drain(const char *path, struct fleet *f, int64_t now_ms, unsigned max, unsigned *ret_taken,
		bool *ret_rotate, struct err *e) MUST_CHECK;

#endif
