/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Two witnesses of one transfer: dnsmasq's script, which knows how many bytes went out and can be minutes late
 * and newest first when many transfers end at once (D§2), and dnsmasq's log, which knows the second. Whoever
 * comes second finds the other's entry; the event counts once, with the log's time. Which of several entries
 * is the twin does not matter: each is used once, and what remains is the set of the log's times. In a replay the
 * script speaks through the line that loadstep-event wrote.
 */
#include "fleet_priv.h"

#define LOG_STAMP_MS 999
/* A backlog of dnsmasq's scripts: some thousand events of some ten milliseconds, many times over. */
#define TWIN_LATE_MS (10 * 60 * 1000)
/* The log may be of another host, whose clock is a little ahead. */
#define TWIN_EARLY_MS 2000
/* A file that is not there, asked for again this soon, is one look. */
#define ONE_LOOK_MS 2000

/* A stamp of whole seconds is rounded down; what it reports happened up to this much later. One with a fraction, as
 * rsyslog and the journal have them, is as it is.
 * Rounding up errs to the safe side: a boot before the file's end never looks like one after it. */
int64_t log_time(int64_t stamp_ms)
{
	return stamp_ms % 1000 ? stamp_ms : stamp_ms + LOG_STAMP_MS;
}

int twin_find(struct fleet *f, const struct file_event *fe, const char *file, struct twin *ret, struct err *e)
{
	int64_t earlier = fe->from_log ? TWIN_EARLY_MS : TWIN_LATE_MS;
	int64_t later = fe->from_log ? TWIN_LATE_MS : TWIN_EARLY_MS;
	bool replay = f->flags & FLEET_REPLAY;
	int rc = 1;

	*ret = (struct twin){ .known = false };
	f->heard_script = f->heard_script || !fe->from_log;
	if (replay && !f->heard_script)
		return 1; /* of most old logs the script's lines are not there */
	if (fe->kind == EVENT_SENT || fe->unmasks)
		rc = state_history_twin_find(f->st, fe->client, file, !fe->from_log, fe->at_ms - earlier,
					     fe->at_ms + later, &ret->entry, e);
	if (rc < 0)
		return -1;
	ret->known = rc == 0;
	if (!fe->from_log || ret->known || replay)
		return rc;
	int64_t near_ms = fe->kind == EVENT_MISSING ? ONE_LOOK_MS : 0;
	return state_history_stamped(f->st, fe->kind, fe->client, file, fe->at_ms, near_ms, TWIN_LATE_MS, e);
}

/* The entry's time is the log's where the script's is wrong; the bytes are the script's. */
int twin_put(struct fleet *f, const struct file_event *fe, const struct twin *t, struct err *e)
{
	struct history h = t->entry;

	h.twin_ms = fe->at_ms;
	if (!fe->from_log) {
		h.bytes = h.kind == EVENT_SENT ? fe->bytes : -1;
	} else if (h.at_ms > log_time(fe->at_ms)) {
		h.twin_ms = h.at_ms;
		h.at_ms = fe->at_ms;
	}
	return state_history_twin_put(f->st, &h, e);
}

/* The time under which the phone's evidence has the transfer must give way to ev->at_ms. 1 = it is right as it is. */
int twin_correct(const struct fleet *f, const struct file_event *fe, const struct twin *t, struct event *ev)
{
	int64_t heard_ms = fe->from_log ? t->entry.at_ms : log_time(t->entry.at_ms);

	if (!fe->from_log)
		ev->at_ms = fleet_engine_time(f, heard_ms);
	/* From the script only one thing is news: a size that tells which configuration went out. */
	bool right = fe->from_log ? !fe->unmasks && heard_ms <= log_time(fe->at_ms) : !ev->other_config;
	ev->instead_of_ms = right ? 0 : fleet_engine_time(f, heard_ms);
	return right ? 1 : 0;
}
