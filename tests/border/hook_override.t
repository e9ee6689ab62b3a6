#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# One phone on its way, the same exchanges each time, where the site's own configuration gives option 150, 66 and siaddr: what
# `override' of its plan makes of them. Without the library, with if-absent, with always.
. "$(dirname "$0")/hook.sh"

KEA_OPTION150=10.77.0.50
KEA_GLOBAL='"next-server": "10.77.0.77",'
KEA_OPTIONS='{ "name": "tftp-server-name", "data": "site.example" }'
KEA_POOL=10.77.0.20-10.77.0.20
SITE66=$(printf site.example | od -An -tx1 | tr -d ' \n') OURS66=$(printf 10.77.0.1 | od -An -tx1 | tr -d ' \n')

# DISCOVER and REQUEST, renewal and INFORM, all asking for 66 and 150
exchanges()
{
	client 10 -x 0x1001 -d -v "$BARE" -n -p 1,66,150 boot
	client 10 -x 0x1002 -d -v "$BARE" -n -p 1,66,150 -a 10.77.0.20 renew
	client 10 -x 0x1003 -d -v "$BARE" -n -p 1,66,150 -a 10.77.0.20 inform
}
# all_of NAME: the values of that name, each once
all_of() { sed -n "s/^$1 //p" | sort -u | tr '\n' ' '; }
again() { kea_stop; rm -f "$T"/kea/leases.csv*; }
# but_ours: the replies without what is ours to change: bytes of the whole message, 66, 150, siaddr
but_ours() { grep -v '^\(message\|siaddr\|option 66\|option 150\) ' "$1"; }

kea_conf >"$T/plain.json"
kea_start "$T/plain.json"
exchanges >"$T/without"
is "$(grep -c '^message ' "$T/without")" 4 'four replies'
is "$(all_of 'option 150' <"$T/without")$(all_of siaddr <"$T/without")" '0a4d0032 10.77.0.77 ' 'the site gives its own'

again
"$STORETOOL" put "$STORE" 00:11:22:33:44:10 10.77.0.20 half-flashed climb 3 P00308000900
PLAN_OVERRIDE=if-absent loadstep_conf >"$CONF"
ok 'if-absent' hook_start
ok 'the phone is known' wait_for '[ "$(status_of phones-answered)" = 1 ]' 5
exchanges >"$T/absent"
ok 'if-absent: not a byte differs where the site gives option 150' cmp "$T/without" "$T/absent"
got=$(client 10 -x 0x1004 -v "$BARE" -n -p 1,66 discover)
is "$(field 'option 150' <<<"$got") $(field 'option 66' <<<"$got") $(field siaddr <<<"$got")" "0a4d0001 $SITE66 10.77.0.77" \
	'if-absent, and the phone does not ask for 150, so the site does not send it: ours, beside the site'\''s own'

again
loadstep_conf >"$CONF"
ok 'always' hook_start
ok 'the phone is known' wait_for '[ "$(status_of phones-answered)" = 1 ]' 5
exchanges >"$T/always"
is "$(all_of 'option 150' <"$T/always")" '0a4d0001 ' 'always: ours in all four'
is "$(all_of 'option 66' <"$T/always")" "$OURS66 " '66 too'
is "$(all_of siaddr <"$T/always")" '10.77.0.1 ' 'and siaddr'
is "$(grep -c '^option \(66\|150\) ' "$T/always")" 8 'each once'
is "$(but_ours "$T/always")" "$(but_ours "$T/without")" 'and nothing else differs'
again
done_testing
