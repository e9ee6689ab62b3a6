/* SPDX-License-Identifier: MPL-2.0 */
/* The words of the project as enums with names, all expanded from phase.def and causes.def. */
#ifndef LOADSTEP_PHASE_H
#define LOADSTEP_PHASE_H

#include <stdint.h>

enum phase {
#define PHASE(sym, name, text) PHASE_##sym,
#include "phase.def"
#undef PHASE
	PHASE_COUNT
};

enum event_kind {
#define EVENT(sym, name, text) EVENT_##sym,
#include "phase.def"
#undef EVENT
	EVENT_COUNT
};

enum phone_flag {
#define FLAG(sym, bit, name, text) PHONE_##sym = 1u << (bit),
#include "phase.def"
#undef FLAG
};

enum running_by {
#define RUNNING_BY(sym, name, text) RUNNING_BY_##sym,
#include "phase.def"
#undef RUNNING_BY
	RUNNING_BY_COUNT
};

enum file_class {
#define FILE_CLASS(sym, name, text) FILE_CLASS_##sym,
#include "phase.def"
#undef FILE_CLASS
	FILE_CLASS_COUNT
};

enum witness {
#define WITNESS(sym, name, text) WITNESS_##sym,
#include "phase.def"
#undef WITNESS
	WITNESS_COUNT
};
#define WITNESS_ALARM_FIRST WITNESS_ALARM_REJECTED /* from here on: trouble with its load */

enum sign {
#define SIGN(sym, name, text) SIGN_##sym,
#include "phase.def"
#undef SIGN
	SIGN_COUNT
};

enum cause {
#define CAUSE(sym, name, summary, action, signature, rows, how) CAUSE_##sym,
#include "causes.def"
#undef CAUSE
	CAUSE_COUNT
};

/* Names are borrowed constants; an impossible value gives "?". The parsers: 0 = found, 1 = no such name. */
const char *phase_name(enum phase p);
const char *phase_text(enum phase p);
int phase_parse(const char *name, enum phase *ret);

const char *event_kind_name(enum event_kind k);
const char *event_kind_text(enum event_kind k);
int event_kind_parse(const char *name, enum event_kind *ret);

const char *running_by_name(enum running_by r);
int running_by_parse(const char *name, enum running_by *ret);

const char *file_class_name(enum file_class c);
const char *file_class_text(enum file_class c);
int file_class_parse(const char *name, enum file_class *ret);

const char *witness_name(enum witness w);
const char *witness_text(enum witness w);

const char *sign_name(enum sign s);
const char *sign_text(enum sign s);

const char *cause_name(enum cause c); /* "" for CAUSE_NONE */
const char *cause_summary(enum cause c);
const char *cause_action(enum cause c);
const char *cause_signature(enum cause c); /* what finds it, in words */
const char *cause_rows(enum cause c); /* of F§7 and F§8, separated by blanks */
const char *cause_how(enum cause c); /* "seen", "inferred": how its signature is known */
int cause_parse(const char *name, enum cause *ret);

/* The idx-th flag (from 0) in bit order, NULL behind the last; *ret_bit is its value. */
const char *phone_flag_name(unsigned idx, uint32_t *ret_bit);
const char *phone_flag_text(unsigned idx);

#endif
