/* SPDX-License-Identifier: MPL-2.0 */
/* A fleet that moves, for who watches one: phones of the plans "ladder" (operator.sh) and "java" at all places of their
 * way, with evidence and history as the engine would write them, which then take one step after the other. The same
 * arguments make the same fleet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "state.h"

#define STAGES 4
#define FILES 6
#define STEP_S 20 /* seconds between two steps, when the fleet is made */

struct file {
	const char *name;
	int64_t bytes;
	enum file_class is;
	int member; /* of a java load; -1 */
};

struct stage {
	const char *load;
	struct file files[FILES];
};

#define MEMBER(name, bytes, n)                        \
	{                                             \
		name, bytes, FILE_CLASS_MEMBER, n - 1 \
	}

static const struct stage ladder[STAGES] = {
	{ "P00303010102", { { "P00303010102.bin", 391704, FILE_CLASS_IMAGE, -1 } } },
	{ "P00305000500", { { "P00305000500.sbn", 705272, FILE_CLASS_IMAGE, -1 } } },
	{ "P00308000900",
	  { { "P00308000900.loads", 461, FILE_CLASS_MANIFEST, -1 },
	    { "P00308000900.sbn", 130228, FILE_CLASS_LOADER, -1 },
	    { "P00308000900.sb2", 771172, FILE_CLASS_APP, -1 } } },
	{ "P0S3-8-12-00",
	  { { "P0S3-8-12-00.loads", 461, FILE_CLASS_MANIFEST, -1 },
	    { "P003-8-12-00.sbn", 130228, FILE_CLASS_LOADER, -1 },
	    { "P0S3-8-12-00.sb2", 886544, FILE_CLASS_APP, -1 } } },
};

static const struct stage java[1] = {
	{ "SIP41.8-5-4S",
	  { { "SIP41.8-5-4S.loads", 652, FILE_CLASS_MANIFEST, -1 },
	    MEMBER("jar41sip.8-5-4TH1-6.sbn", 1861450, 1),
	    MEMBER("cnu41.8-5-4TH1-6.sbn", 566250, 2),
	    MEMBER("apps41.8-5-4TH1-6.sbn", 2840166, 3),
	    MEMBER("dsp41.8-5-4TH1-6.sbn", 338614, 4),
	    MEMBER("cvm41sip.8-5-4TH1-6.sbn", 2342526, 5) } },
};

struct mover {
	struct state *st;
	int64_t now_ms;
	struct err e;
};

static void check(struct mover *m, int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "movefleet: %s\n", rc < 0 ? m->e.text : "no such phone");
	exit(1);
}

static const struct stage *stage_of(const struct phone *p)
{
	if (strcmp(p->plan, "java") == 0)
		return &java[0];
	return &ladder[p->stage_no > 0 ? p->stage_no - 1 : 0];
}

static int last_stage(const struct phone *p)
{
	return strcmp(p->plan, "java") == 0 ? 1 : STAGES;
}

static void event(struct mover *m, struct phone *p, enum event_kind kind, const struct file *f, enum phase to,
		  const char *note)
{
	struct history h = { .at_ms = m->now_ms,
			     .phone_id = p->id,
			     .mac = p->mac,
			     .mac_known = p->mac_known,
			     .address = p->address,
			     .kind = kind,
			     .bytes = kind == EVENT_SENT ? f->bytes : -1,
			     .from = p->phase,
			     .to = to,
			     .stage_no = p->stage_no };

	text_copy(h.file, sizeof h.file, f ? f->name : "");
	text_copy(h.note, sizeof h.note, note);
	if (p->phase != to)
		p->since_ms = m->now_ms;
	p->phase = to;
	p->last_event_ms = m->now_ms;
	check(m, state_phone_put(m->st, p, &m->e));
	check(m, state_history_put(m->st, &h, &m->e));
	if (kind == EVENT_SENT)
		check(m, state_fetch_add(m->st, p->id, p->stage_no, f->name, f->bytes, m->now_ms, &m->e));
}

static void enter(struct mover *m, struct phone *p, int stage_no)
{
	char note[128];

	p->stage_no = stage_no;
	p->stage_since_ms = m->now_ms;
	memset(&p->evidence, 0, sizeof p->evidence);
	text_copy(p->load.s, sizeof p->load.s, stage_of(p)->load);
	snprintf(note, sizeof note, "next stage: stage %d, %s", stage_no, p->load.s);
	event(m, p, EVENT_TICK, NULL, PHASE_OFFERED, note);
}

static bool has(const struct phone *p, const struct file *f)
{
	const struct evidence *e = &p->evidence;

	return times_latest(f->member >= 0 ? &e->member[f->member] : &e->file[f->is][OUTCOME_SENT]) != 0;
}

