#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# `status` and `log`: what needs attention first, what is meant by filters, where a phone is plugged in, and whether power
# may be cut. Phones and history are put into the store as they are to be.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need jq
export TZ=UTC
TOOL=$BUILD/tests/storetool
URL=sqlite:$T/store/state.db
site '[plan java]' 'models = 7970' 'stages = SCCP70.8-5-2S SCCP70.9-4-2S' \
	'[site hall]' 'networks = 10.0.3.0/24 10.9.0.1/32' 'tftp-servers = 10.0.0.1' \
	'[site berlin]' 'networks = 10.1.0.0/16' 'tftp-servers = 10.1.0.2'

# put MAC-END ADDRESS PHASE PLAN STAGE LOAD [MODEL], set MAC-END KEY=VALUE..., watched SECONDS-AGO
put() { local end=$1; shift; "$TOOL" put "$URL" "00:11:22:33:44:$end" "$@"; }
set_phone() { local end=$1; shift; "$TOOL" set "$URL" "00:11:22:33:44:$end" "$@"; }
watched() { "$TOOL" clock "$URL" "$1"; }
# who ARGUMENT...: of status --json, the MACs' ends in their order
who() { loadstep status --json "$@" | jq -r '[.phones[].mac[-2:]] | join(" ")'; }

put 01 10.0.3.1 stuck ladder 2 P00305000500 7960
put 02 10.0.3.2 'done' ladder 4 P0S3-8-12-00 7960
put 03 10.0.3.3 flashing ladder 4 P0S3-8-12-00 7940
put 04 10.0.4.4 half-flashed ladder 3 P00308000900
put 05 10.1.0.5 offered java 1 SCCP70.8-5-2S 7970
put 06 10.0.3.6 seen '' 0 ''
put 07 10.0.3.7 stuck ladder 3 P00308000900 7960
put 08 10.0.3.8 stuck ladder 3 P00308000900 7960
put 09 10.0.3.9 downloading java 2 SCCP70.9-4-2S 7970
put 0a 10.100.200.201 checking of-old 1 P0030801SR02 7940
set_phone 01 cause=image-rejected since=7500
set_phone 02 flag=provisioned relay=01060004006401070208000600aabbccddee giaddr=10.9.0.1 running=P0S3-8-12-00
set_phone 03 seen=loader/sent:40 seen=app/sent:9 relay=010901074769312f302f37020473772d33
set_phone 04 seen=loader/sent:10 flag=late
set_phone 05 flag=needs-reboot class='Cisco Systems, Inc. IP Phone CP-7970G'
set_phone 06 relay=010474653030 last-event=60
set_phone 07 cause=load-not-found relay=01087f3c1b5b33316d41020961626364656667685c
set_phone 08 cause=load-not-found
set_phone 09 seen=manifest/sent:20 seen=member/sent:10
loadstep reload >/dev/null 2>&1

# ---- order and form
watched 1
is "$(who)" '07 08 01 05 04 03 09 0a 02 06' 'stuck by cause, needs-reboot, late, what writes, what checks, done, seen'
run loadstep status
first=$out
is "$code" 0 'status'
is "$(sed '/^$/,$d' <<<"$out")" 'writing flash: 3 phones, do not cut power or reboot switches (about 7 min)' 'the first line'
is "$(sed -n 3,6p <<<"$out")" '10 phones: 1 seen, 1 offered, 1 downloading, 1 half-flashed, 1 flashing,
           1 checking, 1 done, 3 stuck
stuck: 2 load-not-found, 1 image-rejected
needs-reboot: 1' 'counts by phase, stuck by cause'
like "$out" $'\n''late: 1'$'\n\n''MAC +ADDRESS +MODEL STAGE LOAD +PHASE +AGE +UNPLUG'$'\n' 'late ones, and the columns'
like "$out" $'\n''stuck, load-not-found: plan ladder, 4 stages \(2\)'$'\n''00:11:22:33:44:07 ' 'alike ones under one head'
like "$out" $'\n''00:11:22:33:44:01 10\.0\.3\.1 +7960 +2/4 +\S+ +stuck +2h +yes'$'\n' 'one line a phone, with its age'
like "$out" $'\n''half-flashed, late: plan ladder, 4 stages \(1\)'$'\n''00:11:22:33:44:04 .* half-flashed [0-9]s +no'$'\n' 'unplug: no'
like "$out" $'\n''checking: plan of-old, 0 stages' 'a plan that is not in force any more'
like "$out" $'\n''00:11:22:33:44:0a 10\.100\.200\.201 7940 +1/0 +~[0-9SR]+02 ' 'a load that does not fit loses its begin'
is "$(grep -c '^00:11' <<<"$out")" 10 'each of them'
table=$(sed '/^plan ladder, stage/,$d' <<<"$out")
is "$(awk 'length > 80' <<<"$table")" '' 'within 80 columns'
is "$(loadstep status | sed 's/ [0-9]*s  */ Ns /')" "$(sed 's/ [0-9]*s  */ Ns /' <<<"$first")" 'the same at each call'
like "$(loadstep status --json | jq -c '[.writing.phones, .writing.seconds > 400, .causes, .known, .["not-known"]]')" \
	'^\[3,true,\{"image-rejected":1,"load-not-found":2\},10,null\]$' 'JSON: the same numbers'
