/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Every SQL text of the store: the schema's steps and the statements, indexed by enum sql. No text is ever
 * built by formatting. Words that SQLite and PostgreSQL both know: $1 parameters, ON CONFLICT, RETURNING,
 * BIGINT for times; ids come from the counter table, so neither needs an autoincrement of its own. Only
 * state.c defines STATE_SQL_TEXTS.
 *
 * Versions: a program runs on its own version only. An older store is taken step by step when the opener asks
 * for it, each step one transaction that sets the new version; a newer one is refused. Steps are only ever
 * added at the end.
 */
#ifndef LOADSTEP_STATE_SQL_H
#define LOADSTEP_STATE_SQL_H

#define STATE_SCHEMA_VERSION 4

enum sql {
	SQL_COUNTER_NEXT,
	SQL_COUNTER_GET,
	SQL_COUNTER_SET,
	SQL_PHONE_BY_ID,
	SQL_PHONE_BY_MAC,
	SQL_PHONE_BY_ADDRESS,
	SQL_PHONE_IDS,
	SQL_PHONE_IDS_SINCE,
	SQL_PHONE_IDS_DUE,
	SQL_PHONE_IDS_TAIL,
	SQL_PHONE_INSERT,
	SQL_PHONE_UPDATE,
	SQL_PHONE_DELETE,
	SQL_PHONE_DUE_SET,
	SQL_PHONE_DUES,
	SQL_HISTORY_INSERT,
	SQL_HISTORY_BY_ID,
	SQL_HISTORY_IDS,
	SQL_HISTORY_IDS_PHONE,
	SQL_HISTORY_IDS_RANGE,
	SQL_HISTORY_IDS_RANGE_PHONE,
	SQL_HISTORY_IDS_ALARM,
	SQL_HISTORY_SPAN,
	SQL_HISTORY_MOVE,
	SQL_HISTORY_TWIN_FIND,
	SQL_HISTORY_TWIN_PUT,
	SQL_HISTORY_STAMPED,
	SQL_HISTORY_ANOTHER,
	SQL_FETCH_ADD,
	SQL_FETCH_LIST,
	SQL_ADDRESS_GET,
	SQL_ADDRESS_PUT,
	SQL_ADDRESS_DELETE,
	SQL_ADDRESS_DELETE_MAC,
	SQL_ADDRESS_LIST,
	SQL_PLAN_LATEST,
	SQL_PLAN_REVISION,
	SQL_PLAN_INSERT,
	SQL_COHORT_GET,
	SQL_COHORT_PUT,
	SQL_CLOCK_GET,
	SQL_CLOCK_PUT,
	SQL_HEARD_PUT,
	SQL_COUNT
};

#ifdef STATE_SQL_TEXTS

/* Version 1. mac: "00:1b:0c:18:bd:c1", NULL while a phone is known by its address only; enums by name
 * (phase.def). */
