#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Java phones that do not get further: one refuses a load's signature, one's board refuses the list, one's server lacks a
# member, which somebody brings. Nobody is advanced who refused, and what they see is not taken from them.

. "$(dirname "$0")/../lib.sh"
own_namespace "$@"
SITE_SCALE=25
SITE_LIMITS='proof-silence = 4s' # 100 s of the phones' time; on a busy machine a log may lag by seconds
SITE_LOADS='P00308000900 P0S3-8-12-00'
. "$(dirname "$0")/site.sh"

FIRST=SIP41.8-3-3SR2S NEXT=SIP41.8-5-4S LACKING=SCCP70.8-5-3S

# proofs NAME
proofs() { history_json "$1" '.note // "" | capture("^proven.*\\((?<load>.*)\\)$").load' | tr '\n' ' '; }
# got NAME FILE: how often that file went out whole, or was asked for where that is all one knows
got() { history_json "$1" "select(.event == \"$SITE_GOT\" and .file == \"$2\") | .file" | wc -l; }

site_tree
"$MKLOAD" --out "$TFTP_ROOT/loads" --member-bytes 16384 "$FIRST" "$NEXT" "$LACKING"
scope=('start = automatic' 'networks = 10.77.0.0/24' 'tftp-servers = 10.77.0.1')
ok 'the site is up' site_up '[plan java]' 'models = 7941 7961' "stages = $FIRST $NEXT" "${scope[@]}" \
	'[plan lacking]' 'models = 7970' "stages = $LACKING" "${scope[@]}"
SITE_PLAN=java
mv "$TFTP_ROOT/loads/$LACKING"/dsp70* "$T"
phone auth --model 7941 --init-load "$FIRST" --scale "$SITE_SCALE" --repoll 60 --fault "refuse:$NEXT"
phone board --model 7961 --init-load SCCP41.8-3-1S --scale "$SITE_SCALE" --repoll 60 --hardware 3
phone lacking --model 7970 --init-load SCCP70.8-3-1S --scale "$SITE_SCALE" --repoll 60

ok 'refused for its board: stuck' expect_cause board manifest-refused 30
is "$(proofs board)" '' 'nothing was proven'
ok 'it still sees its stage' expect_link board "$FIRST" 1

ok 'a member is not there: stuck' expect_cause lacking member-missing 30
ok 'and nothing was proven of it' never_phase lacking done
like "$(loadstep log "$(who lacking)")" 'missing .*dsp70' 'the log names the file'
mv "$T"/dsp70* "$TFTP_ROOT/loads/$LACKING"
ok 'the file is brought: it goes on, and is done' expect_phase lacking done 40
ok 'it runs the load' flash_runs lacking "$LACKING"

ok 'refused for its signature: stuck' expect_cause auth image-rejected 60
is "$(status_json auth .load)" "$NEXT" 'where it stands'
is "$(proofs auth)" "$FIRST " 'what it had was proven without a download, and nothing after it'
is "$(got auth "$FIRST.loads")" 0 'it never asked for what it had'
ok 'all members went out twice, at least' [ "$(got auth cvm41sip.8-5-4TH1-6.sbn)" -ge 2 ]
ok 'it runs what it ran' flash_runs auth "$FIRST"
ok 'it still sees its stage' expect_link auth "$NEXT" 1

[ "$LS_FAILED" = 0 ] || site_tail
done_testing
