/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The signed header byte by byte (F§3.3), manifests of both dialects (F§3.4, F§3.5), and what is cut short
 * anywhere. A manifest that was truncated must never pass for a whole one.
 */
#include "loadset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the signed header */

/* P0S3-8-12-00.loads as it is on disk (F§3.3): 458 bytes, of which the header is 404. */
#define BODY_OFF 0x194
#define FILE_BYTES 458

struct image {
	unsigned char b[FILE_BYTES + 64];
	size_t len;
};

static void put(struct image *im, const void *p, size_t len)
{
	assert_true(im->len + len <= sizeof(im->b));
	memcpy(im->b + im->len, p, len);
	im->len += len;
}

#define PUT(im, s) put((im), (s), sizeof(s) - 1)

static const char body_sip[] = "P003-8-12-00.sbn\n" /* loader */
			       "P0S3-8-12-00.sb2\n" /* application */
			       "LA_VERSION=PAS30830\n"; /* loader identity */

/* `name`: "…\0" with `pads` times 0x0D behind it. */
static void build_named(struct image *im, const char *name, size_t name_len, unsigned pads, const char *body)
{
	unsigned char hl[2];
	unsigned char nl[2] = { 0, (unsigned char)name_len };
	size_t total = 0x180 + name_len + pads;

	memset(im, 0, sizeof(*im));
	PUT(im, "\x01\x00\x02\x01\x01"); /* 0x000 header version 1.1 */
	hl[0] = (unsigned char)(total >> 8);
	hl[1] = (unsigned char)total;
	PUT(im, "\x02\x00\x02"); /* 0x005 total header length */
	put(im, hl, 2);
	PUT(im, "\x03\x00\x5b"); /* 0x00A signer info, a container of 91 bytes: */
	PUT(im, "\x04\x00\x27" /* 0x00D   signer name */
		"CN=someSigner;OU=someOrgUnit;O=someOrg\0");
	PUT(im, "\x05\x00\x08" /* 0x037   serial */
		"\x12\x34\x56\x78\x90\xab\xcd\xef");
	PUT(im, "\x06\x00\x23" /* 0x042   issuer */
		"CN=someCA;OU=someOrgUnit;O=someOrg\0");
	assert_int_equal(im->len, 0x68);
	PUT(im, "\x07\x00\x0f" /* 0x068 signature info, a container: */
		"\x08\x00\x01\x01" /* 0x06B   digest 1: SHA-1 */
		"\x09\x00\x08" /* 0x06F   algorithm */
		"\x0a\x00\x01\x00\x0b\x00\x01\x02"); /*    0, modulus code 2: 2048 bits */
	assert_int_equal(im->len, 0x7a);
	PUT(im,
	    "\x0c\x01\x00"); /* 0x07A RSA signature, 256 bytes (here: what would confuse a careless reader) */
	for (unsigned i = 0; i < 256; i++)
		put(im, (const unsigned char[]){ "\x0d\x0e\x01\x00"[i % 4] }, 1);
	assert_int_equal(im->len, 0x17d);
	PUT(im, "\x0e"); /* 0x17D original file name */
	put(im, nl, 2);
	put(im, name, name_len);
	for (unsigned i = 0; i < pads; i++)
		PUT(im, "\x0d"); /* pad to a multiple of four: one byte, no length */
	assert_int_equal(im->len, total);
	put(im, body, strlen(body));
}

static void build_sip(struct image *im)
{
	static const char name[] = "P0S3-8-12-00.loads";

	build_named(im, name, sizeof(name), 1, body_sip);
	assert_int_equal(im->len, FILE_BYTES);
	assert_int_equal(im->b[0x193], 0x0d);
}

static void test_header(void **state)
{
	struct image im;
	struct signed_header h;
	struct err e;

	(void)state;
	build_sip(&im);
	assert_int_equal(signed_header_parse(im.b, im.len, &h, &e), 0);
	assert_int_equal(h.body_off, BODY_OFF);
	assert_string_equal(h.name, "P0S3-8-12-00.loads");
	assert_false(h.length_odd);
	/* SCCP names have other lengths and pads: 404, 408, 412, 416 (F§3.3) */
	static const char sccp[] = "SCCP41.8-5-4S.loads";
	build_named(&im, sccp, sizeof(sccp), 0, body_sip);
	assert_int_equal(signed_header_parse(im.b, im.len, &h, &e), 0);
	assert_int_equal(h.body_off, 404);
	assert_false(h.length_odd);
	build_named(&im, sccp, sizeof(sccp), 4, body_sip);
	assert_int_equal(signed_header_parse(im.b, im.len, &h, &e), 0);
	assert_true(h.length_odd);
}

