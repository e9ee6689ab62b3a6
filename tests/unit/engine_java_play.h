/* SPDX-License-Identifier: MPL-2.0 */
/* A java phone for the stage machine's tests: its plan, a ladder of three loads, and what it asks for (F§2.5). */
#ifndef LOADSTEP_ENGINE_JAVA_PLAY_H
#define LOADSTEP_ENGINE_JAVA_PLAY_H

#include "engine_play.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define J1 "SIP41.8-3-3SR2S"
#define J2 "SIP41.8-5-4S"
#define J3 "SIP41.9-4-2SR3-1S"
#define V1 "8-3-3ES2"
#define V2 "8-5-4TH1-6"
#define V3 "9-4-2ES26"
#define TERM "term61.default.loads"

static inline void members_set(struct loadset *ls, const char *version)
{
	static const char *const heads[] = { "jar41sip", "cnu41", "apps41", "dsp41", "cvm41sip" };

	for (size_t i = 0; i < COUNT(heads); i++)
		snprintf(ls->members[i], sizeof(ls->members[i]), "%s.%s.sbn", heads[i], version);
	ls->n_members = COUNT(heads);
}

static inline void plan_java(struct plan *pl)
{
	static const char *const loads[][2] = { { J1, V1 }, { J2, V2 }, { J3, V3 } };

	*pl = (struct plan){ .name = "java", .n_models = 2, .n_stages = COUNT(loads) };
	snprintf(pl->models[0], sizeof(pl->models[0]), "7941");
	snprintf(pl->models[1], sizeof(pl->models[1]), "7961");
	for (size_t i = 0; i < COUNT(loads); i++) {
		struct load_name n = { .s = "" };

		snprintf(n.s, sizeof(n.s), "%s", loads[i][0]);
		loadset_from_name(&n, &pl->stages[i]);
		assert_int_equal(pl->stages[i].kind, LOAD_JAVA);
		members_set(&pl->stages[i], loads[i][1]);
		pl->stages[i].complete = true;
	}
}

static inline void java_init(struct play *y)
{
	play_init(y);
	plan_java(&y->plan);
	y->model = "7961";
	y->p.vendor = VENDOR_NAMED;
	y->p.generation = GEN_JAVA;
	snprintf(y->p.model, sizeof(y->p.model), "7961");
}

/* ---- what a phone does, beginning at a second */

#define BOOTS(t)                          \
	{                                 \
		t, BOOT_NAMED, NULL, 0, 0 \
	}
#define STARTS(t)                    \
	{                            \
		t, START, NULL, 0, 0 \
	}
#define TICKS(t)                    \
	{                           \
		t, TICK, NULL, 0, 0 \
	}
#define GETS(t, file)               \
	{                           \
		t, SENT, file, 0, 0 \
	}
#define LACKS(t, file)                 \
	{                              \
		t, MISSING, file, 0, 0 \
	}
/* 8.x, and 9.x, which asks for trust lists (F§2.5) */
#define READS(t) \
	LACKS(t, "CTLSEP" MAC ".tlv"), LACKS(t, "SEP" MAC ".cnf.xml"), GETS((t) + 1, "XMLDefault.cnf.xml")
#define READS_9(t)                                                                             \
	LACKS(t, "CTLSEP" MAC ".tlv"), LACKS(t, "ITLSEP" MAC ".tlv"), LACKS(t, "ITLFile.tlv"), \
		LACKS((t) + 1, "SEP" MAC ".cnf.xml"), GETS((t) + 1, "XMLDefault.cnf.xml")
/* the manifest's order, the pauses of a 7961 (F§2.5) */
#define MEMBERS(t, v)                                                                                        \
	GETS(t, "jar41sip." v ".sbn"), GETS((t) + 9, "cnu41." v ".sbn"), GETS((t) + 13, "apps41." v ".sbn"), \
		GETS((t) + 27, "dsp41." v ".sbn"), GETS((t) + 32, "cvm41sip." v ".sbn")

#endif
