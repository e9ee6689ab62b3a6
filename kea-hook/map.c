/* SPDX-License-Identifier: MPL-2.0 */
/* Open addressing with linear probing, at most half full. */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#define MAP_FIRST_CAP 64
#define KEY_USED (UINT64_C(1) << 63) /* keys have 48 bits: a used slot is never 0 */

void map_init(struct map *m, size_t value_size)
{
	*m = (struct map){ .size = value_size };
}

void map_fini(struct map *m)
{
	free(m->keys);
	free(m->values);
	map_init(m, m->size);
}

/* Where key is, or the free slot where it belongs. Fibonacci hashing: MACs of one maker differ in their low
 * bits. */
static size_t slot_of(const struct map *m, uint64_t key)
{
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (m->cap - 1);

	while (m->keys[i] && m->keys[i] != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

void *map_find(const struct map *m, uint64_t key)
{
	size_t i;

	if (!m->cap)
		return NULL;
	i = slot_of(m, key | KEY_USED);
	return m->keys[i] ? m->values + i * m->size : NULL;
}

bool map_full(const struct map *m)
{
	return (m->n + 1) * 2 > m->cap;
}

int map_grown(const struct map *m, struct map *ret)
{
	struct map big = { .size = m->size, .cap = m->cap ? m->cap * 2 : MAP_FIRST_CAP };

	big.keys = calloc(big.cap, sizeof *big.keys);
	big.values = calloc(big.cap, big.size);
	if (!big.keys || !big.values) {
		map_fini(&big);
		return -1;
	}
	for (size_t i = 0; i < m->cap; i++)
		if (m->keys[i])
			map_put(&big, m->keys[i], m->values + i * m->size);
	*ret = big;
	return 0;
}

void map_put(struct map *m, uint64_t key, const void *value)
{
	size_t i = slot_of(m, key | KEY_USED);

	if (!m->keys[i])
		m->n++;
	m->keys[i] = key | KEY_USED;
	memcpy(m->values + i * m->size, value, m->size);
}

const void *map_at(const struct map *m, size_t idx)
{
	return m->keys[idx] ? m->values + idx * m->size : NULL;
}
