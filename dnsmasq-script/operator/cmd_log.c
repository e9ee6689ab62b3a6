/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep log: the history of the fleet or of one phone, oldest first.
 */
#include "cmds.h"
#include "parse.h"

struct log_walk {
	const struct report *report;
	bool with_mac;
};

static int print_entry(void *arg, const struct history *h, struct err *e)
{
	struct log_walk *w = arg;

	(void)e;
	w->report->writer->history(w->report, h, w->with_mac);
	return 0;
}

static int show(struct ctl *c, const char *mac, int64_t last)
{
	struct log_walk w = { .report = &c->report, .with_mac = mac == NULL };
	struct phone p;
	struct err e;

	if (mac) {
		int rc = ctl_phone(c, mac, &p);
		if (rc != 0)
			return rc;
	}
	if (state_history_list(fleet_state(c->fleet), mac ? p.id : 0, 0, last, print_entry, &w, &e))
		return ctl_fail(&e, NULL);
	return EXIT_DONE;
}

int cmd_log(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "last", required_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	int64_t last = 0;
	struct err e;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (parse_int("--last", optarg, 1, INT32_MAX, &last, &e))
			return ctl_usage(c, "%s", e.text);
	}
	if (argc - optind > 1)
		return ctl_usage(c, "log: \"%s\" is too much", argv[optind + 1]);
	int rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	return rc ? rc : show(c, argv[optind], last);
}
