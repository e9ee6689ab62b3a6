#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# The README's matrix is phases by events: each name of phase.def stands in a table there. The cells themselves are
# compared by the engine's unit test. And names that two tables share.
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
# What both `check` and a cause can find has one name.
my %table = map { my $path = $_; $path => { map { $_ => 1 } slurp($path) =~ /^[A-Z]+\([A-Z0-9_]+, "([^"]+)"/mg } }
  'common/causes.def', 'dnsmasq-script/operator/findings.def';
for my $name (
	qw(xml-malformed model-element-missing sep-overrides-default sep-malformed sep-name-odd name-case load-has-extension
	load-name-odd load-not-found member-missing member-case wrong-family provisioning-missing transfer-failing
	server-silent other-dhcp-server flipped-back)
  )
{
	ok($table{$_}{$name}, "$name stands in $_") for sort keys %table;
}
done_testing();
