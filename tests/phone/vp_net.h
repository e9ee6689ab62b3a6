/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The phone's network port: hardware address, address and default route of one interface, and raw frames for
 * the time before there is an address (RFC 2131 §4.1). Meant for an interface in a network namespace of the
 * phone's own.
 */
#ifndef VP_NET_H
#define VP_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define VP_DHCP_SERVER_PORT 67
#define VP_DHCP_CLIENT_PORT 68

/* Addresses here and in vp_dhcp.h are in network byte order, as they come off the wire. */

/* Gives the interface this hardware address, without any IP address, and brings it up. */
int vp_net_init(const char *iface, const uint8_t mac[6]);
int vp_net_set_address(const char *iface, uint32_t address, uint32_t mask);
void vp_net_clear_address(const char *iface);
int vp_net_add_default(const char *iface, uint32_t router);

/* Tells the neighbours who has the address now (RFC 2131 §4.4.1, last paragraph). */
void vp_net_announce(const char *iface, const uint8_t mac[6], uint32_t address);

/* A packet socket that hears UDP to port 68 only. -1 with errno. */
int vp_net_open_raw(const char *iface);

/* Broadcasts a DHCP message from 0.0.0.0:68. 0 or -1. */
int vp_net_broadcast(int raw_fd, const char *iface, const uint8_t *msg, size_t n);

/* The UDP payload of one received packet, or -1. */
ssize_t vp_net_receive(int raw_fd, uint8_t *buf, size_t size);

#endif