is "$(loadstep status --json | jq -r '[.phones[] | select(.unplug | not).mac[-2:]] | join(" ")')" '04 03 09' 'JSON: unplug'

# ---- filters: what any of one option will do, and each option must
while read -r want arguments; do
	# shellcheck disable=SC2086
	is "$(who $arguments)" "${want//,/ }" "status $arguments"
done <<-END
	07,08,01 --phase stuck
	07,08,01,03 --phase stuck,flashing
	07,08,01,02 --phase stuck --phase done
	01 --cause image-rejected
	07,08,01 --cause any
	05,04,03,09,0a,02,06 --cause none
	05,09 --plan java
	06 --plan none
	0a --plan of-old
	03,02 --stage 4
	09 --stage SCCP70.9-4-2S
	07,08,04,09 --stage P00308000900,SCCP70.9-4-2S
	07,08,01,03,09,02,06 --site hall
	05 --site berlin
	04,0a --site none
	03 --port gi1/0/7
	02 --port 1/7
	03,02 --port 1/7,Gi1/0/7
	03 --switch sw-3
	02 --switch 00aa.bbcc.ddee
	02 --switch 10.9.0.1
	05,09 --model CP-7970G
	04,06 --model unnamed
	05 --network 10.1.0.0/16
	05,04 10.1.0.0/16 4404
	06 10.0.3.6
	07,08,01 10.0.3.0/24 --phase stuck,offered
	08 0011.2233.4408 --cause load-not-found
END
run loadstep status --phase stuck --site hall
is "$(sed -n 1,2p <<<"$out")" $'3 of 10 phones: 3 stuck\nstuck: 2 load-not-found, 1 image-rejected' 'how many of them are shown'
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	run loadstep status $arguments
	is "$code:$out" 2: "status $arguments: usage"
	like "$err" "^loadstep: $want" 'is told with what there is'
done <<-END
	--phase stuk|--phase: there is no "stuk"; perhaps "stuck"\? there are: checking, done, downloading
	--cause rejected|--cause: there is no "rejected"; perhaps "image-rejected"\?
	--plan lader|--plan: there is no "lader"; perhaps "ladder"\? there are: java, ladder, none, of-old
	--stage 17|--stage: there is no "17"; there are: P00303010102, P00305000500, P00308000900, P0030801SR02,
	--site halle|--site: there is no "halle"; perhaps "hall"\? there are: berlin, hall, none
	--port Gi1/0/8|--port: there is no "Gi1/0/8"; perhaps "Gi1/0/7"\? there are: 0x[0-9a-f]+, 1/7, Gi1/0/7, te00
	--switch sw-4|--switch: there is no "sw-4"; perhaps "sw-3"\?
	--model 7980|--model: there is no "7980"; perhaps "79
	--network 10.0.0.1/8|--network: "10.0.0.1/8" is neither a network
END
run loadstep status 4499
is "$code:$out" 1: 'a phone that nobody knows: exit 1'

# ---- where it is plugged in
run loadstep status --wide 4402 4403 4405 4407
like "$out" $'\n''MAC +ADDRESS +GIADDR +SITE +PORT +VLAN SWITCH +MODEL PLAN +STAGE LOAD +PHASE +AGE +UNPLUG RUNS +BY +LAST +BOOTS FLAGS +CLASS' \
	'--wide: its columns'
like "$out" $'\n''00:11:22:33:44:02 10\.0\.3\.2 +10\.9\.0\.1 hall +1/7 +100 +00:aa:bb:cc:dd:ee +7960 .* yes +P0S3-8-12-00 .* provisioned' \
	'a Catalyst: module and port, VLAN, its MAC'
like "$out" $'\n''00:11:22:33:44:03 10\.0\.3\.3 +- +hall +Gi1/0/7 +- +sw-3 ' 'texts'
like "$out" '0x7f3c1b5b33316d41 +- +abcdefgh.x5c ' 'what is not printable as hex, a backslash escaped'
like "$out" 'Cisco Systems, Inc\. IP Phone CP-7970G'$'\n' 'the class last'
not_ok 'no escape sequence reaches the terminal' grep -q $'\e' <<<"$out"
is "$(loadstep status --json 4402 4403 4406 | jq -c '.phones[] | [.giaddr, .site, ."switch-port", .vlan, .switch, ."last-event"]' |
	sed 's/"2[0-9T:-]*Z"/"T"/')" '[null,"hall","Gi1/0/7",null,"sw-3",null]
