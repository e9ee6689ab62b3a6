/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Plans: the loads certain phones must pass, in order; who may start; what a file means on a stage. Pure
 * values, filled by config. Scope says who may *start*, never who may *finish* (a phone on its way keeps its
 * plan in whatever network it appears).
 */
#ifndef LOADSTEP_PLAN_H
#define LOADSTEP_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "loadset.h"
#include "parse.h"
#include "phone.h"

#define PLAN_STAGES_MAX 16 /* longest known ladder: 7 (F§4) */
#define PLAN_MODELS_MAX 32
#define PLAN_NETS_MAX 64
#define PLAN_MACS_MAX 4096 /* only-macs / except-macs: a large site's list */
#define PLAN_CLASSES_MAX 16
#define SERVERS_MAX 4 /* option 150: more helps no phone (K§2.2) */

struct servers {
	unsigned n;
	struct ip4 a[SERVERS_MAX];
};

struct net_list {
	unsigned n;
	struct net4 a[PLAN_NETS_MAX];
};

/* Sorted by bytes; owned by the config that holds the plan. */
struct mac_list {
	unsigned n;
	struct mac *a;
};

enum plan_enter { PLAN_ENTER_AUTO, PLAN_ENTER_FIRST, PLAN_ENTER_LAST };
enum override { OVERRIDE_ALWAYS, OVERRIDE_IF_ABSENT };

struct plan {
	char name[PLAN_NAME_MAX + 1];
	unsigned n_models;
	char models[PLAN_MODELS_MAX][MODEL_MAX + 1]; /* canonical names; "unnamed" = a bare vendor class */
	unsigned n_stages;
	struct loadset stages[PLAN_STAGES_MAX];
	struct load_name target; /* "" = the stages are given, not derived (ladder.h) */
	unsigned n_unsafe; /* stages whose step is taken though the path rules do not know it */
	struct load_name unsafe[PLAN_STAGES_MAX];
	unsigned ladder_line; /* of stages or target in the configuration file; 0 = not from a file */
	/* scope: who may start */
	struct net_list networks;
	unsigned n_client_classes;
	char client_classes[PLAN_CLASSES_MAX][64];
	struct mac_list only_macs;
	struct mac_list except_macs;
	bool automatic;
	bool provisioned; /* start phones that have a configuration file of their own, too */
	bool keep_callmanager;
	enum plan_enter enter;
	enum override override;
	struct servers servers;
	struct servers after_servers;
};

/* Durations in ms; defaults in config.c's key table (F§7.4). */
struct limits {
	int64_t loader;	       /* 120 s: from the loader's file to the phone's next sign */
	int64_t app;	       /* 180 s */
	int64_t stage_classic; /* 10 min from the load's first file */
	int64_t stage_java;    /* 25 min */
	int64_t proof_silence; /* 120 s without the image */
	int64_t quiet;	       /* 30 s without an event before what a phone sees changes */
	int64_t order_window;  /* 5 s: events closer than this have no order */
	int64_t presume;       /* 5 min of wanting nothing */
	int64_t idle;	       /* 10 min offered and silent: needs-reboot */
	int64_t round_gap;     /* 60 s: completions closer than this are one */
	/* 15 s: a probe this long after the last file is a boot, without DHCP knowledge */
	int64_t boot_gap;
	/* 30 s: an event this soon after an address changed hands is noted, not credited */
	int64_t holder_change;
	/* 30 s: a longer gap between ticks is time nobody watched, and counts as this much */
	int64_t tick_gap;
};

/* Is the phone, by its model (or its lack of one) and generation, one this plan is for? */
bool plan_fits(const struct plan *pl, const struct phone *p);

/* May it start (fits, and in scope by network, MAC lists, client classes)? `classes`: Kea's classes of the
 * packet, separated by blanks; NULL when not known (then a plan with client-class says no). 0 = yes; 1 = no,
 * *ret_why a constant text. */
int plan_may_start(const struct plan *pl, const struct phone *p, const char *classes, const char **ret_why);

/* 1-based stage of that load, 0 = none. */
int plan_stage_of(const struct plan *pl, const struct load_name *load);
const struct loadset *plan_stage(const struct plan *pl, int stage_no); /* NULL outside 1..n */

/* Is the step to that load one that the plan says is to be taken unsafe (unsafe-steps)? */
bool plan_step_unsafe(const struct plan *pl, const struct load_name *load);

/* Where this phone enters (design: "Where a phone enters"; `enter` of the plan counts first). Bare: 1. Names its model: it has a
 * universal loader, from which any two-part load is one step (F§4.1), so the last of them; *ret_tentative = true when that is not 1.
 * Java: the last when it asked for ITLSEP<MAC>.tlv, which only 9.x does; else 1. */
int plan_entry_stage(const struct plan *pl, const struct phone *p, bool *ret_tentative);

/* The first stage after `stage_no` whose load is signed (5.x or later); 0 = none. */
int plan_first_signed_after(const struct plan *pl, int stage_no);

/* May a phone come to this stage with code below 5.0, which takes unsigned images alone (F§4.1)? By the stages before it;
 * at the first one by whether the plan is for phones that name no model. */
bool plan_takes_unsigned(const struct plan *pl, int stage_no);

/* What `file` (as the phone spelled it) means to this phone on stage `stage_no` (0: not on a stage).
 * *ret_stage_no: the stage whose load it belongs to, 0 = none. `p` gives the MAC that SEP…/SIP… names are
 * compared with (mac_known false: not compared). */
enum file_class plan_file_class(const struct plan *pl, int stage_no, const struct phone *p, const char *file,
				int *ret_stage_no);

#endif
