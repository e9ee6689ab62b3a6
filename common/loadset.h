/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Loads: names (F§3.1), the signed header (F§3.3), .loads bodies (F§3.4, F§3.6) and the set of files that one
 * load is. Everything takes bytes and a length; reading directories lives in stagedir.
 */
#ifndef LOADSTEP_LOADSET_H
#define LOADSTEP_LOADSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define LOAD_NAME_MAX 63
#define LOAD_FILE_MAX 79    /* name plus extension */
#define LOAD_MEMBERS_MAX 16 /* largest seen: 5 (F§3.5); 792x lists stay below this too */

enum generation { GEN_UNKNOWN, GEN_CLASSIC, GEN_JAVA, GEN_OTHER };

enum load_kind {
	LOAD_KIND_UNKNOWN,
	LOAD_SINGLE_UNSIGNED, /* `.bin`; below 5.0 */
	LOAD_SINGLE_SIGNED,   /* 5.x: `.sbn`, and `.bin` for phones still below 5.0; no `.sb2` */
	LOAD_TWO_PART,	      /* `.loads`, loader `.sbn`, application `.sb2`; 6.x on */
	LOAD_JAVA,	      /* `.loads` and members */
};

enum load_proto { PROTO_UNKNOWN, PROTO_SCCP, PROTO_SIP, PROTO_MGCP };

struct load_name {
	char s[LOAD_NAME_MAX + 1]; /* no extension, "" = none */
};

const char *generation_name(enum generation g); /* "unknown" "classic" "java" "other" */
int generation_parse(const char *name, enum generation *ret);
/* "unknown" "single-unsigned" "single-signed" "two-part" "java" */
const char *load_kind_name(enum load_kind k);
int load_kind_parse(const char *name, enum load_kind *ret);
const char *load_proto_name(enum load_proto p); /* "unknown" "sccp" "sip" "mgcp" */

/* A load's name as people and XML write it. Refuses, with a reason a telephony person understands: an
 * extension (.loads .bin .sbn .sb2: "drop the extension"), the letter O for the zero (POS3…), a slash,
 * blanks, other bytes. */
int load_name_parse(const char *text, size_t len, struct load_name *ret, struct err *e) MUST_CHECK;
bool load_name_equal(const struct load_name *a, const struct load_name *b);

struct loadset {
	struct load_name load;
	enum generation generation;
	enum load_kind kind;
	enum load_proto proto;
	/* two-part: file name of the loader, "" = not known (no manifest read) */
	char loader[LOAD_FILE_MAX + 1];
	char app[LOAD_FILE_MAX + 1]; /* two-part: file name of the application */
	char la_version[32];	     /* two-part: the manifest's LA_VERSION, "" = not known */
	unsigned n_members;	     /* java, and what else the manifest lists */
	char members[LOAD_MEMBERS_MAX][LOAD_FILE_MAX + 1];
	uint32_t optional; /* bit i: members[i] may be absent (F§3.5 "#+"); known from the manifest alone */
	bool complete; /* every file of it was there when it was last looked at */
};

/* What the name alone says (F§3.1): generation, kind, protocol, and for SCCP two-part loads the file names.
 * For SIP two-part loads the loader's name is not derivable and stays "". Always fills *ret; an unknown
 * pattern gives the UNKNOWN values. */
void loadset_from_name(const struct load_name *name, struct loadset *ret);

/* Can a phone ask for a file of that name (F§3.6-4)? */
bool loadset_file_name(const char *name);

/* The family of phones that a load is for, as model.def writes it ("P003", "41", …; "P004": a 7910), by its
 * name alone. "" = no name of a family we know. Borrowed constant. */
const char *load_family(const char *load);

/* What is odd about a text that is to name a load, the first that is found (F§8 rows 4–7). */
enum load_oddity {
	LOAD_ODD_NOT, /* a name that is nothing we know is not odd: other makes have theirs */
	LOAD_ODD_EMPTY,
	LOAD_ODD_EXTENSION, /* P0S3-8-12-00.loads */
	LOAD_ODD_LETTER_O, /* POS3-8-12-00 */
	LOAD_ODD_BYTES, /* a blank, a slash, quotes, … */
	LOAD_ODD_LOADER, /* P003-8-12-00: the loader of a SIP package */
	LOAD_ODD_CASE, /* sip41.8-5-4S */
	LOAD_ODD_FAMILY, /* SCCP40.8-3-1S: there is no family 40 */
};

enum load_oddity load_name_oddity(const char *text);
/* The same of the name that a phone made this file's name of, by putting its extension behind it; as far as the file's
 * name tells (a loader's .sbn is what SIP loads have). */
enum load_oddity load_file_oddity(const char *file);

struct signed_header {
	size_t body_off;
	char name[LOAD_FILE_MAX + 1]; /* tag 0x0E, "" = none */
	/* header length is not the usual 4-round of 384 + name (a hint, never a fault) */
	bool length_odd;
};

/* 0 = a signed header, *ret filled; 1 = the bytes do not start like one (unsigned); -1 = starts like one and
 * is broken or cut short (ERR_INPUT says at which offset). */
int signed_header_parse(const void *bytes, size_t len, struct signed_header *ret, struct err *e) MUST_CHECK;

#define MANIFEST_BYTES_MAX 65536 /* F§3.6; real ones are below 1 KiB */

/* A whole .loads file, signed or not, into *ret's kind, loader, app, la_version, members, optional (the other fields
 * are not touched). -1: malformed, with line number. */
int manifest_parse(const void *bytes, size_t len, struct loadset *ret, struct err *e) MUST_CHECK;

/* What a file is to this load. */
enum load_file {
	LOAD_FILE_NONE,
	LOAD_FILE_MANIFEST,
	LOAD_FILE_LOADER,
	LOAD_FILE_APP,
	LOAD_FILE_IMAGE,
	LOAD_FILE_SIGNED_NAME,
	LOAD_FILE_MEMBER
};

/* `name`: last component of what the phone asked for. For a single unsigned load `<L>.sbn` is
 * LOAD_FILE_SIGNED_NAME (only 5.x code asks so, F§11-2: inferred). For a two-part load `<L>.bin` and
 * `<L>.sbn` count as the loader, as does P003-*.sbn of a SIP load whose manifest was never read. */
enum load_file loadset_file(const struct loadset *ls, const char *name);

/* Which member it is, by its place in the manifest from 0 on; -1 = none. */
int loadset_member(const struct loadset *ls, const char *name);

/* Usual times (F§6), in seconds. */
struct pace {
	enum load_kind kind;
	int low_s, high_s; /* from the first request of the load to the phone's return on it */
	int after_loader_s; /* of the high: from the loader's end on; of loads without one the whole */
	int after_last_s; /* of the high: from the last file's end on, when it writes its flash and boots */
	const char *text; /* what is taken for granted, and who says so */
};

/* Of a kind that is not known, what its generation usually takes. Borrowed constant, never NULL. */
const struct pace *loadset_pace(const struct loadset *ls);

#endif
