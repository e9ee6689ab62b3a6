#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Three phones climb, live; then the TFTP server's log of that day is replayed into an empty store, without plugins, without load
# sets, without a start, and so is a capture of what went over the wire. They tell the same phases, as far as phones that nobody
# started have them.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
. "$(dirname "$0")/site.sh"

# The log has whole seconds, and a second here is almost half a minute of the phones' time. So its lines are given the time
# they came at, in the phones' time and with a fraction, as journald writes it; then the limits of real life hold.
stamped()
{
	perl -MTime::HiRes=time,sleep -MPOSIX=strftime -e '
		my ($log, $scale) = @ARGV;
		$| = 1;
		open my $in, "<", $log or die "$log: $!\n";
		my $begin = time;
		for (;;) {
			while (defined(my $line = <$in>)) {
				my $at = $begin - 86400 + (time - $begin) * $scale;
				$line =~ s/^(?:\w+ [ \d]\d [\d:]+|\d+-\S+T\S+) // or next;
				printf "%s.%06dZ %s", strftime("%Y-%m-%dT%H:%M:%S", gmtime $at), ($at - int $at) * 1e6, $line;
			}
			seek $in, 0, 1;
			sleep 0.005;
		}' "$SITE_LOG" "$SITE_SCALE"
}

# slowed FROM TO: a capture with its stamps in the phones' time, too
slowed()
{
	perl -e '
		my ($scale, $back) = @ARGV;
		my ($base, $head);
		binmode $_ for *STDIN, *STDOUT;
		read STDIN, $head, 24 and print $head;
		while (read(STDIN, $head, 16) == 16) {
			my ($s, $us, $n, $wire) = unpack "V4", $head;
			$base //= $s;
			my $at = ($s - $base) * 1000000 * $scale + $us * $scale;
			read STDIN, my $bytes, $n;
			print pack("V4", $base - $back + int($at / 1000000), $at % 1000000, $n, $wire), $bytes;
		}' "$SITE_SCALE" 86400 <"$1" >"$2"
}

# phases [STORE]: each phone with its phase and cause
phases() { "$LOADSTEP" ${1:+--store "$1"} status --json | jq -r '.phones[] | "\(.mac) \(.phase) \(.cause)"' | sort; }

need tcpdump
ok 'the site is up' site_up 'start = automatic'
start_daemon "$T/tcpdump.out" "$(confined_copy "$(command -v tcpdump)")" -Z root -U -i br0 -w "$T/live.pcap" udp
capture=$!
wait_for "grep -q 'listening on' '$T/tcpdump.out'" 10
stamped >"$T/log" &
LS_PIDS+=($!)
phone well --init-load P00308000900 --scale "$SITE_SCALE"
phone refuses --init-load P00308000900 --scale "$SITE_SCALE" --fault refuse:P0S3-8-12-00
phone old --init-load P00302000000 --scale "$SITE_SCALE" --fault silent-after:P00303010102
ok 'one is done' expect_phase well done 40
ok 'one refuses its image' expect_cause refuses image-rejected 40
ok 'one has proven its first load' expect_running old P00303010102 40
for name in well refuses old; do phone_power_cut $name; done
live=$(status_json | jq -r '.phones[] | "\(.mac) \(.phase) \(.cause)"' | sort)
diag 'live:' "$live"
site_down
stop "$capture"

# with the limits of real life, too
SITE_SCALE=1 site_conf 'start = automatic' >"$T/real.conf"
replay() { "$LOADSTEP" --config "$T/real.conf" --store "sqlite:$1" replay "$2" >"$T/said" 2>&1; }
replay "$T/empty.db" "$T/log"
is $? 0 'the log is replayed into an empty store'
diag "$(cat "$T/said")"
replayed=$(phases "sqlite:$T/empty.db")
# Nobody was started there: who has trouble is seen with its cause, and who is on its way is seen.
is "$replayed" "$(sed 's/ stuck / seen /; s/ offered null$/ seen null/' <<<"$live")" 'the same phones, phases and causes'
is "$(grep -c ' done null$' <<<"$live") $(grep -c ' stuck image-rejected$' <<<"$live")" '1 1' 'of which one is done and one refuses'
is "$("$LOADSTEP" --store "sqlite:$T/empty.db" status --json | jq -r --arg mac "$(who old)" '.phones[] | select(.mac == $mac) | .running')" \
	P00303010102 'the same load proven'
is "$(readlink "$TFTP_ROOT/phones/$(who well)")" "../stages/$SITE_PLAN/P0S3-8-12-00" 'replay moved nobody'

# ---- the capture
slowed "$T/live.pcap" "$T/slow.pcap"
replay "$T/capture.db" "$T/slow.pcap"
is $? 0 'the capture is replayed, too'
diag "$(cat "$T/said")"
is "$(phases "sqlite:$T/capture.db")" "$replayed" 'it tells the same phones, phases and causes'
loads() { "$LOADSTEP" ${1:+--store "$1"} status --json | jq -r '.phones[] | "\(.mac) \(.load) \(.running)"' | sort; }
is "$(loads "sqlite:$T/capture.db")" "$(loads "sqlite:$T/empty.db")" 'the same loads'
is "$("$LOADSTEP" --store "sqlite:$T/capture.db" status --json | jq -r '[.phones[] | .boots > 1] | all')" true 'and their boots'
like "$("$LOADSTEP" --store "sqlite:$T/capture.db" log --json "$(who well)" | jq -r 'select(.event == "boot") | .note' | grep '^from' | tail -n 1)" \
	'^from 10.77.0.1: option 150 10.77.0.1, option 66 10.77.0.1, next server 10.77.0.1' 'with what the server gave'

# ---- the log as the server wrote it
loadstep --store "sqlite:$T/plain.db" replay "$SITE_LOG" >"$T/said" 2>&1
is $? 0 'the plain log is replayed, too'
is "$(phases "sqlite:$T/plain.db" | grep "$(who well)")" "$(grep "$(who well)" <<<"$live")" 'it knows who is done'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
