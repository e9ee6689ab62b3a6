/* SPDX-License-Identifier: MPL-2.0 */
/* A packet that a TFTP server sends. */
#include "tftpget.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftp_packet p;

	if (tftp_packet_parse(data, size, &p) == 0) {
		MUST(p.op == TFTP_DATA || p.op == TFTP_ERROR);
		MUST(p.bytes == data + 4 && p.len <= size - 4);
		MUST(p.op == TFTP_ERROR || p.len <= TFTP_BLOCK);
	}
	return 0;
}
