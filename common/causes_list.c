/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The rules in their order, which is their strength: what is sure of the first stands in the phone, all that says
 * something is the list. A rule of a stage's load is a few lines over the signatures of causes.c; the others are in
 * causes_signs.c and causes_reading.c.
 */
#include "causes_priv.h"

#include <string.h>

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static enum verdict rule_shared(const struct look *l, struct cause_found *f)
{
	char addr[IP4_TEXT_SIZE];

	if (!phone_is(l->p, PHONE_ADDRESS_SHARED))
		return NO;
	return say(f, CAUSE_ADDRESS_SHARED, SURE, "it and another phone ask by turns from %s",
		   l->p->address.host ? ip4_format(addr, l->p->address) : "one address");
}

static enum verdict rule_alarm(const struct look *l, struct cause_found *f)
{
	enum witness alarm;
	enum cause c;

	if (!causes_told_by_alarm(l->e, &c, &alarm))
		return NO;
	say_times(f, &l->e->witness[alarm], 1);
	return say(f, c, SURE, "it says so itself: %s", witness_text(alarm));
}

/* ---- the load, taken and refused */

/* A java load's image is the last member that ever went out; the classes' own times tell it well enough. */
static enum verdict rule_rounds(const struct look *l, struct cause_found *f)
{
	bool bridge = l->java && causes_needs_bridge(l->p, l->stage);
	char file[LOAD_FILE_MAX + 1];
	struct times whole;

	unsigned rounds = causes_rounds(l->p, l->stage, l->lim);

	if (rounds < ROUNDS)
		return NO;
	enum file_class c = causes_image_class(l->stage);

	evidence_got_times(l->e, c, &whole);
	say_times(f, &whole, 1);
	f->times = rounds;
	say_file(l, c, EVENT_SENT, file);
	if (bridge)
		return say(f, CAUSE_AUTH_BRIDGE_NEEDED, SURE,
			   "it runs %s, took all it wanted of %s, booted and asked for it again",
			   l->p->running, l->stage->load.s);
	return say(f, CAUSE_IMAGE_REJECTED, SURE, "took %s whole, booted and asked for it again",
		   l->java ? l->stage->load.s : file);
}

static enum verdict rule_member_missing(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];

	if (!l->java || !causes_member_misses(l->e, MISSES, l->lim))
		return NO;
	say_times(f, &l->e->file[FILE_CLASS_MEMBER][OUTCOME_MISSING], 1);
	return say(f, CAUSE_MEMBER_MISSING, SURE, "asked for %s, which is not there",
		   say_file(l, FILE_CLASS_MEMBER, EVENT_MISSING, file));
}

static enum verdict rule_default_loops(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];
	struct times got;

	if (!l->java || !causes_default_loops(l->e, l->lim))
		return NO;
	evidence_got_times(l->e, FILE_CLASS_TERM, &got);
	say_times(f, &got, causes_asked_but(l->e, FILE_CLASS_TERM) + 1);
	return say(f, CAUSE_DEFAULT_LOAD_LOOPING, SURE, "asked for %s and for nothing that it lists",
		   say_file(l, FILE_CLASS_TERM, EVENT_SENT, file));
}

static enum verdict rule_manifest_loops(const struct look *l, struct cause_found *f)
{
	struct times got;

	if (!l->java || !causes_manifest_loops(l->e, l->lim))
		return NO;
	evidence_got_times(l->e, FILE_CLASS_MANIFEST, &got);
	say_times(f, &got, 1);
	if (causes_needs_bridge(l->p, l->stage))
		return say(f, CAUSE_AUTH_BRIDGE_NEEDED, SURE,
			   "it runs %s, and read %s.loads and nothing of it", l->p->running,
			   l->stage->load.s);
	return say(f, CAUSE_MANIFEST_REFUSED, SURE, "read %s.loads and nothing of it", l->stage->load.s);
}

static enum verdict rule_asked_in_vain(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];
	enum file_class c = FILE_CLASS_MEMBER;

	if (l->java ? !causes_member_in_vain(l->e, l->lim) : !causes_asked_in_vain(l->e, l->lim, &c))
		return NO;
	say_times(f, &l->e->file[c][OUTCOME_ASKED], later(1, times_latest(&l->e->boot)));
	return say(f, CAUSE_TRANSFER_FAILING, SURE, "asked for %s and nothing else, without a boot",
		   say_file(l, c, EVENT_ASKED, file));
}

static enum verdict rule_loader_loops(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];
	struct times got;

	if (l->java || !causes_loader_loops(l->e, l->lim))
		return NO;
	evidence_got_times(l->e, FILE_CLASS_LOADER, &got);
	say_times(f, &got, evidence_asked(l->e, FILE_CLASS_APP) + 1);
	return say(f, CAUSE_LOADER_LOOPING, SURE, "fetched %s and never the application",
		   say_file(l, FILE_CLASS_LOADER, EVENT_SENT, file));
}

