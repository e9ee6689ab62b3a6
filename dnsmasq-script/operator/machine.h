/* SPDX-License-Identifier: MPL-2.0 */
/* What the kernel's numbers about disks and the clock mean; pure. */
#ifndef LOADSTEP_MACHINE_H
#define LOADSTEP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* statfs(2)'s f_type: the name of a network file system, NULL = a local one or one that is not known. */
const char *machine_network_fs(long type);

/* Is so little left that the next load set, or some hours of history, may not fit? */
bool machine_disk_full(uint64_t bytes_left, uint64_t files_left, uint64_t files_total);

enum machine_clock { CLOCK_FINE, CLOCK_BEFORE_2020, CLOCK_WENT_BACK };

/* last_ms: the newest time that the store has seen; 0 = none. Up to a minute back is what a correction may do. */
enum machine_clock machine_clock(int64_t now_ms, int64_t last_ms);

#endif
