/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The operator's command: what a verb is, what it is given, and what verbs share. A verb is a row in
 * loadstep_main.c and a file cmd_<verb>.c with one function that reads its options, opens what it needs and
 * returns the exit code. Verbs print through report.h; errors go to standard error as "loadstep: …".
 */
#ifndef LOADSTEP_CMDS_H
#define LOADSTEP_CMDS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "fleet.h"
#include "phone.h"
#include "report.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_NO = 1, /* it says no: an unknown MAC, unreadable input, a stuck phone when asked */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_STORE = 4,
	EXIT_TREE = 5,
};

#define STORE_WAIT_MS 5000 /* a person waits; hook and helper hold the store for milliseconds */

/* One run of the program. */
struct ctl {
	const struct verb *verbs; /* the table, a row without a name at its end */
	const struct verb *verb;
	const char *config_path; /* as named, or NULL */
	const char *store_url;   /* as named, or NULL */
	bool yes;
	bool json;
	struct config *cfg; /* owned; NULL until ctl_config */
	struct fleet *fleet; /* owned; NULL until ctl_fleet */
	struct report report;
};

struct verb {
	const char *name;
	const char *args; /* for the usage line */
	const char *text; /* one line for help */
	int (*run)(struct ctl *c, int argc, char **argv);
};

int cmd_import(struct ctl *c, int argc, char **argv);
int cmd_reload(struct ctl *c, int argc, char **argv);
int cmd_publish(struct ctl *c, int argc, char **argv);
int cmd_start(struct ctl *c, int argc, char **argv);
int cmd_stop(struct ctl *c, int argc, char **argv);
int cmd_status(struct ctl *c, int argc, char **argv);
int cmd_explain(struct ctl *c, int argc, char **argv);
int cmd_log(struct ctl *c, int argc, char **argv);
int cmd_replay(struct ctl *c, int argc, char **argv);
int cmd_agent(struct ctl *c, int argc, char **argv);
int cmd_preview(struct ctl *c, int argc, char **argv);
int cmd_retry(struct ctl *c, int argc, char **argv);
int cmd_skip(struct ctl *c, int argc, char **argv);
int cmd_forget(struct ctl *c, int argc, char **argv);
int cmd_report(struct ctl *c, int argc, char **argv);
int cmd_check(struct ctl *c, int argc, char **argv);
int cmd_setup(struct ctl *c, int argc, char **argv);
int cmd_watch(struct ctl *c, int argc, char **argv);
int cmd_help(struct ctl *c, int argc, char **argv);

/* cmd_help.c: the list of verbs, for who gave none. */
int help_list(const struct ctl *c, FILE *out);
const struct verb *verb_find(const struct ctl *c, const char *name); /* NULL = there is none */

/* cmd_explain.c: one phone's story to c->report. */
int explain_write(struct ctl *c, const struct phone *p, struct err *e) MUST_CHECK;

/* ---- options. The global ones (--config, --store, --yes, --json) are understood before and behind the
 * verb. */

#define OPT_OWN 1000 /* a verb's own long options have val OPT_OWN and up */
#define OPT_LETTER 'a' /* or a letter, which then is the short form */

/* The next of the verb's own options (its val; optarg as with getopt), -1 = no more: operands begin at
 * argv[optind]; '?' = a usage fault, told already. `own` ends with a zero row, at most OPT_OWN_MAX of
 * them. */
#define OPT_OWN_MAX 24
int ctl_option(struct ctl *c, int argc, char **argv, const struct option *own);

/* For verbs without options of their own: 0, or EXIT_USAGE. Operands must number min..max. */
int ctl_no_options(struct ctl *c, int argc, char **argv, int min, int max);

/* ---- what a verb opens. 0, or the exit code; the message is printed. */

/* Read the configuration file, or say why not: -1, `faults` has a line for each, *e the first. */
int ctl_config_read(struct ctl *c, struct strbuf *faults, struct err *e) MUST_CHECK;
const char *ctl_config_path(const struct ctl *c); /* the file that is read; borrowed */
/* Read the configuration file. With --store and no file at the default place: an empty configuration. */
int ctl_config(struct ctl *c);
/* The same, and open the fleet. */
int ctl_fleet(struct ctl *c, unsigned fleet_flags);

/* ---- talking */

int64_t ctl_now_ms(void); /* wall clock, UTC milliseconds */
/* Now, with the store's clock; the fleet is open. 0, or the exit code (told). */
int ctl_report_time(struct ctl *c, struct report_time *ret);
/* Signals that end the verb (SIGINT, SIGTERM; hangup: SIGHUP, too) are blocked from now on: one that is pending makes
 * the returned descriptor readable, so that it ends a wait at once, without handler or flag. The caller closes it.
 * -1 = failed (told). */
int ctl_end_signals(const char *verb, bool hangup);
void ctl_say(const char *fmt, ...) PRINTF_LIKE(1, 2); /* "loadstep: …" to standard error */
int ctl_usage(const struct ctl *c, const char *fmt, ...) PRINTF_LIKE(2, 3); /* EXIT_USAGE */
int ctl_fail(const struct err *e, const char *what); /* says it; the exit code that fits e->code */
/* Print `question` and read y or n from the terminal. 0 = yes (also with --yes); else the exit code. */
int ctl_confirm(const struct ctl *c, const char *question);

/* A phone by its MAC in any spelling or a unique tail of four hex digits or more. 0, or the exit code
 * (told). */
int ctl_phone(struct ctl *c, const char *text, struct phone *ret);

#endif
