/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Effects follow state: after a transaction, make the links of the phones and addresses it touched say what
 * the store now says. The lock is taken first and the rows are read again under it, so two processes cannot
 * undo one another. What fails here is told (fleet_effects_error) and tried again; the state is right all the
 * same.
 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "fleet_priv.h"

#define LOCK_WAIT_MS 300
#define ROOT_LOAD_MAX 256

const char *fleet_effects_error(struct fleet *f)
{
	bool told = f->effects_told;

	f->effects_told = true;
	return told ? "" : f->effects_error;
}

/* The load that the plain root names, as `publish` last saw it (it can read XML, this cannot): a line in
 * stages/<plan>/.root-load. */
bool fleet_root_names(const struct fleet *f, const char *plan, const struct load_name *load)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(ROOT_LOAD_MAX);
	char path[512];
	struct err e;

	snprintf(path, sizeof(path), "%s/stages/%s/" FLEET_ROOT_LOAD_FILE, f->view.root, plan);
	if (file_read(path, ROOT_LOAD_MAX, &text, &e) != 0)
		return false;
	size_t n = strlen(load->s);

	return n && strncmp(strbuf_text(&text), load->s, n) == 0 && strbuf_text(&text)[n] == '\n';
}

/* Would the plain root send a finished phone back? Not one that has a configuration file of its own, nor when
 * the root names the same load. */
bool fleet_root_takes_back(const struct fleet *f, const struct phone *p)
{
	return !(p->mac_known && view_provisioned(&f->view, &p->mac)) &&
	       !fleet_root_names(f, p->plan, &p->load);
}

void fleet_tree_flags(struct fleet *f, struct phone *p, bool may_release)
{
	const struct plan *pl = p->plan[0] ? config_plan(f->cfg, p->plan) : NULL;
	uint32_t set = 0;

	if (!f->have_view || f->flags & (FLEET_NO_EFFECTS | FLEET_REPLAY))
		return;
	if (cohort_provisioned(f, p))
		set |= PHONE_PROVISIONED;
	if (p->phase == PHASE_WAITING && pl && f->waiting_room[plan_index(f, pl)] &&
	    f->cfg->layout == LAYOUT_VIEWS)
		set |= PHONE_LET_NEAR;
	if (p->phase == PHASE_DONE && phone_is(p, PHONE_STARTED) && f->cfg->layout == LAYOUT_VIEWS) {
		/* Once on the plain root it stays there; it goes there only in a quiet moment or at a boot.
		 * Half of `quiet`, for a SIP phone without a file of its own asks for it every 31 s
		 * (F§2.3). */
		bool quiet = (fleet_engine_time(f, f->now_ms) - p->last_event_ms) * 2 >= f->cfg->limits.quiet;
		bool released = phone_is(p, PHONE_RELEASED);

		if (!released && fleet_root_takes_back(f, p))
			set |= PHONE_ON_LAST;
		else if (!released && !may_release && !quiet)
			set |= p->flags & PHONE_ON_LAST;
		else
			set |= PHONE_RELEASED;
	}
	p->flags = (p->flags &
		    ~(uint32_t)(PHONE_PROVISIONED | PHONE_LET_NEAR | PHONE_ON_LAST | PHONE_RELEASED)) |
		   set;
}

void fleet_standing(struct fleet *f, const struct phone *p, struct standing *ret)
{
	*ret = (struct standing){ .kind = VIEW_PLAIN };
	if (f->cfg->layout == LAYOUT_SHARED) {
		ret->kind = VIEW_NONE;
		return;
	}
	if (!phone_is(p, PHONE_STARTED) || phone_is(p, PHONE_ADDRESS_SHARED))
		return;
	text_copy(ret->plan, sizeof(ret->plan), p->plan);
	if (p->phase == PHASE_WAITING) {
		if (phone_is(p, PHONE_LET_NEAR))
			ret->kind = VIEW_WAITING;
	} else if (phone_on_way(p) || (p->phase == PHASE_DONE && !phone_is(p, PHONE_RELEASED))) {
		ret->kind = VIEW_STAGE;
		ret->load = p->load;
	}
}

static void effects_failed(struct fleet *f, const struct err *e)
{
	text_copy(f->effects_error, sizeof(f->effects_error), e->text);
	f->effects_told = false;
}

