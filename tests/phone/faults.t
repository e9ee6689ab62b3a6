#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# What goes wrong with phones, and what a server without loadstep sees of it: F§7.1 by its numbers, the network's
# faults, and phones that are none of those a plan is for. Kea, dnsmasq, and files edited by hand.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/phones.sh"

SCALE=100
LS_MODELS=(7906 7911 7931 7941 7941G-GE 7942 7945 7961 7961G-GE 7962 7965 7970 7971 7975)

# small_load LOAD...: made with few blocks, for links that lose many of them
small_load() { make_load --loader-bytes 6000 --app-bytes 20000 --single-bytes 20000 "$@"; }

# kea_without_150 [OPTION]...: Kea gives the TFTP server otherwise, or not at all
kea_without_150() { kea_conf >"$T/kea.json" && kea_reload; }

bench_up
small_load P00303010102 P00305000500 P00308000900 P0S3-8-12-00 P00405000700 P00404000200
for load in P00303010102 P00308000900 P0S3-8-12-00 P00405000700; do serve_load $load; done

# --- every model asks for what is its own
show 7=P0S3-8-12-00 8=P0S3-8-12-00 6=P00405000700
for model in "${LS_MODELS[@]}"; do
	case $model in
	7906 | 7911) family=11 ;;
	7931) family=31 ;;
	7941* | 7961*) family=41 ;;
	7942 | 7962) family=42 ;;
	7945 | 7965) family=45 ;;
	7970 | 7971) family=70 ;;
	*) family=75 ;;
	esac
	phone "m$model" --model $model --init-load SCCP$family.8-3-3S --factory-reset --scale $SCALE --max-time 20
done
for model in "${LS_MODELS[@]}"; do
	digits=${model:2:2}
	name=$model
	[[ $model = *-GE ]] || name=${model}G
	[ $model != 7971 ] || name=7971G-GE
	ok "$model: its default file, twice" saw_within "m$model" 10 \
		"term$digits.default.loads!" "term$digits.default.loads!"
	ok "$model: its class" phone_said "m$model" "discover as \"Cisco Systems, Inc. IP Phone CP-$name\"\$"
	phone_power_cut "m$model"
done

# --- phones that are not ours to load
phone lobby --model 7910 --init-load P00404000200 --scale $SCALE
phone oldsip --init-load P0S30302 --scale $SCALE --once
ok 'a 7910 takes its own element' saw_within lobby 5 SEPMAC.cnf.xml! XMLDefault.cnf.xml P00405000700.bin
ok 'and is what it says' phone_wait lobby 'settled: pre-universal P00405000700' 10
not_ok 'its class never names it' phone_said lobby 'discover as .*CP-'
show 7=P00303010102
default_xml =P00303010102 | put_file XMLDefault.cnf.xml
ok 'a load for others' phone_wait lobby 'display: Load ID incorrect' 5
ok 'it does not ask for' never_saw lobby P003
phone_power_cut lobby
phone_ended oldsip 10
ok 'old SIP asks for its default file' saw oldsip OS79XX.TXT! SIPDefault.cnf! SIPMAC.cnf!
ok 'under a class without model' phone_said oldsip 'discover as "Cisco Systems, Inc. IP Phone"$'

# --- A1, A2, A13, A14, A15, wrong case: all in their first configuration
rm "$TFTP_ROOT/P0S3-8-12-00.sb2"
mv "$TFTP_ROOT/P00308000900.loads" "$TFTP_ROOT/p00308000900.loads"
show 7=P00308000900 8=P0S3-8-12-00
phone ancient --init-load P00302000000 --scale $SCALE
phone case --init-load P0S3-8-12-00 --scale $SCALE
phone member --model 7940 --init-load P00308000900 --scale $SCALE
ok 'A1: very old code never asks for XML' saw_within ancient 10 \
	OS79XX.TXT! SEPMAC.cnf! SEPDefault.cnf! OS79XX.TXT! SEPMAC.cnf! SEPDefault.cnf!
