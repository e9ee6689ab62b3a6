/* SPDX-License-Identifier: MPL-2.0 */
/* Looks into a store and prepares one for the border tests, without the operator's command: put a phone on
 * its way, hold a lock, list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "state.h"

static int fail(const char *what, const struct err *e)
{
	fprintf(stderr, "storetool: %s: %s\n", what, e->text);
	return 1;
}

static int print_phone(void *arg, const struct phone *p, struct err *e)
{
	char mac[MAC_TEXT_SIZE], addr[IP4_TEXT_SIZE], giaddr[IP4_TEXT_SIZE];

	(void)arg, (void)e;
	printf("%s %s phase=%s boots=%u class=[%s] giaddr=%s relay=%s%s%s\n", mac_format(mac, &p->mac),
	       ip4_format(addr, p->address), phase_name(p->phase), p->boots, p->vendor_class,
	       ip4_format(giaddr, p->giaddr), p->relay, p->cause ? " cause=" : "", cause_name(p->cause));
	return 0;
}

static int print_address(void *arg, struct ip4 addr, const struct mac *mac, int64_t since_ms, struct err *e)
{
	char m[MAC_TEXT_SIZE], a[IP4_TEXT_SIZE];

	(void)arg, (void)since_ms, (void)e;
	printf("address %s %s\n", ip4_format(a, addr), mac_format(m, mac));
	return 0;
}

static int list(const char *url)
{
	struct state *st = NULL;
	struct err e;

	if (state_open(&st, url, STATE_READ_ONLY, 2000, &e) < 0)
		return fail(url, &e);
	if (state_phone_list(st, print_phone, NULL, &e) != 0 ||
	    state_address_list(st, print_address, NULL, &e) != 0)
		return fail(url, &e);
	state_close(st);
	return 0;
}

static int print_history(void *arg, const struct history *h, struct err *e)
{
	char mac[MAC_TEXT_SIZE];

	(void)arg, (void)e;
	printf("%lld %s %s %s %s %s\n", (long long)h->at_ms, h->mac_known ? mac_format(mac, &h->mac) : "-",
	       event_kind_name(h->kind), phase_name(h->to), h->file[0] ? h->file : "-", h->note);
	return 0;
}

/* As it was stored, with milliseconds. */
static int history(const char *url)
{
	struct state *st = NULL;
	struct err e;

	if (state_open(&st, url, STATE_READ_ONLY, 2000, &e) < 0 ||
	    state_history_list(st, 0, 0, 0, print_history, NULL, &e) != 0)
		return fail(url, &e);
	state_close(st);
	return 0;
}

/* put URL MAC ADDRESS PHASE PLAN STAGE LOAD [MODEL]: started, and there */
static int put(const char *url, char **v)
{
	struct state *st = NULL;
	struct phone p;
	struct mac mac;
	struct err e;

	if (parse_mac("MAC", v[0], &mac, &e) < 0)
		return fail(v[0], &e);
	phone_init(&p, &mac);
	if (parse_ip4("address", v[1], &p.address, &e) < 0)
		return fail(v[1], &e);
	if (phase_parse(v[2], &p.phase) != 0)
		return fprintf(stderr, "storetool: no such phase: %s\n", v[2]), 1;
	text_copy(p.plan, sizeof p.plan, v[3]);
	p.stage_no = atoi(v[4]);
	text_copy(p.load.s, sizeof p.load.s, v[5]);
	p.flags = PHONE_STARTED | PHONE_DHCP_KNOWN;
	p.generation = GEN_CLASSIC;
	p.vendor = v[6] ? VENDOR_NAMED : VENDOR_BARE;
	text_copy(p.model, sizeof p.model, v[6] ? v[6] : "");
	p.since_ms = (int64_t)time(NULL) * 1000;
	if (state_open(&st, url, STATE_CREATE | STATE_UPGRADE, 2000, &e) < 0 ||
	    state_phone_put(st, &p, &e) < 0)
		return fail(url, &e);
	state_close(st);
	return 0;
}

