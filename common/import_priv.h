/* SPDX-License-Identifier: MPL-2.0 */
/* Inside import: the work. For import*.c only. */
#ifndef LOADSTEP_IMPORT_PRIV_H
#define LOADSTEP_IMPORT_PRIV_H

#include <stddef.h>
#include <sys/stat.h>

#include "err.h"
#include "import.h"

#define IMPORT_PATH 1024

struct import {
	char root[256];
	char loads[IMPORT_PATH]; /* root/loads */
	char work[IMPORT_PATH];	 /* a directory in it, "" = none yet */
	int work_fd;		 /* holds its lock */
	unsigned n_packages;
	struct package package;
};

/* Owner and group of another one's, where we may. */
int import_own(const char *path, const struct stat *like, struct err *e) MUST_CHECK;

#endif
