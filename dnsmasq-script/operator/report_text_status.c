/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The fleet for people: what must not be missed on top, then a table of at most 80 columns, one line a phone, what is
 * alike under one head. With --wide everything that is known, as wide as it gets, each line for itself. Columns are as
 * wide as what stands in them, but for the load, which takes what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "parse.h"
#include "relayinfo.h"
#include "report.h"
#include "report_order.h"

#define CELL_MAX 2048
#define COLUMNS_MAX 20
#define MINUTE_MS 60000
#define REPEAT_FROM 20 /* rows from which the top has left the screen: it is said again below them */

/* ---- cells */

struct row {
	const struct report_status *s;
	const struct report_phone *rp;
	const struct phone *p;
};

static void cell_mac(const struct row *r, struct strbuf *sb)
{
	char buf[MAC_TEXT_SIZE];

	if (r->p->mac_known)
		strbuf_add(sb, mac_format(buf, &r->p->mac));
}

static void add_address(struct strbuf *sb, struct ip4 a)
{
	char buf[IP4_TEXT_SIZE];

	if (a.host)
		strbuf_add(sb, ip4_format(buf, a));
}

static void cell_address(const struct row *r, struct strbuf *sb)
{
	add_address(sb, r->p->address);
}

static void cell_giaddr(const struct row *r, struct strbuf *sb)
{
	add_address(sb, r->p->giaddr);
}

static void cell_site(const struct row *r, struct strbuf *sb)
{
	strbuf_add(sb, r->rp->site);
}

static void cell_port(const struct row *r, struct strbuf *sb)
{
	struct relay_info ri;

	(void)relay_info_of(r->p->relay, &ri);
	strbuf_add(sb, ri.port);
}

static void cell_vlan(const struct row *r, struct strbuf *sb)
{
	struct relay_info ri;

	(void)relay_info_of(r->p->relay, &ri);
	if (ri.vlan >= 0)
		strbuf_addf(sb, "%d", ri.vlan);
}

static void cell_switch(const struct row *r, struct strbuf *sb)
{
	struct relay_info ri;

	(void)relay_info_of(r->p->relay, &ri);
	strbuf_add(sb, ri.device);
}

static void add_foreign(struct strbuf *sb, const char *text)
{
	strbuf_add_escaped(sb, text, strlen(text));
}

static void cell_model(const struct row *r, struct strbuf *sb)
{
	add_foreign(sb, r->p->model);
}

static void cell_plan(const struct row *r, struct strbuf *sb)
{
	strbuf_add(sb, r->p->plan);
}

static void cell_stage(const struct row *r, struct strbuf *sb)
{
	if (r->p->stage_no > 0)
		strbuf_addf(sb, "%d/%d", r->p->stage_no, r->rp->stages);
}

static void cell_load(const struct row *r, struct strbuf *sb)
{
	add_foreign(sb, r->p->load.s[0] ? r->p->load.s : r->p->running);
}

static void cell_phase(const struct row *r, struct strbuf *sb)
{
	strbuf_add(sb, phase_name(r->p->phase));
}

static void add_age(const struct row *r, struct strbuf *sb, int64_t at_ms)
{
	char buf[AGE_TEXT_SIZE];

	if (at_ms)
		strbuf_add(sb, report_age(buf, r->s->generated_ms - at_ms));
}

static void cell_age(const struct row *r, struct strbuf *sb)
{
	add_age(r, sb, r->p->since_ms);
}

static void cell_unplug(const struct row *r, struct strbuf *sb)
{
	strbuf_add(sb, r->rp->unplug.may ? "yes" : "no");
}

static void cell_runs(const struct row *r, struct strbuf *sb)
{
	add_foreign(sb, r->p->running);
}

static void cell_running_by(const struct row *r, struct strbuf *sb)
{
	if (r->p->running_by != RUNNING_BY_NOTHING)
		strbuf_add(sb, running_by_name(r->p->running_by));
}

static void cell_last(const struct row *r, struct strbuf *sb)
{
	char buf[TIME_TEXT_SIZE];

	if (r->rp->last_event_ms)
		strbuf_add(sb, report_time_local(buf, r->rp->last_event_ms));
}

