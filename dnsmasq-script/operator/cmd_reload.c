/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep reload: check the configuration file, put its plans in force as a revision, build their
 * stages. A load set that is missing stops nothing: nobody is let into that stage, and it is said.
 */
#include <stdio.h>

#include "changes.h"
#include "cleanup.h"
#include "cmds.h"
#include "publish.h"
#include "strbuf.h"

#define MISSING_MAX (64 * 1024)

int cmd_reload(struct ctl *c, int argc, char **argv)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(MISSING_MAX);
	int64_t revision = 0;
	bool is_new = false;
	struct err e;
	int rc = ctl_no_options(c, argc, argv, 0, 0);

	if (rc == 0)
		rc = ctl_fleet(c, FLEET_CREATE);
	if (rc != 0)
		return rc;
	rc = publish_reload(c->fleet, c->cfg, changes_print, stdout, &missing, ctl_now_ms(), &revision,
			    &is_new, &e);
	if (rc < 0)
		return ctl_fail(&e, "reload");
	changes_print_missing(&missing);
	printf("revision %lld %s\n", (long long)revision,
	       is_new ? "is in force" : "stays in force: the plans are the same");
	if (c->cfg->tftp_root[0] == '\0')
		puts("no [tftp] root on this host: the stages are published where it is");
	return EXIT_DONE;
}
