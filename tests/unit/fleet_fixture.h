/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A fleet on a bench: a real store and real links in a temporary directory, phones that boot and fetch, and what
 * must be then. Shared by the tests of the fleet.
 */
#ifndef LOADSTEP_FLEET_FIXTURE_H
#define LOADSTEP_FLEET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "file.h"
#include "fleet.h"

#define SEC 1000
#define T0 1700000000000LL
#define L1 "P00303010102"
#define L2 "P00305000500"
#define L3 "P00308000900"
#define L4 "P0S3-8-12-00"

static const char *const loads[] = { L1, L2, L3, L4 };

struct bench {
	char dir[64];
	struct config *cfg;
	struct fleet *f;
	uint32_t xid;
	struct err e;
};

static inline void write_at(const char *dir, const char *name, const char *text)
{
	char path[512];
	struct err e;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_replace(path, text, strlen(text), 0644, FILE_NO_SYNC, &e) >= 0);
}

static inline void config_text(struct bench *b, const char *more, char *out, size_t size)
{
	snprintf(out, size, "[store]\nurl = sqlite:%s/state.db\n[tftp]\nroot = %s/tftp\n%s", b->dir, b->dir,
		 more);
}

static const char auto_plan[] =
	"layout = views\n[plan up]\nmodels = 7940 7960 unnamed\nstages = " L1 " " L2 " " L3 " " L4 "\n"
	"networks = 10.0.0.0/24\nstart = automatic\ntftp-servers = 10.0.0.1\nafter-tftp-servers = 10.0.0.5\n";

static inline void bench_open(struct bench *b, const char *more)
{
	char text[2048], path[256];

	memset(b, 0, sizeof(*b));
	snprintf(b->dir, sizeof(b->dir), "/tmp/loadstep-fleet-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	for (int i = 0; i < 5; i++) {
		char xml[64] = "<Default>";

		snprintf(path, sizeof(path), "%s/tftp/stages/up/%s", b->dir, i < 4 ? loads[i] : "waiting");
		assert_int_equal(file_mkdirs(path, 0755, &b->e), 0);
		memset(xml, 'x', (size_t)(20 + i));
		write_at(path, "XMLDefault.cnf.xml", xml);
	}
	config_text(b, more, text, sizeof(text));
	if (config_parse("test.conf", text, strlen(text), NULL, &b->cfg, NULL, &b->e) < 0)
		fail_msg("%s", b->e.text);
	if (fleet_open(&b->f, b->cfg, FLEET_CREATE, 1000, &b->e) < 0)
		fail_msg("%s", b->e.text);
}

static inline void bench_close(struct bench *b)
{
	fleet_close(b->f);
	config_free(b->cfg);
	assert_int_equal(file_remove_tree(b->dir, &b->e), 0);
}

static inline struct mac mac_n(int n)
{
	return (struct mac){ { 0, 0x1b, 0x0c, 0, 0, (uint8_t)n } };
}

static inline struct ip4 ip_n(int n)
{
	return (struct ip4){ 0x0a000000u + (uint32_t)n };
}

static inline int lease(struct bench *b, enum lease_kind kind, int mac, int ip, const char *vendor, int64_t at_s)
{
	struct lease_event le = {
		.kind = kind, .at_ms = T0 + at_s * SEC, .mac = mac_n(mac), .address = ip_n(ip)
	};

	le.vendor_len = (uint8_t)strlen(vendor);
	memcpy(le.vendor_class, vendor, le.vendor_len);
	le.xid = kind == LEASE_OFFER ? b->xid + 1 : kind == LEASE_ACK ? ++b->xid : b->xid;
	int rc = fleet_on_lease(b->f, &le, &b->e);

	if (rc < 0)
		fail_msg("lease: %s", b->e.text);
	assert_string_equal(fleet_effects_error(b->f), "");
	return rc;
}

#define BARE "Cisco Systems, Inc. IP Phone"
#define NAMED BARE " CP-7960G"

static inline void boot(struct bench *b, int n, int ip, const char *vendor, int64_t at_s)
{
	lease(b, LEASE_OFFER, n, ip, vendor, at_s);
	lease(b, LEASE_ACK, n, ip, vendor, at_s);
}

static inline int fetch(struct bench *b, int ip, const char *name, int64_t bytes, int64_t at_s,
		 struct file_verdict *v)
{
	char path[512], a[IP4_TEXT_SIZE];
	struct file_verdict own;
	struct file_event fe = {
		.kind = EVENT_SENT, .at_ms = T0 + at_s * SEC, .client = ip_n(ip), .path = path, .bytes = bytes
	};

	snprintf(path, sizeof(path), "%s/tftp/%s/%s", b->dir, ip4_format(a, ip_n(ip)), name);
	int rc = fleet_on_file(b->f, &fe, v ? v : &own, &b->e);

	if (rc < 0)
		fail_msg("file: %s", b->e.text);
	return rc;
}

/* Time as a thread would tick it: once a second. */
static inline void wait_until(struct bench *b, int64_t from_s, int64_t to_s)
{
	for (int64_t t = from_s; t <= to_s; t++)
		if (fleet_tick(b->f, T0 + t * SEC, NULL, &b->e) < 0)
			fail_msg("tick: %s", b->e.text);
}

static inline struct phone get(struct bench *b, int n)
{
	struct mac m = mac_n(n);
	struct phone p;

	assert_int_equal(state_phone_find(fleet_state(b->f), &m, &p, &b->e), 0);
	return p;
}

static inline void expect_phone(struct bench *b, int n, enum phase phase, const char *load)
{
	struct phone p = get(b, n);

	if (p.phase != phase || strcmp(p.load.s, load) != 0)
		fail_msg("phone %d: %s at \"%s\", expected %s at \"%s\"", n, phase_name(p.phase), p.load.s,
			 phase_name(phase), load);
}

static inline void expect_link(struct bench *b, const char *name, const char *target)
{
	char path[256], buf[256] = "";

	snprintf(path, sizeof(path), "%s/tftp/%s", b->dir, name);
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	if (!target)
		assert_int_equal(n, -1);
	else
		assert_string_equal(buf, target);
}

static inline void climb_first(struct bench *b, int n, int ip, int64_t t)
{
	boot(b, n, ip, BARE, t);
	fetch(b, ip, "OS79XX.TXT", 14, t + 1, NULL);
	fetch(b, ip, "XMLDefault.cnf.xml", 20, t + 2, NULL);
	fetch(b, ip, L1 ".bin", 130000, t + 5, NULL);
}

#endif
