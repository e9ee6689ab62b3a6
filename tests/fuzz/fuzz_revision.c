/* SPDX-License-Identifier: MPL-2.0 */
/* A plan revision out of the store: on failure the configuration stays as it was. */
#include <string.h>

#include "config.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf before = STRBUF_INIT(4 * CONFIG_BYTES_MAX), after = STRBUF_INIT(4 * CONFIG_BYTES_MAX);
	static const char text[] = "[plan a]\nmodels = 7960\nstages = P00305000500 P00308000900\n"
				   "tftp-servers = 10.0.0.1\n";
	struct config *c = NULL;
	struct err e = { .code = ERR_NONE };

	MUST(config_parse("c", text, sizeof text - 1, NULL, &c, NULL, &e) == 0);
	MUST(config_format_revision(c, &before, &e) == 0);
	int rc = config_apply_revision(c, (const char *)data, size, &e);
	MUST(config_format_revision(c, &after, &e) == 0);
	if (rc < 0)
		MUST(strcmp(strbuf_text(&before), strbuf_text(&after)) == 0);
	config_free(c);
	strbuf_fini(&before);
	strbuf_fini(&after);
	return 0;
}
