/* SPDX-License-Identifier: MPL-2.0 */
/*
 * AppArmor profiles, as far as file rules go: which profiles are enforced, and whether one lets its program use a path.
 * See apparmor.d(5). A variable (@{…}) stands for anything: what cannot be told is taken for allowed.
 */
#ifndef LOADSTEP_APPARMOR_H
#define LOADSTEP_APPARMOR_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define APPARMOR_LOADED "/sys/kernel/security/apparmor/profiles"
#define APPARMOR_DIR "/etc/apparmor.d"

/* Is a profile of that name in the kernel's list, in mode enforce? Pure. */
bool apparmor_enforced(const char *list, const char *profile);

/* Does an AppArmor pattern match the whole path? ?, *, **, [set], {a,b}, \c, @{variable}. Pure and total. */
bool apparmor_match(const char *pattern, const char *path);

/* Which of the letters of `wanted` (of r w k x) the file rules of a profile's text give for that path, as a set of
 * bits in the order of `wanted`. `a` does not count as w; any kind of x does. deny rules take away; owner rules give nothing, since files
 * may belong to another daemon. Pure. */
unsigned apparmor_given(const char *text, size_t len, const char *path, const char *wanted);

struct apparmor_profile {
	char *text; /* owned: the file with what it includes */
	size_t len;
};

/* 0; 1 = there is no such file; -1. */
int apparmor_load(const char *path, struct apparmor_profile *ret, struct err *e) MUST_CHECK;
void apparmor_fini(struct apparmor_profile *p);

#endif
