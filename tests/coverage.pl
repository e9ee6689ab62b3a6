#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# coverage.pl BUILD: lines of each file of ours that were run through, as gcov counts them, the least covered first.
use strict;
use warnings;
use File::Find qw(find);

my ($build) = @ARGV;
my (%lines, @notes);

find({ no_chdir => 1, wanted => sub { push @notes, $_ if /\.gcno$/ } }, grep { -d } map { "$build/$_" } qw(common kea-hook dnsmasq-script));
for my $note (@notes) {
	open my $gcov, '-|', 'gcov', '--stdout', $note or die "gcov: $!";
	my $file;
	while (<$gcov>) {
		$file = $1 if /^\s*-:\s*0:Source:(.*)/;
		next unless defined $file && $file =~ m{^(?:common|kea-hook|dnsmasq-script)/};
		# A header's line counts when any of the files that include it ran it.
		$lines{$file}{$2} += $1 eq '#####' || $1 eq '=====' ? 0 : 1 if /^\s*(#####|=====|\d+)\*?:\s*(\d+):/ && $2 > 0;
	}
	close $gcov;
}

my ($all, $all_run) = (0, 0);
my @rows;
for my $file (keys %lines) {
	my $of = keys %{ $lines{$file} };
	my $run = grep { $_ } values %{ $lines{$file} };
	push @rows, [$file, $run, $of];
	$all += $of;
	$all_run += $run;
}
die "coverage: no counters below $build\n" unless $all;
printf "%-44s %6s %6s %7s\n", 'file', 'run', 'lines', 'covered';
printf "%-44s %6d %6d %6.1f%%\n", @$_, 100 * $_->[1] / $_->[2] for
	sort { $a->[1] / $a->[2] <=> $b->[1] / $b->[2] || $a->[0] cmp $b->[0] } @rows;
printf "%-44s %6d %6d %6.1f%%\n", 'all', $all_run, $all, 100 * $all_run / $all;
