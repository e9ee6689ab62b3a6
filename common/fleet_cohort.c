/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout = shared: one XMLDefault for all, so the phones of a plan climb together. A cohort's doors shut when
 * its first phone starts to download; it moves to the next stage when each is proven, stuck, or silent beyond
 * the stage's limit and not half-flashed, and the files of that stage are there; at the end the doors open for
 * those who waited, unless that would show an older load to a phone that is done and would obey it.
 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "fleet_priv.h"

struct muster {
	struct fleet *f;
	const struct plan *pl;
	int stage_no;
	int climbing; /* on their way at any stage, and not stuck */
	int members; /* on their way at this stage */
	int proven;
	int settled; /* proven, stuck, or silent for too long */
	int begun; /* has begun to download, or is further */
	int waiting;
	int first; /* the earliest stage that one who waits or climbs is to have; 0 = nobody does */
	int exposed; /* done, and would obey an older load */
	bool sep_known; /* what publish made of the phones' own SEP files was read */
	bool sep_differs; /* from what the state says */
	int sep_right; /* its lines that are as they must be */
	struct strbuf seps;
};

/* ---- the phones' own SEP files, as publish last left them */

static void seps_read(const struct fleet *f, const char *plan, struct strbuf *sb)
{
	char path[512];
	struct err e;

	snprintf(path, sizeof(path), "%s/stages/%s/" FLEET_SEP_FILE, f->view.root, plan);
	if (file_read(path, FLEET_SEP_BYTES_MAX, sb, &e) != 0)
		strbuf_reset(sb);
}

/* Has it the line "MAC LOAD WORD"? word NULL: any line of that MAC. */
static bool seps_have(const struct strbuf *sb, const struct phone *p, const char *word)
{
	char line[MAC_TEXT_SIZE + LOAD_NAME_MAX + 16], mac[MAC_TEXT_SIZE];
	int n = word ? snprintf(line, sizeof(line), "%s %s %s\n", mac_format(mac, &p->mac), p->load.s, word) :
		       snprintf(line, sizeof(line), "%s ", mac_format(mac, &p->mac));

	for (const char *at = strbuf_text(sb); *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, line, (size_t)n) == 0)
			return true;
	return false;
}

static const char *given_word(const struct phone *p)
{
	return phone_is(p, PHONE_SEP_DEFAULT) ? FLEET_SEP_DEFAULT : FLEET_SEP_GIVEN;
}

/* Is the file of that name one that we have made, and not the site's? */
static bool seps_made(const struct strbuf *sb, const struct phone *p)
{
	return seps_have(sb, p, FLEET_SEP_GIVEN) || seps_have(sb, p, FLEET_SEP_DEFAULT);
}

static void muster_sep(struct muster *m, const struct phone *p)
{
	if (!m->sep_known || !p->mac_known)
		return;
	bool given = phone_is(p, PHONE_SEP_GIVEN);
	bool wanted = phone_on_way(p) && (given || view_has_sep(&m->f->view, &p->mac));
	bool right = wanted ? seps_have(&m->seps, p, FLEET_SEP_SET) || seps_have(&m->seps, p, FLEET_SEP_LEFT) ||
				      (given && seps_have(&m->seps, p, given_word(p))) :
			      p->phase == PHASE_DONE && seps_have(&m->seps, p, FLEET_SEP_HELD);

	m->sep_right += right;
	m->sep_differs = m->sep_differs || (wanted && !right);
}

/* Each line must be some phone's that it is right for: one more is of a phone that is done, or gone. */
static bool seps_differ(const struct muster *m)
{
	int lines = 0;

	for (const char *at = strbuf_text(&m->seps); m->sep_known && *at; at++)
		lines += *at == '\n';
	return m->sep_differs || lines != m->sep_right;
}

bool cohort_sep_named(struct fleet *f, const struct phone *p)
{
	CLEANUP(strbuf_fini) struct strbuf seps = STRBUF_INIT(FLEET_SEP_BYTES_MAX);

	if (!f->have_view || !p->mac_known || f->flags & FLEET_REPLAY)
		return false;
	seps_read(f, p->plan, &seps);
	return seps_have(&seps, p, FLEET_SEP_SET) ||
	       (phone_is(p, PHONE_SEP_GIVEN) && seps_have(&seps, p, given_word(p)));
}

