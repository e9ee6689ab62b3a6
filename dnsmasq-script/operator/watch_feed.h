/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What changed in the store since the last look, into the model. Reads only. A store that is away for a while is
 * opened again when it is back, also when another file took its place; until then the model stays as it was.
 */
#ifndef LOADSTEP_WATCH_FEED_H
#define LOADSTEP_WATCH_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmds.h"
#include "state.h"
#include "strbuf.h"
#include "watch_model.h"

/* Transfers whose size is not told yet: dnsmasq's script may be half a minute behind its log. */
#define WATCH_UNSIZED_MAX 2048

struct watch_unsized {
	int64_t id, at_ms;
};

struct watch_feed {
	struct ctl *c; /* its fleet is opened and closed here */
	struct watch_model *model;
	/* An entry of the history that is new since the last look; may be NULL. `r` NULL: of nobody that is shown. */
	void (*tell)(void *arg, const struct history *h, struct watch_row *r);
	void *arg;

	int64_t counter;  /* the store's change number at the last look */
	int64_t change;	  /* the highest of a phone's that was read */
	int64_t history;  /* id of the last entry that was read */
	int64_t revision; /* of the plans */
	struct observed_clock clock;
	bool opened;	  /* at least once */
	bool primed;	  /* what was there at the beginning has been read */
	dev_t dev;
	ino_t ino; /* of the store's file; 0 = it is none */
	unsigned n_unsized;
	struct watch_unsized unsized[WATCH_UNSIZED_MAX];
	int64_t sized_ms; /* when they were looked for last */

	char trouble[ERR_TEXT_MAX]; /* why the store cannot be read, "" = it can */
	int64_t trouble_ms;	    /* since when */
	int64_t tried_ms;
};

/* 0 = something changed; 1 = nothing did; -1 = the store is away, `trouble` says why. */
int watch_feed_look(struct watch_feed *f, int64_t now_ms);
void watch_feed_close(struct watch_feed *f);

/* What the engine's time is at that time of the wall. */
int64_t watch_feed_engine_time(const struct watch_feed *f, int64_t now_ms);

/* The plans and limits as they were last read. Borrowed until the next look. */
const struct config *watch_feed_config(const struct watch_feed *f);

/* One phone's story: what `explain` says, the files of its stage, what happened last. Escaped, in lines. */
int watch_feed_story(struct watch_feed *f, int64_t phone_id, struct strbuf *sb, struct err *e) MUST_CHECK;

#endif
