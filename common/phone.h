/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One phone: who it is (MAC; option 60 and file names tell the rest, F§1.1, F§1.7, F§2) and where it stands.
 * A value: copied by assignment, no heap. Identity never comes from an address, which is only where the phone
 * is now.
 */
#ifndef LOADSTEP_PHONE_H
#define LOADSTEP_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "evidence.h"
#include "loadset.h"
#include "parse.h"
#include "phase.h"

#define PHONE_VENDOR_MAX 255 /* option 60 has a one-byte length (RFC 2132 §2) */
#define PHONE_RELAY_MAX 255
#define MODEL_MAX 15
#define PLAN_NAME_MAX 31

/* A model of model.def. */
struct model {
	const char *name;
	enum generation generation;
	int number; /* loadInformationNNN */
	const char *term_file; /* "" = none */
	const char *family; /* of its loads: load_family(); "" = of none that we know */
};

const struct model *model_find(const char *name); /* borrowed constant, NULL = unknown; exact, upper case */
const struct model *model_at(unsigned idx); /* NULL behind the last */
const struct model *model_by_number(int number); /* NULL = none */
/* As people and phones write it: "7960", "7960G", "CP-7960G", "7941G-GE", "7971G-GE" (F§1.7-3). NULL =
 * none. */
const struct model *model_parse(const char *text, size_t len);

/* The model that the text beside a load element means: its first word that names one ("IP Phone 7961", "Cisco 7941",
 * "Cisco IP Phone 7912", F§5.1). NULL = none. */
const struct model *model_of_label(const char *label);
/* Which device has this number in loadInformationNNN: a model of model.def, or another of F§5.2 (a sidecar, a later
 * make). Borrowed constant, NULL = none that is known. */
const char *model_number_name(int number);
/* 0 = the load is of the model's family by its name; 1 = of another family: the phone refuses it (F§8 rows 4, 47); 2 =
 * its name tells no family. */
int model_takes(const struct model *m, const char *load);

/* What option 60 says. */
enum vendor_kind {
	VENDOR_NONE, /* absent or empty */
	VENDOR_OTHER, /* not one of Cisco's 79xx */
	VENDOR_BARE, /* Cisco's base string, no model: pre-universal code, or a 7910 */
	VENDOR_NAMED, /* a model of model.def */
};

struct vendor {
	enum vendor_kind kind;
	char model[MODEL_MAX + 1]; /* VENDOR_NAMED: canonical name of model.def; else "" */
};

/* Option 60's bytes (trailing NULs allowed) to what they say. Total: every byte string has an answer. */
void vendor_parse(const void *bytes, size_t len, struct vendor *ret);

/* A phone of Cisco's by its class, or by its name (`named_sep`: option 12 is SEP and its MAC) in spite of its class, that is
 * none of ours and of no later make (those are known, and not for us; F§1.7-5). `v`: what the class says. */
bool vendor_is_unknown(const struct vendor *v, const void *bytes, size_t len, bool named_sep);

struct phone {
	int64_t id; /* row in the store; 0 = not stored yet */
	struct mac mac;
	bool mac_known; /* false: known by address only until its MAC shows */
	struct ip4 address;
	char vendor_class[PHONE_VENDOR_MAX + 1]; /* as sent, made printable */
	enum vendor_kind vendor;
	char model[MODEL_MAX + 1]; /* "" = not known */
	enum generation generation;
	struct ip4 giaddr;
	char relay[PHONE_RELAY_MAX + 1]; /* option 82 as hex, "" = none */

	char plan[PLAN_NAME_MAX + 1]; /* "" = none */
	int stage_no; /* from 1; 0 = none */
	struct load_name load; /* the stage's load: the goal, even when the plan is changed beneath */
	enum phase phase;
	int64_t since_ms; /* wall time of the last change of phase */
	int64_t stage_since_ms; /* engine time the stage began; evidence is newer than this */
	uint32_t flags; /* enum phone_flag */
	enum cause cause;
	/* a load name, "SCCP below 6", "loader only", "SIP application", "" = unknown */
	char running[LOAD_NAME_MAX + 1];
	enum running_by running_by;

	uint32_t boots;
	uint32_t last_xid;
	int64_t last_boot_ms;
	int64_t last_event_ms; /* engine time */
	int64_t change; /* number of the store's change that wrote this row; 0 = none */
	struct evidence evidence;
};

void phone_init(struct phone *p, const struct mac *mac); /* mac NULL: known by address only */

static inline bool phone_is(const struct phone *p, enum phone_flag f)
{
	return (p->flags & (uint32_t)f) != 0;
}

/* On its way: started and its view is a stage's (offered … checking, stuck). */
bool phone_on_way(const struct phone *p);

/* What a TFTP name says of who asks. Names may carry "./", "/" or a locale directory in front (F§2); the last
 * component counts. Case matters as it does on the wire. */
struct file_identity {
	enum generation generation; /* GEN_UNKNOWN when any phone may ask for it */
	bool mac_known;
	struct mac mac;
	bool phone_file; /* a name that only phones of ours ask for: the asker is one of them */
};

void file_identity(const char *name, struct file_identity *ret);
/* termNN.default.loads or its older spelling TERMnn.DEFAULT.loads (F§2.5)? `base`: a name without directories. */
bool file_is_term(const char *base);

/* What `loadstep check --wire` asks with, so that nobody takes it for a phone: a locally administered MAC
 * ("LSCHK" behind 02), and names that begin with a spelling of "here" which no phone has (phones write "./" or
 * "/" at most, F§2), and which every server opens like the plain one. */
extern const struct mac phone_probe_mac;
#define PHONE_PROBE_PREFIX ".//"
bool file_is_probe(const char *path); /* anywhere in the path: a server puts its root in front */

#endif
