/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The stage machine, scene by scene: each test is a history as the servers would tell it, with the phases it
 * must lead to. Then the two properties that hold it together: any order of arrival within the window gives
 * the same phone, and the golden matrix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "engine.h"
#include "file.h"

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

static struct plan seed_plan(void)
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

enum what { BOOT_BARE, BOOT_NAMED, SENT, MISSING, FAILED, TICK, OFFER, START, STOP, EXPECT };

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
};

static void play_init(struct play *y)
{
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };

	memset(y, 0, sizeof(*y));
	y->plan = seed_plan();
	phone_init(&y->p, &mac);
	y->p.vendor = VENDOR_BARE;
	y->p.generation = GEN_CLASSIC;
	y->may_enter = true;
	y->ready = UINT32_MAX;
	y->now = T0;
}

static void play_event(struct play *y, struct event *ev)
{
	struct engine_context ctx = { .plan = &y->plan,
				      .limits = &limits,
				      .now_ms = y->now,
				      .now_wall_ms = y->now,
				      .may_enter = y->may_enter,
				      .stages_ready = y->ready };
	struct phone before = y->p;

	engine_step(&before, ev, &ctx, &y->p, &y->r);
}

static void play_step(struct play *y, const struct step *s)
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
			snprintf(ev.vendor.model, sizeof(ev.vendor.model), "7960");
		break;
	case SENT:
		ev.kind = EVENT_SENT;
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
		ev.kind = EVENT_OPERATOR;
		ev.op = s->what == START ? OP_START : OP_STOP;
		break;
	case EXPECT:
		return;
	}
	play_event(y, &ev);
}

static void play_expect(const struct play *y, const struct step *s, const char *scene, size_t i)
{
	const char *load = s->file ? s->file : "";

	if (y->p.phase == s->phase && strcmp(y->p.load.s, load) == 0 && y->p.cause == s->cause)
		return;
	fail_msg("%s, step %zu (%lld s): is %s at \"%s\" cause \"%s\", expected %s at \"%s\" cause \"%s\"",
		 scene, i, (long long)s->at_s, phase_name(y->p.phase), y->p.load.s, cause_name(y->p.cause),
		 phase_name(s->phase), load, cause_name(s->cause));
}

static void play_all(struct play *y, const char *scene, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (steps[i].what == EXPECT)
			play_expect(y, &steps[i], scene, i);
		else
			play_step(y, &steps[i]);
	}
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

/* Power cut between loader and application: the same stage, option 150, and it goes on (design: 5). */
static const struct step power_cut[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(5, L4, HALF_FLASHED),
	{ 100, TICK, NULL, 0, 0 },
	X(100, L4, HALF_FLASHED),
	{ 126, TICK, NULL, 0, 0 },
	XC(126, L4, STUCK, APP_MISSING_AFTER_LOADER),
	{ 4000, BOOT_NAMED, NULL, 0, 0 },
	X(4000, L4, HALF_FLASHED),
	HUNT(4001),
	{ 4002, SENT, L4 ".loads", 0, 0 },
	{ 4015, SENT, L4 ".sb2", 0, 0 },
	X(4015, L4, FLASHING),
	{ 4070, SENT, "SIPDefault.cnf", 0, 0 },
	X(4070, L4, DONE),
};

/* A10: whole image, asks again, twice; never advanced. */
static const struct step refused[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 12, SENT, L4 ".sb2", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	X(60, L4, CHECKING),
	HUNT(61),
	{ 62, SENT, L4 ".loads", 0, 0 },
	{ 75, SENT, L4 ".sb2", 0, 0 },
	X(75, L4, FLASHING),
	{ 125, BOOT_NAMED, NULL, 0, 0 },
	HUNT(126),
	{ 127, SENT, L4 ".loads", 0, 0 },
	{ 140, SENT, L4 ".sb2", 0, 0 },
	XC(140, L4, STUCK, IMAGE_REJECTED),
	{ 190, BOOT_NAMED, NULL, 0, 0 },
	{ 900, TICK, NULL, 0, 0 },
	XC(900, L4, STUCK, IMAGE_REJECTED),
};

