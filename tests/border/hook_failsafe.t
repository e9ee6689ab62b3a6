#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# With the store locked or away: the last good answers hold, what happened is kept and recorded later, and DHCP is never silent for long.
. "$(dirname "$0")/hook.sh"

loadstep_conf >"$CONF"
M=00:11:22:33:44
"$STORETOOL" put "$STORE" $M:10 10.77.0.60 half-flashed climb 3 P00308000900
hook_start
ok 'the half-flashed phone is in the directory file' wait_for "grep -q 'phone $M:10 .*half-flashed' '$T/state/directory'" 5
kea_stop

ok 'somebody holds the store' store_lock
ok 'Kea starts all the same' hook_start
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'the half-flashed phone gets option 150 from the file'
is "$(client 01 -v 'Cisco IP Phone 7961 Special' discover | field 'option 150')" 0a4d00090a4d000a 'a class its servers'
is "$(status_of result) $(status_of state) $(status_of store-state)" '0 running away' 'status: running, the store is away'
for i in 21 22 23; do client $i -v "$BARE" -n -x 0x$i boot >/dev/null; done
ok 'the log says it' wait_for 'hook_said STORE_AWAY' 10
like "$(status_of store-error)" 'lock' 'so does status, with the reason'

took=$(milliseconds kea_reload)
ok "a reload with a backlog and a locked store is short ($took ms)" test "$took" -lt 700
ok 'what was not written is in a file' test -s "$T/state/hook-spill"
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'option 150 after the reload'
client 24 -v "$BARE" -n -x 0x24 boot >/dev/null
store_unlock
ok 'the store is free: all four boots are recorded' \
	wait_for '[ "$(store_list | grep -c "^00:11:22:33:44:2[1-4] .*boots=1 ")" = 4 ]' 12
ok 'the file is gone' wait_for "[ ! -e '$T/state/hook-spill' ] && [ ! -e '$T/state/hook-spill.taken' ]" 5
like "$(hook_said DRAINED)" ' [1-9][0-9]* observations.*recorded, 0 unreadable' 'said so'
is "$(status_of store-state)" open 'the store is open again'

# The store vanishes under a running server; then its directory cannot be written at all.
kea_stop
mv "$T/state/state.db" "$T/kept.db"
rm -f "$T/state/state.db-wal" "$T/state/state.db-shm"
echo 'not a database, but long enough to look like one to whoever reads only its beginning' >"$T/state/state.db"
ok 'a store that is none: Kea starts' hook_start
ok 'status names the store' wait_for '[[ $(status_of store-error) =~ state.db ]]' 5
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'option 150 holds'
kea_stop
cp "$T/kept.db" "$T/state/state.db"
head -c 60 "$T/state/directory" >"$T/cut" && cp "$T/cut" "$T/state/directory"
ok 'a directory file cut short: Kea starts' hook_start
ok 'the log says it' wait_for 'hook_said DIRECTORY_READ' 5
ok 'the store makes it whole' wait_for "grep -q '^end 1' '$T/state/directory'" 5

# The truth is the store's: a phone that was forgotten there is none in the file.
kea_stop
"$STORETOOL" drop "$STORE" $M:10
hook_start
ok 'a deleted phone leaves the directory file' wait_for "grep -q '^end 0' '$T/state/directory'" 5
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" '' 'and gets nothing more'
took=$(milliseconds kea_reload)
ok "a quiet reload ($took ms)" test "$took" -lt 700
done_testing
