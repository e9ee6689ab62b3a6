#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# The disk under the store is full: clients are answered as ever, the log says it now and then, and what phones did meanwhile is
# recorded when there is room again.
. "$(dirname "$0")/hook.sh"

KEA_SUBNET=10.77.0.0/16
KEA_POOL=10.77.4.0-10.77.7.255
in_ns cli ip address add 10.77.0.250/24 dev eth0
mount -t tmpfs -o size=3m none "$T/state" || skip_all 'cannot mount here'
at_end umount -l "$T/state"
load() { in_ns cli "$BUILD/tests/dhcpload" -g 10.77.0.250 -S 10.77.0.1 "$@" >"$T/load"; }
value() { sed -n "1s/.*\\b$1 \\([0-9]*\\).*/\\1/p" "$T/load"; }
boots() { store_list | grep -c "^00:11:22:$1:.* boots=$2 "; }
fill() { ! cat /dev/zero >"$T/state/filler" 2>/dev/null; }
last_error() { grep -a 'LOADSTEP_STORE_AWAY' "$(kea_log)" | tail -n 1; }

loadstep_conf >"$CONF"
M=00:11:22:33:44
ok 'Kea starts' hook_start
"$STORETOOL" put "$STORE" $M:10 10.77.0.60 half-flashed climb 3 P00308000900
ok 'a half-flashed phone is in the directory' wait_for "grep -q 'phone $M:10 .*half-flashed' '$T/state/directory'" 5
cp "$T/state/directory" "$T/before"
ok 'the disk is full' fill
from=$SECONDS
ok '400 phones boot all the same' load -v "$BARE" -n 400 -w 40 -t 10
ok "and were not kept waiting ($(value silence) ms)" test "$(value silence)" -lt "${KEA_PRELOAD:+4}500"
ok 'status says why nothing is recorded' wait_for '[[ $(status_of store-error) =~ full ]]' 8
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'the half-flashed phone gets option 150'
ok 'the directory file is whole' grep -q '^end 1' "$T/state/directory"
ok 'the log says it' wait_for 'hook_said STORE_AWAY' 5
sleep 7
client 10 -v "$BARE" -n -x 0x77 boot >/dev/null
lines=$(hook_said STORE_AWAY | wc -l)
allowed=$(((SECONDS - from) / 5 + 1))
ok "once in five seconds ($lines lines in $((SECONDS - from)) s)" test "$lines" -ge 1 -a "$lines" -le "$allowed"
like "$(hook_said STORE_AWAY | head -n 1)" full 'with the reason'
lines=$(grep -ac LOADSTEP_ "$(kea_log)")
ok "and no flood of other lines ($lines in all)" test "$lines" -lt 20
rm "$T/state/filler"
ok 'there is room again: all 400 are recorded' wait_for '[ "$(boots 50 1)" = 400 ]' 12
ok 'and the boot of the one on its way' wait_for 'store_list | grep -q "^$M:10 .*boots=1 "' 2
is "$(status_of events-failed) $(status_of events-dropped) $(status_of store-state)" '0 0 open' 'nothing failed or was dropped'
like "$(hook_said STORE_BACK)" 'after [0-9]+ s' 'the log says that the store is back'

# Full again, and now a reload: what does not fit anywhere is said to be lost, the rest is recorded, DHCP is served.
ok 'the disk is full again' fill
load -v "$BARE" -k 51 -n 100 -w 50 -t 10
ok 'a reload' kea_reload
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'option 150 after it'
rm "$T/state/filler"
lost=$(hook_said RECORD | grep -c 'observations lost at unload')
recorded() { [ "$(boots 51 1)" = 100 ]; }
ok "all 100 are recorded, or the log said that they could not be kept ($lost)" eval 'wait_for recorded 8 || [ $lost = 1 ]'
wait_for '[ "$(status_of store-state)" = open ]' 8
ok 'and the next ones are recorded' load -v "$BARE" -k 52 -n 20
ok 'all of them' wait_for '[ "$(boots 52 1)" = 20 ]' 8
done_testing
