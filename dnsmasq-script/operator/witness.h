/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The witness: a listener on TCP 2000 to which SCCP applications of phones on their way register, since their
 * stage names it as CallManager (F§7.6). It hears Register and Alarm, tells the fleet, answers (Reset where the
 * next load waits, else Reject), and ends the conversation. It never routes a call, and answers only phones that are
 * started. Not a thread of its own: the agent waits for its descriptor and lets it serve.
 */
#ifndef LOADSTEP_WITNESS_H
#define LOADSTEP_WITNESS_H

#include "err.h"
#include "fleet.h"

struct witness_port;

/* Listens on address:2000. `fleet` stays the caller's and must outlive it. */
int witness_open(struct witness_port **ret, struct fleet *fleet, struct ip4 address, struct err *e) MUST_CHECK;
void witness_close(struct witness_port *w);

struct ip4 witness_address(const struct witness_port *w);

/* Readable when there is something to serve. Borrowed. */
int witness_fd(const struct witness_port *w);

/* All that has come, and all whose time is over; call it now and then, too. It waits for nobody but the store. What
 * it has to say goes to standard error. */
void witness_serve(struct witness_port *w);

#endif
