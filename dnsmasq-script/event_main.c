/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loadstep-event: what dnsmasq runs (dhcp-script=) when a TFTP transfer has ended, and where it gives out addresses when
 * one was given or taken back; event_args.c reads the arguments. dnsmasq runs one script at a time and queues the rest, holding files open, so this is short,
 * bounded by alarm(2), and a good guest: exit 0 on everything that is not for us, at most one line of
 * output. An event that cannot be stored goes to the spool beside the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syslog.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "err.h"
#include "event_args.h"
#include "file.h"
#include "fleet.h"
#include "parse.h"
#include "spool.h"
#include "strbuf.h"

#ifndef SBINDIR /* the Makefile says where `loadstep` is installed */
#define SBINDIR "/usr/local/sbin"
#endif

#define OWN_USER "loadstep"
#ifndef ALARM_S /* then we end, whatever hangs; an instrumented build takes longer */
#define ALARM_S 2
#endif
#define STORE_WAIT_MS 400 /* with opening, within the 500 ms after which the event is spooled */
#define CHAIN_WAIT_MS 5000 /* the site's own script, counted from its start */
#define ROTATE_S 30 /* `loadstep publish --apply`, which follows us */
#define DRAIN_MAX 200 /* spooled events at a time: some 0.3 s */
#define GROUPS_MAX 64 /* beyond it the chain script would lose groups: then it is not started */

/* The signals that dnsmasq leaves ignored for its script (D§1). */
static const int inherited[] = { SIGINT, SIGPIPE, SIGALRM, SIGTERM };
#define N_INHERITED (sizeof(inherited) / sizeof(inherited[0]))

/* What we were given, to be handed on to the chain script. */
struct given {
	char **argv;
	struct sigaction actions[N_INHERITED];
	sigset_t mask;
	mode_t umask;
	uid_t uid;
	gid_t gid;
	int n_groups;
	gid_t groups[GROUPS_MAX];
};

struct event_run {
	struct given given;
	struct event_args args;
	struct config *cfg;
	char config_path[256];
	bool said; /* the one line of output */
	pid_t chain;
	int64_t chain_start_ms;
};

static int64_t clock_ms(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One line for dnsmasq's log, and the same for ours. */
static void say(struct event_run *r, const char *text)
{
	syslog(LOG_WARNING, "%s", text);
	if (!r->said)
		fprintf(stderr, "loadstep-event: %s\n", text);
	r->said = true;
}

static void say_err(struct event_run *r, const struct err *e, const char *and_so)
{
	char text[ERR_TEXT_MAX + 256];

	snprintf(text, sizeof(text), "%s%s", e->text, and_so);
	say(r, text);
}

/* 0 = a finished transfer, or a lease; 1 = not for us, or broken, which was said. */
static int take_arguments(struct event_run *r, int argc, char **argv)
{
	struct err e;
	char text[ERR_TEXT_MAX + 64];
	int rc = event_args_parse(argc, argv, getenv, &r->args, &e);

	if (rc < 0) {
		text_escape(text, sizeof(text), e.text, strlen(e.text));
		say(r, text);
	}
	if (rc != 0)
		return 1;
	r->args.file.at_ms = r->args.lease.at_ms = clock_ms(CLOCK_REALTIME);
	return 0;
}

/* SIGALRM and others come ignored from dnsmasq; alarm(2) needs its default. What was given is kept for the
 * chain script. */
static void take_over(struct given *g, char **argv)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t chld;

	g->argv = argv;
	for (size_t i = 0; i < N_INHERITED; i++)
		sigaction(inherited[i], &dfl, &g->actions[i]);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &g->mask);
	/* the store's companions are shared by members of a group (D§8) */
	g->umask = umask(007);
	g->uid = geteuid();
	g->gid = getegid();
	g->n_groups = getgroups(GROUPS_MAX, g->groups);
	/* PIPE: a line that nobody reads must not kill us in the middle of a transaction */
	signal(SIGPIPE, SIG_IGN);
	alarm(ALARM_S);
}

