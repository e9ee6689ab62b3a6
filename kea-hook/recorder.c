/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Queue and thread body. Two arrays: packets fill one under the mutex, the thread works through the other and
 * swaps them when it is done, so a batch that could not be written stays whole and in order. The fleet
 * belongs to the thread alone; another thread only ever interrupts its statement, under the mutex that guards
 * the pointer.
 */
#include "recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "spill.h"
#include "spool.h"
#include "strbuf.h"

#define BATCHES_A_TURN 16      /* then the tick and the log have their turn */
#define BUSY_SAY_AFTER_MS 2000 /* a lock held for a moment is everyday life with three programs */
#define POISON_TRIES 20        /* with growing pauses: some 80 s of one event failing in a store that opens */
#define SPOOL_A_TICK 1000

struct recorder {
	const struct config *cfg;
	struct directory *dir;
	struct recorder_paths paths;

	pthread_mutex_t lock; /* guards from here ... */
	pthread_cond_t wake;
	pthread_cond_t ended;
	struct lease_event *queue;
	size_t n_queue;
	bool urgent;
	bool away; /* do not wake the thread: it could do nothing */
	bool stopping;
	bool aborting; /* atomic too: the thread looks between two events */
	bool done;
	struct fleet *fleet;
	struct recorder_counts counts; /* ... to here */

	/* the thread's own */
	struct lease_event *batch;
	size_t at, n_batch;
	int64_t retry_at_ms, pause_ms, away_since_ms;
	int64_t next_tick_ms, next_resync_ms;
	bool caught_up; /* the directory is filled from the store, and what an unload left is in it */
	size_t poison_at;
	int poison_tries;
};

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct timespec timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

int recorder_new(struct recorder **ret, const struct config *cfg, struct directory *dir,
		 const struct recorder_paths *paths, struct err *e)
{
	struct recorder *r = calloc(1, sizeof *r);
	pthread_condattr_t attr;

	/* Pages nobody writes to cost nothing: the arrays are as large as the worst day, not as every day. */
	if (r) {
		r->queue = calloc(RECORDER_QUEUE, sizeof *r->queue);
		r->batch = calloc(RECORDER_QUEUE, sizeof *r->batch);
	}
	if (!r || !r->queue || !r->batch) {
		if (r) {
			free(r->queue);
			free(r->batch);
		}
		free(r);
		return err_set(e, ERR_SYSTEM, "no memory for the queue");
	}
	r->cfg = cfg;
	r->dir = dir;
	r->paths = *paths;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	pthread_cond_init(&r->ended, &attr);
	pthread_condattr_destroy(&attr);
	*ret = r;
	return 0;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	fleet_close(r->fleet);
	pthread_cond_destroy(&r->wake);
	pthread_cond_destroy(&r->ended);
	pthread_mutex_destroy(&r->lock);
	free(r->queue);
	free(r->batch);
	free(r);
}

bool recorder_push(struct recorder *r, const struct lease_event *le, bool urgent)
{
	bool room, wake;

	pthread_mutex_lock(&r->lock);
	room = r->n_queue < RECORDER_QUEUE;
	if (room) {
		r->queue[r->n_queue++] = *le;
		r->counts.pushed++;
	} else {
		r->counts.dropped++;
	}
	/* One signal a turn: whoever made it urgent first has woken the thread already. */
	wake = room && !r->away && !r->urgent && (urgent || r->n_queue >= RECORDER_BATCH);
	if (wake)
		r->urgent = true;
	pthread_mutex_unlock(&r->lock);
	if (wake)
		pthread_cond_signal(&r->wake);
	return room;
}

/* ---- the thread: small things */

static bool aborting(struct recorder *r)
{
	return __atomic_load_n(&r->aborting, __ATOMIC_ACQUIRE);
}

static bool store_trouble(const struct err *e)
{
	return e->code == ERR_STORE || e->code == ERR_BUSY;
}

static void count(struct recorder *r, int64_t *which, int64_t by)
{
	pthread_mutex_lock(&r->lock);
	*which += by;
	pthread_mutex_unlock(&r->lock);
}

static void set_fleet(struct recorder *r, struct fleet *f)
{
	struct fleet *old = r->fleet;

	pthread_mutex_lock(&r->lock);
	r->fleet = f;
	r->counts.store_open = f != NULL;
	pthread_mutex_unlock(&r->lock);
	if (!f)
		fleet_close(old);
}

