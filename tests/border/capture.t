#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# `loadstep replay` of captures: each form of the file, what a phone's boot comes to, what only a capture shows, and captures
# that are damaged. They are written here (pcap.pl); a real one is replayed by tests/e2e/replay.t.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl jq gzip sqlite3
export TZ=UTC
site
mac=00:1b:0c:18:bd:c1

# pcap WORD... >FILE: of the lines that come in
pcap() { perl "$(dirname "$0")/pcap.pl" "$@"; }

# replay FILE...: into a store of its own, which the verbs below look at
replay()
{
	rm -f "$T"/one.db*
	run loadstep --store "sqlite:$T/one.db" replay "$@"
}

# entries [MAC]: "event file bytes note" a line
entries() { loadstep --store "sqlite:$T/one.db" log --json "$@" | jq -r '"\(.event) \(.file // "-") \(.bytes // "-") \(.note // "")"'; }

boot()
{
	cat <<-END
	0 dhcp 1 $mac 1 - 60=Cisco_Systems,_Inc._IP_Phone_CP-7960G 55=abc
	0.01 dhcp 2 $mac 1 10.0.0.20 54=10.0.0.1
	0.02 dhcp 3 $mac 1 - 60=Cisco_Systems,_Inc._IP_Phone_CP-7960G 54=10.0.0.1
	0.03 dhcp 5 $mac 1 10.0.0.20 54=10.0.0.1 150=10.0.0.1,10.0.0.2
	1 ask 10.0.0.20:50000 SEP001B0C18BDC1.cnf.xml
	1.01 error 10.0.0.20:50000 1 none
	1.1 ask 10.0.0.20:50001 XMLDefault.cnf.xml
	1.2 data 10.0.0.20:50001 1 512
	1.3 ack 10.0.0.20:50001 1
	1.4 data 10.0.0.20:50001 2 100
	1.5 ack 10.0.0.20:50001 2
	2 ask 10.0.0.20:50002 P00308000900.sb2
	2.1 data 10.0.0.20:50002 1 512
	2.2 ack 10.0.0.20:50002 1
	9.2 data 10.0.0.20:50002 2 511
	9.3 ack 10.0.0.20:50002 2
	END
}
told="boot - - from 10.0.0.1: option 150 10.0.0.1 10.0.0.2 (option 150 was not asked for)
missing SEP001B0C18BDC1.cnf.xml - 
sent XMLDefault.cnf.xml 612 
sent P00308000900.sb2 1023 asked for 7.3 s before"

# ---- the forms of a capture: the same in each
for form in '' big nano ng 'ng nano big' tagged raw cooked 'ng cooked2' twice; do
	n=$((n + 1))
	# shellcheck disable=SC2086
	boot | pcap $form >"$T/$n.pcap"
	replay "$T/$n.pcap"
	is "$code:$err" 0: "a capture (${form:-as tcpdump writes it})"
	is "$(entries)" "$told" 'tells what happened'
done
like "$out" ': 32 frames, 4 of DHCP and 12 of TFTP, 4 events, 16 packets captured twice' 'twice on two interfaces counts once'
boot | pcap ng | gzip >"$T/1.pcapng.gz"
replay "$T/1.pcapng.gz"
is "$code:$(entries)" "0:$told" 'a compressed one'
replay - <"$T/1.pcap"
is "$code:$(entries)" "0:$told" 'standard input'
is "$(loadstep --store "sqlite:$T/one.db" status --json | jq -r '.phones[] | "\(.mac) \(.address) \(.model) \(.boots) \(.phase)"')" \
	"$mac 10.0.0.20 7960 1 seen" 'the phone is known by DHCP, and nobody is started'
is "$(find "$T/tftp" ! -type d)" '' 'nothing is published'

# ---- a capture and a log, one after the other
echo 'Jan  5 12:01:00 dnsmasq-tftp[7]: sent /srv/tftp/XMLDefault.cnf.xml to 10.0.0.20' >"$T/log"
replay "$T/1.pcap" "$T/log"
like "$out" '^[^ ]*1\.pcap: 16 frames,.*1 lines read, 1 events' 'each is told by what it holds'