static void fetch(struct mover *m, struct phone *p, const struct file *f, bool last)
{
	struct evidence *e = &p->evidence;

	times_add(&e->file[f->is][OUTCOME_SENT], m->now_ms);
	if (f->member >= 0)
		times_add(&e->member[f->member], m->now_ms);
	if (last)
		event(m, p, EVENT_SENT, f, PHASE_FLASHING, "has the whole load");
	else
		event(m, p, EVENT_SENT, f,
		      f->is == FILE_CLASS_LOADER ? PHASE_HALF_FLASHED : PHASE_DOWNLOADING,
		      "fetches the load");
}

static void climb(struct mover *m, struct phone *p)
{
	text_copy(p->running, sizeof p->running, p->load.s);
	p->running_by = RUNNING_BY_PROOF;
	if (p->stage_no < last_stage(p))
		enter(m, p, p->stage_no + 1);
	else
		event(m, p, EVENT_TICK, NULL, PHASE_DONE, "proven: it runs the plan's last load");
}

/* The next thing that happens to it. */
static void step(struct mover *m, struct phone *p)
{
	const struct stage *s = stage_of(p);

	p->flags &= ~(uint32_t)PHONE_NEEDS_REBOOT;
	if (p->phase == PHASE_SEEN || p->phase == PHASE_WAITING) {
		p->flags |= PHONE_STARTED;
		enter(m, p, 1);
	} else if (p->phase == PHASE_FLASHING) {
		times_add(&p->evidence.boot, m->now_ms);
		p->boots++;
		event(m, p, EVENT_BOOT, NULL, PHASE_CHECKING, "came back");
	} else if (p->phase == PHASE_CHECKING) {
		climb(m, p);
	} else {
		for (int i = 0; i < FILES && s->files[i].name; i++)
			if (!has(p, &s->files[i])) {
				fetch(m, p, &s->files[i], i + 1 == FILES || !s->files[i + 1].name);
				return;
			}
	}
}

/* ---- a fleet at all places of its way */

static const enum cause troubles[] = { CAUSE_IMAGE_REJECTED, CAUSE_TRANSFER_FAILING, CAUSE_LOAD_NOT_FOUND,
				       CAUSE_APP_MISSING_AFTER_LOADER, CAUSE_SILENT_AFTER_FLASH };

static void stick(struct mover *m, struct phone *p, unsigned n)
{
	const struct file *f = &stage_of(p)->files[0];

	p->cause = troubles[n / 25 % (sizeof troubles / sizeof troubles[0])];
	if (p->cause == CAUSE_LOAD_NOT_FOUND) {
		times_add(&p->evidence.file[f->is][OUTCOME_MISSING], m->now_ms);
		event(m, p, EVENT_MISSING, f, p->phase, "");
	}
	event(m, p, EVENT_TICK, NULL, PHASE_STUCK, cause_name(p->cause));
}

static void make_phone(struct mover *m, unsigned n, bool in_java)
{
	static const char *const models[] = { "7960", "7940", "7960" }, *const java_models[] = { "7941",
												 "7961G-GE" };
	struct mac mac = { { 0x00, 0x1b, 0x0c, 0x18, 0xb0 + (n >> 8 & 63), n & 255 } };
	int64_t now_ms = m->now_ms;
	struct phone p;

	phone_init(&p, &mac);
	p.address = (struct ip4){ 0x0a000000 + 16 + n };
	p.vendor = VENDOR_NAMED;
	p.generation = in_java ? GEN_JAVA : GEN_CLASSIC;
	text_copy(p.model, sizeof p.model, in_java ? java_models[n % 2] : models[n % 3]);
	m->now_ms -= (int64_t)(20 * STEP_S + n * 7919 % 1200) * 1000;
	p.since_ms = p.last_event_ms = m->now_ms;
	check(m, state_phone_put(m->st, &p, &m->e));
	if (n % 20 == 7) { /* a stranger */
		m->now_ms = now_ms;
		return;
	}
	text_copy(p.plan, sizeof p.plan, in_java ? "java" : "ladder");
	if (n % 20 == 13)
		event(m, &p, EVENT_OPERATOR, NULL, PHASE_WAITING, "started");
	else
		for (unsigned i = n * 31 % 20 + 1; i > 0 && p.phase != PHASE_DONE; i--) {
			m->now_ms += STEP_S * INT64_C(1000);
			step(m, &p);
		}
	if (n % 25 == 3 && phone_on_way(&p))
		stick(m, &p, n);
	else if (n % 25 == 4 && p.phase == PHASE_OFFERED) {
		p.flags |= PHONE_NEEDS_REBOOT;
		check(m, state_phone_put(m->st, &p, &m->e));
	}
	m->now_ms = now_ms;
}

