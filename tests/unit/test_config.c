/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a good configuration file becomes, what it answers, and the manual page against the table of keys.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "config_fixture.h"
#include "file.h"

#define LIT(s) (s), sizeof(s) - 1

/* ---- good files */

static void test_defaults(void **state)
{
	struct config *c = must_parse("");

	(void)state;
	assert_string_equal(c->path, "t");
	assert_string_equal(c->store_url, "sqlite:/var/lib/loadstep/state.db");
	assert_string_equal(c->tftp_root, "");
	assert_int_equal(c->layout, LAYOUT_VIEWS);
	assert_int_equal(c->daemon, DAEMON_DNSMASQ);
	assert_int_equal(c->n_plans + c->n_sites + c->n_classes, 0);
	assert_int_equal(c->max_at_once, 0);
	assert_int_equal(c->halt_at, 0);
	assert_int_equal(c->witness.host, 0);
	assert_int_equal(c->witness_reset, WITNESS_ACCEPT_FIRST);
	/* F§7.4 and design "Limits" */
	assert_int_equal(c->limits.loader, 120000);
	assert_int_equal(c->limits.app, 180000);
	assert_int_equal(c->limits.stage_classic, 600000);
	assert_int_equal(c->limits.stage_java, 1500000);
	assert_int_equal(c->limits.proof_silence, 120000);
	assert_int_equal(c->limits.quiet, 30000);
	assert_int_equal(c->limits.order_window, 5000);
	assert_int_equal(c->limits.presume, 300000);
	assert_int_equal(c->limits.idle, 600000);
	assert_int_equal(c->limits.round_gap, 60000);
	assert_int_equal(c->limits.boot_gap, 15000);
	assert_int_equal(c->limits.holder_change, 30000);
	assert_int_equal(c->limits.tick_gap, 30000);
	config_free(c);
	c = must_parse(PLAN);
	assert_false(c->plans[0].automatic || c->plans[0].provisioned || c->plans[0].keep_callmanager);
	assert_int_equal(c->plans[0].enter, PLAN_ENTER_AUTO);
	assert_int_equal(c->plans[0].override, OVERRIDE_ALWAYS);
	config_free(c);
}

static void test_example(void **state)
{
	struct config *c = must_load("examples/loadstep.conf");
	const struct plan *pl = config_plan(c, "classic-to-sip");

	(void)state;
	assert_string_equal(c->path, "examples/loadstep.conf");
	assert_string_equal(c->tftp_root, "/srv/tftp");
	assert_non_null(pl);
	assert_ptr_equal(config_plan_mutable(c, "classic-to-sip"), pl);
	assert_null(config_plan(c, "classic"));
	assert_null(config_plan_mutable(c, ""));
	assert_int_equal(pl->n_models, 3);
	assert_string_equal(pl->models[2], "unnamed");
	assert_int_equal(pl->n_stages, 4);
	assert_string_equal(pl->stages[3].load.s, "P0S3-8-12-00");
	assert_int_equal(pl->stages[0].kind, LOAD_SINGLE_UNSIGNED);
	assert_int_equal(pl->stages[3].kind, LOAD_TWO_PART);
	assert_true(pl->automatic);
	assert_int_equal(pl->servers.a[0].host, 0xc0a80101);
	assert_int_equal(pl->after_servers.a[0].host, 0xc0a80105);
	assert_string_equal(c->sites[0].name, "berlin");
	assert_string_equal(c->classes[0].match, "Cisco IP Phone 7961 Special");
	assert_int_equal(c->max_at_once, 40);
	assert_int_equal(c->halt_at, 5);
	config_free(c);
}

/* Commented keys of the example are meant to be taken in: with their ; gone the file still loads. */
static void test_example_uncommented(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf out = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(65536);
	struct config *c = NULL;
	struct err e;
	unsigned taken = 0;

	(void)state;
	assert_int_equal(file_read("examples/loadstep.conf", 65536, &text, &e), 0);
	for (const char *p = strbuf_text(&text); *p;) {
		size_t n = strcspn(p, "\n");
		bool key = n > 1 && p[0] == ';' && p[1] != ' ';
		bool file = key && strncmp(p, ";only-macs", 10) != 0 && strncmp(p, ";except-macs", 12) != 0;
		strbuf_add_bytes(&out, p + (file ? 1 : 0), n - (file ? 1 : 0));
		strbuf_add_char(&out, '\n');
		taken += file;
		p += n + (p[n] != '\0');
	}
	assert_int_equal(taken, 10);
	if (config_parse("t", strbuf_text(&out), out.len, NULL, &c, &faults, &e) != 0)
		fail_msg("%s", strbuf_text(&faults));
	assert_string_equal(c->chain_script, "/usr/local/sbin/tftp-script");
	assert_int_equal(c->plans[0].enter, PLAN_ENTER_FIRST);
	assert_int_equal(c->witness.host, 0xc0a80101);
	config_free(c);
}

