/* SPDX-License-Identifier: MPL-2.0 */
/* The Kea of this host. */
#include "kearun.h"

#include <getopt.h>
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

void kearun_find(struct kearun *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)text_copy(ret->config, sizeof(ret->config), KEA_DEFAULT_CONFIG);
	(void)text_copy(ret->program, sizeof(ret->program), KEA_PROGRAM);
	(void)text_copy(ret->hooks_dir, sizeof(ret->hooks_dir), KEA_HOOKS_DIR);
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
