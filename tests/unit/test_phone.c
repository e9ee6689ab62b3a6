/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The model table, option 60 in every spelling of F§1.1, and what names of TFTP files say of who asks
 * (F§2).
 */
#include "phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A string literal with the NULs in it, without the one the compiler adds. */
#define OPT60(s) (s), sizeof(s) - 1

struct vendor_case {
	const char *bytes;
	size_t len;
	enum vendor_kind kind;
	const char *model;
};

static const struct vendor_case vendor_cases[] = {
	{ OPT60(""), VENDOR_NONE, "" },
	{ OPT60("\0"), VENDOR_NONE, "" },
	{ OPT60("\0\0\0"), VENDOR_NONE, "" },
	/* the base string: no model at all */
	{ OPT60("Cisco Systems, Inc. IP Phone"), VENDOR_BARE, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone\0"), VENDOR_BARE, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone\0\0\0"), VENDOR_BARE, "" },
	{ OPT60("Cisco Systems Inc. IP Phone"), VENDOR_BARE, "" },
	{ OPT60("Cisco System, Inc. IP Phone\0"), VENDOR_BARE, "" },
	{ OPT60("Cisco System Inc. IP Phone\0"), VENDOR_BARE, "" },
	/* models */
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7902G\0"), VENDOR_NAMED, "7902" },
	{ OPT60("Cisco Systems, Inc. IP Phone 7905"), VENDOR_NAMED, "7905" },
	{ OPT60("Cisco IP Phone 7905"), VENDOR_NAMED, "7905" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7906G\0"), VENDOR_NAMED, "7906" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7911G\0"), VENDOR_NAMED, "7911" },
	{ OPT60("Cisco Systems, Inc. IP Phone 7912"), VENDOR_NAMED, "7912" },
	{ OPT60("Cisco Systems, Inc. IP Phone 7920\0"), VENDOR_NAMED, "7920" },
	{ OPT60("Cisco Systems Inc. Wireless Phone 7921"), VENDOR_NAMED, "7921" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7931G\0"), VENDOR_NAMED, "7931" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7935"), VENDOR_NAMED, "7935" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7937G"), VENDOR_NAMED, "7937" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7940\0"), VENDOR_NAMED, "7940" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7940G\0"), VENDOR_NAMED, "7940" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7941G\0"), VENDOR_NAMED, "7941" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7941G-GE\0"), VENDOR_NAMED, "7941G-GE" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7942G\0"), VENDOR_NAMED, "7942" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7945G\0"), VENDOR_NAMED, "7945" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7960"), VENDOR_NAMED, "7960" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7960G\0"), VENDOR_NAMED, "7960" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7961G\0"), VENDOR_NAMED, "7961" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7961G-GE\0"), VENDOR_NAMED, "7961G-GE" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7962G\0"), VENDOR_NAMED, "7962" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7965G\0"), VENDOR_NAMED, "7965" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7970G\0"), VENDOR_NAMED, "7970" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7971G-GE\0"), VENDOR_NAMED, "7971" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7975G\0"), VENDOR_NAMED, "7975" },
	/* Cisco's, and not ours */
	{ OPT60("Cisco Systems, Inc."), VENDOR_OTHER, "" },
	{ OPT60("Cisco"), VENDOR_OTHER, "" },
	{ OPT60("Cisco IP Phone"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-6901\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7841\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-8841\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-8841-3PCC\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7960-3PCC\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco System, Inc. IP Phone CP-8945"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-8961\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-9951\0"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. Wireless Phone"), VENDOR_OTHER, "" },
	{ OPT60("CISCO ATA190"), VENDOR_OTHER, "" },
	{ OPT60("CISCO ATA191-MPP"), VENDOR_OTHER, "" },
	{ OPT60("ATA186-H6.0|V3.2.0|B041111A"), VENDOR_OTHER, "" },
	/* nearly, and strangers */
	{ OPT60("Cisco Systems, Inc. IP Phone "), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone  CP-7960G"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP PhoneCP-7960G"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7960GG"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-796"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-79600"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone CP-7999"), VENDOR_OTHER, "" },
	{ OPT60("Cisco Systems, Inc. IP Phone\0CP-7960G"), VENDOR_OTHER, "" },
	{ OPT60("cisco systems, inc. ip phone"), VENDOR_OTHER, "" },
	{ OPT60(" Cisco Systems, Inc. IP Phone"), VENDOR_OTHER, "" },
	{ OPT60("MSFT 5.0"), VENDOR_OTHER, "" },
	{ OPT60("\xff\xfe\x80"), VENDOR_OTHER, "" },
};