#define SCHEMA_1                                                                                                            \
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);"                                              \
	"INSERT INTO counter (name, value) VALUES ('change', 0), ('phone', 0), ('history', 0), ('plan', 0);"                \
	"CREATE TABLE phone (id INTEGER PRIMARY KEY, mac TEXT UNIQUE, address TEXT, vendor_class TEXT NOT NULL,"            \
	" vendor TEXT NOT NULL, model TEXT NOT NULL, generation TEXT NOT NULL, giaddr TEXT, relay TEXT NOT NULL,"           \
	" plan TEXT NOT NULL, stage_no INTEGER NOT NULL, load TEXT NOT NULL, phase TEXT NOT NULL,"                          \
	" since_ms BIGINT NOT NULL, stage_since_ms BIGINT NOT NULL, flags BIGINT NOT NULL, cause TEXT NOT NULL,"            \
	" running TEXT NOT NULL, running_by TEXT NOT NULL, boots BIGINT NOT NULL, last_xid BIGINT NOT NULL,"                \
	" last_boot_ms BIGINT NOT NULL, last_event_ms BIGINT NOT NULL, evidence TEXT NOT NULL, change BIGINT NOT NULL,"     \
	" due_ms BIGINT NOT NULL DEFAULT 0);"                                                                               \
	"CREATE UNIQUE INDEX phone_unnamed ON phone (address) WHERE mac IS NULL;"                                           \
	"CREATE INDEX phone_change ON phone (change);"                                                                      \
	"CREATE INDEX phone_due ON phone (due_ms) WHERE due_ms > 0;"                                                        \
	"CREATE TABLE fetch (phone_id INTEGER NOT NULL REFERENCES phone (id) ON DELETE CASCADE, stage_no INTEGER NOT NULL," \
	" file TEXT NOT NULL, bytes BIGINT NOT NULL, last_ms BIGINT NOT NULL, count BIGINT NOT NULL,"                       \
	" PRIMARY KEY (phone_id, stage_no, file));"                                                                         \
	"CREATE TABLE history (id INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, phone_id INTEGER, mac TEXT, address TEXT,"    \
	" kind TEXT NOT NULL, file TEXT NOT NULL, bytes BIGINT NOT NULL, phase_from TEXT NOT NULL, phase_to TEXT NOT NULL," \
	" stage_no INTEGER NOT NULL, note TEXT NOT NULL);"                                                                  \
	"CREATE INDEX history_phone ON history (phone_id, id);"                                                             \
	"CREATE INDEX history_seen ON history (address, at_ms);"                                                            \
	"CREATE TABLE address (address TEXT PRIMARY KEY, mac TEXT NOT NULL, since_ms BIGINT NOT NULL);"                     \
	"CREATE INDEX address_mac ON address (mac);"                                                                        \
	"CREATE TABLE plan_revision (revision INTEGER PRIMARY KEY, made_ms BIGINT NOT NULL, text TEXT NOT NULL);"           \
	"CREATE TABLE cohort (plan TEXT PRIMARY KEY, stage_no INTEGER NOT NULL, shut INTEGER NOT NULL,"                     \
	" since_ms BIGINT NOT NULL);"                                                                                       \
	"CREATE TABLE observed_clock (id INTEGER PRIMARY KEY CHECK (id = 1), last_tick_wall_ms BIGINT NOT NULL,"            \
	" skew_ms BIGINT NOT NULL, gap_from_ms BIGINT NOT NULL, gap_to_ms BIGINT NOT NULL,"                                   \
	" gap_skew_ms BIGINT NOT NULL)"

/* Version 2. What dnsmasq's script and its log both report is one entry: when the other one stamped it. */
#define SCHEMA_2 "ALTER TABLE history ADD COLUMN twin_ms BIGINT NOT NULL DEFAULT 0"

/* Version 3, the witness: events registered and alarm, running_by registered, and evidence of both, none of which
 * a program of version 2 can read. A phone's alarms are looked up among its whole history. */
#define SCHEMA_3 "CREATE INDEX history_alarm ON history (phone_id, id) WHERE kind = 'alarm'"

/* Version 4. Signs in the evidence, causes more than before, and one that has another name; since when a TFTP log is
 * followed (engine time). */
#define SCHEMA_4                                                                        \
	"UPDATE phone SET cause = 'sep-malformed' WHERE cause = 'config-looping';"      \
	"UPDATE history SET note = 'sep-malformed' WHERE note = 'config-looping';"      \
	"ALTER TABLE observed_clock ADD COLUMN heard_from_ms BIGINT NOT NULL DEFAULT 0;" \
	"ALTER TABLE observed_clock ADD COLUMN heard_to_ms BIGINT NOT NULL DEFAULT 0"

struct schema_step {
	int version; /* after it */
	const char *sql;
};

static const struct schema_step schema_steps[] = {
	{ 1, SCHEMA_1 },
	{ 2, SCHEMA_2 },
	{ 3, SCHEMA_3 },
	{ 4, SCHEMA_4 },
};

/* In the order in which read_phone reads and bind_phone binds ($2 … $25; $1 is the id). */
#define PHONE_COLUMNS                                                                                                 \
	"id, mac, address, vendor_class, vendor, model, generation, giaddr, relay, plan, stage_no, load, phase,"      \
	" since_ms, stage_since_ms, flags, cause, running, running_by, boots, last_xid, last_boot_ms, last_event_ms," \
	" evidence, change"
#define PHONE_VALUES \
	"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25"
#define PHONE_SET                                                                                                         \
	"address = $3, vendor_class = $4, vendor = $5, model = $6, generation = $7, giaddr = $8, relay = $9, plan = $10," \
	" stage_no = $11, load = $12, phase = $13, since_ms = $14, stage_since_ms = $15, flags = $16, cause = $17,"       \
	" running = $18, running_by = $19, boots = $20, last_xid = $21, last_boot_ms = $22, last_event_ms = $23,"         \
	" evidence = $24, change = $25"
