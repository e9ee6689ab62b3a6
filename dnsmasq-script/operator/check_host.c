/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Checks of this host: which program serves UDP port 69, and whether the three users (Kea's, loadstep's own, the
 * TFTP server's) may do what they have to. The latter is tried by the kernel, in a child that becomes that user
 * (groups, ACLs and all), which only root can.
 */
#include "check.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "procs.h"
#include "strbuf.h"

/* ---- who serves port 69 */

#define PORT 69
#define PORT_TEXT "UDP port 69"
#define SOCKETS_MAX 32

struct sockets {
	size_t n;
	struct udp_socket a[SOCKETS_MAX];
};

static bool has_socket(const char *pid, const struct sockets *s)
{
	char dir_path[64], path[384], text[64];
	const struct dirent *d;
	unsigned long inode;

	snprintf(dir_path, sizeof(dir_path), "/proc/%.16s/fd", pid);
	CLEANUP(cleanup_dir) DIR *dir = opendir(dir_path);
	while (dir && (d = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir_path, d->d_name);
		ssize_t n = readlink(path, text, sizeof(text) - 1);
		if (n <= 0)
			continue;
		text[n] = '\0';
		if (sscanf(text, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < s->n; i++)
			if (s->a[i].inode == inode)
				return true;
	}
	return false;
}

/* xinetd, inetd and systemd hold the socket for the program that they start. */
static bool is_tftp_server(const char *program)
{
	static const char *const known[] = { "dnsmasq", "in.tftpd", "atftpd", "inetd", "xinetd", "systemd" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(program, known[i]) == 0)
			return true;
	return false;
}

static void look_at_server(struct checking *k, const char *pid)
{
	CLEANUP(strbuf_fini) struct strbuf program = STRBUF_INIT(64);
	char path[64];
	struct stat sb;
	struct err e;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	if (file_read(path, 63, &program, &e) != 0)
		return;
	if (program.len > 0)
		program.p[strcspn(program.p, "\n")] = '\0';
	if (!is_tftp_server(strbuf_text(&program))) {
		found(k, FINDING_PORT_69_TAKEN, PORT_TEXT, "%s (process %s) serves it", strbuf_text(&program),
		      pid);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%.16s", pid);
	/* of two processes with one socket (dnsmasq and its helper) the one without root's rights serves */
	if (stat(path, &sb) == 0 && (!k->server_known || sb.st_uid != 0)) {
		k->server_known = true;
		k->server_uid = sb.st_uid;
		k->server_pid = (pid_t)strtol(pid, NULL, 10);
		(void)text_copy(k->server, sizeof(k->server), strbuf_text(&program));
	}
}

void check_port(struct checking *k)
{
	struct sockets s = { .n = 0 };
	const struct dirent *d;
	bool seen = false;

	if (!k->cfg || k->cfg->tftp_root[0] == '\0')
		return; /* the TFTP server is another host */
	s.n = udp_sockets(PORT, s.a, SOCKETS_MAX);
	if (s.n == 0) {
		found(k, FINDING_PORT_69_UNSERVED, PORT_TEXT, "no program serves it on this host");
		return;
	}
	CLEANUP(cleanup_dir) DIR *proc = opendir("/proc");
	while (proc && (d = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)d->d_name[0]) || !has_socket(d->d_name, &s))
			continue;
		seen = true;
		look_at_server(k, d->d_name);
	}
	if (!seen)
		found(k, FINDING_PORT_69_UNKNOWN, PORT_TEXT,
		      "a program serves it that this user may not see");
}

/* ---- who may do what */

#define WISHES_MAX 256 /* some ten plans; what is beyond is not tried */

struct wish {
	enum finding_id id;
	int mode; /* as access(2) has it */
	char path[512];
};

struct wishes {
	size_t n;
	struct wish a[WISHES_MAX];
};

static void wish(struct wishes *w, enum finding_id id, int mode, const char *dir, const char *name)
{
	struct wish *next = &w->a[w->n];

	if (w->n == WISHES_MAX)
		return;
	int n = snprintf(next->path, sizeof(next->path), "%s%s%s", dir, name[0] ? "/" : "", name);
	if (n < 0 || (size_t)n >= sizeof(next->path) || access(next->path, F_OK) < 0)
		return; /* what is not there is another check's to tell */
	next->id = id;
	next->mode = mode;
	w->n++;
}

/* The child: become the user, try, tell errno for each. */
static void try_as(const struct passwd *pw, const struct wishes *w, int fd)
{
	int result[WISHES_MAX] = { 0 };

	if (initgroups(pw->pw_name, pw->pw_gid) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		_exit(1);
	for (size_t i = 0; i < w->n; i++)
		result[i] = access(w->a[i].path, w->a[i].mode) < 0 ? errno : 0;
	_exit(write(fd, result, sizeof(result)) == (ssize_t)sizeof(result) ? 0 : 1);
}

/* 0: ret[] filled; -1: could not be tried. */
static int ask_kernel(const struct passwd *pw, const struct wishes *w, int ret[static WISHES_MAX])
{
	size_t size = WISHES_MAX * sizeof(ret[0]);
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		try_as(pw, w, fds[1]);
	}
	close(fds[1]);
	ssize_t n = pid > 0 ? read(fds[0], ret, size) : -1;
	close(fds[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return n == (ssize_t)size ? 0 : -1;
}

static void may(struct checking *k, const struct passwd *pw, const struct wishes *w)
{
	int result[WISHES_MAX];
	char user[80];
	struct err e;

	if (ask_kernel(pw, w, result) < 0) {
		snprintf(user, sizeof(user), "user %s", pw->pw_name);
		found(k, FINDING_RIGHTS_NOT_CHECKED, user, "what it may do cannot be tried");
		return;
	}
	for (size_t i = 0; i < w->n; i++) {
		if (result[i] == 0)
			continue;
		(void)err_sys(&e, ERR_SYSTEM, result[i], "user %s may not %s it", pw->pw_name,
			      w->a[i].mode & W_OK ? "write" : "read");
		found(k, w->a[i].id, w->a[i].path, "%s", e.text);
	}
}

static void wish_store(const struct config *cfg, struct wishes *w)
{
	static const char *const beside[] = { "", "-wal", "-shm" };
	const char *path = strchr(cfg->store_url, '/');
	char file[320], dir[320];

	if (!path || strncmp(cfg->store_url, "sqlite:", 7) != 0)
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)(path_base(path) - path), path);
	if (strlen(dir) > 1)
		dir[strlen(dir) - 1] = '\0';
	wish(w, FINDING_STORE_UNWRITABLE, W_OK | X_OK, dir, "");
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		snprintf(file, sizeof(file), "%s%s", path, beside[i]);
		wish(w, FINDING_STORE_UNWRITABLE, R_OK | W_OK, file, "");
	}
}

