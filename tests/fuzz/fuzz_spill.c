/* SPDX-License-Identifier: MPL-2.0 */
/* A line of what the hook could not record before it was unloaded: read, written and read, it is the same. */
#include <string.h>

#include "spill.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf sb = STRBUF_INIT(65536);
	struct lease_event le, again;

	if (spill_parse((const char *)data, size, &le, NULL) == 0) {
		spill_format(&le, &sb);
		MUST(spill_parse(strbuf_text(&sb), sb.len - 1, &again, NULL) == 0);
		MUST(memcmp(le.mac.b, again.mac.b, 6) == 0 && le.address.host == again.address.host);
		MUST(le.kind == again.kind && le.at_ms == again.at_ms && le.xid == again.xid);
		MUST(le.vendor_len == again.vendor_len && le.relay_len == again.relay_len);
	}
	strbuf_fini(&sb);
	return 0;
}
