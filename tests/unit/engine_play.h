/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A phone played through the stage machine by a list of steps: what the servers would tell, and what must be
 * then. Shared by the tests of the engine; each defines its own scenes.
 */
#ifndef LOADSTEP_ENGINE_PLAY_H
#define LOADSTEP_ENGINE_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "engine.h"

#define SEC 1000
#define T0 1700000000000LL

static const struct limits limits = {
	.loader = 120 * SEC,
	.app = 180 * SEC,
	.stage_classic = 600 * SEC,
	.stage_java = 1500 * SEC,
	.proof_silence = 120 * SEC,
	.quiet = 30 * SEC,
	.order_window = 5 * SEC,
	.presume = 300 * SEC,
	.idle = 600 * SEC,
	.round_gap = 60 * SEC,
	.boot_gap = 15 * SEC,
	.holder_change = 30 * SEC,
	.tick_gap = 30 * SEC,
};

static inline struct plan seed_plan(void)
{
	static const char *const loads[] = { "P00303010102", "P00305000500", "P00308000900", "P0S3-8-12-00" };
	struct plan pl = { .name = "classic-to-sip", .n_models = 3, .n_stages = 4 };

	snprintf(pl.models[0], sizeof(pl.models[0]), "7940");
	snprintf(pl.models[1], sizeof(pl.models[1]), "7960");
	snprintf(pl.models[2], sizeof(pl.models[2]), "unnamed");
	for (int i = 0; i < 4; i++) {
		struct load_name n;

		snprintf(n.s, sizeof(n.s), "%s", loads[i]);
		loadset_from_name(&n, &pl.stages[i]);
		pl.stages[i].complete = true;
	}
	snprintf(pl.stages[3].loader, sizeof(pl.stages[3].loader), "P003-8-12-00.sbn");
	return pl;
}

enum what {
	BOOT_BARE,
	BOOT_NAMED,
	SENT,
	MISSING,
	FAILED,
	TICK,
	OFFER,
	START,
	STOP,
	RETRY,
	SKIP,
	SKIP_FORCE,
	FORGET,
	FORGET_FORCE,
	REGISTERS, /* file: the load it names */
	ALARMS, /* file: what about, by its name */
	RESET_SENT,
	EXPECT
};

struct step {
	int64_t at_s; /* since T0 */
	enum what what;
	const char *file; /* or for EXPECT: the load of the stage */
	enum phase phase; /* EXPECT */
	enum cause cause; /* EXPECT */
};

struct play {
	struct plan plan;
	struct phone p;
	struct engine_result r;
	uint32_t xid;
	int64_t now;
	bool may_enter;
	uint32_t ready;
	bool gone; /* its plan is in force no more */
	const char *model; /* what its vendor class names */
	int device_type; /* what it registers as */
	const struct causes_facts *facts; /* what is known besides */
};

static inline void play_init(struct play *y)
{
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };

	memset(y, 0, sizeof(*y));
	y->plan = seed_plan();
	phone_init(&y->p, &mac);
	y->p.vendor = VENDOR_BARE;
	y->p.generation = GEN_CLASSIC;
	y->model = "7960";
	y->may_enter = true;
	y->ready = UINT32_MAX;
	y->now = T0;
}

static inline void play_event(struct play *y, struct event *ev)
{
	struct engine_context ctx = { .plan = y->gone ? NULL : &y->plan,
				      .limits = &limits,
				      .now_ms = y->now,
				      .now_wall_ms = y->now,
				      .may_enter = y->may_enter,
				      .stages_ready = y->ready,
				      .facts = y->facts };
	struct phone before = y->p;

	engine_step(&before, ev, &ctx, &y->p, &y->r);
}

