/* SPDX-License-Identifier: MPL-2.0 */
/* The libraries that an ELF file needs. */
#include <string.h>

#include "elfneeds.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct elfneeds n;
	struct err e;

	if (elfneeds_parse(data, size, &n, &e) == 0) {
		MUST(n.n <= ELFNEEDS_MAX);
		for (unsigned i = 0; i < n.n; i++)
			MUST(memchr(n.name[i], '\0', sizeof(n.name[i])));
	}
	return 0;
}
