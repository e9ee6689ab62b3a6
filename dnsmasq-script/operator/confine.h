/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Which files Kea with our library and dnsmasq with our script have to use, and the AppArmor lines that let them (K§8,
 * D§8). Never "owner": files of the store may belong to the other daemon.
 */
#ifndef LOADSTEP_CONFINE_H
#define LOADSTEP_CONFINE_H

#include <stddef.h>

#include "config.h"
#include "dnsmasqconf.h"

#define CONFINE_WISHES_MAX 24

struct confine_wish {
	char path[320]; /* an example of what is used */
	char letters[8]; /* of r w k x */
	char line[320]; /* the rule for a profile; several wishes may share one and then stand together */
};

/* How many were filled. */
size_t confine_kea(const struct config *cfg, const char *config_path,
		   struct confine_wish ret[CONFINE_WISHES_MAX]);
size_t confine_dnsmasq(const struct config *cfg, const struct dnsmasq_conf *conf,
		       struct confine_wish ret[CONFINE_WISHES_MAX]);

#endif
