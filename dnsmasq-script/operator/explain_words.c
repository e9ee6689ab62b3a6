/* SPDX-License-Identifier: MPL-2.0 */
#include "explain_words.h"

#include <stdio.h>
#include <string.h>

#include "report_explain.h"

/* ---- who */

static void add_who(const struct phone *p, struct strbuf *sb)
{
	bool bare = p->vendor == VENDOR_BARE && !p->model[0] && p->generation != GEN_JAVA &&
		    p->generation != GEN_OTHER && p->cause != CAUSE_WRONG_FAMILY;
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE];

	if (!p->mac_known) {
		strbuf_addf(sb, "The phone at %s (its MAC is not known)",
			    p->address.host ? ip4_format(addr, p->address) : "no known address");
		return;
	}
	strbuf_addf(sb, "%s %s", p->model[0] ? p->model : "Phone", mac_format(mac, &p->mac));
	if (bare)
		strbuf_add(sb, " (a 7940 or 7960: it does not say which)");
	else if (!p->model[0])
		strbuf_addf(sb, " (%smodel not known)",
			    p->generation == GEN_JAVA	   ? "java, "
			    : p->generation == GEN_CLASSIC ? "classic, "
							   : "");
}

/* ---- where */

static void add_where(const struct report_phone *rp, struct strbuf *sb)
{
	const struct phone *p = &rp->phone;

	if (!p->stage_no || p->phase == PHASE_SEEN)
		return;
	if (rp->stages)
		strbuf_addf(sb, " at stage %d of %d (%s)", p->stage_no, rp->stages, p->load.s);
	else
		strbuf_addf(sb, " at %s, a stage of plan %s, which is in force no more,", p->load.s, p->plan);
}

/* ---- what, and why */

/* Of an observed phone. */
static void add_seen(const struct report_phone *rp, struct strbuf *sb)
{
	const struct phone *p = &rp->phone;

	if (p->cause == CAUSE_WRONG_FAMILY || p->cause == CAUSE_SIP_TOO_OLD) {
		strbuf_addf(sb, " has left its plan: %s", cause_summary(p->cause));
		return;
	}
	if (phone_is(p, PHONE_FORGOTTEN))
		strbuf_add(sb, " is only watched: it was taken off its way, or stopped before it began");
	else
		strbuf_add(sb, " is only watched: nobody has started it");
	if (p->cause != CAUSE_NONE)
		strbuf_addf(sb, "; and it is in trouble: %s", cause_summary(p->cause));
	else if (phone_is(p, PHONE_PROVEN))
		strbuf_addf(sb, "; it runs %s", p->load.s);
	else if (p->stage_no)
		strbuf_addf(sb, "; what it asks for is %s", p->load.s);
}

static void add_offered(const struct phone *p, struct strbuf *sb)
{
	bool read = evidence_got(&p->evidence, FILE_CLASS_XMLDEFAULT) ||
		    evidence_got(&p->evidence, FILE_CLASS_OS79XX);

	if (phone_is(p, PHONE_NEEDS_REBOOT))
		strbuf_add(sb, " is idle: its load waits, and it looks for it only when it is restarted");
	else if (phone_is(p, PHONE_SEP_GIVEN))
		strbuf_addf(
			sb,
			" took no notice of XMLDefault, so it is told its load by a SEP file of its own%s",
			phone_is(p, PHONE_SEP_DEFAULT) ? ", which is a <Default> document by now" : "");
	else if (read)
		strbuf_add(sb, " has read its configuration and not asked for the load yet");
	else
		strbuf_add(sb, " is to take this load and has not looked at its configuration yet");
}

static void add_checking(const struct phone *p, struct strbuf *sb)
{
	if (!phone_is(p, PHONE_PROVEN))
		strbuf_add(sb, " took the load and came back; that it runs it is not proven yet");
	else if (phone_is(p, PHONE_STOPPED))
		strbuf_add(sb, " runs its load, proven, and goes no further: it was stopped");
	else
		strbuf_add(sb, " runs its load, proven, and waits to go on to the next stage");
}

static void add_done(const struct phone *p, struct strbuf *sb)
{
	if (p->cause == CAUSE_FLIPPED_BACK) {
		strbuf_addf(sb, " is in trouble: %s", cause_summary(p->cause));
		return;
	}
	strbuf_addf(sb, " is done: it runs the last load of its plan%s",
		    p->running_by == RUNNING_BY_ASSUMED
			    ? ", presumed, since it read that load's configuration and wanted nothing"
			    : "");
	if (phone_is(p, PHONE_ON_LAST))
		strbuf_add(sb, "; it has no configuration of its own yet, and is kept on its last stage");
}

