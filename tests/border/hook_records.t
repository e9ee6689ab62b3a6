#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# What is recorded: boots (not renewals), addresses that change hands, and that with several packet threads, too.
. "$(dirname "$0")/hook.sh"

loadstep_conf >"$CONF"
KEA_GLOBAL='"multi-threading": { "enable-multi-threading": true, "thread-pool-size": 4, "packet-queue-size": 64 },'
KEA_GLOBAL+='"expired-leases-processing": { "reclaim-timer-wait-time": 1 },'
KEA_GLOBAL+='"client-classes": [ { "name": "voice", "test": "option[60].exists" } ],'
ok 'Kea starts with four packet threads' hook_start
phone_line() { store_list | grep "^$1 "; }
is_recorded() { [[ $(phone_line "$1") =~ $2 ]]; }
linked() { [ "$(readlink "$T/tftp/$1")" = "phones/$2" ]; }
M=00:11:22:33:44

got=$(client 01 -v "$BARE" -n -h SEP001122334401 -x 0x501 boot)
address=$(field yiaddr <<<"$got")
ok 'its address is linked at once' wait_for "linked $address $M:01" 1
ok 'a boot is recorded' wait_for "is_recorded $M:01 '$address phase=seen boots=1 class=.Cisco Systems, Inc. IP Phone. '" 2
got=$(client 01 -v "$BARE" -n -x 0x501 -a "$address" request)
client 01 -v "$BARE" -n -x 0x502 -a "$address" renew >"$T/got"
is "$(head -n 1 "$T/got")" ACK 'it renews'
client 01 -v "$BARE" -n -x 0x503 -a "$address" inform >"$T/got"
is "$(head -n 1 "$T/got")" ACK 'and asks once more'
wait_for '[ "$(status_of events-recorded)" -ge 5 ]' 3
ok 'the same xid, a renewal and an INFORM are no boots' is_recorded $M:01 'boots=1 '
client 01 -v "$NAMED" -n -x 0x504 boot >/dev/null
ok 'the next boot is one, with the class it has now' \
	wait_for "is_recorded $M:01 'boots=2 class=.Cisco Systems, Inc. IP Phone CP-7960G. '" 2

# Whose offer it takes: Kea drops a REQUEST for another server, and says nothing of it.
address=$(client 01 -v "$BARE" -n -x 0x505 discover | field yiaddr)
client 01 -v "$BARE" -n -x 0x505 -a "$address" -S 10.77.0.66 -t 100 request >"$T/got"
is "$(cat "$T/got")" silence 'it takes the offer of another server'
ok 'which is its cause' wait_for "is_recorded $M:01 'boots=2 .* cause=other-dhcp-server$'" 2
ok 'and in the history with that server' \
	wait_for "'$STORETOOL' history '$STORE' | grep -q '$M:01 .* took the offer of another DHCP server, 10.77.0.66'" 2
client 01 -v "$BARE" -n -x 0x506 -a "$address" -S 10.77.0.66 -t 100 request >"$T/got"
client 01 -v "$NAMED" -n -x 0x507 boot >/dev/null
ok 'a boot through us ends it; what we offered nothing for (HA) is none' \
	wait_for "is_recorded $M:01 'boots=3 .* relay=$'" 2
is "$("$STORETOOL" history "$STORE" | grep -c 'another DHCP server')" 1 'it is told once'

# A class that is a Cisco phone's, and none that is known; not: later makes.
client 05 -v 'Cisco Systems, Inc. IP Phone CP-7999G' -n -x 0x508 boot >"$T/got"
not_ok 'a phone of an unknown class gets no option 150' grep -q '^option 150' "$T/got"
ok 'it is recorded as that' wait_for "is_recorded $M:05 'phase=seen boots=1 .* cause=unknown-class$'" 2
client 06 -v 'Cisco Systems, Inc. IP Phone CP-8841' -n -h SEP001122334406 -x 0x509 boot >/dev/null

