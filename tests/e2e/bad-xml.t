#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Somebody pastes an XMLDefault.cnf.xml with typographic quotes into the root, as people do. `reload` refuses it with line,
# column and the character; the stages that phones see stay as they were, to the byte, and phones go on.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS=P0S3-8-12-00
. "$(dirname "$0")/site.sh"

stages() { find "$TFTP_ROOT/stages/" -printf '%P %y %l %i %T@\n' | sort; }

ok 'the site is up' site_up 'start = automatic'
stages >"$T/before"
cp "$TFTP_ROOT/XMLDefault.cnf.xml" "$T/good.xml"
printf '%s\n' '<Default>' '  <callManagerGroup/>' \
	$'  <loadInformation7 model=\xe2\x80\x9dIP Phone 7960\xe2\x80\x9d>P00303010102</loadInformation7>' '</Default>' \
	>"$T/bad.xml"
cp "$T/bad.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"
not_ok 'reload refuses it' site_reload
like "$(cat "$SITE/reload")" 'XMLDefault\.cnf\.xml' 'naming the file'
like "$(cat "$SITE/reload")" 'line 3, column 2[67]|:3:2[67]' 'line and column'
like "$(cat "$SITE/reload")" 'U\+201D|”' 'and the character'
diag "$(cat "$SITE/reload")"
is "$(grep -c . "$SITE/reload")" 1 'in one line'
stages >"$T/after"
ok 'the stages are as they were' cmp "$T/before" "$T/after"
ok 'the file is not touched' cmp "$T/bad.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"

phone lobby --init-load P00308000900 --scale "$SITE_SCALE"
ok 'a phone climbs all the same' expect_phase lobby done 40

cp "$T/good.xml" "$TFTP_ROOT/XMLDefault.cnf.xml"
ok 'with the good one back reload says yes' site_reload

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
