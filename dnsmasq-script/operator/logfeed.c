/* SPDX-License-Identifier: MPL-2.0 */
/* A TFTP server's log lines to the fleet: see logfeed.h. */
#include "logfeed.h"

#include <string.h>
#include <time.h>

#include "file.h"
#include "tftplog.h"

#define UNMASK_MS 1000 /* the stamps have whole seconds, and dnsmasq writes both lines at once */
#define SCRIPT_MS 2000 /* a stamp's second, and one for the script that dnsmasq starts behind the line */
#define CLOCK_SLACK_MS 60000 /* a log written by another machine may be ahead of us */

/* East of UTC, at that time: a log from before the change of summer time has the other offset. */
static int utc_offset_s(int64_t at_ms)
{
	time_t t = (time_t)(at_ms / 1000);
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
}

static int parse_line(const char *line, size_t len, int64_t now_ms, struct tftplog_line *ret)
{
	int64_t not_after_ms = now_ms + CLOCK_SLACK_MS;
	int offset_s = utc_offset_s(now_ms);

	if (tftplog_parse_dnsmasq(line, len, not_after_ms, offset_s, ret))
		return 1;
	int then_s = ret->at_ms ? utc_offset_s(ret->at_ms) : offset_s;
	return then_s == offset_s ? 0 : tftplog_parse_dnsmasq(line, len, not_after_ms, then_s, ret);
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

int logfeed_parse(struct logfeed *lf, const char *line, size_t len, int64_t now_ms,
		  struct tftplog_line *ret_line, struct file_event *ret_fe)
{
	lf->lines++;
	if (parse_line(line, len, now_ms, ret_line)) {
		lf->unknown++;
		return 1;
	}
	if (ret_line->at_ms == 0)
		ret_line->at_ms = lf->replay && lf->last_at_ms ? lf->last_at_ms : now_ms;
	lf->last_at_ms = ret_line->at_ms;
	if (ret_line->client_error) {
		remember_error(lf, ret_line);
		return 1;
	}
	bool refused = was_refused(lf, ret_line);
	if (ret_line->client.host == 0 || ret_line->at_ms < lf->oldest_ms)
		return 1;
	bool unmasks = refused && ret_line->kind == EVENT_SENT;

	*ret_fe = (struct file_event){
		.kind = unmasks ? EVENT_FAILED : ret_line->kind,
		.unmasks = unmasks,
		.at_ms = ret_line->at_ms,
		.client = ret_line->client,
		.path = lf->replay ? path_base(ret_line->path) : ret_line->path,
		.bytes = -1,
		.from_log = true,
	};
	return ret_fe->path[0] ? 0 : 1;
}

int logfeed_line(struct logfeed *lf, const char *line, size_t len, int64_t now_ms, struct err *e)
{
	struct tftplog_line parsed;
	struct file_event fe;
	struct file_verdict verdict;

	if (logfeed_parse(lf, line, len, now_ms, &parsed, &fe))
		return 0;
	if (lf->script_first && (fe.kind == EVENT_SENT || fe.unmasks) && now_ms >= fe.at_ms && now_ms - fe.at_ms < SCRIPT_MS) {
		lf->lines--;
		return 1;
	}
	int rc = fleet_on_file(lf->fleet, &fe, &verdict, e);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		lf->events++;
		lf->rotate = lf->rotate || verdict.rotate;
	}
	return 0;
}
