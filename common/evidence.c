/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Evidence: the earliest time and the newest few of each thing observed. Both are functions of the *set*
 * of times added, so no order and no repetition can change them; that is what lets the engine judge late
 * and doubled events. Each `struct times` has a slot number (boot, bare, named, then class by outcome, then
 * the witness' words, the members, the signs), which is also the order of the text.
 */
#include "evidence.h"

#include <string.h>

#define SLOT_FILES 3
#define SLOT_WITNESS (SLOT_FILES + FILE_CLASS_COUNT * OUTCOME_COUNT)
#define SLOT_MEMBER (SLOT_WITNESS + WITNESS_COUNT)
#define SLOT_SIGN (SLOT_MEMBER + EVIDENCE_MEMBERS)
#define SLOT_COUNT (SLOT_SIGN + SIGN_COUNT)
#define SLOT_NAME_SIZE 48

static int64_t min_seen(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

static int64_t max_seen(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct times *slot_mutable(struct evidence *ev, unsigned slot)
{
	struct times *head[SLOT_FILES] = { &ev->boot, &ev->bare, &ev->named };

	if (slot < SLOT_FILES)
		return head[slot];
	if (slot >= SLOT_SIGN)
		return &ev->sign[slot - SLOT_SIGN];
	if (slot >= SLOT_MEMBER)
		return &ev->member[slot - SLOT_MEMBER];
	if (slot >= SLOT_WITNESS)
		return &ev->witness[slot - SLOT_WITNESS];
	slot -= SLOT_FILES;
	return &ev->file[slot / OUTCOME_COUNT][slot % OUTCOME_COUNT];
}

static const struct times *slot_get(const struct evidence *ev, unsigned slot)
{
	const struct times *head[SLOT_FILES] = { &ev->boot, &ev->bare, &ev->named };

	if (slot < SLOT_FILES)
		return head[slot];
	if (slot >= SLOT_SIGN)
		return &ev->sign[slot - SLOT_SIGN];
	if (slot >= SLOT_MEMBER)
		return &ev->member[slot - SLOT_MEMBER];
	if (slot >= SLOT_WITNESS)
		return &ev->witness[slot - SLOT_WITNESS];
	slot -= SLOT_FILES;
	return &ev->file[slot / OUTCOME_COUNT][slot % OUTCOME_COUNT];
}

static void slot_name(struct strbuf *sb, unsigned slot)
{
	static const char *const head[SLOT_FILES] = { "boot", "bare", "named" };
	static const enum event_kind outcome_event[OUTCOME_COUNT] = {
		[OUTCOME_ASKED] = EVENT_ASKED,
		[OUTCOME_SENT] = EVENT_SENT,
		[OUTCOME_MISSING] = EVENT_MISSING,
		[OUTCOME_FAILED] = EVENT_FAILED,
	};

	if (slot < SLOT_FILES) {
		strbuf_add(sb, head[slot]);
		return;
	}
	if (slot >= SLOT_SIGN) {
		strbuf_add(sb, sign_name((enum sign)(slot - SLOT_SIGN)));
		return;
	}
	if (slot >= SLOT_MEMBER) {
		strbuf_addf(sb, "member-%u", slot - SLOT_MEMBER + 1);
		return;
	}
	if (slot >= SLOT_WITNESS) {
		strbuf_add(sb, witness_name((enum witness)(slot - SLOT_WITNESS)));
		return;
	}
	slot -= SLOT_FILES;
	strbuf_add(sb, file_class_name((enum file_class)(slot / OUTCOME_COUNT)));
	strbuf_add_char(sb, '/');
	strbuf_add(sb, event_kind_name(outcome_event[slot % OUTCOME_COUNT]));
}

void times_add(struct times *t, int64_t at_ms)
{
	unsigned i = 0;

	if (at_ms <= 0)
		return;
	t->first = min_seen(t->first, at_ms);
	while (i < EVIDENCE_TIMES && t->last[i] > at_ms)
		i++;
	if (i == EVIDENCE_TIMES || t->last[i] == at_ms)
		return;
	memmove(&t->last[i + 1], &t->last[i], (EVIDENCE_TIMES - 1 - i) * sizeof(t->last[0]));
	t->last[i] = at_ms;
}

bool times_remove(struct times *t, int64_t at_ms)
{
	unsigned i = 0;

	if (at_ms <= 0)
		return false; /* an unused place is none */
	while (i < EVIDENCE_TIMES && t->last[i] != at_ms)
		i++;
	bool kept = i < EVIDENCE_TIMES;
	if (kept) {
		memmove(&t->last[i], &t->last[i + 1], (EVIDENCE_TIMES - 1 - i) * sizeof(t->last[0]));
		t->last[EVIDENCE_TIMES - 1] = 0;
	}
	if (t->first != at_ms)
		return kept;
	t->first = 0;
	for (i = 0; i < EVIDENCE_TIMES && t->last[i]; i++)
		t->first = t->last[i];
	return true;
}

int64_t times_latest(const struct times *t)
{
	return t->last[0];
}

int64_t times_first_from(const struct times *t, int64_t from_ms)
{
	if (t->first >= from_ms || t->first == 0)
		return t->first;
	for (unsigned i = EVIDENCE_TIMES; i-- > 0;)
		if (t->last[i] && t->last[i] >= from_ms)
			return t->last[i];
	return 0;
}

int64_t times_latest_upto(const struct times *t, int64_t upto_ms)
{
	if (t->first == 0)
		return 0;
	for (unsigned i = 0; i < EVIDENCE_TIMES; i++)
		if (t->last[i] && t->last[i] <= upto_ms)
			return t->last[i];
	return t->first <= upto_ms ? t->first : 0;
}

unsigned times_count(const struct times *t, int64_t from_ms, int64_t gap_ms)
{
	int64_t before = 0;
	unsigned n = 0;

	/* Oldest first: `first`, then the kept ones from the back; an equal one is the same time. */
	for (unsigned i = EVIDENCE_TIMES + 1; i-- > 0;) {
		int64_t at = i == EVIDENCE_TIMES ? t->first : t->last[i];

		if (at == 0 || at < from_ms || at == before)
			continue;
		if (before == 0 || at - before >= gap_ms)
			n++;
		before = at;
	}
	return n;
}

static void times_cut(struct times *t, int64_t upto_ms)
{
	unsigned n = 0;

	if (t->first > upto_ms)
		return;
	while (n < EVIDENCE_TIMES && t->last[n] > upto_ms)
		n++;
	memset(&t->last[n], 0, (EVIDENCE_TIMES - n) * sizeof(t->last[0]));
	t->first = n ? t->last[n - 1] : 0;
}

void evidence_cut(struct evidence *ev, int64_t upto_ms)
{
	for (unsigned slot = 0; slot < SLOT_COUNT; slot++)
		times_cut(slot_mutable(ev, slot), upto_ms);
}

int64_t evidence_asked(const struct evidence *ev, enum file_class c)
{
	int64_t at = 0;

	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		at = max_seen(at, times_latest(&ev->file[c][o]));
	return at;
}

int64_t evidence_asked_first_from(const struct evidence *ev, enum file_class c, int64_t from_ms)
{
	int64_t at = 0;

	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		at = min_seen(at, times_first_from(&ev->file[c][o], from_ms));
	return at;
}

int64_t evidence_got(const struct evidence *ev, enum file_class c)
{
	return max_seen(times_latest(&ev->file[c][OUTCOME_SENT]), times_latest(&ev->file[c][OUTCOME_ASKED]));
}

int64_t evidence_got_first_from(const struct evidence *ev, enum file_class c, int64_t from_ms)
{
	return min_seen(times_first_from(&ev->file[c][OUTCOME_SENT], from_ms),
			times_first_from(&ev->file[c][OUTCOME_ASKED], from_ms));
}

void evidence_got_times(const struct evidence *ev, enum file_class c, struct times *ret)
{
	const struct times *asked = &ev->file[c][OUTCOME_ASKED];

	*ret = ev->file[c][OUTCOME_SENT];
	for (unsigned i = 0; i < EVIDENCE_TIMES; i++)
		times_add(ret, asked->last[i]);
	ret->first = min_seen(ret->first, asked->first);
}

/* The latest of n of them, or `at`. */
static int64_t latest_of(const struct times *t, size_t n, int64_t at)
{
	for (size_t i = 0; i < n; i++)
		at = max_seen(at, times_latest(&t[i]));
	return at;
}

int64_t evidence_last_read(const struct evidence *ev)
{
	int64_t at = max_seen(times_latest(&ev->boot), times_latest(&ev->bare));

	at = max_seen(at, times_latest(&ev->named));
	for (int c = 0; c < FILE_CLASS_COUNT; c++)
		at = latest_of(ev->file[c], OUTCOME_COUNT, at);
	return at;
}

int64_t evidence_last_event(const struct evidence *ev)
{
	int64_t at = latest_of(ev->witness, WITNESS_COUNT, evidence_last_read(ev));

	return latest_of(ev->member, EVIDENCE_MEMBERS, at);
}

static const enum file_class load_classes[] = {
	FILE_CLASS_MANIFEST, FILE_CLASS_LOADER, FILE_CLASS_APP,
	FILE_CLASS_IMAGE,    FILE_CLASS_MEMBER, FILE_CLASS_TERM,
};

int64_t evidence_load_last(const struct evidence *ev)
{
	int64_t at = 0;

	for (size_t i = 0; i < sizeof(load_classes) / sizeof(load_classes[0]); i++)
		at = max_seen(at, evidence_asked(ev, load_classes[i]));
	return at;
}

int64_t evidence_load_first(const struct evidence *ev)
{
	int64_t at = 0;

	for (size_t i = 0; i < sizeof(load_classes) / sizeof(load_classes[0]); i++)
		for (int o = 0; o < OUTCOME_COUNT; o++)
			at = min_seen(at, ev->file[load_classes[i]][o].first);
	return at;
}

void evidence_format(const struct evidence *ev, struct strbuf *sb)
{
	const char *blank = "";

	for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
		const struct times *t = slot_get(ev, slot);

		if (t->first == 0)
			continue;
		strbuf_add(sb, blank);
		blank = " ";
		slot_name(sb, slot);
		strbuf_add_char(sb, '=');
		strbuf_add_int(sb, t->first);
		for (unsigned i = 0; i < EVIDENCE_TIMES && t->last[i]; i++) {
			strbuf_add_char(sb, i ? ',' : ':');
			strbuf_add_int(sb, t->last[i]);
		}
	}
}

/* What is left of the text while it is read. */
struct reader {
	const char *p;
	const char *end;
};

static bool read_char(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* A time as format writes it: digits, no leading zero. */
static bool read_time(struct reader *r, int64_t *ret)
{
	const char *start = r->p;
	int64_t v = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		int digit = *r->p++ - '0';

		if (v > (INT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (r->p == start || *start == '0')
		return false;
	*ret = v;
	return true;
}

/* "F:T1,T2": newest first, all distinct, F not after the oldest. */
static bool read_times(struct reader *r, struct times *ret)
{
	struct times t = { 0 };
	unsigned n = 0;

	if (!read_time(r, &t.first))
		return false;
	while (read_char(r, n ? ',' : ':')) {
		if (n == EVIDENCE_TIMES || !read_time(r, &t.last[n]))
			return false;
		if (n && t.last[n] >= t.last[n - 1])
			return false;
		n++;
	}
	if (n == 0 || t.first > t.last[n - 1])
		return false;
	*ret = t;
	return true;
}

/*
 * The slot whose name stands before "=", from `slot` on: format writes them in order. SLOT_COUNT: none. The
 * names are compared in a buffer of our own, which is never grown: its ceiling is its size.
 */
static unsigned read_slot(struct reader *r, unsigned slot)
{
	char space[SLOT_NAME_SIZE] = "";
	const char *eq = memchr(r->p, '=', (size_t)(r->end - r->p));
	size_t len = eq ? (size_t)(eq - r->p) : 0;
	struct strbuf name = { .p = space, .cap = sizeof(space), .max = sizeof(space) - 1 };

	for (; eq && slot < SLOT_COUNT; slot++) {
		strbuf_reset(&name);
		slot_name(&name, slot);
		if (name.len == len && memcmp(space, r->p, len) == 0) {
			r->p = eq + 1;
			return slot;
		}
	}
	return SLOT_COUNT;
}

int evidence_parse(const char *text, size_t len, struct evidence *ret, struct err *e)
{
	struct reader r = { text, text + len };
	struct evidence ev;
	unsigned next = 0; /* the first slot that may still come */

	memset(&ev, 0, sizeof(ev));
	while (r.p < r.end) {
		unsigned slot;

		if (next && !read_char(&r, ' '))
			return err_set(e, ERR_INPUT, "evidence: byte %td: not a blank between entries",
				       r.p - text);
		slot = read_slot(&r, next);
		if (slot == SLOT_COUNT)
			return err_set(e, ERR_INPUT, "evidence: byte %td: no such entry here", r.p - text);
		if (!read_times(&r, slot_mutable(&ev, slot)))
			return err_set(e, ERR_INPUT, "evidence: byte %td: not a list of times", r.p - text);
		next = slot + 1;
	}
	*ret = ev;
	return 0;
}

bool evidence_opens_boot(enum file_class c)
{
	return c == FILE_CLASS_OS79XX || c == FILE_CLASS_CTLSEP || c == FILE_CLASS_SEP || c == FILE_CLASS_SIPDEFAULT ||
	       c == FILE_CLASS_SEPDEFAULT || c == FILE_CLASS_XMLDEFAULT || c == FILE_CLASS_TERM;
}

enum outcome evidence_outcome(enum event_kind k)
{
	switch (k) {
	case EVENT_SENT:
		return OUTCOME_SENT;
	case EVENT_MISSING:
		return OUTCOME_MISSING;
	case EVENT_FAILED:
		return OUTCOME_FAILED;
	case EVENT_ASKED:
	case EVENT_BOOT:
	case EVENT_TICK:
	case EVENT_OPERATOR:
	case EVENT_REGISTERED:
	case EVENT_ALARM:
	case EVENT_COUNT:
		return OUTCOME_ASKED;
	}
	return OUTCOME_ASKED;
}
