#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The plugins are loaded and nobody is started: nothing changes for anybody. Two phones and an ordinary client live
# through the same day twice, without loadstep and with it, and everything they are sent is compared byte for byte.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need tftp "$BUILD/tests/dhcpc"

# ask MAC OPTION... VERB: whole replies on the wire, with a transaction number of our choice
ask()
{
	local mac=$1
	shift
	in_ns guest "$BUILD/tests/dhcpc" -i eth0 -m "$mac" -d "$@"
}

# day NAME: what everybody is sent goes below $T/NAME
day()
{
	local file
	mkdir -p "$T/$1"
	phone old --init-load P00303010102 --scale "$SITE_SCALE" --once --trace "$T/$1/old"
	phone_ended old 20
	phone new --init-load P00308000900 --scale "$SITE_SCALE" --once --trace "$T/$1/new"
	phone_ended new 20
	client_ns guest
	{
		ask 02:00:00:00:00:01 -x 0x1001 boot
		ask 02:00:00:00:00:01 -x 0x1002 -a 10.77.0.22 renew
		ask 02:00:00:00:00:01 -x 0x1003 -a 10.77.0.22 inform
		ask 02:00:00:00:00:02 -x 0x1004 -v 'Cisco Systems, Inc. IP Phone' -n -h SEP020000000002 -p 1,66,6,3,15,150,35 boot
		ask 02:00:00:00:00:03 -x 0x1005 -v 'Cisco Systems, Inc. IP Phone CP-7960G' -n -h SEP020000000003 -p 1,3 boot
	} >"$T/$1/wire"
	in_ns guest ip address replace 10.77.0.23/24 dev eth0 # where the first of the phones on the wire is
	for file in XMLDefault.cnf.xml dialplan.xml RINGLIST.DAT ringer1.raw US/7960-tones.xml OS79XX.TXT; do
		in_ns guest tftp -m octet 10.77.0.1 -c get "$file" "$T/$1/${file//\//-}" >/dev/null 2>&1
	done
	in_ns guest ip address flush dev eth0
}

# One address: with two Kea hears and answers each broadcast twice, and chance says which answer comes first.
net_up 10.77.0.1/24
KEA_OPTION150=10.77.0.1
site_tree
site_alone
ok 'Kea and the TFTP server as they are' site_plain_kea
ok 'without anything of ours' site_plain_server
before=$(find "$TFTP_ROOT" -newermt @0 ! -path "$TFTP_ROOT" -printf '%P %s %l\n' | sort)
day without
site_server_stop
kea_stop
rm -f "$(kea_dir)"/leases.csv* "$T"/phones/*.flash

ok 'now with loadstep, a plan for all of them, nobody started' site_up 'start = by-hand'
day with
ok 'the four phones are seen' wait_for '[ "$(status_json | jq .counts.seen)" = 4 ]' 10
is "$(status_json | jq -c '[.counts | to_entries[] | select(.value > 0) | .key]')" '["seen"]' 'and nothing more than that'

ok 'each phone made one boot and saw files' grep -q '^file XMLDefault.cnf.xml' "$T/with/old"
ok 'the old phone was sent the same, byte for byte' cmp "$T/without/old" "$T/with/old"
ok 'the new phone too' cmp "$T/without/new" "$T/with/new"
is "$(grep -c '^message ' "$T/without/wire")" 8 'eight whole DHCP replies were kept'
ok 'they are the same, byte for byte' cmp "$T/without/wire" "$T/with/wire"
ok 'what an ordinary client fetched is the same' diff -r "$T/without" "$T/with"
ok 'it had fetched something' cmp "$T/with/ringer1.raw" "$TFTP_ROOT/ringer1.raw"
is "$(find "$TFTP_ROOT" ! -path "$TFTP_ROOT/stages*" ! -path "$TFTP_ROOT/phones*" ! -name '10.77.*' ! -name '.*' -newermt @0 \
	! -path "$TFTP_ROOT" -printf '%P %s %l\n' | sort)" "$before" 'no file of the root is another'
ok 'the phones'\'' links lead to the plain root' expect_link old plain 5

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
