/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep check: is everything as it must be? Runs every check of the list and prints what they found; the exit
 * code is 1 when there is an error among it. Changes nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "dnsmasqconf.h"
#include "keaconf.h"
#include "strbuf.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

static const char *const severity_names[] = { "error", "warning", "note" };

static const struct finding_kind {
	const char *id;
	enum severity severity;
	const char *shows;
	const char *cure;
} kinds[FINDING_COUNT] = {
#define FINDING(sym, id, severity, shows, cure) { id, SEVERITY_##severity, shows, cure },
#include "findings.def"
#undef FINDING
};

/* In this order: a check may build on what those before it found out. */
static void (*const checks[])(struct checking *k) = {
	check_config,	   check_store,	    check_revision, check_loadsets,
	check_root_xml,	   check_published, check_secrets,  check_address_links,
	check_phone_links, check_port,	    check_rights,
	/* the servers and the host */
	check_kea,	   check_kea_options, check_kea_pools, check_dnsmasq,
	check_tftpd,	   check_listening, check_confined, check_disks,
	check_clock,
};

void found(struct checking *k, enum finding_id id, const char *place, const char *what, ...)
{
	char text[sizeof(k->a->what)];
	va_list ap;

	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 32;
		struct found *more = realloc(k->a, cap * sizeof(*more));

		if (!more)
			return; /* what was found so far is printed */
		k->a = more;
		k->cap = cap;
	}
	struct found *f = &k->a[k->n++];

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	f->id = id;
	text_escape(f->place, sizeof(f->place), place, strlen(place));
	text_escape(f->what, sizeof(f->what), text, strlen(text));
}

static void checking_fini(struct checking *k)
{
	free(k->a);
	keaconf_free(k->kea);
	if (k->dnsmasq)
		dnsmasq_conf_fini(k->dnsmasq);
	free(k->dnsmasq);
}

static int print(const struct checking *k)
{
	CLEANUP(cleanup_free) struct report_finding *a = calloc(k->n + 1, sizeof(*a));
	int code = EXIT_DONE;

	if (!a) {
		ctl_say("no memory for %zu findings", k->n);
		return EXIT_NO;
	}
	for (size_t i = 0; i < k->n; i++) {
		const struct finding_kind *kind = &kinds[k->a[i].id];

		a[i] = (struct report_finding){ .id = kind->id,
						.severity = severity_names[kind->severity],
						.place = k->a[i].place,
						.what = k->a[i].what,
						.shows = kind->shows,
						.cure = kind->cure };
		if (kind->severity == SEVERITY_ERROR)
			code = EXIT_NO;
	}
	k->c->report.writer->findings(&k->c->report, a, k->n);
	return code;
}

enum { OPT_KEA = OPT_OWN, OPT_DNSMASQ };

static const struct option check_options[] = {
	{ "kea", required_argument, NULL, OPT_KEA },
	{ "dnsmasq", required_argument, NULL, OPT_DNSMASQ },
	{ NULL, 0, NULL, 0 },
};

/* 0, or EXIT_USAGE. */
static int read_options(struct checking *k, int argc, char **argv)
{
	for (int opt; (opt = ctl_option(k->c, argc, argv, check_options)) != -1;) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == OPT_KEA)
			k->kea_named = optarg;
		if (opt == OPT_DNSMASQ)
			k->dnsmasq_named = optarg;
	}
	return optind == argc ? 0 : ctl_usage(k->c, "check: \"%s\" is too much", argv[optind]);
}

int cmd_check(struct ctl *c, int argc, char **argv)
{
	CLEANUP(checking_fini) struct checking k = { .c = c };
	int rc = read_options(&k, argc, argv);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&k);
	return print(&k);
}
