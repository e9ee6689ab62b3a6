/* SPDX-License-Identifier: MPL-2.0 */
/* What `watch` reads of a store that changes, goes away and comes back, and the plain lines it makes of the history. */
#include "watch_feed.h"

#include <sys/stat.h>

#include "watch_fixture.h"
#include "watch_lines.h"

#include "state_fixture.h"

struct desk {
	struct place *place;
	struct ctl c;
	struct watch_model m;
	struct watch_feed f;
	struct strbuf told; /* the lines, each with its end */
	int64_t now_ms;
};

static void tell(void *arg, const struct history *h, struct watch_row *r)
{
	struct desk *d = arg;

	if (watch_line(&d->told, h, r, watch_feed_config(&d->f)))
		strbuf_add_char(&d->told, '\n');
}

static int desk_setup(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	void *place;

	assert_int_equal(place_setup(&place), 0);
	d->place = place;
	d->c.cfg = watch_config();
	(void)text_copy(d->c.cfg->store_url, sizeof(d->c.cfg->store_url), d->place->url);
	d->f = (struct watch_feed){ .c = &d->c, .model = &d->m, .tell = tell, .arg = d };
	strbuf_init(&d->told, 65536);
	d->now_ms = T0;
	*state = d;
	return 0;
}

static int desk_teardown(void **state)
{
	struct desk *d = *state;
	void *place = d->place;

	watch_feed_close(&d->f);
	watch_model_fini(&d->m);
	config_free(d->c.cfg);
	strbuf_fini(&d->told);
	free(d);
	return place_teardown(&place);
}

static void look(struct desk *d, int want)
{
	struct err e;

	if (watch_feed_look(&d->f, d->now_ms) != want)
		fail_msg("a look was to be %d: %s", want, d->f.trouble);
	assert_int_equal(watch_model_sum(&d->m, watch_feed_config(&d->f), d->now_ms, d->now_ms, &e), 0);
	watch_model_order(&d->m);
}

static struct phone new_phone(struct desk *d, unsigned n, int stage_no, const char *load, enum phase phase)
{
	struct phone p = phone_at(n, "ladder", stage_no, load, phase);

	p.id = 0; /* the store gives it one */
	put(d->place, &p);
	return p;
}

static void enter(struct desk *d, const struct phone *p, enum event_kind kind, const char *file,
		  int64_t bytes, enum phase from, enum phase to, const char *note)
{
	struct history h = { .at_ms = d->now_ms,
			     .phone_id = p->id,
			     .mac = p->mac,
			     .mac_known = true,
			     .kind = kind,
			     .bytes = bytes,
			     .from = from,
			     .to = to,
			     .stage_no = p->stage_no,
			     .twin_ms = kind == EVENT_SENT ? TWIN_AWAITED : 0 };
	struct err e;

	(void)text_copy(h.file, sizeof(h.file), file);
	(void)text_copy(h.note, sizeof(h.note), note);
	assert_int_equal(state_history_put(d->place->st, &h, &e), 0);
}

static void told(struct desk *d, const char *want)
{
	CLEANUP(strbuf_fini) struct strbuf got = STRBUF_INIT(65536);
	const char *line = strbuf_text(&d->told);

	/* without the clock, which is local */
	for (; *line; line += strcspn(line, "\n") + 1) {
		assert_true(strlen(line) > 9 && line[2] == ':' && line[5] == ':' && line[8] == ' ');
		strbuf_addf(&got, "%.*s\n", (int)strcspn(line + 9, "\n"), line + 9);
	}
	assert_string_equal(strbuf_text(&got), want);
	strbuf_reset(&d->told);
}

/* ---- looks */