static void cell_boots(const struct row *r, struct strbuf *sb)
{
	strbuf_addf(sb, "%u", r->p->boots);
}

static void cell_details(const struct row *r, struct strbuf *sb)
{
	report_details(r->p, sb);
}

static void cell_class(const struct row *r, struct strbuf *sb)
{
	add_foreign(sb, r->p->vendor_class);
}

struct column {
	const char *head;
	void (*cell)(const struct row *r, struct strbuf *sb);
};

static const struct column narrow[] = {
	{ "MAC", cell_mac },	 { "ADDRESS", cell_address }, { "MODEL", cell_model },
	{ "STAGE", cell_stage }, { "LOAD", cell_load },	      { "PHASE", cell_phase },
	{ "AGE", cell_age },	 { "UNPLUG", cell_unplug },   { NULL, NULL },
};

static const struct column wide[] = {
	{ "MAC", cell_mac },	   { "ADDRESS", cell_address }, { "GIADDR", cell_giaddr },
	{ "SITE", cell_site },	   { "PORT", cell_port },	{ "VLAN", cell_vlan },
	{ "SWITCH", cell_switch }, { "MODEL", cell_model },	{ "PLAN", cell_plan },
	{ "STAGE", cell_stage },   { "LOAD", cell_load },	{ "PHASE", cell_phase },
	{ "AGE", cell_age },	   { "UNPLUG", cell_unplug },	{ "RUNS", cell_runs },
	{ "BY", cell_running_by }, { "LAST", cell_last },	{ "BOOTS", cell_boots },
	{ "FLAGS", cell_details }, { "CLASS", cell_class },	{ NULL, NULL },
};
_Static_assert(sizeof(wide) / sizeof(wide[0]) <= COLUMNS_MAX + 1,
	       "a table has its columns' widths in an array");

/* ---- the table */

struct table {
	const struct report *r;
	const struct report_status *s;
	const struct column *columns;
	size_t width[COLUMNS_MAX];
	struct strbuf cell;
};

static const char *cell_text(struct table *t, const struct column *c, const struct report_phone *rp)
{
	struct row row = { t->s, rp, &rp->phone };

	strbuf_reset(&t->cell);
	c->cell(&row, &t->cell);
	return t->cell.len > 0 ? strbuf_text(&t->cell) : "-";
}

/* The load takes what the others leave of the 80 columns. */
static void fit(struct table *t)
{
	size_t others = 0, load = 0;

	for (size_t i = 0; t->columns[i].head; i++) {
		if (t->columns[i].cell == cell_load)
			load = i;
		else
			others += t->width[i] + 1;
	}
	if (others + t->width[load] > REPORT_WIDTH)
		t->width[load] =
			others + strlen("LOAD") < REPORT_WIDTH ? REPORT_WIDTH - others : strlen("LOAD");
}

static void measure(struct table *t)
{
	for (size_t i = 0; t->columns[i].head; i++) {
		t->width[i] = strlen(t->columns[i].head);
		for (size_t k = 0; k < t->s->n_phones; k++) {
			size_t len = strlen(cell_text(t, &t->columns[i], &t->s->phones[k]));

			t->width[i] = len > t->width[i] ? len : t->width[i];
		}
	}
	if (!t->s->wide)
		fit(t);
}

static const char *colour_of(const struct phone *p)
{
	switch (p->phase) {
	case PHASE_DONE:
		return "\033[32m";
	case PHASE_STUCK:
		return "\033[31m";
	case PHASE_DOWNLOADING:
	case PHASE_HALF_FLASHED:
	case PHASE_FLASHING:
	case PHASE_CHECKING:
		return "\033[33m";
	case PHASE_SEEN:
	case PHASE_WAITING:
	case PHASE_OFFERED:
	case PHASE_COUNT:
		return "";
	}
	return "";
}

/* What is too long loses its begin, where it is a load (its release stands at the end), else its end. */
static void put_text(FILE *out, const char *text, size_t width, bool pad)
{
	size_t len = strlen(text);

	if (len <= width)
		fprintf(out, "%-*s", pad ? (int)width : 0, text);
	else if (strchr(text, ' '))
		fprintf(out, "%.*s~", (int)width - 1, text);
	else
		fprintf(out, "~%s", text + len - (width - 1));
}

