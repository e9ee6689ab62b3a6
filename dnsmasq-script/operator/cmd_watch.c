/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep watch: the fleet live, on a terminal one row a phone, elsewhere one line an event. Reads only; at most two
 * looks at the store a second, each for what changed since the one before.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "blind.h"
#include "cleanup.h"
#include "cmds.h"
#include "watch_feed.h"
#include "watch_lines.h"
#include "watch_page.h"
#include "watch_screen.h"
#include "watch_text.h"

#define LOOK_MS 500
#define CLOCK_MS 1000 /* clock, since and left move */
#define SUMMARY_MS 60000
#define STORY_MAX (256 * 1024)
#define LINE_MAX_BYTES 4096
#define TROUBLES_MAX 20 /* told at the beginning of the plain lines */

struct watch {
	struct ctl *c;
	struct watch_model model;
	struct watch_feed feed;
	struct watch_view view;
	int signal_fd;
	struct strbuf blind; /* why what is shown may be old */
	int64_t looked_ms; /* monotonic, as the other two */
	int64_t summed_ms;
	int64_t drawn_ms;
	/* the screen */
	struct watch_screen *screen; /* owned */
	struct watch_frame frame;
	struct strbuf story;
	int64_t paused_ms; /* wall; 0 = not */
	/* the lines */
	int64_t told_ms; /* monotonic: the last summary */
	bool moved; /* something was told since the last summary */
	bool away; /* was told */
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0 = something changed, 1 = nothing, -1 = the store is away (feed.trouble says why). */
static int look(struct watch *w)
{
	int64_t now = ctl_now_ms();
	struct err e;

	w->looked_ms = monotonic_ms();
	int rc = watch_feed_look(&w->feed, now);

	if (rc == 1 && w->looked_ms - w->summed_ms < CLOCK_MS)
		return rc;
	w->summed_ms = w->looked_ms;
	strbuf_reset(&w->blind);
	(void)blind_look(watch_feed_config(&w->feed), &(struct report_time){ now, w->feed.clock }, &w->blind);
	if (watch_model_sum(&w->model, watch_feed_config(&w->feed), now,
			    watch_feed_engine_time(&w->feed, now), &e))
		(void)text_copy(w->feed.trouble, sizeof(w->feed.trouble), e.text);
	if (rc != 1) /* a store that went away in the middle has changed some */
		watch_model_order(&w->model);
	return rc;
}

/* Waits for a key or a signal until so many milliseconds have passed. 1 = a signal, or the terminal is gone: the end. */
static int wait_for(struct watch *w, bool keys, int64_t ms)
{
	struct pollfd p[] = { { .fd = w->signal_fd, .events = POLLIN },
			      { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN } };

	/* EINTR: the window has another size, which the next key tells */
	if (poll(p, 2, ms > 0 ? (int)ms : 0) < 0)
		return errno == EINTR ? 0 : 1;
	return p[0].revents || p[1].revents & (POLLHUP | POLLERR | POLLNVAL) ? 1 : 0;
}

/* ---- the screen */

static void tell_story(struct watch *w)
{
	struct err e;

	strbuf_reset(&w->story);
	if (watch_feed_story(&w->feed, w->view.chosen, &w->story, &e)) {
		strbuf_reset(&w->story);
		strbuf_addf(&w->story, "%s\n", e.text);
	}
}

static int draw(struct watch *w, struct err *e)
{
	struct watch_scene s = { .model = &w->model,
				 .view = &w->view,
				 .now_ms = ctl_now_ms(),
				 .paused_ms = w->paused_ms,
				 .trouble = w->feed.trouble,
				 .trouble_ms = w->feed.trouble_ms,
				 .blind = strbuf_text(&w->blind),
				 .story = strbuf_text(&w->story) };
	int rows, cols;

	w->drawn_ms = monotonic_ms();
	watch_screen_size(w->screen, &rows, &cols);
	if (watch_frame_size(&w->frame, rows, cols, e))
		return -1;
	watch_draw(&w->frame, &s);
	watch_screen_show(w->screen, &w->frame);
	return 0;
}

/* All keys that wait. 1 = quit; 0; *ret_any: there were some. */
static int take_keys(struct watch *w, bool *ret_any)
{
	int key;

	*ret_any = false;
	while ((key = watch_screen_key(w->screen)) != WATCH_KEY_NONE) {
		*ret_any = true;
		if (key == 'L' - '@')
			watch_screen_anew(w->screen);
		switch (watch_view_key(&w->view, &w->model, key)) {
		case WATCH_DO_QUIT:
			return 1;
		case WATCH_DO_OPEN:
			tell_story(w);
			break;
		case WATCH_DO_PAUSE:
			w->paused_ms = w->view.paused ? ctl_now_ms() : 0;
			break;
		case WATCH_DO_NOTHING:
			break;
		}
	}
	return 0;
}

static int64_t next_turn(const struct watch *w)
{
	int64_t now = monotonic_ms(), clock = w->drawn_ms + CLOCK_MS - now,
		store = w->looked_ms + LOOK_MS - now;

	return w->paused_ms || clock < store ? clock : store;
}

static int on_screen(struct watch *w, struct err *e)
{
	bool dirty = true, any;

	for (;;) {
		int64_t now = monotonic_ms();

		if (!w->paused_ms && now - w->looked_ms >= LOOK_MS) {
			bool was_away = w->feed.trouble[0] != '\0';
			int rc = look(w);

			if (rc == 0 && w->view.mode == MODE_PHONE)
				tell_story(w);
			dirty = dirty || rc == 0 || (rc < 0) != was_away;
		}
		if ((dirty || now - w->drawn_ms >= CLOCK_MS) && draw(w, e) < 0)
			return -1;
		if (wait_for(w, true, next_turn(w)) || take_keys(w, &any))
			return 0;
		dirty = any;
	}
}

/* ---- the lines */

static void tell_entry(void *arg, const struct history *h, struct watch_row *r)
{
	struct watch *w = arg;

	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	if (r && !watch_row_matches(r, w->model.filter))
		return;
	if (!r && w->model.filter[0])
		return;
	if (w->c->json) {
		w->c->report.writer->history(&w->c->report, h, true);
	} else if (watch_line(&sb, h, r, watch_feed_config(&w->feed))) {
		puts(strbuf_text(&sb));
		w->moved = true;
	}
}

static void tell_summary(struct watch *w)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);

	w->told_ms = monotonic_ms();
	w->moved = false;
	watch_line_summary(&sb, &w->model, ctl_now_ms());
	if (w->blind.len > 0)
		strbuf_addf(&sb, "; %s", strbuf_text(&w->blind));
	puts(strbuf_text(&sb));
}