static void test_vendor(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vendor_cases) / sizeof(vendor_cases[0]); i++) {
		const struct vendor_case *c = &vendor_cases[i];
		struct vendor v;
		memset(&v, 0x55, sizeof(v));
		vendor_parse(c->bytes, c->len, &v);
		if (v.kind != c->kind || strcmp(v.model, c->model) != 0)
			fail_msg("case %zu \"%s\": kind %d model \"%s\"", i, c->bytes, (int)v.kind, v.model);
	}
}

/* A phone, and none that is known: not those that are known to be of another make (F§1.7-5). */
static void test_vendor_is_unknown(void **state)
{
	static const struct {
		const char *class;
		bool by_class, by_name;
	} cases[] = {
		{ "Cisco Systems, Inc. IP Phone CP-7999G", true, true },
		{ "Cisco IP Phone 7961 Special", true, true },
		{ "Cisco Systems, Inc. IP Phone 79", true, true },
		{ "Cisco Systems, Inc. IP Phone CP-8841", false, false },
		{ "Cisco Systems, Inc. IP Phone CP-7841", false, false },
		{ "Cisco Systems, Inc. IP Phone CP-7832-3PCC", false, false },
		{ "Cisco System, Inc. IP Phone CP-8945", false, false },
		{ "Cisco Systems, Inc. IP Phone CP-7960G", false, false },
		{ "Cisco Systems, Inc. IP Phone", false, false },
		{ "Cisco Systems, Inc.", false, true },
		{ "MSFT 5.0", false, true },
		{ "ATA186-H6.0|V3.2.0|B041111A", false, false },
		{ "Cisco", false, true },
		{ "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].class);
		struct vendor v;

		vendor_parse(cases[i].class, len, &v);
		if (vendor_is_unknown(&v, cases[i].class, len, false) != cases[i].by_class ||
		    vendor_is_unknown(&v, cases[i].class, len, true) != cases[i].by_name)
			fail_msg("\"%s\"", cases[i].class);
	}
}

/* Total: every cut of every string has an answer, and no cut of a longer string reads behind its end. */
static void test_vendor_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vendor_cases) / sizeof(vendor_cases[0]); i++) {
		for (size_t n = 0; n <= vendor_cases[i].len; n++) {
			char *exact = test_malloc(n + 1);
			struct vendor v;
			memcpy(exact + 1, vendor_cases[i].bytes, n);
			vendor_parse(exact + 1, n, &v);
			assert_true(v.kind == VENDOR_NAMED ? model_find(v.model) != NULL
							   : v.model[0] == '\0');
			assert_true(v.kind == VENDOR_OTHER || !vendor_is_unknown(&v, exact + 1, n, true));
			test_free(exact);
		}
	}
}

static void test_models(void **state)
{
	(void)state;
	const struct model *m;
	unsigned n = 0;

	for (; (m = model_at(n)); n++) {
		assert_ptr_equal(model_find(m->name), m);
		assert_ptr_equal(model_by_number(m->number), m);
		assert_true(strlen(m->name) <= MODEL_MAX);
		/* a family is one that loads' names tell */
		assert_true(m->family[0] != '\0' || m->generation == GEN_OTHER);
		assert_int_equal(m->generation == GEN_JAVA, m->term_file[0] != '\0');
		if (n > 0)
			assert_true(strcmp(model_at(n - 1)->name, m->name) < 0);
	}
	assert_int_equal(n, 29);
	/* F§5.2 */
	assert_int_equal(model_find("7960")->number, 7);
	assert_int_equal(model_find("7940")->number, 8);
	assert_int_equal(model_find("7961")->number, 30018);
	assert_null(model_find("7960G"));
	assert_null(model_by_number(5));
}

