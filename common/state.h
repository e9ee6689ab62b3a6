/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store: phones, fetches, history, addresses, plan revisions, the observed clock. All SQL is in
 * state_sql.h, and only state.c runs it. Callers group calls with state_begin/state_commit; every call
 * outside a transaction is one of its own where it writes. A failing call inside a transaction leaves it
 * open: the caller rolls back. Wall times are UTC milliseconds.
 */
#ifndef LOADSTEP_STATE_H
#define LOADSTEP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "parse.h"
#include "phone.h"
#include "strbuf.h"

struct state;

enum state_flags {
	STATE_CREATE = 1,  /* make the store and its schema when absent */
	STATE_UPGRADE = 2, /* run the schema steps that are missing */
	STATE_READ_ONLY = 4,
};

/* A newer schema is refused with both numbers named; an older one too, unless STATE_UPGRADE. */
int state_open(struct state **ret, const char *url, unsigned flags, int busy_ms, struct err *e) MUST_CHECK;
void state_close(struct state *st);
void state_interrupt(struct state *st); /* from any thread */

/* From now on what a transaction reads and writes again and again is held in memory, and written with its commit: for who
 * sends thousands of events through a few hundred phones. Others see no difference but in the change numbers: a phone
 * that was put several times in one transaction takes one, and `put` leaves the former in *p. */
int state_hold(struct state *st, struct err *e) MUST_CHECK;

int state_begin(struct state *st, struct err *e) MUST_CHECK;
int state_commit(struct state *st, struct err *e) MUST_CHECK;
void state_rollback(struct state *st);

/* ---- phones: 0 found, 1 unknown */
int state_phone_find_id(struct state *st, int64_t id, struct phone *ret, struct err *e) MUST_CHECK;
int state_phone_find(struct state *st, const struct mac *mac, struct phone *ret, struct err *e) MUST_CHECK;
/* the row without MAC recorded under it */
int state_phone_find_address(struct state *st, struct ip4 addr, struct phone *ret, struct err *e) MUST_CHECK;
/* MAC ends in these hex digits; 0 = exactly one */
int state_phone_find_tail(struct state *st, const char *hex_tail, struct phone *ret, unsigned *ret_matches,
			  struct err *e) MUST_CHECK;

/* Insert (id 0) or replace; *p gets its id and the store's next change number. */
int state_phone_put(struct state *st, struct phone *p, struct err *e) MUST_CHECK;
int state_phone_delete(struct state *st, int64_t id, struct err *e) MUST_CHECK;
/* The row `id`, known by its address only, was this phone: its history goes to it, the row itself goes. */
int state_phone_merge(struct state *st, int64_t id, const struct phone *into, struct err *e) MUST_CHECK;

/* Calls fn for each phone in order of id; fn returns 0 to go on, else the walk ends and that is returned. */
typedef int (*state_phone_fn)(void *arg, const struct phone *p, struct err *e);
int state_phone_list(struct state *st, state_phone_fn fn, void *arg, struct err *e) MUST_CHECK;
/* change > the number */
int state_phone_list_since(struct state *st, int64_t change, state_phone_fn fn, void *arg, struct err *e)
	MUST_CHECK;
/* The ids alone, ascending: to find out who is gone. */
typedef int (*state_id_fn)(void *arg, int64_t id, struct err *e);
int state_phone_id_list(struct state *st, state_id_fn fn, void *arg, struct err *e) MUST_CHECK;
/* due set and reached */
int state_phone_list_due(struct state *st, int64_t engine_now_ms, state_phone_fn fn, void *arg, struct err *e)
	MUST_CHECK;
/* 0 = none */
int state_phone_due_set(struct state *st, int64_t id, int64_t due_ms, struct err *e) MUST_CHECK;
int state_change_get(struct state *st, int64_t *ret, struct err *e) MUST_CHECK; /* the newest change number */

/* ---- history */
struct history {
	int64_t id;
	int64_t at_ms;	  /* wall */
	int64_t phone_id; /* 0 = unknown phone */
	struct mac mac;
	bool mac_known;
	struct ip4 address;
	enum event_kind kind;
	char file[256]; /* escaped; "" = none */
	int64_t bytes;	/* -1 = none */
	enum phase from, to;
	int stage_no;
	char note[256];
	/* When the other of two witnesses, dnsmasq's script and its log, stamped the same transfer; TWIN_AWAITED = it
	 * has not yet, 0 = none will */
	int64_t twin_ms;
};

#define TWIN_AWAITED (-1)

int state_history_put(struct state *st, const struct history *h, struct err *e) MUST_CHECK;
typedef int (*state_history_fn)(void *arg, const struct history *h, struct err *e);
/* phone_id 0: all. after_id: only newer entries. limit: at most the newest so many, 0 = all. Oldest first. */
int state_history_list(struct state *st, int64_t phone_id, int64_t after_id, int64_t limit,
		       state_history_fn fn, void *arg, struct err *e) MUST_CHECK;
/* One entry. 1 = there is none. */
int state_history_find(struct state *st, int64_t id, struct history *ret, struct err *e) MUST_CHECK;
/* A part of it, in the order in which it was recorded (which times need not follow), or the other way round. */
struct history_range {
	const int64_t *phones; /* their ids; NULL = everybody's, and what nobody is known for */
	size_t n_phones;
	int64_t after_id; /* only newer entries */
	int64_t from_ms; /* this time and later */
	int64_t before_ms; /* earlier than this; 0 = whenever */
	bool newest_first;
};
/* fn as with lists. */
int state_history_walk(struct state *st, const struct history_range *r, state_history_fn fn, void *arg, struct err *e)
	MUST_CHECK;