/* ---- files that do not arrive */

static enum verdict not_found(const struct look *l, unsigned misses, struct cause_found *f)
{
	enum file_class c = causes_repeating(l->e, OUTCOME_MISSING, misses, l->lim);
	char file[LOAD_FILE_MAX + 1];

	if (c == FILE_CLASS_COUNT)
		return NO;
	say_times(f, &l->e->file[c][OUTCOME_MISSING], evidence_got(l->e, c) + 1);
	return say(f, CAUSE_LOAD_NOT_FOUND, SURE, "asked for %s, which is not there",
		   say_file(l, c, EVENT_MISSING, file));
}

static enum verdict failing(const struct look *l, unsigned failures, struct cause_found *f)
{
	enum file_class c = causes_repeating(l->e, OUTCOME_FAILED, failures, l->lim);
	char file[LOAD_FILE_MAX + 1];

	if (c == FILE_CLASS_COUNT)
		return NO;
	say_times(f, &l->e->file[c][OUTCOME_FAILED], evidence_got(l->e, c) + 1);
	return say(f, CAUSE_TRANSFER_FAILING, SURE, "%s broke off", say_file(l, c, EVENT_FAILED, file));
}

static enum verdict rule_not_found(const struct look *l, struct cause_found *f)
{
	return not_found(l, MISSES, f);
}

static enum verdict rule_failing(const struct look *l, struct cause_found *f)
{
	return failing(l, FAILURES, f);
}

static enum verdict rule_sep_loops(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];
	struct times got;

	if (!causes_sep_loops(l->e, l->lim))
		return NO;
	evidence_got_times(l->e, FILE_CLASS_SEP, &got);
	say_times(f, &got, got.last[EVIDENCE_TIMES - 1]);
	return say(f, CAUSE_SEP_MALFORMED, SURE, "read %s again at once and did nothing else",
		   say_own(l, "SEP", ".cnf.xml", file));
}

/* ---- silence */

static enum verdict rule_app_missing(const struct look *l, struct cause_found *f)
{
	char file[LOAD_FILE_MAX + 1];
	struct times got;

	if (!causes_app_missing(l))
		return NO;
	evidence_got_times(l->e, FILE_CLASS_LOADER, &got);
	say_moment(f, times_latest(&got));
	return say(f, CAUSE_APP_MISSING_AFTER_LOADER, SURE, "%s went out, and no application since",
		   say_file(l, FILE_CLASS_LOADER, EVENT_SENT, file));
}

static enum verdict silent(int64_t at_ms, struct cause_found *f)
{
	say_moment(f, at_ms);
	return say(f, CAUSE_SILENT_AFTER_FLASH, SURE, "its last sign of life");
}

/* java flashes for as long as it likes: the whole stage's limit is its only one (F§6) */
static enum verdict rule_silent(const struct look *l, struct cause_found *f)
{
	int64_t whole = evidence_got(l->e, causes_image_class(l->stage));

	if (l->stage->kind == LOAD_JAVA || !causes_silent_since(l, whole, l->lim->app))
		return NO;
	return silent(whole, f);
}

static enum verdict rule_ignored(const struct look *l, struct cause_found *f)
{
	int64_t from = causes_ignored_from(l->p, l->stage, l->lim);
	struct times got;

	if (!phone_is(l->p, PHONE_SEP_DEFAULT) || !from || l->now_ms < from)
		return NO;
	evidence_got_times(l->e, FILE_CLASS_XMLDEFAULT, &got);
	say_times(f, &got, 1);
	return say(f, CAUSE_CONFIGURATION_IGNORED, SURE, "read its configuration and asked for nothing of %s",
		   l->stage->load.s);
}

/* Over the limit of the whole stage: now one sign is enough. */
static enum verdict rule_overdue(const struct look *l, struct cause_found *f)
{
	int64_t first = evidence_load_first(l->e);
	int64_t limit = l->stage->generation == GEN_JAVA ? l->lim->stage_java : l->lim->stage_classic;
	char file[LOAD_FILE_MAX + 1];

	if (!first || l->now_ms - first < limit)
		return NO;
	if (causes_member_misses(l->e, 1, l->lim)) {
		say_times(f, &l->e->file[FILE_CLASS_MEMBER][OUTCOME_MISSING], 1);
		return say(f, CAUSE_MEMBER_MISSING, SURE, "asked for %s, which is not there",
			   say_file(l, FILE_CLASS_MEMBER, EVENT_MISSING, file));
	}
	if (not_found(l, 1, f) == SURE || failing(l, 1, f) == SURE)
		return SURE;
	int64_t last = evidence_last_event(l->e);

