/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A capture file, frame after frame: libpcap's own format and pcapng, as tcpdump, dumpcap and switches write them.
 * The only file that knows libpcap. Bytes come from the caller, so that a pipe or a compressed file will do.
 */
#ifndef LOADSTEP_CAPTURE_H
#define LOADSTEP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "frame.h"

struct capture;

/* Up to `size` bytes; 0 = the end, -1 = failed (with errno). */
typedef ssize_t capture_read_fn(void *arg, char *buf, size_t size);

#define CAPTURE_MAGIC 4 /* bytes that tell a capture from a log */
bool capture_is(const void *head, size_t len);

/* -1: no capture, or of a link that we do not know. `read` and `arg` must last as long as the capture. */
int capture_open(struct capture **ret, capture_read_fn *read, void *arg, struct err *e) MUST_CHECK;
void capture_close(struct capture *c);

/* 0 = a frame, whose bytes last until the next call; 1 = the end; -1 = it could not be read on. A file that ends
 * within a frame (it was copied while it was written) is one that ends there. */
int capture_next(struct capture *c, struct frame *ret, struct err *e) MUST_CHECK;
bool capture_is_cut(const struct capture *c);

#endif
