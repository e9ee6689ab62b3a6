/* SPDX-License-Identifier: MPL-2.0 */
/* Whose offer a client takes: see request.h. Fields by RFC 2131 §2, options by RFC 2132; overloaded fields are not read. */
#include "request.h"

#include <string.h>

enum { BOOTREQUEST = 1, ETHERNET = 1, ETHERNET_LEN = 6 };
enum { PAD = 0, MESSAGE_TYPE = 53, SERVER_ID = 54, END = 255 };
enum { DHCPREQUEST = 3 };

#define AT_XID 4
#define AT_CHADDR 28
#define AT_COOKIE 236
#define AT_OPTIONS 240

static uint32_t number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int request_parse(const uint8_t *bytes, size_t len, struct request *ret)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 };
	uint32_t server = 0;
	uint8_t type = 0;

	if (len < AT_OPTIONS || bytes[0] != BOOTREQUEST || bytes[1] != ETHERNET || bytes[2] != ETHERNET_LEN ||
	    memcmp(bytes + AT_COOKIE, cookie, sizeof cookie) != 0)
		return 1;
	for (size_t at = AT_OPTIONS; at < len && bytes[at] != END;) {
		if (bytes[at] == PAD) {
			at++;
			continue;
		}
		if (at + 2 > len || at + 2 + bytes[at + 1] > len)
			break;
		if (bytes[at] == MESSAGE_TYPE && bytes[at + 1] == 1)
			type = bytes[at + 2];
		else if (bytes[at] == SERVER_ID && bytes[at + 1] == 4)
			server = number(bytes + at + 2);
		if (type && type != DHCPREQUEST)
			break;
		at += 2u + bytes[at + 1];
	}
	if (type != DHCPREQUEST || !server)
		return 1;
	memcpy(ret->mac, bytes + AT_CHADDR, sizeof ret->mac);
	ret->xid = number(bytes + AT_XID);
	ret->server = server;
	return 0;
}
