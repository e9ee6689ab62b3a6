/* SPDX-License-Identifier: MPL-2.0 */
/* For the tests of `watch`: a configuration with a classic and a java plan, and phones that stand in them. */
#ifndef LOADSTEP_TEST_WATCH_FIXTURE_H
#define LOADSTEP_TEST_WATCH_FIXTURE_H

#include "config_fixture.h"
#include "watch_model.h"

#define SEC INT64_C(1000)
#define MIN (60 * SEC)
#define T0 INT64_C(1772359500000) /* 2026-03-01T10:05:00Z */

static const char watch_conf[] = "[store]\nurl = sqlite:/nowhere\n"
				 "[plan ladder]\nmodels = 7940 7960 unnamed\n"
				 "stages = P00303010102 P00305000500 P00308000900 P0S3-8-12-00\n"
				 "[plan java]\nmodels = 7941\nstages = SIP41.8-3-3SR2S SIP41.8-5-4S\n"
				 "[rollout]\nmax-at-once = 2\n";

/* With the members that the java manifests list. */
static inline struct config *watch_config(void)
{
	static const char *const members[] = { "jar41.sbn", "cnu41.sbn", "apps41.sbn" };
	struct config *c = must_parse(watch_conf);

	for (unsigned s = 0; s < 2; s++) {
		struct loadset *ls = &c->plans[1].stages[s];

		ls->kind = LOAD_JAVA;
		for (unsigned i = 0; i < COUNT(members); i++)
			(void)text_copy(ls->members[ls->n_members++], sizeof(ls->members[0]), members[i]);
	}
	return c;
}

static inline struct times *seen_as(struct evidence *e, const char *what)
{
	static const char *const outcomes[OUTCOME_COUNT] = { "asked", "sent", "missing", "failed" };
	const char *slash = strchr(what, '/');
	char name[32];
	enum file_class c;

	if (strcmp(what, "boot") == 0)
		return &e->boot;
	if (strncmp(what, "member-", 7) == 0)
		return &e->member[what[7] - '1'];
	snprintf(name, sizeof(name), "%.*s", slash ? (int)(slash - what) : 0, what);
	for (int o = 0; slash && file_class_parse(name, &c) == 0 && o < OUTCOME_COUNT; o++)
		if (strcmp(slash + 1, outcomes[o]) == 0)
			return &e->file[c][o];
	fail_msg("%s: no evidence", what);
	return NULL;
}

/* "manifest/sent=10 app/missing=20 boot=30 member-2=15": seconds after T0 */
static inline void see(struct phone *p, const char *text)
{
	char what[32];
	int at, used;

	for (; sscanf(text, " %31[^=]=%d%n", what, &at, &used) == 2; text += used)
		times_add(seen_as(&p->evidence, what), T0 + at * SEC);
}

/* The nth phone, 00:1b:0c:18:00:n at 10.0.0.n. */
static inline struct phone phone_at(unsigned n, const char *plan, int stage_no, const char *load, enum phase phase)
{
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0x00, (uint8_t)n } };
	struct phone p;

	phone_init(&p, &mac);
	p.id = n;
	p.address = (struct ip4){ 0x0a000000 + n };
	p.vendor = VENDOR_NAMED;
	p.generation = strcmp(plan, "java") == 0 ? GEN_JAVA : GEN_CLASSIC;
	(void)text_copy(p.model, sizeof(p.model), p.generation == GEN_JAVA ? "7941" : "7960");
	(void)text_copy(p.plan, sizeof(p.plan), plan);
	(void)text_copy(p.load.s, sizeof(p.load.s), load);
	p.stage_no = stage_no;
	p.phase = phase;
	p.flags = plan[0] ? PHONE_STARTED : 0;
	p.since_ms = p.last_event_ms = T0;
	return p;
}

static inline void watch_put(struct watch_model *m, const struct config *c, const struct phone *p)
{
	struct err e = { 0 };

	if (watch_model_put(m, p, c, 0, NULL, &e))
		fail_msg("%s", e.text);
}

static inline void watch_settle(struct watch_model *m, const struct config *c, int64_t now_ms)
{
	struct err e = { 0 };

	if (watch_model_sum(m, c, now_ms, now_ms, &e))
		fail_msg("%s", e.text);
	watch_model_order(m);
}

#endif
