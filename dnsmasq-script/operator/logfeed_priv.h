/* SPDX-License-Identifier: MPL-2.0 */
/* Inside logfeed. For logfeed*.c only. */
#ifndef LOADSTEP_LOGFEED_PRIV_H
#define LOADSTEP_LOGFEED_PRIV_H

#include "logfeed.h"

/* An event of this line to the fleet, as `kind` and at that time. */
int logfeed_tell(struct logfeed *lf, const struct tftplog_line *l, enum event_kind kind, int64_t at_ms,
		 struct err *e) MUST_CHECK;

/* May that line say how this request ended? */
bool logfeed_answers(const struct tftplog_line *answer, const struct tftplog_line *request);

/* A request that waits for its answer. */
int logfeed_request(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e) MUST_CHECK;
/* False: none waits for this one. */
bool logfeed_answer(struct logfeed *lf, const struct tftplog_line *l);

/* atftpd: a line of it. */
int logfeed_atftpd(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e) MUST_CHECK;
/* Transfers of which no end came: asked for, more is not known. */
int logfeed_atftpd_settle(struct logfeed *lf, int64_t now_ms, bool all, struct err *e) MUST_CHECK;

#endif