/*
 * Rights, when we run as root: in TFTP-only mode dnsmasq ignores dhcp-scriptuser (D§1). Everything is
 * opened with the rights of the user `loadstep`, taken on as effective ids so that the chain script can
 * still be started with what we were given, then for good. Where there is no such user, those of the owner
 * of the store's directory.
 */
static int become(uid_t uid, gid_t gid, const char *user, struct err *e)
{
	int rc = user ? initgroups(user, gid) : setgroups(1, &gid);

	if (rc < 0 || setegid(gid) < 0 || seteuid(uid) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "cannot give up root's rights for uid %d", (int)uid);
	return 0;
}

static int drop_for_good(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (getuid() == uid && getgid() == gid)
		return 0;
	if (seteuid(0) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return err_sys(e, ERR_SYSTEM, errno, "cannot give up root's rights for good");
	return 0;
}

static int become_loadstep(const struct given *g, struct err *e)
{
	if (g->uid != 0)
		return 0;
	const struct passwd *pw = getpwnam(OWN_USER);
	return pw ? become(pw->pw_uid, pw->pw_gid, pw->pw_name, e) : 0;
}

static int become_store_owner(const struct config *cfg, struct err *e)
{
	char path[512];
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (spool_beside(cfg->store_url, "", path, sizeof(path), e))
		return -1;
	char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	*slash = '\0';
	if (stat(path, &st) < 0 || st.st_uid == 0)
		return 0;
	return become(st.st_uid, st.st_gid, NULL, e);
}

/* As root only what root alone can write is started: neither who says which script, nor the script, may be
 * anybody's. */
static bool chain_is_safe(const struct event_run *r)
{
	const char *const paths[] = { r->config_path, r->cfg->chain_script };
	struct stat st;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (stat(paths[i], &st) < 0 || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
			return false;
	}
	return true;
}

static int rights_as_given(const struct given *g)
{
	if (g->uid != 0)
		return 0;
	if (g->n_groups < 0 || seteuid(0) < 0 || setegid(g->gid) < 0)
		return -1;
	return setgroups((size_t)g->n_groups, g->groups);
}

static _Noreturn void exec_chain(struct event_run *r)
{
	const struct given *g = &r->given;
	struct err e;

	alarm(0);
	umask(g->umask);
	if (rights_as_given(g) < 0) {
		say(r, "chain-script not started: cannot take back the rights we were given");
		_exit(126);
	}
	if (g->uid == 0 && !chain_is_safe(r)) {
		say(r, "chain-script not started: it and the configuration must be root's alone to write");
		_exit(126);
	}
	for (size_t i = 0; i < N_INHERITED; i++)
		sigaction(inherited[i], &g->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &g->mask, NULL);
	execv(r->cfg->chain_script, g->argv);
	err_sys(&e, ERR_SYSTEM, errno, "chain-script %s", r->cfg->chain_script);
	say_err(r, &e, "");
	_exit(127);
}

/* The script the site had before us: dnsmasq has only one slot. It gets everything that we were given. */
static void start_chain(struct event_run *r)
{
	if (r->cfg->chain_script[0] == '\0')
		return;
	r->chain_start_ms = clock_ms(CLOCK_MONOTONIC);
	r->chain = fork();
	if (r->chain == 0)
		exec_chain(r);
	if (r->chain < 0)
		say(r, "chain-script not started: no process to be had");
}

/* Wait for the site's script as dnsmasq would have, within its time; its exit status becomes ours. */
static int wait_chain(struct event_run *r)
{
	int status = 0;
	sigset_t chld;

	if (r->chain <= 0)
		return 0;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	while (waitpid(r->chain, &status, WNOHANG) == 0) {
		int64_t left_ms = CHAIN_WAIT_MS - (clock_ms(CLOCK_MONOTONIC) - r->chain_start_ms);
		struct timespec ts = { .tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000 };

		if (left_ms <= 0) {
			say(r, "chain-script still runs after 5 s; not waited for any longer");
			return 0;
		}
		sigtimedwait(&chld, NULL, &ts);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* "One syslog line per fetch". Foreign text was escaped by the fleet, or is here. */
static void log_fetch(const struct event_run *r, const struct file_verdict *v, const char *note)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE], file[512], stage[16] = "-";
	const char *name = v->file;

	if (name[0] == '\0')
		name = text_escape(file, sizeof(file), r->args.file.path, strlen(r->args.file.path));
	if (v->stage_no > 0)
		snprintf(stage, sizeof(stage), "%d", v->stage_no);
	syslog(LOG_INFO, "fetch mac=%s address=%s file=%s bytes=%lld stage=%s load=%s%s%s",
	       v->mac_known ? mac_format(mac, &v->mac) : "-", ip4_format(addr, r->args.file.client), name,
	       (long long)r->args.file.bytes, stage, v->load.s[0] ? v->load.s : "-", note[0] ? " note=" : "", note);
}

/* Nothing is lost: what the store does not take now, the spool does. */
static void spool_event(struct event_run *r, const char *store_url, const struct err *why)
{
	char path[512], kept[640];
	struct file_verdict none = { .file = "" };
	struct err e;

	if (r->args.is_lease) { /* dnsmasq tells it again at its start, and the phone's files tell whose address it is */
		say_err(r, why, "; the lease is not noted");
		return;
	}
	if (spool_beside(store_url, SPOOL_SUFFIX, path, sizeof(path), &e) || spool_append(path, &r->args.file, &e)) {
		log_fetch(r, &none, "lost");
		err_wrap(&e, "%s; and the event is lost", why->text);
		say_err(r, &e, "");
		return;
	}
	snprintf(kept, sizeof(kept), "; the event is kept in %s", path);
	log_fetch(r, &none, "spooled");
	say_err(r, why, kept);
}

static void say_foreign_path(struct event_run *r)
{
	char path[256], text[600];

	snprintf(text, sizeof(text), "ignored: %s is not below the TFTP root %s",
		 text_escape(path, sizeof(path), r->args.file.path, strlen(r->args.file.path)), r->cfg->tftp_root);
	say(r, text);
}

/* What dnsmasq told. */
static int record_own(struct event_run *r, struct fleet *f, bool *ret_rotate, struct err *e)
{
	struct file_verdict verdict;
	const char *below;

	if (r->args.is_lease)
		return fleet_on_lease(f, &r->args.lease, e) < 0 ? -1 : 0;
	int rc = fleet_on_file(f, &r->args.file, &verdict, e);

	if (rc < 0)
		return -1;
	log_fetch(r, &verdict, rc == 1 ? verdict.note : "");
	if (r->cfg->tftp_root[0] && path_under_root(r->cfg->tftp_root, r->args.file.path, &below))
		say_foreign_path(r);
	*ret_rotate = *ret_rotate || (rc == 0 && verdict.rotate);
	return 0;
}

/* What others could not store came first; then the event, which may prove something by it; then what is due. Only
 * the second is the event's own fate. */
static int record(struct event_run *r, struct fleet *f, bool *ret_rotate, struct err *e)
{
	char spool[512];
	unsigned taken = 0;
	bool rotate_more = false;
	struct err later;

	if (spool_beside(r->cfg->store_url, SPOOL_SUFFIX, spool, sizeof(spool), &later) ||
	    spool_drain(spool, f, r->args.file.at_ms, DRAIN_MAX, &taken, ret_rotate, &later) < 0) {
		if (later.code == ERR_BUSY || later.code == ERR_STORE) {
			*e = later; /* ours goes behind them */
			return -1;
		}
		say_err(r, &later, "");
	}
	if (record_own(r, f, ret_rotate, e) < 0)
		return -1;
	if (fleet_tick(f, r->args.file.at_ms, &rotate_more, &later))
		say_err(r, &later, "");
	*ret_rotate = *ret_rotate || rotate_more;
	const char *trouble = fleet_effects_error(f);

	if (*trouble) {
		err_set(&later, ERR_TREE, "%s", trouble);
		say_err(r, &later, "; the next event tries again");
	}
	return 0;
}

static void cleanup_fleet(struct fleet **f)
{
	fleet_close(*f);
}

static void store_event(struct event_run *r, bool *ret_rotate)
{
	CLEANUP(cleanup_fleet) struct fleet *f = NULL;
	struct err e;

	if (fleet_open(&f, r->cfg, FLEET_CREATE, STORE_WAIT_MS, &e) || record(r, f, ret_rotate, &e))
		spool_event(r, r->cfg->store_url, &e);
}

/* `loadstep` beside ourselves (as built), else where it is installed. */
static void find_loadstep(char *buf, size_t size)
{
	char self[400];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = NULL;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
	}
	if (slash) {
		*slash = '\0';
		snprintf(buf, size, "%s/loadstep", self);
		if (access(buf, X_OK) == 0)
			return;
	}
	snprintf(buf, size, "%s", SBINDIR "/loadstep");
}

