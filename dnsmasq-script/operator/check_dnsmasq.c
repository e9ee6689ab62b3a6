/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Checks of dnsmasq as loadstep's TFTP server: does it take its own configuration, and does that say what it must? Of
 * one that runs, its command line, environment and limits count, too. D§ has the reasons.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "dnsmasqconf.h"
#include "file.h"
#include "parse.h"
#include "procs.h"
#include "strbuf.h"

#define DNSMASQ_PROGRAM "/usr/sbin/dnsmasq"
#define OWN_PATH SYSCONFDIR "/loadstep/dnsmasq.conf"
#define EVENT_PROGRAM "loadstep-event"
#define TFTP_MAX_DEFAULT 50
#define SAID_MAX 4096
#define OTHER_FILES 64 /* sockets, log, libraries */

/* Looked at: one that runs (pid), or a file. */
struct dnsmasq {
	struct checking *k;
	struct dnsmasq_conf *conf;
	pid_t pid; /* 0 = a file only */
	const char *place; /* the file that an absent option belongs into */
};

static const struct dnsmasq_option *option(const struct dnsmasq *d, const char *name)
{
	return dnsmasq_conf_find(d->conf, name, NULL);
}

/* ---- dnsmasq --test */

/* Run as root, so only what root alone may change. */
static int open_program(const struct dnsmasq *d)
{
	char path[64];
	struct stat sb;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)d->pid);
	int fd = open(d->pid ? path : DNSMASQ_PROGRAM, O_PATH | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &sb) < 0 || sb.st_uid != 0 || sb.st_mode & 022)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The child: dnsmasq with the same arguments and --test, in English, what it says into `out`. */
static void run_test(const struct dnsmasq *d, char *const argv[], int program, int out)
{
	char cwd[64], english[] = "LC_ALL=C", *const env[] = { english, NULL };

	snprintf(cwd, sizeof(cwd), "/proc/%d/cwd", (int)d->pid);
	if ((d->pid && chdir(cwd) < 0) || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(126);
	fexecve(program, argv, env);
	_exit(127);
}

/* Its exit status, what it said appended; -1: it could not be run. */
static int ask_dnsmasq(const struct dnsmasq *d, char *const argv[], struct strbuf *said)
{
	CLEANUP(cleanup_fd) int program = open_program(d);
	int fds[2], status = 0;
	char buf[512];
	ssize_t n;

	if (program < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		run_test(d, argv, program, fds[1]);
	close(fds[1]);
	while (pid > 0 && (n = read(fds[0], buf, sizeof(buf))) > 0)
		strbuf_add_bytes(said, buf, (size_t)n);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) >= 126)
		return -1;
	return WEXITSTATUS(status);
}

/* "dnsmasq: bad option at line 3 of /etc/dnsmasq.conf" */
static void tell_fault(const struct dnsmasq *d, char *said)
{
	char place[320], *at, *file;

	said += strspn(said, "\n");
	said[strcspn(said, "\n")] = '\0';
	said += strncmp(said, "dnsmasq: ", 9) == 0 ? 9 : 0;
	at = strstr(said, " at line ");
	file = at ? strstr(at, " of ") : NULL;
	if (file)
		snprintf(place, sizeof(place), "%s:%.*s", file + 4, (int)strspn(at + 9, "0123456789"),
			 at + 9);
	else
		snprintf(place, sizeof(place), "%s", d->place);
	if (file)
		*at = '\0';
	found(d->k, FINDING_DNSMASQ_CONFIG_FAULT, place, "dnsmasq --test: %s", said);
}

static void check_syntax(const struct dnsmasq *d)
{
	CLEANUP(strbuf_fini) struct strbuf said = STRBUF_INIT(SAID_MAX);
	CLEANUP(proc_args_fini) struct proc_args args = { .n = 0 };
	char *argv[PROC_ARGS_MAX + 2];
	char test[] = "--test", name[] = "dnsmasq", conf[] = "-C", path[256];
	int n = 0;

	strbuf_init(&args.text, 1);
	if (d->pid && proc_args(d->pid, &args) != 0)
		return;
	for (; n < args.n; n++)
		argv[n] = args.a[n];
	if (!d->pid) {
		(void)text_copy(path, sizeof(path), d->place);
		argv[n++] = name;
		argv[n++] = conf;
		argv[n++] = path;
	}
	argv[n++] = test;
	argv[n] = NULL;
	int rc = ask_dnsmasq(d, argv, &said);
	if (rc < 0)
		found(d->k, FINDING_NOT_LOOKED_AT, d->place, "dnsmasq --test cannot be run with it");
	else if (rc != 0)
		tell_fault(d, said.len ? said.p : test);
}

/* ---- what must be there */

