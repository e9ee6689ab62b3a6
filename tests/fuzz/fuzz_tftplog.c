/* SPDX-License-Identifier: MPL-2.0 */
/* A line of dnsmasq's log. */
#include <string.h>

#include "tftplog.h"

#include "fuzz.h"

#define NOW_MS 1764000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftplog_line line;

	if (tftplog_parse_dnsmasq((const char *)data, size, NOW_MS, 3600, &line) == 0) {
		MUST(memchr(line.path, '\0', sizeof line.path));
		MUST(line.path[0] || line.client_error);
		MUST(line.client.host || line.kind == EVENT_FAILED);
		MUST(line.at_ms >= 0);
	}
	return 0;
}