/* Already at 3.1: two boots in which it reads and wants nothing. */
static const struct step presumed[] = {
	{ 0, START, NULL, 0, 0 },
	{ 1, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(3),
	{ 40, TICK, NULL, 0, 0 },
	X(40, L1, OFFERED),
	{ 100, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(102),
	{ 110, TICK, NULL, 0, 0 },
	X(110, L1, OFFERED),
	{ 134, TICK, NULL, 0, 0 },
	X(134, L2, OFFERED),
	READS_OLD(140),
	{ 800, TICK, NULL, 0, 0 },
	X(800, L2, OFFERED), /* no boot since, and not known to be signed: a guess would be dangerous */
};

/* The seed's phone at 5.0(5) that cannot be reset: asks for a signed image of an unsigned load, then
 * polls. */
static const struct step at_five[] = {
	{ 0, START, NULL, 0, 0 },
	{ 1, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(3),
	{ 5, MISSING, L1 ".sbn", 0, 0 },
	X(5, L1, OFFERED),
	{ 36, TICK, NULL, 0, 0 },
	X(36, L2, OFFERED),
	READS_OLD(39),
	READS_OLD(73),
	READS_OLD(107),
	{ 340, TICK, NULL, 0, 0 },
	X(340, L3, OFFERED),
};

/* Names its model: enters at the last stage; asks for OS79XX.TXT after all: to the first. */
static const struct step tentative[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	X(0, L4, OFFERED),
	{ 2, SENT, "OS79XX.TXT", 0, 0 },
	X(2, L4, OFFERED),
	{ 33, TICK, NULL, 0, 0 },
	X(33, L1, OFFERED),
};

static const struct step named_on_the_way[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },	{ 0, START, NULL, 0, 0 }, X(0, L1, OFFERED),
	{ 10, BOOT_NAMED, NULL, 0, 0 }, X(10, L4, OFFERED),
};

/* A9: at SIP already. */
static const struct step there_already[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	X(2, L4, DOWNLOADING),
	{ 26, SENT, "SIPDefault.cnf", 0, 0 },
	X(26, L4, DONE),
};

/* A 7910 among the unnamed, and an old SIP phone. */
static const struct step family[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 3, MISSING, "P00405000700.bin", 0, 0 },
	XC(3, NULL, SEEN, WRONG_FAMILY),
	{ 5, SENT, "RINGLIST.DAT", 0, 0 },
	XC(5, NULL, SEEN, WRONG_FAMILY),
};
static const struct step old_sip[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 3, SENT, "SIPDefault.cnf", 0, 0 },
	XC(3, NULL, SEEN, SIP_TOO_OLD),
};

/* Observed only: nothing is started, and yet its story is told. */
static const struct step observed[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	HUNT(1),
	{ 2, SENT, L4 ".loads", 0, 0 },
	{ 15, SENT, L4 ".sb2", 0, 0 },
	X(15, L4, SEEN),
	{ 70, SENT, "SIPDefault.cnf", 0, 0 },
	X(70, L4, DONE),
};
static const struct step observed_trouble[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	HUNT(1),
	{ 2, MISSING, L4 ".loads", 0, 0 },
	{ 60, BOOT_NAMED, NULL, 0, 0 },
	HUNT(61),
	{ 62, MISSING, L4 ".loads", 0, 0 },
	XC(62, L4, SEEN, LOAD_NOT_FOUND),
	{ 90, SENT, L4 ".loads", 0, 0 },
	X(90, L4, SEEN),
};

