/* SPDX-License-Identifier: MPL-2.0 */
/* Kea's lease file (memfile): who holds which address. The last line of an address counts. */
#ifndef LOADSTEP_KEALEASES_H
#define LOADSTEP_KEALEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "parse.h"

#define KEALEASES_BYTES_MAX (256 * 1024 * 1024) /* some two million lines */

struct kealease {
	struct ip4 address;
	struct mac mac;
	bool mac_known; /* six bytes of hardware address */
	int64_t until_s; /* Unix time; 0 = released or declined */
	size_t line;
};

struct kealeases {
	size_t n;
	struct kealease *a; /* owned; one an address, by address */
};

/* One line: address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,… 0, or 1: the
 * heading, or no lease. Total. */
int kealease_parse(const char *line, size_t len, struct kealease *ret);

/* The file, and what a running clean-up left beside it (FILE.1, FILE.2). 0; 1 = there is none; -1. */
int kealeases_load(const char *path, struct kealeases *ret, struct err *e) MUST_CHECK;
void kealeases_fini(struct kealeases *l);

#endif