/* Waits until something is to be done; true = stopping. */
static bool wait_for_work(struct recorder *r)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	int64_t until = r->retry_at_ms > now ? r->retry_at_ms : r->next_tick_ms;
	struct timespec ts;
	bool stopping;

	if (until > now + RECORDER_TICK_MS)
		until = now + RECORDER_TICK_MS;
	ts = timespec_of(until);
	pthread_mutex_lock(&r->lock);
	while (!r->stopping && !r->urgent)
		if (pthread_cond_timedwait(&r->wake, &r->lock, &ts) == ETIMEDOUT)
			break;
	r->urgent = false;
	stopping = r->stopping;
	pthread_mutex_unlock(&r->lock);
	return stopping;
}

/* Is there something in the batch, or in the queue, which then becomes the batch? */
static bool take_batch(struct recorder *r)
{
	struct lease_event *empty = r->batch;

	if (r->at < r->n_batch)
		return true;
	pthread_mutex_lock(&r->lock);
	r->batch = r->queue;
	r->n_batch = r->n_queue;
	r->at = 0;
	r->queue = empty;
	r->n_queue = 0;
	pthread_mutex_unlock(&r->lock);
	return r->n_batch > 0;
}

static void went_away(struct recorder *r, const struct err *e, struct hook_said *said, struct hook_log *log)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);

	r->pause_ms = r->pause_ms ? r->pause_ms * 2 : RECORDER_PAUSE_FIRST_MS;
	if (r->pause_ms > RECORDER_PAUSE_MAX_MS)
		r->pause_ms = RECORDER_PAUSE_MAX_MS;
	r->retry_at_ms = now + r->pause_ms;
	if (!r->away_since_ms)
		r->away_since_ms = now;
	if (e->code != ERR_BUSY)
		set_fleet(r, NULL);
	pthread_mutex_lock(&r->lock);
	r->away = true;
	r->counts.retries++;
	text_copy(r->counts.store_error, sizeof r->counts.store_error, e->text);
	pthread_mutex_unlock(&r->lock);
	if (!aborting(r) && (e->code != ERR_BUSY || now - r->away_since_ms >= BUSY_SAY_AFTER_MS))
		hook_log_add_limited(log, said, now, MSG_STORE_AWAY, "%s", e->text);
}

static void came_back(struct recorder *r, struct hook_log *log)
{
	int64_t gone_ms = clock_ms(CLOCK_MONOTONIC) - r->away_since_ms;

	if (!r->away_since_ms)
		return;
	if (gone_ms >= BUSY_SAY_AFTER_MS)
		hook_log_add(log, MSG_STORE_BACK, "after %lld s", (long long)(gone_ms / 1000));
	r->away_since_ms = r->pause_ms = r->retry_at_ms = 0;
	pthread_mutex_lock(&r->lock);
	r->away = false;
	r->counts.store_error[0] = '\0';
	pthread_mutex_unlock(&r->lock);
}

/* What could not be done to the links: the state is right, and the next tick tries again. */
static void say_effects(struct recorder *r, struct hook_said *said, struct hook_log *log)
{
	const char *trouble = fleet_effects_error(r->fleet);

	if (*trouble)
		hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_EFFECTS, "%s", trouble);
}

/* ---- the thread: recording */

/* What no store problem explains costs that event only, and so does one that fails again and again in a
 * store that works. */
static int give_up(struct recorder *r, size_t idx, const struct err *e, struct hook_said *said,
		   struct hook_log *log)
{
	if (store_trouble(e)) {
		r->poison_tries = r->poison_at == idx ? r->poison_tries + 1 : 1;
		r->poison_at = idx;
		if (e->code == ERR_BUSY || r->poison_tries < POISON_TRIES)
			return -1;
	}
	count(r, &r->counts.failed, 1);
	hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_RECORD, "%s", e->text);
	return 0;
}

/* Who holds an address now, for the question whether anybody else's lease matters. */
static void note_holders(struct recorder *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (r->batch[i].kind == LEASE_OFFER || r->batch[i].kind == LEASE_ACK ||
		    r->batch[i].kind == LEASE_RENEW)
			if (directory_address_put(r->dir, r->batch[i].address, &r->batch[i].mac, NULL) < 0)
				return; /* no memory: the next resync puts them in */
}

static int write_batch(struct recorder *r, struct hook_said *said, struct hook_log *log, struct err *e)
{
	size_t to = r->n_batch - r->at > RECORDER_BATCH ? r->at + RECORDER_BATCH : r->n_batch;
	size_t n_recorded = 0;

	if (fleet_batch_begin(r->fleet, clock_ms(CLOCK_REALTIME), e) < 0)
		return -1;
	for (size_t i = r->at; i < to; i++) {
		int rc = aborting(r) ? err_set(e, ERR_BUSY, "unloading")
				     : fleet_on_lease(r->fleet, &r->batch[i], e);

		if (rc >= 0)
			n_recorded++;
		else if (aborting(r) || give_up(r, i, e, said, log) < 0)
			return fleet_batch_abort(r->fleet), -1;
	}
	if (fleet_batch_end(r->fleet, e) < 0) {
		if (store_trouble(e))
			return -1;
		hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_EFFECTS, "%s", e->text);
	}
	say_effects(r, said, log);
	note_holders(r, r->at, to);
	r->at = to;
	r->poison_tries = 0;
	count(r, &r->counts.recorded, (int64_t)n_recorded);
	count(r, &r->counts.batches, 1);
	return 0;
}

