/* SPDX-License-Identifier: MPL-2.0 */
/* An IPv4 packet on a phone's segment that may be a DHCP offer. The first four bytes are the transaction. */
#include <string.h>

#include "dhcpprobe.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct offer o;
	uint32_t xid;

	if (size < sizeof xid)
		return 0;
	memcpy(&xid, data, sizeof xid);
	if (offer_parse(data + sizeof xid, size - sizeof xid, xid, &o) == 0) {
		MUST(o.n_tftp <= OFFER_SERVERS_MAX);
		MUST(memchr(o.tftp_name, '\0', sizeof o.tftp_name));
	}
	return 0;
}
