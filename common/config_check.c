/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How faults are told, what a section must be when it is whole, and what plans must be among themselves.
 * Types are checked where values are read; here is what takes more than one of them: scope, generations
 * (they never mix), the way from load to load (F§4.1).
 */
#include "config_keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 100 /* beyond this it is no configuration file */

/* ---- how faults are told */

static void fault_text(struct config_reader *r, unsigned line, const char *text)
{
	r->n_faults++;
	if (r->n_faults == 1)
		err_set(r->e, ERR_CONFIG, "%s:%u: %s", r->name, line, text);
	if (!r->faults)
		return;
	if (r->n_faults <= FAULTS_MAX)
		strbuf_addf(r->faults, "%s:%u: %s\n", r->name, line, text);
	else if (r->n_faults == FAULTS_MAX + 1)
		strbuf_addf(r->faults, "%s: more faults follow, which are not shown\n", r->name);
}

void config_fault_err(struct config_reader *r, const struct err *e)
{
	fault_text(r, r->line, e->text);
}

void config_fault(struct config_reader *r, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;
	int n = snprintf(text, sizeof(text), "%s: ", r->what);

	va_start(ap, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	fault_text(r, r->line, text);
}

void config_fault_at(struct config_reader *r, unsigned line, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fault_text(r, line, text);
}

/* ---- sections */

static unsigned line_of(const unsigned *lines, enum section s, const char *name, unsigned otherwise)
{
	const struct key *k = key_find(s, name, false);

	return k && lines[key_index(k)] != 0 ? lines[key_index(k)] : otherwise;
}

/* The plan's generation by its models; GEN_UNKNOWN when they are of more than one. */
static enum generation models_generation(const struct plan *pl)
{
	enum generation g = GEN_UNKNOWN;

	for (unsigned i = 0; i < pl->n_models; i++) {
		const struct model *m = model_find(pl->models[i]);
		enum generation of = m ? m->generation : GEN_CLASSIC; /* unnamed: old classic code (F§1.2) */
		if (i > 0 && of != g)
			return GEN_UNKNOWN;
		g = of;
	}
	return g;
}

static void check_loads(struct config_reader *r, const struct plan *pl, unsigned line)
{
	enum generation g = models_generation(pl);
	const char *signed_load = NULL;

	for (unsigned i = 0; i < pl->n_stages; i++) {
		const struct loadset *ls = &pl->stages[i];
		if (g != GEN_UNKNOWN && ls->generation != GEN_UNKNOWN && ls->generation != g)
			config_fault_at(
				r, line, "[plan %s] stages: %s is a load for %s phones, the models are %s",
				pl->name, ls->load.s, generation_name(ls->generation), generation_name(g));
		if (ls->kind == LOAD_SINGLE_UNSIGNED && signed_load)
			config_fault_at(r, line,
					"[plan %s] stages: %s is unsigned and cannot follow %s: signed code "
					"never takes an unsigned image",
					pl->name, ls->load.s, signed_load);
		if (ls->kind == LOAD_SINGLE_SIGNED || ls->kind == LOAD_TWO_PART)
			signed_load = ls->load.s;
	}
}

/* Who starts by itself has to be meant. A scope that was given wrong is a fault already; a revision has
 * the lists of MACs under another name, so the values are asked, too. */
static bool has_scope(const struct plan *pl, const unsigned *lines)
{
	static const char *const scopes[] = { "networks", "client-class", "only-macs" };

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (line_of(lines, SECTION_PLAN, scopes[i], 0) != 0)
			return true;
	return pl->only_macs.n > 0;
}

/* What the plan climbs: stages, or the target that they are derived from. A revision may have both. */
static void check_ladder(struct config_reader *r, const struct plan *pl, const unsigned *lines,
			 unsigned section_line)
{
	unsigned stages = line_of(lines, SECTION_PLAN, "stages", 0);
	unsigned target = line_of(lines, SECTION_PLAN, "target", 0);
	unsigned unsafe = line_of(lines, SECTION_PLAN, "unsafe-steps", 0);

	if (stages == 0 && target == 0)
		config_fault_at(r, section_line,
				"[plan %s] stages: missing, the loads in order are expected, or a target",
				pl->name);
	if (r->revision)
		return;
	if (stages != 0 && target != 0)
		config_fault_at(r, target,
				"[plan %s] target: the stages are given in line %u; one of the two is expected",
				pl->name, stages);
	if (stages == 0 && unsafe != 0)
		config_fault_at(r, unsafe,
				"[plan %s] unsafe-steps: goes with stages; the steps to a target are known ones",
				pl->name);
	for (unsigned i = 0; stages != 0 && i < pl->n_unsafe; i++)
		if (plan_stage_of(pl, &pl->unsafe[i]) < 2)
			config_fault_at(r, unsafe,
					"[plan %s] unsafe-steps: %s is none of the stages behind the first",
					pl->name, pl->unsafe[i].s);
}

void config_check_plan(struct config_reader *r, const struct plan *pl, const unsigned *lines,
		       unsigned section_line)
{
	unsigned models = line_of(lines, SECTION_PLAN, "models", 0);
	unsigned stages = line_of(lines, SECTION_PLAN, "stages", 0);

	if (models == 0)
		config_fault_at(r, section_line,
				"[plan %s] models: missing, a list such as \"7940 7960 unnamed\" is "
				"expected",
				pl->name);
	else if (pl->n_models > 1 && models_generation(pl) == GEN_UNKNOWN)
		config_fault_at(r, models,
				"[plan %s] models: of more than one generation; a plan is for classic phones "
				"(7940, 7960, unnamed) or for Java phones, never both",
				pl->name);
	check_ladder(r, pl, lines, section_line);
	check_loads(r, pl, stages);
	if (pl->automatic && !has_scope(pl, lines))
		config_fault_at(
			r, line_of(lines, SECTION_PLAN, "start", section_line),
			"[plan %s] start: automatic needs a scope: networks, client-class or only-macs",
			pl->name);
}

void config_check_site(struct config_reader *r, const struct site *s, const unsigned *lines,
		       unsigned section_line)
{
	if (line_of(lines, SECTION_SITE, "networks", 0) == 0)
		config_fault_at(r, section_line,
				"[site %s] networks: missing, a list such as 10.1.0.0/16 is expected",
				s->name);
	if (line_of(lines, SECTION_SITE, "tftp-servers", 0) == 0)
		config_fault_at(r, section_line,
				"[site %s] tftp-servers: missing, one to four addresses are expected",
				s->name);
}

void config_check_class(struct config_reader *r, const struct config *c, const struct vendor_class *vc,
			unsigned section_line)
{
	if (vc->match[0] == '\0' && vc->model[0] == '\0')
		config_fault_at(r, section_line, "[vendor-class %s]: match or model is expected", vc->name);
	for (const struct vendor_class *o = c->classes; o < vc; o++) {
		bool same = vc->match[0] != '\0' ? strcmp(o->match, vc->match) == 0
						 : o->match[0] == '\0' && strcmp(o->model, vc->model) == 0;
		if (same)
			config_fault_at(r, section_line,
					"[vendor-class %s]: means the same phones as [vendor-class %s]",
					vc->name, o->name);
	}
}

/* A shared root is everybody's: it must never send the site's phones to us. (A revision says no layout.) */
void config_check_witness(struct config_reader *r, const struct config *c, unsigned section_line)
{
	if (c->witness.host && c->layout == LAYOUT_SHARED)
		config_fault_at(r, section_line,
				"[witness] listen: needs [tftp] layout = views, where each phone has a "
				"configuration of its stage");
}

/* ---- a server that cannot tell clients apart (D§3) */

void config_check_daemon(struct config_reader *r, const struct config *c, unsigned section_line)
{
	if (c->daemon == DAEMON_ATFTPD && c->layout == LAYOUT_VIEWS)
		config_fault_at(r, section_line,
				"[tftp] daemon: atftpd shows all clients the same files; expected with it is "
				"layout = shared");
}

/* ---- tftpd-hpa's map */

static void check_net(struct config_reader *r, const struct plan *pl, const struct net4 *net, unsigned line)
{
	char text[IP4_TEXT_SIZE];

	if (net->prefix < CONFIG_MAP_PREFIX)
		config_fault_at(r, line,
				"[plan %s] networks: %s/%d is wider than /%d: with [tftp] daemon = tftpd-hpa each "
				"address of the network needs a link, so %d addresses at most are expected; name "
				"smaller networks",
				pl->name, ip4_format(text, net->base), net->prefix, CONFIG_MAP_PREFIX,
				1 << (32 - CONFIG_MAP_PREFIX));
}

void config_check_map(struct config_reader *r, const struct config *c, const unsigned *lines)
{
	unsigned addresses = 0;

	if (c->daemon != DAEMON_TFTPD_HPA || c->layout != LAYOUT_VIEWS)
		return;
	for (unsigned i = 0; i < c->n_plans; i++) {
		const struct plan *pl = &c->plans[i];

		if (pl->networks.n == 0)
			config_fault_at(r, lines[i],
					"[plan %s] networks: missing; with [tftp] daemon = tftpd-hpa only phones in "
					"the plans' networks can be shown a stage",
					pl->name);
		for (unsigned j = 0; j < pl->networks.n; j++) {
			const struct net4 *net = &pl->networks.a[j];

			check_net(r, pl, net, lines[i]);
			addresses += net->prefix < CONFIG_MAP_PREFIX ? 0 : 1u << (32 - net->prefix);
		}
		if (addresses > CONFIG_MAP_ADDRESSES) {
			config_fault_at(r, lines[i],
					"[plan %s] networks: with those of the plans before it more than %d addresses, "
					"each of which needs a link with [tftp] daemon = tftpd-hpa",
					pl->name, CONFIG_MAP_ADDRESSES);
			return;
		}
	}
}

/* ---- a model in two automatic plans of one network */

static bool nets_overlap(const struct net_list *a, const struct net_list *b)
{
	if (a->n == 0 || b->n == 0)
		return true; /* no list: every network */
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned j = 0; j < b->n; j++)
			if (net4_contains(&a->a[i], b->a[j].base) || net4_contains(&b->a[j], a->a[i].base))
				return true;
	return false;
}

