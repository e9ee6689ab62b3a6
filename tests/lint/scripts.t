#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Scripts: executable, and their shell can read them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

for my $path (sources(qr/\.(t|sh)$/), '.ci/run') {
	my ($first) = slurp($path) =~ /\A(.*)/;
	# lib.sh and the like are read by others and have no first line of this kind
	ok($first !~ /^#!/ || -x $path, "$path: executable");
	my ($shell) = $first =~ m{\b(bash|sh)$};
	next unless $shell;
	my @said = command('sh', '-c', 'exec "$@" 2>&1', 'sh', $shell, '-n', $path);
	ok($? == 0, "$path: $shell -n") or diag(join "\n", @said);
}
done_testing();
