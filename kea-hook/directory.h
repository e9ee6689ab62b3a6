/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who gets which answer, in memory: MAC to standing, address to holder, and the plans in force. Asked on the
 * packet path (no I/O, a read lock held for a look-up); filled by one writer, the hook's thread (before it
 * starts: load), which follows the store's change number. A copy is kept in a text file beside the store, so
 * that with the store away, or a new configuration bad, the last good answers hold: a phone whose loader
 * waits for its application must find option 150 again.
 */
#ifndef LOADSTEP_DIRECTORY_H
#define LOADSTEP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "fleet.h"
#include "parse.h"
#include "phone.h"
#include "state.h"

#define DIRECTORY_BYTES_MAX (32 * 1024 * 1024) /* 100 000 phones at some 150 bytes, and the plans */

struct directory;

int directory_new(struct directory **ret, struct err *e) MUST_CHECK;
void directory_free(struct directory *d);

/* ---- asked on the packet path, by any number of threads */
struct directory_ask {
	bool mac_known;
	struct mac mac;
	const uint8_t *vendor_class;
	size_t vendor_len;
	const uint8_t *hostname; /* SEP + 12 hex digits makes a phone of ours of an odd class (F§1.7) */
	size_t hostname_len;
	struct ip4 giaddr;
	struct ip4 address;
};

struct directory_told {
	bool ours;         /* a phone of ours, or one of an unknown class: what it does is recorded */
	bool held_by_other; /* the address has a phone's link or record, and another holder than the asker */
	struct answer answer;
};

void directory_answer(struct directory *d, const struct directory_ask *ask, struct directory_told *ret);

/* A phone of ours, or the recorded holder of this address: that the lease has gone must be recorded. */
bool directory_concerns(struct directory *d, const struct mac *mac, struct ip4 address);

/* ---- written by one thread */
/* The plans in force; takes cfg over. `text` (copied; may be NULL before a revision was ever made) is what
 * the file keeps of them. */
int directory_plans_set(struct directory *d, struct config *cfg, int64_t revision, const char *text,
			struct err *e) MUST_CHECK;
/* From the text of a revision. On failure the plans are as they were. */
int directory_plans_apply(struct directory *d, int64_t revision, const char *text, size_t len,
			  struct err *e) MUST_CHECK;
bool directory_has_plans(const struct directory *d);

int directory_phone_put(struct directory *d, const struct phone *p, struct err *e) MUST_CHECK;
int directory_address_put(struct directory *d, struct ip4 addr, const struct mac *mac,
			  struct err *e) MUST_CHECK;

/* Follow the store: plans when their revision is another, phones changed since the last time; `full`:
 * everything anew, which also forgets what is gone. On failure it is as before. */
int directory_refresh(struct directory *d, struct fleet *f, bool full, struct err *e) MUST_CHECK;

/* ---- the file. load: 0 = read, 1 = there is none; -1 = it cannot be read. Lines that say nothing sensible
 * are counted. */
int directory_load(struct directory *d, const char *path, unsigned *ret_bad, struct err *e) MUST_CHECK;
int directory_save(struct directory *d, const char *path, struct err *e) MUST_CHECK;
bool directory_dirty(const struct directory *d); /* writer: differs from what was saved or loaded last */

struct directory_counts {
	int64_t phones;
	int64_t answers; /* of them: phones that get servers at their last address */
	int64_t addresses;
	int64_t revision;
	int64_t change;
};
void directory_counts(struct directory *d, struct directory_counts *ret);

#endif
