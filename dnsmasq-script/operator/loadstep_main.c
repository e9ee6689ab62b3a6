/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep: the operator's command. This file is the table of verbs and the way to them; a verb is one
 * row here and one file cmd_<verb>.c. The manual page loadstep(8) says what each does and what the exit
 * codes mean.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmds.h"
#include "shown.h"

#ifndef LOADSTEP_VERSION
#define LOADSTEP_VERSION "0.1"
#endif

static const struct verb verbs[] = {
	{ "import", "[--replace] [--json] FILE|DIRECTORY…",
	  "firmware packages into loads/, each load whole or not at all", cmd_import },
	{ "reload", "[--force LOAD]", "check the configuration, put its plans in force, build their stages", cmd_reload },
	{ "publish", "[--apply]", "show how the TFTP tree differs from the state, or make it true",
	  cmd_publish },
	{ "start", "[--plan NAME] MAC|NETWORK… | --plan NAME | --all", "let phones go through their plan",
	  cmd_start },
	{ "stop", "[--plan NAME] MAC|NETWORK… | --plan NAME | --all",
	  "let phones finish their stage and go no further", cmd_stop },
	{ "preview", "[--json] [MAC | --model MODEL --to LOAD [--from LOAD]]",
	  "dry run: each phone's way, stage by stage, or why there is none", cmd_preview },
	{ "retry", "[--plan NAME] MAC|NETWORK… | --plan NAME | --all",
	  "let stuck phones try their stage anew", cmd_retry },
	{ "skip", "[--force] [--plan NAME] MAC|NETWORK… | --plan NAME | --all",
	  "let phones go to their next stage without proof", cmd_skip },
	{ "forget", "[--force] [--plan NAME] MAC|NETWORK… | --plan NAME | --all",
	  "take phones off their way; they are not started again by themselves", cmd_forget },
	{ "status", "[--json | --wide] [--safe-to-cut] [--fail-if-stuck] " SHOWN_ARGS,
	  "the fleet, what needs attention first; --safe-to-cut: may power be cut", cmd_status },
	{ "explain", "[--json] [--all] MAC|ADDRESS", "the whole story of one phone, what to do, and what comes when",
	  cmd_explain },
	{ "watch", "[--plain | --json] [WORD…]", "the fleet live: a row a phone, or a line an event", cmd_watch },
	{ "log", "[--json] [-n N] [--follow] [--since TIME] [--until TIME] [--event NAME] [--file GLOB] " SHOWN_ARGS,
	  "what happened", cmd_log },
	{ "report", "[--json | --csv] [--html FILE] [--prometheus FILE] [--since DURATION]",
	  "the fleet and its history: for people, spreadsheets, programs, monitoring", cmd_report },
	{ "replay", "[--format dnsmasq|tftpd-hpa|atftpd|fetch|auto] FILE…|-", "read old TFTP logs and captures into the store", cmd_replay },
	{ "agent", "[--log FILE|- | --journal] [--once]", "follow the TFTP server's log, keep time, keep the tree true",
	  cmd_agent },
	{ "check", "[--json] [--kea FILE] [--dnsmasq FILE] [--wire [--interface NAME] [--listen TIME] [--dhcp-server ADDRESS]…]",
	  "is everything as it must be: each finding with its place and its cure",
	  cmd_check },
	{ "setup", "--print [system | loadstep.conf | kea | dnsmasq | apparmor]",
	  "configuration made of what runs here, to paste", cmd_setup },
	{ "help", "[VERB | config | causes]", "what a verb does, what the keys of the configuration mean, or what stops phones",
	  cmd_help },
	{ NULL, NULL, NULL, NULL },
};

enum { OPT_HELP = OPT_OWN, OPT_VERSION };
static const struct option main_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int version(void)
{
	puts("loadstep " LOADSTEP_VERSION);
	return EXIT_DONE;
}

static int run(struct ctl *c, int argc, char **argv)
{
	int opt = ctl_option(c, argc, argv, main_options);

	if (opt != -1)
		return opt == OPT_HELP ? help_list(c, stdout) : opt == OPT_VERSION ? version() : EXIT_USAGE;
	if (optind >= argc) {
		help_list(c, stderr);
		return EXIT_USAGE;
	}
	argc -= optind;
	argv += optind;
	c->verb = verb_find(c, argv[0]);
	if (!c->verb)
		return ctl_usage(c, "there is no verb \"%s\"", argv[0]);
	optind = 0; /* getopt: begin anew, with the verb as the program */
	return c->verb->run(c, argc, argv);
}

int main(int argc, char **argv)
{
	struct ctl c = {
		.verbs = verbs,
		.report = { .writer = &report_text, .out = stdout, .colour = isatty(STDOUT_FILENO) != 0 }
	};

	/* what we write into the TFTP tree must be readable by its server, whatever the caller's umask */
	umask(022);
	int rc = run(&c, argc, argv);
	fleet_close(c.fleet);
	config_free(c.cfg);
	/* a full disk behind a redirected report is no success */
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == EXIT_DONE) {
		struct err e;

		err_sys(&e, ERR_SYSTEM, errno, "standard output");
		return ctl_fail(&e, NULL);
	}
	return rc;
}
