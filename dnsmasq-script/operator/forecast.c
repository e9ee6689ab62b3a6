/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a rollout comes to: who goes, transfers and bytes stage by stage, how long, where there is no way back, and
 * which loads are still to be got. An estimate: what it takes for granted is printed with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ladder.h"
#include "loadfiles.h"
#include "preview.h"
#include "rollout.h"
#include "strbuf.h"

/* ---- who goes */

/* Written on the phone's way: it stands on a stage whose load it runs already, so that is behind it. */
static bool proven_here(const struct phone *p)
{
	return phone_on_way(p) && phone_is(p, PHONE_PROVEN);
}

static const struct looked *looked_of(const struct preview *v, const struct report_preview *x)
{
	for (unsigned i = 0; x->plan[0] && i < v->cfg->n_plans; i++)
		if (strcmp(v->plans[i].plan.name, x->plan) == 0)
			return &v->plans[i];
	return NULL;
}

/* By itself: nothing that only a person can lift stands before it. */
static bool starts_by_itself(const struct preview *v, const struct plan *pl, const struct phone *p)
{
	return pl->automatic && !phone_is(p, PHONE_FORGOTTEN) &&
	       (pl->provisioned || !v->view.root[0] || !p->mac_known || !view_provisioned(&v->view, &p->mac));
}

enum report_going forecast_going(const struct preview *v, const struct report_preview *x)
{
	const struct looked *l = looked_of(v, x);
	const struct phone *p = &x->subject.phone;
	const char *why;

	if (p->phase == PHASE_DONE)
		return GOING_DONE;
	if (!l || x->enters < 1)
		return GOING_NO_WAY;
	if (phone_on_way(p) || p->phase == PHASE_WAITING)
		return phone_is(p, PHONE_STOPPED) ? GOING_BY_HAND : GOING_ON_WAY;
	if (p->cause != CAUSE_NONE || plan_may_start(&l->plan, p, NULL, &why) != 0)
		return GOING_NO_WAY;
	return starts_by_itself(v, &l->plan, p) ? GOING_BY_ITSELF : GOING_BY_HAND;
}

/* ---- what is fetched at one stage */

static bool is_unsigned(const struct loadset *ls)
{
	return ls->kind == LOAD_SINGLE_UNSIGNED;
}

/* May the phone run unsigned code when it comes to this stage (index)? A phone that names its model has a universal
 * loader, which is signed; one that does not may run 5.x, so this errs to the old side. */
static bool comes_unsigned(const struct plan *pl, const struct phone *p, unsigned i, unsigned first)
{
	if (pl->stages[i].generation == GEN_JAVA)
		return false;
	if (i > first)
		return is_unsigned(&pl->stages[i - 1]);
	return p->vendor != VENDOR_NAMED && (i == 0 || is_unsigned(&pl->stages[i - 1]));
}

struct fetched {
	unsigned files;
	int64_t bytes;
	bool known; /* the sizes of all of them */
};

/* Bytes of a load's file below loads/ or loose in the root; -1 = not there. */
static int64_t size_of(const struct preview *v, const struct load_name *load, const char *file)
{
	char path[1024];
	struct stat sb;

	if (!v->cfg->tftp_root[0])
		return -1;
	snprintf(path, sizeof(path), "%s/loads/%s/%s", v->cfg->tftp_root, load->s, file);
	if (stat(path, &sb) == 0)
		return sb.st_size;
	snprintf(path, sizeof(path), "%s/%s", v->cfg->tftp_root, file);
	return stat(path, &sb) == 0 ? sb.st_size : -1;
}

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

/* Of a 5.x load one image: unsigned code takes the `.bin`, signed the `.sbn` (F§4.1). A loader that is there
 * already is not fetched again (F§3.4). */
static bool is_fetched(const struct plan *pl, unsigned i, const char *file, bool from_unsigned)
{
	const struct loadset *ls = &pl->stages[i];

	if (ls->kind == LOAD_SINGLE_SIGNED)
		return ends_with(file, from_unsigned ? ".bin" : ".sbn");
	if (ls->kind == LOAD_TWO_PART && i > 0 && strcmp(file, ls->loader) == 0)
		return !(pl->stages[i - 1].kind == LOAD_TWO_PART && ls->la_version[0] &&
			 strcmp(pl->stages[i - 1].la_version, ls->la_version) == 0);
	return true;
}

static void fetched_at(const struct preview *v, const struct plan *pl, unsigned i, bool from_unsigned,
		       struct fetched *ret)
{
	const struct loadset *ls = &pl->stages[i];
	char file[LOAD_FILE_MAX + 1];

	*ret = (struct fetched){ .known = ls->complete };
	for (unsigned f = 0; loadfile_at(ls, f, file) == 0; f++) {
		if (!is_fetched(pl, i, file, from_unsigned))
			continue;
		int64_t bytes = size_of(v, &ls->load, file);

		ret->files++;
		ret->bytes += bytes > 0 ? bytes : 0;
		ret->known = ret->known && bytes >= 0;
	}
}

/* ---- one phone into the sums */

static struct report_stage_sum *sum_of(const struct preview *v, const struct looked *l, unsigned i)
{
	size_t at = 0;

