/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What is wrong in a configuration file: each fault with its line and what was expected, all of them at
 * once, and nothing that crashes.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DATA "tests/data/config"
#define LIT(s) (s), sizeof(s) - 1
#define PLAN "[plan p]\nmodels = 7960\nstages = P0S3-8-12-00\n"

/* All faults, one a line, without the "t:" in front. */
static const struct {
	const char *what;
	const char *text;
	size_t len;
	const char *faults[4];
} wrong[] = {
	/* shape */
	{ "key outside a section", LIT("url = sqlite:/a\n"), { "1: url: a key outside a section" } },
	{ "unknown section", LIT("[foo]\na = 1\nb\n"), { "1: [foo]: unknown section; [store]" } },
	{ "revision's section",
	  LIT("[loadset P0S3-8-12-00]\nkind = two-part\n"),
	  { "1: [loadset P0S3-8-12-00]: unknown" } },
	{ "section of one more word", LIT("[plan a b]\n"), { "1: [plan a b]: [plan NAME] is expected" } },
	{ "plan without a name", LIT("[plan]\n"), { "1: [plan]: [plan NAME] is expected" } },
	{ "plan with a path for a name",
	  LIT("[plan ../x]\n"),
	  { "1: [plan ../x]: [plan NAME] is expected" } },
	{ "name of 32",
	  LIT("[plan a2345678901234567890123456789012]\n"),
	  { "1: [plan a2345678901234567890123456789012]: " } },
	{ "store with a name", LIT("[store x]\n"), { "1: [store x]: takes no name" } },
	{ "section without end", LIT("[store\nurl = x\n"), { "1: [store: [SECTION]" } },
	{ "text behind a section", LIT("[store] url = x\n"), { "1: [store] url = x: [SECTION]" } },
	{ "repeated section",
	  LIT("[tftp]\nroot = /a\n[tftp]\nroot = b\n"),
	  { "3: [tftp]: a second section" } },
	{ "repeated plan", LIT(PLAN "[plan p]\nmodels = x\n"), { "4: [plan p]: a second section" } },
	{ "one name in two kinds is fine",
	  LIT("[site p]\nnetworks = 10.0.0.0/8\n" PLAN),
	  { "1: [site p] tftp-servers: missing" } },
	{ "unknown key", LIT("[store]\npath = /a\n"), { "2: [store] path: unknown key; expected: url" } },
	{ "revision's key",
	  LIT(PLAN "only-mac-list = 00:11:22:33:44:55\n"),
	  { "4: [plan p] only-mac-list: unknown key" } },
	{ "key with a capital",
	  LIT("[tftp]\nRoot = /a\n"),
	  { "2: [tftp] Root: unknown key; expected: root, layout" } },
	{ "repeated key",
	  LIT("[tftp]\nroot = /a\n\nroot = /b\n"),
	  { "4: [tftp] root: given twice; the first is in line 2" } },
	{ "no equals sign", LIT("[tftp]\nroot /a\n"), { "2: \"root /a\": KEY = VALUE is expected" } },
	{ "colon", LIT("[tftp]\nroot: /a\n"), { "2: \"root: /a\": KEY = VALUE is expected" } },
	{ "no key", LIT("[tftp]\n= /a\n"), { "2: \"= /a\": KEY = VALUE is expected" } },
	{ "no value", LIT("[tftp]\nroot =\n"), { "2: [tftp] root: a value is missing: path is expected" } },
	{ "only a comment for a value",
	  LIT("[tftp]\nroot = ; /a\n"),
	  { "2: [tftp] root: a value is missing" } },
	{ "list without words",
	  LIT("[plan p]\nmodels =\nstages = P0S3-8-12-00\n"),
	  { "2: [plan p] models: a value is missing: list of models" } },
	{ "list without words at the end",
	  LIT("[plan p]\nmodels = 7960\nstages =\n"),
	  { "3: [plan p] stages: a value is missing" } },
	{ "one value in two lines",
	  LIT("[tftp]\nroot = /a\n  /b\n"),
	  { "3: [tftp] root: goes on in an indented line" } },
	{ "indented line with nothing above",
	  LIT("[tftp]\n  /b\n"),
	  { "2: [tftp]: KEY = VALUE is expected" } },
	/* bytes */
	{ "byte order mark",
	  LIT("\xef\xbb\xbf[tftp]\nroot = x\n"),
	  { "1: the file begins with a byte order mark", "2: [tftp] root: \"x\" is no absolute" } },
	{ "typographic quotes",
	  LIT("[tftp]\nroot = \xe2\x80\x9d/srv\xe2\x80\x9d\n"),
	  { "2: a typographic quote (byte 0xe2) in column 8" } },
	{ "typographic prime",
	  LIT("[tftp]\nroot = /a\xe2\x80\xb3\n"),
	  { "2: a typographic quote (byte 0xe2) in column 10" } },
	{ "umlaut", LIT("[tftp]\nroot = /m\xc3\xbcll\n"), { "2: a character (byte 0xc3) in column 10" } },
	{ "NUL", LIT("[tftp]\nro\0ot = x\nroot = y\n"), { "2: a NUL byte" } },
	{ "NUL in a comment", LIT("; \0\n"), { "1: a NUL byte" } },
	{ "UTF-16", LIT("\xff\xfe[\0t\0f\0t\0p\0]\0\n\0"), { "1: a NUL byte" } },
	{ "escape", LIT("[tftp]\nroot = /a\x1b[1m\n"), { "2: a character (byte 0x1b) in column 10" } },
	{ "CR within a line", LIT("[tftp]\rroot = /a\n"), { "1: a character (byte 0x0d) in column 7" } },
	{ "ASCII quotes",
	  LIT("[tftp]\nroot = \"/srv/tftp\"\n"),
	  { "2: [tftp] root: \"\"/srv/tftp\"\" is no absolute path" } },
	/* values */
	{ "store of another kind",
	  LIT("[store]\nurl = mysql://x\n"),
	  { "2: [store] url: \"mysql://x\" is no store: sqlite:/PATH" } },
	{ "store with a relative path",
	  LIT("[store]\nurl = sqlite:state.db\n"),
	  { "2: [store] url: \"sqlite:state.db\"" } },
	{ "store without path", LIT("[store]\nurl = sqlite:/\n"), { "2: [store] url: \"sqlite:/\"" } },
	{ "root of everything", LIT("[tftp]\nroot = //\n"), { "2: [tftp] root: \"//\": a path below '/'" } },
	{ "layout",
	  LIT("[tftp]\nlayout = view\n"),
	  { "2: [tftp] layout: \"view\" is none of views | shared" } },
	{ "yes or no",
	  LIT(PLAN "provisioned = 1\n"),
	  { "4: [plan p] provisioned: \"1\" is none of yes | no" } },
	{ "duration without unit",
	  LIT("[limits]\nquiet = 30\n"),
	  { "2: [limits] quiet: \"30\" is not a duration" } },
	{ "duration of nothing",
	  LIT("[limits]\nloader = 0s\n"),
	  { "2: [limits] loader: \"0s\" is not between 1ms and 24h" } },
	{ "duration too long",
	  LIT("[limits]\nloader = 25h\n"),
	  { "2: [limits] loader: \"25h\" is not between" } },
	{ "no address for a witness",
	  LIT("[witness]\nlisten = 10.1.2\n"),
	  { "2: [witness] listen: \"10.1.2\" is not an IPv4 address" } },
	{ "a witness everywhere", LIT("[witness]\nlisten = 0.0.0.0\n"), { "2: [witness] listen: " } },
	{ "no such reset",
	  LIT("[witness]\nreset = never\n"),
	  { "2: [witness] reset: \"never\" is none of accept-first | at-once" } },
	{ "views of a server that shows all the same",
	  LIT("[store]\nurl = sqlite:/a/b\n[tftp]\ndaemon = atftpd\n"),
	  { "3: [tftp] daemon: atftpd shows all clients the same files; expected with it is layout = shared" } },
	{ "a witness for a shared root",
	  LIT("[witness]\nlisten = 10.1.2.3\n[tftp]\nlayout = shared\n"),
	  { "1: [witness] listen: needs [tftp] layout = views" } },
	{ "two classic plans for a shared root",
	  LIT("[tftp]\nlayout = shared\n" PLAN "[plan q]\nmodels = 7940\nstages = P00308000900\n"),
	  { "7: [plan q] models: cannot go with [plan p] under [tftp] layout = shared: both are for classic phones" } },
	{ "one element for two plans in a shared root",
	  LIT("[plan a]\nmodels = 7961 7941\nstages = SCCP41.8-3-3S\n[plan b]\nmodels = 7941\n"
	      "stages = SCCP41.9-4-2SR3-1S\n[tftp]\nlayout = shared\n"),
	  { "5: [plan b] models: cannot go with [plan a] under [tftp] layout = shared: both name the load of a 7941 in "
	    "XMLDefault's loadInformation115" } },
	{ "one default load for two plans in a shared root",
	  LIT("[plan a]\nmodels = 7941 7961\nstages = SIP41.8-5-4S\n[plan b]\nmodels = 7961G-GE\n"
	      "stages = SCCP41.9-4-2SR3-1S\n[tftp]\nlayout = shared\n"),
	  { "5: [plan b] models: cannot go with [plan a] under [tftp] layout = shared: phones of both ask for "
	    "term61.default.loads after a factory reset" } },
	{ "number",
	  LIT("[rollout]\nmax-at-once = -1\n"),
	  { "2: [rollout] max-at-once: \"-1\" is not a whole number" } },
	{ "number out of range",
	  LIT("[rollout]\nmax-at-once = 100001\n"),
	  { "2: [rollout] max-at-once: 100001 is not between" } },
	{ "percentage",
	  LIT("[rollout]\nhalt-at = 101%\n"),
	  { "2: [rollout] halt-at: \"101%\" is not a percentage" } },
	{ "percentage without sign",
	  LIT("[rollout]\nhalt-at = 5\n"),
	  { "2: [rollout] halt-at: \"5\" is not a percentage" } },
	/* plans */
	{ "empty plan",
	  LIT("[plan p]\n[tftp]\n"),
	  { "1: [plan p] models: missing", "1: [plan p] stages: missing" } },
	{ "unknown models",
	  LIT("[plan p]\nmodels = 7960 7999 SPA504G\nstages = P0S3-8-12-00\n"),
	  { "2: [plan p] models: \"7999\" is no model", "2: [plan p] models: \"SPA504G\" is no model" } },
	{ "model twice",
	  LIT("[plan p]\nmodels = 7960 7960G\nstages = P0S3-8-12-00\n"),
	  { "2: [plan p] models: 7960 is there twice" } },
	{ "two generations",
	  LIT("[plan p]\nmodels = 7960 7961\nstages = X1\n"),
	  { "2: [plan p] models: of more than one generation" } },
	{ "load of another generation",
	  LIT("[plan p]\nmodels = 7960\nstages = P00308000900 SIP41.8-5-4S\n"),
	  { "3: [plan p] stages: SIP41.8-5-4S is a load for java phones, the models are classic" } },
	{ "extension",
	  LIT("[plan p]\nmodels = 7960\nstages = P0S3-8-12-00.loads\n"),
	  { "3: [plan p] stages: \"P0S3-8-12-00.loads\" is a file name: a load is named" } },
	{ "letter O",
	  LIT("[plan p]\nmodels = 7960\nstages = POS3-8-12-00\n"),
	  { "3: [plan p] stages: \"POS3-8-12-00\" has the letter O" } },
	{ "loader for a load",
	  LIT("[plan p]\nmodels = 7960\nstages = P003-8-12-00\n"),
	  { "3: [plan p] stages: \"P003-8-12-00\" is a loader" } },
	{ "the waiting room",
	  LIT("[plan p]\nmodels = 7960\nstages = waiting\n"),
	  { "3: [plan p] stages: \"waiting\" is the name" } },
	{ "load twice",
	  LIT("[plan p]\nmodels = 7960\nstages = A1 B1\n\tA1\n"),
	  { "4: [plan p] stages: \"A1\" is there twice" } },
	{ "seventeen loads",
	  LIT("[plan p]\nmodels = 7960\nstages = a b c d e f g h i j k l m n o p q\n"),
	  { "3: [plan p] stages: \"q\" is one too many: at most 16" } },
	{ "unsigned behind signed",
	  LIT("[plan p]\nmodels = 7960\nstages = P00305000500 P00303010102\n"),
	  { "3: [plan p] stages: P00303010102 is unsigned and cannot follow P00305000500" } },
	{ "stages and a target",
	  LIT(PLAN "target = P0S3-8-12-00\n"),
	  { "4: [plan p] target: the stages are given in line 3; one of the two" } },
	{ "a target that is a loader",
	  LIT("[plan p]\nmodels = 7960\ntarget = P003-8-12-00\n"),
	  { "3: [plan p] target: \"P003-8-12-00\" is a loader", } },
	{ "two targets",
	  LIT("[plan p]\nmodels = 7960\ntarget = P0S3-8-12-00 P00308000900\n"),
	  { "3: [plan p] target: \"P0S3-8-12-00 P00308000900\" has a blank" } },
	{ "an unsafe step to a target",
	  LIT("[plan p]\nmodels = 7960\ntarget = P0S3-8-12-00\nunsafe-steps = P0S3-8-12-00\n"),
	  { "4: [plan p] unsafe-steps: goes with stages" } },
	{ "an unsafe step to no stage, and to the first",
	  LIT("[plan p]\nmodels = 7960\nstages = A1 B1\nunsafe-steps = C1 B1 A1\n"),
	  { "4: [plan p] unsafe-steps: C1 is none of the stages behind the first",
	    "4: [plan p] unsafe-steps: A1 is none of" } },
	{ "an unsafe step twice",
	  LIT("[plan p]\nmodels = 7960\nstages = A1 B1\nunsafe-steps = B1 B1\n"),
	  { "4: [plan p] unsafe-steps: \"B1\" is there twice" } },
	{ "host bits",
	  LIT(PLAN "networks = 10.0.0.1/8\n"),
	  { "4: [plan p] networks: \"10.0.0.1/8\" is an address in a network; the network is 10.0.0.0/8" } },
	{ "networks",
	  LIT(PLAN "networks = 10.0.0.0 10.0.0.0/33\n"),
	  { "4: [plan p] networks: \"10.0.0.0\" is not a network",
	    "4: [plan p] networks: \"10.0.0.0/33\" is not a network" } },
	{ "automatic without scope",
	  LIT(PLAN "start = automatic\n"),
	  { "4: [plan p] start: automatic needs a scope" } },
	{ "except-macs is no scope",
	  LIT(PLAN "except-macs = bench.macs\nstart = automatic\n"),
	  { "5: [plan p] start: automatic needs" } },
	{ "a wrong scope is one fault",
	  LIT(PLAN "networks = x\nstart = automatic\n"),
	  { "4: [plan p] networks: \"x\"" } },
	{ "five servers",
	  LIT(PLAN "tftp-servers = 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5\n"),
	  { "4: [plan p] tftp-servers: \"1.0.0.5\" is one too many: at most 4" } },
	{ "five after-servers",
	  LIT(PLAN "after-tftp-servers = 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5\n"),
	  { "4: [plan p] after-tftp-servers: \"1.0.0.5\" is one too many: at most 4" } },
	{ "server twice",
	  LIT(PLAN "tftp-servers = 1.0.0.1 1.0.0.1\n"),
	  { "4: [plan p] tftp-servers: \"1.0.0.1\" is there twice" } },
	{ "server by name",
	  LIT(PLAN "tftp-servers = tftp.example.org\n"),
	  { "4: [plan p] tftp-servers: \"tftp.example.org\" is not an IPv4" } },
	{ "missing list of MACs",
	  LIT(PLAN "only-macs = none.macs\n"),
	  { "4: [plan p] only-macs: " DATA "/none.macs: there is no such file" } },
	{ "empty list of MACs",
	  LIT(PLAN "only-macs = empty.macs\n"),
	  { "4: [plan p] only-macs: " DATA "/empty.macs names no MAC" } },
	{ "wrong list of MACs",
	  LIT(PLAN "only-macs = wrong.macs\n"),
	  { "4: [plan p] only-macs: " DATA "/wrong.macs:2: \"00:1b:0c:18:bd\" is not a MAC",
	    "4: [plan p] only-macs: " DATA "/wrong.macs:4: \"nonsense\" is not a MAC" } },
	{ "one model, two automatic plans, one network",
	  LIT(PLAN "start = automatic\nnetworks = 10.0.0.0/8\n"
		   "[plan q]\nmodels = 7940 7960\nstages = P00308000900\nstart = automatic\n"
		   "networks = 10.1.0.0/16\n"),
	  { "7: [plan q] models: 7960 is in [plan p], too" } },
	/* tftpd-hpa's map */
	{ "a network too wide for a map, said before or after",
	  LIT(PLAN "networks = 10.0.0.0/24\n\t10.64.0.0/19\n[tftp]\ndaemon = tftpd-hpa\n"),
	  { "4: [plan p] networks: 10.64.0.0/19 is wider than /20: with [tftp] daemon = tftpd-hpa" } },
	{ "no network for the map",
	  LIT("[tftp]\ndaemon = tftpd-hpa\n" PLAN "client-class = a\n"),
	  { "3: [plan p] networks: missing; with [tftp] daemon = tftpd-hpa" } },
	{ "too many addresses for a map",
	  LIT("[tftp]\ndaemon = tftpd-hpa\n" PLAN "networks = 10.0.0.0/20 10.0.16.0/20 10.0.32.0/20 10.0.48.0/20\n"
	      " 10.0.64.0/20 10.0.80.0/20 10.0.96.0/20 10.0.112.0/20 10.0.128.0/20 10.0.144.0/20 10.0.160.0/20\n"
	      " 10.0.176.0/20 10.0.192.0/20 10.0.208.0/20 10.0.224.0/20\n"
	      "[plan q]\nmodels = 7941\nstages = SIP41.8-5-4S\nnetworks = 10.1.0.0/20 10.1.16.0/32\n"),
	  { "12: [plan q] networks: with those of the plans before it more than 65536 addresses" } },
	/* sites and classes */
	{ "empty site",
	  LIT("[site s]\n"),
	  { "1: [site s] networks: missing", "1: [site s] tftp-servers: missing" } },
	{ "class that says nothing",
	  LIT("[vendor-class v]\ntftp-servers = 1.0.0.1\n"),
	  { "1: [vendor-class v]: match or model" } },
	{ "class of an unknown model",
	  LIT("[vendor-class v]\nmodel = 8841\n"),
	  { "2: [vendor-class v] model: \"8841\" is no model", "1: [vendor-class v]: match or model" } },
	{ "one class twice",
	  LIT("[vendor-class v]\nmatch = A\n[vendor-class w]\nmatch = A\n"),
	  { "3: [vendor-class w]: means the same phones as [vendor-class v]" } },
};

