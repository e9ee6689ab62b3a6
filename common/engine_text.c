/* SPDX-License-Identifier: MPL-2.0 */
/* The engine in words: the golden matrix of its table, the history's notes, and a phone's evidence as lines for people. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "engine_priv.h"

static void matrix_cell(struct strbuf *sb, enum phase p, enum event_kind k)
{
	unsigned seen = 0;
	bool any = false;

	for (unsigned i = 0; i < engine_rows_count; i++) {
		const struct row *r = &engine_rows[i];

		if (!(r->from & (1u << p)) || !(r->on & (1u << k)))
			continue;
		enum phase to = r->to == PHASE_COUNT || (r->act == ACT_CAUSE && p == PHASE_SEEN) ? p : r->to;

		if (seen & (1u << to))
			continue;
		seen |= 1u << to;
		strbuf_add(sb, any ? ", " : " ");
		strbuf_add(sb, phase_name(to));
		any = true;
	}
	strbuf_add(sb, any ? " |" : " – |");
}

void engine_matrix(struct strbuf *sb)
{
	strbuf_add(sb, "| phase \\ event |");
	for (int k = 0; k < EVENT_COUNT; k++)
		strbuf_addf(sb, " %s |", event_kind_name((enum event_kind)k));
	strbuf_add(sb, "\n|---|");
	for (int k = 0; k < EVENT_COUNT; k++)
		strbuf_add(sb, "---|");
	strbuf_add_char(sb, '\n');
	for (int p = 0; p < PHASE_COUNT; p++) {
		strbuf_addf(sb, "| %s |", phase_name((enum phase)p));
		for (int k = 0; k < EVENT_COUNT; k++)
			matrix_cell(sb, (enum phase)p, (enum event_kind)k);
		strbuf_add_char(sb, '\n');
	}
}

void note_row(struct engine_result *r, const struct standing *before, const struct phone *after, const struct row *row)
{
	if (r->n_notes == ENGINE_NOTES_MAX)
		return;
	struct engine_note *n = &r->notes[r->n_notes++];

	n->from = before->phase;
	n->to = after->phase;
	n->stage_no = after->stage_no;
	if (row->act == ACT_CAUSE || row->act == ACT_AILS)
		text_copy(n->text, sizeof(n->text), cause_name(after->cause));
	else if (after->stage_no != before->stage_no && after->stage_no)
		snprintf(n->text, sizeof(n->text), "%s: stage %d, %s", row->note, after->stage_no,
			 after->load.s);
	else if (row->act == ACT_PROVEN || row->act == ACT_DONE)
		snprintf(n->text, sizeof(n->text), "%s (%s)", row->note, after->load.s);
	else
		text_copy(n->text, sizeof(n->text), row->note);
}

bool engine_note_proven(const char *note)
{
	for (unsigned i = 0; i < engine_rows_count; i++) {
		const struct row *r = &engine_rows[i];
		size_t len = strlen(r->note);

		if (r->act != ACT_PROVEN && r->act != ACT_DONE)
			continue;
		/* behind it: nothing, " (LOAD)", or ": stage N, LOAD" */
		if (strncmp(note, r->note, len) == 0 && (note[len] == '\0' || strchr(" :", note[len])))
			return true;
	}
	return false;
}

struct line {
	int64_t at_ms;
	char text[ENGINE_NOTE_SIZE];
};

#define LINES_MAX ((FILE_CLASS_COUNT * OUTCOME_COUNT + 3 + WITNESS_COUNT + SIGN_COUNT) * EVIDENCE_TIMES)

/* The earliest kept and the latest; what lies between them is a number. */
static void lines_add(struct line *lines, size_t *n, const struct times *t, const char *what, const char *how)
{
	int kept = 0;

	while (kept < EVIDENCE_TIMES && t->last[kept])
		kept++;
	for (int i = kept - 1; i >= 0; i--) {
		struct line *l = &lines[*n];

		if (i != 0 && i != kept - 1)
			continue;
		l->at_ms = t->last[i];
		if (i == 0 && kept > 2)
			snprintf(l->text, sizeof(l->text), "%s%s, %s%d times", how, what,
				 kept == EVIDENCE_TIMES ? "at least " : "", kept);
		else
			snprintf(l->text, sizeof(l->text), "%s%s", how, what);
		(*n)++;
	}
}

static int line_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

void engine_explain(const struct phone *p, void (*line)(void *arg, int64_t at_ms, const char *text),
		    void *arg)
{
	static const char *const how[OUTCOME_COUNT] = { "asked for ", "fetched ",
							"not there: ", "transfer broke off: " };
	CLEANUP(cleanup_free) struct line *lines = calloc(LINES_MAX, sizeof(*lines));
	const struct evidence *e = &p->evidence;
	size_t n = 0;

	if (!lines)
		return;
	lines_add(lines, &n, &e->boot, "", "boot");
	lines_add(lines, &n, &e->bare, "", "its vendor class names no model: code below 6.x");
	lines_add(lines, &n, &e->named, "", "its vendor class names a model: a universal loader is there");
	for (int c = p->stage_no ? FILE_CLASS_OTHER + 1 : FILE_CLASS_OTHER; c < FILE_CLASS_COUNT; c++)
		for (int o = 0; o < OUTCOME_COUNT; o++)
			lines_add(lines, &n, &e->file[c][o], file_class_text((enum file_class)c), how[o]);
	for (int w = 0; w < WITNESS_COUNT; w++)
		lines_add(lines, &n, &e->witness[w], witness_text((enum witness)w), "");
	for (int s = 0; s < SIGN_COUNT; s++)
		lines_add(lines, &n, &e->sign[s], sign_text((enum sign)s), "");
	qsort(lines, n, sizeof(*lines), line_compare);
	for (size_t i = 0; i < n; i++)
		line(arg, lines[i].at_ms, lines[i].text);
}
