#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Ladders before they are in force: `target` derives stages from what is imported, or says what to get; `reload` refuses a
# step that is not known to work, `preview` and `check` say so too; what is forced is recorded and shown.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
workdir
export TZ=UTC
C=$T/loadstep.conf
L=$T/tftp/loads
export LOADSTEP_CONFIG=$C

# plan [LINE]...: a configuration with that one plan; its first line is line 6
plan()
{
	mkdir -p "$T/store" "$L"
	printf '%s\n' '[store]' "url = sqlite:$T/store/state.db" '[tftp]' "root = $T/tftp" '[plan ladder]' "$@" >"$C"
}
have() { "$MKLOAD" --out "$L" "$@" >/dev/null; }
lack() { local load; for load in "$@"; do rm -r "${L:?}/$load"; done; }
# what is in force, by the stages that were built, in order
in_force()
{
	loadstep preview --json 2>/dev/null | perl -MJSON::PP -0777 -ne '
		print join(" ", map { $_->{load} } @{decode_json($_)->{forecast}{stages}}), "\n"'  2>/dev/null
}
# derives LOADS DESCRIPTION, refuses PATTERN DESCRIPTION: what reload makes of it
derives() { run loadstep reload; is "$code:$(in_force)" "0:$1" "$2"; }
refuses()
{
	local before
	before=$(in_force)
	run loadstep reload
	like "$code:$err" "^3:$C:$1" "$2"
	is "$(in_force)" "$before" '  and what is in force stays'
}

# ---- a target: classic
plan 'models = 7940 7960 unnamed' 'target = P0S3-8-12-00'
refuses '7: \[plan ladder\] target: no way to P0S3-8-12-00 with what is imported: get P00303010102 \(SCCP 3.1 to 4.x\), P00305000500 \(SCCP 5.x\), P0S3-8-12-00, and `loadstep import`' \
	'nothing is imported: which to get'
have P00303010102 P0S3-8-12-00
refuses '7: \[plan ladder\] target: .*: get P00305000500 \(SCCP 5.x\), and `loadstep import` it; the way is P00303010102 \(SCCP 3.1 to 4.x\), P00305000500 \(SCCP 5.x\), P0S3-8-12-00'$'\n' \
	'one is missing: that one, and the way'
have P00305000500
derives 'P00303010102 P00305000500 P0S3-8-12-00' 'a way that is known'
have P00308000900
derives 'P00303010102 P00305000500 P00308000900 P0S3-8-12-00' 'by way of a universal loader where there is one: the ladder of the example'
run loadstep reload
like "$out" 'stays in force' 'the same again: no new revision'
have P00304000101 P00305000300
derives 'P00304000101 P00305000500 P00308000900 P0S3-8-12-00' 'of several the newest'
lack P00304000101
mv "$L/P00305000500/P00305000500.sbn" "$T/away"
derives 'P00303010102 P00305000300 P00308000900 P0S3-8-12-00' 'one that is not whole is not there'
mv "$T/away" "$L/P00305000500/P00305000500.sbn"
lack P0S3-8-12-00
refuses '7: .*: get P0S3-8-12-00, and' 'the target itself is missing'
have P0S3-8-12-00
plan 'models = 7940 7960' 'target = P0S3-8-12-00'
derives P0S3-8-12-00 'phones that name their model have a universal loader: one step'
plan 'models = 7940 7960 unnamed' 'target = P0S3-04-4-00'
refuses '7: \[plan ladder\] target: no way is known from SCCP below 3.1, which such phones may run, to P0S3-04-4-00' 'a target to which none is known'
plan 'models = 7960' 'target = P00303010102'
refuses '7: .*no way is known' 'from signed code to an unsigned load'

# ---- a target: java, by family
have SCCP41.8-5-2S SIP42.8-5-2S SIP42.8-5-3S SIP41.9-4-2SR3-1S
plan 'models = 7941 7961' 'target = SIP41.9-4-2SR3-1S'
refuses '7: .*: get SIP41.8-5-3S \(8.5\(2\)SR1 to 8.x\), and `loadstep import` it; the way is SCCP41.8-5-2S' "another family's is none"
have SCCP41.8-5-3S
derives 'SCCP41.8-5-2S SCCP41.8-5-3S SIP41.9-4-2SR3-1S' 'the two releases between'
have SIP41.8-5-2S
derives 'SIP41.8-5-2S SCCP41.8-5-3S SIP41.9-4-2SR3-1S' "one of the target's protocol comes first"
plan 'models = 7942' 'target = SIP41.9-4-2SR3-1S'
refuses '7: .*SIP41.9-4-2SR3-1S is a load for the 7941, 7941G-GE, 7961, 7961G-GE; the plan is for the 7942' 'a target of another family'

# ---- a target before the first reload: nobody's plan
rm -rf "$T/store"
plan 'models = 7960 unnamed' 'target = P00308000900' 'start = automatic' 'networks = 10.0.0.0/24'
event tftp 59 10.0.0.20 "$T/tftp/SIP001122334455.cnf"
is "$code:$(phone_json 00:11:22:33:44:55 phase)" 0:seen 'it is automatic, and starts nobody'
run loadstep start 4455
like "$code:$out$err" '^1:.*no plan' 'it has no stages to start on'
run loadstep start --plan ladder 4455
is "$code" 1 'not by name either'
like "$out$err" 'has no stages yet: `loadstep reload` derives' '  and says why'
run loadstep reload
is "$code" 0 'reload'
run loadstep start 4455
is "$code:$(phone_json 00:11:22:33:44:55 load)" 0:P00303010102 'then it starts on the first of them'
sed '/^root = /d' "$C" >"$T/dhcp-host.conf"
run "$LOADSTEP" --config "$T/dhcp-host.conf" reload
like "$code:$err" '^3:.*:6: \[plan ladder\] target: .* no \[tftp\] root' 'a host without the tree cannot derive'

