/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What could not be recorded before an unload: one line a lease event in a file beside the store. The next
 * start takes it: the file is renamed first, so that a second Kea (kea-dhcp4 -T runs our load and unload,
 * too) and a new unload do not meet in it. An event may be delivered twice, never lost: the engine does not
 * mind.
 */
#ifndef LOADSTEP_SPILL_H
#define LOADSTEP_SPILL_H

#include <stddef.h>

#include "err.h"
#include "fleet.h"
#include "strbuf.h"

#define SPILL_BYTES_MAX (64 * 1024 * 1024)

void spill_format(const struct lease_event *le, struct strbuf *sb); /* one line */
int spill_parse(const char *line, size_t len, struct lease_event *ret, struct err *e) MUST_CHECK;

int spill_append(const char *path, const struct lease_event *le, size_t n, struct err *e) MUST_CHECK;

/* 0 = taken, -1 = everything stays */
typedef int (*spill_fn)(void *arg, const struct lease_event *le, struct err *e);

/* Every event to fn, then once more with NULL: make it durable; then the file goes. 0 = taken, 1 = there is
 * none. Lines that are no events are counted and dropped. Both counts are added to. */
int spill_take(const char *path, spill_fn fn, void *arg, unsigned *ret_events, unsigned *ret_bad,
	       struct err *e) MUST_CHECK;

#endif
