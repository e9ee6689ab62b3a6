#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# layout = shared: one XMLDefault.cnf.xml in the root for everybody, whose load is rotated as each stage is complete. Two
# phones climb together, a 7960 and a 7940; one that comes late waits, and is not sent to a load of the others' stage.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LAYOUT=shared
SITE_LOADS='P00305000500 P00308000900 P0S3-8-12-00'
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time
. "$(dirname "$0")/site.sh"

# What the file says, each time it says something else.
watch_root()
{
	local now before=
	while sleep 0.05; do
		now=$(root_load)
		[ "$now" = "$before" ] || echo "${now:-none}"
		before=$now
	done
}

site_tree
sed 's/<[^>]*loadInformation.*//' "$TFTP_ROOT/XMLDefault.cnf.xml" >"$T/before.xml"
watch_root >"$T/rotations" &
LS_PIDS+=($!)
ok 'the site is up' site_up 'start = automatic'
phone one --init-load P00303010102 --scale "$SITE_SCALE" --repoll 60
phone two --model 7940 --init-load P00303010102 --scale "$SITE_SCALE" --repoll 60
ok 'the first load is in the root' expect_root_load P00305000500 20
ok 'the first stage is flashed by one' expect one '.running == "P00305000500" or .phase == "flashing" or .phase == "checking"' 20
phone late --init-load P00303010102 --scale "$SITE_SCALE" --repoll 60
ok 'one more phone comes late: it waits' expect_phase late waiting 15

ok 'the second load is in the root' expect_root_load P00308000900 40
ok 'both have proven the first' expect one '.stage >= 2' 5
ok 'both' expect two '.stage >= 2' 5
# It reads the root, too; once that has given it a universal loader, the last stage is its own.
is "$(status_json late .phase)" waiting 'the late one still waits'
ok 'the last load is in the root' expect_root_load P0S3-8-12-00 40
for name in one two; do
	ok "$name is done" expect_phase $name done 40
	ok "$name runs SIP" flash_runs $name P0S3-8-12-00
done
is "$(grep -v none "$T/rotations" | tr '\n' ' ')" 'P00305000500 P00308000900 P0S3-8-12-00 ' 'the load was rotated through all three'
not_ok 'no phone has a view of its own in this layout' test -e "$TFTP_ROOT/$(phone_address one)"
ok 'the site'\''s own elements are still there' grep -q '<ethernetPhonePort>2000</ethernetPhonePort>' "$TFTP_ROOT/XMLDefault.cnf.xml"

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
