#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep report: what is counted, held against the history as `log` tells it, and the forms for programs held by their
# own validators. The page is report_html.t's.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need jq perl promtool
export TZ=UTC
EXAMPLES=$(dirname "$0")/../../examples
SCHEMA=("$(dirname "$0")/schema.pl" "$EXAMPLES/report.schema.json")
BEGIN=1772359500 # 2026-03-01T10:05:00Z
site

# json FILTER: of report --json
json() { jq -c "$1" "$T/report.json"; }

# ---- usage
for arguments in 'report now' 'report --since 5' 'report --html' 'report --csv --json' 'report --csv --html -' \
	'report --nonsense'; do
	# shellcheck disable=SC2086
	run loadstep $arguments
	is "$code" 2 "usage: $arguments"
	like "$err" 'usage: loadstep .* report ' 'is told'
done
run loadstep report
is "$code" 4 'without a store'

# ---- nobody yet
loadstep reload >/dev/null 2>&1
run loadstep report
is "$code:$out" $'0:0 phones, 0 done, 0 stuck; 0 writing flash\nnothing has been heard of any phone yet' 'an empty store'
loadstep report --json >"$T/report.json"
is "$("${SCHEMA[@]}" "$T/report.json")" '' 'its JSON keeps to the schema'
loadstep report --prometheus - >"$T/metrics"
is "$(promtool check metrics <"$T/metrics" 2>&1)" '' 'and its metrics to the conventions'
like "$(cat "$T/metrics")" $'\nloadstep_phones\{plan="ladder",phase="stuck"\} 0\n' 'every series is there with 0'

