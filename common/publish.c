/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Look at the load sets, keep what was found in the plans' revision, build the stages, then let the fleet
 * swing the links: a stage exists before anybody is sent there. Which load a phone or the root is to name
 * is the fleet's to say; how a directory is built is stagedir's. A comparison (apply = false) writes
 * nothing at all.
 */
#include "publish_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "loadset.h"
#include "plan.h"
#include "publish_priv.h"
#include "state.h"
#include "view.h"

#define LOCK_WAIT_MS 5000 /* another publish, or a swing; neither takes long */

/* A config of which only the plans are a copy; MAC lists and the rest are borrowed. */
static int copy_plans(const struct config *cfg, struct config *ret, struct err *e)
{
	*ret = *cfg;
	ret->plans = calloc(CONFIG_PLANS_MAX, sizeof(*ret->plans));
	if (!ret->plans)
		return err_set(e, ERR_SYSTEM, "no memory for %u plans", cfg->n_plans);
	if (cfg->n_plans)
		memcpy(ret->plans, cfg->plans, cfg->n_plans * sizeof(*ret->plans));
	return 0;
}

/* Returns what fleet_plans_put returned. The fleet has taken up the new plans: the lists that cfg borrowed from the old
 * ones are gone. */
static int put_in_force(struct fleet *f, struct config *cfg, int64_t now_ms, int64_t *ret_revision,
			struct err *e)
{
	int same = fleet_plans_put(f, cfg, now_ms, ret_revision, e);

	if (same < 0)
		return -1;
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		cfg->plans[i].only_macs = (struct mac_list){ .n = 0, .a = NULL };
		cfg->plans[i].except_macs = (struct mac_list){ .n = 0, .a = NULL };
	}
	return same;
}

static const struct loadset *known_set(const struct config *known, const struct load_name *load)
{
	for (unsigned i = 0; i < known->n_plans; i++) {
		int no = plan_stage_of(&known->plans[i], load);

		const struct loadset *ls = plan_stage(&known->plans[i], no);

		if (ls && (ls->complete || ls->loader[0] || ls->n_members > 0))
			return ls;
	}
	return NULL;
}

/* A load set that is not on disk now, and was once: its files' names stay known, since phones may be half
 * way through it. */
static void keep_known_names(struct plan *pl, const struct config *known)
{
	for (unsigned i = 0; i < pl->n_stages; i++) {
		const struct loadset *was =
			pl->stages[i].complete ? NULL : known_set(known, &pl->stages[i].load);

		if (was) {
			pl->stages[i] = *was;
			pl->stages[i].complete = false;
		}
	}
}

/* What is on disk into cfg's plans (a copy of ours). No root on this host: as known, or by the names
 * alone. */
static int look_at_loadsets(struct config *cfg, const struct config *known, struct strbuf *missing,
			    struct err *e)
{
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		if (cfg->tftp_root[0] && stagedir_loadsets(cfg->tftp_root, &cfg->plans[i], missing, e) < 0)
			return err_wrap(e, "plan %s", cfg->plans[i].name);
		keep_known_names(&cfg->plans[i], known);
	}
	return 0;
}

/* What the plain root names goes where the fleet finds it. A root that names nothing, or whose XMLDefault
 * cannot be read (stagedir has refused it by then), leaves an empty note: finished phones stay where they
 * are. */