static int write_all(struct recorder *r, struct hook_said *said, struct hook_log *log, struct err *e)
{
	int n;

	for (n = 0; n < BATCHES_A_TURN && take_batch(r); n++)
		if (write_batch(r, said, log, e) < 0)
			return -1;
	if (n && directory_refresh(r->dir, r->fleet, false, e) < 0)
		return -1;
	if (take_batch(r)) { /* more than a turn's worth: come again at once */
		pthread_mutex_lock(&r->lock);
		r->urgent = true;
		pthread_mutex_unlock(&r->lock);
	}
	return 0;
}

/* ---- the thread: what an earlier unload left */

struct draining {
	struct recorder *r;
	unsigned open; /* events in the transaction that is open */
};

static int drain_one(void *arg, const struct lease_event *le, struct err *e)
{
	struct draining *dr = arg;
	struct fleet *f = dr->r->fleet;

	if (aborting(dr->r)) {
		if (dr->open)
			fleet_batch_abort(f);
		return err_set(e, ERR_BUSY, "unloading");
	}
	if (le && !dr->open && fleet_batch_begin(f, clock_ms(CLOCK_REALTIME), e) < 0)
		return -1;
	if (le) {
		dr->open++;
		if (fleet_on_lease(f, le, e) < 0 && store_trouble(e)) {
			fleet_batch_abort(f);
			return -1;
		}
	}
	if (dr->open && (!le || dr->open >= RECORDER_BATCH)) {
		dr->open = 0;
		if (fleet_batch_end(f, e) < 0 && store_trouble(e))
			return -1;
	}
	return 0;
}

static int drain_spill(struct recorder *r, struct hook_said *said, struct hook_log *log, struct err *e)
{
	struct draining dr = { .r = r };
	unsigned events = 0, bad = 0;
	/* Perhaps one that an earlier start did not finish, and the last unload's. */
	int rc = spill_take(r->paths.spill, drain_one, &dr, &events, &bad, e);

	if (rc == 0)
		rc = spill_take(r->paths.spill, drain_one, &dr, &events, &bad, e) < 0 ? -1 : 0;
	if (rc < 0 && !store_trouble(e)) { /* the file's fault: it must not keep us from the store */
		hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_RECORD, "%s", e->text);
		return 0;
	}
	if (rc == 0)
		hook_log_add(log, MSG_DRAINED,
			     "%u observations of before the last unload recorded, %u unreadable lines",
			     events, bad);
	return rc < 0 ? -1 : 0;
}

/* ---- the thread: store and tick */

/* A store that is there is never upgraded from inside the DHCP server; one that is not is made. */
static bool store_absent(const char *url)
{
	char path[300];

	return strncmp(url, "sqlite:", 7) == 0 && spool_beside(url, "", path, sizeof path, NULL) == 0 &&
	       access(path, F_OK) < 0 && errno == ENOENT;
}

static int open_store(struct recorder *r, struct err *e)
{
	const char *url = r->cfg->store_url;
	struct fleet *f = NULL;

	if (fleet_open(&f, r->cfg, store_absent(url) ? FLEET_CREATE : 0, RECORDER_BUSY_MS, e) < 0)
		return -1;
	set_fleet(r, f);
	r->caught_up = false;
	return 0;
}

/* What must be done once before anything new is recorded; again after a store that was only busy. */
static int catch_up(struct recorder *r, struct hook_said *said, struct hook_log *log, struct err *e)
{
	struct directory_counts dc;

	if (directory_refresh(r->dir, r->fleet, true, e) < 0 || drain_spill(r, said, log, e) < 0)
		return -1;
	directory_counts(r->dir, &dc);
	hook_log_add(log, MSG_STORE_OPEN, "%s, revision %lld, %lld phones", r->cfg->store_url,
		     (long long)dc.revision, (long long)dc.phones);
	r->caught_up = true;
	r->next_tick_ms = 0;
	r->next_resync_ms = clock_ms(CLOCK_MONOTONIC) + RECORDER_RESYNC_MS;
	return 0;
}

