#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The virtual phone against real servers, and nothing else of this project: Kea gives option 150 from its own
# configuration, dnsmasq serves a directory, and this script edits XMLDefault.cnf.xml and OS79XX.TXT by hand,
# as people did who took their phones up one load at a time.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
need "$KEA_DHCP4" "$DNSMASQ" ip ethtool nsenter perl "$VPHONE" "$MKLOAD"

SCALE=50

# put_file NAME: standard input becomes a file of the root, at once
put_file() { cat >"$TFTP_ROOT/.$1.new" && mv "$TFTP_ROOT/.$1.new" "$TFTP_ROOT/$1"; }

# show_load LOAD: what the operator did between two loads
show_load()
{
	printf '%s\r\n' "$1" | put_file OS79XX.TXT
	put_file XMLDefault.cnf.xml <<-END
	<Default>
	  <callManagerGroup><members><member priority="0"><callManager>
	    <ports><ethernetPhonePort>2000</ethernetPhonePort></ports><processNodeName></processNodeName>
	  </callManager></member></members></callManagerGroup>
	  <loadInformation8 model="IP Phone 7940">$1</loadInformation8>
	  <loadInformation7 model="IP Phone 7960">$1</loadInformation7>
	</Default>
	END
}

# times_said NAME PATTERN
times_said() { grep -Ec -- "$2" "$(phone_log "$1")"; }

