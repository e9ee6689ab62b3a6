/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The use cases: what happens when a phone boots, a file goes out, time passes, a person says start. Each
 * reads the phone, lets the engine judge, stores phone and history in one transaction, and only then makes
 * the links say what the state says (effects follow state: a lost or repeated event heals with the next one).
 * Not thread-safe: one fleet belongs to one thread.
 */
#ifndef LOADSTEP_FLEET_H
#define LOADSTEP_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "engine.h"
#include "engine_promise.h"
#include "err.h"
#include "phone.h"
#include "state.h"
#include "view.h"

struct fleet;

enum fleet_flags {
	FLEET_CREATE = 1,     /* make or upgrade the store */
	FLEET_NO_EFFECTS = 2, /* touch no link and no file: replay, readers */
	FLEET_REPLAY = 4,     /* time comes from the events alone; no tick gap, no holder-change rule */
	FLEET_READ_ONLY = 8,
};

/* Opens cfg's store and puts the plans in force (the newest revision, else the file's) into a copy that the
 * fleet owns. `cfg` stays the caller's. busy_ms: how long a locked store is waited for. */
int fleet_open(struct fleet **ret, const struct config *cfg, unsigned flags, int busy_ms, struct err *e)
	MUST_CHECK;
void fleet_close(struct fleet *f);
/* borrowed: file plus revision; may change at the next call that refreshes */
const struct config *fleet_config(const struct fleet *f);
struct state *fleet_state(struct fleet *f);    /* borrowed, for readers */
int64_t fleet_revision(const struct fleet *f); /* 0 = the file's own plans */

/* For readers: the plans that are in force now. */
int fleet_refresh(struct fleet *f, struct err *e) MUST_CHECK;

/* Several calls as one transaction (the hook's batch). Effects wait for the end, and are made even when they
 * fail for one phone. Also refreshes the plans when a newer revision is in force. */
int fleet_batch_begin(struct fleet *f, int64_t now_ms, struct err *e) MUST_CHECK;
int fleet_batch_end(struct fleet *f, struct err *e) MUST_CHECK;
void fleet_batch_abort(struct fleet *f);

/* ---- DHCP */
enum lease_kind {
	LEASE_OFFER, /* an address was offered: make the view ready, swing if proven */
	LEASE_ACK,   /* REQUEST acknowledged; a boot when ciaddr was 0, once per xid */
	LEASE_RENEW, /* ACK with ciaddr set, INFORM: no boot, the address is confirmed */
	LEASE_GONE,  /* released, declined or expired */
	/* REQUEST for another server's offer, whose identifier is `address`. Counts for a phone that was sent an OFFER of
	 * ours with the same xid: two servers that share their clients (HA) do not both offer. */
	LEASE_ELSEWHERE,
	LEASE_HELD,  /* somebody has it now, and how it came to it is not told: no boot */
};

struct lease_event {
	enum lease_kind kind;
	int64_t at_ms; /* wall */
	struct mac mac;
	struct ip4 address;
	uint32_t xid;
	uint8_t vendor_class[255];
	uint8_t vendor_len;
	/* option 12, for phones whose class is missing or odd (F§1.7); NUL-terminated */
	uint8_t hostname[64];
	struct ip4 giaddr;
	uint8_t relay[127]; /* option 82, raw */
	uint8_t relay_len;
	char classes[256]; /* Kea's client classes, separated by blanks */
	const char *note;  /* of a boot, for the history; NULL = none. Borrowed for the call: it is not queued or spilled */
};

/* Every lease counts, phone of ours or not: an address link belongs to a MAC and goes when anybody else gets
 * the address. 0 = noted; 1 = nothing of ours. */
int fleet_on_lease(struct fleet *f, const struct lease_event *le, struct err *e) MUST_CHECK;

/* ---- TFTP */
struct file_event {
	enum event_kind kind; /* SENT, MISSING, FAILED, ASKED */
	int64_t at_ms;	      /* wall */
	struct ip4 client;
	const char *path; /* absolute as the server opened it, or relative to the root, raw */
	int64_t bytes;	  /* -1 = not known */
	struct mac mac;	  /* whose address it was, by our own log line; no name is asked */
	bool mac_known;
	bool from_log;	  /* the script may have reported the same */
	bool unmasks;	  /* of a log, FAILED: the script says that it was sent, and it was not (D§2) */
	const char *note; /* for the history; NULL = none */
	bool cut_name;	  /* of a log, MISSING: the server looked for the beginning of that name (F§8 row 46) */
};

