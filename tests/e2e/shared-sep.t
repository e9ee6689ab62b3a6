#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# layout = shared, and a phone with a SEP<MAC>.cnf.xml of its own, which hides XMLDefault from it: the one load element in
# that file is set for the climb and set back afterwards, in the file as another hand has left it meanwhile. One phone
# has the file, one has not; they climb as one.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LAYOUT=shared
SITE_LOOSE=yes
SITE_LOADS='P00305000500 P00308000900 P0S3-8-12-00'
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time
. "$(dirname "$0")/site.sh"

SEP=$TFTP_ROOT/SEP001122334401.cnf.xml
KEPT=$SITE/store/state.db.sep

sep_load() { sed -n 's/.*<loadInformation[^>]*>\(.*\)<.*/\1/p' "$SEP"; }
expect_sep() { wait_for "[ \"\$(sep_load)\" = '$1' ]" "$2"; }
owner_mode() { stat -c '%u:%g %a' "$SEP"; }

site_tree
printf '<device>\r\n  <deviceProtocol>SCCP</deviceProtocol>\r\n  <!-- the site'\''s -->\r\n' >"$SEP"
printf '  <loadInformation  model="IP Phone 7960">P0030702XXXX</loadInformation>\r\n  <x/>\r\n</device>\r\n' >>"$SEP"
chmod 664 "$SEP"
chown 7:8 "$SEP" || diag 'no other owner in this namespace'
owner_mode >"$T/owner"
cp "$SEP" "$T/sep.before"
echo 'line1_name: 1' >"$TFTP_ROOT/SIP001122334401.cnf"

ok 'the site is up' site_up 'start = automatic' 'provisioned = yes'
is "$(sep_load)" P0030702XXXX 'nobody has started: the file is as it was'
for name in own plain; do phone $name --init-load P00303010102 --scale "$SITE_SCALE" --repoll 60; done
ok 'the first load is in the root' expect_root_load P00305000500 20
ok 'and in the phone'\''s own file' expect_sep P00305000500 20
is "$(owner_mode)" "$(cat "$T/owner")" 'owner and mode are kept'
is "$(diff "$SEP" "$T/sep.before" | grep -c '^[<>]')" 2 'one line differs'
is "$(stat -c %a "$KEPT")" 700 'what it named is kept outside the root, for the user of the store alone'
is "$(find "$TFTP_ROOT" -maxdepth 1 -name '*SEP*' | wc -l)" 1 'and nothing of it in the root'

# Another hand writes a line, as an editor does.
sed 's|  <x/>|  <x/>\r\n  <added>by hand</added>|' "$T/sep.before" >"$T/sep.edited"
sed -i 's|  <x/>|  <x/>\r\n  <added>by hand</added>|' "$SEP"

ok 'the second load is in the root' expect_root_load P00308000900 40
ok 'and in the file' expect_sep P00308000900 10
ok 'with the line that another hand wrote' grep -q '<added>by hand</added>' "$SEP"
ok 'the last load is in the root' expect_root_load P0S3-8-12-00 60
for name in own plain; do
	ok "$name is done" expect_phase $name done 40
	ok "$name runs SIP" flash_runs $name P0S3-8-12-00
done
not_ok 'the phone with a file of its own never read XMLDefault' \
	grep -q "sent .*/XMLDefault.cnf.xml to $(phone_address own)" "$T/dnsmasq/log"
ok 'the file names again what it named' expect_sep P0030702XXXX 15
is "$(cmp "$SEP" "$T/sep.edited" && echo same)" same 'byte for byte, but for the line of the other hand'
is "$(owner_mode)" "$(cat "$T/owner")" 'owner and mode are as they were'
is "$(find "$KEPT" -type f | wc -l)" 0 'nothing is kept any more'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
