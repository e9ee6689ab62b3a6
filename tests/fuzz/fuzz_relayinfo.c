/* SPDX-License-Identifier: MPL-2.0 */
/* Option 82, any bytes: what is shown of it is printable and fits, and is found by its own name. */
#include <string.h>

#include "relayinfo.h"

#include "fuzz.h"

#define STORED_MAX 127

static void must_be_shown(const char *text)
{
	MUST(strlen(text) < RELAY_TEXT_SIZE);
	for (; *text; text++)
		MUST(*text >= 0x20 && *text <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	struct relay_info ri, again;
	char hex[2 * STORED_MAX + 1] = "";
	int rc = relay_info_parse(data, size, &ri);

	must_be_shown(ri.port);
	must_be_shown(ri.device);
	MUST(ri.vlan >= -1 && ri.vlan <= 0xffff);
	MUST(!ri.port[0] || relay_info_port_is(&ri, ri.port));
	MUST(!ri.device[0] || relay_info_device_is(&ri, ri.device));
	if (size > STORED_MAX)
		return 0;
	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = digits[data[i] >> 4];
		hex[2 * i + 1] = digits[data[i] & 15];
	}
	MUST(relay_info_of(hex, &again) == rc);
	MUST(strcmp(ri.port, again.port) == 0 && strcmp(ri.device, again.device) == 0 &&
	     ri.vlan == again.vlan);
	return 0;
}