ok 'not once' never_saw ancient xml
printf 'image_version: P00303010102\r\n' | put_file SEPDefault.cnf
ok 'and SEPDefault.cnf takes it up' phone_wait ancient 'runs: P00303010102 \(pre-universal\)' 10
phone_power_cut ancient
ok 'A13: a manifest in another case' saw_within case 10 XMLDefault.cnf.xml P00308000900.loads!
ok 'A9: after which the application it has starts' saw_within case 10 P00308000900.loads! SIPDefault.cnf!
phone_power_cut case
ok 'A14: the application is missing' saw_within member 10 P0S3-8-12-00.loads P0S3-8-12-00.sb2!
ok 'below a loader that shows it' phone_wait member 'display: Protocol Application Invalid' 5
mark member
rm "$TFTP_ROOT/XMLDefault.cnf.xml"
ok 'A15: nothing to be had' saw_within member 10 \
	CTLSEPMAC.tlv! SEPMAC.cnf.xml! SIPMAC.cnf! MGCMAC.cnf! XMLDefault.cnf.xml! CTLSEPMAC.tlv!
serve_load P0S3-8-12-00
show 8=P0S3-8-12-00
ok 'until there is' phone_wait member 'settled: sip P0S3-8-12-00' 10

# --- A19: an old XMLDefault sends it back
mark member
mv "$TFTP_ROOT/p00308000900.loads" "$TFTP_ROOT/P00308000900.loads"
show 8=P00308000900
phone_power_cycle member
ok 'A19: flipped back' phone_wait member 'settled: sccp P00308000900' 10
ok 'as the server saw' saw_within member 1 XMLDefault.cnf.xml P00308000900.loads P00308000900.sbn
phone_power_cut member

# --- XMLDefault not heeded
show 7=P0S3-8-12-00 8=P0S3-8-12-00
make_load SCCP41.8-3-3S SIP41.8-5-4S
serve_load SIP41.8-5-4S
show 7=P0S3-8-12-00 115=SIP41.8-5-4S
phone sep --mac 00:11:22:33:46:01 --init-load P00308000900 --scale $SCALE --ignores-xmldefault
phone java --mac 00:11:22:33:46:02 --model 7941 --init-load SCCP41.8-3-3S --scale $SCALE --ignores-xmldefault
phone picky --mac 00:11:22:33:46:03 --init-load P00308000900 --scale $SCALE --ignores-xmldefault=default
for name in sep java picky; do
	ok "$name reads XMLDefault" phone_wait $name 'config: XMLDefault.cnf.xml read and not heeded' 10
done
device='<device><deviceProtocol>SIP</deviceProtocol><loadInformation>%s</loadInformation></device>'
# shellcheck disable=SC2059
{
	printf "$device" P0S3-8-12-00 | put_file SEP001122334601.cnf.xml
	printf "$device" SIP41.8-5-4S | put_file SEP001122334602.cnf.xml
	printf "$device" P0S3-8-12-00 | put_file SEP001122334603.cnf.xml
}
ok 'a file of its own counts' phone_wait sep 'settled: sip P0S3-8-12-00' 10
ok 'for a java phone, too' phone_wait java 'settled: sip SIP41.8-5-4S' 15
ok 'one of them does not heed that either' phone_wait picky 'config: SEP001122334603.cnf.xml read and not' 5
default_xml 7=P0S3-8-12-00 | put_file SEP001122334603.cnf.xml
ok 'but a Default document under that name' phone_wait picky 'settled: sip P0S3-8-12-00' 10
for name in sep java picky; do phone_power_cut $name; done
rm "$TFTP_ROOT"/SEP0*

