/* SPDX-License-Identifier: MPL-2.0 */
/* Files judged by their bytes, and the load sets among them. What real archives bring is in tests/border/import.t. */
#include "package.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "strbuf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct bytes {
	uint8_t p[40000];
	size_t n;
};

static void add(struct bytes *b, const void *p, size_t n)
{
	assert_true(b->n + n <= sizeof(b->p));
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

/* The header of F§3.3 without the containers' insides that nobody reads, for that name. */
static void add_header(struct bytes *b, const char *name)
{
	size_t start = b->n, length = (384 + strlen(name) + 1 + 3) / 4 * 4;
	const uint8_t head[] = { 1, 0, 2, 1,  1, 2, 0, 2, (uint8_t)(length >> 8), (uint8_t)length,
				 7, 0, 4, 10, 0, 1, 0 };
	const uint8_t signature[] = { 12, 1, 0 }, name_head[] = { 14, 0, (uint8_t)(strlen(name) + 1) };
	uint8_t filler[256];

	memset(filler, 0x5a, sizeof(filler));
	add(b, head, sizeof(head));
	add(b, signature, sizeof(signature));
	add(b, filler, sizeof(filler));
	add(b, name_head, sizeof(name_head));
	add(b, name, strlen(name) + 1);
	while (b->n - start < length)
		add(b, "\x0d", 1);
}

static void add_random(struct bytes *b, size_t n, uint32_t seed)
{
	for (; n > 0; n--) {
		seed = seed * 1664525u + 1013904223u;
		add(b, &(uint8_t){ (uint8_t)(seed >> 24) }, 1);
	}
}

/* LF to CR LF */
static void as_text(struct bytes *b)
{
	struct bytes was = *b;

	b->n = 0;
	for (size_t i = 0; i < was.n; i++)
		add(b, was.p[i] == '\n' ? "\r\n" : (const char *)&was.p[i], was.p[i] == '\n' ? 2 : 1);
}

/* Into the package as import does. */
static struct package_file *judge(struct package *p, const char *place, const char *name,
				  const struct bytes *b)
{
	struct package_bytes counts = { .total = 0 };
	struct package_file *f = package_add(p);
	struct err e = { 0 };

	assert_non_null(f);
	f->place = strdup(place);
	f->found = strdup(name);
	f->path = strdup("x");
	f->bytes = (int64_t)b->n;
	digest_bytes(b->p, b->n, &f->sha256);
	package_count(&counts, b->p, b->n);
	assert_int_equal(
		package_judge(f, b->p, b->n < MANIFEST_BYTES_MAX ? b->n : MANIFEST_BYTES_MAX, &counts, &e),
		0);
	if (f->kind != PACKAGE_OTHER && !f->damaged)
		digest_bytes(b->p + (b->n - (size_t)f->body_bytes), (size_t)f->body_bytes, &f->body);
	return f;
}

/* ---- one file */

enum damage { WHOLE, TEXT, CUT_HEADER, CUT_BODY, EMPTY, SEVEN_BITS };

static const struct {
	const char *signed_as; /* NULL: no header */
	const char *found;
	enum damage damage;
	enum package_kind kind;
	const char *name;
	const char *why; /* NULL: whole */
} judgements[] = {
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", WHOLE, PACKAGE_SIGNED, "P0S3-8-12-00.sb2", NULL },
	{ "P0S3-8-12-00.sb2", "p0s3-8-.tmp", WHOLE, PACKAGE_SIGNED, "P0S3-8-12-00.sb2", NULL },
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", TEXT, PACKAGE_SIGNED, "P0S3-8-12-00.sb2",
	  "text mode (every LF" },
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", SEVEN_BITS, PACKAGE_SIGNED, "P0S3-8-12-00.sb2",
	  "high bit" },
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", CUT_HEADER, PACKAGE_SIGNED, "P0S3-8-12-00.sb2",
	  "cut short: 100 bytes" },
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", CUT_BODY, PACKAGE_SIGNED, "P0S3-8-12-00.sb2",
	  "ends with its header" },
	{ "P0S3-8-12-00.sb2", "P0S3-8-12-00.sb2", EMPTY, PACKAGE_SIGNED, "P0S3-8-12-00.sb2", "empty" },
	{ NULL, "P0S3-8-12-00.sb2", WHOLE, PACKAGE_SIGNED, "P0S3-8-12-00.sb2", "not signed" },
	{ NULL, "P00303010102.bin", WHOLE, PACKAGE_IMAGE, "P00303010102.bin", NULL },
	{ NULL, "P00303010102.BIN", WHOLE, PACKAGE_IMAGE, "P00303010102.BIN", NULL },
	{ NULL, "P00303010102.bin", TEXT, PACKAGE_IMAGE, "P00303010102.bin", "text mode (every LF" },
	{ NULL, "P00303010102.bin", SEVEN_BITS, PACKAGE_IMAGE, "P00303010102.bin", "high bit" },
	{ NULL, "readme.txt", WHOLE, PACKAGE_OTHER, NULL, "no firmware" },
	{ NULL, "P0S3 8.sb2", WHOLE, PACKAGE_OTHER, NULL, "no name that a phone" },
	{ NULL, ".bin", WHOLE, PACKAGE_OTHER, NULL, "no firmware" },
	{ "cmterm.cop.sgn", "cmterm.cop.sgn", WHOLE, PACKAGE_OTHER, NULL, "signed, but no file of a 7900" },
	{ "ata18x.sbin", "ata18x.sbin", WHOLE, PACKAGE_OTHER, NULL, "signed, but no file of a 7900" },
};