bool cohort_provisioned(const struct fleet *f, const struct phone *p)
{
	CLEANUP(strbuf_fini) struct strbuf seps = STRBUF_INIT(FLEET_SEP_BYTES_MAX);

	if (!p->mac_known || !view_provisioned(&f->view, &p->mac))
		return false;
	if (f->cfg->layout == LAYOUT_SHARED && p->plan[0])
		seps_read(f, p->plan, &seps);
	return !seps_made(&seps, p) || view_has_sip(&f->view, &p->mac);
}

/* ---- the cohort */

static void muster_fini(struct muster *m)
{
	strbuf_fini(&m->seps);
}

/* For how long a phone of this cohort may be silent. */
static int64_t stage_limit(const struct muster *m)
{
	const struct loadset *ls = plan_stage(m->pl, m->stage_no);
	const struct limits *lim = &m->f->cfg->limits;

	return ls && ls->generation == GEN_JAVA ? lim->stage_java : lim->stage_classic;
}

static void muster_first(struct muster *m, const struct phone *p)
{
	int no = 0;

	if (p->phase == PHASE_WAITING)
		no = plan_entry_stage(m->pl, p, NULL);
	else if (phone_on_way(p) && p->phase != PHASE_STUCK)
		no = p->stage_no;
	if (no && (!m->first || no < m->first))
		m->first = no;
}

static int muster_phone(void *arg, const struct phone *p, struct err *e)
{
	struct muster *m = arg;
	int64_t now = fleet_engine_time(m->f, m->f->now_ms);

	(void)e;
	if (!phone_is(p, PHONE_STARTED) || strcmp(p->plan, m->pl->name) != 0)
		return 0;
	muster_sep(m, p);
	m->waiting += p->phase == PHASE_WAITING;
	muster_first(m, p);
	/* Who cannot see the root cannot know that a phone is safe. */
	if (p->phase == PHASE_DONE && m->pl->after_servers.n == 0 &&
	    !(m->f->have_view && cohort_provisioned(m->f, p)))
		m->exposed++;
	/* One that was left behind waits for the next cohort to come by; one that is proven comes along with the next
	 * tick, and another look may be sooner. */
	bool comes_along = p->stage_no == m->stage_no - 1 && phone_is(p, PHONE_PROVEN) && !phone_is(p, PHONE_STOPPED);

	m->climbing += phone_on_way(p) && p->phase != PHASE_STUCK && (p->stage_no >= m->stage_no || comes_along);
	if (!phone_on_way(p) || p->stage_no != m->stage_no)
		return 0;
	bool proven = phone_is(p, PHONE_PROVEN);
	bool silent = p->phase != PHASE_HALF_FLASHED && p->phase != PHASE_OFFERED &&
		      now - p->last_event_ms >= stage_limit(m);

	m->members++;
	m->proven += proven;
	m->settled += proven || p->phase == PHASE_STUCK || silent;
	m->begun += p->phase != PHASE_OFFERED;
	return 0;
}

/* The cohort has moved: each of its phones is due, so that the next tick, which comes before the root is
 * rotated, takes it along; what it fetches from then on counts for the new stage. */
static int muster_again(void *arg, const struct phone *p, struct err *e)
{
	struct muster *m = arg;

	if (!phone_is(p, PHONE_STARTED) || !phone_on_way(p) || strcmp(p->plan, m->pl->name) != 0)
		return 0;
	return state_phone_due_set(m->f->st, p->id, fleet_engine_time(m->f, m->f->now_ms), e);
}

/* Its load is there, whole. */
static bool stage_there(const struct muster *m, int stage_no)
{
	return m->f->ready[plan_index(m->f, m->pl)] & 1u << (stage_no - 1);
}

