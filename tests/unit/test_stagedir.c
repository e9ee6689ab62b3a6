/* SPDX-License-Identifier: MPL-2.0 */
/* Stage directories: what they hold, when they are made anew, and what a reader sees meanwhile. */
#include "stagedir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "view.h"

#include "stagedir_fixture.h"

static int publish(struct root *r, bool apply, struct changes *c)
{
	CLEANUP(strbuf_fini) struct strbuf missing = STRBUF_INIT(4096);
	struct changes unused;
	struct err e = { 0 };

	if (!c)
		c = &unused;
	c->n = 0;
	if (stagedir_loadsets(r->dir, &r->plan, &missing, &e) < 0)
		fail_msg("%s", e.text);
	int n = stagedir_publish(r->dir, &r->cfg, &r->plan, apply, note_change, c, &e);
	if (n < 0)
		fail_msg("%s", e.text);
	return n;
}

#define STAGE(load) "stages/classic-to-sip/" load

static void test_publish_new(void **state)
{
	struct root *r = *state;
	struct changes c;
	char buf[4096];

	assert_int_equal(publish(r, false, &c), 1); /* a look writes nothing */
	assert_int_equal(c.n, 5);
	assert_string_equal(c.line[0], "new stages/classic-to-sip/waiting: the waiting room: names no load");
	assert_false(is_there(r, "stages"));

	assert_int_equal(publish(r, true, &c), 1);
	assert_int_equal(c.n, 5);
	assert_holds(r, STAGE(L31) "/XMLDefault.cnf.xml",
		     "<loadInformation8 model=\"IP Phone 7940\">" L31 "</loadInformation8>");
	assert_holds(r, STAGE(L31) "/XMLDefault.cnf.xml",
		     "<loadInformation7 model=\"IP Phone 7960\">" L31 "</loadInformation7>");
	assert_holds(r, STAGE(L31) "/XMLDefault.cnf.xml", "<loadInformation>" L31 "</loadInformation>");
	assert_holds(r, STAGE(SIP) "/XMLDefault.cnf.xml", "<loadInformation>" SIP "</loadInformation>");
	assert_string_equal(text_of(r, STAGE(L31) "/OS79XX.TXT", buf), L31 "\r\n");
	assert_string_equal(text_of(r, STAGE(SIP) "/OS79XX.TXT", buf), SIP "\r\n");
	assert_string_equal(text_of(r, STAGE(L31) "/SEPDefault.cnf", buf), "image_version: " L31 "\r\n");
	assert_string_equal(text_of(r, STAGE(SIP) "/SIPDefault.cnf", buf), "image_version: " SIP "\n");
	/* every stage has the files of all loads: a phone between loader and application finds its own,
	 * whatever happens */
	assert_link(r, STAGE(L31) "/" L31 ".bin", "../../../loads/" L31 "/" L31 ".bin");
	assert_link(r, STAGE(L31) "/" SIP ".sb2", "../../../loads/" SIP "/" SIP ".sb2");
	assert_link(r, STAGE(SIP) "/P003-8-12-00.sbn", "../../../loads/" SIP "/P003-8-12-00.sbn");

	assert_holds_not(r, STAGE("waiting") "/XMLDefault.cnf.xml", "loadInformation");
	assert_holds(r, STAGE("waiting") "/XMLDefault.cnf.xml", "<processNodeName></processNodeName>");
	assert_false(is_there(r, STAGE("waiting") "/OS79XX.TXT"));
	assert_false(is_there(r, STAGE("waiting") "/" L31 ".bin"));

	ino_t before = inode_of(r, STAGE(L31));
	assert_int_equal(publish(r, true, &c), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(inode_of(r, STAGE(L31)), before);
}

static void test_sizes_differ(void **state)
{
	struct root *r = *state;
	static const char *const dirs[] = { STAGE(L31), STAGE(L50), STAGE(L80), STAGE(SIP),
					    STAGE("waiting") };
	off_t size[6];
	struct stat sb;
	char path[512], own[4096], url[2048];

	/* The plain root's own file is made as long as a stage's would have been: its URL, which stages leave
	 * empty, makes up the difference. */
	int bare = snprintf(own, sizeof(own), "<Default>\n<servicesURL></servicesURL>\n</Default>\n");
	put_text(r, "XMLDefault.cnf.xml", own);
	assert_int_equal(publish(r, true, NULL), 1);
	snprintf(path, sizeof(path), "%s/%s/XMLDefault.cnf.xml", r->dir, STAGE(L50));
	assert_int_equal(stat(path, &sb), 0);
	assert_in_range(sb.st_size, bare, sizeof(url));
	memset(url, 'u', sizeof(url));
	snprintf(own, sizeof(own), "<Default>\n<servicesURL>%.*s</servicesURL>\n</Default>\n",
		 (int)sb.st_size - bare, url);
	put_text(r, "XMLDefault.cnf.xml", own);
	assert_int_equal(publish(r, true, NULL), 1);
	for (size_t i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/%s%sXMLDefault.cnf.xml", r->dir, i < 5 ? dirs[i] : "",
			 i < 5 ? "/" : "");
		assert_int_equal(stat(path, &sb), 0);
		size[i] = sb.st_size;
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(size[i], size[k]);
	}
}

