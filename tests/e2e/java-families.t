#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Phones of all java families at once, beside a classic one: each in the plan of its family, half of them reset to boot
# code. Each ends with the last load of its own family; none is ever shown another's, and none of the two generations
# comes into the other's plan.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=20
SITE_LIMITS='proof-silence = 4s' # 80 s of the phones' time
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

# family digits, models
FAMILIES='11:7906 7911
31:7931
41:7941G-GE 7961G-GE
42:7942 7962
45:7945 7965
70:7970 7971
75:7975'

site_tree
lines=('start = automatic')
while IFS=: read -r digits models; do
	"$MKLOAD" --out "$TFTP_ROOT/loads" "SCCP$digits.8-5-3S" "SIP$digits.9-4-2SR3-1S"
	lines+=("[plan j$digits]" "models = $models" "stages = SCCP$digits.8-5-3S SIP$digits.9-4-2SR3-1S" 'start = automatic'
		'networks = 10.77.0.0/24' 'tftp-servers = 10.77.0.1')
done <<<"$FAMILIES"
ok 'the site is up' site_up "${lines[@]}"

phone classic --model 7960 --init-load P00308000900 --scale "$SITE_SCALE" --repoll 60
declare -A DIGITS
while IFS=: read -r digits models; do
	model=${models##* }
	DIGITS[$model]=$digits
	case $digits in
	11 | 42 | 70) reset=(--factory-reset) ;;
	*) reset=() ;;
	esac
	phone "$model" --model "$model" --init-load "SCCP$digits.8-3-3S" "${reset[@]}" --scale "$SITE_SCALE" --repoll 60
done <<<"$FAMILIES"

for model in "${!DIGITS[@]}"; do
	digits=${DIGITS[$model]}
	ok "a $model is done" expect_phase "$model" done 120
	ok 'its flash holds the last load of its family' flash_runs "$model" "SIP$digits.9-4-2SR3-1S"
	is "$(status_json "$model" '"\(.model) \(.generation) \(.plan) \(.stage)"')" "$model java j$digits 2" 'in its own plan'
	not_ok 'it was never told of another family' phone_said "$model" 'Load ID incorrect'
done
ok 'the 7960 is done' expect_phase classic done 60
is "$(status_json classic '"\(.generation) \(.plan)"')" "classic $SITE_PLAN" 'in the classic plan'
ok 'a reset one began with the first stage'\''s default load' phone_said 7911 'tftp: term11.default.loads [0-9]+ bytes'
is "$(status_json | jq -c '[.counts.done, .counts.stuck]')" '[8,0]' 'eight are done, none is stuck'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