static const struct step not_found[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	HUNT(1),
	{ 2, MISSING, L4 ".loads", 0, 0 },
	X(2, L4, DOWNLOADING),
	HUNT(30),
	{ 31, MISSING, L4 ".loads", 0, 0 },
	XC(31, L4, STUCK, LOAD_NOT_FOUND),
	HUNT(60),
	{ 61, SENT, L4 ".loads", 0, 0 },
	X(61, L4, DOWNLOADING),
};
static const struct step failing[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 1, SENT, L4 ".loads", 0, 0 },
	{ 20, FAILED, "P003-8-12-00.sbn", 0, 0 },
	{ 60, FAILED, "P003-8-12-00.sbn", 0, 0 },
	X(60, L4, DOWNLOADING),
	{ 99, FAILED, "P003-8-12-00.sbn", 0, 0 },
	XC(99, L4, STUCK, TRANSFER_FAILING),
	{ 140, SENT, "P003-8-12-00.sbn", 0, 0 },
	X(140, L4, HALF_FLASHED),
};
static const struct step looping[] = {
	{ 0, BOOT_NAMED, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 40, BOOT_NAMED, NULL, 0, 0 },
	{ 70, SENT, "P003-8-12-00.sbn", 0, 0 },
	{ 110, BOOT_NAMED, NULL, 0, 0 },
	{ 140, SENT, "P003-8-12-00.sbn", 0, 0 },
	XC(140, L4, STUCK, LOADER_LOOPING),
	{ 170, SENT, L4 ".loads", 0, 0 },
	{ 180, SENT, L4 ".sb2", 0, 0 },
	X(180, L4, FLASHING),
};
static const struct step silent[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 180, TICK, NULL, 0, 0 },
	X(180, L1, FLASHING),
	{ 187, TICK, NULL, 0, 0 },
	XC(187, L1, STUCK, SILENT_AFTER_FLASH),
	{ 300, BOOT_BARE, NULL, 0, 0 },
	X(300, L1, CHECKING),
};

/* Stopped: finishes its stage, goes no further, until it is started again. */
static const struct step stopped[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 8, STOP, NULL, 0, 0 },
	X(8, L1, FLASHING),
	{ 40, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(42),
	{ 400, TICK, NULL, 0, 0 },
	X(400, L1, CHECKING),
	{ 410, START, NULL, 0, 0 },
	{ 411, TICK, NULL, 0, 0 },
	X(411, L2, OFFERED),
};

/* An unsigned image taken whole twice and asked for again: it runs 5.x, to the first signed stage. */
static const struct step unsigned_in_vain[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	{ 40, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(41),
	{ 100, SENT, L1 ".bin", 0, 0 },
	{ 140, BOOT_BARE, NULL, 0, 0 },
	READS_OLD(141),
	{ 200, SENT, L1 ".bin", 0, 0 },
	XC(200, L1, STUCK, IMAGE_REJECTED),
	{ 231, TICK, NULL, 0, 0 },
	X(231, L2, OFFERED),
};

/* The loader alone never proves, a download alone never proves, a renewal is no boot (it never reaches the
 * engine as one). */
static const struct step download_only[] = {
	{ 0, BOOT_BARE, NULL, 0, 0 },
	{ 0, START, NULL, 0, 0 },
	READS_OLD(1),
	{ 6, SENT, L1 ".bin", 0, 0 },
	READS_OLD(30),
	READS_OLD(64),
	READS_OLD(98),
	READS_OLD(132),
	READS_OLD(166),
	{ 170, TICK, NULL, 0, 0 },
	X(170, L1, FLASHING),
};

static const struct scene_entry {
	const char *name;
	const struct step *steps;
	size_t n;
} scenes[] = {
#define S(x)                                      \
	{                                         \
#x, x, sizeof(x) / sizeof((x)[0]) \
	}
	S(ladder),    S(power_cut),	   S(refused),		S(presumed),	  S(at_five),
	S(tentative), S(named_on_the_way), S(there_already),	S(family),	  S(old_sip),
	S(observed),  S(observed_trouble), S(not_found),	S(failing),	  S(looping),
	S(silent),    S(stopped),	   S(unsigned_in_vain), S(download_only),
#undef S
};
#define N_SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		struct play y;

		play_init(&y);
		play_all(&y, scenes[i].name, scenes[i].steps, scenes[i].n);
	}
}

/* ---- permutation */

static void same_phone(const struct phone *a, const struct phone *b, const char *scene, unsigned seed)
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

static bool movable(enum what w)
{
	return w == SENT || w == MISSING || w == FAILED;
}

/* Files change places with files that are less than the window away; ticks, boots, offers and people keep
 * theirs and are not passed. Some arrive twice. */
