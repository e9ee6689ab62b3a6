/* SPDX-License-Identifier: MPL-2.0 */
/* See blind.h. The hook's thread, the agent and each loadstep-event move the clock; what loadstep-event could not store
 * waits in the spool. */
#include "blind.h"

#include <sys/stat.h>

#include "spool.h"

#define WHO "neither Kea's library nor `loadstep agent` keeps time"

static bool clock_stands(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	int64_t last = t->clock.last_tick_wall_ms, behind = t->now_ms - last;
	char when[TIME_TEXT_SIZE], age[AGE_TEXT_SIZE];

	if (last == 0) {
		strbuf_add(why, "never watched: " WHO " in this store");
		return true;
	}
	report_time_local(when, last);
	if (behind > cfg->limits.tick_gap) {
		strbuf_addf(why, "not watched since %s (%s): " WHO "; phones are shown as they were then",
			    when, report_age(age, behind));
		return true;
	}
	if (-behind > cfg->limits.tick_gap) {
		strbuf_addf(why, "the store's clock is ahead of this machine's: somebody kept time at %s",
			    when);
		return true;
	}
	return false;
}

static bool spool_waits(const struct config *cfg, struct strbuf *why)
{
	char path[512];
	struct stat st;

	if (spool_beside(cfg->store_url, SPOOL_SUFFIX, path, sizeof(path), NULL) < 0 || stat(path, &st) < 0 ||
	    st.st_size == 0)
		return false;
	strbuf_addf(why, "%sevents that could not be stored yet wait in %s", why->len ? "; " : "", path);
	return true;
}

bool blind_look(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	bool stands = clock_stands(cfg, t, why);

	return spool_waits(cfg, why) || stands;
}
