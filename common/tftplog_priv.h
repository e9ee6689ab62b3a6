/* SPDX-License-Identifier: MPL-2.0 */
/* Inside tftplog: text that shrinks from both ends, and one reader a server. For tftplog*.c only. */
#ifndef LOADSTEP_TFTPLOG_PRIV_H
#define LOADSTEP_TFTPLOG_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"
#include "tftplog.h"

struct span {
	const char *p;
	size_t len;
};

/* These take what they find off the front, or leave *s as it was (span_number: as far as it got). */
bool span_head(struct span *s, const char *head);
bool span_char(struct span *s, char c);
bool span_number(struct span *s, size_t digits, int min, int max, int *ret);
/* All the digits that stand there, at most `max`; false: none, or more. */
bool span_digits(struct span *s, size_t max, uint64_t *ret);
/* Up to the next blank, which goes too; false: there is none, or it stands first. */
bool span_word(struct span *s, struct span *ret);

/* Cuts *s at the first or last `middle`; *ret_rest is what stands behind it. */
bool span_split_first(struct span *s, const char *middle, struct span *ret_rest);
bool span_split_last(struct span *s, const char *middle, struct span *ret_rest);

bool span_ip4(const struct span *s, struct ip4 *ret);
/* Into a path; false: empty or too long. */
bool span_path(const struct span *s, char ret[static TFTPLOG_PATH_MAX]);

/* What stands in front of the program's name: a priority ("<29>") and a stamp. False: no stamp is there. */
bool tftplog_stamp(struct span *s, int64_t not_after_ms, int utc_offset_s, int64_t *ret_ms);

/* RFC 5424: "<29>1 STAMP HOST TAG PID MSGID DATA " is taken off the front. *ret_at_ms 0 = it has no stamp. */
struct tftplog_head {
	int64_t at_ms;
	struct span tag;
	uint32_t pid;
};
bool tftplog_rfc5424(struct span *s, struct tftplog_head *ret);

/* A program's sentence. *ret holds stamp and process; written only with TFTPLOG_EVENT. */
typedef enum tftplog_what (*tftplog_reader)(struct span s, struct tftplog_line *ret);
enum tftplog_what tftplog_read_hpa(struct span s, struct tftplog_line *ret);
enum tftplog_what tftplog_read_atftpd(struct span s, struct tftplog_line *ret);
enum tftplog_what tftplog_read_fetch(struct span s, struct tftplog_line *ret);

#endif
