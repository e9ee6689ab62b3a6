/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "strbuf.h"
#include "unplug.h"

void watch_model_fini(struct watch_model *m)
{
	for (size_t i = 0; i < m->n; i++)
		watch_row_release(&m->rows[i]);
	free(m->rows);
	free(m->shown);
	free(m->times);
	*m = (struct watch_model){ .n = 0 };
}

/* ---- rows */

/* Where that id is, or would be. */
static size_t place_of(const struct watch_model *m, int64_t id)
{
	size_t lo = 0, hi = m->n;

	if (m->n > 0 && m->rows[m->n - 1].id < id)
		return m->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->rows[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct watch_row *watch_model_find(const struct watch_model *m, int64_t id)
{
	size_t at = place_of(m, id);

	return at < m->n && m->rows[at].id == id ? &m->rows[at] : NULL;
}

static int room(void **a, size_t *cap, size_t n, size_t size, struct err *e)
{
	if (n <= *cap)
		return 0;
	size_t want = *cap * 2 > n ? *cap * 2 : n + 64;
	void *more = reallocarray(*a, want, size);

	if (!more)
		return err_set(e, ERR_SYSTEM, "no memory for %zu phones", want);
	*a = more;
	*cap = want;
	return 0;
}

int watch_model_put(struct watch_model *m, const struct phone *p, const struct config *cfg, int64_t skew_ms,
		    const struct watch_trouble *trouble, struct err *e)
{
	const struct plan *pl = p->plan[0] ? config_plan(cfg, p->plan) : NULL;
	size_t at = place_of(m, p->id);

	if (at == m->n || m->rows[at].id != p->id) {
		void *rows = m->rows;

		if (room(&rows, &m->cap, m->n + 1, sizeof(*m->rows), e))
			return -1;
		m->rows = rows;
		memmove(&m->rows[at + 1], &m->rows[at], (m->n - at) * sizeof(*m->rows));
		m->rows[at] = (struct watch_row){ .id = p->id };
		m->n++;
	}
	watch_row_fill(&m->rows[at], p, pl, &cfg->limits, skew_ms, trouble);
	/* whether it may does not become false by itself, so any time since its last event is good enough */
	if (phone_may_be_unplugged(p, pl, &cfg->limits, p->last_event_ms))
		watch_row_release(&m->rows[at]);
	else if (watch_row_hold(&m->rows[at], p, e))
		return -1;
	return 0;
}

void watch_model_keep(struct watch_model *m, const int64_t *ids, size_t n)
{
	size_t kept = 0, k = 0;

	for (size_t i = 0; i < m->n; i++) {
		while (k < n && ids[k] < m->rows[i].id)
			k++;
		if (k < n && ids[k] == m->rows[i].id)
			m->rows[kept++] = m->rows[i];
		else
			watch_row_release(&m->rows[i]);
	}
	m->n = kept;
}

/* ---- what comes of all of them */

static void look_at_power(struct watch_model *m, struct watch_row *r, const struct config *cfg,
			  int64_t engine_ms)
{
	struct unplug u;

	if (!r->phone)
		return;
	phone_unplug(r->phone, r->phone->plan[0] ? config_plan(cfg, r->phone->plan) : NULL, &cfg->limits,
		     engine_ms, &u);
	r->unplug_ms = u.left_ms;
	if (u.may) {
		watch_row_release(r);
		return;
	}
	m->busy++;
	m->busy_ms = u.left_ms > m->busy_ms ? u.left_ms : m->busy_ms;
}

static void count(struct watch_model *m, struct watch_row *r)
{
	size_t load = strlen(r->load), plan = strlen(r->plan), model = strlen(r->model);

	r->rank = r->ranks[r->phone != NULL];
	m->counts[r->phase]++;
	m->needs_reboot += (r->flags & PHONE_NEEDS_REBOOT) != 0;
	m->longest_load = load > m->longest_load ? load : m->longest_load;
	m->longest_plan = plan > m->longest_plan ? plan : m->longest_plan;
	m->longest_model = model > m->longest_model ? model : m->longest_model;
	m->most_stages = r->stages > m->most_stages ? r->stages : m->most_stages;
	m->most_boxes = r->n_boxes > m->most_boxes ? r->n_boxes : m->most_boxes;
}

/* Those that run have their places already, so they come first; the others into what gets free. */
static void time_left(struct watch_model *m, int at_once, int64_t now_ms)
{
	int64_t *low = m->times, *high = low + m->n, *slots = high + m->n;
	struct span s;
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < m->n; i++) {
			bool runs = m->rows[i].phase != PHASE_WAITING;

			if (runs == (pass == 0) && watch_row_left(&m->rows[i], now_ms, &s)) {
				low[n] = s.low_ms;
				high[n++] = s.high_ms;
			}
		}
	m->on_way = (unsigned)n;
	m->left.low_ms = rollout_time(low, n, at_once, slots);
	m->left.high_ms = rollout_time(high, n, at_once, slots);
}

int watch_model_sum(struct watch_model *m, const struct config *cfg, int64_t now_ms, int64_t engine_ms,
		    struct err *e)
{
	void *shown = m->shown, *times = m->times;

	if (room(&shown, &m->shown_cap, m->n + 1, sizeof(*m->shown), e))
		return -1;
	m->shown = shown;
	if (room(&times, &m->times_cap, 3 * m->n + 1, sizeof(*m->times), e))
		return -1;
	m->times = times;
	memset(m->counts, 0, sizeof(m->counts));
	m->busy = m->needs_reboot = 0;
	m->busy_ms = 0;
	m->longest_load = m->longest_plan = m->longest_model = 0;
	m->most_stages = 0;
	m->most_boxes = 0;
	for (size_t i = 0; i < m->n; i++) {
		look_at_power(m, &m->rows[i], cfg, engine_ms);
		count(m, &m->rows[i]);
	}
	time_left(m, cfg->max_at_once, now_ms);
	return 0;
}

/* ---- order */

const char *watch_sort_name(enum watch_sort s)
{
	static const char *const names[SORT_COUNT] = {
		"attention", "MAC", "plan", "phase", "since", "address"
	};

	return names[s];
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_plan(const struct watch_row *a, const struct watch_row *b)
{
	int order = compare(a->plan[0] == '\0', b->plan[0] == '\0');

	if (order == 0)
		order = strcmp(a->plan, b->plan);
	return order ? order : compare(b->stage_no, a->stage_no);
}

static int by_key(const struct watch_row *a, const struct watch_row *b, enum watch_sort key)
{
	switch (key) {
	case SORT_ATTENTION:
		return compare(a->rank, b->rank);
	case SORT_PLAN:
		return by_plan(a, b);
	case SORT_PHASE:
		return compare(a->phase, b->phase);
	case SORT_SINCE:
		return compare(b->since_ms, a->since_ms); /* what has just changed first */
	case SORT_ADDRESS:
		return compare(a->address.host, b->address.host);
	case SORT_MAC:
	case SORT_COUNT:
		break;
	}
	return 0;
}

static int by_mac(const struct watch_row *a, const struct watch_row *b)
{
	int order = memcmp(a->mac.b, b->mac.b, sizeof(a->mac.b));

	if (a->mac_known != b->mac_known)
		return a->mac_known ? -1 : 1;
	return order ? order : compare(a->id, b->id);
}

static int shown_compare(const void *a, const void *b, void *arg)
{
	const struct watch_model *m = arg;
	const struct watch_row *x = &m->rows[*(const uint32_t *)a], *y = &m->rows[*(const uint32_t *)b];
	int order = by_key(x, y, m->sort);

	if (order == 0)
		order = by_mac(x, y);
	return m->reverse ? -order : order;
}

void watch_model_order(struct watch_model *m)
{
	m->n_shown = 0;
	for (size_t i = 0; i < m->n && i < m->shown_cap; i++)
		if (watch_row_matches(&m->rows[i], m->filter))
			m->shown[m->n_shown++] = (uint32_t)i;
	if (m->n_shown > 1)
		qsort_r(m->shown, m->n_shown, sizeof(*m->shown), shown_compare, m);
}

/* ---- filter */

#define WORD_SIZE (WATCH_FILTER_MAX + 1)

static bool holds(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

/* "bdc1", "18:bd:c1", "0c18.bdc1", "SEP001B0C18BDC1" */
static bool mac_holds(const struct watch_row *r, const char *word)
{
	char digits[WORD_SIZE], mac[MAC_TEXT_SIZE];
	size_t n = 0;

	if (!r->mac_known)
		return false;
	for (word += strncasecmp(word, "SEP", 3) == 0 ? 3 : 0; *word; word++) {
		if (strchr(":.-", *word))
			continue;
		if (!isxdigit((unsigned char)*word))
			return false;
		digits[n++] = *word;
	}
	digits[n] = '\0';
	return n > 0 && holds(mac_format_bare(mac, &r->mac), digits);
}

static bool flag_holds(const struct watch_row *r, const char *word)
{
	const char *flag;

	for (unsigned i = 0; (flag = watch_row_flag(r, i)) != NULL; i++)
		if (holds(flag, word))
			return true;
	return false;
}

static bool word_matches(const struct watch_row *r, const char *word)
{
	char address[IP4_TEXT_SIZE];

	return holds(phase_name(r->phase), word) || holds(cause_name(r->cause), word) ||
	       holds(r->model, word) || holds(r->plan, word) || holds(r->load, word) || mac_holds(r, word) ||
	       flag_holds(r, word) || (strchr(word, '.') && holds(ip4_format(address, r->address), word));
}

bool watch_row_matches(const struct watch_row *r, const char *filter)
{
	const char *word = NULL;
	char text[WORD_SIZE];
	size_t len = 0;

	while (parse_word(&filter, &word, &len) == 0) {
		if (len >= sizeof(text))
			return false;
		memcpy(text, word, len);
		text[len] = '\0';
		if (!word_matches(r, text))
			return false;
	}
	return true;
}

/* ---- the last minute */

static unsigned rate_place(struct watch_rate *r, int64_t at_ms)
{
	int64_t second = at_ms / 1000;
	unsigned i = (unsigned)(second % WATCH_RATE_SECONDS);

	if (r->second[i] < second) {
		r->second[i] = second;
		r->files[i] = r->unsized[i] = 0;
		r->bytes[i] = 0;
	}
	return i;
}

void watch_rate_add(struct watch_rate *r, int64_t at_ms, int64_t bytes)
{
	if (at_ms < 0)
		return;
	unsigned i = rate_place(r, at_ms);

	if (r->second[i] != at_ms / 1000)
		return; /* older than a minute */
	r->files[i]++;
	r->unsized[i] += bytes < 0;
	r->bytes[i] += bytes > 0 ? bytes : 0;
}

void watch_rate_sized(struct watch_rate *r, int64_t at_ms, int64_t bytes)
{
	unsigned i = (unsigned)(at_ms / 1000 % WATCH_RATE_SECONDS);

	if (r->second[i] != at_ms / 1000 || r->unsized[i] == 0)
		return;
	r->unsized[i]--;
	r->bytes[i] += bytes > 0 ? bytes : 0;
}

struct watch_sum watch_rate_sum(const struct watch_rate *r, int64_t now_ms)
{
	struct watch_sum sum = { .files = 0 };
	int64_t now = now_ms / 1000;

	for (unsigned i = 0; i < WATCH_RATE_SECONDS; i++) {
		if (r->second[i] > now || r->second[i] <= now - WATCH_RATE_SECONDS)
			continue;
		sum.files += r->files[i];
		sum.unsized += r->unsized[i];
		sum.bytes += r->bytes[i];
	}
	return sum;
}