static size_t shuffle(const struct step *in, size_t n, struct step *out, unsigned *seed)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (in[i].what == EXPECT)
			continue;
		out[m++] = in[i];
		if (movable(in[i].what) && rand_r(seed) % 4 == 0)
			out[m++] = in[i];
	}
	for (size_t round = 0; round < 4 * m; round++) {
		size_t i = (size_t)rand_r(seed) % m;

		if (i + 1 >= m || !movable(out[i].what) || !movable(out[i + 1].what))
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

static void test_any_order_gives_the_same_phone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCENES; i++) {
		struct step *mixed = calloc(2 * scenes[i].n, sizeof(*mixed));
		struct play straight;

		assert_non_null(mixed);
		play_init(&straight);
		for (size_t k = 0; k < scenes[i].n; k++)
			if (scenes[i].steps[k].what != EXPECT)
				play_step(&straight, &scenes[i].steps[k]);
		for (unsigned seed = 1; seed <= 300; seed++) {
			unsigned r = seed;
			size_t m = shuffle(scenes[i].steps, scenes[i].n, mixed, &r);
			struct play y;

			play_init(&y);
			for (size_t k = 0; k < m; k++)
				play_step(&y, &mixed[k]);
			same_phone(&straight.p, &y.p, scenes[i].name, seed);
		}
		free(mixed);
	}
}

/* Without DHCP knowledge boots are guessed from the files: the same must hold. */
static void test_any_order_without_dhcp(void **state)
{
	(void)state;
	static const struct step files[] = {
		HUNT(1),
		{ 2, SENT, L4 ".loads", 0, 0 },
		{ 5, SENT, "P003-8-12-00.sbn", 0, 0 },
		HUNT(35),
		{ 36, SENT, L4 ".loads", 0, 0 },
		{ 50, SENT, L4 ".sb2", 0, 0 },
		{ 100, SENT, "SIPDefault.cnf", 0, 0 },
		{ 101, MISSING, "SIP" MAC ".cnf", 0, 0 },
	};
	struct play straight;
	struct step mixed[2 * sizeof(files) / sizeof(files[0])];

	play_init(&straight);
	for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++)
		play_step(&straight, &files[k]);
	assert_int_equal(straight.p.phase, PHASE_DONE);
	for (unsigned seed = 1; seed <= 2000; seed++) {
		unsigned r = seed;
		struct play y;
		size_t m = shuffle(files, sizeof(files) / sizeof(files[0]), mixed, &r);

		play_init(&y);
		for (size_t k = 0; k < m; k++)
			play_step(&y, &mixed[k]);
		same_phone(&straight.p, &y.p, "files only", seed);
	}
}

/* ---- single rules */

static void test_waits_for_room_and_for_its_stage(void **state)
{
	(void)state;
	struct play y;
	struct step start = { 0, START, NULL, 0, 0 };

	play_init(&y);
	y.may_enter = false;
	play_step(&y, &start);
	assert_int_equal(y.p.phase, PHASE_WAITING);
	play_init(&y);
	y.ready = 0xe; /* the first stage is not published */
	play_step(&y, &start);
	assert_int_equal(y.p.phase, PHASE_WAITING);
	y.ready = 0xf;
	struct event let_in = { .kind = EVENT_OPERATOR, .op = OP_LET_IN, .at_ms = T0 + SEC };

	play_event(&y, &let_in);
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_string_equal(y.p.load.s, L1);
}

static void test_missing_next_stage_holds(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	y.ready = 0x1;
	for (size_t k = 0; k < sizeof(ladder) / sizeof(ladder[0]) && ladder[k].at_s <= 177; k++)
		if (ladder[k].what != EXPECT)
			play_step(&y, &ladder[k]);
	assert_int_equal(y.p.phase, PHASE_CHECKING);
	assert_true(phone_is(&y.p, PHONE_PROVEN));
	assert_string_equal(y.p.running, L1);
	assert_true(y.r.due_ms > y.now);
	y.ready = 0x3;
	play_step(&y, &(struct step){ 210, TICK, NULL, 0, 0 });
	assert_string_equal(y.p.load.s, L2);
}

static void test_old_events_do_not_count(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 100, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 99, SENT, L1 ".bin", 0, 0 });
	assert_true(y.r.ignored);
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	assert_int_equal(y.p.evidence.file[FILE_CLASS_IMAGE][OUTCOME_SENT].last[0], 0);
}