static inline enum operation play_operation(enum what what)
{
	switch (what) {
	case START:
		return OP_START;
	case STOP:
		return OP_STOP;
	case RETRY:
		return OP_RETRY;
	case SKIP:
	case SKIP_FORCE:
		return OP_SKIP;
	case FORGET:
	case FORGET_FORCE:
		return OP_FORGET;
	case BOOT_BARE:
	case BOOT_NAMED:
	case SENT:
	case MISSING:
	case FAILED:
	case TICK:
	case OFFER:
	case REGISTERS:
	case ALARMS:
	case RESET_SENT:
	case EXPECT:
		break;
	}
	return OP_NONE;
}

static inline enum witness play_witness(const char *name)
{
	int w = WITNESS_ALARM_FIRST;

	while (w < WITNESS_COUNT && (!name || strcmp(witness_name((enum witness)w), name) != 0))
		w++;
	return (enum witness)w;
}

static inline void play_step(struct play *y, const struct step *s)
{
	struct event ev = { .at_ms = T0 + s->at_s * SEC, .bytes = -1, .file = s->file };

	if (ev.at_ms > y->now)
		y->now = ev.at_ms;
	switch (s->what) {
	case BOOT_BARE:
	case BOOT_NAMED:
		ev.kind = EVENT_BOOT;
		ev.xid = ++y->xid;
		ev.vendor.kind = s->what == BOOT_BARE ? VENDOR_BARE : VENDOR_NAMED;
		if (s->what == BOOT_NAMED)
			snprintf(ev.vendor.model, sizeof(ev.vendor.model), "%s", y->model);
		break;
	case SENT:
		ev.kind = EVENT_SENT;
		ev.stage_sep = phone_is(&y->p, PHONE_SEP_GIVEN) && strncmp(s->file, "SEP", 3) == 0;
		break;
	case MISSING:
		ev.kind = EVENT_MISSING;
		break;
	case FAILED:
		ev.kind = EVENT_FAILED;
		break;
	case TICK:
	case OFFER:
		ev.kind = EVENT_TICK;
		ev.offer = s->what == OFFER;
		break;
	case START:
	case STOP:
	case RETRY:
	case SKIP:
	case SKIP_FORCE:
	case FORGET:
	case FORGET_FORCE:
		ev.kind = EVENT_OPERATOR;
		ev.op = play_operation(s->what);
		ev.force = s->what == SKIP_FORCE || s->what == FORGET_FORCE;
		break;
	case REGISTERS:
		ev.kind = EVENT_REGISTERED;
		ev.load = s->file;
		ev.device_type = y->device_type;
		break;
	case ALARMS:
		ev.kind = EVENT_ALARM;
		ev.about = play_witness(s->file);
		break;
	case RESET_SENT:
		ev.kind = EVENT_REGISTERED;
		ev.reset = true;
		break;
	case EXPECT:
		return;
	}
	play_event(y, &ev);
}

static inline void play_expect(const struct play *y, const struct step *s, const char *scene, size_t i)
{
	const char *load = s->file ? s->file : "";

	if (y->p.phase == s->phase && strcmp(y->p.load.s, load) == 0 && y->p.cause == s->cause)
		return;
	fail_msg("%s, step %zu (%lld s): is %s at \"%s\" cause \"%s\", expected %s at \"%s\" cause \"%s\"",
		 scene, i, (long long)s->at_s, phase_name(y->p.phase), y->p.load.s, cause_name(y->p.cause),
		 phase_name(s->phase), load, cause_name(s->cause));
}

static inline void play_all(struct play *y, const char *scene, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (steps[i].what == EXPECT)
			play_expect(y, &steps[i], scene, i);
		else
			play_step(y, &steps[i]);
	}
}

/* What tftpd-hpa tells: each "sent" is a question, at the transfer's start; nothing says how it ended. */
static inline void play_asked(struct play *y, const char *scene, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		struct event ev = {
			.kind = EVENT_ASKED, .at_ms = T0 + s->at_s * SEC, .bytes = -1, .file = s->file
		};

		assert_int_not_equal(s->what, FAILED);
		if (s->what == EXPECT) {
			play_expect(y, s, scene, i);
		} else if (s->what == SENT) {
			y->now = ev.at_ms > y->now ? ev.at_ms : y->now;
			play_event(y, &ev);
		} else {
			play_step(y, s);
		}
	}
}