static void test_ladders(void **state)
{
	struct config *c = must_parse("[plan p]\nmodels = 7960\ntarget = P0S3-8-12-00\n"
				      "[plan q]\nmodels = 7960\nstages = P00303010102\n\tP00308000900\n"
				      "unsafe-steps = P00308000900\n");
	struct load_name first = { "P00303010102" }, second = { "P00308000900" };
	struct phone p;

	(void)state;
	assert_string_equal(c->plans[0].target.s, "P0S3-8-12-00");
	assert_int_equal(c->plans[0].n_stages, 0);
	assert_int_equal(c->plans[0].ladder_line, 3);
	assert_string_equal(c->plans[1].target.s, "");
	assert_int_equal(c->plans[1].ladder_line, 6);
	assert_true(plan_step_unsafe(&c->plans[1], &second));
	assert_false(plan_step_unsafe(&c->plans[1], &first));
	/* a plan whose stages are not derived yet is nobody's */
	phone_init(&p, NULL);
	p.vendor = VENDOR_NAMED;
	memcpy(p.model, "7960", 5);
	assert_string_equal(config_plan_for(c, &p, NULL)->name, "q");
	config_free(c);
}

static void test_witness(void **state)
{
	struct config *c = must_parse("[witness]\nlisten = 10.1.2.3\nreset = at-once\n");

	(void)state;
	assert_int_equal(c->witness.host, 0x0a010203);
	assert_int_equal(c->witness_reset, WITNESS_AT_ONCE);
	config_free(c);
	c = must_parse("[tftp]\nlayout = shared\n[witness]\nreset = accept-first\n"); /* listens nowhere */
	assert_int_equal(c->witness.host, 0);
	assert_int_equal(c->witness_reset, WITNESS_ACCEPT_FIRST);
	config_free(c);
}

static void test_full(void **state)
{
	struct config *c = must_load(DATA "/full.conf");
	const struct plan *pl = &c->plans[0];
	static const struct mac macs[] = {
		{ { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc0 } },
		{ { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } },
		{ { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc2 } },
	};

	(void)state;
	assert_string_equal(c->tftp_root, "/srv/other"); /* the slash at the end is gone */
	assert_int_equal(c->layout, LAYOUT_SHARED);
	assert_int_equal(c->daemon, DAEMON_TFTPD_HPA);
	assert_int_equal(c->n_plans, 3);
	assert_int_equal(pl->n_models, 3);
	assert_string_equal(pl->models[0], "7940");
	assert_int_equal(pl->n_stages, 4);
	assert_int_equal(pl->networks.n, 2);
	assert_int_equal(pl->n_client_classes, 2);
	/* sorted, and each once */
	assert_int_equal(pl->only_macs.n, 3);
	assert_memory_equal(pl->only_macs.a, macs, sizeof(macs));
	assert_int_equal(pl->servers.n, 4);
	assert_string_equal(c->classes[0].match, "Some Phone, Inc. 7960;v2");
	assert_string_equal(c->classes[1].model, "unnamed");
	assert_int_equal(c->limits.loader, 1);
	assert_int_equal(c->limits.order_window, 0);
	config_free(c);
	c = must_load(DATA "/crlf.conf");
	assert_int_equal(c->plans[0].n_models, 2);
	config_free(c);
}

