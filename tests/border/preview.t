#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# loadstep preview for the whole fleet: who goes, transfers and bytes, how long, where there is no way back, what is
# still to be got, who has no configuration file; and --model, without a phone. (One phone's way: verbs.t.)
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
need perl
export TZ=UTC
TOOL=$BUILD/tests/storetool
site '[plan talk]' 'models = 7961 7941' 'stages = SCCP41.8-5-2S SIP41.9-4-2SR3-1S' '[rollout]' 'max-at-once = 2'
L=$T/tftp/loads
"$MKLOAD" --out "$L" P00303010102 P00305000500 P00308000900 >/dev/null

# put MAC-END ADDRESS-END PHASE PLAN STAGE LOAD: a phone 00:11:22:33:44:xx that stands there
put() { "$TOOL" put "sqlite:$T/store/state.db" "00:11:22:33:44:$1" "10.0.0.$2" "$3" "$4" "$5" "$6"; }
# forecast EXPRESSION [ARGUMENT]...: of the forecast $f
forecast()
{
	local expression=$1
	shift
	loadstep preview "$@" --json | perl -MJSON::PP -0777 -ne '
		my $f = decode_json($_)->{forecast};
		print join("\n", map { $_ // "null" } eval $ARGV[0]), "\n"' - "$expression" 2>/dev/null
}
stage() { forecast "map { \"\$_->{phones} \$_->{transfers} \" . (\$_->{bytes} // 'null') } grep { \$_->{plan} eq '$1' && \$_->{stage} == $2 } @{\$f->{stages}}"; }
size() { cat "$@" | wc -c; }

loadstep reload >"$T/reload.out"
put 01 21 seen '' 0 ''
put 02 22 seen '' 0 ''
put 03 23 offered ladder 2 P00305000500
put 04 24 checking ladder 4 P0S3-8-12-00
put 05 25 'done' ladder 4 P0S3-8-12-00
"$TOOL" put "sqlite:$T/store/state.db" 00:11:22:33:44:06 10.9.0.26 seen '' 0 ''

# ---- who goes
is "$(forecast 'map { "$_=$f->{phones}{$_}" } sort keys %{$f->{phones}}')" $'by-hand=2\nby-itself=0\ndone=1\nno-way=1\non-way=2' \
	'who goes: by hand, by itself, done, no way (out of scope), on its way'
sed 's/^tftp-servers = 10.0.0.1/&\nstart = automatic/' "$T/loadstep.conf" >"$T/auto.conf"
sed -i "s|$T/store/|$T/auto/|" "$T/auto.conf"
mkdir "$T/auto"
"$TOOL" put "sqlite:$T/auto/state.db" 00:11:22:33:44:01 10.0.0.21 seen '' 0 ''
like "$("$LOADSTEP" --config "$T/auto.conf" preview)" '1 phone: 1 to start by itself' 'one that starts by itself'
echo x >"$T/tftp/SEP001122334401.cnf.xml"
like "$("$LOADSTEP" --config "$T/auto.conf" preview)" '1 phone: 1 waiting for `loadstep start`' 'but not with a file of its own'
rm "$T/tftp/SEP001122334401.cnf.xml"

# ---- transfers and bytes
is "$(stage ladder 1)" "2 2 $((2 * $(size "$L"/P00303010102/*.bin)))" 'stage 1: one image for each of two'
is "$(stage ladder 2)" "3 3 $((3 * $(size "$L"/P00305000500/*.bin)))" 'stage 2: unsigned code takes the .bin'
is "$(stage ladder 3)" "3 9 $((3 * $(size "$L"/P00308000900/P00308000900.{loads,sbn,sb2})))" \
	'stage 3: manifest, loader and application'
like "$(stage ladder 4)" '^4 [0-9]+ null$' 'stage 4 is not here: its bytes are not known'
"$MKLOAD" --out "$L" P0S3-8-12-00 >/dev/null
is "$(stage ladder 4)" "4 12 $((4 * $(size "$L"/P0S3-8-12-00/*.{loads,sbn,sb2})))" 'imported, they are'
is "$(forecast 'map { $_->{transfers} } @{$f->{stages}}' 4403)" $'0\n1\n3\n3\n0\n0' 'of one phone: what is ahead of it'
is "$(stage ladder 1)" "2 2 $((2 * $(size "$L"/P00303010102/*.bin)))" 'and the rest as it was'

# ---- how long: 30..60 s an image, 75..112 s two parts, 120 s of proof, 30 s (and 34 s) between two
is "$(forecast '@$f{"seconds-least", "seconds-most"}' 4401)" "$((150 + 30 + 150 + 30 + 195 + 30 + 75))
$((180 + 64 + 180 + 64 + 232 + 64 + 112))" 'one phone, the whole ladder'
is "$(forecast '$f->{"at-once"}')" 2 'at most two at once'
one=$(forecast '$f->{"seconds-least"}' 4401)
three=$(forecast '$f->{"seconds-least"}' 4403)
four=$(forecast '$f->{"seconds-least"}' 4404)
# in order: 01 and 02 fill both places, 03 and 04 take them when they are free
is "$(forecast '$f->{"seconds-least"}')" "$((one + (three > four ? three : four)))" 'two at once: in two rounds'
run loadstep preview
like "$out" 'time: about [0-9]+ min( [0-9]+ s)? to [0-9]+ min.*, 2 at once' 'for people'
like "$(tr -s '\n ' ' ' <<<"$out")" 'a load of two parts: 75 to 112 s \(measured' 'with what it takes for granted'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'
is "$(grep -c '^00:11:22:33:44:' <<<"$out")" 6 'each phone has its line'
is "$(grep -c "start = by-hand" <<<"$out")" 2 'and a way that two share stands once'

# ---- no way back
is "$(forecast 'map { $_->{"no-way-back"} } @{$f->{stages}}')" $'0\n3\n0\n0\n0\n0' 'three go from unsigned to signed code'
like "$(tr -s '\n ' ' ' <<<"$out")" 'no way back: stage 2 of plan ladder, P00305000500, takes up to 3 phones' 'in words'

# ---- steps that nobody has seen working
is "$(forecast 'map { $_->{"step-known"} ? 1 : 0 } @{$f->{stages}}')" $'1\n1\n1\n1\n1\n0' '8.5(2) to 9.4(2) is none'
like "$(tr -s '\n ' ' ' <<<"$out")" 'plan talk, stage 2: that SIP41.9-4-2SR3-1S is one step from SCCP41.8-5-2S is doubted: Cisco' \
	'in words'

# ---- the shopping list
like "$(tr -s '\n ' ' ' <<<"$out")" 'shopping list: .* SIP41.9-4-2SR3-1S for 0 phones: SIP41.9-4-2SR3-1S.loads, and the files that it lists' \
	'loads that are not here'
not_ok 'and none that is' grep -q 'P00305000500 for' <<<"$out"
mv "$L/P00308000900/P00308000900.sb2" "$T/away"
loadstep preview >"$T/out"
like "$(tr -s '\n ' ' ' <"$T/out")" 'P00308000900 for 3 phones: P00308000900.loads, P00308000900.sbn, P00308000900.sb2 \(loads/P00308000900/P00308000900.sb2 is missing\)' \
	'one that is not whole: its files, for how many, and what is missing'
is "$(forecast 'map { $_->{imported} ? 1 : 0 } @{$f->{stages}}')" $'1\n1\n0\n1\n0\n0' 'JSON says which'
mv "$T/away" "$L/P00308000900/P00308000900.sb2"

# ---- provisioning-missing
missing() { forecast 'map { "$_->{wanted} " . ($_->{near} // "-") } @{$f->{"provisioning-missing"}}' "$@"; }
is "$(missing)" "$(for n in 1 2 3 4 5; do echo "SIP00112233440$n.cnf -"; done)" 'nobody has a file: all but the one without a way'
echo x >"$T/tftp/SIP001122334401.cnf"
echo x >"$T/tftp/sip001122334402.cnf"
echo x >"$T/tftp/SIP001122334403.cnf.txt"
echo x >"$T/tftp/SEP001122334404.cnf.xml"
echo x >"$T/tftp/SIP0011223344A5.cnf"
is "$(missing)" 'SIP001122334402.cnf sip001122334402.cnf: case differs
SIP001122334403.cnf SIP001122334403.cnf.txt: something was added to its name
SIP001122334404.cnf SEP001122334404.cnf.xml is there, which a classic SIP load does not register by
SIP001122334405.cnf SIP0011223344A5.cnf: one digit of the MAC differs' 'near misses are named'
is "$(missing 4402)" 'SIP001122334402.cnf sip001122334402.cnf: case differs' \
	"of one phone: its neighbour's file is its neighbour's"
loadstep preview >"$T/out"
like "$(tr -s '\n ' ' ' <"$T/out")" 'provisioning-missing: .* 00:11:22:33:44:02: SIP001122334402.cnf \(sip' 'for people'
is "$(awk 'length > 80' "$T/out")" '' 'within 80 columns'
rm "$T/tftp"/S[IE]P* "$T/tftp"/sip*
is "$(loadstep log --json)" '' 'preview recorded nothing'

# ---- without a TFTP root
sed '/^root = /d' "$T/loadstep.conf" >"$T/dhcp-host.conf"
run "$LOADSTEP" --config "$T/dhcp-host.conf" preview
like "$code:$out" '^0:.*which loads are there is not known here' 'a host without the tree'
not_ok 'and nobody is missing a file there' grep -q provisioning-missing <<<"$out"

# ---- a model and a load, without a phone
unset LOADSTEP_CONFIG
model() { "$LOADSTEP" preview --model "$@"; }
run model 7975 --to P0S3-08-06-00
is "$code" 1 'a load of another family: no'
like "$(tr -s '\n ' ' ' <<<"$out")" 'no way: P0S3-08-06-00 is a load for the 7940, 7960; a 7975 takes SCCP75\.… and SIP75\.…' 'and why'
run model 7960 --to POS3-08-06-00
is "$code" 1 'the letter O: no'
like "$(tr -s '\n ' ' ' <<<"$out")" 'letter O where Cisco writes the digit zero' 'and why'
run model 7960 --to P0S3-8-12-00.loads
like "$code:$(tr -s '\n ' ' ' <<<"$out")" '^1:.*drop the \.loads' 'an extension: no'
run model 7960 --to gibberish
like "$code:$out" '^1:.*no name of a load' 'no load at all'
run model 7960G --to P0S3-8-12-00
is "$code" 0 'a 7960 to SIP: yes'
is "$(awk 'length > 80' <<<"$out")" '' 'within 80 columns'
way() { model "$@" --json | perl -MJSON::PP -0777 -ne 'my $o = decode_json($_);
	print join(" ", map { $_->{load} // $_->{releases} } @{$o->{ways}[0]{way}}), "\n", $o->{ways}[0]{why} // "", "\n"'; }
is "$(way CP-7960G --to P0S3-8-12-00 --from P00302000000)" 'P00303010102 P00305000500 P0S3-8-12-00' 'from SCCP 2.0: by which loads'
is "$(way 7960 --to P0S3-8-12-00 --from P00308000900)" 'P0S3-8-12-00' 'from SCCP 8.0: one step'
is "$(way 7940 --to P00303010102 --from P00308000900)" $'\nsigned code never takes an unsigned load again' 'back: never'
is "$(way 7940 --to P00308000900 --from P0S3-06-3-00)" 'P0S3-8-12-00 P00308000900' 'SIP 6 to SCCP: by way of 7.x'
is "$(way 7961 --to SIP41.9-4-2SR3-1S --from SCCP41.8-2-1S)" 'SIP41.8-5-2S SIP41.8-5-3S SIP41.9-4-2SR3-1S' 'java: by which loads of its family'
is "$(way 7975 --to SCCP75.9-4-2SR4-3S --from SCCP75.8-5-2S)" 'SCCP75.8-5-3S SCCP75.9-4-2SR4-3S' 'and around the step that is doubted'
model 7961 --to SIP41.9-4-2SR3-1S --from SCCP41.8-2-1S --config "$T/loadstep.conf" >"$T/out"
like "$(cat "$T/out")" ' 1 SCCP41.8-5-2S +8.3\(3\) to 8.5\(2\) +not imported' "with the plans' own loads where there is one"
run model 7940 --to P00308000900 --config "$T/loadstep.conf"
like "$out" ' P00308000900 +SCCP 6.0 or later +imported' 'and whether it is here'
run model 7999 --to P00308000900
is "$code" 2 'no such model: usage'
run model 7940
is "$code" 2 'without --to: usage'
run model 7940 --to P00308000900 4401
is "$code" 2 'with a MAC: usage'
run model 7940 --to P00308000900 --config "$T/nowhere.conf"
is "$code" 3 'a configuration that is named and not there'
done_testing
