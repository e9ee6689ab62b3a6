/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A line of `journalctl -o json` (or json-seq): one entry of systemd's journal. Pure. A message that is no UTF-8 comes as
 * a list of its bytes.
 */
#ifndef LOADSTEP_JOURNAL_H
#define LOADSTEP_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_CURSOR_MAX 256 /* some 150 bytes */
#define JOURNAL_MESSAGE_MAX 4096

struct journal_entry {
	int64_t at_ms; /* when it was sent, else when the journal took it */
	char tag[64];  /* SYSLOG_IDENTIFIER; "" = there is none */
	uint32_t pid;  /* 0 = not told */
	char cursor[JOURNAL_CURSOR_MAX];
	size_t len;
	char message[JOURNAL_MESSAGE_MAX]; /* raw; not terminated */
};

/* Does the line look like one? */
bool journal_is_entry(const char *line, size_t len);
/* 0; 1 = it is none: no stamp, no message, or one that is too long. */
int journal_parse(const char *line, size_t len, struct journal_entry *ret);

#endif