# ---- a fleet
"$BUILD/tests/makefleet" "sqlite:$T/store/state.db" 200 $BEGIN || exit 1
loadstep log --json >"$T/log"
loadstep status --json >"$T/status"
run loadstep report --json
printf '%s\n' "$out" >"$T/report.json"
is "$code:$err" 0: 'report --json'
is "$("${SCHEMA[@]}" "$T/report.json")" '' 'keeps to the schema'
is "$(json .counts)" "$(jq -c .counts "$T/status")" 'the phases that status counts'
is "$(json '[.totals | .bytes, .sent, .missing, .failed, .boots, .finished, .proven]')" "$(jq -sc '
	def n(f): map(select(f)) | length;
	[(map(select(.event == "sent" and .file) | .bytes) | add), n(.event == "sent" and .file),
	 n(.event == "missing"), n(.event == "failed"), n(.event == "boot"),
	 n(.to == "done" and .from != "done"), n((.note // "") | startswith("proven"))]' "$T/log")" 'the totals are the history'\''s'
for key in bytes sent missing failed boots proven finished; do
	is "$(json "[.bins[].$key] | add")" "$(json ".totals.$key")" "the bins add up: $key"
done
is "$(json '[.finished[].phones] | add')" "$(json .totals.finished)" 'and the hours'
is "$(json '[.from, ."bin-seconds", .finished[0].time]')" '["2026-03-01T10:05:00Z",60,"2026-03-01T10:00:00Z"]' \
	'bins of a minute, hours that begin on the hour'

# Each phone's last entry before the end of a bin says where it was then.
over_time()
{
	jq -sc --argjson bins "$(json '[.bins[].time]')" '
		map({ mac, at: (.time | fromdateiso8601), to, stage: ((.note // "") | capture("stage (?<n>[0-9])").n // null) })
		| group_by(.mac) as $phones
		| [$bins[] | fromdateiso8601 + 60 | . as $until
			| [$phones[] | map(select(.at < $until)) | select(length > 0)
				| { to: last.to, stage: (map(.stage | select(.)) | last) }]
			| [(map(select(.to == "done")) | length), (map(select(.to == "stuck")) | length),
			   (["1", "2", "3", "4"][] as $s
				| map(select(.stage == $s and .to != "done" and .to != "stuck" and .to != "seen")) | length)]]' "$T/log"
}
is "$(json '[.plans[] | select(.name == "ladder") | ."over-time"[] | [.done, .stuck] + .stages]')" "$(over_time)" \
	'who is where in each bin'
is "$(json '.plans[0] | [.phones, (.stages | map(.load) | join(" "))]')" \
	"[$(jq '[.phones[] | select(.plan)] | length' "$T/status"),\"P00303010102 P00305000500 P00308000900 P0S3-8-12-00\"]" \
	'the plan with its stages'
is "$(json '[.plans[0].stages[] | .here, .stuck]')" "$(jq -c '[range(1; 5) as $s | .phones | map(select(.stage == $s and .phase != "done"))
	| length, (map(select(.phase == "stuck")) | length)]' "$T/status")" 'and who stands on each'
is "$(json '[.causes[] | [.cause, .phones]] | sort')" "$(jq -c '[.phones[].cause | select(.)] | group_by(.) | map([.[0], length])' \
	"$T/status")" 'the causes that status shows'
is "$(json '[.causes[] | .summary, .action | length > 10] | unique')" '[true]' 'with what to do'
is "$(json '[.phones[:8][].phase] | unique')" '["stuck"]' 'who is stuck comes first'
mac=$(json 'first(.phones[] | select(.phase == "done")).mac' | tr -d '"')
is "$(json ".phones[] | select(.mac == \"$mac\") | [.files, .bytes, (.proven | map(.stage) | join(\" \")), .finished]")" \
	"$(jq -sc --arg mac "$mac" 'map(select(.mac == $mac)) | [(map(select(.event == "sent")) | length, (map(.bytes) | add)), "1 2 3 4",
		(map(select(.to == "done")) | first.time)]' "$T/log")" 'one phone: its files, bytes, proofs and end'

# ---- a part of it
run loadstep report --json --since 1h
is "$code" 0 'the last hour, in which nothing happened'
is "$(jq -c '[([.bins[].sent] | add), .totals.sent > 0, .plans[0]."over-time"[0].done]' <<<"$out")" \
	"[0,true,$(json .counts.done)]" 'no transfer, but all phones where they are'

# ---- CSV
run loadstep report --csv
printf '%s\n' "$out" >"$T/report.csv"
is "$code:$(head -n 1 "$T/report.csv")" "0:mac,address,vendor-class,model,generation,plan,stage,stages,load,phase,since,running,running-by,\
cause,flags,boots,files,bytes,faults,proven,finished" 'CSV: its first line'
is "$(wc -l <"$T/report.csv")" 201 'and one a phone'
# fields LINE-REGEX N: the Nth field of those lines, with RFC 4180's quoting undone
fields()
{
	perl -ne 'BEGIN { ($re, $n) = splice @ARGV, 0, 2 }
		next unless /$re/;
		chomp;
		my @f;
		s/"//, s/""/"/g, push @f, $_ for map { s/"$//r } /\G((?:[^",]|"(?:[^"]|"")*")*)(?:,|$)/g;
		print "$f[$n]\n"' "$@" "$T/report.csv"
}
is "$(perl -ne 'my $n = () = /\G(?:[^",]|"(?:[^"]|"")*")*(?:,|$)/g; print "$n\n"' "$T/report.csv" | sort -u | grep -cvx '2[12]')" 0 \
	'every line has as many fields'
is "$(fields '^00:1b:0c:00:00:01' 2)" "'=HYPERLINK(\"x\",1)" 'what looks like a formula is a text'
is "$(fields ',done,' 20 | grep -cE '^2026-03-01T[0-9:]{8}Z$')" "$(json .counts.done)" 'times are UTC'

# ---- Prometheus
run loadstep report --prometheus "$T/loadstep.prom"
is "$code:$out:$err" 0:: '--prometheus FILE'
is "$(promtool check metrics <"$T/loadstep.prom" 2>&1)" '' 'promtool has nothing to say'
is "$(stat -c %a "$T/loadstep.prom")" 644 'the collector may read it'
is "$(grep -c '^# HELP' "$T/loadstep.prom")" "$(grep -c '^# TYPE' "$T/loadstep.prom")" 'help and type'
value() { grep -F "$1 " "$T/loadstep.prom" | grep -v '^#' | sed 's/.* //'; }
is "$(value 'loadstep_phones{plan="ladder",phase="stuck"}') $(value loadstep_tftp_sent_bytes_total) $(value loadstep_phones_finished_total)" \
	"$(json .counts.stuck) $(json .totals.bytes) $(json .totals.finished)" 'the same numbers'
is "$(value 'loadstep_stage_phones{plan="ladder",stage="3",load="P00308000900"}')" "$(json '.plans[0].stages[2].here')" 'by stage'
is "$(value 'loadstep_cause_phones{cause="image-rejected"}') $(value 'loadstep_cause_phones{cause="wrong-family"}')" \
	"$(json '.causes[] | select(.cause == "image-rejected").phones') 0" 'by cause, those that nobody has with 0'
is "$(value loadstep_last_event_timestamp_seconds)" "$(jq -s 'map(.time | fromdateiso8601) | max' "$T/log")" 'when the last event was'
not_ok 'no phone is a label' grep -qi '00:1b' "$T/loadstep.prom"
touch -d '2020-01-01' "$T/loadstep.prom"
inode=$(stat -c %i "$T/loadstep.prom")
loadstep report --prometheus "$T/loadstep.prom"
ok 'the same again is fresh again' [ "$(stat -c %Y "$T/loadstep.prom")" -gt 1600000000 ]
is "$(find "$T" -name '*loadstep.prom*' | wc -l)" 1 'nothing is left beside it'
echo old >"$T/loadstep.prom"
inode=$(stat -c %i "$T/loadstep.prom")
loadstep report --prometheus "$T/loadstep.prom"
ok 'another is put in its place, never written into' [ "$inode" != "$(stat -c %i "$T/loadstep.prom")" ]
run loadstep report --prometheus "$T/nowhere/x.prom"
is "$code" 1 'where there is no such directory: exit 1'
like "$err" 'nowhere.*No such file' 'and why'

# ---- for people
run loadstep report
is "$code" 0 'report'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'
like "$out" $'\nplan ladder: 19[0-9] phones, 18[0-9] done\n' 'the plan'
like "$out" $'\nimage-rejected: [0-9]+ phones? now, found [0-9]+ times?\n    it took the whole image' 'a cause'
like "$out" $'\nfinished per hour\n +2026-03-01 1[0-9]:00 +[0-9]+' 'the hours'
run loadstep report --json --prometheus "$T/both.prom"
is "$code:$(jq .version <<<"$out"):$(grep -c '^# TYPE' "$T/both.prom")" "0:1:$(grep -c '^# TYPE' "$T/loadstep.prom")" \
	'several forms at once'
ok 'reading moves nothing in the store' test "$(loadstep log --json | cmp - "$T/log" 2>&1)" = ''
done_testing
