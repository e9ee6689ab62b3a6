/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of fleet share. One transaction at a time: tx_begin … tx_end, inside a batch or alone; links
 * are made true after it. */
#ifndef LOADSTEP_FLEET_PRIV_H
#define LOADSTEP_FLEET_PRIV_H

#include <time.h>

#include "fleet.h"

#define FLEET_TOUCHED_MAX 4096 /* a batch of the hook's; beyond it every link is looked at */
#define WAITING_LOOK_MS 5000   /* how often a waiting phone is asked whether there is room now */
#define CLOCK_WRITE_MS 1000    /* a write a second is enough for a clock */
#define FLEET_OFFERS_MAX 512   /* a REQUEST follows its OFFER within seconds */
#define FLEET_MISSES_MAX 16
#define RECONCILE_MS 60000     /* how often every link is compared with the state */

struct fleet {
	struct config *cfg;
	struct state *st;
	struct view view;
	bool have_view;
	unsigned flags;
	int64_t revision;
	struct observed_clock clock;
	bool in_batch;
	bool in_tx;
	int64_t now_ms;			  /* wall, of this transaction, or this look */
	uint32_t ready[CONFIG_PLANS_MAX]; /* per plan: published stages, looked up before the transaction */
	bool waiting_room[CONFIG_PLANS_MAX];
	unsigned n_macs;
	struct mac macs[FLEET_TOUCHED_MAX];
	unsigned n_addresses;
	struct ip4 addresses[FLEET_TOUCHED_MAX];
	bool touched_all;
	bool rotate;
	uint32_t cohort_touched; /* plans whose cohort must be looked at before the commit */
	struct offered {
		struct mac mac;
		uint32_t xid;
	} offers[FLEET_OFFERS_MAX]; /* the newest, a ring */
	unsigned next_offer;
	struct missing {
		char path[512];
		struct timespec mtime; /* of its directory */
		bool other_case;
	} misses[FLEET_MISSES_MAX]; /* what was found out of names that were not there, a ring */
	unsigned next_miss;
	bool heads_known;	 /* the rollout's count, made once a transaction */
	struct head_count {
		int on_way; /* count against max-at-once: on their way and not just waiting for a reboot */
		int started;
		int stuck;
	} heads;
	int64_t reconciled_ms;
	int64_t replay_ms;
	bool heard_script; /* it has reported something */
	char effects_error[ERR_TEXT_MAX];
	bool effects_told; /* each failure is told once */
};

/* fleet.c */
int tx_begin(struct fleet *f, int64_t now_ms, struct err *e);
int tx_end(struct fleet *f, struct err *e);
void tx_abort(struct fleet *f);
/* the newest revision in force, when it is not the one we have */
int plans_refresh(struct fleet *f, struct err *e);
void touch_mac(struct fleet *f, const struct mac *mac);
void touch_address(struct fleet *f, struct ip4 a);
unsigned plan_index(const struct fleet *f, const struct plan *pl);

/* One event through the engine, and what it did into the store: phone, history, due. p is read and written.
 * `h` (may be NULL): the history entry of the event itself, completed and put; without it only changes are
 * written. Where it has a note of its own, what the event changes is an entry behind it. */
int fleet_apply(struct fleet *f, struct phone *p, const struct plan *pl, const struct event *ev,
		struct history *h, struct engine_result *ret_result, struct err *e);
const struct plan *fleet_plan_of(const struct fleet *f, const struct phone *p, const char *classes);
void history_init(struct history *h, const struct phone *p, enum event_kind kind, int64_t at_ms);

/* Which stages of each plan are published, and which have a waiting room. */
void fleet_tree_look(struct fleet *f);

/* fleet_time.c: replay's clock is the log's own: whatever was due before this moment happens before it. */
int replay_clock(struct fleet *f, int64_t at_ms, struct err *e);

/* fleet_cohort.c */
/* Of its plan's cohort: how many stand on its stage, are proven there, and settled. */
int cohort_count(struct fleet *f, const struct plan *pl, struct fleet_prospect *ret, struct err *e);
int cohort_look(struct fleet *f, const struct plan *pl, struct err *e);
uint32_t cohort_ready(struct fleet *f, const struct plan *pl, const struct phone *p, bool *ret_may_enter,
		      struct err *e);

/* the root names another stage's load than the phone's */
bool cohort_elsewhere(struct fleet *f, const struct phone *p);

/* its own SEP<MAC>.cnf.xml names its stage's load */
bool cohort_sep_named(struct fleet *f, const struct phone *p);

/* It has a configuration file of its own in the root, not counting one that we have made for the climb. */
bool cohort_provisioned(const struct fleet *f, const struct phone *p);

/* fleet_twin.c: what dnsmasq's script and its log both report counts once */
struct twin {
	bool known;
	struct history entry; /* the other witness's */
};
int64_t log_time(int64_t stamp_ms);
/* 0 = found, or (twin not known) a line that was read before; 1 = neither: the event is new. */
int twin_find(struct fleet *f, const struct file_event *fe, const char *file, struct twin *ret, struct err *e);
int twin_put(struct fleet *f, const struct file_event *fe, const struct twin *t, struct err *e);
int twin_correct(const struct fleet *f, const struct file_event *fe, const struct twin *t, struct event *ev);

/* fleet_files.c: signs that lie in the directory of a file that is not there */
uint32_t files_signs(struct fleet *f, const struct phone *p, const struct file_event *fe, const char *file);

/* fleet_identity.c: whose address it is where no lease says it */
struct name_verdict {
	bool taken; /* the address is the named phone's from now on */
	bool shared; /* both ask from it */
};
int identity_named(struct fleet *f, struct ip4 client, const struct mac *holder, const struct mac *named, int64_t at_ms,
		   struct name_verdict *ret, struct err *e);
/* A phone that DHCP has given another address is asked for from this one. Where that is all that is heard of it since
 * its boot, and of another phone, too, both are told that they share the address. */
#define NOTE_NOT_ITS_ADDRESS "asked for by an address that is not the phone's: not credited"
int identity_elsewhere(struct fleet *f, struct ip4 client, const struct mac *named, int64_t at_ms, struct err *e);
/* What was recorded under that address just before is p's: p (stored) has its MAC. */
int identity_merge(struct fleet *f, struct ip4 address, const struct phone *p, int64_t at_ms, struct err *e);

/* fleet_effects.c */
void effects_run(struct fleet *f);
bool fleet_root_names(const struct fleet *f, const char *plan, const struct load_name *load);
bool fleet_root_takes_back(const struct fleet *f, const struct phone *p);
/* Flags that say what the tree has for this phone: provisioned, not-provisioned, let-near. */
void fleet_tree_flags(struct fleet *f, struct phone *p, bool may_release);

/* fleet_start.c */
int fleet_start_automatic(struct fleet *f, struct phone *p, const char *classes, int64_t at_ms,
			  struct err *e);
int fleet_start_unleased(struct fleet *f, struct phone *p, int64_t at_ms, struct err *e);

#endif
