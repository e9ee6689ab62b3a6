/* SPDX-License-Identifier: MPL-2.0 */
#include "explain_timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "evidence.h"
#include "strbuf.h"

#define WHAT_BYTES sizeof(((struct report_moment *)0)->what)
#define NEAR_MS \
	1000 /* the evidence's time of a boot and the history's are the same but for the clock's grain */

/* Names that are asked for and as a rule not there: their absence is one line. */
enum probe { PROBE_NONE, PROBE_OWN, PROBE_OTHER };

struct item {
	struct report_moment m;
	enum probe probe;
	bool hunt; /* MGC<MAC>.cnf among them: only the loader asks for that (F§2.2) */
	bool asked; /* by a server that does not tell how it ended */
	char names[160];
};

/* ---- one entry */

static const char *short_name(enum file_class c)
{
	switch ((int)c) {
	case FILE_CLASS_CTLSEP:
		return "CTLSEP";
	case FILE_CLASS_ITLSEP:
		return "ITLSEP";
	case FILE_CLASS_SEP:
		return "SEP";
	case FILE_CLASS_SIPMAC:
		return "SIP";
	case FILE_CLASS_MGCMAC:
		return "MGC";
	default:
		return NULL;
	}
}

static const char *counts_as(enum file_class c)
{
	switch (c) {
	case FILE_CLASS_OS79XX:
	case FILE_CLASS_XMLDEFAULT:
	case FILE_CLASS_SEPDEFAULT:
		return "configuration";
	case FILE_CLASS_SIPDEFAULT:
		return "SIP application's configuration";
	case FILE_CLASS_SEP:
		return "its own configuration";
	case FILE_CLASS_MANIFEST:
		return "the load's list";
	case FILE_CLASS_LOADER:
		return "loader";
	case FILE_CLASS_APP:
		return "application";
	case FILE_CLASS_IMAGE:
		return "image";
	case FILE_CLASS_MEMBER:
		return "part of the load";
	case FILE_CLASS_TERM:
		return "default load";
	case FILE_CLASS_SIGNED_NAME:
		return "signed image: 5.x code asks so";
	case FILE_CLASS_OTHER_STAGE:
		return "another stage's load";
	case FILE_CLASS_WRONG_FAMILY:
		return "a 7910's image";
	case FILE_CLASS_OTHER_PHONE:
		return "another phone's file";
	case FILE_CLASS_OTHER:
	case FILE_CLASS_CTLSEP:
	case FILE_CLASS_ITLSEP:
	case FILE_CLASS_SIPMAC:
	case FILE_CLASS_MGCMAC:
	case FILE_CLASS_XMLOTHER:
	case FILE_CLASS_COUNT:
		return "";
	}
	return "";
}

/* Of a java load which part it is, by its list. */
static void set_counts(const struct timeline *t, const struct history *h, enum file_class c, char *ret,
		       size_t size)
{
	const struct loadset *ls = c == FILE_CLASS_MEMBER && t->pl ? plan_stage(t->pl, h->stage_no) : NULL;
	const char *slash = strrchr(h->file, '/');
	int member = ls ? loadset_member(ls, slash ? slash + 1 : h->file) : -1;

	if (member >= 0)
		snprintf(ret, size, "part %d of %u", member + 1, ls->n_members);
	else
		(void)text_copy(ret, size, counts_as(c));
}

static bool has_time(const struct times *t, int64_t at_ms)
{
	for (int i = 0; i < EVIDENCE_TIMES; i++)
		if (t->last[i] && llabs(t->last[i] - at_ms) <= NEAR_MS)
			return true;
	return false;
}

static const char *boot_words(const struct timeline *t, int64_t at_ms)
{
	int64_t at = at_ms - t->skew_ms;

	/* worth a word only where it changed (F§1.2): else the phone's class says it */
	if (!t->p->evidence.bare.first || !t->p->evidence.named.first)
		return "boot";
	if (has_time(&t->p->evidence.bare, at))
		return "boot; its vendor class names no model";
	return has_time(&t->p->evidence.named, at) ? "boot; its vendor class names its model" : "boot";
}

