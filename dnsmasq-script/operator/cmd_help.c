/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep help: the verbs, one verb's usage, the keys of the configuration file or the causes, from the tables that
 * run them.
 */
#include <stdio.h>
#include <string.h>

#include "cmds.h"

int help_list(const struct ctl *c, FILE *out)
{
	fputs("usage: loadstep [--config FILE] [--store URL] [--yes] VERB …\n\n", out);
	for (const struct verb *v = c->verbs; v->name; v++)
		fprintf(out, "  %-8s  %s\n", v->name, v->text);
	fputs("\n`loadstep help VERB` shows a verb's arguments, `loadstep help config` the keys of the\n"
	      "configuration file, `loadstep help causes` what stops phones. A MAC may be written in any way, or as its last four digits or more.\n"
	      "Exit codes: 0 done, 1 it says no, 2 usage, 3 configuration, 4 store, 5 TFTP tree.\n",
	      out);
	return EXIT_DONE;
}

const struct verb *verb_find(const struct ctl *c, const char *name)
{
	for (const struct verb *v = c->verbs; v->name; v++) {
		if (strcmp(v->name, name) == 0)
			return v;
	}
	return NULL;
}

#define KEY_INDENT 4
#define CAUSE_INDENT 11 /* "    found  " */

static int help_causes(const struct ctl *c)
{
	for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++) {
		enum cause k = (enum cause)i;

		printf("%s%s  (%s)\n", i > CAUSE_NONE + 1 ? "\n" : "", cause_name(k), cause_how(k));
		report_wrap(&c->report, KEY_INDENT, "", cause_summary(k));
		report_wrap(&c->report, CAUSE_INDENT, "    found", cause_signature(k));
		report_wrap(&c->report, CAUSE_INDENT, "    do", cause_action(k));
	}
	return EXIT_DONE;
}

static int help_config(const struct ctl *c)
{
	const struct config_key *k;
	const char *section = "";
	char what[160];

	report_wrap(&c->report, 0, "",
		    "The configuration file is " CONFIG_DEFAULT_PATH
		    ", or what LOADSTEP_CONFIG or --config name. Durations have a unit: 500ms, "
		    "120s, 10m, 2h.");
	for (unsigned i = 0; (k = config_key_at(i)) != NULL; i++) {
		if (strcmp(section, k->section) != 0)
			putchar('\n');
		section = k->section;
		snprintf(what, sizeof(what), "(%s%s%s)", k->type, k->def[0] ? "; " : "", k->def);
		printf("[%s] %s  %s\n", k->section, k->key, what);
		report_wrap(&c->report, KEY_INDENT, "", k->text);
	}
	return EXIT_DONE;
}

int cmd_help(struct ctl *c, int argc, char **argv)
{
	int rc = ctl_no_options(c, argc, argv, 0, 1);

	if (rc != 0)
		return rc;
	const char *topic = argv[optind];
	if (!topic)
		return help_list(c, stdout);
	if (strcmp(topic, "config") == 0)
		return help_config(c);
	if (strcmp(topic, "causes") == 0)
		return help_causes(c);
	const struct verb *v = verb_find(c, topic);
	if (!v)
		return ctl_usage(c, "there is no verb \"%s\"", topic);
	printf("usage: loadstep [--config FILE] [--store URL] [--yes] %s %s\n\n%s\n", v->name, v->args,
	       v->text);
	return EXIT_DONE;
}
