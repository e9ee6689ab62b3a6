/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Rules over what a phone reads and does not read: nothing at all, the same again, a configuration and then no load (F§7.1
 * A2, A15, A16; F§7.2 B1, B5, B11, B13). Much of it fits several troubles, and one fits none: then it is a candidate.
 */
#include "causes_priv.h"

#define BURST 3 /* one question, repeated: 4 or 5 times in 4 s (a classic application), 3 times (java), F§6 */
#define BOOTS_IN_VAIN 3

bool look_on_way(const struct look *l)
{
	return phone_is(l->p, PHONE_STARTED) && l->p->phase != PHASE_DONE && l->p->phase != PHASE_WAITING &&
	       !phone_is(l->p, PHONE_PROVEN);
}

/* ---- no answer */

/* Its questions for that file, but for those that were answered with it. */
static void unanswered(const struct look *l, enum file_class c, struct times *ret)
{
	static const enum outcome bad[] = { OUTCOME_ASKED, OUTCOME_MISSING, OUTCOME_FAILED };

	*ret = (struct times){ 0 };
	for (size_t o = 0; o < sizeof(bad) / sizeof(bad[0]); o++)
		for (int i = 0; i < EVIDENCE_TIMES; i++)
			times_add(ret, l->e->file[c][bad[o]].last[i]);
}

/* A16, B13: "not found", or the file, would be followed by the next question at once. */
enum verdict rule_server_silent(const struct look *l, struct cause_found *f)
{
	static const struct {
		enum file_class class;
		const char *head, *tail;
	} firsts[] = { { FILE_CLASS_CTLSEP, "CTLSEP", ".tlv" }, { FILE_CLASS_SEP, "SEP", ".cnf.xml" } };
	char file[LOAD_FILE_MAX + 1];

	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		struct times t;

		if (evidence_asked(l->e, firsts[i].class) < l->asked_ms)
			continue;
		unanswered(l, firsts[i].class, &t);
		int64_t oldest = t.last[BURST - 1];

		if (!oldest || t.last[0] - oldest > 2 * l->lim->boot_gap ||
		    causes_asked_but(l->e, firsts[i].class) >= oldest ||
		    times_latest(&l->e->file[firsts[i].class][OUTCOME_SENT]) >= oldest)
			continue;
		say_times(f, &t, causes_asked_but(l->e, firsts[i].class) + 1);
		return say(f, CAUSE_SERVER_SILENT, SURE, "asked for %s again and again and for nothing else",
			   say_own(l, firsts[i].head, firsts[i].tail, file));
	}
	return NO;
}

/* ---- no question */

/* The boot from which on nothing was asked for; 0 = there is none that DHCP knows. */
static int64_t silent_boot(const struct phone *p, int64_t asked_ms)
{
	bool silent = phone_is(p, PHONE_DHCP_KNOWN) && times_latest(&p->evidence.boot) > asked_ms;

	return silent ? times_first_from(&p->evidence.boot, asked_ms + 1) : 0;
}

/* B11. A java phone that has fetched something may be verifying it (F§7.4). */
static bool asks_nothing(const struct look *l, int64_t boot)
{
	int64_t wait = l->java && evidence_load_last(l->e) ? 2 * l->lim->app : l->lim->app;

	return boot && l->now_ms - boot >= wait;
}

/* On its way it is sent to our server. Of another that asks for nothing one knows only where one listens; what is proven,
 * or waits, needs nothing. */
static bool concerns_us(const struct look *l, bool heard)
{
	return look_on_way(l) || (heard && !phone_is(l->p, PHONE_STARTED) && l->p->phase != PHASE_DONE);
}

enum verdict rule_no_tftp(const struct look *l, struct cause_found *f)
{
	int64_t boot = silent_boot(l->p, l->asked_ms);
	bool heard = l->facts->tftp_heard_ms && l->facts->tftp_heard_ms <= boot;

	if (!asks_nothing(l, boot) || !concerns_us(l, heard))
		return NO;
	say_times(f, &l->e->boot, boot);
	if (!look_on_way(l))
		f->apart = "nobody started it: perhaps it has another TFTP server, and nothing is wrong";
	else if (!heard)
		f->apart = "or its questions are not heard: no TFTP log is followed (`loadstep agent --log`)";
	return say(f, CAUSE_NO_TFTP_AFTER_DHCP, heard && look_on_way(l) ? SURE : PERHAPS,
		   "booted, and asked for no file since");
}

/* B13 as DHCP alone sees it. */
enum verdict rule_boots_in_vain(const struct look *l, struct cause_found *f)
{
	const struct times *t = &l->e->boot;
	int64_t boot = silent_boot(l->p, l->asked_ms);
	bool heard = l->facts->tftp_heard_ms && l->facts->tftp_heard_ms <= boot;