static void test_site_files(void **state)
{
	struct root *r = *state;
	char buf[4096];
	static const char *const linked[] = { "dialplan.xml", "RINGLIST.DAT", "US" };
	static const char *const not_linked[] = { "SEP001B0C18BDC1.cnf.xml",
						  "CTLSEP001B0C18BDC1.tlv",
						  "ITLSEP001B0C18BDC1.tlv",
						  "SIP001B0C18BDC1.cnf",
						  "MGC001B0C18BDC1.cnf",
						  "192.168.1.20",
						  "phones",
						  "loads",
						  "stages",
						  ".hidden",
						  "XMLDefault.cnf.xml.prev" };

	put_text(r, "XMLDefault.cnf.xml", site_xml);
	put_text(
		r, "SIPDefault.cnf",
		"# site\r\nimage_version: P0S3-07-4-00\r\nproxy1_address: \"192.0.2.5\"\r\n image_version : x");
	put_text(r, "OS79XX.TXT", "P00307020300");
	put_text(r, "dialplan.xml", "<DIALTEMPLATE/>");
	put_text(r, "RINGLIST.DAT", "x");
	put_text(r, "US/7960-tones.xml", "<tones/>");
	for (size_t i = 0; i < sizeof(not_linked) / sizeof(not_linked[0]); i++)
		if (!is_there(r, not_linked[i]) && strcmp(not_linked[i], "stages") != 0)
			put_text(r, not_linked[i], "private");
	assert_int_equal(publish(r, true, NULL), 1);

	const char *xml = STAGE(L80) "/XMLDefault.cnf.xml";
	assert_holds(r, xml, "<!-- the site's own -->");
	assert_holds(r, xml, "<loadInformation7 model=\"CP-7960\">" L80 "</loadInformation7>");
	assert_holds(r, xml, "  <loadInformation8 model=\"IP Phone 7940\">" L80 "</loadInformation8>\n");
	assert_holds(r, xml, "<loadInformation115 model=\"IP Phone 7941\">SIP41.8-5-4S</loadInformation115>");
	assert_holds(r, xml, "<processNodeName></processNodeName>");
	assert_holds(r, xml, "<servicesURL></servicesURL>");
	assert_holds_not(r, STAGE("waiting") "/XMLDefault.cnf.xml", "loadInformation");
	assert_string_equal(text_of(r, STAGE(SIP) "/SIPDefault.cnf", buf),
			    "# site\r\nimage_version: " SIP "\r\nproxy1_address: \"192.0.2.5\"\r\n");
	assert_string_equal(text_of(r, STAGE("waiting") "/SIPDefault.cnf", buf),
			    "# site\r\nproxy1_address: \"192.0.2.5\"\r\n");
	assert_string_equal(text_of(r, STAGE(L80) "/OS79XX.TXT", buf), L80 "\r\n");
	assert_string_equal(text_of(r, STAGE(L80) "/US/7960-tones.xml", buf), "<tones/>");
	for (size_t i = 0; i < sizeof(linked) / sizeof(linked[0]); i++) {
		char name[128], text[128];
		snprintf(name, sizeof(name), STAGE(L80) "/%s", linked[i]);
		snprintf(text, sizeof(text), "../../../%s", linked[i]);
		assert_link(r, name, text);
	}
	for (size_t i = 0; i < sizeof(not_linked) / sizeof(not_linked[0]); i++) {
		char name[128];
		snprintf(name, sizeof(name), STAGE(L80) "/%s", not_linked[i]);
		if (is_there(r, name))
			fail_msg("%s", name);
	}
	assert_string_equal(text_of(r, "XMLDefault.cnf.xml", buf), site_xml); /* and the root is as it was */
}

