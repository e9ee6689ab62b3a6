/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep status: the fleet, one line a phone, counts, and below it what the stages miss. Changes
 * nothing and needs no right to write the TFTP tree.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "cmds.h"
#include "plan.h"
#include "stagedir.h"
#include "strbuf.h"
#include "view.h"

#define NOTES_MAX (64 * 1024)

struct collect {
	const struct config *cfg;
	struct report_status status;
	size_t cap;
	struct report_time time;
};

static int grow(struct collect *k, struct err *e)
{
	if (k->status.n_phones < k->cap)
		return 0;
	size_t cap = k->cap ? k->cap * 2 : 64;
	struct report_phone *more = realloc(k->status.phones, cap * sizeof(*more));

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
	k->status.phones = more;
	k->cap = cap;
	return 0;
}

static int collect_phone(void *arg, const struct phone *p, struct err *e)
{
	struct collect *k = arg;

	if (grow(k, e))
		return -1;
	report_phone_fill(&k->status.phones[k->status.n_phones++], p, k->cfg, &k->time);
	k->status.counts[p->phase]++;
	return 0;
}

/* By plan (those in none last), then by MAC: the same fleet always looks the same. */
static int by_plan_and_mac(const void *a, const void *b)
{
	const struct phone *pa = &((const struct report_phone *)a)->phone;
	const struct phone *pb = &((const struct report_phone *)b)->phone;

	if ((pa->plan[0] == '\0') != (pb->plan[0] == '\0'))
		return pa->plan[0] == '\0' ? 1 : -1;
	int order = strcmp(pa->plan, pb->plan);
	if (order != 0)
		return order;
	order = memcmp(pa->mac.b, pb->mac.b, sizeof(pa->mac.b));
	return order != 0			     ? order
	       : pa->address.host < pb->address.host ? -1
						     : pa->address.host > pb->address.host;
}

/* A complete stage that was never published: nobody is let in until it is. In layout = shared there are
 * none to publish. */
static void note_unpublished(const struct config *cfg, const struct plan *pl, struct strbuf *notes)
{
	struct view v;

	if (cfg->layout != LAYOUT_VIEWS)
		return;
	(void)text_copy(v.root, sizeof(v.root), cfg->tftp_root);
	for (unsigned i = 0; i < pl->n_stages; i++) {
		const struct loadset *ls = &pl->stages[i];

		if (ls->complete && view_stage_ready(&v, pl->name, &ls->load, NULL) != 0)
			strbuf_addf(
				notes,
				"plan %s, stage %u %s: not published yet (`loadstep publish --apply`)\n",
				pl->name, i + 1, ls->load.s);
	}
}

static int note_stages(const struct config *cfg, struct strbuf *notes, struct err *e)
{
	for (unsigned i = 0; cfg->tftp_root[0] && i < cfg->n_plans; i++) {
		struct plan pl = cfg->plans[i];

		if (stagedir_loadsets(cfg->tftp_root, &pl, notes, e) < 0)
			return err_wrap(e, "plan %s", pl.name);
		note_unpublished(cfg, &pl, notes);
	}
	return 0;
}

static void cleanup_collect(struct collect *k)
{
	free(k->status.phones);
}

static int show(struct ctl *c, bool fail_if_stuck)
{
	CLEANUP(cleanup_collect) struct collect k = { .cfg = fleet_config(c->fleet) };
	CLEANUP(strbuf_fini) struct strbuf notes = STRBUF_INIT(NOTES_MAX);
	struct err e;

	int rc = ctl_report_time(c, &k.time);
	if (rc != 0)
		return rc;
	if (state_phone_list(fleet_state(c->fleet), collect_phone, &k, &e))
		return ctl_fail(&e, NULL);
	if (k.status.n_phones > 0)
		qsort(k.status.phones, k.status.n_phones, sizeof(*k.status.phones), by_plan_and_mac);
	/* a tree that cannot be read is no reason to hide the phones */
	if (!c->json && note_stages(k.cfg, &notes, &e))
		strbuf_addf(&notes, "%s\n", e.text);
	k.status.generated_ms = k.time.now_ms;
	k.status.notes = strbuf_text(&notes);
	c->report.writer->status(&c->report, &k.status);
	return fail_if_stuck && k.status.counts[PHASE_STUCK] > 0 ? EXIT_NO : EXIT_DONE;
}

int cmd_status(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "fail-if-stuck", no_argument, NULL, OPT_OWN },
		{ NULL, 0, NULL, 0 },
	};
	bool fail_if_stuck = false;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		fail_if_stuck = true;
	}
	if (optind < argc)
		return ctl_usage(c, "status: \"%s\" is too much", argv[optind]);
	int rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	return rc ? rc : show(c, fail_if_stuck);
}