	if (!boot || !t->last[BOOTS_IN_VAIN - 1] || t->last[BOOTS_IN_VAIN - 1] < boot ||
	    t->last[0] - t->last[BOOTS_IN_VAIN - 1] > (BOOTS_IN_VAIN - 1) * l->lim->presume ||
	    !concerns_us(l, heard))
		return NO;
	say_times(f, t, boot);
	f->apart = "one that starts DHCP anew asks a server that does not answer; one that stays asks nobody "
		   "(no-tftp-after-dhcp); one that goes dark lacks power";
	return say(f, CAUSE_SERVER_SILENT, PERHAPS, "booted again and again, and asked for no file in between");
}

/* ---- the wrong configuration */

/* F§5.3: where that file is, XMLDefault is not asked for. What its stage gives it under that name counts as XMLDefault, so
 * this is none of ours. */
enum verdict rule_sep_overrides(const struct look *l, struct cause_found *f)
{
	const struct times *sep = &l->e->file[FILE_CLASS_SEP][OUTCOME_SENT];
	int64_t read = times_latest(sep);
	char file[LOAD_FILE_MAX + 1];

	if (!read || !look_on_way(l))
		return NO;
	int64_t boot = times_latest_upto(&l->e->boot, read);
	int64_t from = boot ? boot : read - l->lim->boot_gap;

	if (evidence_load_last(l->e) || l->now_ms - read < l->lim->proof_silence ||
	    evidence_asked(l->e, FILE_CLASS_XMLDEFAULT) >= from || evidence_asked(l->e, FILE_CLASS_XMLOTHER) >= from ||
	    l->now_ms - times_latest(&l->e->boot) < l->lim->proof_silence)
		return NO;
	say_times(f, sep, from);
	return say(f, CAUSE_SEP_OVERRIDES_DEFAULT, SURE, "read %s, not XMLDefault.cnf.xml, and asked for nothing of %s",
		   say_own(l, "SEP", ".cnf.xml", file), l->stage->load.s);
}

/* A15: the loader hunts (MGC<MAC>.cnf, which an application never asks for), and each hunt ends with a file that is not
 * there. */
enum verdict rule_hunts_in_vain(const struct look *l, struct cause_found *f)
{
	const struct times *xml = &l->e->file[FILE_CLASS_XMLDEFAULT][OUTCOME_MISSING];
	int64_t missing = times_latest(xml);
	int64_t got = evidence_got(l->e, FILE_CLASS_XMLDEFAULT);
	struct times hunts;

	if (missing <= got)
		return NO;
	for (int c = 0; c < FILE_CLASS_COUNT; c++)
		if (c != FILE_CLASS_OTHER && times_latest(&l->e->file[c][OUTCOME_SENT]) > got)
			got = times_latest(&l->e->file[c][OUTCOME_SENT]);
	unanswered(l, FILE_CLASS_MGCMAC, &hunts);
	if (missing <= got || times_count(&hunts, got + 1, l->lim->boot_gap) < MISSES ||
	    times_count(xml, got + 1, l->lim->boot_gap) < MISSES)
		return NO;
	say_times(f, xml, got + 1);
	return say(f, CAUSE_APP_MISSING_AFTER_LOADER, SURE,
		   "its loader asked for every configuration there may be, up to XMLDefault.cnf.xml, and none is there");
}

/* ---- B1, A2: it read a configuration, and then nothing */

/* When it last read the plain root's XMLDefault and asked for nothing of a load since; 0 = it did not. */
static int64_t read_root(const struct look *l)
{
	if (!l->facts->sees_root || l->p->phase == PHASE_DONE)
		return 0;
	int64_t xml = evidence_got(l->e, FILE_CLASS_XMLDEFAULT);
	int64_t other = evidence_got(l->e, FILE_CLASS_XMLOTHER);
	int64_t at = xml > other ? xml : other;

	return at > evidence_load_last(l->e) && at > evidence_asked(l->e, FILE_CLASS_OTHER_STAGE) &&
			       l->now_ms - at >= l->lim->quiet
		       ? at
		       : 0;
}

enum verdict rule_xml_malformed(const struct look *l, struct cause_found *f)
{
	int64_t at = read_root(l);

	if (!at || l->facts->root_xml != CAUSES_XML_MALFORMED)
		return NO;
	say_moment(f, at);
	return say(f, CAUSE_XML_MALFORMED, SURE, "read XMLDefault.cnf.xml, which is malformed, and asked for nothing");
}

enum verdict rule_element_missing(const struct look *l, struct cause_found *f)
{
	int64_t at = read_root(l);

