/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep reload: check the configuration file, put its plans in force as a revision, build their
 * stages. A load set that is missing stops nothing: nobody is let into that stage, and it is said. A step that is not known
 * to work stops everything, unless it is forced; then the history has it.
 */
#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "cleanup.h"
#include "cmds.h"
#include "ladder.h"
#include "publish.h"
#include "strbuf.h"

#define MISSING_MAX (64 * 1024)
#define FAULTS_MAX (64 * 1024)

/* ---- --force LOAD */

struct forced {
	unsigned n;
	struct load_name a[PLAN_STAGES_MAX];
};

static int read_options(struct ctl *c, int argc, char **argv, struct forced *ret)
{
	static const struct option own[] = {
		{ "force", required_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	struct err e;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		if (ret->n == PLAN_STAGES_MAX)
			return ctl_usage(c, "--force: at most %d loads", PLAN_STAGES_MAX);
		if (load_name_parse(optarg, strlen(optarg), &ret->a[ret->n++], &e) < 0)
			return ctl_usage(c, "--force: %s", e.text);
	}
	return optind < argc ? ctl_usage(c, "reload: \"%s\" is too much", argv[optind]) : 0;
}

static int force(struct ctl *c, const struct forced *f)
{
	for (unsigned i = 0; i < f->n; i++)
		if (ladder_force(c->cfg, &f->a[i]) == 0)
			return ctl_usage(c, "--force %s: no plan has a step to it that is not known to work",
					 f->a[i].s);
	return 0;
}

/* Each forced step of the revision that is in force now. */
static int record_forced(struct ctl *c, int64_t revision, struct err *e)
{
	for (unsigned i = 0; i < c->cfg->n_plans; i++) {
		const struct plan *pl = &c->cfg->plans[i];

		for (int no = 2; no <= (int)pl->n_stages; no++) {
			struct history h = { .at_ms = ctl_now_ms(), .kind = EVENT_OPERATOR, .bytes = -1 };

			if (!ladder_forced(pl, no))
				continue;
			snprintf(h.note, sizeof(h.note),
				 "revision %lld, plan %s: the step from %s to %s is forced; it is not known to work",
				 (long long)revision, pl->name, plan_stage(pl, no - 1)->load.s,
				 plan_stage(pl, no)->load.s);
			if (state_history_put(fleet_state(c->fleet), &h, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- the verb */

/* The stages of all plans, or why not. 0; else the exit code, told. */
static int settle(struct ctl *c, struct strbuf *notes)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(FAULTS_MAX);
	struct err e;
	int rc = ladder_settle(c->cfg, &faults, notes, &e);

	if (rc < 0)
		return ctl_fail(&e, "reload");
	if (rc == 0)
		return 0;
	fputs(strbuf_text(&faults), stderr);
	ctl_say("reload: refused; what is in force stays in force");
	return EXIT_CONFIG;
}

static int put_in_force(struct ctl *c, const struct strbuf *notes)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(MISSING_MAX);
	int64_t revision = 0;
	bool is_new = false;
	struct err e;

	if (publish_reload(c->fleet, c->cfg, changes_print, stdout, &missing, ctl_now_ms(), &revision, &is_new,
			   &e) < 0)
		return ctl_fail(&e, "reload");
	changes_print_missing(&missing);
	fputs(strbuf_text(notes), stdout);
	printf("revision %lld %s\n", (long long)revision,
	       is_new ? "is in force" : "stays in force: the plans are the same");
	if (c->cfg->tftp_root[0] == '\0')
		puts("no [tftp] root on this host: the stages are published where it is");
	if (is_new && record_forced(c, revision, &e) < 0)
		return ctl_fail(&e, "the forced steps into the history");
	return EXIT_DONE;
}

int cmd_reload(struct ctl *c, int argc, char **argv)
{
	CLEANUP(strbuf_fini) struct strbuf notes = STRBUF_INIT(FAULTS_MAX);
	struct forced forced = { .n = 0 };
	int rc = read_options(c, argc, argv, &forced);

	if (rc == 0)
		rc = ctl_config(c);
	if (rc == 0)
		rc = force(c, &forced);
	if (rc == 0)
		rc = settle(c, &notes);
	if (rc == 0)
		rc = ctl_fleet(c, FLEET_CREATE);
	return rc ? rc : put_in_force(c, &notes);
}
