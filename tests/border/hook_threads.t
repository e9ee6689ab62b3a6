#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# Four packet threads kept busy at once, while status is asked, phones change in the store and the configuration is reloaded.
# `make check-tsan` lets the thread sanitizer watch it, for which packets must overlap: one client process each would not do.
. "$(dirname "$0")/hook.sh"

loadstep_conf >"$CONF"
KEA_GLOBAL='"multi-threading": { "enable-multi-threading": true, "thread-pool-size": 4, "packet-queue-size": 512 },'
ok 'Kea starts with four packet threads' hook_start
in_ns cli ip address add 10.77.0.250/24 dev eth0

# flood ROUNDS: 64 phones behind a relay send a DISCOVER each, and again when most have an OFFER; prints how many came, and
# how many of them with option 150
flood()
{
	in_ns cli perl -MIO::Socket::INET -MIO::Select -MTime::HiRes=time -e '
		my ($rounds, $class) = @ARGV;
		my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "10.77.0.250", LocalPort => 67,
			PeerAddr => "10.77.0.1", PeerPort => 67) or die $!;
		my $ready = IO::Select->new($s);
		my ($offers, $with) = (0, 0);
		for my $round (1 .. $rounds) {
			for my $phone (1 .. 64) {
				$s->send(pack("C4 N n2 a4 a4 a4 N a16 x64 x128 N C3 C2 a* C", 1, 1, 6, 1, $round << 8 | $phone, 0, 0,
					"", "", "", 0x0a4d00fa, pack("C6", 0, 0x11, 0x22, 0x33, 0x45, $phone), 0x63825363,
					53, 1, 1, 60, length $class, $class, 255));
			}
			my $until = time + 0.5;
			for (my $n = 0; $n < 64 && $ready->can_read($until - time > 0 ? $until - time : 0); $n++) {
				$s->recv(my $reply, 2048);
				$offers++;
				$with++ if index($reply, "\x96\x04\x0a\x4d\x00\x01") > 0;
			}
		}
		print "$offers $with\n"' "$1" "$NAMED"
}

for i in $(seq 1 32); do
	printf -v mac '00:11:22:33:45:%02x' "$i"
	"$STORETOOL" put "$STORE" "$mac" "10.77.0.$((100 + i))" offered climb 1 P00303010102
done
ok 'half of the phones are known to be on their way' wait_for '[ "$(status_of phones)" -ge 32 ]' 5
flood "${FLOOD_ROUNDS:-30}" >"$T/flood" &
flooding=$!
asked=0
while kill -0 $flooding 2>/dev/null; do
	[ "$(status_of result)" = 0 ] && asked=$((asked + 1))
	"$STORETOOL" put "$STORE" "00:11:22:33:46:$((10 + asked % 80))" "10.77.0.99" seen climb 0 '' >/dev/null 2>&1
done
wait $flooding
read -r offers with <"$T/flood"
ok "most were answered ($offers)" test "$offers" -gt $((64 * ${FLOOD_ROUNDS:-30} / 2))
ok "half of them with option 150 ($with)" test "$with" -gt $((offers / 3))
ok "status was answered meanwhile ($asked times)" test "$asked" -gt 0
is "$(status_of events-failed)" 0 'nothing failed to be recorded'
ok 'all 64 are recorded' wait_for '[ "$(store_list | grep -c "^00:11:22:33:45:")" -ge 64 ]' 10

flood 10 >"$T/flood" &
flooding=$!
sleep 0.2
ok 'a reload in the middle of it' kea_reload
wait $flooding
is "$(status_of state) $(status_of result)" 'running 0' 'and it runs'
ok 'and answers' test "$(flood 1 | cut -d' ' -f1)" -gt 0
kea_stop
done_testing
