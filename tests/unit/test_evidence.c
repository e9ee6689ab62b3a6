/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Evidence as a set: any order and any repetition of the same adds give the same struct and the same text, and the text
 * read back is the struct. The permutations come from a fixed seed, so that a failure can be repeated.
 */
#include "evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX 16384
#define ADDS_MAX 64

/* xorshift32: numbers that are the same on every machine. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

struct add {
	unsigned slot; /* index into an array of struct times: the whole of struct evidence */
	int64_t at_ms;
};

static void add_one(struct evidence *ev, const struct add *a)
{
	const unsigned heads = 3, files = heads + FILE_CLASS_COUNT * OUTCOME_COUNT;

	if (a->slot == 0)
		times_add(&ev->boot, a->at_ms);
	else if (a->slot == 1)
		times_add(&ev->bare, a->at_ms);
	else if (a->slot == 2)
		times_add(&ev->named, a->at_ms);
	else if (a->slot >= files + WITNESS_COUNT + EVIDENCE_MEMBERS)
		times_add(&ev->sign[a->slot - files - WITNESS_COUNT - EVIDENCE_MEMBERS], a->at_ms);
	else if (a->slot >= files + WITNESS_COUNT)
		times_add(&ev->member[a->slot - files - WITNESS_COUNT], a->at_ms);
	else if (a->slot >= files)
		times_add(&ev->witness[a->slot - files], a->at_ms);
	else
		times_add(&ev->file[(a->slot - heads) / OUTCOME_COUNT][(a->slot - heads) % OUTCOME_COUNT],
			  a->at_ms);
}

/* Few slots and few times, so that lists overflow and times repeat. */
static unsigned adds_make(struct add adds[static ADDS_MAX], uint32_t *seed)
{
	unsigned n = 1 + next_random(seed) % ADDS_MAX;
	unsigned slots = 1 + next_random(seed) % 8;

	for (unsigned i = 0; i < n; i++) {
		unsigned spread = 3 + FILE_CLASS_COUNT * OUTCOME_COUNT + WITNESS_COUNT + EVIDENCE_MEMBERS + SIGN_COUNT;

		adds[i].slot = (next_random(seed) % slots) * 37 % spread;
		adds[i].at_ms = INT64_C(1700000000000) + next_random(seed) % 40;
	}
	return n;
}

static void adds_shuffle(struct add *adds, unsigned n, uint32_t *seed)
{
	for (unsigned i = n; i > 1; i--) {
		unsigned j = next_random(seed) % i;
		struct add swap = adds[i - 1];

		adds[i - 1] = adds[j];
		adds[j] = swap;
	}
}

/* The adds in this order, each perhaps twice. */
static void evidence_build(struct evidence *ev, const struct add *adds, unsigned n, uint32_t *seed)
{
	memset(ev, 0, sizeof(*ev));
	for (unsigned i = 0; i < n; i++) {
		add_one(ev, &adds[i]);
		if (seed && next_random(seed) % 2)
			add_one(ev, &adds[next_random(seed) % (i + 1)]);
	}
}

static void any_order_and_repetition_give_the_same(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf want = STRBUF_INIT(TEXT_MAX);
	CLEANUP(strbuf_fini) struct strbuf got = STRBUF_INIT(TEXT_MAX);
	uint32_t seed = 2463534242;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct add adds[ADDS_MAX];
		unsigned n = adds_make(adds, &seed);
		struct evidence a, b;

		evidence_build(&a, adds, n, NULL);
		strbuf_reset(&want);
		evidence_format(&a, &want);
		for (int shuffle = 0; shuffle < 20; shuffle++) {
			adds_shuffle(adds, n, &seed);
			evidence_build(&b, adds, n, &seed);
			assert_memory_equal(&a, &b, sizeof(a));
			strbuf_reset(&got);
			evidence_format(&b, &got);
			assert_string_equal(strbuf_text(&got), strbuf_text(&want));
		}
	}
}

