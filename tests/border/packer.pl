#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
#
# What zip and tar would not pack: archives that are hostile, damaged, or signed.
#
#   packer.pl tar OUT ENTRY...       ENTRY is TYPE|NAME|LINK|TEXT with a type of f file, l link, h hard link, c b device,
#                                    p pipe, d directory; a text @N: the size says N bytes, and none are there
#   packer.pl zip OUT NAME|TEXT...   stored
#   packer.pl tar-many OUT N         that many empty files, by the thousand
#   packer.pl zip-many OUT N
#   packer.pl sign NAME [LESS]       standard input behind a signature header (F§3.3), whose length says LESS bytes less
#   packer.pl text                   standard input as FTP's text mode leaves it: LF is CR LF
use strict;
use warnings;

binmode $_ for *STDIN, *STDOUT;
my ($what, @args) = @ARGV;
my %type = (f => 0, h => 1, l => 2, c => 3, b => 4, d => 5, p => 6);

sub out
{
	open my $f, '>:raw', $_[0] or die "$_[0]: $!\n";
	return $f;
}

# ustar; a long name goes in front of it as GNU tar writes it
sub tar_head
{
	my ($type, $name, $link, $size) = @_;
	my $head = '';

	if (length $name > 100) {
		$head = tar_head('L', '././@LongLink', '', length($name) + 1) . pad("$name\0");
		$name = substr $name, 0, 100;
	}
	my $h = pack 'a100 a8 a8 a8 a12 a12 A8 a1 a100 a6 a2 a32 a32 a8 a8 a155 x12', $name, '0000644', '0000000',
		'0000000', sprintf('%011o', $size), '00000000000', '', $type, $link, "ustar\0", '00', '', '', '0000001', '0000003',
		'';
	substr $h, 148, 8, sprintf "%06o\0 ", unpack '%32C*', $h;
	return $head . $h;
}

sub pad
{
	return $_[0] . "\0" x (-length($_[0]) % 512);
}

sub tar
{
	my $f = out(shift @args);

	for (@args) {
		my ($type, $name, $link, $text) = split /\|/, $_, 4;
		my $size = ($text // '') =~ /^@(\d+)$/ ? $1 : undef;

		print $f tar_head($type{$type}, $name, $link // '', $size // length($text // ''));
		print $f pad($text // '') unless defined $size;
	}
	print $f "\0" x 1024;
	close $f or die;
}

sub crc32
{
	my $crc = 0xffffffff;

	for (unpack 'C*', $_[0]) {
		$crc ^= $_;
		$crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
	}
	return $crc ^ 0xffffffff;
}

# Entries from a function, so that a million of them need no memory; more than 65535 as zip64.
sub zip
{
	my ($f, $next) = @_;
	my ($at, $n, $central) = (0, 0, '');

	while (my ($name, $text) = $next->()) {
		my @fields = (10, 0, 0, 0, 33, crc32($text), length $text, length $text, length $name, 0);

		print $f pack('V v5 V3 v2', 0x04034b50, @fields), $name, $text;
		$central .= pack('V v v5 V3 v2 v3 V V', 0x02014b50, 0x031e, @fields, 0, 0, 0, 0100644 << 16, $at) . $name;
		$at += 30 + length($name) + length $text;
		$n++;
	}
	my $size = length $central;
	print $f $central;
	print $f pack('V Q< v2 V2 Q<4', 0x06064b50, 44, 45, 45, 0, 0, $n, $n, $size, $at),
		pack('V V Q< V', 0x07064b50, 0, $at + $size, 1) if $n > 65535;
	my $few = $n > 65535 ? 65535 : $n;
	print $f pack 'V v4 V2 v', 0x06054b50, 0, 0, $few, $few, $size, $n > 65535 ? 0xffffffff : $at, 0;
	close $f or die;
}

sub tlv
{
	return pack('C n', $_[0], length $_[1]) . $_[1];
}

sub sign
{
	my ($name, $less) = @_;
	my $length = (384 + length($name) + 1 + 3) & ~3;
	my $h = tlv(1, "\1\1") . tlv(2, pack 'n', $length - ($less // 0))
		. tlv(3, tlv(4, "CN=someSigner;OU=someOrgUnit;O=someOrg\0") . tlv(5, "\x12\x34\x56\x78\x90\xab\xcd\xef")
			. tlv(6, "CN=someCA;OU=someOrgUnit;O=someOrg\0"))
		. tlv(7, tlv(8, "\1") . tlv(9, tlv(10, "\0") . tlv(11, "\2"))) . tlv(12, "\x5a" x 256) . tlv(14, "$name\0");

	return $h . "\x0d" x ($length - length $h);
}

if ($what eq 'tar') {
	tar();
} elsif ($what eq 'zip') {
	zip(out(shift @args), sub { @args ? split /\|/, shift @args, 2 : () });
} elsif ($what eq 'tar-many') {
	my $f = out($args[0]);
	my $thousand = join "", map { tar_head(0, sprintf("%07d", $_), "", 0) } 1 .. 1000;
	print $f $thousand for 1 .. $args[1] / 1000;
	print $f "\0" x 1024;
} elsif ($what eq 'zip-many') {
	my $n = 0;
	zip(out($args[0]), sub { $n++ < $args[1] ? (sprintf('%07d', $n), '') : () });
} else {
	my $in = do { local $/; <STDIN> };
	print $what eq 'sign' ? sign(@args) . $in : $in =~ s/\n/\r\n/gr;
}
