#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A phone vanishes in the middle of a stage, its lease runs out, and an ordinary client is given its address. The client
# sees the plain root, as if there had never been a phone; the phone finds its stage again wherever it comes back.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need tftp udhcpc

# One address, leases of five seconds, and Kea does not tidy up before somebody asks.
KEA_POOL=10.77.0.20-10.77.0.20
KEA_LEASE=5
KEA_GLOBAL='"expired-leases-processing": { "reclaim-timer-wait-time": 0, "flush-reclaimed-timer-wait-time": 0 },'

cat >"$T/udhcpc" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || ip address replace "$ip/$mask" dev "$interface"
SCRIPT
chmod +x "$T/udhcpc"
# lease NAME: an ordinary client asks until it gets an address
lease() { in_ns "$1" udhcpc -i eth0 -n -q -f -t 20 -T 1 -s "$T/udhcpc" >"$T/udhcpc.$1" 2>&1; }

ok 'the site is up' site_up 'start = automatic'
phone lobby --init-load P00308000900 --scale "$SITE_SCALE" --fault cut:.sb2:0
phone_ended lobby 30
is $? 20 'a phone vanishes in the middle of its stage'
is "$(phone_address lobby)" 10.77.0.20 'its address was 10.77.0.20'
ok 'which leads to its stage' expect_address 10.77.0.20 lobby 10
ok 'it is half way' expect_phase lobby "$SITE_CUT" 10

client_ns guest 02:00:00:00:00:99
ok 'an ordinary client is given an address' lease guest
like "$(in_ns guest ip -4 -o address show dev eth0)" ' 10\.77\.0\.20/24' 'the very same'
ok 'that address leads to no phone any more' expect_address 10.77.0.20 none 10
in_ns guest tftp -m octet 10.77.0.1 -c get XMLDefault.cnf.xml "$T/guest.xml" >/dev/null 2>&1
ok 'the client sees the plain root, byte for byte' cmp "$T/guest.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"
rm -f "$T/guest.xml"
in_ns guest tftp -m octet 10.77.0.1 -c get P0S3-8-12-00.sb2 "$T/guest.xml" >/dev/null 2>&1
not_ok 'and none of the load'\''s files' [ -s "$T/guest.xml" ]
# The script runs behind the transfer, so this comes in a moment.
ok 'whoever asks for a phone'\''s files there is recorded by address, as nobody we know' \
	wait_for '[ "$(status_json | jq -c "[.phones[].mac]")" = "[\"00:11:22:33:44:01\",null]" ]' 10
ok 'what it fetched is not the phone'\''s' expect_phase lobby "$SITE_CUT" 1
ok 'the phone'\''s stage waits for it' expect_link lobby P0S3-8-12-00 1

in_ns guest ip link set eth0 down
phone lobby --scale "$SITE_SCALE"
ok 'it comes back, and its address leads to it again' expect_address 10.77.0.20 lobby 20
ok 'and goes on to the end' expect_phase lobby done 30

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
