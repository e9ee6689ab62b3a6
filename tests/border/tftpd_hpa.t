#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# tftpd-hpa in dnsmasq's place: the real in.tftpd with the map that loadstep writes. Who has no link of a phone's, who
# boots by PXE and who comes from another network sees the plain root; what the server says of requests and refusals
# becomes one event each; and a map that was not read anew is told.
. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/operator.sh"
need "$TFTPD" tftp ip nsenter perl "$MKLOAD"
dev_log rsyslog || skip_all 'no private /dev/log'

EXAMPLES=$LS_HERE/../examples
MAC=00:11:22:33:44:55
MAP=$T/store/tftpd-hpa.map

# hpa LINE...: the site with tftpd-hpa; LINEs go into [tftp]
hpa()
{
	site
	sed -i "s|^root = .*|&\\ndaemon = tftpd-hpa\\nmap-file = $MAP|" "$T/loadstep.conf"
}

# get NAME FILE: that namespace's client fetches it, into $T/got
get()
{
	rm -f "$T/got"
	in_ns "$1" timeout 10 tftp -m octet "${SERVER:-10.0.0.1}" -c get "$2" "$T/got" >"$T/tftp.out" 2>&1
	[ -s "$T/got" ]
}

# sees_root NAME: byte for byte
sees_root() { get "$1" XMLDefault.cnf.xml && cmp -s "$T/got" "$T/tftp/XMLDefault.cnf.xml"; }

# client NAME ADDRESS
client() { client_ns "$1" && in_ns "$1" ip address add "$2" dev eth0; }

agent_up()
{
	start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent --log "$T/syslog"
	agent=$!
}

# times EVENT FILE: how often the history has it
times() { history "$MAC" | grep -c "^$1 $2 "; }

# ---- the map
hpa
"$MKLOAD" --out "$T/tftp/loads" P00303010102 P00305000500 P00308000900 P0S3-8-12-00 >/dev/null
echo '<Default><!-- the own one of the site --></Default>' >"$T/tftp/XMLDefault.cnf.xml"
echo pxe >"$T/tftp/pxelinux.0"
sed -i 's|^networks = .*|networks = 10.0.0.0/19|' "$T/loadstep.conf"
run loadstep reload
is "$code" 3 'a network wider than /20 is refused'
like "$err" "loadstep.conf:10: \[plan ladder\] networks: 10.0.0.0/19 is wider than /20" 'with file, line and key'
sed -i 's|^networks = .*|networks = 10.0.0.0/24|' "$T/loadstep.conf"
run loadstep --yes reload
is "$code" 0 'the plan is put in force'
like "$out" "new +10.0.0.0/24: 256 links" 'what is made is said'
like "$out" "new +$MAP: .*systemctl reload tftpd-hpa" 'the map, too, and how in.tftpd learns of it'
is "$(find "$T/tftp" -maxdepth 1 -name '10.0.0.*' -lname . | wc -l)" 256 'each address of the network has a link'
run loadstep publish
is "$out" 'the tree says what the state says' 'a second look finds nothing to do'
rm "$MAP" "$T/tftp/10.0.0.99"
run loadstep publish
like "$out" "10.0.0.0/24: 1 link .*$MAP" 'publish shows what is missing'
not_ok 'and makes nothing' [ -e "$MAP" ]
run loadstep publish --apply
ok 'with --apply it does' [ -s "$MAP" ]

# ---- the examples
sed -n 's/^networks = \(192[^ ]*\).*/\1/p' "$EXAMPLES/loadstep.conf" >"$T/example.net"
cp "$T/loadstep.conf" "$T/ours.conf"
cp -r "$T/tftp" "$T/example-root"
sed "s|^networks = .*|networks = $(cat "$T/example.net")|; s|^root = .*|root = $T/example-root|
	s|^map-file = .*|map-file = $T/example.map|; s|/state.db|/example.db|" "$T/ours.conf" >"$T/example.conf"
