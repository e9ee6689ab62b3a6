/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tftpd-hpa's map file (D§3, D§6): which clients it serves from the directory of their address. It cannot ask whether
 * such a directory is there, so the map is limited to the plans' networks, and each address of these has a link. The
 * one file that knows in.tftpd's rules.
 */
#ifndef LOADSTEP_TFTPMAP_H
#define LOADSTEP_TFTPMAP_H

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "strbuf.h"

/* Has this configuration a map: tftpd-hpa, and a view for each phone? */
bool tftpmap_used(const struct config *c);

/* Does the map send this client below its address? False also without a map. */
bool tftpmap_covers(const struct config *c, struct ip4 client);

/* The networks of the map, each once, in the order of the plans; what is wider than CONFIG_MAP_PREFIX is left out
 * (config_check refuses it, but a plan of an older revision may be in force). */
typedef int (*tftpmap_fn)(void *arg, const struct net4 *net, struct err *e);
int tftpmap_each(const struct config *c, tftpmap_fn fn, void *arg, struct err *e) MUST_CHECK;

/* The file's text. Without a map to use it has no rule: a server that still reads it then serves everybody from the
 * plain root. */
int tftpmap_format(const struct config *c, struct strbuf *sb, struct err *e) MUST_CHECK;

#endif
