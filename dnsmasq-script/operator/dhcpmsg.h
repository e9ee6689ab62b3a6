/* SPDX-License-Identifier: MPL-2.0 */
/* A DHCP message as it is inside UDP (RFC 2131 §2, RFC 2132): foreign bytes, of which nothing is read behind what
 * came. Options that are split are joined (RFC 3396), overloaded fields are read (option 52). */
#ifndef LOADSTEP_DHCPMSG_H
#define LOADSTEP_DHCPMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"

enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68 };

/* Option 53 */
enum dhcp_type { DHCP_DISCOVER = 1, DHCP_OFFER, DHCP_REQUEST, DHCP_DECLINE, DHCP_ACK, DHCP_NAK, DHCP_RELEASE, DHCP_INFORM };

#define DHCPMSG_HEADER 240 /* up to the options, the cookie with it: what is shorter is no message */
#define DHCPMSG_SERVERS_MAX 4
#define DHCPMSG_NAME_SIZE 64

struct dhcp_message {
	enum dhcp_type type;
	bool reply; /* from a server */
	uint32_t xid;
	uint16_t secs; /* for how long it has been asking, as it says */
	struct mac mac; /* chaddr; where that is no Ethernet's, option 61 */
	struct ip4 ciaddr, yiaddr, siaddr, giaddr;
	struct ip4 mask;      /* option 1 */
	struct ip4 requested; /* option 50 */
	struct ip4 server;    /* option 54 */
	bool asks_150; /* in option 55 */
	unsigned n_tftp; /* option 150 */
	struct ip4 tftp[DHCPMSG_SERVERS_MAX];
	char tftp_name[DHCPMSG_NAME_SIZE]; /* option 66, escaped; "" = not there */
	uint8_t vendor_class[255]; /* option 60, without trailing NULs */
	uint8_t vendor_len;
	char hostname[DHCPMSG_NAME_SIZE]; /* option 12, to its first byte that is no part of a name */
	uint8_t relay[127]; /* option 82, raw */
	uint8_t relay_len;
};

/* 0; 1 = no DHCP message of an Ethernet device, or cut before its type. */
int dhcpmsg_parse(const void *bytes, size_t len, struct dhcp_message *ret);

#endif
