/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep setup --print [PART]: configuration made of what runs here, to paste. It writes nothing: files of Kea, dnsmasq and
 * AppArmor are the site's, and a person should have read what goes into them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "setup.h"

static const struct part {
	const char *name;
	const char *title; /* above it, where all are printed */
	int (*text)(const struct setup *s, struct strbuf *out, struct err *e);
} parts[] = {
	{ "system", "users and directories: as root, in a shell", setup_text_system },
	{ "loadstep.conf", "the configuration file", setup_text_conf },
	{ "kea", "Kea", setup_text_kea },
	{ "dnsmasq", "dnsmasq", setup_text_dnsmasq },
	{ "apparmor", "AppArmor", setup_text_apparmor },
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static int print_part(const struct ctl *c, const struct setup *s, const struct part *part, bool titled)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(SETUP_TEXT_MAX);
	struct err e;

	if (part->text(s, &sb, &e) < 0 || strbuf_check(&sb, part->name, &e) < 0)
		return ctl_fail(&e, part->name);
	if (titled)
		fprintf(c->report.out, "%s==== %s: %s\n", part == parts ? "" : "\n", part->name, part->title);
	fputs(strbuf_text(&sb), c->report.out);
	return EXIT_DONE;
}

/* 0, or the exit code; *ret_part NULL: all of them. */
static int read_options(struct ctl *c, int argc, char **argv, const struct part **ret_part)
{
	static const struct option own[] = {
		{ "print", no_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	bool print = false;
	int opt;

	*ret_part = NULL;
	while ((opt = ctl_option(c, argc, argv, own)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		print = true;
	}
	if (!print)
		return ctl_usage(
			c, "setup changes no file: say --print, and put what it prints where it belongs");
	if (c->json)
		return ctl_usage(c,
				 "setup --print: configuration has no JSON form here; name the part instead");
	if (argc - optind > 1)
		return ctl_usage(c, "setup: \"%s\" is too much", argv[optind + 1]);
	for (size_t i = 0; optind < argc && i < N_PARTS; i++)
		if (strcmp(argv[optind], parts[i].name) == 0)
			*ret_part = &parts[i];
	if (optind < argc && !*ret_part)
		return ctl_usage(c, "setup: \"%s\" is none of system, loadstep.conf, kea, dnsmasq, apparmor",
				 argv[optind]);
	return 0;
}

int cmd_setup(struct ctl *c, int argc, char **argv)
{
	const struct part *part;
	int rc = read_options(c, argc, argv, &part);

	if (rc != 0)
		return rc;
	CLEANUP(cleanup_free) struct setup *s = calloc(1, sizeof(*s));
	if (!s) {
		ctl_say("no memory");
		return EXIT_NO;
	}
	setup_facts(c, s);
	for (size_t i = 0; i < N_PARTS && rc == 0; i++)
		if (!part || part == &parts[i])
			rc = print_part(c, s, &parts[i], !part);
	setup_fini(s);
	return rc;
}
