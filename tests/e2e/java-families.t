#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# All java models at once, each twice: one climbs from a load before the plan's first, one is reset to boot code and begins
# with the first stage's own default load. Each in the plan of its family, a classic phone beside them. All end with the
# last load of their family; none is ever shown another's, and neither generation comes into the other's plan. The classic one
# has the last load already; in a shared root it has not, takes no notice of XMLDefault, and climbs by a SEP file that
# is there for it meanwhile.
# SITE_SERVER and SITE_LAYOUT say on what: hpa-java-families.t, shared-java-families.t, hpa-shared-java-families.t.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 4s' # 100 s of the phones' time; on a busy machine a log may lag by seconds
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

options=(--init-load P0S3-8-12-00)
[ "$SITE_LAYOUT" = views ] || options=(--init-load P00308000900 --ignores-xmldefault)
phone classic --model 7960 "${options[@]}" --scale "$SITE_SCALE" --repoll 60
for model in "${!DIGITS[@]}"; do
	for way in climb reset; do
		name=$model-${way:0:1}
		PHONES+=("$name")
		options=(--model "$model" --init-load "SCCP${DIGITS[$model]}.8-3-3S" --scale "$SITE_SCALE" --repoll 60)
		[ $way = climb ] || options+=(--factory-reset)
		phone "$name" "${options[@]}"
	done
done

if [ "$SITE_LAYOUT" = shared ]; then
	ok 'the classic one has read the root in vain' phone_wait classic 'config: .* read and not heeded' 15
	phone_power_cycle classic # and a second time
fi

# all_done: loadstep says so of each. Asked twice a second: the machine has phones to serve.
all_done() { [ "$(loadstep status --json | jq .counts.done)" = "${#PHONES[@]}" ] || ! sleep 0.4; }

ok "${#PHONES[@]} phones are done" wait_for all_done 60
loadstep status --json >"$T/status"
is "$(jq -c '[.counts.done, .counts.stuck]' "$T/status")" "[${#PHONES[@]},0]" 'and none is stuck' ||
	diag "$(loadstep status)"

# Without a process for each question: there are many.
declare -A SAYS
while read -r mac line; do SAYS[$mac]=$line; done < <(jq -r '.phones[] |
	"\(.mac) \(.model) \(.generation) \(.plan) \(.stage) \(.running) \(."running-by")"' "$T/status")

# story NAME: what loadstep says of it, what its flash holds, and by what ways it came there, into STORY
story()
{
	local log flash
	log=$(<"$(phone_log "$1")") flash=$(<"$T/phones/$1.flash")
	STORY="${SAYS[${PHONE_MAC[$1],,}]};"
	[[ $flash =~ (^|$'\n')load\ ([^$'\n']*) ]] && STORY+=" flash ${BASH_REMATCH[2]}"
	[[ $flash =~ (^|$'\n')load-state\ ([^$'\n']*) ]] && STORY+=" ${BASH_REMATCH[2]};"
	[[ $log =~ tftp:\ ([^ ]*[dD][eE][fF][aA][uU][lL][tT].loads)\ [0-9]+\ bytes ]] && STORY+=" got ${BASH_REMATCH[1]};"
	[[ $log == *"runs: $2 "* ]] && STORY+=" ran $2;"
	[[ $log == *'Load ID incorrect'* ]] && STORY+=' was told of another family;'
	return 0
}

for model in "${!DIGITS[@]}"; do
	digits=${DIGITS[$model]} first=$(first "${DIGITS[$model]}") last=$(last "${DIGITS[$model]}")
	proven="$model java j$digits 2 $last proof; flash $last valid;"
	story "$model-c" "$first"
	is "$STORY" "$proven ran $first;" "a $model climbs over both loads"
	story "$model-r" "$first"
	is "$STORY" "$proven got $(term "$model"); ran $first;" "a $model that was reset begins with the first load's default load"
done
story classic P0S3-8-12-00
[ "$SITE_LAYOUT" = shared ] || not_ok 'the 7960 took nothing' phone_said classic 'tftp: .*\.(sbn|sb2) [0-9]+ bytes'
like "$STORY" "^7960 classic $SITE_PLAN 2 P0S3-8-12-00 proof;" 'the 7960 is in the classic plan'
if [ "$SITE_LAYOUT" = shared ]; then
	like "$(history_json classic '.note // empty')" 'gets a SEP file' 'it was given a SEP file'
	ok 'which is gone again' wait_for "! compgen -G '$TFTP_ROOT/SEP*'" 10
	for term in term06.default term61.default TERM75.DEFAULT; do
		like "$(readlink "$TFTP_ROOT/$term.loads")" '^loads/SIP..\.9-4-2SR3-1S/' "$term.loads in the root is the last stage's now"
	done
	ok 'the capital Jar was to be had' ls_expect_link Jar41sccp.8-5-3TH1-6.sbn \
		loads/SCCP41.8-5-3S/jar41sccp.8-5-3TH1-6.sbn 1
fi

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
