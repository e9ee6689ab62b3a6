/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dnsmasq's options as it reads them: the command line of a running one, its conf-file, conf-dir and what these name.
 * A list of name, value and place; what an option means is for who asks. (D§1, D§8.)
 */
#ifndef LOADSTEP_DNSMASQCONF_H
#define LOADSTEP_DNSMASQCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "strbuf.h"

#define DNSMASQ_DEFAULT_PATH "/etc/dnsmasq.conf"
#define DNSMASQ_OPTIONS_MAX 20000 /* large sites list their hosts; only those of our list are kept */
#define DNSMASQ_FILE_MAX (4 * 1024 * 1024)

struct dnsmasq_option {
	char name[32];
	char value[256]; /* "" = none */
	char place[288]; /* FILE:LINE, or "command line" */
};

struct dnsmasq_conf {
	size_t n, cap;
	struct dnsmasq_option *a; /* owned; in dnsmasq's order: command line, then files */
	unsigned n_files;
	char file[256]; /* the first that was read, "" = none */
	char unread[256]; /* one that could not be read, "" = none */
	char why[ERR_TEXT_MAX];
};

/* One line of a file as dnsmasq takes it: quotes and their escapes undone, what follows a # at the start or behind a
 * blank cut off, blanks around name, = and value removed. Total. 0; 1 = nothing in it; -1 = a quote does not end, or
 * it is longer than dnsmasq takes (1024 bytes). */
int dnsmasq_line(const char *line, size_t len, char *ret_name, size_t name_size, char *ret_value,
		 size_t value_size) MUST_CHECK;

/* All that this file says, with what it includes. */
void dnsmasq_conf_file(struct dnsmasq_conf *c, const char *path);
/* All that a running one was told: its arguments (argv[0] is the program), then its files. */
void dnsmasq_conf_args(struct dnsmasq_conf *c, int argc, char **argv);
void dnsmasq_conf_fini(struct dnsmasq_conf *c);

/* The last one of that name, NULL = none. `from`: the one before it (the walk goes backwards); NULL = begin. */
const struct dnsmasq_option *dnsmasq_conf_find(const struct dnsmasq_conf *c, const char *name,
					       const struct dnsmasq_option *from);

#endif