# asked_in_order NAME FILE...: consecutive questions somewhere in its log
asked_in_order()
{
	local name=$1 all
	shift
	all=$(sed -En 's/^[0-9.]* tftp: ([^ ]*) (not found|[0-9]* bytes)$/\1/p' "$(phone_log "$name")")
	all=${all//$'\n'/ }
	[[ " $all " == *" $* "* ]]
}

net_up
fresh_tftp_root P00303010102 P00305000500 P00308000900 P0S3-8-12-00
KEA_LEASE=12 KEA_OPTION150='10.77.0.1, 192.168.1.1' kea_conf >"$T/kea.json"
ok 'Kea serves' kea_start "$T/kea.json"
ok 'dnsmasq serves' dnsmasq_start
like "$(kea_cmd '{ "command": "list-commands" }')" '"config-reload".*"result": 0' 'Kea answers on its socket'
ok 'Kea reloads' kea_reload

# --- the ladder, from code that reads no XML yet
show_load P00303010102
phone climber --init-load P00302000000 --scale $SCALE
M=${PHONE_MAC[climber]^^} M=${M//:/}
ok '2.x takes 3.1 from OS79XX.TXT' phone_wait climber 'settled: pre-universal P00303010102' 15
ok 'asking like very old code' asked_in_order climber OS79XX.TXT P00303010102.bin OS79XX.TXT
ok 'its class names no model' phone_said climber 'discover as "Cisco Systems, Inc. IP Phone"$'
ok 'option 150 is as configured, byte for byte' \
	phone_said climber 'dhcp: ack 10\.77\.0\.[0-9]+ 150=0a4d0001c0a80101 '
ok 'and is what it uses' phone_said climber 'tftp: server 10\.77\.0\.1 \(option 150\)'
phone_mark climber
show_load P00305000500
ok '3.1 takes the unsigned 5.0' phone_wait climber 'settled: pre-universal P00305000500' 15
ok '3.1 asks in its order' \
	asked_in_order climber OS79XX.TXT "SEP$M.cnf.xml" XMLDefault.cnf.xml P00305000500.bin
phone_mark climber
show_load P00308000900
ok '5.0 becomes a loader without application' \
	phone_wait climber 'runs: P00308000900 \(universal loader PAS30809\)' 15
ok 'its class names the model now' phone_wait climber 'discover as "Cisco Systems, Inc. IP Phone CP-7960G"' 5
ok 'the display says so' phone_wait climber 'display: Protocol Application Invalid' 5
ok 'and ends as SCCP 8.0(9)' phone_wait climber 'settled: sccp P00308000900' 15
ok '5.0 asked for the signed loader' asked_in_order climber XMLDefault.cnf.xml P00308000900.sbn
ok 'the loader hunts in its order' asked_in_order climber P00308000900.sbn \
	"CTLSEP$M.tlv" "SEP$M.cnf.xml" "SIP$M.cnf" "MGC$M.cnf" XMLDefault.cnf.xml \
	P00308000900.loads P00308000900.sb2
phone_mark climber
show_load P0S3-8-12-00
ok '8.0(9) becomes SIP' phone_wait climber 'settled: sip P0S3-8-12-00' 15
ok 'after reading the news twice' asked_in_order climber "CTLSEP$M.tlv" "SEP$M.cnf.xml" XMLDefault.cnf.xml \
	"CTLSEP$M.tlv" "SEP$M.cnf.xml" XMLDefault.cnf.xml "CTLSEP$M.tlv" "SEP$M.cnf.xml" "SIP$M.cnf"
ok 'SIP does not hunt after its flash, and asks for its own file for ever' wait_for 'asked_in_order climber \
	P0S3-8-12-00.sb2 SIPDefault.cnf "SIP$M.cnf" RINGLIST.DAT dialplan.xml "SIP$M.cnf" "SIP$M.cnf"' 5
CLIMB=$(sed -n 's/^\([0-9.]*\) settled: sip.*/\1/p' "$(phone_log climber)" | head -1)
diag "from 2.x to SIP in $CLIMB s at scale $SCALE"

# --- flash survives
phone_power_cut climber
not_ok 'power is off' phone_running climber
phone_again climber
ok 'the same phone is SIP after a power cut' phone_wait climber 'settled: sip P0S3-8-12-00' 10
ok 'having fetched the manifest' phone_said climber 'tftp: P0S3-8-12-00.loads [0-9]+ bytes'
not_ok 'and no image' phone_said climber 'tftp: .*\.(sbn|sb2|bin) '
phone_mark climber
phone_power_cycle climber
ok 'SIGUSR1 is off and on' phone_wait climber 'power: off and on' 3
ok 'and boots again' phone_wait climber 'settled: sip P0S3-8-12-00' 10

# --- four troubles at a time, all shown SIP
phone cut --init-load P00308000900 --scale $SCALE --fault cut:.sb2:2000
phone refused --init-load P00308000900 --scale $SCALE --fault refuse:P0S3-8-12-00
phone dark --init-load P00308000900 --scale $SCALE --fault cut:.sbn:flash --power-back-after 0.2
phone silent --init-load P00308000900 --scale $SCALE --silent --max-time 3
phone_ended cut 15
is $? 20 'a power cut in the application ends the phone with 20'
is "$(phone_flash cut application-state)" writing 'and leaves half an application'
is "$(phone_flash cut loader)" PAS30830 'above a whole loader'
phone cut --scale $SCALE
ok 'it shows Protocol Application Invalid' phone_wait cut 'display: Protocol Application Invalid' 10
ok 'and recovers' phone_wait cut 'settled: sip P0S3-8-12-00' 10
ok 'a refused image sends it back to the old one' phone_wait refused 'restarting' 15
ok 'after two refusals' wait_for '[ "$(times_said refused "^[0-9.]* refused: ")" -ge 2 ]' 10
ok 'which it runs' wait_for 'phone_said refused "runs: P00308000900 .SCCP application"' 10
ok 'and then it asks for the image again' \
	wait_for '[ "$(times_said refused "tftp: P0S3-8-12-00.sb2")" -ge 3 ]' 15
is "$(phone_flash refused application)" P00308000900 'never flashing it'
ok 'a cut while flashing leaves a dark phone' phone_wait dark 'display: \(dark\)' 15
phone_ended silent 10
is $? 3 '--max-time ends it with 3'
for name in cut refused dark; do phone_power_cut $name; done

# --- files a phone does not take
show_load P00303010102
phone signed --init-load P00305000500 --scale $SCALE --once --max-time 20
head -c 60000 "$T/made/P00308000900/P00308000900.sb2" | put_file P00308000900.sb2
phone_ended signed 10
ok '5.x finds no signed 3.1' phone_said signed 'P00303010102.sbn not found'
show_load P00308000900
phone truncated --init-load P00305000500 --scale $SCALE
ok 'a truncated image is refused' phone_wait truncated 'refused: P00308000900.sb2: truncated' 15
phone_power_cut truncated

# --- configuration files
phone loops --init-load P00308000900 --scale 10 --model 7940
L=SEP${PHONE_MAC[loops]^^}.cnf.xml L=${L//:/}
printf '<device><loadInformation model=\xe2\x80\x9dx\xe2\x80\x9d>P0S3-8-12-00</loadInformation></device>' |
	put_file "$L"
ok 'typographic quotes are no XML' phone_wait loops "config: $L cannot be read" 10
ok 'and are read again and again' wait_for "[ \"\$(times_said loops 'cannot be read')\" -ge 5 ]" 5
rm "$TFTP_ROOT/$L"
ok 'until the file is gone' phone_wait loops 'settled: sccp P00308000900' 10
phone_power_cut loops

# --- leases of 12 seconds, on wall time whatever the scale
ok 'the first phone renewed its address meanwhile' phone_wait climber 'dhcp: renewed 10\.77\.0\.[0-9]+' 10
phone_mark climber
ok 'and once more' phone_wait climber 'dhcp: renewed 10\.77\.0\.[0-9]+' 10
not_ok 'without a boot' phone_said climber 'discover'
phone_power_cut climber

# --- what it saw, comparable
show_load P0S3-8-12-00
for run in 1 2; do
	phone tracer --init-load P0S3-8-12-00 --scale $SCALE --once --trace "$T/trace.$run"
	phone_ended tracer 10
done
ok 'two runs saw the same, byte for byte' cmp "$T/trace.1" "$T/trace.2"
ok 'the trace has option 150 in hex' grep -q ' 150=0a4d0001c0a80101' "$T/trace.1"
ok 'and each file with its hash' grep -Eq '^file P0S3-8-12-00.loads 458 fnv1a=[0-9a-f]{8}$' "$T/trace.1"

done_testing
