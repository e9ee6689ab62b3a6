/* SPDX-License-Identifier: MPL-2.0 */
/* A phone in a person's words: the sentence on top, what it runs, why it is where it is. Pure. */
#ifndef LOADSTEP_EXPLAIN_WORDS_H
#define LOADSTEP_EXPLAIN_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "phone.h"
#include "report.h"
#include "strbuf.h"

/* "7960 00:1b:0c:18:bd:c1 at stage 2 of 4 (P00305000500) is stuck: it took the whole image twice and asked for it
 * again." `no_tftp`: it has an address, and asks for no file. */
void words_sentence(const struct report_phone *rp, bool no_tftp, struct strbuf *sb);

/* Why it is there, as summary: its cause's, else its phase's. */
const char *words_summary(const struct phone *p);

/* "P00305000500: proven by what it did after it took the load, 03:02:10". proven_ms: when the history says that a load
 * was proven, 0 = it does not; now_ms: wall. */
void words_runs(const struct phone *p, int64_t proven_ms, int64_t now_ms, struct strbuf *sb);

#endif
