/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The phone's clock, voice and ears: scaled waits, the event lines, the trace. vp_wait() is the only place
 * that blocks; lease timers run on wall time whatever the scale, because the server's clock is not scaled
 * (RFC 2131 §4.4.5).
 */
#include "vp.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define TRACE_LINES_MAX 256 /* distinct lines a boot; a phone sees about twenty */

struct vp_trace {
	FILE *f;
	unsigned boots;
	unsigned seen[TRACE_LINES_MAX]; /* hashes of this boot's lines */
	size_t seen_n;
};

int64_t vp_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t vp_scaled(const struct vp *vp, int64_t phone_ms)
{
	return (int64_t)((double)phone_ms / vp->opt.scale);
}

static enum vp_end hear_signal(struct vp *vp)
{
	struct signalfd_siginfo si;

	if (read(vp->signal_fd, &si, sizeof si) != (ssize_t)sizeof si)
		return VP_OK;
	if (si.ssi_signo == SIGUSR1) {
		vp_say(vp, "power: off and on");
		return VP_CYCLE;
	}
	vp_say(vp, "power: off");
	return VP_OFF;
}

/* The earliest of the moments at which something must happen, and what has happened already. */
static enum vp_end check_clock(struct vp *vp, int64_t now, int64_t *until)
{
	int64_t cycle_at = vp->opt.cycle_after_ms ? vp->start_ms + vp->opt.cycle_after_ms : INT64_MAX;
	int64_t stop_at = vp->opt.max_time_ms ? vp->start_ms + vp->opt.max_time_ms : INT64_MAX;

	if (now >= stop_at) {
		vp_say(vp, "time: --max-time is over");
		return VP_TIME_UP;
	}
	if (!vp->cycled && now >= cycle_at) {
		vp->cycled = true;
		vp_say(vp, "power: off and on");
		return VP_CYCLE;
	}
	if (!vp->cycled && cycle_at < *until)
		*until = cycle_at;
	if (stop_at < *until)
		*until = stop_at;
	if (vp->dhcp.bound && vp->dhcp.next_ms < *until)
		*until = vp->dhcp.next_ms;
	return VP_OK;
}

enum vp_end vp_wait(struct vp *vp, int fd, int64_t until_ms, bool *ret_readable)
{
	for (;;) {
		int64_t now = vp_now_ms();
		int64_t until = until_ms;
		enum vp_end end = check_clock(vp, now, &until);
		struct pollfd p[3] = { { vp->signal_fd, POLLIN, 0 },
				       { vp->dhcp.bound ? vp->dhcp.raw_fd : -1, POLLIN, 0 },
				       { fd, POLLIN, 0 } };
		int64_t left = until - now;

		if (end != VP_OK)
			return end;
		left = left < 0 ? 0 : left > 60000 ? 60000 : left;
		if (poll(p, 3, (int)left) < 0)
			continue;
		if (p[0].revents) {
			end = hear_signal(vp);
			if (end != VP_OK)
				return end;
		}
		end = vp_dhcp_tick(vp, p[1].revents != 0);
		if (end != VP_OK)
			return end;
		if (ret_readable)
			*ret_readable = p[2].revents != 0;
		if (p[2].revents || vp_now_ms() >= until_ms)
			return VP_OK;
	}
}

enum vp_end vp_pause(struct vp *vp, int64_t phone_ms)
{
	return vp_wait(vp, -1, vp_now_ms() + vp_scaled(vp, phone_ms), NULL);
}

enum vp_end vp_pause_for_ever(struct vp *vp)
{
	return vp_wait(vp, -1, INT64_MAX, NULL);
}

void vp_say(const struct vp *vp, const char *fmt, ...)
{
	double elapsed = (double)(vp_now_ms() - vp->start_ms) / 1000.0;
	char line[1024];
	va_list ap;

	if (!vp->voice)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	/* in one call: other phones speak, too */
	fprintf(vp->voice, "%s%s%.1f %s\n", vp->opt.shared_iface ? vp->mac_text : "",
		vp->opt.shared_iface ? " " : "", elapsed, line);
}

void vp_display(struct vp *vp, const char *text)
{
	if (strcmp(vp->shown, text) == 0)
		return;
	snprintf(vp->shown, sizeof vp->shown, "%s", text);
	vp_say(vp, "display: %s", text);
}

int vp_trace_open(struct vp *vp)
{
	if (!vp->opt.trace_path)
		return 0;
	vp->trace = calloc(1, sizeof *vp->trace);
	if (!vp->trace)
		return -1;
	vp->trace->f = fopen(vp->opt.trace_path, "w");
	if (!vp->trace->f)
		return -1;
	setvbuf(vp->trace->f, NULL, _IOLBF, 0);
	return 0;
}

void vp_trace_close(struct vp *vp)
{
	if (vp->trace && vp->trace->f)
		fclose(vp->trace->f);
	free(vp->trace);
	vp->trace = NULL;
}

void vp_trace_boot(struct vp *vp)
{
	if (!vp->trace)
		return;
	vp->trace->seen_n = 0;
	fprintf(vp->trace->f, "boot %u\n", ++vp->trace->boots);
}

void vp_trace(struct vp *vp, const char *fmt, ...)
{
	struct vp_trace *t = vp->trace;
	char line[4096];
	va_list ap;
	unsigned h;

	if (!t)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	h = fnv1a((const unsigned char *)line, strlen(line));
	for (size_t i = 0; i < t->seen_n; i++)
		if (t->seen[i] == h)
			return;
	if (t->seen_n < TRACE_LINES_MAX)
		t->seen[t->seen_n++] = h;
	fprintf(t->f, "%s\n", line);
}

enum vp_end vp_settle(struct vp *vp, const char *personality, const char *load)
{
	const char *want = vp->opt.until;
	const char *slash = want ? strchr(want, '/') : NULL;

	if (!vp->settled)
		vp_say(vp, "settled: %s %s", personality, *load ? load : "-");
	vp->settled = true;
	if (vp->on_settled)
		vp->on_settled(vp, personality, load);
	if (vp->opt.once)
		return VP_DONE;
	if (!slash || strcmp(slash + 1, load) != 0)
		return VP_OK;
	if (strncmp(want, "any/", 4) == 0)
		return VP_DONE;
	if (strlen(personality) == (size_t)(slash - want) &&
	    strncmp(want, personality, (size_t)(slash - want)) == 0)
		return VP_DONE;
	return VP_OK;
}

struct vp_fault *vp_fault_find(struct vp *vp, enum vp_fault_kind kind, const char *name)
{
	for (size_t i = 0; i < vp->opt.fault_n; i++) {
		struct vp_fault *f = &vp->opt.faults[i];
		size_t n = strlen(name), m = strlen(f->what);

		if (f->kind != kind || f->spent || m > n)
			continue;
		if (kind == VP_FAULT_CUT || kind == VP_FAULT_RELEASE ? strcmp(name + n - m, f->what) == 0
								     : strcmp(name, f->what) == 0)
			return f;
	}
	return NULL;
}
