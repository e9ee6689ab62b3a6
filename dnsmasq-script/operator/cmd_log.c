/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep log: the history of the fleet or of some of its phones, in the order in which it was recorded. With --follow
 * it goes on until it is told to end, or until nobody reads it any more.
 */
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmds.h"
#include "names.h"
#include "parse.h"
#include "shown.h"
#include "when.h"

#define LOOK_MS 500
#define FOLLOW_LAST 10 /* as others do that follow a log */
#define WHY_MAX 1024

struct log {
	struct ctl *c;
	struct shown shown;
	/* which entries */
	uint32_t kinds; /* bits of enum event_kind; 0 = all */
	size_t n_globs;
	const char **globs; /* owned; the texts are the command line's */
	int64_t since_ms, until_ms; /* 0 = open */
	int64_t last; /* 0 = all */
	bool follow;
	bool with_mac;
	/* whose */
	int64_t *phones; /* owned */
	size_t n_phones, cap_phones;
	/* the newest so many, newest first */
	struct history *kept; /* owned */
	size_t n_kept, cap_kept;
	int64_t seen_id; /* of the newest entry that was printed */
};

static void log_fini(struct log *l)
{
	shown_fini(&l->shown);
	free(l->globs);
	free(l->phones);
	free(l->kept);
}

/* ---- which entries */

static bool file_wanted(const struct log *l, const char *file)
{
	const char *slash = strrchr(file, '/');

	for (size_t i = 0; i < l->n_globs; i++)
		if (fnmatch(l->globs[i], file, FNM_CASEFOLD) == 0 ||
		    (slash && fnmatch(l->globs[i], slash + 1, FNM_CASEFOLD) == 0))
			return true;
	return l->n_globs == 0;
}

static bool wanted(const struct log *l, const struct history *h)
{
	return (l->kinds == 0 || l->kinds & 1u << h->kind) && file_wanted(l, h->file);
}

static void print(struct log *l, const struct history *h)
{
	const struct report *r = &l->c->report;

	r->writer->history(r, h, l->with_mac);
	if (h->id > l->seen_id)
		l->seen_id = h->id;
}

static int print_entry(void *arg, const struct history *h, struct err *e)
{
	struct log *l = arg;

	(void)e;
	if (wanted(l, h))
		print(l, h);
	return 0;
}

