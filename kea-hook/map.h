/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A small hash map for the directory: 48-bit key to a value of fixed size, open addressing, nothing is ever
 * taken out (a whole new map replaces it). Growing builds beside: readers under the directory's lock never
 * see a half-made table.
 */
#ifndef LOADSTEP_MAP_H
#define LOADSTEP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
	size_t size; /* of a value */
	size_t cap;  /* power of two, 0 = empty */
	size_t n;
	uint64_t *keys; /* 0 = free */
	unsigned char *values;
};

void map_init(struct map *m, size_t value_size);
void map_fini(struct map *m);

void *map_find(const struct map *m, uint64_t key); /* borrowed; NULL = absent */
bool map_full(const struct map *m);                /* the next new key needs map_grown first */

/* A copy of twice the size into *ret (not initialised before). 0, or -1 without memory. */
int map_grown(const struct map *m, struct map *ret);

/* Add or replace where there is room (map_full is false). Never fails. */
void map_put(struct map *m, uint64_t key, const void *value);

/* The idx-th slot, in no order: NULL when free; idx < cap. */
const void *map_at(const struct map *m, size_t idx);

#endif