# ---- a pipe: what came is in the store, and the store free for others, before more is waited for
mkfifo "$T/pipe" "$T/go"
slowly()
{
	head -c "$2" "$1"
	read -r _ <"$T/go"
	tail -c +$(($2 + 1)) "$1"
}
printf '%s\n' 'Jan  5 12:00:00 dnsmasq-tftp[7]: sent /srv/tftp/SEP001B0C18BDC1.cnf.xml to 10.0.0.20' 'nobody: nothing' >"$T/log"
for case in "$T/1.pcap 2700 boot 4" "$T/log 88 sent 1"; do
	read -r file at first all <<<"$case"
	rm -f "$T"/one.db*
	slowly "$file" "$at" >"$T/pipe" &
	loadstep --store "sqlite:$T/one.db" replay - <"$T/pipe" >"$T/said" 2>&1 &
	replay=$!
	ok "of ${file##*/} what came first is there" wait_for "[ -e '$T/one.db' ] && entries | grep -q ^$first" 5
	ok 'and others can write' sqlite3 -cmd '.timeout 200' "$T/one.db" "UPDATE counter SET value = value WHERE name = 'plan'"
	echo >"$T/go"
	wait $replay
	is "$?:$(entries | wc -l)" "0:$all" 'then the rest'
done

# ---- what no log has
{
	for k in 0 4 8 12 16; do echo "$k ask 10.0.0.20:50000 CTLSEP001B0C18BDC1.tlv"; done
	echo '20 ask 10.0.0.20:50001 CTLSEP001B0C18BDC1.tlv'
	echo '24 ask 10.0.0.20:50001 CTLSEP001B0C18BDC1.tlv'
} | pcap >"$T/silent.pcap"
replay "$T/silent.pcap"
is "$(entries $mac | grep -v ' - -' | sort | uniq -c | tr -s ' ')" ' 7 failed CTLSEP001B0C18BDC1.tlv - no answer from 10.0.0.1' \
	'a server that is silent: each question without an answer'
is "$(entries $mac | grep ' - -')" 'failed - - server-silent' 'and the cause'
like "$out" ', 5 questions for a file sent again' 'and how often one was asked again'
pcap >"$T/other.pcap" <<-END
	0 dhcp 1 $mac 1 - 60=Cisco_Systems,_Inc._IP_Phone 55=a$(printf '\x96')
	0.1 dhcp 2 $mac 1 10.0.0.20 54=10.0.0.1 150=10.0.0.1
	0.2 dhcp 2 $mac 1 192.168.0.7 54=10.0.0.9
	0.3 dhcp 3 $mac 1 - 60=Cisco_Systems,_Inc._IP_Phone 54=10.0.0.9 55=a$(printf '\x96')
	0.4 dhcp 5 $mac 1 192.168.0.7 54=10.0.0.9
	600 dhcp 3 $mac 2 - ciaddr=192.168.0.7
	600.1 dhcp 5 $mac 2 192.168.0.7 54=10.0.0.9
	700 dhcp 1 00:1b:0c:18:bd:c2 3 -
END
replay "$T/other.pcap"
is "$(entries $mac)" 'boot - - from 10.0.0.9: no TFTP server; 10.0.0.1 offered too: option 150 10.0.0.1
tick - - took the offer of another DHCP server, 10.0.0.9
tick - - other-dhcp-server' 'another DHCP server, and the cause; a renewal is no boot'
is "$(loadstep --store "sqlite:$T/one.db" status --json | jq -r '.phones[0].cause')" other-dhcp-server 'which status shows'
like "$out" ', 1 devices that were given no address' 'who was given none is counted'

# ---- captures that are not as they should be
boot | pcap snap=80 >"$T/snap.pcap"
replay "$T/snap.pcap"
like "$code:$out" '^0:.* 16 frames, 0 of DHCP and 12 of TFTP, .*4 packets cut by the snap length' 'a snap length that is too short'
head -c -30 "$T/1.pcap" >"$T/cut.pcap"
replay "$T/cut.pcap"
like "$code:$out" '^0:.*; it ends within a frame' 'one that was copied while it was written'
is "$(entries | wc -l)" 4 'and all that is in it'
{ head -c 1600 "$T/1.pcap"; head -c 3000 /dev/zero | tr '\0' '\377'; } >"$T/bad.pcap"
replay "$T/bad.pcap"
is "$code" 1 'one with garbage in it'
like "$err" "^loadstep: $T/bad\.pcap: " 'is told'
like "$(entries)" '^boot - - from' 'and so is what came before'
boot | pcap token >"$T/token.pcap"
replay "$T/token.pcap"
like "$code:$err" '^1:.*token\.pcap: a capture of link type 6 .*expected Ethernet' 'another link'
head -c 10 "$T/1.pcap" >"$T/head.pcap"
replay "$T/head.pcap"
like "$code:$err" '^1:loadstep: .*head\.pcap: ' 'a header that is cut'
gzip <"$T/1.pcap" | head -c 300 >"$T/torn.pcap.gz"
replay "$T/torn.pcap.gz"
like "$code:$err" '^1:loadstep: .*torn\.pcap\.gz: ' 'a compressed one that is torn'
done_testing