static void put_row(struct table *t, const struct report_phone *rp)
{
	for (size_t i = 0; t->columns[i].head; i++) {
		const struct column *c = &t->columns[i];
		const char *colour = t->r->colour && c->cell == cell_phase ? colour_of(&rp->phone) : "";

		fprintf(t->r->out, "%s%s", i ? " " : "", colour);
		put_text(t->r->out, cell_text(t, c, rp), t->width[i], c[1].head != NULL);
		fputs(colour[0] ? "\033[0m" : "", t->r->out);
	}
	fputc('\n', t->r->out);
}

static void put_head(struct table *t)
{
	for (size_t i = 0; t->columns[i].head; i++)
		fprintf(t->r->out, "%s%-*s", i ? " " : "", t->columns[i + 1].head ? (int)t->width[i] : 0,
			t->columns[i].head);
	fputc('\n', t->r->out);
}

/* "stuck, image-rejected: plan ladder, 4 stages", over those that are alike. */
static void put_group(struct table *t, size_t at)
{
	const struct report_phone *rp = &t->s->phones[at];
	size_t n = 1;

	while (at + n < t->s->n_phones && report_alike(rp, &t->s->phones[at + n]))
		n++;
	strbuf_reset(&t->cell);
	report_details(&rp->phone, &t->cell);
	fprintf(t->r->out, "%s%s%s: ", phase_name(rp->phone.phase), t->cell.len ? ", " : "",
		strbuf_text(&t->cell));
	if (rp->phone.plan[0] == '\0')
		fputs("in no plan", t->r->out);
	else
		fprintf(t->r->out, "plan %s, %d stage%s", rp->phone.plan, rp->stages,
			rp->stages == 1 ? "" : "s");
	fprintf(t->r->out, " (%zu)\n", n);
}

static void put_table(const struct report *r, const struct report_status *s)
{
	struct table t = {
		.r = r, .s = s, .columns = s->wide ? wide : narrow, .cell = STRBUF_INIT(CELL_MAX)
	};

	measure(&t);
	put_head(&t);
	for (size_t i = 0; i < s->n_phones; i++) {
		if (!s->wide && (i == 0 || !report_alike(&s->phones[i - 1], &s->phones[i])))
			put_group(&t, i);
		put_row(&t, &s->phones[i]);
	}
	strbuf_fini(&t.cell);
}

/* ---- what must not be missed */

static long long minutes(int64_t ms)
{
	return (long long)((ms + MINUTE_MS - 1) / MINUTE_MS);
}

static void say_writing(const struct report *r, const struct report_status *s)
{
	if (s->writing == 0)
		return;
	fprintf(r->out,
		"%swriting flash: %u phone%s, do not cut power or reboot switches (about %lld min)%s\n\n",
		r->colour ? "\033[1;31m" : "", s->writing, s->writing == 1 ? "" : "s", minutes(s->writing_ms),
		r->colour ? "\033[0m" : "");
}