int state_history_newest(struct state *st, int64_t *ret_id, struct err *e) MUST_CHECK; /* 0 = there is none */
/* The newest so many alarms of a phone, oldest first. */
int state_alarm_list(struct state *st, int64_t phone_id, int64_t limit, state_history_fn fn, void *arg,
		     struct err *e) MUST_CHECK;
/* The earliest and the latest time of an entry (they need not be the first and the last). 0, or 1 = there is none. */
int state_history_span(struct state *st, int64_t *ret_from_ms, int64_t *ret_to_ms, struct err *e) MUST_CHECK;
/* The oldest entry of this address and file between the two times, both included, that awaits its twin: from the
 * log (which tells no bytes), or from the script. 0 = *ret; 1 = none. */
int state_history_twin_find(struct state *st, struct ip4 addr, const char *file, bool from_log, int64_t from_ms,
			    int64_t to_ms, struct history *ret, struct err *e) MUST_CHECK;
/* The newest entry with this note of another phone at this address between the two times, both included. 0 = *ret; 1 =
 * none. */
int state_history_another(struct state *st, struct ip4 addr, const struct mac *mac, const char *note,
			  int64_t from_ms, int64_t to_ms, struct history *ret, struct err *e) MUST_CHECK;
/* Both are known now: at_ms, twin_ms and bytes of h into its entry. */
int state_history_twin_put(struct state *st, const struct history *h, struct err *e) MUST_CHECK;
/* Has an entry of this kind, address and file this stamp, give or take near_ms, as its own, or its twin (within
 * window_ms) this very one? So
 * has a failed one whose twin says sent. 0 = yes, 1 = no: a line that was read before counts once. */
int state_history_stamped(struct state *st, enum event_kind kind, struct ip4 addr, const char *file,
			  int64_t at_ms, int64_t near_ms, int64_t window_ms, struct err *e) MUST_CHECK;

/* ---- fetches: per phone, stage and file, what went out whole */
struct fetch {
	int64_t phone_id;
	int stage_no;
	char file[256];
	int64_t bytes;
	int64_t last_ms;
	int64_t count;
};
int state_fetch_add(struct state *st, int64_t phone_id, int stage_no, const char *file, int64_t bytes,
		    int64_t at_ms, struct err *e) MUST_CHECK;
typedef int (*state_fetch_fn)(void *arg, const struct fetch *f, struct err *e);
int state_fetch_list(struct state *st, int64_t phone_id, state_fetch_fn fn, void *arg, struct err *e)
	MUST_CHECK;

/* ---- addresses: which MAC holds which address since when. Also for MACs that are no phones of ours. */
/* 1 = nobody known */
int state_address_find(struct state *st, struct ip4 addr, struct mac *ret_mac, int64_t *ret_since_ms,
		       struct err *e) MUST_CHECK;
int state_address_put(struct state *st, struct ip4 addr, const struct mac *mac, int64_t since_ms,
		      struct err *e) MUST_CHECK;
int state_address_delete(struct state *st, struct ip4 addr, struct err *e) MUST_CHECK;
/* its other addresses */
int state_address_delete_mac(struct state *st, const struct mac *mac, struct ip4 except, struct err *e)
	MUST_CHECK;
typedef int (*state_address_fn)(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms,
				struct err *e);
int state_address_list(struct state *st, state_address_fn fn, void *arg, struct err *e) MUST_CHECK;

/* ---- plan revisions: the text of the plans in force (config.h writes and reads it). 1 = there is no
 * revision yet */
int state_plan_get(struct state *st, int64_t *ret_revision, struct strbuf *ret_text, struct err *e)
	MUST_CHECK;
int state_plan_revision(struct state *st, int64_t *ret_revision, struct err *e) MUST_CHECK;
int state_plan_put(struct state *st, const char *text, int64_t now_ms, int64_t *ret_revision, struct err *e)
	MUST_CHECK;

/* ---- the cohort of layout = shared, per plan */
struct cohort {
	int stage_no;	  /* what the root's XMLDefault names; 0 = no cohort yet */
	bool shut;	  /* its doors are shut: nobody joins */
	int64_t since_ms; /* engine time of the last rotation */
};
/* 1 = none: *ret zero */
int state_cohort_get(struct state *st, const char *plan, struct cohort *ret, struct err *e) MUST_CHECK;
int state_cohort_put(struct state *st, const char *plan, const struct cohort *c, struct err *e) MUST_CHECK;

/* ---- the observed clock: wall time minus what nobody watched (a jump of the clock, a suspended machine) */
struct observed_clock {
	int64_t last_tick_wall_ms; /* 0 = never */
	int64_t skew_ms;	   /* engine time = wall - skew */
	/* The last stretch nobody watched, and the skew before it: what happened in it and was kept in a spool has its
	 * place between what came before and what comes after. 0 = none */
	int64_t gap_from_ms;
	int64_t gap_to_ms;
	int64_t gap_skew_ms;
	/* the last stretch in which a TFTP log was followed; engine time, 0 = never */
	int64_t heard_from_ms;
	int64_t heard_to_ms;
};
int state_clock_get(struct state *st, struct observed_clock *ret, struct err *e) MUST_CHECK;
int state_clock_put(struct state *st, const struct observed_clock *c, struct err *e) MUST_CHECK; /* all but heard_… */
int state_heard_put(struct state *st, int64_t from_ms, int64_t to_ms, struct err *e) MUST_CHECK; /* once there is a clock */
/* Engine time now, for who only reads: what nobody has watched since the last tick counts as the next tick will count
 * it. tick_gap_ms: of the limits. */
int64_t observed_clock_now(const struct observed_clock *c, int64_t wall_ms, int64_t tick_gap_ms);

#endif