	for (const struct looked *o = v->plans; o < l; o++)
		at += o->plan.n_stages;
	return &v->sums[at + i];
}

static void add_stage(struct preview *v, const struct looked *l, unsigned i, bool from_unsigned)
{
	struct report_stage_sum *s = sum_of(v, l, i);
	struct fetched x;

	fetched_at(v, &l->plan, i, from_unsigned, &x);
	s->phones++;
	s->transfers += x.files;
	s->bytes += x.bytes;
	s->bytes_known = s->bytes_known && x.known;
	if (from_unsigned && !is_unsigned(&l->plan.stages[i]) && l->plan.stages[i].kind != LOAD_KIND_UNKNOWN)
		s->crossing++;
}

static void add_phone(struct preview *v, const struct report_preview *x, int64_t *low, int64_t *high)
{
	const struct looked *l = looked_of(v, x);
	const struct phone *p = &x->subject.phone;
	unsigned enters = (unsigned)x->enters - 1, first = enters;

	if (!l)
		return;
	first += proven_here(p);
	for (unsigned i = first; i < l->plan.n_stages; i++)
		add_stage(v, l, i, comes_unsigned(&l->plan, p, i, enters));
	struct span all = stages_time(&l->plan, first, &v->cfg->limits);

	*low += all.low_ms;
	*high += all.high_ms;
}

/* ---- all of it */

static void judge_step(struct report_stage_sum *s, const struct plan *pl)
{
	enum path_step step = ladder_step(pl, s->stage_no, NULL);

	s->step_known = step == STEP_KNOWN || step == STEP_UNJUDGED;
	s->step_forced = ladder_forced(pl, s->stage_no);
	if (step == STEP_DOUBTED)
		s->step_doubt = path_step_source(&plan_stage(pl, s->stage_no - 1)->load, &s->set->load);
}

static int make_sums(struct preview *v, struct err *e)
{
	size_t n = 0;

	for (unsigned i = 0; i < v->cfg->n_plans; i++)
		n += v->plans[i].plan.n_stages;
	v->sums = calloc(n + 1, sizeof(*v->sums));
	if (!v->sums)
		return err_set(e, ERR_SYSTEM, "no memory for %zu stages", n);
	v->f.n_sums = n;
	v->f.sums = v->sums;
	for (unsigned i = 0, at = 0; i < v->cfg->n_plans; i++)
		for (unsigned j = 0; j < v->plans[i].plan.n_stages; j++, at++) {
			v->sums[at] =
				(struct report_stage_sum){ .plan = v->plans[i].plan.name,
							   .stage_no = (int)j + 1,
							   .set = &v->plans[i].plan.stages[j],
							   .imported = !v->cfg->tftp_root[0] ||
								       v->plans[i].plan.stages[j].complete,
							   .missing = v->plans[i].missing[j],
							   .bytes_known = true,
							   .step_doubt = "" };
			judge_step(&v->sums[at], &v->plans[i].plan);
		}
	return 0;
}

static void assume(struct report_forecast *f, const char *text)
{
	for (unsigned i = 0; i < f->n_assumed; i++)
		if (strcmp(f->assumed[i], text) == 0)
			return;
	if (f->n_assumed < REPORT_ASSUMED_MAX)
		(void)text_copy(f->assumed[f->n_assumed++], sizeof(f->assumed[0]), text);
}

static void assumptions(struct preview *v)
{
	char text[REPORT_BLOCK_SIZE];

	for (size_t i = 0; i < v->f.n_sums; i++)
		if (v->sums[i].phones)
			assume(&v->f, loadset_pace(v->sums[i].set)->text);
	if (v->f.n_assumed == 0)
		return;
	const struct limits *lim = &v->cfg->limits;
	int64_t most_ms = lim->quiet + REREAD_MS;
	snprintf(
		text, sizeof(text),
		"then %lld s without the image as the proof (a classic SIP load needs none), and between two "
		"loads %lld to %lld s",
		(long long)(lim->proof_silence / 1000), (long long)(lim->quiet / 1000),
		(long long)(most_ms / 1000));
	assume(&v->f, text);
	assume(&v->f, "every phone looks for its next load by itself, and nothing goes wrong");
	assume(&v->f, "only the files of loads are counted; java phones fetch what has changed, so less");
}

int forecast_fill(struct preview *v, struct err *e)
{
	size_t n = 0;

	v->ms = calloc(3 * v->n + 1, sizeof(*v->ms));
	if (!v->ms)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", v->n);
	int64_t *low = v->ms, *high = low + v->n, *slots = high + v->n;
	v->f = (struct report_forecast){ .at_once = v->cfg->max_at_once,
					 .root_here = v->cfg->tftp_root[0] != '\0' };
	if (make_sums(v, e) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		enum report_going g = forecast_going(v, &v->a[i]);

		v->f.going[g]++;
		if (g == GOING_DONE || g == GOING_NO_WAY)
			continue;
		add_phone(v, &v->a[i], &low[n], &high[n]);
		n++;
	}
	v->f.low_ms = rollout_time(low, n, v->cfg->max_at_once, slots);
	v->f.high_ms = rollout_time(high, n, v->cfg->max_at_once, slots);
	assumptions(v);
	return unprovisioned_fill(v, e);
}
