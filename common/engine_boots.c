/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Boots without DHCP knowledge (a static address, a replayed log, DHCP that somebody else runs): a fresh series of probes
 * is one (F§2).
 */
#include "engine_priv.h"

/* A boot that nobody reported: closer than boot_gap to another it is part of it, and the earliest of them
 * counts, so that the order of arrival does not matter. */
static void boot_guess(struct phone *p, int64_t at_ms, int64_t gap_ms)
{
	struct times kept = { 0 };
	bool earlier = false;

	for (int i = 0; i < EVIDENCE_TIMES; i++) {
		int64_t t = p->evidence.boot.last[i];

		if (t && t <= at_ms && at_ms - t < gap_ms)
			earlier = true;
	}
	if (earlier)
		return;
	for (int i = EVIDENCE_TIMES - 1; i >= 0; i--) {
		int64_t t = p->evidence.boot.last[i];

		if (t && !(t > at_ms && t - at_ms < gap_ms))
			times_add(&kept, t);
		else if (t)
			p->boots--;
	}
	if (p->evidence.boot.first && (!kept.first || p->evidence.boot.first < kept.first) &&
	    !(p->evidence.boot.first > at_ms && p->evidence.boot.first - at_ms < gap_ms))
		kept.first = p->evidence.boot.first;
	times_add(&kept, at_ms);
	p->evidence.boot = kept;
	p->boots++;
}

/* Latest time before at_ms that anything was seen. */
static int64_t seen_before(const struct evidence *ev, int64_t at_ms)
{
	int64_t latest = times_latest_upto(&ev->boot, at_ms - 1);

	for (int c = 0; c < FILE_CLASS_COUNT; c++) {
		for (int o = 0; o < OUTCOME_COUNT; o++) {
			int64_t t = times_latest_upto(&ev->file[c][o], at_ms - 1);

			if (t > latest)
				latest = t;
		}
	}
	return latest;
}

void boot_by_file(struct phone *p, const struct event *ev, const struct engine_context *ctx,
		  enum file_class c)
{
	int64_t gap_ms = ctx->limits->boot_gap;

	if (!phone_is(p, PHONE_DHCP_KNOWN) && evidence_opens_boot(c) &&
	    ev->at_ms - seen_before(&p->evidence, ev->at_ms) >= gap_ms)
		boot_guess(p, ev->at_ms, gap_ms);
}