static void check_roots(const struct dnsmasq *d)
{
	const struct dnsmasq_option *o = NULL;
	const char *root = d->k->cfg->tftp_root;
	bool whole = false;

	while ((o = dnsmasq_conf_find(d->conf, "tftp-root", o)) != NULL) {
		char dir[256];
		size_t n = strcspn(o->value, ",");
		bool own_interface = o->value[n] == ',';

		snprintf(dir, sizeof(dir), "%.*s", (int)n, o->value);
		if (!own_interface && whole)
			continue; /* an earlier line: the last one counts */
		whole = whole || !own_interface;
		if (check_same_file(dir, root))
			continue;
		found(d->k, own_interface ? FINDING_TFTP_PER_INTERFACE : FINDING_TFTP_ROOT_DIFFERS, o->place,
		      "tftp-root=%s, and loadstep publishes in %s", o->value, root);
	}
	if (!whole)
		found(d->k, FINDING_TFTP_ROOT_DIFFERS, d->place,
		      "there is no tftp-root; loadstep publishes in %s", root);
}

static void check_views(const struct dnsmasq *d)
{
	const struct dnsmasq_option *o = option(d, "tftp-unique-root");

	if (d->k->cfg->layout != LAYOUT_VIEWS)
		return;
	if (!o)
		found(d->k, FINDING_TFTP_UNIQUE_ROOT, d->place, "there is no tftp-unique-root");
	else if (o->value[0] && strcmp(o->value, "ip") != 0)
		found(d->k, FINDING_TFTP_UNIQUE_ROOT, o->place,
		      "tftp-unique-root=%s, and links are by address", o->value);
}

static void check_script(const struct dnsmasq *d)
{
	const struct dnsmasq_option *o = option(d, "dhcp-script");
	const char *chain = d->k->cfg->chain_script;

	if (!o)
		found(d->k, FINDING_SCRIPT_SLOT, d->place, "there is no dhcp-script");
	else if (strcmp(path_base(o->value), EVENT_PROGRAM) != 0)
		found(d->k, FINDING_SCRIPT_SLOT, o->place, "dhcp-script is %s, not %s", o->value,
		      EVENT_PROGRAM);
	else if (access(o->value, X_OK) < 0)
		found(d->k, FINDING_SCRIPT_SLOT, o->place, "%s %s", o->value,
		      errno == ENOENT ? "is not there" : "cannot be executed");
	if (chain[0] && access(chain, X_OK) < 0)
		found(d->k, FINDING_CHAIN_SCRIPT, ctl_config_path(d->k->c), "chain-script = %s %s", chain,
		      errno == ENOENT ? "is not there" : "cannot be executed");
}

/* ---- what must not */

static const struct {
	const char *name;
	const char *and_with; /* a fault only beside that one; NULL = alone */
	enum finding_id id;
	const char *what;
} unwanted[] = {
	{ "tftp-lowercase", NULL, FINDING_TFTP_LOWERCASE, "each name that is asked for is made lower-case" },
	{ "tftp-secure", NULL, FINDING_TFTP_SECURE, "only files of the server's own user are sent" },
	{ "tftp-single-port", "bind-interfaces", FINDING_TFTP_SINGLE_PORT,
	  "tftp-single-port together with bind-interfaces" },
	{ "tftp-no-fail", NULL, FINDING_TFTP_NO_FAIL, "a missing root is no fault at the start" },
	{ "quiet-tftp", NULL, FINDING_LOG_NOT_FOUND_HIDDEN, "quiet-tftp keeps missing files out of the log" },
};

static void check_unwanted(const struct dnsmasq *d)
{
	const struct dnsmasq_option *user = option(d, "dhcp-scriptuser"), *log = option(d, "log-facility");

	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		const struct dnsmasq_option *o = option(d, unwanted[i].name);

		if (o && (!unwanted[i].and_with || option(d, unwanted[i].and_with)))
			found(d->k, unwanted[i].id, o->place, "%s", unwanted[i].what);
	}
	if (user && !option(d, "dhcp-range"))
		found(d->k, FINDING_SCRIPTUSER_NO_EFFECT, user->place,
		      "dhcp-scriptuser=%s without a dhcp-range", user->value);
	if (log && strcmp(log->value, "-") == 0)
		found(d->k, FINDING_LOG_NOT_FOUND_HIDDEN, log->place,
		      "the log goes to standard error, where nobody follows it");
}

/* ---- how many at once */

static int count_phone(void *arg, const struct phone *p, struct err *e)
{
	(void)e;
	*(unsigned *)arg += p->phase != PHASE_DONE;
	return 0;
}

static unsigned phones_at_once(const struct checking *k)
{
	unsigned n = 0, listed = 0;
	struct err e;

	if (k->c->fleet && state_phone_list(fleet_state(k->c->fleet), count_phone, &n, &e) < 0)
		n = 0; /* those on the plans' lists count all the same */
	for (unsigned i = 0; i < k->cfg->n_plans; i++)
		listed += k->cfg->plans[i].only_macs.n;
	n = listed > n ? listed : n;
	return k->cfg->max_at_once > 0 && (unsigned)k->cfg->max_at_once < n ? (unsigned)k->cfg->max_at_once
									    : n;
}

