/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A DHCP client as the 79xx are (F§1.4): DISCOVER, OFFER, REQUEST, ACK by real broadcasts, renewal at T1 by
 * unicast, rebinding at T2. RELEASE only where a phone is known to send it (F§6): a power cut gives nobody the
 * time. Lease times are wall time.
 */
#ifndef VP_DHCP_H
#define VP_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp_end.h"

struct vp;

#define VP_DHCP_TEXT_MAX 128
#define VP_DHCP_HEX_MAX 3072

/* What an OFFER or ACK said; addresses in network byte order, 0 where absent. */
struct vp_reply {
	uint8_t type; /* option 53; 0: nobody answered */
	uint32_t yiaddr;
	uint32_t siaddr;
	uint32_t server_id;
	uint32_t mask;
	uint32_t router;
	uint32_t lease_s;
	uint32_t t1_s;
	uint32_t t2_s;
	uint8_t tftp150[256];
	size_t tftp150_n;
	char tftp66[VP_DHCP_TEXT_MAX];
	char hex[VP_DHCP_HEX_MAX]; /* all options, as they came, for the trace */
};

struct vp_dhcp {
	int raw_fd;          /* hears every reply, before and after we have an address */
	int send_fd;         /* packet socket for broadcasts; may be raw_fd */
	int udp_fd;          /* for renewals; -1 while unbound */
	bool bound;
	bool tried_renewal;
	uint32_t xid;
	const char *option60; /* of this boot, borrowed */
	struct vp_reply ack;
	uint32_t tftp_server; /* chosen from the ACK */
	int64_t renew_ms;    /* vp_now_ms clock */
	int64_t rebind_ms;
	int64_t expire_ms;
	int64_t next_ms;     /* the next of them, or of a retry */
};

/*
 * Broadcasts until somebody gives an address; says which TFTP server it took and from what. Without one it
 * keeps its address and asks nothing until the boot ends (F§7.2 B11).
 */
enum vp_end vp_dhcp_acquire(struct vp *vp, const char *option60);

/* Lease timers and late replies; called by vp_wait(). VP_NET_LOST on NAK or expiry. */
enum vp_end vp_dhcp_tick(struct vp *vp, bool readable);

/* Gives the address back (RFC 2131 §4.4.6), then as below. */
void vp_dhcp_release(struct vp *vp);

/* Drops the address as a power cut does: not a word to the server. */
void vp_dhcp_drop(struct vp *vp);

#endif