static void test_keep_callmanager(void **state)
{
	struct root *r = *state;

	put_text(r, "XMLDefault.cnf.xml", site_xml);
	r->plan.keep_callmanager = true;
	assert_int_equal(publish(r, true, NULL), 1);
	assert_holds(r, STAGE(L31) "/XMLDefault.cnf.xml", "<processNodeName>192.0.2.9</processNodeName>");
	assert_holds(r, STAGE(L31) "/XMLDefault.cnf.xml", "<servicesURL>http://192.0.2.9/</servicesURL>");
}

static void test_what_differs_is_told(void **state)
{
	struct root *r = *state;
	struct changes c;

	assert_int_equal(publish(r, true, NULL), 1);
	put_text(r, "dialplan.xml", "<DIALTEMPLATE/>");
	assert_int_equal(publish(r, false, &c), 1);
	assert_int_equal(c.n, 5);
	assert_string_equal(c.line[1], "changed stages/classic-to-sip/" L31 ": dialplan.xml comes");
	assert_int_equal(publish(r, true, NULL), 1);
	drop(r, "dialplan.xml");
	assert_int_equal(publish(r, true, &c), 1);
	assert_string_equal(c.line[1], "changed stages/classic-to-sip/" L31 ": dialplan.xml goes");
	put_text(r, STAGE(L50) "/OS79XX.TXT", "edited by hand");
	ino_t other = inode_of(r, STAGE(L31));
	assert_int_equal(publish(r, true, &c), 1);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.line[0], "changed stages/classic-to-sip/" L50 ": OS79XX.TXT differs");
	assert_int_equal(inode_of(r, STAGE(L31)), other); /* equal ones are left alone */
	assert_int_equal(publish(r, true, NULL), 0);
}

static void test_incomplete_is_not_published(void **state)
{
	struct root *r = *state;
	struct changes c;

	drop(r, "loads/" SIP "/" SIP ".sb2");
	assert_int_equal(publish(r, true, &c), 1);
	assert_int_equal(c.n, 4);
	assert_false(is_there(r, STAGE(SIP)));
	put_loads(r);
	assert_int_equal(publish(r, true, NULL), 1);
	assert_true(is_there(r, STAGE(SIP)));
	drop(r, "loads/" SIP "/" SIP ".sb2");
	ino_t before = inode_of(r, STAGE(SIP));
	publish(r, true, NULL);
	assert_int_equal(inode_of(r, STAGE(SIP)), before); /* a good one stays */
}