/* Both sorted. No list: every MAC. */
static bool macs_overlap(const struct mac_list *a, const struct mac_list *b)
{
	if (a->n == 0 || b->n == 0)
		return true;
	for (unsigned i = 0, j = 0; i < a->n && j < b->n;) {
		int c = memcmp(a->a[i].b, b->a[j].b, sizeof(a->a[i].b));
		if (c == 0)
			return true;
		if (c < 0)
			i++;
		else
			j++;
	}
	return false;
}

/* Plans told apart by client classes alone are the administrator's: the first that fits wins. */
static bool classes_overlap(const struct plan *a, const struct plan *b)
{
	if (a->n_client_classes == 0 || b->n_client_classes == 0)
		return true;
	for (unsigned i = 0; i < a->n_client_classes; i++)
		for (unsigned j = 0; j < b->n_client_classes; j++)
			if (strcmp(a->client_classes[i], b->client_classes[j]) == 0)
				return true;
	return false;
}

static const char *shared_model(const struct plan *a, const struct plan *b)
{
	for (unsigned i = 0; i < a->n_models; i++)
		for (unsigned j = 0; j < b->n_models; j++)
			if (strcmp(a->models[i], b->models[j]) == 0)
				return a->models[i];
	return NULL;
}

void config_check_plans(struct config_reader *r, const struct config *c, const unsigned *lines)
{
	for (unsigned i = 0; i < c->n_plans; i++) {
		for (unsigned j = 0; j < i; j++) {
			const struct plan *a = &c->plans[j];
			const struct plan *b = &c->plans[i];
			const char *model = shared_model(a, b);
			if (a->automatic && b->automatic && model &&
			    nets_overlap(&a->networks, &b->networks) &&
			    macs_overlap(&a->only_macs, &b->only_macs) && classes_overlap(a, b))
				config_fault_at(r, lines[i],
						"[plan %s] models: %s is in [plan %s], too, and both start "
						"automatically in the same network",
						b->name, model, a->name);
		}
	}
}