static void test_model_parse(void **state)
{
	static const struct {
		const char *text;
		const char *name; /* NULL: none */
	} cases[] = {
		{ "7960", "7960" },	   { "7960G", "7960" },
		{ "CP-7960G", "7960" },	   { "7941G-GE", "7941G-GE" },
		{ "7941-GE", "7941G-GE" }, { "CP-7971G-GE", "7971" },
		{ "7941G", "7941" },	   { "", NULL },
		{ "CP-", NULL },	   { "G", NULL },
		{ "79600", NULL },	   { "8841", NULL },
		{ "7960g", NULL },	   { "cp-7960", NULL },
		{ "-GE", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct model *m = model_parse(cases[i].text, strlen(cases[i].text));
		if (!cases[i].name)
			assert_null(m);
		else
			assert_string_equal(m ? m->name : "none", cases[i].name);
	}
}

static const struct {
	const char *file;
	enum generation generation;
	const char *mac; /* "" = none */
	bool phone_file;
} identities[] = {
	{ "SEP001B0C18BDC1.cnf.xml", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "SEP001B0C18BDC1.cnf", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "SEP001B0C18BDC1.cnf.xml.sgn", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "SEP001B0C18BDC1.cnf.xml.enc.sgn", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "CTLSEP001B0C18BDC1.tlv", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "ITLSEP001B0C18BDC1.tlv", GEN_JAVA, "00:1b:0c:18:bd:c1", true },
	{ "SIP001B0C18BDC1.cnf", GEN_CLASSIC, "00:1b:0c:18:bd:c1", true },
	{ "./SIP001B0C18BDC1.cnf", GEN_CLASSIC, "00:1b:0c:18:bd:c1", true },
	{ "MGC001B0C18BDC1.cnf", GEN_CLASSIC, "00:1b:0c:18:bd:c1", true },
	{ "/srv/tftp/192.168.1.20/SEP001B0C18BDC1.cnf.xml", GEN_UNKNOWN, "00:1b:0c:18:bd:c1", true },
	{ "OS79XX.TXT", GEN_CLASSIC, "", true },
	{ "XMLDefault.cnf.xml", GEN_UNKNOWN, "", true },
	{ "SEPDefault.cnf", GEN_UNKNOWN, "", true },
	{ "SEPDEFAULT.cnf", GEN_UNKNOWN, "", true },
	{ "SIPDefault.cnf", GEN_CLASSIC, "", true },
	{ "P00308000900.loads", GEN_CLASSIC, "", true },
	{ "P00303010102.bin", GEN_CLASSIC, "", true },
	{ "P00305000500.sbn", GEN_CLASSIC, "", true },
	{ "P0S3-8-12-00.sb2", GEN_CLASSIC, "", true },
	{ "P003-8-12-00.sbn", GEN_CLASSIC, "", true },
	{ "P0M3-7-0-00.loads", GEN_CLASSIC, "", true },
	{ "P00405000700.sbn", GEN_OTHER, "", true },
	{ "ldragonr.zup", GEN_OTHER, "", true },
	{ "term41.default.loads", GEN_JAVA, "", true },
	{ "TERM70.DEFAULT.loads", GEN_JAVA, "", true },
	{ "SCCP41.8-5-4S.loads", GEN_JAVA, "", true },
	{ "SIP70.9-2-1S.loads", GEN_JAVA, "", true },
	/* said by anybody, or nothing of ours */
	{ "RINGLIST.DAT", GEN_UNKNOWN, "", false },
	{ "dialplan.xml", GEN_UNKNOWN, "", false },
	{ "US/7960-tones.xml", GEN_UNKNOWN, "", false },
	{ "/7960-font.xml", GEN_UNKNOWN, "", false },
	{ "pxelinux.0", GEN_UNKNOWN, "", false },
	{ "", GEN_UNKNOWN, "", false },
	{ "/", GEN_UNKNOWN, "", false },
	{ "xmldefault.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEP001b0c18bdc1.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEP001B0C18BDC.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEP001B0C18BDC12.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEP001B0C18BDC1.cnf.xml.txt", GEN_UNKNOWN, "", false },
	{ "SEP000000000000.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEPFFFFFFFFFFFF.cnf.xml", GEN_UNKNOWN, "", false },
	{ "SEP001B0C18BDC1.cnf.xml/other", GEN_UNKNOWN, "", false },
	{ "SEP001B0C18BDG1.cnf.xml", GEN_UNKNOWN, "", false },
	{ "termXX.default.loads", GEN_UNKNOWN, "", false },
	{ "term41.DEFAULT.loads", GEN_UNKNOWN, "", false },
	{ ".loads", GEN_UNKNOWN, "", false },
};

static void test_model_of_label(void **state)
{
	static const struct {
		const char *label;
		const char *name; /* NULL: none */
	} cases[] = {
		{ "IP Phone 7961", "7961" },   { "Cisco 7941", "7941" },
		{ "CP-7941G-GE", "7941G-GE" }, { "Cisco IP Phone 7912", "7912" },
		{ "Cisco 7941/7961", NULL },   { "", NULL },
		{ "IP Phone", NULL },	       { "Cisco 9971", NULL },
		{ "  7960G, 7940G", "7960" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct model *m = model_of_label(cases[i].label);
		if (strcmp(m ? m->name : "-", cases[i].name ? cases[i].name : "-") != 0)
			fail_msg("\"%s\": %s", cases[i].label, m ? m->name : "none");
	}
}

static void test_model_numbers(void **state)
{
	(void)state;
	assert_string_equal(model_number_name(30018), "7961");
	assert_string_equal(model_number_name(5), "30 VIP");
	assert_string_equal(model_number_name(683), "8841");
	assert_null(model_number_name(0));
	assert_null(model_number_name(405));
	for (int number = 0; number < 40000; number++) /* none of them twice */
		if (model_by_number(number))
			assert_string_equal(model_number_name(number), model_by_number(number)->name);
}

static void test_model_takes(void **state)
{
	static const struct {
		const char *model, *load;
		int returns;
	} cases[] = {
		{ "7960", "P00308000900", 0 },	{ "7940", "P0S3-8-12-00", 0 },
		{ "7961", "SIP41.8-5-4S", 0 },	{ "7911", "SCCP11.8-5-3S", 0 },
		{ "7910", "P00405000700", 0 },	{ "7941", "P00308000500", 1 },
		{ "7962", "SIP45.9-2-1S", 1 },	{ "7910", "SCCP11.8-5-3S", 1 },
		{ "7960", "P00405000700", 1 },	{ "7921", "SIP41.8-5-4S", 1 },
		{ "7975", "POs3-08-06-00", 2 }, { "7921", "CP7921G-1.4.6.3", 2 },
		{ "7941", "SCCP40.8-3-1S", 2 }, { "7960", "term75.default", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (model_takes(model_find(cases[i].model), cases[i].load) != cases[i].returns)
			fail_msg("%s, %s", cases[i].model, cases[i].load);
}

static void test_file_identity(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct file_identity id;
		char mac[MAC_TEXT_SIZE] = "";
		memset(&id, 0x55, sizeof(id));
		file_identity(identities[i].file, &id);
		if (id.mac_known)
			mac_format(mac, &id.mac);
		if (id.generation != identities[i].generation || strcmp(mac, identities[i].mac) != 0 ||
		    id.phone_file != identities[i].phone_file)
			fail_msg("\"%s\": %s, mac \"%s\", %s file", identities[i].file,
				 generation_name(id.generation), mac, id.phone_file ? "phone" : "any");
	}
}

static void test_phone_init(void **state)
{
	static const struct mac mac = { { 0, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };
	struct phone p;

	(void)state;
	memset(&p, 0x55, sizeof(p));
	phone_init(&p, &mac);
	assert_true(p.mac_known && mac_equal(&p.mac, &mac));
	assert_int_equal(p.phase, PHASE_SEEN);
	assert_int_equal(p.flags, 0);
	assert_int_equal(p.stage_no, 0);
	assert_string_equal(p.model, "");
	phone_init(&p, NULL);
	assert_false(p.mac_known);
}

static void test_phone_on_way(void **state)
{
	struct phone p;

	(void)state;
	phone_init(&p, NULL);
	for (int ph = 0; ph < PHASE_COUNT; ph++) {
		bool way = ph != PHASE_SEEN && ph != PHASE_WAITING && ph != PHASE_DONE;
		p.phase = (enum phase)ph;
		p.flags = 0;
		assert_false(phone_on_way(&p));
		p.flags = PHONE_STARTED;
		assert_int_equal(phone_on_way(&p), way);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vendor_is_unknown),
		cmocka_unit_test(test_vendor),	       cmocka_unit_test(test_vendor_cuts),
		cmocka_unit_test(test_models),	       cmocka_unit_test(test_model_parse),
		cmocka_unit_test(test_model_of_label), cmocka_unit_test(test_model_numbers),
		cmocka_unit_test(test_model_takes),    cmocka_unit_test(test_file_identity),
		cmocka_unit_test(test_phone_init),     cmocka_unit_test(test_phone_on_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
