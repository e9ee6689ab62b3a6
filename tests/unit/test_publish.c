/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The tree made true: what differs is told, a comparison writes nothing, a second run finds nothing to
 * do; load sets that come later become facts of a new revision, those that vanish keep their names;
 * links and the shared root follow.
 */
#include "publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "plan.h"
#include "state.h"
#include "view.h"

#define FIRST "P00303010102"
#define SECOND "P00304000101"
#define NOW_MS INT64_C(1700000000000)

struct fixture {
	char dir[64];
	char root[80];
	struct config *cfg;
	struct fleet *fleet;
	struct strbuf told;
	struct strbuf missing;
};

/* layout: with whatever else belongs into [tftp] */
static struct config *site(const struct fixture *f, const char *layout, bool with_root)
{
	char text[1024], root[128] = "";
	struct config *cfg = NULL;
	struct err e;

	if (with_root)
		snprintf(root, sizeof(root), "root = %s\n", f->root);
	int n = snprintf(text, sizeof(text),
			 "[store]\nurl = sqlite:%s/state.db\n[tftp]\n%slayout = %s\n"
			 "[plan ladder]\nmodels = 7960 unnamed\nstages = " FIRST " " SECOND "\n"
			 "networks = 10.0.0.0/24\ntftp-servers = 10.0.0.1\n",
			 f->dir, root, layout);
	if (config_parse("test", text, (size_t)n, NULL, &cfg, NULL, &e))
		fail_msg("%s", e.text);
	return cfg;
}

