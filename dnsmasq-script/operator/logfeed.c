/* SPDX-License-Identifier: MPL-2.0 */
/* A TFTP server's log lines to the fleet: see logfeed.h. */
#include "logfeed_priv.h"

#include <string.h>
#include <time.h>

#include "file.h"
#include "journal.h"
#include "tftpmap.h"

#define UNMASK_MS 1000 /* the stamps have whole seconds, and dnsmasq writes both lines at once */
#define SCRIPT_MS 2000 /* a stamp's second, and one for the script that dnsmasq starts behind the line */
/* For a refusal to follow its request. The process that writes both does so at once; what lies between them is the
 * log's way to us. By the log's own stamps, which may be whole seconds, and live. */
#define ANSWER_STAMPS_MS 2000
#define ANSWER_MS 500
#define ZONE_PERIOD_MS 900000
#define CLOCK_SLACK_MS 60000 /* a log written by another machine may be ahead of us */

/* East of UTC, at that time: a log from before the change of summer time has the other offset. It changes at a quarter of an
 * hour at most. */
static int utc_offset_s(struct logfeed_zone *z, int64_t at_ms)
{
	time_t t = (time_t)(at_ms / 1000);
	int64_t period = at_ms / ZONE_PERIOD_MS;
	struct tm tm;

	if (period != z->period) {
		z->period = period;
		z->offset_s = localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
	}
	return z->offset_s;
}

/* `journalctl -o json`: the entry's fields are for themselves. */
static enum tftplog_what parse_entry(const struct logfeed *lf, const char *line, size_t len,
				     struct tftplog_line *ret)
{
	struct journal_entry j;

	if (journal_parse(line, len, &j) != 0)
		return TFTPLOG_OTHER;
	struct tftplog_entry entry = { j.at_ms, j.tag, strlen(j.tag), j.pid, j.message, j.len };

	return tftplog_parse_entry(lf->format, &entry, ret);
}

static enum tftplog_what parse_line(struct logfeed *lf, const char *line, size_t len, int64_t now_ms,
				    struct tftplog_line *ret)
{
	if (journal_is_entry(line, len))
		return parse_entry(lf, line, len, ret);
	int64_t not_after_ms = now_ms + CLOCK_SLACK_MS;
	int offset_s = utc_offset_s(&lf->zone_now, now_ms);
	enum tftplog_what what = tftplog_parse(lf->format, line, len, not_after_ms, offset_s, ret);

	if (what != TFTPLOG_EVENT)
		return what;
	int then_s = ret->at_ms ? utc_offset_s(&lf->zone_then, ret->at_ms) : offset_s;
	return then_s == offset_s ? what : tftplog_parse(lf->format, line, len, not_after_ms, then_s, ret);
}

static void remember_error(struct logfeed *lf, const struct tftplog_line *l)
{
	lf->errors[lf->next_error].client = l->client;
	lf->errors[lf->next_error].at_ms = l->at_ms;
	lf->next_error = (lf->next_error + 1) % LOGFEED_ERRORS_MAX;
}

/* Was the line before, of this client, an error of its own? Asked once: the next line is no longer the one
 * right behind. */
static bool was_refused(struct logfeed *lf, const struct tftplog_line *l)
{
	bool found = false;

	for (unsigned i = 0; i < LOGFEED_ERRORS_MAX; i++) {
		if (lf->errors[i].client.host == 0 || lf->errors[i].client.host != l->client.host)
			continue;
		int64_t gap_ms = l->at_ms - lf->errors[i].at_ms;

		found = found || (gap_ms >= 0 && gap_ms <= UNMASK_MS);
		lf->errors[i].client.host = 0;
	}
	return found;
}

static int tell_fleet(struct logfeed *lf, const struct file_event *fe, struct err *e)
{
	struct file_verdict verdict;
	int rc = fleet_on_file(lf->fleet, fe, &verdict, e);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		lf->events += !verdict.again;
		lf->rotate = lf->rotate || verdict.rotate;
	}
	return 0;
}

/* ---- tftpd-hpa, and atftpd where it does not tell how transfers end: requests and their answers */

static struct logfeed_request *request_at(struct logfeed *lf, unsigned i)
{
	return &lf->requests[(lf->first_request + i) % LOGFEED_REQUESTS_MAX];
}

/* A name is as the phone spelled it, below the root whatever it begins with. */
int logfeed_tell(struct logfeed *lf, const struct tftplog_line *l, enum event_kind kind, int64_t at_ms,
		 struct err *e)
{
	const char *path = l->path + strspn(l->path, "/");
	struct file_event fe = {
		.kind = kind,
		.at_ms = at_ms,
		.client = l->client,
		.path = lf->replay ? path_base(path) : path,
		.bytes = l->bytes,
		.from_log = true,
		.cut_name = kind == EVENT_MISSING && l->cut_name,
	};

	return fe.path[0] ? tell_fleet(lf, &fe, e) : 0;
}

/* The oldest one becomes an event. */
static int request_tell(struct logfeed *lf, struct err *e)
{
	const struct logfeed_request *r = request_at(lf, 0);

	if (logfeed_tell(lf, &r->line, r->line.kind, r->line.at_ms, e))
		return -1;
	lf->first_request = (lf->first_request + 1) % LOGFEED_REQUESTS_MAX;
	lf->n_requests--;
	return 0;
}

