/* SPDX-License-Identifier: MPL-2.0 */
/* One log out of three kinds: see agent_log.h. */
#include "agent_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strbuf.h"

static int open_pipe(struct agent_log *a, const struct agent_log_want *want, struct err *e)
{
	bool in = strcmp(want->path, "-") == 0;

	if (!in)
		a->fd = open(want->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!in && a->fd < 0)
		return err_sys(e, ERR_SYSTEM, errno, "%s", want->path);
	a->kind = AGENT_LOG_PIPE;
	if (pipelog_open(&a->pipe, in ? STDIN_FILENO : a->fd, e))
		return -1;
	a->pipe.endless = !in && !want->once;
	return 0;
}

static bool is_pipe(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && S_ISFIFO(st.st_mode));
}

int agent_log_open(struct agent_log *a, const struct agent_log_want *want, struct err *e)
{
	*a = (struct agent_log){ .name = want->path ? want->path : "the journal", .fd = -1 };
	if (want->path && is_pipe(want->path)) {
		a->fresh = true;
		return open_pipe(a, want, e);
	}
	if (!want->path) {
		a->kind = AGENT_LOG_JOURNAL;
		if (journalctl_open(&a->journal, want->memory, want->tags, want->since_ms, want->once, e))
			return -1;
		a->fresh = a->journal.fresh;
		return 0;
	}
	a->kind = AGENT_LOG_FILE;
	if (follow_open(&a->file, want->path, want->memory, e))
		return -1;
	a->fresh = a->file.fresh;
	return 0;
}

void agent_log_close(struct agent_log *a)
{
	if (a->kind == AGENT_LOG_FILE)
		follow_close(&a->file);
	else if (a->kind == AGENT_LOG_JOURNAL)
		journalctl_close(&a->journal);
	else if (a->kind == AGENT_LOG_PIPE)
		pipelog_close(&a->pipe);
	if (a->fd >= 0)
		close(a->fd);
	*a = (struct agent_log){ .fd = -1 };
}

int agent_log_keep(struct agent_log *a, int64_t monotonic_ms, struct err *e)
{
	return a->kind == AGENT_LOG_JOURNAL ? journalctl_keep(&a->journal, monotonic_ms, e) : 0;
}

bool agent_log_idle(const struct agent_log *a)
{
	if (a->kind == AGENT_LOG_FILE)
		return follow_idle(&a->file);
	return pipelog_idle(a->kind == AGENT_LOG_JOURNAL ? &a->journal.pipe : &a->pipe);
}

bool agent_log_present(const struct agent_log *a)
{
	if (a->kind == AGENT_LOG_FILE)
		return a->file.fd >= 0;
	if (a->kind == AGENT_LOG_JOURNAL)
		return a->journal.pid > 0 || a->journal.once;
	return a->kind == AGENT_LOG_PIPE && !a->pipe.ended;
}

void agent_log_trouble(struct agent_log *a, char ret[static ERR_TEXT_MAX])
{
	(void)text_copy(ret, ERR_TEXT_MAX, a->kind == AGENT_LOG_FILE ? a->file.trouble : "");
	a->file.trouble[0] = '\0';
}

uint64_t agent_log_too_long(const struct agent_log *a)
{
	return a->kind == AGENT_LOG_FILE      ? a->file.too_long
	       : a->kind == AGENT_LOG_JOURNAL ? a->journal.pipe.too_long
					      : a->pipe.too_long;
}

bool agent_log_ended(const struct agent_log *a)
{
	if (a->kind == AGENT_LOG_JOURNAL)
		return a->journal.once && a->journal.pipe.ended && pipelog_idle(&a->journal.pipe);
	return a->kind == AGENT_LOG_PIPE && a->pipe.ended && pipelog_idle(&a->pipe);
}

int agent_log_read(struct agent_log *a, unsigned max, follow_fn fn, void *arg, struct err *e)
{
	if (a->kind == AGENT_LOG_FILE)
		return follow_read(&a->file, max, fn, arg, e);
	return pipelog_read(a->kind == AGENT_LOG_JOURNAL ? &a->journal.pipe : &a->pipe, max, fn, arg, e);
}

int agent_log_save(struct agent_log *a, bool remember, struct err *e)
{
	if (a->kind == AGENT_LOG_JOURNAL)
		return journalctl_save(&a->journal, remember, e);
	if (a->kind == AGENT_LOG_PIPE)
		pipelog_save(&a->pipe);
	return a->kind == AGENT_LOG_FILE && remember ? follow_save(&a->file, e) : 0;
}

int agent_log_back(struct agent_log *a, bool *ret_rewound, struct err *e)
{
	*ret_rewound = a->kind == AGENT_LOG_FILE;
	if (a->kind == AGENT_LOG_FILE)
		return follow_back(&a->file, e);
	pipelog_back(a->kind == AGENT_LOG_JOURNAL ? &a->journal.pipe : &a->pipe);
	return 0;
}
