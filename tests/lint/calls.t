#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# Calls that the house rules forbid: everywhere, or in common/, half of whose callers live in somebody else's daemon.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

my $everywhere = qr/\b(strcpy|strcat|v?sprintf|strncpy|strncat|gets|alloca|strtok|strtok_r|system|popen)\s*\(/;
# They take anything for a number; parse.h is there. (Test tools that know nothing of ours may use them.)
my $lax_number = qr/\b(atoi|atol|atoll|atof)\s*\(/;
my $goto = qr/\b(goto)\b/;
# Only err.c turns errno into text.
my $errno_text = qr/\b(strerror|strerror_r|perror)\s*\(/;
# common/ never prints, logs, ends or forks the process, sleeps, or reads environment and clock.
my $in_common = qr/\b(v?f?printf|v?dprintf|puts|fputs|putchar|v?syslog|openlog|_?exit|_Exit|abort|assert|raise|kill
	|fork|vfork|posix_spawnp?|exec[lv]p?e?|sleep|usleep|nanosleep|clock_nanosleep|getenv|secure_getenv|setenv|putenv
	|time|gettimeofday|clock_gettime|localtime|localtime_r)\s*\(/x;
# Where a header promises what the rule forbids, the file and the call are here with the reason.
my %except = (
	'common/view.c' => qr/^(clock_gettime|nanosleep|clock_nanosleep)$/,    # view_lock waits for at most wait_ms
);

sub found
{
	my ($path, $code, $pattern) = @_;
	my @bad;
	my $n = 0;

	for my $line (split /\n/, $code) {
		$n++;
		while ($line =~ /$pattern/g) {
			my $call = $1;
			my $before = substr($line, 0, $-[0]);
			next if $before =~ /(->|\.)$/;    # a member of that name
			next if $except{$path} && $call =~ $except{$path};
			push @bad, "$path:$n: $call";
		}
	}
	return @bad;
}

for my $path (sources(qr/\.(c|h|cc)$/)) {
	my $code = code_only(slurp($path));
	my @bad = (found($path, $code, $everywhere), found($path, $code, $goto));

	push @bad, found($path, $code, $lax_number) unless $path =~ m{^tests/};
	push @bad, found($path, $code, $errno_text) unless $path eq 'common/err.c' || $path =~ m{^tests/};
	push @bad, found($path, $code, $in_common) if $path =~ m{^common/};
	ok(!@bad, $path) or diag(join "\n", @bad);
}
done_testing();