static int note_root_load(const struct config *cfg, const struct plan *pl, struct err *e)
{
	char path[512], line[LOAD_NAME_MAX + 2];
	struct load_name load;
	int rc = stagedir_root_load(cfg->tftp_root, pl, &load, e);

	if (rc < 0)
		return -1;
	snprintf(line, sizeof(line), "%s\n", rc == 0 ? load.s : "");
	snprintf(path, sizeof(path), "%s/stages/%s", cfg->tftp_root, pl->name);
	if (file_mkdirs(path, 0755, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/stages/%s/" FLEET_ROOT_LOAD_FILE, cfg->tftp_root, pl->name);
	return file_replace(path, line, strlen(line), 0644, FILE_NO_SYNC, e) < 0 ? -1 : 0;
}

/* One plan's directories, or in layout = shared the root's own files. 0, 1 = differed, -1. */
static int publish_plan(struct fleet *f, const struct config *cfg, const struct plan *pl, bool apply,
			stagedir_fn fn, void *arg, struct err *e)
{
	struct load_name load;

	if (cfg->layout == LAYOUT_VIEWS) {
		int differed = stagedir_publish(cfg->tftp_root, cfg, pl, apply, fn, arg, e);

		if (differed < 0 || !apply)
			return differed;
		return note_root_load(cfg, pl, e) < 0 ? -1 : differed;
	}
	/* the fleet is asked about a plan of its own; one that is not in force yet names nothing */
	const struct plan *own = config_plan(fleet_config(f), pl->name);
	int rc = own ? fleet_shared_load(f, own, &load, e) : 1;
	if (rc < 0)
		return -1;
	/* the files first, then what names them */
	int files = stagedir_root_loads(cfg->tftp_root, pl, rc == 0 ? plan_stage_of(pl, &load) : 0, apply, fn,
					arg, e);
	if (rc != 0 || files < 0)
		return files;
	rc = stagedir_rotate(cfg->tftp_root, pl, &load, apply, fn, arg, e);
	if (rc < 0 || !apply)
		return rc < 0 ? -1 : rc | files;
	return note_root_load(cfg, pl, e) < 0 ? -1 : rc | files;
}

static void cleanup_lock(int *fd)
{
	if (*fd >= 0)
		view_unlock(*fd);
}

static int publish_stages(struct fleet *f, const struct config *cfg, bool apply, stagedir_fn fn, void *arg,
			  struct strbuf *missing, struct err *e)
{
	CLEANUP(cleanup_lock) int lock = -1;
	struct view v;
	int differed = 0;

	/* not view_init where nothing is to be written: it would make the directory */
	(void)text_copy(v.root, sizeof(v.root), cfg->tftp_root);
	if (apply && (view_init(&v, cfg->tftp_root, e) || view_lock(&v, LOCK_WAIT_MS, &lock, e)))
		return -1;
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		int rc = publish_plan(f, cfg, &cfg->plans[i], apply, fn, arg, e);

		if (rc < 0)
			return err_wrap(e, "plan %s", cfg->plans[i].name);
		differed |= rc;
	}
	int map = publish_map(cfg, &v, apply, fn, arg, missing, e);
	int seps = map < 0 ? -1 : publish_seps(f, cfg, apply, fn, arg, e);

	return seps < 0 ? -1 : differed | map | seps;
}

struct link_walk {
	struct fleet *f;
	struct view view;
	stagedir_fn fn;
	void *arg;
	int differed;
};

static bool standing_equal(const struct standing *a, const struct standing *b)
{
	if (a->kind != b->kind)
		return false;
	bool same_plan = strcmp(a->plan, b->plan) == 0;
	return (a->kind != VIEW_STAGE && a->kind != VIEW_WAITING) ||
	       (same_plan && load_name_equal(&a->load, &b->load));
}

/* No link and a link to the plain root show the phone the same. */
static bool shows_plain(const struct standing *s)
{
	return s->kind == VIEW_PLAIN || s->kind == VIEW_NONE;
}

static const char *standing_text(const struct standing *s, char *buf, size_t size)
{
	struct strbuf sb = STRBUF_INIT(size - 1);

	switch (s->kind) {
	case VIEW_STAGE:
		strbuf_addf(&sb, "to stages/%s/%s", s->plan, s->load.s);
		break;
	case VIEW_WAITING:
		strbuf_addf(&sb, "to stages/%s/waiting", s->plan);
		break;
	case VIEW_PLAIN:
		strbuf_add(&sb, "to the plain root");
		break;
	case VIEW_NONE:
		strbuf_add(&sb, "no link");
		break;
	case VIEW_FOREIGN:
		strbuf_add(&sb, "something that is not ours");
		break;
	}
	(void)text_copy(buf, size, strbuf_text(&sb));
	strbuf_fini(&sb);
	return buf;
}

static int compare_link(void *arg, const struct phone *p, struct err *e)
{
	struct link_walk *w = arg;
	struct standing want, is;
	char path[64], mac[MAC_TEXT_SIZE], what[160];

	if (!p->mac_known)
		return 0;
	fleet_standing(w->f, p, &want);
	if (view_phone_get(&w->view, &p->mac, &is, e))
		return -1;
	if (standing_equal(&want, &is) || (shows_plain(&want) && shows_plain(&is)))
		return 0;
	w->differed = 1;
	if (!w->fn)
		return 0;
	(void)text_copy(path, sizeof(path), "phones/");
	(void)text_copy(path + 7, sizeof(path) - 7, mac_format(mac, &p->mac));
	w->fn(w->arg, is.kind == VIEW_NONE ? STAGEDIR_NEW : STAGEDIR_CHANGED, path,
	      standing_text(&want, what, sizeof(what)));
	return 0;
}

/* Which phones' links differ from what the state says; told before they are made true. */
static int compare_links(struct fleet *f, const struct config *cfg, stagedir_fn fn, void *arg, struct err *e)
{
	struct link_walk w = { .f = f, .fn = fn, .arg = arg };

	if (cfg->layout != LAYOUT_VIEWS)
		return 0;
	/* not view_init: it would make the directory */
	(void)text_copy(w.view.root, sizeof(w.view.root), cfg->tftp_root);
	if (state_phone_list(fleet_state(f), compare_link, &w, e))
		return -1;
	return w.differed;
}

static int make_true(struct fleet *f, const struct config *cfg, bool apply, stagedir_fn fn, void *arg,
		     struct strbuf *missing, struct err *e)
{
	int stages = publish_stages(f, cfg, apply, fn, arg, missing, e);
	int links = stages < 0 ? -1 : compare_links(f, cfg, fn, arg, e);

	if (links < 0)
		return -1;
	if (apply && fleet_effects_all(f, e))
		return -1;
	return stages | links;
}

static void cleanup_plans(struct config *cfg)
{
	free(cfg->plans);
	cfg->plans = NULL;
}

/* What was found on disk into the revision that cfg was copied from. 2 = somebody has put a newer one in force
 * meanwhile, which must not be overwritten with what was copied before it. */
static int put_facts(struct fleet *f, struct config *cfg, int64_t base, int64_t now_ms, struct err *e)
{
	int64_t revision;

	if (fleet_batch_begin(f, now_ms, e))
		return -1;
	if (fleet_revision(f) != base)
		return fleet_batch_end(f, e) ? -1 : 2;
	int rc = put_in_force(f, cfg, now_ms, &revision, e);
	if (rc < 0) {
		fleet_batch_abort(f);
		return -1;
	}
	/* and an empty batch, so that the fleet takes it up */
	return fleet_batch_end(f, e) || fleet_batch_begin(f, now_ms, e) || fleet_batch_end(f, e) ? -1 : rc;
}

int publish_run(struct fleet *f, bool apply, stagedir_fn fn, void *arg, struct strbuf *missing,
		int64_t now_ms, struct err *e)
{
	CLEANUP(cleanup_plans) struct config cfg = { .plans = NULL };
	int rc = 2;

	if (fleet_config(f)->tftp_root[0] == '\0')
		return err_set(e, ERR_CONFIG,
			       "[tftp] root is not set on this host: publish where the TFTP root is");
	while (rc == 2) {
		cleanup_plans(&cfg);
		if (missing)
			strbuf_reset(missing); /* what an earlier turn said */
		if (copy_plans(fleet_config(f), &cfg, e) ||
		    look_at_loadsets(&cfg, fleet_config(f), missing, e))
			return -1;
		/* files that came or went since the last look are facts that hook and helper need as well */
		rc = apply ? put_facts(f, &cfg, fleet_revision(f), now_ms, e) : 0;
	}
	if (rc < 0)
		return -1;
	return make_true(f, &cfg, apply, fn, arg, missing, e);
}

struct way_count {
	const char *plan;
	unsigned on_way;
};

static int count_on_way(void *arg, const struct phone *p, struct err *e)
{
	struct way_count *c = arg;

	(void)e;
	c->on_way += phone_is(p, PHONE_STARTED) && phone_on_way(p) && strcmp(p->plan, c->plan) == 0;
	return 0;
}

static int check_kept_plan(const struct config *cfg, const struct plan *kept, unsigned on_way, struct err *e)
{
	char why[ERR_TEXT_MAX];

	for (unsigned i = 0; cfg->layout == LAYOUT_SHARED && i < cfg->n_plans; i++)
		if (config_share_root(kept, &cfg->plans[i], why, sizeof(why)) != 0)
			return err_set(e, ERR_CONFIG,
				       "[plan %s] is not in the configuration any more and has %u phone%s on the way; "
				       "until done or forgotten, [plan %s] cannot go with it under [tftp] layout "
				       "= shared: %s",
				       kept->name, on_way, on_way == 1 ? "" : "s", cfg->plans[i].name, why);
	return 0;
}

/* A plan that the file no longer has stays in force for its phones that are half way: they keep their stage
 * and their servers. Nobody starts on it. */
static int keep_plans_in_use(struct fleet *f, struct config *cfg, struct strbuf *missing, struct err *e)
{
	const struct config *old = fleet_config(f);

	for (unsigned i = 0; i < old->n_plans; i++) {
		struct way_count c = { .plan = old->plans[i].name };

		if (config_plan(cfg, c.plan))
			continue;
		if (state_phone_list(fleet_state(f), count_on_way, &c, e) < 0)
			return -1;
		if (c.on_way == 0)
			continue;
		if (check_kept_plan(cfg, &old->plans[i], c.on_way, e))
			return -1;
		if (cfg->n_plans == CONFIG_PLANS_MAX)
			return err_set(
				e, ERR_LIMIT,
				"plan %s must be kept for %u phones on their way, and there are %d plans already",
				c.plan, c.on_way, CONFIG_PLANS_MAX);
		cfg->plans[cfg->n_plans] = old->plans[i];
		cfg->plans[cfg->n_plans++].automatic = false;
		strbuf_addf(missing,
			    "plan %s: not in the configuration any more; kept for %u phone%s on the way, "
			    "until done or stopped and forgotten\n",
			    c.plan, c.on_way, c.on_way == 1 ? "" : "s");
	}
	return 0;
}

int publish_reload(struct fleet *f, const struct config *file, stagedir_fn fn, void *arg,
		   struct strbuf *missing, int64_t now_ms, int64_t *ret_revision, bool *ret_new,
		   struct err *e)
{
	CLEANUP(cleanup_plans) struct config cfg = { .plans = NULL };

	if (copy_plans(file, &cfg, e) || keep_plans_in_use(f, &cfg, missing, e) ||
	    look_at_loadsets(&cfg, fleet_config(f), missing, e))
		return -1;
	int same = put_in_force(f, &cfg, now_ms, ret_revision, e);
	if (same < 0)
		return -1;
	*ret_new = same == 0;
	return cfg.tftp_root[0] ? make_true(f, &cfg, true, fn, arg, missing, e) : 0;
}
