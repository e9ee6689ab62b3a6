/* SPDX-License-Identifier: MPL-2.0 */
/* A DHCP message as the hook gets it before Kea has looked at it: any bytes, and what is said of them stands in them. */
#include <string.h>

#include "request.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request r = { .server = 0 };

	if (request_parse(data, size, &r) == 0) {
		MUST(r.server != 0);
		MUST(size > 240 && memcmp(r.mac, data + 28, sizeof(r.mac)) == 0);
	} else {
		MUST(r.server == 0);
	}
	return 0;
}
