#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The verbs preview, retry, skip, forget and help, on phones that were put into the store at the place in question.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl jq
export TZ=UTC
TOOL=$BUILD/tests/storetool
site '[plan signed]' 'models = 7940' 'stages = P00305000500 P00308000900' '[rollout]' 'max-at-once = 50'

# put MAC-END ADDRESS-END PHASE PLAN STAGE LOAD: a phone 00:11:22:33:44:xx that stands there
put() { "$TOOL" put "sqlite:$T/store/state.db" "00:11:22:33:44:$1" "10.0.0.$2" "$3" "$4" "$5" "$6"; }

# phase MAC-END, flags MAC-END, load MAC-END
phase() { phone_json "00:11:22:33:44:$1" phase; }
flags() { phone_json "00:11:22:33:44:$1" flags; }
load() { phone_json "00:11:22:33:44:$1" load; }

# preview_json MAC-END EXPRESSION: of its object $p
preview_json()
{
	loadstep preview "00:11:22:33:44:$1" --json | perl -MJSON::PP -0777 -ne '
		my $p = decode_json($_)->{phones}[0];
		print join("\n", eval $ARGV[0]), "\n"' - "$2" 2>/dev/null
}

"$MKLOAD" --out "$T/tftp/loads" P00303010102 P00305000500 P00308000900 >/dev/null
loadstep reload >"$T/reload.out"

# ---- usage
for arguments in 'preview a b' 'retry' 'skip' 'forget' 'retry --force 4401' 'skip --all 4401' 'check now' \
	'help a b' 'help nonsense'; do
	# shellcheck disable=SC2086
	run loadstep $arguments
	is "$code" 2 "usage: $arguments"
	like "$err" 'usage: loadstep ' 'is told'
done
for verb in preview retry skip forget check help; do
	run loadstep help $verb
	like "$code:$out" "^0:usage: loadstep .* $verb .*"$'\n\n'"[a-z]" "help $verb: its usage and what it does"
	like "$(loadstep help)" $'\n'"  $verb +[a-z]" 'is in the list'
done

# ---- help config
run loadstep help config
is "$code:$err" 0: 'help config'
for key in stages networks tftp-servers override provisioned; do
	like "$out" $'\n'"\[plan\] $key  \(" "has $key"
done
like "$out" $'\n''\[limits\] proof-silence  \(duration; 120s\)'$'\n''    [a-z]' 'with type, default and meaning'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'

# ---- help causes
run loadstep help causes
is "$code:$err" 0: 'help causes'
like "$out" '(^|'$'\n'')server-silent  \(seen\)'$'\n''    [a-z]' 'each with its name, how it is known, and what it is'
is "$(grep -c '^    found  ' <<<"$out"):$(grep -c '^    do     ' <<<"$out")" "$(grep -c '^[a-z]' <<<"$out"):$(grep -c '^[a-z]' <<<"$out")" \
	'what finds it, and what to do'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'

# ---- preview
run loadstep preview
is "$code:$out" '0:no phone is known yet' 'preview: nobody yet'
put 01 21 seen '' 0 ''
put 02 22 offered ladder 2 P00305000500
put 03 23 stuck ladder 3 P00308000900
put 04 24 'done' ladder 4 P0S3-8-12-00
put 05 25 waiting ladder 0 ''
put 06 26 checking ladder 1 P00300000000
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:07 10.9.0.27 seen '' 0 ''
run loadstep preview
is "$code" 0 'preview of all'
is "$(grep -c '^00:11:22:33:44:' <<<"$out")" 7 'each phone'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'
like "$out" $'\n'' +1 P00303010102 +single-unsigned enters  published'$'\n' 'a stage with kind, mark and files'
like "$out" $'\n'' +4 P0S3-8-12-00 +two-part +ahead +incomplete'$'\n'' +loads/P0S3-8-12-00/\S+ is missing' \
	'and what is missing of it'
run loadstep preview 4401
is "$(grep -c '^00:11' <<<"$out")" 1 'preview of one'
like "$out" 'stage 1 of 4: its vendor class names no model' 'where it would enter, and why'
like "$out" 'blocked: not started: .*start = by-hand' 'what keeps it'
run loadstep preview 9999
is "$code:$out" 1: 'an unknown phone: exit 1'
is "$(preview_json 02 '$p->{enters}, map { $_->{where} } @{$p->{way}}')" $'2\nbehind\nhere\nahead\nahead' \
	'JSON: what is behind it and what ahead'
is "$(preview_json 02 'map { $_->{files} } @{$p->{way}}')" $'published\npublished\npublished\nincomplete' \
	'JSON: the files of each stage'
