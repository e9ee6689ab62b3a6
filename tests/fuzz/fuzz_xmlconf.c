/* SPDX-License-Identifier: MPL-2.0 */
/* XMLDefault and SEP files: what is accepted can be edited, and what we write is accepted again. */
#include "xmlconf.h"

#include "fuzz.h"

static void edit(struct xmlconf *x, bool sep)
{
	static const struct xmlconf_load loads[] = { { 7, "IP Phone 7960", "P00308000900" },
						     { 8, "IP Phone 7940", "P00308000900" } };
	struct strbuf sb = STRBUF_INIT(2 * XMLCONF_BYTES_MAX);
	struct xmlconf *again = NULL;
	char load[LOAD_NAME_MAX + 1];
	struct err e;

	MUST(xmlconf_set_loads(x, loads, 2, true, &e) == 0);
	MUST(xmlconf_get_load(x, 7, load, sizeof load) == 0);
	MUST(xmlconf_get_load(x, 0, load, sizeof load) == 1);
	MUST(xmlconf_clear_callmanager(x, &e) == 0);
	MUST(xmlconf_format(x, 0, &sb, &e) == 0);
	if (sb.len <= XMLCONF_BYTES_MAX)
		MUST(xmlconf_parse("again", strbuf_text(&sb), sb.len, sep, &again, &e) == 0);
	xmlconf_free(again);
	MUST(xmlconf_remove_loads(x, &e) == 0);
	MUST(xmlconf_get_load(x, 7, load, sizeof load) == 1);
	strbuf_fini(&sb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int sep = 0; sep <= 1; sep++) {
		struct xmlconf *x = NULL;
		struct err e = { .code = ERR_NONE };

		if (xmlconf_parse("X", data, size, sep, &x, &e) == 0)
			edit(x, sep);
		else
			MUST(!x && e.text[0]);
		xmlconf_free(x);
	}
	return 0;
}