/* What became of it, for the one log line. */
struct file_verdict {
	bool known; /* a phone of ours */
	struct mac mac;
	bool mac_known;
	char file[256]; /* escaped */
	char plan[PLAN_NAME_MAX + 1];
	int stage_no;
	struct load_name load;
	enum phase from, to;
	char note[ENGINE_NOTE_SIZE];
	bool again; /* it is in the history already, by this or the other witness */
	/* layout = shared: the root's XMLDefault must be rotated (execute `loadstep publish --apply`) */
	bool rotate;
};

/* 0 = noted (verdict filled); 1 = none of ours: no phone, or a path outside the root (verdict.note says
 * which). */
int fleet_on_file(struct fleet *f, const struct file_event *fe, struct file_verdict *ret, struct err *e)
	MUST_CHECK;

/* A TFTP log is followed up to now: from then on a phone that asks for nothing is known to. To be told every few seconds;
 * a pause longer than FLEET_HEARD_GAP_MS begins anew. */
#define FLEET_HEARD_GAP_MS 30000
int fleet_log_heard(struct fleet *f, int64_t now_ms, struct err *e) MUST_CHECK;
/* Engine time since when one is, without a break up to now_ms (wall); 0 = none is. */
int64_t fleet_heard_since(const struct fleet *f, int64_t now_ms);

/* ---- SCCP: what an application told the witness on TCP 2000 (F§7.6) */
struct witness_event {
	enum event_kind kind; /* REGISTERED, ALARM */
	int64_t at_ms;	      /* wall */
	struct ip4 client;    /* whose connection it is */
	struct mac mac;	      /* of its device name */
	uint32_t device_type; /* 0 = not said */
	int protocol;	      /* -1 = not said */
	const char *load;     /* the load it names, raw; "" = none */
	bool load_by_alarm;   /* its alarm named it: a text that is no load's name says nothing there */
	const char *text;     /* alarm: raw */
	uint32_t severity;    /* alarm */
	uint32_t parameter[2];
	enum witness about; /* alarm: trouble with its load, WITNESS_COUNT = none */
};

struct witness_verdict {
	bool started;	       /* only such a phone is answered */
	bool again;	       /* it said the same a while ago: not in the history a second time */
	enum engine_wake wake; /* send it a Reset now, perhaps soon, or not */
	struct load_name load; /* what its stage is now */
	enum phase from, to;
	char note[ENGINE_NOTE_SIZE]; /* why it was not credited; "" = it was */
};

/* 0 = noted (verdict filled); 1 = none of ours: no such phone, or the address is not the phone's. A name alone never
 * moves another's phone. */
int fleet_on_witness(struct fleet *f, const struct witness_event *we, struct witness_verdict *ret, struct err *e)
	MUST_CHECK;
/* A look at a phone that waits for its answer. 1 = it is gone. */
int fleet_witness_look(struct fleet *f, const struct mac *mac, int64_t now_ms, struct witness_verdict *ret,
		       struct err *e) MUST_CHECK;
/* What it was answered, or did with the answer, into the history; `reset`: a Reset was sent. */
int fleet_witness_answered(struct fleet *f, const struct mac *mac, int64_t now_ms, bool reset, const char *note,
			   struct err *e) MUST_CHECK;

/* ---- time: phones whose time has come, the waiting room, the shared cohort, links that differ from the
 * state. *ret_rotate (may be NULL) as above. */
int fleet_tick(struct fleet *f, int64_t now_ms, bool *ret_rotate, struct err *e) MUST_CHECK;

/* Replay's end: one tick far enough after the last event that every silence has its length. */
int fleet_replay_end(struct fleet *f, struct err *e) MUST_CHECK;

/* ---- operator. 0 = done; 1 = no: ret_why says it in words. */
int fleet_start(struct fleet *f, const struct mac *mac, const char *plan_name, int64_t now_ms, char *ret_why,
		size_t why_size, struct err *e) MUST_CHECK;
int fleet_stop(struct fleet *f, const struct mac *mac, int64_t now_ms, char *ret_why, size_t why_size,
	       struct err *e) MUST_CHECK;
/* A stuck phone stands on its stage anew: evidence, rounds and cause are gone. */
int fleet_retry(struct fleet *f, const struct mac *mac, int64_t now_ms, char *ret_why, size_t why_size,
		struct err *e) MUST_CHECK;
