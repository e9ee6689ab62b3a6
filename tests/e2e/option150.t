#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Option 150 as it is on the wire: a listener beside the phone writes down whole packets. Raw addresses in network order,
# in their order, in OFFER and ACK and to a renewal and an INFORM, asked for or not; 66 and siaddr say the first of them.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
KEA_LEASE=8
KEA_OPTION150=''
. "$(dirname "$0")/site.sh"
need tcpdump

net_up 10.77.0.1/24
tcpdump --immediate-mode -i br0 -n -U -w "$T/wire" 'udp src port 67' >"$T/tcpdump" 2>&1 &
LS_PIDS+=($!)
ok 'somebody listens' wait_for 'grep -q "listening on" "$T/tcpdump"' 10

# packets TYPE: the DHCP replies of that message type to our phone so far, as hex, one a line
packets()
{
	tcpdump -n -r "$T/wire" -xx 2>/dev/null | perl -e '
		my ($type, $mac) = @ARGV;
		@ARGV = ();
		for (split /\n(?=\S)/, join "", <STDIN>) {
			my $hex = join "", map { /^\s+0x[0-9a-f]+:\s+(.*)/ ? $1 =~ s/ //gr : () } split /\n/;
			my $dhcp = substr $hex, 2 * (14 + 20 + 8); # Ethernet, IP, UDP
			print "$dhcp\n" if $dhcp =~ /^.{56}$mac.*?63825363(?:..)*?3501$type/;
		}' "$1" "$(who lobby | tr -d :)"
}

# option CODE HEX: the bytes of that option in a message, walking the options as RFC 2132 says
option()
{
	perl -e '
		my ($want, $m) = @ARGV;
		my @b = map { hex } substr($m, 480) =~ /../g;
		while (@b && $b[0] != 255) {
			my $code = shift @b;
			next if !$code;
			my @value = splice @b, 0, shift @b;
			print map { sprintf "%02x", $_ } @value if $code == $want;
		}' "$1" "$2"
}

# check NAME HEX: 150, 66 and siaddr of that message
check()
{
	is "$(option 150 "$2")" 0a4d0001c0a80105c0a80106 "$1: option 150 is 10.77.0.1, 192.168.1.5, 192.168.1.6 as twelve bytes"
	is "$(option 66 "$2")" "$(printf 10.77.0.1 | od -An -tx1 | tr -d ' \n')" "$1: option 66 is the first, as text"
	is "${2:40:8}" 0a4d0001 "$1: siaddr is the first"
}

sed_servers() { sed -i 's/^tftp-servers = .*/tftp-servers = 10.77.0.1 192.168.1.5 192.168.1.6/' "$SITE/loadstep.conf" && site_reload; }
ok 'the site is up' site_up
ok 'its plan has three servers' sed_servers

# ---- nobody started: nothing
phone lobby --init-load P00303010102 --scale "$SITE_SCALE" --prl 1,3,6 --silent
ok 'a phone that does not ask for option 150 boots' phone_wait lobby 'dhcp: ack ' 15
ok 'and is seen' expect_phase lobby seen 10
ok 'its ACK is written down' wait_for '[ -n "$(packets 05)" ]' 10
is "$(option 150 "$(packets 05 | tail -n 1)")" '' 'not started: no option 150'
is "$(packets 05 | tail -n 1 | cut -c41-48)" 00000000 'and siaddr untouched'

# ---- started: at its next boot, though it never asks
ok 'it is started' loadstep start "$(who lobby)"
ok 'its stage is there' expect_link lobby P00303010102 5
ok 'Kea has heard of it' wait_for 'grep -q "^phone 00:11:22:33:44:01 .*phase=offered" "$SITE/store/directory"' 10
at=$(packets 05 | wc -l)
phone_power_cycle lobby
ok 'it boots again' wait_for "[ \$(packets 05 | wc -l) -gt $at ]" 15
check OFFER "$(packets 02 | tail -n 1)"
check ACK "$(packets 05 | tail -n 1)"
is "$(option 55 "$(packets 05 | tail -n 1)")" '' 'nothing is echoed'
hex=$(packets 05 | tail -n 1)
is "$(grep -o '960c0a4d0001c0a80105c0a80106' <<<"$hex" | wc -l)" 1 'code 150, length 12, the addresses: once in the packet'
diag "on the wire: $(grep -o '960c0a4d0001c0a80105c0a80106' <<<"$hex")"

phone_mark lobby
ok 'it renews' phone_wait lobby 'dhcp: renewed ' 15
at=$(grep -c ' dhcp: \(ack\|renewed\) ' "$(phone_log lobby)")
ok 'which is written down' wait_for "[ \$(packets 05 | wc -l) -ge $at ]" 10
check renewal "$(packets 05 | tail -n 1)"

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
