#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# `make install` puts there what it says and leaves a configuration alone; `make uninstall` takes exactly that away.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Basename qw(basename);
use File::Find qw(find);
use File::Temp qw(tempdir);
use Lint;
use Test::More;

my @built = map { build() . "/$_" } qw(loadstep loadstep-event libdhcp_loadstep.so);
if (my ($lacks) = grep { !-e } @built, 'examples/loadstep.conf') {
	plan skip_all => "$lacks is not built";
}
my $root = tempdir(CLEANUP => 1);
my $conf = 'etc/loadstep/loadstep.conf';
my @pages = map { my ($n) = /(\d)$/; "usr/local/share/man/man$n/" . basename($_) } sources(qr/\.[58]$/, 'dnsmasq-script');
my @programs = qw(usr/local/sbin/loadstep usr/local/lib/loadstep/loadstep-event usr/lib/kea/hooks/libdhcp_loadstep.so);

sub make
{
	my @said = command('sh', '-c', 'exec make --no-print-directory "$@" 2>&1', 'sh', @_, 'PREFIX=/usr/local',
		'SYSCONFDIR=/etc', 'KEA_HOOKS_DIR=/usr/lib/kea/hooks', "DESTDIR=$root", 'B=' . build());
	ok($? == 0, "make @_") or diag(join "\n", @said);
}

sub installed
{
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, substr($_, length($root) + 1) if -f } }, $root);
	return [sort @found];
}

make('install');
is_deeply(installed(), [sort @programs, @pages, $conf], 'programs, library, manual pages and a first configuration');
ok(-x "$root/$_", "$_ can be executed") for @programs[0, 1];
open my $out, '>', "$root/$conf" or die "$conf: $!";
print $out "; the administrator's own\n";
close $out;
make('install');
is(slurp("$root/$conf"), "; the administrator's own\n", 'a configuration that is there stays');
make('uninstall');
is_deeply(installed(), [$conf], 'uninstall leaves the configuration alone');
ok(!-e "$root/usr/local/lib/loadstep", 'and no directory of ours');
done_testing();