static void test_needs_reboot_is_no_fault(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	play_step(&y, &(struct step){ 599, TICK, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_NEEDS_REBOOT));
	play_step(&y, &(struct step){ 601, TICK, NULL, 0, 0 });
	assert_true(phone_is(&y.p, PHONE_NEEDS_REBOOT));
	assert_int_equal(y.p.phase, PHASE_OFFERED);
	play_step(&y, &(struct step){ 700, BOOT_BARE, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_NEEDS_REBOOT));
}

static void test_other_stages_config_is_no_proof(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	for (size_t k = 0; k < 8; k++)
		if (ladder[k].what != EXPECT)
			play_step(&y, &ladder[k]);
	play_step(&y, &(struct step){ 40, BOOT_BARE, NULL, 0, 0 });
	for (int t = 42; t < 300; t += 34) {
		struct event ev = { .kind = EVENT_SENT,
				    .file = "XMLDefault.cnf.xml",
				    .at_ms = T0 + t * SEC,
				    .other_config = true };

		y.now = ev.at_ms;
		play_event(&y, &ev);
	}
	play_step(&y, &(struct step){ 400, TICK, NULL, 0, 0 });
	assert_false(phone_is(&y.p, PHONE_PROVEN));
}

static void test_plan_changed_beneath(void **state)
{
	(void)state;
	struct play y;

	play_init(&y);
	play_step(&y, &(struct step){ 0, BOOT_BARE, NULL, 0, 0 });
	play_step(&y, &(struct step){ 0, START, NULL, 0, 0 });
	/* its load is removed: it stays the goal until proven, then comes what took its place */
	memmove(&y.plan.stages[0], &y.plan.stages[1], 3 * sizeof(y.plan.stages[0]));
	y.plan.n_stages = 3;
	static const struct step rest[] = {
		{ 5, SENT, L1 ".bin", 0, 0 }, { 40, BOOT_BARE, NULL, 0, 0 }, READS_OLD(42),
		{ 180, TICK, NULL, 0, 0 },    X(180, L2, OFFERED),
	};
	play_all(&y, "plan changed", rest, sizeof(rest) / sizeof(rest[0]));
}

/* Every phase and every event: no crash, no rest without end, and what has no row changes no phase. */
static void test_all_pairs_come_to_rest(void **state)
{
	(void)state;
	for (int ph = 0; ph < PHASE_COUNT; ph++) {
		for (int what = BOOT_BARE; what <= STOP; what++) {
			struct play y;
			struct step s = { 1000, (enum what)what, L2 ".sbn", 0, 0 };

			play_init(&y);
			y.p.phase = (enum phase)ph;
			y.p.stage_no = 2;
			y.p.load = y.plan.stages[1].load;
			y.p.flags = ph == PHASE_SEEN ? 0 : PHONE_STARTED;
			snprintf(y.p.plan, sizeof(y.p.plan), "%s", y.plan.name);
			play_step(&y, &s);
			assert_true(y.r.n_notes < ENGINE_NOTES_MAX);
			if (y.r.ignored)
				assert_int_equal(y.p.phase, ph);
		}
	}
}

static void test_golden_matrix(void **state)
{
	(void)state;
	CLEANUP(strbuf_fini) struct strbuf made = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf golden = STRBUF_INIT(65536);
	CLEANUP(strbuf_fini) struct strbuf readme = STRBUF_INIT(1 << 20);
	struct err e;

	engine_matrix(&made);
	assert_int_equal(file_read("tests/data/engine_matrix.md", 65536, &golden, &e), 0);
	assert_string_equal(strbuf_text(&made), strbuf_text(&golden));
	assert_int_equal(file_read("README.md", 1 << 20, &readme, &e), 0);
	assert_non_null(strstr(strbuf_text(&readme), strbuf_text(&golden)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_any_order_gives_the_same_phone),
		cmocka_unit_test(test_any_order_without_dhcp),
		cmocka_unit_test(test_waits_for_room_and_for_its_stage),
		cmocka_unit_test(test_missing_next_stage_holds),
		cmocka_unit_test(test_old_events_do_not_count),
		cmocka_unit_test(test_needs_reboot_is_no_fault),
		cmocka_unit_test(test_other_stages_config_is_no_proof),
		cmocka_unit_test(test_plan_changed_beneath),
		cmocka_unit_test(test_all_pairs_come_to_rest),
		cmocka_unit_test(test_golden_matrix),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
