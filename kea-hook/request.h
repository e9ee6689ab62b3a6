/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A DHCP message as it came from the wire, as far as it tells whose offer a client takes: Kea drops a REQUEST that names
 * another server before it parses it for callouts, so this is all that is ever seen of it. Total: any bytes have an
 * answer.
 */
#ifndef LOADSTEP_REQUEST_H
#define LOADSTEP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

struct request {
	uint8_t mac[6];
	uint32_t xid, server; /* host order; option 54 */
};

/* 0 = an Ethernet client's REQUEST that names a server, *ret filled; 1 = anything else. */
int request_parse(const uint8_t *bytes, size_t len, struct request *ret);

#endif
