/* SPDX-License-Identifier: MPL-2.0 */
/* Releases out of load names, bands out of releases, and the shortest way between bands (breadth first). */
#include "pathrules.h"

#include <stdio.h>
#include <string.h>

#include "strbuf.h"

static const struct band {
	enum generation generation;
	enum load_proto proto;
	bool is_signed;
	int first[4]; /* v and sr */
	const char *words;
	const char *load;
} bands[PATH_BANDS] = {
#define BAND(sym, generation, proto, sgn, a, b, c, sr, words, load) \
	{ GEN_##generation, PROTO_##proto, sgn, { a, b, c, sr }, words, load },
#include "pathrules.def"
#undef BAND
};

static const struct step {
	enum path_band from, to;
	enum path_trust trust;
	const char *source;
} steps[] = {
#define STEP(from, to, trust, source) { PATH_##from, PATH_##to, PATH_##trust, source },
#include "pathrules.def"
#undef STEP
};

static const enum path_band starts[] = {
#define START(who, band) [PATH_START_##who] = PATH_##band,
#include "pathrules.def"
#undef START
};

#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

/* ---- a release */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At most `most` digits at *p; *p moves behind them. -1: there are none. */
static int take_number(const char **p, int most)
{
	int n = 0;

	if (!is_digit(**p))
		return -1;
	for (; most > 0 && is_digit(**p); most--)
		n = n * 10 + (*(*p)++ - '0');
	return n;
}

static void take_service_release(const char *p, struct release *ret)
{
	const char *sr = strstr(p, "SR");

	if (!sr)
		return;
	sr += 2;
	ret->sr = take_number(&sr, 2);
}

/* "03010102": two digits each. */
static int packed_digits(const char *p, struct release *ret)
{
	const char *q = p;

	for (int i = 0; i < 3 && is_digit(q[0]) && is_digit(q[1]); i++)
		ret->v[i] = take_number(&q, 2);
	take_service_release(q, ret);
	return q == p;
}

/* "8-12-00", "9-4-2SR3-1S": up to three numbers between dashes. */
static int dashed_numbers(const char *p, struct release *ret)
{
	for (int i = 0; i < 3; i++) {
		int n = take_number(&p, 4);

		if (n < 0)
			return i == 0;
		ret->v[i] = n;
		if (*p != '-')
			break;
		p++;
	}
	take_service_release(p, ret);
	return 0;
}

static int java_release(const char *name, struct release *ret)
{
	const char *dot = strchr(name, '.');
	const char *p = name + strcspn(name, "0123456789");

	if (!dot || p >= dot || (size_t)(dot - p) >= sizeof(ret->family))
		return 1;
	memset(ret->family, 0, sizeof(ret->family));
	memcpy(ret->family, p, (size_t)(dot - p));
	return dashed_numbers(dot + 1, ret);
}

int release_of(const struct load_name *load, struct release *ret)
{
	struct release r = { .family = "P003" };
	struct loadset ls;
	int rc = 1;

	loadset_from_name(load, &ls);
	r.generation = ls.generation;
	r.proto = ls.proto;
	if (ls.generation == GEN_CLASSIC && strlen(load->s) > 4)
		rc = load->s[4] == '-' ? dashed_numbers(load->s + 5, &r) : packed_digits(load->s + 4, &r);
	else if (ls.generation == GEN_JAVA)
		rc = java_release(load->s, &r);
	if (rc == 0)
		*ret = r;
	return rc;
}

bool release_fits(const struct release *r, const struct model *m)
{
	return r->generation == m->generation && strcmp(r->family, m->family) == 0;
}

/* ---- bands */

static bool not_before(const struct release *r, const int first[4])
{
	const int v[4] = { r->v[0], r->v[1], r->v[2], r->sr };

	for (int i = 0; i < 4; i++)
		if (v[i] != first[i])
			return v[i] > first[i];
	return true;
}

int path_band_of(const struct release *r, enum path_band *ret)
{
	int rc = 1;

	for (int b = 0; b < PATH_BANDS; b++) {
		if (bands[b].generation != r->generation ||
		    (bands[b].proto != PROTO_UNKNOWN && bands[b].proto != r->proto) ||
		    !not_before(r, bands[b].first))
			continue;
		*ret = (enum path_band)b; /* they stand in order: the last one counts */
		rc = 0;
	}
	return rc;
}

enum generation path_band_generation(enum path_band b)
{
	return bands[b].generation;
}

bool path_band_signed(enum path_band b)
{
	return bands[b].is_signed;
}

const char *path_band_words(enum path_band b)
{
	return bands[b].words;
}

int path_band_load(enum path_band b, const char *family, enum load_proto proto, struct load_name *ret)
{
	const char *load = bands[b].load;

	if (!load[0])
		return 1;
	if (bands[b].generation == GEN_JAVA)
		(void)snprintf(ret->s, sizeof(ret->s), "%s%s.%s", proto == PROTO_SIP ? "SIP" : "SCCP", family,
			       load);
	else
		(void)text_copy(ret->s, sizeof(ret->s), load);
	return 0;
}

enum path_band path_start_band(enum path_start s)
{
	return starts[s];
}

/* ---- ways */

static bool may_pass(const struct step *st, enum path_band to, uint32_t through, enum path_trust least)
{
	return st->trust <= least && (st->to == to || (through >> st->to & 1));
}

static void take_way(const struct step *const by[], enum path_band from, enum path_band to, struct path *ret)
{
	unsigned i;

	*ret = (struct path){ .n = 0 };
	for (enum path_band at = to; at != from; at = by[at]->from)
		ret->n++;
	i = ret->n;
	for (enum path_band at = to; at != from; at = by[at]->from) {
		ret->to[--i] = at;
		ret->source[i] = by[at]->source;
	}
}

int path_find_through(enum path_band from, enum path_band to, uint32_t through, enum path_trust least,
		      struct path *ret)
{
	const struct step *by[PATH_BANDS] = { NULL }; /* the step by which a band was reached */
	enum path_band queue[PATH_BANDS];
	unsigned head = 0, tail = 0;

	queue[tail++] = from;
	while (head < tail && !by[to] && from != to) {
		enum path_band at = queue[head++];

		for (size_t i = 0; i < N_STEPS; i++) {
			const struct step *st = &steps[i];

			if (st->from != at || by[st->to] || st->to == from || !may_pass(st, to, through, least))
				continue;
			by[st->to] = st;
			queue[tail++] = st->to;
		}
	}
	if (from != to && !by[to])
		return 1;
	take_way(by, from, to, ret);
	return 0;
}

_Static_assert(PATH_BANDS <= 32, "`through` has a bit for each band");

int path_find(enum path_band from, enum path_band to, struct path *ret)
{
	if (path_find_through(from, to, PATH_ALL_BANDS, PATH_TOLD, ret) == 0)
		return 0;
	return path_find_through(from, to, PATH_ALL_BANDS, PATH_DOUBTED, ret);
}

/* ---- one step */

static const struct step *step_between(enum path_band from, enum path_band to)
{
	for (size_t i = 0; i < N_STEPS; i++)
		if (steps[i].from == from && steps[i].to == to)
			return &steps[i];
	return NULL;
}

/* 0; 1 = of one of them nothing is known. */
static int both_bands(const struct load_name *from, const struct load_name *to, struct release r[static 2],
		      enum path_band b[static 2])
{
	return release_of(from, &r[0]) != 0 || release_of(to, &r[1]) != 0 || path_band_of(&r[0], &b[0]) != 0 ||
	       path_band_of(&r[1], &b[1]) != 0;
}

enum path_step path_step(const struct load_name *from, const struct load_name *to, struct path *ret_way)
{
	struct path way = { .n = 0 };
	enum path_step verdict = STEP_UNKNOWN;
	enum path_band b[2];
	struct release r[2];

	if (ret_way)
		*ret_way = way;
	if (both_bands(from, to, r, b) != 0)
		return STEP_UNJUDGED;
	if (r[0].generation != r[1].generation || strcmp(r[0].family, r[1].family) != 0)
		return STEP_FAMILY;
	if (bands[b[0]].is_signed && !bands[b[1]].is_signed)
		return STEP_UNSIGNED;
	const struct step *st = step_between(b[0], b[1]);

	if (b[0] == b[1] || (st && st->trust < PATH_DOUBTED))
		return STEP_KNOWN;
	if (st)
		verdict = STEP_DOUBTED;
	if (ret_way && path_find(b[0], b[1], &way) == 0)
		*ret_way = way;
	return verdict;
}

const char *path_step_source(const struct load_name *from, const struct load_name *to)
{
	enum path_band b[2];
	struct release r[2];

	if (both_bands(from, to, r, b) != 0)
		return "";
	const struct step *st = step_between(b[0], b[1]);

	return st ? st->source : "";
}
