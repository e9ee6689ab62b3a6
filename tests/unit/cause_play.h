/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Scenes of causes: what the servers and DHCP would tell of a phone, second by second, and what must be found of it then.
 * Each names its cause, and whether that is in the phone, in the list alone (since only what is known besides the phone
 * shows it), a candidate, or nowhere, though it nearly is.
 */
#ifndef LOADSTEP_CAUSE_PLAY_H
#define LOADSTEP_CAUSE_PLAY_H

#include "engine_play.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum does { ENDS, BOOTS, BOOTS_BARE, STARTED, FETCHES, ASKS, LACKS, BREAKS, TELLS, SIGNS, WAITS };

struct move {
	int at_s;
	enum does does;
	const char *file; /* or the alarm, by its name */
	uint32_t signs;
};

#define MOVES_MAX 40

enum standing_as { IN_PHONE, IN_LIST, GUESSED, ABSENT };

struct scene {
	const char *name;
	enum cause cause;
	enum standing_as as;
	void (*init)(struct play *y);
	const struct causes_facts *facts;
	const struct move moves[MOVES_MAX];
};

#define BIT(sign) (1u << SIGN_##sign)
#define OWN_SEP "SEP" MAC ".cnf.xml"
#define OWN_CTL "CTLSEP" MAC ".tlv"
#define OWN_SIP "SIP" MAC ".cnf"
#define OWN_MGC "MGC" MAC ".cnf"
#define XML "XMLDefault.cnf.xml"
#define LOADER "P003-8-12-00.sbn"

/* clang-format off */
#define BOOT_AT(t) { t, BOOTS, NULL, 0 }
#define BEGUN { 0, BOOTS, NULL, 0 }, { 0, STARTED, NULL, 0 }
#define SENT_AT(t, file) { t, FETCHES, file, 0 }
#define ASKED_AT(t, file) { t, ASKS, file, 0 }
#define MISSED_AT(t, file) { t, LACKS, file, 0 }
#define MISSED_SIGN(t, file, sign) { t, LACKS, file, BIT(sign) }
#define BROKE_AT(t, file) { t, BREAKS, file, 0 }
#define ALARM_AT(t, about) { t, TELLS, about, 0 }
#define SIGN_AT(t, sign) { t, SIGNS, NULL, BIT(sign) }
#define UNTIL(t) { t, WAITS, NULL, 0 }
#define HUNTS(t) MISSED_AT(t, OWN_CTL), MISSED_AT(t, OWN_SEP), MISSED_AT(t, OWN_SIP), MISSED_AT((t) + 1, OWN_MGC), \
		 SENT_AT((t) + 1, XML)
#define READS_XML(t) MISSED_AT(t, OWN_CTL), MISSED_AT(t, OWN_SEP), SENT_AT((t) + 1, XML)
/* clang-format on */

static inline void move_event(const struct move *m, uint32_t *xid, struct event *ret)
{
	static const enum event_kind kinds[] = {
		[BOOTS] = EVENT_BOOT,	   [BOOTS_BARE] = EVENT_BOOT, [STARTED] = EVENT_OPERATOR,
		[FETCHES] = EVENT_SENT,	   [ASKS] = EVENT_ASKED,      [LACKS] = EVENT_MISSING,
		[BREAKS] = EVENT_FAILED,   [TELLS] = EVENT_ALARM,     [SIGNS] = EVENT_TICK,
		[WAITS] = EVENT_TICK,
	};

	*ret = (struct event){ .kind = kinds[m->does],
			       .at_ms = T0 + (int64_t)m->at_s * SEC,
			       .file = m->file,
			       .bytes = -1,
			       .signs = m->signs,
			       .about = WITNESS_COUNT };
	if (ret->kind == EVENT_BOOT) {
		ret->xid = ++*xid;
		ret->vendor.kind = m->does == BOOTS ? VENDOR_NAMED : VENDOR_BARE;
		if (m->signs & BIT(UNKNOWN_CLASS))
			ret->vendor.kind = VENDOR_OTHER;
	} else if (m->does == STARTED) {
		ret->op = OP_START;
	} else if (m->does == TELLS) {
		ret->file = NULL;
		ret->about = play_witness(m->file);
	}
}

static inline void play_move(struct play *y, const struct move *m)
{
	struct event ev;

	move_event(m, &y->xid, &ev);
	if (ev.kind == EVENT_BOOT && ev.vendor.kind == VENDOR_NAMED)
		snprintf(ev.vendor.model, sizeof(ev.vendor.model), "%s", y->model);
	y->now = ev.at_ms > y->now ? ev.at_ms : y->now;
	play_event(y, &ev);
}