/* Every cut: within the header it is broken, and nothing behind the cut is read (the bytes end there). */
static void test_header_cuts(void **state)
{
	struct image im;

	(void)state;
	build_sip(&im);
	for (size_t n = 0; n <= im.len; n++) {
		unsigned char *exact = test_malloc(n + 1);
		struct signed_header h = { .name = "untouched" };
		struct err e = { ERR_NONE, "" };
		memcpy(exact + 1, im.b, n);
		int rc = signed_header_parse(exact + 1, n, &h, &e);
		assert_int_equal(rc, n == 0 ? 1 : n < BODY_OFF ? -1 : 0);
		if (rc < 0)
			assert_true(e.code == ERR_INPUT && strstr(e.text, "signed header: "));
		if (rc != 0)
			assert_string_equal(h.name, "untouched");
		test_free(exact);
	}
}

static const struct {
	const char *what;
	size_t off;
	const char *bytes;
	size_t len;
	int rc;
} damages[] = {
	{ "no header at all", 0, "P00", 3, 1 },
	{ "version of another length", 0, "\x01\x00\x03", 3, 1 },
	{ "length of another length", 5, "\x02\x00\x03", 3, -1 },
	{ "another tag for the length", 5, "\x03\x00\x02", 3, -1 },
	{ "header of 0 bytes", 8, "\x00\x00", 2, -1 },
	{ "header of 63 bytes", 8, "\x00\x3f", 2, -1 },
	{ "header of 403 bytes: the pad is outside, as text", 8, "\x01\x93", 2, 0 },
	{ "header of 402 bytes: ends within the name", 8, "\x01\x92", 2, -1 },
	{ "header larger than the file", 8, "\xff\xff", 2, -1 },
	{ "container longer than the header", 10, "\x03\xff\xff", 3, -1 },
	{ "signature longer than the header", 0x7a, "\x0c\x01\xff", 3, -1 },
	{ "name longer than the header", 0x17d, "\x0e\x00\x15", 3, -1 },
	{ "name with a slash", 0x180, "P0S3/8", 6, -1 },
	{ "name with a NUL in it", 0x182, "\0", 1, -1 },
	{ "empty name", 0x180, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18, -1 },
	{ "no name: an unknown tag in its place", 0x17d, "\x33", 1, 0 },
	{ "pads in front: what the container held stands alone", 10, "\x0d\x0d\x0d", 3, 0 },
};

static void test_header_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct image im;
		struct signed_header h;
		struct err e = { ERR_NONE, "" };
		build_sip(&im);
		memcpy(im.b + damages[i].off, damages[i].bytes, damages[i].len);
		int rc = signed_header_parse(im.b, im.len, &h, &e);
		if (rc != damages[i].rc)
			fail_msg("%s: %d (%s)", damages[i].what, rc, e.text);
	}
}

/* No single wrong byte may crash, and whatever it answers stays within the file. */
static void test_header_any_byte(void **state)
{
	(void)state;
	for (size_t off = 0; off < BODY_OFF; off++) {
		for (unsigned v = 0; v < 256; v++) {
			struct image im;
			struct signed_header h;
			build_sip(&im);
			im.b[off] = (unsigned char)v;
			if (signed_header_parse(im.b, im.len, &h, NULL) == 0) {
				assert_true(h.body_off >= 64 && h.body_off <= im.len);
				assert_true(strlen(h.name) <= LOAD_FILE_MAX);
			}
		}
	}
}

/* ---- manifests */

static const char body_java[] = "#\r\n"
				"# This file contains a list of image files\r\n"
				"# RELEASE load version 9-4-2ES26\r\n"
				"#\r\n"
				"#HARDWARE_COMP_1 5\r\n"
				"\r\n"
				"jar42sip.9-4-2ES26.sbn\r\n"
				"cnu42.9-4-2ES26.sbn\r\n"
				"apps42.9-4-2ES26.sbn\r\n"
				"dsp42.9-4-2ES26.sbn \r\n"
				"cvm42sip.9-4-2ES26.sbn \r\n";

