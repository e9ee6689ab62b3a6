/* SPDX-License-Identifier: MPL-2.0 */
/* What proc(5) tells of the servers that run here: their arguments, environment, limits and what they may write. */
#ifndef LOADSTEP_PROCS_H
#define LOADSTEP_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "parse.h"
#include "strbuf.h"

#define PROC_ARGS_MAX 128

struct proc_args {
	int n;
	char *a[PROC_ARGS_MAX + 1]; /* into text; NULL behind the last */
	struct strbuf text; /* owned */
};

/* The first process of that name in our process namespace. 0, or 1 = none. */
int proc_find(const char *name, pid_t *ret);

/* 0; 1 = gone or not ours to read. Free with proc_args_fini, also when it said 1. */
int proc_args(pid_t pid, struct proc_args *ret);
void proc_args_fini(struct proc_args *a);

/* The program file as it is on disk now (of one that was replaced since: its successor). 0 or 1. */
int proc_program(pid_t pid, char *buf, size_t size);

/* `path` as that process means it: relative ones are below its working directory. Returns buf. */
const char *proc_path(pid_t pid, const char *path, char *buf, size_t size);

/* 0; 1 = not set, gone, or not ours to read. */
int proc_env(pid_t pid, const char *name, char *buf, size_t size);

/* How many files it may have open (the soft limit); 1 = cannot be read. */
int proc_files_max(pid_t pid, unsigned long long *ret);

/* Does a text of proc_pid_mountinfo(5) say that what lies at `path` is mounted read-only? Pure. */
bool mountinfo_read_only(const char *text, const char *path);
/* 0 = read, *ret filled; 1 = cannot be read. */
int proc_read_only(pid_t pid, const char *path, bool *ret);

/* ---- UDP sockets, whoever holds them */

struct udp_socket {
	unsigned long inode;
	bool any; /* at every address */
	struct ip4 address; /* host 0: every one, or an IPv6 one */
};

/* Those at that port; at most `max`. */
size_t udp_sockets(unsigned port, struct udp_socket *ret, size_t max);

#endif
