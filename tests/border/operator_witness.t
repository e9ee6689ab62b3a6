#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The agent's witness on TCP 2000, talked to byte by byte: who is answered and with what, who is not, what becomes of
# nonsense, of the slow and of too many; and that it comes, moves and goes with the configuration.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/operator.sh"
own_namespace "$@"
need perl ip
STORETOOL=$BUILD/tests/storetool
site '[witness]' 'listen = 10.0.0.1'
url=sqlite:$T/store/state.db
ip address add 10.0.0.1/24 dev lo
for n in 20 21 22 23; do ip address add 10.0.0.$n/24 dev lo; done

# le NUMBER: four bytes, little-endian, as hex
le() { printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
# field TEXT BYTES: NUL-padded
field() { perl -e 'print unpack "H*", pack "a$ARGV[1]", eval "qq{$ARGV[0]}"' "$1" "$2"; }
# message ID BODY [HEADER-VERSION]
message() { echo "$(le $((4 + ${#2} / 2)))$(le "${3:-0}")$(le "$1")$2"; }
# register NAME TYPE: as a 7960 with 8.1 sends it, 68 bytes of body
register() { message 1 "$(field "$1" 16)$(le 0)$(le 1)0a000014$(le "$2")$(le 5)$(le 0)0b000000$(field '' 24)"; }
alarm() { message 32 "$(le 2)$(field "$1" 80)$(le 257)$(le 0)"; }

# talk ADDRESS SECONDS HEX...: from that address; each HEX in a packet of its own; prints what comes back as hex, then
# "end" when the other side ended it, or "open" when the time was over
talk()
{
	perl -MIO::Socket::INET -MTime::HiRes=time,sleep -e '
		my ($from, $seconds, @say) = @ARGV;
		my $s = IO::Socket::INET->new(LocalAddr => $from, PeerAddr => "10.0.0.1:2000") or print("refused\n"), exit;
		my ($until, $got) = (time + $seconds, "");
		$SIG{PIPE} = "IGNORE";
		for (@say) { $s->syswrite(pack "H*", $_); sleep 0.02 if @say > 1 }
		my $end = "open";
		while ((my $left = $until - time) > 0) {
			my $in = "";
			vec($in, fileno $s, 1) = 1;
			next unless select $in, undef, undef, $left;
			my $n = sysread $s, my $bytes, 4096;
			$end = "end", last unless $n;
			$got .= unpack "H*", $bytes;
		}
		print "$got $end\n";' "$@"
}

ACK=$(message 129 "$(le 30)$(field D/M/YA 8)$(le 30)0b000000")
RESET=$(message 159 "$(le 2)")
REJECT=$(message 157 "$(field 'no calls here' 32)")
ALIVE=$(message 256 '')
notes() { loadstep log --json | perl -MJSON::PP -ne 'my $h = decode_json($_); print "$h->{event} $h->{note}\n" if $h->{note}'; }

# ---- somebody else's port, until it is free
start_daemon "$T/squatter" perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "10.0.0.1:2000", ReuseAddr => 1) or die; sleep 60'
squatter=$!
sleep 0.3
log=$T/tftp.log
stamp() { date '+%b %e %H:%M:%S dnsmasq-tftp[7]:'; }
for n in 20 21; do echo "$(stamp) file $T/tftp/SEP0000000000$n.cnf.xml not found for 10.0.0.$n" >>"$log"; done
start_daemon "$T/agent.err" "$LOADSTEP" --config "$T/loadstep.conf" agent --log "$log"
agent=$!
ok 'a port that is taken is told' wait_for "grep -q '10.0.0.1, TCP 2000: Address already in use' '$T/agent.err'" 5
sleep 1.5
is "$(grep -c 'TCP 2000' "$T/agent.err")" 1 'once'
stop $squatter
ok 'and tried again' wait_for "grep -q 'the witness listens on 10.0.0.1' '$T/agent.err'" 5
ok 'two phones are known by what they asked for' wait_for "[ \"\$(phone_json 00:00:00:00:00:21 phase)\" = seen ]" 5

# ---- who is not answered
is "$(talk 10.0.0.22 3 "$(register SEP0000000000FF 7)")" ' end' 'nobody we know: not a byte'
is "$(phone_json 00:00:00:00:00:ff phase)" '' 'and nothing is kept'
is "$(talk 10.0.0.20 3 "$(register SEP000000000020 8)")" ' end' 'a phone that is not started: not a byte'
is "$(phone_json 00:00:00:00:00:20 model)" 7940 'but its model is known now'
is "$(phone_json 00:00:00:00:00:20 running-by)" registered 'and that its application registered'
is "$(talk 10.0.0.21 3 "$(register SEP000000000020 7)")" ' end' 'its name from the address of another: not a byte'
like "$(notes)" 'registered from an address that is not the phone.s: not credited' 'which is noted'
is "$(talk 10.0.0.22 3 "$(register ATA0000000000FE 12)")" ' end' 'no phone: not a byte'
is "$(talk 10.0.0.22 3 "$(message 1 "$(field SEP000000000020 31)")")" ' end' 'a Register that is too short'
is "$(talk 10.0.0.22 3 474554202f20485454502f312e300d0a0d0a)" ' end' 'HTTP'
is "$(talk 10.0.0.22 3 "$(le 65536)$(le 0)$(le 1)")" ' end' 'a message that is too long'
is "$(talk 10.0.0.22 1 "$(message 0 '')")" ' open' 'a keep-alive of nobody is no reason to answer'

