/* SPDX-License-Identifier: MPL-2.0 */
/* What publishing changes, as lines for people: reload, publish and the agent tell the same way. */
#ifndef LOADSTEP_CHANGES_H
#define LOADSTEP_CHANGES_H

#include "stagedir.h"
#include "strbuf.h"

const char *changes_word(enum stagedir_change change); /* "new", "changed", "gone" */

/* A stagedir_fn: one line to the FILE that `arg` is. */
void changes_print(void *arg, enum stagedir_change change, const char *path, const char *what);

/* The lines of missing load sets, with what it means. Nothing when there are none. */
void changes_print_missing(const struct strbuf *missing);

#endif
