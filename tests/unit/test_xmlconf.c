/* SPDX-License-Identifier: MPL-2.0 */
/* XMLDefault and SEP files: what is kept, what is set, and how a fault is told to the person who made it. */
#include "xmlconf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

static void free_xml(struct xmlconf **x)
{
	xmlconf_free(*x);
}

static struct xmlconf *must_parse(const char *text)
{
	struct xmlconf *x = NULL;
	struct err e = { 0 };

	if (xmlconf_parse("X", text, strlen(text), false, &x, &e) < 0)
		fail_msg("%s", e.text);
	return x;
}

static void assert_formats(const struct xmlconf *x, const char *expected)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(XMLCONF_BYTES_MAX);
	struct err e = { 0 };

	if (xmlconf_format(x, 0, &sb, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(strbuf_text(&sb), expected);
}

static void test_comes_back_as_written(void **state)
{
	static const char *const texts[] = {
		"<Default/>\n",
		"<Default>\n  <a></a>\n  <b/>\n  <!-- kept --><c x=\"1\" y='2'></c>\n</Default>\n",
		"<?xml version=\"1.0\"?>\n<Default>\n\t<loadInformation7 model=\"M\">A</loadInformation7>\n\t<unknown><deep>text &amp; &lt;more&gt;</deep></unknown>\n</Default>\n",
		"<?xml version='1.0' encoding='ISO-8859-1'?>\n<Default><a>gr\xfc\xdf</a></Default>\n",
		"<Default><a>gr\xc3\xbc\xc3\x9f \xe2\x80\x9cquoted\xe2\x80\x9d</a></Default>\n",
		"<!-- before -->\n<Default>\n</Default>\n<!-- behind -->\n",
		"<!DOCTYPE Default>\n<Default/>\n",
		"<?xml-stylesheet href='encoding=\"none\"'?>\n<Default/>\n", /* is no declaration */
		"<Default><a><![CDATA[<x>]]></a></Default>\n",
		"\xef\xbb\xbf<Default/>\n",
		"<Default>\r\n\t<a  b = 'c' ></a >\r\n\n<d />&#252;&quot;</Default>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CLEANUP(free_xml) struct xmlconf *x = must_parse(texts[i]);
		assert_formats(x, texts[i]);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *name, *text;
		bool sep;
		const char *says;
	} cases[] = {
		{ "U+201D opens",
		  "<Default>\n <member priority=\xe2\x80\x9d"
		  "0\xe2\x80\xb3>\n</member></Default>",
		  false, "X:2:19: a typographic quote U+201D where a plain \" must stand" },
		{ "U+2033 closes", "<Default>\n<m priority=\"0\xe2\x80\xb3>\n</m></Default>", false,
		  "X:2:15: a typographic quote U+2033 where a plain \" must stand" },
		{ "U+201C",
		  "<Default><m p=\xe2\x80\x9c"
		  "0\xe2\x80\x9d/></Default>",
		  false, "X:1:15: a typographic quote U+201C" },
		{ "U+2018",
		  "<Default><m p=\xe2\x80\x98"
		  "0\xe2\x80\x99/></Default>",
		  false, "X:1:15: a typographic quote U+2018 where a plain ' must stand" },
		{ "U+2019 closes", "<Default><m p='0\xe2\x80\x99/></Default>", false,
		  "X:1:17: a typographic quote U+2019" },
		{ "U+2032",
		  "<Default><m p=\xe2\x80\xb2"
		  "0'/></Default>",
		  false, "X:1:15: a typographic quote U+2032" },
		{ "quotes in the text are no fault", "<Default><a>\xe2\x80\x9cx\xe2\x80\x9d</b></Default>",
		  false, "X:1:20: at '<': Opening and ending tag mismatch" },
		{ "quotes in a comment neither", "<Default><!-- <x y=\xe2\x80\x9d --><a></Default>", false,
		  "Opening and ending tag mismatch" },
		{ "Windows-1252 quote",
		  "<Default><m p=\x94"
		  "0\x94/></Default>",
		  false,
		  "X:1:15: a typographic quote (byte 0x94 of Windows-1252) where a plain \" must stand" },
		{ "Latin-1 undeclared", "<Default>\n<a>gr\xfc\xdf</a></Default>", false,
		  "X:2:6: byte 0xFC is not UTF-8" },
		{ "cut short", "<Default>\n<a>", false, "X:2:4: at the end of the file" },
		{ "a bare ampersand", "<Default>\n<a>you & me</a></Default>", false, "X:2:9: at U+0020" },
		{ "no attribute quotes", "<Default><a b=1/></Default>", false, "X:1:15: at '1'" },
		{ "another root", "<!-- x -->\n<device/>", false,
		  "X:2: the root element is <device>, <Default> is expected" },
		{ "another root of a SEP file", "<Default/>", true,
		  "the root element is <Default>, <device> is expected" },
		{ "no XML", "P00308000900", false, "X:1:1: at 'P'" },
		{ "empty", "", false, "X:1:1: the file is empty" },
		{ "UTF-16", "\xff\xfe<", false, "UTF-16" },
		{ "an encoding that is not ASCII's", "<?xml version='1.0' encoding='ISO-2022-JP'?><Default/>",
		  false, "X:1:1: encoding ISO-2022-JP: save the file as UTF-8" },
		{ "an entity", "<!DOCTYPE Default [\n<!ENTITY a \"b\">]><Default>&a;</Default>", false,
		  "X:2:15: declares an entity" },
		{ "an entity from a file",
		  "<!DOCTYPE Default [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Default>&a;</Default>",
		  false, "declares an entity" },
		{ "an unknown entity", "<Default>&nbsp;</Default>", false, "Entity 'nbsp' not defined" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xmlconf *x = NULL;
		struct err e = { 0 };
		int r = xmlconf_parse("X", cases[i].text, strlen(cases[i].text), cases[i].sep, &x, &e);
		if (r != -1 || x || e.code != ERR_INPUT || !strstr(e.text, cases[i].says) ||
		    strchr(e.text, '\n'))
			fail_msg("%s: %d \"%s\"", cases[i].name, r, e.text);
	}
}

static void test_too_large(void **state)
{
	char *text = malloc(XMLCONF_BYTES_MAX + 1);
	struct xmlconf *x = NULL;
	struct err e = { 0 };

	(void)state;
	memset(text, ' ', XMLCONF_BYTES_MAX + 1);
	assert_int_equal(xmlconf_parse("X", text, XMLCONF_BYTES_MAX + 1, false, &x, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	free(text);
}

static void test_set_loads(void **state)
{
	static const struct xmlconf_load both[] = { { 8, "IP Phone 7940", "L" },
						    { 7, "IP Phone 7960", "L" } };
	static const struct xmlconf_load bare[] = { { 0, "", "L" }, { 7, "IP Phone 7960", "" } };
	static const struct {
		const char *name, *in;
		const struct xmlconf_load *loads;
		size_t n;
		bool remove_bare;
		const char *out;
	} cases[] = {
		{ "in place, attributes kept",
		  "<Default>\n <loadInformation7 model=\"Mine\" x=\"y\">OLD</loadInformation7>\n <b/>\n"
		  " <loadInformation8>OLD</loadInformation8>\n</Default>\n",
		  both, 2, false,
		  "<Default>\n <loadInformation7 model=\"Mine\" x=\"y\">L</loadInformation7>\n <b/>\n"
		  " <loadInformation8>L</loadInformation8>\n</Default>\n" },
		{ "added behind the last, others stay",
		  "<Default>\n  <loadInformation115 model=\"IP Phone 7941\">J</loadInformation115>\n  <z/>\n</Default>\n",
		  both, 2, false,
		  "<Default>\n  <loadInformation115 model=\"IP Phone 7941\">J</loadInformation115>\n"
		  "  <loadInformation8 model=\"IP Phone 7940\">L</loadInformation8>\n"
		  "  <loadInformation7 model=\"IP Phone 7960\">L</loadInformation7>\n  <z/>\n</Default>\n" },
		{ "added behind the group", "<Default>\n <callManagerGroup/>\n <servicesURL/>\n</Default>\n",
		  both, 1, false,
		  "<Default>\n <callManagerGroup/>\n <loadInformation8 model=\"IP Phone 7940\">L</loadInformation8>\n"
		  " <servicesURL/>\n</Default>\n" },
		{ "into nothing", "<Default/>\n", both, 1, false,
		  "<Default><loadInformation8 model=\"IP Phone 7940\">L</loadInformation8></Default>\n" },
		{ "the bare one, and an empty one",
		  "<Default>\n <loadInformation>OLD</loadInformation>\n <loadInformation7>OLD</loadInformation7>\n</Default>\n",
		  bare, 2, true,
		  "<Default>\n <loadInformation>L</loadInformation>\n <loadInformation7></loadInformation7>\n</Default>\n" },
		{ "the bare one removed",
		  "<Default>\n <loadInformation>OLD</loadInformation>\n <loadInformation8>OLD</loadInformation8>\n</Default>\n",
		  both, 1, true, "<Default>\n <loadInformation8>L</loadInformation8>\n</Default>\n" },
		{ "repeated ones alike",
		  "<Default>\n <loadInformation8>A</loadInformation8>\n <loadInformation8>B</loadInformation8>\n</Default>\n",
		  both, 1, false,
		  "<Default>\n <loadInformation8>L</loadInformation8>\n <loadInformation8>L</loadInformation8>\n</Default>\n" },
		{ "into an empty element, blanks and all",
		  "<Default>\r\n\t<loadInformation8 model='a/b' />\r\n\t<loadInformation7></loadInformation7 ></Default>",
		  both, 2, false,
		  "<Default>\r\n\t<loadInformation8 model='a/b'>L</loadInformation8>\r\n\t"
		  "<loadInformation7>L</loadInformation7 ></Default>" },
		{ "what is in a comment or in CDATA is none",
		  "<Default><!-- <loadInformation8>A</loadInformation8> --><a><![CDATA[</a><loadInformation8>]]></a>"
		  "<loadInformation8><!-- <x> -->A</loadInformation8></Default>",
		  both, 1, true,
		  "<Default><!-- <loadInformation8>A</loadInformation8> --><a><![CDATA[</a><loadInformation8>]]></a>"
		  "<loadInformation8>L</loadInformation8></Default>" },
		{ "no load element by its looks",
		  "<Default>\n <loadInformation8x>A</loadInformation8x><loadInformation8>A</loadInformation8>\n"
		  " <in><loadInformation8>A</loadInformation8></in></Default>\n",
		  both, 1, true,
		  "<Default>\n <loadInformation8x>A</loadInformation8x><loadInformation8>L</loadInformation8>\n"
		  " <in><loadInformation8>A</loadInformation8></in></Default>\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(free_xml) struct xmlconf *x = must_parse(cases[i].in);
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4096);
		struct err e = { 0 };
		assert_int_equal(xmlconf_set_loads(x, cases[i].loads, cases[i].n, cases[i].remove_bare, &e),
				 0);
		assert_int_equal(xmlconf_format(x, 0, &sb, &e), 0);
		if (strcmp(strbuf_text(&sb), cases[i].out) != 0)
			fail_msg("%s:\n%s", cases[i].name, strbuf_text(&sb));
	}
}

static void test_get_load(void **state)
{
	CLEANUP(free_xml)
	struct xmlconf *x =
		must_parse("<Default><loadInformation8>\n P0S3-8-12-00 </loadInformation8>"
			   "<loadInformation7/><x><loadInformation>no</loadInformation></x></Default>");
	char load[64];

	(void)state;
	assert_int_equal(xmlconf_get_load(x, 8, load, sizeof(load)), 0);
	assert_string_equal(load, "P0S3-8-12-00");
	assert_int_equal(xmlconf_get_load(x, 7, load, sizeof(load)), 0);
	assert_string_equal(load, "");
	assert_int_equal(xmlconf_get_load(x, 0, load, sizeof(load)), 1);
	assert_int_equal(xmlconf_get_load(x, 404, load, sizeof(load)), 1);
}

static int add_line(void *arg, const struct xmlconf_element *el)
{
	strbuf_addf(arg, "%d %d %s %d \"%s\" \"%s\"\n", el->line, el->depth, el->name, el->load_number,
		    el->model, el->text);
	return strcmp(el->name, "end") == 0 ? 7 : 0;
}

static void test_walk(void **state)
{
	CLEANUP(free_xml)
	struct xmlconf *x =
		must_parse("<Default>\n<!-- c -->\n<loadInformation8 model='M'> A \n</loadInformation8>\n"
			   "<in><loadInformation>B</loadInformation></in><loadInformation/>\n"
			   "<end/><never/></Default>");
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4096);

	(void)state;
	assert_int_equal(xmlconf_walk(x, add_line, &sb), 7);
	assert_string_equal(strbuf_text(&sb), "1 0 Default -1 \"\" \"\"\n"
					      "3 1 loadInformation8 8 \"M\" \"A\"\n"
					      "5 1 in -1 \"\" \"\"\n"
					      "5 2 loadInformation -1 \"\" \"B\"\n"
					      "5 1 loadInformation 0 \"\" \"\"\n"
					      "6 1 end -1 \"\" \"\"\n");
}

static void test_clear_callmanager(void **state)
{
	CLEANUP(free_xml)
	struct xmlconf *x = must_parse(
		"<Default>\n <callManager><ports><p>2000</p></ports>\n  <processNodeName>10.0.0.1</processNodeName>\n"
		" </callManager>\n <servicesURL>http://x</servicesURL>\n <idleURL/>\n <URLs>stay</URLs>\n</Default>\n");
	struct err e = { 0 };

	(void)state;
	assert_int_equal(xmlconf_clear_callmanager(x, &e), 0);
	assert_formats(
		x,
		"<Default>\n <callManager><ports><p>2000</p></ports>\n  <processNodeName></processNodeName>\n"
		" </callManager>\n <servicesURL></servicesURL>\n <idleURL/>\n <URLs>stay</URLs>\n</Default>\n");
}

static void test_remove_loads(void **state)
{
	CLEANUP(free_xml)
	struct xmlconf *x = must_parse("<Default>\n <a/>\n <loadInformation>A</loadInformation>\n"
				       " <loadInformation7>B</loadInformation7>\n</Default>\n");

	(void)state;
	struct err e = { 0 };
	assert_int_equal(xmlconf_remove_loads(x, &e), 0);
	assert_formats(x, "<Default>\n <a/>\n</Default>\n");
}

static void test_pad(void **state)
{
	CLEANUP(free_xml) struct xmlconf *x = must_parse("<?xml version=\"1.0\"?>\n<Default/>\n");
	const size_t own = 33; /* bytes of it as it is */
	static const struct {
		size_t more;
		int returns;
	} cases[] = { { 0, 0 }, { 1, -1 }, { 7, -1 }, { 8, 0 }, { 9, 0 }, { 1000, 0 } };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4096);
		assert_int_equal(xmlconf_format(x, own + cases[i].more, &sb, &e), cases[i].returns);
		if (cases[i].returns < 0)
			continue;
		assert_int_equal(sb.len, own + cases[i].more);
		struct xmlconf *again = NULL; /* and it is well-formed still */
		assert_int_equal(xmlconf_parse("X", sb.p, sb.len, false, &again, &e), 0);
		xmlconf_free(again);
	}
	CLEANUP(strbuf_fini) struct strbuf small = STRBUF_INIT(4096);
	assert_int_equal(xmlconf_format(x, own - 1, &small, &e), -1);
}

static void test_builtin(void **state)
{
	CLEANUP(free_xml) struct xmlconf *x = NULL;
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(4096);
	static const struct xmlconf_load loads[] = { { 7, "IP Phone 7960", "P00303010102" } };
	static const char *const needed[] = {
		"<callManagerGroup>",
		"<members>",
		"<member priority=\"0\">",
		"<callManager>",
		"<ethernetPhonePort>2000</ethernetPhonePort>",
		"<processNodeName></processNodeName>",
		"<servicesURL></servicesURL>",
		"  <loadInformation7 model=\"IP Phone 7960\">P00303010102</loadInformation7>\n"
	};
	struct err e = { 0 };

	(void)state;
	assert_int_equal(xmlconf_builtin(&x, &e), 0);
	assert_int_equal(xmlconf_set_loads(x, loads, 1, true, &e), 0);
	assert_int_equal(xmlconf_format(x, 0, &sb, &e), 0);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!strstr(strbuf_text(&sb), needed[i]))
			fail_msg("%s is not in\n%s", needed[i], strbuf_text(&sb));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back_as_written),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_set_loads),
		cmocka_unit_test(test_get_load),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_clear_callmanager),
		cmocka_unit_test(test_pad),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_remove_loads),
	};

	return cmocka_run_group_tests_name("xmlconf", tests, NULL, NULL);
}