["10.9.0.1","hall","1/7",100,"00:aa:bb:cc:dd:ee",null]
[null,"hall","te00",null,null,"T"]' 'JSON: the same'

# ---- --safe-to-cut
run loadstep status --safe-to-cut
is "$code:$err" 1: 'three write: exit 1'
is "$out" 'not safe to cut power: 3 phones write flash (about 7 min): 00:11:22:33:44:04, 00:11:22:33:44:03, 00:11:22:33:44:09' \
	'and who'
run loadstep status --safe-to-cut --port Gi1/0/7
like "$code:$out" '^1:not safe to cut power: 1 phone writes flash \(about [12] min\): 00:11:22:33:44:03$' 'behind one port'
run loadstep status --safe-to-cut --site berlin
is "$code:$out" '0:safe to cut power: none of these 1 phone writes flash' 'in one site it is'
run loadstep status --safe-to-cut --cause disk-full
like "$code:$out" '^1:not known .* no such phone has been seen$' 'of nobody nothing is known'
run loadstep status --safe-to-cut --plan nowhere
is "$code:$out" 2: 'a name that nothing has: usage, not safe'
run loadstep status --safe-to-cut --json --site hall
is "$code:$(jq -c '[.safe, .phones, .macs, .writing.phones, ."not-known"]' <<<"$out")" \
	'1:[false,7,["00:11:22:33:44:03","00:11:22:33:44:09"],2,null]' 'JSON'
for end in 03 04 09; do put $end 10.0.3.9 checking ladder 4 P0S3-8-12-00; done
run loadstep status --safe-to-cut
is "$code:$out" '0:safe to cut power: nobody writes flash' 'nobody writes'
set_phone 06 seen=other-stage/sent:20
run loadstep status --safe-to-cut
like "$code:$out" '^1:.* 1 phone writes flash .*: 00:11:22:33:44:06$' 'but for one that nobody started'
"$TOOL" drop "$URL" 00:11:22:33:44:06
watched 7400
run loadstep status --safe-to-cut
like "$code:$out" '^1:not known whether it is safe to cut power: not watched since 2[0-9: -]+ \(2h\): neither .*agent' \
	'nobody has watched for two hours: exit 1'
like "$(loadstep status | tr '\n' ' ')" ' not watched since 2[0-9: -]+ \(2h\): neither ' 'status says so, too'
watched -7400
run loadstep status --safe-to-cut
like "$code:$out" '^1:not known .*ahead of this machine' 'a clock that is ahead: exit 1'
watched 1
echo 'sent 1700000000000 10.0.3.9 1 script /srv/tftp/x' >"$T/store/state.db.spool"
run loadstep status --safe-to-cut
like "$code:$out" "^1:not known .*wait in $T/store/state.db.spool" 'events that nobody has taken in: exit 1'
rm "$T/store/state.db.spool"
"$TOOL" put "sqlite:$T/new.db" 00:11:22:33:44:01 10.0.3.1 'done' ladder 4 P0S3-8-12-00
run "$LOADSTEP" --store "sqlite:$T/new.db" status --safe-to-cut
like "$code:$out" '^1:not known .*never watched' 'a store that nobody ever watched: exit 1'

# ---- where the agent alone tells what is sent
sed "/^\[plan java/,/^stages/d; s|^root = .*|&\\ndaemon = tftpd-hpa\\nmap-file = $T/store/map|" "$T/loadstep.conf" >"$T/hpa.conf"
hpa() { "$LOADSTEP" --config "$T/hpa.conf" "$@"; }
: >"$T/tftp.log"
watched 1
run hpa status --safe-to-cut
like "$code:$out" '^1:not known .*what tftpd-hpa sends nobody tells: `loadstep agent` has not run here$' 'no agent has run: exit 1'
hpa agent --once >/dev/null 2>&1
run hpa status --safe-to-cut
like "$code:$out" '^1:not known .*`loadstep agent` follows no log' 'one that follows nothing: exit 1'
hpa agent --once --log "$T/tftp.log" >/dev/null 2>&1
is "$(cat "$T/store/state.db.agent")" "$T/tftp.log" 'one that does says which'
run hpa status --safe-to-cut
is "$code:$out" '0:safe to cut power: nobody writes flash' 'then it is known'
touch -d '10 minutes ago' "$T/store/state.db.agent"
run hpa status --safe-to-cut
like "$code:$out" '^1:not known .*`loadstep agent` has not run since 2[0-9: -]+ \(10m\)$' 'and not when it is gone'

# ---- --fail-if-stuck, of those that are meant
run loadstep status --fail-if-stuck
is "$code" 1 '--fail-if-stuck'
run loadstep status --fail-if-stuck --plan java
is "$code" 0 'in a plan where nobody is'
run loadstep status --fail-if-stuck --safe-to-cut
is "$code:$out" '1:safe to cut power: nobody writes flash' 'both: either says no'
done_testing