	if (!at || !l->p->model[0] || l->facts->root_xml != CAUSES_XML_READ || l->facts->root_element)
		return NO;
	say_moment(f, at);
	if (!look_on_way(l))
		f->apart = "if it is to take no load from the plain root, nothing is wrong";
	return say(f, CAUSE_MODEL_ELEMENT_MISSING, look_on_way(l) ? SURE : PERHAPS,
		   "read XMLDefault.cnf.xml, which names no load for a %s, and asked for nothing", l->p->model);
}

/* What the root's file names for its model is no load, or none of its family (F§8 rows 4 to 7). */
enum verdict rule_root_load(const struct look *l, struct cause_found *f)
{
	const struct model *m = model_find(l->p->model);
	const char *load = l->facts->root_load;
	int64_t at = read_root(l);

	if (!at || l->facts->root_xml != CAUSES_XML_READ || !load[0])
		return NO;
	enum load_oddity odd = load_name_oddity(load);
	enum cause c = odd == LOAD_ODD_EXTENSION			     ? CAUSE_LOAD_HAS_EXTENSION
		       : odd != LOAD_ODD_NOT				     ? CAUSE_LOAD_NAME_ODD
		       : m && m->family[0] && model_takes(m, load) == 1 ? CAUSE_WRONG_FAMILY
									     : CAUSE_NONE;

	if (c == CAUSE_NONE)
		return NO;
	say_moment(f, at);
	return say(f, c, SURE, "read XMLDefault.cnf.xml, which names \"%.63s\" for it, and asked for nothing", load);
}

/* On its way, told of its load by its stage's own file, which is whole, and it wants nothing: since when; 0 = it is not so.
 * The same phone may run that load already. */
static int64_t wants_nothing(const struct look *l, struct cause_found *f)
{
	int64_t at = look_on_way(l) ? evidence_got_first_from(l->e, FILE_CLASS_XMLDEFAULT, 1) : 0;
	bool loader = l->stage->kind == LOAD_TWO_PART || l->stage->kind == LOAD_JAVA;
	struct times got;

	if (!at || evidence_load_last(l->e) || l->now_ms - at < l->lim->presume || !loader)
		return 0;
	evidence_got_times(l->e, FILE_CLASS_XMLDEFAULT, &got);
	say_times(f, &got, 1);
	return at;
}

enum verdict rule_model_unknown(const struct look *l, struct cause_found *f)
{
	if (l->p->model[0] || !wants_nothing(l, f))
		return NO;
	f->apart = "nobody knows its model, and its stage's file names the load for the plan's models alone: which does "
		   "its case, or its display, name?";
	return say(f, CAUSE_MODEL_ELEMENT_MISSING, PERHAPS, "read its configuration and asked for nothing of %s",
		   l->stage->load.s);
}

enum verdict rule_wants_nothing(const struct look *l, struct cause_found *f)
{
	if (!wants_nothing(l, f))
		return NO;
	f->apart = "or it runs that load already: Settings > Model Information names what it runs";
	return say(f, CAUSE_CONFIGURATION_IGNORED, PERHAPS, "read its configuration and asked for nothing of %s",
		   l->stage->load.s);
}

/* B5 before the loop tells. */
enum verdict rule_manifest_once(const struct look *l, struct cause_found *f)
{
	int64_t at = evidence_got(l->e, FILE_CLASS_MANIFEST);
	struct times got;

	if (!l->java || !at || phone_is(l->p, PHONE_PROVEN) || l->p->phase == PHASE_DONE ||
	    evidence_asked(l->e, FILE_CLASS_MEMBER) || l->now_ms - at < l->lim->quiet)
		return NO;
	evidence_got_times(l->e, FILE_CLASS_MANIFEST, &got);
	say_times(f, &got, 1);
	f->apart = "or it has all of it already: then it boots, reads its configuration and leaves the list alone";
	return say(f, CAUSE_MANIFEST_REFUSED, PERHAPS, "read %s.loads and nothing of it", l->stage->load.s);
}

int64_t causes_due(const struct phone *p, const struct limits *lim, int64_t now_ms)
{
	const struct evidence *e = &p->evidence;
	int64_t boot = silent_boot(p, causes_asked(e));
	int64_t sep = times_latest(&e->file[FILE_CLASS_SEP][OUTCOME_SENT]);
	int64_t booted = times_latest(&e->boot);
	const int64_t moments[] = {
		boot ? boot + lim->app : 0,
		boot ? boot + 2 * lim->app : 0,
		sep ? sep + lim->proof_silence : 0,
		sep && booted ? booted + lim->proof_silence : 0,
	};
	int64_t due = 0;

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
		if (moments[i] > now_ms && (!due || moments[i] < due))
			due = moments[i];
	return due;
}
