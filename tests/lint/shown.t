#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# tests/README.md: each model of both generations has its ways on each server in each layout; each signature has its tests, or
# says why not; and what is named there is there, and is what it is said to be.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Lint;
use Test::More;

my @lines = split /\n/, slurp('tests/README.md');
my @rows = map { [ map { s/^\s+|\s+$//gr } (split /\|/)[1 .. 6] ] } grep { /^\|/ } map { "$_ " } @lines;

# The text of an end-to-end test, and of what it is a wrapper of.
sub text_of {
	my ($test) = @_;
	my $path = "tests/e2e/$test";
	return '' if !-e $path;
	my $text = slurp($path);
	$text .= text_of($1) if $text =~ m{^\. "\$\(dirname "\$0"\)/([a-z-]+\.t)"}m;
	return $text;
}

# ---- the family
my @sites = ([ 'dnsmasq', 'views' ], [ 'tftpd-hpa', 'views' ], [ 'dnsmasq', 'shared' ], [ 'tftpd-hpa', 'shared' ]);
my %way;
for my $row (@rows) {
	my ($model, $way, @cells) = @$row;
	next if !defined $way || $way !~ /^(classic ladder|java ladder|factory reset)$/;
	$way{$model}{$way} = 1;
	for my $i (0 .. 3) {
		my ($server, $layout) = @{ $sites[$i] };
		my $text = text_of($cells[$i]);
		my $is_server = $text =~ /SITE_SERVER=tftpd-hpa/ ? 'tftpd-hpa' : 'dnsmasq';
		my $is_layout = $text =~ /SITE_LAYOUT=shared$|SITE_LAYOUT=shared /m ? 'shared' : 'views';

		ok($text =~ /\b\Q$model\E\b/, "$model, $way: $cells[$i] has one");
		is("$is_server, $is_layout", "$server, $layout", "$cells[$i]: on what it runs");
	}
}
my $def = slurp('common/model.def');
while ($def =~ /^MODEL\("([^"]+)", (CLASSIC|JAVA), \d+, "([^"]*)"/mg) {
	my ($model, $generation, $term) = ($1, $2, $3);
	ok($way{$model}{ lc($generation) . ' ladder' }, "$model: its ladder is in the table");
	is($way{$model}{'factory reset'} // 0, $term ? 1 : 0, "$model: and its factory reset, if it has a default load");
	delete $way{$model};
}
is(join(' ', keys %way), '', 'no other models');

# ---- the signatures
my %seen;
for my $row (@rows) {
	my ($id, undef, $units, $wire, $e2e) = @$row;
	next if !defined $e2e || $id !~ /^[AB]\d+$/;
	$seen{$id}++;
	for my $unit (split /; /, $units) {
		my ($file, $names) = split /: /, $unit;
		my $text = -e "tests/unit/$file" ? slurp("tests/unit/$file") . slurp('tests/unit/engine_play.h') : '';
		ok($text =~ /\b$_\b/, "$id: $_ in $file") for split /, /, $names;
	}
	for ([ phone => $wire ], [ e2e => $e2e ]) {
		my ($dir, $cell) = @$_;
		if ($cell =~ /^–/) {
			like($cell, qr/^–: \w.{9}/, "$id: why not in $dir/");
			ok(-e "tests/$dir/$1" || -e "tests/phone/$1" || -e "tests/e2e/$1", "$id: $1") while $cell =~ /([a-z0-9-]+\.t)\b/g;
		} else {
			ok(-x "tests/$dir/$_", "$id: $dir/$_") for split /, /, $cell;
		}
	}
}
is(join(' ', sort keys %seen), join(' ', sort((map { "A$_" } 1 .. 20), map { "B$_" } 1 .. 14)), 'each signature has its row');
is((grep { $_ > 1 } values %seen), 0, 'and one only');
done_testing();
