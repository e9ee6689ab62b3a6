#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Sizes and first lines: a file stays below 600 lines, a function below 80, and each says its licence.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

my $file_max = 600;
my $function_max = 80;
my $shim_max = 300;    # the one C++ file is glue

for my $path (sources(qr/\.(c|h|cc|def)$/)) {
	my @lines = split /\n/, slurp($path);
	my $max = $path =~ /\.cc$/ ? $shim_max : $file_max;
	my ($start, @long);

	cmp_ok(scalar @lines, '<=', $max, "$path: lines");
	for my $n (1 .. @lines) {
		$start = $n if $lines[$n - 1] =~ /^\{$/;
		if (defined $start && $lines[$n - 1] =~ /^\}/) {
			push @long, "$path:$start: " . ($n - $start - 1) . ' lines' if $n - $start - 1 > $function_max;
			undef $start;
		}
	}
	ok(!@long, "$path: functions of at most $function_max lines") or diag(join "\n", @long);
}

for my $path (sources(qr/\.(c|h|cc|def|map|pm|t|sh)$/), 'Makefile', '.ci/run') {
	my @top = (split /\n/, slurp($path))[0, 1];
	shift @top if $top[0] =~ /^#!/;
	like($top[0] // '', qr/SPDX-License-Identifier: MPL-2\.0/, "$path: licence");
}
done_testing();
