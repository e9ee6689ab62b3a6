#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# The README's matrix is phases by events: each name of phase.def stands in a table there. The cells themselves are
# compared by the engine's unit test.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

if (!-e 'README.md') {
	plan skip_all => 'there is no README.md yet';
}
my @cells = map { s/^[\s`*]+|[\s`*]+$//gr } map { split /\|/ } grep { /^\s*\|/ } split /\n/, slurp('README.md');
my %cell = map { $_ => 1 } @cells;
my $def = slurp('common/phase.def');
for my $kind (qw(PHASE EVENT)) {
	for my $name ($def =~ /^$kind\([A-Z_]+, "([^"]+)"/mg) {
		ok($cell{$name}, lc($kind) . " $name stands in a table of README.md");
	}
}
done_testing();
