/* SPDX-License-Identifier: MPL-2.0 */
/* Option 60, any bytes: every string has an answer, and a named model is one of ours. */
#include <string.h>

#include "phone.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vendor v;

	vendor_parse(data, size, &v);
	MUST(memchr(v.model, '\0', sizeof v.model));
	MUST((v.kind == VENDOR_NAMED) == (model_find(v.model) != NULL));
	MUST(v.kind == VENDOR_NAMED || v.model[0] == '\0');
	(void)model_parse((const char *)data, size);
	return 0;
}