static void open_site(struct fixture *f, const char *layout, bool with_root)
{
	struct err e;

	f->cfg = site(f, layout, with_root);
	if (fleet_open(&f->fleet, f->cfg, FLEET_CREATE, 1000, &e))
		fail_msg("%s", e.text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	snprintf(f->dir, sizeof(f->dir), "/tmp/loadstep-publish.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->root, sizeof(f->root), "%s/tftp", f->dir);
	assert_int_equal(file_mkdirs(f->root, 0755, &e), 0);
	strbuf_init(&f->told, 65536);
	strbuf_init(&f->missing, 65536);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct err e;

	fleet_close(f->fleet);
	config_free(f->cfg);
	strbuf_fini(&f->told);
	strbuf_fini(&f->missing);
	assert_int_equal(file_remove_tree(f->dir, &e), 0);
	free(f);
	return 0;
}

static void bring_load(const struct fixture *f, const char *load)
{
	char path[256];
	struct err e;

	snprintf(path, sizeof(path), "%s/loads/%s", f->root, load);
	assert_int_equal(file_mkdirs(path, 0755, &e), 0);
	snprintf(path, sizeof(path), "%s/loads/%s/%s.bin", f->root, load, load);
	assert_int_equal(file_replace(path, "not signed", 10, 0644, 0, &e), 0);
}

static void tell(void *arg, enum stagedir_change change, const char *path, const char *what)
{
	(void)change;
	(void)what;
	strbuf_addf(arg, "%s\n", path);
}

static int publish(struct fixture *f, bool apply)
{
	struct err e;

	strbuf_reset(&f->told);
	strbuf_reset(&f->missing);
	int rc = publish_run(f->fleet, apply, tell, &f->told, &f->missing, NOW_MS, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static int64_t reload(struct fixture *f, bool *ret_new)
{
	int64_t revision = 0;
	struct err e;

	strbuf_reset(&f->told);
	strbuf_reset(&f->missing);
	if (publish_reload(f->fleet, f->cfg, tell, &f->told, &f->missing, NOW_MS, &revision, ret_new, &e) < 0)
		fail_msg("%s", e.text);
	return revision;
}

static bool exists(const struct fixture *f, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	return lstat(path, &st) == 0;
}

static bool told(const struct strbuf *sb, const char *what)
{
	return strstr(strbuf_text(sb), what) != NULL;
}

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

static unsigned links_to_root(const struct fixture *f)
{
	char path[160], text[8];
	unsigned n = 0;

	for (unsigned i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "%s/10.0.0.%u", f->root, i);
		n += readlink(path, text, sizeof(text)) == 1 && text[0] == '.';
	}
	return n;
}

/* tftpd-hpa: its map, and a link for each address of the map; both are true before and after a phone came and went;
 * another server needs neither. */
static void test_tftpd_hpa(void **state)
{
	struct fixture *f = *state;
	const struct mac phone = { { 0, 0x11, 0x22, 0x33, 0x44, 0x55 } };
	const struct ip4 addr = { 0x0a000009 };
	char more[256], map[96];
	struct view v;
	struct err e;

	snprintf(map, sizeof(map), "%s/hpa.map", f->dir);
	snprintf(more, sizeof(more), "views\ndaemon = tftpd-hpa\nmap-file = %s", map);
	open_site(f, more, true);
	assert_int_equal(publish(f, false), 1);
	assert_true(told(&f->told, "10.0.0.0/24\n") && told(&f->told, map));
	assert_int_equal(links_to_root(f), 0);
	assert_int_equal(access(map, F_OK), -1);

	assert_int_equal(publish(f, true), 1);
	assert_true(told(&f->told, "10.0.0.0/24\n") && told(&f->told, map));
	assert_int_equal(links_to_root(f), 256);
	assert_int_equal(access(map, R_OK), 0);
	assert_int_equal(publish(f, true), 0);
	assert_int_equal(publish(f, false), 0);

	/* an address that somebody removed, and one that is a phone's */
	assert_int_equal(view_init(&v, f->root, &e), 0);
	assert_int_equal(view_address_set(&v, (struct ip4){ 0x0a000008 }, NULL, &e), 0);
	assert_int_equal(state_address_put(fleet_state(f->fleet), addr, &phone, 0, &e), 0);
	assert_int_equal(publish(f, true), 1);
	assert_true(told(&f->told, "10.0.0.0/24\n") && !told(&f->told, map));
	assert_int_equal(links_to_root(f), 256);

	fleet_close(f->fleet);
	config_free(f->cfg);
	open_site(f, "shared\ndaemon = tftpd-hpa\nmap-file = /nowhere/at/all", true);
	assert_int_equal(publish_run(f->fleet, true, NULL, NULL, &f->missing, NOW_MS, &e), -1);
	if (!strstr(e.text, "/nowhere/at/all"))
		fail_msg("%s", e.text);
	assert_int_equal(links_to_root(f), 256); /* an older map may be in the server's memory */

	fleet_close(f->fleet);
	config_free(f->cfg);
	open_site(f, "views", true);
	assert_int_equal(publish(f, true), 1);
	assert_true(told(&f->told, "addresses"));
	assert_int_equal(links_to_root(f), 0);
}

/* A plan in force that no map can have: told, and left out. */
static void test_tftpd_hpa_wide_network(void **state)
{
	struct fixture *f = *state;
	char map[96];
	struct err e;

	open_site(f, "views", true);
	f->cfg->plans[0].networks.a[0].prefix = 16;
	bool is_new;
	(void)reload(f, &is_new);
	fleet_close(f->fleet);
	f->cfg->daemon = DAEMON_TFTPD_HPA;
	snprintf(map, sizeof(map), "%s/hpa.map", f->dir);
	assert_true(text_copy(f->cfg->map_file, sizeof(f->cfg->map_file), map));
	assert_int_equal(fleet_open(&f->fleet, f->cfg, FLEET_CREATE, 1000, &e), 0);
	assert_int_equal(publish(f, true), 1);
	assert_non_null(strstr(strbuf_text(&f->missing), "plan ladder: 10.0.0.0/16 is wider than /20"));
	assert_int_equal(links_to_root(f), 0);
}

static const struct mac mac = { { 0, 0x11, 0x22, 0x33, 0x44, 0x55 } };

/* A phone known by what it asks for. */
static struct file_verdict meet(const struct fixture *f, const char *file)
{
	const struct file_event fe = {
		.kind = EVENT_MISSING, .at_ms = NOW_MS, .client = { 0x0a000014 }, .path = file, .bytes = -1
	};
	struct file_verdict verdict;
	struct err e;

	assert_int_equal(fleet_on_file(f->fleet, &fe, &verdict, &e), 0);
	return verdict;
}

static int tick_rotates(struct fixture *f, int64_t now_ms)
{
	bool rotate = false;
	struct err e;

	if (fleet_tick(f->fleet, now_ms, &rotate, &e) < 0)
		fail_msg("%s", e.text);
	return rotate;
}

static const char *sep_text(const struct fixture *f, struct strbuf *sb)
{
	char path[160];
	struct err e;

	strbuf_reset(sb);
	snprintf(path, sizeof(path), "%s/SEP001122334455.cnf.xml", f->root);
	assert_int_equal(file_read(path, 65536, sb, &e), 0);
	return strbuf_text(sb);
}

/* layout = shared, a phone with a file of its own: set when it starts, set back when it is forgotten, and when the
 * layout is another. */
static void test_shared_sep(void **state)
{
	static const char own[] = "<device><loadInformation>P0030702XXXX</loadInformation></device>";
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(65536);
	struct fixture *f = *state;
	struct file_verdict verdict;
	char path[160], why[128];
	struct err e;

	bring_load(f, FIRST);
	bring_load(f, SECOND);
	snprintf(path, sizeof(path), "%s/SEP001122334455.cnf.xml", f->root);
	assert_int_equal(file_replace(path, own, sizeof(own) - 1, 0644, 0, &e), 0);
	open_site(f, "shared", true);
	publish(f, true);
	assert_string_equal(sep_text(f, &sb), own);
	meet(f, "SEP001122334455.cnf.xml");
	meet(f, "OS79XX.TXT");
	assert_int_equal(fleet_start(f->fleet, &mac, NULL, NOW_MS + 60000, why, sizeof(why), &e), 0);
	assert_int_equal(publish(f, false), 1);
	assert_true(told(&f->told, "SEP001122334455.cnf.xml"));
	assert_string_equal(sep_text(f, &sb), own);
	assert_int_equal(publish(f, true), 1);
	assert_non_null(strstr(sep_text(f, &sb), ">" FIRST "<"));
	assert_int_equal(publish(f, true), 0);
	assert_true(exists(f, "stages/ladder/" FLEET_SEP_FILE));

	/* the fleet looks at what publish noted: now all is well, then it is not */
	const struct file_event read = { .kind = EVENT_SENT,
					 .at_ms = NOW_MS + 61000,
					 .client = { 0x0a000014 },
					 .path = "SEP001122334455.cnf.xml",
					 .bytes = 100 };
	struct phone p;
	assert_int_equal(fleet_on_file(f->fleet, &read, &verdict, &e), 0);
	assert_false(verdict.rotate);
	assert_int_equal(state_phone_find(fleet_state(f->fleet), &mac, &p, &e), 0);
	assert_true(p.evidence.file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT].first > 0); /* its XMLDefault */
	snprintf(path, sizeof(path), "%s/stages/ladder/" FLEET_SEP_FILE, f->root);
	assert_int_equal(unlink(path), 0);
	verdict = meet(f, "OS79XX.TXT");
	assert_true(verdict.rotate);
	assert_int_equal(publish(f, true), 0);
	assert_int_equal(tick_rotates(f, NOW_MS + 90000), 0);

	assert_int_equal(fleet_forget(f->fleet, &mac, false, NOW_MS + 120000, why, sizeof(why), &e), 0);
	assert_int_equal(publish(f, true), 1);
	assert_string_equal(sep_text(f, &sb), own);
	assert_int_equal(publish(f, true), 0);

	assert_int_equal(fleet_start(f->fleet, &mac, NULL, NOW_MS + 130000, why, sizeof(why), &e), 0);
	assert_int_equal(publish(f, true), 1);
	assert_non_null(strstr(sep_text(f, &sb), ">" FIRST "<"));
	fleet_close(f->fleet);
	config_free(f->cfg);
	open_site(f, "views", true);
	assert_int_equal(publish(f, true), 1);
	assert_string_equal(sep_text(f, &sb), own);
}

/* A plan that is kept for its phones and a new one cannot both have the root. */
static void test_kept_plan_and_another(void **state)
{
	struct fixture *f = *state;
	char why[128];
	bool is_new;
	int64_t revision;
	struct err e;

	bring_load(f, FIRST);
	open_site(f, "shared", true);
	assert_int_equal(reload(f, &is_new), 1);
	meet(f, "SEP001122334455.cnf.xml");
	meet(f, "OS79XX.TXT");
	assert_int_equal(fleet_start(f->fleet, &mac, NULL, NOW_MS, why, sizeof(why), &e), 0);
	snprintf(f->cfg->plans[0].name, sizeof(f->cfg->plans[0].name), "renamed");
	assert_int_equal(publish_reload(f->fleet, f->cfg, NULL, NULL, &f->missing, NOW_MS, &revision, &is_new, &e),
			 -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.text, "[plan ladder] is not in the configuration any more and has 1 phone on the way; "));
	assert_non_null(config_plan(fleet_config(f->fleet), "ladder"));
	assert_null(config_plan(fleet_config(f->fleet), "renamed"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
		T(test_tftpd_hpa),
		T(test_tftpd_hpa_wide_network),
		T(test_shared_sep),
		T(test_kept_plan_and_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
