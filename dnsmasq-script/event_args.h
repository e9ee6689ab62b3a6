/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What dnsmasq hands its script to an event: "tftp SIZE ADDRESS PATH" (D§1), and where it is the DHCP server, too, "add",
 * "old" or "del MAC ADDRESS [HOSTNAME]" with the vendor class in the environment (dnsmasq(8)). The one file that knows
 * these arguments; they are distrusted like anything from the network. Pure: no clock, so the time is the caller's
 * to fill in.
 */
#ifndef LOADSTEP_EVENT_ARGS_H
#define LOADSTEP_EVENT_ARGS_H

#include <stdbool.h>

#include "err.h"
#include "fleet.h"

/* One of two. A lease that is new is no boot: a phone that boots while it has one gets none (LEASE_HELD). */
struct event_args {
	bool is_lease;
	struct file_event file; /* a finished transfer; its path borrowed from argv */
	struct lease_event lease;
};

/* getenv(), or what stands for it. */
typedef char *(*event_env_fn)(const char *name);

/* 0 = *ret filled but for the time; 1 = not for us (dnsmasq promises to add more first words; IPv6 clients are no phones
 * of ours); -1 = for us, and broken. */
int event_args_parse(int argc, char *const *argv, event_env_fn env, struct event_args *ret, struct err *e) MUST_CHECK;

#endif
