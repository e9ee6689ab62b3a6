/* SPDX-License-Identifier: MPL-2.0 */
/* A line of a TFTP server's log. */
#include <string.h>

#include "tftplog.h"

#include "fuzz.h"

#define NOW_MS 1764000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftplog_line line;

	if (tftplog_parse(TFTPLOG_AUTO, (const char *)data, size, NOW_MS, 3600, &line) == 0) {
		struct tftplog_line own;
		int of = 0;

		MUST(memchr(line.path, '\0', sizeof line.path));
		MUST(line.path[0] || line.client_error || line.answer);
		MUST(line.client.host || line.kind == EVENT_FAILED);
		MUST(line.at_ms >= 0);
		MUST(tftplog_look((const char *)data, size)); /* such a line is not passed over unread */
		for (int f = TFTPLOG_AUTO + 1; f < TFTPLOG_FORMATS; f++)
			of += tftplog_parse((enum tftplog_format)f, (const char *)data, size, NOW_MS, 3600, &own) == 0;
		MUST(of == 1);
	}
	return 0;
}
