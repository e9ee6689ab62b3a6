/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Path rules: may a phone that runs one load be given another? Releases fall into bands, and a table says which
 * steps between bands are known to work (pathrules.def; F§4). Pure; knows no plan and no phone.
 */
#ifndef LOADSTEP_PATHRULES_H
#define LOADSTEP_PATHRULES_H

#include <stdbool.h>

#include "loadset.h"
#include "phone.h"

enum path_band {
#define BAND(sym, generation, proto, sgn, a, b, c, sr, words, load) PATH_##sym,
#include "pathrules.def"
#undef BAND
	PATH_BANDS
};

/* A release as its load's name has it (F§3.1): "P00303010102" is 3.1(1.2), "SIP41.8-5-2SR1S" 8.5(2)SR1. */
struct release {
	enum generation generation;
	enum load_proto proto;
	char family[8]; /* "P003" for the 7940 and 7960, "41", "70"… */
	int v[3];
	int sr; /* service release */
};

/* 0; 1 = the name tells no release. */
int release_of(const struct load_name *load, struct release *ret);

/* The band that a release falls into. 0; 1 = none (MGCP, other generations). */
int path_band_of(const struct release *r, enum path_band *ret);

enum generation path_band_generation(enum path_band b);
bool path_band_signed(enum path_band b);
const char *path_band_words(enum path_band b); /* "SCCP 5.x" */
const char *path_band_load(enum path_band b); /* a load of it, "" = depends on the family */

#define PATH_STEPS_MAX PATH_BANDS

struct path {
	unsigned n; /* steps; 0 = it is there already, any load of its band will do */
	enum path_band to[PATH_STEPS_MAX];
	const char *source[PATH_STEPS_MAX];
};

/* The shortest way from one band to another. 0; 1 = none is known. */
int path_find(enum path_band from, enum path_band to, struct path *ret);

/* Is this load for that model (F§4.2: by family)? */
bool release_fits(const struct release *r, const struct model *m);

#endif
