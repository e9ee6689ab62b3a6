#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Rows "group configuration round metric value" to a table, or with --json to JSON: the median of each metric with its
# range, and where a group has several configurations, the ratio to the first one: taken in each round, then its median
# and range, since rounds differ more than neighbours do.
use strict;
use warnings;
use JSON::PP;

my (%seen, @groups, %configurations, %metrics, %value);

while (<STDIN>) {
	my ($group, $configuration, $round, $metric, $v) = split or next;

	push @groups, $group unless $seen{$group}++;
	push @{ $metrics{$group} }, $metric unless $seen{"$group $metric"}++;
	push @{ $configurations{$group} }, $configuration unless $seen{"$group/$configuration"}++;
	$value{$group}{$configuration}{$metric}{$round} = $v;
}

sub spread
{
	my @v = sort { $a <=> $b } @_;
	my $median = @v % 2 ? $v[$#v / 2] : ($v[@v / 2 - 1] + $v[@v / 2]) / 2;

	return { median => $median + 0, min => $v[0] + 0, max => $v[-1] + 0 };
}

my %out;
for my $group (@groups) {
	my $base = $configurations{$group}[0];

	for my $configuration (@{ $configurations{$group} }) {
		for my $metric (@{ $metrics{$group} }) {
			my $mine = $value{$group}{$configuration}{$metric} or next;
			my $theirs = $value{$group}{$base}{$metric} // {};
			my @ratios = map { $theirs->{$_} ? $mine->{$_} / $theirs->{$_} : () } sort keys %$mine;
			my $cell = spread(values %$mine);

			$cell->{rounds} = keys %$mine;
			$cell->{ratio} = spread(@ratios) if $configuration ne $base && @ratios;
			$out{$group}{$configuration}{$metric} = $cell;
		}
	}
}
if (grep { $_ eq '--json' } @ARGV) {
	print JSON::PP->new->canonical->pretty->encode(\%out);
	exit 0;
}

sub number
{
	my ($n) = @_;

	return sprintf $n == int $n ? '%d' : $n < 10 ? '%.2f' : '%.1f', $n;
}

printf "%-8s %-12s %-20s %12s %24s   %s\n", qw(group what metric median range), 'ratio to the first [range]';
for my $group (@groups) {
	for my $configuration (@{ $configurations{$group} }) {
		for my $metric (@{ $metrics{$group} }) {
			my $c = $out{$group}{$configuration}{$metric} or next;
			my $r = $c->{ratio};

			printf "%-8s %-12s %-20s %12s %24s   %s\n", $group, $configuration, $metric, number($c->{median}),
				$c->{rounds} > 1 ? number($c->{min}) . ' .. ' . number($c->{max}) : '',
				$r ? sprintf('%.3f [%.3f .. %.3f]', @$r{qw(median min max)}) : '';
		}
	}
}
