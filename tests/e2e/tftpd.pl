#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# A TFTP server with a fault (RFC 1350, blocks of 512 bytes, one client at a time):
#
#	tftpd.pl ADDRESS ROOT FAULT
#
# FAULT: none; silent (reads and never answers); slow (a second and a half before each "not found"); half (the
# first block of a file, then nothing); lossy (every tenth packet of its own is lost); wrong (the last byte of
# each file is another); elsewhere (answers from another address of this host, the last argument); all (an empty file for whatever is asked).
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($address, $root, $fault, $other) = @ARGV;
my $door = IO::Socket::INET->new(LocalAddr => $address, LocalPort => 69, Proto => 'udp') or die "$address: $!\n";
my $sent = 0;

sub out
{
	my ($socket, $packet, $peer) = @_;

	return if $fault eq 'lossy' && ++$sent % 10 == 0;
	$socket->send($packet, 0, $peer);
}

sub content
{
	my ($name) = @_;

	return '' if $fault eq 'all';
	open my $f, '<:raw', "$root/$name" or return;
	local $/;
	my $bytes = <$f>;
	substr($bytes, -1) ^= "\x01" if $fault eq 'wrong' && length $bytes;
	return $bytes;
}

sub transfer
{
	my ($socket, $bytes, $peer) = @_;
	my $select = IO::Select->new($socket);

	for (my $block = 1; ; $block++) {
		my $part = substr $bytes, 512 * ($block - 1), 512;

		return if $fault eq 'half' && $block == 2;
		TRY: for (1 .. 8) {
			out($socket, pack('nna*', 3, $block & 0xffff, $part), $peer);
			while ($select->can_read(0.3)) {
				$socket->recv(my $ack, 600);
				my ($op, $number) = unpack 'nn', $ack;
				return if $op == 5;
				last TRY if $number == ($block & 0xffff);
			}
		}
		return if length $part < 512;
	}
}

my $last = '';
$| = 1;
print "serving\n";
while (defined(my $peer = $door->recv(my $request, 600))) {
	my ($op, $name) = unpack 'nZ*', $request;
	my $from = $fault eq 'elsewhere' ? $other : $address;
	my $socket = IO::Socket::INET->new(LocalAddr => $from, Proto => 'udp') or die "$from: $!\n";

	next if $op != 1 || $fault eq 'silent' || $last eq $peer . $request;
	$last = $peer . $request;
	my $bytes = content($name);
	if (defined $bytes) {
		transfer($socket, $bytes, $peer);
		next;
	}
	select undef, undef, undef, 1.5 if $fault eq 'slow';
	out($socket, pack('nnZ*', 5, 1, 'File not found'), $peer);
}
