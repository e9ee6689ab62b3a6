#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Every #include against tests/lint/floorplan: who may know whom, and who may know which foreign library.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(basename);
use Lint;
use Test::More;

my (%words, @lines);

sub expand
{
	return map { exists $words{$_} ? expand(@{ $words{$_} }) : $_ } @_;
}

sub glob_regex
{
	my ($re) = map { s/\\\*/.*/gr } quotemeta $_[0];
	return qr/^$re$/;
}

for (split /\n/, slurp('tests/lint/floorplan')) {
	next if /^\s*(#|$)/;
	if (/^([A-Z]+) = (.*)/) {
		push @{ $words{$1} }, split ' ', $2;
	} elsif (/^(\S[^:]*):\s*(.*)/) {
		push @lines, { text => $_, files => [map { glob_regex($_) } split ' ', $1], may => [expand(split ' ', $2)] };
	} else {
		die "tests/lint/floorplan: cannot read: $_\n";
	}
}

sub line_of
{
	my ($path) = @_;
	for my $i (0 .. $#lines) {
		return $i if grep { $path =~ $_ } @{ $lines[$i]{files} };
	}
	return;
}

my @files = sources(qr/\.(c|h|cc|def)$/);
my %made;    # header without .h, or x.def => number of its line
my %used;
for my $path (@files) {
	my $i = line_of($path);
	$used{$i} = 1 if defined $i;
	$made{ basename($path) =~ s/\.h$//r } = $i if defined $i && $path =~ /\.(h|def)$/;
}
my @foreign = map { glob_regex($_) } expand('FOREIGN');

sub faults
{
	my ($path, $i) = @_;
	my %may = map { $_ => 1 } @{ $lines[$i]{may} };
	my @may_foreign = map { glob_regex($_) } grep { /^</ } keys %may;
	my @bad;
	my $n = 0;

	for (split /\n/, slurp($path)) {
		$n++;
		if (/^\s*#\s*include\s+"([^"]+)"/) {
			my $header = $1;
			my $name = $header =~ s/\.h$//r;
			my $own = defined $made{$name} && $made{$name} == $i;
			push @bad, "$path:$n: may not include \"$header\"" unless $own || $may{$name} || $may{'*'};
		} elsif (/^\s*#\s*include\s+(<[^>]+>)/) {
			my $header = $1;
			next unless grep { $header =~ $_ } @foreign;
			push @bad, "$path:$n: may not include $header" unless grep { $header =~ $_ } @may_foreign;
		}
	}
	return @bad;
}

for my $path (grep { !/\.def$/ } @files) {
	my $i = line_of($path);
	my @bad = defined $i ? faults($path, $i) : "$path: has no line in tests/lint/floorplan";
	ok(!@bad, $path) or diag(join "\n", @bad);
}

for my $i (0 .. $#lines) {
	my @up = grep { defined $made{$_} && $made{$_} >= $i } @{ $lines[$i]{may} };
	ok(!@up, "arrows point down: $lines[$i]{text}") or diag("points up: @up");
	ok($used{$i}, "stands for a file: $lines[$i]{text}");
}
done_testing();
