/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Option 82 (RFC 3046): where a phone is plugged in, as its relay or switch tells. The RFC leaves the bytes of circuit-id
 * (1) and remote-id (2) to the maker. Cisco's switches put a type and a length in front: circuit-id 00 04, VLAN (2),
 * module, port, or 01 LEN and a text; remote-id 00 06 and the switch's MAC, or 01 LEN and a text. Others send a text or six
 * bytes of a MAC as they are. What is none of these is shown as hex. Everything shown is printable.
 */
#ifndef LOADSTEP_RELAYINFO_H
#define LOADSTEP_RELAYINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "parse.h"

#define RELAY_TEXT_SIZE 512 /* 127 bytes, each as \xHH at most */

struct relay_info {
	char port[RELAY_TEXT_SIZE]; /* of circuit-id: "1/7" (module/port), a text, 0x…; "" = none */
	int vlan; /* -1 = not told */
	char device[RELAY_TEXT_SIZE]; /* of remote-id, most often a switch: its MAC, a text, 0x…; "" = none */
};

/* Sub-options: code, length, bytes. Total: *ret has what could be read. 0; 1 = they are cut short behind that. */
int relay_info_parse(const void *bytes, size_t len, struct relay_info *ret);
/* The same of hex, as the store keeps it; "" = no option 82. 1 also for a text that is not hex. */
int relay_info_of(const char *hex, struct relay_info *ret);

/* Is it this port, as people name one: all of the text or a part of it, whatever the case, but no number cut in two
 * ("1/7" is not in "1/71"); an interface by its short name ("Gi1/0/7" for GigabitEthernet1/0/7), too. */
bool relay_info_port_is(const struct relay_info *ri, const char *wanted);
/* The same of the switch; a MAC in any spelling. */
bool relay_info_device_is(const struct relay_info *ri, const char *wanted);

#endif
