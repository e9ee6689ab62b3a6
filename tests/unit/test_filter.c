/* SPDX-License-Identifier: MPL-2.0 */
/* Which phones are meant, and what is said of a name that nothing has. */
#include "filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#include "config_fixture.h"

#define WHY_MAX 4096

static const char conf[] = "[store]\nurl = sqlite:/nowhere\n"
			   "[plan ladder]\nmodels = 7960\nstages = P00303010102 P00305000500\n"
			   "[plan java]\nmodels = 7970\nstages = SCCP70.8-5-2S SCCP70.9-4-2S\n"
			   "[site berlin]\nnetworks = 10.1.0.0/16\ntftp-servers = 10.1.0.2\n"
			   "[site hall-3]\nnetworks = 10.1.3.0/24\ntftp-servers = 10.1.0.3\n";

enum { STUCK, DONE, SEEN, FAR, FORMER, PHONES };

static void phone(const struct config *cfg, struct report_phone *ret, unsigned n, enum phase phase,
		  const char *plan, int stage_no, const char *load, const char *model)
{
	struct mac mac = { { 0, 0x1b, 0x0c, 0, 0, (uint8_t)n } };
	struct report_time t = { .now_ms = 1 };
	struct phone p;

	phone_init(&p, &mac);
	p.address.host = 0x0a010300 + n;
	p.phase = phase;
	p.stage_no = stage_no;
	(void)text_copy(p.plan, sizeof(p.plan), plan);
	(void)text_copy(p.load.s, sizeof(p.load.s), load);
	(void)text_copy(p.model, sizeof(p.model), model);
	if (phase == PHASE_STUCK)
		p.cause = CAUSE_IMAGE_REJECTED;
	/* circuit-id "Gi1/0/N", of one digit; remote-id "sw-3" */
	snprintf(p.relay, sizeof(p.relay), "01074769312f302f%02x020473772d33", '0' + n);
	if (n == FAR)
		p.address.host = 0x0a020301;
	if (n == FAR || n == SEEN)
		p.giaddr.host = 0x0a010001;
	report_phone_fill(ret, &p, cfg, &t);
}

static void fleet(const struct config *cfg, struct report_phone *a)
{
	phone(cfg, &a[STUCK], STUCK, PHASE_STUCK, "ladder", 2, "P00305000500", "7960");
	phone(cfg, &a[DONE], DONE, PHASE_DONE, "ladder", 2, "P00305000500", "7960");
	phone(cfg, &a[SEEN], SEEN, PHASE_SEEN, "", 0, "", "");
	phone(cfg, &a[FAR], FAR, PHASE_FLASHING, "java", 1, "SCCP70.8-5-2S", "7970");
	phone(cfg, &a[FORMER], FORMER, PHASE_OFFERED, "of-old", 1, "P00308000900", "7940");
}

/* One word: an option with its value, "phase=stuck,done", or an operand. */
static void add_word(struct filter *f, char *word)
{
	static const char *const names[FILTER_WHO] = { "plan", "stage",	 "phase", "cause",  "site",
						       "port", "switch", "model", "network" };
	char *value = strchr(word, '=');
	struct err e;

	if (!value) {
		assert_int_equal(filter_add(f, FILTER_WHO, word, &e), 0);
		return;
	}
	*value++ = '\0';
	for (int k = 0; k < FILTER_WHO; k++)
		if (strcmp(names[k], word) == 0)
			assert_int_equal(filter_add(f, (enum filter_kind)k, value, &e), 0);
	assert_true(f->n > 0);
}

/* Several, with blanks between them; `copy` is cut up, and outlives the filter. */
static void add(struct filter *f, char *copy)
{
	while (*copy) {
		char *end = copy + strcspn(copy, " ");
		char *next = *end ? end + 1 : end;

		*end = '\0';
		add_word(f, copy);
		copy = next;
	}
}

