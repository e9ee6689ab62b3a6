/* SPDX-License-Identifier: MPL-2.0 */
/*
 * preview --model M --to LOAD: is there a way, without a phone? From every band of releases that such a phone may
 * run, or from the load that --from names: the shortest way by the path rules, with loads of the configured plans
 * where one fits, else with an example.
 */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "pathrules.h"
#include "preview.h"
#include "stagedir.h"
#include "strbuf.h"

struct asked {
	const struct config *cfg; /* NULL = there is none: nothing is known of plans and files */
	const struct model *model;
	struct load_name to;
	struct release release;
	enum path_band band;
	struct report_ways *ways;
};

/* "7940 and 7960" of a family, for who asked with another model. */
static void models_of(const struct release *r, struct strbuf *sb)
{
	const struct model *m;
	unsigned n = 0;

	for (unsigned i = 0; (m = model_at(i)) != NULL; i++)
		if (release_fits(r, m))
			strbuf_addf(sb, "%s%s", n++ ? ", " : "", m->name);
}

static void loads_of(const struct model *m, struct strbuf *sb)
{
	if (m->generation == GEN_CLASSIC)
		strbuf_add(sb, "P003… (SCCP) and P0S3-… (SIP)");
	else if (m->generation == GEN_JAVA)
		strbuf_addf(sb, "SCCP%s.… and SIP%s.…", m->family, m->family);
	else
		strbuf_add(sb, "loads of its own, which loadstep does not know");
}

static int no(struct report_ways *w, const char *why)
{
	(void)text_copy(w->why, sizeof(w->why), why);
	return 1;
}

static int wrong_family(struct asked *q)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(512);

	strbuf_addf(&sb, "%s is a load for the ", q->to.s);
	models_of(&q->release, &sb);
	strbuf_addf(&sb, "; a %s takes ", q->model->name);
	loads_of(q->model, &sb);
	return no(q->ways, strbuf_text(&sb));
}

/* Is the load what that model takes at all? 0; 1 = no, told. */
static int fits(struct asked *q, const char *to)
{
	char why[REPORT_BLOCK_SIZE];
	struct err e;

	if (load_name_parse(to, strlen(to), &q->to, &e) < 0)
		return no(q->ways, e.text);
	if (release_of(&q->to, &q->release) != 0) {
		snprintf(why, sizeof(why), "%s is no name of a load that loadstep knows", q->to.s);
		return no(q->ways, why);
	}
	if (!release_fits(&q->release, q->model))
		return wrong_family(q);
	if (path_band_of(&q->release, &q->band) != 0) {
		snprintf(why, sizeof(why), "of %s loads it is not known what leads to them",
			 load_proto_name(q->release.proto));
		return no(q->ways, why);
	}
	return 0;
}

/* ---- one way */

/* A load of that band for this model, out of the plans. */
static bool of_plans(const struct asked *q, enum path_band band, struct load_name *ret)
{
	for (unsigned i = 0; q->cfg && i < q->cfg->n_plans; i++)
		for (unsigned j = 0; j < q->cfg->plans[i].n_stages; j++) {
			enum path_band b;
			struct release r;

			if (release_of(&q->cfg->plans[i].stages[j].load, &r) != 0 ||
			    !release_fits(&r, q->model) || path_band_of(&r, &b) != 0 || b != band)
				continue;
			*ret = q->cfg->plans[i].stages[j].load;
			return true;
		}
	return false;
}

static const char *files_of(const struct asked *q, const struct load_name *load)
{
	char missing[256];
	struct loadset ls;
	struct err e;

	if (!q->cfg || !q->cfg->tftp_root[0] || !load->s[0])
		return "";
	return stagedir_loadset(q->cfg->tftp_root, load, &ls, missing, sizeof(missing), &e) == 0
		       ? "imported"
		       : "not imported";
}

static void add_step(const struct asked *q, struct report_way *w, enum path_band band, bool last,
		     const char *source)
{
	struct report_way_step *s = &w->steps[w->n_steps++];

	*s = (struct report_way_step){ .band = path_band_words(band), .source = source };
	if (last)
		s->load = q->to;
	else if (!of_plans(q, band, &s->load))
		(void)path_band_load(band, q->model->family, q->release.proto, &s->load);
	s->files = files_of(q, &s->load);
}

static void add_way(struct asked *q, enum path_band from)
{
	struct report_way *w = &q->ways->a[q->ways->n++];
	struct path p;

	*w = (struct report_way){ .from = path_band_words(from) };
	if (path_find(from, q->band, &p) != 0) {
		w->why = path_band_signed(from) && !path_band_signed(q->band)
				 ? "signed code never takes an unsigned load again"
				 : "no way is known";
		return;
	}
	w->there = q->ways->possible = true;
	w->one_way = !path_band_signed(from) && path_band_signed(q->band);
	if (p.n == 0)
		add_step(q, w, q->band, true, "within these releases any step is taken");
	for (unsigned i = 0; i < p.n; i++)
		add_step(q, w, p.to[i], i + 1 == p.n, p.source[i]);
}

static int add_ways(struct asked *q, const char *from)
{
	enum path_band band;
	struct load_name load;
	struct release r;
	struct err e;

	if (!from) {
		for (int b = 0; b < PATH_BANDS; b++)
			if (path_band_generation((enum path_band)b) == q->model->generation)
				add_way(q, (enum path_band)b);
		return 0;
	}
	if (load_name_parse(from, strlen(from), &load, &e) < 0)
		return no(q->ways, e.text);
	if (release_of(&load, &r) != 0 || !release_fits(&r, q->model) || path_band_of(&r, &band) != 0)
		return no(q->ways, "what --from names is no load of that model");
	add_way(q, band);
	return 0;
}

int preview_model(struct ctl *c, const char *model, const char *from, const char *to)
{
	struct report_ways ways = { .to = to };
	struct asked q = { .model = model_parse(model, strlen(model)), .ways = &ways };
	struct err e;

	if (!q.model)
		return ctl_usage(c, "--model: \"%s\" is no model of the 79xx", model);
	/* without a configuration the rules still hold; one that was named must be right */
	int rc = c->config_path ? ctl_config(c) : ctl_config_read(c, NULL, &e) < 0;

	if (c->config_path && rc != 0)
		return rc;
	if (rc == 0)
		q.cfg = c->cfg;
	ways.model = q.model->name;
	if (fits(&q, to) == 0)
		(void)add_ways(&q, from);
	c->report.writer->ways(&c->report, &ways);
	return ways.possible ? EXIT_DONE : EXIT_NO;
}