#define HISTORY_COLUMNS \
	"id, at_ms, phone_id, mac, address, kind, file, bytes, phase_from, phase_to, stage_no, note, twin_ms"

static const char *const sql_texts[SQL_COUNT] = {
	[SQL_COUNTER_NEXT] = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value",
	[SQL_COUNTER_GET] = "SELECT value FROM counter WHERE name = $1",
	[SQL_COUNTER_SET] = "UPDATE counter SET value = $2 WHERE name = $1",

	[SQL_PHONE_BY_ID] = "SELECT " PHONE_COLUMNS " FROM phone WHERE id = $1",
	[SQL_PHONE_BY_MAC] = "SELECT " PHONE_COLUMNS " FROM phone WHERE mac = $1",
	[SQL_PHONE_BY_ADDRESS] = "SELECT " PHONE_COLUMNS " FROM phone WHERE mac IS NULL AND address = $1",
	[SQL_PHONE_IDS] = "SELECT id FROM phone ORDER BY id",
	[SQL_PHONE_IDS_SINCE] = "SELECT id FROM phone WHERE change > $1 AND change <= $2 ORDER BY id",
	[SQL_PHONE_IDS_DUE] = "SELECT id FROM phone WHERE due_ms > 0 AND due_ms <= $1 ORDER BY due_ms, id",
	[SQL_PHONE_IDS_TAIL] = "SELECT id FROM phone WHERE replace(mac, ':', '') LIKE '%' || $1 ORDER BY id",
	/* A phone that is put anew under a MAC that has a row takes that row. */
	[SQL_PHONE_INSERT] = "INSERT INTO phone (" PHONE_COLUMNS ") VALUES (" PHONE_VALUES ")"
			     " ON CONFLICT (mac) DO UPDATE SET " PHONE_SET " RETURNING id",
	[SQL_PHONE_UPDATE] = "UPDATE phone SET mac = $2, " PHONE_SET " WHERE id = $1 RETURNING id",
	[SQL_PHONE_DELETE] = "DELETE FROM phone WHERE id = $1",
	[SQL_PHONE_DUE_SET] = "UPDATE phone SET due_ms = $2 WHERE id = $1",
	[SQL_PHONE_DUES] = "SELECT id, due_ms FROM phone ORDER BY id",

	[SQL_HISTORY_INSERT] = "INSERT INTO history (" HISTORY_COLUMNS ")"
			       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
	[SQL_HISTORY_BY_ID] = "SELECT " HISTORY_COLUMNS " FROM history WHERE id = $1",
	[SQL_HISTORY_IDS] =
		"SELECT id FROM (SELECT id FROM history WHERE id > $1 ORDER BY id DESC LIMIT $2) AS newest"
		" ORDER BY id",
	[SQL_HISTORY_IDS_PHONE] = "SELECT id FROM (SELECT id FROM history WHERE id > $1 AND phone_id = $3"
				  " ORDER BY id DESC LIMIT $2) AS newest ORDER BY id",
	[SQL_HISTORY_IDS_RANGE] = "SELECT id FROM history WHERE id > $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY id",
	[SQL_HISTORY_IDS_RANGE_PHONE] = "SELECT id FROM history WHERE id > $1 AND at_ms >= $2 AND at_ms < $3"
					" AND phone_id = $4",
	[SQL_HISTORY_IDS_ALARM] = "SELECT id FROM (SELECT id FROM history WHERE phone_id = $1 AND kind = 'alarm'"
				  " ORDER BY id DESC LIMIT $2) AS newest ORDER BY id",
	[SQL_HISTORY_SPAN] = "SELECT coalesce(min(at_ms), 0), coalesce(max(at_ms), 0) FROM history",
	[SQL_HISTORY_MOVE] = "UPDATE history SET phone_id = $2, mac = $3 WHERE phone_id = $1",
	/* A log does not tell how many bytes went out. */
	[SQL_HISTORY_TWIN_FIND] =
		"SELECT id FROM history WHERE address = $1 AND at_ms BETWEEN $2 AND $3 AND file = $4"
		" AND twin_ms = -1 AND CASE WHEN bytes < 0 THEN 1 ELSE 0 END = $5 ORDER BY at_ms, id LIMIT 1",
	[SQL_HISTORY_TWIN_PUT] = "UPDATE history SET at_ms = $2, twin_ms = $3, bytes = $4 WHERE id = $1",
	[SQL_HISTORY_STAMPED] =
		"SELECT id FROM history WHERE address = $1 AND (abs(at_ms - $2) <= $7 OR twin_ms = $2)"
		" AND at_ms BETWEEN $3 AND $4 AND (kind = $5 OR kind = 'failed' AND twin_ms <> 0) AND file = $6"
		" LIMIT 1",
	[SQL_HISTORY_ANOTHER] = "SELECT id FROM history WHERE address = $1 AND at_ms BETWEEN $2 AND $3 AND mac <> $4"
				" AND note = $5 ORDER BY at_ms DESC, id DESC LIMIT 1",

	/* Times may come out of order: the latest counts. */
	[SQL_FETCH_ADD] =
		"INSERT INTO fetch (phone_id, stage_no, file, bytes, last_ms, count)"
		" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (phone_id, stage_no, file) DO UPDATE SET"
		" bytes = CASE WHEN excluded.last_ms >= fetch.last_ms THEN excluded.bytes ELSE fetch.bytes END,"
		" last_ms = CASE WHEN excluded.last_ms >= fetch.last_ms THEN excluded.last_ms ELSE fetch.last_ms END,"
		" count = fetch.count + excluded.count",
	[SQL_FETCH_LIST] =
		"SELECT phone_id, stage_no, file, bytes, last_ms, count FROM fetch WHERE phone_id = $1"
		" ORDER BY stage_no, last_ms, file",

	[SQL_ADDRESS_GET] = "SELECT mac, since_ms FROM address WHERE address = $1",
	/* The same holder again changes nothing: since is the time of the last change of hands. */
	[SQL_ADDRESS_PUT] =
		"INSERT INTO address (address, mac, since_ms) VALUES ($1, $2, $3)"
		" ON CONFLICT (address) DO UPDATE SET mac = excluded.mac, since_ms = excluded.since_ms"
		" WHERE address.mac <> excluded.mac",
	[SQL_ADDRESS_DELETE] = "DELETE FROM address WHERE address = $1",
	[SQL_ADDRESS_DELETE_MAC] = "DELETE FROM address WHERE mac = $1 AND address <> $2",
	[SQL_ADDRESS_LIST] = "SELECT address, mac, since_ms FROM address ORDER BY address",

	[SQL_PLAN_LATEST] = "SELECT revision, text FROM plan_revision ORDER BY revision DESC LIMIT 1",
	[SQL_PLAN_REVISION] = "SELECT revision FROM plan_revision ORDER BY revision DESC LIMIT 1",
	[SQL_PLAN_INSERT] = "INSERT INTO plan_revision (revision, made_ms, text) VALUES ($1, $2, $3)",

	[SQL_COHORT_GET] = "SELECT stage_no, shut, since_ms FROM cohort WHERE plan = $1",
	[SQL_COHORT_PUT] =
		"INSERT INTO cohort (plan, stage_no, shut, since_ms) VALUES ($1, $2, $3, $4)"
		" ON CONFLICT (plan) DO UPDATE SET stage_no = excluded.stage_no, shut = excluded.shut,"
		" since_ms = excluded.since_ms",

	[SQL_CLOCK_GET] = "SELECT last_tick_wall_ms, skew_ms, gap_from_ms, gap_to_ms, gap_skew_ms, heard_from_ms,"
			  " heard_to_ms FROM observed_clock WHERE id = 1",
	[SQL_CLOCK_PUT] = "INSERT INTO observed_clock (id, last_tick_wall_ms, skew_ms, gap_from_ms, gap_to_ms, gap_skew_ms)"
			  " VALUES (1, $1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET"
			  " last_tick_wall_ms = excluded.last_tick_wall_ms, skew_ms = excluded.skew_ms,"
			  " gap_from_ms = excluded.gap_from_ms, gap_to_ms = excluded.gap_to_ms,"
			  " gap_skew_ms = excluded.gap_skew_ms",
	[SQL_HEARD_PUT] = "UPDATE observed_clock SET heard_from_ms = $1, heard_to_ms = $2 WHERE id = 1",
};

#endif /* STATE_SQL_TEXTS */

#endif
