/* SPDX-License-Identifier: MPL-2.0 */
/* The store's line of evidence: what is read is written again as the same. */
#include <string.h>

#include "evidence.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf sb = STRBUF_INIT(65536);
	struct evidence ev, again;
	struct err e = { .code = ERR_NONE };

	if (evidence_parse((const char *)data, size, &ev, &e) == 0) {
		evidence_format(&ev, &sb);
		MUST(sb.len == size && memcmp(strbuf_text(&sb), data, size) == 0);
		MUST(evidence_parse(strbuf_text(&sb), sb.len, &again, &e) == 0);
		evidence_cut(&again, evidence_last_event(&ev));
		MUST(evidence_last_event(&again) == 0);
	} else {
		MUST(e.text[0]);
	}
	strbuf_fini(&sb);
	return 0;
}