static void text_read_back_is_the_same(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	uint32_t seed = 88675123;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct add adds[ADDS_MAX];
		unsigned n = adds_make(adds, &seed);
		struct evidence a, b;
		struct err e = { 0 };

		evidence_build(&a, adds, n, NULL);
		if (round % 3 == 0)
			evidence_cut(&a, INT64_C(1700000000000) + next_random(&seed) % 40);
		memset(&b, 0xff, sizeof(b));
		strbuf_reset(&sb);
		evidence_format(&a, &sb);
		assert_int_equal(strbuf_check(&sb, "evidence", &e), 0);
		if (evidence_parse(strbuf_text(&sb), sb.len, &b, &e) != 0)
			fail_msg("%s: %s", strbuf_text(&sb), e.text);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

/* A cut leaves what the set of the kept times above it gives, and `first` is the earliest of those. */
static void cut_keeps_what_is_newer(void **state)
{
	uint32_t seed = 521288629;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		int64_t upto = 1 + next_random(&seed) % 30;
		struct times before = { 0 };
		struct times want = { 0 };
		struct evidence ev;

		memset(&ev, 0, sizeof(ev));
		for (unsigned i = next_random(&seed) % 12; i > 0; i--)
			times_add(&before, 1 + next_random(&seed) % 30);
		if (before.first > upto)
			want = before;
		else
			for (unsigned i = 0; i < EVIDENCE_TIMES; i++)
				if (before.last[i] > upto)
					times_add(&want, before.last[i]);
		ev.boot = before;
		ev.file[FILE_CLASS_COUNT - 1][OUTCOME_FAILED] = before;
		ev.witness[WITNESS_COUNT - 1] = before;
		evidence_cut(&ev, upto);
		assert_memory_equal(&ev.boot, &want, sizeof(want));
		assert_memory_equal(&ev.file[FILE_CLASS_COUNT - 1][OUTCOME_FAILED], &want, sizeof(want));
		assert_memory_equal(&ev.witness[WITNESS_COUNT - 1], &want, sizeof(want));
		assert_int_equal(times_latest(&ev.bare), 0);
	}
}

static void times_keep_first_and_newest(void **state)
{
	struct times t = { 0 };
	const struct times want = { .first = 5, .last = { 90, 80, 70, 60, 50, 40 } };

	(void)state;
	times_add(&t, 0);
	times_add(&t, -7);
	assert_int_equal(times_latest(&t), 0);
	for (int64_t at = 90; at >= 10; at -= 10)
		times_add(&t, at);
	times_add(&t, 5);
	times_add(&t, 60);
	assert_memory_equal(&t, &want, sizeof(t));
}

/* What was added and taken back leaves what the others alone give, as long as none was pushed out by it. */
static void a_time_taken_back_never_was(void **state)
{
	uint32_t seed = 362436069;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		int64_t wrong = 1 + next_random(&seed) % 30;
		unsigned at = next_random(&seed) % EVIDENCE_TIMES;
		struct times t = { 0 }, want = { 0 };

		for (unsigned i = 0; i < EVIDENCE_TIMES; i++) {
			int64_t other = 1 + next_random(&seed) % 30;

			if (i == at) {
				times_add(&t, wrong);
			} else if (other != wrong) {
				times_add(&t, other);
				times_add(&want, other);
			}
		}
		assert_true(times_remove(&t, wrong));
		assert_memory_equal(&t, &want, sizeof(t));
		assert_false(times_remove(&t, wrong));
		assert_false(times_remove(&t, 0));
		assert_false(times_remove(&t, -1));
		assert_memory_equal(&t, &want, sizeof(t));
	}
}

static void a_first_pushed_out_can_be_taken_back(void **state)
{
	struct times t = { .first = 10, .last = { 90, 80, 70, 60, 50, 40 } };
	const struct times want = { .first = 40, .last = { 90, 80, 70, 60, 50, 40 } };

	(void)state;
	assert_true(times_remove(&t, 10));
	assert_memory_equal(&t, &want, sizeof(t));
}

