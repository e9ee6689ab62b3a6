/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "strbuf.h"

/* ---- the load's files */

void watch_loadset(const struct plan *pl, int stage_no, const struct load_name *load, struct loadset *ret)
{
	const struct loadset *ls = pl ? plan_stage(pl, stage_no) : NULL;

	if (ls && load_name_equal(&ls->load, load))
		*ret = *ls;
	else
		loadset_from_name(load, ret);
}

/* What is known of one file: when it last ended which way. */
struct ends {
	int64_t sent, asked, missing, failed;
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void add_class(struct ends *x, const struct evidence *e, enum file_class c)
{
	const struct times *f = e->file[c];

	x->sent = later(x->sent, times_latest(&f[OUTCOME_SENT]));
	x->asked = later(x->asked, times_latest(&f[OUTCOME_ASKED]));
	x->missing = later(x->missing, times_latest(&f[OUTCOME_MISSING]));
	x->failed = later(x->failed, times_latest(&f[OUTCOME_FAILED]));
}

/* last_ms: the newest file of the load. tftpd-hpa tells only what was asked for, and the next question ends the one
 * before. */
static enum watch_box box_of(const struct ends *x, int64_t last_ms, bool over)
{
	int64_t newest = later(later(x->sent, x->asked), later(x->missing, x->failed));

	if (newest == 0)
		return over ? BOX_KEPT : BOX_EMPTY;
	if (newest == x->sent)
		return BOX_SENT;
	if (newest == x->missing)
		return BOX_MISSING;
	if (newest == x->failed)
		return BOX_FAILED;
	return over || newest < last_ms ? BOX_SENT : BOX_ASKED;
}

/* A member's evidence says sent or asked for, whichever the server tells. */
static enum watch_box member_box(const struct phone *p, unsigned idx, int64_t last_ms, bool over,
				 const struct watch_trouble *t)
{
	const struct times *member = p->evidence.file[FILE_CLASS_MEMBER];
	int64_t at = idx < EVIDENCE_MEMBERS ? times_latest(&p->evidence.member[idx]) : 0;
	struct ends x = { .asked = at };

	if (t && t->missing & 1u << idx)
		return BOX_MISSING;
	if (t && t->failed & 1u << idx)
		return BOX_FAILED;
	if (times_latest(&member[OUTCOME_SENT]))
		x = (struct ends){ .sent = at };
	return box_of(&x, last_ms, over);
}

static void fill_boxes(struct watch_row *r, const struct phone *p, const struct loadset *ls,
		       const struct watch_trouble *t)
{
	const struct evidence *e = &p->evidence;
	int64_t last = evidence_load_last(e);
	bool over = p->phase == PHASE_FLASHING || p->phase == PHASE_CHECKING || p->phase == PHASE_DONE;
	struct ends manifest = { 0 }, loader = { 0 }, app = { 0 }, image = { 0 };

	add_class(&manifest, e, FILE_CLASS_MANIFEST);
	add_class(&manifest, e, FILE_CLASS_TERM);
	add_class(&loader, e, FILE_CLASS_LOADER);
	add_class(&app, e, FILE_CLASS_APP);
	add_class(&image, e, FILE_CLASS_IMAGE);
	add_class(&image, e, FILE_CLASS_SIGNED_NAME);
	if (ls->kind == LOAD_KIND_UNKNOWN)
		add_class(&image, e, FILE_CLASS_MANIFEST);
	r->n_boxes = 0;
	switch (ls->kind) {
	case LOAD_KIND_UNKNOWN:
	case LOAD_SINGLE_UNSIGNED:
	case LOAD_SINGLE_SIGNED:
		r->boxes[r->n_boxes++] = (uint8_t)box_of(&image, last, over);
		return;
	case LOAD_TWO_PART:
		r->boxes[r->n_boxes++] = (uint8_t)box_of(&manifest, last, over);
		r->boxes[r->n_boxes++] = (uint8_t)box_of(&loader, last, over);
		r->boxes[r->n_boxes++] = (uint8_t)box_of(&app, last, over);
		return;
	case LOAD_JAVA:
		r->boxes[r->n_boxes++] = (uint8_t)box_of(&manifest, last, over);
		for (unsigned i = 0; i < ls->n_members && r->n_boxes < WATCH_BOXES_MAX; i++)
			r->boxes[r->n_boxes++] = (uint8_t)member_box(p, i, last, over, t);
		return;
	}
}

int watch_box_of(const struct loadset *ls, const char *file)
{
	switch (loadset_file(ls, file)) {
	case LOAD_FILE_NONE:
		return -1;
	case LOAD_FILE_IMAGE:
	case LOAD_FILE_SIGNED_NAME:
		return 0;
	case LOAD_FILE_MANIFEST:
		return ls->kind == LOAD_SINGLE_UNSIGNED || ls->kind == LOAD_SINGLE_SIGNED ? -1 : 0;
	case LOAD_FILE_LOADER:
		return 1;
	case LOAD_FILE_APP:
		return 2;
	case LOAD_FILE_MEMBER:
		return ls->kind == LOAD_JAVA ? 1 + loadset_member(ls, file) : -1;
	}
	return -1;
}

unsigned watch_row_sent(const struct watch_row *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_boxes; i++)
		n += r->boxes[i] == BOX_SENT;
	return n;
}