static void add_what(const struct report_phone *rp, struct strbuf *sb)
{
	const struct phone *p = &rp->phone;

	switch (p->phase) {
	case PHASE_SEEN:
		add_seen(rp, sb);
		break;
	case PHASE_WAITING:
		strbuf_addf(sb, " is started and waits to be let into plan %s", p->plan);
		break;
	case PHASE_OFFERED:
		add_offered(p, sb);
		break;
	case PHASE_DOWNLOADING:
		strbuf_add(sb, " is fetching its load");
		break;
	case PHASE_HALF_FLASHED:
		strbuf_add(sb, " has the new loader and not yet the application: do not cut its power");
		break;
	case PHASE_FLASHING:
		strbuf_addf(sb, " has %s and is writing it to its flash: do not cut its power",
			    p->generation == GEN_JAVA ? "fetched what it wanted of its load"
						      : "the whole load");
		break;
	case PHASE_CHECKING:
		add_checking(p, sb);
		break;
	case PHASE_DONE:
		add_done(p, sb);
		break;
	case PHASE_STUCK:
		strbuf_addf(sb, " is stuck: %s",
			    p->cause == CAUSE_NONE ? "why is not known" : cause_summary(p->cause));
		break;
	case PHASE_COUNT:
		break;
	}
}

void words_sentence(const struct report_phone *rp, bool no_tftp, struct strbuf *sb)
{
	const struct phone *p = &rp->phone;
	bool on_way = phone_on_way(p) && p->phase != PHASE_STUCK && p->phase != PHASE_CHECKING;

	add_who(p, sb);
	add_where(rp, sb);
	add_what(rp, sb);
	if (no_tftp && p->cause != CAUSE_NO_TFTP_AFTER_DHCP)
		strbuf_add(sb, "; it has an address, and asks this host for no file");
	if (phone_is(p, PHONE_ADDRESS_SHARED) && p->cause != CAUSE_ADDRESS_SHARED)
		strbuf_add(sb, "; another phone asks from its address");
	if (phone_is(p, PHONE_STOPPED) && on_way)
		strbuf_add(sb, "; it goes no further than this stage, for it was stopped");
	if (phone_is(p, PHONE_SKIP))
		strbuf_add(sb, "; it is to be taken to the next stage by the operator's word");
	if (phone_is(p, PHONE_LATE) && p->phase != PHASE_STUCK)
		strbuf_add(sb, "; it takes longer than usual");
	strbuf_add(sb, ".");
}

const char *words_summary(const struct phone *p)
{
	if (p->cause != CAUSE_NONE)
		return cause_summary(p->cause);
	return p->phase == PHASE_CHECKING && phone_is(p, PHONE_PROVEN) ? "it runs its stage's load, proven"
								       : phase_text(p->phase);
}

/* ---- what it runs */

static const char *by_files(const struct phone *p)
{
	static const struct {
		const char *running, *words;
	} known[] = {
		{ "SIP application", "it asks for SIPDefault.cnf, which only that does" },
		{ "loader only", "it came back with its loader new and its application not fetched yet" },
		{ "boot code alone",
		  "it asks for its default load (termNN.default.loads), which only that does" },
		{ "SCCP below 6", "it asked for a signed image by name, as 5.x does" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(p->running, known[i].running) == 0)
			return known[i].words;
	return "by the files it asks for";
}

static const char *how_known(const struct phone *p)
{
	switch (p->running_by) {
	case RUNNING_BY_OPTION_60:
		return "its vendor class (option 60) names no model, which only old code does";
	case RUNNING_BY_FILES_ASKED:
		return by_files(p);
	case RUNNING_BY_PROOF:
		return "proven here: it took the load, came back with it and asked for no more";
	case RUNNING_BY_ASSUMED:
		return "presumed: it read this load's configuration and wanted nothing";
	case RUNNING_BY_REGISTERED:
		return "its application registered on TCP 2000 and said so itself";
	case RUNNING_BY_NOTHING:
	case RUNNING_BY_COUNT:
		return "how is not known";
	}
	return "how is not known";
}

void words_runs(const struct phone *p, int64_t proven_ms, int64_t now_ms, struct strbuf *sb)
{
	char when[32];

	if (!p->running[0]) {
		strbuf_add(
			sb,
			p->vendor == VENDOR_NAMED && p->generation == GEN_CLASSIC
				? "not known, but not old: its vendor class names its model, so it has a universal loader "
				  "(SCCP 6.x, SIP 7.x or later)"
				: "not known yet: it has done nothing that would tell");
		return;
	}
	strbuf_addf(sb, "%s: %s", p->running, how_known(p));
	if (proven_ms)
		strbuf_addf(sb, " (%s)", report_clock(when, proven_ms, now_ms));
}
