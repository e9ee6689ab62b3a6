/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep publish: how the TFTP tree differs from what the state says; with --apply it is made true.
 */
#include <stdio.h>

#include "changes.h"
#include "cleanup.h"
#include "cmds.h"
#include "publish.h"
#include "strbuf.h"

#define MISSING_MAX (64 * 1024)

static int run(struct ctl *c, bool apply)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(MISSING_MAX);
	struct err e;
	int rc = publish_run(c->fleet, apply, changes_print, stdout, &missing, ctl_now_ms(), &e);

	if (rc < 0)
		return ctl_fail(&e, "publish");
	changes_print_missing(&missing);
	if (rc == 0)
		puts("the tree says what the state says");
	else
		puts(apply ? "published" : "nothing done; --apply makes it true");
	return EXIT_DONE;
}

int cmd_publish(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "apply", no_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	bool apply = false;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		apply = true;
	}
	if (optind < argc)
		return ctl_usage(c, "publish: \"%s\" is too much", argv[optind]);
	int rc = ctl_fleet(c, apply ? FLEET_CREATE : FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	return rc ? rc : run(c, apply);
}
