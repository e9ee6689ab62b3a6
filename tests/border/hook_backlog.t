#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# A reload with a backlog while somebody holds the store: how long DHCP is silent, as its clients hear it. Without the library
# first, since Kea itself is silent while it reads its configuration.
. "$(dirname "$0")/hook.sh"

KEA_SUBNET=10.77.0.0/16
KEA_POOL=10.77.4.0-10.77.11.255
LIMIT=500 # ms; the sanitizers' Kea is slower
[ -z "${KEA_PRELOAD:-}" ] || LIMIT=4000
in_ns cli ip address add 10.77.0.250/24 dev eth0
load() { in_ns cli "$BUILD/tests/dhcpload" -g 10.77.0.250 -S 10.77.0.1 "$@" >"$T/load"; }
value() { sed -n "1s/.*\\b$1 \\([0-9]*\\).*/\\1/p" "$2"; }

# silence FILE: ordinary clients boot for three seconds, Kea is reloaded meanwhile, twice
silence()
{
	load -k 60 -n 20 -w 20 -r 30000 -p 10 -t 3 &
	local loading=$!
	sleep 0.7
	kea_reload || fail 'a reload'
	sleep 0.7
	kea_reload || fail 'a reload'
	wait $loading
	mv "$T/load" "$1"
}

kea_conf >"$T/plain.json"
kea_start "$T/plain.json"
silence "$T/without"
kea_stop
rm -f "$T"/kea/leases.csv*

loadstep_conf >"$CONF"
ok 'Kea starts with the library' hook_start
wait_for '[ "$(status_of store-state)" = open ]' 5
ok 'somebody writes to the store, and does not end' store_lock lock-writes
ok 'a thousand phones boot' load -v "$BARE" -n 1000 -w 100 -t 10
not_ok 'they wait to be recorded' grep -q '^00:11:22:50:' <<<"$(store_list)"
silence "$T/locked"
ok "silent for less than $LIMIT ms more than without the library: $(value silence "$T/locked"), without the library $(value silence "$T/without")" \
	test "$(value silence "$T/locked")" -lt $((LIMIT + $(value silence "$T/without")))
ok 'what could not be written is in a file' eval 'cat "$T"/state/hook-spill* | grep -q "^lease"'
like "$(hook_said SPILLED | head -n 1)" ' [2-9][0-9]{3} observations' 'all of it'
store_unlock
ok 'the store is free: all thousand boots are recorded' \
	wait_for '[ "$(store_list | grep -c "^00:11:22:50:.* boots=1 ")" = 1000 ]' 12
is "$(status_of events-failed)" 0 'nothing failed'
silence "$T/free"
ok "a reload with a store that is free: $(value silence "$T/free") ms" test "$(value silence "$T/free")" -lt $((LIMIT + $(value silence "$T/without")))
done_testing