static inline size_t moves_of(const struct scene *s)
{
	size_t n = 0;

	while (n < MOVES_MAX && s->moves[n].does != ENDS)
		n++;
	return n;
}

/* Files change places with others that are less than the window away, and some arrive twice. */
static inline size_t moves_shuffle(const struct scene *s, struct move *out, unsigned *seed)
{
	size_t n = moves_of(s), m = 0;

	for (size_t i = 0; i < n; i++) {
		bool moves = s->moves[i].file != NULL;

		out[m++] = s->moves[i];
		if (moves && rand_r(seed) % 4 == 0)
			out[m++] = s->moves[i];
	}
	for (size_t round = 0; round < 4 * m; round++) {
		size_t i = (size_t)rand_r(seed) % m;

		if (i + 1 >= m || !out[i].file || !out[i + 1].file)
			continue;
		int apart = out[i + 1].at_s - out[i].at_s;

		if (apart < 0 || apart >= limits.order_window / SEC)
			continue;
		struct move t = out[i];

		out[i] = out[i + 1];
		out[i + 1] = t;
	}
	return m;
}

/* The engine is told when a TFTP log is followed, and nothing of XML files: what it may tell of them, only the list says. */
static inline void scene_begin(struct play *y, const struct scene *s)
{
	static struct causes_facts heard_alone;

	heard_alone.tftp_heard_ms = s->facts ? s->facts->tftp_heard_ms : 0;
	s->init(y);
	y->facts = &heard_alone;
}

/* ---- phones */

static inline void classic_init(struct play *y)
{
	play_init(y);
	y->p.vendor = VENDOR_NAMED;
	snprintf(y->p.model, sizeof(y->p.model), "7960");
}

/* As a phone in a plan of java loads: 8.3(3)SR2, 8.5(4), 9.4(2)SR3. */
#define J1 "SIP41.8-3-3SR2S"
#define J3 "SIP41.9-4-2SR3-1S"
#define JAR "jar41sip.8-3-3ES2.sbn"
#define CNU "cnu41.8-3-3ES2.sbn"
#define TERM "term61.default.loads"

static inline void java_init(struct play *y)
{
	static const char *const loads[][2] = { { J1, "8-3-3ES2" }, { "SIP41.8-5-4S", "8-5-4TH1-6" }, { J3, "9-4-2ES26" } };

	play_init(y);
	y->plan = (struct plan){ .name = "java", .n_models = 1, .n_stages = COUNT(loads) };
	snprintf(y->plan.models[0], sizeof(y->plan.models[0]), "7961");
	for (size_t i = 0; i < COUNT(loads); i++) {
		struct loadset *ls = &y->plan.stages[i];
		struct load_name n = { .s = "" };

		snprintf(n.s, sizeof(n.s), "%s", loads[i][0]);
		loadset_from_name(&n, ls);
		snprintf(ls->members[0], sizeof(ls->members[0]), "jar41sip.%s.sbn", loads[i][1]);
		snprintf(ls->members[1], sizeof(ls->members[1]), "cnu41.%s.sbn", loads[i][1]);
		ls->n_members = 2;
		ls->complete = true;
	}
	y->model = "7961";
	y->p.vendor = VENDOR_NAMED;
	y->p.generation = GEN_JAVA;
	snprintf(y->p.model, sizeof(y->p.model), "7961");
}

/* It runs what has no one step to 9.4. */
static inline void java_old_init(struct play *y)
{
	java_init(y);
	y->plan.n_stages = 1;
	y->plan.stages[0] = y->plan.stages[2];
	snprintf(y->p.running, sizeof(y->p.running), "SIP41.8-2-1S");
	y->p.running_by = RUNNING_BY_REGISTERED;
}

static inline void java_near_init(struct play *y)
{
	java_old_init(y);
	snprintf(y->p.running, sizeof(y->p.running), "SIP41.8-5-4S");
}

/* Known by its files alone: somebody else's DHCP. */
static inline void nameless_init(struct play *y)
{
	play_init(y);
	y->p.vendor = VENDOR_NONE;
	y->plan.n_stages = 1;
	y->plan.stages[0] = y->plan.stages[3];
}

static inline void no_plan_init(struct play *y)
{
	classic_init(y);
	y->gone = true;
}

static inline void shared_init(struct play *y)
{
	classic_init(y);
	y->p.flags |= PHONE_ADDRESS_SHARED;
	y->p.address.host = 0x0a000014;
}

#endif
