/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How a step of the phone ended. Up to VP_REFUSED it is the caller's to deal with; from VP_REBOOT on this
 * boot is over, and every caller passes it up to vphone_main.c, as a power cut does not ask where one happens
 * to be.
 */
#ifndef VP_END_H
#define VP_END_H

enum vp_end {
	VP_OK,
	VP_MISSING,  /* the server says: no such file */
	VP_SILENT,   /* the server says nothing, or the transfer died */
	VP_REFUSED,  /* the bytes came, but this phone does not take them */
	VP_REBOOT,   /* from here on: end of this boot; start again as vp->next_start says */
	VP_NET_LOST, /* NAK or expiry: the address is gone */
	VP_CYCLE,    /* power off and on */
	VP_CUT,      /* power cut asked for by --fault cut */
	VP_OFF,      /* SIGTERM */
	VP_DONE,     /* --until or --once fulfilled */
	VP_TIME_UP,  /* --max-time */
	VP_BROKEN    /* the host failed us: no socket, no memory */
};

#endif