static const struct row {
	const char *words;
	const char *want; /* one letter a phone: + it is meant */
} rows[] = {
	{ "", "+++++" },
	{ "plan=ladder", "++..." },
	{ "plan=ladder,java", "++.+." },
	{ "plan=ladder plan=java", "++.+." },
	{ "plan=none", "..+.." },
	{ "plan=of-old", "....+" }, /* not in force, but a phone has it */
	{ "stage=2", "++..." },
	{ "stage=1,P00305000500", "++.++" },
	{ "stage=P00308000900", "....+" },
	{ "stage=SCCP70.9-4-2S", "....." }, /* nobody stands on it, and there is such a stage */
	{ "phase=stuck,flashing", "+..+." },
	{ "cause=any", "+...." },
	{ "cause=none", ".++++" },
	{ "cause=image-rejected", "+...." },
	{ "cause=disk-full", "....." },
	{ "site=hall-3", "++..+" }, /* the narrowest network */
	{ "site=berlin", "..++." }, /* by its relay's address, wherever it is itself */
	{ "port=Gi1/0/1", ".+..." },
	{ "port=gigabitethernet1/0/1,0/3", ".+.+." },
	{ "switch=SW-3", "+++++" },
	{ "switch=10.1.0.1", "..++." },
	{ "model=CP-7960G", "++..." },
	{ "model=7970,unnamed", "..++." },
	{ "network=10.2.0.0/16", "...+." },
	{ "network=10.1.3.1,10.1.3.4", ".+..+" },
	{ "10.2.0.0/16 10.1.3.0", "+..+." }, /* operands: either */
	{ "plan=ladder phase=done,seen", ".+..." }, /* options: both */
	{ "plan=ladder site=berlin", "....." },
	{ "10.1.3.0/24 cause=any", "+...." },
};

static void test_matches(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	struct config *cfg = must_parse(conf);
	struct report_phone a[PHONES];
	struct err e = { 0 };

	(void)state;
	fleet(cfg, a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(filter_fini) struct filter f = { .n = 0 };
		char copy[128], got[PHONES + 1] = "";

		(void)text_copy(copy, sizeof(copy), rows[i].words);
		add(&f, copy);
		if (filter_resolve(&f, cfg, &why, &e) != 0)
			fail_msg("%s: %s", rows[i].words, strbuf_text(&why));
		for (int n = 0; n < PHONES; n++)
			got[n] = filter_match(&f, &a[n]) ? '+' : '.';
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].words, got);
		if (filter_unmet(&f))
			fail_msg("%s: %s is said to be unknown", rows[i].words, filter_unmet(&f)->name);
	}
	config_free(cfg);
}

static void test_one_phone(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	CLEANUP(filter_fini) struct filter f = { .n = 0 };
	struct config *cfg = must_parse(conf);
	struct report_phone a[PHONES];
	struct err e = { 0 };

	(void)state;
	fleet(cfg, a);
	assert_int_equal(filter_add_phone(&f, &a[DONE].phone.mac, &e), 0);
	assert_int_equal(filter_add(&f, FILTER_WHO, "10.2.0.0/16", &e), 0);
	assert_int_equal(filter_resolve(&f, cfg, &why, &e), 0);
	for (int n = 0; n < PHONES; n++)
		assert_int_equal(filter_match(&f, &a[n]), n == DONE || n == FAR);
	a[DONE].phone.mac_known = false;
	assert_false(filter_match(&f, &a[DONE]));
	config_free(cfg);
}

/* What can be no such thing, by the configuration alone. */
static void test_refused(void **state)
{
	static const struct {
		const char *words;
		const char *why; /* begins so */
	} bad[] = {
		{ "phase=stick",
		  "--phase: there is no \"stick\"; perhaps \"stuck\"? there are: checking, done, downl" },
		{ "phase=", "--phase: there is no \"\"; there are: checking, " },
		{ "cause=image-reject",
		  "--cause: there is no \"image-reject\"; perhaps \"image-rejected\"? there are: " },
		{ "site=hall3",
		  "--site: there is no \"hall3\"; perhaps \"hall-3\"? there are: berlin, hall-3, none" },
		{ "site=Berlin", "--site: there is no \"Berlin\"; perhaps \"berlin\"?" },
		{ "site=paris", "--site: there is no \"paris\"; there are: berlin, hall-3, none" },
		{ "model=7999", "--model: there is no \"7999\"; perhaps \"79" },
		{ "network=10.1.3.1/24",
		  "--network: \"10.1.3.1/24\" is neither a network (10.1.0.0/16) nor an address" },
		{ "plan=ladder,java phase=done,nothing", "--phase: there is no \"nothing\"; there are: " },
		{ "model=\033[31m", "--model: there is no \"\\x1b[31m\"; there are: " },
	};
	struct config *cfg = must_parse(conf);
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
		CLEANUP(filter_fini) struct filter f = { .n = 0 };
		char copy[128];

		(void)text_copy(copy, sizeof(copy), bad[i].words);
		add(&f, copy);
		assert_int_equal(filter_resolve(&f, cfg, &why, &e), 1);
		if (strncmp(strbuf_text(&why), bad[i].why, strlen(bad[i].why)) != 0)
			fail_msg("%s", strbuf_text(&why));
	}
	config_free(cfg);
}

