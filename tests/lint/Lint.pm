# SPDX-License-Identifier: MPL-2.0
# What the lint scripts share: the sources, read without comments and texts, and where the build is.
package Lint;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Find qw(find);
use FindBin;

our @EXPORT = qw(build sources slurp code_only command);

chdir "$FindBin::Bin/../.." or die "cannot go to the top of the tree: $!";

# Where make built; prove gets it from the Makefile.
sub build
{
	return $ENV{BUILD} // abs_path('.') . '/build';
}

# The files below the given directories (default: all of ours) whose path matches, sorted.
sub sources
{
	my ($pattern, @dirs) = @_;
	my @found;

	@dirs = grep { -d } @dirs ? @dirs : qw(common kea-hook dnsmasq-script tests examples);
	find({ no_chdir => 1, wanted => sub { push @found, $_ if -f && /$pattern/ } }, @dirs) if @dirs;
	return sort @found;
}

sub slurp
{
	my ($path) = @_;

	open my $in, '<', $path or die "$path: $!";
	local $/;
	return scalar <$in>;
}

# C without what is in comments and quotes; line numbers stay.
sub code_only
{
	my ($text) = @_;
	my $lines = sub { my $n = ($_[0] =~ tr/\n//); "\n" x $n };

	$text =~ s{(/\*.*?\*/)|(//[^\n]*)|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)+)'}
		  {defined $1 ? ' ' . $lines->($1) : defined $2 ? '' : defined $3 ? '""' . $lines->($3) : '0'}gse;
	return $text;
}

# What a command prints, as lines; its standard error goes to ours.
sub command
{
	open my $out, '-|', @_ or die "$_[0]: $!";
	chomp(my @lines = <$out>);
	close $out;
	return @lines;
}

1;
