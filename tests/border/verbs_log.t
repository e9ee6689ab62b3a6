#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# `log`: which entries of which phones, since when, and what comes while it follows.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need jq
export TZ=UTC
TOOL=$BUILD/tests/storetool
URL=sqlite:$T/store/state.db
site

# entry MAC-END SECONDS-AGO KIND FILE [FROM TO NOTE]
entry() { local end=$1; shift; "$TOOL" event "$URL" "00:11:22:33:44:$end" "$@"; }
# told ARGUMENT...: "MAC-end event file" of each entry, joined
told() { loadstep log --json "$@" | jq -r '"\(.mac[-2:]) \(.event) \(.file // "-")"' | paste -sd,; }

loadstep reload >/dev/null 2>&1
"$TOOL" put "$URL" 00:11:22:33:44:01 10.0.3.1 stuck ladder 2 P00305000500 7960
"$TOOL" put "$URL" 00:11:22:33:44:02 10.0.4.2 'done' ladder 4 P0S3-8-12-00 7960
"$TOOL" set "$URL" 00:11:22:33:44:01 cause=image-rejected relay=010901074769312f302f37
deep=English_United_States/a-directory-with-a-name-that-is-longer-than-what-is-left-of-any-line/7960-dictionary.xml
entry 01 9000 boot ''
entry 01 8990 sent P00305000500.sbn offered downloading 'fetches the load'
entry 02 5000 missing "$deep"
entry 02 4000 sent P0S3-8-12-00.sb2
entry 01 100 tick '' flashing stuck image-rejected
entry 02 60 failed 'x\x1b[31m.SBN'

# ---- which
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	is "$(told $arguments)" "$want" "log $arguments"
done <<-END
	4401|01 boot -,01 sent P00305000500.sbn,01 tick -
	10.0.4.0/24|02 missing $deep,02 sent P0S3-8-12-00.sb2,02 failed x\\x1b[31m.SBN
	--cause any --event boot,tick|01 boot -,01 tick -
	--phase done --since 70m|02 sent P0S3-8-12-00.sb2,02 failed x\\x1b[31m.SBN
	--since 3h --until 1h|01 boot -,01 sent P00305000500.sbn,02 missing $deep,02 sent P0S3-8-12-00.sb2
	--port Gi1/0/7 --event tick|01 tick -
	--event sent|01 sent P00305000500.sbn,02 sent P0S3-8-12-00.sb2
	--file *.sbn|01 sent P00305000500.sbn,02 failed x\\x1b[31m.SBN
	--file 7960-* --file *.sb2|02 missing $deep,02 sent P0S3-8-12-00.sb2
	-n 2|01 tick -,02 failed x\\x1b[31m.SBN
	-n 1 --event sent|02 sent P0S3-8-12-00.sb2
	--last 1 4401 --event boot|01 boot -
	--stage 4 --event boot|
END
from=$(date -u -d '-95 minutes' '+%Y-%m-%dT%H:%M:%SZ') until=$(date -u -d '-80 minutes' '+%Y-%m-%d %H:%M:%S')
is "$(told --since "$from" --until "$until")" "02 missing $deep" 'ISO 8601 and local times'
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	run loadstep log $arguments
	is "$code:$out" 2: "log $arguments: usage"
	like "$err" "$want" 'is told'
done <<-'END'
	--event tack|--event: there is no "tack"; perhaps "tick"\? there are: alarm, asked, boot, failed, missing,
	--since later|--since: "later" is no time \(such as 2h, 14:30,
	--cause stuck|--cause: there is no "stuck"; there are: address-shared, any,
	-n 0|--last: 0 is not between
	--follow --until 1h|do not go together
END
run loadstep log 4499
is "$code:$out" 1: 'a phone that nobody knows: exit 1'

# ---- form
run loadstep log
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns, whatever the names are'
is "$(tr -d ' \n' <<<"$out" | grep -c "missing${deep// /}20")" 1 'and nothing of them is lost'
like "$out" ' 00:11:22:33:44:01 sent     P00305000500\.sbn'$'\n'' +offered -> downloading: fetches the load'$'\n' \
	'a change of phase below its file'
not_ok 'no escape sequence reaches the terminal' grep -q $'\e' <<<"$out"
not_ok 'of one phone its MAC is not said again' grep -q 00:11 <<<"$(loadstep log 4401)"
is "$(loadstep log --json | jq -c 'keys_unsorted' | sort -u)" \
	'["time","mac","address","event","file","bytes","from","to","note"]' 'JSON: one object a line, always these keys'

# ---- --follow
"$LOADSTEP" log --follow --json --cause any >"$T/followed" &
pid=$!
LS_PIDS+=("$pid")
wait_for '[ "$(wc -l <"$T/followed")" = 3 ]' 5
is "$(jq -r .event "$T/followed" | paste -sd' ')" 'boot sent tick' '--follow: the last ten of those that are meant'
entry 02 0 sent for-nobody
entry 01 0 sent P00305000500.sbn
ok 'then what comes' wait_for '[ "$(wc -l <"$T/followed")" = 4 ]' 5
"$TOOL" put "$URL" 00:11:22:33:44:03 10.0.3.3 stuck ladder 2 P00305000500
"$TOOL" set "$URL" 00:11:22:33:44:03 cause=transfer-failing
entry 03 0 failed P00305000500.sbn
ok 'also of a phone that was not there before' wait_for '[ "$(wc -l <"$T/followed")" = 5 ]' 5
is "$(tail -n 2 "$T/followed" | jq -r '"\(.mac[-2:]) \(.file)"' | paste -sd,)" '01 P00305000500.sbn,03 P00305000500.sbn' \
	'and nobody else'
kill -INT "$pid"
wait "$pid"
is "$?" 0 'SIGINT ends it'
before=$SECONDS
loadstep log --follow -n 1 | head -n 1 >"$T/one"
ok 'who does not read on ends it, though nothing comes' [ $((SECONDS - before)) -le 3 ]
is "$(wc -l <"$T/one")" 1 'after its line'
done_testing