"$LOADSTEP" --config "$T/example.conf" --yes reload >"$T/example.out" 2>&1
ok 'examples/tftpd-hpa.map is what is written for the network of examples/loadstep.conf' \
	diff <(sed 1d "$EXAMPLES/tftpd-hpa.map") "$T/example.map"
# shellcheck disable=SC1091
. "$EXAMPLES/tftpd-hpa.default"
is "$TFTP_DIRECTORY $(grep -o '/var/lib.*' <<<"$TFTP_OPTIONS")" "/srv/tftp /var/lib/loadstep/tftpd-hpa.map" \
	'examples/tftpd-hpa.default names the root and the default map-file'
TFTP_OPTIONS=${TFTP_OPTIONS//"/var/lib/loadstep"/"$T/store"}

# ---- who sees what
net_up 10.0.0.1/24 10.0.1.1/24 192.0.2.1/24
# shellcheck disable=SC2086 # a list of options
ok 'in.tftpd starts with the options of the example' tftpd_start ${TFTP_OPTIONS/--secure/}
client phone 10.0.0.20/24
client pxe 10.0.0.77/24
client neighbour 10.0.1.5/24
client far 192.0.2.9/24
ok 'a phone nobody knows sees the plain root' sees_root phone
ok 'a PXE client of the network, too' get pxe pxelinux.0
ok 'byte for byte' cmp "$T/got" "$T/tftp/pxelinux.0"
ok 'also with a slash in front' get pxe /pxelinux.0
SERVER=192.0.2.1
ok 'a client of another network' sees_root far
not_ok 'that name is in no directory' get far 10.0.0.20/pxelinux.0.none
SERVER=10.0.0.1
not_ok 'what is not there is not found' get phone SEP001122334455.cnf.xml
like "$(cat "$T/tftp.out")" 'Error code 1' 'by an answer of the server'

# ---- the agent
agent_up
ok 'a request and its refusal are one event: missing' wait_for "[ \$(times missing SEP001122334455.cnf.xml) = 1 ]" 10
is "$(times asked SEP001122334455.cnf.xml)" 0 'and not asked'
is "$(phone_json $MAC address)" 10.0.0.20 'which made the phone known'
ok 'the address leads to it now' wait_for "[ \"\$(readlink '$T/tftp/10.0.0.20')\" = phones/$MAC ]" 10
ok 'where it sees the plain root as before' sees_root phone
get phone OS79XX.TXT # only a classic phone asks for it
ok 'what it is' wait_for "[ \$(times missing OS79XX.TXT) = 1 ]" 10
run loadstep start --plan ladder "$MAC"
is "$code" 0 'it is started'
get phone XMLDefault.cnf.xml
ok 'and sees the first stage' cmp "$T/got" "$T/tftp/stages/ladder/P00303010102/XMLDefault.cnf.xml"
ok 'its neighbour sees what it saw' sees_root pxe
ok 'what it asked for is in the history' wait_for "[ \$(times asked XMLDefault.cnf.xml) -ge 1 ]" 10
get phone P00303010102.bin
ok 'the load, too' wait_for "[ \$(times asked P00303010102.bin) = 1 ]" 10
is "$(phone_json $MAC phase)" flashing 'its phase follows'
like "$(loadstep log "$MAC")" 'asks for the last of the load' 'in words that claim no more than that'
echo x >"$T/tftp/dialplan.xml"
chmod 600 "$T/tftp/dialplan.xml"
get phone ../../../dialplan.xml
ok 'a refusal for another reason is a failure' wait_for "[ \$(history $MAC | grep -c '^failed ') = 1 ]" 10

not_ok 'check has nothing against the links' grep -q 'foreign-entry\|orphan-link\|link-dangling' <(loadstep check --json)

# ---- an agent that is killed between the line and its moment
get phone RINGLIST.DAT
{ kill -9 "$agent" && wait "$agent"; } 2>/dev/null
get phone P00303010102.loads
agent_up
ok 'what came while it was away' wait_for "[ \$(times missing P00303010102.loads) = 1 ]" 10
is "$(times missing RINGLIST.DAT) $(times asked P00303010102.bin) $(times missing SEP001122334455.cnf.xml)" '1 1 1' \
	'what came before it counts once'

# ---- the map in the server's memory
is "$(grep -c 'answers.*from the plain root' "$T/agent.err")" 0 'in.tftpd uses the map, and nothing is said'
sed -i 's|^networks = .*|networks = 10.0.0.0/24 10.0.1.0/24|' "$T/loadstep.conf"
run loadstep --yes reload
like "$out" "changed +$MAP: .*systemctl reload tftpd-hpa" 'another network: the map is another'
SERVER=10.0.1.1
ok 'in.tftpd does not know yet: its client sees the plain root' sees_root neighbour
ok 'and the agent says so' wait_for "grep -q 'in.tftpd answers 10.0.1.5 from the plain root' '$T/agent.err'" 10
kill -HUP "$TFTPD_PID"
ok 'after SIGHUP its client still sees the plain root, through a link' sees_root neighbour
ok 'and the agent says that it is over' wait_for "grep -q 'that is over: in.tftpd answers 10.0.1.5' '$T/agent.err'" 10
SERVER=10.0.0.1
get phone XMLDefault.cnf.xml
ok 'the phone sees its stage as before' cmp "$T/got" "$T/tftp/stages/ladder/P00303010102/XMLDefault.cnf.xml"

# ---- a server that says too little
printf "$(date '+%b %e %H:%M:%S') bench in.tftpd[7]: RRQ from 10.0.0.77 filename pxelinux.0 remapped to 10.0.0.77/pxelinux.0\n%.0s" \
	$(seq 120) >>"$T/syslog"
ok 'a hundred requests and no refusal: the agent asks for --verbosity 2' wait_for "grep -q 'needs --verbosity 2' '$T/agent.err'" 10
get pxe none
ok 'until there is one' wait_for "grep -q 'that is over: in.tftpd tells of no refused' '$T/agent.err'" 10

# ---- a phone that is gone
loadstep --yes forget --force "$MAC" >/dev/null
ok 'forgotten, the phone sees the plain root' sees_root phone

# ---- replay
stop "$agent"
run loadstep --store "sqlite:$T/replay.db" replay --format tftpd-hpa "$LS_HERE/data/tftplog/tftpd-hpa-5.2.txt"
is "$code" 0 'a log of in.tftpd is replayed'
like "$out" '^36 lines read, [1-9][0-9]* events' 'all its lines'
is "$("$LOADSTEP" --store "sqlite:$T/replay.db" log --json | grep -c '"missing".*SEP001B0C18BDC1')" 1 'the refused file is missing'
is "$("$LOADSTEP" --store "sqlite:$T/replay.db" log --json | grep -c '"asked".*SEP001B0C18BDC1')" 0 'and was not sent'
is "$("$LOADSTEP" --store "sqlite:$T/replay.db" status --json | grep -o '"00:1b:0c:18:bd:c1"')" '"00:1b:0c:18:bd:c1"' \
	'its phone is known'
run loadstep --store "sqlite:$T/other.db" replay --format dnsmasq "$LS_HERE/data/tftplog/tftpd-hpa-5.2.txt"
like "$out" ' 0 events' "dnsmasq's format takes none of them"
run loadstep --store "sqlite:$T/auto.db" replay "$LS_HERE/data/tftplog/tftpd-hpa-5.2.txt" \
	"$LS_HERE/data/tftplog/dnsmasq-2.90.txt"
is "$code" 0 'auto: both servers in one run'
run loadstep replay --format atari "$T/syslog"
is "$code" 2 'an unknown format is refused'
like "$err" '"atari" is none of dnsmasq, tftpd-hpa, atftpd, fetch and auto' 'and the known ones are named'

# ---- another server
sed -i 's|^daemon = .*|daemon = dnsmasq|' "$T/loadstep.conf"
run loadstep publish --apply
is "$(find "$T/tftp" -maxdepth 1 -lname . | wc -l)" 0 'with dnsmasq the links to the root go'
not_ok 'no sanitizer or library had anything to say' grep -qi 'runtime error\|malloc\|assert' "$T/agent.err"
done_testing