static void tell_troubles(struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->model.n_shown; i++) {
		CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(LINE_MAX_BYTES);
		const struct watch_row *r = &w->model.rows[w->model.shown[i]];

		if (r->rank > RANK_TROUBLE || n++ >= TROUBLES_MAX)
			continue;
		watch_line_trouble(&sb, r, ctl_now_ms());
		puts(strbuf_text(&sb));
	}
	if (n > TROUBLES_MAX)
		printf("and %zu more in trouble (`loadstep status`)\n", n - TROUBLES_MAX);
}

static void tell_away(struct watch *w)
{
	char clock[WATCH_CLOCK_SIZE];
	bool away = w->feed.trouble[0] != '\0';

	if (away == w->away)
		return;
	w->away = away;
	ctl_say("watch: %s %s", watch_clock(clock, ctl_now_ms()),
		away ? w->feed.trouble : "the store is back");
}

static int in_lines(struct watch *w)
{
	w->feed.tell = tell_entry;
	w->feed.arg = w;
	if (!w->c->json) {
		tell_summary(w);
		tell_troubles(w);
	}
	while (fflush(stdout) == 0 && !wait_for(w, false, w->looked_ms + LOOK_MS - monotonic_ms())) {
		(void)look(w);
		tell_away(w);
		if (!w->c->json && w->moved && monotonic_ms() - w->told_ms >= SUMMARY_MS)
			tell_summary(w);
	}
	if (!w->c->json && w->moved)
		tell_summary(w);
	return EXIT_DONE;
}

