/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Plan revisions: what is written comes back field by field, at every length, and what is not a revision
 * changes nothing.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "config_fixture.h"


static void assert_macs_equal(const struct mac_list *a, const struct mac_list *b)
{
	assert_int_equal(a->n, b->n);
	if (a->n > 0)
		assert_memory_equal(a->a, b->a, a->n * sizeof(*a->a));
}

static void assert_loadset_equal(const struct loadset *a, const struct loadset *b)
{
	assert_string_equal(a->load.s, b->load.s);
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->proto, b->proto);
	assert_string_equal(a->loader, b->loader);
	assert_string_equal(a->app, b->app);
	assert_string_equal(a->la_version, b->la_version);
	assert_int_equal(a->n_members, b->n_members);
	for (unsigned i = 0; i < a->n_members; i++)
		assert_string_equal(a->members[i], b->members[i]);
	assert_int_equal(a->complete, b->complete);
}

static void assert_plan_equal(const struct plan *a, const struct plan *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->n_models, b->n_models);
	for (unsigned i = 0; i < a->n_models; i++)
		assert_string_equal(a->models[i], b->models[i]);
	assert_int_equal(a->n_stages, b->n_stages);
	for (unsigned i = 0; i < a->n_stages; i++)
		assert_loadset_equal(&a->stages[i], &b->stages[i]);
	assert_string_equal(a->target.s, b->target.s);
	assert_int_equal(a->n_unsafe, b->n_unsafe);
	for (unsigned i = 0; i < a->n_unsafe; i++)
		assert_string_equal(a->unsafe[i].s, b->unsafe[i].s);
	assert_memory_equal(&a->networks, &b->networks, sizeof(a->networks));
	assert_int_equal(a->n_client_classes, b->n_client_classes);
	for (unsigned i = 0; i < a->n_client_classes; i++)
		assert_string_equal(a->client_classes[i], b->client_classes[i]);
	assert_macs_equal(&a->only_macs, &b->only_macs);
	assert_macs_equal(&a->except_macs, &b->except_macs);
	assert_int_equal(a->automatic, b->automatic);
	assert_int_equal(a->provisioned, b->provisioned);
	assert_int_equal(a->keep_callmanager, b->keep_callmanager);
	assert_int_equal(a->enter, b->enter);
	assert_int_equal(a->override, b->override);
	assert_memory_equal(&a->servers, &b->servers, sizeof(a->servers));
	assert_memory_equal(&a->after_servers, &b->after_servers, sizeof(a->after_servers));
}

/* What a revision carries. */
static void assert_plans_equal(const struct config *a, const struct config *b)
{
	assert_int_equal(a->n_plans, b->n_plans);
	for (unsigned i = 0; i < a->n_plans; i++)
		assert_plan_equal(&a->plans[i], &b->plans[i]);
	assert_int_equal(a->n_sites, b->n_sites);
	for (unsigned i = 0; i < a->n_sites; i++) {
		assert_string_equal(a->sites[i].name, b->sites[i].name);
		assert_memory_equal(&a->sites[i].networks, &b->sites[i].networks,
				    sizeof(a->sites[i].networks));
		assert_memory_equal(&a->sites[i].servers, &b->sites[i].servers, sizeof(a->sites[i].servers));
	}
	assert_int_equal(a->n_classes, b->n_classes);
	for (unsigned i = 0; i < a->n_classes; i++) {
		assert_string_equal(a->classes[i].name, b->classes[i].name);
		assert_string_equal(a->classes[i].match, b->classes[i].match);
		assert_string_equal(a->classes[i].model, b->classes[i].model);
		assert_memory_equal(&a->classes[i].servers, &b->classes[i].servers,
				    sizeof(a->classes[i].servers));
		assert_int_equal(a->classes[i].override, b->classes[i].override);
	}
	assert_int_equal(a->max_at_once, b->max_at_once);
	assert_int_equal(a->witness.host, b->witness.host);
	assert_int_equal(a->witness_reset, b->witness_reset);
	assert_int_equal(a->halt_at, b->halt_at);
	assert_memory_equal(&a->limits, &b->limits, sizeof(a->limits));
}

static void round_trip(const struct config *c)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf again = STRBUF_INIT(CONFIG_BYTES_MAX);
	struct config *other = must_parse("[tftp]\nroot = /kept\n[rollout]\nmax-at-once = 3\n" PLAN);
	struct err e = { ERR_NONE, "" };

	assert_int_equal(config_format_revision(c, &text, &e), 0);
	if (config_apply_revision(other, strbuf_text(&text), text.len, &e) != 0)
		fail_msg("%s\n%s", e.text, strbuf_text(&text));
	assert_plans_equal(c, other);
	assert_string_equal(other->tftp_root, "/kept");
	assert_int_equal(config_format_revision(other, &again, &e), 0);
	assert_string_equal(strbuf_text(&again), strbuf_text(&text));
	config_free(other);
}

