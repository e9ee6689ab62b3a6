/* SPDX-License-Identifier: MPL-2.0 */
/* What the checks over the wire share: which TFTP servers are announced to phones. */
#ifndef LOADSTEP_WIRE_H
#define LOADSTEP_WIRE_H

#include <stdbool.h>

#include "config.h"
#include "parse.h"

#define WIRE_SERVERS_MAX 256

struct wire_servers {
	unsigned n;
	struct ip4 a[WIRE_SERVERS_MAX]; /* each once */
};

/* Of plans, sites and vendor classes; not the after-tftp-servers. */
void wire_servers_of(const struct config *cfg, struct wire_servers *ret);
bool wire_announced(const struct wire_servers *w, struct ip4 a);

#endif
