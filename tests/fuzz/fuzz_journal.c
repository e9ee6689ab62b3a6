/* SPDX-License-Identifier: MPL-2.0 */
/* A line of `journalctl -o json`, and what it holds as a TFTP server's. */
#include <string.h>

#include "journal.h"
#include "tftplog.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct journal_entry j;
	struct tftplog_line line;

	if (journal_parse((const char *)data, size, &j) != 0)
		return 0;
	MUST(j.at_ms >= 0);
	MUST(j.len <= sizeof(j.message));
	MUST(memchr(j.tag, '\0', sizeof(j.tag)));
	MUST(memchr(j.cursor, '\0', sizeof(j.cursor)));
	struct tftplog_entry entry = { j.at_ms, j.tag, strlen(j.tag), j.pid, j.message, j.len };
	if (tftplog_parse_entry(TFTPLOG_AUTO, &entry, &line) == TFTPLOG_EVENT)
		MUST(!memchr(j.message, '\0', j.len) && line.at_ms == j.at_ms && line.pid == j.pid);
	return 0;
}
