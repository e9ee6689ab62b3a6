#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Phones that read XMLDefault.cnf.xml in two boots and ask for nothing. One heeds a SEP<MAC>.cnf.xml: it gets one in its
# stage. One heeds it only as a <Default> document: it gets that. Nobody else sees these files, and they go with the phone.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

STAGE=$TFTP_ROOT/stages/$SITE_PLAN/P0S3-8-12-00

sep_of() { echo "SEP$(who "$1" | tr -d : | tr a-f A-F).cnf.xml"; }
sep_link() { readlink "$STAGE/$(sep_of "$1")"; }
noted() { history_json "$1" '.note // empty' | grep -q "$2"; }
expect_note() { wait_for "noted $1 '$2'" "$3"; }

# Off and on, and its configuration is read.
one_more_boot()
{
	phone_power_cycle "$1"
	phone_mark "$1"
	phone_wait "$1" 'config: .* read and not heeded' 15
}

ok 'the site is up' site_up 'start = automatic'
phone device --init-load P00308000500 --scale "$SITE_SCALE" --ignores-xmldefault
phone default --init-load P00308000500 --scale "$SITE_SCALE" --ignores-xmldefault=default
phone other --init-load P00308000500 --scale "$SITE_SCALE"

# They name their model, so they enter at the last stage.
ok 'they stand on the last stage' expect_load default P0S3-8-12-00 15
ok 'who heeds XMLDefault is done' expect_phase other done 40
is "$(find "$STAGE" -name 'SEP*.xml' | wc -l)" 0 'nobody has a file of his own yet'

one_more_boot default
ok 'after two boots in vain one gets a SEP file' expect_flag default sep-given 15
is "$(sep_link default)" .sep.cnf.xml 'a link to what was written beforehand'
like "$(sees "$(phone_address default)" "$(sep_of default)")" '<deviceProtocol>SIP</deviceProtocol>' 'the server gives it out'
like "$(sees "$(phone_address default)" "$(sep_of default)")" '<loadInformation>P0S3-8-12-00</loadInformation>' \
	'it names the load of its stage'
like "$(loadstep publish)" 'says what the state says' 'publish finds nothing to do'
echo 'changed' >>"$TFTP_ROOT/RINGLIST.DAT"
touch "$TFTP_ROOT/one-more.raw"
like "$(loadstep publish --apply)" 'changed +stages/ladder/P0S3-8-12-00: one-more.raw comes' 'a stage that is built anew'
is "$(sep_link default)" .sep.cnf.xml 'still has it'

one_more_boot default
one_more_boot default
ok 'that was in vain, too: a <Default> document under that name' expect_note default '<Default> document' 15
ok 'it goes by that, and is done' expect_phase default done 60
ok 'it runs the last load' flash_runs default P0S3-8-12-00

one_more_boot device
ok 'the other one gets a SEP file' expect_note device 'gets a SEP file in its stage' 15
ok 'goes by that, and is done' expect_phase device done 60
ok 'it runs the last load, too' flash_runs device P0S3-8-12-00
not_ok 'with no need for the other form' noted device '<Default> document'
ok 'neither was stuck' never_phase default stuck
is "$(find "$STAGE" -name 'SEP*.xml' | wc -l)" 0 'nothing is left of these files'

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
