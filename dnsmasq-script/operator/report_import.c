/* SPDX-License-Identifier: MPL-2.0 */
/* An import's results as values. */
#include "report_import.h"

#include <stdlib.h>
#include <string.h>

static void words_fini(struct report_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->a[i].block);
	free(w->a);
}

static int words_add(struct report_words *w, const char *name, const char *word, const char *what)
{
	struct report_word *a = reallocarray(w->a, w->n + 1, sizeof(*a));

	if (!a)
		return -1;
	w->a = a;
	const char *const in[] = { name, word, what };
	const char *own[3];
	char *block = text_pack(3, in, own);
	if (!block)
		return -1;
	a[w->n++] = (struct report_word){ block, own[0], own[1], own[2] };
	return 0;
}

void report_import_fini(struct report_import *ri)
{
	for (size_t i = 0; i < ri->n_loads; i++)
		free(ri->loads[i].differences);
	free(ri->loads);
	words_fini(&ri->refused);
	words_fini(&ri->left);
	words_fini(&ri->changes);
	free(ri->missing);
}

int report_import_refuse(struct report_import *ri, const char *package, const char *why)
{
	return words_add(&ri->refused, package, "", why);
}

int report_import_left(struct report_import *ri, const struct import *im)
{
	size_t n;
	const struct package_left *left = import_left(im, &n);

	for (size_t i = 0; i < n; i++)
		if (words_add(&ri->left, left[i].name, left[i].place, left[i].why) < 0)
			return -1;
	return 0;
}

void report_import_change(struct report_import *ri, const char *word, const char *path, const char *what)
{
	(void)words_add(&ri->changes, path, word, what ? what : "");
}

struct report_load *report_import_load(struct report_import *ri, const struct package_set *set)
{
	struct report_load *a = reallocarray(ri->loads, ri->n_loads + 1, sizeof(*a));

	if (!a)
		return NULL;
	ri->loads = a;
	memset(&a[ri->n_loads], 0, sizeof(*a));
	a[ri->n_loads].set = set;
	return &a[ri->n_loads++];
}

bool report_import_failed(const struct report_import *ri)
{
	for (size_t i = 0; i < ri->n_loads; i++)
		if (strcmp(ri->loads[i].result, "refused") == 0)
			return true;
	return ri->refused.n > 0 || ri->n_loads == 0;
}

int64_t report_import_bytes(const struct package_set *set)
{
	int64_t bytes = 0;

	for (unsigned i = 0; i < set->n_parts; i++)
		if (strcmp(set->parts[i].name, set->parts[i].file->name) == 0)
			bytes += set->parts[i].file->bytes;
	return bytes;
}
