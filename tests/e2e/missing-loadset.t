#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A load set is missing. `reload` puts the plan in force all the same and says which file; nobody is let into that stage:
# one phone waits at the door, another that has proven the stage before it stays there. With the files, both go on.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

site_tree
mv "$TFTP_ROOT/loads/P0S3-8-12-00" "$T/later"
ok 'the plan is in force' site_up 'start = automatic'
like "$(cat "$SITE/reload")" 'P0S3-8-12-00: .*P0S3-8-12-00\.loads.* is missing' 'reload names the file'
like "$(loadstep status)" 'P0S3-8-12-00: .*P0S3-8-12-00\.loads.* is missing' 'so does status'
not_ok 'there is no such stage' test -e "$TFTP_ROOT/stages/$SITE_PLAN/P0S3-8-12-00"

# A swing needs a quiet moment longer than the seconds between two ticks, which are not scaled.
phone old --init-load P00305000500 --scale "$SITE_SCALE" --repoll 80
phone new --init-load P00308000900 --scale "$SITE_SCALE"
ok 'the new phone, whose first stage that would be, waits' expect_phase new waiting 15
ok 'in the waiting room, which names no load' expect_link new waiting 5
ok 'the old phone proves the first stage' expect_running old P00308000900 30
ok 'and stays on it' expect_link old P00308000900 1
is "$(status_json old '"\(.stage) \(.phase)"')" '1 checking' 'in no other'

# ---- a file is not enough
mkdir "$TFTP_ROOT/loads/P0S3-8-12-00"
cp "$T/later/P0S3-8-12-00.loads" "$TFTP_ROOT/loads/P0S3-8-12-00/"
ok 'the manifest comes' site_reload
like "$(loadstep status)" 'P0S3-8-12-00: .*(P003-8-12-00\.sbn|P0S3-8-12-00\.sb2).* is missing' 'now status names what the manifest lists'
is "$(status_json new .phase)" waiting 'the new phone waits'
not_ok 'no phone has asked for a file of that load' \
	grep -q 'tftp: P0S3' "$(phone_log old)" "$(phone_log new)"

# ---- all of it
cp "$T/later"/* "$TFTP_ROOT/loads/P0S3-8-12-00/"
ok 'the rest comes' site_reload
not_ok 'nothing is missing' grep -q 'is missing' "$SITE/reload"
ok 'the new phone is let in' expect_load new P0S3-8-12-00 15
ok 'the old one goes on' expect_load old P0S3-8-12-00 15
ok 'the new one gets there' expect_phase new done 40
ok 'the old one too' expect_phase old done 40

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
