/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Make the tree say what the state says: stage directories, the links of phones, and in layout = shared the
 * root's XMLDefault. The only caller of stagedir beside `reload`'s look at the load sets; not linked into the
 * hook or the helper (libxml2).
 */
#ifndef LOADSTEP_PUBLISH_H
#define LOADSTEP_PUBLISH_H

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "fleet.h"
#include "stagedir.h"
#include "strbuf.h"

/* 0 = nothing differed; 1 = something did (made true when apply); -1 = failed. Differences go to fn; load
 * sets that are missing, and networks that tftpd-hpa's map cannot have, to `missing`. A missing load set is no failure. */
int publish_run(struct fleet *f, bool apply, stagedir_fn fn, void *arg, struct strbuf *missing,
		int64_t now_ms, struct err *e) MUST_CHECK;

/* `loadstep reload`: look at the load sets, put the configuration's plans in force as a new revision (none
 * when equal to the last), publish. */
int publish_reload(struct fleet *f, const struct config *file, stagedir_fn fn, void *arg,
		   struct strbuf *missing, int64_t now_ms, int64_t *ret_revision, bool *ret_new,
		   struct err *e) MUST_CHECK;

#endif
