/* SPDX-License-Identifier: MPL-2.0 */
/* A moment as people name one, for --since and --until. */
#ifndef LOADSTEP_WHEN_H
#define LOADSTEP_WHEN_H

#include <stdint.h>

#include "err.h"

/*
 * "2h" (so long ago), "now", "today", "yesterday"; "14:30", "14:30:05" (the last one that was); "2026-01-31" (where it
 * begins), "2026-01-31 14:30", "2026-01-31T14:30:05.250", with "Z" or "+01:00" behind it, else local time. now_ms, *ret_ms:
 * UTC milliseconds. 0, or -1: none of these.
 */
int when_parse(const char *what, const char *text, int64_t now_ms, int64_t *ret_ms, struct err *e) MUST_CHECK;

#endif
