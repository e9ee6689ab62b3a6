/* SPDX-License-Identifier: MPL-2.0 */
/* The Kea of this host: which process, which configuration file, which program, where it takes libraries from. */
#ifndef LOADSTEP_KEARUN_H
#define LOADSTEP_KEARUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define KEA_DEFAULT_CONFIG "/etc/kea/kea-dhcp4.conf"
#define KEA_PROGRAM "/usr/sbin/kea-dhcp4"
#define KEA_LIBRARY "libdhcp_loadstep.so"

struct kearun {
	pid_t pid; /* 0 = it does not run */
	char config[256]; /* -c of the one that runs, else the default */
	char program[256];
	char hooks_dir[256]; /* KEA_HOOKS_PATH of the one that runs, else where its libraries are */
};

/* Always fills *ret. */
void kearun_find(struct kearun *ret);

/* Is the last component of a library's path ours? */
bool kearun_is_ours(const char *library);

/* Does this kea-dhcp4 take libraries from its own directory only, and bare names in it? That came with 2.4.2 and
 * 2.6.3; told by the number of libkea-hooks that it needs (K§1.2): from .57, Kea 2.2, upwards. 0 = no, 1 = yes, -1: cannot be
 * told. */
int kearun_restricts(const char *program);

#endif
