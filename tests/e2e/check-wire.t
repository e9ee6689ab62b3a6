#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep check --wire on a site that runs: real Kea with the hook, real dnsmasq with the script, and then real
# in.tftpd; a healthy site gives nothing and leaves no trace, each fault is planted and found by its id.
. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/site.sh"
need in.tftpd setpriv

# The site's own configuration says what loadstep says, for phones that are not started too.
KEA_OPTION150=10.77.0.1
KEA_OPTIONS='{ "name": "tftp-server-name", "data": "10.77.0.1" }'
KEA_GLOBAL='"next-server": "10.77.0.1",'
site_up 'start = automatic' 'after-tftp-servers = 10.77.0.2' || { site_tail; fail 'the site is up'; done_testing; }
cp "$SITE/loadstep.conf" "$T/good.conf"
# What else this host is asked to do comes to other addresses.
ip link add side0 type bridge
ip address add 10.77.0.7/32 dev side0
ip address add 10.77.0.8/32 dev side0
ip link set side0 up

# wire ARGUMENT...: "severity id place" of what --wire finds beyond check without it
wire()
{
	loadstep check --json >"$T/check.json"
	loadstep check --wire "$@" --json >"$T/wire.json"
	jq -r -n --slurpfile a "$T/wire.json" --slurpfile b "$T/check.json" \
		'($a[0].findings - $b[0].findings)[] | "\(.severity) \(.id) \(.place)"'
}
# what ID: the words of the finding
what() { jq -r --arg id "$1" '.findings[] | select(.id == $id) | .what' "$T/wire.json"; }

# servers LINE...: the plan's tftp-servers and what else is to change, in force
servers()
{
	local line
	cp "$T/good.conf" "$SITE/loadstep.conf"
	for line; do sed -i "s|^${line%% =*} = .*|$line|" "$SITE/loadstep.conf"; done
	site_reload
}

# bad FAULT [ARGUMENT]: a server with that fault at 10.77.0.7, and the plan sends phones there
bad()
{
	: >"$T/bad.log"
	start_daemon "$T/bad.log" perl "$LS_HERE/e2e/tftpd.pl" 10.77.0.7 "$TFTP_ROOT" "$@"
	BAD=$!
	wait_for "grep -q serving $T/bad.log" 5
	servers 'tftp-servers = 10.77.0.7'
}
IN_WIRE=(--interface side0 --listen 100ms) # DHCP is not what these look at; nobody answers there
found_at() { wire "${IN_WIRE[@]}" | grep -v ' no-dhcp-offer ' | sort -u; }

# ---- as it must be
is "$(wire --interface br0)" '' 'a healthy site: nothing, from the servers own host'
client_ns desk
in_ns desk ip address add 10.77.0.250/24 dev eth0
desk() { in_ns desk "$LOADSTEP" --config "$SITE/loadstep.conf" check "$@" --json; }
is "$(desk --wire | jq -r '.findings[].id' | sort -u)" "$(desk | jq -r '.findings[].id' | sort -u)" \
	'nor from a desk in the same segment'
is "$(loadstep status --json | jq '.phones | length')" 0 'and nobody has become a phone by being asked'
ok 'though Kea was asked' grep -q 'DISCOVER\|LEASE_ADVERT\|OFFER' "$(kea_log)"
is "$(tail -n +2 "$(kea_dir)/leases.csv" | wc -l)" 0 'and gave no lease'
like "$(cat "$T/dnsmasq/log")" '/\.//stages/ladder/P0S3-8-12-00/P0S3-8-12-00\.sb2 to ' 'the images were fetched'
run_as() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
cp "$LOADSTEP" "$T/loadstep"
chmod 755 "$T/loadstep"
like "$(run_as "$T/loadstep" --config "$SITE/loadstep.conf" check --wire --json | jq -r '.findings[] | "\(.id) \(.what)"')" \
	'wire-not-probed no DISCOVER was sent: that needs root' 'without root: no DISCOVER, and it says so'
loadstep check --wire --interface none0 >"$T/out"
like "$(cat "$T/out")" 'wire-not-probed: none0' 'an interface that is not there'
loadstep check --interface br0 >"$T/out" 2>&1
is "$?" 2 '--interface without --wire: usage'
loadstep check --wire --listen soon >"$T/out" 2>&1
is "$?" 2 'a time to listen that is none: usage'
loadstep check --wire --dhcp-server nowhere >"$T/out" 2>&1
is "$?" 2 'a DHCP server that is no address: usage'

