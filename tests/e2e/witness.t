#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The phone's own word: with [witness] the stages name our address as CallManager, the phones register there, and that
# proves a stage and sends them to the next. With the hook, without it, and with no witness at all. The times from the
# boot to the proof stand side by side, those of a phone that does not register beside those that do.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=20
. "$(dirname "$0")/site.sh"
STORETOOL=$BUILD/tests/storetool
need "$STORETOOL"

# By time: a boot may be stored after what came of it.
history_ms() { "$STORETOOL" history "sqlite:$SITE/store/state.db" | sort -n; }

# proof_ms PHONE LOAD: from the last boot before it to the proof of that load
proof_ms()
{
	history_ms | perl -ne '
		BEGIN { ($mac, $load) = (shift @ARGV, shift @ARGV) }
		my ($at, $who, $kind) = split;
		next unless $who eq $mac;
		if (/ proven(:[^(]*)? \(\Q$load\E\)/) { print $at - $boot, "\n"; exit }
		$boot = $at if $kind eq "boot";
	' "$(who "$1")" "$2"
}

# proven_by PHONE LOAD: the event that proved it
proven_by() { history_json "$1" "select(.note // \"\" | test(\"proven.*[(]$2[)]\")) | .event" | head -n 1; }

# phone_s MS: as seconds of the phones
phone_s() { echo "$(($1 * SITE_SCALE / 1000))"; }

# noted PHONE EVENT REGEX: how often
noted() { history_json "$1" "select(.event == \"$2\" and (.note // \"\" | test(\"$3\"))) | .note" | grep -c .; }

node_of() { xmllint --xpath 'string(//processNodeName)' "$TFTP_ROOT/$1/XMLDefault.cnf.xml"; }
listens() { grep -qi " *[0-9]*: $1:07D0 00000000:0000 0A " /proc/net/tcp; }
WITNESS=01004D0A # 10.77.0.1, as /proc/net/tcp writes it

# ---- with the hook; accepted first
ok 'the site is up' site_up 'start = automatic' '[witness]' 'listen = 10.77.0.1'
is "$(node_of stages/$SITE_PLAN/P00303010102)" 10.77.0.1 'a stage names the witness'
is "$(node_of stages/$SITE_PLAN/waiting)" '' 'the waiting room does not'
is "$(node_of .)" 10.77.0.2 'nor the plain root'
is "$(stat -c %s "$TFTP_ROOT"/stages/$SITE_PLAN/*/XMLDefault.cnf.xml "$TFTP_ROOT/XMLDefault.cnf.xml" | sort -u | wc -l)" \
	6 'their sizes are all different'
ok 'the agent listens' wait_for "listens $WITNESS" 5
old="--init-load P00302000000 --scale $SITE_SCALE"
phone says $old
phone nameless $old --sccp-alarm ''
phone files $old --sccp off
phone fussy $old --sccp obey-accepted
phone deaf $old --sccp ignore
phone again $old --sccp retry --sccp-alarm ''
phone refuses --init-load P00308000900 --scale "$SITE_SCALE" --fault refuse:P0S3-8-12-00

ok 'one that refuses its image says so' expect_cause refuses load-not-authorized 40
is "$(noted refuses alarm '31: .*File Auth Failed')" "$(noted refuses alarm 31:)" 'its alarm is in the history as it was said'
like "$(loadstep explain "$(who refuses)" | tr -s '\n ' ' ')" 'file authorization failed' 'explain has it'
phone_power_cut refuses
for name in says nameless fussy again files deaf; do
	ok "$name climbs to SIP" expect_phase $name done 90
	ok "and runs it" flash_runs $name P0S3-8-12-00
	ok "it was never stuck" never_phase $name stuck
done

says_ms=0 nameless_ms=0 files_ms=0
for load in P00303010102 P00305000500 P00308000900; do
	is "$(proven_by says $load)" registered "$load: its own word proves it"
	diag "$load proven after its boot, in the phone's seconds: says which load $(phone_s "$(proof_ms says $load)")," \
		"names none $(phone_s "$(proof_ms nameless $load)"), files only $(phone_s "$(proof_ms files $load)")"
	says_ms=$((says_ms + $(proof_ms says $load))) nameless_ms=$((nameless_ms + $(proof_ms nameless $load)))
	files_ms=$((files_ms + $(proof_ms files $load)))
done
ok 'together in a fraction of the time that files take' [ $((says_ms * 2)) -lt $files_ms ]
ok 'also without a name' [ $((nameless_ms * 2)) -lt $files_ms ]
for name in says nameless files fussy deaf again; do
	diag "$name: $(grep -c ' discover as ' "$(phone_log $name)") boots, SIP after" \
		"$(sed -n 's/^\([0-9.]*\) settled: sip.*/\1/p' "$(phone_log $name)" | head -n 1) s at scale $SITE_SCALE"
done
ok 'one that says so is first accepted' phone_said says 'sccp: accepted'
ok 'then sent to look' phone_said says 'sccp: reset 2 obeyed'
ok 'what it did then is told' [ "$(noted says registered 'closed .* s after the Reset')" -ge 3 ]
ok 'and that one did not obey' [ "$(noted deaf registered 'still there .* s after the Reset')" -ge 1 ]
not_ok 'no Register proved SIP' [ "$(proven_by says P0S3-8-12-00)" = registered ]
ok 'the old application registered while SIP waited' phone_said says 'runs: P00308000900 \(SCCP application\)'
is "$(noted files registered .)" 0 'who does not register has no such entry'
is "$(status_json says .model)" 7960 'the model is known'
site_down

# ---- without the hook; first with none of it
for name in says nameless files fussy deaf again; do phone_power_cut $name; done
SITE=$T/site2 TFTP_ROOT=$T/tftp2 SITE_LOADS='P00303010102 P00305000500 P00308000900'
KEA_OPTION150=10.77.0.1
site_tree
ok 'no hook, no witness' site_configure
ok 'Kea as it is' site_plain_kea
ok 'dnsmasq with the script' site_server
site_agent
is "$(node_of stages/$SITE_PLAN/P00305000500)" '' 'the stages name no CallManager'
phone without --init-load P00302000000 --scale "$SITE_SCALE"
ok 'a phone is seen by what it asks for' expect_phase without seen 10
ok 'it is started' loadstep start "$(who without)"
ok 'it gets through by its files' expect_phase without done 90
is "$(status_json without '."running-by"')" proof 'which is how we know'
not_ok 'it registered nowhere' phone_said without 'sccp:'
not_ok 'nobody listens' listens $WITNESS
phone_power_cut without

site_conf '[witness]' 'listen = 10.77.0.1' 'reset = at-once' >"$SITE/loadstep.conf"
ok 'a witness, put in force by reload' site_reload
ok 'the agent listens without being started again' wait_for "listens $WITNESS" 5
is "$(node_of stages/$SITE_PLAN/P00305000500)" 10.77.0.1 'the stages name it'
phone with --init-load P00302000000 --scale "$SITE_SCALE"
phone nods --init-load P00302000000 --scale "$SITE_SCALE" --sccp obey-accepted
for name in with nods; do
	ok "$name is seen" expect_phase $name seen 10
	ok 'started' loadstep start "$(who $name)"
done
ok 'without the hook it gets there by its word' expect_phase with done 60
is "$(status_json with '."running-by"')" registered 'which is how we know'
is "$(status_json with .running)" P00308000900 'it runs the last load'
is "$(status_json with .model)" 7960 'and says which model it is'
not_ok 'it was reset before it was accepted' phone_said with 'sccp: accepted'
ok 'and obeyed' phone_said with 'sccp: reset 2 obeyed'
ok 'one that wants to be accepted first gets there, too' expect_phase nods done 90
ok 'though it did not obey' phone_said nods 'sccp: reset 2 ignored'
diag "without the hook, to the last load: by files $(sed -n 's/^\([0-9.]*\) settled: sccp P00308000900/\1/p' "$(phone_log without)" |
	head -n 1) s, by its word $(sed -n 's/^\([0-9.]*\) settled: sccp P00308000900/\1/p' "$(phone_log with)" | head -n 1) s"

# ---- and off again
site_conf >"$SITE/loadstep.conf"
ok 'the witness is taken away' site_reload
ok 'nobody listens any more' wait_for "! listens $WITNESS" 5
is "$(node_of stages/$SITE_PLAN/P00305000500)" '' 'and no stage names it'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