/* ---- permutation: any order of arrival within the window gives the same phone */

static inline void play_same_phone(const struct phone *a, const struct phone *b, const char *scene,
				   unsigned seed)
{
	CLEANUP(strbuf_fini) struct strbuf x = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf y = STRBUF_INIT(65536);

	evidence_format(&a->evidence, &x);
	evidence_format(&b->evidence, &y);
	if (a->phase != b->phase || a->stage_no != b->stage_no || a->flags != b->flags ||
	    a->cause != b->cause || a->boots != b->boots || a->running_by != b->running_by ||
	    strcmp(a->running, b->running) != 0)
		fail_msg(
			"%s, seed %u: %s stage %d flags %x cause %s boots %u running %s | %s stage %d flags %x cause %s boots %u running %s",
			scene, seed, phase_name(a->phase), a->stage_no, a->flags, cause_name(a->cause),
			a->boots, a->running, phase_name(b->phase), b->stage_no, b->flags,
			cause_name(b->cause), b->boots, b->running);
	if (strcmp(strbuf_text(&x), strbuf_text(&y)) != 0)
		fail_msg("%s, seed %u: evidence\n%s\n%s", scene, seed, strbuf_text(&x), strbuf_text(&y));
}

static inline bool play_movable(enum what w)
{
	return w == SENT || w == MISSING || w == FAILED || w == REGISTERS || w == ALARMS;
}

/* Files and what the phone says itself change places with others that are less than the window away; ticks, boots, offers and people keep
 * theirs and are not passed. Some arrive twice. */
static inline size_t play_shuffle(const struct step *in, size_t n, struct step *out, unsigned *seed)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (in[i].what == EXPECT)
			continue;
		out[m++] = in[i];
		if (play_movable(in[i].what) && rand_r(seed) % 4 == 0)
			out[m++] = in[i];
	}
	for (size_t round = 0; round < 4 * m; round++) {
		size_t i = (size_t)rand_r(seed) % m;

		if (i + 1 >= m || !play_movable(out[i].what) || !play_movable(out[i + 1].what))
			continue;
		int64_t apart = out[i + 1].at_s - out[i].at_s;

		if (apart < 0 || apart >= limits.order_window / SEC)
			continue;
		struct step t = out[i];

		out[i] = out[i + 1];
		out[i + 1] = t;
	}
	return m;
}

/* A scene in so many orders, each seed one. */
static inline void play_in_any_order(const char *scene, const struct step *steps, size_t n, unsigned seeds,
				     void (*init)(struct play *y))
{
	struct step *mixed = calloc(2 * n, sizeof(*mixed));
	struct play straight;

	assert_non_null(mixed);
	init(&straight);
	for (size_t k = 0; k < n; k++)
		if (steps[k].what != EXPECT)
			play_step(&straight, &steps[k]);
	for (unsigned seed = 1; seed <= seeds; seed++) {
		unsigned r = seed;
		size_t m = play_shuffle(steps, n, mixed, &r);
		struct play y;

		init(&y);
		for (size_t k = 0; k < m; k++)
			play_step(&y, &mixed[k]);
		play_same_phone(&straight.p, &y.p, scene, seed);
	}
	free(mixed);
}

#define MAC "001B0C18BDC1"
#define L1 "P00303010102"
#define L2 "P00305000500"
#define L3 "P00308000900"
#define L4 "P0S3-8-12-00"
#define X(t, load, ph)                                  \
	{                                               \
		t, EXPECT, load, PHASE_##ph, CAUSE_NONE \
	}
#define XC(t, load, ph, c)                             \
	{                                              \
		t, EXPECT, load, PHASE_##ph, CAUSE_##c \
	}

