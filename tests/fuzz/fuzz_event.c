/* SPDX-License-Identifier: MPL-2.0 */
/* What dnsmasq might start its script with: the arguments, each ended by a NUL; the last one is also what the environment
 * says, whatever it is asked for. */
#include <string.h>

#include "event_args.h"
#include "spool.h"

#include "fuzz.h"

#define ARGS_MAX 7

static char *said;

static char *env(const char *name)
{
	(void)name;
	return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "loadstep-event", *argv[ARGS_MAX + 2] = { name };
	char *text = malloc(size + 1), *end;
	struct event_args a;
	struct err e = { .code = ERR_NONE };
	int argc = 1;

	if (!text)
		return 0;
	memcpy(text, data, size);
	end = text + size;
	*end = '\0';
	for (char *p = text; p < end && argc <= ARGS_MAX; p += strlen(p) + 1)
		argv[argc++] = p;
	said = argc > 1 ? argv[argc - 1] : NULL;
	int rc = event_args_parse(argc, argv, env, &a, &e);
	if (rc == 0 && !a.is_lease)
		MUST(a.file.bytes >= 0 && a.file.client.host && a.file.path[0] && strlen(a.file.path) <= SPOOL_PATH_MAX);
	if (rc == 0 && a.is_lease) {
		MUST(a.lease.kind == LEASE_HELD || a.lease.kind == LEASE_GONE);
		MUST(a.lease.address.host && memchr(a.lease.hostname, '\0', sizeof(a.lease.hostname)));
	}
	if (rc < 0)
		MUST(e.code == ERR_INPUT && e.text[0]);
	free(text);
	return 0;
}
