/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_lines.h"

#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "watch_text.h"

#define WHAT_MAX 2048

/* Files and notes are escaped when they are stored; a store that somebody else wrote is not trusted for it. */
static void add_clean(struct strbuf *sb, const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			strbuf_add_char(sb, '?');
		else
			strbuf_add_char(sb, *text);
}

static void add_who(struct strbuf *sb, int64_t at_ms, const struct mac *mac, struct ip4 address,
		    const char *model, const char *load)
{
	char clock[WATCH_CLOCK_SIZE], text[MAC_TEXT_SIZE];

	strbuf_addf(sb, "%s ", watch_clock(clock, at_ms));
	if (mac)
		strbuf_add(sb, mac_format(text, mac));
	else
		strbuf_add(sb, address.host ? ip4_format(text, address) : "-");
	strbuf_add_char(sb, ' ');
	add_clean(sb, model[0] ? model : "-");
	strbuf_add_char(sb, ' ');
	add_clean(sb, load[0] ? load : "-");
	strbuf_add(sb, ": ");
}

/* Where it stood then: the look may have come a stage later. */
static void set_of_then(const struct history *h, const struct watch_row *r, const struct config *cfg,
			struct loadset *ret)
{
	const struct plan *pl = r && r->plan[0] ? config_plan(cfg, r->plan) : NULL;
	const struct loadset *ls = pl ? plan_stage(pl, h->stage_no) : NULL;
	struct load_name load = { "" };

	if (ls) {
		*ret = *ls;
		return;
	}
	if (r && h->stage_no == r->stage_no)
		(void)text_copy(load.s, sizeof(load.s), r->load);
	loadset_from_name(&load, ret);
}

static unsigned boxes_of(const struct loadset *ls)
{
	return ls->kind == LOAD_TWO_PART ? 3 : ls->kind == LOAD_JAVA ? 1 + ls->n_members : 1;
}

static bool add_file(struct strbuf *sb, const struct history *h, struct watch_row *r,
		     const struct loadset *ls)
{
	int box = h->file[0] ? watch_box_of(ls, path_base(h->file)) : -1;

	if (box < 0)
		return false;
	if (h->kind == EVENT_MISSING || h->kind == EVENT_FAILED) {
		add_clean(sb, h->file);
		strbuf_add(sb, h->kind == EVENT_MISSING ? " is not on the server" : " broke off");
		return true;
	}
	if (h->kind != EVENT_SENT && h->kind != EVENT_ASKED)
		return false;
	strbuf_add(sb, h->kind == EVENT_SENT ? "sent " : "asked for ");
	add_clean(sb, h->file);
	if (r) {
		r->told_boxes |= 1u << box;
		strbuf_addf(sb, " (%d/%u)", __builtin_popcount(r->told_boxes), boxes_of(ls));
	}
	return true;
}

/* A stage, and each new try of one, begins with empty boxes. */
static void begin_stage(const struct history *h, struct watch_row *r)
{
	bool again = h->from != h->to && h->from != PHASE_HALF_FLASHED &&
		     (h->to == PHASE_DOWNLOADING || h->to == PHASE_OFFERED);

	if (h->stage_no == r->told_stage && !again)
		return;
	r->told_stage = h->stage_no;
	r->told_boxes = 0;
}

/* "offered -> downloading: why; what to do", "operator: what he said", "why it was not credited" */
static void add_change(struct strbuf *sb, const struct history *h, const struct watch_row *r, bool with_note)
{
	const char *end = sb->len ? "; " : "";

	if (h->from != h->to)
		strbuf_addf(sb, "%s%s -> %s", end, phase_name(h->from), phase_name(h->to));
	else if (h->kind == EVENT_OPERATOR || h->kind == EVENT_ALARM || h->kind == EVENT_REGISTERED)
		strbuf_addf(sb, "%s%s", end, h->note[0] ? event_kind_name(h->kind) : "");
	else if (!with_note)
		return;
	if (h->note[0]) {
		strbuf_add(sb, sb->len ? ": " : "");
		add_clean(sb, h->note);
	}
	if (h->from != h->to && h->to == PHASE_STUCK && r && r->cause)
		strbuf_addf(sb, "; %s", cause_action(r->cause));
}

bool watch_line(struct strbuf *sb, const struct history *h, struct watch_row *r, const struct config *cfg)
{
	CLEANUP(strbuf_fini) struct strbuf what = STRBUF_INIT(WHAT_MAX);
	struct loadset set;

	if (r)
		begin_stage(h, r);
	set_of_then(h, r, cfg, &set);
	bool told = add_file(&what, h, r, &set);

	add_change(&what, h, r, told);
	if (what.len == 0)
		return false;
	add_who(sb, h->at_ms, h->mac_known ? &h->mac : NULL, h->address, r ? r->model : "", set.load.s);
	strbuf_add(sb, strbuf_text(&what));
	return true;
}

void watch_line_trouble(struct strbuf *sb, const struct watch_row *r, int64_t now_ms)
{
	char phase[256];

	add_who(sb, now_ms, r->mac_known ? &r->mac : NULL, r->address, r->model, r->load);
	watch_row_phase(r, phase, sizeof(phase));
	strbuf_add(sb, phase);
	if (r->cause)
		strbuf_addf(sb, ": %s; %s", cause_summary(r->cause), cause_action(r->cause));
}

void watch_line_summary(struct strbuf *sb, const struct watch_model *m, int64_t now_ms)
{
	char clock[WATCH_CLOCK_SIZE];

	strbuf_addf(sb, "%s summary: ", watch_clock(clock, now_ms));
	watch_counts_text(m, sb);
	strbuf_add(sb, "; ");
	watch_power_text(m, sb);
	strbuf_add(sb, "; ");
	watch_rate_text(m, now_ms, sb);
	strbuf_add(sb, "; ");
	watch_left_text(m, now_ms, sb);
}
