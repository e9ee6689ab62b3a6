/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of causes share: what a rule looks at, what it says, and the rules by file. Not for callers. */
#ifndef LOADSTEP_CAUSES_PRIV_H
#define LOADSTEP_CAUSES_PRIV_H

#include <stddef.h>

#include "causes.h"
#include "err.h"

/* Alarm thresholds (F§7.4: the same file three times without progress; two misses, since one may be a race
 * with publishing). */
#define LOOPS 3
#define FAILURES 3
#define MISSES 2
#define ROUNDS 2

/* The moment a rule is asked in. */
struct look {
	const struct phone *p;
	const struct evidence *e;
	const struct loadset *stage;
	const struct causes_facts *facts; /* never NULL */
	const struct limits *lim;
	int64_t now_ms;
	bool java;
	int64_t asked_ms; /* its latest question of all */
};

enum verdict { NO, PERHAPS, SURE };

/* A rule fills *f (zeroed, or filled by a candidate before) when it does not say NO, and leaves it alone when it does. Most
 * are asked at each event and have nothing to say: what rules them out comes first. */
typedef enum verdict (*rule_fn)(const struct look *l, struct cause_found *f);

/* ---- causes.c: what the evidence has */
#define LOAD_CLASSES 6
extern const enum file_class causes_load_classes[LOAD_CLASSES];

enum file_class causes_image_class(const struct loadset *stage);
/* The first load class of which that outcome was seen so often since it went out last; FILE_CLASS_COUNT = none. */
enum file_class causes_repeating(const struct evidence *e, enum outcome o, unsigned times,
				 const struct limits *lim);
bool causes_asked_in_vain(const struct evidence *e, const struct limits *lim, enum file_class *ret);
bool causes_app_missing(const struct look *l);
bool causes_silent_since(const struct look *l, int64_t file_at, int64_t limit);
bool causes_loader_loops(const struct evidence *e, const struct limits *lim);
bool causes_sep_loops(const struct evidence *e, const struct limits *lim);
bool causes_default_loops(const struct evidence *e, const struct limits *lim);
bool causes_manifest_loops(const struct evidence *e, const struct limits *lim);
bool causes_member_misses(const struct evidence *e, unsigned misses, const struct limits *lim);
bool causes_member_in_vain(const struct evidence *e, const struct limits *lim);
bool causes_needs_bridge(const struct phone *p, const struct loadset *stage);
bool causes_told_by_alarm(const struct evidence *e, enum cause *ret, enum witness *ret_alarm);
/* The latest question for any file; for any but of this class. */
int64_t causes_asked(const struct evidence *e);
int64_t causes_asked_but(const struct evidence *e, enum file_class except);

/* ---- causes_say.c: what a rule says of what it found */
enum verdict say(struct cause_found *f, enum cause c, enum verdict v, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* When: the kept times from `from_ms` on. */
void say_times(struct cause_found *f, const struct times *t, int64_t from_ms);
void say_moment(struct cause_found *f, int64_t at_ms);
/* A file of the load as the phone asked for it, by the history where it is known, else by the class. */
const char *say_file(const struct look *l, enum file_class c, enum event_kind k,
		     char buf[static LOAD_FILE_MAX + 1]);
/* The newest name in the history of that kind that `fits`; NULL = none. Borrowed. */
const char *say_named(const struct look *l, bool (*fits)(const struct look *l, const struct causes_file *f));
/* "SEP001B0C18BDC1.cnf.xml", or with <MAC> where that is not known. */
const char *say_own(const struct look *l, const char *head, const char *tail,
		    char buf[static LOAD_FILE_MAX + 1]);

/* ---- causes_signs.c: troubles that signs, DHCP and files beside the load show */
enum verdict rule_other_dhcp(const struct look *l, struct cause_found *f);
enum verdict rule_elsewhere(const struct look *l, struct cause_found *f);
enum verdict rule_trust_list(const struct look *l, struct cause_found *f);
enum verdict rule_extension(const struct look *l, struct cause_found *f);
enum verdict rule_odd_name(const struct look *l, struct cause_found *f);
enum verdict rule_cut_name(const struct look *l, struct cause_found *f);
enum verdict rule_member_case(const struct look *l, struct cause_found *f);
enum verdict rule_config_case(const struct look *l, struct cause_found *f);
enum verdict rule_sep_name(const struct look *l, struct cause_found *f);
enum verdict rule_provisioning(const struct look *l, struct cause_found *f);
enum verdict rule_recovery(const struct look *l, struct cause_found *f);
enum verdict rule_unknown_class(const struct look *l, struct cause_found *f);

/* ---- causes_reading.c: a phone that asks for nothing, or for the same again, and what it reads */
enum verdict rule_server_silent(const struct look *l, struct cause_found *f);
enum verdict rule_boots_in_vain(const struct look *l, struct cause_found *f);
enum verdict rule_no_tftp(const struct look *l, struct cause_found *f);
enum verdict rule_sep_overrides(const struct look *l, struct cause_found *f);
enum verdict rule_hunts_in_vain(const struct look *l, struct cause_found *f);
enum verdict rule_xml_malformed(const struct look *l, struct cause_found *f);
enum verdict rule_element_missing(const struct look *l, struct cause_found *f);
enum verdict rule_root_load(const struct look *l, struct cause_found *f);
enum verdict rule_model_unknown(const struct look *l, struct cause_found *f);
enum verdict rule_wants_nothing(const struct look *l, struct cause_found *f);
enum verdict rule_manifest_once(const struct look *l, struct cause_found *f);

/* On its way, and what it reads is its stage's (not the plain root's). */
bool look_on_way(const struct look *l);

#endif
