#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# The library in the real kea-dhcp4: loaded, reloaded, tested, unloaded; and whatever is wrong, DHCP is served and status says why.
. "$(dirname "$0")/hook.sh"

serves() { client 00:aa:00:00:00:01 -t 2000 discover | grep -q '^OFFER'; }

loadstep_conf >"$CONF"
is "$(nm -D --defined-only "$HOOK" | awk '{ print $3 }' | sort | tr '\n' ' ')" \
	"buffer4_receive lease4_decline lease4_expire lease4_release load multi_threading_compatible pkt4_send unload version " \
	'nothing leaves the library but what Kea looks for'

ok 'it is loaded' hook_start
is "$(status_of state) $(status_of result)" 'running 0' 'and runs'
ok 'its command is known' grep -q loadstep-status <<<"$(kea_cmd '{ "command": "list-commands" }')"
like "$(hook_said STARTED)" "store $STORE" 'it says what it understood'
not_ok 'no message id is there twice' grep -aq LOG_DUPLICATE_MESSAGE_ID "$(kea_log)"
ok 'the thread opens the store' wait_for '[ "$(status_of store-state)" = open ]' 5
thread=$(grep -l '^loadstep$' /proc/"$(kea_pid)"/task/*/comm)
is "$(awk '{ print $19 }' "${thread%comm}stat")" 10 'the thread is nice'
is "$(sed -n 's/^SigBlk:[[:space:]]*//p' "${thread%comm}status")" fffffffe7ffbfeff \
	'and blocks every signal but KILL, STOP and the C library'\''s two'
for _ in 1 2 3 4 5; do kea_reload || fail 'a reload'; done
ok 'five reloads later it serves' serves
is "$(grep -l '^loadstep$' /proc/"$(kea_pid)"/task/*/comm | wc -l)" 1 'with one thread'
is "$(status_of state)" running 'and runs'
answer=$(kea_cmd "{ \"command\": \"config-test\", \"arguments\": $(cat "$T/kea.json") }")
like "$answer" '"result": 0' 'config-test while it runs'
ok 'kea-dhcp4 -t' sh -c "'$(confined_copy "$KEA_DHCP4")' -t '$T/kea.json' >'$T/t.out' 2>&1"
ok 'serves after both' serves

# Bad parameters: each is named with its place, DHCP is served, status says why. There is nothing to fall back on.
bad()
{
	local parameters=$1 pattern=$2 what=$3
	rm -rf "$T/state"
	mkdir "$T/state"
	: >"$(kea_log)"
	hook_conf "$parameters" >"$T/kea.json"
	kea_reload || fail "$what: the reload goes through"
	like "$(status_of result) $(status_of text)" "^1 disabled: .*$pattern" "$what: status"
	like "$(hook_said FAULT)" "$pattern" "$what: log"
	ok "$what: served" serves
}
store='"store": "'$STORE'"'
bad "\"datbase\": 1, $store, \"config-file\": \"$CONF\"" "parameter 'datbase': unknown.*kea.json:[0-9]+:[0-9]+" 'unknown parameter'
bad "\"strict\": \"yes\", $store, \"config-file\": \"$CONF\"" "parameter 'strict': expected true or false" 'wrong type'
bad "\"store\": \"mysql:/x\", \"config-file\": \"$CONF\"" "parameter 'store'" 'a store of an unknown kind'
bad "\"config-file\": \"etc/x\", $store" "no absolute path" 'relative path'
bad "\"config-file\": \"$T/absent.conf\", $store" "absent.conf" 'no configuration file'
{ loadstep_conf; echo 'stagse = P00303010102'; } >"$T/typo.conf"
bad "\"config-file\": \"$T/typo.conf\", $store" "typo.conf:[0-9]+.*stagse" 'a misspelt key'
not_ok 'no thread while it is disabled' grep -q '^loadstep$' /proc/"$(kea_pid)"/task/*/comm

# The same with earlier answers to fall back on: they hold.
hook_conf >"$T/kea.json"
kea_reload
"$STORETOOL" put "$STORE" 00:11:22:33:44:10 10.77.0.60 half-flashed climb 3 P00308000900
wait_for 'grep -q 00:11:22:33:44:10 "$T/state/directory"' 5
cp "$CONF" "$T/good.conf"
cp "$T/typo.conf" "$CONF"
kea_reload
like "$(status_of result) $(status_of text)" '1 directory-file: .*stagse' 'a configuration gone bad: status says so'
like "$(hook_said FALLBACK)" 'has 1 phone' 'so does the log'
is "$(client 10 -v "$BARE" -n -p 1 discover | field 'option 150')" 0a4d0001 'the half-flashed phone still gets option 150'
is "$(client 01 -v 'Cisco IP Phone 7961 Special' discover | field 'option 150')" 0a4d00090a4d000a 'and the class its servers'
cp "$T/good.conf" "$CONF"
kea_reload
is "$(status_of state)" running 'cured by a reload'

# "strict": the refusal that labs ask for.
kea_stop
hook_conf "\"config-file\": \"$T/absent.conf\", \"strict\": true" >"$T/kea.json"
not_ok 'strict and bad: Kea does not start' kea_start "$T/kea.json" 2>/dev/null
like "$(hook_said REFUSED)" absent.conf 'and the log says who it was, and why'
ok 'strict and good: it does' hook_start "\"config-file\": \"$CONF\", \"strict\": true"
kea_stop

# The configuration we ship, with the paths of this test.
sed -e "s,\"/usr/[^\"]*libdhcp_loadstep.so\",\"$HOOK\"," -e "s,/etc/loadstep/loadstep.conf,$CONF," -e 's,"eth0","br0",' \
	-e "s,/run/kea/,$(kea_dir)/," -e "s,/var/lib/kea/,$(kea_dir)/," \
	-e "s,\"stdout\",\"$(kea_log)\"," "$LS_HERE/../examples/kea-dhcp4.conf" >"$T/example.json"
ip address flush dev br0
ip address add 192.168.1.1/24 dev br0
ok 'examples/kea-dhcp4.conf: Kea starts with it' kea_start "$T/example.json"
is "$(client 01 -v 'Cisco IP Phone 7961 Special' discover | field 'option 150')" 0a4d00090a4d000a 'and answers a phone'
done_testing
