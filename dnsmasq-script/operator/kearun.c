/* SPDX-License-Identifier: MPL-2.0 */
/* The Kea of this host. */
#include "kearun.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elfneeds.h"
#include "file.h"
#include "procs.h"
#include "strbuf.h"

#define HOOKS_SO "libkea-hooks.so."
#define HOOKS_FREE 57 /* Kea 2.2: any path, and no bare name (K§1.4) */
#define HOOKS_BOUND 100 /* Kea 2.6.3; of those between, 2.4.1 and 2.4.2 cannot be told apart */

/* kea-dhcp4's own options: "dtT:vVWXc:p:P:" and so on; only -c and what takes a value matter here. */
static void config_of(struct kearun *r)
{
	struct proc_args args;
	const char *named = NULL;

	if (proc_args(r->pid, &args) == 0)
		for (int i = 1; i < args.n; i++)
			if (strncmp(args.a[i], "-c", 2) == 0)
				named = args.a[i][2] ? args.a[i] + 2 : args.a[i + 1];
	if (named)
		(void)proc_path(r->pid, named, r->config, sizeof(r->config));
	proc_args_fini(&args);
}

/* Kea tells nobody where its libraries are; these are the places of Debian's packages and of its own build. The
 * one with ours in it counts first. */
static void find_hooks_dir(char *ret, size_t size)
{
	static const char *const places[] = { "/usr/lib/*/kea/hooks/", "/usr/lib/kea/hooks/",
					      "/usr/local/lib/*/kea/hooks/", "/usr/local/lib/kea/hooks/" };
	static const char *const with[] = { KEA_LIBRARY, "libdhcp_lease_cmds.so" };
	char pattern[128];
	glob_t g;

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		for (size_t j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
			snprintf(pattern, sizeof(pattern), "%s%s", places[j], with[i]);
			if (glob(pattern, 0, NULL, &g) != 0)
				continue;
			snprintf(ret, size, "%.*s", (int)(path_base(g.gl_pathv[0]) - g.gl_pathv[0] - 1),
				 g.gl_pathv[0]);
			globfree(&g);
			return;
		}
	(void)text_copy(ret, size, "/usr/lib/kea/hooks");
}

void kearun_find(struct kearun *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)text_copy(ret->config, sizeof(ret->config), KEA_DEFAULT_CONFIG);
	(void)text_copy(ret->program, sizeof(ret->program), KEA_PROGRAM);
	find_hooks_dir(ret->hooks_dir, sizeof(ret->hooks_dir));
	if (proc_find("kea-dhcp4", &ret->pid) != 0)
		return;
	config_of(ret);
	(void)proc_program(ret->pid, ret->program, sizeof(ret->program));
	(void)proc_env(ret->pid, "KEA_HOOKS_PATH", ret->hooks_dir, sizeof(ret->hooks_dir));
}

bool kearun_is_ours(const char *library)
{
	return strcmp(path_base(library), KEA_LIBRARY) == 0;
}

int kearun_restricts(const char *program)
{
	struct elfneeds needs;
	struct err e;

	if (elfneeds_read(program, &needs, &e) != 0)
		return -1;
	for (unsigned i = 0; i < needs.n; i++) {
		if (strncmp(needs.name[i], HOOKS_SO, strlen(HOOKS_SO)) != 0)
			continue;
		long number = strtol(needs.name[i] + strlen(HOOKS_SO), NULL, 10);
		return number <= HOOKS_FREE ? 0 : number >= HOOKS_BOUND ? 1 : -1;
	}
	return -1;
}