/* "label a, b, c" within the width, broken behind a comma. */
static void put_list(const struct report *r, const char *label, const char *list)
{
	size_t indent = strlen(label), column = indent;

	fputs(label, r->out);
	while (*list) {
		size_t len = strcspn(list, ","), more = list[len] ? 1 : 0;

		if (column > indent && column + 1 + len + more > REPORT_WIDTH) {
			fprintf(r->out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', r->out);
			column++;
		}
		fprintf(r->out, "%.*s", (int)(len + more), list);
		column += len + more;
		list += len + more;
		list += strspn(list, " ");
	}
	fputc('\n', r->out);
}

static void say_counts(const struct report *r, const struct report_status *s)
{
	CLEANUP(strbuf_fini) struct strbuf list = STRBUF_INIT(CELL_MAX);
	char label[96], of[32] = "";

	for (int i = 0; i < PHASE_COUNT; i++)
		if (s->counts[i] > 0)
			strbuf_addf(&list, "%s%u %s", list.len ? ", " : "", s->counts[i],
				    phase_name((enum phase)i));
	if (s->some)
		snprintf(of, sizeof(of), " of %zu", s->n_all);
	snprintf(label, sizeof(label), "%zu%s phone%s%s", s->n_phones, of, s->n_all == 1 ? "" : "s",
		 list.len ? ": " : "");
	put_list(r, label, strbuf_text(&list));
}

/* The most frequent first. */
static void say_causes(const struct report *r, const char *label, const unsigned *phones)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(CELL_MAX);
	bool told[CAUSE_COUNT] = { false };

	for (;;) {
		int most = CAUSE_NONE;

		for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++)
			if (!told[c] && phones[c] > 0 && (most == CAUSE_NONE || phones[c] > phones[most]))
				most = c;
		if (most == CAUSE_NONE)
			break;
		told[most] = true;
		strbuf_addf(&sb, "%s%u %s", sb.len ? ", " : "", phones[most], cause_name((enum cause)most));
	}
	if (sb.len > 0)
		put_list(r, label, strbuf_text(&sb));
}

static void say_trouble(const struct report *r, const struct report_status *s)
{
	unsigned others[CAUSE_COUNT];

	for (int c = 0; c < CAUSE_COUNT; c++)
		others[c] = s->causes[c] - s->stuck[c];
	say_causes(r, "stuck: ", s->stuck);
	say_causes(r, "not stuck, with a cause: ", others);
	if (s->needs_reboot > 0)
		fprintf(r->out, "needs-reboot: %u\n", s->needs_reboot);
	if (s->late > 0)
		fprintf(r->out, "late: %u\n", s->late);
	if (s->blind[0])
		report_wrap(r, 0, "", s->blind);
}

static void say_top(const struct report *r, const struct report_status *s)
{
	say_writing(r, s);
	say_counts(r, s);
	say_trouble(r, s);
}

void report_text_status(const struct report *r, const struct report_status *s)
{
	say_top(r, s);
	if (s->n_phones > 0) {
		fputc('\n', r->out);
		put_table(r, s);
	}
	if (s->n_phones >= REPEAT_FROM) {
		fputc('\n', r->out);
		say_top(r, s);
	}
	if (s->notes[0])
		fprintf(r->out, "\n%s", s->notes);
}

/* ---- --safe-to-cut */

#define WRITERS_SHOWN 3

static void add_writers(struct strbuf *sb, const struct report_status *s)
{
	char mac[MAC_TEXT_SIZE];
	unsigned shown = 0;

	for (size_t i = 0; i < s->n_phones && shown < WRITERS_SHOWN; i++) {
		const struct phone *p = &s->phones[i].phone;

		if (s->phones[i].unplug.may)
			continue;
		strbuf_add(sb, shown++ ? ", " : ": ");
		if (p->mac_known)
			strbuf_add(sb, mac_format(mac, &p->mac));
		else
			add_address(sb, p->address);
	}
	if (s->writing > shown)
		strbuf_addf(sb, " and %u more", s->writing - shown);
}

void report_text_safe_to_cut(const struct report *r, const struct report_status *s)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(CELL_MAX);

	if (s->safe && s->some)
		strbuf_addf(&sb, "safe to cut power: none of these %zu phone%s writes flash", s->n_phones,
			    s->n_phones == 1 ? "" : "s");
	else if (s->safe)
		strbuf_add(&sb, "safe to cut power: nobody writes flash");
	else if (s->writing > 0)
		strbuf_addf(&sb, "not safe to cut power: %u phone%s flash (about %lld min)", s->writing,
			    s->writing == 1 ? " writes" : "s write", minutes(s->writing_ms));
	else if (s->blind[0])
		strbuf_add(&sb, "not known whether it is safe to cut power");
	else
		strbuf_add(&sb, "not known whether it is safe to cut power: no such phone has been seen");
	if (s->writing > 0)
		add_writers(&sb, s);
	if (s->blind[0])
		strbuf_addf(&sb, "%s%s", s->writing > 0 ? "; " : ": ", s->blind);
	fprintf(r->out, "%s\n", strbuf_text(&sb));
}
