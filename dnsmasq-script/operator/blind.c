/* SPDX-License-Identifier: MPL-2.0 */
/* See blind.h. The hook's thread, the agent and each loadstep-event move the clock; what loadstep-event could not store
 * waits in the spool; the agent gives a sign of life. */
#include "blind.h"

#include <sys/stat.h>

#include "agent_sign.h"
#include "cleanup.h"
#include "spool.h"

#define STANDS_MIN_MS 5000 /* the clock is written once a second, by whoever gets to it */
#define UNREAD_MAX 256
#define WHO "neither Kea's library nor `loadstep agent` keeps time"

/* How old a sign may be. */
static int64_t patience_ms(const struct config *cfg)
{
	return cfg->limits.tick_gap > STANDS_MIN_MS ? cfg->limits.tick_gap : STANDS_MIN_MS;
}

static bool clock_stands(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	int64_t last = t->clock.last_tick_wall_ms, behind = t->now_ms - last;
	char when[TIME_TEXT_SIZE], age[AGE_TEXT_SIZE];

	if (last == 0) {
		strbuf_add(why, "never watched: " WHO " in this store");
		return true;
	}
	report_time_local(when, last);
	if (behind > patience_ms(cfg)) {
		strbuf_addf(why, "not watched since %s (%s): " WHO "; phones are shown as they were then",
			    when, report_age(age, behind));
		return true;
	}
	if (-behind > patience_ms(cfg)) {
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

/* Why the agent tells nothing of a log; false: it follows one. */
static bool log_unread(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	char when[TIME_TEXT_SIZE], age[AGE_TEXT_SIZE];
	int64_t at_ms = 0;
	enum agent_sign sign = agent_sign_look(cfg->store_url, &at_ms);
	bool runs = sign != AGENT_SIGN_NEVER && t->now_ms - at_ms <= patience_ms(cfg) + AGENT_SIGN_EVERY_MS;

	if (runs && sign == AGENT_SIGN_LOG)
		return false;
	if (sign == AGENT_SIGN_NEVER)
		strbuf_add(why, "has not run here");
	else if (runs)
		strbuf_add(why, "follows no log that it can read");
	else
		strbuf_addf(why, "has not run since %s (%s)", report_time_local(when, at_ms),
			    report_age(age, t->now_ms - at_ms));
	return true;
}

/* The clock may run and nobody tell what is sent. dnsmasq's script does; of the others the agent alone. */
static bool agent_away(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	CLEANUP(strbuf_fini) struct strbuf agent = STRBUF_INIT(UNREAD_MAX);

	if (cfg->daemon == DAEMON_DNSMASQ || !log_unread(cfg, t, &agent))
		return false;
	strbuf_addf(why, "%swhat %s sends nobody tells: `loadstep agent` %s", why->len ? "; " : "",
		    config_daemon_name(cfg->daemon), strbuf_text(&agent));
	return true;
}

bool blind_to_missing(const struct config *cfg, const struct report_time *t)
{
	CLEANUP(strbuf_fini) struct strbuf why = STRBUF_INIT(UNREAD_MAX);

	return log_unread(cfg, t, &why);
}

bool blind_look(const struct config *cfg, const struct report_time *t, struct strbuf *why)
{
	bool stands = clock_stands(cfg, t, why);
	bool waits = spool_waits(cfg, why);

	return agent_away(cfg, t, why) || waits || stands;
}