static void test_changes(void **state)
{
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 1, "P00303010102", PHASE_OFFERED), q;
	struct err e;

	look(d, 0);
	assert_int_equal(d->m.n, 1);
	look(d, 1);
	p.phase = PHASE_FLASHING;
	put(d->place, &p);
	q = new_phone(d, 2, 2, "P00305000500", PHASE_OFFERED);
	look(d, 0);
	assert_int_equal(d->m.n, 2);
	assert_int_equal(watch_model_find(&d->m, p.id)->phase, PHASE_FLASHING);
	look(d, 1);
	/* twice between two looks, and one gone */
	put(d->place, &q);
	q.phase = PHASE_STUCK;
	put(d->place, &q);
	assert_int_equal(state_phone_delete(d->place->st, p.id, &e), 0);
	look(d, 0);
	assert_int_equal(d->m.n, 1);
	assert_int_equal(watch_model_find(&d->m, q.id)->phase, PHASE_STUCK);
	look(d, 1);
	/* the last one */
	assert_int_equal(state_phone_delete(d->place->st, q.id, &e), 0);
	look(d, 0);
	assert_int_equal(d->m.n, 0);
	look(d, 1);
}

static void test_another_revision(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf text = STRBUF_INIT(65536);
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 1, "P00303010102", PHASE_OFFERED);
	int64_t revision;
	struct err e;

	look(d, 0);
	assert_int_equal(watch_model_find(&d->m, p.id)->stages, 4);
	d->c.cfg->plans[0].n_stages = 2;
	assert_int_equal(config_format_revision(d->c.cfg, &text, &e), 0);
	assert_int_equal(state_plan_put(d->place->st, strbuf_text(&text), T0, &revision, &e), 0);
	look(d, 0);
	assert_int_equal(watch_model_find(&d->m, p.id)->stages, 2);
	look(d, 1);
}

static void test_away(void **state)
{
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 1, "P00303010102", PHASE_OFFERED);
	char path[128], aside[144];

	look(d, 0);
	snprintf(path, sizeof(path), "%s/state.db", d->place->dir);
	snprintf(aside, sizeof(aside), "%s.aside", path);
	assert_int_equal(rename(path, aside), 0);
	d->now_ms += SEC;
	look(d, -1);
	assert_non_null(strstr(d->f.trouble, "gone"));
	assert_int_equal(d->f.trouble_ms, d->now_ms);
	assert_int_equal(d->m.n, 1); /* the picture stays */
	d->now_ms += 3 * SEC;
	look(d, -1);
	assert_int_equal(d->f.trouble_ms, d->now_ms - 3 * SEC);
	assert_int_equal(rename(aside, path), 0);
	/* what happened meanwhile is told all the same */
	enter(d, &p, EVENT_SENT, "P00303010102.bin", 391704, PHASE_OFFERED, PHASE_FLASHING,
	      "has the whole load");
	d->now_ms += SEC;
	look(d, -1); /* not so soon again */
	d->now_ms += SEC;
	look(d, 0);
	assert_string_equal(d->f.trouble, "");
	told(d,
	     "00:1b:0c:18:00:01 7960 P00303010102: sent P00303010102.bin (1/1); offered -> flashing: has the whole "
	     "load\n");
	look(d, 1);
}

/* Another store takes the place: what only the first one had is gone. */
static void test_replaced(void **state)
{
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 1, "P00303010102", PHASE_OFFERED);
	char path[128], aside[144];

	enter(d, &p, EVENT_SENT, "P00303010102.bin", 391704, PHASE_OFFERED, PHASE_FLASHING, "");
	look(d, 0);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).files, 1);
	state_close(d->place->st);
	snprintf(path, sizeof(path), "%s/state.db", d->place->dir);
	snprintf(aside, sizeof(aside), "%s.aside", path);
	assert_int_equal(rename(path, aside), 0);
	snprintf(path, sizeof(path), "%s/state.db-wal", d->place->dir);
	(void)remove(path);
	snprintf(path, sizeof(path), "%s/state.db-shm", d->place->dir);
	(void)remove(path);
	d->place->st = must_open(d->place->url, STATE_CREATE);
	new_phone(d, 7, 1, "P00303010102", PHASE_OFFERED);
	new_phone(d, 8, 1, "P00303010102", PHASE_OFFERED);
	d->now_ms += 3 * SEC;
	look(d, -1);
	d->now_ms += 3 * SEC;
	look(d, 0);
	assert_int_equal(d->m.n, 2);
	assert_int_equal(d->m.rows[0].mac.b[5], 7);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).files, 0);
}