static void test_load_failures(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(4096);
	struct config *c = NULL;
	struct err e = { ERR_NONE, "" };

	(void)state;
	assert_int_equal(config_load(DATA "/none.conf", &c, &faults, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.text, DATA "/none.conf: No such file"));
	assert_int_equal(config_load(DATA, &c, &faults, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_equal(config_parse("t", LIT(PLAN "only-macs = bench.macs\n"), NULL, &c, &faults, &e), -1);
	assert_non_null(strstr(e.text, "\"bench.macs\" is no absolute path"));
}

/* Plans that differ in scope may share a model. */
static void test_plans_apart(void **state)
{
	static const char *const others[] = {
		"networks = 192.168.0.0/16\nstart = automatic\n", /* another network */
		"networks = 10.1.0.0/16\n", /* by hand */
		"networks = 10.1.0.0/16\nclient-class = other\nstart = automatic\n", /* another class */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(4096);
		strbuf_add(&text, PLAN "networks = 10.0.0.0/8\nclient-class = bench\nstart = automatic\n"
				       "[plan q]\nmodels = 7960\nstages = P00308000900\n");
		strbuf_add(&text, others[i]);
		config_free(must_parse(strbuf_text(&text)));
	}
}

/* ---- questions */

static struct ip4 ip(const char *text)
{
	struct ip4 a = { 0 };

	if (text[0] != '\0')
		assert_int_equal(parse_ip4("ip", text, &a, NULL), 0);
	return a;
}

static void test_vendor(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum vendor_kind kind;
		const char *model;
		const char *class; /* "" = none */
	} cases[] = {
		{ LIT("Some Phone, Inc. 7960;v2"), VENDOR_NAMED, "7960", "own" },
		{ LIT("Some Phone, Inc. 7960;v2\0\0"), VENDOR_NAMED, "7960", "own" },
		{ LIT("Some Phone, Inc. 7960;v"), VENDOR_OTHER, "", "" },
		{ LIT("Some Phone, Inc. 7960;v22"), VENDOR_OTHER, "", "" },
		{ LIT("Cisco Systems, Inc. IP Phone CP-7960G\0"), VENDOR_NAMED, "7960",
		  "" }, /* `own` means its string only */
		{ LIT("Cisco Systems, Inc. IP Phone\0"), VENDOR_BARE, "", "bare" },
		{ LIT("MSFT 5.0"), VENDOR_OTHER, "", "servers-only" },
		{ LIT("MSFT 5.1"), VENDOR_OTHER, "", "" },
		{ LIT(""), VENDOR_NONE, "", "" },
		{ LIT("\0"), VENDOR_NONE, "", "" },
	};
	struct config *c = must_load(DATA "/full.conf");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct vendor_class *vc = &c->classes[0];
		struct vendor v;
		config_vendor(c, cases[i].bytes, cases[i].len, &v, &vc);
		if (v.kind != cases[i].kind || strcmp(v.model, cases[i].model) != 0 ||
		    strcmp(vc ? vc->name : "", cases[i].class) != 0)
			fail_msg("%s: %d \"%s\" [%s]", cases[i].bytes, (int)v.kind, v.model,
				 vc ? vc->name : "");
		config_vendor(c, cases[i].bytes, cases[i].len, &v, NULL);
	}
	config_free(c);
	c = must_parse("[vendor-class a]\nmodel = 7961\n[vendor-class b]\nmatch = X\nmodel = unnamed\n");
	struct vendor v;
	const struct vendor_class *vc = NULL;
	config_vendor(c, LIT("Cisco Systems, Inc. IP Phone CP-7961G\0"), &v, &vc);
	assert_ptr_equal(vc, &c->classes[0]);
	config_vendor(c, "X", 1, &v, &vc);
	assert_ptr_equal(vc, &c->classes[1]);
	assert_int_equal(v.kind, VENDOR_BARE);
	config_vendor(c, LIT("Cisco Systems, Inc. IP Phone\0"), &v, &vc);
	assert_null(vc);
	config_free(c);
}

static void test_servers(void **state)
{
	static const struct {
		const char *giaddr;
		const char *address;
		const char *first;
	} cases[] = {
		{ "", "", "10.0.0.1" },
		{ "", "192.168.1.20", "10.0.0.1" },
		{ "", "10.1.9.9", "10.1.0.2" },
		{ "", "10.1.2.9", "10.1.2.2" }, /* the narrowest */
		{ "10.1.2.1", "10.1.9.9", "10.1.2.2" }, /* the relay first */
		{ "172.16.0.1", "10.1.9.9", "10.1.0.2" },
	};
	struct config *c = must_load(DATA "/full.conf");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct servers *s =
			config_servers(c, &c->plans[0], ip(cases[i].giaddr), ip(cases[i].address));
		char text[IP4_TEXT_SIZE];
		assert_string_equal(ip4_format(text, s->a[0]), cases[i].first);
	}
	assert_int_equal(config_servers(c, &c->plans[1], ip(""), ip(""))->n, 0);
	config_free(c);
}

