/* SPDX-License-Identifier: MPL-2.0 */
/* loadstep-status: the values in the order people read them. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "strbuf.h"

static void add(struct hook_status *st, const char *name, bool is_text, int64_t number,
		const char *text)
{
	struct status_value *v;

	if (st->n >= STATUS_VALUES_MAX)
		return;
	v = &st->value[st->n++];
	v->name = name;
	v->is_text = is_text;
	v->number = number;
	text_copy(v->text, sizeof v->text, text ? text : "");
}

static void add_text(struct hook_status *st, const char *name, const char *text)
{
	add(st, name, true, 0, text);
}

static void add_number(struct hook_status *st, const char *name, int64_t n)
{
	add(st, name, false, n, NULL);
}

static void add_directory(struct hook_status *st, struct directory *dir)
{
	struct directory_counts c;

	directory_counts(dir, &c);
	add_number(st, "phones", c.phones);
	add_number(st, "phones-answered", c.answers);
	add_number(st, "revision", c.revision);
	add_number(st, "change", c.change);
}

static void add_recorder(struct hook_status *st, struct recorder *rec)
{
	struct recorder_counts c;

	recorder_counts(rec, &c);
	add_text(st, "store-state", c.store_open && !c.store_error[0] ? "open" : "away");
	add_text(st, "store-error", c.store_error);
	add_number(st, "events-queued", c.queued);
	add_number(st, "events-recorded", c.recorded);
	add_number(st, "events-dropped", c.dropped);
	add_number(st, "events-failed", c.failed);
	add_number(st, "batches", c.batches);
	add_number(st, "store-retries", c.retries);
	add_number(st, "last-tick", c.last_tick_ms);
}

void command_status(const struct command_state *cs, struct hook_status *ret)
{
	ret->result = cs->result;
	ret->n = 0;
	snprintf(ret->text, sizeof ret->text, "%s%s%s", cs->state, cs->reason[0] ? ": " : "", cs->reason);
	add_text(ret, "state", cs->state);
	add_text(ret, "reason", cs->reason);
	add_text(ret, "config-file", cs->config_file);
	add_text(ret, "store", cs->store);
	add_text(ret, "directory-file", cs->directory_file);
	add_number(ret, "replies-to-phones", cs->replies);
	add_number(ret, "replies-with-servers", cs->answered);
	if (cs->dir)
		add_directory(ret, cs->dir);
	if (cs->rec)
		add_recorder(ret, cs->rec);
}
