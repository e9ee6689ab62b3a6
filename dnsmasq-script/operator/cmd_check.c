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
	/* what lies in the root */
	check_plan_loads,  check_names,	    check_os79xx,   check_cnfs,
	check_seps,	   check_sep_names, check_terms,    check_packages,
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

int cmd_check(struct ctl *c, int argc, char **argv)
{
	CLEANUP(checking_fini) struct checking k = { .c = c };
	int rc = ctl_no_options(c, argc, argv, 0, 0);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&k);
	return print(&k);
}