/* To the next stage without proof, at once or at its next quiet moment. Only where that is one safe step by
 * what is known; `force` overrides that, but nothing takes a phone off a stage that it is flashing. */
int fleet_skip(struct fleet *f, const struct mac *mac, bool force, int64_t now_ms, char *ret_why,
	       size_t why_size, struct err *e) MUST_CHECK;
/* Not started any more, nor by itself again; back to the plain root. The history stays. Not while it is
 * flashing, unless `force`. */
int fleet_forget(struct fleet *f, const struct mac *mac, bool force, int64_t now_ms, char *ret_why,
		 size_t why_size, struct err *e) MUST_CHECK;

/* Has the rollout room for one more? Without limits in the configuration always. */
bool fleet_room(struct fleet *f, struct err *e);

/* Put these plans in force. 0 = a new revision; 1 = equal to the one in force. */
int fleet_plans_put(struct fleet *f, const struct config *plans, int64_t now_ms, int64_t *ret_revision,
		    struct err *e) MUST_CHECK;

/* ---- what the tree must say (publish compares and makes it true) */
void fleet_standing(struct fleet *f, const struct phone *p, struct standing *ret);
/* layout = shared: the load the root must name now for this plan; 1 = none, leave it. */
int fleet_shared_load(struct fleet *f, const struct plan *pl, struct load_name *ret, struct err *e)
	MUST_CHECK;
/* every phone's and address's link made true */
int fleet_effects_all(struct fleet *f, struct err *e) MUST_CHECK;

/* In stages/<plan>/: the load that the plain root's own XMLDefault names, one line. Publish writes it, since
 * it can read XML and the fleet cannot; a finished phone goes back to the plain root only when that names its
 * load. */
#define FLEET_ROOT_LOAD_FILE ".root-load"

/* layout = shared, in stages/<plan>/: what publish made of the SEP<MAC>.cnf.xml of phones on their way, a line each:
 * MAC, load, a word of these. The fleet compares with what the state says. */
#define FLEET_SEP_FILE ".sep-loads"
#define FLEET_SEP_BYTES_MAX (256 * 1024)
#define FLEET_SEP_SET "set"
#define FLEET_SEP_HELD "held"	/* its phone has done the plan, and its own load would take it back */
#define FLEET_SEP_LEFT "left"	/* could not be edited */
#define FLEET_SEP_GIVEN "given" /* made for a phone that takes no notice of XMLDefault */
#define FLEET_SEP_DEFAULT "given-default" /* the same as a <Default> document */

/* What went wrong with a link or a file since the last call, "" = nothing: the state is right all the same,
 * and the next tick tries again. Borrowed. */
const char *fleet_effects_error(struct fleet *f);

/* ---- DHCP answers: a pure function of class, standing and site */
enum answer_kind { ANSWER_UNTOUCHED, ANSWER_SERVERS };
struct answer {
	enum answer_kind kind;
	struct servers servers;
	enum override override;
};
/* p NULL: not known or not ours. */
void fleet_answer(const struct config *cfg, const struct phone *p, const struct vendor *v,
		  const struct vendor_class *vc, struct ip4 giaddr, struct ip4 address, struct answer *ret);

/* Wall to engine time as the store's observed clock has it. */
int64_t fleet_engine_time(const struct fleet *f, int64_t wall_ms);

/* ---- what is to come of one phone if nothing more is heard of it (engine_promise.h), and what it waits for beside
 * time. Reads only. */
struct fleet_prospect {
	unsigned n;
	struct engine_promise a[ENGINE_PROMISES_MAX];
	int64_t now_ms;	     /* engine time */
	int64_t skew_ms;     /* wall = engine time + skew, from now on */
	int64_t watched_ms;  /* wall: when somebody last kept time (hook, helper, agent, verb); 0 = never */
	uint32_t published;  /* bit stage_no - 1 */
	bool waiting_room;   /* is published */
	int started, on_way, stuck; /* of the rollout: without a limit in the configuration 0 */
	bool room;		    /* the rollout has room */
	/* layout = shared: the cohort of its plan */
	struct cohort cohort;
	int members, proven, settled; /* on the cohort's stage; settled: proven, stuck, or silent for too long */
};
int fleet_prospect(struct fleet *f, const struct phone *p, int64_t now_ms, struct fleet_prospect *ret, struct err *e)
	MUST_CHECK;

#endif