/* ---- throughput */

static void test_throughput(void **state)
{
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 3, "P00308000900", PHASE_DOWNLOADING);
	struct history h;
	struct err e;

	d->now_ms = T0 - 70 * SEC;
	enter(d, &p, EVENT_SENT, "P00308000900.loads", 461, PHASE_OFFERED, PHASE_DOWNLOADING, "");
	d->now_ms = T0 - 10 * SEC;
	enter(d, &p, EVENT_SENT, "P00308000900.sbn", 130228, PHASE_DOWNLOADING, PHASE_HALF_FLASHED, "");
	enter(d, &p, EVENT_SENT, "XMLDefault.cnf.xml", 1200, PHASE_HALF_FLASHED, PHASE_HALF_FLASHED, "");
	enter(d, &p, EVENT_MISSING, "P00308000900.bin", -1, PHASE_HALF_FLASHED, PHASE_HALF_FLASHED, "");
	d->now_ms = T0;
	look(d, 0);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).files, 1);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).bytes, 130228);
	told(d, ""); /* that was before */
	/* dnsmasq's log told it, and its script completes it later */
	enter(d, &p, EVENT_SENT, "P00308000900.sb2", -1, PHASE_HALF_FLASHED, PHASE_FLASHING,
	      "has the whole load");
	d->now_ms += 2 * SEC;
	look(d, 0);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).unsized, 1);
	assert_int_equal(state_history_find(d->place->st, d->f.history, &h, &e), 0);
	h.bytes = 771172;
	h.twin_ms = h.at_ms;
	assert_int_equal(state_history_twin_put(d->place->st, &h, &e), 0);
	d->now_ms += 2 * SEC;
	look(d, 1);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).unsized, 0);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0).bytes, 130228 + 771172);
	assert_int_equal(d->f.n_unsized, 0);
	assert_int_equal(state_history_find(d->place->st, 4711, &h, &e), 1);
	/* a stamp of a wrong clock does not close its second to what comes */
	d->now_ms += 3600 * SEC;
	enter(d, &p, EVENT_SENT, "P00308000900.sb2", 5, PHASE_FLASHING, PHASE_FLASHING, "");
	d->now_ms -= 3600 * SEC;
	look(d, 0);
	assert_int_equal(watch_rate_sum(&d->m.rate, T0 + 5 * SEC).files, 2);
}

/* ---- members of a java load */

static void test_member_trouble(void **state)
{
	struct desk *d = *state;
	struct phone p = phone_at(9, "java", 2, "SIP41.8-5-4S", PHASE_DOWNLOADING);

	p.id = 0;
	see(&p, "manifest/sent=1 member/sent=2 member-1=2 member/missing=3 member/failed=4");
	put(d->place, &p);
	enter(d, &p, EVENT_MISSING, "apps41.sbn", -1, PHASE_DOWNLOADING, PHASE_DOWNLOADING, "");
	enter(d, &p, EVENT_FAILED, "./cnu41.sbn", -1, PHASE_DOWNLOADING, PHASE_DOWNLOADING, "");
	look(d, 0);
	assert_memory_equal(d->m.rows[0].boxes,
			    ((const uint8_t[]){ BOX_SENT, BOX_SENT, BOX_FAILED, BOX_MISSING }), 4);
	see(&p, "member/sent=9 member-2=9");
	enter(d, &p, EVENT_SENT, "./cnu41.sbn", 5, PHASE_DOWNLOADING, PHASE_DOWNLOADING, "");
	put(d->place, &p);
	look(d, 0);
	assert_memory_equal(d->m.rows[0].boxes,
			    ((const uint8_t[]){ BOX_SENT, BOX_SENT, BOX_SENT, BOX_MISSING }), 4);
}

