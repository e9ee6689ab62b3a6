/* SPDX-License-Identifier: MPL-2.0 */
/* journalctl as a child that writes into a pipe: see journalctl.h. */
#include "journalctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define PROGRAM "journalctl"
#define MEMORY_MAX 1024
#define ARGS_MAX 32
#define AGAIN_MS 1000 /* after its end */
#define STEADY_MS 2000 /* then it is taken to go on running */
#define MEMORY_HEAD "journal cursor="

/* ---- the memory */

/* Letters, digits and "=;": as systemd writes it, and nothing that looks like an option. */
static bool is_cursor(const char *text, size_t len)
{
	if (len == 0 || len >= JOURNAL_CURSOR_MAX || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return true;
}

static int read_memory(struct journalctl *j, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MEMORY_MAX);
	size_t head = strlen(MEMORY_HEAD);

	j->fresh = true;
	int rc = file_read(j->memory, MEMORY_MAX, &sb, e);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	const char *text = strbuf_text(&sb);
	size_t len = strcspn(text, "\n");

	if (len <= head || strncmp(text, MEMORY_HEAD, head) != 0 || !is_cursor(text + head, len - head))
		return 0; /* of a file, or damaged: its entries come again, and count once */
	memcpy(j->cursor, text + head, len - head);
	j->cursor[len - head] = '\0';
	memcpy(j->saved, j->cursor, sizeof(j->saved));
	j->fresh = false;
	return 0;
}

/* ---- the child */

static _Noreturn void run(const struct journalctl *j, int out)
{
	char from[JOURNAL_CURSOR_MAX + 32];
	/* execvp wants them writable; what it starts gets copies */
	const char *argv[ARGS_MAX] = { PROGRAM, "--output=json",
				       "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,"
				       "_SOURCE_REALTIME_TIMESTAMP",
				       "--no-pager", "--no-tail" };
	size_t n = 5;
	sigset_t none;

	if (!j->once)
		argv[n++] = "--follow";
	for (size_t i = 0; j->tags[i] && n + 3 < ARGS_MAX; i++) {
		argv[n++] = "-t";
		argv[n++] = j->tags[i];
	}
	if (j->cursor[0])
		snprintf(from, sizeof(from), "--after-cursor=%s", j->cursor);
	else
		snprintf(from, sizeof(from), "--since=@%" PRId64, j->since_ms / 1000);
	argv[n] = from;
	/* with us it goes, whatever ends us */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(out, STDOUT_FILENO) >= 0)
		execvp(PROGRAM, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int start(struct journalctl *j, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, ERR_SYSTEM, errno, PROGRAM);
	j->pid = fork();
	if (j->pid == 0)
		run(j, ends[1]);
	close(ends[1]);
	if (j->pid < 0) {
		j->pid = 0;
		close(ends[0]);
		return err_sys(e, ERR_SYSTEM, errno, PROGRAM);
	}
	j->fd = ends[0];
	pipelog_renew(&j->pipe, j->fd);
	return 0;
}

static void stop(struct journalctl *j, int *ret_status)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	if (j->pid > 0) {
		(void)kill(j->pid, SIGTERM);
		(void)waitpid(j->pid, ret_status, 0);
	}
	j->pid = 0;
}

int journalctl_open(struct journalctl *j, const char *memory, const char *const *tags, int64_t since_ms, bool once,
		    struct err *e)
{
	*j = (struct journalctl){ .fd = -1, .once = once, .tags = tags, .since_ms = since_ms };
	if (!text_copy(j->memory, sizeof(j->memory), memory))
		return err_set(e, ERR_LIMIT, "%s: the name is too long", memory);
	if (read_memory(j, e))
		return err_wrap(e, "place in the journal");
	return pipelog_open(&j->pipe, -1, e);
}

void journalctl_close(struct journalctl *j)
{
	int status;

	stop(j, &status);
	pipelog_close(&j->pipe);
}

/* Its end, in words. With `once` one without a fault is what was asked for. */
static void ended(struct journalctl *j, int64_t monotonic_ms)
{
	int status = 0;

	stop(j, &status);
	j->started_ms = monotonic_ms;
	if (j->once && status == 0)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		snprintf(j->why, sizeof(j->why), PROGRAM " cannot be started");
	else
		snprintf(j->why, sizeof(j->why), PROGRAM " has ended (%s %d)", WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int journalctl_keep(struct journalctl *j, int64_t monotonic_ms, struct err *e)
{
	int64_t age_ms = monotonic_ms - j->started_ms;

	if (j->pid > 0 && j->pipe.ended)
		ended(j, monotonic_ms);
	else if (j->pid > 0 && age_ms >= STEADY_MS)
		j->why[0] = '\0';
	else if (j->pid == 0 && !(j->once && j->pipe.ended) && (!j->started_ms || age_ms >= AGAIN_MS)) {
		j->started_ms = monotonic_ms;
		if (start(j, e))
			return -1;
	}
	return j->why[0] ? err_set(e, ERR_SYSTEM, "%s", j->why) : 0;
}

int journalctl_save(struct journalctl *j, bool remember, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(MEMORY_MAX);
	struct journal_entry entry;

	if (j->pipe.last_len > 0) {
		entry.cursor[0] = '\0';
		(void)journal_parse(j->pipe.buf + j->pipe.last, j->pipe.last_len, &entry);
		if (is_cursor(entry.cursor, strlen(entry.cursor)))
			memcpy(j->cursor, entry.cursor, sizeof(j->cursor));
	}
	pipelog_save(&j->pipe);
	if (!remember || strcmp(j->cursor, j->saved) == 0)
		return 0;
	strbuf_addf(&sb, MEMORY_HEAD "%s\n", j->cursor);
	if (strbuf_check(&sb, "place in the journal", e) ||
	    file_replace(j->memory, strbuf_text(&sb), sb.len, 0640, FILE_NO_SYNC, e) < 0)
		return -1;
	memcpy(j->saved, j->cursor, sizeof(j->saved));
	return 0;
}
