/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A store and its links as phones make them in an hour, for the tests of what is said of them: makestory CONFIG <STORY.
 * Each line happens so many seconds ago, the oldest first:
 *
 *	900 00:11:22:33:44:55 10.0.0.20 boot [MODEL]        a lease; without a model the bare vendor class
 *	890 - 10.0.0.20 sent XMLDefault.cnf.xml [BYTES]     or missing, failed, asked; BYTES: else those of the
 *	                                                    file that this address sees
 *	880 00:11:22:33:44:55 - start                       or stop, forget, retry, skip
 *	870 - - quiet                                       from here to the next line nobody keeps time
 *
 * Between the lines time is kept as the agent does it, and up to now unless the story ends with "quiet".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "config.h"
#include "fleet.h"

#define TICK_MS 5000

struct story {
	struct fleet *f;
	int64_t now_ms, at_ms;
	bool quiet;
	uint32_t xid;
	struct err e;
};

static void die(const struct story *s, const char *line)
{
	fprintf(stderr, "makestory: %s: %s\n", line, s->e.text);
	exit(1);
}

static void keep_time(struct story *s, int64_t until_ms)
{
	for (; !s->quiet && s->at_ms && s->at_ms < until_ms; s->at_ms += TICK_MS)
		if (fleet_tick(s->f, s->at_ms, NULL, &s->e) < 0)
			die(s, "tick");
	s->at_ms = until_ms;
}

static int boot(struct story *s, const struct mac *mac, struct ip4 address, const char *model)
{
	struct lease_event le = { .kind = LEASE_OFFER,
				  .at_ms = s->at_ms,
				  .mac = *mac,
				  .address = address,
				  .xid = ++s->xid,
				  .relay = { 1, 6, 0, 4, 0, 10, 0, 12, 2, 8, 0, 6, 0, 26, 43, 60, 77, 94 },
				  .relay_len = 18 };

	snprintf((char *)le.vendor_class, sizeof le.vendor_class, "Cisco Systems, Inc. IP Phone%s%s",
		 model[0] ? " CP-" : "", model);
	le.vendor_len = (uint8_t)strlen((char *)le.vendor_class);
	if (fleet_on_lease(s->f, &le, &s->e) < 0)
		return -1;
	le.kind = LEASE_ACK;
	return fleet_on_lease(s->f, &le, &s->e);
}

static int64_t size_seen(const struct story *s, struct ip4 client, const char *name)
{
	char path[512], addr[IP4_TEXT_SIZE];
	struct stat sb;

	snprintf(path, sizeof path, "%.200s/%s/%s", fleet_config(s->f)->tftp_root, ip4_format(addr, client),
		 name);
	if (stat(path, &sb) == 0)
		return sb.st_size;
	snprintf(path, sizeof path, "%.200s/%s", fleet_config(s->f)->tftp_root, name);
	return stat(path, &sb) == 0 ? sb.st_size : 1;
}

static int file(struct story *s, enum event_kind kind, struct ip4 client, const char *name, int64_t bytes)
{
	struct file_event fe = {
		.kind = kind, .at_ms = s->at_ms, .client = client, .path = name, .bytes = bytes
	};
	struct file_verdict v;

	if (kind == EVENT_SENT && bytes < 0)
		fe.bytes = size_seen(s, client, name);
	return fleet_on_file(s->f, &fe, &v, &s->e);
}

static int operate(struct story *s, const char *what, const struct mac *mac)
{
	char why[256] = "";
	int rc = -1;

	if (strcmp(what, "start") == 0)
		rc = fleet_start(s->f, mac, NULL, s->at_ms, why, sizeof why, &s->e);
	else if (strcmp(what, "stop") == 0)
		rc = fleet_stop(s->f, mac, s->at_ms, why, sizeof why, &s->e);
	else if (strcmp(what, "forget") == 0)
		rc = fleet_forget(s->f, mac, true, s->at_ms, why, sizeof why, &s->e);
	else if (strcmp(what, "retry") == 0)
		rc = fleet_retry(s->f, mac, s->at_ms, why, sizeof why, &s->e);
	else if (strcmp(what, "skip") == 0)
		rc = fleet_skip(s->f, mac, true, s->at_ms, why, sizeof why, &s->e);
	else
		return err_set(&s->e, ERR_INPUT, "no such word");
	return rc == 1 ? err_set(&s->e, ERR_INPUT, "%s", why) : rc;
}

static void happens(struct story *s, char *line)
{
	char mac_text[32], addr_text[32], what[16], arg[256] = "";
	long long ago = 0, bytes = -1;
	struct mac mac = { { 0 } };
	struct ip4 addr = { 0 };
	enum event_kind kind;

	if (sscanf(line, "%lld %31s %31s %15s %255s %lld", &ago, mac_text, addr_text, what, arg, &bytes) <
		    4 ||
	    (strcmp(mac_text, "-") != 0 && parse_mac("MAC", mac_text, &mac, &s->e) < 0) ||
	    (strcmp(addr_text, "-") != 0 && parse_ip4("address", addr_text, &addr, &s->e) < 0))
		die(s, line);
	keep_time(s, s->now_ms - ago * 1000);
	s->quiet = strcmp(what, "quiet") == 0;
	int rc = s->quiet			      ? 0
		 : strcmp(what, "boot") == 0	      ? boot(s, &mac, addr, arg)
		 : event_kind_parse(what, &kind) == 0 ? file(s, kind, addr, arg, bytes)
						      : operate(s, what, &mac);

	if (rc < 0)
		die(s, line);
}

int main(int argc, char **argv)
{
	struct story s = { .now_ms = (int64_t)time(NULL) * 1000 };
	struct config *cfg = NULL;
	char line[512];

	if (argc != 2 || config_load(argv[1], &cfg, NULL, &s.e) < 0 ||
	    fleet_open(&s.f, cfg, FLEET_CREATE, 2000, &s.e) < 0) {
		fprintf(stderr, "makestory CONFIG <STORY: %s\n", argc == 2 ? s.e.text : "");
		return 2;
	}
	while (fgets(line, sizeof line, stdin))
		if (line[0] != '#' && line[0] != '\n')
			happens(&s, line);
	if (!s.quiet)
		keep_time(&s, s.now_ms);
	fleet_close(s.f);
	config_free(cfg);
	return 0;
}