# ---- check: the file against what is in force
not_ok 'check has nothing against a target' grep -qE 'config-fault|plan-not-reloaded' <(loadstep check)
lack P00305000500 P00305000300
like "$(loadstep check)" "config-fault" 'but when its way is gone'
have P00305000500

# ---- steps that are refused
refuses_stages() { plan "models = $1" "stages = $2"; refuses "7: \\[plan ladder\\] stages: $3" "$4"; }
refuses_stages '7960 unnamed' 'P00303010102 P0S3-8-12-00' \
	'P0S3-8-12-00 cannot follow P00303010102 in one step: put P00305000500 \(SCCP 5.x\) between' 'SCCP 3 to SIP 8'
refuses_stages 7960 'P0S3-03-0-00 P0S3-8-12-00' \
	'.* put P0S3-04-4-00 \(SIP 4.4\), P0S3-05-3-00 \(SIP 5.x\), P0S3-06-3-00 \(SIP 6.x\) between' 'SIP 3 to 8'
refuses_stages 7960 'P00305000500 P00303010102' 'P00303010102 is unsigned and cannot follow P00305000500' '5.x back to unsigned'
refuses_stages 7961 'SCCP41.8-3-1S SIP41.9-4-2SR3-1S' \
	'.* put SIP41.8-5-2S \(8.3\(3\) to 8.5\(2\)\), SCCP41.8-5-3S \(8.5\(2\)SR1 to 8.x\) between' 'java below 8.3(3) to 9.x: what is imported is named'
refuses_stages '7942 7962' 'SIP42.8-5-2S SIP41.8-5-3S' 'SIP41.8-5-3S is a load for the 7941' 'another family'
run loadstep preview
is "$code" 3 'preview says so as well'
like "$err" "would refuse the configuration as it is now:"$'\n'"$C:7: \[plan ladder\] stages: SIP41.8-5-3S is a load" 'with the same words'
like "$out" 'plan ladder' 'and shows what is in force'

# ---- doubted: accepted, and said
plan 'models = 7961' 'stages = SCCP41.8-5-2S SIP41.9-4-2SR3-1S'
run loadstep reload
like "$code:$out" '^0:.*the step from SCCP41.8-5-2S to SIP41.9-4-2SR3-1S is doubted \(.*AUTH FAIL\); safer with SCCP41.8-5-3S' 'sources disagree'

plan 'models = 7961' 'stages = SIP41.9-4-2SR3-1S'
run loadstep reload
like "$code:$out" '^0:.*stage 1: phones that run below 8.3\(3\) do not take SIP41.9-4-2SR3-1S; they need SIP41.8-5-2S' \
	'java straight to 9.x: who does not take it, since nobody knows what they run'

# ---- forced
run loadstep log
not_ok 'nothing forced yet' grep -q forced <<<"$out"
plan 'models = 7960 unnamed' 'stages = P00303010102 P0S3-8-12-00' 'unsafe-steps = P0S3-8-12-00'
run loadstep reload
like "$code:$out" '^0:.*plan ladder, stage 2: the step from P00303010102 to P0S3-8-12-00 is forced' 'unsafe-steps: it is put in force'
like "$(loadstep log | tr -s '\n ' ' ')" \
	'operator revision [0-9]+, plan ladder: the step from P00303010102 to P0S3-8-12-00 is forced; it is not known to work' \
	'the history has it'
is "$(loadstep log --json | perl -MJSON::PP -ne '$n++ if (decode_json($_)->{note} // "") =~ /forced/; END { print $n }')" 1 'once'
loadstep reload >"$T/out"
is "$(loadstep log | grep -c forced)" 1 'a reload that changes nothing records nothing'
is "$(loadstep preview --json | perl -MJSON::PP -0777 -ne 'print map { $_->{"step-forced"} ? 1 : 0 } @{decode_json($_)->{forecast}{stages}}')" 01 \
	'preview shows it'
like "$(loadstep preview | tr -s '\n ' ' ')" 'stage 2: that P0S3-8-12-00 is one step from P00303010102 is not known, and forced' 'in words'
like "$(loadstep explain 4455 | tr -s '\n ' ' ')" 'the step to stage 2, P0S3-8-12-00, is forced' 'explain too'
plan 'models = 7960 unnamed' 'stages = P00303010102 P0S3-8-12-00'
refuses '7: .*cannot follow' 'with the key gone it is refused again'
run loadstep reload --force P0S3-8-12-00
is "$code" 0 '--force: for this revision'
like "$out" 'stays in force: the plans are the same' '  which is the one that the key made'
plan 'models = 7960 unnamed' 'stages = P00303010102 P00308000900 P0S3-8-12-00'
run loadstep reload --force P0S3-8-12-00
like "$code:$err" '^2:.*--force P0S3-8-12-00: no plan has a step to it that is not known' 'a step that needs no force'
refuses '7: .*P00308000900 cannot follow' 'it forces nothing else'
run loadstep reload --force P00308000900
like "$code:$out" '^0:.*is forced.*is in force' 'the one that does'
is "$(loadstep log | grep -c forced)" 2 'recorded'
run loadstep reload --force P00308000900.loads
like "$code:$err" '^2:.*drop the .loads' 'no name of a load'
run loadstep reload --force
is "$code" 2 'and none at all'

# ---- the examples say where they come from
for f in examples/plans/*.conf; do
	ok "$f: reasons and sources" grep -q '^; .*F§4' "$f"
	plan 'models = 7960' 'stages = P00308000900'
	sed -n '/^\[plan/,$p' "$f" >>"$C"
	run loadstep reload
	is "$code" 0 '  and reload takes it'
done
done_testing