/* Does `got` consist of exactly these faults, in this order? */
static bool faults_equal(const char *got, const char *const *faults, size_t n)
{
	for (size_t i = 0; i < n && faults[i]; i++) {
		const char *end = strchr(got, '\n');
		if (!end || strncmp(got, "t:", 2) != 0 || strncmp(got + 2, faults[i], strlen(faults[i])) != 0)
			return false;
		got = end + 1;
	}
	return *got == '\0';
}

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(65536);
		struct config *c = NULL;
		struct err e = { ERR_NONE, "" };
		int rc = config_parse("t", wrong[i].text, wrong[i].len, DATA, &c, &faults, &e);
		if (rc != -1 || !faults_equal(strbuf_text(&faults), wrong[i].faults, COUNT(wrong[i].faults)))
			fail_msg("%s: %d\n%s", wrong[i].what, rc, strbuf_text(&faults));
		assert_null(c);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_int_equal(strncmp(strbuf_text(&faults), e.text, strlen(e.text)), 0);
		/* and without anybody to collect them */
		assert_int_equal(config_parse("t", wrong[i].text, wrong[i].len, DATA, &c, NULL, NULL), -1);
	}
}

static void test_many_faults(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(CONFIG_BYTES_MAX + 2);
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(65536);
	struct config *c = NULL;
	struct err e;
	unsigned lines = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		strbuf_add(&text, "junk\n");
	assert_int_equal(config_parse("t", strbuf_text(&text), text.len, NULL, &c, &faults, &e), -1);
	for (const char *p = strbuf_text(&faults); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(strbuf_text(&faults), "t: more faults follow"));
	while (text.len <= CONFIG_BYTES_MAX)
		strbuf_add(&text, "#");
	strbuf_reset(&faults);
	assert_int_equal(config_parse("t", strbuf_text(&text), text.len, NULL, &c, &faults, &e), -1);
	assert_non_null(strstr(e.text, "larger than"));
}