/* layout = shared: the root's XMLDefault needs libxml2, which we do not load for every transfer. Becomes
 * that program. */
static void rotate(struct event_run *r)
{
	char program[512], url[300];
	char config[300];
	CLEANUP(cleanup_fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct err e;

	find_loadstep(program, sizeof(program));
	snprintf(config, sizeof(config), "--config=%s", r->config_path);
	snprintf(url, sizeof(url), "--store=%s", r->cfg->store_url);
	char name[] = "loadstep", verb[] = "publish", apply[] = "--apply";
	char *argv[] = { name, config, url, verb, apply, NULL };

	/* its differences are no news for dnsmasq's log; its complaints are */
	if (null >= 0)
		dup2(null, STDOUT_FILENO);
	umask(022);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &r->given.mask, NULL);
	alarm(ROTATE_S);
	execv(program, argv);
	err_sys(&e, ERR_SYSTEM, errno, "%s", program);
	say_err(r, &e, "; XMLDefault is not rotated: run `loadstep publish --apply`");
}

/* 0 = *ret read, with the rights that suit it. */
static int read_config(struct event_run *r, struct err *e)
{
	const char *named = getenv("LOADSTEP_CONFIG");

	if (!text_copy(r->config_path, sizeof(r->config_path),
		       named && named[0] ? named : CONFIG_DEFAULT_PATH))
		return err_set(e, ERR_CONFIG, "LOADSTEP_CONFIG: the name is too long");
	return config_load(r->config_path, &r->cfg, NULL, e);
}

static int run(struct event_run *r, int argc, char **argv)
{
	struct err e;
	bool rotate_now = false;
	bool ours = take_arguments(r, argc, argv) == 0;

	if (become_loadstep(&r->given, &e)) {
		say_err(r, &e, "; nothing done");
		return 0;
	}
	if (read_config(r, &e)) {
		/* which store it names is not known: the default's spool, so that the event is at least
		 * somewhere */
		if (ours)
			spool_event(r, "sqlite:/var/lib/loadstep/state.db", &e);
		return 0;
	}
	start_chain(r);
	if (become_store_owner(r->cfg, &e) || drop_for_good(&e))
		say_err(r, &e, "; nothing done");
	else if (ours)
		store_event(r, &rotate_now);
	alarm(0);
	int status = wait_chain(r);
	if (rotate_now)
		rotate(r);
	return status;
}

int main(int argc, char **argv)
{
	struct event_run r = { .chain = 0 };

	openlog("loadstep-event", LOG_PID, LOG_DAEMON);
	take_over(&r.given, argv);
	int status = run(&r, argc, argv);
	config_free(r.cfg);
	return status;
}
