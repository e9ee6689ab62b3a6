/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "spool.h"

#define STORE_LOOK_MS 200 /* how long a locked store is waited for: keys wait, too */
#define TRY_MS 2000 /* between two attempts to open a store that is away */
#define FIRST_ENTRIES \
	8192 /* of the history, for the first minute's throughput: at 130 a second it is whole */
#define MOST_ENTRIES 20000 /* at one look; older ones are left out */
#define SIZED_MS 2000
#define AHEAD_MS 5000 /* a stamp later than that is of a wrong clock */
#define TROUBLE_ENTRIES 64
#define STORY_ENTRIES 20

const struct config *watch_feed_config(const struct watch_feed *f)
{
	return f->c->fleet ? fleet_config(f->c->fleet) : f->c->cfg;
}

int64_t watch_feed_engine_time(const struct watch_feed *f, int64_t now_ms)
{
	return observed_clock_now(&f->clock, now_ms, watch_feed_config(f)->limits.tick_gap);
}

/* ---- the store, there or away */

/* Which file it is. 0 where it is none, or not there. */
static void identify(const struct watch_feed *f, dev_t *dev, ino_t *ino)
{
	char path[512];
	struct stat sb;
	struct err e;

	*dev = 0;
	*ino = 0;
	if (strncmp(f->c->cfg->store_url, "sqlite:", 7) != 0 ||
	    spool_beside(f->c->cfg->store_url, "", path, sizeof(path), &e) || stat(path, &sb) < 0)
		return;
	*dev = sb.st_dev;
	*ino = sb.st_ino;
}

void watch_feed_close(struct watch_feed *f)
{
	fleet_close(f->c->fleet);
	f->c->fleet = NULL;
}

static int away(struct watch_feed *f, int64_t now_ms, const struct err *e)
{
	watch_feed_close(f);
	if (!f->trouble[0])
		f->trouble_ms = now_ms;
	text_escape(f->trouble, sizeof(f->trouble), e->text, strlen(e->text));
	return -1;
}

/* Another store than before: all of it is new, and what it does not have is gone. */
static void begin(struct watch_feed *f)
{
	f->counter = f->change = -1;
	f->history = 0;
	f->n_unsized = 0;
	f->primed = false;
}

/* 1 = it is too early to try again. */
static int open_store(struct watch_feed *f, int64_t now_ms, struct err *e)
{
	dev_t dev;
	ino_t ino;

	if (f->trouble[0] && now_ms - f->tried_ms < TRY_MS && now_ms >= f->tried_ms)
		return 1;
	f->tried_ms = now_ms;
	identify(f, &dev, &ino);
	if (fleet_open(&f->c->fleet, f->c->cfg, FLEET_READ_ONLY | FLEET_NO_EFFECTS, STORE_LOOK_MS, e))
		return -1;
	if (!f->opened || dev != f->dev || ino != f->ino)
		begin(f);
	f->opened = true;
	f->dev = dev;
	f->ino = ino;
	return 0;
}

/* ---- phones */

struct member_walk {
	const struct loadset *set;
	int stage_no;
	struct watch_trouble found;
};

static int note_member(void *arg, const struct history *h, struct err *e)
{
	struct member_walk *w = arg;
	int i = h->stage_no == w->stage_no && h->file[0] ? loadset_member(w->set, path_base(h->file)) : -1;

	(void)e;
	if (i < 0)
		return 0;
	w->found.missing &= ~(1u << i);
	w->found.failed &= ~(1u << i);
	if (h->kind == EVENT_MISSING)
		w->found.missing |= 1u << i;
	if (h->kind == EVENT_FAILED)
		w->found.failed |= 1u << i;
	return 0;
}

/* Which members of a java load were not there or broke off: only the history tells. */
static int member_trouble(struct watch_feed *f, const struct phone *p, struct watch_trouble *ret,
			  struct err *e)
{
	const struct times *member = p->evidence.file[FILE_CLASS_MEMBER];
	const struct config *cfg = fleet_config(f->c->fleet);
	struct loadset set;
	struct member_walk w = { .set = &set, .stage_no = p->stage_no };

	*ret = (struct watch_trouble){ 0, 0 };
	if (!times_latest(&member[OUTCOME_MISSING]) && !times_latest(&member[OUTCOME_FAILED]))
		return 0;
	watch_loadset(p->plan[0] ? config_plan(cfg, p->plan) : NULL, p->stage_no, &p->load, &set);
	if (state_history_list(fleet_state(f->c->fleet), p->id, 0, TROUBLE_ENTRIES, note_member, &w, e))
		return -1;
	*ret = w.found;
	return 0;
}

struct phone_walk {
	struct watch_feed *f;
	int64_t n;
};

