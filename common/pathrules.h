/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Path rules: may a phone that runs one load be given another? Releases fall into bands, and a table says which
 * steps between bands are known to work (pathrules.def; F§4). Pure; knows no plan and no phone.
 */
#ifndef LOADSTEP_PATHRULES_H
#define LOADSTEP_PATHRULES_H

#include <stdbool.h>
#include <stdint.h>

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
/* A load of that band, for who asks which to get; java: of that family and protocol. 0; 1 = none is to be named. */
int path_band_load(enum path_band b, const char *family, enum load_proto proto, struct load_name *ret);

/* The oldest code that the phones of a plan may run. */
enum path_start {
#define START(who, band) PATH_START_##who,
#include "pathrules.def"
#undef START
};
enum path_band path_start_band(enum path_start s);

/* How well a step is known: by two sources or more, by one, by one that others contradict. */
enum path_trust { PATH_SURE, PATH_TOLD, PATH_DOUBTED };

#define PATH_STEPS_MAX PATH_BANDS
#define PATH_ALL_BANDS UINT32_MAX

struct path {
	unsigned n; /* steps; 0 = it is there already, any load of its band will do */
	enum path_band to[PATH_STEPS_MAX];
	const char *source[PATH_STEPS_MAX];
};

/* The shortest way from one band to another, by doubted steps only where there is no other. 0; 1 = none is known. */
int path_find(enum path_band from, enum path_band to, struct path *ret);

/* The shortest way by steps known at least so well, through bands whose bit is set (both ends always may). 0; 1 = none. */
int path_find_through(enum path_band from, enum path_band to, uint32_t through, enum path_trust least,
		      struct path *ret);

/* What a phone makes of `to` when it runs `from`. */
enum path_step {
	STEP_KNOWN,    /* takes it */
	STEP_UNJUDGED, /* a name tells no release, or one that nothing is known of (MGCP): not judged */
	STEP_DOUBTED,  /* takes it by one source, others say no */
	STEP_UNKNOWN,  /* not known to take it: *ret_way the way that is, n = 0: none */
	STEP_UNSIGNED, /* never: signed code takes no unsigned load (F§8 row 32) */
	STEP_FAMILY,   /* never: a load for other phones (F§8 rows 4, 47) */
};

/* `ret_way` may be NULL; for DOUBTED it is the way around the doubt. */
enum path_step path_step(const struct load_name *from, const struct load_name *to, struct path *ret_way);
/* Who says that this step (KNOWN or DOUBTED) works; "" = both are of one band. */
const char *path_step_source(const struct load_name *from, const struct load_name *to);

/* Is this load for that model (F§4.2: by family)? */
bool release_fits(const struct release *r, const struct model *m);

#endif
