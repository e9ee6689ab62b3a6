/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Signatures that name a cause (causes.def; F§7.1, F§7.2, F§8), each a pure function over a phone's evidence on its
 * stage and over what else is known. A wrong cause is worse than none: what is sure stands in the phone, what may be
 * is a candidate beside others, with what would tell them apart.
 */
#ifndef LOADSTEP_CAUSES_H
#define LOADSTEP_CAUSES_H

#include <stdbool.h>
#include <stdint.h>

#include "phase.h"
#include "phone.h"
#include "plan.h"
#include "strbuf.h"

#define CAUSES_FOUND_MAX 8
#define CAUSES_TEXT_MAX 160

/* An XML file as it is now, by who can read XML. */
enum causes_xml { CAUSES_XML_UNKNOWN, CAUSES_XML_ABSENT, CAUSES_XML_MALFORMED, CAUSES_XML_READ };

/* One of the phone's own events, for the name of a file: evidence has none. */
struct causes_file {
	enum event_kind kind;
	const char *name; /* as in the history */
};

/* What is known besides the phone. All zero: nothing. */
struct causes_facts {
	/* Since when every question to the TFTP server has been heard without a break, up to now: a log is followed.
	 * Engine time; 0 = nobody follows one. */
	int64_t tftp_heard_ms;

	bool sees_root; /* what it reads is the plain root, not a stage's directory */
	enum causes_xml root_xml; /* the root's XMLDefault.cnf.xml */
	bool root_element; /* that has a load element which phones of its model read */
	char root_load[LOAD_NAME_MAX + 1]; /* and what it names; "" = nothing */
	enum causes_xml sep_xml; /* its SEP<MAC>.cnf.xml in the root */

	const struct causes_file *files; /* borrowed, newest first */
	unsigned n_files;
};

struct cause_found {
	enum cause cause;
	bool sure; /* else a candidate */
	/* When it was seen: engine time; 0 = it is no matter of moments. `times`: how often, 0 = not counted. */
	int64_t first_ms, last_ms;
	unsigned times;
	char what[CAUSES_TEXT_MAX]; /* what was seen, files by name where they are known */
	const char *
		apart; /* what would tell it from others, or from no trouble; NULL = it stands alone. Constant. */
};

/* All that the evidence shows, the strongest first; sure ones before candidates, each cause once. `facts` NULL:
 * nothing else is known. Returns how many. */
unsigned causes_list(const struct phone *p, const struct loadset *stage, const struct causes_facts *facts,
		     const struct limits *lim, int64_t now_ms,
		     struct cause_found ret[static CAUSES_FOUND_MAX]);

/* "WHAT: 3 times, from FIRST to LAST"; the two times as the reader wants them, made of first_ms and last_ms. */
void causes_evidence(const struct cause_found *f, const char *first, const char *last, struct strbuf *sb);

/* The cause that stands in the phone: the strongest that is sure, CAUSE_NONE when there is none. A later success (the
 * missing file sent, the application fetched) takes its cause away again. `stage`: the load set of the phone's stage. */
enum cause causes_find(const struct phone *p, const struct loadset *stage, const struct causes_facts *facts,
		       const struct limits *lim, int64_t now_ms);

/* What ails a phone that is done: its load runs, and it does not find the file that it is to work with. */
enum cause causes_when_done(const struct phone *p, const struct loadset *stage, const struct limits *lim,
			    int64_t now_ms);

/* The next moment after now_ms at which time alone may show a phone on its way a cause that is not of its load; 0 = none. */
int64_t causes_due(const struct phone *p, const struct limits *lim, int64_t now_ms);

/* It read this stage's XMLDefault (or the SEP file that stands for it) in two boots, and asked for nothing of the load:
 * a universal loader asks for its .loads at every boot (F§2.2), so it takes no notice of what it read. Returns the
 * moment from which that is so; 0 = it is not. Boots that nobody reported are guessed, and then it must have wanted
 * nothing for longer. */
int64_t causes_ignored_from(const struct phone *p, const struct loadset *stage, const struct limits *lim);

/* Full rounds so far: the whole image, then a boot that asks for it again. */
unsigned causes_rounds(const struct phone *p, const struct loadset *stage, const struct limits *lim);

/* Java boot code has asked for the default load twice in a row and for nothing since: it refuses it (F§7.2 B8). */
bool causes_default_refused(const struct phone *p, const struct limits *lim, int64_t now_ms);

#endif
