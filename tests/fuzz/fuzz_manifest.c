/* SPDX-License-Identifier: MPL-2.0 */
/* A .loads file, signed or not. */
#include <string.h>

#include "loadset.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loadset ls = { .n_members = 0 };
	struct err e = { .code = ERR_NONE };

	if (manifest_parse(data, size, &ls, &e) < 0) {
		MUST(e.text[0]);
		return 0;
	}
	MUST(ls.n_members <= LOAD_MEMBERS_MAX);
	MUST(ls.optional >> ls.n_members == 0);
	MUST(memchr(ls.loader, '\0', sizeof ls.loader) && memchr(ls.app, '\0', sizeof ls.app));
	for (unsigned i = 0; i < ls.n_members; i++)
		MUST(ls.members[i][0] && memchr(ls.members[i], '\0', sizeof ls.members[i]));
	return 0;
}
