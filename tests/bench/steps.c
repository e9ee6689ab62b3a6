/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The stage machine alone, in one thread: a classic phone climbs four loads over and over, every event it needs
 * for that, and ticks. Beside it, in turns, the same number of copies of a phone, which is the least a function
 * from phone to phone can do. `steps sizes` tells how large a phone is, and what its evidence is of that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

#define SEC 1000
#define T0 1700000000000LL

static const struct limits limits = {
	.loader = 120 * SEC, .app = 180 * SEC, .stage_classic = 600 * SEC, .stage_java = 1500 * SEC,
	.proof_silence = 120 * SEC, .quiet = 30 * SEC, .order_window = 5 * SEC, .presume = 300 * SEC,
	.idle = 600 * SEC, .round_gap = 60 * SEC, .boot_gap = 15 * SEC, .holder_change = 30 * SEC,
	.tick_gap = 30 * SEC,
};

static const char *const loads[] = { "P00303010102", "P00305000500", "P00308000900", "P0S3-8-12-00" };
#define N_LOADS (int)(sizeof loads / sizeof loads[0])

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void make_plan(struct plan *pl)
{
	*pl = (struct plan){ .name = "ladder", .n_models = 3, .n_stages = (unsigned)N_LOADS };
	snprintf(pl->models[0], sizeof pl->models[0], "7940");
	snprintf(pl->models[1], sizeof pl->models[1], "7960");
	snprintf(pl->models[2], sizeof pl->models[2], "unnamed");
	for (int i = 0; i < N_LOADS; i++) {
		struct load_name n;

		snprintf(n.s, sizeof n.s, "%s", loads[i]);
		loadset_from_name(&n, &pl->stages[i]);
		pl->stages[i].complete = true;
	}
	snprintf(pl->stages[3].loader, sizeof pl->stages[3].loader, "P003-8-12-00.sbn");
}

struct run {
	struct plan plan;
	struct phone p;
	struct engine_result r;
	int64_t now;
	uint32_t xid;
	long steps, done;
};

static void step(struct run *u, enum event_kind kind, const char *file, enum operation op, int64_t after_s)
{
	struct engine_context ctx = { .plan = &u->plan, .limits = &limits, .may_enter = true,
				      .stages_ready = UINT32_MAX };
	struct event ev = { .kind = kind, .file = file, .bytes = -1, .op = op };
	struct phone after;

	u->now += after_s * SEC;
	ev.at_ms = ctx.now_ms = ctx.now_wall_ms = u->now;
	if (kind == EVENT_BOOT) {
		ev.xid = ++u->xid;
		ev.vendor.kind = u->p.stage_no > 2 ? VENDOR_NAMED : VENDOR_BARE;
		if (ev.vendor.kind == VENDOR_NAMED)
			snprintf(ev.vendor.model, sizeof ev.vendor.model, "7960");
	}
	engine_step(&u->p, &ev, &ctx, &after, &u->r);
	u->p = after;
	u->steps++;
}

/* One stage as its phone lives it: look, fetch, boot, look again until it is proven. */
static void stage(struct run *u)
{
	static const char *const suffixes[] = { ".loads", ".bin", ".sbn", ".sb2" };
	char file[LOAD_NAME_MAX + 8];
	int stage_no = u->p.stage_no;

	step(u, EVENT_BOOT, NULL, OP_NONE, 40);
	step(u, EVENT_SENT, "XMLDefault.cnf.xml", OP_NONE, 1);
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		snprintf(file, sizeof file, "%s%s", u->p.load.s, suffixes[i]);
		step(u, EVENT_SENT, file, OP_NONE, 2);
	}
	step(u, EVENT_BOOT, NULL, OP_NONE, 40);
	for (int i = 0; i < 40 && u->p.stage_no == stage_no && u->p.phase != PHASE_DONE; i++) {
		step(u, EVENT_SENT, stage_no == N_LOADS ? "SIPDefault.cnf" : "XMLDefault.cnf.xml", OP_NONE, 34);
		step(u, EVENT_TICK, NULL, OP_NONE, 31);
	}
}

static void climb(struct run *u)
{
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xbd, 0xc1 } };

	phone_init(&u->p, &mac);
	u->p.vendor = VENDOR_BARE;
	u->p.generation = GEN_CLASSIC;
	u->now = T0;
	step(u, EVENT_OPERATOR, NULL, OP_START, 0);
	for (int i = 0; i < N_LOADS && u->p.phase != PHASE_DONE; i++)
		stage(u);
	u->done += u->p.phase == PHASE_DONE;
}

static int sizes(void)
{
	struct run *u = calloc(1, sizeof *u);
	struct strbuf text = STRBUF_INIT(65536);

	if (!u)
		return 1;
	make_plan(&u->plan);
	climb(u);
	evidence_format(&u->p.evidence, &text);
	printf("phone-bytes %zu\nevidence-bytes %zu\nevidence-share %.2f\nevidence-text-bytes %zu\n",
	       sizeof(struct phone), sizeof(struct evidence),
	       (double)sizeof(struct evidence) / (double)sizeof(struct phone), text.len);
	strbuf_fini(&text);
	free(u);
	return 0;
}

static int steps(int64_t ms)
{
	struct run *u = calloc(1, sizeof *u);
	long climbs = 0;

	if (!u)
		return 1;
	make_plan(&u->plan);
	int64_t began = now_ns();

	for (; now_ns() - began < ms * 1000000; climbs++)
		climb(u);
	int64_t took = now_ns() - began;

	if (u->done != climbs)
		fprintf(stderr, "steps: a phone ended as %s on stage %d, not done\n", phase_name(u->p.phase),
			u->p.stage_no);
	printf("per-s %.0f\nns %.0f\nsteps-a-phone %ld\n", (double)u->steps * 1e9 / (double)took,
	       (double)took / (double)u->steps, u->steps / climbs);
	int bad = u->done != climbs;

	free(u);
	return bad;
}

static int copies(int64_t ms)
{
	struct phone *p = calloc(2, sizeof *p);
	long n = 0;

	if (!p)
		return 1;
	int64_t began = now_ns();

	while (now_ns() - began < ms * 1000000)
		for (int i = 0; i < 1000; i++, n++) {
			p[1] = p[0];
			__asm__ volatile("" ::: "memory"); /* each copy is made */
			p[0] = p[1];
			__asm__ volatile("" ::: "memory");
		}
	int64_t took = now_ns() - began;

	printf("per-s %.0f\nns %.0f\n", (double)n * 1e9 / (double)took, (double)took / (double)n);
	free(p);
	return 0;
}

int main(int argc, char **argv)
{
	int64_t ms = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (argc == 2 && strcmp(argv[1], "sizes") == 0)
		return sizes();
	if (ms > 0 && strcmp(argv[1], "engine") == 0)
		return steps(ms);
	if (ms > 0 && strcmp(argv[1], "copy") == 0)
		return copies(ms);
	fprintf(stderr, "usage: steps sizes | engine MS | copy MS\n");
	return 2;
}
