#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Monday morning: 300 phones with SCCP 8.0(9) get power within five seconds, and all of them reach SIP 8.12 with nobody
# touching anything: one Kea with the hook, one dnsmasq, loadstep-event for each of some 3600 files.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
PHONES=${PHONES:-300}
SITE_SCALE=${SITE_SCALE:-7}
KEA_SUBNET=10.77.0.0/16
KEA_POOL=10.77.4.1-10.77.7.254
SITE_LOADS='P00308000900 P0S3-8-12-00'
DNSMASQ_TFTP_MAX=1000
. "$(dirname "$0")/../e2e/site.sh"

VFLEET=${VFLEET:-$BUILD/tests/vfleet}
if [ -n "${EVENT_DELAY:-}" ]; then
	printf '#!/bin/sh\nsleep %s\nexec %s "$@"\n' "$EVENT_DELAY" "$EVENT" >"$T/slow-event"
	chmod 755 "$T/slow-event"
	EVENT=$T/slow-event
fi
need "$VFLEET"

# all_done: loadstep says so of every phone
all_done() { [ "$(loadstep status --json | jq .counts.done)" = "$PHONES" ]; }

# The images are short here: what is measured is the work of each file, not of each block.
site_tree --app-bytes 20000 --loader-bytes 10000
site_net
client_ns fleet
in_ns fleet ip route add 10.77.0.0/24 dev eth0
in_ns fleet ip route add local 10.77.4.0/22 dev lo
ulimit -n 20000
ok 'the site is up' site_up 'start = automatic'
ip route add 10.77.4.0/22 dev br0
begin=${EPOCHREALTIME/./}
in_ns fleet "$VFLEET" --phones "$PHONES" --first-mac 00:11:22:40:00:00 --iface eth0 --init-load P00308000900 \
	--scale "$SITE_SCALE" --spread 5 --until sip/P0S3-8-12-00 --max-time 50 --stay 60 --log "$T/phones.log" \
	>"$T/summary" &
LS_PIDS+=($!)
ok "$PHONES phones run SIP" wait_for "grep -q there '$T/summary'" 55
diag "$(cat "$T/summary")"
like "$(tail -n 1 "$T/summary")" "^$PHONES of $PHONES there" 'every one of them'
ok "and loadstep counts $PHONES done" wait_for all_done 30
diag "$(((${EPOCHREALTIME/./} - begin) / 1000)) ms from the first phone's power to the last one's proof"
is "$(loadstep status --json | jq -c '[.phones[] | .load, ."running-by"] | unique')" '["P0S3-8-12-00","proof"]' \
	'each with the last load, by proof'
# A script's stamp behind its log line's, in ms: longer than order-window (5 s) the two witnesses tell different stories.
late=$(sqlite3 -readonly "$SITE/store/state.db" 'SELECT max(abs(twin_ms - at_ms)) FROM history WHERE twin_ms > 0')
diag "the latest script came $late ms behind its log line"
[ -z "${EVENT_DELAY:-}" ] || ok 'scripts were later than order-window' [ "$late" -gt $((2 * 5000 / SITE_SCALE)) ]
is "$(grep -c 'Too many open files\|event is lost' "$T/dnsmasq/log")" 0 'no file was refused and no event lost'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
