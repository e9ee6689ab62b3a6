/* SPDX-License-Identifier: MPL-2.0 */
/*
 * All causes that fit this phone, by its evidence, the names of its files and what lies where it reads. The engine keeps
 * the one that is sure; here a person sees the others, too.
 */
#include "cleanup.h"
#include "engine.h"
#include "explain.h"

/* The phone's own events that name a file, newest first. */
static unsigned take_files(const struct explain *x, struct causes_file *ret)
{
	unsigned n = 0;

	for (size_t i = x->n_history; i > 0; i--) {
		const struct history *h = &x->history[i - 1];

		if (h->file[0])
			ret[n++] = (struct causes_file){ .kind = h->kind, .name = h->file };
	}
	return n;
}

/* A load that is proven is not doubted any more; what a phone that is done has still is the engine's word. */
static bool counts(const struct phone *p, enum cause c)
{
	return c == p->cause || !(p->phase == PHASE_DONE || phone_is(p, PHONE_PROVEN));
}

void explain_causes(struct explain *x)
{
	CLEANUP(cleanup_free) struct causes_file *files = calloc(x->n_history + 1, sizeof(*files));
	struct cause_found found[CAUSES_FOUND_MAX];
	struct causes_facts facts = x->facts;

	if (files) {
		facts.files = files;
		facts.n_files = take_files(x, files);
	}
	facts.sees_root = x->plain;
	facts.tftp_heard_ms = fleet_heard_since(x->c->fleet, x->now_ms);
	unsigned n = engine_causes(x->p, x->pl, &facts, &x->cfg->limits, x->prospect.now_ms, found);

	for (unsigned i = 0; i < n; i++) {
		struct report_fit *f = &x->fits[x->n_fits];

		if (!counts(x->p, found[i].cause))
			continue;
		x->n_fits++;
		f->found = found[i];
		f->first_ms = found[i].first_ms ? found[i].first_ms + x->prospect.skew_ms : 0;
		f->last_ms = found[i].last_ms ? found[i].last_ms + x->prospect.skew_ms : 0;
	}
}