# --- the link
make_load --member-bytes 8000 --component 8-5-4TH1-7 SIP41.8-5-4S
serve_load SIP41.8-5-4S
phone lossy --mac 00:11:22:33:46:04 --init-load P00308000900 --scale $SCALE --loss 4 --seed 7
phone doubled --init-load P00308000900 --scale $SCALE --duplicate 30
phone lossy41 --model 7941 --init-load SCCP41.8-3-3S --scale $SCALE --loss 4 --duplicate 4
phone broken --init-load P00308000900 --scale $SCALE --loss 70
ok 'packets come twice' phone_wait doubled 'settled: sip P0S3-8-12-00' 20
is "$(times_said doubled 'tftp: P0S3-8-12-00.sb2 20404 bytes')" 1 'and do no harm'
ok 'one in 25 is lost' phone_wait lossy 'settled: sip P0S3-8-12-00' 60
ok 'and more, from a java phone' phone_wait lossy41 'settled: sip SIP41.8-5-4S' 60
ok 'A12: seven in ten are too many' wait_for '[ "$(times_said broken "no answer|broke off")" -ge 2 ]' 30
for name in doubled lossy lossy41 broken; do phone_power_cut $name; done

# --- an address changes hands
phone first --init-load P00308000900 --scale $SCALE --fault release:.sb2:5000
phone_ended first 20
is $? 20 'off in the middle of its application'
ok 'having given its address back' phone_said first 'dhcp: released'
address=$(phone_address first)
phone second --init-load P0S3-8-12-00 --scale $SCALE --ask-address "$address"
ok 'which another gets' phone_wait second "dhcp: ack $address " 10
phone first --scale $SCALE
ok 'the first one is given another' phone_wait first 'dhcp: ack ' 10
isnt=$(phone_address first)
ok 'not the same' [ "$isnt" != "$address" ]
ok 'and gets where it was going' phone_wait first 'settled: sip P0S3-8-12-00' 10
for name in first second; do phone_power_cut $name; done

# --- who the TFTP server is
phone by150 --init-load P0S3-8-12-00 --scale $SCALE --alternate-tftp 10.77.0.9
ok 'configured by hand' phone_wait by150 'tftp: server 10\.77\.0\.9 \(Alternate TFTP\)' 10
phone_power_cut by150
mark by150
KEA_OPTION150=''
KEA_OPTIONS='{ "name": "tftp-server-name", "data": "10.77.0.1" }' KEA_GLOBAL='"next-server": "10.77.0.1",' \
	kea_without_150
phone by66 --init-load P0S3-8-12-00 --scale $SCALE
phone bysiaddr --init-load P0S3-8-12-00 --scale $SCALE --looks-at 150,siaddr
phone by150 --init-load P0S3-8-12-00 --scale $SCALE --looks-at 150
ok 'without 150 it is 66' phone_wait by66 'tftp: server 10\.77\.0\.1 \(option 66\)' 10
ok 'or siaddr' phone_wait bysiaddr 'tftp: server 10\.77\.0\.1 \(siaddr\)' 10
ok 'B11: one that looks at 150 alone asks nobody' phone_wait by150 'tftp: no server' 10
is "$(server_saw by150)" ' ' 'which the server sees'
KEA_OPTIONS='' kea_without_150
phone byserver --init-load P0S3-8-12-00 --scale $SCALE
ok 'with nothing at all it is the DHCP server' phone_wait byserver 'server 10\.77\.0\.1 \(no option' 10
ok 'which serves' saw_within byserver 5 CTLSEPMAC.tlv!
for name in by66 bysiaddr by150 byserver; do phone_power_cut $name; done

# --- A16: a server that says nothing
dnsmasq_stop
start_daemon "$T/deaf.log" perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 69, Proto => "udp") or die $!;
	$| = 1;
	while (my $from = $s->recv(my $p, 600)) {
		printf "%d %s\n", (sockaddr_in($from))[0], $p =~ /^..([^\0]*)/s;
	}'
ok 'a deaf server' wait_for 'in_server_udp 69' 5
phone alone --init-load P00308000900 --scale $SCALE
ok 'A16: no answer' phone_wait alone 'tftp: CTLSEP[0-9A-F]*.tlv: no answer' 20
is "$(head -15 "$T/deaf.log" | cut -d' ' -f2 | sort -u | wc -l)" 1 'it asks for one file'
is "$(head -15 "$T/deaf.log" | cut -d' ' -f1 | uniq -c | tr -s ' \n' ' ')" ' 5 50000 5 50001 5 50002 ' \
	'five times from each of three ports'
phone_power_cut alone

done_testing
