/* SPDX-License-Identifier: MPL-2.0 */
/* One phone's story, collected by the verb and laid out by the writers. Texts are borrowed unless they are arrays; what
 * is foreign in them was escaped when it was put there. */
#ifndef LOADSTEP_REPORT_EXPLAIN_H
#define LOADSTEP_REPORT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "causes.h"
#include "loadset.h"
#include "phase.h"
#include "report.h"

/* One place that names a load to it, in the order in which phones read. */
struct report_naming {
	char file[80];	  /* XMLDefault.cnf.xml */
	char element[40]; /* loadInformation7, image_version; "" = the file itself */
	char load[LOAD_NAME_MAX + 40]; /* as it stands there; "" = none */
	char of[24]; /* whose element it is: "7960"; "" = the bare one, or no matter */
	int64_t bytes; /* -1 = not known */
	int64_t changed_ms; /* wall; 0 = not known */
	char note[200]; /* how it counts; "" = nothing to say */
	char fault[800]; /* what is wrong with it, in the words of `loadstep check`; "" = nothing */
	const char *cure; /* NULL = none is known */
};
#define REPORT_NAMINGS_MAX 24

/* One file of the load that waits for it, where the phone would ask for it. */
struct report_load_file {
	char name[LOAD_FILE_MAX + 1];
	int64_t bytes;	/* -1 = not there */
	char fault[160]; /* "missing", "is there as …"; "" = nothing */
};
#define REPORT_LOAD_FILES_MAX (LOAD_MEMBERS_MAX + 6)

/* One line of the timeline: one event, or several alike. */
struct report_moment {
	int64_t at_ms; /* wall */
	int64_t until_ms; /* of the last of them */
	unsigned times;
	bool boot; /* a boot begins here */
	char what[300];
	char counts[48]; /* what it counted as: "loader", "proof", …; "" = nothing */
};

/* A cause that fits, the phone's own first. */
struct report_fit {
	struct cause_found found;
	int64_t first_ms, last_ms; /* wall; 0 = no matter of moments */
};

struct report_next {
	int64_t at_ms; /* wall; 0 = no matter of time */
	char what[300];
};
#define REPORT_NEXT_MAX 10

/* One step of a checklist: what to look at, how, and what it tells. */
struct report_check {
	const char *look;
	char command[160]; /* "" = none */
	const char *tells;
};
#define REPORT_CHECKS_MAX 12

struct report_evidence {
	int64_t at_ms; /* wall; 0 = not known */
	char text[160];
};

#define REPORT_STEPS_MAX 6

struct report_explain {
	struct report_phone subject;
	int64_t now_ms;
	const char *sentence; /* who, where, why */
	const char *sees;     /* what its requests are answered from */
	unsigned n_namings;
	const struct report_naming *namings;
	struct load_name load; /* whose files these are; "" = of none */
	unsigned n_files;
	const struct report_load_file *files;
	const char *files_fault; /* what else is wrong with the set; "" = nothing */
	const char *runs;	 /* what it runs and how that is known */
	const char *port;	 /* where it is plugged in; "" = not known */
	const char *notes;	 /* lines; "" = none */

	size_t n_moments;
	const struct report_moment *moments; /* oldest first */
	size_t n_earlier;		     /* lines that are not shown */
	bool more;			     /* and what lies before them was not read */
	int64_t heard_ms;		     /* wall: the last that was heard of it; 0 = nothing */
	int64_t limit_ms;		     /* wall: when this silence makes it stuck; 0 = it does not */

	const char *summary; /* why it is where it is */
	unsigned n_fits;
	const struct report_fit *fits;

	const char *action; /* what a person should do now, in one text: the first step and all others */
	unsigned n_steps;
	const char *steps[REPORT_STEPS_MAX];
	const char *dont; /* what not to do; "" = nothing */

	unsigned n_next;
	const struct report_next *next; /* what loadstep will do by itself, and when */

	unsigned n_checks;
	const struct report_check *checks;

	size_t n_evidence;
	const struct report_evidence *evidence; /* oldest first: the times that judgement goes by */
};

/* A MAC or an address of which nothing is known: what is near it, and what to look at. */
struct report_stranger {
	const char *asked; /* as the person wrote it */
	unsigned n_near;
	const char *const *near; /* lines */
	unsigned n_checks;
	const struct report_check *checks;
};

/* "+34 s", "+12 min", "+5 h": a gap between two lines, "" below one second. Returns buf. */
const char *report_gap(char buf[static 16], int64_t ms);
/* "34 s", "6 min", "2 h 10 min", "3 d" */
const char *report_duration(char buf[static 24], int64_t ms);
/* "03:24:00", or with its date when that is not today's */
const char *report_clock(char buf[static 32], int64_t at_ms, int64_t now_ms);

void report_text_explain(const struct report *r, const struct report_explain *x);
void report_text_stranger(const struct report *r, const struct report_stranger *s);
void report_json_explain(const struct report *r, const struct report_explain *x);
void report_json_stranger(const struct report *r, const struct report_stranger *s);

#endif
