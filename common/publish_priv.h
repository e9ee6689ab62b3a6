/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of publish share. */
#ifndef LOADSTEP_PUBLISH_PRIV_H
#define LOADSTEP_PUBLISH_PRIV_H

#include "publish.h"

/* The map of tftpd-hpa and the neutral links it relies on; without tftpd-hpa none of these. Whoever applies holds the
 * root's lock. 0 = nothing differed, 1 = something did, -1. Networks that cannot be in the map add a line to `missing`
 * (may be NULL). */
int publish_map(const struct config *cfg, const struct view *v, bool apply, stagedir_fn fn, void *arg,
		struct strbuf *missing, struct err *e) MUST_CHECK;

/* publish_sep.c: the phones' own SEP<MAC>.cnf.xml: layout = shared has those of phones on their way name the load of their
 * stage, and any layout sets back what is not to be so any more. Whoever applies holds the root's lock. 0 = nothing
 * differed; 1 = something did; -1 */
int publish_seps(struct fleet *f, const struct config *cfg, bool apply, stagedir_fn fn, void *arg,
		 struct err *e) MUST_CHECK;

#endif
