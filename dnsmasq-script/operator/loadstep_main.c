/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep: the operator's command. This file is the table of verbs and the way to them; a verb is one
 * row here and one file cmd_<verb>.c. The manual page loadstep(8) says what each does and what the exit
 * codes mean.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmds.h"

#ifndef LOADSTEP_VERSION
#define LOADSTEP_VERSION "0.1"
#endif

static const struct verb verbs[] = {
	{ "reload", "", "check the configuration, put its plans in force, build their stages", cmd_reload },
	{ "publish", "[--apply]", "show how the TFTP tree differs from the state, or make it true",
	  cmd_publish },
	{ "start", "[--plan NAME] MAC|NETWORK… | --plan NAME | --all", "let phones go through their plan",
	  cmd_start },
	{ "stop", "[--plan NAME] MAC|NETWORK… | --plan NAME | --all",
	  "let phones finish their stage and go no further", cmd_stop },
	{ "status", "[--json] [--fail-if-stuck]", "the fleet, one line a phone", cmd_status },
	{ "explain", "[--json] MAC", "the whole story of one phone", cmd_explain },
	{ "log", "[--json] [--last N] [MAC]", "what happened", cmd_log },
	{ "replay", "[--format dnsmasq|auto] FILE…|-", "read old TFTP logs into the store", cmd_replay },
	{ "agent", "[--log FILE] [--once]", "follow dnsmasq's log, keep time, keep the tree true",
	  cmd_agent },
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int help(FILE *out)
{
	fputs("usage: loadstep [--config FILE] [--store URL] [--yes] VERB …\n\n", out);
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(out, "  %-8s  %s\n", verbs[i].name, verbs[i].text);
	fputs("\n`loadstep help VERB` shows a verb's arguments, `loadstep help config` the keys of the\n"
	      "configuration file. A MAC may be written in any way, or as its last four digits or more.\n"
	      "Exit codes: 0 done, 1 it says no, 2 usage, 3 configuration, 4 store, 5 TFTP tree.\n",
	      out);
	return EXIT_DONE;
}

static int help_config(void)
{
	const struct config_key *k;

	for (unsigned i = 0; (k = config_key_at(i)) != NULL; i++)
		printf("[%s] %s  (%s%s%s)\n    %s\n", k->section, k->key, k->type, k->def[0] ? "; " : "",
		       k->def, k->text);
	return EXIT_DONE;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static int help_about(struct ctl *c, const char *topic)
{
	if (!topic)
		return help(stdout);
	if (strcmp(topic, "config") == 0)
		return help_config();
	c->verb = find_verb(topic);
	if (!c->verb)
		return ctl_usage(c, "there is no verb \"%s\"", topic);
	printf("usage: loadstep [--config FILE] [--store URL] [--yes] %s %s\n\n%s\n", c->verb->name,
	       c->verb->args, c->verb->text);
	return EXIT_DONE;
}

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
		return opt == OPT_HELP ? help(stdout) : opt == OPT_VERSION ? version() : EXIT_USAGE;
	if (optind >= argc) {
		help(stderr);
		return EXIT_USAGE;
	}
	argc -= optind;
	argv += optind;
	if (strcmp(argv[0], "help") == 0)
		return help_about(c, argc > 1 ? argv[1] : NULL);
	c->verb = find_verb(argv[0]);
	if (!c->verb)
		return ctl_usage(c, "there is no verb \"%s\"", argv[0]);
	optind = 0; /* getopt: begin anew, with the verb as the program */
	return c->verb->run(c, argc, argv);
}

int main(int argc, char **argv)
{
	struct ctl c = {
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