/* Where the cohort stands next. Pure but for the muster it is given. */
static void cohort_move(const struct muster *m, int64_t now, struct cohort *c)
{
	if (c->stage_no == 0) {
		if (m->first)
			*c = (struct cohort){ .stage_no = m->first, .shut = false, .since_ms = now };
		return;
	}
	if (m->begun)
		c->shut = true;
	if (m->members && m->settled == m->members && m->proven && (unsigned)c->stage_no < m->pl->n_stages &&
	    stage_there(m, c->stage_no + 1)) {
		c->stage_no++;
		c->since_ms = now;
		return;
	}
	/* A cohort begins where its first ones do: who names his model has the first stages behind him. Until it has shut
	 * its doors it goes back for one who has not. */
	bool over = m->climbing == 0 && (m->exposed == 0 || m->first >= c->stage_no);
	bool earlier = !c->shut && m->first < c->stage_no && m->exposed == 0;

	if (m->waiting && (over || earlier))
		*c = (struct cohort){ .stage_no = m->first, .shut = false, .since_ms = now };
}

int cohort_look(struct fleet *f, const struct plan *pl, struct err *e)
{
	struct cohort c, before;
	CLEANUP(muster_fini) struct muster m = {
		.f = f,
		.pl = pl,
		.seps = STRBUF_INIT(FLEET_SEP_BYTES_MAX),
		.sep_known = f->have_view && !(f->flags & (FLEET_NO_EFFECTS | FLEET_REPLAY)),
	};

	if (state_cohort_get(f->st, pl->name, &c, e) < 0)
		return -1;
	before = c;
	if (m.sep_known)
		seps_read(f, pl->name, &m.seps);
	m.stage_no = c.stage_no ? c.stage_no : 1;
	if (state_phone_list(f->st, muster_phone, &m, e) < 0)
		return -1;
	cohort_move(&m, fleet_engine_time(f, f->now_ms), &c);
	/* Whoever moved the cohort may not be able to publish (the hook cannot): every look compares with
	 * what the root says, so that the next one who can does. */
	const struct loadset *ls = plan_stage(pl, c.stage_no);

	if (ls && f->have_view && !fleet_root_names(f, pl->name, &ls->load))
		f->rotate = true;
	if (seps_differ(&m))
		f->rotate = true;
	if (c.stage_no == before.stage_no && c.shut == before.shut)
		return 0;
	if (c.stage_no != before.stage_no && state_phone_list(f->st, muster_again, &m, e) < 0)
		return -1;
	return state_cohort_put(f->st, pl->name, &c, e);
}

/* Only the cohort's stage is ready. Those who come late wait for the next cohort; who enters further on may
 * join where the cohort is. */
uint32_t cohort_ready(struct fleet *f, const struct plan *pl, const struct phone *p, bool *ret_may_enter,
		      struct err *e)
{
	struct cohort c;
	bool tentative;
	int entry = plan_entry_stage(pl, p, &tentative);

	if (state_cohort_get(f->st, pl->name, &c, e) < 0)
		return 0;
	if (c.stage_no == 0)
		c.stage_no = entry; /* the first one makes the cohort */
	*ret_may_enter = entry == c.stage_no && (!c.shut || entry > 1);
	return 1u << (c.stage_no - 1);
}

int cohort_count(struct fleet *f, const struct plan *pl, struct fleet_prospect *ret, struct err *e)
{
	CLEANUP(muster_fini) struct muster m = { .f = f, .pl = pl, .seps = STRBUF_INIT(1) };

	if (state_cohort_get(f->st, pl->name, &ret->cohort, e) < 0)
		return -1;
	m.stage_no = ret->cohort.stage_no ? ret->cohort.stage_no : 1;
	if (state_phone_list(f->st, muster_phone, &m, e) < 0)
		return -1;
	ret->members = m.members;
	ret->proven = m.proven;
	ret->settled = m.settled;
	return 0;
}

bool cohort_elsewhere(struct fleet *f, const struct phone *p)
{
	struct cohort c;
	struct err e;

	return !(f->flags & FLEET_REPLAY) && state_cohort_get(f->st, p->plan, &c, &e) == 0 && c.stage_no &&
	       c.stage_no != p->stage_no;
}

int fleet_shared_load(struct fleet *f, const struct plan *pl, struct load_name *ret, struct err *e)
{
	struct cohort c;

	if (state_cohort_get(f->st, pl->name, &c, e) < 0)
		return -1;
	const struct loadset *ls = plan_stage(pl, c.stage_no);

	if (!ls)
		return 1;
	*ret = ls->load;
	return 0;
}
