#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Two phones at different stages at once: each sees its own XMLDefault.cnf.xml and OS79XX.TXT under the same name on the
# same server, byte for byte what its stage says, and a client that is no phone sees the site's own.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need tftp

# fetch NAME FILE: that namespace's client gets it, as $T/got/NAME.FILE
fetch()
{
	mkdir -p "$T/got"
	rm -f "$T/got/$1.$2"
	in_ns "$1" tftp -m octet 10.77.0.1 -c get "$2" "$T/got/$1.$2" >"$T/got/out" 2>&1
	[ -s "$T/got/$1.$2" ]
}

# shows NAME LOAD: what NAME fetches is the stage's own and names that load. (Nobody fetches OS79XX.TXT for the new one: it
# would be taken for an old one.)
shows()
{
	fetch "$1" XMLDefault.cnf.xml &&
		cmp "$T/got/$1.XMLDefault.cnf.xml" "$TFTP_ROOT/stages/$SITE_PLAN/$2/XMLDefault.cnf.xml" &&
		[ "$(xmllint --xpath 'string(//loadInformation7)' "$T/got/$1.XMLDefault.cnf.xml")" = "$2" ] &&
		[ "$(xmllint --xpath 'string(//loadInformation8)' "$T/got/$1.XMLDefault.cnf.xml")" = "$2" ]
}

ok 'the site is up' site_up 'start = automatic'
# The old one runs the first load already, reads once a boot and is quiet, so that its stage holds still while we look.
phone old --init-load P00303010102 --scale "$SITE_SCALE" --silent
phone new --init-load P00308000900 --scale "$SITE_SCALE" --silent
client_ns guest
in_ns guest ip address add 10.77.0.200/24 dev eth0
ok 'the old one enters at the first stage' expect_link old P00303010102 15
ok 'the new one at the last' expect_link new P0S3-8-12-00 15
ok 'their addresses lead there' expect_address "$(phone_address old)" old 5
ok 'both' expect_address "$(phone_address new)" new 5

ok 'the old one sees P00303010102' shows old P00303010102
ok 'in OS79XX.TXT, too' fetch old OS79XX.TXT
ok 'byte for byte' cmp "$T/got/old.OS79XX.TXT" <(printf 'P00303010102\r\n')
ok 'at the same moment the new one sees P0S3-8-12-00' wait_for 'shows new P0S3-8-12-00' 20
ok 'the guest gets the site'\''s own' fetch guest XMLDefault.cnf.xml
ok 'byte for byte' cmp "$T/got/guest.XMLDefault.cnf.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"
not_ok 'and finds no OS79XX.TXT' fetch guest OS79XX.TXT

# ---- one moves on, the other does not notice
phone_power_cycle old
ok 'the old one, which runs 3.1 already, wants nothing in a second boot: it sees the next stage' expect_link old P00305000500 25
ok 'the old one sees P00305000500 now' shows old P00305000500
ok 'in OS79XX.TXT, too' fetch old OS79XX.TXT
ok 'byte for byte' cmp "$T/got/old.OS79XX.TXT" <(printf 'P00305000500\r\n')
ok 'the new one sees what it saw (it may just be booting)' wait_for 'shows new P0S3-8-12-00' 20
not_ok 'the old one was never told of the last load' phone_said old 'tftp: P0S3'
not_ok 'the new one never of the first ones' phone_said new 'tftp: P0030[35]'
ok 'the guest sees what it saw' fetch guest XMLDefault.cnf.xml
ok 'byte for byte' cmp "$T/got/guest.XMLDefault.cnf.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