static void damage(struct bytes *b, enum damage d, size_t header)
{
	static const size_t cut[] = { [CUT_HEADER] = 100, [EMPTY] = 0 };

	if (d == TEXT)
		as_text(b);
	else if (d == SEVEN_BITS)
		for (size_t i = 0; i < b->n; i++)
			b->p[i] &= 0x7f;
	else if (d != WHOLE)
		b->n = d == CUT_BODY ? header : cut[d];
}

static void test_judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(judgements); i++) {
		CLEANUP(package_fini) struct package p = { .n = 0 };
		struct bytes b = { .n = 0 };

		if (judgements[i].signed_as)
			add_header(&b, judgements[i].signed_as);
		size_t header = b.n;
		add_random(&b, 20000, (uint32_t)i);
		damage(&b, judgements[i].damage, header);
		const struct package_file *f = judge(&p, "", judgements[i].found, &b);
		bool good = f->kind == judgements[i].kind &&
			    f->damaged == (f->kind != PACKAGE_OTHER && judgements[i].why);
		if (!good || (judgements[i].why && !strstr(f->why, judgements[i].why)) ||
		    (judgements[i].name && strcmp(f->name, judgements[i].name) != 0))
			fail_msg("%zu %s: kind %d, damaged %d, name %s, why %s", i, judgements[i].found,
				 f->kind, f->damaged, f->name, f->why);
		assert_int_equal(f->renamed, judgements[i].signed_as && judgements[i].name && !f->damaged &&
						     strcmp(f->name, f->found) != 0);
	}
}

/* A good image of any size and content that a real one can have is never called damaged. */
static void test_judge_no_false_alarm(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		CLEANUP(package_fini) struct package p = { .n = 0 };
		struct bytes b = { .n = 0 };

		add_random(&b, 8192 + seed, seed);
		assert_false(judge(&p, "", "P00303010102.bin", &b)->damaged);
	}
	/* short: too little to say */
	CLEANUP(package_fini) struct package p = { .n = 0 };
	struct bytes b = { .n = 0 };
	add(&b, "\r\n\r\n\r\n", 6);
	assert_false(judge(&p, "", "P00303010102.bin", &b)->damaged);
}

