/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: whose SEP<MAC>.cnf.xml names a load of the climb, and whose is the site's again. What was done is
 * noted for the fleet, which can read no XML, beside each plan's load of the root. The kept copies lie beside the
 * store, in a directory for its user alone.
 */
#include "publish_priv.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "spool.h"
#include "state.h"

#define KEPT_SUFFIX ".sep"

struct sep_walk {
	struct fleet *f;
	const struct config *cfg;
	const struct plan *pl; /* whose phones are looked at */
	const char *kept;
	bool apply;
	stagedir_fn fn;
	void *arg;
	struct strbuf note;
	int differed;
};

static bool climbs(const struct sep_walk *w, const struct phone *p)
{
	return w->cfg->layout == LAYOUT_SHARED && phone_is(p, PHONE_STARTED) &&
	       config_plan(w->cfg, p->plan) && (phone_on_way(p) || p->phase == PHASE_DONE);
}

static const char *word_of(enum sep_state s)
{
	switch (s) {
	case SEP_NONE:
		return NULL;
	case SEP_SET:
		return FLEET_SEP_SET;
	case SEP_HELD:
		return FLEET_SEP_HELD;
	case SEP_UNABLE:
		return FLEET_SEP_LEFT;
	case SEP_GIVEN:
		return FLEET_SEP_GIVEN;
	case SEP_GIVEN_DEFAULT:
		return FLEET_SEP_DEFAULT;
	}
	return NULL;
}

static int sep_publish(const struct sep_walk *w, const struct phone *p, enum sep_state *ret, struct err *e)
{
	const char *root = w->cfg->tftp_root;

	if (!phone_on_way(p))
		return stagedir_sep_back(root, w->kept, &p->mac, w->pl, w->apply, w->fn, w->arg, ret, e);
	if (phone_is(p, PHONE_SEP_GIVEN))
		return stagedir_sep_give(root, w->kept, &p->mac, w->pl, &p->load, phone_is(p, PHONE_SEP_DEFAULT),
					 w->apply, w->fn, w->arg, ret, e);
	return stagedir_sep_set(root, w->kept, &p->mac, &p->load, w->apply, w->fn, w->arg, ret, e);
}

static int sep_of_phone(void *arg, const struct phone *p, struct err *e)
{
	struct sep_walk *w = arg;
	enum sep_state state;
	char mac[MAC_TEXT_SIZE];

	if (!p->mac_known || strcmp(p->plan, w->pl->name) != 0 || !climbs(w, p))
		return 0;
	int rc = sep_publish(w, p, &state, e);
	if (rc < 0)
		return -1;
	w->differed |= rc;
	if (word_of(state))
		strbuf_addf(&w->note, "%s %s %s\n", mac_format(mac, &p->mac), p->load.s, word_of(state));
	return 0;
}

/* What is kept of a phone that does not climb any more. */
static int sep_kept(void *arg, const struct mac *mac, struct err *e)
{
	struct sep_walk *w = arg;
	enum sep_state state;
	struct phone p;
	int rc = state_phone_find(fleet_state(w->f), mac, &p, e);

	if (rc < 0 || (rc == 0 && climbs(w, &p)))
		return rc < 0 ? -1 : 0;
	rc = stagedir_sep_back(w->cfg->tftp_root, w->kept, mac, NULL, w->apply, w->fn, w->arg, &state, e);
	w->differed |= rc > 0;
	return rc < 0 ? -1 : 0;
}

/* One that is there is made empty, not removed: a plan without such files has none. */
static int put_note(const struct sep_walk *w, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(FLEET_SEP_BYTES_MAX);
	char path[512];

	snprintf(path, sizeof(path), "%s/stages/%s", w->cfg->tftp_root, w->pl->name);
	if (w->note.len > 0 && file_mkdirs(path, 0755, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/stages/%s/" FLEET_SEP_FILE, w->cfg->tftp_root, w->pl->name);
	int there = file_read(path, FLEET_SEP_BYTES_MAX, &now, e);
	if (there < 0 || (there == 1 && w->note.len == 0))
		return there < 0 ? -1 : 0;
	if (strbuf_check(&w->note, path, e) < 0)
		return -1;
	return file_replace(path, strbuf_text(&w->note), w->note.len, 0644, FILE_NO_SYNC, e) < 0 ? -1 : 0;
}

static int seps_of_plan(struct sep_walk *w, struct err *e)
{
	strbuf_reset(&w->note);
	if (state_phone_list(fleet_state(w->f), sep_of_phone, w, e) < 0)
		return -1;
	return w->apply ? put_note(w, e) : 0;
}

int publish_seps(struct fleet *f, const struct config *cfg, bool apply, stagedir_fn fn, void *arg,
		 struct err *e)
{
	char kept[512];
	struct sep_walk w = { .f = f, .cfg = cfg, .kept = kept, .apply = apply, .fn = fn, .arg = arg };
	int rc = spool_beside(cfg->store_url, KEPT_SUFFIX, kept, sizeof(kept), e);

	strbuf_init(&w.note, FLEET_SEP_BYTES_MAX);
	for (unsigned i = 0; rc == 0 && cfg->layout == LAYOUT_SHARED && i < cfg->n_plans; i++) {
		w.pl = &cfg->plans[i];
		rc = seps_of_plan(&w, e);
	}
	if (rc == 0)
		rc = stagedir_sep_each(kept, sep_kept, &w, e);
	strbuf_fini(&w.note);
	return rc < 0 ? -1 : w.differed;
}
