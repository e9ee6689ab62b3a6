#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# schema.pl SCHEMA DOCUMENT: does the JSON document keep to the schema? Its faults, one a line; exit 1 where there are some.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use JSON::Validator;

my ($schema, $document) = map { open my $in, '<', $_ or die "$_: $!\n"; local $/; decode_json(scalar <$in>) } @ARGV;
my @faults = JSON::Validator->new->schema($schema)->validate($document);
print "$_\n" for @faults;
exit(@faults ? 1 : 0);
