/* SPDX-License-Identifier: MPL-2.0 */
/* A line of the event program's spool: an event that the fleet can take, or nothing. */
#include <string.h>

#include "spool.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[SPOOL_PATH_MAX + 1];
	struct file_event fe;

	if (spool_line_parse((const char *)data, size, path, &fe) == 0) {
		MUST(fe.path == path && path[0] && strnlen(path, sizeof path) <= SPOOL_PATH_MAX);
		MUST(fe.at_ms > 0 && fe.client.host && fe.bytes >= -1);
		MUST(fe.kind < EVENT_COUNT);
	}
	return 0;
}
