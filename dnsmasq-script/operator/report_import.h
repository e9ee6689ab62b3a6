/* SPDX-License-Identifier: MPL-2.0 */
/* What an import did, collected by the verb and laid out by the writers. */
#ifndef LOADSTEP_REPORT_IMPORT_H
#define LOADSTEP_REPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import.h"
#include "package.h"
#include "report.h"

struct report_load {
	const struct package_set *set; /* borrowed */
	const char *result; /* "imported", "completed", "replaced", "unchanged", "refused" */
	char why[512];	    /* of refused */
	char *differences;  /* owned; lines: to what is there; NULL = none */
};

/* Something with a name and a word about it. */
struct report_word {
	char *block; /* owned: holds the texts */
	const char *name;
	const char *word;
	const char *what;
};

struct report_words {
	struct report_word *a;
	size_t n;
};

struct report_import {
	struct report_load *loads;
	size_t n_loads;
	struct report_words refused; /* packages */
	struct report_words left; /* files */
	struct report_words changes; /* of stages and links */
	char *missing;		     /* owned: lines of stages that still wait; NULL = none */
	bool changed;		     /* something came in */
	bool no_plans;		     /* so no stage was built */
};

void report_import_fini(struct report_import *ri);
/* 0, or -1: no memory */
int report_import_refuse(struct report_import *ri, const char *package, const char *why) MUST_CHECK;
int report_import_left(struct report_import *ri, const struct import *im) MUST_CHECK;
void report_import_change(struct report_import *ri, const char *word, const char *path, const char *what);
/* A row for the set; NULL = no memory. Earlier rows move. */
struct report_load *report_import_load(struct report_import *ri, const struct package_set *set);
/* Was anything refused, or nothing found? */
bool report_import_failed(const struct report_import *ri);
/* Bytes of a set's files, each once. */
int64_t report_import_bytes(const struct package_set *set);

void report_text_import(const struct report *r, const struct report_import *ri);
void report_json_import(const struct report *r, const struct report_import *ri);

#endif
