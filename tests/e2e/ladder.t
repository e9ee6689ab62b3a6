#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The ladder: a 7960 with SCCP 2.0 is plugged in and goes over 3.1, 5.0(5) and 8.0(9) to SIP 8.12 with nobody touching
# anything, and beside it a 7940 that has 3.1 already and wants nothing of it. The history tells the order of stages, and that no download alone ever proved one.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 3s' # 75 s of the phone's time, for three proofs in a row
. "$(dirname "$0")/site.sh"

# of LOAD EVENT FILE-REGEX: number of the first such line of the history, from the line on where its stage begins
of()
{
	jq -s --arg load "$1" --arg event "$2" --arg file "$3" '
		(map((.note // "") | test("stage [0-9], " + $load + "$")) | index(true)) as $start
		| (.[$start:] | map(.event == $event and ((.file // "") | test("^(" + $file + ")$"))) | index(true)) as $at
		| if $at == null then null else $start + $at end' "$T/history"
}

# noted LOAD REGEX: number of the line whose note says so of that load
noted() { jq -s --arg text "$2.*$1" 'map((.note // "") | test($text)) | index(true)' "$T/history"; }

# in_order NUMBER...: each is there, and they grow
in_order()
{
	local before=-1 number
	for number; do
		[ "$number" != null ] && [ "$number" -gt "$before" ] || { diag "lines $*"; return 1; }
		before=$number
	done
}

# stamps WHAT NUMBER...: when that was
stamps() { jq -rs --arg what "$1" --argjson at "$2" '"  \(.[$at].time) \($what)"' "$T/history"; }

ok 'the site is up' site_up 'start = automatic'
# What a phone sees is swung in 30 quiet seconds of its own. The servers look once a second, in no scale, so it has to be
# quiet for longer than that.
phone lobby --init-load P00302000000 --scale "$SITE_SCALE" --repoll 60
phone desk --model 7940 --init-load P00303010102 --scale "$SITE_SCALE" --repoll 60
ok 'the 7940 has read its configuration' phone_wait desk 'tftp: XMLDefault.cnf.xml [0-9]+ bytes' 15
phone_power_cycle desk # and again
ok 'the phone gets there' expect_phase lobby done 80
ok 'its flash holds SIP 8.12' flash_runs lobby P0S3-8-12-00
is "$(phone_flash lobby loader) $(phone_flash lobby loader-state)" 'PAS30830 valid' 'and that load'\''s loader'

ok 'so does the 7940' expect_phase desk done 30
ok 'with the same load' flash_runs desk P0S3-8-12-00
like "$(history_json desk '.note // empty')" 'presumed past it: stage 2, P00305000500' 'past the load that it had'
not_ok 'for which it did not ask' phone_said desk 'tftp: P00303010102'

# ---- what the history tells
loadstep log --json "$(who lobby)" >"$T/history"
is "$(jq -r '(.note // "") | capture("stage (?<n>[0-9]), (?<load>[^ ]+)$") | "\(.n) \(.load)"' "$T/history" | tr '\n' ';')" \
	'1 P00303010102;2 P00305000500;3 P00308000900;4 P0S3-8-12-00;' 'the stages in their order, each once'
is "$(jq -r '.note // "" | capture("^proven.*\\((?<load>.*)\\)$").load' "$T/history" | tr '\n' ' ')" \
	'P00303010102 P00305000500 P00308000900 P0S3-8-12-00 ' 'each proven once'
is "$(jq -r 'select(.from == "seen" and .to != "seen") | .event' "$T/history")" operator 'the plan'\''s own rule started it'
while read -r load image; do
	sent=$(of "$load" "$SITE_GOT" "$image")
	back=$(jq -s --argjson from "${sent:-null}" '(.[$from:] | map(.event == "boot") | index(true)) + $from' "$T/history")
	ok "$load: image out, phone back, and only then proven" in_order "$sent" "$back" "$(noted "$load" '^proven')"
done <<-END
	P00303010102 P00303010102.bin
	P00305000500 P00305000500.(bin|sbn)
	P00308000900 P00308000900.sb2
	P0S3-8-12-00 P0S3-8-12-00.sb2
END
ok 'no line leads from downloading or flashing to another stage' \
	[ "$(jq -s 'map(select(.note // "" | test("^next stage")) | .from) | unique == ["checking"]' "$T/history")" = true ]
ok 'half a flash was never a stage done' in_order "$(of P00308000900 "$SITE_GOT" 'P00308000900.sbn')" \
	"$(of P00308000900 "$SITE_GOT" 'P00308000900.sb2')" "$(noted P0S3-8-12-00 '^next stage')"
ok 'the loader alone leaves it half-flashed' was_phase lobby half-flashed

diag 'the stage P00308000900:' "
$(stamps boot "$(of P00308000900 boot '')")
$(stamps loader "$(of P00308000900 "$SITE_GOT" 'P00308000900.sbn')")
$(stamps application "$(of P00308000900 "$SITE_GOT" 'P00308000900.sb2')")
$(stamps proof "$(noted P00308000900 '^proven')")
$(stamps swing "$(noted P0S3-8-12-00 '^next stage')")"

# ---- what status tells
status_json >"$T/status"
# has_keys FILTER KEY...: the object has these, in this order; others may have come between them
has_keys() { [ "$(jq -c "$1 | keys_unsorted | map(select(IN(\$ARGS.positional[])))" "$T/status" --args "${@:2}")" = \
	"$(jq -cn '$ARGS.positional' --args "${@:2}")" ]; }
ok 'status --json: its keys' has_keys . version generated counts phones
is "$(jq -c '.counts' "$T/status")" \
	'{"seen":0,"waiting":0,"offered":0,"downloading":0,"half-flashed":0,"flashing":0,"checking":0,"done":2,"stuck":0}' \
	'all phases are counted'
ok 'the phone'\''s keys' has_keys '.phones[0]' mac address vendor-class model generation plan stage stages load phase since \
	boots running running-by cause flags
is "$(jq -c '.phones[0] | [.mac, .model, .generation, .stage, .stages, .load, .running, ."running-by", .cause]' "$T/status")" \
	'["00:11:22:33:44:01","7960","classic",4,4,"P0S3-8-12-00","P0S3-8-12-00","proof",null]' 'and what they say'
is "$(jq '.phones[0].boots' "$T/status")" "$(grep -c ' dhcp: ack ' "$(phone_log lobby)")" 'as many boots as the phone made'

# ---- and then
ok 'done, but not provisioned: it keeps its last stage' expect_flag lobby not-provisioned 5
ok 'so its link is there' expect_link lobby P0S3-8-12-00 5
echo 'image_version: P0S3-8-12-00' >"$TFTP_ROOT/SIP001122334401.cnf"
ok 'with a file of its own in the root the link leads to the plain root' expect_link lobby plain 30
ok 'where the phone finds it' phone_wait lobby 'tftp: SIP001122334401.cnf [0-9]+ bytes' 15

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
