#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Java phones over a ladder of 8.3(3), 8.5(4) and 9.4(2), whose first load lists a capital Jar that lies in lower case: a
# normal boot, a factory reset, and one that was done and is reset by somebody. Nobody touches anything.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

FIRST=SIP41.8-3-3SR2S MIDDLE=SIP41.8-5-4S LAST=SIP41.9-4-2SR3-1S

# stages NAME: what its history says of the stages it was on, in order
stages() { history_json "$1" '.note // "" | capture(": stage (?<n>[0-9]), (?<load>[^ ]+)$").load' | tr '\n' ' '; }
# proofs NAME
proofs() { history_json "$1" '.note // "" | capture("^proven.*\\((?<load>.*)\\)$").load' | tr '\n' ' '; }
# asked NAME FILE: how often that file went out whole
asked() { history_json "$1" "select(.event == \"sent\" and .file == \"$2\") | .file" | wc -l; }

site_tree
"$MKLOAD" --out "$TFTP_ROOT/loads" --capital-jar "$FIRST"
"$MKLOAD" --out "$TFTP_ROOT/loads" "$MIDDLE" "$LAST"
not_ok 'no file is spelled as the list says' compgen -G "$TFTP_ROOT/loads/$FIRST/Jar*"
ok 'the site is up' site_up '[plan java]' 'models = 7941 7961' "stages = $FIRST $MIDDLE $LAST" 'start = automatic' \
	'networks = 10.77.0.0/24' 'tftp-servers = 10.77.0.1'
SITE_PLAN=java
phone climber --model 7961 --init-load SCCP41.8-3-1S --scale "$SITE_SCALE" --repoll 60
phone reset --model 7941 --init-load SCCP41.8-3-1S --factory-reset --scale "$SITE_SCALE" --repoll 60

ok 'the one climbs' expect_phase climber done 90
ok 'its flash holds the last load' flash_runs climber "$LAST"
is "$(stages climber)" "$FIRST $MIDDLE $LAST " 'the stages in their order, each once'
is "$(proofs climber)" "$FIRST $MIDDLE $LAST " 'each proven once'
is "$(asked climber Jar41sip.8-3-3ES2.sbn)" 1 'the member was found as the list spells it'
loadstep log --json "$(who climber)" >"$T/history"
ok 'no stage was left but proven, from checking' \
	[ "$(jq -s 'map(select(.note // "" | test("^next stage")) | .from) | unique == ["checking"]' "$T/history")" = true ]
ok 'between the last member and each proof there is a boot' jq -es --arg last "$LAST" '
	(map(.file // "" | test("^cvm41sip.9-4")) | index(true)) as $out
	| (map(.note // "" | test("^proven.*" + $last)) | index(true)) as $proof
	| $out < $proof and (.[$out:$proof] | map(.event == "boot") | any)' "$T/history"
is "$(status_json climber '"\(.generation) \(.model) \(.stage) of \(.stages) \(."running-by")"')" \
	'java 7961 3 of 3 proof' 'and status says so'
ok 'it was flashing meanwhile' was_phase climber flashing

ok 'the reset one climbs, too' expect_phase reset done 60
ok 'its flash holds the last load' flash_runs reset "$LAST"
is "$(asked reset term41.default.loads)" 1 'it began with the first stage'\''s own default load'
is "$(stages reset)" "$FIRST $MIDDLE $LAST " 'over all stages'
is "$(asked reset "$FIRST.loads")" 0 'which counted for the list'

# ---- done, and reset by somebody: its boot code is of 8.3(1), and takes no 9.x
phone_power_cut climber
phone climber --model 7961 --factory-reset --scale "$SITE_SCALE" --repoll 60
ok 'the done one is on its way again' expect climber '.phase != "done"' 15
ok 'one stage back, where its boot code takes the default load' expect_load climber "$MIDDLE" 30
ok 'and is done again' expect_phase climber done 60
ok 'with the last load' flash_runs climber "$LAST"
is "$(stages climber)" "$FIRST $MIDDLE $LAST $MIDDLE $LAST " 'as its history tells'
like "$(history_json climber '.note // ""')" 'asks for its default load twice and takes nothing of it' 'and why'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