is "$(preview_json 02 'map { $_->{kind} } @{$p->{way}}')" $'single-unsigned\nsingle-signed\ntwo-part\ntwo-part' \
	'JSON: the kinds'
is "$(preview_json 02 'scalar @{$p->{"blocked-by"}}')" 0 'nothing keeps this one'
like "$(preview_json 03 '@{$p->{"blocked-by"}}')" 'stage 4 P0S3-8-12-00: its files are incomplete' \
	'the next stage is missing'
like "$(preview_json 03 '@{$p->{"blocked-by"}}')" 'stuck' 'and it is stuck'
is "$(preview_json 04 'scalar @{$p->{"blocked-by"}}, $p->{way}[3]{where}')" $'0\nhere' 'one that is done'
like "$(preview_json 06 '$p->{why}')" 'has left the plan' 'one whose load left the plan'
like "$(preview_json 07 '@{$p->{"blocked-by"}}')" 'scope: its address is in none' 'one out of scope'
rm -r "$T/tftp/stages/ladder/P00303010102"
like "$(preview_json 05 '@{$p->{"blocked-by"}}')" 'stage 1 P00303010102 is not published' \
	'one whose stage is not published'
sed 's/max-at-once = 50/max-at-once = 1/' "$T/loadstep.conf" >"$T/full.conf"
sed -i "s|$T/store/|$T/full/|" "$T/full.conf"
mkdir "$T/full"
for n in 1 2; do
	"$TOOL" put "sqlite:$T/full/state.db" "00:11:22:33:44:0$n" "10.0.0.2$n" \
		"$([ $n = 1 ] && echo downloading || echo waiting)" ladder 1 P00303010102
done
like "$("$LOADSTEP" --config "$T/full.conf" preview 4402)" 'blocked: rollout' 'one for whom there is no room'
echo '<device/>' >"$T/tftp/SEP001122334401.cnf.xml"
sed 's/^tftp-servers = 10.0.0.1/&\nstart = automatic/' "$T/full.conf" >"$T/auto.conf"
"$TOOL" put "sqlite:$T/full/state.db" 00:11:22:33:44:01 10.0.0.21 seen '' 0 ''
like "$("$LOADSTEP" --config "$T/auto.conf" preview 4401)" 'blocked: provisioned' 'one that is provisioned'
echo '[plan other]' >"$T/empty.conf"
sed -n '/store/,/root/p' "$T/full.conf" >"$T/none.conf"
like "$("$LOADSTEP" --config "$T/none.conf" preview 4401)" 'no way: no plan in force' 'and no plan at all'
rm "$T/tftp/SEP001122334401.cnf.xml"
loadstep publish --apply >"$T/publish.out"
is "$(loadstep log --json)" '' 'preview recorded nothing'

# ---- retry
run loadstep retry 0011.2233.4403
is "$code:$err" 0: 'retry of a stuck phone, in another spelling'
like "$out" '^00:11:22:33:44:03 tries its stage anew' 'is told'
is "$(phase 03) $(load 03)" 'offered P00308000900' 'it stands on its stage anew'
like "$(loadstep log 4403)" 'stuck -> offered: tried anew' 'and it is in the history'
run loadstep retry 4403
is "$code" 1 'again: exit 1'
like "$err" '00:11:22:33:44:03: is not stuck' 'is told'
run loadstep retry --all
is "$code" 1 'nobody is stuck: exit 1'
put 11 31 stuck ladder 3 P00308000900
put 12 32 stuck ladder 3 P00308000900
run loadstep retry --all </dev/null
is "$code" 2 'two phones, nobody to ask, no --yes: refused'
like "$out" '00:11:22:33:44:11 .*'$'\n''.*00:11:22:33:44:12' 'after they were printed'
is "$(phase 11) $(phase 12)" 'stuck stuck' 'and nothing was done'
run loadstep --yes retry 10.0.0.0/24
is "$code $(phase 11) $(phase 12)" '0 offered offered' 'with --yes it is'
run loadstep retry 00:11:22:99:99:99
is "$code" 1 'a phone that was never seen: exit 1'
like "$err" 'not seen yet' 'is told'

