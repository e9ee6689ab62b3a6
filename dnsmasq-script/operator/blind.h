/* SPDX-License-Identifier: MPL-2.0 */
/* Does the store know what phones do now? It does while somebody keeps its clock and brings it what happens. */
#ifndef LOADSTEP_BLIND_H
#define LOADSTEP_BLIND_H

#include "cmds.h"
#include "strbuf.h"

/* What is known may be old: a sentence into *why, for people. False: it is not, by all that the store tells. */
bool blind_look(const struct config *cfg, const struct report_time *t, struct strbuf *why);

/* What phones ask for and do not find is in the server's log alone, whatever its script tells. */
bool blind_to_missing(const struct config *cfg, const struct report_time *t);

#endif