static int64_t seconds_ago(const char *text)
{
	return ((int64_t)time(NULL) - atoll(text)) * 1000;
}

/* "app/sent:SECONDS" or "boot:SECONDS" into the evidence: seen so many seconds ago. */
static int set_seen(struct phone *p, const char *value)
{
	static const char *const outcomes[OUTCOME_COUNT] = { "asked", "sent", "missing", "failed" };
	char name[32] = "", outcome[16] = "";
	const char *colon = strchr(value, ':');
	enum file_class c;

	if (!colon || sscanf(value, "%31[^/:]/%15[^:]", name, outcome) < 1)
		return -1;
	if (strcmp(name, "boot") == 0)
		return times_add(&p->evidence.boot, seconds_ago(colon + 1)), 0;
	for (int o = 0; o < OUTCOME_COUNT && file_class_parse(name, &c) == 0; o++)
		if (strcmp(outcome, outcomes[o]) == 0)
			return times_add(&p->evidence.file[c][o], seconds_ago(colon + 1)), 0;
	return -1;
}

static int set_flag(struct phone *p, const char *value)
{
	const char *name;
	uint32_t bit;

	for (unsigned i = 0; (name = phone_flag_name(i, &bit)) != NULL; i++)
		if (strcmp(name, value) == 0)
			return p->flags |= bit, 0;
	return -1;
}

static int set_value(struct phone *p, const char *key, const char *value)
{
	struct err e;

	if (strcmp(key, "cause") == 0)
		return cause_parse(value, &p->cause);
	if (strcmp(key, "flag") == 0)
		return set_flag(p, value);
	if (strcmp(key, "seen") == 0)
		return set_seen(p, value);
	if (strcmp(key, "giaddr") == 0)
		return parse_ip4("giaddr", value, &p->giaddr, &e);
	if (strcmp(key, "since") == 0)
		return p->since_ms = seconds_ago(value), 0;
	if (strcmp(key, "last-event") == 0)
		return p->last_event_ms = seconds_ago(value), 0;
	if (strcmp(key, "relay") == 0)
		return !text_copy(p->relay, sizeof p->relay, value);
	if (strcmp(key, "class") == 0)
		return !text_copy(p->vendor_class, sizeof p->vendor_class, value);
	if (strcmp(key, "running") == 0)
		return !text_copy(p->running, sizeof p->running, value);
	return -1;
}

/* set URL MAC KEY=VALUE...: of a phone that is there. Times are seconds ago. */
static int set(const char *url, char **v, int n)
{
	struct state *st = NULL;
	struct phone p;
	struct mac mac;
	struct err e;

	if (parse_mac("MAC", v[0], &mac, &e) < 0 || state_open(&st, url, 0, 2000, &e) < 0 ||
	    state_phone_find(st, &mac, &p, &e) != 0)
		return fail(v[0], &e);
	for (int i = 1; i < n; i++) {
		char *value = strchr(v[i], '=');

		if (!value)
			return fprintf(stderr, "storetool: no value: %s\n", v[i]), 1;
		*value++ = '\0';
		if (set_value(&p, v[i], value) != 0)
			return fprintf(stderr, "storetool: cannot set %s to %s\n", v[i], value), 1;
	}
	if (state_phone_put(st, &p, &e) < 0)
		return fail(v[0], &e);
	state_close(st);
	return 0;
}

/* clock URL SECONDS-AGO: the last tick */
static int set_clock(const char *url, const char *ago)
{
	struct observed_clock c = { .last_tick_wall_ms = seconds_ago(ago) };
	struct state *st = NULL;
	struct err e;

	if (state_open(&st, url, STATE_CREATE | STATE_UPGRADE, 2000, &e) < 0 ||
	    state_clock_put(st, &c, &e) < 0)
		return fail(url, &e);
	state_close(st);
	return 0;
}