/* Plans, loads, ports and switches may be the store's alone: they are unknown when no phone has them. */
static void test_unmet(void **state)
{
	static const char *const unknown[] = { "plan=lader", "stage=P00305000501", "port=Gi1/0/9",
					       "switch=sw-4" };
	struct config *cfg = must_parse(conf);
	struct report_phone a[PHONES];
	struct err e = { 0 };

	(void)state;
	fleet(cfg, a);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
		CLEANUP(filter_fini) struct filter f = { .n = 0 };
		CLEANUP(names_fini) struct names there = { .n = 0 };
		const struct filter_value *v;
		char copy[128];

		(void)text_copy(copy, sizeof(copy), unknown[i]);
		add(&f, copy);
		assert_int_equal(filter_resolve(&f, cfg, &why, &e), 0);
		for (int n = 0; n < PHONES; n++)
			assert_false(filter_match(&f, &a[n]));
		v = filter_unmet(&f);
		assert_non_null(v);
		assert_int_equal(filter_names_in(v->kind, cfg, &there, &e), 0);
		for (int n = 0; n < PHONES; n++)
			assert_int_equal(filter_names_of(v->kind, &a[n], &there, &e), 0);
		names_unknown(&there, filter_option_name(v->kind), v->name, &why);
		assert_non_null(strstr(strbuf_text(&why), "; perhaps \""));
	}
	config_free(cfg);
}

static void test_near(void **state)
{
	static const char *const all[] = { "classic-to-sip", "java", "Gi1/0/7", "Gi1/0/70", "sw-3b", "x" };
	static const struct {
		const char *name, *near;
	} rows_near[] = { { "clasic-to-sip", "classic-to-sip" },
			  { "CLASSIC-TO-SIP", "classic-to-sip" },
			  { "calssic-to-sip", "classic-to-sip" },
			  { "classic", "classic-to-sip" },
			  { "jvaa", "java" },
			  { "Gi1/0/8", "Gi1/0/7" },
			  { "zzz", NULL },
			  { "", NULL },
			  { "completely different", NULL } };
	CLEANUP(names_fini) struct names s = { .n = 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(names_add(&s, all[i], &e), 0);
		assert_int_equal(names_add(&s, all[i], &e), 0);
	}
	assert_int_equal(names_add(&s, "", &e), 0);
	assert_int_equal(s.n, sizeof(all) / sizeof(all[0]));
	for (size_t i = 0; i < sizeof(rows_near) / sizeof(rows_near[0]); i++) {
		const char *near = names_near(&s, rows_near[i].name);

		if ((near == NULL) != (rows_near[i].near == NULL) ||
		    (near && strcmp(near, rows_near[i].near) != 0))
			fail_msg("%s: %s", rows_near[i].name, near ? near : "none");
	}
}

/* Thousands of ports are not all listed, and a name of any length is measured. */
static void test_many_names(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	CLEANUP(names_fini) struct names s = { .n = 0 };
	char name[300];
	struct err e;

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "Gi1/0/%d", i);
		assert_int_equal(names_add(&s, name, &e), 0);
	}
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(names_near(&s, name));
	names_unknown(&s, "--port", "Gi1/0/999", &why);
	assert_non_null(
		strstr(strbuf_text(&why), "perhaps \"Gi1/0/99\"? there are: Gi1/0/0, Gi1/0/1, Gi1/0/2, "));
	assert_non_null(strstr(strbuf_text(&why), "Gi1/0/29 and 170 more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches), cmocka_unit_test(test_one_phone),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_unmet),
		cmocka_unit_test(test_near),	cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
