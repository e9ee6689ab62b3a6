/* SPDX-License-Identifier: MPL-2.0 */
/* What dnsmasq might start its script with: the arguments, each ended by a NUL. */
#include <string.h>

#include "event_args.h"
#include "spool.h"

#include "fuzz.h"

#define ARGS_MAX 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "loadstep-event", *argv[ARGS_MAX + 2] = { name };
	char *text = malloc(size + 1), *end;
	struct file_event fe;
	struct err e = { .code = ERR_NONE };
	int argc = 1;

	if (!text)
		return 0;
	memcpy(text, data, size);
	end = text + size;
	*end = '\0';
	for (char *p = text; p < end && argc <= ARGS_MAX; p += strlen(p) + 1)
		argv[argc++] = p;
	int rc = event_args_parse(argc, argv, &fe, &e);
	if (rc == 0)
		MUST(fe.bytes >= 0 && fe.client.host && fe.path[0] && strlen(fe.path) <= SPOOL_PATH_MAX);
	if (rc < 0)
		MUST(e.code == ERR_INPUT && e.text[0]);
	free(text);
	return 0;
}
