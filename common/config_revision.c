/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Plans in force as text: what phones depend on, in the form of the configuration file, with the facts
 * about load sets as [loadset NAME] sections and lists of MACs written out. Written and read through the
 * same table of keys as the file.
 */
#include "config_keys.h"

#include <string.h>

#include "cleanup.h"

#define VALUE_MAX (128 * 1024) /* the longest value: 4096 MACs */
#define LINE_WIDTH 110 /* lists are broken here; the reader takes lines up to 190 */
#define LINE_MAX_BYTES 190

/* A list goes on in indented lines; anything else is one line. */
static void value_put(struct strbuf *sb, const struct key *k, const char *value)
{
	size_t width = strlen(k->pub.key) + 3;

	strbuf_addf(sb, "%s =", k->pub.key);
	if (!k->type->list) {
		strbuf_addf(sb, " %s\n", value);
		return;
	}
	while (*value) {
		size_t n = strcspn(value, " ");
		if (width + n + 1 > LINE_WIDTH) {
			strbuf_add(sb, "\n\t");
			width = 8;
		} else {
			strbuf_add_char(sb, ' ');
		}
		strbuf_add_bytes(sb, value, n);
		width += n + 1;
		value += n + strspn(value + n, " ");
	}
	strbuf_add_char(sb, '\n');
}

static int section_put(struct strbuf *sb, enum section s, const char *name, const void *base, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf value = STRBUF_INIT(VALUE_MAX);
	const struct key *k;

	strbuf_addf(sb, "[%s%s%s]\n", section_shape(s)->name, name ? " " : "", name ? name : "");
	for (unsigned i = 0; (k = key_at(i)); i++) {
		if (k->section != s || k->file_only)
			continue;
		strbuf_reset(&value);
		k->type->format(k, (const char *)base + k->offset, &value);
		if (strbuf_check(&value, k->pub.key, e) != 0)
			return -1;
		if (!k->type->list && value.len + strlen(k->pub.key) + 3 > LINE_MAX_BYTES)
			return err_set(e, ERR_LIMIT, "[%s%s%s] %s: too long for a revision",
				       section_shape(s)->name, name ? " " : "", name ? name : "", k->pub.key);
		if (value.len > 0)
			value_put(sb, k, strbuf_text(&value));
	}
	strbuf_add_char(sb, '\n');
	return 0;
}

/* Was this load in an earlier stage of any plan? One load has one set of files. */
static bool load_before(const struct config *c, unsigned plan_idx, unsigned stage_idx)
{
	const struct load_name *load = &c->plans[plan_idx].stages[stage_idx].load;

	for (unsigned i = 0; i < plan_idx; i++)
		if (plan_stage_of(&c->plans[i], load) != 0)
			return true;
	return plan_stage_of(&c->plans[plan_idx], load) <= (int)stage_idx;
}

static int loadsets_put(struct strbuf *sb, const struct config *c, struct err *e)
{
	for (unsigned i = 0; i < c->n_plans; i++) {
		for (unsigned j = 0; j < c->plans[i].n_stages; j++) {
			const struct loadset *ls = &c->plans[i].stages[j];
			if (!load_before(c, i, j) && section_put(sb, SECTION_LOADSET, ls->load.s, ls, e) != 0)
				return -1;
		}
	}
	return 0;
}

int config_format_revision(const struct config *c, struct strbuf *sb, struct err *e)
{
	for (unsigned i = 0; i < c->n_plans; i++)
		if (section_put(sb, SECTION_PLAN, c->plans[i].name, &c->plans[i], e) != 0)
			return -1;
	for (unsigned i = 0; i < c->n_sites; i++)
		if (section_put(sb, SECTION_SITE, c->sites[i].name, &c->sites[i], e) != 0)
			return -1;
	for (unsigned i = 0; i < c->n_classes; i++)
		if (section_put(sb, SECTION_VENDOR_CLASS, c->classes[i].name, &c->classes[i], e) != 0)
			return -1;
	if (section_put(sb, SECTION_WITNESS, NULL, c, e) != 0 ||
	    section_put(sb, SECTION_ROLLOUT, NULL, c, e) != 0 ||
	    section_put(sb, SECTION_LIMITS, NULL, c, e) != 0 || loadsets_put(sb, c, e) != 0)
		return -1;
	return strbuf_check(sb, "plan revision", e);
}

int config_apply_revision(struct config *c, const char *text, size_t len, struct err *e)
{
	struct config_reader r = { .name = "plan revision", .revision = true, .e = e };
	struct config *rev = NULL;

	if (config_read(&r, text, len, &rev) != 0) {
		if (e)
			e->code = ERR_STORE; /* it was written by a program, not by a person */
		return -1;
	}
	/* Whole structs change places: what c had goes with rev. */
	struct config old = *c;

	c->n_plans = rev->n_plans;
	c->plans = rev->plans;
	c->n_sites = rev->n_sites;
	c->sites = rev->sites;
	c->n_classes = rev->n_classes;
	c->classes = rev->classes;
	c->witness = rev->witness;
	c->witness_reset = rev->witness_reset;
	c->max_at_once = rev->max_at_once;
	c->halt_at = rev->halt_at;
	c->limits = rev->limits;
	rev->n_plans = old.n_plans;
	rev->plans = old.plans;
	rev->sites = old.sites;
	rev->classes = old.classes;
	config_free(rev);
	return 0;
}
