#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# Reloads with many exchanges in flight: nobody is left without an answer, and every boot that a phone was told of is recorded.
. "$(dirname "$0")/hook.sh"

loadstep_conf >"$CONF"
KEA_SUBNET=10.77.0.0/16
KEA_POOL=10.77.4.0-10.77.7.255
KEA_GLOBAL='"multi-threading": { "enable-multi-threading": true, "thread-pool-size": 4, "packet-queue-size": 512 },'
in_ns cli ip address add 10.77.0.250/24 dev eth0
load() { in_ns cli "$BUILD/tests/dhcpload" -g 10.77.0.250 -S 10.77.0.1 "$@"; }

# value NAME: of dhcpload's first line
value() { sed -n "1s/.*\\b$1 \\([0-9]*\\).*/\\1/p" "$T/load"; }

# recorded: MACs and boots as the store has them, in the form of dhcpload -l
recorded() { store_list | sed -n 's/^\(00:11:22:50:[^ ]*\) .* \(boots=[0-9]*\) .*/\1 \2/p' | sort; }
told() { sed 1d "$T/load" | sort; }

# All that is observed would fit into the queue, so that nothing may be dropped, however slow the store.
rounds=15 pause=100
[ -z "${KEA_PRELOAD:-}" ] || { rounds=6 pause=300; }
ok 'Kea starts with four packet threads' hook_start
pid=$(kea_pid)
load -v "$NAMED" -n 200 -w 200 -r "$rounds" -p "$pause" -t 30 -l >"$T/load" &
loading=$!
for _ in 1 2 3; do
	sleep 0.3
	kea_reload || fail 'a reload'
done
ok 'the reloads were in the middle of it' is_running $loading
ok "every one of $((200 * rounds)) boots was answered" wait $loading
diag "$(head -n 1 "$T/load")"
is "$(value boots) $(value unfinished)" "$((200 * rounds)) 0" 'none is unfinished'
is "$(kea_pid) $(status_of state)" "$pid running" 'it is the same process, and runs'
ok 'it lives' is_running "$pid"
ok 'every phone has as many boots in the store as it was told of' wait_for 'cmp -s <(told) <(recorded)' 30
diag "$(diff <(told) <(recorded) | head -n 5)"
is "$(status_of events-failed) $(status_of events-dropped)" '0 0' 'nothing failed, nothing was dropped'
not_ok 'nothing is left in a file' test -e "$T/state/hook-spill"
not_ok 'nothing was said to be lost' hook_said RECORD
done_testing