static void save_directory(struct recorder *r, struct hook_said *said, struct hook_log *log)
{
	struct err e;

	if (directory_dirty(r->dir) && directory_save(r->dir, r->paths.directory, &e) < 0)
		hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_DIRECTORY_WRITE, "%s", e.text);
}

/* A failure that is not the store's is said and does not stop the rest. */
static int note(int rc, struct hook_said *said, struct hook_log *log, const struct err *e)
{
	if (rc >= 0)
		return 0;
	if (store_trouble(e))
		return -1;
	hook_log_add_limited(log, said, clock_ms(CLOCK_MONOTONIC), MSG_EFFECTS, "%s", e->text);
	return 0;
}

static int tick(struct recorder *r, int64_t now, struct hook_said *said, struct hook_log *log, struct err *e)
{
	int64_t wall = clock_ms(CLOCK_REALTIME);
	bool full = now >= r->next_resync_ms;
	bool spool_rotate = false, rotate = false;
	unsigned taken;

	if (now < r->next_tick_ms)
		return 0;
	r->next_tick_ms = now + RECORDER_TICK_MS;
	if (note(spool_drain(r->paths.spool, r->fleet, wall, SPOOL_A_TICK, &taken, &spool_rotate, e), said,
		 log, e) < 0 ||
	    note(fleet_tick(r->fleet, wall, &rotate, e), said, log, e) < 0 ||
	    note(directory_refresh(r->dir, r->fleet, full, e), said, log, e) < 0)
		return -1;
	if (full)
		r->next_resync_ms = now + RECORDER_RESYNC_MS;
	say_effects(r, said, log);
	save_directory(r, said, log);
	pthread_mutex_lock(&r->lock);
	r->counts.last_tick_ms = wall;
	pthread_mutex_unlock(&r->lock);
	if (rotate || spool_rotate)
		hook_log_add_limited(
			log, said, now, MSG_ROTATION_DUE,
			"the root's XMLDefault.cnf.xml must be rotated: run loadstep publish --apply");
	return 0;
}

static void work(struct recorder *r, bool stopping, struct hook_said *said, struct hook_log *log)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	struct err e;

	if (now < r->retry_at_ms || (stopping && !r->fleet))
		return;
	if ((!r->fleet && open_store(r, &e) < 0) || (!r->caught_up && catch_up(r, said, log, &e) < 0) ||
	    write_all(r, said, log, &e) < 0 ||
	    (!stopping && tick(r, now, said, log, &e) < 0))
		went_away(r, &e, said, log);
	else
		came_back(r, log);
}

int recorder_run_once(struct recorder *r, struct hook_said *said, struct hook_log *log)
{
	bool stopping = wait_for_work(r);

	work(r, stopping, said, log);
	if (!stopping)
		return 0;
	if (r->fleet && !r->retry_at_ms && !aborting(r) && take_batch(r))
		return 0;
	if (!aborting(r))
		save_directory(r, said, log);
	set_fleet(r, NULL);
	pthread_mutex_lock(&r->lock);
	r->done = true;
	pthread_cond_broadcast(&r->ended);
	pthread_mutex_unlock(&r->lock);
	return 1;
}

/* ---- unload */

void recorder_stop(struct recorder *r, int drain_ms)
{
	struct timespec ts = timespec_of(clock_ms(CLOCK_MONOTONIC) + drain_ms);

	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->wake);
	while (!r->done)
		if (pthread_cond_timedwait(&r->ended, &r->lock, &ts) == ETIMEDOUT)
			break;
	if (!r->done) {
		__atomic_store_n(&r->aborting, true, __ATOMIC_RELEASE);
		if (r->fleet)
			state_interrupt(fleet_state(r->fleet));
	}
	pthread_mutex_unlock(&r->lock);
}

void recorder_spill(struct recorder *r, struct hook_log *log)
{
	size_t n = r->n_batch - r->at + r->n_queue;
	struct err e;

	if (!n)
		return;
	if (spill_append(r->paths.spill, r->batch + r->at, r->n_batch - r->at, &e) < 0 ||
	    spill_append(r->paths.spill, r->queue, r->n_queue, &e) < 0)
		hook_log_add(log, MSG_RECORD, "%zu observations lost at unload: %s", n, e.text);
	else
		hook_log_add(log, MSG_SPILLED, "%zu observations to %s: the next start records them", n,
			     r->paths.spill);
	r->at = r->n_batch = r->n_queue = 0;
}

void recorder_counts(struct recorder *r, struct recorder_counts *ret)
{
	pthread_mutex_lock(&r->lock);
	*ret = r->counts;
	ret->queued = (int64_t)r->n_queue;
	pthread_mutex_unlock(&r->lock);
}
