/* SPDX-License-Identifier: MPL-2.0 */
/* A configuration file: what is accepted has a revision, which is read back to the same. */
#include <string.h>

#include "config.h"

#include "fuzz.h"

static void revision(struct config *c)
{
	struct strbuf one = STRBUF_INIT(4 * CONFIG_BYTES_MAX), two = STRBUF_INIT(4 * CONFIG_BYTES_MAX);
	struct err e;

	MUST(config_format_revision(c, &one, &e) == 0);
	MUST(config_apply_revision(c, strbuf_text(&one), one.len, &e) == 0);
	MUST(config_format_revision(c, &two, &e) == 0);
	MUST(strcmp(strbuf_text(&one), strbuf_text(&two)) == 0);
	strbuf_fini(&one);
	strbuf_fini(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf faults = STRBUF_INIT(65536);
	struct config *c = NULL;
	struct err e = { .code = ERR_NONE };

	if (config_parse("c", (const char *)data, size, NULL, &c, &faults, &e) == 0)
		revision(c);
	else
		MUST(e.text[0] && faults.len > 0);
	config_free(c);
	strbuf_fini(&faults);
	return 0;
}
