/* SPDX-License-Identifier: MPL-2.0 */
/* Inside loadset: what names and bodies share. For loadset*.c only. */
#ifndef LOADSTEP_LOADSET_PRIV_H
#define LOADSTEP_LOADSET_PRIV_H

#include <stdbool.h>
#include <stddef.h>

/* The member pattern of F§3.6-4; load names are held to it, too: they become file and directory names. */
bool loadset_is_name(const char *p, size_t len);

#endif
