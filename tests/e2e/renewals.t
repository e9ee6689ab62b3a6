#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Leases of eight seconds, renewed every four, through a whole ladder: a renewal is no boot, proves nothing and moves nobody.
# `boots` is the number of times the phone really came up.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time, for three proofs in a row
. "$(dirname "$0")/site.sh"

KEA_LEASE=8
boots_made() { grep -c ' dhcp: ack ' "$(phone_log lobby)"; }
renewals() { grep -c ' dhcp: renewed ' "$(phone_log lobby)"; }

ok 'the site is up' site_up 'start = automatic'
phone lobby --init-load P00302000000 --scale "$SITE_SCALE" --repoll 60 # see ladder.t
ok 'the phone climbs the ladder' expect_phase lobby done 80
ok 'it renewed its lease on the way' [ "$(renewals)" -ge 2 ]
renewed=$(renewals)
ok 'and does so when it is done' wait_for "[ \"\$(renewals)\" -ge $((renewed + 1)) ]" 15
diag "$(renewals) renewals, $(boots_made) boots"
is "$(status_json lobby .boots)" "$(boots_made)" 'as many boots as the phone made'
is "$(history_json lobby 'select(.event == "boot") | .event' | wc -l)" "$(boots_made)" 'and as many in the history'
is "$(sed '/ settled: sip /q' "$(phone_log lobby)" | sed -n 's/.* dhcp: renewed [^ ]* \(.*\) lease=.*/\1/p' | sort -u)" \
	'150=0a4d0001 66=10.77.0.1 siaddr=10.77.0.1' 'on its way each renewal was answered like the boots'
is "$(history_json lobby '(.note // "") | capture("stage (?<n>[0-9]),").n' | tr -d '\n')" 1234 'every stage once'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