/* ---- plans that share one root */

static bool is_classic(const struct plan *pl)
{
	return pl->n_models > 0 && models_generation(pl) == GEN_CLASSIC;
}

/* The file that phones of both ask for after a factory reset: a 7941's is a 7941G-GE's, too (F§2.5). */
static const char *shared_default(const struct plan *a, const struct plan *b)
{
	for (unsigned i = 0; i < a->n_models; i++)
		for (unsigned j = 0; j < b->n_models; j++) {
			const struct model *x = model_find(a->models[i]), *y = model_find(b->models[j]);

			if (x && y && x->term_file[0] && strcmp(x->term_file, y->term_file) == 0)
				return x->term_file;
		}
	return NULL;
}

/* Two plans for classic phones meet in what has no number: the bare element, OS79XX.TXT, which pre-universal code reads
 * whatever its model, and SIPDefault.cnf. Others in an element for the same model, or in the default load. */
int config_share_root(const struct plan *a, const struct plan *b, char *ret_why, size_t why_size)
{
	const char *model = shared_model(a, b), *term = shared_default(a, b);
	const struct model *m = model ? model_find(model) : NULL;

	if (is_classic(a) && is_classic(b))
		snprintf(ret_why, why_size,
			 "both are for classic phones, and OS79XX.TXT, SIPDefault.cnf and XMLDefault's bare "
			 "loadInformation can name the load of one plan only");
	else if (m)
		snprintf(ret_why, why_size, "both name the load of a %s in XMLDefault's loadInformation%d", m->name,
			 m->number);
	else if (term)
		snprintf(ret_why, why_size, "phones of both ask for %s after a factory reset", term);
	return m || term || (is_classic(a) && is_classic(b)) ? 1 : 0;
}

/* (A revision says no layout.) */
void config_check_shared(struct config_reader *r, const struct config *c, const unsigned *lines)
{
	char why[ERR_TEXT_MAX];

	if (c->layout != LAYOUT_SHARED)
		return;
	for (unsigned i = 0; i < c->n_plans; i++)
		for (unsigned j = 0; j < i; j++)
			if (config_share_root(&c->plans[j], &c->plans[i], why, sizeof(why)) != 0)
				config_fault_at(r, lines[i],
						"[plan %s] models: cannot go with [plan %s] under [tftp] layout = shared: %s; "
						"one plan for them all, or layout = views, is expected",
						c->plans[i].name, c->plans[j].name, why);
}
