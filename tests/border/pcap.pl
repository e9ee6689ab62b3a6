#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Writes a capture of what lines of standard input say, in libpcap's format or, with `ng`, in pcapng; further words choose
# the link (tagged, raw, cooked, cooked2), `nano` and `big` the header's form, `twice` and `snap=N` what was captured:
#
#	SECONDS ask CLIENT:PORT FILE             SECONDS data CLIENT:PORT BLOCK BYTES
#	SECONDS ack CLIENT:PORT BLOCK            SECONDS error CLIENT:PORT CODE TEXT
#	SECONDS dhcp TYPE MAC XID ADDRESS [OPTION=VALUE]...    TYPE as option 53 counts; 60=text, 54 and 150 addresses
#
# The TFTP and DHCP server is 10.0.0.1, unless option 54 says another.
use strict;
use warnings;
use Socket qw(inet_aton);

my %is = map { /^(\w+)=(.*)$/ ? ($1 => $2) : ($_ => 1) } @ARGV;
my $server = '10.0.0.1';
my ($long, $short) = $is{big} ? ('N', 'n') : ('V', 'v');
my $t0 = 1767614400;    # 2026-01-05 12:00:00 UTC
my $id = 0;

my $link = $is{raw} ? 101 : $is{cooked} ? 113 : $is{cooked2} ? 276 : $is{token} ? 6 : 1;
my $front =
	  $is{raw} ? ''
	: $is{cooked} ? pack('n3 H16 n', 0, 1, 6, '0200000000010000', 0x0800)
	: $is{cooked2} ? pack('n2 N n C2 H16', 0x0800, 0, 2, 1, 0, 6, '0200000000010000')
	: pack('H24', '020000000001020000000002') . ($is{tagged} ? pack('n2', 0x8100, 100) : '') . pack('n', 0x0800);

sub udp
{
	my ($from, $to, $payload) = @_;
	my ($a, $ap) = split /:/, $from;
	my ($b, $bp) = split /:/, $to;
	my $udp = pack('n4', $ap, $bp, 8 + length $payload, 0) . $payload;

	return $front . pack('C2 n3 C2 n a4 a4', 0x45, 0, 20 + length $udp, ++$id & 0xffff, 0, 64, 17, 0, inet_aton($a), inet_aton($b)) . $udp;
}

sub option
{
	my ($code, $value) = @_;
	my $bytes = $code == 54 || $code == 150 ? join('', map { inet_aton($_) } split /,/, $value) : $value =~ s/_/ /gr;

	return pack('C C/a*', $code, $bytes);
}

sub dhcp
{
	my ($type, $mac, $xid, $address, @options) = @_;
	my $reply = $type == 2 || $type == 5 || $type == 6;
	my %option = map { split /=/, $_, 2 } @options;
	my $message = pack('C4 N n2 a4 a4 a4 a4 H32 x64 x128 N', $reply ? 2 : 1, 1, 6, 0, $xid, 0, 0,
		inet_aton($option{ciaddr} // '0.0.0.0'), inet_aton($reply ? $address : '0.0.0.0'), inet_aton('0.0.0.0'), inet_aton('0.0.0.0'),
		($mac =~ s/://gr) . '0' x 20, 0x63825363);

	$message .= pack('C3', 53, 1, $type) . join('', map { option($_, $option{$_}) } grep { /^\d+$/ } sort keys %option) . "\xff";
	return udp(($option{54} // $server) . ':67', '255.255.255.255:68', $message) if $reply;
	return udp('0.0.0.0:68', '255.255.255.255:67', $message);
}

my %make = (
	ask => sub { udp($_[0], "$server:69", pack('n Z* Z*', 1, $_[1], 'octet')) },
	data => sub { udp("$server:40000", $_[0], pack('n2', 3, $_[1]) . 'x' x $_[2]) },
	ack => sub { udp($_[0], "$server:40000", pack('n2', 4, $_[1])) },
	error => sub { udp("$server:40000", $_[0], pack('n2 Z*', 5, $_[1], $_[2] // '')) },
	dhcp => \&dhcp,
);

sub frame
{
	my ($seconds, $bytes) = @_;
	my $whole = length $bytes;
	my $units = int(($t0 + $seconds) * 1000 + 0.5) * ($is{nano} ? 1000000 : 1000);
	my $second = $is{nano} ? 1000000000 : 1000000;

	$bytes = substr $bytes, 0, $is{snap} if $is{snap};
	my $n = length $bytes;
	if ($is{ng}) {
		my $block = pack("${long}5", 0, $units >> 32, $units & 0xffffffff, $n, $whole) . $bytes . "\0" x (-$n % 4);
		return pack("${long}2", 6, 12 + length $block) . $block . pack($long, 12 + length $block);
	}
	return pack("${long}4", int($units / $second), $units % $second, $n, $whole) . $bytes;
}

binmode STDOUT;
if ($is{ng}) {
	my $resolution = pack("${short}2 C x3 x4", 9, 1, $is{nano} ? 9 : 6);
	my $interface = pack("${short}2 $long", $link, 0, 262144) . $resolution;

	print pack("${long}3 ${short}2 ${long}3", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, 0xffffffff, 0xffffffff, 28);
	print pack("${long}2", 1, 12 + length $interface), $interface, pack($long, 12 + length $interface);
} else {
	print pack("$long ${short}2 ${long}4", $is{nano} ? 0xa1b23c4d : 0xa1b2c3d4, 2, 4, 0, 0, 262144, $link);
}
while (<STDIN>) {
	my ($seconds, $what, @words) = split or next;
	my $bytes = $make{$what}->(@words);

	print frame($seconds, $bytes);
	print frame($seconds + 0.002, $bytes) if $is{twice};
}
