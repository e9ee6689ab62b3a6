#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The plan is changed while a phone climbs: a load comes in before its stage, one after it; its own is taken out and another put
# in its place; at last the plan itself gets another name in the file. The phone finishes what it has begun, is never sent
# back, and takes what the plan says by then.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time, for four proofs in a row
. "$(dirname "$0")/site.sh"
SITE_LOADS='P00303010102 P00305000500 P00308000900'

# change LOAD...: these are the plan's stages now
change()
{
	local load
	for load; do
		[ -d "$TFTP_ROOT/loads/$load" ] || "$MKLOAD" --out "$TFTP_ROOT/loads" "$load" || return
	done
	SITE_LOADS=$*
	site_conf 'start = automatic' >"$SITE/loadstep.conf"
	site_reload || { diag "$(cat "$SITE/reload")"; return 1; }
}
stands() { status_json lobby '"\(.plan) \(.stage)/\(.stages) \(.load)"'; }
link() { readlink "$TFTP_ROOT/phones/00:11:22:33:44:01"; }

# In the background: every place that the phone's link led to, in order
watch_link()
{
	local now before=
	while :; do
		now=$(link)
		[ "$now" = "$before" ] || echo "${now#../stages/}"
		before=$now
		sleep 0.05
	done
}

ok 'the site is up' site_up 'start = automatic'
watch_link >"$T/links" &
LS_PIDS+=($!)
phone lobby --init-load P00302000000 --scale "$SITE_SCALE" --repoll 60
ok 'the phone is on its first stage' expect_link lobby P00303010102 15
is "$(stands)" 'ladder 1/3 P00303010102' 'which is the first of three'

# ---- one more before it, one more behind it
ok 'a load comes in before it, and one behind it' change P00302000100 P00303010102 P00304000000 P00305000500 P00308000900
is "$(stands)" 'ladder 2/5 P00303010102' 'the number follows at once, the load stays'
is "$(link)" ../stages/ladder/P00303010102 'so does what it sees'
ok 'when it is proven, the one that came in behind it is next' expect_link lobby P00304000000 25
is "$(stands)" 'ladder 3/5 P00304000000' 'as status says'

# ---- its own load goes, another comes in its place, and one more before
ok 'its load is taken out, another put there' change P00302000100 P00302000200 P00303010102 P00305000300 P00308000900
is "$(stands)" 'ladder 4/5 P00304000000' 'it keeps its load; where it stands follows'
is "$(link)" ../stages/ladder/P00304000000 'and what it sees'
ok 'the directory of the load is there' test -s "$TFTP_ROOT/stages/ladder/P00304000000/XMLDefault.cnf.xml"
ok 'when it is proven, what took its place is next' expect_link lobby P00305000300 25
is "$(stands) $(status_json lobby .running)" 'ladder 4/5 P00305000300 P00304000000' 'it ran the load that the plan had no more'
ok 'whose directory goes with the next reload' site_reload
not_ok 'since nobody is there' test -e "$TFTP_ROOT/stages/ladder/P00304000000"

# ---- the plan has another name in the file
sed -i 's/^\[plan ladder\]/[plan steps]/' "$SITE/loadstep.conf"
ok 'the plan gets another name' site_reload
like "$(cat "$SITE/reload")" 'plan ladder: not in the configuration any more; kept for 1 phone' 'reload says that the old one is kept'
is "$(stands)" 'ladder 4/5 P00305000300' 'the phone is on its way as before'
phone late --init-load P00302000000 --scale "$SITE_SCALE" --silent
ok 'it finishes under its old name' expect lobby '.phase == "done" and .plan == "ladder"' 45
ok 'and runs the last load' flash_runs lobby P00308000900
is "$(status_json late .plan)" steps 'a phone that came later is under the new one'
is "$(grep -v '^$' "$T/links" | tr '\n' ' ')" \
	'ladder/P00303010102 ladder/P00304000000 ladder/P00305000300 ladder/P00308000900 ' 'what the phone was shown, in order'
not_ok 'it never asked for a load that came in before it' phone_said lobby 'tftp: P003020'
ok 'a reload with nobody left on the old plan' site_reload
not_ok 'keeps it no longer' grep -q 'plan ladder' "$SITE/reload"
is "$(status_json lobby .phase)" 'done' 'the phone is done'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
