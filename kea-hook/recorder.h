/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The way from packets to the store: a bounded queue that packet threads push into (a copy under a mutex,
 * never a wait for the store), and the body of the one thread that owns the fleet. Batches are one
 * transaction each; what cannot be written is kept and tried again with growing pauses; what is left at
 * unload goes to a file. The thread itself is the shim's, which logs what the body returns.
 */
#ifndef LOADSTEP_RECORDER_H
#define LOADSTEP_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "directory.h"
#include "err.h"
#include "fleet.h"
#include "messages.h"

struct recorder;

#define RECORDER_QUEUE 8192     /* a building after a power cut: 4 000 phones, OFFER and ACK each */
#define RECORDER_BATCH 256      /* events a transaction: others wait for the store meanwhile */
#define RECORDER_BUSY_MS 100    /* how long a locked store is waited for */
#define RECORDER_TICK_MS 1000
#define RECORDER_RESYNC_MS 60000 /* the whole directory anew: forgets what was deleted */
#define RECORDER_PAUSE_FIRST_MS 100
#define RECORDER_PAUSE_MAX_MS 5000

/* cfg and dir are borrowed until recorder_free. directory_path, spill_path, spool_path are copied. */
struct recorder_paths {
	char directory[300];
	char spill[300];
	char spool[300];
};
int recorder_new(struct recorder **ret, const struct config *cfg, struct directory *dir,
		 const struct recorder_paths *paths, struct err *e) MUST_CHECK;
void recorder_free(struct recorder *r);

/* Any thread. urgent: wake the thread now (a phone of ours: its view must be ready before it asks for a
 * file). false = the queue is full, the event is dropped and counted. */
bool recorder_push(struct recorder *r, const struct lease_event *le, bool urgent);

/* The thread's body: at most about a second. 0 = call again, 1 = asked to stop, and done. */
int recorder_run_once(struct recorder *r, struct hook_said *said, struct hook_log *log);

/* From another thread: write what can be written within drain_ms, then give up. Returns when the body is
 * done or the time is over. */
void recorder_stop(struct recorder *r, int drain_ms);

/* After the thread has ended: the rest to the file. */
void recorder_spill(struct recorder *r, struct hook_log *log);

struct recorder_counts {
	bool store_open;
	int64_t queued;   /* waiting now */
	int64_t pushed;
	int64_t recorded; /* taken by the store */
	int64_t dropped;  /* queue full */
	int64_t failed;   /* given up */
	int64_t batches;
	int64_t retries;
	int64_t last_tick_ms; /* wall; 0 = never */
	char store_error[300]; /* "" = none */
};
void recorder_counts(struct recorder *r, struct recorder_counts *ret);

#endif