/* ---- sets. A file is told as "PLACE/NAME=BODY": signed unless BODY begins with '!'; "NAME<FOUND" found otherwise. */

static void add_told(struct package *p, const char *told)
{
	char place[64] = "", name[96], found[96] = "";
	const char *slash = strchr(told, '/'), *equals = strchr(told, '=');
	struct bytes b = { .n = 0 };

	if (slash && slash < equals) {
		snprintf(place, sizeof(place), "%.*s", (int)(slash - told), told);
		told = slash + 1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - told), told);
	char *arrow = strchr(name, '<');
	if (arrow) {
		*arrow = '\0';
		snprintf(found, sizeof(found), "%s", arrow + 1);
	}
	if (equals[1] != '!')
		add_header(&b, name);
	add(&b, equals + 1 + (equals[1] == '!'), strlen(equals + 1 + (equals[1] == '!')));
	judge(p, place, found[0] ? found : name, &b);
}

#define SIP_LIST "P003-8-12-00.sbn\nP0S3-8-12-00.sb2\nLA_VERSION=PAS30830\n"
#define JAVA_LIST(v) "#\r\njar41sip." v ".sbn\r\ncnu41." v ".sbn\r\ncvm41sip." v ".sbn \r\n"
#define JAVA_FILES(at, v) at "jar41sip." v ".sbn=j" v, at "cnu41." v ".sbn=n" v, at "cvm41sip." v ".sbn=v" v