static int take_phone(void *arg, const struct phone *p, struct err *e)
{
	struct phone_walk *w = arg;
	struct watch_feed *f = w->f;
	struct watch_trouble t;

	w->n++;
	f->change = p->change > f->change ? p->change : f->change;
	if (member_trouble(f, p, &t, e))
		return -1;
	return watch_model_put(f->model, p, fleet_config(f->c->fleet), f->clock.skew_ms, &t, e);
}

struct id_walk {
	int64_t *a; /* owned */
	size_t n, cap;
};

static void cleanup_ids(struct id_walk *w)
{
	free(w->a);
}

static int take_id(void *arg, int64_t id, struct err *e)
{
	struct id_walk *w = arg;

	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 1024;
		int64_t *more = reallocarray(w->a, cap, sizeof(*more));

		if (!more)
			return err_set(e, ERR_SYSTEM, "no memory for %zu phones", cap);
		w->a = more;
		w->cap = cap;
	}
	w->a[w->n++] = id;
	return 0;
}

static int drop_gone(struct watch_feed *f, struct err *e)
{
	CLEANUP(cleanup_ids) struct id_walk ids = { .a = NULL };

	if (state_phone_id_list(fleet_state(f->c->fleet), take_id, &ids, e))
		return -1;
	watch_model_keep(f->model, ids.a, ids.n);
	return 0;
}

/* Each change has a number of its own; where fewer phones came than numbers went, one of them may be gone (or one
 * changed twice). 0 = something changed, 1 = nothing did. */
static int look_at_phones(struct watch_feed *f, struct err *e)
{
	struct state *st = fleet_state(f->c->fleet);
	struct phone_walk w = { .f = f };
	int64_t counter;

	if (state_change_get(st, &counter, e))
		return -1;
	if (counter == f->counter)
		return 1;
	if (counter < f->counter) /* an older state was put back */
		begin(f);
	if (state_phone_list_since(st, f->change, take_phone, &w, e))
		return -1;
	if ((f->counter < 0 || w.n < counter - f->counter) && drop_gone(f, e))
		return -1;
	f->counter = counter;
	return 0;
}

/* ---- history */