static int keep_entry(void *arg, const struct history *h, struct err *e)
{
	struct log *l = arg;

	if (!wanted(l, h))
		return 0;
	if (l->n_kept == l->cap_kept) {
		size_t cap = l->cap_kept ? l->cap_kept * 2 : 64;
		struct history *more = reallocarray(l->kept, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu entries", cap);
		l->kept = more;
		l->cap_kept = cap;
	}
	l->kept[l->n_kept++] = *h;
	return l->n_kept == (size_t)l->last ? 1 : 0; /* enough: 1 is passed through by the store */
}

/* ---- what there is */

static int add_phone(void *arg, const struct report_phone *rp, struct err *e)
{
	struct log *l = arg;

	if (l->n_phones == l->cap_phones) {
		size_t cap = l->cap_phones ? l->cap_phones * 2 : 64;
		int64_t *more = reallocarray(l->phones, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
		l->phones = more;
		l->cap_phones = cap;
	}
	l->phones[l->n_phones++] = rp->phone.id;
	return 0;
}

static int show(struct log *l)
{
	static const int64_t nobody = 0;
	struct state *st = fleet_state(l->c->fleet);
	struct history_range r = { .from_ms = l->since_ms,
				   .before_ms = l->until_ms,
				   .newest_first = l->last > 0 };
	struct err e;
	int rc = shown_all(&l->shown) ? 0 : shown_walk(l->c, &l->shown, add_phone, l);

	if (rc != 0)
		return rc;
	if (!shown_all(&l->shown)) {
		r.phones = l->phones ? l->phones : &nobody;
		r.n_phones = l->n_phones;
	}
	if (state_history_newest(st, &l->seen_id, &e) ||
	    state_history_walk(st, &r, l->last > 0 ? keep_entry : print_entry, l, &e) < 0)
		return ctl_fail(&e, NULL);
	while (l->n_kept > 0)
		print(l, &l->kept[--l->n_kept]);
	return EXIT_DONE;
}

/* ---- what comes */

/* A phone's filters hold as it is now, and phones that are new may be meant. */
static int follow_entry(void *arg, const struct history *h, struct err *e)
{
	struct log *l = arg;
	struct report_phone rp;
	struct phone p;

	if (!wanted(l, h) || shown_all(&l->shown))
		return print_entry(l, h, e);
	int rc = h->phone_id ? state_phone_find_id(fleet_state(l->c->fleet), h->phone_id, &p, e) : 1;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	report_phone_fill(&rp, &p, fleet_config(l->c->fleet), &l->shown.time);
	return filter_match(&l->shown.filter, &rp) ? print_entry(l, h, e) : 0;
}

static int look(struct log *l)
{
	struct history_range r = { .after_id = l->seen_id };
	struct err e;
	int64_t newest;

	if (state_history_newest(fleet_state(l->c->fleet), &newest, &e) == 0 && newest > r.after_id) {
		if (state_history_walk(fleet_state(l->c->fleet), &r, follow_entry, l, &e) < 0)
			return e.code == ERR_BUSY ? 0 : ctl_fail(&e, NULL);
		if (newest > l->seen_id)
			l->seen_id = newest;
	}
	return 0;
}

/* Until it is time to look again. True: a signal, or whoever read it has gone. */
static bool over(int signal_fd)
{
	struct pollfd p[] = { { .fd = signal_fd, .events = POLLIN }, { .fd = STDOUT_FILENO, .events = 0 } };

	return fflush(stdout) != 0 || poll(p, 2, LOOK_MS) > 0;
}

static int follow(struct log *l)
{
	CLEANUP(cleanup_fd) int signal_fd = ctl_end_signals("log", false);
	int rc = 0;

	if (signal_fd < 0)
		return EXIT_NO;
	while (rc == 0 && !over(signal_fd))
		rc = look(l);
	return rc;
}

/* ---- options */

static int add_glob(struct log *l, const char *glob)
{
	const char **more = reallocarray(l->globs, l->n_globs + 1, sizeof(*more));
	struct err e;

	if (!more) {
		err_set(&e, ERR_SYSTEM, "no memory for %zu patterns", l->n_globs + 1);
		return ctl_fail(&e, NULL);
	}
	l->globs = more;
	l->globs[l->n_globs++] = glob;
	return 0;
}

static int unknown_event(struct log *l, const char *name)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(WHY_MAX);
	CLEANUP(names_fini) struct names there = { .n = 0 };
	struct err e;

	for (int k = 0; k < EVENT_COUNT; k++)
		if (names_add(&there, event_kind_name((enum event_kind)k), &e) < 0)
			return ctl_fail(&e, NULL);
	names_unknown(&there, "--event", name, &why);
	return ctl_usage(l->c, "%s", strbuf_text(&why));
}

static int add_events(struct log *l, const char *list)
{
	const char *word;
	size_t len;

	while (parse_word(&list, &word, &len) == 0) {
		char name[32];
		enum event_kind kind;

		snprintf(name, sizeof(name), "%.*s", (int)len, word);
		if (event_kind_parse(name, &kind) != 0)
			return unknown_event(l, name);
		l->kinds |= 1u << kind;
	}
	return 0;
}

enum { OPT_EVENT = OPT_OWN, OPT_FILE, OPT_SINCE, OPT_UNTIL };

/* 0, or the exit code. */
static int read_option(struct log *l, int opt)
{
	int64_t now_ms = ctl_now_ms();
	struct err e;
	int rc = 0;

	if (opt >= OPT_FILTER)
		return shown_option(&l->shown, opt, optarg);
	if (opt == OPT_EVENT)
		return add_events(l, optarg);
	if (opt == OPT_FILE)
		return add_glob(l, optarg);
	if (opt == 'f')
		l->follow = true;
	else if (opt == 'n')
		rc = parse_int("--last", optarg, 1, INT32_MAX, &l->last, &e);
	else if (opt == OPT_SINCE)
		rc = when_parse("--since", optarg, now_ms, &l->since_ms, &e);
	else
		rc = when_parse("--until", optarg, now_ms, &l->until_ms, &e);
	return rc ? ctl_usage(l->c, "%s", e.text) : 0;
}

static int read_options(struct log *l, int argc, char **argv)
{
	static const struct option own[] = {
		{ "last", required_argument, NULL, 'n' },
		{ "follow", no_argument, NULL, 'f' },
		{ "event", required_argument, NULL, OPT_EVENT },
		{ "file", required_argument, NULL, OPT_FILE },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "until", required_argument, NULL, OPT_UNTIL },
		SHOWN_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int rc = 0;

	for (int opt = ctl_option(l->c, argc, argv, own); opt != -1 && rc == 0;
	     opt = ctl_option(l->c, argc, argv, own))
		rc = opt == '?' ? EXIT_USAGE : read_option(l, opt);
	if (rc == 0 && l->follow && l->until_ms)
		rc = ctl_usage(l->c, "log: --follow and --until do not go together");
	if (l->follow && !l->last && !l->since_ms)
		l->last = FOLLOW_LAST;
	return rc;
}

int cmd_log(struct ctl *c, int argc, char **argv)
{
	CLEANUP(log_fini) struct log l = { .c = c };
	int rc = read_options(&l, argc, argv);

	if (rc == 0)
		rc = ctl_fleet(c, FLEET_READ_ONLY | FLEET_NO_EFFECTS);
	if (rc == 0)
		rc = shown_operands(c, &l.shown, argv + optind);
	/* of one phone alone every line would say the same */
	l.with_mac = !(argc - optind == 1 && l.shown.filter.n == 1 && l.shown.filter.a[0].by_mac);
	if (rc == 0)
		rc = show(&l);
	return rc == 0 && l.follow ? follow(&l) : rc;
}
