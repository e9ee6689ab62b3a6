/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the verbs share: global options, the configuration and the store opened with the right exit code,
 * asking, and the one phone that a text means.
 */
#include "cmds.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "parse.h"
#include "state.h"
#include "strbuf.h"

#define FAULTS_MAX (64 * 1024)
#define TAIL_MIN 4 /* hex digits: fewer meet too many phones */

/* ---- talking */

int64_t ctl_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void say_list(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
static void say_list(const char *fmt, va_list ap)
{
	fputs("loadstep: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void ctl_say(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	say_list(fmt, ap);
	va_end(ap);
}

int ctl_usage(const struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_list(fmt, ap);
	va_end(ap);
	fprintf(stderr, "usage: loadstep [--config FILE] [--store URL] [--yes] %s %s\n",
		c->verb ? c->verb->name : "VERB", c->verb ? c->verb->args : "…");
	return EXIT_USAGE;
}

static int exit_code_of(enum err_code code)
{
	switch (code) {
	case ERR_CONFIG:
		return EXIT_CONFIG;
	case ERR_STORE:
	case ERR_BUSY:
		return EXIT_STORE;
	case ERR_TREE:
		return EXIT_TREE;
	case ERR_NONE:
	case ERR_INPUT:
	case ERR_SYSTEM:
	case ERR_LIMIT:
		return EXIT_NO;
	}
	return EXIT_NO;
}

int ctl_fail(const struct err *e, const char *what)
{
	if (what)
		ctl_say("%s: %s", what, e->text);
	else
		ctl_say("%s", e->text);
	return exit_code_of(e->code);
}

int ctl_confirm(const struct ctl *c, const char *question)
{
	char answer[16];

	if (c->yes)
		return 0;
	if (!isatty(STDIN_FILENO)) {
		ctl_say("%s: there is no terminal to ask at; say --yes", question);
		return EXIT_USAGE;
	}
	printf("%s [y/N] ", question);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return 0;
	ctl_say("nothing done");
	return EXIT_NO;
}

/* ---- options */

enum { OPT_CONFIG = 1, OPT_STORE, OPT_YES, OPT_JSON };

static const struct option global_options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "store", required_argument, NULL, OPT_STORE },
	{ "yes", no_argument, NULL, OPT_YES },
	{ "json", no_argument, NULL, OPT_JSON },
};
#define N_GLOBAL (sizeof(global_options) / sizeof(global_options[0]))

int ctl_option(struct ctl *c, int argc, char **argv, const struct option *own)
{
	struct option all[N_GLOBAL + OPT_OWN_MAX + 1];
	char letters[3 * OPT_OWN_MAX] = "";
	size_t n = N_GLOBAL, at = 0;

	memset(all, 0, sizeof(all));
	memcpy(all, global_options, sizeof(global_options));
	/* before the verb stop at it: what follows may be the verb's own */
	if (!c->verb)
		letters[at++] = '+';
	for (; own && own->name && n < N_GLOBAL + OPT_OWN_MAX; own++) {
		all[n++] = *own;
		if (own->val < OPT_LETTER || own->val >= OPT_OWN)
			continue;
		letters[at++] = (char)own->val;
		if (own->has_arg == required_argument)
			letters[at++] = ':';
	}
	for (;;) {
		int opt = getopt_long(argc, argv, letters, all, NULL);

		switch (opt) {
		case OPT_CONFIG:
			c->config_path = optarg;
			break;
		case OPT_STORE:
			c->store_url = optarg;
			break;
		case OPT_YES:
			c->yes = true;
			break;
		case OPT_JSON:
			c->json = true;
			c->report.writer = &report_json;
			break;
		case '?':
			ctl_usage(c, "see `loadstep help`");
			return '?';
		default:
			return opt;
		}
	}
}

int ctl_no_options(struct ctl *c, int argc, char **argv, int min, int max)
{
	int opt = ctl_option(c, argc, argv, NULL);

	if (opt == '?')
		return EXIT_USAGE;
	if (argc - optind < min)
		return ctl_usage(c, "%s: something is missing behind it", c->verb->name);
	if (argc - optind > max)
		return ctl_usage(c, "%s: \"%s\" is too much", c->verb->name, argv[optind + max]);
	return 0;
}

/* ---- the configuration and the store */

const char *ctl_config_path(const struct ctl *c)
{
	const char *env = getenv("LOADSTEP_CONFIG");

	if (c->config_path)
		return c->config_path;
	return env && env[0] ? env : CONFIG_DEFAULT_PATH;
}