/* Configurations, ringers and lists are not counted: an idle phone reads its own every half minute. */
static bool is_firmware(const char *file)
{
	static const char *const ends[] = { ".loads", ".bin", ".sbn", ".sb2", ".sgn" };
	size_t len = strlen(file);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcmp(file + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

struct entry_walk {
	struct watch_feed *f;
	int64_t now_ms;
	unsigned n;
};

static int take_entry(void *arg, const struct history *h, struct err *e)
{
	struct entry_walk *w = arg;
	struct watch_feed *f = w->f;
	bool went = (h->kind == EVENT_SENT || h->kind == EVENT_ASKED) && is_firmware(h->file);

	(void)e;
	w->n++;
	f->history = h->id > f->history ? h->id : f->history;
	if (went && h->at_ms <= w->now_ms + AHEAD_MS) {
		watch_rate_add(&f->model->rate, h->at_ms, h->bytes);
		if (h->bytes < 0 && h->twin_ms == TWIN_AWAITED && f->n_unsized < WATCH_UNSIZED_MAX)
			f->unsized[f->n_unsized++] = (struct watch_unsized){ h->id, h->at_ms };
	}
	if (f->primed && f->tell)
		f->tell(f->arg, h, h->phone_id ? watch_model_find(f->model, h->phone_id) : NULL);
	return 0;
}

/* A transfer that dnsmasq's log told first has its size when the script tells it, too. */
static int look_for_sizes(struct watch_feed *f, int64_t now_ms, struct err *e)
{
	unsigned kept = 0;

	if (now_ms - f->sized_ms < SIZED_MS && now_ms >= f->sized_ms)
		return 0;
	f->sized_ms = now_ms;
	for (unsigned i = 0; i < f->n_unsized; i++) {
		struct watch_unsized u = f->unsized[i];
		struct history h;
		int rc = state_history_find(fleet_state(f->c->fleet), u.id, &h, e);

		if (rc < 0)
			return -1;
		if (rc == 0 && h.bytes >= 0)
			watch_rate_sized(&f->model->rate, u.at_ms, h.bytes);
		else if (rc == 0 && now_ms - u.at_ms < WATCH_RATE_SECONDS * INT64_C(1000))
			f->unsized[kept++] = u;
	}
	f->n_unsized = kept;
	return 0;
}

static int look_at_history(struct watch_feed *f, int64_t now_ms, struct err *e)
{
	struct entry_walk w = { .f = f, .now_ms = now_ms };

	if (!f->primed)
		memset(&f->model->rate, 0, sizeof(f->model->rate));
	if (state_history_list(fleet_state(f->c->fleet), 0, f->history,
			       f->primed ? MOST_ENTRIES : FIRST_ENTRIES, take_entry, &w, e) ||
	    look_for_sizes(f, now_ms, e))
		return -1;
	return w.n == 0;
}

/* ---- a look */

static void tell_from_here(struct watch_model *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct watch_row *r = &m->rows[i];

		r->told_stage = r->stage_no;
		r->told_boxes = 0;
		for (unsigned b = 0; b < r->n_boxes; b++)
			r->told_boxes |= r->boxes[b] == BOX_SENT ? 1u << b : 0;
	}
}

static int refresh(struct watch_feed *f, struct err *e)
{
	dev_t dev;
	ino_t ino;

	identify(f, &dev, &ino);
	if (dev != f->dev || ino != f->ino)
		return err_set(e, ERR_STORE, "store %s: %s", f->c->cfg->store_url,
			       ino ? "another file is in its place" : "its file is gone");
	if (fleet_refresh(f->c->fleet, e) < 0 || state_clock_get(fleet_state(f->c->fleet), &f->clock, e) < 0)
		return -1;
	if (f->revision != fleet_revision(f->c->fleet)) /* all rows are made of the plans */
		f->counter = f->change = -1;
	f->revision = fleet_revision(f->c->fleet);
	return 0;
}

int watch_feed_look(struct watch_feed *f, int64_t now_ms)
{
	struct err e;
	int opened = f->c->fleet ? 0 : open_store(f, now_ms, &e);

	if (opened > 0)
		return -1;
	if (opened < 0 || refresh(f, &e))
		return away(f, now_ms, &e);
	int phones = look_at_phones(f, &e);
	int entries = phones < 0 ? -1 : look_at_history(f, now_ms, &e);

	if (phones < 0 || entries < 0)
		return away(f, now_ms, &e);
	if (!f->primed)
		tell_from_here(f->model);
	f->primed = true;
	bool back = f->trouble[0] != '\0';
	f->trouble[0] = '\0';
	return back || phones == 0 || entries == 0 ? 0 : 1;
}

/* ---- one phone's story */

struct story {
	FILE *out;
	const struct report *report;
	int stage_no;
	unsigned n;
};

static int story_file(void *arg, const struct fetch *fe, struct err *e)
{
	struct story *s = arg;
	char when[TIME_TEXT_SIZE];

	(void)e;
	if (fe->stage_no != s->stage_no)
		return 0;
	fprintf(s->out, "%s  %s  %s", s->n++ ? "" : "\nwent out in this stage\n",
		report_time_local(when, fe->last_ms), fe->file);
	if (fe->bytes >= 0)
		fprintf(s->out, ", %lld bytes", (long long)fe->bytes);
	if (fe->count > 1)
		fprintf(s->out, ", %lld times", (long long)fe->count);
	fputc('\n', s->out);
	return 0;
}

static int story_entry(void *arg, const struct history *h, struct err *e)
{
	struct story *s = arg;

	(void)e;
	if (s->n++ == 0)
		fputs("\nlast events, the newest first\n", s->out);
	s->report->writer->history(s->report, h, false);
	return s->n == STORY_ENTRIES;
}

/* What `explain` says, then the files and events as they came. */
static int write_story(struct watch_feed *f, int64_t phone_id, struct story *s, struct err *e)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct state *st = fleet_state(f->c->fleet);
	const struct report mine = f->c->report;
	size_t len = 0;
	struct phone p;
	int rc = state_phone_find_id(st, phone_id, &p, e);

	if (rc != 0)
		return rc < 0 ? -1 : err_set(e, ERR_STORE, "this phone is not in the store any more");
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return err_set(e, ERR_SYSTEM, "no memory for a phone's story");
	f->c->report = (struct report){ .writer = &report_text, .out = out };
	rc = explain_write(f->c, &p, e);
	f->c->report = mine;
	if (fclose(out) != 0 || rc < 0 || !text)
		return rc < 0 ? -1 : err_set(e, ERR_SYSTEM, "no memory for a phone's story");
	fwrite(text, 1, len, s->out);
	s->stage_no = p.stage_no;
	if (state_fetch_list(st, p.id, story_file, s, e))
		return -1;
	s->n = 0;
	const struct history_range all = { .phones = &phone_id, .n_phones = 1, .newest_first = true };

	return state_history_walk(st, &all, story_entry, s, e) < 0 ? -1 : 0;
}

int watch_feed_story(struct watch_feed *f, int64_t phone_id, struct strbuf *sb, struct err *e)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len = 0;

	if (!f->c->fleet)
		return err_set(e, ERR_STORE, "%s", f->trouble);
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return err_set(e, ERR_SYSTEM, "no memory for a phone's story");
	struct report r = { .writer = &report_text, .out = out };
	struct story s = { .out = out, .report = &r };
	int rc = write_story(f, phone_id, &s, e);

	if (fclose(out) != 0 || rc < 0 || !text)
		return rc < 0 ? -1 : err_set(e, ERR_SYSTEM, "no memory for a phone's story");
	strbuf_add_bytes(sb, text, len);
	return 0;
}