#define READS_OLD(t)                                                                       \
	{ t, SENT, "OS79XX.TXT", 0, 0 }, { (t) + 1, MISSING, "SEP" MAC ".cnf.xml", 0, 0 }, \
	{                                                                                  \
		(t) + 1, SENT, "XMLDefault.cnf.xml", 0, 0                                  \
	}
#define READS_APP(t)                                                                           \
	{ t, MISSING, "CTLSEP" MAC ".tlv", 0, 0 }, { t, MISSING, "SEP" MAC ".cnf.xml", 0, 0 }, \
	{                                                                                      \
		(t) + 1, SENT, "XMLDefault.cnf.xml", 0, 0                                      \
	}
#define HUNT(t)                                                                                       \
	{ t, MISSING, "CTLSEP" MAC ".tlv", 0, 0 }, { t, MISSING, "SEP" MAC ".cnf.xml", 0, 0 },        \
		{ t, MISSING, "SIP" MAC ".cnf", 0, 0 }, { (t) + 1, MISSING, "MGC" MAC ".cnf", 0, 0 }, \
	{                                                                                             \
		(t) + 1, SENT, "XMLDefault.cnf.xml", 0, 0                                             \
	}

/* The seed's ladder, as the facts time it: 3.x at the start, SIP at the end (F§2, F§6). */
static const struct step ladder[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L1, OFFERED),
	READS_OLD(2),
	{ 7, SENT, L1 ".bin", 0, 0 },
	X(7, L1, FLASHING),
	{ 40, OFFER, NULL, 0, 0 },
	{ 40, BOOT_BARE, NULL, 0, 0 },
	X(40, L1, CHECKING),
	READS_OLD(42),
	READS_OLD(76),
	READS_OLD(110),
	READS_OLD(144),
	{ 150, TICK, NULL, 0, 0 },
	X(150, L1, CHECKING),
	{ 163, TICK, NULL, 0, 0 },
	X(163, L1, CHECKING), /* proven, but it has just read: no swing yet */
	{ 177, TICK, NULL, 0, 0 },
	X(177, L2, OFFERED),
	READS_OLD(178),
	{ 184, SENT, L2 ".bin", 0, 0 },
	X(184, L2, FLASHING),
	{ 215, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(217),
	X(217, L2, CHECKING),
	{ 345, TICK, NULL, 0, 0 },
	X(345, L3, OFFERED),
	READS_OLD(350),
	{ 355, SENT, L3 ".sbn", 0, 0 },
	X(355, L3, HALF_FLASHED),
	{ 385, BOOT_NAMED, NULL, 0, 0 },
	X(385, L3, HALF_FLASHED),
	HUNT(386),
	{ 387, SENT, L3 ".loads", 0, 0 },
	{ 400, SENT, L3 ".sb2", 0, 0 },
	X(400, L3, FLASHING),
	{ 450, BOOT_NAMED, NULL, 0, 0 },
	X(450, L3, CHECKING),
	READS_APP(452),
	READS_APP(486),
	READS_APP(520),
	READS_APP(554),
	{ 569, TICK, NULL, 0, 0 },
	X(569, L3, CHECKING),
	{ 571, OFFER, NULL, 0, 0 },
	X(571, L4, OFFERED),
	{ 571, BOOT_NAMED, NULL, 0, 0 },
	READS_APP(573),
	READS_APP(607),
	{ 622, BOOT_NAMED, NULL, 0, 0 },
	HUNT(624),
	{ 625, SENT, L4 ".loads", 0, 0 },
	X(625, L4, DOWNLOADING),
	{ 628, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(628, L4, HALF_FLASHED),
	{ 655, BOOT_NAMED, NULL, 0, 0 },
	HUNT(656),
	{ 657, SENT, L4 ".loads", 0, 0 },
	{ 670, SENT, L4 ".sb2", 0, 0 },
	X(670, L4, FLASHING),
	{ 720, BOOT_NAMED, NULL, 0, 0 },
	X(720, L4, CHECKING),
	{ 725, SENT, "SIPDefault.cnf", 0, 0 },
	X(725, L4, DONE),
};

#endif
