/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The agent's sign of life: a file beside the store, touched while it runs, with the name of the log that it follows. The
 * store's clock does not tell whether the agent runs, since Kea's library keeps it, too; and of in.tftpd and atftpd nobody
 * but the agent tells what they send.
 */
#ifndef LOADSTEP_AGENT_SIGN_H
#define LOADSTEP_AGENT_SIGN_H

#include <stdint.h>

#include "err.h"

#define AGENT_SIGN_SUFFIX ".agent"
#define AGENT_SIGN_EVERY_MS 5000

/* log NULL: it follows none, or cannot read it. */
int agent_sign_give(const char *store_url, const char *log, struct err *e) MUST_CHECK;

enum agent_sign { AGENT_SIGN_NEVER, AGENT_SIGN_NO_LOG, AGENT_SIGN_LOG };
/* When it was given last (wall), and what it says. A sign that cannot be read is none. */
enum agent_sign agent_sign_look(const char *store_url, int64_t *ret_at_ms);

#endif
