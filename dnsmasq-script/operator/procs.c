/* SPDX-License-Identifier: MPL-2.0 */
/* What proc(5) tells of the servers that run here. */
#include "procs.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define PROC_BYTES_MAX (1024 * 1024)

/* 0; anything else: not to be had. */
static int read_entry(pid_t pid, const char *name, struct strbuf *ret)
{
	char path[64];
	struct err e;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return file_read(path, PROC_BYTES_MAX, ret, &e);
}

/* Containers show their processes to the host that they run on: those are none of this host's. */
static bool in_our_namespace(pid_t pid)
{
	char path[64], theirs[64] = "", ours[64] = "";
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	n = readlink(path, theirs, sizeof(theirs) - 1);
	if (n <= 0 || readlink("/proc/self/ns/pid", ours, sizeof(ours) - 1) <= 0)
		return true; /* another user's: as good as we can tell */
	return strcmp(theirs, ours) == 0;
}

int proc_find(const char *name, pid_t *ret)
{
	CLEANUP(cleanup_dir) DIR *dir = opendir("/proc");
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL) {
		CLEANUP(strbuf_fini) struct strbuf comm = STRBUF_INIT(64);
		pid_t pid = isdigit((unsigned char)d->d_name[0]) ? (pid_t)strtol(d->d_name, NULL, 10) : 0;

		if (pid <= 0 || read_entry(pid, "comm", &comm) != 0 || comm.len == 0)
			continue;
		comm.p[strcspn(comm.p, "\n")] = '\0';
		if (strcmp(comm.p, name) != 0 || !in_our_namespace(pid))
			continue;
		*ret = pid;
		return 0;
	}
	return 1;
}

int proc_args(pid_t pid, struct proc_args *ret)
{
	ret->n = 0;
	ret->a[0] = NULL;
	strbuf_init(&ret->text, PROC_BYTES_MAX);
	if (read_entry(pid, "cmdline", &ret->text) != 0 || ret->text.len == 0)
		return 1;
	for (size_t at = 0; at < ret->text.len && ret->n < PROC_ARGS_MAX; at += strlen(ret->text.p + at) + 1)
		ret->a[ret->n++] = ret->text.p + at;
	ret->a[ret->n] = NULL;
	return 0;
}

void proc_args_fini(struct proc_args *a)
{
	strbuf_fini(&a->text);
}

int proc_program(pid_t pid, char *buf, size_t size)
{
	static const char gone[] = " (deleted)";
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(path, buf, size - 1);
	if (n <= 0)
		return 1;
	buf[n] = '\0';
	if ((size_t)n > strlen(gone) && strcmp(buf + n - strlen(gone), gone) == 0)
		buf[(size_t)n - strlen(gone)] = '\0';
	return 0;
}

const char *proc_path(pid_t pid, const char *path, char *buf, size_t size)
{
	char link[64], dir[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	n = path[0] == '/' || pid == 0 ? 0 : readlink(link, dir, sizeof(dir) - 1);
	snprintf(buf, size, "%.*s%s%s", n > 0 ? (int)n : 0, dir, n > 0 ? "/" : "", path);
	return buf;
}

int proc_env(pid_t pid, const char *name, char *buf, size_t size)
{
	CLEANUP(strbuf_fini) struct strbuf env = STRBUF_INIT(PROC_BYTES_MAX);
	size_t n = strlen(name);

	if (read_entry(pid, "environ", &env) != 0)
		return 1;
	for (size_t at = 0; at < env.len; at += strlen(env.p + at) + 1) {
		const char *line = env.p + at;

		if (strncmp(line, name, n) == 0 && line[n] == '=') {
			(void)text_copy(buf, size, line + n + 1);
			return 0;
		}
	}
	return 1;
}

int proc_files_max(pid_t pid, unsigned long long *ret)
{
	CLEANUP(strbuf_fini) struct strbuf limits = STRBUF_INIT(PROC_BYTES_MAX);
	const char *line;

	if (read_entry(pid, "limits", &limits) != 0)
		return 1;
	line = strstr(strbuf_text(&limits), "Max open files");
	return line && sscanf(line, "Max open files %llu", ret) == 1 ? 0 : 1;
}

/* ---- mounts */

static bool has_word(const char *list, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t at = 0; at < len;) {
		const char *comma = memchr(list + at, ',', len - at);
		size_t end = comma ? (size_t)(comma - list) : len;

		if (end - at == n && memcmp(list + at, word, n) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

static bool below(const char *path, const char *point, size_t n)
{
	return n == 1 || (strncmp(path, point, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* The sixth word of a line are this mount's own options, the last one the file system's. */
bool mountinfo_read_only(const char *text, const char *path)
{
	size_t longest = 0;
	bool ro = false;

	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		const char *word[6];
		size_t len[6], n = 0;

		end = line + strcspn(line, "\n");
		for (const char *p = line; p < end && n < 6; p += len[n - 1] + (p[len[n - 1]] == ' ')) {
			word[n] = p;
			len[n++] = strcspn(p, " \n");
		}
		if (n < 6 || len[4] < longest || !below(path, word[4], len[4]))
			continue;
		const char *last = end;
		while (last > line && last[-1] != ' ')
			last--;
		longest = len[4]; /* of two at one place the later one covers the other */
		ro = has_word(word[5], len[5], "ro") || has_word(last, (size_t)(end - last), "ro");
	}
	return ro;
}

int proc_read_only(pid_t pid, const char *path, bool *ret)
{
	CLEANUP(strbuf_fini) struct strbuf mounts = STRBUF_INIT(PROC_BYTES_MAX);

	if (read_entry(pid, "mountinfo", &mounts) != 0)
		return 1;
	*ret = mountinfo_read_only(strbuf_text(&mounts), path);
	return 0;
}

/* ---- sockets */

/* proc(5): "sl local_address rem_address st queues tr:tm->when retrnsmt uid timeout inode …" */
static size_t read_sockets(const char *path, unsigned port, struct udp_socket *ret, size_t n, size_t max)
{
	CLEANUP(cleanup_file) FILE *f = fopen(path, "re");
	char line[512], address[40];

	while (f && fgets(line, sizeof(line), f) && n < max) {
		unsigned at = 0;
		unsigned long inode = 0;

		if (sscanf(line,
			   " %*d: %39[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %*x %*x:%*x %*x:%*x %*x %*u %*d %lu",
			   address, &at, &inode) != 3 ||
		    at != port)
			continue;
		ret[n] =
			(struct udp_socket){ .inode = inode, .any = strspn(address, "0") == strlen(address) };
		if (strlen(address) == 8)
			ret[n].address.host = ntohl((uint32_t)strtoul(address, NULL, 16));
		n++;
	}
	return n;
}

size_t udp_sockets(unsigned port, struct udp_socket *ret, size_t max)
{
	size_t n = read_sockets("/proc/net/udp", port, ret, 0, max);

	return read_sockets("/proc/net/udp6", port, ret, n, max);
}
