/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of the machine: the disks that the store and the TFTP root lie on, and the clock. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/vfs.h>

#include "machine.h"

#define MIB (1024 * 1024)

static void check_disk(struct checking *k, const char *path, enum finding_id on_network)
{
	struct statfs fs;
	const char *network;

	if (!path[0] || statfs(path, &fs) < 0)
		return; /* what is not there is another check's to tell */
	network = machine_network_fs((long)fs.f_type);
	if (network)
		found(k, on_network, path, "it lies on a network file system (%s)", network);
	uint64_t left = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	if (machine_disk_full(left, fs.f_ffree, fs.f_files))
		found(k, FINDING_DISK_FULL, path, "%" PRIu64 " MiB and %" PRIu64 " files are left there",
		      left / MIB, (uint64_t)fs.f_ffree);
}

void check_disks(struct checking *k)
{
	char store[256];

	if (!k->cfg)
		return;
	check_disk(k, check_store_dir(k->cfg, store, sizeof(store)), FINDING_STORE_ON_NETWORK);
	check_disk(k, k->cfg->tftp_root, FINDING_ROOT_ON_NETWORK);
}

static void check_time(struct checking *k)
{
	struct observed_clock seen = { 0 };
	char now[TIME_TEXT_SIZE], then[TIME_TEXT_SIZE];
	int64_t now_ms = ctl_now_ms();
	struct err e;

	if (k->c->fleet && state_clock_get(fleet_state(k->c->fleet), &seen, &e) < 0)
		seen.last_tick_wall_ms = 0;
	report_time_utc(now, now_ms);
	switch (machine_clock(now_ms, seen.last_tick_wall_ms)) {
	case CLOCK_FINE:
		break;
	case CLOCK_BEFORE_2020:
		found(k, FINDING_CLOCK_WRONG, "clock", "it says %s", now);
		break;
	case CLOCK_WENT_BACK:
		found(k, FINDING_CLOCK_WRONG, "clock", "it says %s, and the store has seen %s", now,
		      report_time_utc(then, seen.last_tick_wall_ms));
		break;
	}
}

/* Times of one host are compared with each other only: whether its clock is kept matters where hosts share a store. */
static void check_sync(struct checking *k)
{
	struct timex t = { .modes = 0 };

	if (strncmp(k->cfg->store_url, "sqlite:", 7) == 0)
		return;
	if (adjtimex(&t) < 0 || t.status & STA_UNSYNC)
		found(k, FINDING_CLOCK_UNSYNCHRONISED, "clock", "nothing synchronises it");
}

void check_clock(struct checking *k)
{
	if (!k->cfg)
		return;
	check_time(k);
	check_sync(k);
}