# ---- skip
put 21 41 offered ladder 1 P00303010102
run loadstep skip 4421
is "$code" 1 'skip over the step from unsigned to signed: no'
like "$err" 'unsigned to signed code is not proven \(--force overrides\)' 'and why'
is "$(phase 21) $(load 21)" 'offered P00303010102' 'it stays where it is'
run loadstep skip --force 4421
is "$code $(load 21)" '0 P00305000500' 'with --force it goes'
like "$(loadstep log --json 4421)" 'against the path rules \(--force\)' 'recorded as forced'
like "$(loadstep log --json 4421)" "skipped by the operator's word: stage 2" "and as the operator's word"
is "$(readlink "$T/tftp/phones/00:11:22:33:44:21")" ../stages/ladder/P00305000500 'its link is swung'
put 22 42 offered signed 1 P00305000500
run loadstep skip 4422
is "$code:$err $(load 22)" '0: P00308000900' 'one safe step, from 5.x to a universal loader: no question'
run loadstep skip 4422
like "$code:$err" "^1:.*stands on the plan's last stage" 'none after the last'
for phase in half-flashed flashing; do
	put 23 43 $phase signed 1 P00305000500
	run loadstep skip --force 4423
	is "$code" 1 "$phase: not even with --force"
	not_ok 'and --force is not offered' grep -q 'force overrides' <<<"$err"
	is "$(phase 23) $(load 23)" "$phase P00305000500" 'it stays where it is'
done
put 24 44 offered ladder 3 P00308000900
run loadstep skip --force 4424
like "$code:$err" '^1:.*is not published' 'a next stage whose files are missing'
run loadstep skip 4401
like "$code:$err" '^1:.*is not started' 'one that is not started'

# ---- forget
put 31 51 stuck ladder 1 P00303010102
run loadstep forget 4431
is "$code:$err" 0: 'forget'
is "$(phase 31) $(flags 31)" 'seen forgotten' 'it is not started any more'
is "$(readlink "$T/tftp/phones/00:11:22:33:44:31")" .. 'and sees the plain root'
like "$(loadstep log 4431)" "stuck -> seen: forgotten by the" 'its history stays'
run loadstep forget 4431
like "$code:$err" '^1:.*is forgotten already' 'again: no'
run loadstep start 4431
is "$code $(phase 31) $(flags 31)" '0 offered ' 'by hand it starts again'
put 32 52 half-flashed ladder 3 P00308000900
run loadstep forget 4432
like "$code:$err" '^1:.*\(--force overrides\)' 'half-flashed: no'
is "$(phase 32)" half-flashed 'it stays where it is'
run loadstep forget --force 4432
is "$code $(phase 32)" '0 seen' 'with --force'
like "$(loadstep log --json 4432)" '--force' 'which is recorded'
run loadstep forget --plan signed </dev/null
is "$code" 2 'of a plan, two phones: it asks'
not_ok 'and means those of that plan alone' grep -v ':2[23] ' <<<"$out"
date='Jan  5 12:00'
echo "$date:00 dnsmasq-tftp[7]: file /srv/tftp/SEP001122334451.cnf.xml not found for 10.0.0.71" |
	loadstep replay - >"$T/replay.out"
run loadstep forget --all --yes
is "$(phase 51)$(flags 51)" seen 'of all, who was never started is left alone'
is "$(phase 04) $(flags 04)" 'seen forgotten' 'who is done is forgotten too'

# ---- layout = shared: the phones of a plan move as one
mkdir -p "$T/shared/loads"
"$MKLOAD" --out "$T/shared/loads" P00305000500 P00308000900 >/dev/null
cat >"$T/shared.conf" <<-END
	[store]
	url = sqlite:$T/shared.db
	[tftp]
	root = $T/shared
	layout = shared
	[plan signed]
	models = 7940 7960 unnamed
	stages = P00305000500 P00308000900
END
run "$LOADSTEP" --config "$T/shared.conf" reload
is "$code" 0 'layout = shared'
like "$out" 'new +loads/P00305000500: 2 links in the root' 'the files of its loads are to be had in the root'
is "$(readlink "$T/shared/P00308000900.sb2")" loads/P00308000900/P00308000900.sb2 'by links'
rm "$T/shared/P00308000900.sb2"
echo 'of the site' >"$T/shared/P00308000900.sb2"
run "$LOADSTEP" --config "$T/shared.conf" publish
like "$out" 'left +P00308000900.sb2: another file' 'what the site has in its place is told'
run "$LOADSTEP" --config "$T/shared.conf" check --json
is "$(jq -r '.findings[] | select(.place | endswith("/P00308000900.sb2")) | .id' <<<"$out")" loadset-damaged 'by check, too'
rm "$T/shared/P00308000900.sb2"
run "$LOADSTEP" --config "$T/shared.conf" publish --apply
like "$out" 'new +loads/P00308000900: 1 link in the root' 'and once it is gone the link comes'
"$TOOL" put "sqlite:$T/shared.db" 00:11:22:33:44:41 10.0.0.61 offered signed 1 P00305000500
run "$LOADSTEP" --config "$T/shared.conf" skip --force 4441
like "$code:$err" '^1:.*move as one' 'skip: no'
run "$LOADSTEP" --config "$T/shared.conf" forget 4441
is "$code" 0 'forget takes one out of it'
done_testing