static void times_answer_by_bounds(void **state)
{
	const struct times none = { 0 };
	const struct times t = { .first = 10, .last = { 90, 80, 70, 60, 50, 40 } };
	static const struct {
		int64_t bound, first_from, latest_upto;
	} rows[] = {
		{ 0, 10, 0 },	{ 9, 10, 0 },	{ 10, 10, 10 }, { 11, 40, 10 }, { 39, 40, 10 },
		{ 40, 40, 40 }, { 55, 60, 50 }, { 90, 90, 90 }, { 91, 0, 90 },	{ 999, 0, 90 },
	};

	(void)state;
	assert_int_equal(times_latest(&t), 90);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(times_first_from(&t, rows[i].bound), rows[i].first_from);
		assert_int_equal(times_latest_upto(&t, rows[i].bound), rows[i].latest_upto);
		assert_int_equal(times_first_from(&none, rows[i].bound), 0);
		assert_int_equal(times_latest_upto(&none, rows[i].bound), 0);
	}
}

static const struct {
	const char *name;
	int64_t at[8];
	int64_t from, gap;
	unsigned want;
} counts[] = {
	{ "nothing", { 0 }, 0, 0, 0 },
	{ "each its own", { 10, 20, 30 }, 0, 0, 3 },
	{ "closer than the gap are one", { 10, 20, 30, 100 }, 0, 11, 2 },
	{ "exactly the gap apart are two", { 10, 20 }, 0, 10, 2 },
	{ "from counts the bound itself", { 10, 20, 30 }, 20, 0, 2 },
	{ "all older", { 10, 20 }, 21, 0, 0 },
	{ "the first counts beside the kept ones", { 1, 10, 20, 30, 40, 50, 60, 70 }, 0, 0, 7 },
};

static void count_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct times t = { 0 };

		for (size_t n = 0; n < COUNT(counts[i].at); n++)
			times_add(&t, counts[i].at[n]);
		assert_int_equal(times_count(&t, counts[i].from, counts[i].gap), counts[i].want);
	}
}

static void sums_cover_outcomes_and_classes(void **state)
{
	struct evidence ev;

	(void)state;
	memset(&ev, 0, sizeof(ev));
	assert_int_equal(evidence_last_event(&ev), 0);
	assert_int_equal(evidence_load_first(&ev), 0);
	assert_int_equal(evidence_load_last(&ev), 0);
	times_add(&ev.file[FILE_CLASS_IMAGE][OUTCOME_SENT], 100);
	times_add(&ev.file[FILE_CLASS_IMAGE][OUTCOME_FAILED], 50);
	times_add(&ev.file[FILE_CLASS_MANIFEST][OUTCOME_MISSING], 200);
	times_add(&ev.file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT], 300);
	times_add(&ev.boot, 400);
	assert_int_equal(evidence_asked(&ev, FILE_CLASS_IMAGE), 100);
	assert_int_equal(evidence_asked_first_from(&ev, FILE_CLASS_IMAGE, 0), 50);
	assert_int_equal(evidence_asked_first_from(&ev, FILE_CLASS_IMAGE, 51), 100);
	assert_int_equal(evidence_asked_first_from(&ev, FILE_CLASS_IMAGE, 101), 0);
	assert_int_equal(evidence_asked(&ev, FILE_CLASS_APP), 0);
	assert_int_equal(evidence_load_first(&ev), 50);
	assert_int_equal(evidence_load_last(&ev), 200);
	assert_int_equal(evidence_last_event(&ev), 400);
	times_add(&ev.witness[WITNESS_PLAIN], 500);
	assert_int_equal(evidence_last_event(&ev), 500);
	assert_int_equal(evidence_last_read(&ev), 400); /* registering is no reading */
}

/* What a server that tells only questions lets one take for sent; what it refused is not. */
static void got_is_sent_or_asked(void **state)
{
	struct evidence ev;
	struct times both;

	(void)state;
	memset(&ev, 0, sizeof(ev));
	assert_int_equal(evidence_got(&ev, FILE_CLASS_APP), 0);
	times_add(&ev.file[FILE_CLASS_APP][OUTCOME_MISSING], 900);
	times_add(&ev.file[FILE_CLASS_APP][OUTCOME_FAILED], 800);
	assert_int_equal(evidence_got(&ev, FILE_CLASS_APP), 0);
	for (int64_t t = 100; t <= 700; t += 100)
		times_add(&ev.file[FILE_CLASS_APP][OUTCOME_ASKED], t);
	times_add(&ev.file[FILE_CLASS_APP][OUTCOME_SENT], 250);
	assert_int_equal(evidence_got(&ev, FILE_CLASS_APP), 700);
	assert_int_equal(evidence_got_first_from(&ev, FILE_CLASS_APP, 1), 100);
	assert_int_equal(evidence_got_first_from(&ev, FILE_CLASS_APP, 201), 250);
	assert_int_equal(evidence_got_first_from(&ev, FILE_CLASS_APP, 701), 0);
	evidence_got_times(&ev, FILE_CLASS_APP, &both);
	assert_int_equal(both.first, 100);
	assert_int_equal(times_latest(&both), 700);
	assert_int_equal(both.last[EVIDENCE_TIMES - 1], 250);
}