/* ---- */

static void cleanup_watch(struct watch *w)
{
	watch_screen_close(w->screen);
	watch_frame_fini(&w->frame);
	strbuf_fini(&w->story);
	strbuf_fini(&w->blind);
	watch_feed_close(&w->feed);
	watch_model_fini(&w->model);
	cleanup_fd(&w->signal_fd);
}

static bool may_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !no || !no[0];
}

/* 1 = there is no terminal, or one that cannot place its cursor. */
static int open_screen(struct watch *w, bool plain)
{
	const char *term = getenv("TERM");
	struct err e;

	if (plain || w->c->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !term || !term[0])
		return 1;
	int rc = watch_screen_open(&w->screen, may_colour(), &e);

	if (rc > 0)
		ctl_say("watch: the terminal \"%s\" cannot place its cursor: plain lines", term);
	return rc < 0 ? ctl_fail(&e, "watch") : rc;
}

static int run(struct ctl *c, bool plain, const char *filter)
{
	CLEANUP(cleanup_watch)
	struct watch w = { .c = c,
			   .feed = { .c = c },
			   .signal_fd = -1,
			   .blind = STRBUF_INIT(LINE_MAX_BYTES),
			   .story = STRBUF_INIT(STORY_MAX) };

	struct err e;

	w.feed.model = &w.model;
	(void)text_copy(w.model.filter, sizeof(w.model.filter), filter);
	w.signal_fd = ctl_end_signals("watch", true);
	if (w.signal_fd < 0)
		return EXIT_NO;
	(void)look(&w);
	int rc = open_screen(&w, plain);

	if (rc > 1)
		return rc;
	if (rc == 1)
		return in_lines(&w);
	rc = on_screen(&w, &e);
	watch_screen_close(w.screen);
	w.screen = NULL;
	return rc < 0 ? ctl_fail(&e, "watch") : EXIT_DONE;
}

/* The words as one filter. */
static int join(struct ctl *c, int argc, char **argv, char *buf, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < argc; i++) {
		int n = snprintf(buf + at, size - at, "%s%s", i ? " " : "", argv[i]);

		if (n < 0 || (size_t)n >= size - at)
			return ctl_usage(c, "watch: the filter has more than %d characters",
					 WATCH_FILTER_MAX);
		at += (size_t)n;
	}
	for (size_t i = 0; i < at; i++)
		if (buf[i] < ' ' || buf[i] > '~')
			return ctl_usage(c, "watch: the filter has a character that no phone's text has");
	return 0;
}

enum { OPT_PLAIN = OPT_OWN };

int cmd_watch(struct ctl *c, int argc, char **argv)
{
	static const struct option own[] = {
		{ "plain", no_argument, NULL, OPT_PLAIN },
		{ NULL, 0, NULL, 0 },
	};
	char filter[WATCH_FILTER_MAX + 1] = "";
	bool plain = false;

	for (int opt = ctl_option(c, argc, argv, own); opt != -1; opt = ctl_option(c, argc, argv, own)) {
		if (opt == '?')
			return EXIT_USAGE;
		plain = true;
	}
	int rc = join(c, argc - optind, argv + optind, filter, sizeof(filter));
	if (rc == 0)
		rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	if (rc != 0)
		return rc;
	/* from here on a store that is away is waited for, and not so long at a time */
	fleet_close(c->fleet);
	c->fleet = NULL;
	return run(c, plain, filter);
}
