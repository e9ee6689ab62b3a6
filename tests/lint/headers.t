#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Each header compiles alone, and those that the C++ file includes compile as C++.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

my $cc = $ENV{CC} // 'cc';
my $cxx = $ENV{CXX} // 'c++';
my @dirs = map { "-I$_" } qw(common kea-hook dnsmasq-script dnsmasq-script/operator tests/phone tests/unit);

sub compiles
{
	my ($header, @how) = @_;
	my @said = command('sh', '-c', 'exec "$@" 2>&1', 'sh', @how, @dirs, '-Wall', '-Wextra', '-Werror',
		'-fsyntax-only', $header);

	ok($? == 0, "$header alone: $how[0]") or diag(join "\n", @said);
}

for my $header (sources(qr/\.h$/)) {
	compiles($header, $cc, '-std=c11', '-D_GNU_SOURCE', '-x', 'c');
}
if (-e 'kea-hook/shim.cc') {
	for (slurp('kea-hook/shim.cc') =~ /^#include "([^"]+\.h)"/mg) {
		compiles("kea-hook/$_", $cxx, '-std=c++17', '-x', 'c++');
	}
}
done_testing();
