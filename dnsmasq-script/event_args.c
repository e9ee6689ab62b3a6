/* SPDX-License-Identifier: MPL-2.0 */
/* The argument vector of dnsmasq's script. Apart from event_main.c so that a fuzzer can call it. */
#include "event_args.h"

#include <stdint.h>
#include <string.h>

#include "parse.h"
#include "spool.h"

int event_args_parse(int argc, char *const *argv, struct file_event *ret, struct err *e)
{
	if (argc != 5 || strcmp(argv[1], "tftp") != 0 || strchr(argv[3], ':'))
		return 1;
	*ret = (struct file_event){ .kind = EVENT_SENT, .path = argv[4] };
	if (parse_int("size", argv[2], 0, INT64_MAX, &ret->bytes, e) ||
	    parse_ip4("client", argv[3], &ret->client, e))
		return -1;
	if (argv[4][0] == '\0' || strlen(argv[4]) > SPOOL_PATH_MAX)
		return err_set(e, ERR_INPUT, "path: empty or longer than %d bytes", SPOOL_PATH_MAX);
	return 0;
}