static void clock_now(struct mover *m)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	m->now_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* As who watches phones does: what the store says is not old. */
static void tick(struct mover *m)
{
	struct observed_clock c = { .last_tick_wall_ms = m->now_ms };

	check(m, state_clock_put(m->st, &c, &m->e));
}

static void make(struct mover *m, unsigned phones, unsigned java_every)
{
	check(m, state_begin(m->st, &m->e));
	for (unsigned n = 0; n < phones; n++)
		make_phone(m, n, java_every && n % java_every == 1);
	check(m, state_commit(m->st, &m->e));
}

/* ---- and moves */

struct movers {
	int64_t *ids;
	size_t n;
};

static int take(void *arg, const struct phone *p, struct err *e)
{
	struct movers *w = arg;

	(void)e;
	if (p->plan[0] && p->phase != PHASE_DONE && p->phase != PHASE_STUCK) {
		w->ids = reallocarray(w->ids, w->n + 1, sizeof *w->ids);
		if (!w->ids)
			exit(1);
		w->ids[w->n++] = p->id;
	}
	return 0;
}

/* So many changes a second for so long, in twentieths; those that are done begin anew. */
static void run(struct mover *m, unsigned rate, unsigned seconds)
{
	const struct timespec twentieth = { .tv_nsec = 50000000 };
	struct movers w = { NULL, 0 };
	struct phone p;
	size_t at = 0;

	check(m, state_phone_list(m->st, take, &w, &m->e));
	for (unsigned t = 0, done = 0; w.n > 0 && t < seconds * 20; t++) {
		clock_now(m);
		check(m, state_begin(m->st, &m->e));
		for (; done < rate * (t + 1) / 20; done++) {
			check(m, state_phone_find_id(m->st, w.ids[at++ * 7919 % w.n], &p, &m->e));
			if (p.phase == PHASE_DONE)
				enter(m, &p, 1);
			else
				step(m, &p);
		}
		tick(m);
		check(m, state_commit(m->st, &m->e));
		nanosleep(&twentieth, NULL);
	}
	free(w.ids);
}

static void steps(struct mover *m, const char *text, unsigned n)
{
	struct phone p;
	struct mac mac;

	check(m, parse_mac("MAC", text, &mac, &m->e));
	check(m, state_phone_find(m->st, &mac, &p, &m->e));
	for (; n > 0; n--)
		step(m, &p);
}

/* A phone that somebody has made trouble in, with text in every place that is shown. */
static void spoil(struct mover *m, const char *text)
{
	static const struct file odd = { "\033[2J\x07\xff.sbn", 5, FILE_CLASS_OTHER, -1 };
	struct phone p;
	struct mac mac;

	check(m, parse_mac("MAC", text, &mac, &m->e));
	check(m, state_phone_find(m->st, &mac, &p, &m->e));
	text_copy(p.model, sizeof p.model, "\033[31mR\x9b");
	text_copy(p.plan, sizeof p.plan, "\033]0;owned\x07");
	text_copy(p.running, sizeof p.running, "\r\n\033[41m");
	text_copy(p.load.s, sizeof p.load.s, "\033[Hup\xff");
	event(m, &p, EVENT_OPERATOR, &odd, PHASE_STUCK, "\033[2Jgone\n");
}

int main(int argc, char **argv)
{
	struct mover m = { .st = NULL };
	int64_t n = 1, k = 0;

	if (argc < 4 || argc > 5 || (argc > 4 && parse_int("NUMBER", argv[4], 0, 100000, &k, &m.e)) ||
	    (strcmp(argv[1], "step") && strcmp(argv[1], "spoil") &&
	     parse_int("NUMBER", argv[3], 1, 100000, &n, &m.e))) {
		fputs("movefleet make URL PHONES [JAVA-EVERY] | run URL RATE SECONDS | step URL MAC [N] | spoil URL MAC\n",
		      stderr);
		return 2;
	}
	clock_now(&m);
	check(&m, state_open(&m.st, argv[2], STATE_CREATE | STATE_UPGRADE, 2000, &m.e));
	tick(&m);
	if (strcmp(argv[1], "make") == 0)
		make(&m, (unsigned)n, (unsigned)k);
	else if (strcmp(argv[1], "run") == 0)
		run(&m, (unsigned)n, (unsigned)k);
	else if (strcmp(argv[1], "step") == 0)
		steps(&m, argv[3], argc > 4 ? (unsigned)k : 1);
	else
		spoil(&m, argv[3]);
	state_close(m.st);
	return 0;
}