/* event URL MAC SECONDS-AGO KIND FILE [FROM TO NOTE]: an entry of the history */
static int put_event(const char *url, char **v, int n)
{
	struct history h = { .bytes = -1 };
	struct state *st = NULL;
	struct phone p;
	struct err e;

	if (parse_mac("MAC", v[0], &h.mac, &e) < 0 || state_open(&st, url, 0, 2000, &e) < 0 ||
	    state_phone_find(st, &h.mac, &p, &e) != 0)
		return fail(v[0], &e);
	h.mac_known = true;
	h.phone_id = p.id;
	h.address = p.address;
	h.at_ms = seconds_ago(v[1]);
	h.from = h.to = p.phase;
	if (event_kind_parse(v[2], &h.kind) != 0)
		return fprintf(stderr, "storetool: no such event: %s\n", v[2]), 1;
	text_copy(h.file, sizeof h.file, v[3]);
	if (n > 5 && (phase_parse(v[4], &h.from) != 0 || phase_parse(v[5], &h.to) != 0))
		return fprintf(stderr, "storetool: no such phase: %s, %s\n", v[4], v[5]), 1;
	text_copy(h.note, sizeof h.note, n > 6 ? v[6] : "");
	if (state_history_put(st, &h, &e) < 0)
		return fail(v[0], &e);
	state_close(st);
	return 0;
}

static int drop(const char *url, const char *text)
{
	struct state *st = NULL;
	struct phone p;
	struct mac mac;
	struct err e;

	if (parse_mac("MAC", text, &mac, &e) < 0 || state_open(&st, url, 0, 2000, &e) < 0 ||
	    state_phone_find(st, &mac, &p, &e) != 0 || state_phone_delete(st, p.id, &e) < 0)
		return fail(text, &e);
	state_close(st);
	return 0;
}

/* Holds the store until it is killed: all of it, which nobody may have open then, or the right to write. */
static int lock(const char *url, bool whole)
{
	struct db *db = NULL;
	struct err e;

	if (db_open(&db, url, 0, 2000, &e) < 0 ||
	    (whole && db_exec(db, "PRAGMA locking_mode=EXCLUSIVE", &e) < 0) ||
	    db_exec(db, "BEGIN EXCLUSIVE", &e) < 0)
		return fail(url, &e);
	puts("locked");
	fflush(stdout);
	pause();
	db_close(db);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return list(argv[2]);
	if (argc == 3 && strcmp(argv[1], "history") == 0)
		return history(argv[2]);
	if (argc == 3 && strcmp(argv[1], "lock") == 0)
		return lock(argv[2], true);
	if (argc == 3 && strcmp(argv[1], "lock-writes") == 0)
		return lock(argv[2], false);
	if (argc == 4 && strcmp(argv[1], "drop") == 0)
		return drop(argv[2], argv[3]);
	if ((argc == 9 || argc == 10) && strcmp(argv[1], "put") == 0)
		return put(argv[2], argv + 3);
	if (argc > 4 && strcmp(argv[1], "set") == 0)
		return set(argv[2], argv + 3, argc - 3);
	if (argc == 4 && strcmp(argv[1], "clock") == 0)
		return set_clock(argv[2], argv[3]);
	if (argc >= 7 && strcmp(argv[1], "event") == 0)
		return put_event(argv[2], argv + 3, argc - 3);
	fputs("storetool list URL | history URL | lock URL | lock-writes URL | drop URL MAC\n"
	      "storetool put URL MAC ADDRESS PHASE PLAN STAGE LOAD [MODEL]\n"
	      "storetool set URL MAC KEY=VALUE... | clock URL SECONDS-AGO\n"
	      "storetool event URL MAC SECONDS-AGO KIND FILE [FROM TO NOTE]\n",
	      stderr);
	return 2;
}
