#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# Who may start, by network and MAC, and that scope says nothing of who may finish: a phone that comes back in another network in
# the middle of a stage is given its stage there, and the servers of the place.
. "$(dirname "$0")/hook.sh"

# A second network behind a relay, 10.88.0.1.
hook_conf()
{
	KEA_HOOKS="{ \"library\": \"$HOOK\", \"parameters\": { \"config-file\": \"$CONF\" } }" kea_conf |
		sed 's|"subnet4": \[|& { "id": 2, "subnet": "10.88.0.0/24", "pools": [ { "pool": "10.88.0.20-10.88.0.99" } ] },|'
}
# plan LINE...: an automatic plan with these lines, and a site
plan_with()
{
	kea_stop 2>/dev/null
	{
		loadstep_conf | sed '/^networks = /d; s/^models = .*/&\nstart = automatic/; /^\[vendor-class/,$d'
		printf '%s\n' "$@"
		printf '[site berlin]\nnetworks = 10.88.0.0/24\ntftp-servers = 10.88.0.2 10.88.0.3\n'
	} >"$CONF"
	hook_start || diag "$(cat "$CONF")"
}
M=00:11:22:33:44
XID=0x100
here() { XID=$((XID + 1)); client "$1" -v "$BARE" -n -p 1 -x $XID boot; }
there() { XID=$((XID + 1)); client "$1" -v "$BARE" -n -p 1 -x $XID -g 10.88.0.1 -c port9 boot; }
line() { store_list | grep "^$M:$1 "; }
is_in() { [[ $(line "$1") =~ phase=$2\  ]]; }
servers() { sed -n 's/^option 150 //p' | sort -u | tr '\n' ' '; }

# ---- networks
ok 'a plan for one network' plan_with 'networks = 10.77.0.0/24'
here 20 >/dev/null
got=$(there 21)
like "$(field yiaddr <<<"$got")" '^10\.88\.0\.' 'the other phone has an address of the other network'
ok 'the phone in the network is started' wait_for 'is_in 20 waiting' 3
ok 'the other one is seen' wait_for 'is_in 21 seen' 3
is "$(there 21 | servers)" '' 'and is sent nothing of ours'
here 21 >/dev/null
ok 'it moves into the network and is started there' wait_for 'is_in 21 waiting' 3

# ---- a phone in the middle of a stage comes back in the other network
"$STORETOOL" put "$STORE" $M:30 10.77.0.60 half-flashed climb 3 P00308000900
ok 'a half-flashed phone' wait_for "[ \"\$(client 30 -v '$BARE' -n -p 1 discover | field 'option 150')\" = 0a4d0001 ]" 4
got=$(here 30)
was=$(field yiaddr <<<"$got")
ok 'its address is linked' wait_for "[ \"\$(readlink '$T/tftp/$was')\" = phones/$M:30 ]" 3
got=$(there 30)
now=$(field yiaddr <<<"$got")
like "$now" '^10\.88\.0\.' 'it comes back in another network'
is "$(servers <<<"$got")$(field siaddr <<<"$got")" '0a5800020a580003 10.88.0.2' 'OFFER and ACK have the servers of that place'
is "$(client 30 -v "$BARE" -n -p 1 -g 10.88.0.1 -c port9 -a "$now" renew | field 'option 150')" 0a5800020a580003 'the renewal too'
ok 'its link is at the new address' wait_for "[ \"\$(readlink '$T/tftp/$now')\" = phones/$M:30 ]" 3
ok 'and no more at the old one' wait_for "[ ! -L '$T/tftp/$was' ]" 3
like "$(line 30)" "$now phase=half-flashed .*giaddr=10.88.0.1 relay=0105706f727439" 'it is where it was on its way'
kea_reload
is "$(client 30 -v "$NAMED" -n -p 1 -g 10.88.0.1 discover | field 'option 150')" 0a5800020a580003 'after a reload as well'
got=$(here 30)
is "$(servers <<<"$got")" '0a4d0001 ' 'back in its first network it has the plan'\''s server'

# ---- only-macs, except-macs
printf '# the pilot\n%s\n0011.2233.4441\n' $M:40 >"$T/pilot.macs"
ok 'only-macs' plan_with "only-macs = $T/pilot.macs"
for i in 40 41 42; do here $i >/dev/null; done
ok 'a listed phone is started' wait_for 'is_in 40 waiting' 3
ok 'however it is spelt' wait_for 'is_in 41 waiting' 3
ok 'another one is seen' wait_for 'is_in 42 seen' 3
ok 'except-macs' plan_with 'networks = 10.77.0.0/24' "except-macs = $T/pilot.macs"
"$STORETOOL" drop "$STORE" $M:40
"$STORETOOL" put "$STORE" $M:41 10.77.0.61 offered climb 2 P00305000500
for i in 40 42; do here $i >/dev/null; done
ok 'a listed phone is seen' wait_for 'is_in 40 seen' 3
ok 'another one is started' wait_for 'is_in 42 waiting' 3
ok 'a listed one that is on its way keeps its servers' \
	wait_for "[ \"\$(client 41 -v '$BARE' -n -p 1 discover | field 'option 150')\" = 0a4d0001 ]" 4
kea_stop
done_testing