static void test_round_trip(void **state)
{
	struct config *c = must_load(DATA "/full.conf");
	struct config *plain = must_parse("");
	struct loadset *ls = &c->plans[0].stages[3];

	(void)state;
	round_trip(plain);
	config_free(plain);
	plain = must_parse("[plan p]\nmodels = 7960\nstages = A1 B1 C1\nunsafe-steps = C1 B1\n"
			   "[plan q]\nmodels = 7960\ntarget = P0S3-8-12-00\n");
	round_trip(plain); /* the target before its stages are derived, */
	loadset_from_name(&plain->plans[1].target, &plain->plans[1].stages[0]);
	plain->plans[1].n_stages = 1;
	round_trip(plain); /* and with them */
	config_free(plain);
	plain = must_parse("[witness]\nlisten = 10.1.2.3\nreset = at-once\n");
	round_trip(plain);
	config_free(plain);
	round_trip(c);
	/* facts of the load sets as they were found on disk; P00308000900 is in two plans, one set of
	 * files */
	memcpy(ls->loader, "P003-8-12-00.sbn", 17);
	memcpy(ls->la_version, "PAS30830", 9);
	ls->complete = true;
	for (unsigned i = 0; i < LOAD_MEMBERS_MAX; i++)
		(void)snprintf(ls->members[i], sizeof(ls->members[i]),
			       "member-with-a-name-that-is-as-long-as-it-may-be-in-any-of-the-lists-%07u.sbn",
			       i);
	ls->n_members = LOAD_MEMBERS_MAX;
	c->plans[0].stages[2].complete = true;
	c->plans[2].stages[0].complete = true;
	c->plans[1].stages[1].kind = LOAD_KIND_UNKNOWN;
	round_trip(c);
	config_free(c);
}

static void test_round_trip_large(void **state)
{
	struct config *c = must_parse(PLAN);
	struct plan *pl = &c->plans[0];

	(void)state;
	pl->only_macs.a = calloc(PLAN_MACS_MAX, sizeof(struct mac));
	assert_non_null(pl->only_macs.a);
	for (unsigned i = 0; i < PLAN_MACS_MAX; i++)
		pl->only_macs.a[i] = (struct mac){ { 0, 0x1b, 0x0c, 0, (uint8_t)(i >> 8), (uint8_t)i } };
	pl->only_macs.n = PLAN_MACS_MAX;
	pl->automatic = true; /* the list is its scope */
	for (unsigned i = 0; i < PLAN_NETS_MAX; i++)
		pl->networks.a[i] = (struct net4){ { 0xc0a80000u + (i << 8) }, 24 };
	pl->networks.n = PLAN_NETS_MAX;
	for (unsigned i = 0; i < PLAN_CLASSES_MAX; i++)
		(void)snprintf(pl->client_classes[i], sizeof(pl->client_classes[i]),
			       "class-with-a-name-that-is-as-long-as-a-name-of-a-class-may-b%03u", i);
	pl->n_client_classes = PLAN_CLASSES_MAX;
	round_trip(c);
	config_free(c);
}

static void test_bad_revision(void **state)
{
	static const char *const bad[] = {
		"[plan p]\nmodels = 7960\n",
		"[store]\nurl = sqlite:/a\n",
		"[tftp]\nroot = /a\n",
		PLAN "only-macs = bench.macs\n",
		PLAN "[loadset P00308000900]\nkind = two-part\n",
		PLAN "[loadset P0S3-8-12-00]\nkind = three-part\n",
		PLAN "[loadset P0S3-8-12-00]\nprotocol = h323\n",
		PLAN "[loadset P0S3-8-12-00]\ngeneration = next\n",
		PLAN "[loadset P0S3-8-12-00.loads]\n",
		"nonsense",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct config *c = must_load(DATA "/full.conf");
		struct config *same = must_load(DATA "/full.conf");
		struct err e = { ERR_NONE, "" };
		assert_int_equal(config_apply_revision(c, bad[i], strlen(bad[i]), &e), -1);
		assert_int_equal(e.code, ERR_STORE);
		assert_int_equal(strncmp(e.text, "plan revision:", 14), 0);
		assert_plans_equal(c, same);
		config_free(c);
		config_free(same);
	}
}

static void test_revision_limits(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(CONFIG_BYTES_MAX);
	CLEANUP(strbuf_fini) struct strbuf small = STRBUF_INIT(20);
	struct config *c = must_load(DATA "/full.conf");
	struct err e = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(config_format_revision(c, &small, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	memset(c->classes[0].match, 'x', sizeof(c->classes[0].match) - 1);
	assert_int_equal(config_format_revision(c, &text, &e), -1);
	assert_non_null(strstr(e.text, "[vendor-class own] match: too long"));
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_large),
		cmocka_unit_test(test_bad_revision),
		cmocka_unit_test(test_revision_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
