/* SPDX-License-Identifier: MPL-2.0 */
/* For the tests of the store: one made for each test in a directory of its own, and a phone with something in
 * every field. */
#ifndef LOADSTEP_TEST_STATE_FIXTURE_H
#define LOADSTEP_TEST_STATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "file.h"
#include "state.h"

struct place {
	char dir[64];
	char url[112];
	struct state *st;
};

static inline struct state *must_open(const char *url, unsigned flags)
{
	struct err e = { 0 };
	struct state *st = NULL;

	if (state_open(&st, url, flags, 2000, &e) < 0)
		fail_msg("%s", e.text);
	return st;
}

static inline int place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/loadstep-state-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->url, sizeof(p->url), "sqlite:%s/state.db", p->dir);
	p->st = must_open(p->url, STATE_CREATE);
	*state = p;
	return 0;
}

static inline int place_teardown(void **state)
{
	struct place *p = *state;
	struct err e;

	state_close(p->st);
	assert_int_equal(file_remove_tree(p->dir, &e), 0);
	free(p);
	return 0;
}

static inline struct mac mac_of(uint8_t last)
{
	return (struct mac){ { 0x00, 0x1b, 0x0c, 0x18, 0xbd, last } };
}

/* A phone with something in every field. */
static inline void fill_phone(struct phone *p)
{
	struct mac mac = mac_of(0xc1);

	phone_init(p, &mac);
	p->address = (struct ip4){ 0xc0a80114 };
	snprintf(p->vendor_class, sizeof(p->vendor_class), "Cisco Systems, Inc. IP Phone CP-7960G");
	p->vendor = VENDOR_NAMED;
	snprintf(p->model, sizeof(p->model), "7960");
	p->generation = GEN_CLASSIC;
	p->giaddr = (struct ip4){ 0x0a010001 };
	snprintf(p->relay, sizeof(p->relay), "0104deadbeef");
	snprintf(p->plan, sizeof(p->plan), "classic-to-sip");
	p->stage_no = 4;
	snprintf(p->load.s, sizeof(p->load.s), "P0S3-8-12-00");
	p->phase = PHASE_HALF_FLASHED;
	p->since_ms = 1700000000123;
	p->stage_since_ms = 1700000000456;
	p->flags = PHONE_STARTED | PHONE_PAST_UNSIGNED;
	p->cause = CAUSE_LOADER_LOOPING;
	snprintf(p->running, sizeof(p->running), "loader only");
	p->running_by = RUNNING_BY_FILES_ASKED;
	p->boots = 9;
	p->last_xid = 0xfffffff0;
	p->last_boot_ms = 1700000000789;
	p->last_event_ms = 1700000000999;
	times_add(&p->evidence.boot, 1700000000789);
	times_add(&p->evidence.file[FILE_CLASS_LOADER][OUTCOME_SENT], 1700000000999);
}

static inline void assert_phone_equal(const struct phone *a, const struct phone *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->change, b->change);
	assert_int_equal(a->mac_known, b->mac_known);
	assert_true(mac_equal(&a->mac, &b->mac));
	assert_int_equal(a->address.host, b->address.host);
	assert_string_equal(a->vendor_class, b->vendor_class);
	assert_int_equal(a->vendor, b->vendor);
	assert_string_equal(a->model, b->model);
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->giaddr.host, b->giaddr.host);
	assert_string_equal(a->relay, b->relay);
	assert_string_equal(a->plan, b->plan);
	assert_int_equal(a->stage_no, b->stage_no);
	assert_string_equal(a->load.s, b->load.s);
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->since_ms, b->since_ms);
	assert_int_equal(a->stage_since_ms, b->stage_since_ms);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->cause, b->cause);
	assert_string_equal(a->running, b->running);
	assert_int_equal(a->running_by, b->running_by);
	assert_int_equal(a->boots, b->boots);
	assert_int_equal(a->last_xid, b->last_xid);
	assert_int_equal(a->last_boot_ms, b->last_boot_ms);
	assert_int_equal(a->last_event_ms, b->last_event_ms);
	assert_memory_equal(&a->evidence, &b->evidence, sizeof(a->evidence));
}

static inline void put(struct place *p, struct phone *ph)
{
	struct err e = { 0 };

	if (state_phone_put(p->st, ph, &e) < 0)
		fail_msg("%s", e.text);
}

#define WITH_PLACE(fn) cmocka_unit_test_setup_teardown(fn, place_setup, place_teardown)

#endif