static void wish_links(const struct config *cfg, struct wishes *w)
{
	if (cfg->tftp_root[0] == '\0')
		return;
	wish(w, FINDING_TREE_UNWRITABLE, W_OK | X_OK, cfg->tftp_root, "");
	wish(w, FINDING_TREE_UNWRITABLE, W_OK | X_OK, cfg->tftp_root, "phones");
}

/* What phones of each stage ask for first, and the load's own files, through the links they go by. */
static void wish_served(const struct config *cfg, struct wishes *w)
{
	char name[256];

	wish(w, FINDING_TREE_UNREADABLE, R_OK | X_OK, cfg->tftp_root, "");
	wish(w, FINDING_TREE_UNREADABLE, R_OK, cfg->tftp_root, "XMLDefault.cnf.xml");
	for (unsigned i = 0; i < cfg->n_plans; i++) {
		const struct plan *pl = &cfg->plans[i];

		for (unsigned j = 0; j < pl->n_stages; j++) {
			static const char *const ends[] = { ".loads", ".bin", ".sbn", ".sb2" };
			const char *load = pl->stages[j].load.s;

			snprintf(name, sizeof(name), "stages/%s/%s/XMLDefault.cnf.xml", pl->name, load);
			wish(w, FINDING_TREE_UNREADABLE, R_OK, cfg->tftp_root, name);
			for (size_t m = 0; m < sizeof(ends) / sizeof(ends[0]); m++) {
				snprintf(name, sizeof(name), "loads/%s/%s%s", load, load, ends[m]);
				wish(w, FINDING_TREE_UNREADABLE, R_OK, cfg->tftp_root, name);
			}
		}
	}
}

#define KEA_USER "_kea"
#define OWN_USER "loadstep"

static void check_writer(struct checking *k, const char *name)
{
	const struct passwd *pw = getpwnam(name);
	CLEANUP(cleanup_free) struct wishes *w = calloc(1, sizeof(*w));

	if (!pw || !w)
		return;
	wish(w, FINDING_CONFIG_UNREADABLE, R_OK, ctl_config_path(k->c), "");
	wish_store(k->cfg, w);
	wish_links(k->cfg, w);
	may(k, pw, w);
}

const char *check_usual_user(enum tftp_daemon d)
{
	static const char *const users[] = {
		[DAEMON_DNSMASQ] = "dnsmasq",
		[DAEMON_TFTPD_HPA] = "tftp",
		[DAEMON_ATFTPD] = "nobody",
	};

	return users[d];
}

static void check_server(struct checking *k)
{
	const struct passwd *pw = k->server_known ? getpwuid(k->server_uid)
						  : getpwnam(check_usual_user(k->cfg->daemon));
	CLEANUP(cleanup_free) struct wishes *w = calloc(1, sizeof(*w));

	if (!pw || !w || k->cfg->tftp_root[0] == '\0')
		return;
	wish_served(k->cfg, w);
	may(k, pw, w);
}

void check_rights(struct checking *k)
{
	if (!k->cfg)
		return;
	if (!getpwnam(OWN_USER))
		found(k, FINDING_USER_MISSING, "user " OWN_USER, "there is no such user on this host");
	if (geteuid() != 0) {
		found(k, FINDING_RIGHTS_NOT_CHECKED, "users " KEA_USER ", " OWN_USER " and the TFTP server's",
		      "what they may do was not tried");
		return;
	}
	check_writer(k, KEA_USER);
	check_writer(k, OWN_USER);
	check_server(k);
}
