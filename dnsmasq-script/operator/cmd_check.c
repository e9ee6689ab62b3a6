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
	check_config,	   check_store,	    check_revision, check_log,
	check_loadsets,
	check_root_xml,	   check_published, check_secrets,  check_address_links,
	check_phone_links, check_port,	    check_rights,
	/* what lies in the root */
	check_plan_loads,  check_names,	    check_os79xx,   check_cnfs,
	check_seps,	   check_sep_names, check_terms,    check_packages,
	/* the servers and the host */
	check_kea,	   check_kea_options, check_kea_pools, check_dnsmasq,
	check_tftpd,	   check_listening, check_confined, check_disks,
	check_clock,
	/* over the wire */
	check_wire_tftp,   check_wire_after, check_wire_dhcp,
};

const char *finding_shows(enum finding_id id)
{
	return kinds[id].shows;
}

const char *finding_cure(enum finding_id id)
{
	return kinds[id].cure;
}

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

/* ---- options */

static int on_wire(struct checking *k, const char *value)
{
	(void)value;
	k->wire = true;
	return 0;
}

static int on_interface(struct checking *k, const char *value)
{
	k->interface = value;
	return 0;
}

#define LISTEN_MAX_MS 600000

static int on_listen(struct checking *k, const char *value)
{
	struct err e;

	if (parse_duration("--listen", value, &k->listen_ms, &e) < 0)
		return ctl_usage(k->c, "%s", e.text);
	return k->listen_ms > 0 && k->listen_ms <= LISTEN_MAX_MS
		       ? 0
		       : ctl_usage(k->c, "--listen: more than 0, at most 10m");
}

static int on_dhcp_server(struct checking *k, const char *value)
{
	struct err e;

	if (k->n_dhcp_servers == sizeof(k->dhcp_servers) / sizeof(k->dhcp_servers[0]))
		return ctl_usage(k->c, "--dhcp-server: at most %u", k->n_dhcp_servers);
	if (parse_ip4("--dhcp-server", value, &k->dhcp_servers[k->n_dhcp_servers], &e) < 0)
		return ctl_usage(k->c, "%s", e.text);
	k->n_dhcp_servers++;
	return 0;
}

static int on_kea(struct checking *k, const char *value)
{
	k->kea_named = value;
	return 0;
}

static int on_dnsmasq(struct checking *k, const char *value)
{
	k->dnsmasq_named = value;
	return 0;
}

/* One row an option: what getopt needs, and what it does. 0, or the exit code. */
static const struct check_option {
	const char *name;
	int has_arg;
	int (*take)(struct checking *k, const char *value);
} check_options[] = {
	{ "kea", required_argument, on_kea },
	{ "dnsmasq", required_argument, on_dnsmasq },
	{ "wire", no_argument, on_wire },
	{ "interface", required_argument, on_interface },
	{ "listen", required_argument, on_listen },
	{ "dhcp-server", required_argument, on_dhcp_server },
};

#define N_OPTIONS (sizeof(check_options) / sizeof(check_options[0]))

static int read_options(struct checking *k, int argc, char **argv)
{
	struct option own[N_OPTIONS + 1] = { { NULL, 0, NULL, 0 } };
	int opt, rc;

	for (size_t i = 0; i < N_OPTIONS; i++)
		own[i] = (struct option){ check_options[i].name, check_options[i].has_arg, NULL,
					  OPT_OWN + (int)i };
	while ((opt = ctl_option(k->c, argc, argv, own)) != -1) {
		if (opt == '?')
			return EXIT_USAGE;
		rc = check_options[opt - OPT_OWN].take(k, optarg);
		if (rc != 0)
			return rc;
	}
	if (optind < argc)
		return ctl_usage(k->c, "%s: it takes no operands", argv[optind]);
	if (!k->wire && (k->interface || k->listen_ms || k->n_dhcp_servers))
		return ctl_usage(k->c, "--interface, --listen and --dhcp-server go with --wire");
	return 0;
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
