/* SPDX-License-Identifier: MPL-2.0 */
/* What the kernel's numbers about disks and the clock mean. */
#include "machine.h"

#include <stddef.h>

#define BYTES_LEFT_MIN (32 * 1024 * 1024) /* two large load sets */
#define FILES_LEFT_MIN 200 /* links and stages of some phones */
#define YEAR_2020_MS INT64_C(1577836800000)
#define BACK_MS 60000

/* linux/magic.h has some of them; those that are missing there are from statfs(2) and the file systems' sources. */
static const struct {
	long type;
	const char *name;
} network[] = {
	{ 0x6969, "NFS" },	  { 0x517B, "SMB" },	  { 0xFF534D42, "CIFS" },   { 0xFE534D42, "SMB2" },
	{ 0x5346414F, "AFS" },	  { 0x6B414653, "AFS" },  { 0x73757245, "Coda" },   { 0x564C, "NCP" },
	{ 0x00C36400, "Ceph" },	  { 0x01021997, "9P" },	  { 0x01161970, "GFS2" },   { 0x7461636F, "OCFS2" },
	{ 0x0BD00BD0, "Lustre" }, { 0x47504653, "GPFS" }, { 0x19830326, "BeeGFS" },
};

const char *machine_network_fs(long type)
{
	for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if ((uint32_t)network[i].type == (uint32_t)type)
			return network[i].name;
	return NULL;
}

/* A file system without a fixed number of files has a total of 0. */
bool machine_disk_full(uint64_t bytes_left, uint64_t files_left, uint64_t files_total)
{
	return bytes_left < BYTES_LEFT_MIN || (files_total > 0 && files_left < FILES_LEFT_MIN);
}

enum machine_clock machine_clock(int64_t now_ms, int64_t last_ms)
{
	if (now_ms < YEAR_2020_MS)
		return CLOCK_BEFORE_2020;
	return last_ms > now_ms + BACK_MS ? CLOCK_WENT_BACK : CLOCK_FINE;
}