static void test_plan_for(void **state)
{
	static const char text[] = "[plan near]\nmodels = 7960\nstages = A1\nnetworks = 10.0.0.0/8\n"
				   "[plan far]\nmodels = 7960\nstages = A1\nnetworks = 192.168.0.0/16\n"
				   "[plan all]\nmodels = 7940 7960\nstages = A1\n";
	static const struct {
		const char *model;
		const char *address;
		const char *plan; /* "" = none */
	} cases[] = {
		{ "7960", "10.0.0.9", "near" },	 { "7960", "192.168.1.9", "far" },
		{ "7960", "172.16.0.9", "all" }, { "7940", "10.0.0.9", "all" },
		{ "7941", "10.0.0.9", "" },
	};
	struct config *c = must_parse(text);
	struct phone p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		phone_init(&p, NULL);
		p.vendor = VENDOR_NAMED;
		memcpy(p.model, cases[i].model, strlen(cases[i].model) + 1);
		p.address = ip(cases[i].address);
		const struct plan *pl = config_plan_for(c, &p, NULL);
		assert_string_equal(pl ? pl->name : "", cases[i].plan);
	}
	config_free(c);
	/* by model alone when no scope fits: the first in the file */
	c = must_parse("[plan a]\nmodels = 7960\nstages = A1\nnetworks = 10.0.0.0/8\n"
		       "[plan b]\nmodels = 7960\nstages = A1\nnetworks = 11.0.0.0/8\n");
	phone_init(&p, NULL);
	p.vendor = VENDOR_NAMED;
	memcpy(p.model, "7960", 5);
	p.address = ip("12.0.0.1");
	assert_string_equal(config_plan_for(c, &p, NULL)->name, "a");
	config_free(c);
}

/* ---- the key table */

static void test_keys(void **state)
{
	const struct config_key *k;
	unsigned n = 0;

	(void)state;
	for (; (k = config_key_at(n)); n++) {
		assert_true(k->section[0] && k->key[0] && k->type[0] && k->text[0]);
		assert_string_not_equal(k->section, "loadset");
		for (unsigned j = 0; j < n; j++)
			assert_false(strcmp(config_key_at(j)->section, k->section) == 0 &&
				     strcmp(config_key_at(j)->key, k->key) == 0);
	}
	assert_int_equal(n, 44);
	assert_null(config_key_at(n));
	assert_null(config_key_at(n + 1000));
}

/* "[plan NAME]" in a heading of the manual page is section "plan". */
static bool heading_section(const char *line, char *section, size_t size)
{
	const char *start = strchr(line, '[');

	if (strncmp(line, ".Ss ", 4) != 0 || !start)
		return false;
	(void)snprintf(section, size, "%.*s", (int)strcspn(start + 1, " ]"), start + 1);
	return true;
}

/* Keys of the manual page in the order of the table, each with its type and default. */
static void test_manual(void **state)
{
	FILE *f = fopen("dnsmasq-script/loadstep.conf.5", "r");
	char line[512], section[64] = "", expected[512];
	unsigned n = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (heading_section(line, section, sizeof(section)) || strncmp(line, ".It Ic ", 7) != 0)
			continue;
		const struct config_key *k = config_key_at(n++);
		assert_non_null(k);
		assert_string_equal(section, k->section);
		assert_string_equal(line + 7, k->key);
		assert_non_null(fgets(line, sizeof(line), f));
		(void)snprintf(expected, sizeof(expected), "Type: %s. Default: %s.\n", k->type,
			       k->def[0] ? k->def : "none");
		assert_string_equal(line, expected);
	}
	(void)fclose(f);
	assert_null(config_key_at(n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_example_uncommented),
		cmocka_unit_test(test_ladders),
		cmocka_unit_test(test_witness),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_load_failures),
		cmocka_unit_test(test_plans_apart),
		cmocka_unit_test(test_vendor),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_plan_for),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