/* ---- lines */

static void test_lines(void **state)
{
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 3, "P00308000900", PHASE_OFFERED);

	look(d, 0);
	enter(d, &p, EVENT_SENT, "XMLDefault.cnf.xml", 1200, PHASE_OFFERED, PHASE_OFFERED, "");
	enter(d, &p, EVENT_SENT, "./P00308000900.loads", 461, PHASE_OFFERED, PHASE_DOWNLOADING,
	      "fetches the load");
	enter(d, &p, EVENT_SENT, "P00308000900.sb2", 771172, PHASE_DOWNLOADING, PHASE_FLASHING,
	      "has the whole load");
	enter(d, &p, EVENT_BOOT, "", -1, PHASE_FLASHING, PHASE_CHECKING, "came back");
	enter(d, &p, EVENT_MISSING, "CTLSEP001122334455.tlv", -1, PHASE_CHECKING, PHASE_CHECKING, "");
	/* the next stage: its boxes are empty again */
	p.stage_no = 4;
	(void)text_copy(p.load.s, sizeof(p.load.s), "P0S3-8-12-00");
	p.phase = PHASE_STUCK;
	p.cause = CAUSE_TRANSFER_FAILING;
	put(d->place, &p);
	enter(d, &p, EVENT_TICK, "", -1, PHASE_CHECKING, PHASE_OFFERED, "next stage: stage 4, P0S3-8-12-00");
	enter(d, &p, EVENT_SENT, "P0S3-8-12-00.loads", 461, PHASE_OFFERED, PHASE_DOWNLOADING,
	      "fetches the load");
	enter(d, &p, EVENT_FAILED, "P003-8-12-00.sbn", -1, PHASE_DOWNLOADING, PHASE_DOWNLOADING, "");
	enter(d, &p, EVENT_MISSING, "P0S3-8-12-00.sb2", -1, PHASE_DOWNLOADING, PHASE_DOWNLOADING, "");
	enter(d, &p, EVENT_TICK, "", -1, PHASE_DOWNLOADING, PHASE_STUCK, "transfer-failing");
	enter(d, &p, EVENT_OPERATOR, "", -1, PHASE_STUCK, PHASE_STUCK, "stopped");
	enter(d, &p, EVENT_ALARM, "", -1, PHASE_STUCK, PHASE_STUCK, "severity 2: TFTP \033[31mtimeout");
	enter(d, &p, EVENT_SENT, "P0S3-8-12-00.loads", 461, PHASE_STUCK, PHASE_STUCK,
	      "its address has just changed hands");
	look(d, 0);
	told(d,
	     "00:1b:0c:18:00:01 7960 P00308000900: sent ./P00308000900.loads (1/3); offered -> downloading: fetches the load\n"
	     "00:1b:0c:18:00:01 7960 P00308000900: sent P00308000900.sb2 (2/3); downloading -> flashing: has the whole load\n"
	     "00:1b:0c:18:00:01 7960 P00308000900: flashing -> checking: came back\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: checking -> offered: next stage: stage 4, P0S3-8-12-00\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: sent P0S3-8-12-00.loads (1/3); offered -> downloading: fetches the load\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: P003-8-12-00.sbn broke off\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: P0S3-8-12-00.sb2 is not on the server\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: downloading -> stuck: transfer-failing; check cable and duplex, and that "
	     "no firewall blocks the TFTP server's data ports\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: operator: stopped\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: alarm: severity 2: TFTP ?[31mtimeout\n"
	     "00:1b:0c:18:00:01 7960 P0S3-8-12-00: sent P0S3-8-12-00.loads (1/3): its address has just changed hands\n");
}

