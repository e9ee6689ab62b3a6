#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A phone changes its address in the middle of a stage: half flashed, it boots into a network that was renumbered. It finds
# the same stage under the new address, and the old address leads nowhere any more.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"

ok 'the site is up' site_up 'start = automatic'
phone lobby --init-load P00308000900 --scale "$SITE_SCALE" --fault cut:.sb2:0
phone_ended lobby 30
old=$(phone_address lobby)
ok 'it is half way' expect_phase lobby "$SITE_CUT" 10
ok 'its address leads to its stage' expect_address "$old" lobby 5

KEA_POOL=10.77.0.60-10.77.0.99
KEA_HOOKS="{ \"library\": \"$HOOK\", \"parameters\": { \"config-file\": \"$SITE/loadstep.conf\" } }" \
	kea_conf >"$(kea_dir)/kea.json"
ok 'the pool is another one now' kea_reload
phone lobby --scale "$SITE_SCALE"
ok 'the phone gets a new address' phone_wait lobby 'dhcp: ack 10\.77\.0\.[6-9][0-9] 150=0a4d0001 ' 15
new=$(phone_address lobby)
ok 'which leads to the same stage' expect_address "$new" lobby 5
ok 'where it was' expect_link lobby P0S3-8-12-00 1
ok 'the old address leads nowhere' expect_address "$old" none 5
ok 'it takes the application' phone_wait lobby 'tftp: P0S3-8-12-00.sb2 [0-9]+ bytes' 20
ok 'and is done' expect_phase lobby done 20
is "$(status_json lobby .address)" "$new" 'status shows the new address'
is "$(status_json | jq '.phones | length')" 1 'one phone under two addresses is one phone'
is "$(history_json lobby 'select(.note // "" | test("stage [0-9]")) | .note' | wc -l)" 1 'it entered its stage once'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