/* libinih cuts lines at its buffer: here they are refused, or whole. */
static void test_long_lines(void **state)
{
	(void)state;
	for (int n = 100; n < 260; n++) {
		CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(4096);
		CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(4096);
		struct config *c = NULL;
		struct err e;
		strbuf_add(&text, "[tftp]\nroot = /");
		for (int i = 1; i < n; i++)
			strbuf_add_char(&text, 'a');
		strbuf_add(&text, "                    ; ");
		for (int i = 0; i < 300; i++)
			strbuf_add_char(&text, 'c');
		int rc = config_parse("t", strbuf_text(&text), text.len, NULL, &c, &faults, &e);
		if (rc == 0)
			assert_int_equal(strlen(c->tftp_root), n);
		else
			assert_non_null(strstr(e.text, "t:2: [tftp] root: the line is longer than"));
		assert_true(n > 180 || rc == 0);
		config_free(c);
	}
}

/* Cut anywhere: a shorter configuration or faults, never a crash. */
static void test_cuts(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(CONFIG_BYTES_MAX);
	struct err e;

	(void)state;
	assert_int_equal(file_read(DATA "/full.conf", CONFIG_BYTES_MAX, &text, &e), 0);
	for (size_t n = 0; n <= text.len; n++) {
		char *exact = test_malloc(n + 1);
		struct config *c = NULL;
		memcpy(exact + 1, strbuf_text(&text), n);
		if (config_parse("t", exact + 1, n, DATA, &c, NULL, &e) == 0)
			config_free(c);
		test_free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