static void test_malformed_site_xml(void **state)
{
	struct root *r = *state;
	struct err e = { 0 };

	assert_int_equal(publish(r, true, NULL), 1);
	ino_t before = inode_of(r, STAGE(L31));
	put_text(r, "XMLDefault.cnf.xml",
		 "<Default>\n<member priority=\xe2\x80\x9d"
		 "0\xe2\x80\xb3/>\n</Default>\n");
	assert_int_equal(stagedir_publish(r->dir, &r->cfg, &r->plan, true, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	if (!strstr(e.text, "/XMLDefault.cnf.xml:2:18: a typographic quote U+201D"))
		fail_msg("%s", e.text);
	assert_int_equal(inode_of(r, STAGE(L31)), before);
}

static void test_load_that_left(void **state)
{
	struct root *r = *state;
	struct changes c;
	struct view v;
	struct err e = { 0 };
	const struct mac mac = { { 0, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct standing on = { .kind = VIEW_STAGE, .plan = "classic-to-sip", .load = { SIP } };

	assert_int_equal(publish(r, true, NULL), 1);
	put_text(r, STAGE("notes.txt") "/x", "the operator's");
	put_text(r, STAGE(".loadstep-abcdef") "/x", "of a publish that was cut off");
	assert_int_equal(view_init(&v, r->dir, &e), 0);
	assert_int_equal(view_phone_set(&v, &mac, &on, &e), 0);
	r->plan.n_stages = 2; /* L80 and SIP leave the plan; a phone stands on SIP */
	assert_int_equal(publish(r, true, &c), 1);
	assert_false(is_there(r, STAGE(L80)));
	assert_true(is_there(r, STAGE(SIP)));
	assert_true(is_there(r, STAGE("waiting")));
	assert_false(is_there(r, STAGE(".loadstep-abcdef")));
	on.kind = VIEW_PLAIN;
	assert_int_equal(view_phone_set(&v, &mac, &on, &e), 0);
	assert_int_equal(publish(r, true, &c), 1);
	assert_string_equal(c.line[c.n - 1], "gone stages/classic-to-sip/" SIP ": its load left the plan");
	assert_false(is_there(r, STAGE(SIP)));
	assert_true(is_there(r, "loads/" SIP "/" SIP ".sb2"));
}

/* A reader opens a stage's file all the time while the stage is published anew and anew: it always finds it.
 */
#define ROUNDS 60

static void test_publish_under_a_reader(void **state)
{
	struct root *r = *state;
	char path[512], stop[512], text[32], name[32];
	int status;

	assert_int_equal(publish(r, true, NULL), 1);
	snprintf(path, sizeof(path), "%s/%s/OS79XX.TXT", r->dir, STAGE(L31));
	snprintf(stop, sizeof(stop), "%s/stop", r->dir);
	pid_t pid = fork();
	if (pid == 0) {
		while (access(stop, F_OK) < 0) {
			int fd = open(path, O_RDONLY);
			if (fd < 0)
				_exit(1);
			close(fd);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(text, sizeof(text), "<x n=\"%d\"/>", i);
		snprintf(name, sizeof(name), "extra%d.xml", i % 2);
		put_text(r, name, text);
		snprintf(name, sizeof(name), "extra%d.xml", (i + 1) % 2);
		drop(r, name);
		assert_int_equal(publish(r, true, NULL), 1);
	}
	put_text(r, "stop", "");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_image_version(void **state)
{
	static const struct {
		const char *line;
		const char *value; /* NULL: another line */
	} cases[] = {
		{ "image_version: P0S3-8-12-00", SIP },
		{ "image_version:P0S3-8-12-00\r", SIP },
		{ " \timage_version : \"P0S3-8-12-00\" ; the newest", SIP },
		{ "image_version: P0S3-8-12-00 # newest", SIP },
		{ "image_version:", "" },
		{ "image_version: \"\"", "" },
		{ "image_version P0S3-8-12-00", NULL },
		{ "#image_version: P0S3-8-12-00", NULL },
		{ "image_versions: P0S3-8-12-00", NULL },
		{ "image_versio", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char value[64] = "untouched";
		int rc = stagedir_image_version(cases[i].line, strlen(cases[i].line), value, sizeof(value));
		if (rc != (cases[i].value ? 0 : 1) ||
		    strcmp(value, cases[i].value ? cases[i].value : "untouched") != 0)
			fail_msg("\"%s\": %d \"%s\"", cases[i].line, rc, value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image_version),
		WITH_ROOT(test_publish_new),
		WITH_ROOT(test_sizes_differ),
		WITH_ROOT(test_site_files),
		WITH_ROOT(test_keep_callmanager),
		WITH_ROOT(test_what_differs_is_told),
		WITH_ROOT(test_incomplete_is_not_published),
		WITH_ROOT(test_malformed_site_xml),
		WITH_ROOT(test_load_that_left),
		WITH_ROOT(test_publish_under_a_reader),
	};

	return cmocka_run_group_tests_name("stagedir", tests, NULL, NULL);
}
