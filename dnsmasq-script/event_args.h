/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What dnsmasq hands its script, "tftp SIZE ADDRESS PATH" (D§1), to an event. The one file that knows these
 * arguments; they are distrusted like anything from the network. Pure: no clock, so the time is the caller's
 * to fill in.
 */
#ifndef LOADSTEP_EVENT_ARGS_H
#define LOADSTEP_EVENT_ARGS_H

#include "err.h"
#include "fleet.h"

/* 0 = a finished transfer: *ret filled but for the time, its path borrowed from argv; 1 = not for us (dnsmasq
 * promises to add more first words; IPv6 clients are no phones of ours); -1 = for us, and broken. */
int event_args_parse(int argc, char *const *argv, struct file_event *ret, struct err *e) MUST_CHECK;

#endif