static unsigned long transfers(const struct dnsmasq *d, const char **ret_place)
{
	const struct dnsmasq_option *max = option(d, "tftp-max"), *range = option(d, "tftp-port-range");
	unsigned long n = max ? strtoul(max->value, NULL, 10) : TFTP_MAX_DEFAULT, from = 0, to = 0;

	*ret_place = max ? max->place : d->place;
	if (range && sscanf(range->value, "%lu,%lu", &from, &to) == 2 && to >= from && to - from + 1 < n) {
		*ret_place = range->place;
		n = to - from + 1;
	}
	return n;
}

static void check_room(const struct dnsmasq *d)
{
	unsigned phones = phones_at_once(d->k);
	unsigned long long files;
	const char *place;
	unsigned long n = transfers(d, &place);

	if (n < 2UL * phones)
		found(d->k, FINDING_TFTP_MAX_LOW, place, "%lu transfers at once, and %u phones", n, phones);
	/* a transfer has a socket and a file, and so has one that waits for the script (D§1) */
	if (d->pid && proc_files_max(d->pid, &files) == 0 && files < 4ULL * n + OTHER_FILES)
		found(d->k, FINDING_DESCRIPTORS_LOW, d->place,
		      "process %d may open %llu files, and %lu transfers with those that wait for the script "
		      "take %lu",
		      (int)d->pid, files, n, 4 * n + OTHER_FILES);
}

/* ---- the language of its log */

static bool is_english(const char *locale)
{
	return strcmp(locale, "POSIX") == 0 || strncmp(locale, "en", 2) == 0 ||
	       (locale[0] == 'C' && (locale[1] == '\0' || locale[1] == '.'));
}

static void check_language(const struct dnsmasq *d)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	char locale[64] = "", language[64] = "";
	size_t i = 0;

	for (; i < sizeof(names) / sizeof(names[0]); i++)
		if (d->pid && proc_env(d->pid, names[i], locale, sizeof(locale)) == 0 && locale[0])
			break;
	if (i == sizeof(names) / sizeof(names[0]) || is_english(locale))
		return; /* gettext looks at LANGUAGE only where the locale is not C; an English one stays so */
	if (proc_env(d->pid, "LANGUAGE", language, sizeof(language)) == 0 && is_english(language))
		return;
	found(d->k, FINDING_LOG_TRANSLATED, d->place, "process %d runs with %s=%s", (int)d->pid, names[i],
	      locale);
}

/* ---- which one */

/* Where nobody serves the port: the file that it would be started with. NULL = there is none. */
static const char *usual_file(const struct checking *k)
{
	if (k->dnsmasq_named)
		return k->dnsmasq_named;
	return access(OWN_PATH, F_OK) == 0 ? OWN_PATH : NULL;
}

/* 0 = d is filled; 1 = there is none here. */
static int find_dnsmasq(struct dnsmasq *d)
{
	CLEANUP(proc_args_fini) struct proc_args args = { .n = 0 };
	const char *file = usual_file(d->k);
	bool runs = !d->k->dnsmasq_named && d->k->server_pid && strcmp(d->k->server, "dnsmasq") == 0;

	strbuf_init(&args.text, 1);
	if (!runs && (!file || (d->k->server_pid && !d->k->dnsmasq_named)))
		return 1; /* no dnsmasq, or another server */
	d->conf = calloc(1, sizeof(*d->conf));
	if (!d->conf)
		return 1;
	d->k->dnsmasq = d->conf;
	if (!runs) {
		dnsmasq_conf_file(d->conf, file);
		d->place = file;
		return 0;
	}
	if (proc_args(d->k->server_pid, &args) != 0)
		return 1;
	d->pid = d->k->server_pid;
	dnsmasq_conf_args(d->conf, args.n, args.a);
	d->place = d->conf->file[0] ? d->conf->file : "dnsmasq's command line";
	return 0;
}

void check_dnsmasq(struct checking *k)
{
	struct dnsmasq d = { .k = k };

	if (!k->cfg || (k->cfg->tftp_root[0] == '\0' && !k->dnsmasq_named) || find_dnsmasq(&d) != 0)
		return;
	if (k->cfg->daemon != DAEMON_DNSMASQ)
		found(k, FINDING_DAEMON_DIFFERS, ctl_config_path(k->c),
		      "[tftp] daemon = %s, and dnsmasq is looked at or serves port 69",
		      config_daemon_name(k->cfg->daemon));
	if (d.conf->unread[0])
		found(k, FINDING_NOT_LOOKED_AT, d.conf->unread, "%s", d.conf->why);
	check_syntax(&d);
	if (!option(&d, "enable-tftp"))
		found(k, FINDING_TFTP_DISABLED, d.place, "there is no enable-tftp");
	check_roots(&d);
	check_views(&d);
	check_script(&d);
	check_unwanted(&d);
	check_room(&d);
	check_language(&d);
}
