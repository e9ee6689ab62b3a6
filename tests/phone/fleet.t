#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Many java phones at once, without loadstep: those of a building that get a new load in their XMLDefault, and those
# that somebody reset.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
. "$(dirname "$0")/phones.sh"

VFLEET=${VFLEET:-$BUILD/tests/vfleet}
need "$VFLEET"
KEA_SUBNET=10.77.0.0/16
KEA_POOL=10.77.4.1-10.77.7.254
PHONES=60

# fleet LOG OPTION...: that many 7945s; prints the summary
fleet()
{
	local log=$1
	shift
	in_ns fleet "$VFLEET" --phones $PHONES --iface eth0 --model 7945 --scale 50 --max-time 40 --log "$log" "$@"
}

bench_up
client_ns fleet
in_ns fleet ip route add 10.77.0.0/24 dev eth0
in_ns fleet ip route add local 10.77.4.0/22 dev lo
ip route add 10.77.4.0/22 dev br0
ulimit -n 20000
make_load --member-bytes 20000 SCCP45.9-3-1SR1-1S SIP45.9-4-2SR3-1S
serve_load SIP45.9-4-2SR3-1S
serve_load SCCP45.9-3-1SR1-1S
show 435=SIP45.9-4-2SR3-1S
fleet "$T/climb.log" --first-mac 00:11:22:41:00:00 --init-load SCCP45.9-3-1SR1-1S --spread 2 \
	--until sip/SIP45.9-4-2SR3-1S >"$T/climb"
is $? 0 'all of them take a new load'
like "$(tail -1 "$T/climb")" "^$PHONES of $PHONES there" 'by the summary'
is "$(grep -c 'cvm45sip.9-4-2ES26.sbn 20408 bytes' "$T/climb.log")" $PHONES 'each its last member once'
diag "$(cat "$T/climb")"
show 435=SCCP45.9-3-1SR1-1S
fleet "$T/reset.log" --first-mac 00:11:22:42:00:00 --init-load SIP45.9-4-2SR3-1S --factory-reset \
	--until sccp/SCCP45.9-3-1SR1-1S >"$T/reset"
is $? 0 'reset ones take the default load'
is "$(grep -c 'tftp: term45.default.loads [0-9]* bytes' "$T/reset.log")" $PHONES 'each asked for it once'
fleet "$T/board.log" --first-mac 00:11:22:43:00:00 --init-load SIP45.9-4-2SR3-1S --hardware 15 --max-time 4 \
	--until sccp/SCCP45.9-3-1SR1-1S >"$T/board"
is $? 3 'boards of another kind do not'
is "$(cut -d' ' -f1,3- "$T/board.log" | grep 'display: Load rejected HC' | sort -u | wc -l)" $PHONES 'all of them say why'

done_testing
