#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A phone takes a load and never reads its configuration again by itself. The load is proven, the next one waits for it, and
# the phone does not look: it is shown as needs-reboot, which is no fault. Off and on, and it goes on.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS='P00303010102 P00305000500'
SITE_LIMITS='idle = 6s' # two and a half minutes of the phone's time; the default is ten
. "$(dirname "$0")/site.sh"

ok 'the site is up' site_up 'start = automatic'
phone lobby --init-load P00302000000 --scale "$SITE_SCALE" --fault silent-after:P00303010102
ok 'the phone takes the first load' phone_wait lobby 'settled: pre-universal P00303010102' 30
ok 'it is proven, the next stage waits' expect_load lobby P00305000500 20
ok 'the phone is silent: needs-reboot' expect_flag lobby needs-reboot 20
is "$(status_json lobby '"\(.phase) \(.cause)"')" 'offered null' 'it is offered the next load, and not stuck'
ok 'nobody calls for help' loadstep status --fail-if-stuck
ok 'it runs the first load' expect_running lobby P00303010102 1
like "$(loadstep status)" 'needs-reboot' 'status says so'
like "$(loadstep explain "$(who lobby)")" 'to do .*(reboot|power)' 'explain says what to do'
ok 'its stage waits for it' expect_link lobby P00305000500 1

phone_power_cycle lobby
ok 'off and on: it sees the next load' phone_wait lobby 'tftp: P00305000500.bin [0-9]+ bytes' 20
ok 'the flag is gone' expect lobby '.flags | index("needs-reboot") == null' 5
ok 'and it gets there' expect_phase lobby done 30
ok 'it runs the last load' flash_runs lobby P00305000500
ok 'it was never stuck' never_phase lobby stuck

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
