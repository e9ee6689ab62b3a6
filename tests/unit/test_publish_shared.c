/* SPDX-License-Identifier: MPL-2.0 */
/* Publishing for servers that know no views of their own: tftpd-hpa's map and links, and one root for all phones. */
#include "publish_fixture.h"

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

static void set_flags(struct fixture *f, uint32_t flags)
{
	struct phone p;
	struct err e;

	assert_int_equal(state_phone_find(fleet_state(f->fleet), &mac, &p, &e), 0);
	p.flags |= flags;
	assert_int_equal(state_phone_put(fleet_state(f->fleet), &p, &e), 0);
}

/* layout = shared, a phone that takes no notice of XMLDefault: it has a file while it climbs, which counts as its
 * XMLDefault and not as provisioning. */
static void test_shared_sep_made(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(65536);
	struct fixture *f = *state;
	const struct file_event read = { .kind = EVENT_SENT,
					 .at_ms = NOW_MS + 62000,
					 .client = { 0x0a000014 },
					 .path = "SEP001122334455.cnf.xml",
					 .bytes = 100 };
	struct file_verdict verdict;
	struct phone p;
	char why[128];
	struct err e;

	bring_load(f, FIRST);
	bring_load(f, SECOND);
	open_site(f, "shared", true);
	publish(f, true);
	meet(f, "SEP001122334455.cnf.xml");
	meet(f, "OS79XX.TXT");
	assert_int_equal(fleet_start(f->fleet, &mac, NULL, NOW_MS + 60000, why, sizeof(why), &e), 0);
	publish(f, true);
	assert_false(exists(f, "SEP001122334455.cnf.xml"));
	set_flags(f, PHONE_SEP_GIVEN);
	verdict = meet(f, "OS79XX.TXT");
	assert_true(verdict.rotate); /* to be published */
	assert_int_equal(publish(f, true), 1);
	assert_true(told(&f->told, "SEP001122334455.cnf.xml"));
	assert_non_null(strstr(sep_text(f, &sb), "<loadInformation>" FIRST "<"));
	assert_int_equal(publish(f, true), 0);
	assert_int_equal(fleet_on_file(f->fleet, &read, &verdict, &e), 0);
	assert_false(verdict.rotate);
	assert_int_equal(state_phone_find(fleet_state(f->fleet), &mac, &p, &e), 0);
	assert_true(p.evidence.file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT].first > 0);
	assert_false(phone_is(&p, PHONE_PROVISIONED));

	set_flags(f, PHONE_SEP_DEFAULT);
	verdict = meet(f, "OS79XX.TXT");
	assert_true(verdict.rotate);
	assert_int_equal(publish(f, true), 1);
	assert_non_null(strstr(sep_text(f, &sb), ">" FIRST "</loadInformation7>"));
	assert_int_equal(fleet_forget(f->fleet, &mac, false, NOW_MS + 120000, why, sizeof(why), &e), 0);
	assert_int_equal(publish(f, true), 1);
	assert_false(exists(f, "SEP001122334455.cnf.xml"));
	assert_int_equal(publish(f, true), 0);
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
	const struct CMUnitTest tests[] = {
		T(test_tftpd_hpa),
		T(test_tftpd_hpa_wide_network),
		T(test_shared_sep),
		T(test_shared_sep_made),
		T(test_kept_plan_and_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