/* A phone that takes no notice of XMLDefault has a SEP file in its stage, and nobody has one where he is not. */
static void sep_links(struct fleet *f, const struct phone *p, const struct standing *s)
{
	enum view_sep own = phone_is(p, PHONE_SEP_DEFAULT) ? VIEW_SEP_DEFAULT :
			    phone_is(p, PHONE_SEP_GIVEN)   ? VIEW_SEP_DEVICE :
							     VIEW_SEP_NONE;
	struct err e;

	for (unsigned i = 0; f->cfg->layout == LAYOUT_VIEWS && i < f->cfg->n_plans; i++) {
		const struct plan *pl = &f->cfg->plans[i];

		for (unsigned k = 0; k < pl->n_stages; k++) {
			const struct load_name *load = &pl->stages[k].load;
			bool here = s->kind == VIEW_STAGE && strcmp(s->plan, pl->name) == 0 &&
				    load_name_equal(&s->load, load);

			if (view_sep_set(&f->view, pl->name, load, &p->mac, here ? own : VIEW_SEP_NONE, &e) < 0)
				effects_failed(f, &e);
		}
	}
}

static void phone_link(struct fleet *f, const struct phone *p)
{
	struct standing s;
	struct err e;

	fleet_standing(f, p, &s);
	sep_links(f, p, &s);
	if (view_phone_set(&f->view, &p->mac, &s, &e) < 0)
		effects_failed(f, &e);
}

static void mac_link(struct fleet *f, const struct mac *mac)
{
	struct phone p;
	struct err e;
	int rc = state_phone_find(f->st, mac, &p, &e);

	if (rc == 0)
		phone_link(f, &p);
	else if (rc < 0)
		effects_failed(f, &e);
}

/* Nobody of ours is there. tftpd-hpa finds nothing at all where there is no link, and the map that it has in memory may
 * be a former one, of other networks or another layout: with it a link is never removed, only made neutral. */
static int address_nobody(struct fleet *f, struct ip4 a, struct err *e)
{
	struct mac mac;

	if (f->cfg->daemon != DAEMON_TFTPD_HPA)
		return view_address_set(&f->view, a, NULL, e);
	int rc = f->cfg->layout == LAYOUT_VIEWS ? 0 : view_address_get(&f->view, a, &mac, e);

	return rc == 0 ? view_address_neutral(&f->view, a, e) : rc;
}

/* The address points to the MAC that holds it, if that is a phone of ours. */
static void address_link(struct fleet *f, struct ip4 a)
{
	struct mac holder;
	int64_t since;
	struct phone p;
	struct err e;
	int rc = state_address_find(f->st, a, &holder, &since, &e);

	if (rc == 0)
		rc = f->cfg->layout == LAYOUT_VIEWS ? state_phone_find(f->st, &holder, &p, &e) : 1;
	if (rc == 0)
		rc = phone_is(&p, PHONE_ADDRESS_SHARED) ? 1 : 0; /* what one of them sees the others would see */
	if (rc >= 0)
		rc = rc == 0 ? view_address_set(&f->view, a, &holder, &e) : address_nobody(f, a, &e);
	if (rc < 0)
		effects_failed(f, &e);
}

static int each_phone(void *arg, const struct phone *p, struct err *e)
{
	(void)e;
	if (p->mac_known)
		phone_link(arg, p);
	return 0;
}

static int each_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms, struct err *e)
{
	(void)mac, (void)since_ms, (void)e;
	address_link(arg, addr);
	return 0;
}

/* A link whose address nobody holds any more. */
static int each_link(void *arg, struct ip4 addr, const struct mac *mac, struct err *e)
{
	(void)mac, (void)e;
	address_link(arg, addr);
	return 0;
}

static void all_links(struct fleet *f)
{
	struct err e;

	if (state_phone_list(f->st, each_phone, f, &e) < 0 ||
	    state_address_list(f->st, each_address, f, &e) < 0 ||
	    view_address_list(&f->view, each_link, f, &e) < 0)
		effects_failed(f, &e);
}

void effects_run(struct fleet *f)
{
	bool none = !f->have_view || f->flags & (FLEET_NO_EFFECTS | FLEET_REPLAY | FLEET_READ_ONLY);
	struct err e;
	int lock;

	if (!none && (f->touched_all || f->n_macs || f->n_addresses)) {
		if (view_lock(&f->view, LOCK_WAIT_MS, &lock, &e) < 0) {
			effects_failed(f, &e);
			return; /* what was touched stays on the list */
		}
		if (f->touched_all)
			all_links(f);
		/* The phone's own link first: an address never points to a phone without one. */
		for (unsigned i = 0; !f->touched_all && i < f->n_macs; i++)
			mac_link(f, &f->macs[i]);
		for (unsigned i = 0; !f->touched_all && i < f->n_addresses; i++)
			address_link(f, f->addresses[i]);
		view_unlock(lock);
	}
	f->n_macs = f->n_addresses = 0;
	f->touched_all = false;
}

int fleet_effects_all(struct fleet *f, struct err *e)
{
	f->touched_all = true;
	f->effects_error[0] = '\0';
	effects_run(f);
	if (f->effects_error[0])
		return err_set(e, ERR_TREE, "%s", f->effects_error);
	return 0;
}