/* ---- its way */

enum watch_step watch_row_step(const struct watch_row *r, int stage_no)
{
	if (stage_no < r->stage_no || r->phase == PHASE_DONE)
		return STEP_DONE;
	if (stage_no > r->stage_no || r->phase == PHASE_SEEN || r->phase == PHASE_WAITING)
		return STEP_TO_COME;
	return r->phase == PHASE_STUCK ? STEP_STUCK : STEP_HERE;
}

static struct span nothing(void)
{
	return (struct span){ 0, 0 };
}

/* What lies behind the stage: not of a stopped phone, which ends there. */
static struct span rest_of(const struct plan *pl, unsigned idx, const struct limits *lim, uint32_t flags)
{
	bool more = idx + 1 < pl->n_stages && !(flags & PHONE_STOPPED);

	return more ? span_add(stage_wait_time(lim, true), stages_time(pl, idx + 1, lim)) : nothing();
}

static void left_on_stage(struct watch_row *r, const struct phone *p, const struct plan *pl, unsigned idx,
			  const struct limits *lim, int64_t skew_ms)
{
	int64_t first = evidence_load_first(&p->evidence);

	r->rest = rest_of(pl, idx, lim, p->flags);
	r->left = LEFT_RUNNING;
	r->span = stage_proof_time(pl, idx, lim);
	r->left_from_ms = p->since_ms;
	if (phone_is(p, PHONE_PROVEN)) {
		r->left = LEFT_STANDING;
		r->span = nothing();
		return;
	}
	if (p->phase == PHASE_CHECKING)
		return;
	r->span = span_add(r->span, stage_fetch_time(pl, idx));
	if (p->phase == PHASE_OFFERED)
		r->left = LEFT_STANDING;
	else if (first)
		r->left_from_ms = first + skew_ms;
}

static void fill_left(struct watch_row *r, const struct phone *p, const struct plan *pl,
		      const struct limits *lim, int64_t skew_ms)
{
	int stage_no = pl ? plan_stage_of(pl, &p->load) : 0;

	r->left = LEFT_NONE;
	r->span = r->rest = nothing();
	if (!pl || p->phase == PHASE_STUCK)
		return;
	if (phone_on_way(p) && stage_no > 0) {
		left_on_stage(r, p, pl, (unsigned)stage_no - 1, lim, skew_ms);
	} else if (p->phase == PHASE_WAITING && !phone_is(p, PHONE_STOPPED)) {
		stage_no = stage_no > 0 ? stage_no : plan_entry_stage(pl, p, NULL);
		r->left = LEFT_STANDING;
		r->span = stages_time(pl, (unsigned)stage_no - 1, lim);
	}
}