# ---- what dnsmasq serves is not what was published
mv "$TFTP_ROOT/stages/ladder" "$T/ladder"
mkdir -p "$T/other/stages"
cp -a "$T/ladder" "$T/other/stages/ladder"
mv "$T/ladder" "$TFTP_ROOT/stages/ladder"
cp -a "$TFTP_ROOT/loads" "$T/other/loads"
cp "$TFTP_ROOT/XMLDefault.cnf.xml" "$T/other/"
printf x >>"$T/other/loads/P00308000900/P00308000900.sb2"
rm "$T/other/loads/P0S3-8-12-00/P0S3-8-12-00.loads"
rm "$T/other/stages/ladder/P00303010102/XMLDefault.cnf.xml"
echo '<!-- -->' >>"$T/other/XMLDefault.cnf.xml"
: >"$T/other.log"
start_daemon "$T/other.log" perl "$LS_HERE/e2e/tftpd.pl" 10.77.0.7 "$T/other" none
other=$!
wait_for "grep -q serving $T/other.log" 5
servers 'tftp-servers = 10.77.0.7'
is "$(found_at)" 'error load-not-served 10.77.0.7:69
error stage-not-served 10.77.0.7:69
error wire-differs 10.77.0.7:69' 'a server with another tree: what is missing, what is not served, what differs'
like "$(what load-not-served)" 'stages/ladder/P0S3-8-12-00/P0S3-8-12-00.loads: it says "File not found"' 'the load'
like "$(what stage-not-served)" 'stages/ladder/P00303010102/XMLDefault.cnf.xml' 'the stage'
like "$(what wire-differs)" 'P00308000900.sb2: (more than the|[0-9]+ bytes came)' 'the file'
like "$(what wire-differs)" 'XMLDefault.cnf.xml: (more than|[0-9]+ bytes)' 'and the plain root'
loadstep check --wire "${IN_WIRE[@]}" >"$T/out"
is "$?" 1 'exit 1'
is "$(awk 'length > 80 && $1 !~ /:$/' "$T/out")" '' 'within 80 columns'
stop "$other"

# ---- servers with a fault
bad wrong
is "$(found_at)" 'error wire-differs 10.77.0.7:69' 'wrong bytes'
like "$(what wire-differs)" 'P00303010102.bin: differs from byte [0-9]+ of [0-9]+ on' 'and where'
stop $BAD
bad lossy
is "$(found_at)" 'warning link-lossy 10.77.0.7:69' 'a lossy link, all bytes right in the end'
stop $BAD
bad half
is "$(found_at)" 'error transfer-failing 10.77.0.7:69' 'nothing behind the first block'
like "$(what transfer-failing)" 'after 512 bytes nothing more came' 'which is told'
stop $BAD
bad slow
is "$(found_at)" 'warning server-slow 10.77.0.7:69' 'a second and a half for each "not found"'
like "$(what server-slow)" '"File not found" took it 1\.[4-9] s' 'which is told'
stop $BAD
bad all
like "$(found_at)" 'error wire-differs 10.77.0.7:69' 'a file for whatever is asked'
like "$(what wire-differs)" 'sends 0 bytes for a file that does not exist' 'which is told'
stop $BAD
bad silent
is "$(found_at)" 'error server-silent 10.77.0.7:69' 'a silent server'
like "$(what server-silent)" 'no answer to 5 requests in 5 s' 'asked five times, and no more'
is "$(what server-silent | wc -l)" 1 'once'
stop $BAD
is "$(found_at)" 'error server-silent 10.77.0.7:69' 'nobody there'
like "$(what server-silent)" 'nobody serves there: .*refused' 'which the network tells'
bad elsewhere 10.77.0.8
is "$(found_at)" 'error server-silent 10.77.0.7:69' 'answers from another address'
like "$(what server-silent)" 'its answers come from 10.77.0.8' 'which is told'
stop $BAD

# ---- in.tftpd, from its own root, is as good; with another root it is not
start_daemon "$T/tftpd.log" in.tftpd -L -a 10.77.0.8:69 -u root -s "$TFTP_ROOT"
tftpd=$!
wait_for "grep -q ' [0-9A-F]*08004D0A:0045 ' /proc/net/udp" 5
servers 'tftp-servers = 10.77.0.1 10.77.0.8'
is "$(found_at)" '' 'in.tftpd beside dnsmasq: nothing'
stop $tftpd
mkdir "$T/empty"
start_daemon "$T/tftpd.log" in.tftpd -L -a 10.77.0.8:69 -u root -s "$T/empty"
tftpd=$!
wait_for "grep -q ' [0-9A-F]*08004D0A:0045 ' /proc/net/udp" 5
is "$(found_at)" 'error stage-not-served 10.77.0.8:69
error wire-differs 10.77.0.8:69' 'in.tftpd with a root of its own'
is "$(what stage-not-served | wc -l)" 4 'each stage once'
stop $tftpd

