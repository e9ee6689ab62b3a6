#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The power is cut between loader and application, for the phone and for the server. The phone is left with a loader and
# nothing else, so it must find option 150 and the very same stage, even when Kea starts again while the store is locked.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"
need "$BUILD/tests/storetool"

ok 'the site is up' site_up 'start = automatic'
phone lobby --init-load P00308000900 --scale "$SITE_SCALE" --fault cut:.sb2:0
phone_ended lobby 30
is $? 20 'the power is cut when the first packet of the application arrives'
is "$(phone_flash lobby loader) $(phone_flash lobby application-state)" 'PAS30830 writing' \
	'the phone has the new loader and no application for it'
ok 'loadstep knows what it can' expect_phase lobby "$SITE_CUT" 10
ok 'and shows it the same stage' expect_link lobby P0S3-8-12-00 1
address=$(phone_address lobby)
ok 'under its address' expect_address "$address" lobby 1

# ---- the server comes back, and somebody holds its store
kea_stop
stop "$SITE_AGENT_PID"
start_daemon "$T/lock" "$BUILD/tests/storetool" lock "sqlite:$SITE/store/state.db"
lock=$!
ok 'the store is locked' wait_for 'grep -qx locked "$T/lock"' 10
ok 'Kea starts all the same' site_kea
phone lobby --scale "$SITE_SCALE"
ok 'the phone is answered, with option 150, 66 and siaddr of the plan' phone_wait lobby \
	"dhcp: ack $address 150=0a4d0001 66=10\.77\.0\.1 siaddr=10\.77\.0\.1 " 10
ok 'it shows Protocol Application Invalid' phone_wait lobby 'display: Protocol Application Invalid' 10
ok 'finds its stage and takes the application' phone_wait lobby 'tftp: P0S3-8-12-00.sb2 [0-9]+ bytes' 20
not_ok 'meanwhile nobody can even read the store' loadstep status
ok 'and the phone runs SIP' phone_wait lobby 'settled: sip P0S3-8-12-00' 20
stop "$lock"
site_agent

ok 'once the store is free the stage is proven' expect_phase lobby done 30
ok 'what went out while it was locked is in the history' \
	wait_for '[ -n "$(history_json lobby "select(.event == \"$SITE_GOT\" and .file == \"P0S3-8-12-00.sb2\") | .file")" ]' 10
is "$(history_json lobby '(.note // "") | capture("stage (?<n>[0-9]),").n' | tr '\n' ' ')" '4 ' 'it never stood on another stage'
ok 'its flash holds SIP 8.12' flash_runs lobby P0S3-8-12-00

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
