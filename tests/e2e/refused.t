#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Two phones do not take an image: one in the first stage of its plan, one in the last. Each gets it twice, whole, and is
# stuck with that cause; neither is ever advanced, and what they see is not taken from them.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

# times_sent WHO FILE: how often that file went out whole, or was asked for where that is all one knows
times_sent() { history_json "$1" "select(.event == \"$SITE_GOT\" and .file == \"$2\") | .file" | wc -l; }

ok 'the site is up' site_up 'enter = first' '[plan sip]' 'models = 7960' 'stages = P0S3-8-12-00' \
	'networks = 10.77.0.0/24' 'tftp-servers = 10.77.0.1'
phone first --init-load P00308000500 --scale "$SITE_SCALE" --fault refuse:P00308000900
phone last --init-load P00308000900 --scale "$SITE_SCALE" --fault refuse:P0S3-8-12-00
for name in first last; do ok "$name is seen" expect_phase $name seen 10; done
ok 'the one is started in its plan' loadstep start "$(who first)"
ok 'the other in another' loadstep start --plan sip "$(who last)"

ok 'the phone in the first stage is stuck' expect_phase first stuck 40
ok 'image-rejected' expect_cause first image-rejected 1
ok 'after two whole images' [ "$(times_sent first P00308000900.sb2)" -ge 2 ]
ok 'which it refused twice' [ "$(grep -c ' refused: P00308000900.sb2' "$(phone_log first)")" -ge 2 ]
ok 'it still sees its stage' expect_link first P00308000900 1
is "$(status_json first '"\(.stage) of \(.stages), \(.load)"')" '1 of 2, P00308000900' 'and stands on it'
is "$(history_json first 'select(.note // "" | test("proven|next stage|presumed")) | .note')" '' 'it was never advanced'

ok 'the phone in the last stage is stuck' expect_phase last stuck 40
ok 'image-rejected' expect_cause last image-rejected 1
SITE_PLAN=sip
ok 'it still sees its stage' expect_link last P0S3-8-12-00 1
ok 'and was never done' never_phase last done
is "$(history_json last 'select(.note // "" | test("proven.*P0S3")) | .note')" '' 'nor proven'
not_ok 'status --fail-if-stuck fails' loadstep status --fail-if-stuck
like "$(loadstep explain "$(who first)" | tr -s '\n ' ' ')" 'is stuck: it took the whole image twice' 'explain says why'
ok 'it runs what it ran' flash_runs first P00308000500
not_ok 'and nobody claims that it runs what it refused' [ "$(status_json first .running)" = P00308000900 ]

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
