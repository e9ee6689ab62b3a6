#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# All java models at once, each twice: one climbs from a load before the plan's first, one is reset to boot code and begins
# with the first stage's own default load. Each in the plan of its family, a classic phone beside them. All end with the
# last load of their family; none is ever shown another's, and neither generation comes into the other's plan.
# SITE_SERVER and SITE_LAYOUT say on what: hpa-java-families.t, shared-java-families.t, hpa-shared-java-families.t.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 3s' # 75 s of the phones' time
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

# family digits, models
FAMILIES='11:7906 7911
31:7931
41:7941 7961 7941G-GE 7961G-GE
42:7942 7962
45:7945 7965
70:7970 7971
75:7975'

first() { echo "SCCP$1.8-5-3S"; }
last() { echo "SIP$1.9-4-2SR3-1S"; }
# The file that boot code of that model asks for: 41 for a 7941G-GE, but 06 for a 7906
term() { echo "term${1:2:2}.default.loads"; }

PHONES=(classic)
declare -A DIGITS
lines=('start = automatic')
site_tree
while IFS=: read -r digits models; do
	capital=()
	[ "$digits" != 41 ] || capital=(--capital-jar)
	"$MKLOAD" --out "$TFTP_ROOT/loads" --member-bytes 16384 "${capital[@]}" "$(first "$digits")"
	"$MKLOAD" --out "$TFTP_ROOT/loads" --member-bytes 16384 "$(last "$digits")"
	lines+=("[plan j$digits]" "models = $models" "stages = $(first "$digits") $(last "$digits")" 'start = automatic'
		'networks = 10.77.0.0/24' 'tftp-servers = 10.77.0.1')
	for model in $models; do DIGITS[$model]=$digits; done
done <<<"$FAMILIES"
ok 'the site is up' site_up "${lines[@]}"

phone classic --model 7960 --init-load P00308000900 --scale "$SITE_SCALE" --repoll 60
for model in "${!DIGITS[@]}"; do
	for way in climb reset; do
		name=$model-${way:0:1}
		PHONES+=("$name")
		options=(--model "$model" --init-load "SCCP${DIGITS[$model]}.8-3-3S" --scale "$SITE_SCALE" --repoll 60)
		[ $way = climb ] || options+=(--factory-reset)
		phone "$name" "${options[@]}"
	done
done

# all_done: loadstep says so of each
all_done() { [ "$(loadstep status --json | jq .counts.done)" = "${#PHONES[@]}" ] || ! sleep 0.4; }

ok "${#PHONES[@]} phones are done" wait_for all_done 60
loadstep status --json >"$T/status"
is "$(jq -c '[.counts.done, .counts.stuck]' "$T/status")" "[${#PHONES[@]},0]" 'and none is stuck' ||
	diag "$(loadstep status)"
# of NAME FILTER: what that dump says
of() { jq -r --arg mac "$(who "$1")" ".phones[] | select(.mac == \$mac) | $2" "$T/status"; }

for model in "${!DIGITS[@]}"; do
	digits=${DIGITS[$model]}
	for way in climb reset; do
		name=$model-${way:0:1}
		is "$(of "$name" '"\(.model) \(.generation) \(.plan) \(.stage) \(.running) \(."running-by")"')" \
			"$model java j$digits 2 $(last "$digits") proof" "$way: a $model, in its own plan"
		ok "$way: its flash holds that load" flash_runs "$name" "$(last "$digits")"
		ok "$way: and held the first one before" phone_said "$name" "runs: $(first "$digits") "
		not_ok "$way: it was never told of another family" phone_said "$name" 'Load ID incorrect'
	done
	ok "reset: it began with the default load" phone_said "$model-r" "tftp: $(term "$model") [0-9]+ bytes"
	not_ok 'climb: which the other never asked for' phone_said "$model-c" 'default.loads'
done
is "$(of classic '"\(.generation) \(.plan) \(.running)"')" "classic $SITE_PLAN P0S3-8-12-00" 'the 7960 in the classic plan'
if [ "$SITE_LAYOUT" = shared ]; then
	for term in term06 term41 term61 TERM75; do
		like "$(readlink "$TFTP_ROOT/${term/TERM75/TERM75.DEFAULT.loads}"* | head -n 1)" 'loads/SIP..\.9-4-2SR3-1S/' \
			"$term in the root is the last stage's now"
	done
	ls_expect_link Jar41sccp.8-5-3TH1-6.sbn loads/SCCP41.8-5-3S/jar41sccp.8-5-3TH1-6.sbn 1
fi

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
