/* SPDX-License-Identifier: MPL-2.0 */
#include "loadfiles.h"

#include <stdio.h>

#include "strbuf.h"

static const char *own_file(const struct loadset *ls, unsigned idx)
{
	static const char *const files[][3] = {
		[LOAD_KIND_UNKNOWN] = { ".loads" },
		[LOAD_SINGLE_UNSIGNED] = { ".bin" },
		[LOAD_SINGLE_SIGNED] = { ".bin", ".sbn" },
		[LOAD_TWO_PART] = { ".loads" },
		[LOAD_JAVA] = { ".loads" },
	};

	return idx < 3 ? files[ls->kind][idx] : NULL;
}

int loadfile_at(const struct loadset *ls, unsigned idx, char buf[static LOAD_FILE_MAX + 1])
{
	const char *parts[2];
	unsigned n_own = 0, n_parts = 0;

	while (own_file(ls, n_own))
		n_own++;
	if (idx < n_own) {
		snprintf(buf, LOAD_FILE_MAX + 1, "%s%s", ls->load.s, own_file(ls, idx));
		return 0;
	}
	idx -= n_own;
	if (ls->loader[0])
		parts[n_parts++] = ls->loader;
	if (ls->app[0])
		parts[n_parts++] = ls->app;
	if (idx < n_parts)
		return !text_copy(buf, LOAD_FILE_MAX + 1, parts[idx]);
	idx -= n_parts;
	if (idx >= ls->n_members)
		return 1;
	return !text_copy(buf, LOAD_FILE_MAX + 1, ls->members[idx]);
}
