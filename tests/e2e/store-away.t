#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Somebody holds the store for seconds on end, then it is gone altogether for a while. DHCP and TFTP do not notice: answers
# stay the same and come as fast; what happened meanwhile is kept, and stands in the history afterwards.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need sqlite3 tftp "$BUILD/tests/dhcpc"

# milliseconds COMMAND...: how long it took
milliseconds()
{
	local from=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}

# ask: an ordinary client gets an address; get: it fetches 40 kB
ask() { in_ns guest "$BUILD/tests/dhcpc" -i eth0 -m 02:00:00:00:00:01 boot; }
get() { in_ns guest tftp -m octet 10.77.0.1 -c get ringer1.raw "$T/got"; }

store_hold()
{
	mkfifo "$T/sql"
	sqlite3 "$SITE/store/state.db" <"$T/sql" >"$T/sql.out" 2>&1 &
	LS_PIDS+=($!)
	exec 9>"$T/sql"
	echo '.timeout 5000
BEGIN IMMEDIATE; SELECT "held";' >&9
	wait_for 'grep -qx held "$T/sql.out"' 10
}
store_free() { exec 9>&-; }

# fetched NAME: what the phone got whole, in its own words; recorded NAME: what the history has
fetched() { sed -n 's/^[0-9.]* tftp: \([^ ]*\) [0-9]* bytes$/\1/p' "$(phone_log "$1")" | sort | uniq -c; }
recorded() { history_json "$1" 'select(.event == "sent") | .file' | sort | uniq -c; }
boots() { history_json "$1" 'select(.event == "boot") | .event' | wc -l; }

ok 'the site is up' site_up 'start = automatic'
client_ns guest
in_ns guest ip address add 10.77.0.200/24 dev eth0
phone lobby --init-load P00308000900 --scale "$SITE_SCALE"
ok 'a phone is on its way' phone_wait lobby 'tftp: P0S3-8-12-00.loads [0-9]+ bytes' 20

ok 'the store is held' store_hold
from=${EPOCHREALTIME/./}
ok 'the phone gets its next address with option 150' phone_wait lobby 'dhcp: ack .* 150=0a4d0001 ' 20
ok 'and goes on to the end' phone_wait lobby 'settled: sip P0S3-8-12-00' 30
took=$(milliseconds ask)
ok "an ordinary client gets an address at once ($took ms)" [ "$took" -lt 1000 ]
took=$(milliseconds get)
ok "and a file ($took ms)" [ "$took" -lt 2000 ]
ok 'the file is whole' cmp "$T/got" "$TFTP_ROOT/ringer1.raw"
diag "the store was held for $(((${EPOCHREALTIME/./} - from) / 1000)) ms and more"
is "$(status_json lobby '.phase == "done"')" false 'none of this is in the store'
ok 'what it cannot take is in the spool' test -s "$SITE/store/state.db.spool"
store_free

ok 'the store is free: the phone is done' expect_phase lobby done 40
ok 'nothing was lost: each file the phone got is in the history' wait_for '[ "$(recorded lobby)" = "$(fetched lobby)" ]' 20
diag "$(diff <(fetched lobby) <(recorded lobby))"
ok 'and each boot' wait_for '[ "$(boots lobby)" = "$(grep -c " dhcp: ack " "$(phone_log lobby)")" ]' 10
not_ok 'the spool is empty' test -s "$SITE/store/state.db.spool"

# ---- gone altogether
mv "$SITE/store" "$SITE/elsewhere"
phone_mark lobby
phone_power_cycle lobby
ok 'without any store the phone boots' phone_wait lobby 'dhcp: ack .* 150=0a4d0001 |dhcp: ack .* 150=0a4d0002 ' 20
ok 'and runs what it runs' phone_wait lobby 'settled: sip P0S3-8-12-00' 30
ok 'an ordinary client gets an address' [ "$(milliseconds ask)" -lt 1000 ]
rm -rf "$SITE/store"
mv "$SITE/elsewhere" "$SITE/store"
ok 'the store is back: that boot is in it, too' \
	wait_for '[ "$(boots lobby)" = "$(grep -c " dhcp: ack " "$(phone_log lobby)")" ]' 30

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
