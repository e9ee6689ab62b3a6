/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What DHCP servers offer to a phone: one DISCOVER with a phone's options 60 and 55 on each segment this host
 * stands in, and the offers of some seconds read. Nothing is ever requested, so no lease is taken. Through
 * AF_PACKET, since whoever asks has no address and port 68 may be another's; the frame has the interface's own
 * MAC (a switch that counts MACs sees no new one), the MAC that asks is phone_probe_mac.
 */
#ifndef LOADSTEP_DHCPPROBE_H
#define LOADSTEP_DHCPPROBE_H

#include <stddef.h>
#include <stdint.h>

#include "dhcpmsg.h"
#include "err.h"
#include "parse.h"

#define OFFER_SERVERS_MAX DHCPMSG_SERVERS_MAX
#define OFFERS_MAX 16
#define SEGMENTS_MAX 32

struct offer {
	char segment[17]; /* the interface it came in by */
	struct ip4 from; /* the packet's source: the server, or a relay */
	struct ip4 server; /* option 54, host 0 = not there */
	struct ip4 address; /* yiaddr */
	struct ip4 next; /* siaddr */
	struct ip4 mask; /* option 1 */
	unsigned n_tftp; /* option 150 */
	struct ip4 tftp[OFFER_SERVERS_MAX];
	char tftp_name[DHCPMSG_NAME_SIZE]; /* option 66, escaped, "" = not there */
};

/* An IPv4 packet as it came: is it an OFFER to `xid`? 0; 1 = another packet, or one that is broken. */
int offer_parse(const void *bytes, size_t len, uint32_t xid, struct offer *ret);

/* The DISCOVER as an IPv4 packet, checksums and all (option 60 as given). Returns its length; 0 = no room. */
size_t discover_format(uint8_t *buf, size_t size, uint32_t xid, const void *vendor_class, size_t vendor_len);

struct offers {
	unsigned n_segments; /* how many were asked */
	char segments[SEGMENTS_MAX][17];
	unsigned n;
	struct offer a[OFFERS_MAX]; /* one a server and segment */
};

/* Ask on every segment (interface NULL), or on one, and read for wait_ms. 0; 1 = needs root (CAP_NET_RAW);
 * -1. */
int dhcp_probe(const char *interface, const void *vendor_class, size_t vendor_len, int wait_ms,
	       struct offers *ret, struct err *e) MUST_CHECK;

#endif
