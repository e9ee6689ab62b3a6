/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The tree made true: what differs is told, a comparison writes nothing, a second run finds nothing to
 * do; load sets that come later become facts of a new revision, those that vanish keep their names;
 * links and the shared root follow.
 */
#include "publish_fixture.h"

static void test_shows_then_makes_true(void **state)
{
	struct fixture *f = *state;

	bring_load(f, FIRST);
	open_site(f, "views", true);
	assert_int_equal(publish(f, false), 1);
	assert_true(told(&f->told, "stages/ladder/" FIRST));
	assert_true(told(&f->missing, SECOND));
	assert_false(told(&f->missing, FIRST ":"));
	assert_false(exists(f, "stages"));
	assert_int_equal(fleet_revision(f->fleet), 0);

	assert_int_equal(publish(f, true), 1);
	assert_true(exists(f, "stages/ladder/" FIRST "/XMLDefault.cnf.xml"));
	assert_true(exists(f, "stages/ladder/waiting/XMLDefault.cnf.xml"));
	assert_false(exists(f, "stages/ladder/" SECOND));

	assert_int_equal(publish(f, true), 0);
	assert_int_equal(f->told.len, 0);
	assert_int_equal(publish(f, false), 0);
}

static const struct loadset *in_force(const struct fixture *f, int stage_no)
{
	return plan_stage(config_plan(fleet_config(f->fleet), "ladder"), stage_no);
}

static void test_reload_makes_a_revision(void **state)
{
	struct fixture *f = *state;
	bool is_new = false;

	bring_load(f, FIRST);
	open_site(f, "views", true);
	assert_int_equal(reload(f, &is_new), 1);
	assert_true(is_new);
	assert_true(told(&f->missing, SECOND));
	assert_true(exists(f, "stages/ladder/" FIRST));
	assert_true(in_force(f, 1)->complete);
	assert_false(in_force(f, 2)->complete);
	assert_int_equal(reload(f, &is_new), 1);
	assert_false(is_new);

	/* the files come: the next publish makes them known to hook and helper */
	bring_load(f, SECOND);
	assert_int_equal(publish(f, true), 1);
	assert_int_equal(f->missing.len, 0);
	assert_true(exists(f, "stages/ladder/" SECOND "/XMLDefault.cnf.xml"));
	assert_true(in_force(f, 2)->complete);
}

/* A phone may be half way through it: what its files are called, and what was published, stays. */
static void test_load_set_vanishes(void **state)
{
	struct fixture *f = *state;
	char path[256];
	bool is_new;
	struct err e;

	bring_load(f, FIRST);
	bring_load(f, SECOND);
	open_site(f, "views", true);
	assert_int_equal(reload(f, &is_new), 1);
	snprintf(path, sizeof(path), "%s/loads/" SECOND, f->root);
	assert_int_equal(file_remove_tree(path, &e), 0);
	publish(f, true);
	assert_true(told(&f->missing, SECOND));
	assert_true(exists(f, "stages/ladder/" SECOND "/XMLDefault.cnf.xml"));
	assert_false(in_force(f, 2)->complete);
	assert_int_equal(in_force(f, 2)->kind, LOAD_SINGLE_UNSIGNED);
}

/* The plan of a phone on its way goes from the file: it stays in force for that phone, and no longer. */
static void test_plan_in_use_is_kept(void **state)
{
	struct fixture *f = *state;
	struct lease_event le = { .kind = LEASE_ACK,
				  .at_ms = NOW_MS,
				  .mac = { { 0, 1, 2, 3, 4, 5 } },
				  .address = { 0x0a000014 },
				  .xid = 1,
				  .vendor_len = 28 };
	struct vendor v = { .kind = VENDOR_BARE };
	struct answer a;
	struct phone p;
	char why[128];
	bool is_new;
	struct err e;

	memcpy(le.vendor_class, "Cisco Systems, Inc. IP Phone", 28);
	bring_load(f, FIRST);
	bring_load(f, SECOND);
	open_site(f, "views", true);
	assert_int_equal(reload(f, &is_new), 1);
	assert_int_equal(fleet_on_lease(f->fleet, &le, &e), 0);
	assert_int_equal(fleet_start(f->fleet, &le.mac, NULL, NOW_MS, why, sizeof(why), &e), 0);
	text_copy(f->cfg->plans[0].name, sizeof(f->cfg->plans[0].name), "renamed");
	assert_int_equal(reload(f, &is_new), 2);
	assert_true(told(&f->missing, "plan ladder: not in the configuration any more; kept for 1 phone"));
	assert_non_null(config_plan(fleet_config(f->fleet), "ladder"));
	assert_non_null(config_plan(fleet_config(f->fleet), "renamed"));
	assert_int_equal(state_phone_find(fleet_state(f->fleet), &le.mac, &p, &e), 0);
	fleet_answer(fleet_config(f->fleet), &p, &v, NULL, p.giaddr, p.address, &a);
	assert_int_equal(a.kind, ANSWER_SERVERS);
	p.phase = PHASE_DONE;
	assert_int_equal(state_phone_put(fleet_state(f->fleet), &p, &e), 0);
	assert_int_equal(reload(f, &is_new), 3);
	assert_null(config_plan(fleet_config(f->fleet), "ladder"));
}