static void file_words(const struct history *h, enum file_class c, char what[static WHAT_BYTES])
{
	bool usual = short_name(c) || c == FILE_CLASS_OTHER; /* its absence is no fault (F§8 row 54) */

	switch ((int)h->kind) {
	case EVENT_ASKED:
		snprintf(what, WHAT_BYTES, "asked for %s", h->file);
		break;
	case EVENT_MISSING:
		snprintf(what, WHAT_BYTES, "asked for %s: %s", h->file, usual ? "none" : "NOT THERE");
		break;
	case EVENT_FAILED:
		snprintf(what, WHAT_BYTES, "%s: the transfer BROKE OFF", h->file);
		break;
	default:
		if (h->bytes >= 0)
			snprintf(what, WHAT_BYTES, "fetched %s, %lld bytes", h->file, (long long)h->bytes);
		else
			snprintf(what, WHAT_BYTES, "fetched %s", h->file);
		break;
	}
}

/* What it changed: a phase of its own, or why it did not count. */
static void add_change(const struct history *h, char what[static WHAT_BYTES])
{
	size_t n = strlen(what);

	if (h->from != h->to)
		snprintf(what + n, WHAT_BYTES - n, " -> %s", phase_name(h->to));
	else if (strstr(h->note, "not credited"))
		snprintf(what + n, WHAT_BYTES - n, " (%s)", h->note);
}

/* What time or a person did: the note says it. */
static void note_words(const struct history *h, char what[static WHAT_BYTES])
{
	enum cause c;
	const char *kind = h->kind == EVENT_ALARM	 ? "alarm, "
			   : h->kind == EVENT_REGISTERED ? "registered "
							 : "";

	if (cause_parse(h->note, &c) == 0 && c != CAUSE_NONE)
		snprintf(what, WHAT_BYTES, "%s%s",
			 h->to == PHASE_STUCK ? "STUCK: " : "in trouble: ", h->note);
	else if (h->note[0])
		snprintf(what, WHAT_BYTES, "%s%s%s%s", kind, h->note, h->from != h->to ? " -> " : "",
			 h->from != h->to ? phase_name(h->to) : "");
	else
		snprintf(what, WHAT_BYTES, "%s", event_kind_name(h->kind));
}

static enum probe probe_of(const struct history *h, enum file_class c)
{
	bool gone = h->kind == EVENT_MISSING || h->kind == EVENT_ASKED;

	if (!gone || h->from != h->to || strstr(h->note, "not credited"))
		return PROBE_NONE;
	if (short_name(c))
		return PROBE_OWN;
	return h->kind == EVENT_MISSING && (c == FILE_CLASS_OTHER || c == FILE_CLASS_XMLOTHER) ? PROBE_OTHER
											       : PROBE_NONE;
}

static void make_item(const struct timeline *t, const struct history *h, struct item *ret)
{
	enum file_class c = FILE_CLASS_OTHER;
	int stage_no = 0;

	*ret = (struct item){ .m = { .at_ms = h->at_ms, .until_ms = h->at_ms, .times = 1 } };
	if (h->file[0])
		c = plan_file_class(t->pl, h->stage_no, t->p, h->file, &stage_no);
	if (h->kind == EVENT_BOOT) {
		ret->m.boot = true;
		snprintf(ret->m.what, WHAT_BYTES, "%s", boot_words(t, h->at_ms));
		add_change(h, ret->m.what);
	} else if (h->file[0]) {
		file_words(h, c, ret->m.what);
		add_change(h, ret->m.what);
		set_counts(t, h, c, ret->m.counts, sizeof(ret->m.counts));
		ret->probe = probe_of(h, c);
		ret->asked = h->kind == EVENT_ASKED;
		ret->hunt = c == FILE_CLASS_MGCMAC;
		snprintf(ret->names, sizeof(ret->names), "%s",
			 ret->probe == PROBE_OWN ? short_name(c) : h->file);
	} else {
		note_words(h, ret->m.what);
	}
	if (engine_note_proven(h->note))
		(void)text_copy(ret->m.counts, sizeof(ret->m.counts), "proof");
}

/* ---- many entries */

static void probe_words(struct item *it)
{
	if (it->probe == PROBE_NONE)
		return;
	snprintf(it->m.what, WHAT_BYTES, "asked for %s%s", it->names,
		 it->asked		  ? ""
		 : it->probe == PROBE_OWN ? ": none, as usual"
					  : ": none, no matter");
	(void)text_copy(it->m.counts, sizeof(it->m.counts), it->hunt ? "the loader asks" : "");
}

/* Is it one of "CTLSEP, SEP"? */
static bool has_name(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; (at = strstr(at, name)) != NULL; at++)
		if ((at == names || at[-1] == ' ') && (at[n] == '\0' || at[n] == ','))
			return true;
	return false;
}

