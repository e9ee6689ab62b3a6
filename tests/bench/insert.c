/* SPDX-License-Identifier: MPL-2.0 */
/*
 * insert DATABASE: the least that a script can do which keeps what it is told in SQLite: open, one row in a transaction
 * of its own, one question, close. What loadstep-event does beyond it is loadstep's own.
 */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	static const char sql[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 400;"
				  "CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY, text TEXT);"
				  "BEGIN IMMEDIATE; INSERT INTO bench (text) VALUES ('sent'); COMMIT;"
				  "SELECT count(*) FROM bench WHERE id = 1";
	sqlite3 *db = NULL;
	int failed = argc < 2 || sqlite3_open(argv[1], &db) != SQLITE_OK ||
		     sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK;

	if (failed)
		fprintf(stderr, "insert: %s\n", db ? sqlite3_errmsg(db) : "insert DATABASE");
	sqlite3_close(db);
	return failed;
}
