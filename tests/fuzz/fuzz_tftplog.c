/* SPDX-License-Identifier: MPL-2.0 */
/* A line of a TFTP server's log, and the same as an entry that has its tag in front of the first blank. */
#include <string.h>

#include "tftplog.h"

#include "fuzz.h"

#define NOW_MS 1764000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum tftplog_what what;
	struct tftplog_search search;
	struct tftplog_line line;

	what = tftplog_parse(TFTPLOG_AUTO, (const char *)data, size, NOW_MS, 3600, &line);
	tftplog_search(&search, (const char *)data, size);
	/* such a line is not passed over unread */
	MUST(what == TFTPLOG_OTHER || tftplog_next(&search, (const char *)data));
	if (what == TFTPLOG_EVENT) {
		struct tftplog_line own;
		int of = 0;

		MUST(memchr(line.path, '\0', sizeof line.path));
		MUST(line.path[0] || line.client_error || line.answer || line.chatty);
		MUST(line.client.host || line.kind == EVENT_FAILED || line.answer || line.chatty);
		MUST(line.from > TFTPLOG_AUTO && line.from < TFTPLOG_FORMATS);
		MUST(line.bytes >= -1 && !(line.bytes >= 0 && line.from != TFTPLOG_FETCH));
		MUST(line.at_ms >= 0);
		for (int f = TFTPLOG_AUTO + 1; f < TFTPLOG_FORMATS; f++)
			of += tftplog_parse((enum tftplog_format)f, (const char *)data, size, NOW_MS, 3600, &own) == 0;
		MUST(of == 1);
	}
	const char *blank = memchr(data, ' ', size);
	if (blank) {
		struct tftplog_entry entry = { NOW_MS, (const char *)data, (size_t)(blank - (const char *)data), 7,
					       blank + 1,
					       size - (size_t)(blank + 1 - (const char *)data) };
		if (tftplog_parse_entry(TFTPLOG_AUTO, &entry, &line) == TFTPLOG_EVENT)
			MUST(line.at_ms == NOW_MS && line.pid == 7);
	}
	return 0;
}
