#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# What was built: the names that leave the hook library, the libraries each program needs, and no mutable data.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(basename);
use Lint;
use Test::More;

my $build = build();
my $hook = "$build/libdhcp_loadstep.so";
my $event = "$build/loadstep-event";

sub needed
{
	return sort map { /\(NEEDED\).*\[(.*)\]/ ? $1 : () } command('readelf', '-d', '-W', $_[0]);
}

SKIP: {
	skip "$hook is not built", 2 unless -e $hook;
	my ($listed) = slurp('kea-hook/hook.map') =~ /global:(.*?)local:/s;
	my @want = sort $listed =~ /([a-z_0-9]+);/g;
	my @got = sort map { /\s[TWDBVR]\s(\S+)$/ ? $1 : () } command('nm', '-D', '--defined-only', $hook);

	is_deeply(\@got, \@want, 'the library exports what kea-hook/hook.map lists');
	my @bad = grep { !/^lib(kea-.*|sqlite3|inih|stdc\+\+|gcc_s|m|c|pthread|log4cplus.*)\.so/ && !/^ld-linux/ } needed($hook);
	is_deeply(\@bad, [], 'the library needs Kea, SQLite, inih and the C libraries alone');
}

SKIP: {
	skip "$event is not built", 1 unless -e $event;
	my @bad = grep { !/^lib(sqlite3|inih|m|c|pthread)\.so/ && !/^ld-linux/ } needed($event);
	is_deeply(\@bad, [], 'the event program needs SQLite, inih and the C library alone');
}

# A program holds its state in a struct that main or load makes. Tables of constants lie in .rodata or .data.rel.ro.
my @objects = map { "$build/" . s/\.c$/.o/r } sources(qr/\.c$/, qw(common kea-hook dnsmasq-script));
for my $object (@objects) {
	SKIP: {
		skip "$object is not built", 1 unless -e $object;
		my @bad = map { /\sO\s+(\.data|\.bss|\.tdata|\.tbss|\*COM\*|\.data\.rel(?:\.local)?)\s+\S+\s+(\S.*)$/ ? "$2 in $1" : () }
			command('objdump', '-t', $object);
		is_deeply(\@bad, [], "no mutable data in " . $object =~ s/^\Q$build\E\///r);
	}
}
done_testing();