	return l->now_ms - last >= l->lim->app ? silent(last, f) : NO;
}

/* ---- the list */

/* Where one trouble has several names, the closer one stands first, and the others are asked only when nothing is sure. */
static const struct rule {
	rule_fn fn;
	bool only_else; /* asked only when nothing before it is sure */
} rules[] = {
	{ rule_shared, false },
	{ rule_alarm, false },
	{ rule_rounds, true },
	{ rule_member_case, false },
	{ rule_member_missing, true },
	{ rule_asked_in_vain, true },
	{ rule_default_loops, true },
	{ rule_manifest_loops, true },
	{ rule_loader_loops, true },
	{ rule_other_dhcp, false },
	{ rule_trust_list, false },
	{ rule_extension, false },
	{ rule_odd_name, false },
	{ rule_cut_name, false },
	{ rule_config_case, false },
	{ rule_recovery, false },
	{ rule_not_found, true },
	{ rule_failing, true },
	{ rule_sep_loops, false },
	{ rule_server_silent, false },
	{ rule_app_missing, true },
	{ rule_hunts_in_vain, true },
	{ rule_silent, true },
	{ rule_no_tftp, false },
	{ rule_sep_overrides, false },
	{ rule_root_load, false },
	{ rule_xml_malformed, false },
	{ rule_element_missing, false },
	{ rule_ignored, true },
	{ rule_overdue, true },
	{ rule_sep_name, false },
	{ rule_provisioning, false },
	{ rule_unknown_class, false },
	/* guesses alone */
	{ rule_boots_in_vain, false },
	{ rule_elsewhere, false },
	{ rule_manifest_once, true },
	{ rule_model_unknown, true },
	{ rule_wants_nothing, true },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

static void look_init(struct look *l, const struct phone *p, const struct loadset *stage,
		      const struct causes_facts *facts, const struct limits *lim, int64_t now_ms)
{
	static const struct causes_facts nothing;

	*l = (struct look){
		.p = p,
		.e = &p->evidence,
		.stage = stage,
		.facts = facts ? facts : &nothing,
		.lim = lim,
		.now_ms = now_ms,
		.java = stage->kind == LOAD_JAVA || (!p->stage_no && p->generation == GEN_JAVA),
		.asked_ms = causes_asked(&p->evidence),
	};
}

enum cause causes_find(const struct phone *p, const struct loadset *stage, const struct causes_facts *facts,
		       const struct limits *lim, int64_t now_ms)
{
	struct look l;

	struct cause_found f = { .cause = CAUSE_NONE };

	look_init(&l, p, stage, facts, lim, now_ms);
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].fn(&l, &f) == SURE)
			return f.cause;
	return CAUSE_NONE;
}

enum cause causes_when_done(const struct phone *p, const struct loadset *stage, const struct limits *lim,
			    int64_t now_ms)
{
	struct cause_found f = { .cause = CAUSE_NONE };
	struct look l;

	look_init(&l, p, stage, NULL, lim, now_ms);
	return rule_provisioning(&l, &f) == SURE || rule_sep_name(&l, &f) == SURE ? f.cause : CAUSE_NONE;
}

static bool is_listed(const struct cause_found *list, unsigned n, enum cause c)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].cause == c)
			return true;
	return false;
}

/* Behind the sure ones, before the candidates. */
static void put_sure(struct cause_found *list, unsigned *n, unsigned *n_sure, const struct cause_found *f)
{
	unsigned move = *n < CAUSES_FOUND_MAX ? *n - *n_sure : *n - *n_sure - 1;

	if (*n_sure == CAUSES_FOUND_MAX)
		return;
	memmove(&list[*n_sure + 1], &list[*n_sure], move * sizeof(*list));
	list[(*n_sure)++] = *f;
	*n += *n < CAUSES_FOUND_MAX;
}

unsigned causes_list(const struct phone *p, const struct loadset *stage, const struct causes_facts *facts,
		     const struct limits *lim, int64_t now_ms,
		     struct cause_found ret[static CAUSES_FOUND_MAX])
{
	unsigned n = 0, n_sure = 0;
	struct look l;

	look_init(&l, p, stage, facts, lim, now_ms);
	for (size_t i = 0; i < RULES; i++) {
		struct cause_found f = { .cause = CAUSE_NONE };

		if (rules[i].only_else && n_sure)
			continue;
		enum verdict v = rules[i].fn(&l, &f);

		if (v == NO || is_listed(ret, n, f.cause))
			continue;
		if (v == SURE)
			put_sure(ret, &n, &n_sure, &f);
		else if (n < CAUSES_FOUND_MAX)
			ret[n++] = f;
	}
	return n;
}
