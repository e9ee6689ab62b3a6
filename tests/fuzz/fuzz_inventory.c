/* SPDX-License-Identifier: MPL-2.0 */
/* An inventory, which anybody with an editor can change: what is read can be written, and reads the same. */
#include <string.h>

#include "inventory.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inventory inv = { .n = 0 }, again = { .n = 0 };
	struct strbuf sb = STRBUF_INIT(INVENTORY_BYTES_MAX);
	struct err e = { .code = ERR_NONE };

	if (inventory_parse((const char *)data, size, &inv, &e) < 0) {
		MUST(e.text[0]);
		return 0;
	}
	MUST(inv.n <= INVENTORY_FILES_MAX);
	inventory_format(&inv, &sb);
	MUST(strbuf_check(&sb, "", NULL) == 0 && inventory_parse(strbuf_text(&sb), sb.len, &again, &e) == 0);
	MUST(again.n == inv.n && memcmp(again.files, inv.files, inv.n * sizeof inv.files[0]) == 0);
	strbuf_fini(&sb);
	return 0;
}
