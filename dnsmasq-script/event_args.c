/* SPDX-License-Identifier: MPL-2.0 */
/* The argument vector of dnsmasq's script. Apart from event_main.c so that a fuzzer can call it. */
#include "event_args.h"

#include <stdint.h>
#include <string.h>

#include "parse.h"
#include "spool.h"
#include "strbuf.h"

static int parse_transfer(int argc, char *const *argv, struct event_args *ret, struct err *e)
{
	if (argc != 5 || strchr(argv[3], ':'))
		return 1;
	ret->file = (struct file_event){ .kind = EVENT_SENT, .path = argv[4] };
	if (parse_int("size", argv[2], 0, INT64_MAX, &ret->file.bytes, e) ||
	    parse_ip4("client", argv[3], &ret->file.client, e))
		return -1;
	if (argv[4][0] == '\0' || strlen(argv[4]) > SPOOL_PATH_MAX)
		return err_set(e, ERR_INPUT, "path: empty or longer than %d bytes", SPOOL_PATH_MAX);
	return 0;
}

static const char *text_of(event_env_fn env, const char *name)
{
	const char *text = env(name);

	return text ? text : "";
}

/* What the client said of itself. At "old" most of it is missing. */
static void take_environment(event_env_fn env, struct lease_event *le)
{
	const char *class = text_of(env, "DNSMASQ_VENDOR_CLASS");
	size_t n = strlen(class);

	if (n <= sizeof(le->vendor_class)) {
		memcpy(le->vendor_class, class, n);
		le->vendor_len = (uint8_t)n;
	}
	if (parse_ip4("relay", text_of(env, "DNSMASQ_RELAY_ADDRESS"), &le->giaddr, NULL) < 0)
		le->giaddr.host = 0;
}

/* A MAC with the number of another kind of network in front, and a DUID, are no phone's. */
static int parse_lease(int argc, char *const *argv, event_env_fn env, struct event_args *ret, struct err *e)
{
	struct lease_event *le = &ret->lease;
	bool gone = strcmp(argv[1], "del") == 0;

	if (argc < 4 || argc > 5 || strlen(argv[2]) != MAC_TEXT_SIZE - 1 || strchr(argv[3], ':'))
		return 1;
	*le = (struct lease_event){ .kind = gone ? LEASE_GONE : LEASE_HELD };
	ret->is_lease = true;
	if (parse_mac("MAC", argv[2], &le->mac, e) || parse_ip4("address", argv[3], &le->address, e))
		return -1;
	if (argc == 5 && !text_copy((char *)le->hostname, sizeof(le->hostname), argv[4]))
		le->hostname[0] = '\0';
	take_environment(env, le);
	return 0;
}

int event_args_parse(int argc, char *const *argv, event_env_fn env, struct event_args *ret, struct err *e)
{
	static const char *const leases[] = { "add", "old", "del" };

	memset(ret, 0, sizeof(*ret));
	if (argc < 2)
		return 1;
	if (strcmp(argv[1], "tftp") == 0)
		return parse_transfer(argc, argv, ret, e);
	for (size_t i = 0; i < sizeof(leases) / sizeof(leases[0]); i++)
		if (strcmp(argv[1], leases[i]) == 0)
			return parse_lease(argc, argv, env, ret, e);
	return 1;
}