static const struct {
	const char *what;
	const char *files[14];
	const char *sets; /* "LOAD: NAME NAME…" or "LOAD! fault" a line, as they come */
	const char *notes; /* part of the first set's, NULL = none at all */
	const char *left; /* names that no set took */
} scenes[] = {
	{ "classic",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "P0S3-8-12-00.sb2=app", "P003-8-12-00.sbn=ldr",
	    "P003-8-12-00.bin=!ldr", "readme.txt=!hi" },
	  "P0S3-8-12-00: P003-8-12-00.bin P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2\n",
	  NULL,
	  "" },
	{ "without its unsigned loader",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "P0S3-8-12-00.sb2=app", "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00: P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2\n",
	  NULL,
	  "" },
	{ "an unsigned loader of other bytes",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "P0S3-8-12-00.sb2=app", "P003-8-12-00.sbn=ldr",
	    "P003-8-12-00.bin=!lda" },
	  "P0S3-8-12-00! P003-8-12-00.sbn and P003-8-12-00.bin are not the same image\n",
	  NULL,
	  "" },
	{ "a list made by hand",
	  { "P0S3-8-12-00.loads=!" SIP_LIST, "P0S3-8-12-00.sb2=app", "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00: P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2\n",
	  NULL,
	  "" },
	{ "no application",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00! P0S3-8-12-00.sb2 is missing\n",
	  NULL,
	  "" },
	{ "no list",
	  { "P0S3-8-12-00.sb2=app", "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00! P0S3-8-12-00.loads is missing\n",
	  NULL,
	  "P003-8-12-00.sbn " },
	{ "the letter O", { "POS3-8-12-00.loads=" SIP_LIST }, "", NULL, "POS3-8-12-00.loads " },
	{ "single images",
	  { "P00303010102.bin=!a", "P00305000500.bin=!b", "P00305000500.sbn=b" },
	  "P00303010102: P00303010102.bin\nP00305000500: P00305000500.bin P00305000500.sbn\n",
	  NULL,
	  "" },
	{ "5.x signed alone",
	  { "P00305000500.sbn=b" },
	  "P00305000500: P00305000500.sbn\n",
	  "phones below 5.0",
	  "" },
	{ "5.x unsigned alone",
	  { "P00305000500.bin=!b" },
	  "P00305000500! P00305000500.sbn is missing\n",
	  NULL,
	  "" },
	{ "an image of nothing we know",
	  { "boot.bin=!a", "kernel.sbn=b" },
	  "",
	  NULL,
	  "boot.bin kernel.sbn " },
	{ "java, with its defaults",
	  { "SIP41.8-5-4S.loads=" JAVA_LIST("8-5"), JAVA_FILES("", "8-5"),
	    "term41.default.loads=" JAVA_LIST("8-5"), "TERM61.DEFAULT.loads=" JAVA_LIST("8-5"),
	    "term06.default.loads=" JAVA_LIST("8-4") },
	  "SIP41.8-5-4S: SIP41.8-5-4S.loads TERM61.DEFAULT.loads cnu41.8-5.sbn cvm41sip.8-5.sbn jar41sip.8-5.sbn "
	  "term41.default.loads\n",
	  NULL,
	  "term06.default.loads " },
	{ "java, no default",
	  { "SIP41.8-5-4S.loads=" JAVA_LIST("8-5"), JAVA_FILES("", "8-5") },
	  "SIP41.8-5-4S: SIP41.8-5-4S.loads cnu41.8-5.sbn cvm41sip.8-5.sbn jar41sip.8-5.sbn\n",
	  "no termNN.default.loads came with it",
	  "" },
	{ "a capital J in the list",
	  { "SIP41.8-3-1S.loads=Jar41sip.8-3.sbn\r\ncnu41.8-3.sbn\r\ncvm41sip.8-3.sbn\r\n",
	    JAVA_FILES("", "8-3") },
	  "SIP41.8-3-1S: Jar41sip.8-3.sbn SIP41.8-3-1S.loads cnu41.8-3.sbn cvm41sip.8-3.sbn jar41sip.8-3.sbn\n",
	  "the list says Jar41sip.8-3.sbn, the file is signed as jar41sip.8-3.sbn: it gets both names",
	  "" },
	{ "an optional member that is not there",
	  { "SIP41.8-5-4S.loads=#+ dsp41.8-5.sbn 1 2\r\n" JAVA_LIST("8-5"), JAVA_FILES("", "8-5") },
	  "SIP41.8-5-4S: SIP41.8-5-4S.loads cnu41.8-5.sbn cvm41sip.8-5.sbn jar41sip.8-5.sbn\n",
	  "no termNN",
	  "" },
	{ "and one that is",
	  { "SIP41.8-5-4S.loads=#+ dsp41.8-5.sbn 1 2\r\n" JAVA_LIST("8-5"), JAVA_FILES("", "8-5"),
	    "dsp41.8-5.sbn=d" },
	  "SIP41.8-5-4S: SIP41.8-5-4S.loads cnu41.8-5.sbn cvm41sip.8-5.sbn dsp41.8-5.sbn jar41sip.8-5.sbn\n",
	  "no termNN",
	  "" },
	{ "one name in two places: each list has what lies beside it",
	  { "a/SIP41.8-5-4S.loads=" JAVA_LIST("8-5"), JAVA_FILES("a/", "8-5"),
	    "b/SCCP41.8-5-4S.loads=" JAVA_LIST("8-5"), "b/jar41sip.8-5.sbn=other", "b/cnu41.8-5.sbn=other",
	    "b/cvm41sip.8-5.sbn=other" },
	  "SCCP41.8-5-4S: SCCP41.8-5-4S.loads cnu41.8-5.sbn cvm41sip.8-5.sbn jar41sip.8-5.sbn\n"
	  "SIP41.8-5-4S: SIP41.8-5-4S.loads cnu41.8-5.sbn cvm41sip.8-5.sbn jar41sip.8-5.sbn\n",
	  "no termNN",
	  "" },
	{ "which one?",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "a/P0S3-8-12-00.sb2=app", "b/P0S3-8-12-00.sb2=other",
	    "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00! P0S3-8-12-00.sb2 is there twice with other bytes, in a and in b: which one?\n",
	  NULL,
	  "P0S3-8-12-00.sb2 " },
	{ "the same bytes in two places",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "a/P0S3-8-12-00.sb2=app", "b/P0S3-8-12-00.sb2=app",
	    "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00: P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2\n",
	  NULL,
	  "" },
	{ "a whole one goes before a damaged one",
	  { "P0S3-8-12-00.loads=" SIP_LIST, "P0S3-8-12-00.sb2=!text", "b/P0S3-8-12-00.sb2=app",
	    "P003-8-12-00.sbn=ldr" },
	  "P0S3-8-12-00: P003-8-12-00.sbn P0S3-8-12-00.loads P0S3-8-12-00.sb2\n",
	  NULL,
	  "P0S3-8-12-00.sb2 " },
	{ "one load, two lists",
	  { "a/SIP41.8-5-4S.loads=" JAVA_LIST("8-5"), JAVA_FILES("a/", "8-5"),
	    "b/SIP41.8-5-4S.loads=" JAVA_LIST("8-6"), JAVA_FILES("b/", "8-6") },
	  "SIP41.8-5-4S! SIP41.8-5-4S.loads is there twice with other bytes, in a and in b: which one?\n",
	  "no termNN",
	  "SIP41.8-5-4S.loads jar41sip.8-6.sbn cnu41.8-6.sbn cvm41sip.8-6.sbn " },
	{ "found under another name",
	  { "P00305000500.sbn<p0030500.txt=b", "P00305000500.bin=!b" },
	  "P00305000500: P00305000500.bin P00305000500.sbn\n",
	  "P00305000500.sbn was found as \"p0030500.txt\": it gets the name it was signed under",
	  "" },
	{ "a list of another make",
	  { "CIPC_Locale.loads=!locale.jar\n", "cp7921.LOADS=!apps.7921 12 abc\n" },
	  "",
	  NULL,
	  "" },
};

static void describe(const struct package_sets *sets, struct strbuf *sb)
{
	for (size_t i = 0; i < sets->n; i++) {
		const struct package_set *s = &sets->a[i];

		strbuf_addf(sb, "%s%s", s->ls.load.s, s->fault[0] ? "! " : ":");
		for (unsigned k = 0; k < s->n_parts && !s->fault[0]; k++)
			strbuf_addf(sb, " %s", s->parts[k].name);
		strbuf_addf(sb, "%s\n", s->fault);
	}
}

static void test_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		CLEANUP(package_fini) struct package p = { .n = 0 };
		CLEANUP(package_sets_fini) struct package_sets sets = { .n = 0 };
		CLEANUP(strbuf_fini) struct strbuf said = STRBUF_INIT(4096), left = STRBUF_INIT(4096);
		struct err e = { 0 };

		for (size_t k = 0; k < COUNT(scenes[i].files) && scenes[i].files[k]; k++)
			add_told(&p, scenes[i].files[k]);
		assert_int_equal(package_find_sets(&p, &sets, &e), 0);
		describe(&sets, &said);
		for (size_t k = 0; k < p.n; k++) {
			if (p.files[k].used || p.files[k].kind == PACKAGE_OTHER)
				continue;
			strbuf_addf(&left, "%s ", p.files[k].name);
			assert_true(p.files[k].why[0]);
		}
		const char *notes = sets.n ? sets.a[0].notes : "";
		bool good = strncmp(strbuf_text(&said), scenes[i].sets, strlen(scenes[i].sets) - 1) == 0;
		if (scenes[i].sets[0] == '\0')
			good = said.len == 0;
		if (!good || strcmp(strbuf_text(&left), scenes[i].left) != 0 ||
		    (scenes[i].notes ? !strstr(notes, scenes[i].notes) : notes[0] != '\0'))
			fail_msg("%s:\n%snotes: %sleft: %s", scenes[i].what, strbuf_text(&said), notes,
				 strbuf_text(&left));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_no_false_alarm),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests_name("package", tests, NULL, NULL);
}