# ---- the servers for afterwards
servers
cp "$TFTP_ROOT/XMLDefault.cnf.xml" "$T/own.xml"
# after XML: what the after-tftp-servers' XMLDefault names
after() { sed "s|</Default>|$1</Default>|" "$T/own.xml" >"$TFTP_ROOT/XMLDefault.cnf.xml"; }
after '<loadInformation7 model="IP Phone 7960">P00308000900</loadInformation7>'
is "$(found_at)" 'error flipped-back 10.77.0.2:69 XMLDefault.cnf.xml' 'an old load waits for a finished phone'
like "$(what flipped-back)" 'names P00308000900 for 7960; plan ladder ends at P0S3-8-12-00' 'which, for whom'
after '<loadInformation>P00308000900</loadInformation>'
is "$(found_at)" 'error flipped-back 10.77.0.2:69 XMLDefault.cnf.xml' 'in the form without a number'
after '<loadInformation7 model="IP Phone 7960">P0S3-8-12-00</loadInformation7>'
is "$(found_at)" '' 'the last load is right'
after '<loadInformation30018 model="IP Phone 7961">SCCP41.8-4-2S</loadInformation30018>'
is "$(found_at)" '' "another model's load is none of ours"
after '<loadInformation7>'
like "$(found_at)" 'error xml-malformed 10.77.0.2:69 XMLDefault.cnf.xml' 'one that is no XML'
cp "$T/own.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"
printf 'image_version: "P0S3-07-5-00"\r\n' >"$TFTP_ROOT/SIPDefault.cnf"
loadstep publish --apply >"$T/publish.out" 2>&1
is "$(found_at)" 'error flipped-back 10.77.0.2:69 SIPDefault.cnf' 'an old image_version in SIPDefault.cnf'
printf 'image_version: P0S3-8-12-00\n' >"$TFTP_ROOT/SIPDefault.cnf"
loadstep publish --apply >"$T/publish.out" 2>&1
is "$(found_at)" '' 'the right one'
rm "$TFTP_ROOT/SIPDefault.cnf"
loadstep publish --apply >"$T/publish.out" 2>&1
servers 'after-tftp-servers = 10.77.0.7'
is "$(found_at | cut -d' ' -f2,3)" 'server-silent 10.77.0.7:69' 'nobody serves them afterwards'

# ---- DHCP
servers
client_ns rogue
in_ns rogue ip address add 10.77.0.240/24 dev eth0
# rogue LINE...: a dnsmasq that gives addresses there, with these lines
rogue()
{
	printf '%s\n' port=0 interface=eth0 bind-interfaces user=root pid-file= no-ping dhcp-authoritative \
		'dhcp-range=10.77.0.230,10.77.0.239,1h' "dhcp-leasefile=$T/rogue.leases" "$@" >"$T/rogue.conf"
	: >"$T/rogue.leases"
	start_daemon "$T/rogue.log" nsenter --net=/run/netns/rogue -- "$(confined_copy "$DNSMASQ")" -k -C "$T/rogue.conf"
	ROGUE=$!
	wait_for 'in_ns rogue grep -q ":0043 " /proc/net/udp' 5
}
rogue
is "$(wire --interface br0)" 'error other-dhcp-server 10.77.0.240 on br0' 'a second DHCP server'
like "$(what other-dhcp-server)" 'offers a phone 10\.77\.0\.23[0-9], option 150 none, option 66 none, siaddr 10.77.0.240' \
	'and where it would send a phone'
is "$(wire --interface br0 --dhcp-server 10.77.0.240)" 'warning tftp-options-differ 10.77.0.240 on br0' \
	'one that is known: only what it offers is looked at'
is "$(stat -c %s "$T/rogue.leases")" 0 'no lease was taken from it'
stop $ROGUE
OURS=('dhcp-boot=,,10.77.0.1' 'dhcp-option=66,10.77.0.1')
rogue "${OURS[@]}" 'dhcp-option=150,10.77.0.1'
is "$(wire --interface br0)" '' 'one that sends phones to our server is no stranger'
stop $ROGUE
rogue "${OURS[@]}" 'dhcp-option=150,1.0.77.10'
is "$(wire --interface br0)" 'error option-150-reversed 10.77.0.240 on br0' 'option 150 with its bytes reversed'
like "$(what option-150-reversed)" 'option 150 is 1.0.77.10: 10.77.0.1 with its bytes' 'and what was meant'
stop $ROGUE
is "$(wire --interface side0)" 'note no-dhcp-offer side0' 'a segment where nobody answers'
kea_stop
KEA_OPTIONS='' KEA_GLOBAL='' site_kea
is "$(wire --interface br0)" 'warning tftp-options-differ 10.77.0.1 on br0' 'option 150 alone'
kea_stop
KEA_OPTION150='' KEA_OPTIONS='' KEA_GLOBAL='' site_kea
is "$(wire --interface br0)" 'note no-tftp-offered 10.77.0.1 on br0' 'nothing for phones that are not started'
is "$(loadstep status --json | jq '.phones | length')" 0 'and still nobody has become a phone'
done_testing
