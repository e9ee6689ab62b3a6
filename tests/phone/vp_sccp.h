/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The SCCP application's registration (F§7.6): TCP 2000 to the processNodeName of the configuration it read, an
 * Alarm that says why it started, a Register as a 7940 or 7960 sends it (no load name), and what it does with
 * the answer. No call is ever made.
 */
#ifndef VP_SCCP_H
#define VP_SCCP_H

#include "vp_end.h"

struct vp;

/* What it does when it is sent a Reset or turned away. Which of these the real ones do is not documented. */
enum vp_sccp_manner {
	VP_SCCP_OBEY,	       /* obeys a Reset, accepted or not */
	VP_SCCP_OBEY_ACCEPTED, /* obeys a Reset only after its registration was accepted */
	VP_SCCP_IGNORE,	       /* obeys none */
	VP_SCCP_RETRY,	       /* obeys; turned away, it registers a dozen times and reads nothing meanwhile */
	VP_SCCP_OFF,	       /* does not register */
};

/*
 * VP_OK: it is not registered, and goes on like a phone that nobody wanted. VP_REBOOT: it obeyed a Reset. While
 * it is registered it does not come back.
 */
enum vp_end vp_sccp_register(struct vp *vp, const char *load);

#endif
