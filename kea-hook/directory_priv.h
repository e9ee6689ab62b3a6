/* SPDX-License-Identifier: MPL-2.0 */
/* What directory.c (memory) and directory_file.c (the copy beside the store) share, and nobody else. */
#ifndef LOADSTEP_DIRECTORY_PRIV_H
#define LOADSTEP_DIRECTORY_PRIV_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "directory.h"
#include "map.h"

/* A phone's standing: all that its answer depends on. Compared as bytes: zeroed before it is filled. */
struct entry {
	struct mac mac;
	struct ip4 address;
	char plan[PLAN_NAME_MAX + 1];
	char model[MODEL_MAX + 1];
	struct load_name load;
	enum phase phase;
	int stage_no;
	uint32_t flags;
	enum generation generation;
	enum vendor_kind vendor;
};

struct directory {
	pthread_rwlock_t lock; /* readers: packets; the one writer takes it only to change what they see */
	struct config *cfg;
	char *text; /* the plans as config_format_revision() writes them */
	int64_t revision;
	struct map phones;    /* MAC to struct entry */
	struct map addresses; /* address to the MAC that holds it */
	/* the writer's own */
	int64_t change; /* newest change number seen; atomic, for the counts */
	int64_t answers; /* atomic */
	bool dirty;
};

void entry_to_phone(const struct entry *en, struct phone *ret);
int entry_put(struct directory *d, const struct entry *en, struct err *e) MUST_CHECK;
bool entry_answered(const struct directory *d, const struct entry *en);

#endif