static const struct {
	const char *what;
	const char *body;
	enum load_kind kind; /* UNKNOWN: refused */
	const char *loader, *app, *la;
	unsigned n_members;
	const char *text; /* of the refusal, or the last member */
} manifests[] = {
	{ "SIP, LF", body_sip, LOAD_TWO_PART, "P003-8-12-00.sbn", "P0S3-8-12-00.sb2", "PAS30830", 0, NULL },
	{ "SCCP, CRLF", "P0030801SR02.sbn\r\nP0030801SR02.sb2\r\nLA_VERSION=PAS30831\r\n", LOAD_TWO_PART,
	  "P0030801SR02.sbn", "P0030801SR02.sb2", "PAS30831", 0, NULL },
	{ "other order, comments, blanks", "# x\n\n  LA_VERSION=A1\n\tL.sb2\n L.sbn  \nOTHER=2\n",
	  LOAD_TWO_PART, "L.sbn", "L.sb2", "A1", 0, NULL },
	{ "a third file", "L.sbn\nL.sb2\nL.bin\nLA_VERSION=A1\n", LOAD_TWO_PART, "L.sbn", "L.sb2", "A1", 1,
	  "L.bin" },
	{ "java", body_java, LOAD_JAVA, "", "", "", 5, "cvm42sip.9-4-2ES26.sbn" },
	{ "java, capitals as in 7.x and 8.2",
	  "Jar41.2-9-2-26.sbn\r\ncnu41.2-7-6-26.sbn\r\nCVM41.2-0-2-26.sbn\r\n", LOAD_JAVA, "", "", "", 3,
	  "CVM41.2-0-2-26.sbn" },
	{ "an optional member", "jar1.sbn\n#+ dsp1.sbn 12 abc\n#- no\n#+\ncnu1.sbn\ncvm1.sbn\n", LOAD_JAVA,
	  "", "", "", 4, "cvm1.sbn" },
	{ "a file twice", "jar1.sbn\njar1.sbn\ncnu1.sbn\ncvm1.sbn\n", LOAD_JAVA, "", "", "", 3, "cvm1.sbn" },
	{ "empty", "", LOAD_KIND_UNKNOWN, "", "", "", 0, "no file is listed" },
	{ "comments only", "# nothing\n", LOAD_KIND_UNKNOWN, "", "", "", 0, "no file is listed" },
	{ "no application", "P003-8-12-00.sbn\nLA_VERSION=PAS30830\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "no application" },
	{ "no loader", "P0S3-8-12-00.sb2\nLA_VERSION=PAS30830\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "no loader" },
	{ "two applications", "A.sb2\nB.sb2\nC.sbn\nLA_VERSION=1\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "both A.sb2 and B.sb2" },
	{ "no LA_VERSION", "P003-8-12-00.sbn\nP0S3-8-12-00.sb2\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "no LA_VERSION" },
	{ "empty LA_VERSION", "a.sbn\nb.sb2\nLA_VERSION=\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "line 3: LA_VERSION" },
	{ "two of them", "a.sbn\nb.sb2\nLA_VERSION=1\nLA_VERSION=2\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "line 4: a second" },
	{ "path", "../P003.sbn\n", LOAD_KIND_UNKNOWN, "", "", "", 0,
	  "line 1: \"../P003.sbn\" is no file name" },
	{ "absolute path", "a.sbn\n/etc/passwd\n", LOAD_KIND_UNKNOWN, "", "", "", 0, "line 2" },
	{ "java without cvm", "jar1.sbn\ncnu1.sbn\napps1.sbn\n", LOAD_KIND_UNKNOWN, "", "", "", 0, "no cvm" },
	{ "locale list", "locale.jar\n", LOAD_KIND_UNKNOWN, "", "", "", 0, "no component" },
	{ "seventeen files", "a1\na2\na3\na4\na5\na6\na7\na8\na9\nb0\nb1\nb2\nb3\nb4\nb5\nb6\nb7\n",
	  LOAD_KIND_UNKNOWN, "", "", "", 0, "line 17: more than 16" },
	{ "binary", "\x80\x81\x82\x83\x84\x85\x86\x87\n", LOAD_KIND_UNKNOWN, "", "", "", 0, "not text" },
};

static void check_manifest(size_t i, const void *bytes, size_t len)
{
	struct loadset ls, before;
	struct err e = { ERR_NONE, "" };

	memset(&ls, 0x55, sizeof(ls));
	before = ls;
	int rc = manifest_parse(bytes, len, &ls, &e);
	if (manifests[i].kind == LOAD_KIND_UNKNOWN) {
		if (rc != -1 || !strstr(e.text, manifests[i].text))
			fail_msg("%s: %d \"%s\"", manifests[i].what, rc, e.text);
		assert_memory_equal(&ls, &before, sizeof(ls));
		return;
	}
	if (rc != 0)
		fail_msg("%s: %s", manifests[i].what, e.text);
	assert_int_equal(ls.kind, manifests[i].kind);
	assert_string_equal(ls.loader, manifests[i].loader);
	assert_string_equal(ls.app, manifests[i].app);
	assert_string_equal(ls.la_version, manifests[i].la);
	assert_int_equal(ls.n_members, manifests[i].n_members);
	if (manifests[i].text)
		assert_string_equal(ls.members[ls.n_members - 1], manifests[i].text);
	assert_memory_equal(&ls.load, &before.load, sizeof(ls.load));
}

static void test_manifest(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(manifests); i++) {
		static const char name[] = "P0S3-8-12-00.loads";
		struct image im;
		check_manifest(i, manifests[i].body, strlen(manifests[i].body));
		if (strlen(manifests[i].body) > 100)
			continue;
		build_named(&im, name, sizeof(name), 1, manifests[i].body);
		check_manifest(i, im.b, im.len);
	}
}

/* "#+": bit by bit; what is listed without it as well must be there. In a classic list the bits follow what stays a
 * member. */
static void test_manifest_optional(void **state)
{
	static const struct {
		const char *body;
		uint32_t optional;
		unsigned n_members;
	} cases[] = {
		{ "jar1.sbn\n#+ dsp1.sbn 12 abc\ncnu1.sbn\n#+\tapps1.sbn\n#+ lic1.sbn\ncvm1.sbn\n", 1u << 1 | 1u << 3, 5 },
		{ "jar1.sbn\n#+ dsp1.sbn\ncnu1.sbn\ndsp1.sbn\ncvm1.sbn\n", 0, 4 },
		{ "jar1.sbn\ncnu1.sbn\ncvm1.sbn\n#+ cvm1.sbn\n", 0, 3 },
		{ "#+ x.bin\nL.sbn\ny.bin\nL.sb2\n#+ z.bin\nLA_VERSION=A1\n", 1u << 0 | 1u << 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct loadset ls = { .n_members = 0 };
		struct err e = { ERR_NONE, "" };

		if (manifest_parse(cases[i].body, strlen(cases[i].body), &ls, &e) != 0)
			fail_msg("%zu: %s", i, e.text);
		assert_int_equal(ls.n_members, cases[i].n_members);
		assert_int_equal(ls.optional, cases[i].optional);
	}
}

static void test_manifest_bytes(void **state)
{
	struct loadset ls;
	struct err e;
	char *large = test_calloc(1, MANIFEST_BYTES_MAX + 1);

	(void)state;
	assert_int_equal(manifest_parse("a.sbn\0\n", 7, &ls, &e), -1);
	assert_non_null(strstr(e.text, "NUL byte at offset 5"));
	memset(large, '#', MANIFEST_BYTES_MAX + 1);
	assert_int_equal(manifest_parse(large, MANIFEST_BYTES_MAX + 1, &ls, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(manifest_parse(large, MANIFEST_BYTES_MAX, &ls, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	test_free(large);
}

/* Cut at every byte: only the whole may pass. Behind the last name of a Java list there is nothing but
 * blanks and the line end. */
static void cut_everywhere(const void *bytes, size_t len, size_t whole_from)
{
	for (size_t n = 0; n <= len; n++) {
		unsigned char *exact = test_malloc(n + 1);
		struct loadset ls;
		memcpy(exact + 1, bytes, n);
		int rc = manifest_parse(exact + 1, n, &ls, NULL);
		if (rc != (n >= whole_from ? 0 : -1))
			fail_msg("cut at %zu of %zu: %d", n, len, rc);
		test_free(exact);
	}
}

static void test_manifest_cuts(void **state)
{
	struct image im;

	(void)state;
	build_sip(&im);
	cut_everywhere(im.b, im.len, im.len);
	cut_everywhere(body_sip, strlen(body_sip), strlen(body_sip));
	cut_everywhere(body_java, strlen(body_java), strlen(body_java) - strlen(" \r\n"));
}

/* ---- files of a load */

static void test_loadset_file(void **state)
{
	static const struct {
		const char *load;
		const char *loader; /* as its manifest says; NULL: no manifest read */
		const char *file;
		enum load_file is;
	} cases[] = {
		{ "P00303010102", NULL, "P00303010102.bin", LOAD_FILE_IMAGE },
		{ "P00303010102", NULL, "P00303010102.sbn", LOAD_FILE_SIGNED_NAME },
		{ "P00303010102", NULL, "P00303010102.loads", LOAD_FILE_MANIFEST },
		{ "P00303010102", NULL, "P00303010102.sb2", LOAD_FILE_NONE },
		{ "P00303010102", NULL, "P00303010102", LOAD_FILE_NONE },
		{ "P00303010102", NULL, "p00303010102.bin", LOAD_FILE_NONE },
		{ "P00303010102", NULL, "P00305000500.bin", LOAD_FILE_NONE },
		{ "P00305000500", NULL, "P00305000500.bin", LOAD_FILE_IMAGE },
		{ "P00305000500", NULL, "P00305000500.sbn", LOAD_FILE_IMAGE },
		{ "P00308000900", NULL, "P00308000900.loads", LOAD_FILE_MANIFEST },
		{ "P00308000900", NULL, "P00308000900.sbn", LOAD_FILE_LOADER },
		{ "P00308000900", NULL, "P00308000900.bin", LOAD_FILE_LOADER },
		{ "P00308000900", NULL, "P00308000900.sb2", LOAD_FILE_APP },
		{ "P00308000900", NULL, "P003-8-12-00.sbn", LOAD_FILE_NONE },
		{ "P0S3-8-12-00", NULL, "P0S3-8-12-00.loads", LOAD_FILE_MANIFEST },
		{ "P0S3-8-12-00", NULL, "P0S3-8-12-00.sb2", LOAD_FILE_APP },
		{ "P0S3-8-12-00", NULL, "P003-8-12-00.sbn", LOAD_FILE_LOADER },
		{ "P0S3-8-12-00", NULL, "P003-8-12-00.loads", LOAD_FILE_NONE },
		{ "P0S3-8-12-00", "P003-8-12-00.sbn", "P003-8-12-00.sbn", LOAD_FILE_LOADER },
		{ "P0S3-8-12-00", "P003-8-12-00.sbn", "P003-8-12-00.bin", LOAD_FILE_LOADER },
		{ "P0S3-8-12-00", "P003-8-12-00.sbn", "P003-7-4-00.sbn", LOAD_FILE_NONE },
		{ "P0S3-8-12-00", "P003-8-12-00.sbn", "P0S3-8-12-00.sbn", LOAD_FILE_LOADER },
		{ "P0S3-8-12-00", NULL, "", LOAD_FILE_NONE },
		{ "SCCP41.8-5-4S", NULL, "SCCP41.8-5-4S.loads", LOAD_FILE_MANIFEST },
		{ "SCCP41.8-5-4S", NULL, "jar41sccp.8-5-4TH1-6.sbn", LOAD_FILE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct load_name n = { "" };
		struct loadset ls;
		memcpy(n.s, cases[i].load, strlen(cases[i].load) + 1);
		loadset_from_name(&n, &ls);
		if (cases[i].loader)
			memcpy(ls.loader, cases[i].loader, strlen(cases[i].loader) + 1);
		enum load_file f = loadset_file(&ls, cases[i].file);
		if (f != cases[i].is)
			fail_msg("%s of %s: %d", cases[i].file, cases[i].load, (int)f);
	}
}

static void test_loadset_members(void **state)
{
	struct load_name n = { "SIP42.9-4-2SR3-1S" };
	struct loadset ls;

	(void)state;
	loadset_from_name(&n, &ls);
	assert_int_equal(manifest_parse(body_java, strlen(body_java), &ls, NULL), 0);
	assert_int_equal(loadset_file(&ls, "dsp42.9-4-2ES26.sbn"), LOAD_FILE_MEMBER);
	assert_int_equal(loadset_file(&ls, "SIP42.9-4-2SR3-1S.loads"), LOAD_FILE_MANIFEST);
	assert_int_equal(loadset_file(&ls, "Dsp42.9-4-2ES26.sbn"), LOAD_FILE_NONE);
	struct load_name none = { "" };
	loadset_from_name(&none, &ls);
	assert_int_equal(loadset_file(&ls, ".loads"), LOAD_FILE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_header_cuts),	cmocka_unit_test(test_header_damage),
		cmocka_unit_test(test_header_any_byte), cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_manifest_optional),
		cmocka_unit_test(test_manifest_bytes),	cmocka_unit_test(test_manifest_cuts),
		cmocka_unit_test(test_loadset_file),	cmocka_unit_test(test_loadset_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
