/* SPDX-License-Identifier: MPL-2.0 */
/* The signed header: it ends within the bytes, and its name is a text. */
#include <string.h>

#include "loadset.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct signed_header h;
	struct err e = { .code = ERR_NONE };
	int rc = signed_header_parse(data, size, &h, &e);

	if (rc < 0)
		MUST(e.code == ERR_INPUT && e.text[0]);
	if (rc == 0)
		MUST(h.body_off <= size && memchr(h.name, '\0', sizeof h.name));
	return 0;
}