static void test_line_of_nobody(void **state)
{
	struct history h = { .at_ms = T0, .kind = EVENT_OPERATOR, .to = PHASE_SEEN, .from = PHASE_SEEN };
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(512);
	struct desk *d = *state;
	struct watch_row r = { .phase = PHASE_STUCK, .cause = CAUSE_IMAGE_REJECTED, .model = "7960" };

	assert_false(watch_line(&sb, &h, NULL, d->c.cfg));
	assert_int_equal(sb.len, 0);
	(void)text_copy(h.note, sizeof(h.note), "revision 2");
	assert_true(watch_line(&sb, &h, NULL, d->c.cfg));
	assert_string_equal(strbuf_text(&sb) + 9, "- - -: operator: revision 2");
	strbuf_reset(&sb);
	watch_line_trouble(&sb, &r, T0);
	assert_non_null(
		strstr(strbuf_text(&sb), "- 7960 -: stuck: image-rejected: it took the whole image twice"));
	strbuf_reset(&sb);
	watch_line_summary(&sb, &d->m, T0);
	assert_string_equal(strbuf_text(&sb) + 9,
			    "summary: 0 phones; writing flash: none; 0 files/min, 0.0 MB/min; time "
			    "left: nobody is on the way");
}

/* ---- one phone's story */

static void test_story(void **state)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(65536);
	struct desk *d = *state;
	struct phone p = new_phone(d, 1, 3, "P00308000900", PHASE_HALF_FLASHED);
	const char *text;
	struct err e;

	enter(d, &p, EVENT_SENT, "P00308000900.loads", 461, PHASE_OFFERED, PHASE_DOWNLOADING,
	      "fetches the load");
	enter(d, &p, EVENT_SENT, "P00308000900.sbn", 130228, PHASE_DOWNLOADING, PHASE_HALF_FLASHED,
	      "half of it");
	assert_int_equal(state_fetch_add(d->place->st, p.id, 3, "P00308000900.sbn", 130228, T0, &e), 0);
	assert_int_equal(state_fetch_add(d->place->st, p.id, 2, "P00305000500.sbn", 9, T0, &e), 0);
	look(d, 0);
	assert_int_equal(watch_feed_story(&d->f, p.id, &sb, &e), 0);
	text = strbuf_text(&sb);
	assert_int_equal(strncmp(text, "7960 00:1b:0c:18:00:01 at stage 3 of 4 (P00308000900) ", 54), 0);
	assert_non_null(strstr(text, "\nto do "));
	assert_null(strstr(text, "evidence"));
	assert_non_null(strstr(text, "\n\nwent out in this stage\n"));
	assert_non_null(strstr(text, "P00308000900.sbn, 130228 bytes\n"));
	assert_null(strstr(text, "P00305000500.sbn"));
	/* the newest first */
	assert_true(strstr(text, "half of it") < strstr(text, "offered -> downloading: fetches the load"));
	assert_int_equal(d->c.report.out, NULL);
	strbuf_reset(&sb);
	assert_int_equal(watch_feed_story(&d->f, 4711, &sb, &e), -1);
	assert_non_null(strstr(e.text, "not in the store any more"));
	watch_feed_close(&d->f);
	(void)text_copy(d->f.trouble, sizeof(d->f.trouble), "locked");
	assert_int_equal(watch_feed_story(&d->f, p.id, &sb, &e), -1);
	assert_string_equal(e.text, "locked");
}

#define WITH_DESK(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DESK(test_changes),  WITH_DESK(test_another_revision), WITH_DESK(test_away),
		WITH_DESK(test_replaced), WITH_DESK(test_throughput),	    WITH_DESK(test_member_trouble),
		WITH_DESK(test_lines),	  WITH_DESK(test_line_of_nobody),   WITH_DESK(test_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