/* Joined with the item before it, within one series of questions? */
static bool join_probe(struct item *before, const struct item *it, int64_t gap_ms)
{
	size_t n = strlen(before->names);

	if (it->probe == PROBE_NONE || it->probe != before->probe || it->asked != before->asked ||
	    it->m.boot || it->m.at_ms - before->m.until_ms >= gap_ms ||
	    n + strlen(it->names) + 3 > sizeof(before->names))
		return false;
	if (!has_name(before->names, it->names)) {
		(void)text_copy(before->names + n, sizeof(before->names) - n, ", ");
		(void)text_copy(before->names + n + 2, sizeof(before->names) - n - 2, it->names);
	}
	before->hunt = before->hunt || it->hunt;
	before->m.until_ms = it->m.at_ms;
	return true;
}

static bool alike(const struct item *a, const struct item *b)
{
	return a->m.boot == b->m.boot && !a->m.boot && strcmp(a->m.what, b->m.what) == 0 &&
	       strcmp(a->m.counts, b->m.counts) == 0;
}

static void fold(struct item *into, const struct item *it)
{
	into->m.times += it->m.times;
	into->m.until_ms = it->m.until_ms;
}

/* Are the last `period` lines those before them once more? */
static bool repeats(const struct item *a, size_t n, size_t period)
{
	if (n < 2 * period)
		return false;
	for (size_t i = n - period; i < n; i++)
		if (!alike(&a[i - period], &a[i]))
			return false;
	return true;
}

/* The same lines again: a phone that polls reads up to PERIOD_MAX files each time (F§2.3, F§2.4). */
#define PERIOD_MAX 4

static size_t fold_repeats(struct item *a, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		a[m++] = a[i];
		for (size_t period = 1; period <= PERIOD_MAX; period++) {
			if (!repeats(a, m, period))
				continue;
			for (size_t k = m - period; k < m; k++)
				fold(&a[k - period], &a[k]);
			m -= period;
			break;
		}
	}
	return m;
}

/* Boots that no DHCP server told of begin where the engine guesses them. */
static void guess_boot(const struct timeline *t, const struct history *h, int64_t before_ms, struct item *it)
{
	int stage_no;

	if (phone_is(t->p, PHONE_DHCP_KNOWN) || !h->file[0] || h->at_ms - before_ms < t->lim->boot_gap ||
	    !evidence_opens_boot(plan_file_class(t->pl, h->stage_no, t->p, h->file, &stage_no)))
		return;
	it->m.boot = true;
}

static size_t first_shown(const struct item *a, size_t n)
{
	size_t from = n > TIMELINE_LINES ? n - TIMELINE_LINES : 0;

	/* begin with a boot, if that leaves enough */
	for (size_t i = from; from > 0 && i + TIMELINE_LINES / 3 < n; i++)
		if (a[i].m.boot)
			return i;
	return from;
}

static size_t make_items(const struct timeline *t, const struct history *a, size_t n, struct item *ret)
{
	int64_t before = INT64_MIN / 2;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		make_item(t, &a[i], &ret[m]);
		guess_boot(t, &a[i], before, &ret[m]);
		before = a[i].at_ms;
		if (t->all || m == 0 || !join_probe(&ret[m - 1], &ret[m], t->lim->boot_gap))
			m++;
	}
	for (size_t i = 0; i < m && !t->all; i++)
		probe_words(&ret[i]);
	return t->all ? m : fold_repeats(ret, m);
}

int timeline_make(const struct timeline *t, const struct history *a, size_t n, struct report_moment **ret,
		  size_t *ret_n, size_t *ret_earlier, struct err *e)
{
	struct item *items = calloc(n + 1, sizeof(*items));
	struct report_moment *moments = calloc(n + 1, sizeof(*moments));

	if (!items || !moments) {
		free(items);
		free(moments);
		return err_sys(e, ERR_SYSTEM, ENOMEM, "a timeline of %zu entries", n);
	}
	*ret_n = make_items(t, a, n, items);
	*ret_earlier = t->all ? 0 : first_shown(items, *ret_n);
	for (size_t i = 0; i < *ret_n; i++)
		moments[i] = items[i].m;
	free(items);
	*ret = moments;
	return 0;
}

int64_t timeline_proven(const struct history *a, size_t n)
{
	for (size_t i = n; i > 0; i--)
		if (engine_note_proven(a[i - 1].note))
			return a[i - 1].at_ms;
	return 0;
}

int64_t timeline_heard(const struct history *a, size_t n)
{
	for (size_t i = n; i > 0; i--)
		if (a[i - 1].kind != EVENT_TICK && a[i - 1].kind != EVENT_OPERATOR)
			return a[i - 1].at_ms;
	return 0;
}