int ctl_config_read(struct ctl *c, struct strbuf *faults, struct err *e)
{
	const char *path = ctl_config_path(c);
	bool named = c->config_path || strcmp(path, CONFIG_DEFAULT_PATH) != 0;
	int rc;

	/* "try it on yesterday's syslog": a store is named, and nothing is set up on this machine */
	if (!named && c->store_url && access(path, F_OK) < 0)
		rc = config_parse("built-in", "", 0, NULL, &c->cfg, faults, e);
	else
		rc = config_load(path, &c->cfg, faults, e);
	if (rc == 0 && c->store_url && !text_copy(c->cfg->store_url, sizeof(c->cfg->store_url), c->store_url))
		return err_set(e, ERR_CONFIG, "--store: the name is too long");
	return rc;
}

int ctl_config(struct ctl *c)
{
	CLEANUP(strbuf_fini) struct strbuf faults = STRBUF_INIT(FAULTS_MAX);
	struct err e;

	if (c->cfg)
		return 0;
	if (ctl_config_read(c, &faults, &e)) {
		if (faults.len == 0)
			ctl_say("%s", e.text);
		else
			fputs(strbuf_text(&faults), stderr);
		return EXIT_CONFIG;
	}
	return 0;
}

int ctl_fleet(struct ctl *c, unsigned fleet_flags)
{
	struct err e;
	int rc = ctl_config(c);

	if (rc != 0)
		return rc;
	if (fleet_open(&c->fleet, c->cfg, fleet_flags, STORE_WAIT_MS, &e)) {
		rc = ctl_fail(&e, NULL);
		return rc == EXIT_NO ? EXIT_STORE : rc;
	}
	return 0;
}

int ctl_report_time(struct ctl *c, struct report_time *ret)
{
	struct err e;

	if (state_clock_get(fleet_state(c->fleet), &ret->clock, &e))
		return ctl_fail(&e, NULL);
	ret->now_ms = ctl_now_ms();
	return 0;
}

int ctl_end_signals(const char *verb, bool hangup)
{
	sigset_t end;
	struct err e;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	if (hangup)
		sigaddset(&end, SIGHUP);
	sigprocmask(SIG_BLOCK, &end, NULL);
	int fd = signalfd(-1, &end, SFD_CLOEXEC | SFD_NONBLOCK);

	if (fd >= 0)
		return fd;
	err_sys(&e, ERR_SYSTEM, errno, "signals");
	(void)ctl_fail(&e, verb);
	return -1;
}

/* ---- the phone that a text means */

/* A tail as people read it off a label: separators and a SEP in front do not count. 0, or -1: not hex, too
 * short, too long. */
static int hex_tail(const char *text, char *buf, size_t size)
{
	size_t n = 0;

	if (strncasecmp(text, "SEP", 3) == 0)
		text += 3;
	for (; *text; text++) {
		if (*text == ':' || *text == '-' || *text == '.')
			continue;
		if (!strchr("0123456789abcdefABCDEF", *text) || n + 1 >= size)
			return -1;
		buf[n++] = *text;
	}
	buf[n] = '\0';
	return n >= TAIL_MIN ? 0 : -1;
}

static int unknown_phone(const char *text, unsigned matches)
{
	char shown[64];

	text_escape(shown, sizeof(shown), text, strlen(text));
	if (matches > 1)
		ctl_say("%s: %u phones have a MAC that ends so; give more digits", shown, matches);
	else
		ctl_say("%s: no such phone is known (`loadstep status` lists those that are)", shown);
	return EXIT_NO;
}

int ctl_phone(struct ctl *c, const char *text, struct phone *ret)
{
	char tail[16], shown[64];
	unsigned matches = 0;
	struct mac mac;
	struct err e;
	int rc;

	if (parse_mac("MAC", text, &mac, &e) == 0) {
		rc = state_phone_find(fleet_state(c->fleet), &mac, ret, &e);
	} else if (hex_tail(text, tail, sizeof(tail)) == 0) {
		rc = state_phone_find_tail(fleet_state(c->fleet), tail, ret, &matches, &e);
	} else {
		ctl_say("%s: neither a MAC nor the last four digits or more of one",
			text_escape(shown, sizeof(shown), text, strlen(text)));
		return EXIT_NO;
	}
	if (rc < 0)
		return ctl_fail(&e, NULL);
	return rc == 0 ? 0 : unknown_phone(text, matches);
}