static void text_reads_as_the_header_says(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(TEXT_MAX);
	struct evidence ev;

	(void)state;
	memset(&ev, 0, sizeof(ev));
	evidence_format(&ev, &sb);
	assert_string_equal(strbuf_text(&sb), "");
	times_add(&ev.file[FILE_CLASS_XMLDEFAULT][OUTCOME_SENT], 7);
	times_add(&ev.boot, 5);
	times_add(&ev.boot, 9);
	evidence_format(&ev, &sb);
	assert_string_equal(strbuf_text(&sb), "boot=5:9,5 xmldefault/sent=7:7");
	times_add(&ev.witness[WITNESS_LOAD], 11);
	strbuf_reset(&sb);
	evidence_format(&ev, &sb);
	assert_string_equal(strbuf_text(&sb), "boot=5:9,5 xmldefault/sent=7:7 registered-load=11:11");
}

static const char *const refused[] = {
	" ",
	"boot",
	"boot=",
	"boot=5",
	"boot=5:",
	"boot=5:5,",
	"boot=:5",
	"boot=5:5 ",
	" boot=5:5",
	"boot=5:5  bare=5:5",
	"boot=5:5 boot=5:5",
	"bare=5:5 boot=5:5",
	"boot=5:5bare=5:5",
	"boot=05:5",
	"boot=0:0",
	"boot=-5:5",
	"boot=5:5,9",
	"boot=5:9,9",
	"boot=9:5",
	"boot=1:7,6,5,4,3,2,1",
	"boot=9223372036854775808:9223372036854775808",
	"Boot=5:5",
	"xmldefault=5:5",
	"xmldefault/sent/=5:5",
	"xmldefault/tick=5:5",
	"no-such-class/sent=5:5",
	"boot=5:5\n",
	"boot=5:5,\xff",
	"=5:5",
	"registered=5:5 boot=5:5",
	"registered/sent=5:5",
};

static void text_of_another_hand_is_refused(void **state)
{
	struct evidence ev, before;

	(void)state;
	memset(&before, 0x55, sizeof(before));
	ev = before;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct err e = { 0 };

		if (evidence_parse(refused[i], strlen(refused[i]), &ev, &e) != -1)
			fail_msg("\"%s\" was taken", refused[i]);
		assert_int_equal(e.code, ERR_INPUT);
		assert_memory_equal(&ev, &before, sizeof(ev));
	}
	assert_int_equal(evidence_parse("boot=5:5\0", 9, &ev, NULL), -1);
	assert_int_equal(evidence_parse("boot=9223372036854775807:9223372036854775807", 44, &ev, NULL), 0);
	assert_true(ev.boot.first == INT64_MAX);
	assert_int_equal(evidence_parse("", 0, &ev, NULL), 0);
	assert_int_equal(evidence_last_event(&ev), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_and_repetition_give_the_same),
		cmocka_unit_test(text_read_back_is_the_same),
		cmocka_unit_test(cut_keeps_what_is_newer),
		cmocka_unit_test(times_keep_first_and_newest),
		cmocka_unit_test(a_time_taken_back_never_was),
		cmocka_unit_test(a_first_pushed_out_can_be_taken_back),
		cmocka_unit_test(times_answer_by_bounds),
		cmocka_unit_test(count_table),
		cmocka_unit_test(sums_cover_outcomes_and_classes),
		cmocka_unit_test(got_is_sent_or_asked),
		cmocka_unit_test(text_reads_as_the_header_says),
		cmocka_unit_test(text_of_another_hand_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
