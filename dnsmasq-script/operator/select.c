/* SPDX-License-Identifier: MPL-2.0 */
/* Phones by what people name them: see select.h. */
#include "select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "publish.h"
#include "state.h"
#include "strbuf.h"

void select_fini(struct selection *s)
{
	free(s->phones);
}

static bool is_selected(const struct selection *s, const struct mac *mac)
{
	for (size_t i = 0; i < s->n; i++) {
		if (mac_equal(&s->phones[i].mac, mac))
			return true;
	}
	return false;
}

static int add(struct selection *s, const struct phone *p, struct err *e)
{
	if (!p->mac_known || is_selected(s, &p->mac))
		return 0;
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct phone *more = realloc(s->phones, cap * sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
		s->phones = more;
		s->cap = cap;
	}
	s->phones[s->n++] = *p;
	return 0;
}

struct group {
	const struct ctl *c;
	struct selection *s;
	const struct net4 *net; /* NULL = everywhere */
};

static int add_member(void *arg, const struct phone *p, struct err *e)
{
	struct group *g = arg;

	if (g->net && !net4_contains(g->net, p->address))
		return 0;
	return g->s->wanted(g->c, g->s, p) ? add(g->s, p, e) : 0;
}

static int add_group(struct ctl *c, struct selection *s, const struct net4 *net)
{
	struct group g = { .c = c, .s = s, .net = net };
	struct err e;

	return state_phone_list(fleet_state(c->fleet), add_member, &g, &e) ? ctl_fail(&e, NULL) : 0;
}

/* A MAC that nobody has seen yet may be named, too: the fleet says whether that can be. */
static int add_named(struct ctl *c, struct selection *s, const char *text)
{
	struct phone p;
	struct mac mac;
	struct err e;
	int rc;

	if (parse_mac("MAC", text, &mac, &e) == 0) {
		rc = state_phone_find(fleet_state(c->fleet), &mac, &p, &e);
		if (rc < 0)
			return ctl_fail(&e, NULL);
		if (rc == 1)
			phone_init(&p, &mac);
	} else {
		rc = ctl_phone(c, text, &p);
		if (rc != 0)
			return rc;
	}
	return add(s, &p, &e) ? ctl_fail(&e, NULL) : 0;
}

static int add_operand(struct ctl *c, struct selection *s, const char *text)
{
	struct net4 net;
	struct err e;

	if (!strchr(text, '/'))
		return add_named(c, s, text);
	if (parse_net4("network", text, &net, &e))
		return ctl_usage(c, "%s", e.text);
	return add_group(c, s, &net);
}

enum { OPT_PLAN = OPT_OWN, OPT_ALL, OPT_FORCE };

static int read_options(struct ctl *c, int argc, char **argv, struct selection *s)
{
	const struct option own[] = {
		{ "plan", required_argument, NULL, OPT_PLAN },
		{ "all", no_argument, NULL, OPT_ALL },
		{ s->may_force ? "force" : NULL, no_argument, NULL, OPT_FORCE },
		{ NULL, 0, NULL, 0 },
	};

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (opt == OPT_PLAN)
			s->plan_name = optarg;
		else if (opt == OPT_ALL)
			s->all = true;
		else
			s->force = true;
	}
	if (s->all && optind < argc)
		return ctl_usage(c, "%s: --all and \"%s\" do not go together", s->verb, argv[optind]);
	if (!s->all && !s->plan_name && optind >= argc)
		return ctl_usage(c, "%s: which phones?", s->verb);
	return 0;
}

int select_phones(struct ctl *c, int argc, char **argv, struct selection *s)
{
	int rc = read_options(c, argc, argv, s);

	if (rc == 0)
		rc = ctl_fleet(c, FLEET_CREATE);
	if (rc != 0)
		return rc;
	if (s->plan_name && !config_plan(fleet_config(c->fleet), s->plan_name)) {
		ctl_say("%s: there is no plan \"%s\" in force", s->verb, s->plan_name);
		return EXIT_NO;
	}
	if (optind >= argc)
		return add_group(c, s, NULL);
	for (int i = optind; i < argc && rc == 0; i++)
		rc = add_operand(c, s, argv[i]);
	return rc;
}

static void print_phone(const struct phone *p)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	printf("  %s  %-15s  %-8s  %s\n", mac_format(mac, &p->mac),
	       p->address.host ? ip4_format(addr, p->address) : "-", p->model[0] ? p->model : "-",
	       phase_name(p->phase));
}

int select_confirm(const struct ctl *c, const struct selection *s)
{
	char question[64];

	if (s->n < 2)
		return 0;
	for (size_t i = 0; i < s->n; i++)
		print_phone(&s->phones[i]);
	snprintf(question, sizeof(question), "%s %zu phones?", s->verb, s->n);
	return ctl_confirm(c, question);
}

/* layout = shared: the first who starts, or the last who stops, decides what the root's XMLDefault names. */
static int publish_shared(struct ctl *c)
{
	const struct config *cfg = fleet_config(c->fleet);
	struct err e;

	if (cfg->layout != LAYOUT_SHARED || cfg->tftp_root[0] == '\0')
		return EXIT_DONE;
	if (publish_run(c->fleet, true, changes_print, stdout, NULL, ctl_now_ms(), &e) < 0)
		return ctl_fail(&e, "publish");
	return EXIT_DONE;
}

int select_run(struct ctl *c, const struct selection *s, select_fn one, const char *done_text)
{
	char mac[MAC_TEXT_SIZE], why[256];
	int result = EXIT_DONE;
	struct err e;

	if (s->n == 0) {
		ctl_say("%s: no phone of that kind to %s", s->verb, s->verb);
		return EXIT_NO;
	}
	for (size_t i = 0; i < s->n; i++) {
		int rc = one(c, s, &s->phones[i], why, sizeof(why), &e);

		mac_format(mac, &s->phones[i].mac);
		if (rc < 0)
			return ctl_fail(&e, mac);
		if (rc == 0) {
			printf("%s %s\n", mac, done_text);
		} else {
			ctl_say("%s: %s", mac, why);
			result = EXIT_NO;
		}
	}
	int published = publish_shared(c);
	return result != EXIT_DONE ? result : published;
}
