/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The border between Kea (C++, shim.cc) and everything else (C): plain structs with fixed arrays, one call
 * per callout, nothing allocated on one side and freed on the other, and no call back: what is to be logged
 * is returned. Read by both languages, so it includes no header of common/. The packet path does no file,
 * database or network access, and waits for no other thread's work.
 */
#ifndef LOADSTEP_HOOK_H
#define LOADSTEP_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOK_SERVERS_MAX 4
#define HOOK_DRAIN_MS 200 /* at unload; a locked store once cost 6.4 s without DHCP (K§0.8) */

struct hook;

/* ---- load: hook_new, hook_param_put for each parameter, hook_start; then one thread that runs
 * hook_thread_enter and hook_run_once until it says 1. */
struct hook_param {
	char name[128];
	char place[256]; /* where Kea read it: "kea-dhcp4.conf:57:9" */
	bool is_text;
	bool cut;        /* longer than `value` holds */
	char value[256]; /* the text, else the value as JSON */
};

struct hook *hook_new(void); /* NULL = no memory */
void hook_param_put(struct hook *h, const struct hook_param *p, struct hook_log *log);

/* 0 = go (running, answering from the directory file, or disabled: the log says which); 1 = strict, and
 * something is wrong. */
int hook_start(struct hook *h, struct hook_log *log);
/* hook_thread_wanted blocks all signals, which are Kea's (K§3), for the thread to inherit; hook_thread_made
 * restores them. */
bool hook_thread_wanted(struct hook *h);
void hook_thread_made(struct hook *h, bool made, struct hook_log *log);

void hook_thread_enter(void); /* name, nice 10 (K§3) */
int hook_run_once(struct hook *h, struct hook_log *log); /* about a second at most; 0 = again, 1 = end */

/* ---- unload: no callout runs any more. hook_stop, join the thread, hook_finish, hook_free. */
void hook_stop(struct hook *h); /* returns after HOOK_DRAIN_MS at the latest */
void hook_finish(struct hook *h, struct hook_log *log);
void hook_free(struct hook *h);

/* ---- pkt4_send */
struct dhcp_query {
	uint8_t query_type, reply_type; /* option 53 */
	bool mac_known;                 /* Ethernet, 6 bytes */
	uint8_t mac[6];
	uint32_t yiaddr, ciaddr, giaddr, xid; /* host order; yiaddr and siaddr are the reply's */
	uint32_t siaddr;
	uint8_t server[4]; /* option 54 of the reply, network order */
	bool has_150, has_66; /* in the reply, from the site's own configuration */
	bool debug;           /* somebody reads debug lines */
	uint8_t vendor_len, hostname_len, relay_len, server_len;
	uint16_t classes_len;
	uint8_t vendor_class[255]; /* option 60, without the NULs that Kea trims */
	uint8_t hostname[64];      /* option 12 */
	uint8_t relay[127];        /* option 82's suboptions: code, length, bytes; whole ones only */
	char classes[512];         /* names, each followed by a newline; whole ones only */
};

struct dhcp_reply {
	bool set_150, set_66, set_siaddr;
	uint8_t n_bytes;                       /* of servers */
	uint8_t servers[4 * HOOK_SERVERS_MAX]; /* network order: option 150 as it is */
	uint8_t text_len;
	char text[16];   /* option 66: the first as dotted quad */
	uint32_t siaddr; /* the first, host order */
};

void hook_on_reply(struct hook *h, const struct dhcp_query *q, struct dhcp_reply *ret, struct hook_log *log);

/* ---- buffer4_receive: a message as it came, before Kea drops what is for another server */
void hook_on_message(struct hook *h, const uint8_t *bytes, size_t len, struct hook_log *log);

/* ---- lease4_release, lease4_decline, lease4_expire */
struct dhcp_gone {
	bool mac_known;
	uint8_t mac[6];
	uint32_t address;
};

void hook_on_gone(struct hook *h, const struct dhcp_gone *g, struct hook_log *log);

/* An exception was caught in the shim; h may be NULL. */
void hook_on_exception(struct hook *h, const char *what, struct hook_log *log);

/* ---- loadstep-status */
struct status_value {
	const char *name; /* constant */
	bool is_text;
	int64_t number;
	char text[300];
};

#define STATUS_VALUES_MAX 32

struct hook_status {
	int result; /* Kea's: 0 = running, 1 = not, `text` says why */
	char text[HOOK_LINE_SIZE];
	unsigned n;
	struct status_value value[STATUS_VALUES_MAX];
};

void hook_on_status(struct hook *h, struct hook_status *ret); /* h NULL: not loaded */

#ifdef __cplusplus
}
#endif

#endif
