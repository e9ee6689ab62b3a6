/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Release at the end of the scope: `CLEANUP(cleanup_free) char *p = NULL;`. Hand a resource over with
 * TAKE(p), which leaves NULL (or -1 for TAKE_FD) behind. Not usable in C++: the shim has destructors.
 */
#ifndef LOADSTEP_CLEANUP_H
#define LOADSTEP_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define TAKE(p)                            \
	__extension__({                    \
		__typeof__(p) take_ = (p); \
		(p) = NULL;                \
		take_;                     \
	})

#define TAKE_FD(fd)               \
	__extension__({           \
		int take_ = (fd); \
		(fd) = -1;        \
		take_;            \
	})

static inline void cleanup_free(void *pp)
{
	free(*(void **)pp);
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#endif