# ---- who is
"$STORETOOL" put "$url" 00:00:00:00:00:23 10.0.0.23 offered ladder 1 P00303010102
is "$(talk 10.0.0.23 2 "$(register SEP000000000023 7)")" "$ACK$RESET open" 'its load waits: accepted, and sent to look'
ok 'what it did then is told' wait_for "notes | grep -q 'registered closed .* s after the Reset'" 5
like "$(notes)" 'registered device type 7 \(7960\), protocol 11, names no load' 'its word is in the history'
is "$(talk 10.0.0.23 4 "$(register SEP000000000023 7)")" "$REJECT end" 'a moment later it is not sent again'
# shellcheck disable=SC2046 # byte by byte
is "$(talk 10.0.0.23 6 $(register SEP000000000023 7 | fold -w 2))" "$REJECT end" 'byte by byte it is the same'
"$STORETOOL" put "$url" 00:00:00:00:00:22 10.0.0.22 offered ladder 1 P00303010102
is "$(talk 10.0.0.22 8 "$(alarm '25: Name=SEP000000000022 Load=2.0(1) Last=Init\x1b[2J')" "$(message 999 00)" \
	"$(register SEP000000000022 7)" "$(message 0 '')")" "$ACK$RESET$ALIVE end" \
	'alarm, something unknown, Register, a keep-alive: in one conversation, which we end'
like "$(notes)" 'registered still there 5\.[0-9] s after the Reset' 'that one did not obey'
like "$(notes)" 'alarm severity 2: 25: Name=SEP000000000022 Load=2.0\(1\) Last=Init\\x1b\[2J \(0x101, 0x0\)' 'the alarm as it was said, escaped'
like "$(loadstep explain --json 000022)" '"alarm, severity 2: 25: Name=.*Init\\\\x1b\[2J' 'explain has it, too'
like "$(loadstep explain 000022 | tr -s '\n ' ' ')" 'registered device type 7 \(7960\), protocol 11, names by its alarm load 2\.0\(1\)' 'and what it named'
like "$(cat "$T/agent.err")" 'alarm of 00:00:00:00:00:22: 25: .*Init\\x1b\[2J' 'and the log'
is "$(talk 10.0.0.22 4 "$(message 41 "$(field SEP000000000022 16)$(field '' 40)")")" "$(message 283 "$(le 60)") end" \
	'a token is refused for a minute'

# ---- at once
sed -i 's/^listen = .*/listen = 10.0.0.1\nreset = at-once/' "$T/loadstep.conf"
ok 'reload' loadstep --yes reload
"$STORETOOL" put "$url" 00:00:00:00:00:24 10.0.0.20 offered ladder 2 P00305000500 2>/dev/null
"$STORETOOL" put "$url" 00:00:00:00:00:21 10.0.0.21 offered ladder 2 P00305000500
ok 'the agent has it' wait_for "sleep 1.2" 3
is "$(talk 10.0.0.21 1 "$(register SEP000000000021 7)")" "$RESET open" 'reset = at-once: not accepted first'

# ---- too many, too slow
cat >"$T/many.pl" <<-'END'
	use IO::Socket::INET;
	my @s = map { IO::Socket::INET->new(LocalAddr => "10.0.0.20", PeerAddr => "10.0.0.1:2000") or die } 1 .. 5;
	my $begin = time;
	my @end;
	$| = 1;
	while (grep { $_ } @s) {
		my $in = "";
		vec($in, fileno $_, 1) = 1 for grep { $_ } @s;
		select $in, undef, undef, 20 or last;
		for (@s) {
			next unless $_ && vec($in, fileno $_, 1);
			sysread $_, my $b, 1 and next;
			push @end, time - $begin < 5 ? "soon" : "late";
			$_ = undef;
		}
	}
	print "@end\n";
END
is "$(perl "$T/many.pl")" 'soon late late late late' 'of five connections of one address one is turned away, and who says nothing is ended'
like "$(cat "$T/agent.err")" '10.0.0.20 is not let in: too many connections' 'which is told'
is "$(talk 10.0.0.21 3 "$(register SEP000000000021 7)")" "$REJECT end" 'meanwhile and afterwards it serves'

# ---- it moves and it goes
sed -i 's/^listen = .*/listen = 10.0.0.22/' "$T/loadstep.conf"
ok 'another address' loadstep --yes reload
ok 'is listened on' wait_for "grep -q 'the witness listens on 10.0.0.22' '$T/agent.err'" 5
is "$(talk 10.0.0.20 1 00)" refused 'and the old one no more'
sed -i '/^\[witness\]/,$d' "$T/loadstep.conf"
ok 'none' loadstep --yes reload
ok 'is no listener' wait_for "! grep -q ':07D0 00000000:0000 0A' /proc/net/tcp" 5
stop $agent
ok 'a clean end' wait_for "grep -q 'agent: .*done' '$T/agent.err'" 3
done_testing
