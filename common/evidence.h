/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What was observed of one phone in its present stage, as a set with times: for each class of file and each
 * way it ended the latest times, for boots and vendor classes likewise. Merging commutes and is idempotent,
 * so late, doubled and reversed events give the same evidence (D§2: the server's script promises none of
 * order, number or truth). Times are the engine's milliseconds, whatever their origin. Pure: no clock, no
 * file.
 */
#ifndef LOADSTEP_EVIDENCE_H
#define LOADSTEP_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "phase.h"
#include "strbuf.h"

/* Six: at one look at the configuration every 34 s (F§6) the kept times span more than the 120 s of a
 * proof. */
#define EVIDENCE_TIMES 6

#define EVIDENCE_MEMBERS 16 /* as many as a load has (LOAD_MEMBERS_MAX) */

struct times {
	int64_t first;		      /* earliest since the stage began; 0 = never */
	int64_t last[EVIDENCE_TIMES]; /* newest first, distinct; 0 = unused */
};

enum outcome { OUTCOME_ASKED, OUTCOME_SENT, OUTCOME_MISSING, OUTCOME_FAILED, OUTCOME_COUNT };

struct evidence {
	struct times boot;
	struct times bare;  /* boots whose option 60 named no model */
	struct times named; /* boots whose option 60 named one: a universal loader is there (F§7.1 A20) */
	struct times file[FILE_CLASS_COUNT][OUTCOME_COUNT];
	struct times witness[WITNESS_COUNT]; /* what its application said over SCCP (F§7.6) */
	/* of a java load each member by its place in the list, sent, or asked for where the server tells no more */
	struct times member[EVIDENCE_MEMBERS];
	/* What was noticed besides: of a file that is counted above, or of what is no act of the phone's on its stage. So
	 * no sign of life by itself. */
	struct times sign[SIGN_COUNT];
};

void times_add(struct times *t, int64_t at_ms);
/* It was no such time: the stamp was wrong. As if it had not been added, but for what it had pushed out. False: it is
 * not among them. */
bool times_remove(struct times *t, int64_t at_ms);
int64_t times_latest(const struct times *t);			   /* 0 = never */
int64_t times_first_from(const struct times *t, int64_t from_ms);  /* earliest kept >= from_ms; 0 = none */
int64_t times_latest_upto(const struct times *t, int64_t upto_ms); /* latest kept <= upto_ms; 0 = none */
/* kept >= from_ms; closer than gap_ms are one */
unsigned times_count(const struct times *t, int64_t from_ms, int64_t gap_ms);

/* Drop everything at or before upto_ms: what a stage that ended leaves to the next. */
void evidence_cut(struct evidence *ev, int64_t upto_ms);

/* Over every outcome of a class (a file that was sent, missing or failed was asked for): latest, first, first
 * from. */
int64_t evidence_asked(const struct evidence *ev, enum file_class c);
int64_t evidence_asked_first_from(const struct evidence *ev, enum file_class c, int64_t from_ms);
/* Sent, or asked for where the server tells no more (tftpd-hpa): a phone fetches one file at a time, so its next
 * question ends the one before. Missing or failed is neither. Latest, first from; the times of both. */
int64_t evidence_got(const struct evidence *ev, enum file_class c);
int64_t evidence_got_first_from(const struct evidence *ev, enum file_class c, int64_t from_ms);
void evidence_got_times(const struct evidence *ev, enum file_class c, struct times *ret);
int64_t evidence_last_event(const struct evidence *ev); /* latest of everything but signs; 0 = none */
/* The same without what it said over SCCP: boots and files, which is when it may be reading. */
int64_t evidence_last_read(const struct evidence *ev);
/* Latest / first of the files that make up a load: manifest, loader, app, image, member, default load. */
int64_t evidence_load_last(const struct evidence *ev);
int64_t evidence_load_first(const struct evidence *ev);

/* One line of text for the store and for people who look into it: "boot=F:T1,T2 xmldefault/sent=F:T1". Parse
 * is total: -1 on anything format did not write. */
void evidence_format(const struct evidence *ev, struct strbuf *sb);
int evidence_parse(const char *text, size_t len, struct evidence *ret, struct err *e) MUST_CHECK;

/* Is it a file that opens the series of probes a boot makes (F§2)? */
bool evidence_opens_boot(enum file_class c);

/* How a transfer ended that an event of this kind tells of. */
enum outcome evidence_outcome(enum event_kind k);

#endif
