/* SPDX-License-Identifier: MPL-2.0 */
/*
 * atftpd's transfers (D§6). With --verbose=7 each has an end, which is the event: sent, missing or broken off. In a file
 * of its own each line names its thread; through syslog none does, so an end that may be of several transfers is only
 * counted until it is known whose: the same client asks for its next file (a phone asks for one at a time), or all of
 * them have ended. Without ends a request is all there is, as with tftpd-hpa.
 */
#include "logfeed_priv.h"

#include <string.h>

static void transfer_remove(struct logfeed *lf, unsigned i)
{
	lf->n_transfers--;
	memmove(&lf->transfers[i], &lf->transfers[i + 1], (lf->n_transfers - i) * sizeof(lf->transfers[0]));
	if (lf->n_transfers == 0)
		lf->ended_whole = lf->ended_broken = lf->ended_known = 0;
}

/* Ends that are still somebody's. */
static unsigned ends_open(const struct logfeed *lf)
{
	return lf->ended_whole + lf->ended_broken - lf->ended_known;
}

static int transfer_end(struct logfeed *lf, unsigned i, enum event_kind kind, int64_t at_ms, struct err *e)
{
	if (logfeed_tell(lf, &lf->transfers[i].line, kind, at_ms, e))
		return -1;
	transfer_remove(lf, i);
	return 0;
}

/* How those ended of which only the number of ends is known: asked for, where some went out and some did not. */
static enum event_kind kind_of_all(const struct logfeed *lf)
{
	if (lf->ended_broken == 0)
		return EVENT_SENT;
	return lf->ended_whole == 0 ? EVENT_FAILED : EVENT_ASKED;
}

static int end_all(struct logfeed *lf, int64_t at_ms, struct err *e)
{
	enum event_kind kind = kind_of_all(lf);

	while (lf->n_transfers > 0)
		if (transfer_end(lf, 0, kind, kind == EVENT_ASKED ? lf->transfers[0].line.at_ms : at_ms, e))
			return -1;
	return 0;
}

/* How it ended is not known, but that it has: one of the ends was its own. */
static int end_unknown(struct logfeed *lf, unsigned i, struct err *e)
{
	lf->ended_known += ends_open(lf) > 0;
	return transfer_end(lf, i, EVENT_ASKED, lf->transfers[i].line.at_ms, e);
}

/* A client asks for its next file: its last transfer has ended. One that it gave up before is still in waiting, until
 * atftpd gives it up, too; so the newest is meant. */
static int end_before(struct logfeed *lf, const struct tftplog_line *l, struct err *e)
{
	enum event_kind kind = kind_of_all(lf);

	for (unsigned i = lf->n_transfers; i-- > 0;) {
		const struct tftplog_line *t = &lf->transfers[i].line;

		if (t->thread && t->thread == l->thread && t->pid == l->pid)
			return end_unknown(lf, i, e); /* its own end would have been told */
		if (t->thread || t->client.host != l->client.host || ends_open(lf) == 0)
			continue;
		lf->ended_known++;
		return transfer_end(lf, i, kind, kind == EVENT_ASKED ? t->at_ms : l->at_ms, e);
	}
	return 0;
}

static int transfer_begin(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e)
{
	if (end_before(lf, l, e) || (lf->n_transfers == LOGFEED_TRANSFERS_MAX && end_unknown(lf, 0, e)))
		return -1;
	lf->transfers[lf->n_transfers++] = (struct logfeed_transfer){ .line = *l, .read_ms = now_ms };
	return 0;
}

/* Which of them may this end be of? *ret_i is the newest. */
static unsigned matches(const struct logfeed *lf, const struct tftplog_line *l, unsigned *ret_i)
{
	unsigned n = 0;

	for (unsigned i = 0; i < lf->n_transfers; i++) {
		const struct tftplog_line *t = &lf->transfers[i].line;

		if (logfeed_answers(l, t)) {
			*ret_i = i;
			n++;
		}
	}
	return n;
}

/* "client … not responding" is followed by an end that is none. Where a thread tells it, nothing waits for it. */
static bool is_hollow(struct logfeed *lf, const struct tftplog_line *l)
{
	if (l->thread)
		return false;
	if (l->client.host)
		lf->hollow_ends++;
	if (l->kind != EVENT_SENT || lf->hollow_ends == 0)
		return false;
	lf->hollow_ends--;
	return true;
}

static int transfer_answer(struct logfeed *lf, const struct tftplog_line *l, struct err *e)
{
	unsigned i = 0, n = matches(lf, l, &i);

	if (n == 0)
		return 0;
	if (l->kind == EVENT_ASKED) /* the thread's end: without thread numbers it tells nothing */
		return l->thread ? end_unknown(lf, i, e) : 0;
	if (n > 1 && !l->path[0]) {
		lf->ended_whole += l->kind == EVENT_SENT;
		lf->ended_broken += l->kind != EVENT_SENT;
	} else if (transfer_end(lf, i, l->kind, l->at_ms, e)) {
		return -1;
	}
	return ends_open(lf) >= lf->n_transfers ? end_all(lf, l->at_ms, e) : 0;
}

int logfeed_atftpd(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e)
{
	lf->ends_told = lf->ends_told || l->chatty;
	if (l->answer) /* its request may have come before we knew that ends are told */
		return is_hollow(lf, l) || logfeed_answer(lf, l) ? 0 : transfer_answer(lf, l, e);
	if (l->chatty || l->at_ms < lf->oldest_ms)
		return 0;
	return lf->ends_told ? transfer_begin(lf, l, now_ms, e) : logfeed_request(lf, l, now_ms, e);
}

int logfeed_atftpd_settle(struct logfeed *lf, int64_t now_ms, bool all, struct err *e)
{
	for (unsigned i = 0; i < lf->n_transfers;) {
		const struct logfeed_transfer *t = &lf->transfers[i];
		int64_t waited_ms = lf->replay ? lf->last_at_ms - t->line.at_ms : now_ms - t->read_ms;

		if (!all && waited_ms >= 0 && waited_ms < LOGFEED_TRANSFER_MS) {
			i++;
			continue;
		}
		if (end_unknown(lf, i, e))
			return -1;
	}
	return 0;
}