bool watch_row_left(const struct watch_row *r, int64_t now_ms, struct span *ret)
{
	int64_t passed = r->left == LEFT_RUNNING ? later(now_ms - r->left_from_ms, 0) : 0;

	if (r->left == LEFT_NONE)
		return false;
	*ret = (struct span){ later(r->span.low_ms - passed, 0), later(r->span.high_ms - passed, 0) };
	*ret = span_add(*ret, r->rest);
	return true;
}

/* ---- the row */

static void take_text(char *buf, size_t size, const char *text)
{
	char shown[256];

	text_escape(shown, sizeof(shown), text, strlen(text));
	if (!text_copy(buf, size, shown))
		buf[size - 2] = '~';
}

void watch_row_fill(struct watch_row *ret, const struct phone *p, const struct plan *pl,
		    const struct limits *lim, int64_t skew_ms, const struct watch_trouble *trouble)
{
	struct report_phone shown = { .phone = *p, .unplug.may = true };
	struct loadset ls;

	ret->ranks[0] = report_rank(&shown);
	shown.unplug.may = false;
	ret->ranks[1] = report_rank(&shown);
	ret->id = p->id;
	ret->mac = p->mac;
	ret->mac_known = p->mac_known;
	ret->address = p->address;
	take_text(ret->model, sizeof(ret->model), p->model);
	take_text(ret->plan, sizeof(ret->plan), p->plan);
	take_text(ret->load, sizeof(ret->load), p->load.s);
	take_text(ret->running, sizeof(ret->running), p->running);
	ret->stages = pl ? (int)pl->n_stages : 0;
	ret->stage_no = p->stage_no;
	ret->phase = p->phase;
	ret->flags = report_flags(p);
	ret->cause = p->cause;
	ret->since_ms = p->since_ms;
	ret->n_boxes = 0;
	if (p->load.s[0] && (phone_on_way(p) || p->phase == PHASE_DONE || p->phase == PHASE_STUCK)) {
		watch_loadset(pl, p->stage_no, &p->load, &ls);
		fill_boxes(ret, p, &ls, trouble);
	}
	fill_left(ret, p, pl, lim, skew_ms);
}

/* ---- power */

int watch_row_hold(struct watch_row *r, const struct phone *p, struct err *e)
{
	if (!r->phone)
		r->phone = malloc(sizeof(*r->phone));
	if (!r->phone)
		return err_set(e, ERR_SYSTEM, "no memory for a phone");
	*r->phone = *p;
	return 0;
}

void watch_row_release(struct watch_row *r)
{
	free(r->phone);
	r->phone = NULL;
	r->unplug_ms = 0;
}

/* ---- words */

const char *watch_row_flag(const struct watch_row *r, unsigned idx)
{
	const char *name;
	uint32_t bit;

	for (unsigned i = 0; (name = phone_flag_name(i, &bit)) != NULL; i++)
		if (r->flags & bit && idx-- == 0)
			return name;
	return NULL;
}

void watch_row_phase(const struct watch_row *r, char *buf, size_t size)
{
	const char *flag;
	size_t at = (size_t)snprintf(buf, size, "%s%s%s", phase_name(r->phase), r->cause ? ": " : "",
				     cause_name(r->cause));

	for (unsigned i = 0; at < size && (flag = watch_row_flag(r, i)) != NULL; i++)
		at += (size_t)snprintf(buf + at, size - at, ", %s", flag);
	bool said =
		r->phase == PHASE_DOWNLOADING || r->phase == PHASE_HALF_FLASHED || r->phase == PHASE_FLASHING;

	if (r->phone && !said && at < size)
		snprintf(buf + at, size - at, ", writing flash");
}

void watch_cause_short(enum cause c, char *buf, size_t size)
{
	const char *action = cause_action(c);
	size_t len = strcspn(action, ";");

	snprintf(buf, size, "%.*s", (int)len, action);
}