/* The agent publishes what it read before somebody else's reload: the newer plans stay in force. */
static void test_publish_overwrites_no_newer_revision(void **state)
{
	struct fixture *f = *state;
	struct fleet *agent = NULL;
	bool is_new;
	struct err e;

	bring_load(f, FIRST);
	open_site(f, "views", true);
	assert_int_equal(reload(f, &is_new), 1);
	assert_int_equal(fleet_open(&agent, f->cfg, 0, 1000, &e), 0);
	f->cfg->plans[0].servers.a[0].host = 0x0a000063;
	assert_int_equal(reload(f, &is_new), 2);
	bring_load(f, SECOND); /* something that the agent has to tell */
	strbuf_reset(&f->missing);
	assert_true(publish_run(agent, true, tell, &f->told, &f->missing, NOW_MS, &e) >= 0);
	assert_int_equal(fleet_revision(agent), 3);
	assert_int_equal(config_plan(fleet_config(agent), "ladder")->servers.a[0].host, 0x0a000063);
	assert_true(config_plan(fleet_config(agent), "ladder")->stages[1].complete);
	fleet_close(agent);
}

/* A started phone's link: told, then swung. */
static void test_links(void **state)
{
	struct fixture *f = *state;
	const struct file_event seen = { .kind = EVENT_MISSING,
					 .at_ms = NOW_MS,
					 .client = { 0x0a000014 },
					 .path = "OS79XX.TXT",
					 .bytes = -1 };
	const struct file_event probe = { .kind = EVENT_MISSING,
					  .at_ms = NOW_MS,
					  .client = { 0x0a000014 },
					  .path = "SEP001122334455.cnf.xml",
					  .bytes = -1 };
	const struct mac mac = { { 0, 0x11, 0x22, 0x33, 0x44, 0x55 } };
	struct file_verdict verdict;
	struct standing s;
	struct view v;
	char why[128], link[160];
	bool is_new;
	struct err e;

	bring_load(f, FIRST);
	bring_load(f, SECOND);
	open_site(f, "views", true);
	reload(f, &is_new);
	assert_int_equal(fleet_on_file(f->fleet, &probe, &verdict, &e), 0);
	assert_int_equal(fleet_on_file(f->fleet, &seen, &verdict, &e), 0);
	assert_int_equal(fleet_start(f->fleet, &mac, NULL, NOW_MS + 60000, why, sizeof(why), &e), 0);
	assert_int_equal(view_init(&v, f->root, &e), 0);
	assert_int_equal(view_phone_get(&v, &mac, &s, &e), 0);
	assert_int_equal(s.kind, VIEW_STAGE);

	/* somebody removed it */
	snprintf(link, sizeof(link), "%s/phones/00:11:22:33:44:55", f->root);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(publish(f, false), 1);
	assert_true(told(&f->told, "phones/"));
	assert_int_equal(view_phone_get(&v, &mac, &s, &e), 0);
	assert_int_equal(s.kind, VIEW_NONE);
	assert_int_equal(publish(f, true), 1);
	assert_int_equal(view_phone_get(&v, &mac, &s, &e), 0);
	assert_int_equal(s.kind, VIEW_STAGE);
	assert_string_equal(s.load.s, FIRST);
	assert_int_equal(publish(f, true), 0);
}

static void test_without_a_root(void **state)
{
	struct fixture *f = *state;
	bool is_new = false;
	struct err e;

	open_site(f, "views", false);
	assert_int_equal(reload(f, &is_new), 1);
	assert_true(is_new);
	assert_int_equal(publish_run(f->fleet, true, NULL, NULL, &f->missing, NOW_MS, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
}

static void test_root_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct err e;

	open_site(f, "views", true);
	assert_int_equal(file_remove_tree(f->root, &e), 0);
	assert_int_equal(publish_run(f->fleet, true, NULL, NULL, &f->missing, NOW_MS, &e), -1);
	assert_int_equal(e.code, ERR_TREE);
}

/* layout = shared: the root's own XMLDefault, and no stages. Nobody has started, so what it names is not
 * touched. */
static void test_shared(void **state)
{
	static const char site_own[] =
		"<Default>\n<loadInformation7>" SECOND "</loadInformation7>\n</Default>\n";
	CLEANUP(strbuf_fini) struct strbuf now = STRBUF_INIT(65536);
	struct fixture *f = *state;
	struct load_name load;
	char path[160];
	struct err e;

	bring_load(f, FIRST);
	bring_load(f, SECOND);
	snprintf(path, sizeof(path), "%s/XMLDefault.cnf.xml", f->root);
	assert_int_equal(file_replace(path, site_own, sizeof(site_own) - 1, 0644, 0, &e), 0);
	open_site(f, "shared", true);
	publish(f, true);
	assert_false(exists(f, "stages"));
	int rc = fleet_shared_load(f->fleet, config_plan(fleet_config(f->fleet), "ladder"), &load, &e);
	assert_int_equal(file_read(path, 65536, &now, &e), 0);
	if (rc == 1)
		assert_string_equal(strbuf_text(&now), site_own);
	else
		assert_non_null(strstr(strbuf_text(&now), load.s));
	assert_int_equal(publish(f, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_shows_then_makes_true),
		T(test_reload_makes_a_revision),
		T(test_load_set_vanishes),
		T(test_plan_in_use_is_kept),
		T(test_publish_overwrites_no_newer_revision),
		T(test_links),
		T(test_without_a_root),
		T(test_root_that_is_not_there),
		T(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