static bool has_waited(const struct logfeed *lf, const struct logfeed_request *r, int64_t now_ms)
{
	if (r->answered)
		return true;
	if (lf->replay)
		return lf->last_at_ms - r->line.at_ms >= ANSWER_STAMPS_MS;
	return now_ms < r->read_ms || now_ms - r->read_ms >= ANSWER_MS;
}

int logfeed_settle(struct logfeed *lf, int64_t now_ms, bool all, struct err *e)
{
	while (lf->n_requests > 0 && (all || has_waited(lf, request_at(lf, 0), now_ms)))
		if (request_tell(lf, e))
			return -1;
	/* a transfer goes on without us */
	return logfeed_atftpd_settle(lf, now_ms, all && lf->replay, e);
}

bool logfeed_waits(const struct logfeed *lf)
{
	return lf->n_requests > 0 || lf->n_transfers > 0;
}

void logfeed_drop(struct logfeed *lf)
{
	lf->n_requests = 0;
	lf->n_transfers = lf->ended_whole = lf->ended_broken = lf->ended_known = lf->hollow_ends = 0;
}

static void note_map(struct logfeed *lf, const struct tftplog_line *l)
{
	if (!lf->replay && tftpmap_covers(fleet_config(lf->fleet), l->client)) {
		lf->map = l->mapped ? LOGFEED_MAP_USED : LOGFEED_MAP_UNUSED;
		lf->map_client = l->client;
	}
}

int logfeed_request(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e)
{
	note_map(lf, l);
	lf->unanswered++;
	if (lf->n_requests == LOGFEED_REQUESTS_MAX && request_tell(lf, e))
		return -1;
	*request_at(lf, lf->n_requests++) = (struct logfeed_request){ .line = *l, .read_ms = now_ms };
	return 0;
}

/* The file that the server opened ends with the name that was asked for. */
bool logfeed_answers(const struct tftplog_line *answer, const struct tftplog_line *request)
{
	const char *name = request->path + strspn(request->path, "/");
	size_t n = strlen(name), len = strlen(answer->path);

	if (request->pid != answer->pid || request->thread != answer->thread ||
	    (answer->client.host && answer->client.host != request->client.host))
		return false;
	return len == 0 || (len >= n && strcmp(answer->path + len - n, name) == 0);
}

/* The newest such request. An answer to none is one to something else: an upload, a packet without a name. */
bool logfeed_answer(struct logfeed *lf, const struct tftplog_line *l)
{
	lf->unanswered = 0;
	for (unsigned i = lf->n_requests; i-- > 0;) {
		struct logfeed_request *r = request_at(lf, i);

		if (r->answered || !logfeed_answers(l, &r->line))
			continue;
		r->line.kind = l->kind;
		r->answered = true;
		return true;
	}
	return false;
}

/* ---- lines */

/* 1 = the script is to speak first: give the line again, and the error before it is still to be asked about */
static int transfer_line(struct logfeed *lf, const struct tftplog_line *l, int64_t now_ms, struct err *e)
{
	if (l->client.host && lf->script_first && l->kind == EVENT_SENT && now_ms >= l->at_ms &&
	    now_ms - l->at_ms < SCRIPT_MS) {
		lf->lines--;
		return 1;
	}
	bool unmasks = was_refused(lf, l) && l->kind == EVENT_SENT;
	struct file_event fe = {
		.kind = unmasks ? EVENT_FAILED : l->kind,
		.unmasks = unmasks,
		.at_ms = l->at_ms,
		.client = l->client,
		.path = lf->replay ? path_base(l->path) : l->path,
		.bytes = l->bytes,
		.mac = l->mac,
		.mac_known = l->mac_known,
		.from_log = l->from != TFTPLOG_FETCH, /* which is the script's own word */
	};

	if (l->client.host == 0 || l->at_ms < lf->oldest_ms || fe.path[0] == '\0')
		return 0;
	return tell_fleet(lf, &fe, e);
}

int logfeed_line(struct logfeed *lf, const char *line, size_t len, int64_t now_ms, struct err *e)
{
	struct tftplog_line l;
	enum tftplog_what what = parse_line(lf, line, len, now_ms, &l);

	lf->lines++;
	if (what != TFTPLOG_EVENT) {
		lf->unknown++;
		lf->foreign += what == TFTPLOG_FOREIGN;
		return 0;
	}
	if (l.at_ms == 0)
		l.at_ms = lf->replay && lf->last_at_ms ? lf->last_at_ms : now_ms;
	lf->last_at_ms = l.at_ms;
	if (logfeed_settle(lf, now_ms, false, e))
		return -1;
	if (l.client_error)
		remember_error(lf, &l);
	else if (l.from == TFTPLOG_ATFTPD)
		return logfeed_atftpd(lf, &l, now_ms, e);
	else if (l.answer)
		(void)logfeed_answer(lf, &l);
	else if (l.kind != EVENT_ASKED)
		return transfer_line(lf, &l, now_ms, e);
	else if (l.at_ms >= lf->oldest_ms)
		return logfeed_request(lf, &l, now_ms, e);
	return 0;
}