# Ordinary clients: not recorded, unless one is given the address of a phone.
before=$(status_of events-recorded)
for i in 1 2 3 4 5; do client 00:aa:00:00:00:0$i -x 0x60$i boot >/dev/null; done
sleep 1.2
is "$(status_of events-recorded)" "$before" 'ordinary clients cost the store nothing'
not_ok 'nor are they, or an 8841, listed' grep -qE "^(00:aa:00|$M:06)" <<<"$(store_list)"
server=$(field 'option 54' <<<"$got" | perl -ne 'print join ".", map hex, /(..)/g')
client 01 -a "$address" -S "$server" release
ok 'a released address loses its link' wait_for "[ ! -L $T/tftp/$address ]" 3
client 02 -v "$BARE" -n -x 0x701 boot >"$T/got"
second=$(field yiaddr <"$T/got")
ok 'another phone is linked' wait_for "linked $second $M:02" 2
# The phone vanishes, its lease is lost, and somebody else asks for that very address.
kea_stop
rm -f "$T"/kea/leases.csv*
hook_start
client 00:aa:00:00:00:07 -x 0x801 -a "$second" boot >"$T/got"
is "$(field yiaddr <"$T/got")" "$second" 'an ordinary client is given a phone'\''s address'
ok 'and finds no link of the phone'\''s' wait_for "[ ! -L $T/tftp/$second ]" 2
kea_stop
rm -f "$T"/kea/leases.csv*
KEA_LEASE=2 hook_start
client 03 -v "$BARE" -n -x 0x901 boot >"$T/got"
third=$(field yiaddr <"$T/got")
ok 'a third phone is linked' wait_for "linked $third $M:03" 2
ok 'a lease that expires takes the link along' wait_for "[ ! -L $T/tftp/$third ]" 8
client 04 -v "$BARE" -n -x 0xa01 boot >"$T/got"
fourth=$(field yiaddr <"$T/got")
ok 'a fourth is linked' wait_for "linked $fourth $M:04" 2
client 04 -a "$fourth" -S "$server" decline
ok 'a declined address loses its link' wait_for "[ ! -L $T/tftp/$fourth ]" 3

# Many at once, by several threads.
kea_stop
rm -f "$T"/kea/leases.csv*
hook_start
burst=()
for i in $(seq 16 55); do
	client "$(printf %02x "$i")" -v "$NAMED" -n -x "0xb$i" boot >/dev/null &
	burst+=($!)
done
wait "${burst[@]}"
ok 'forty phones at once' wait_for '[ "$(store_list | grep -c "boots=1 class=.Cisco Systems, Inc. IP Phone CP-7960G. ")" -ge 40 ]' 5
is "$(status_of events-dropped) $(status_of events-failed)" '0 0' 'none was dropped'

# What another program changes in the store is followed; what it deletes is forgotten.
"$STORETOOL" put "$STORE" 00:11:22:33:44:70 10.77.0.90 offered climb 1 P00303010102
ok 'a phone started elsewhere gets its servers' \
	wait_for "[ \"\$(client 70 -v '$BARE' -n discover | field 'option 150')\" = 0a4d0001 ]" 4
# Through a relay: giaddr and option 82 are the phone's, too.
client 71 -v "$BARE" -n -x 0xc01 -g 10.77.0.250 -c port7 boot >"$T/got"
is "$(grep -c '^ACK' "$T/got")" 1 'a phone behind a relay'
ok 'where it is plugged in is recorded' wait_for "is_recorded $M:71 'giaddr=10.77.0.250 relay=0105706f727437$'" 3

# Kea's client classes say who may start by itself.
scope()
{
	kea_stop
	loadstep_conf | sed "s/^networks = .*/start = automatic\nclient-class = $1/" >"$CONF"
	hook_start
}
scope nobody
client 72 -v "$BARE" -n -x 0xd01 boot >/dev/null
ok 'a plan for another client class starts nobody' wait_for "is_recorded $M:72 'phase=seen boots=1 '" 3
scope voice
client 72 -v "$BARE" -n -x 0xd02 boot >/dev/null
ok 'a plan for the class that Kea gave the packet does' wait_for "is_recorded $M:72 'phase=waiting boots=2 '" 3
done_testing
